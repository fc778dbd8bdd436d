/* test_permutation.c: exceedances, their p-values and the Monte Carlo error of these. */
#include "draw.h"
#include "plstrap/permutation.h"

#include <string.h>

/* 95 %, exact binomial tails; R: binom.test(k, n)$conf.int */
static void clopper_pearson_has_the_known_ends(void **state)
{
    (void)state;
    static const struct {
        uint64_t b, used;
        double low, high;
    } known[] = {
        {0, 999, 0.0, .003686},      {1, 999, .0000253, .005564},   {25, 999, .016259, .036721},
        {50, 999, .037373, .065455}, {249, 4999, .043944, .056209}, {500, 9999, .045815, .054460},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct pls_permutation_p out =
            pls_permutation_p(known[i].b, known[i].used, 0, false, 0.05, 0.95);
        assert_true(fabs(out.low - known[i].low) < 1e-6);
        assert_true(fabs(out.high - known[i].high) < 1e-6);
        assert_close(out.p, ((double)known[i].b + 1.0) / ((double)known[i].used + 1.0), 1e-15);
    }
}

/* From a million draws on the ends are the normal ones, but for parts in 1/B. */
static void the_ends_are_right_for_millions_of_draws(void **state)
{
    (void)state;
    static const double share[] = {0.0005, 0.05, 0.44, 0.675536, 0.999};
    static const uint64_t draws[] = {9000, 20000, 1000000, 3000000, 100000000};
    for (size_t i = 0; i < sizeof share / sizeof *share; i++)
        for (size_t d = 0; d < sizeof draws / sizeof *draws; d++) {
            const double n = (double)draws[d], k = floor(share[i] * n), q = k / n;
            const struct pls_permutation_p p =
                pls_permutation_p((uint64_t)k, draws[d], 0, false, 0.05, 0.99);
            const double half = 2.5758293035489 * sqrt(q * (1.0 - q) / n);
            assert_true(fabs(p.high - q - half) < 0.1 * half + 12.0 / n);
            assert_true(fabs(q - p.low - half) < 0.1 * half + 12.0 / n);
        }
}

static void certainty_is_the_side_of_the_interval(void **state)
{
    (void)state;
    const struct pls_permutation_p below = pls_permutation_p(25, 999, 0, false, 0.05, 0.95);
    const struct pls_permutation_p open = pls_permutation_p(45, 999, 0, false, 0.05, 0.95);
    const struct pls_permutation_p above = pls_permutation_p(80, 999, 0, false, 0.05, 0.95);
    assert_string_equal(pls_certainty_name(below.certainty), "p<alpha certain");
    assert_string_equal(pls_certainty_name(open.certainty), "undecided");
    assert_string_equal(pls_certainty_name(above.certainty), "p>=alpha certain");
    assert_true(isnan(below.needed) && isnan(above.needed));
    /* 1.959964^2 * .046 * .954 / .004^2 */
    assert_close(open.needed, 10537.0, 1e-12);
}

static void an_exact_p_has_no_monte_carlo_error(void **state)
{
    (void)state;
    const struct pls_permutation_p five = pls_permutation_p(5, 100, 0, true, 0.05, 0.99);
    assert_close(five.p, 0.05, 1e-15);
    assert_true(five.low == five.p && five.high == five.p && five.mcse == 0.0);
    assert_int_equal(five.certainty, PLS_CERTAINLY_NOT_BELOW);
    assert_int_equal(pls_permutation_p(4, 100, 0, true, 0.05, 0.99).certainty, PLS_CERTAINLY_BELOW);
}

static void failed_rows_bound_p_from_both_sides(void **state)
{
    (void)state;
    const struct pls_permutation_p out = pls_permutation_p(9, 90, 9, false, 0.05, 0.95);
    assert_close(out.p, 10.0 / 91.0, 1e-15);
    assert_close(out.fail_low, 10.0 / 100.0, 1e-15);
    assert_close(out.fail_high, 19.0 / 100.0, 1e-15);
    assert_true(isnan(pls_permutation_p(0, 0, 5, false, 0.05, 0.95).p));
}

static void ties_count_and_what_is_not_usable_does_not(void **state)
{
    (void)state;
    const double values[] = {-2.0, -1.0, 1.0 - 1e-11, 1.0 + 1e-11, 0.5, 3.0, 3.0, NAN};
    const uint8_t usable[] = {1, 1, 1, 1, 1, 0, 1, 1};
    uint8_t flags[8];
    struct pls_exceedances out = {0};
    pls_exceed_add(&out, values, usable, 3, 1.0);
    pls_exceed_add(&out, values + 3, usable + 3, 5, 1.0);
    assert_int_equal(out.used, 6);
    assert_int_equal(out.upper, 3);
    assert_int_equal(out.lower, 5);
    assert_int_equal(out.two, 5);
    pls_exceed_flags(values, usable, 8, 1.0, PLS_SIDE_TWO, flags);
    assert_memory_equal(flags, ((uint8_t[]){1, 1, 1, 1, 0, 2, 1, 2}), 8);
    pls_exceed_flags(values, usable, 8, 1.0, PLS_SIDE_UPPER, flags);
    assert_memory_equal(flags, ((uint8_t[]){0, 0, 1, 1, 0, 2, 1, 2}), 8);
    pls_exceed_flags(values, usable, 8, 1.0, PLS_SIDE_LOWER, flags);
    assert_memory_equal(flags, ((uint8_t[]){1, 1, 1, 1, 1, 2, 0, 2}), 8);
    pls_exceed_add(&out, values, usable, 8, NAN);
    assert_int_equal(out.used, 6);
}

static void equal_tails_double_the_smaller_one(void **state)
{
    (void)state;
    const struct pls_exceedances counts = {.upper = 12, .lower = 990, .two = 40, .used = 999};
    const struct pls_permutation_p one = pls_permutation_p(12, 999, 0, false, 0.05, 0.95);
    const struct pls_permutation_p out = pls_permutation_p_tails(&counts, 0, false, 0.05, 0.95);
    assert_close(out.p, 0.026, 1e-15);
    assert_close(out.low, 2.0 * one.low, 1e-15);
    assert_close(out.high, 2.0 * one.high, 1e-15);
    assert_close(out.mcse, 2.0 * one.mcse, 1e-15);
    const struct pls_exceedances middle = {.upper = 500, .lower = 501, .two = 999, .used = 999};
    assert_true(pls_permutation_p_tails(&middle, 0, false, 0.05, 0.95).p == 1.0);
}

/* Observed value and rows are exchangeable: p is uniform on k/(B+1). */
static void p_is_uniform_where_rows_are_exchangeable(void **state)
{
    (void)state;
    enum { SETS = 20000, B = 19 };
    uint64_t seed = 20, at[B + 1] = {0};
    for (size_t s = 0; s < SETS; s++) {
        double values[B];
        uint8_t usable[B];
        struct pls_exceedances counts = {0};
        for (size_t r = 0; r < B; r++) {
            values[r] = draw_normal(&seed);
            usable[r] = 1;
        }
        pls_exceed_add(&counts, values, usable, B, draw_normal(&seed));
        const double p = pls_permutation_p(counts.two, B, 0, false, 0.05, 0.95).p;
        at[(size_t)lround(p * (B + 1)) - 1]++;
    }
    double chi = 0.0;
    const double expected = (double)SETS / (B + 1);
    for (size_t k = 0; k <= B; k++)
        chi += ((double)at[k] - expected) * ((double)at[k] - expected) / expected;
    assert_true(chi < 43.8); /* 19 degrees of freedom: .999 */
}

enum { M = 6, ROWS = 1000, STRIDE = 1003, TILE = M + 2 };

/* As written in the book, without any cleverness. */
static void by_hand(const double *values, const size_t *column, const uint8_t *usable,
                    const double *observed, const double *sd, double *adjusted)
{
    double t[M];
    for (size_t k = 0; k < M; k++)
        t[k] = fabs(observed[k]) / sd[k];
    for (size_t k = 0; k < M; k++) {
        adjusted[k] = 0.0;
        for (size_t i = 0; i < M; i++) {
            if (t[i] < t[k])
                continue; /* only those before k, and itself, can raise it */
            size_t count = 0, used = 0;
            for (size_t r = 0; r < ROWS; r++) {
                double most = 0.0;
                bool whole = usable[r] == 1;
                for (size_t j = 0; j < M; j++) {
                    const double value = values[column[j] * STRIDE + r];
                    whole = whole && !isnan(value);
                    if (t[j] <= t[i])
                        most = fmax(most, fabs(value) / sd[j]);
                }
                used += whole;
                count += whole && most >= t[i];
            }
            adjusted[k] = fmax(adjusted[k], ((double)count + 1.0) / ((double)used + 1.0));
        }
    }
}

static void maxt_is_that_of_the_definition(void **state)
{
    (void)state;
    static double values[TILE * STRIDE];
    static uint8_t usable[ROWS];
    const size_t column[M + 1] = {7, 2, 5, 0, 3, 6, 1};
    const double observed[M + 1] = {1.0, -7.5, 3.1, 0.2, -2.2, 2.9, NAN};
    const double sd[M + 1] = {1.0, 3.0, 1.5, 0.5, 1.1, 1.0, 1.0};
    double expected[M], whole[M + 1], parts[M + 1], exact[M + 1];
    uint64_t counts[M + 2], seed = 5;
    struct pls_maxt *one = NULL, *two = NULL, *other = NULL;
    struct pls_error err;
    for (size_t r = 0; r < ROWS; r++) {
        const double common = draw_normal(&seed);
        for (size_t c = 0; c < TILE; c++)
            values[c * STRIDE + r] = common + 1.5 * draw_normal(&seed);
        usable[r] = r % 37 != 5;
    }
    values[5 * STRIDE + 3] = NAN;
    by_hand(values, column, usable, observed, sd, expected);

    assert_ok(pls_maxt_new(observed, sd, M + 1, &one, &err), &err);
    assert_ok(pls_maxt_new(observed, sd, M + 1, &two, &err), &err);
    assert_ok(pls_maxt_new(observed, sd, M + 1, &other, &err), &err);
    pls_maxt_add(one, values, STRIDE, column, usable, ROWS);
    pls_maxt_add(two, values, STRIDE, column, usable, 301);
    pls_maxt_add(other, values + 301, STRIDE, column, usable + 301, ROWS - 301);
    assert_int_equal(pls_maxt_size(other), M + 2);
    pls_maxt_pack(other, counts);
    pls_maxt_unpack(two, counts);
    pls_maxt_finish(one, false, whole);
    pls_maxt_finish(two, false, parts);
    for (size_t k = 0; k < M; k++)
        assert_close(whole[k], expected[k], 1e-15);
    assert_true(isnan(whole[M]));
    pls_maxt_pack(one, counts);
    const double used = (double)counts[0];
    pls_maxt_finish(one, true, exact);
    for (size_t k = 0; k < M; k++)
        assert_close(exact[k], (whole[k] * (used + 1.0) - 1.0) / used, 1e-14);
    assert_memory_equal(whole, parts, M * sizeof *whole);
    pls_maxt_free(one);
    pls_maxt_free(two);
    pls_maxt_free(other);
}

/* All hypotheses true and dependent: the family's error is alpha. */
static void maxt_keeps_the_level_of_a_dependent_family(void **state)
{
    (void)state;
    enum { SETS = 4000, K = 5, B = 99 };
    static const double sd[K] = {1, 1, 1, 1, 1};
    static double values[K * B];
    static uint8_t usable[B];
    uint64_t seed = 9;
    size_t wrong = 0;
    memset(usable, 1, sizeof usable);
    for (size_t s = 0; s < SETS; s++) {
        double observed[K], adjusted[K];
        struct pls_maxt *maxt = NULL;
        struct pls_error err;
        for (size_t r = 0; r <= B; r++) {
            const double common = 1.5 * draw_normal(&seed);
            for (size_t k = 0; k < K; k++) {
                const double value = common + draw_normal(&seed);
                if (r < B)
                    values[k * B + r] = value;
                else
                    observed[k] = value;
            }
        }
        assert_ok(pls_maxt_new(observed, sd, K, &maxt, &err), &err);
        pls_maxt_add(maxt, values, B, NULL, usable, B);
        pls_maxt_finish(maxt, false, adjusted);
        pls_maxt_free(maxt);
        bool any = false;
        for (size_t k = 0; k < K; k++)
            any = any || adjusted[k] <= 0.1;
        wrong += any;
    }
    const double share = (double)wrong / SETS; /* error .0047 */
    assert_true(fabs(share - 0.1) < 4.0 * 0.0047);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clopper_pearson_has_the_known_ends),
        cmocka_unit_test(the_ends_are_right_for_millions_of_draws),
        cmocka_unit_test(certainty_is_the_side_of_the_interval),
        cmocka_unit_test(an_exact_p_has_no_monte_carlo_error),
        cmocka_unit_test(failed_rows_bound_p_from_both_sides),
        cmocka_unit_test(ties_count_and_what_is_not_usable_does_not),
        cmocka_unit_test(equal_tails_double_the_smaller_one),
        cmocka_unit_test(p_is_uniform_where_rows_are_exchangeable),
        cmocka_unit_test(maxt_is_that_of_the_definition),
        cmocka_unit_test(maxt_keeps_the_level_of_a_dependent_family),
    };
    return cmocka_run_group_tests_name("infer.permutation", tests, NULL, NULL);
}
