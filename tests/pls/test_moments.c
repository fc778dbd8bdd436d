/* test_moments.c: correlations from weights: exact where answers are integers, careful elsewhere.
 * */
#include "fixture.h"
#include "internal.h"

/* Counts of n draws, from the tests' own generator. */
static void resample(uint64_t *seed, size_t n, uint32_t *weights)
{
    memset(weights, 0, n * sizeof *weights);
    for (size_t i = 0; i < n; i++)
        weights[(size_t)(fixture_uniform(seed) * (double)n)]++;
}

/* A golden model with every answer x of indicator k as scale*x + shift*k. */
static void rescaled(struct fixture *f, const char *name, double scale, double shift)
{
    fixture_golden(f, name);
    for (size_t i = 0; i < f->dataset.rows; i++)
        for (size_t k = 0; k < f->model.indicators; k++) {
            double *x = &f->dataset.values[i * f->model.indicators + k];
            *x = scale * *x + shift * (double)k;
        }
    fixture_start(f);
}

static void integers_are_found_and_other_numbers_too(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        double scale, shift;
        bool exact;
    } cases[] = {{"jambi", 1.0, 0.0, true},      {"jambi", 1e5, -3e9, true},
                 {"jambi", 1e6, 0.0, false},     {"jambi", 0.1, 0.0, false},
                 {"democracy", 1.0, 0.0, false}, {"mobi", 1.0, 0.0, true}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct fixture f;
        rescaled(&f, cases[c].model, cases[c].scale, cases[c].shift);
        assert_int_equal(f.estimator->exact, cases[c].exact);
        fixture_free(&f);
    }
}

static void both_ways_agree_and_units_do_not_matter(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        double scale, shift;
    } cases[] = {{"jambi", 0.1, 0.0},   {"jambi", 0.37, 12.5}, {"jambi", 1000.0, -7.0},
                 {"corprep", 0.1, 0.0}, {"mobi", 3e-9, 0.0},   {"mobi", -2.0, 0.5}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct fixture codes, other;
        uint64_t seed = c;
        rescaled(&codes, cases[c].model, 1.0, 0.0);
        rescaled(&other, cases[c].model, cases[c].scale, cases[c].shift);
        for (size_t r = 0; r < 20; r++) {
            resample(&seed, codes.dataset.rows, codes.weights);
            memcpy(other.weights, codes.weights, codes.dataset.rows * sizeof *codes.weights);
            fixture_row(&codes, NULL);
            fixture_row(&other, NULL);
            assert_int_equal(codes.outcome.status, PLS_STATUS_OK);
            assert_int_equal(other.outcome.status, PLS_STATUS_OK);
            for (size_t k = 0; k < codes.columns->count; k++)
                assert_close(other.row[k], codes.row[k], 1e-12);
        }
        fixture_free(&codes);
        fixture_free(&other);
    }
}

static void integer_sums_are_exact(void **state)
{
    (void)state;
    struct fixture f;
    uint64_t seed = 11;
    fixture_golden(&f, "mobi");
    fixture_start(&f);
    const size_t n = f.dataset.rows, p = f.model.indicators;
    const double *x = f.dataset.values;
    resample(&seed, n, f.weights);
    assert_int_equal(
        pls_moments_correlate(f.estimator, &f.estimator->needed, f.weights, f.workspace), p);
    for (size_t k = 0; k < p; k++)
        for (size_t l = k + 1; l < p; l++) {
            if (f.estimator->relation[f.estimator->owner[k] * f.model.constructs +
                                      f.estimator->owner[l]] == PLS_UNRELATED)
                continue;
            int64_t total = 0, sk = 0, sl = 0, skk = 0, sll = 0, skl = 0; /* uncentred codes */
            for (size_t i = 0; i < n; i++) {
                const int64_t w = f.weights[i], a = (int64_t)x[i * p + k],
                              b = (int64_t)x[i * p + l];
                total += w, sk += w * a, sl += w * b;
                skk += w * a * a, sll += w * b * b, skl += w * a * b;
            }
            const double nkk = (double)(total * skk - sk * sk);
            const double nll = (double)(total * sll - sl * sl);
            const double nkl = (double)(total * skl - sk * sl);
            const double r = (nkl * (1.0 / sqrt(nkk))) * (1.0 / sqrt(nll));
            assert_true(f.workspace->s[k * p + l] == r); /* to the last bit */
            assert_true(f.workspace->s[l * p + k] == r);
        }
    fixture_free(&f);
}

static void the_order_of_integer_answers_does_not_matter_to_a_single_bit(void **state)
{
    (void)state;
    struct fixture f, reversed;
    fixture_golden(&f, "corprep");
    fixture_golden(&reversed, "corprep");
    const size_t n = f.dataset.rows, p = f.model.indicators;
    for (size_t i = 0; i < n; i++)
        memcpy(reversed.dataset.values + i * p, f.dataset.values + (n - 1 - i) * p,
               p * sizeof(double));
    fixture_start(&f);
    fixture_start(&reversed);
    fixture_row(&f, NULL);
    fixture_row(&reversed, NULL);
    assert_memory_equal(f.row, reversed.row, f.columns->count * sizeof *f.row);
    fixture_free(&f);
    fixture_free(&reversed);
}

/* A jackknife row is the estimate of the data without that row. */
static void weight_zero_is_deletion(void **state)
{
    (void)state;
    static const char *const names[] = {"jambi", "democracy", "russett"};
    for (size_t m = 0; m < 3; m++) {
        struct fixture f, less;
        fixture_golden(&f, names[m]);
        fixture_golden(&less, names[m]);
        fixture_start(&f);
        const size_t n = f.dataset.rows, p = f.model.indicators, left_out = 5;
        double *values = less.dataset.values;
        memmove(values + left_out * p, values + (left_out + 1) * p,
                (n - 1 - left_out) * p * sizeof *values);
        less.dataset.rows = n - 1;
        fixture_start(&less);
        f.weights[left_out] = 0;
        fixture_row(&f, NULL);
        fixture_row(&less, NULL);
        for (size_t c = 0; c < f.columns->count; c++)
            assert_close(f.row[c], less.row[c], 1e-12);
        fixture_free(&f);
        fixture_free(&less);
    }
}

/* And a weight is a repetition. */
static void weight_two_is_two_rows(void **state)
{
    (void)state;
    struct fixture f, more;
    fixture_golden(&f, "democracy");
    fixture_golden(&more, "democracy");
    const size_t n = f.dataset.rows, p = f.model.indicators;
    double *values = calloc((n + 1) * p, sizeof *values);
    assert_non_null(values);
    memcpy(values, f.dataset.values, n * p * sizeof *values);
    memcpy(values + n * p, f.dataset.values + 7 * p, p * sizeof *values);
    fixture_data(&more, n + 1, values);
    fixture_start(&f);
    fixture_start(&more);
    f.weights[7] = 2;
    fixture_row(&f, NULL);
    fixture_row(&more, NULL);
    for (size_t c = 0; c < f.columns->count; c++)
        assert_close(f.row[c], more.row[c], 1e-12);
    free(values);
    fixture_free(&f);
    fixture_free(&more);
}

static void a_constant_indicator_of_a_replicate_is_named(void **state)
{
    (void)state;
    static const double units[] = {1.0, 0.1, 1e-7}; /* exact, and not */
    for (size_t u = 0; u < 3; u++) {
        struct fixture f;
        rescaled(&f, "jambi", units[u], u == 0 ? 0.0 : 1e3);
        const size_t p = f.model.indicators, k = 7;
        for (size_t i = 0; i < f.dataset.rows; i++) /* only rows that give the same answer */
            f.weights[i] = f.dataset.values[i * p + k] == f.dataset.values[k] ? 1 : 0;
        fixture_row(&f, NULL);
        assert_int_equal(f.outcome.status, PLS_STATUS_CONSTANT);
        assert_int_equal(f.outcome.where, k);
        assert_int_equal(f.outcome.iterations, 0);
        for (size_t c = 0; c < f.columns->count; c++)
            assert_true(isnan(f.row[c]));
        fixture_free(&f);
    }
}

static void only_pairs_that_a_row_needs_are_formed(void **state)
{
    (void)state;
    struct fixture f;
    double x[7 * 6];
    uint64_t seed = 1;
    for (size_t i = 0; i < 42; i++)
        x[i] = fixture_normal(&seed);
    /* A -> B -> D <- C: A and C, A and D unrelated; B and C explain D together */
    fixture_model(&f, "A =~ a1 + a2; B =~ b1; C =~ c1; D =~ d1 + d2; B ~ A; D ~ B + C");
    fixture_data(&f, 7, x);
    fixture_start(&f);
    /* within 3 + 1 + 1 + 3, A-B 2, B-C 1, B-D 2, C-D 2 */
    assert_int_equal(f.estimator->needed.count, 15);
    struct pls_pairs all;
    assert_ok(pls_pairs_new(f.estimator, true, &all, &f.err), &f.err);
    assert_int_equal(all.count, 21);
    assert_int_equal(all.runs, 6);
    pls_pairs_free(&all);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_found_and_other_numbers_too),
        cmocka_unit_test(both_ways_agree_and_units_do_not_matter),
        cmocka_unit_test(integer_sums_are_exact),
        cmocka_unit_test(the_order_of_integer_answers_does_not_matter_to_a_single_bit),
        cmocka_unit_test(weight_zero_is_deletion),
        cmocka_unit_test(weight_two_is_two_rows),
        cmocka_unit_test(a_constant_indicator_of_a_replicate_is_named),
        cmocka_unit_test(only_pairs_that_a_row_needs_are_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
