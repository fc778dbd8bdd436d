/* test_pvalue.c: p-values by hand, their duality with intervals, and the t-based ones against R. */
#include "draw.h"
#include "sample.h"

static void tails_count_ties_against_the_hypothesis(void **state)
{
    (void)state;
    static const struct {
        double value[5];
        double greater, less, two;
    } known[] = {
        {{-1, 0, 0, 2, 3}, 4.0 / 6, 5.0 / 6, 1.0}, /* 3 are <= 0, 4 are >= 0 */
        {{1, 2, 3, 4, 5}, 1.0 / 6, 1.0, 2.0 / 6},  /* never 0                */
        {{-1, -2, -3, -4, -5}, 1.0, 1.0 / 6, 2.0 / 6},
        {{0, 1, 2, 3, 4}, 2.0 / 6, 1.0, 4.0 / 6},    /* a tie in the tail      */
        {{-0.0, 1, 2, 3, 4}, 2.0 / 6, 1.0, 4.0 / 6}, /* however it is signed   */
        {{-2, -1, 1, 1, 3}, 3.0 / 6, 4.0 / 6, 1.0},
    };
    const struct pls_infer_options options = default_options();
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct pls_inference out = infer_all(known[i].value, 5, 1.5, &options);
        assert_close(out.greater.p, known[i].greater, 1e-15);
        assert_close(out.less.p, known[i].less, 1e-15);
        assert_close(out.percentile_two.p, known[i].two, 1e-15);
    }
}

/* R 4.2.2: 2 * pt(-2.5, 9), pt(-2.5, 9), dt(2.5, 9) */
static void t_based_ones_are_those_of_r(void **state)
{
    (void)state;
    static const double z[] = {1, 2, 4, 4, 7, 12}; /* sd 4 */
    struct pls_infer_options options = default_options();
    options.n = 10;
    struct pls_inference out = infer_all(z, 6, 10.0, &options);
    assert_close(out.t_two.p, 0.033861827682985707, 1e-14);
    assert_close(out.t_greater.p, 0.016930913841492853, 1e-14);
    assert_close(out.t_less.p, 1.0 - 0.016930913841492853, 1e-14);
    assert_close(out.t_two.mcse, 2.0 * 0.027780120592759121 * out.mcse_t, 1e-14);
    assert_close(out.t_greater.mcse, 0.027780120592759121 * out.mcse_t, 1e-14);
    out = infer_all(z, 6, -10.0, &options);
    assert_close(out.t_two.p, 0.033861827682985707, 1e-14);
    assert_close(out.t_less.p, 0.016930913841492853, 1e-14);
    options.n = 1;
    out = infer_all(z, 6, 10.0, &options);
    assert_true(isnan(out.t_two.p) && isnan(out.t_greater.p) && isnan(out.t_less.p));
}

/* R 4.2.2: (qbeta(pnorm(1), k + 1, n - k) - qbeta(pnorm(-1), k, n - k + 1)) / 2 */
static void small_tails_have_the_clopper_pearson_error(void **state)
{
    (void)state;
    static const struct {
        size_t tail, used;
        double mcse;
    } known[] = {
        {0, 999, 0.0009205837386727111},
        {1, 999, 0.0015630593002329757},
        {5, 999, 0.002765927311322215},
        {19, 999, 0.0048369521689169484},
        {30, 30, 0.029761172031952832},
        {3, 10, 0.18329529044153611},
        {3, 10000000, 2.2754448061099878e-07},
        {20, 999, 0.0044315750784674869},  /* sqrt(20 * 979 / 999^3) */
        {100, 10000, 0.00099498743710662}, /* sqrt(.01 * .99 / 10000)           */
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_true(fabs(pls_mcse_of_tail(known[i].tail, known[i].used) / known[i].mcse - 1.0) <
                    1e-7);
}

/* B = 9,999: (B + 1) alpha / 2 is whole, so zero is outside the interval just where p <= alpha. */
static void the_percentile_p_is_dual_to_the_type_6_interval(void **state)
{
    (void)state;
    enum { B = 9999 };
    static double values[B];
    const struct pls_infer_options options = default_options();
    size_t excluded = 0, shifts = 0;
    for (int grid = 1; grid <= 7; grid += 6) /* without ties, and seven to a value */
        for (int side = -1; side <= 1; side += 2)
            for (int upto = 230; upto <= 270; upto++, shifts++) {
                for (int r = 0; r < B; r++) /* 7919 is prime to B */
                    values[r] = side * ((r * 7919 % B + 1) / grid - upto / grid);
                const struct pls_inference out =
                    infer_all(values, B, side * (B / grid / 2.0), &options);
                const struct pls_interval *ci = &out.interval[0][PLS_PERCENTILE];
                const bool outside = ci->lower > 0.0 || ci->upper < 0.0;
                assert_int_equal(outside, out.percentile_two.p <= 0.05);
                excluded += outside;
            }
    assert_true(excluded > shifts / 4 && excluded < 3 * shifts / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_count_ties_against_the_hypothesis),
        cmocka_unit_test(t_based_ones_are_those_of_r),
        cmocka_unit_test(small_tails_have_the_clopper_pearson_error),
        cmocka_unit_test(the_percentile_p_is_dual_to_the_type_6_interval),
    };
    return cmocka_run_group_tests_name("infer.pvalue", tests, NULL, NULL);
}
