/* test_ranges.c: how work is cut, and that nothing of it is lost. */
#include "check.h"
#include "internal.h"

static const struct pls_columns forty = {.count = 40}, one = {.count = 1}, empty = {.count = 0};
static const struct pls_series series[] = {
    {"wide", UINT64_C(10000000000), &forty}, {"short", 10, &one}, {"none", 7, &empty}};

static struct pls_work work_of(uint64_t chunk)
{
    return (struct pls_work){.series = series, .series_count = 3, .chunk = chunk};
}

/* Cuts all and checks that the pieces lie end to end. Returns their number. */
static size_t cut_all(const struct pls_range *todo, size_t count, uint64_t chunk, int ranks,
                      double row_seconds)
{
    const struct pls_work work = work_of(chunk);
    struct pls_ranges ranges = {.todo = todo, .count = count};
    struct pls_range piece;
    size_t pieces = 0, at = 0;
    uint64_t inside = 0;

    for (size_t i = 0; i < count; i++)
        ranges.left += todo[i].count;
    while (pls_ranges_take(&ranges, &work, ranks, row_seconds, &piece)) {
        while (inside == todo[at].count) {
            at++;
            inside = 0;
        }
        assert_int_equal(piece.series, todo[at].series);
        assert_true(piece.first == todo[at].first + inside);
        assert_true(piece.count > 0 && piece.count <= pls_rows_at_most(&work, piece.series));
        inside += piece.count;
        pieces++;
    }
    assert_true(ranges.left == 0);
    return pieces;
}

static void every_row_is_handed_out_once(void **state)
{
    (void)state;
    const struct pls_range todo[] = {{1, 2, 5}, {0, 0, 0},      {0, 17, 12345},
                                     {2, 0, 7}, {0, 100000, 1}, {1, 9, 0}};
    static const uint64_t chunks[] = {0, 1, 7, 1000, 100000, UINT64_MAX};
    static const double costs[] = {0.0, 1e-7, 1e-3, 10.0};

    for (size_t c = 0; c < 6; c++) {
        for (size_t s = 0; s < 4; s++) {
            for (int ranks = 1; ranks < 9; ranks++)
                assert_true(cut_all(todo, 6, chunks[c], ranks, costs[s]) >= 4);
        }
    }
    assert_int_equal(cut_all(NULL, 0, 0, 4, 0.0), 0);
}

static void a_fixed_chunk_is_kept(void **state)
{
    (void)state;
    const struct pls_range todo[] = {{0, 0, 1000}};

    assert_int_equal(cut_all(todo, 1, 7, 4, 1e-6), 143);
    assert_int_equal(cut_all(todo, 1, 1000, 4, 1e-6), 1);
}

static void a_range_is_bounded_in_memory(void **state)
{
    (void)state;
    const struct pls_work guided = work_of(0), fixed = work_of(UINT64_MAX);

    assert_true(pls_rows_at_most(&guided, 0) * 40 * sizeof(double) <= 4 << 20);
    assert_true(pls_rows_at_most(&fixed, 0) * 40 * sizeof(double) <= 64 << 20);
    assert_int_equal(pls_rows_at_most(&guided, 1), 10);
}

static void guided_ranges_shrink_towards_the_end(void **state)
{
    (void)state;
    const struct pls_work work = work_of(0);
    const struct pls_range todo[] = {{0, 0, 16000}};
    struct pls_ranges ranges = {.todo = todo, .count = 1, .left = 16000};
    struct pls_range piece;
    uint64_t before = UINT64_MAX, first = 0;

    while (pls_ranges_take(&ranges, &work, 4, 1e-4, &piece)) {
        assert_true(piece.count <= before);
        before = piece.count;
        if (first == 0)
            first = piece.count;
    }
    assert_true(first >= 900 && first <= 1000); /* a quarter of the share of a rank */
    assert_true(before <= 10);                  /* a millisecond's worth            */
}

static void slow_rows_come_one_at_a_time(void **state)
{
    (void)state;
    const struct pls_work work = work_of(0);
    const struct pls_range todo[] = {{0, 0, 1000000}};
    struct pls_ranges ranges = {.todo = todo, .count = 1, .left = 1000000};
    struct pls_range piece;

    assert_true(pls_ranges_take(&ranges, &work, 2, 60.0, &piece));
    assert_int_equal(piece.count, 1);
}

static void while_the_cost_is_unknown_little_is_handed_out(void **state)
{
    (void)state;
    const struct pls_work work = work_of(0);
    const struct pls_range todo[] = {{0, 0, 1000000}};
    struct pls_ranges ranges = {.todo = todo, .count = 1, .left = 1000000};
    struct pls_range piece;

    assert_true(pls_ranges_take(&ranges, &work, 2, 0.0, &piece));
    assert_true(piece.count <= 16);
}

/* A row of many columns: the bound on bytes alone would give fewer rows than are computed together. */
static void ranges_are_whole_grains_and_never_larger_than_their_message(void **state)
{
    (void)state;
    static const struct pls_columns wide = {.count = 5000}, narrow = {.count = 40};
    const struct pls_columns *const columns[] = {&wide, &narrow};
    for (size_t i = 0; i < 2; i++) {
        const struct pls_series single = {"bootstrap", 1000, columns[i]};
        const struct pls_work work = {.series = &single, .series_count = 1, .grain = 64};
        const struct pls_range todo = {0, 0, 1000};
        struct pls_ranges ranges = {.todo = &todo, .count = 1, .left = 1000};
        struct pls_range cut;
        uint64_t rows = 0;
        while (pls_ranges_take(&ranges, &work, 2, 1e-2, &cut)) {
            assert_true(cut.count <= pls_rows_at_most(&work, 0));
            assert_true(cut.count % 64 == 0 || rows + cut.count == 1000);
            rows += cut.count;
        }
        assert_int_equal(rows, 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_handed_out_once),
        cmocka_unit_test(a_fixed_chunk_is_kept),
        cmocka_unit_test(ranges_are_whole_grains_and_never_larger_than_their_message),
        cmocka_unit_test(a_range_is_bounded_in_memory),
        cmocka_unit_test(guided_ranges_shrink_towards_the_end),
        cmocka_unit_test(slow_rows_come_one_at_a_time),
        cmocka_unit_test(while_the_cost_is_unknown_little_is_handed_out),
    };
    return cmocka_run_group_tests_name("cluster.ranges", tests, NULL, NULL);
}
