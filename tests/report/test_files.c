/* test_files.c: CSV and JSON: exact, harmless to spreadsheets, whole or not there. */
#include "plstrap/report.h"
#include "sample.h"

#include <dirent.h>
#include <jansson.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pls_error err;
static char folder[64];

static const char *in_folder(const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", folder, name);
    return path;
}

static size_t files_in(const char *path)
{
    DIR *directory = opendir(path);
    size_t count = 0;
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void remove_all(const char *path)
{
    DIR *directory = opendir(path);
    char name[512];
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (unlink(name) != 0)
            remove_all(name);
    }
    if (directory != NULL)
        closedir(directory);
    rmdir(path);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/plstrap-report-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    remove_all(folder);
    return 0;
}

static const double odd_numbers[] = {
    0.1, 1.0 / 3.0, -2.2250738585072014e-308, 5e-324, 1e300, -0.0, 0.38214812186898661,
    NAN, -1.5e9,    0.71780281013849678};
enum { ODD = sizeof odd_numbers / sizeof *odd_numbers };

static struct pls_tables odd_tables(void)
{
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    assert_ok(pls_tables_add(&tables, "odd", "name:text x:real k:count", &table, &err), &err);
    for (size_t i = 0; i < ODD; i++)
        assert_ok(pls_table_append(table, &err, "é", odd_numbers[i], (int64_t)i - 1), &err);
    return tables;
}

static void csv_gives_back_every_bit(void **state)
{
    (void)state;
    struct pls_tables tables = odd_tables();
    char path[256], name[16], number[64];
    int k = 0;

    assert_ok(pls_report_csv(&tables, folder, &err), &err);
    FILE *file = fopen(in_folder("odd.csv", path), "rb");
    assert_non_null(file);
    char line[128];
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "name,x,k\n");
    for (size_t i = 0; i < ODD; i++) {
        assert_non_null(fgets(line, sizeof line, file));
        if (isnan(odd_numbers[i])) {
            assert_string_equal(line, "é,,6\n");
            continue;
        }
        assert_in_range(sscanf(line, "%15[^,],%63[^,],%d", name, number, &k), 2, 3);
        const double back = strtod(number, NULL);
        assert_memory_equal(&back, &odd_numbers[i], sizeof back);
        assert_true(i > 0 || line[strlen(line) - 2] == ','); /* a missing count is empty */
    }
    assert_null(fgets(line, sizeof line, file));
    fclose(file);
    pls_tables_free(&tables);
}

static void csv_quotes_and_disarms_text(void **state)
{
    (void)state;
    static const char *const corpus[][2] = {
        {"plain", "plain"},
        {"", ""},
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"cr\rhere", "\"cr\rhere\""},
        {"semi;=1+1", "\"semi;=1+1\""},
        {"=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""},
        {"+1+cmd|' /C calc'!A0", "\"'+1+cmd|' /C calc'!A0\""},
        {"-2+3", "\"'-2+3\""},
        {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"\t=1", "\"'\t=1\""},
        {"\r=1", "\"'\r=1\""},
        {"＝1", "\"'＝1\""},
        {"＠x", "\"'＠x\""},
        {"-99", "-99"},
        {"-1.5e-3", "-1.5e-3"},
        {"KD->KV", "KD->KV"},
        {"満足度", "満足度"},
    };
    enum { COUNT = sizeof corpus / sizeof *corpus };
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    char expected[2048] = "a,b\n", path[256];

    assert_ok(pls_tables_add(&tables, "words", "a:text b:text", &table, &err), &err);
    for (size_t i = 0; i < COUNT; i++) {
        assert_ok(pls_table_append(table, &err, corpus[i][0], "x"), &err);
        strcat(strcat(expected, corpus[i][1]), ",x\n");
    }
    assert_ok(pls_report_csv(&tables, folder, &err), &err);
    char *text = sample_read(in_folder("words.csv", path));
    assert_string_equal(text, expected);
    free(text);
    pls_tables_free(&tables);
}

static void csv_writes_a_file_for_each_table_into_a_new_folder(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("bootstrap");
    char path[256];

    assert_ok(pls_report_csv(&tables, in_folder("new", path), &err), &err);
    assert_int_equal(files_in(path), tables.count);
    assert_ok(pls_report_csv(&tables, path, &err), &err); /* and over what is there */
    assert_int_equal(files_in(path), tables.count);
    char *text = sample_read(in_folder("new/hypotheses.csv", path));
    assert_non_null(strstr(text, "\nH1,KD -> KV > 0,path,KV~KD,0.7178"));
    free(text);
    pls_tables_free(&tables);
}

static void json_gives_back_every_value_in_order(void **state)
{
    (void)state;
    struct pls_tables tables = odd_tables();
    char path[256];
    json_error_t fault;

    assert_ok(pls_report_json(&tables, in_folder("odd.json", path), &err), &err);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &fault);
    assert_non_null(root);
    json_t *rows = json_object_get(root, "odd");
    assert_int_equal(json_array_size(rows), ODD);
    for (size_t i = 0; i < ODD; i++) {
        json_t *row = json_array_get(rows, i), *x = json_object_get(row, "x");
        const double back = json_real_value(x);
        assert_string_equal(json_string_value(json_object_get(row, "name")), "é");
        assert_true(json_is_null(json_object_get(row, "k")) == (i == 0));
        if (isnan(odd_numbers[i]))
            assert_true(json_is_null(x));
        else
            assert_memory_equal(&back, &odd_numbers[i], sizeof back);
        void *at = json_object_iter(row);
        assert_string_equal(json_object_iter_key(at), "name");
        assert_string_equal(json_object_iter_key(at = json_object_iter_next(row, at)), "x");
        assert_string_equal(json_object_iter_key(json_object_iter_next(row, at)), "k");
    }
    json_decref(root);
    pls_tables_free(&tables);
}

static void json_has_the_version_and_every_table(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("bootstrap");
    char path[256];

    assert_ok(pls_report_json(&tables, in_folder("all.json", path), &err), &err);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "plstrap")), "0.1.0");
    for (size_t t = 0; t < tables.count; t++)
        assert_int_equal(json_array_size(json_object_get(root, tables.table[t]->name)),
                         tables.table[t]->rows);
    json_decref(root);
    pls_tables_free(&tables);
}

static void json_keeps_hostile_text_harmless(void **state)
{
    (void)state;
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    char path[256];
    static const char *const text[] = {"\033[31m\"red\"\\", "\u202ebidi", "a\nb"};

    assert_ok(pls_tables_add(&tables, "words", "a:text", &table, &err), &err);
    for (size_t i = 0; i < 3; i++)
        assert_ok(pls_table_append(table, &err, text[i]), &err);
    assert_ok(pls_table_append(table, &err, "bad \xff"), &err);
    assert_ok(pls_report_json(&tables, in_folder("words.json", path), &err), &err);
    char *bytes = sample_read(path);
    for (const char *c = bytes; *c != '\0'; c++)
        assert_true(*c == '\n' || (*c >= 0x20 && *c < 0x7f));
    json_t *root = json_loads(bytes, 0, NULL), *rows = json_object_get(root, "words");
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(rows, i), "a")),
                            text[i]);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 3), "a")),
                        "bad \\xFF");
    json_decref(root);
    free(bytes);
    pls_tables_free(&tables);
}

static void folders_that_cannot_be_are_refused_with_their_name(void **state)
{
    (void)state;
    struct pls_tables tables = odd_tables();
    char path[256], expected[512];

    fclose(fopen(in_folder("file", path), "w"));
    assert_int_equal(pls_report_csv(&tables, path, &err), PLS_ECREATE);
    snprintf(expected, sizeof expected,
             "%s: is not a folder; name one for the CSV files, or remove it", path);
    assert_string_equal(err.text, expected);
    assert_int_equal(pls_report_csv(&tables, in_folder("no/such", path), &err), PLS_ECREATE);
    snprintf(expected, sizeof expected,
             "%s: cannot be created: the folder above it is missing; make that first", path);
    assert_string_equal(err.text, expected);
    assert_int_equal(pls_report_json(&tables, in_folder("no/such.json", path), &err), PLS_ECREATE);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(pls_report_json(&tables, folder, &err), PLS_ECREATE);
    pls_tables_free(&tables);
}

static void a_foreign_table_name_never_forms_a_path(void **state)
{
    (void)state;
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    char path[256];

    assert_ok(pls_tables_add(&tables, "../escaped", "a:text", &table, &err), &err);
    assert_int_equal(pls_report_csv(&tables, in_folder("jail", path), &err), PLS_EDATA);
    assert_string_equal(err.text, "table \"../escaped\" cannot give its name to a file; the result "
                                  "is damaged or foreign");
    assert_int_equal(files_in(path), 0);
    assert_int_equal(access(in_folder("escaped.csv", path), F_OK), -1);
    pls_tables_free(&tables);
}

/* A limit on the size of files stands in for a full disk: writing fails in the same way. */
static void what_cannot_be_written_whole_is_not_there(void **state)
{
    (void)state;
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    struct rlimit before, small;
    char path[256];

    assert_ok(pls_tables_add(&tables, "big", "x:real", &table, &err), &err);
    for (int i = 0; i < 20000; i++)
        assert_ok(pls_table_append(table, &err, 1.0 / 3.0), &err);
    assert_int_equal(mkdir(in_folder("full", path), 0700), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 8192;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const enum pls_code csv = pls_report_csv(&tables, path, &err);
    char json_path[256];
    const enum pls_code json = pls_report_json(&tables, in_folder("full/x.json", json_path), &err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(csv, PLS_EIO);
    assert_int_equal(json, PLS_EIO);
    assert_non_null(strstr(err.text, json_path));
    assert_int_equal(files_in(path), 0);
    pls_tables_free(&tables);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(csv_gives_back_every_bit),
        IN_FOLDER(csv_quotes_and_disarms_text),
        IN_FOLDER(csv_writes_a_file_for_each_table_into_a_new_folder),
        IN_FOLDER(json_gives_back_every_value_in_order),
        IN_FOLDER(json_has_the_version_and_every_table),
        IN_FOLDER(json_keeps_hostile_text_harmless),
        IN_FOLDER(folders_that_cannot_be_are_refused_with_their_name),
        IN_FOLDER(a_foreign_table_name_never_forms_a_path),
        IN_FOLDER(what_cannot_be_written_whole_is_not_there),
    };
    return cmocka_run_group_tests_name("report.files", tests, NULL, NULL);
}
