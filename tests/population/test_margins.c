/* test_margins.c: Fleishman's cubics, intermediate correlations, shares of categories. */
#include "check.h"
#include "plstrap/population.h"

#include <stdlib.h>
#include <string.h>

static void cubics_are_those_of_fleishmans_table(void **state)
{
    (void)state;
    static const struct {
        double skewness, kurtosis, b, c, d, digits;
    } known[] = {
        {1.75, 3.75, .92966052, .39949670, -.03646699, 5.1e-9},
        {1, 2, .9047583, .1472108, .0238609, 5.1e-8},
        {2, 7, .7615853, .2600226, .0530723, 5.1e-8},
        {.75, .8, .9783505, .1248336, .0019769, 5.1e-8},
        {0, 25, .2552828, 0, .2037548, 5.1e-8},
        {0, -1, 1.2210096, 0, -.0801584, 5.1e-8},
    };
    struct pls_error err;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double cubic[4];
        assert_ok(pls_population_cubic(known[i].skewness, known[i].kurtosis, cubic, &err), &err);
        assert_close(cubic[1], known[i].b, known[i].digits);
        assert_close(cubic[2], known[i].c, known[i].digits);
        assert_close(cubic[3], known[i].d, known[i].digits);
        assert_true(cubic[0] == -cubic[2]);
    }
}

static void a_skewness_of_the_other_sign_turns_the_cubic(void **state)
{
    (void)state;
    double right[4], left[4];
    assert_ok(pls_population_cubic(1.5, 4, right, NULL), (struct pls_error *)NULL);
    assert_ok(pls_population_cubic(-1.5, 4, left, NULL), (struct pls_error *)NULL);
    assert_close(left[1], right[1], 1e-12);
    assert_close(left[2], -right[2], 1e-12);
    assert_close(left[3], right[3], 1e-12);
}

/* E z^k: 1, 0, 1, 0, 3, 0, 15 … */
static double moment(const double cubic[4], int power)
{
    static const double normal[13] = {1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10395};
    double product[13] = {1}, sum = 0;
    for (int p = 0; p < power; p++) {
        double next[13] = {0};
        for (int i = 0; i + 3 < 13; i++)
            for (int k = 0; k < 4; k++)
                next[i + k] += product[i] * cubic[k];
        memcpy(product, next, sizeof next);
    }
    for (int i = 0; i < 13; i++)
        sum += product[i] * normal[i];
    return sum;
}

static void cubics_have_their_moments_all_over_the_region(void **state)
{
    (void)state;
    struct pls_error err;
    size_t seen = 0;
    for (double skewness = -2.5; skewness <= 2.5; skewness += 0.25)
        for (double above = 0.05; above < 20.0; above *= 2.0, seen++) {
            const double kurtosis =
                1.58837 * skewness * skewness - 1.13168 + above * (1.0 + 0.2 * skewness * skewness);
            double cubic[4];
            if (kurtosis > 40.0)
                continue;
            assert_ok(pls_population_cubic(skewness, kurtosis, cubic, &err), &err);
            assert_close(moment(cubic, 1), 0.0, 1e-11);
            assert_close(moment(cubic, 2), 1.0, 1e-11);
            assert_close(moment(cubic, 3), skewness, 1e-10);
            assert_close(moment(cubic, 4), kurtosis + 3.0, 1e-9);
        }
    assert_true(seen > 150);
}

static void infeasible_moments_are_refused_with_the_nearest_kurtosis(void **state)
{
    (void)state;
    static const struct {
        double skewness, kurtosis, nearest;
    } known[] = {{0, -1.3, -1.1513}, {.5, -1, -.7417}, {1, 0, .4249},
                 {1.5, 2, 2.3707},   {2, 3, 5.1516},   {0, 60, 43.2}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct pls_error err;
        double cubic[4];
        assert_int_equal(pls_population_cubic(known[i].skewness, known[i].kurtosis, cubic, &err),
                         PLS_ESTUDY);
        const char *at = strstr(err.text, "the nearest kurtosis that there is is ");
        assert_non_null(at);
        const double nearest = strtod(at + strlen("the nearest kurtosis that there is is "), NULL);
        assert_close(nearest, known[i].nearest, 2e-4);
        assert_ok(pls_population_cubic(known[i].skewness, nearest, cubic, &err), &err);
    }
}

static void a_skewness_that_no_cubic_has_is_refused(void **state)
{
    (void)state;
    struct pls_error err;
    double cubic[4];
    assert_int_equal(pls_population_cubic(6, 40, cubic, &err), PLS_ESTUDY);
    assert_non_null(strstr(err.text, "skewness 6, whatever the kurtosis"));
    assert_int_equal(pls_population_cubic(NAN, 0, cubic, &err), PLS_ESTUDY);
    assert_int_equal(pls_population_cubic(0, INFINITY, cubic, &err), PLS_ESTUDY);
}

static void intermediate_correlations_are_vale_and_maurellis(void **state)
{
    (void)state;
    double first[4], second[4], rho = 0;
    assert_ok(pls_population_cubic(1.75, 3.75, first, NULL), (struct pls_error *)NULL);
    assert_ok(pls_population_cubic(2, 7, second, NULL), (struct pls_error *)NULL);
    assert_true(pls_population_intermediate(.5, first, first, &rho));
    assert_close(rho, .5807866, 5.1e-8);
    assert_true(pls_population_intermediate(.5, second, second, &rho));
    assert_close(rho, .5400539, 5.1e-8);
    assert_true(pls_population_intermediate(-.7295, second, second, &rho));
    assert_false(pls_population_intermediate(-.7297, second, second, &rho));
}

static void shares_give_their_thresholds(void **state)
{
    (void)state;
    struct pls_error err;
    const double share[5] = {.05, .10, .20, .40, .25};
    struct pls_margin margin = {0};
    assert_ok(pls_population_cuts(share, 5, &margin, &err), &err);
    assert_int_equal(margin.cuts, 4);
    assert_close(margin.cut[0], -1.6448536269514722, 1e-12); /* R: qnorm(cumsum(share)) */
    assert_close(margin.cut[1], -1.0364333894937896, 1e-12);
    assert_close(margin.cut[2], -0.38532046640756773, 1e-12);
    assert_close(margin.cut[3], 0.6744897501960817, 1e-12);
}

static void shares_that_are_none_are_refused(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_margin margin = {0}, falls = {.skewness = 1.75, .kurtosis = 3.75};
    assert_int_equal(pls_population_cuts((const double[]){.5, .4}, 2, &margin, &err), PLS_ESTUDY);
    assert_int_equal(pls_population_cuts((const double[]){1.2, -.2}, 2, &margin, &err), PLS_ESTUDY);
    assert_int_equal(pls_population_cuts((const double[]){1}, 1, &margin, &err), PLS_ESTUDY);
    assert_int_equal(pls_population_cuts((const double[]){.5, .5}, 2, &falls, &err), PLS_ESTUDY);
    assert_non_null(strstr(err.text, "falls somewhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cubics_are_those_of_fleishmans_table),
        cmocka_unit_test(a_skewness_of_the_other_sign_turns_the_cubic),
        cmocka_unit_test(cubics_have_their_moments_all_over_the_region),
        cmocka_unit_test(infeasible_moments_are_refused_with_the_nearest_kurtosis),
        cmocka_unit_test(a_skewness_that_no_cubic_has_is_refused),
        cmocka_unit_test(intermediate_correlations_are_vale_and_maurellis),
        cmocka_unit_test(shares_give_their_thresholds),
        cmocka_unit_test(shares_that_are_none_are_refused),
    };
    return cmocka_run_group_tests_name("population.margins", tests, NULL, NULL);
}
