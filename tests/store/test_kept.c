/* test_kept.c: what a job without rows goes on from. */
#include "sample.h"

static void make(struct sample *sample)
{
    sample_make(sample, 10);
    sample->contents.series_count = 0;
}

static void save(struct pls_store *store, const char *text)
{
    struct pls_error err;
    assert_ok(pls_store_save(store, text, strlen(text), &err), &err);
}

static void assert_saved(const struct pls_store *store, const char *text)
{
    size_t length;
    bool damaged;
    const char *bytes = pls_store_saved(store, &length, &damaged);
    assert_false(damaged);
    if (text == NULL) {
        assert_null(bytes);
        return;
    }
    assert_non_null(bytes);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(bytes, text, length);
}

static void what_was_saved_last_is_there_for_the_next_run(void **state)
{
    (void)state;
    struct sample sample;
    make(&sample);
    struct pls_store *store = sample_open(&sample, "a.h5");
    assert_saved(store, NULL);
    save(store, "a long text of the first checkpoint, longer than the second");
    save(store, "the second");
    pls_store_close(store, true);
    assert_int_equal(sample_files(&sample), 2);
    store = sample_open(&sample, "a.h5");
    assert_saved(store, "the second");
    pls_store_close(store, true); /* nothing new was saved: it stands */
    store = sample_open(&sample, "a.h5");
    assert_saved(store, "the second");
    pls_store_close(store, false);
    assert_int_equal(sample_files(&sample), 0);
    sample_clean(&sample);
}

static void a_finished_result_leaves_nothing_beside_it(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    make(&sample);
    struct pls_store *store = sample_open(&sample, "a.h5");
    save(store, "counts");
    assert_ok(pls_store_finish(store, &sample.tables, &err), &err);
    pls_store_close(store, true);
    assert_int_equal(sample_files(&sample), 1);
    sample_clean(&sample);
}

static void restart_and_other_rows_do_not_see_it(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    struct pls_store *store = NULL;
    make(&sample);
    store = sample_open(&sample, "a.h5");
    save(store, "counts");
    pls_store_close(store, true);
    const char *digest = sample.contents.rows_digest;
    sample.contents.rows_digest =
        "0000000000000000000000000000000000000000000000000000000000000000";
    assert_int_equal(
        pls_store_open(sample_path(&sample, "a.h5"), &sample.contents, false, &store, &err),
        PLS_ECREATE);
    sample.contents.rows_digest = digest;
    assert_ok(pls_store_open(sample_path(&sample, "a.h5"), &sample.contents, true, &store, &err),
              &err);
    assert_saved(store, NULL);
    pls_store_close(store, false);
    sample_clean(&sample);
}

static size_t size_of(const struct sample *sample, const char *name)
{
    struct stat facts;
    assert_int_equal(stat(sample_path(sample, name), &facts), 0);
    return (size_t)facts.st_size;
}

/* A bit of the head refuses the file; one of what was saved is told as damage. */
static void every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    static const char text[] = "the counts of some blocks";
    struct sample sample;
    struct pls_error err;
    size_t refused = 0, told = 0;
    make(&sample);
    struct pls_store *store = sample_open(&sample, "a.h5");
    save(store, text);
    pls_store_close(store, true);
    const size_t size = size_of(&sample, "a.h5.journal");
    for (size_t at = 0; at < size; at++) {
        size_t length;
        bool damaged;
        sample_flip(sample_path(&sample, "a.h5.journal"), at, (unsigned)(at % 8));
        const enum pls_code code =
            pls_store_open(sample_path(&sample, "a.h5"), &sample.contents, false, &store, &err);
        if (code == PLS_OK) {
            assert_null(pls_store_saved(store, &length, &damaged));
            assert_true(damaged);
            told++;
            save(store, text);
            pls_store_close(store, true);
            continue;
        }
        assert_int_equal(code, PLS_EDATA);
        refused++;
        sample_flip(sample_path(&sample, "a.h5.journal"), at, (unsigned)(at % 8));
    }
    assert_int_equal(told, 32 + strlen(text));
    assert_int_equal(refused, size - told);
    sample_clean(&sample);
}

static void a_torn_end_is_noticed(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    make(&sample);
    for (size_t cut = 1; cut < 40; cut++) {
        size_t length;
        bool damaged;
        struct pls_store *store = sample_open(&sample, "a.h5");
        save(store, "counts!!");
        pls_store_close(store, true);
        const size_t size = size_of(&sample, "a.h5.journal");
        assert_int_equal(truncate(sample_path(&sample, "a.h5.journal"), (off_t)(size - cut)), 0);
        assert_ok(
            pls_store_open(sample_path(&sample, "a.h5"), &sample.contents, false, &store, &err),
            &err);
        assert_null(pls_store_saved(store, &length, &damaged));
        assert_true(damaged);
        pls_store_close(store, false);
    }
    sample_clean(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_saved_last_is_there_for_the_next_run),
        cmocka_unit_test(a_finished_result_leaves_nothing_beside_it),
        cmocka_unit_test(restart_and_other_rows_do_not_see_it),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(a_torn_end_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
