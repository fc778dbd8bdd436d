/* test_progress.c: how far a result is, read while others write, rename and die. */
#include "sample.h"

#include "plstrap/text.h"

#include <sys/wait.h>

static struct pls_progress look(const struct sample *sample)
{
    struct pls_progress progress;
    struct pls_error err;
    assert_ok(pls_progress_read(sample_path(sample, "r.h5"), &progress, &err), &err);
    return progress;
}

static void what_is_recorded_is_counted_with_its_outcomes(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, 40000);
    struct pls_store *store = sample_open(&sample, "r.h5");

    struct pls_progress progress = look(&sample);
    assert_int_equal(progress.writer, PLS_WRITER_ACTIVE);
    assert_int_equal(progress.series_count, 3);
    assert_int_equal(progress.series[0].done, 0);
    pls_progress_free(&progress);

    assert_ok(sample_put(store, 0, 100, 20000, &err), &err);
    progress = look(&sample);
    assert_int_equal(progress.series[0].done, 0); /* not yet secured */
    pls_progress_free(&progress);

    assert_ok(pls_store_sync(store, &err), &err);
    progress = look(&sample);
    uint64_t constant = 0;
    for (uint64_t row = 100; row < 20100; row++)
        constant += sample_outcome(0, row).status == PLS_STATUS_CONSTANT;
    assert_true(progress.begun && progress.rows_found);
    assert_string_equal(progress.job, "bootstrap");
    assert_string_equal(progress.rows_digest, sample.contents.rows_digest);
    assert_string_equal(progress.series[0].name, "bootstrap");
    assert_int_equal(progress.series[0].count, 40000);
    assert_int_equal(progress.series[0].done, 20000);
    assert_int_equal(progress.series[0].ended[PLS_STATUS_CONSTANT], constant);
    assert_int_equal(progress.series[0].ended[PLS_STATUS_OK], 20000 - constant);
    assert_int_equal(progress.series[1].done, 0);
    pls_progress_free(&progress);

    pls_store_close(store, true);
    progress = look(&sample);
    assert_int_equal(progress.writer, PLS_WRITER_NONE);
    assert_int_equal(progress.series[0].done, 20000);
    pls_progress_free(&progress);
    sample_clean(&sample);
}

/* A row that is put again (its range was damaged once) is one row. */
static void rows_recorded_twice_count_once(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, 1000);
    struct pls_store *store = sample_open(&sample, "r.h5");
    assert_ok(sample_put(store, 0, 0, 300, &err), &err);
    assert_ok(sample_put(store, 0, 200, 300, &err), &err);
    assert_ok(pls_store_sync(store, &err), &err);
    struct pls_progress progress = look(&sample);
    assert_int_equal(progress.series[0].done, 500);
    pls_progress_free(&progress);
    pls_store_close(store, true);
    sample_clean(&sample);
}

static void nothing_there_is_no_input(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_progress progress;
    struct pls_error err;
    sample_make(&sample, 10);
    assert_int_equal(pls_progress_read(sample_path(&sample, "r.h5"), &progress, &err),
                     PLS_ENOINPUT);
    pls_progress_free(&progress);
    sample_write(sample_path(&sample, "r.h5.journal"), "", 0);
    progress = look(&sample); /* a run that has only just its lock */
    assert_false(progress.begun);
    pls_progress_free(&progress);
    sample_clean(&sample);
}

/* Between its renames a run has the rows that the new journal speaks of under FILE.part.new. */
static void rows_are_found_between_two_renames(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, 1000);
    struct pls_store *store = sample_open(&sample, "r.h5");
    assert_ok(sample_put(store, 0, 0, 300, &err), &err);
    pls_store_close(store, true);
    rename(sample_path(&sample, "r.h5.part"), sample_path(&sample, "r.h5.part.new"));
    sample_write(sample_path(&sample, "r.h5.part"), "older", 5);
    struct pls_progress progress = look(&sample);
    assert_int_equal(progress.series[0].done, 300);
    pls_progress_free(&progress);
    /* A copy on another disk has other inodes, and FILE.part it is. */
    sample_copy(sample_path(&sample, "r.h5.part.new"), sample_path(&sample, "r.h5.part"));
    unlink(sample_path(&sample, "r.h5.part.new"));
    progress = look(&sample);
    assert_int_equal(progress.series[0].done, 300);
    pls_progress_free(&progress);
    unlink(sample_path(&sample, "r.h5.part"));
    progress = look(&sample);
    assert_false(progress.rows_found);
    assert_int_equal(progress.series[0].done, 0);
    pls_progress_free(&progress);
    sample_clean(&sample);
}

/* Another process begins a job, is cut off, goes on with it and throws it away. */
static void looking_at_a_job_in_motion_never_fails(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, 3000);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (unsigned round = 0; round < 30; round++) {
            struct pls_store *store = sample_open(&sample, "r.h5");
            sample_fill(store, 50, round + 1, 20);
            pls_store_close(store, round % 10 != 9);
        }
        _exit(0);
    }
    unsigned looks = 0, seen = 0;
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        struct pls_progress progress;
        const enum pls_code code = pls_progress_read(sample_path(&sample, "r.h5"), &progress, &err);
        if (code != PLS_ENOINPUT)
            assert_ok(code, &err);
        for (size_t s = 0; code == PLS_OK && s < progress.series_count; s++) {
            uint64_t ended = 0;
            for (size_t i = 0; i < PLS_STATUS_COUNT; i++)
                ended += progress.series[s].ended[i];
            assert_int_equal(ended, progress.series[s].done);
            seen += progress.series[s].done > 0;
        }
        looks++;
        pls_progress_free(&progress);
    }
    assert_int_equal(status, 0); /* no opening failed for the looks */
    assert_true(looks > 10 && seen > 0);
    sample_clean(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_recorded_is_counted_with_its_outcomes),
        cmocka_unit_test(rows_recorded_twice_count_once),
        cmocka_unit_test(nothing_there_is_no_input),
        cmocka_unit_test(rows_are_found_between_two_renames),
        cmocka_unit_test(looking_at_a_job_in_motion_never_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
