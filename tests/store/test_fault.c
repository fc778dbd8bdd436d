/* Kills at random moments, and a disk that is full. */
#include "sample.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { KILLS = 30, ROWS = 3000 };

/* What a run does, over and over where it ends early. */
static void run(const struct sample *sample)
{
    struct pls_store *store = NULL;
    struct pls_error err;
    if (pls_store_open(sample_path(sample, "a.h5"), &sample->contents, false, &store, &err) !=
        PLS_OK)
        _exit(1);
    sample_fill(store, 10, (unsigned)getpid(), SIZE_MAX);
    if (pls_store_finish(store, &sample->tables, &err) != PLS_OK)
        _exit(1);
    pls_store_close(store, true);
}

static void kills_at_random_moments_change_nothing(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    size_t killed = 0, kept = 0;
    sample_make(&sample, ROWS);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    sample_complete(&sample, "whole.h5", 10, 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    const long whole = (end.tv_sec - start.tv_sec) * 1000000000L + end.tv_nsec - start.tv_nsec;
    srand(20261124);
    for (size_t i = 0; i < KILLS; i++) {
        const pid_t child = fork();
        if (child == 0) {
            for (;;) {
                run(&sample);
                sample.contents.study = "title: again\n"; /* the next one only makes new tables */
            }
        }
        /* Somewhere in a run, or in the one after it; at most a second. */
        const long longest = whole < 500000000L ? 2 * whole : 999999999L;
        const struct timespec pause = {.tv_nsec = (long)((double)longest * rand() / RAND_MAX)};
        nanosleep(&pause, NULL);
        int status;
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        killed++;
        /* What is there under its name is always whole. */
        struct pls_result *result = NULL;
        const enum pls_code code = pls_result_open(sample_path(&sample, "a.h5"), &result, &err);
        assert_true(code == PLS_OK || code == PLS_ENOINPUT);
        pls_result_close(result);
        struct pls_store *store = sample_open(&sample, "a.h5");
        kept += sample_fill(store, 10, 1, 0) < ROWS + 20;
        pls_store_close(store, true);
    }
    assert_int_equal(killed, KILLS);
    assert_true(kept > KILLS / 6); /* rows did outlive their process */
    sample_complete(&sample, "a.h5", 10, 0);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
    assert_int_equal(sample_files(&sample), 2);
    sample_clean(&sample);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_full_disk_is_named_and_what_was_kept_stays(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_store *store = NULL;
    struct pls_error err;
    char expected[512];
    signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit fails with EFBIG instead */
    sample_make(&sample, 1000);
    sample_complete(&sample, "whole.h5", 100, 0);

    limit_files(4096); /* already while the file is laid out */
    assert_int_equal(
        pls_store_open(sample_path(&sample, "a.h5"), &sample.contents, false, &store, &err),
        PLS_EIO);
    assert_non_null(strstr(err.text, "a.h5.part.new: cannot be written: File too large; make "
                                     "room, or choose another folder with -o"));
    limit_files(RLIM_INFINITY);
    assert_int_equal(sample_files(&sample), 1);

    store = sample_open(&sample, "a.h5");
    assert_ok(sample_put(store, 0, 0, 100, &err), &err);
    limit_files(8192); /* while rows come */
    assert_int_equal(sample_put(store, 0, 900, 100, &err), PLS_EIO);
    snprintf(expected, sizeof expected,
             "%s/a.h5.part: rows 900 to 999 of bootstrap cannot be written: File too large; make "
             "room (all rows take 46920 bytes) and give the same command again",
             sample.folder);
    assert_string_equal(err.text, expected);
    limit_files(64); /* while the journal is written */
    assert_int_equal(pls_store_sync(store, &err), PLS_EIO);
    assert_non_null(strstr(err.text, "a.h5.journal: cannot be written: File too large; make room"));
    limit_files(RLIM_INFINITY);
    assert_ok(pls_store_sync(store, &err), &err);
    pls_store_close(store, true);

    store = sample_open(&sample, "a.h5");
    assert_int_equal(sample_fill(store, 50, 1, SIZE_MAX), 920);
    limit_files(20000); /* while it is completed */
    assert_int_equal(pls_store_finish(store, &sample.tables, &err), PLS_EIO);
    limit_files(RLIM_INFINITY);
    pls_store_close(store, true);
    assert_int_equal(sample_complete(&sample, "a.h5", 10, 1), 0);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
    sample_clean(&sample);
}

static void rows_changed_behind_our_back_do_not_become_a_result(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    size_t length;
    sample_make(&sample, 1000);
    sample_complete(&sample, "whole.h5", 100, 0);
    struct pls_store *store = sample_open(&sample, "a.h5");
    sample_fill(store, 100, 1, SIZE_MAX);
    char *bytes = sample_bytes(sample_path(&sample, "a.h5.part"), &length);
    const double value = sample_value(0, 555, 3);
    size_t at = 0;
    while (memcmp(bytes + at, &value, sizeof value) != 0)
        at++;
    const int fd = open(sample_path(&sample, "a.h5.part"), O_WRONLY);
    assert_int_equal(pwrite(fd, "x", 1, (off_t)at), 1);
    close(fd);
    free(bytes);
    assert_int_equal(pls_store_finish(store, &sample.tables, &err), PLS_EIO);
    assert_non_null(strstr(err.text, "a.h5.part: rows 500 to 599 of bootstrap are not as they were "
                                     "written: the disk failed or another program changed them; "
                                     "give the same command again to compute them anew"));
    pls_store_close(store, true);
    assert_int_equal(sample_complete(&sample, "a.h5", 10, 1), 100);
    assert_same_files(sample_path(&sample, "a.h5"), sample_path(&sample, "whole.h5"));
    sample_clean(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kills_at_random_moments_change_nothing),
        cmocka_unit_test(a_full_disk_is_named_and_what_was_kept_stays),
        cmocka_unit_test(rows_changed_behind_our_back_do_not_become_a_result),
    };
    return cmocka_run_group_tests_name("store.fault", tests, NULL, NULL);
}
