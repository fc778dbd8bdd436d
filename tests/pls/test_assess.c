/* test_assess.c: what does not apply says why; limits and identities that hold whatever the data.
 * */
#include "fixture.h"

/* Values that other programs print are met in test_golden.c. */
static struct pls_assessment assess(struct fixture *f)
{
    struct pls_assessment out;
    fixture_start(f);
    fixture_row(f, NULL);
    assert_int_equal(f->outcome.status, PLS_STATUS_OK);
    assert_ok(pls_assess(f->estimator, f->workspace, f->row, &out, &f->err), &f->err);
    for (size_t c = 0; c < out.columns.count;
         c++) /* a reason where there is no value, and only there */
        assert_int_equal(isnan(out.value[c]), out.note[c][0] != '\0');
    return out;
}

static size_t column(const struct pls_assessment *out, const char *component, const char *term)
{
    const size_t c = fixture_column(&out->columns, component, term);
    if (c == out->columns.count)
        fail_msg("no column %s:%s", component, term);
    return c;
}

static double value(const struct pls_assessment *out, const char *component, const char *term)
{
    return out->value[column(out, component, term)];
}

static void reliability_is_for_reflective_blocks_of_two_or_more(void **state)
{
    (void)state;
    static const char *const measures[] = {"alpha", "rho_a", "rho_c", "ave"};
    struct fixture f;
    fixture_golden(&f, "corprep"); /* QUAL formative, CUSA single, COMP reflective */
    f.keys.scheme = PLS_SCHEME_FACTORIAL;
    struct pls_assessment out = assess(&f);
    for (size_t m = 0; m < 4; m++) {
        const size_t formative = column(&out, measures[m], "QUAL");
        const size_t single = column(&out, measures[m], "CUSA");
        assert_true(isnan(out.value[formative]) && isnan(out.value[single]));
        assert_string_equal(out.note[formative], "a formative construct");
        assert_string_equal(out.note[single], "a single indicator");
        assert_true(value(&out, measures[m], "COMP") > 0.4);
    }
    pls_assessment_free(&out);
    fixture_free(&f);
}

static void tables_have_a_column_for_each_term(void **state)
{
    (void)state;
    struct fixture f;
    fixture_golden(&f, "corprep"); /* 8 constructs, 31 indicators, 4 explained, 13 paths, 4 =~ */
    struct pls_assessment out = assess(&f);
    size_t count[PLS_COMPONENTS] = {0};
    for (size_t c = 0; c < out.columns.count; c++)
        count[out.columns.column[c].component]++;
    assert_int_equal(count[PLS_ADJ_R2], 4);
    assert_int_equal(count[PLS_F2], 13);
    assert_int_equal(count[PLS_VIF], 13);
    assert_int_equal(count[PLS_CORRELATION], 28);
    assert_int_equal(count[PLS_CROSS_LOADING], 31 * 7);
    assert_int_equal(count[PLS_ALPHA], 8);
    assert_int_equal(count[PLS_RHO_A], 8);
    assert_int_equal(count[PLS_RHO_C], 8);
    assert_int_equal(count[PLS_AVE], 8);
    assert_int_equal(count[PLS_HTMT], 6); /* COMP, LIKE, CUSA, CUSL */
    pls_assessment_free(&out);
    fixture_free(&f);
}

/* Leaving the predictor out of the regression on the same correlations, by hand for two predictors.
 * */
static void f2_and_vif_are_those_of_regressions_on_the_construct_correlations(void **state)
{
    (void)state;
    struct fixture f;
    fixture_golden(&f, "jambi");
    struct pls_assessment out = assess(&f);
    const double r = value(&out, "correlation", "KD~~KV"), a = value(&out, "correlation", "KD~~KK"),
                 b = value(&out, "correlation", "KV~~KK");
    const double r2 = (a * a + b * b - 2.0 * a * b * r) / (1.0 - r * r);
    assert_close(fixture_value(&f, "r2", "KK"), r2, 1e-14);
    assert_close(value(&out, "f2", "KK~KD"), (r2 - b * b) / (1.0 - r2), 1e-13);
    assert_close(value(&out, "f2", "KK~KV"), (r2 - a * a) / (1.0 - r2), 1e-13);
    assert_close(value(&out, "vif", "KK~KD"), 1.0 / (1.0 - r * r), 1e-14);
    assert_true(value(&out, "vif", "KV~KD") == 1.0);
    assert_close(value(&out, "adj_r2", "KK"), 1.0 - (1.0 - r2) * 119.0 / 117.0, 1e-14);
    pls_assessment_free(&out);
    fixture_free(&f);
}

/* Pearson's correlation of two columns with n rows and the given strides. */
static double pearson(const double *a, size_t a_stride, const double *b, size_t b_stride, size_t n)
{
    double ma = 0.0, mb = 0.0, aa = 0.0, bb = 0.0, ab = 0.0;
    for (size_t i = 0; i < n; i++) {
        ma += a[i * a_stride] / (double)n;
        mb += b[i * b_stride] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        const double x = a[i * a_stride] - ma, y = b[i * b_stride] - mb;
        aa += x * x, bb += y * y, ab += x * y;
    }
    return ab / sqrt(aa * bb);
}

static void scores_reproduce_loadings_cross_loadings_and_correlations(void **state)
{
    (void)state;
    static const char *const names[] = {"mobi", "democracy", "russett"};
    for (size_t m = 0; m < 3; m++) {
        struct fixture f;
        fixture_golden(&f, names[m]);
        struct pls_assessment out = assess(&f);
        const size_t n = f.dataset.rows, J = f.model.constructs, p = f.model.indicators;
        double *scores = calloc(n * J, sizeof *scores);
        assert_non_null(scores);
        pls_estimator_scores(f.estimator, f.row, scores);
        for (size_t j = 0; j < J; j++) {
            double sum = 0.0, squares = 0.0;
            for (size_t i = 0; i < n; i++) {
                sum += scores[i * J + j];
                squares += scores[i * J + j] * scores[i * J + j];
            }
            assert_close(sum, 0.0, 1e-10);
            assert_close(squares / (double)(n - 1), 1.0, 1e-12);
        }
        for (size_t j = 0; j < J; j++)
            for (size_t k = 0; k < p; k++) {
                char term[64];
                snprintf(term, sizeof term, "%s=~%s", f.construct[j], f.indicator[k]);
                const double r = pearson(scores + j, J, f.dataset.values + k, p, n);
                if (k >= f.block[j] && k < f.block[j + 1])
                    assert_close(fixture_value(&f, "loading", term), r, 1e-12);
                else
                    assert_close(value(&out, "cross_loading", term), r, 1e-12);
            }
        for (size_t j = 0; j < J; j++)
            for (size_t l = j + 1; l < J; l++) {
                char term[64];
                snprintf(term, sizeof term, "%s~~%s", f.construct[j], f.construct[l]);
                assert_close(value(&out, "correlation", term),
                             pearson(scores + j, J, scores + l, J, n), 1e-12);
            }
        free(scores);
        pls_assessment_free(&out);
        fixture_free(&f);
    }
}

static void a_single_indicator_has_monotrait_correlation_one(void **state)
{
    (void)state;
    struct fixture f;
    const double x[] = {1, 2, 2, 1, 3, 5, 4, 3, 5, 7};
    fixture_model(&f, "X =~ x\nY =~ y\nY ~ X");
    fixture_data(&f, 5, x);
    struct pls_assessment out = assess(&f);
    assert_close(value(&out, "htmt", "X~~Y"), 0.78783859715833526, 1e-15);
    pls_assessment_free(&out);
    fixture_free(&f);
}

static void what_is_not_defined_says_why(void **state)
{
    (void)state;
    struct fixture f;
    /* y = x exactly; the two indicators of Z are uncorrelated, and so its alpha is 0 */
    const double x[] = {1, 1, 1,  1,  2, 2, 1, -1, 3, 3, -1, 1,
                        5, 5, -1, -1, 4, 4, 1, 2,  3, 3, 1,  -2};
    fixture_model(&f, "X =~ x; Y =~ y; Z =~ z1 + z2; Y ~ X; Z ~ X");
    fixture_data(&f, 4, x);
    struct pls_assessment out = assess(&f);
    const size_t f2 = column(&out, "f2", "Y~X"), htmt = column(&out, "htmt", "X~~Z");
    assert_true(isnan(out.value[f2]) && isnan(out.value[htmt]));
    assert_string_equal(out.note[f2], "R² is 1");
    assert_string_equal(out.note[htmt], "the indicators of a block are uncorrelated");
    assert_true(value(&out, "alpha", "Z") == 0.0);
    pls_assessment_free(&out);
    fixture_free(&f);
}

static void a_model_without_solution_is_not_assessed(void **state)
{
    (void)state;
    struct fixture f;
    struct pls_assessment out;
    fixture_golden(&f, "jambi");
    fixture_start(&f);
    for (size_t i = 1; i < f.dataset.rows; i++)
        f.weights[i] = 0;
    fixture_row(&f, NULL);
    assert_int_equal(pls_assess(f.estimator, f.workspace, f.row, &out, &f.err), PLS_EDATA);
    assert_string_equal(f.err.text,
                        "the base model has no solution, so there is nothing to assess; "
                        "see its status");
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reliability_is_for_reflective_blocks_of_two_or_more),
        cmocka_unit_test(tables_have_a_column_for_each_term),
        cmocka_unit_test(f2_and_vif_are_those_of_regressions_on_the_construct_correlations),
        cmocka_unit_test(scores_reproduce_loadings_cross_loadings_and_correlations),
        cmocka_unit_test(a_single_indicator_has_monotrait_correlation_one),
        cmocka_unit_test(what_is_not_defined_says_why),
        cmocka_unit_test(a_model_without_solution_is_not_assessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
