#include "sample.h"

#include <hdf5.h>
#include <math.h>

static void a_result_says_all_that_was_written(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_result *result;
    struct pls_error err;
    sample_make(&sample, 300);
    sample_complete(&sample, "a.h5", 64, 1);
    assert_ok(pls_result_open(sample_path(&sample, "a.h5"), &result, &err), &err);
    const struct pls_contents *contents = pls_result_contents(result);
    assert_string_equal(contents->job, "bootstrap");
    assert_string_equal(contents->study, sample.contents.study);
    assert_string_equal(contents->model, sample.contents.model);
    assert_string_equal(contents->rows_digest, sample.contents.rows_digest);
    assert_string_equal(contents->version, "0.1.0");
    assert_int_equal(contents->seed, UINT64_MAX);
    assert_int_equal(contents->observations, 211);
    assert_int_equal(contents->indicators, 3);
    assert_string_equal(contents->indicator[2], "größe");
    assert_int_equal(contents->constructs, 2);
    assert_string_equal(contents->construct[1], "KV");
    assert_int_equal(contents->series_count, 3);
    for (size_t s = 0; s < 3; s++) {
        assert_string_equal(contents->series[s].name, sample.series[s].name);
        assert_int_equal(contents->series[s].count, sample.series[s].count);
        assert_int_equal(contents->series[s].columns->count, SAMPLE_COLUMNS);
    }
    for (size_t c = 0; c < SAMPLE_COLUMNS; c++) {
        const struct pls_column *column = &contents->series[0].columns->column[c];
        assert_int_equal(column->component, sample.columns.column[c].component);
        assert_string_equal(column->term, sample.columns.column[c].term);
        assert_string_equal(column->lhs, sample.columns.column[c].lhs);
        assert_string_equal(column->op, sample.columns.column[c].op);
        assert_string_equal(column->rhs, sample.columns.column[c].rhs);
        assert_close(contents->estimate[c], sample.estimate[c], 0.0);
    }
    assert_int_equal(strlen(pls_result_digest(result)), 64);
    pls_result_close(result);
    sample_clean(&sample);
}

static void tables_come_back_in_order_and_type(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_result *result;
    struct pls_error err;
    sample_make(&sample, 10);
    sample_complete(&sample, "a.h5", 64, 1);
    assert_ok(pls_result_open(sample_path(&sample, "a.h5"), &result, &err), &err);
    const struct pls_tables *tables = pls_result_tables(result);
    assert_int_equal(tables->count, 3);
    for (size_t t = 0; t < 3; t++) {
        const struct pls_table *table = tables->table[t], *expected = sample.tables.table[t];
        assert_string_equal(table->name, expected->name);
        assert_int_equal(table->rows, expected->rows);
        assert_int_equal(table->columns, expected->columns);
        for (size_t c = 0; c < table->columns; c++) {
            const struct pls_table_column *column = &table->column[c];
            assert_string_equal(column->name, expected->column[c].name);
            assert_int_equal(column->type, expected->column[c].type);
            for (size_t r = 0; r < table->rows; r++)
                if (column->type == PLS_CELL_TEXT)
                    assert_string_equal(column->cell.text[r], expected->column[c].cell.text[r]);
                else if (column->type == PLS_CELL_REAL)
                    assert_close(column->cell.real[r], expected->column[c].cell.real[r], 0.0);
                else
                    assert_int_equal(column->cell.count[r], expected->column[c].cell.count[r]);
        }
    }
    pls_result_close(result);
    sample_clean(&sample);
}

static char *digest_of(const struct sample *sample, const char *name)
{
    struct pls_result *result;
    struct pls_error err;
    assert_ok(pls_result_open(sample_path(sample, name), &result, &err), &err);
    char *digest = strdup(pls_result_digest(result));
    pls_result_close(result);
    return digest;
}

static void the_digest_is_of_the_rows_and_not_of_the_tables(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 300);
    sample_complete(&sample, "a.h5", 64, 1);
    char *digest = digest_of(&sample, "a.h5");
    pls_tables_free(&sample.tables);
    sample_tables(&sample.tables, "another remark");
    sample.contents.study = "title: another\n";
    sample_complete(&sample, "b.h5", 64, 1);
    char *same = digest_of(&sample, "b.h5");
    assert_string_equal(digest, same);
    sample.estimate[2] = nextafter(sample.estimate[2], 1.0);
    sample_complete(&sample, "c.h5", 64, 1);
    char *other = digest_of(&sample, "c.h5");
    assert_string_not_equal(digest, other);
    sample.series[1].count = 21;
    sample_complete(&sample, "d.h5", 64, 1);
    char *longer = digest_of(&sample, "d.h5");
    assert_string_not_equal(other, longer);
    free(digest);
    free(same);
    free(other);
    free(longer);
    sample_clean(&sample);
}

/* Everything that a reader gets out of a result, as one checksum-like text; NULL where it
 * refuses. */
static char *all_of(const char *path, struct pls_error *err)
{
    struct pls_result *result;
    char *text = NULL;
    size_t size;
    if (pls_result_open(path, &result, err) != PLS_OK)
        return NULL;
    FILE *out = open_memstream(&text, &size);
    const struct pls_contents *contents = pls_result_contents(result);
    const struct pls_rows rows = {.result = result};
    fprintf(out, "%s %s %s %s %s %s %llu %llu\n", contents->job, contents->study, contents->model,
            contents->rows_digest, contents->version, pls_result_digest(result),
            (unsigned long long)contents->seed, (unsigned long long)contents->observations);
    for (size_t i = 0; i < contents->indicators; i++)
        fprintf(out, "%s\n", contents->indicator[i]);
    for (size_t i = 0; i < contents->constructs; i++)
        fprintf(out, "%s\n", contents->construct[i]);
    for (size_t s = 0; s < contents->series_count; s++) {
        const struct pls_columns *columns = contents->series[s].columns;
        fprintf(out, "%s %llu\n", contents->series[s].name,
                (unsigned long long)contents->series[s].count);
        for (uint64_t r = 0; r < contents->series[s].count; r++) {
            struct pls_outcome outcome;
            if (pls_rows_outcomes(&rows, s, r, 1, &outcome, err) == PLS_OK)
                fprintf(out, "%d %d %d %d\n", outcome.status, outcome.flags, outcome.where,
                        outcome.iterations);
            for (size_t c = 0; c < columns->count; c++) {
                double value = 0;
                pls_rows_column(&rows, s, c, r, 1, &value, err);
                fprintf(out, "%s %a %a\n", columns->column[c].term, value, contents->estimate[c]);
            }
        }
    }
    for (size_t t = 0; t < pls_result_tables(result)->count; t++) {
        const struct pls_table *table = pls_result_tables(result)->table[t];
        fprintf(out, "%s\n", table->name);
        for (size_t c = 0; c < table->columns; c++) {
            fprintf(out, "%s\n", table->column[c].name);
            for (size_t r = 0; r < table->rows; r++)
                if (table->column[c].type == PLS_CELL_TEXT)
                    fprintf(out, "%s\n", table->column[c].cell.text[r]);
                else
                    fprintf(out, "%a\n", table->column[c].cell.real[r]);
        }
    }
    fclose(out);
    pls_result_close(result);
    return text;
}

static void a_flipped_bit_is_found_or_changes_nothing(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    size_t length, found = 0, tried = 0;
    sample_make(&sample, 40);
    sample_complete(&sample, "a.h5", 64, 1);
    char *bytes = sample_bytes(sample_path(&sample, "a.h5"), &length);
    char *expected = all_of(sample_path(&sample, "a.h5"), &err);
    assert_non_null(expected);
    for (size_t at = 0; at < length; at += at < 600 ? 1 : 23) {
        bytes[at] = (char)(bytes[at] ^ (1 << at % 8));
        sample_write(sample_path(&sample, "b.h5"), bytes, length);
        bytes[at] = (char)(bytes[at] ^ (1 << at % 8));
        err.code = PLS_OK;
        char *got = all_of(sample_path(&sample, "b.h5"), &err);
        tried++;
        if (got == NULL) {
            found++;
            assert_int_equal(err.code, PLS_EDATA);
        } else if (strcmp(got, expected) != 0) {
            print_error("byte %zu: a changed result was read without an error\n", at);
            fail();
        }
        free(got);
    }
    assert_true(found > tried / 4); /* the rest is unused room between HDF5's objects */
    free(expected);
    free(bytes);
    sample_clean(&sample);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    size_t length;
    sample_make(&sample, 40);
    sample_complete(&sample, "a.h5", 64, 1);
    char *bytes = sample_bytes(sample_path(&sample, "a.h5"), &length);
    for (size_t cut = 0; cut < length; cut += cut < 64 ? 1 : 97) {
        sample_write(sample_path(&sample, "b.h5"), bytes, cut);
        assert_null(all_of(sample_path(&sample, "b.h5"), &err));
        assert_int_equal(err.code, PLS_EDATA);
    }
    free(bytes);
    sample_clean(&sample);
}

/* ---- foreign and wrong files: each its own sentence ---- */

static void assert_refused(const struct sample *sample, const char *name, enum pls_code code,
                           const char *sentence)
{
    struct pls_result *result = NULL;
    struct pls_error err;
    char expected[1024];
    snprintf(expected, sizeof expected, "%s%s%s: %s", sample->folder, name[0] != '\0' ? "/" : "",
             name, sentence);
    const enum pls_code got = pls_result_open(
        name[0] != '\0' ? sample_path(sample, name) : sample->folder, &result, &err);
    assert_int_equal(got, code);
    assert_string_equal(err.text, expected);
    assert_null(result);
}

static void what_is_no_hdf5_file_is_refused(void **state)
{
    (void)state;
    struct sample sample;
    char sentence[200];
    sample_make(&sample, 10);
    assert_refused(&sample, "none.h5", PLS_ENOINPUT,
                   "there is no such file; check the name and the folder");
    assert_refused(&sample, "", PLS_ENOINPUT, "is not a regular file; name another file");
    mkfifo(sample_path(&sample, "pipe"), 0600);
    assert_refused(&sample, "pipe", PLS_ENOINPUT, "is not a regular file; name another file");
    sample_write(sample_path(&sample, "empty"), "", 0);
    assert_refused(&sample, "empty", PLS_EDATA,
                   "is not an HDF5 file, so not a result of plstrap; name another file");
    sample_complete(&sample, "a.h5", 64, 1);
    struct stat facts;
    stat(sample_path(&sample, "a.h5"), &facts);
    assert_int_equal(truncate(sample_path(&sample, "a.h5"), 5000), 0);
    snprintf(sentence, sizeof sentence,
             "is cut off: 5000 of its %lld bytes are there; copy it again, or compute it anew with "
             "--restart",
             (long long)facts.st_size);
    assert_refused(&sample, "a.h5", PLS_EDATA, sentence);
    if (geteuid() != 0) {
        chmod(sample_path(&sample, "empty"), 0);
        assert_refused(&sample, "empty", PLS_EPERMISSION, "cannot be read: Permission denied");
    }
    sample_clean(&sample);
}

static void another_hdf5_file_is_refused(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 10);
    H5Fclose(H5Fcreate(sample_path(&sample, "old.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    assert_refused(&sample, "old.h5", PLS_EDATA,
                   "is an HDF5 file but not written by plstrap; name another file");
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
    H5Fclose(H5Fcreate(sample_path(&sample, "new.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, access));
    H5Pclose(access);
    assert_refused(&sample, "new.h5", PLS_EDATA,
                   "is an HDF5 file but not a result of plstrap: it has no attribute "
                   "plstrap_schema; name another file");
    sample_clean(&sample);
}

static void an_unfinished_result_is_refused(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 10);
    struct pls_store *store = sample_open(&sample, "a.h5");
    sample_fill(store, 10, 1, SIZE_MAX);
    pls_store_close(store, true);
    assert_refused(&sample, "a.h5.part", PLS_EDATA,
                   "is unfinished; give the command that makes it again to complete it");
    sample_clean(&sample);
}

static void damaged_rows_are_named(void **state)
{
    (void)state;
    struct sample sample;
    size_t length;
    sample_make(&sample, 40000);
    sample_complete(&sample, "a.h5", 1000, 1);
    char *bytes = sample_bytes(sample_path(&sample, "a.h5"), &length);
    const double value = sample_value(0, 39999, 2);
    size_t at = 0;
    while (memcmp(bytes + at, &value, sizeof value) != 0)
        at++;
    free(bytes);
    sample_flip(sample_path(&sample, "a.h5"), at + 7, 6);
    assert_refused(&sample, "a.h5", PLS_EDATA,
                   "damaged: rows 32768 to 39999 of loading:KD=~größe in series bootstrap do not "
                   "fit their checksum; copy it again from where it is whole, or give the command "
                   "that made it again to compute them anew");
    sample_clean(&sample);
}

/* ---- files that HDF5 finds in order, but that are not as the schema says ---- */

static void put_schema(hid_t file, const char *version)
{
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(version));
    H5Adelete(file, "plstrap_schema");
    const hid_t attribute =
        H5Acreate2(file, "plstrap_schema", type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, version);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

static void put_schema_2(hid_t file)
{
    put_schema(file, "2.0");
}

static void put_soft_link(hid_t file)
{
    H5Lmove(file, "estimate", file, "elsewhere", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/elsewhere", file, "estimate", H5P_DEFAULT, H5P_DEFAULT);
}

static void put_external_link(hid_t file)
{
    H5Ldelete(file, "series", H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/series", file, "series", H5P_DEFAULT, H5P_DEFAULT);
}

static void put_dataset(hid_t file, const char *name, hid_t type, hsize_t rows, hid_t list)
{
    const hid_t space = H5Screate_simple(1, &rows, NULL);
    H5Ldelete(file, name, H5P_DEFAULT);
    H5Dclose(H5Dcreate2(file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT));
    H5Sclose(space);
}

static void put_external_storage(hid_t file)
{
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(list, "/etc/passwd", 0, 40);
    put_dataset(file, "estimate", H5T_IEEE_F64LE, 5, list);
    H5Pclose(list);
}

static void put_filter(hid_t file)
{
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk = 5;
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_deflate(list, 1);
    put_dataset(file, "/series/bootstrap/status", H5T_STD_U8LE, 10, list);
    H5Pclose(list);
}

static void put_wrong_type(hid_t file)
{
    put_dataset(file, "estimate", H5T_IEEE_F32LE, 5, H5P_DEFAULT);
}

static void put_wrong_length(hid_t file)
{
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
    put_dataset(file, "/series/bootstrap/status", H5T_STD_U8LE, 9, list);
    H5Pclose(list);
}

/* Late allocation: a shape larger than any file, and not a byte of it there. */
static void put_huge(hid_t file)
{
    put_dataset(file, "indicators", H5T_STD_I64LE, (hsize_t)1 << 56, H5P_DEFAULT);
}

static void put_huge_rows(hid_t file)
{
    put_dataset(file, "/series/bootstrap/iterations", H5T_STD_U16LE, (hsize_t)1 << 56, H5P_DEFAULT);
}

static void put_unallocated(hid_t file)
{
    put_dataset(file, "/series/bootstrap/iterations", H5T_STD_U16LE, 10, H5P_DEFAULT);
}

static void put_no_group(hid_t file)
{
    H5Ldelete(file, "tables", H5P_DEFAULT);
}

static void put_number_for_study(hid_t file)
{
    put_dataset(file, "study", H5T_STD_U8LE, 3, H5P_DEFAULT);
}

static void what_is_not_as_the_schema_says_is_refused(void **state)
{
    (void)state;
#define COPY_AGAIN "; copy it again from where it is whole, or compute it anew with --restart"
    static const struct {
        void (*change)(hid_t file);
        const char *sentence;
    } cases[] = {
        {put_schema_2, "is of schema 2.0, and this plstrap reads schema 1.0; use the version of "
                       "plstrap that wrote it, or a newer one"},
        {put_soft_link, "damaged, a link stands in the place of estimate" COPY_AGAIN},
        {put_external_link, "damaged, a link stands in the place of series" COPY_AGAIN},
        {put_external_storage, "damaged, not in the form of the schema is estimate" COPY_AGAIN},
        {put_filter, "damaged, not in the form of the schema is status" COPY_AGAIN},
        {put_wrong_type, "damaged, not in the form of the schema is estimate" COPY_AGAIN},
        {put_wrong_length,
         "damaged, not in the form of the schema is the series bootstrap" COPY_AGAIN},
        {put_huge, "damaged, not in the form of the schema is indicators" COPY_AGAIN},
        {put_huge_rows, "damaged, not in the form of the schema is iterations" COPY_AGAIN},
        {put_unallocated, "damaged, not in the form of the schema is iterations" COPY_AGAIN},
        {put_no_group, "damaged, it lacks tables" COPY_AGAIN},
        {put_number_for_study, "damaged, not in the form of the schema is study" COPY_AGAIN},
    };
    struct sample sample;
    sample_make(&sample, 10);
    sample_complete(&sample, "whole.h5", 64, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sample_copy(sample_path(&sample, "whole.h5"), sample_path(&sample, "a.h5"));
        const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
        const hid_t file = H5Fopen(sample_path(&sample, "a.h5"), H5F_ACC_RDWR, access);
        assert_true(file >= 0);
        cases[i].change(file);
        H5Fclose(file);
        H5Pclose(access);
        assert_refused(&sample, "a.h5", PLS_EDATA, cases[i].sentence);
    }
    sample_clean(&sample);
}

/* An outcome indexes names: with sound checksums it may still lie. */
static void outcomes_that_point_nowhere_are_refused(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_store *store;
    struct pls_result *result;
    struct pls_outcome outcome = {.status = PLS_STATUS_COUNT}, got;
    const double row[SAMPLE_COLUMNS] = {0};
    struct pls_error err;
    sample_make(&sample, 4);
    store = sample_open(&sample, "a.h5");
    sample_fill(store, 10, 1, SIZE_MAX);
    assert_ok(pls_store_put(store, &(struct pls_range){0, 0, 1}, row, &outcome, &err), &err);
    outcome = (struct pls_outcome){.status = PLS_STATUS_CONSTANT, .where = 3};
    assert_ok(pls_store_put(store, &(struct pls_range){0, 1, 1}, row, &outcome, &err), &err);
    outcome = (struct pls_outcome){.status = PLS_STATUS_SINGULAR_BLOCK, .where = 2};
    assert_ok(pls_store_put(store, &(struct pls_range){0, 2, 1}, row, &outcome, &err), &err);
    pls_store_close(store, true);
    sample_complete(&sample, "a.h5", 10, 1); /* those rows are as they were put last */
    assert_ok(pls_result_open(sample_path(&sample, "a.h5"), &result, &err), &err);
    const struct pls_rows rows = {.result = result};
    for (uint64_t r = 0; r < 3; r++)
        assert_int_equal(pls_rows_outcomes(&rows, 0, r, 1, &got, &err), PLS_EDATA);
    assert_ok(pls_rows_outcomes(&rows, 0, 3, 1, &got, &err), &err);
    pls_result_close(result);
    sample_clean(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_says_all_that_was_written),
        cmocka_unit_test(tables_come_back_in_order_and_type),
        cmocka_unit_test(the_digest_is_of_the_rows_and_not_of_the_tables),
        cmocka_unit_test(a_flipped_bit_is_found_or_changes_nothing),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(what_is_no_hdf5_file_is_refused),
        cmocka_unit_test(another_hdf5_file_is_refused),
        cmocka_unit_test(an_unfinished_result_is_refused),
        cmocka_unit_test(damaged_rows_are_named),
        cmocka_unit_test(what_is_not_as_the_schema_says_is_refused),
        cmocka_unit_test(outcomes_that_point_nowhere_are_refused),
    };
    return cmocka_run_group_tests_name("store.result", tests, NULL, NULL);
}
