/* test_interval.c: edges of the definitions, and coverage. The values themselves: test_peers.c. */
#include "draw.h"
#include "sample.h"

#include <string.h>

static void assert_missing(const struct pls_interval *ci, const char *note)
{
    assert_true(isnan(ci->lower) && isnan(ci->upper));
    assert_true(isnan(ci->mcse_lower) && isnan(ci->mcse_upper));
    assert_string_equal(ci->note, note);
}

static void without_replicates_all_is_missing_and_said_so(void **state)
{
    (void)state;
    const struct pls_infer_options options = default_options();
    const double value = 3.0;
    struct pls_inference out = infer_all(&value, 0, 1.0, &options);
    assert_int_equal(out.used, 0);
    assert_true(isnan(out.mean) && isnan(out.se) && isnan(out.t) && isnan(out.percentile_two.p));
    assert_string_equal(out.note, "no usable replicates");
    for (size_t m = 0; m < PLS_METHODS; m++)
        assert_missing(&out.interval[0][m], "no usable replicates");

    out = infer_all(&value, 1, 1.0, &options);
    assert_int_equal(out.used, 1);
    assert_close(out.mean, 3.0, 0);
    assert_close(out.bias, 2.0, 0);
    assert_true(isnan(out.se) && isnan(out.mcse_se) && isnan(out.t_two.p) && isnan(out.z0));
    assert_true(isnan(out.greater.p) && isnan(out.less.mcse));
    assert_string_equal(out.note, "only one usable replicate");
    for (size_t m = 0; m < PLS_METHODS; m++)
        assert_missing(&out.interval[0][m], "only one usable replicate");
}

static void two_replicates_have_a_standard_error_but_no_error_of_it(void **state)
{
    (void)state;
    const struct pls_infer_options options = default_options();
    const double values[] = {1.0, 3.0};
    const struct pls_inference out = infer_all(values, 2, 2.5, &options);
    assert_close(out.se, sqrt(2.0), 1e-15);
    assert_close(out.mcse_mean, 1.0, 1e-15);
    assert_true(isnan(out.mcse_se) && isnan(out.mcse_t) && isnan(out.t_two.mcse));
    assert_close(out.percentile_two.p, 2.0 / 3.0, 1e-15);
    assert_string_equal(out.note, "");
    assert_missing(&out.interval[0][PLS_PERCENTILE], "too few replicates for this level");
    assert_missing(&out.interval[0][PLS_BASIC], "too few replicates for this level");
    assert_close(out.interval[0][PLS_NORMAL].upper, 2.5 + 1.9599639845400538 * sqrt(2.0), 1e-14);
    assert_true(isnan(out.interval[0][PLS_NORMAL].mcse_upper));
}

static void without_an_estimate_or_with_overflow_nothing_is_said(void **state)
{
    (void)state;
    const struct pls_infer_options options = default_options();
    const double values[] = {1.0, 3.0, 2.0}, huge[] = {1e200, -1e200, 0.0};
    struct pls_inference out = infer_all(values, 3, NAN, &options);
    assert_int_equal(out.used, 3);
    assert_true(isnan(out.mean) && isnan(out.se));
    assert_string_equal(out.note, "no estimate in the base model");
    out = infer_all(huge, 3, 1.0, &options);
    assert_true(isnan(out.se) && isnan(out.t));
    assert_string_equal(out.note, "the replicates are too far apart to be summed");
}

/* The loading of a single indicator: 1 in every replicate, give or take the last digit. */
static void constant_replicates_have_quantiles_but_no_p(void **state)
{
    (void)state;
    enum { B = 199 };
    double values[B];
    for (int r = 0; r < B; r++)
        values[r] = r % 3 == 0 ? 1.0 - 0x1p-53 : 1.0;
    const struct pls_infer_options options = default_options();
    for (int same = 0; same < 2; same++) {
        const struct pls_inference out = infer_all(values, B, 1.0, &options);
        assert_string_equal(out.note, "constant in all replicates");
        assert_true(out.se < 1e-15 && (same == 0 || out.se == 0.0));
        assert_true(isnan(out.t) && isnan(out.mcse_t) && isnan(out.t_two.p));
        assert_true(isnan(out.percentile_two.p) && isnan(out.greater.p) && isnan(out.z0));
        for (size_t m = 0; m <= PLS_NORMAL; m++) {
            assert_close(out.interval[0][m].lower, 1.0, 1e-15);
            assert_close(out.interval[0][m].upper, 1.0, 1e-15);
            assert_close(out.interval[0][m].mcse_lower, 0.0, 1e-14);
            assert_string_equal(out.interval[0][m].note, "");
        }
        assert_missing(&out.interval[0][PLS_BC], "constant in all replicates");
        assert_missing(&out.interval[0][PLS_BCA], "constant in all replicates");
        for (int r = 0; r < B; r++)
            values[r] = 1.0;
    }
    /* Far from the estimate the sums alone would often leave a se of about 1e-8. */
    for (int i = 0; i < 100; i++) {
        const struct pls_inference far = infer_all(values, B, i / 100.0, &options);
        assert_true(far.se == 0.0);
        assert_string_equal(far.note, "constant in all replicates");
        assert_close(far.interval[0][PLS_PERCENTILE].lower, 1.0, 0);
    }
}

static void no_end_is_a_negative_zero(void **state)
{
    (void)state;
    struct pls_infer_options options = default_options();
    options.quantile = PLS_QUANTILE_NORMAL; /* a whole rank is that replicate itself */
    double values[39];
    for (int r = 0; r < 39; r++)
        values[r] = r < 10 ? -0.0 : 1.0;
    const struct pls_interval ci = infer_all(values, 39, 0.5, &options).interval[0][PLS_PERCENTILE];
    assert_true(ci.lower == 0.0 && !signbit(ci.lower));
}

static void z0_counts_ties_half_and_needs_replicates_on_both_sides(void **state)
{
    (void)state;
    enum { B = 1000 };
    double values[B];
    for (int r = 0; r < B; r++)
        values[r] = r < 300 ? 1.0 : r < 500 ? 2.0 : 3.0;
    const struct pls_infer_options options = default_options();
    struct pls_inference out = infer_all(values, B, 2.0, &options);
    assert_close(out.z0, -0.2533471031357997, 1e-14); /* R: qnorm((300 + 200 / 2) / 1000) */
    assert_string_equal(out.interval[0][PLS_BC].note, "");
    out = infer_all(values, B, 0.5, &options);
    assert_true(isnan(out.z0));
    assert_missing(&out.interval[0][PLS_BC], "all replicates lie on one side of the estimate");
    out = infer_all(values, B, 3.5, &options);
    assert_true(isnan(out.z0));
    assert_missing(&out.interval[0][PLS_BC], "all replicates lie on one side of the estimate");
}

static struct pls_inference with_jackknife(const double *jackknife, const uint8_t *jusable,
                                           size_t jcount, double estimate, double level)
{
    enum { B = 199 };
    double values[B], work[B];
    uint8_t usable[B];
    struct pls_infer_options options = default_options();
    struct pls_inference out;
    struct pls_error err;
    options.level[0] = level;
    for (int r = 0; r < B; r++) {
        values[r] = r - 99.0;
        usable[r] = 1;
    }
    assert_ok(pls_infer_column(values, usable, B, estimate, jackknife, jusable, jcount, &options,
                               work, &out, &err),
              &err);
    return out;
}

static void acceleration_is_efrons_and_leaves_failed_rows_out(void **state)
{
    (void)state;
    const double five[] = {2, 3, 3.5, 5, 9};
    double many[40];
    uint8_t usable[40];
    memset(usable, 1, sizeof usable);
    struct pls_inference out = with_jackknife(five, usable, 5, 0.5, 0.95);
    /* R: d <- mean(j) - j; sum(d^3) / (6 * sum(d^2)^1.5) */
    assert_close(out.acceleration, -0.072268948559709417, 1e-14);
    assert_string_equal(out.interval[0][PLS_BCA].note, "");

    for (int i = 0; i < 40; i++)
        many[i] = i * i;
    const double whole = with_jackknife(many, usable, 38, 0.5, 0.95).acceleration;
    many[38] = many[39] = NAN;
    usable[38] = usable[39] = 0; /* 2 of 40 are 5 % */
    assert_close(with_jackknife(many, usable, 40, 0.5, 0.95).acceleration, whole, 0);
    usable[0] = 0;
    out = with_jackknife(many, usable, 40, 0.5, 0.95);
    assert_true(isnan(out.acceleration));
    assert_missing(&out.interval[0][PLS_BCA], "more than 5 % of the jackknife rows failed");
    assert_string_equal(out.interval[0][PLS_BC].note, "");

    out = with_jackknife(NULL, NULL, 0, 0.5, 0.95);
    assert_true(isnan(out.acceleration));
    assert_missing(&out.interval[0][PLS_BCA], "no jackknife values");

    for (int i = 0; i < 40; i++)
        many[i] = 0.1 + (i % 2) * 1e-17;
    memset(usable, 1, sizeof usable);
    out = with_jackknife(many, usable, 40, 0.5, 0.95);
    assert_close(out.acceleration, 0.0, 0);
    assert_close(out.interval[0][PLS_BCA].lower, out.interval[0][PLS_BC].lower, 0);
}

/*
 * One case far off gives nearly the largest a there is, 1/6: 1 - a (z0 + z) < 0 needs z0 + z > 6.
 */
static void a_bca_end_beyond_its_pole_is_missing(void **state)
{
    (void)state;
    double jackknife[100];
    uint8_t usable[100];
    memset(usable, 1, sizeof usable);
    for (int i = 0; i < 100; i++)
        jackknife[i] = i == 0 ? -1.0 : 0.0;
    const struct pls_inference out = with_jackknife(jackknife, usable, 100, 98.5, 0.999999);
    assert_true(out.acceleration > 0.16 && out.z0 > 2.5);
    const struct pls_interval *ci = &out.interval[0][PLS_BCA];
    assert_true(isnan(ci->upper) && isnan(ci->mcse_upper));
    assert_true(isfinite(ci->lower) && isfinite(ci->mcse_lower));
    assert_string_equal(ci->note, "the acceleration is too large for this level");
}

static void kinds_and_levels_come_in_the_order_asked_for(void **state)
{
    (void)state;
    enum { B = 999 };
    double values[B];
    for (int r = 0; r < B; r++)
        values[r] = r + 1;
    struct pls_infer_options options = default_options();
    options.levels = 2;
    options.level[0] = 0.9, options.level[1] = 0.99;
    options.methods = 2;
    options.method[0] = PLS_BASIC, options.method[1] = PLS_PERCENTILE;
    const struct pls_inference out = infer_all(values, B, 510.0, &options);
    assert_close(out.interval[0][1].lower, 50.0, 1e-14);
    assert_close(out.interval[0][1].upper, 950.0, 1e-14);
    assert_close(out.interval[1][1].lower, 5.0, 1e-14);
    assert_close(out.interval[0][0].lower, 2 * 510.0 - 950.0, 1e-14);
    assert_close(out.interval[1][0].upper, 2 * 510.0 - 5.0, 1e-14);
}

/* Resamples of n cases and the delete-one means of one data set; counts the intervals that hold. */
static void try_once(const double *data, size_t n, double truth, uint64_t *seed, size_t *percentile,
                     size_t *bca)
{
    enum { B = 399, MOST = 100 };
    static double values[B], work[B], jackknife[MOST];
    static uint8_t usable[B];
    struct pls_infer_options options = default_options();
    struct pls_inference out;
    struct pls_error err;
    double sum = 0.0;
    memset(usable, 1, sizeof usable);
    for (size_t i = 0; i < n; i++)
        sum += data[i];
    for (size_t i = 0; i < n; i++)
        jackknife[i] = (sum - data[i]) / (double)(n - 1);
    for (size_t r = 0; r < B; r++) {
        double resampled = 0.0;
        for (size_t i = 0; i < n; i++)
            resampled += data[((draw(seed) >> 32) * n) >> 32];
        values[r] = resampled / (double)n;
    }
    options.n = n;
    assert_ok(pls_infer_column(values, usable, B, sum / (double)n, jackknife, usable, n, &options,
                               work, &out, &err),
              &err);
    const struct pls_interval *ci = out.interval[0];
    *percentile += ci[PLS_PERCENTILE].lower <= truth && truth <= ci[PLS_PERCENTILE].upper;
    *bca += ci[PLS_BCA].lower <= truth && truth <= ci[PLS_BCA].upper;
}

/*
 * 95 % within three Monte Carlo standard errors, for the mean of 100 values: both kinds where they
 * are normal, BCa also where they are exponential.
 */
static void intervals_of_a_mean_cover_it_as_often_as_they_say(void **state)
{
    (void)state;
    enum { TRIALS = 1000, N = 100 };
    double data[N];
    uint64_t seed = 2024;
    const double slack = 3.0 * sqrt(0.95 * 0.05 / TRIALS);
    for (int skewed = 0; skewed < 2; skewed++) {
        size_t percentile = 0, bca = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            for (int i = 0; i < N; i++)
                data[i] = skewed ? draw_exponential(&seed) : draw_normal(&seed);
            try_once(data, N, skewed ? 1.0 : 0.0, &seed, &percentile, &bca);
        }
        print_message("coverage %s: percentile %.3f, BCa %.3f\n", skewed ? "skewed" : "normal",
                      (double)percentile / TRIALS, (double)bca / TRIALS);
        if (!skewed)
            assert_true(fabs((double)percentile / TRIALS - 0.95) < slack);
        assert_true(fabs((double)bca / TRIALS - 0.95) < slack);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_replicates_all_is_missing_and_said_so),
        cmocka_unit_test(two_replicates_have_a_standard_error_but_no_error_of_it),
        cmocka_unit_test(without_an_estimate_or_with_overflow_nothing_is_said),
        cmocka_unit_test(constant_replicates_have_quantiles_but_no_p),
        cmocka_unit_test(no_end_is_a_negative_zero),
        cmocka_unit_test(z0_counts_ties_half_and_needs_replicates_on_both_sides),
        cmocka_unit_test(acceleration_is_efrons_and_leaves_failed_rows_out),
        cmocka_unit_test(a_bca_end_beyond_its_pole_is_missing),
        cmocka_unit_test(kinds_and_levels_come_in_the_order_asked_for),
        cmocka_unit_test(intervals_of_a_mean_cover_it_as_often_as_they_say),
    };
    return cmocka_run_group_tests_name("infer.interval", tests, NULL, NULL);
}
