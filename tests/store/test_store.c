#include "sample.h"

#include <sys/file.h>

static void equal_content_gives_equal_bytes_for_any_order_and_size_of_ranges(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 40000); /* three blocks of rows, the last one short */
    assert_int_equal(sample_complete(&sample, "a.h5", 1000, 0), 40020);
    sleep(1); /* a time in the file would differ now */
    assert_int_equal(sample_complete(&sample, "b.h5", 617, 5), 40020);
    assert_int_equal(sample_complete(&sample, "c.h5", 40000, 0), 40020);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "b.h5"));
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "c.h5"));
    assert_int_equal(sample_files(&sample), 3); /* no .part, no .journal */
    sample_clean(&sample);
}

static void rows_come_back_as_they_were_put(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    struct pls_result *result;
    enum { ROWS = 20000 };
    static double column[ROWS];
    static struct pls_outcome outcomes[ROWS];
    sample_make(&sample, ROWS);
    struct pls_store *store = sample_open(&sample, "a.h5");
    sample_fill(store, 500, 3, SIZE_MAX);
    for (int finished = 0; finished < 2; finished++) {
        struct pls_rows rows = {.store = finished ? NULL : store};
        if (finished) {
            assert_ok(pls_store_finish(store, &sample.tables, &err), &err);
            assert_ok(pls_result_open(sample_path(&sample, "a.h5"), &result, &err), &err);
            rows.result = result;
        }
        for (size_t c = 0; c < SAMPLE_COLUMNS; c++) {
            assert_ok(pls_rows_column(&rows, 0, c, 0, ROWS, column, &err), &err);
            for (uint64_t r = 0; r < ROWS; r++)
                assert_close(column[r], sample_value(0, r, c), 0.0);
        }
        assert_ok(pls_rows_outcomes(&rows, 0, 5, ROWS - 5, outcomes, &err), &err);
        for (uint64_t r = 5; r < ROWS; r++) {
            const struct pls_outcome expected = sample_outcome(0, r);
            assert_int_equal(outcomes[r - 5].status, expected.status);
            assert_int_equal(outcomes[r - 5].flags, expected.flags);
            assert_int_equal(outcomes[r - 5].where, expected.where);
            assert_int_equal(outcomes[r - 5].iterations, expected.iterations);
        }
        uint64_t bits; /* -NaN went in */
        assert_ok(pls_rows_column(&rows, 0, 2, 13, 1, column, &err), &err);
        memcpy(&bits, column, sizeof bits);
        assert_int_equal(bits, UINT64_C(0x7ff8000000000000));
        assert_int_equal(pls_rows_column(&rows, 0, 0, ROWS, 1, column, &err), PLS_EINTERNAL);
        assert_int_equal(pls_rows_column(&rows, 3, 0, 0, 1, column, &err), PLS_EINTERNAL);
    }
    pls_result_close(result);
    pls_store_close(store, true);
    sample_clean(&sample);
}

static void rows_are_not_read_before_they_are_there(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    double value;
    sample_make(&sample, 100);
    struct pls_store *store = sample_open(&sample, "a.h5");
    assert_ok(sample_put(store, 0, 10, 5, &err), &err);
    const struct pls_rows rows = {.store = store};
    assert_ok(pls_rows_column(&rows, 0, 0, 14, 1, &value, &err), &err);
    assert_int_equal(pls_rows_column(&rows, 0, 0, 15, 1, &value, &err), PLS_EINTERNAL);
    assert_int_equal(pls_store_finish(store, &sample.tables, &err), PLS_EINTERNAL);
    assert_int_equal(sample_put(store, 0, 96, 5, &err), PLS_EINTERNAL);
    assert_int_equal(sample_put(store, 7, 0, 5, &err), PLS_EINTERNAL);
    pls_store_close(store, false);
    assert_int_equal(sample_files(&sample), 0); /* discarded */
    sample_clean(&sample);
}

static void what_is_still_to_do_is_said_in_row_order(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    struct pls_range *todo;
    size_t count;
    sample_make(&sample, 100);
    struct pls_store *store = sample_open(&sample, "a.h5");
    assert_ok(sample_put(store, 0, 50, 10, &err), &err);
    assert_ok(sample_put(store, 0, 0, 10, &err), &err);
    assert_ok(sample_put(store, 1, 10, 10, &err), &err);
    assert_ok(pls_store_todo(store, &todo, &count, &err), &err);
    const struct pls_range expected[] = {{0, 10, 40}, {0, 60, 40}, {1, 0, 10}};
    assert_int_equal(count, 3);
    assert_memory_equal(&todo[0].first, &expected[0].first, 16);
    assert_memory_equal(&todo[1].first, &expected[1].first, 16);
    assert_memory_equal(&todo[2].first, &expected[2].first, 16);
    assert_int_equal(todo[2].series, 1);
    free(todo);
    pls_store_close(store, false);
    sample_clean(&sample);
}

/* ---- going on ---- */

/* An unfinished a.h5 of 1,000 rows: 60 pieces of 10 are there. */
static void leave_unfinished(struct sample *sample)
{
    struct pls_store *store = sample_open(sample, "a.h5");
    sample_fill(store, 10, 9, 60);
    pls_store_close(store, true);
}

static void finish_and_compare(const struct sample *sample)
{
    sample_complete(sample, "a.h5", 13, 2);
    sample_complete(sample, "whole.h5", 1000, 0);
    assert_same_files(sample_path(sample, "a.h5"), sample_path(sample, "whole.h5"));
    assert_int_equal(sample_files(sample), 2);
}

static void a_run_that_goes_on_ends_as_an_undisturbed_one(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 1000);
    leave_unfinished(&sample);
    assert_int_equal(sample_files(&sample), 2); /* a.h5.part, a.h5.journal */
    struct pls_store *store = sample_open(&sample, "a.h5");
    const uint64_t missing = sample_fill(store, 10, 4, 5);
    assert_in_range(missing, 400, 420); /* 60 pieces, a few of them of the other series */
    pls_store_close(store, true);
    finish_and_compare(&sample);
    sample_clean(&sample);
}

static void a_file_torn_while_it_was_completed_loses_no_row(void **state)
{
    (void)state;
    struct sample sample;
    size_t length;
    sample_make(&sample, 1000);
    struct pls_store *store = sample_open(&sample, "a.h5");
    sample_fill(store, 10, 9, SIZE_MAX);
    pls_store_close(store, true);
    char *bytes = sample_bytes(sample_path(&sample, "a.h5.part"), &length);
    memset(bytes, 0xaa, 64); /* the superblock, and more appended */
    sample_write(sample_path(&sample, "a.h5.part"), bytes, length);
    free(bytes);
    store = sample_open(&sample, "a.h5");
    assert_int_equal(sample_fill(store, 10, 4, 0), 0);
    pls_store_close(store, true);
    finish_and_compare(&sample);
    sample_clean(&sample);
}

static void damaged_rows_of_an_unfinished_file_are_computed_again(void **state)
{
    (void)state;
    for (size_t round = 0; round < 10; round++) {
        struct sample sample;
        struct stat facts;
        sample_make(&sample, 1000);
        leave_unfinished(&sample);
        stat(sample_path(&sample, "a.h5.part"), &facts);
        const size_t at = (round * 7919 + 4096) % (size_t)facts.st_size;
        sample_flip(sample_path(&sample, "a.h5.part"), at, round % 8);
        finish_and_compare(&sample);
        sample_clean(&sample);
    }
}

static void a_cut_file_is_computed_again_where_it_is_cut(void **state)
{
    (void)state;
    struct sample sample;
    struct stat facts;
    uint64_t before = 0;
    sample_make(&sample, 40000);
    sample_complete(&sample, "whole.h5", 5000, 0);
    struct pls_store *store = sample_open(&sample, "a.h5");
    sample_fill(store, 500, 0, SIZE_MAX);
    pls_store_close(store, true);
    stat(sample_path(&sample, "a.h5.part"), &facts);
    sample_copy(sample_path(&sample, "a.h5.part"), sample_path(&sample, "kept.part"));
    sample_copy(sample_path(&sample, "a.h5.journal"), sample_path(&sample, "kept.journal"));
    for (off_t cut = 0; cut < 100000;
         cut += 17000) { /* iterations, the last run, are 80000 bytes */
        sample_copy(sample_path(&sample, "kept.part"), sample_path(&sample, "a.h5.part"));
        sample_copy(sample_path(&sample, "kept.journal"), sample_path(&sample, "a.h5.journal"));
        assert_int_equal(truncate(sample_path(&sample, "a.h5.part"), facts.st_size - cut), 0);
        const uint64_t missing = sample_complete(&sample, "a.h5", 500, 3);
        assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
        unlink(sample_path(&sample, "a.h5"));
        assert_true(missing >= before && (cut > 0) == (missing > 0));
        before = missing;
    }
    assert_in_range(before, 20000, 40020);
    sample_clean(&sample);
}

static void a_journal_cut_anywhere_is_recovered_or_refused(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    size_t length, refused = 0, taken = 0;
    sample_make(&sample, 100);
    sample_complete(&sample, "whole.h5", 1000, 0);
    struct pls_store *store = sample_open(&sample, "a.h5");
    sample_fill(store, 10, 9, 8);
    pls_store_close(store, true);
    char *journal = sample_bytes(sample_path(&sample, "a.h5.journal"), &length);
    sample_copy(sample_path(&sample, "a.h5.part"), sample_path(&sample, "kept"));
    for (size_t cut = 0; cut < length; cut += cut < 20 ? 1 : 21) {
        sample_copy(sample_path(&sample, "kept"), sample_path(&sample, "a.h5.part"));
        sample_write(sample_path(&sample, "a.h5.journal"), journal, cut);
        const enum pls_code code =
            pls_store_open(sample_path(&sample, "a.h5"), &sample.contents, false, &store, &err);
        if (code == PLS_OK) {
            taken += sample_fill(store, 10, 0, SIZE_MAX) < 120;
            assert_ok(pls_store_finish(store, &sample.tables, &err), &err);
            pls_store_close(store, true);
            assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
            unlink(sample_path(&sample, "a.h5"));
        } else {
            refused++;
            assert_int_equal(code, PLS_EDATA);
        }
    }
    assert_true(refused > 15 && taken > 5);
    free(journal);
    sample_clean(&sample);
}

static void a_journal_with_a_flipped_bit_is_recovered_or_refused(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    size_t length, refused = 0, taken = 0;
    sample_make(&sample, 100);
    sample_complete(&sample, "whole.h5", 1000, 0);
    struct pls_store *store = sample_open(&sample, "a.h5");
    sample_fill(store, 10, 9, 8);
    pls_store_close(store, true);
    char *journal = sample_bytes(sample_path(&sample, "a.h5.journal"), &length);
    sample_copy(sample_path(&sample, "a.h5.part"), sample_path(&sample, "kept"));
    for (size_t at = 0; at < length; at += 13) {
        sample_copy(sample_path(&sample, "kept"), sample_path(&sample, "a.h5.part"));
        journal[at] = (char)(journal[at] ^ (1 << at % 8));
        sample_write(sample_path(&sample, "a.h5.journal"), journal, length);
        journal[at] = (char)(journal[at] ^ (1 << at % 8));
        const enum pls_code code =
            pls_store_open(sample_path(&sample, "a.h5"), &sample.contents, false, &store, &err);
        if (code == PLS_OK) {
            taken += sample_fill(store, 10, 0, SIZE_MAX) < 70;
            assert_ok(pls_store_finish(store, &sample.tables, &err), &err);
            pls_store_close(store, true);
            assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
            unlink(sample_path(&sample, "a.h5"));
        } else {
            refused++;
            assert_int_equal(code, PLS_EDATA);
        }
    }
    assert_true(refused > 15 && taken > 5);
    free(journal);
    sample_clean(&sample);
}

static void a_kill_between_the_two_renames_loses_no_row(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 1000);
    leave_unfinished(&sample);
    /* As a kill leaves it: the journal has its name, its file not yet; the name has an older
     * file. */
    rename(sample_path(&sample, "a.h5.part"), sample_path(&sample, "a.h5.part.new"));
    sample_write(sample_path(&sample, "a.h5.part"), "older", 5);
    struct pls_store *store = sample_open(&sample, "a.h5");
    assert_in_range(sample_fill(store, 10, 4, 0), 400, 420);
    pls_store_close(store, true);
    /* As a kill before them leaves it. */
    sample_write(sample_path(&sample, "a.h5.part.new"), "half", 4);
    sample_write(sample_path(&sample, "a.h5.journal.new"), "half", 4);
    store = sample_open(&sample, "a.h5");
    assert_in_range(sample_fill(store, 10, 4, 0), 400, 420);
    pls_store_close(store, true);
    finish_and_compare(&sample);
    sample_clean(&sample);
}

/* ---- other numbers of rows, other tables ---- */

static void more_rows_keep_those_that_exist(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 100);
    sample_complete(&sample, "a.h5", 10, 1);
    sample.series[0].count = 1000;
    leave_unfinished(&sample); /* stopped and gone on with while it is extended */
    struct pls_store *store = sample_open(&sample, "a.h5");
    assert_in_range(sample_fill(store, 10, 1, 0), 300, 320);
    pls_store_close(store, true);
    sample_complete(&sample, "a.h5", 10, 1);
    sample_complete(&sample, "whole.h5", 100, 0);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
    sample_clean(&sample);
}

static void a_finished_result_is_extended_by_the_new_rows_only(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 20000);
    sample_complete(&sample, "a.h5", 1000, 1);
    sample.series[0].count = 40000;
    assert_int_equal(sample_complete(&sample, "a.h5", 1000, 1), 20000);
    sample_complete(&sample, "whole.h5", 3000, 0);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
    sample_clean(&sample);
}

static void new_tables_need_no_new_row(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 1000);
    sample_complete(&sample, "a.h5", 64, 1);
    pls_tables_free(&sample.tables);
    sample_tables(&sample.tables, "a longer remark");
    sample.contents.study = "level: 0.9\n";
    assert_int_equal(sample_complete(&sample, "a.h5", 10, 1), 0);
    sample_complete(&sample, "whole.h5", 100, 0);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
    sample_clean(&sample);
}

static void tables_alone_are_a_result_too(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_result *result;
    struct pls_error err;
    sample_make(&sample, 10);
    sample.contents.series_count = 0;
    assert_int_equal(sample_complete(&sample, "a.h5", 10, 1), 0);
    assert_ok(pls_result_open(sample_path(&sample, "a.h5"), &result, &err), &err);
    const struct pls_contents *contents = pls_result_contents(result);
    assert_int_equal(contents->series_count, 0);
    assert_int_equal(contents->series[0].columns->count, SAMPLE_COLUMNS);
    assert_int_equal(pls_result_tables(result)->count, 3);
    pls_result_close(result);
    assert_int_equal(sample_complete(&sample, "a.h5", 10, 1), 0); /* again, over the first */
    sample_clean(&sample);
}

static void a_run_without_a_row_leaves_nothing(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 10);
    pls_store_close(sample_open(&sample, "a.h5"), true);
    assert_int_equal(sample_files(&sample), 0);
    sample_clean(&sample);
}

static void damaged_rows_of_a_finished_result_are_computed_again(void **state)
{
    (void)state;
    struct sample sample;
    size_t length;
    sample_make(&sample, 40000);
    sample_complete(&sample, "a.h5", 1000, 1);
    sample_complete(&sample, "whole.h5", 1000, 1);
    char *bytes = sample_bytes(sample_path(&sample, "a.h5"), &length);
    const double value = sample_value(0, 20000, 3);
    size_t at = 0;
    while (memcmp(bytes + at, &value, sizeof value) != 0)
        at++;
    free(bytes);
    sample_flip(sample_path(&sample, "a.h5"), at, 0);
    struct pls_store *store = sample_open(&sample, "a.h5");
    assert_int_equal(pls_store_damaged(store), 16384); /* its block */
    pls_store_close(store, true);
    assert_int_equal(sample_complete(&sample, "a.h5", 1000, 1), 16384);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
    sample_clean(&sample);
}

static void damaged_rows_of_an_unfinished_file_are_told(void **state)
{
    (void)state;
    struct sample sample;
    size_t length;
    sample_make(&sample, 1000);
    struct pls_store *store = sample_open(&sample, "a.h5");
    sample_fill(store, 10, 0, SIZE_MAX);
    assert_int_equal(pls_store_damaged(store), 0);
    pls_store_close(store, true);
    char *bytes = sample_bytes(sample_path(&sample, "a.h5.part"), &length);
    const double value = sample_value(0, 500, 3);
    size_t at = 0;
    while (memcmp(bytes + at, &value, sizeof value) != 0)
        at++;
    free(bytes);
    sample_flip(sample_path(&sample, "a.h5.part"), at, 0);
    store = sample_open(&sample, "a.h5");
    assert_int_equal(pls_store_damaged(store), 10);
    pls_store_close(store, true);
    store = sample_open(&sample, "a.h5");
    assert_int_equal(pls_store_damaged(store), 0); /* were left out, and are not missed again */
    pls_store_close(store, true);
    finish_and_compare(&sample);
    sample_clean(&sample);
}

/* ---- refusals ---- */

static void assert_refused(const struct sample *sample, enum pls_code code, const char *sentence)
{
    struct pls_store *store = NULL;
    struct pls_error err;
    char expected[1024];
    const size_t before = sample_files(sample);
    assert_int_equal(
        pls_store_open(sample_path(sample, "a.h5"), &sample->contents, false, &store, &err), code);
    snprintf(expected, sizeof expected, "%s/%s", sample->folder, sentence);
    assert_string_equal(err.text, expected);
    assert_null(store);
    assert_int_equal(sample_files(sample), before); /* nothing left behind */
}

#define REPLACE "; choose another name with -o, or replace it with --restart"

static void other_rows_are_not_overwritten_and_the_difference_is_named(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 50);
    sample_complete(&sample, "a.h5", 64, 1);
    sample_copy(sample_path(&sample, "a.h5"), sample_path(&sample, "copy.h5"));
    const struct pls_contents contents = sample.contents;
    sample.contents.seed = 7;
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5: holds the result of another study: its seed is 18446744073709551615, "
                   "this study's 7" REPLACE);
    sample.contents = contents;
    sample.contents.observations = 100;
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5: holds the result of another study: it has 211 observations, this study's "
                   "data 100" REPLACE);
    sample.contents = contents;
    sample.contents.job = "permute";
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5: holds the result of another study: it is of the job bootstrap, this is "
                   "permute" REPLACE);
    sample.contents = contents;
    sample.contents.rows_digest = "00a13d52ca70c883";
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5: holds the result of another study: its data or settings are others (rows "
                   "digest 6ca13d52…, this study's 00a13d52…)" REPLACE);
    sample.contents = contents;
    struct pls_columns fewer = sample.columns;
    fewer.count = 4;
    for (size_t s = 0; s < 3; s++)
        sample.series[s].columns = &fewer;
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5: holds the result of another study: its rows have other columns" REPLACE);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "copy.h5"));
    sample_clean(&sample);
}

static void unfinished_rows_beyond_those_asked_for_are_not_dropped(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 1000);
    leave_unfinished(&sample);
    sample.series[0].count = 77;
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5.journal: holds unfinished rows beyond the 77 of bootstrap that are asked "
                   "for; ask for as many as before, choose another name with -o, or drop them "
                   "with --restart");
    sample.series[0].count = 1000;
    finish_and_compare(&sample);
    sample_clean(&sample);
}

static void finished_rows_beyond_those_asked_for_are_not_dropped(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 1000);
    sample_complete(&sample, "a.h5", 64, 1);
    sample_complete(&sample, "whole.h5", 100, 0);
    sample.series[0].count = 77;
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5: holds more than the 77 rows of bootstrap that are asked for; ask for as "
                   "many, choose another name with -o, or drop them with --restart");
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
    sample_clean(&sample);
}

static void unfinished_rows_of_another_study_are_not_overwritten(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 1000);
    leave_unfinished(&sample);
    sample.contents.seed = 7;
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5.journal: holds unfinished rows of another study: its seed is "
                   "18446744073709551615, this study's 7" REPLACE);
    sample.contents.seed = UINT64_MAX;
    finish_and_compare(&sample);
    sample_clean(&sample);
}

static void a_file_that_is_not_ours_is_not_overwritten(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 50);
    sample_write(sample_path(&sample, "a.h5"), "answers\n", 8);
    assert_refused(&sample, PLS_EDATA,
                   "a.h5: is not an HDF5 file, so not a result of plstrap; name another file");
    unlink(sample_path(&sample, "a.h5"));
    mkdir(sample_path(&sample, "a.h5"), 0777);
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5: is not a regular file; choose another name with -o");
    rmdir(sample_path(&sample, "a.h5"));
    sample_clean(&sample);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_store *store = NULL;
    struct pls_error err;
    sample_make(&sample, 50);
    assert_int_equal(pls_store_open("no-such-folder/a.h5", &sample.contents, false, &store, &err),
                     PLS_ECREATE);
    assert_string_equal(err.text, "no-such-folder/a.h5.journal: cannot be created: No such file or "
                                  "directory; choose another place with -o");
    sample_clean(&sample);
}

static void restart_replaces_what_is_there_but_only_at_the_end(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_store *store;
    struct pls_error err;
    sample_make(&sample, 50);
    sample_complete(&sample, "a.h5", 64, 1);
    sample_copy(sample_path(&sample, "a.h5"), sample_path(&sample, "copy.h5"));
    sample.contents.seed = 7;
    assert_ok(pls_store_open(sample_path(&sample, "a.h5"), &sample.contents, true, &store, &err),
              &err);
    assert_int_equal(sample_fill(store, 10, 0, SIZE_MAX), 70); /* nothing taken over */
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "copy.h5"));
    assert_ok(pls_store_finish(store, &sample.tables, &err), &err);
    pls_store_close(store, true);
    sample_complete(&sample, "whole.h5", 100, 0);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
    sample_clean(&sample);
}

static void restart_replaces_nothing_but_results(void **state)
{
    (void)state;
    static const char study[] = "model: |\n  A =~ a1 + a2 + a3\n  B =~ b1 + b2\n  B ~ A\n";
    struct sample sample;
    struct pls_store *store;
    struct pls_error err;
    char text[sizeof study] = "";
    sample_make(&sample, 50);
    FILE *file = fopen(sample_path(&sample, "a.h5"), "w");
    assert_non_null(file);
    assert_true(fputs(study, file) >= 0);
    fclose(file);
    assert_int_equal(
        pls_store_open(sample_path(&sample, "a.h5"), &sample.contents, true, &store, &err),
        PLS_ECREATE);
    assert_non_null(strstr(err.text, "a.h5: is not a result of plstrap, and --restart replaces "
                                     "nothing else; choose another name with -o, or remove it"));
    file = fopen(sample_path(&sample, "a.h5"), "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof study, file), sizeof study - 1);
    fclose(file);
    assert_string_equal(text, study);
    sample_clean(&sample);
}

static void two_runs_do_not_write_one_result(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 1000);
    struct pls_store *store = sample_open(&sample, "a.h5");
    sample_fill(store, 10, 1, 20);
    assert_refused(&sample, PLS_ECREATE,
                   "a.h5: another run is writing this result; wait for it, or choose another name "
                   "with -o");
    pls_store_close(store, true);
    finish_and_compare(&sample);
    sample_clean(&sample);
}

static void a_run_waits_for_one_that_ends_soon(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 100);
    struct pls_store *store = sample_open(&sample, "a.h5");
    const pid_t child = fork();
    if (child == 0) {
        usleep(300 * 1000);
        _exit(0); /* its copy of the locked journal is closed with it */
    }
    pls_store_close(store, true); /* the lock lives on in the child */
    const int fd = open(sample_path(&sample, "a.h5.journal"), O_RDWR);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
    close(fd);
    assert_int_equal(sample_complete(&sample, "a.h5", 10, 0), 120);
    sample_clean(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_content_gives_equal_bytes_for_any_order_and_size_of_ranges),
        cmocka_unit_test(rows_come_back_as_they_were_put),
        cmocka_unit_test(rows_are_not_read_before_they_are_there),
        cmocka_unit_test(what_is_still_to_do_is_said_in_row_order),
        cmocka_unit_test(a_run_that_goes_on_ends_as_an_undisturbed_one),
        cmocka_unit_test(a_file_torn_while_it_was_completed_loses_no_row),
        cmocka_unit_test(damaged_rows_of_an_unfinished_file_are_computed_again),
        cmocka_unit_test(a_cut_file_is_computed_again_where_it_is_cut),
        cmocka_unit_test(a_journal_cut_anywhere_is_recovered_or_refused),
        cmocka_unit_test(a_journal_with_a_flipped_bit_is_recovered_or_refused),
        cmocka_unit_test(a_kill_between_the_two_renames_loses_no_row),
        cmocka_unit_test(more_rows_keep_those_that_exist),
        cmocka_unit_test(a_finished_result_is_extended_by_the_new_rows_only),
        cmocka_unit_test(new_tables_need_no_new_row),
        cmocka_unit_test(tables_alone_are_a_result_too),
        cmocka_unit_test(a_run_without_a_row_leaves_nothing),
        cmocka_unit_test(damaged_rows_of_a_finished_result_are_computed_again),
        cmocka_unit_test(damaged_rows_of_an_unfinished_file_are_told),
        cmocka_unit_test(other_rows_are_not_overwritten_and_the_difference_is_named),
        cmocka_unit_test(unfinished_rows_beyond_those_asked_for_are_not_dropped),
        cmocka_unit_test(finished_rows_beyond_those_asked_for_are_not_dropped),
        cmocka_unit_test(unfinished_rows_of_another_study_are_not_overwritten),
        cmocka_unit_test(a_file_that_is_not_ours_is_not_overwritten),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
        cmocka_unit_test(restart_replaces_what_is_there_but_only_at_the_end),
        cmocka_unit_test(restart_replaces_nothing_but_results),
        cmocka_unit_test(two_runs_do_not_write_one_result),
        cmocka_unit_test(a_run_waits_for_one_that_ends_soon),
    };
    return cmocka_run_group_tests_name("store.store", tests, NULL, NULL);
}
