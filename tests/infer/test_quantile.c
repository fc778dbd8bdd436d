/* test_quantile.c: quantiles against R, and the sort that they stand on. */
#include "draw.h"

#include <string.h>

/* sort(c(3.1, -2, 7.25, .5, .5, 11, 4, -6.75, 9.5, 1, 2.25)) */
static const double sorted[] = {-6.75, -2, 0.5, 0.5, 1, 2.25, 3.1, 4, 7.25, 9.5, 11};
enum { N = sizeof sorted / sizeof sorted[0] };

/* R 4.2.2: quantile(x, p, type = 6) and type = 7 */
static void types_6_and_7_are_those_of_r(void **state)
{
    (void)state;
    static const double known[][3] = {
        {1.0 / 12.0, -6.75, -2.791666666666667},
        {0.1, -5.7999999999999989, -2.0},
        {0.25, 0.5, 0.5},
        {0.5, 2.25, 2.25},
        {0.6, 3.2799999999999994, 3.1},
        {0.9, 10.700000000000001, 9.5},
        {11.0 / 12.0, 11.0, 9.75},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_close(pls_infer_quantile(sorted, N, known[i][0], PLS_QUANTILE_6), known[i][1],
                     1e-14);
        assert_close(pls_infer_quantile(sorted, N, known[i][0], PLS_QUANTILE_7), known[i][2],
                     1e-14);
    }
    assert_close(pls_infer_quantile(sorted, N, 0.025, PLS_QUANTILE_7), -5.5625, 1e-14);
    assert_close(pls_infer_quantile(sorted, N, 0.975, PLS_QUANTILE_7), 10.625, 1e-14);
    assert_close(pls_infer_quantile(sorted, N, 0.0, PLS_QUANTILE_7), -6.75, 0);
    assert_close(pls_infer_quantile(sorted, N, 1.0, PLS_QUANTILE_7), 11.0, 0);
}

/* Davison & Hinkley (1997), equation 5.8, with R's qnorm; boot itself: test_peers.c */
static void the_normal_scale_interpolates_between_order_statistics(void **state)
{
    (void)state;
    static const double known[][2] = {
        {0.1, -5.5905101476552677}, {0.3, 0.5},  {0.7, 5.2489123836181282},
        {0.9, 10.633845309785876},  {0.25, 0.5}, {1.0 / 12.0, -6.75},
        {11.0 / 12.0, 11.0},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_close(pls_infer_quantile(sorted, N, known[i][0], PLS_QUANTILE_NORMAL), known[i][1],
                     1e-14);
}

static void a_rank_outside_the_replicates_is_no_number(void **state)
{
    (void)state;
    static const double outside[] = {0.0, 0.0832, 0.9168, 1.0};
    for (size_t i = 0; i < 4; i++) {
        assert_true(isnan(pls_infer_quantile(sorted, N, outside[i], PLS_QUANTILE_6)));
        assert_true(isnan(pls_infer_quantile(sorted, N, outside[i], PLS_QUANTILE_NORMAL)));
    }
    for (int type = PLS_QUANTILE_6; type <= PLS_QUANTILE_NORMAL; type++) {
        assert_true(isnan(pls_infer_quantile(sorted, 0, 0.5, (enum pls_quantile)type)));
        assert_true(isnan(pls_infer_quantile(sorted, N, NAN, (enum pls_quantile)type)));
        assert_true(isnan(pls_infer_quantile(sorted, N, -0.1, (enum pls_quantile)type)));
        assert_true(isnan(pls_infer_quantile(sorted, N, 1.1, (enum pls_quantile)type)));
    }
}

/* (1 - 0.9)/2 is less than 0.05, and 20 of it less than 1. */
static void nineteen_replicates_do_for_90_percent_and_39_for_95(void **state)
{
    (void)state;
    double whole[39];
    for (int r = 0; r < 39; r++)
        whole[r] = r + 1;
    const double tail90 = (1.0 - 0.9) / 2.0, tail95 = (1.0 - 0.95) / 2.0;
    assert_close(pls_infer_quantile(whole, 19, tail90, PLS_QUANTILE_6), 1.0, 0);
    assert_close(pls_infer_quantile(whole, 19, 1.0 - tail90, PLS_QUANTILE_6), 19.0, 0);
    assert_true(isnan(pls_infer_quantile(whole, 18, tail90, PLS_QUANTILE_6)));
    assert_close(pls_infer_quantile(whole, 39, tail95, PLS_QUANTILE_NORMAL), 1.0, 0);
    assert_close(pls_infer_quantile(whole, 39, 1.0 - tail95, PLS_QUANTILE_NORMAL), 39.0, 0);
    assert_true(isnan(pls_infer_quantile(whole, 38, 1.0 - tail95, PLS_QUANTILE_6)));
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum { SHAPES = 7, LONGEST = 5000 };

/* The sixth sends a quicksort on the median of three into its quadratic case (Musser 1997). */
static double shape(int which, size_t i, size_t count, uint64_t *state)
{
    const size_t half = count / 2;
    switch (which) {
    case 0:
        return (double)i;
    case 1:
        return -(double)i;
    case 2:
        return 7.0;
    case 3:
        return (double)(draw(state) % 5);
    case 4:
        return (double)(i < half ? i : count - i);
    case 5:
        if (i < half)
            return (double)(i % 2 == 0 ? i + 1 : half + i + (half % 2 == 0));
        return 2.0 * (double)(i - half + 1);
    default:
        return draw_normal(state);
    }
}

static void the_sort_is_that_of_the_c_library(void **state)
{
    (void)state;
    static double own[LONGEST], other[LONGEST];
    static const size_t lengths[] = {0, 1, 2, 3, 24, 25, 26, 100, 1000, 4096, LONGEST};
    uint64_t seed = 1;
    for (int which = 0; which < SHAPES; which++)
        for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
            const size_t count = lengths[l];
            for (size_t i = 0; i < count; i++)
                own[i] = other[i] = shape(which, i, count, &seed);
            pls_infer_sort(own, count);
            qsort(other, count, sizeof *other, ascending);
            assert_memory_equal(own, other, count * sizeof *own);
        }
}

static void a_selected_rank_is_what_sorting_puts_there(void **state)
{
    (void)state;
    static double own[LONGEST], other[LONGEST];
    static const size_t lengths[] = {1, 2, 24, 25, 1000, LONGEST};
    uint64_t seed = 3;
    for (int which = 0; which < SHAPES; which++)
        for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
            const size_t count = lengths[l];
            struct pls_cuts cuts = {.count = 0};
            for (size_t i = 0; i < count; i++)
                own[i] = other[i] = shape(which, i, count, &seed);
            qsort(other, count, sizeof *other, ascending);
            for (int asked = 0; asked < 300; asked++) { /* more than there is room for cuts */
                const size_t k = (size_t)(draw(&seed) % count);
                assert_true(pls_infer_select(own, count, k, &cuts) == other[k]);
                for (size_t i = 0; i < cuts.count; i++)
                    assert_true(cuts.at[i] > 0 && cuts.at[i] < count);
            }
            pls_infer_sort(own, count);
            assert_memory_equal(own, other, count * sizeof *own);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_6_and_7_are_those_of_r),
        cmocka_unit_test(the_normal_scale_interpolates_between_order_statistics),
        cmocka_unit_test(a_rank_outside_the_replicates_is_no_number),
        cmocka_unit_test(nineteen_replicates_do_for_90_percent_and_39_for_95),
        cmocka_unit_test(the_sort_is_that_of_the_c_library),
        cmocka_unit_test(a_selected_rank_is_what_sorting_puts_there),
    };
    return cmocka_run_group_tests_name("infer.quantile", tests, NULL, NULL);
}
