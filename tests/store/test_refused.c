/*
 * What makes writing fast is asked for, not needed: the system may refuse a thread, room ahead and
 * early writing, and the result is the same. The three calls are replaced by ones that count.
 */
#include "sample.h"

#include <errno.h>
#include <pthread.h>

enum { ROWS = 40000 };

static bool refusing;
static size_t threads, reserved, given_back, written_back;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *self);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *self);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *self)
{
    threads++;
    return refusing ? EAGAIN : __real_pthread_create(thread, attributes, run, self);
}

int __real_fallocate(int fd, int mode, off_t offset, off_t length);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t length);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t length)
{
    enum { KEEP_SIZE = 1 };
    if (mode == KEEP_SIZE)
        reserved++;
    else
        given_back++;
    errno = EOPNOTSUPP;
    return refusing ? -1 : __real_fallocate(fd, mode, offset, length);
}

int __real_sync_file_range(int fd, off_t offset, off_t length, unsigned flags);
int __wrap_sync_file_range(int fd, off_t offset, off_t length, unsigned flags);
int __wrap_sync_file_range(int fd, off_t offset, off_t length, unsigned flags)
{
    written_back++;
    errno = ESPIPE;
    return refusing ? -1 : __real_sync_file_range(fd, offset, length, flags);
}

static void a_system_that_grants_nothing_gets_the_same_result(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, ROWS);
    sample_complete(&sample, "granted.h5", 1000, 0);
    const size_t granted = threads; /* as many as there are processors */
    assert_true(granted >= 1);
    assert_int_equal(reserved, 2); /* of the two series that have rows */
    assert_int_equal(given_back, 0);
    assert_int_equal(written_back, 1);
    refusing = true;
    sample_complete(&sample, "refused.h5", 1000, 0);
    refusing = false;
    assert_true(threads > granted);
    assert_int_equal(reserved, 4);
    assert_int_equal(given_back, 2);
    assert_int_equal(written_back, 2);
    assert_same_files(sample_path(&sample, "granted.h5"), sample_path(&sample, "refused.h5"));
    sample_clean(&sample);
}

static void writing_begins_while_rows_come(void **state)
{
    (void)state;
    enum { PIECE = 10000, PIECES = 150 };
    struct sample sample;
    struct pls_error err;
    const size_t before = written_back;
    sample_make(&sample, PIECE * PIECES);
    struct pls_store *store = sample_open(&sample, "a.h5");
    for (uint64_t i = 0; i < PIECES; i++)
        assert_ok(sample_put(store, 0, i * PIECE, PIECE, &err), &err);
    assert_int_equal(written_back - before, 2); /* 69 MB, in steps of 32 MiB */
    pls_store_close(store, false);
    sample_clean(&sample);
}

static void a_settled_store_takes_no_more_rows_and_may_be_given_up(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, ROWS);
    struct pls_store *store = sample_open(&sample, "a.h5");
    assert_int_equal(pls_store_settle(store, &err), PLS_EINTERNAL);
    sample_fill(store, 1000, 0, SIZE_MAX);
    assert_ok(pls_store_settle(store, &err), &err);
    assert_ok(pls_store_settle(store, &err), &err); /* is settled already */
    assert_int_equal(sample_put(store, 0, 0, 10, &err), PLS_EINTERNAL);
    assert_non_null(strstr(err.text, "rows come after the last one"));
    pls_store_close(store, true); /* while its thread reads */
    assert_int_equal(sample_complete(&sample, "a.h5", 10, 1), 0);
    sample_clean(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_system_that_grants_nothing_gets_the_same_result),
        cmocka_unit_test(writing_begins_while_rows_come),
        cmocka_unit_test(a_settled_store_takes_no_more_rows_and_may_be_given_up),
    };
    return cmocka_run_group_tests_name("store.refused", tests, NULL, NULL);
}
