/* test_merge.c: shards as files: what they say of themselves, and how they become one. */
#include "sample.h"

enum { ROWS = 40000 };

/* The rows from first on, `count` of them, of the first series and all of the second. */
static void write_shard(struct sample *sample, const char *name, struct pls_shard shard,
                        uint64_t first, uint64_t count)
{
    const struct pls_range part[3] = {{0, first, count}, {1, 0, 20}, {2, 0, 0}};
    sample->contents.shard = shard;
    sample->contents.part = part;
    assert_int_equal(sample_complete(sample, name, 777, 3), count + 20);
    sample->contents.shard = (struct pls_shard){0, 0};
}

static struct pls_result *open_result(const struct sample *sample, const char *name)
{
    struct pls_result *result = NULL;
    struct pls_error err;
    assert_ok(pls_result_open(sample_path(sample, name), &result, &err), &err);
    return result;
}

static void a_shard_says_which_rows_it_has_and_numbers_them_as_the_whole(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    struct pls_outcome outcome;
    double value;
    sample_make(&sample, ROWS);
    write_shard(&sample, "s.h5", (struct pls_shard){2, 4}, 9984, 20000);
    struct pls_result *result = open_result(&sample, "s.h5");
    const struct pls_contents *contents = pls_result_contents(result);
    assert_int_equal(contents->shard.number, 2);
    assert_int_equal(contents->shard.of, 4);
    assert_int_equal(contents->series[0].count, ROWS);
    assert_int_equal(contents->part[0].first, 9984);
    assert_int_equal(contents->part[0].count, 20000);
    assert_int_equal(contents->part[1].count, 20);

    const struct pls_rows rows = {.result = result};
    for (uint64_t row = 9984; row < 29984; row += 997) {
        assert_ok(pls_rows_column(&rows, 0, 3, row, 1, &value, &err), &err);
        assert_close(value, sample_value(0, row, 3), 0.0);
        assert_ok(pls_rows_outcomes(&rows, 0, row, 1, &outcome, &err), &err);
        assert_int_equal(outcome.iterations, sample_outcome(0, row).iterations);
    }
    assert_int_equal(pls_rows_column(&rows, 0, 3, 9983, 1, &value, &err), PLS_EINTERNAL);
    assert_int_equal(pls_rows_column(&rows, 0, 3, 29984, 1, &value, &err), PLS_EINTERNAL);
    pls_result_close(result);
    sample_clean(&sample);
}

static void a_whole_result_has_all_rows_of_its_series(void **state)
{
    (void)state;
    struct sample sample;
    sample_make(&sample, 500);
    sample_complete(&sample, "a.h5", 100, 0);
    struct pls_result *result = open_result(&sample, "a.h5");
    const struct pls_contents *contents = pls_result_contents(result);
    assert_int_equal(contents->shard.of, 0);
    assert_int_equal(contents->part[0].first, 0);
    assert_int_equal(contents->part[0].count, 500);
    pls_result_close(result);
    sample_clean(&sample);
}

static void an_interrupted_shard_goes_on_and_others_are_refused(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    struct pls_store *other = NULL;
    const struct pls_range part[3] = {{0, 9984, 20000}, {1, 0, 20}, {2, 0, 0}};
    sample_make(&sample, ROWS);
    sample.contents.shard = (struct pls_shard){2, 4};
    sample.contents.part = part;
    struct pls_store *store = sample_open(&sample, "s.h5");
    sample_fill(store, 500, 3, 9);
    pls_store_close(store, true);

    sample.contents.shard.number = 3;
    assert_int_equal(
        pls_store_open(sample_path(&sample, "s.h5"), &sample.contents, false, &other, &err),
        PLS_ECREATE);
    assert_non_null(strstr(err.text, "unfinished rows of shard 2 of 4, this is shard 3 of 4"));
    sample.contents.shard = (struct pls_shard){0, 0};
    assert_int_equal(
        pls_store_open(sample_path(&sample, "s.h5"), &sample.contents, false, &other, &err),
        PLS_ECREATE);
    assert_non_null(strstr(err.text, "this is the whole job"));
    sample.contents.shard = (struct pls_shard){2, 4};
    sample.series[0].count = ROWS + 1;
    assert_int_equal(
        pls_store_open(sample_path(&sample, "s.h5"), &sample.contents, false, &other, &err),
        PLS_ECREATE);
    sample.series[0].count = ROWS;
    const uint64_t left = sample_complete(&sample, "s.h5", 400, 0);
    assert_true(left < 20020 && left > 0);

    write_shard(&sample, "t.h5", (struct pls_shard){2, 4}, 9984, 20000);
    assert_same_files(sample_path(&sample, "s.h5"), sample_path(&sample, "t.h5"));
    sample_clean(&sample);
}

/* Opens results a.h5, b.h5, …; what pls_merge_check() says of them. */
static enum pls_code check(const struct sample *sample, const char *letters, struct pls_error *err)
{
    struct pls_result *results[8];
    const size_t count = strlen(letters);
    for (size_t i = 0; i < count; i++) {
        const char name[] = {letters[i], '.', 'h', '5', '\0'};
        results[i] = open_result(sample, name);
    }
    const enum pls_code code = pls_merge_check(results, count, err);
    for (size_t i = 0; i < count; i++)
        pls_result_close(results[i]);
    return code;
}

static void shards_become_the_bytes_of_one_run(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, ROWS);
    sample_complete(&sample, "whole.h5", 1000, 0);
    write_shard(&sample, "a.h5", (struct pls_shard){1, 3}, 0, 13312);
    write_shard(&sample, "b.h5", (struct pls_shard){2, 3}, 10000,
                16000); /* beyond its neighbours */
    write_shard(&sample, "c.h5", (struct pls_shard){3, 3}, 26000, ROWS - 26000);
    assert_ok(check(&sample, "cab", &err), &err);
    struct pls_store *store = sample_open(&sample, "m.h5");
    for (const char *letter = "cba"; *letter != '\0'; letter++) {
        const char name[] = {*letter, '.', 'h', '5', '\0'};
        struct pls_result *result = open_result(&sample, name);
        assert_ok(pls_store_take(store, result, &err), &err);
        pls_result_close(result);
    }
    struct pls_range *todo;
    size_t left;
    assert_ok(pls_store_todo(store, &todo, &left, &err), &err);
    assert_int_equal(left, 0);
    free(todo);
    assert_ok(pls_store_finish(store, &sample.tables, &err), &err);
    pls_store_close(store, true);
    assert_same_files(sample_path(&sample, "m.h5"), sample_path(&sample, "whole.h5"));
    sample_clean(&sample);
}

static void the_order_of_arguments_does_not_matter(void **state)
{
    (void)state;
    static const char *const orders[] = {"abc", "acb", "bac", "bca", "cab", "cba"};
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, 1000);
    write_shard(&sample, "a.h5", (struct pls_shard){1, 3}, 0, 320);
    write_shard(&sample, "b.h5", (struct pls_shard){2, 3}, 320, 320);
    write_shard(&sample, "c.h5", (struct pls_shard){3, 3}, 640, 360);
    for (size_t o = 0; o < 6; o++) {
        struct pls_result *results[3];
        for (size_t i = 0; i < 3; i++) {
            const char name[] = {orders[o][i], '.', 'h', '5', '\0'};
            results[i] = open_result(&sample, name);
        }
        assert_ok(pls_merge_check(results, 3, &err), &err);
        for (uint32_t i = 0; i < 3; i++) {
            assert_int_equal(pls_result_contents(results[i])->shard.number, i + 1);
            pls_result_close(results[i]);
        }
    }
    sample_clean(&sample);
}

static void gaps_are_told_by_rows_and_shards(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, ROWS);
    write_shard(&sample, "a.h5", (struct pls_shard){1, 3}, 0, 13312);
    write_shard(&sample, "c.h5", (struct pls_shard){3, 3}, 26624, ROWS - 26624);
    assert_int_equal(check(&sample, "ca", &err), PLS_ESTOPPED);
    assert_string_equal(err.text,
                        "shard 2 of 3 is not there yet: rows 13,312 to 26,623 of bootstrap are "
                        "missing; complete them (`plstrap bootstrap STUDY --shard 2/3`) and merge "
                        "again");
    assert_int_equal(check(&sample, "c", &err), PLS_ESTOPPED);
    assert_non_null(strstr(err.text, "shards 1, 2 of 3 are not there yet: rows 0 to 26,623"));
    sample_clean(&sample);
}

static void rows_that_two_shards_have_must_be_equal(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, ROWS);
    write_shard(&sample, "a.h5", (struct pls_shard){1, 2}, 0, 25000);
    write_shard(&sample, "b.h5", (struct pls_shard){2, 2}, 20000, 20000);
    assert_ok(check(&sample, "aabb", &err), &err);

    /* The same rows but for one, of which both have a copy. */
    const struct pls_range part[3] = {{0, 20000, 20000}, {1, 0, 20}, {2, 0, 0}};
    double row[SAMPLE_COLUMNS] = {0.1, 0.2, 0.3, 0.4, 0.5};
    const struct pls_outcome outcome = {.iterations = 4};
    sample.contents.shard = (struct pls_shard){2, 2};
    sample.contents.part = part;
    struct pls_store *store = sample_open(&sample, "d.h5");
    assert_ok(pls_store_put(store, &(struct pls_range){0, 24999, 1}, row, &outcome, &err), &err);
    sample_fill(store, 1000, 0, SIZE_MAX);
    assert_ok(pls_store_finish(store, &sample.tables, &err), &err);
    pls_store_close(store, true);
    assert_int_equal(check(&sample, "ad", &err), PLS_EDATA);
    assert_non_null(strstr(err.text, "a.h5 and "));
    assert_non_null(
        strstr(err.text, "both have rows 20000 to 24999 of bootstrap, and they differ"));
    assert_int_equal(check(&sample, "bd", &err), PLS_EDATA);
    sample_clean(&sample);
}

static void shards_of_other_jobs_are_refused_with_the_reason(void **state)
{
    (void)state;
    struct sample sample;
    struct pls_error err;
    sample_make(&sample, ROWS);
    const struct pls_contents mine = sample.contents;
    write_shard(&sample, "a.h5", (struct pls_shard){1, 2}, 0, 19968);
    sample_complete(&sample, "w.h5", 5000, 0);
    assert_int_equal(check(&sample, "aw", &err), PLS_EDATA);
    assert_non_null(strstr(err.text, "w.h5: is a whole result"));
    static const char *const reasons[] = {"the jobs differ",
                                          "it has 212 observations against 211",
                                          "its seed is 5 against 18446744073709551615",
                                          "its data or settings are others",
                                          "its study differs in line 2, which changes no row",
                                          "its model's text differs in line 1",
                                          "its base estimates are others",
                                          "it is a shard of 40,001 bootstrap rows against 40,000"};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        char name[] = "0.h5";
        name[0] = (char)('0' + i);
        sample.contents = mine;
        sample.contents.job = i == 0 ? "permute" : mine.job;
        sample.contents.observations += i == 1;
        sample.contents.seed = i == 2 ? 5 : mine.seed;
        sample.contents.rows_digest = i == 3 ? "0000" : mine.rows_digest;
        sample.contents.study = i == 4 ? "model: |\n  KV ~ KK\n" : mine.study;
        sample.contents.model = i == 5 ? "KV~KD\n" : mine.model;
        sample.estimate[2] = i == 6 ? -0.25 : 0.25;
        sample.series[0].count = i == 7 ? ROWS + 1 : ROWS;
        write_shard(&sample, name, (struct pls_shard){2, 2}, 19968, ROWS - 19968);
        const char letters[] = {'a', name[0], '\0'};
        assert_int_equal(check(&sample, letters, &err), PLS_EDATA);
        if (strstr(err.text, reasons[i]) == NULL)
            fail_msg("expected %s in: %s", reasons[i], err.text);
    }
    sample_clean(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shard_says_which_rows_it_has_and_numbers_them_as_the_whole),
        cmocka_unit_test(a_whole_result_has_all_rows_of_its_series),
        cmocka_unit_test(an_interrupted_shard_goes_on_and_others_are_refused),
        cmocka_unit_test(shards_become_the_bytes_of_one_run),
        cmocka_unit_test(the_order_of_arguments_does_not_matter),
        cmocka_unit_test(gaps_are_told_by_rows_and_shards),
        cmocka_unit_test(rows_that_two_shards_have_must_be_equal),
        cmocka_unit_test(shards_of_other_jobs_are_refused_with_the_reason),
    };
    return cmocka_run_group_tests_name("store.merge", tests, NULL, NULL);
}
