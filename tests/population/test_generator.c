/* test_generator.c: samples have the correlations, moments and categories that were asked for. */
#include "check.h"
#include "plstrap/population.h"

#include <stdlib.h>
#include <string.h>

enum { N = 400000 };
static const char *const names[3] = {"x1", "x2", "x3"};

struct moments {
    double mean[3], variance[3], skewness[3], kurtosis[3], r[3][3];
};

static struct moments moments_of(const double *x, size_t p)
{
    struct moments m = {0};
    double product[3][3] = {{0}};
    for (size_t k = 0; k < p; k++) {
        double power[5] = {0};
        for (size_t i = 0; i < N; i++)
            m.mean[k] += x[i * p + k] / N;
        for (size_t i = 0; i < N; i++) {
            const double d = x[i * p + k] - m.mean[k];
            power[2] += d * d / N;
            power[3] += d * d * d / N;
            power[4] += d * d * d * d / N;
        }
        m.variance[k] = power[2];
        m.skewness[k] = power[3] / pow(power[2], 1.5);
        m.kurtosis[k] = power[4] / (power[2] * power[2]) - 3;
    }
    for (size_t k = 0; k < p; k++)
        for (size_t l = 0; l < p; l++) {
            for (size_t i = 0; i < N; i++)
                product[k][l] += (x[i * p + k] - m.mean[k]) * (x[i * p + l] - m.mean[l]) / N;
            m.r[k][l] = product[k][l] / sqrt(m.variance[k] * m.variance[l]);
        }
    return m;
}

static struct moments sampled(size_t p, const double *correlation, const struct pls_margin *margin)
{
    struct pls_generator *generator = NULL;
    struct pls_error err;
    double *x = malloc(N * p * sizeof *x);
    assert_non_null(x);
    assert_ok(pls_generator_new(p, correlation, margin, names, &generator, &err), &err);
    pls_generator_sample(generator, 42, 0, 1, N, x);
    const struct moments m = moments_of(x, p);
    pls_generator_free(generator);
    free(x);
    return m;
}

static void normals_have_their_correlations(void **state)
{
    (void)state;
    const double sigma[9] = {1, .6, -.2, .6, 1, .3, -.2, .3, 1};
    const struct moments m = sampled(3, sigma, NULL);
    for (size_t k = 0; k < 3; k++) {
        assert_true(fabs(m.mean[k]) < 4 / sqrt(N));
        assert_true(fabs(m.variance[k] - 1) < 4 * sqrt(2.0 / N));
        for (size_t l = 0; l < k; l++) {
            const double r = sigma[k * 3 + l];
            assert_true(fabs(m.r[k][l] - r) < 4 * (1 - r * r) / sqrt(N));
        }
    }
}

/* Four standard errors each, of moments up to the eighth as they come out of long runs. */
static void cubics_have_their_moments_and_correlations(void **state)
{
    (void)state;
    const double sigma[9] = {1, .5, .3, .5, 1, -.4, .3, -.4, 1};
    const struct pls_margin margin[3] = {
        {.skewness = 1, .kurtosis = 1.5}, {.skewness = -1, .kurtosis = 2}, {.cuts = 0}};
    const double skewness[3] = {1, -1, 0}, kurtosis[3] = {1.5, 2, 0};
    const struct moments m = sampled(3, sigma, margin);
    for (size_t k = 0; k < 3; k++) {
        assert_true(fabs(m.mean[k]) < 4 / sqrt(N));
        assert_true(fabs(m.variance[k] - 1) < 4 * sqrt((2 + kurtosis[k]) / N));
        assert_true(fabs(m.skewness[k] - skewness[k]) < .03);
        assert_true(fabs(m.kurtosis[k] - kurtosis[k]) < .15);
        for (size_t l = 0; l < k; l++)
            assert_true(fabs(m.r[k][l] - sigma[k * 3 + l]) < .01);
    }
}

/* Closed forms of five categories at -1.5, -.5, .5, 1.5, and of shares .05 .10 .20 .40 .25. */
static void categories_have_their_moments(void **state)
{
    (void)state;
    static const double underlying[4] = {.3, .5, .64, .7};
    static const double even[4] = {.273594, .456567, .585196, .640526};
    static const double skew[4] = {.264873, .447452, .578809, .636196};
    struct pls_error err;
    struct pls_margin margin[2] = {{.cut = {-1.5, -.5, .5, 1.5}, .cuts = 4},
                                   {.cut = {-1.5, -.5, .5, 1.5}, .cuts = 4}};
    for (size_t i = 0; i < 4; i++) {
        const double sigma[4] = {1, underlying[i], underlying[i], 1};
        const struct moments m = sampled(2, sigma, margin);
        assert_true(fabs(m.mean[0] - 3) < 4 * sqrt(1.0179 / N));
        assert_true(fabs(m.variance[0] - 1.017918) < 4 * 1.45 / sqrt(N));
        assert_true(fabs(m.r[0][1] - even[i]) < 4 / sqrt(N));
    }
    const double share[5] = {.05, .10, .20, .40, .25};
    for (size_t k = 0; k < 2; k++)
        assert_ok(pls_population_cuts(share, 5, &margin[k], &err), &err);
    for (size_t i = 0; i < 4; i++) {
        const double sigma[4] = {1, underlying[i], underlying[i], 1};
        const struct moments m = sampled(2, sigma, margin);
        assert_true(fabs(m.mean[1] - 3.7) < 4 * 1.1 / sqrt(N));
        assert_true(fabs(m.variance[1] - 1.21) < 4 * 1.8 / sqrt(N));
        assert_true(fabs(m.skewness[1] + .7393) < .02);
        assert_true(fabs(m.r[0][1] - skew[i]) < 4 / sqrt(N));
    }
    margin[0] = (struct pls_margin){.cut = {-1.5, -.5, .5, 1.5}, .cuts = 4};
    const double sigma[4] = {1, .5, .5, 1};
    assert_true(fabs(sampled(2, sigma, margin).r[0][1] - .445710) < 4 / sqrt(N));
}

static void shares_hold_for_skewed_margins(void **state)
{
    (void)state;
    const double share[3] = {.2, .5, .3};
    struct pls_margin margin = {.skewness = 1, .kurtosis = 2};
    struct pls_error err;
    struct pls_generator *generator = NULL;
    size_t count[4] = {0};
    double *x = malloc(N * sizeof *x);
    assert_non_null(x);
    assert_ok(pls_population_cuts(share, 3, &margin, &err), &err);
    assert_ok(pls_generator_new(1, (const double[]){1}, &margin, names, &generator, &err), &err);
    pls_generator_sample(generator, 1, 0, 0, N, x);
    for (size_t i = 0; i < N; i++)
        count[(size_t)x[i]]++;
    for (size_t c = 0; c < 3; c++)
        assert_true(fabs((double)count[c + 1] / N - share[c]) < 4 * .5 / sqrt(N));
    pls_generator_free(generator);
    free(x);
}

static void a_case_does_not_depend_on_how_many_there_are(void **state)
{
    (void)state;
    const double sigma[9] = {1, .6, -.2, .6, 1, .3, -.2, .3, 1};
    struct pls_generator *generator = NULL;
    struct pls_error err;
    double many[300], few[300], other[300];
    assert_ok(pls_generator_new(3, sigma, NULL, names, &generator, &err), &err);
    pls_generator_sample(generator, 5, 3, 9, 100, many);
    pls_generator_sample(generator, 5, 3, 9, 17, few);
    assert_memory_equal(many, few, 17 * 3 * sizeof *few);
    pls_generator_sample(generator, 5, 4, 9, 100, other); /* of another cell */
    assert_memory_not_equal(many, other, 3 * sizeof *few);
    pls_generator_sample(generator, 5, 3, 10, 100, other); /* another sample */
    assert_memory_not_equal(many, other, 3 * sizeof *few);
    pls_generator_free(generator);
}

static void a_case_starts_with_a_block_of_its_own(void **state)
{
    (void)state;
    const double unit[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    struct pls_generator *generator = NULL;
    struct pls_error err;
    double x[6], z[3];
    assert_ok(pls_generator_new(3, unit, NULL, names, &generator, &err), &err);
    pls_generator_sample(generator, 5, 3, 9, 2, x);
    pls_population_normals(5, 3, 9, 4, 3, z);
    assert_memory_equal(x + 3, z, sizeof z);
    pls_generator_free(generator);
}

static void what_no_variables_have_is_refused(void **state)
{
    (void)state;
    struct pls_generator *generator = NULL;
    struct pls_error err;
    const double impossible[9] = {1, .9, .9, .9, 1, -.9, .9, -.9, 1};
    assert_int_equal(pls_generator_new(3, impossible, NULL, names, &generator, &err), PLS_ESTUDY);
    assert_non_null(strstr(err.text, "x3"));
    const double beyond[4] = {1, 1.2, 1.2, 1};
    assert_int_equal(pls_generator_new(2, beyond, NULL, names, &generator, &err), PLS_ESTUDY);
    assert_non_null(strstr(err.text, "x1 and x2"));
    const double opposed[4] = {1, -.8, -.8, 1};
    const struct pls_margin skewed[2] = {{.skewness = 2, .kurtosis = 7},
                                         {.skewness = 2, .kurtosis = 7}};
    assert_int_equal(pls_generator_new(2, opposed, skewed, names, &generator, &err), PLS_ESTUDY);
    assert_non_null(strstr(err.text, "x1 and x2 cannot correlate by -0.8"));
    const struct pls_margin falling[2] = {{.cuts = 0}, {.cut = {1, 0}, .cuts = 2}};
    assert_int_equal(
        pls_generator_new(2, (const double[]){1, .1, .1, 1}, falling, names, &generator, &err),
        PLS_ESTUDY);
    assert_non_null(strstr(err.text, "threshold 2 of indicator x2"));
    const struct pls_margin none[2] = {{.cuts = 0}, {.skewness = 2}};
    assert_int_equal(
        pls_generator_new(2, (const double[]){1, .1, .1, 1}, none, names, &generator, &err),
        PLS_ESTUDY);
    assert_non_null(strstr(err.text, "indicator x2: no cubic"));
    assert_null(generator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normals_have_their_correlations),
        cmocka_unit_test(cubics_have_their_moments_and_correlations),
        cmocka_unit_test(categories_have_their_moments),
        cmocka_unit_test(shares_hold_for_skewed_margins),
        cmocka_unit_test(a_case_does_not_depend_on_how_many_there_are),
        cmocka_unit_test(a_case_starts_with_a_block_of_its_own),
        cmocka_unit_test(what_no_variables_have_is_refused),
    };
    return cmocka_run_group_tests_name("population.generator", tests, NULL, NULL);
}
