/* test_shard.c: which rows each part of a job has. */
#include "check.h"
#include "plstrap/job.h"

static void shards_follow_each_other_and_make_the_whole(void **state)
{
    (void)state;
    static const uint64_t rows[] = {0, 1, 63, 64, 65, 999, 9999, 1000000, UINT64_C(1) << 58};
    static const uint32_t of[] = {1, 2, 3, 7, 64, 1000, PLS_SHARD_MOST};
    static const uint64_t units[] = {PLS_SHARD_ROWS, 16384};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (size_t k = 0; k < sizeof of / sizeof of[0]; k++)
            for (size_t u = 0; u < 2; u++) {
                uint64_t next = 0;
                for (uint32_t number = 1; number <= of[k]; number++) {
                    const struct pls_range range =
                        pls_shard_range((struct pls_shard){number, of[k]}, 1, rows[r], units[u]);
                    assert_int_equal(range.series, 1);
                    assert_int_equal(range.first, next);
                    assert_true(range.first % units[u] == 0);
                    assert_true(number == of[k] || range.count <= rows[r] / of[k] + units[u]);
                    next = range.first + range.count;
                }
                assert_int_equal(next, rows[r]);
            }
}

static void the_ends_are_those_that_are_documented(void **state)
{
    (void)state;
    struct pls_range range = pls_shard_range((struct pls_shard){2, 3}, 0, 9999, PLS_SHARD_ROWS);
    assert_int_equal(range.first, 3328); /* 3333 rounded down to a multiple of 64 */
    assert_int_equal(range.count, 6656 - 3328);
    range = pls_shard_range((struct pls_shard){0, 0}, 0, 9999, PLS_SHARD_ROWS);
    assert_int_equal(range.first, 0);
    assert_int_equal(range.count, 9999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_follow_each_other_and_make_the_whole),
        cmocka_unit_test(the_ends_are_those_that_are_documented),
    };
    return cmocka_run_group_tests_name("base.shard", tests, NULL, NULL);
}
