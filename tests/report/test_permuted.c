/* test_permuted.c: the pages of the job permute say what their tables hold, and no more. */
#include "plstrap/report.h"
#include "sample.h"

#include <jansson.h>
#include <math.h>
#include <unistd.h>

static struct pls_error err;

static char *print(const struct pls_tables *tables, enum pls_style style)
{
    const struct pls_report_options options = {
        .width = 100, .unicode = true, .styled = true, .style = style};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_ok(pls_report_print(tables, &options, stream, &err), &err);
    fclose(stream);
    return text;
}

static void assert_shows(const struct pls_tables *tables, enum pls_style style, const char *wanted,
                         bool shown)
{
    char *text = print(tables, style);
    if ((strstr(text, wanted) != NULL) != shown)
        fail_msg("%s: %s\n%s", shown ? "not shown" : "shown", wanted, text);
    free(text);
}

static struct pls_table_column *column_of(struct pls_tables *tables, const char *table,
                                          const char *column)
{
    struct pls_table_column *found = pls_table_find(pls_tables_find(tables, table), column);
    assert_non_null(found);
    return found;
}

static size_t row_of(struct pls_tables *tables, const char *table, const char *component,
                     const char *term)
{
    const size_t rows = pls_tables_find(tables, table)->rows;
    for (size_t r = 0; r < rows; r++)
        if (strcmp(column_of(tables, table, "component")->cell.text[r], component) == 0 &&
            strcmp(column_of(tables, table, "term")->cell.text[r], term) == 0)
            return r;
    fail_msg("no %s %s", component, term);
    return 0;
}

static void set(struct pls_tables *tables, const char *table, size_t row, const char *column,
                double value)
{
    column_of(tables, table, column)->cell.real[row] = value;
}

static void a_p_of_permutations_is_never_printed_as_zero(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("permute");
    const size_t r = row_of(&tables, "mga", "path", "KV~KD");

    set(&tables, "mga", r, "p.value", 1e-6);
    set(&tables, "mga", r, "p.low", 0.0);
    set(&tables, "mga", r, "p.high", 5e-6);
    set(&tables, "mga", r, "p.adjusted", 3e-6);
    assert_shows(&tables, PLS_STYLE_PLAIN, "< .001 ***         < .001", true);
    assert_shows(&tables, PLS_STYLE_SMARTPLS, "< 0.001", true);
    pls_tables_free(&tables);
}

static void an_undecided_p_is_marked_and_its_note_says_what_decides(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("permute");
    const size_t r = row_of(&tables, "mga", "path", "KV~KD");
    struct pls_table *mga = pls_tables_find(&tables, "mga");

    assert_shows(&tables, PLS_STYLE_PLAIN, ": KD → KV\n", false);
    assert_ok(pls_table_set_text(mga, r, "certainty", "undecided", &err), &err);
    assert_ok(pls_table_set_text(mga, r, "note", "about 5,000 decide it", &err), &err);
    assert_shows(&tables, PLS_STYLE_PLAIN, ".128 ? ", true);
    assert_shows(&tables, PLS_STYLE_PLAIN, "? about 5,000 decide it: KD → KV\n", true);
    assert_ok(pls_table_set_text(mga, r, "note", "", &err), &err);
    assert_shows(&tables, PLS_STYLE_PLAIN, "? the Monte Carlo error of p leaves it undecided",
                 true);
    /* Without the column's word the interval tells. */
    assert_ok(pls_table_set_text(mga, r, "certainty", "", &err), &err);
    assert_shows(&tables, PLS_STYLE_PLAIN, "leaves it undecided", false);
    set(&tables, "mga", r, "p.low", 0.04);
    assert_shows(&tables, PLS_STYLE_PLAIN, "leaves it undecided", true);
    /* A p that is not there is not undecided. */
    assert_ok(pls_table_set_text(mga, r, "certainty", "undecided", &err), &err);
    assert_ok(pls_table_set_text(mga, r, "note", "no p", &err), &err);
    set(&tables, "mga", r, "p.value", NAN);
    assert_shows(&tables, PLS_STYLE_PLAIN, "? no p", false);
    assert_shows(&tables, PLS_STYLE_PLAIN, "– no p: KD → KV\n", true);
    pls_tables_free(&tables);
}

static void failed_permutations_are_told_where_they_could_turn_a_p(void **state)
{
    (void)state;
    static const char told[] = "the permutations that failed could move p";
    struct pls_tables tables = sample_tables("permute");
    const size_t r = row_of(&tables, "mga", "path", "KV~KD");

    set(&tables, "mga", r, "p.fail.low", 0.049);
    set(&tables, "mga", r, "p.fail.high", 0.052);
    assert_shows(&tables, PLS_STYLE_PLAIN, told, false); /* none failed */
    column_of(&tables, "mga", "failed")->cell.count[r] = 30;
    assert_shows(&tables, PLS_STYLE_PLAIN, told, true);
    assert_shows(&tables, PLS_STYLE_PLAIN, "KD → KV (.049 to .052)", true);
    set(&tables, "mga", r, "p.fail.low", 0.051);
    assert_shows(&tables, PLS_STYLE_PLAIN, told, false);
    pls_tables_free(&tables);
}

static void verdicts_of_invariance_follow_the_table(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("permute");
    struct pls_table *micom = pls_tables_find(&tables, "micom");

    assert_shows(&tables, PLS_STYLE_PLAIN, "KD  yes          yes          yes              full\n",
                 true);
    assert_ok(pls_table_set_text(micom, 0, "invariance", "none", &err), &err);
    assert_ok(pls_table_set_text(micom, 0, "allows", "no comparison", &err), &err);
    set(&tables, "micom", 0, "p.mean", 0.01);
    assert_shows(&tables, PLS_STYLE_PLAIN, "KD  no           no           yes              none\n",
                 true);
    assert_shows(&tables, PLS_STYLE_PLAIN, "none: no comparison: KD\n", true);
    assert_ok(pls_table_set_text(micom, 0, "invariance", "not tested", &err), &err);
    set(&tables, "micom", 0, "p.mean", NAN);
    assert_shows(&tables, PLS_STYLE_PLAIN,
                 "KD  not tested   –            yes              not tested\n", true);
    pls_tables_free(&tables);
}

static void an_exact_test_has_no_monte_carlo_interval(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("permute_exact");
    assert_shows(&tables, PLS_STYLE_PLAIN, "Permutation: all 70 assignments to groups\n", true);
    assert_shows(&tables, PLS_STYLE_PLAIN, "over all assignments: exact", true);
    assert_shows(&tables, PLS_STYLE_PLAIN, "CI of p", false);
    assert_shows(&tables, PLS_STYLE_PLAIN, "(b + 1)", false);
    pls_tables_free(&tables);
}

static void groups_are_told_apart_whose_names_hold_hyphens(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("permute_hard");
    assert_shows(&tables, PLS_STYLE_PLAIN, "Multigroup analysis, North-West – North: paths\n",
                 true);
    assert_shows(&tables, PLS_STYLE_PLAIN, "Omnibus tests, all groups: each parameter (Q)\n", true);
    /* Each comparison once, though five tables have it. */
    char *text = print(&tables, PLS_STYLE_PLAIN);
    char *first = strstr(text, "Multigroup analysis, 満足 – North: paths");
    assert_non_null(first);
    assert_null(strstr(first + 1, "Multigroup analysis, 満足 – North: paths"));
    free(text);
    pls_tables_free(&tables);
}

static void a_path_whose_construct_explains_nothing_is_flagged(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("permute_within");
    assert_shows(&tables, PLS_STYLE_PLAIN, ".062 !", true);
    assert_shows(&tables, PLS_STYLE_PLAIN, "R² of the construct cannot be told from 0", true);
    set(&tables, "within", row_of(&tables, "within", "path", "KK~KV"), "p.block", 0.049);
    assert_shows(&tables, PLS_STYLE_PLAIN, "cannot be told from 0", false);
    pls_tables_free(&tables);
}

/* Every number missing, every text empty but the keys by which rows are found. */
static void tables_without_numbers_print_no_nan(void **state)
{
    (void)state;
    static const char *const names[] = {"permute", "permute_hard", "permute_within"};
    for (size_t n = 0; n < 3; n++) {
        struct pls_tables tables = sample_tables(names[n]);
        for (size_t t = 0; t < tables.count; t++)
            for (size_t c = 0; c < tables.table[t]->columns; c++) {
                struct pls_table_column *column = &tables.table[t]->column[c];
                for (size_t r = 0; r < tables.table[t]->rows; r++)
                    if (column->type == PLS_CELL_REAL)
                        column->cell.real[r] = NAN;
                    else if (column->type == PLS_CELL_COUNT)
                        column->cell.count[r] = -1;
            }
        for (int style = 0; style < 2; style++) {
            char *text = print(&tables, style == 0 ? PLS_STYLE_PLAIN : PLS_STYLE_SMARTPLS);
            assert_null(strstr(text, "nan"));
            free(text);
        }
        pls_tables_free(&tables);
    }
}

/* One table after the other is lacking, or has nothing but its first column. */
static void missing_tables_and_columns_are_no_errors(void **state)
{
    (void)state;
    static const char *const names[] = {"permute", "permute_hard", "permute_within"};
    for (size_t n = 0; n < 3; n++) {
        struct pls_tables all = sample_tables(names[n]);
        const size_t count = all.count;
        pls_tables_free(&all);
        for (size_t t = 1; t < count; t++) /* study says what job it was */
            for (size_t how = 0; how < 2; how++) {
                struct pls_tables tables = sample_tables(names[n]);
                struct pls_table *table = tables.table[t];
                for (size_t c = how; c < table->columns; c++)
                    table->column[c].name[0] = '!';
                free(print(&tables, PLS_STYLE_PLAIN));
                free(print(&tables, PLS_STYLE_SMARTPLS));
                pls_tables_free(&tables);
            }
    }
}

static void json_and_csv_have_every_table_of_permute(void **state)
{
    (void)state;
    static const char *const wanted[] = {"groups", "configural",    "micom",
                                         "mga",    "mga_bootstrap", "omnibus"};
    char folder[] = "/tmp/plstrap-permuted-XXXXXX", path[128];
    struct pls_tables tables = sample_tables("permute_hard");

    assert_non_null(mkdtemp(folder));
    assert_ok(pls_report_csv(&tables, folder, &err), &err);
    snprintf(path, sizeof path, "%s/all.json", folder);
    assert_ok(pls_report_json(&tables, path, &err), &err);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_int_equal(json_array_size(json_object_get(root, wanted[i])),
                         pls_tables_find(&tables, wanted[i])->rows);
    json_t *row = json_array_get(json_object_get(root, "mga"), 0);
    assert_true(json_real_value(json_object_get(row, "p.value")) == 0.0001);
    assert_true(
        json_is_null(json_object_get(json_array_get(json_object_get(root, "micom"), 0), "p.c")));
    json_decref(root);
    unlink(path);
    for (size_t t = 0; t < tables.count; t++) {
        snprintf(path, sizeof path, "%s/%s.csv", folder, tables.table[t]->name);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
    pls_tables_free(&tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_p_of_permutations_is_never_printed_as_zero),
        cmocka_unit_test(an_undecided_p_is_marked_and_its_note_says_what_decides),
        cmocka_unit_test(failed_permutations_are_told_where_they_could_turn_a_p),
        cmocka_unit_test(verdicts_of_invariance_follow_the_table),
        cmocka_unit_test(an_exact_test_has_no_monte_carlo_interval),
        cmocka_unit_test(groups_are_told_apart_whose_names_hold_hyphens),
        cmocka_unit_test(a_path_whose_construct_explains_nothing_is_flagged),
        cmocka_unit_test(tables_without_numbers_print_no_nan),
        cmocka_unit_test(missing_tables_and_columns_are_no_errors),
        cmocka_unit_test(json_and_csv_have_every_table_of_permute),
    };
    return cmocka_run_group_tests_name("report.permuted", tests, NULL, NULL);
}
