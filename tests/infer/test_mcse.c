/*
 * test_mcse.c: the Monte Carlo standard errors against what they claim to be: the standard
 * deviation of each number over 1,500 seeds, within 10 % (such a deviation is itself known to 2 %).
 */
#include "draw.h"

#include <string.h>

enum { SEEDS = 1500, B = 4000, CASES = 40 };

/* One number of one run, with the error that was reported for it. */
struct number {
    const char *name;
    double value;
    double mcse;
};

enum { POINTS = 7, NUMBERS = POINTS + 2 * PLS_METHODS };

static void list_numbers(const struct pls_inference *run, struct number out[NUMBERS])
{
    static const char *const end[PLS_METHODS][2] = {
        {"percentile, lower", "percentile, upper"},
        {"basic, lower", "basic, upper"},
        {"normal, lower", "normal, upper"},
        {"BC, lower", "BC, upper"},
        {"BCa, lower", "BCa, upper"},
    };
    const struct number point[POINTS] = {
        {"mean", run->mean, run->mcse_mean},
        {"SE", run->se, run->mcse_se},
        {"t", run->t, run->mcse_t},
        {"t-based p", run->t_two.p, run->t_two.mcse},
        {"percentile p", run->percentile_two.p, run->percentile_two.mcse},
        {"one-sided percentile p", run->greater.p, run->greater.mcse},
        {"one-sided t-based p", run->t_greater.p, run->t_greater.mcse},
    };
    memcpy(out, point, sizeof point);
    for (size_t m = 0; m < PLS_METHODS; m++) {
        const struct pls_interval *ci = &run->interval[0][m];
        out[POINTS + 2 * m] = (struct number){end[m][0], ci->lower, ci->mcse_lower};
        out[POINTS + 2 * m + 1] = (struct number){end[m][1], ci->upper, ci->mcse_upper};
    }
}

/* A distribution of replicates and where the estimate lies in it. */
struct world {
    const char *name;
    bool exponential; /* location + scale E, else location + scale Z */
    double location;
    double scale;
    double estimate;
};

static struct pls_inference run_once(const struct world *world, enum pls_centre centre,
                                     uint64_t *seed)
{
    static double values[B], work[B], jackknife[CASES];
    static uint8_t usable[B];
    struct pls_infer_options options = default_options();
    struct pls_inference out;
    struct pls_error err;
    memset(usable, 1, sizeof usable);
    for (size_t r = 0; r < B; r++)
        values[r] = world->location + world->scale * (world->exponential ? draw_exponential(seed)
                                                                         : draw_normal(seed));
    for (int i = 0; i < CASES; i++) /* the same for all seeds; a = .109 */
        jackknife[i] = i < 2 ? -1.0 : 0.0;
    options.centre = centre;
    assert_ok(pls_infer_column(values, usable, B, world->estimate, jackknife, usable, CASES,
                               &options, work, &out, &err),
              &err);
    return out;
}

static void compare(const struct world *world, enum pls_centre centre)
{
    double sum[NUMBERS] = {0}, squares[NUMBERS] = {0}, reported[NUMBERS] = {0};
    struct number first[NUMBERS], now[NUMBERS];
    uint64_t seed = 4711;
    for (int s = 0; s < SEEDS; s++) {
        const struct pls_inference out = run_once(world, centre, &seed);
        list_numbers(&out, now);
        if (s == 0)
            memcpy(first, now, sizeof now);
        for (size_t i = 0; i < NUMBERS; i++) {
            const double d = now[i].value - first[i].value;
            sum[i] += d;
            squares[i] += d * d;
            reported[i] += now[i].mcse;
        }
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        const double mean = sum[i] / SEEDS;
        const double seen = sqrt((squares[i] - SEEDS * mean * mean) / (SEEDS - 1));
        const double ratio = reported[i] / SEEDS / seen;
        if (!(ratio > 0.9 && ratio < 1.1))
            fail_msg("%s, %s: reported %.4g, seen %.4g, ratio %.3f", world->name, first[i].name,
                     reported[i] / SEEDS, seen, ratio);
    }
}

/*
 * Where Q(p) = p^3, the difference of two quantiles is 3 p^2 + delta^2, which shows the bandwidth.
 * R 4.2.2: n^(-1/3) * qnorm(.975)^(2/3) * (1.5 * dnorm(x)^2 / (2 * x^2 + 1))^(1/3), x = qnorm(p)
 */
static void the_bandwidth_is_hall_and_sheathers(void **state)
{
    (void)state;
    enum { N = 100001 };
    static double sorted[N];
    static const double known[][2] = {
        {0.5, 0.020931534923149819}, {0.1, 0.0074542033895945827}, {0.975, 0.0028301170207976623}};
    for (int i = 0; i < N; i++)
        sorted[i] = pow(i / (N - 1.0), 3.0);
    struct pls_order order;
    order_all(&order, sorted, N);
    const struct pls_sample sample = {.order = &order, .used = N};
    for (size_t i = 0; i < 3; i++) {
        const double p = known[i][0], squared = pls_sparsity(&sample, p) - 3.0 * p * p;
        assert_true(fabs(squared / (known[i][1] * known[i][1]) - 1.0) < 1e-3);
    }
    pls_order_end(&order);
}

/* 99 equally spaced values: the sparsity is their range wherever it is asked for. */
static void the_bandwidth_stays_inside_the_replicates(void **state)
{
    (void)state;
    double sorted[99];
    for (int i = 0; i < 99; i++)
        sorted[i] = i / 98.0;
    struct pls_order order;
    order_all(&order, sorted, 99);
    const struct pls_sample sample = {.order = &order, .used = 99};
    for (int i = 1; i < 1000; i++)
        assert_close(pls_sparsity(&sample, i / 1000.0), 1.0, 1e-9);
    assert_close(pls_mcse_of_quantile(&sample, 0.025), sqrt(0.025 * 0.975 / 99.0), 1e-9);
    assert_true(isnan(pls_sparsity(&sample, 0.0)) && isnan(pls_sparsity(&sample, 1.0)));
    pls_order_end(&order);
}

/* t = 2, P(replicate < 0) = .018, z0 = -.1 */
static const struct world normal = {"normal", false, 0.42, 0.2, 0.4};

/* P(replicate < 0) = .04, skewness 2, kurtosis 9, z0 = .17 */
static const struct world exponential = {"exponential", true, -0.00816, 0.2, 0.16};

static void normal_replicates_vary_over_seeds_as_reported(void **state)
{
    (void)state;
    compare(&normal, PLS_CENTRE_ESTIMATE);
}

static void exponential_replicates_vary_over_seeds_as_reported(void **state)
{
    (void)state;
    compare(&exponential, PLS_CENTRE_ESTIMATE);
}

static void bias_corrected_centres_vary_over_seeds_as_reported(void **state)
{
    (void)state;
    compare(&normal, PLS_CENTRE_BIAS_CORRECTED);
    compare(&exponential, PLS_CENTRE_BIAS_CORRECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bandwidth_is_hall_and_sheathers),
        cmocka_unit_test(the_bandwidth_stays_inside_the_replicates),
        cmocka_unit_test(normal_replicates_vary_over_seeds_as_reported),
        cmocka_unit_test(exponential_replicates_vary_over_seeds_as_reported),
        cmocka_unit_test(bias_corrected_centres_vary_over_seeds_as_reported),
    };
    return cmocka_run_group_tests_name("infer.mcse", tests, NULL, NULL);
}
