/* test_correlations.c: from paths to correlations; PLS applied to data that have exactly these. */
#include "check.h"
#include "pls/fixture.h"
#include "plstrap/population.h"

enum { MOST = 16, CASES = 64 };

/* p columns of CASES rows whose sample correlations are exactly sigma. */
static void exact_data(size_t p, const double *sigma, double *x)
{
    static double z[CASES * MOST];
    double lower[MOST][MOST] = {{0}};
    uint64_t seed = 1;
    for (size_t i = 0; i < CASES * p; i++)
        z[i] = fixture_normal(&seed);
    for (size_t k = 0; k < p; k++) /* columns: mean 0, orthogonal, length 1 */
        for (int turn = 0; turn < 2; turn++) {
            double mean = 0, length = 0;
            for (size_t i = 0; i < CASES; i++)
                mean += z[i * p + k] / CASES;
            for (size_t i = 0; i < CASES; i++)
                z[i * p + k] -= mean;
            for (size_t l = 0; l < k; l++) {
                double dot = 0;
                for (size_t i = 0; i < CASES; i++)
                    dot += z[i * p + k] * z[i * p + l];
                for (size_t i = 0; i < CASES; i++)
                    z[i * p + k] -= dot * z[i * p + l];
            }
            for (size_t i = 0; i < CASES; i++)
                length += z[i * p + k] * z[i * p + k];
            for (size_t i = 0; i < CASES; i++)
                z[i * p + k] /= sqrt(length);
        }
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = sigma[i * p + j];
            for (size_t k = 0; k < j; k++)
                sum -= lower[i][k] * lower[j][k];
            lower[i][j] = i == j ? sqrt(sum) : sum / lower[j][j];
        }
    for (size_t i = 0; i < CASES; i++)
        for (size_t k = 0; k < p; k++) {
            x[i * p + k] = 0;
            for (size_t l = 0; l <= k; l++)
                x[i * p + k] += lower[k][l] * z[i * p + l];
        }
}

struct made {
    double r[9], r2[3], sigma[MOST * MOST], weight[MOST], loading[MOST];
};

static void make(const struct fixture *f, const double *paths,
                 const struct pls_block_population *block, struct made *out)
{
    struct pls_error err;
    assert_true(f->model.indicators <= MOST);
    assert_ok(pls_population_constructs(&f->model, paths, NULL, out->r, out->r2, &err), &err);
    assert_ok(pls_population_indicators(&f->model, out->r, block, out->sigma, out->weight,
                                        out->loading, &err),
              &err);
}

/* The estimates of the population itself. */
static void estimate(struct fixture *f, const struct made *made)
{
    double x[CASES * MOST];
    f->keys.sign = PLS_SIGN_SUM;
    exact_data(f->model.indicators, made->sigma, x);
    fixture_data(f, CASES, x);
    fixture_start(f);
    fixture_row(f, NULL);
    assert_int_equal(f->outcome.status, PLS_STATUS_OK);
}

static const char reflective[] = "KD =~ d1 + d2 + d3 + d4 + d5; KV =~ v1 + v2 + v3 + v4 + v5\n"
                                 "KK =~ k1 + k2 + k3 + k4 + k5; KV ~ KD; KK ~ KD + KV";
static const double seed_paths[3] = {.718, .382, .467}; /* in the model's order */

static void correlations_of_constructs_follow_from_paths(void **state)
{
    (void)state;
    struct fixture f;
    struct pls_error err;
    double r[9], r2[3];
    fixture_model(&f, reflective);
    assert_ok(pls_population_constructs(&f.model, seed_paths, NULL, r, r2, &err), &err);
    assert_close(r[1], .718, 1e-12);
    assert_close(r[2], .717306, 5e-7);
    assert_close(r[5], .741276, 5e-7);
    assert_close(r2[0], 0, 0);
    assert_close(r2[1], .515524, 5e-7);
    assert_close(r2[2], .620187, 5e-7);
    fixture_free(&f);
}

static void exogenous_constructs_may_correlate(void **state)
{
    (void)state;
    struct fixture f;
    struct pls_error err;
    double r[9], r2[3];
    const double phi[9] = {1, .4, 0, .4, 1, 0, 0, 0, 1};
    fixture_model(&f, "A =~ a1; B =~ b1; C =~ c1; C ~ A + B");
    const double paths[2] = {.5, .3};
    assert_ok(pls_population_constructs(&f.model, paths, phi, r, r2, &err), &err);
    assert_close(r[2], .62, 1e-14);
    assert_close(r[5], .5, 1e-14);
    assert_close(r2[2], .46, 1e-14);
    assert_ok(pls_population_constructs(&f.model, paths, NULL, r, r2, &err), &err);
    assert_close(r2[2], .34, 1e-14);
    fixture_free(&f);
}

static void paths_that_explain_everything_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    struct pls_error err;
    double r[9], r2[3];
    const double paths[3] = {.718, .6, .6};
    const double phi[9] = {1, 1, 0, 1, 1, 0, 0, 0, 1};
    fixture_model(&f, reflective);
    assert_int_equal(pls_population_constructs(&f.model, paths, NULL, r, r2, &err), PLS_ESTUDY);
    assert_string_equal(err.text,
                        "paths into KK explain 123.7 % of its variance; make them smaller");
    fixture_free(&f);
    fixture_model(&f, "A =~ a1; B =~ b1; C =~ c1; C ~ A + B");
    assert_int_equal(pls_population_constructs(&f.model, paths, phi, r, r2, &err), PLS_ESTUDY);
    assert_non_null(strstr(err.text, "correlation of A and B is 1 "));
    fixture_free(&f);
}

/* Equal loadings .8 of five indicators: attenuated by the reliability .898876. */
static void mode_a_on_factors_with_equal_loadings(void **state)
{
    (void)state;
    static const double loading[5] = {.8, .8, .8, .8, .8};
    const struct pls_block_population block = {.factor = true, .value = loading};
    struct fixture f;
    struct made made;
    fixture_model(&f, reflective);
    make(&f, seed_paths, (const struct pls_block_population[]){block, block, block}, &made);
    estimate(&f, &made);
    assert_close(fixture_value(&f, "path", "KV~KD"), .645393, 1e-6);
    assert_close(fixture_value(&f, "path", "KK~KD"), .368031, 1e-6);
    assert_close(fixture_value(&f, "path", "KK~KV"), .428791, 1e-6);
    assert_close(fixture_value(&f, "indirect", "KK~KD"), .276739, 1e-6);
    assert_close(fixture_value(&f, "r2", "KV"), .416532, 1e-6);
    assert_close(fixture_value(&f, "r2", "KK"), .523005, 1e-6);
    assert_close(fixture_value(&f, "weight", "KD<~d3"), .237023, 1e-6);
    assert_close(fixture_value(&f, "loading", "KD=~d3"), .843801, 1e-6);
    fixture_free(&f);
}

static void estimate_unequal_loadings(struct fixture *f, const char *text, struct made *made)
{
    static const double kd[4] = {.9, .8, .7, .6}, kv[3] = {.85, .75, .65}, kk[3] = {.9, .7, .5};
    const struct pls_block_population block[3] = {{.factor = true, .value = kd},
                                                  {.factor = true, .value = kv},
                                                  {.factor = true, .value = kk}};
    fixture_model(f, text);
    make(f, seed_paths, block, made);
    estimate(f, made);
}

static void mode_a_and_mode_b_on_factors_with_unequal_loadings(void **state)
{
    (void)state;
    struct fixture f;
    struct made made;
    estimate_unequal_loadings(&f,
                              "KD =~ d1 + d2 + d3 + d4; KV =~ v1 + v2 + v3; KK =~ k1 + k2 + k3\n"
                              "KV ~ KD; KK ~ KD + KV",
                              &made);
    assert_close(fixture_value(&f, "path", "KV~KD"), .598538, 1e-6);
    assert_close(fixture_value(&f, "path", "KK~KD"), .371410, 1e-6);
    assert_close(fixture_value(&f, "path", "KK~KV"), .374787, 1e-6);
    assert_close(fixture_value(&f, "weight", "KK<~k3"), .288974, 1e-6);
    fixture_free(&f);
    estimate_unequal_loadings(&f,
                              "KD <~ d1 + d2 + d3 + d4; KV <~ v1 + v2 + v3; KK <~ k1 + k2 + k3\n"
                              "KV ~ KD; KK ~ KD + KV",
                              &made);
    assert_close(fixture_value(&f, "path", "KV~KD"), .611819, 1e-6);
    assert_close(fixture_value(&f, "path", "KK~KD"), .386848, 1e-6);
    assert_close(fixture_value(&f, "path", "KK~KV"), .382061, 1e-6);
    /* Mode B's weights are those of the regression of the factor on its block. */
    assert_close(fixture_value(&f, "weight", "KD<~d1"), made.weight[0], 1e-9);
    assert_close(made.weight[0], .588522, 1e-6);
    assert_close(made.weight[9], .110437, 1e-6);
    fixture_free(&f);
}

static const double inner[9] = {1, .6, .2, .6, 1, .3, .2, .3, 1};
static const double unequal[3] = {.5, .3, .6};

static void estimate_composites(struct fixture *f, const char *text, struct made *made)
{
    const struct pls_block_population block = {.value = unequal, .opt_inner = inner};
    fixture_model(f, text);
    make(f, (const double[]){.5, .2, .4},
         (const struct pls_block_population[]){block, block, block}, made);
    estimate(f, made);
}

static void composites_are_mode_bs_truth_and_not_mode_as(void **state)
{
    (void)state;
    struct fixture f;
    struct made made;
    estimate_composites(&f,
                        "X <~ x1 + x2 + x3; M <~ m1 + m2 + m3; Y <~ y1 + y2 + y3\n"
                        "M ~ X; Y ~ X + M",
                        &made);
    for (size_t k = 0; k < 3; k++) {
        static const double weight[3] = {.475007, .285004, .570009};
        static const double loading[3] = {.760011, .741011, .750511};
        assert_close(made.weight[k], weight[k], 1e-6);
        assert_close(made.loading[k], loading[k], 1e-6);
        assert_close(f.row[k], weight[k], 1e-6);
    }
    assert_close(fixture_value(&f, "path", "M~X"), .5, 1e-9);
    assert_close(fixture_value(&f, "path", "Y~M"), .4, 1e-9);
    assert_close(fixture_value(&f, "path", "Y~X"), .2, 1e-9);
    fixture_free(&f);
    estimate_composites(&f,
                        "X =~ x1 + x2 + x3; M =~ m1 + m2 + m3; Y =~ y1 + y2 + y3\n"
                        "M ~ X; Y ~ X + M",
                        &made);
    assert_close(fixture_value(&f, "weight", "X<~x1"), .444183, 1e-6);
    assert_close(fixture_value(&f, "path", "M~X"), .487772, 1e-6);
    assert_close(fixture_value(&f, "path", "Y~M"), .390294, 1e-6);
    assert_close(fixture_value(&f, "path", "Y~X"), .199843, 1e-6);
    fixture_free(&f);
}

static void equal_composites_are_both_modes_truth(void **state)
{
    (void)state;
    static const double ones[5] = {1, 1, 1, 1, 1};
    const struct pls_block_population block = {.value = ones, .within = .5};
    struct fixture f;
    struct made made;
    fixture_model(&f, reflective);
    make(&f, (const double[]){.5, .2, .4},
         (const struct pls_block_population[]){block, block, block}, &made);
    estimate(&f, &made);
    assert_close(made.loading[2], .7745966692414834, 1e-14);
    assert_close(fixture_value(&f, "path", "KV~KD"), .5, 1e-9);
    assert_close(fixture_value(&f, "path", "KK~KV"), .4, 1e-9);
    assert_close(fixture_value(&f, "path", "KK~KD"), .2, 1e-9);
    fixture_free(&f);
}

static void blocks_that_no_variables_make_are_refused(void **state)
{
    (void)state;
    static const double ones[2] = {1, 1}, zeros[2] = {0, 0}, large[2] = {.5, 1};
    const double r[4] = {1, .3, .3, 1};
    double sigma[16];
    struct fixture f;
    struct pls_error err;
    struct pls_block_population block[2] = {{.value = ones, .within = .5},
                                            {.value = ones, .within = -1}};
    fixture_model(&f, "A =~ a1 + a2; B =~ b1 + b2; B ~ A");
    assert_int_equal(pls_population_indicators(&f.model, r, block, sigma, NULL, NULL, &err),
                     PLS_ESTUDY);
    assert_non_null(strstr(err.text, "within B"));
    block[1] = (struct pls_block_population){.value = zeros, .within = .5};
    assert_int_equal(pls_population_indicators(&f.model, r, block, sigma, NULL, NULL, &err),
                     PLS_ESTUDY);
    assert_non_null(strstr(err.text, "all weights of B are zero"));
    block[1] = (struct pls_block_population){.factor = true, .value = large};
    assert_int_equal(pls_population_indicators(&f.model, r, block, sigma, NULL, NULL, &err),
                     PLS_ESTUDY);
    assert_non_null(strstr(err.text, "loading 2 of B is 1"));
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correlations_of_constructs_follow_from_paths),
        cmocka_unit_test(exogenous_constructs_may_correlate),
        cmocka_unit_test(paths_that_explain_everything_are_refused),
        cmocka_unit_test(mode_a_on_factors_with_equal_loadings),
        cmocka_unit_test(mode_a_and_mode_b_on_factors_with_unequal_loadings),
        cmocka_unit_test(composites_are_mode_bs_truth_and_not_mode_as),
        cmocka_unit_test(equal_composites_are_both_modes_truth),
        cmocka_unit_test(blocks_that_no_variables_make_are_refused),
    };
    return cmocka_run_group_tests_name("population.correlations", tests, NULL, NULL);
}
