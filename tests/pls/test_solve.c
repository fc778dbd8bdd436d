/* test_solve.c: fixed points, signs, and every way in which a row can fail. */
#include "fixture.h"

static void the_solution_satisfies_its_equations(void **state)
{
    (void)state;
    static const char *const names[] = {"jambi", "corprep", "itflex", "russett"};
    for (size_t m = 0; m < 4; m++)
        for (int scheme = PLS_SCHEME_PATH; scheme <= PLS_SCHEME_CENTROID; scheme++) {
            struct fixture f;
            fixture_golden(&f, names[m]);
            f.keys.scheme = (enum pls_scheme)scheme;
            f.keys.sign = PLS_SIGN_SUM;
            fixture_start(&f);
            fixture_row(&f, NULL);
            assert_true(pls_workspace_residual(f.estimator, f.workspace) < 1e-12);
            f.keys.max_iterations = 2;
            fixture_start(&f);
            fixture_row(&f, NULL);
            assert_true(pls_workspace_residual(f.estimator, f.workspace) > 1e-6);
            fixture_free(&f);
        }
}

static void schemes_agree_where_there_are_two_constructs(void **state)
{
    (void)state;
    struct fixture f;
    double first[64];
    fixture_golden(&f, "jambi");
    f.model.constructs = 2; /* KD, KV; KV ~ KD */
    f.model.indicators = 10;
    f.model.paths = 1;
    f.dataset.columns = 15;
    for (size_t j = 0; j < 2; j++)
        f.dominant[j] = 10;
    for (int scheme = PLS_SCHEME_PATH; scheme <= PLS_SCHEME_CENTROID; scheme++) {
        f.keys.scheme = (enum pls_scheme)scheme;
        fixture_start(&f);
        fixture_row(&f, NULL);
        assert_int_equal(f.outcome.status, PLS_STATUS_OK);
        for (size_t c = 0; c < f.columns->count; c++)
            if (scheme == PLS_SCHEME_PATH)
                first[c] = f.row[c];
            else
                assert_close(f.row[c], first[c], 1e-12);
    }
    fixture_free(&f);
}

static void single_indicators_need_one_update(void **state)
{
    (void)state;
    struct fixture f;
    const double x[] = {1, 2, 2, 1, 3, 5, 4, 3, 5, 7};
    fixture_model(&f, "X =~ x\nY <~ y\nY ~ X");
    fixture_data(&f, 5, x);
    fixture_start(&f);
    fixture_row(&f, NULL);
    assert_int_equal(f.outcome.status, PLS_STATUS_OK);
    assert_int_equal(f.outcome.iterations, 1);
    assert_true(fixture_value(&f, "weight", "X<~x") == 1.0);
    assert_true(fixture_value(&f, "loading", "Y=~y") == 1.0);
    /* R: cor(c(1,2,3,4,5), c(2,1,5,3,7)) */
    assert_close(fixture_value(&f, "path", "Y~X"), 0.78783859715833526, 1e-15);
    assert_close(fixture_value(&f, "r2", "Y"), 0.6206896551724137, 1e-15);
    fixture_free(&f);
}

/* Two blocks of three noisy indicators; the third of X is reversed, and all of Y are. */
static void bipolar(struct fixture *f)
{
    enum { N = 60 };
    double x[N * 6];
    uint64_t seed = 3;
    for (size_t i = 0; i < N; i++) {
        const double a = fixture_normal(&seed), b = 0.7 * a + 0.7 * fixture_normal(&seed);
        for (size_t k = 0; k < 6; k++) {
            const double direction = k == 2 || k > 2 ? -1.0 : 1.0;
            x[i * 6 + k] = direction * (k < 3 ? a : b) + 0.5 * fixture_normal(&seed);
        }
    }
    fixture_model(f, "X =~ x1 + x2 + x3; Y =~ y1 + y2 + y3; Y ~ X");
    fixture_data(f, N, x);
}

static double block_sum(const struct fixture *f, size_t j)
{
    double sum = 0.0;
    for (size_t k = f->block[j]; k < f->block[j + 1]; k++)
        sum += f->row[f->model.indicators + k];
    return sum;
}

/* Sum of |change| of all weights between two numbers of iterations. */
static double change(struct fixture *f, unsigned before, unsigned after)
{
    double w[MOST_INDICATORS], sum = 0.0;
    f->keys.tolerance = 0.0;
    f->keys.max_iterations = before;
    fixture_row(f, NULL);
    memcpy(w, f->row, f->model.indicators * sizeof *w);
    f->keys.max_iterations = after;
    fixture_row(f, NULL);
    for (size_t k = 0; k < f->model.indicators; k++)
        sum += fabs(f->row[k] - w[k]);
    return sum;
}

static void iterations_end_with_the_first_change_below_the_tolerance(void **state)
{
    (void)state;
    struct fixture f;
    fixture_golden(&f, "russett"); /* converges slowly */
    f.keys.scheme = PLS_SCHEME_CENTROID;
    fixture_start(&f);
    for (double tolerance = 1e-2; tolerance > 1e-9; tolerance *= 0.7) {
        f.keys.tolerance = tolerance;
        f.keys.max_iterations = 1000;
        fixture_row(&f, NULL);
        assert_int_equal(f.outcome.status, PLS_STATUS_OK);
        const unsigned m = f.outcome.iterations;
        assert_true(m > 2);
        assert_true(change(&f, m - 1, m) < tolerance);
        assert_true(change(&f, m - 2, m - 1) >= tolerance);
    }
    fixture_free(&f);
}

/* Answers at random, whose solution has a construct C that correlates negatively with its sum. */
static void without_a_rule_signs_are_as_iterated(void **state)
{
    (void)state;
    struct fixture f;
    double x[12 * 6];
    uint64_t seed = 9;
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
        x[i] = floor(5.0 * fixture_uniform(&seed));
    fixture_model(&f, "A =~ a1 + a2; B =~ b1 + b2; C =~ c1 + c2; C ~ A + B; B ~ A");
    fixture_data(&f, 12, x);
    fixture_start(&f);
    fixture_row(&f, NULL);
    assert_int_equal(f.outcome.status, PLS_STATUS_OK);
    assert_true(block_sum(&f, 2) < -1.0);
    f.keys.sign = PLS_SIGN_SUM;
    fixture_row(&f, NULL);
    assert_true(block_sum(&f, 2) > 1.0);
    fixture_free(&f);
}

static void the_sum_rule_makes_loadings_sum_to_no_less_than_zero(void **state)
{
    (void)state;
    struct fixture f;
    bipolar(&f);
    f.keys.sign = PLS_SIGN_SUM;
    fixture_start(&f);
    fixture_row(&f, NULL);
    assert_true(block_sum(&f, 0) > 0.0);
    assert_true(block_sum(&f, 1) > 0.0);
    assert_true(fixture_value(&f, "loading", "X=~x3") < 0.0);
    assert_true(fixture_value(&f, "path", "Y~X") < 0.0); /* Y is measured in reverse */
    assert_int_equal(f.outcome.flags, 0);
    fixture_free(&f);
}

static void a_dominant_indicator_beats_the_sum_rule_and_the_base(void **state)
{
    (void)state;
    struct fixture f;
    bipolar(&f);
    f.keys.sign = PLS_SIGN_SUM;
    fixture_start(&f);
    fixture_row(&f, NULL);
    double base[64];
    memcpy(base, f.row, f.columns->count * sizeof *base);
    f.dominant[0] = 2; /* x3 */
    fixture_start(&f);
    fixture_row(&f, base);
    assert_true(fixture_value(&f, "loading", "X=~x3") > 0.0);
    assert_true(block_sum(&f, 0) < 0.0);
    assert_true(fixture_value(&f, "path", "Y~X") > 0.0);
    assert_int_equal(f.outcome.flags, 0);
    fixture_free(&f);
}

static void turning_a_construct_turns_all_that_it_enters(void **state)
{
    (void)state;
    struct fixture f, turned;
    fixture_golden(&f, "jambi");
    fixture_golden(&turned, "jambi");
    fixture_start(&f);
    fixture_row(&f, NULL);
    double *base = calloc(f.columns->count, sizeof *base);
    assert_non_null(base);
    for (size_t c = 0; c < f.columns->count; c++)
        base[c] = c >= 5 && c < 10 ? -f.row[c] : f.row[c]; /* KV's weights */
    turned.keys.sign = PLS_SIGN_SUM;
    fixture_start(&turned);
    fixture_row(&turned, base);
    assert_int_equal(turned.outcome.flags, PLS_FLAG_TURNED);
    assert_int_equal(turned.outcome.where, 1);
    for (size_t c = 0; c < f.columns->count; c++) {
        const struct pls_column *column = &f.columns->column[c];
        const bool once = (strcmp(column->lhs, "KV") == 0) != (strcmp(column->rhs, "KV") == 0);
        assert_close(turned.row[c],
                     once && column->op[0] != '\0' && column->op[0] != '-' ? -f.row[c] : f.row[c],
                     1e-14);
    }
    free(base);
    fixture_free(&f);
    fixture_free(&turned);
}

static void replicates_are_aligned_to_the_base(void **state)
{
    (void)state;
    struct fixture f;
    bipolar(&f);
    f.keys.sign = PLS_SIGN_NONE;
    fixture_start(&f);
    fixture_row(&f, NULL);
    double base[64];
    memcpy(base, f.row, f.columns->count * sizeof *base);
    base[0] = -base[0], base[1] = -base[1], base[2] = -base[2];
    f.weights[0] = 3, f.weights[1] = 0, f.weights[2] = 0;
    fixture_row(&f, base);
    assert_true(f.row[0] * base[0] > 0.0);
    assert_true(f.row[3] * base[3] > 0.0);
    assert_int_equal(f.outcome.where, 0);
    assert_int_equal(f.outcome.flags, PLS_FLAG_TURNED);
    base[3] = -base[3], base[4] = -base[4], base[5] = -base[5]; /* the second one too */
    fixture_row(&f, base);
    assert_true(f.row[3] * base[3] > 0.0);
    assert_int_equal(f.outcome.where, 0);
    fixture_free(&f);
}

static void expect_failure(struct fixture *f, enum pls_status status, size_t where)
{
    fixture_row(f, NULL);
    assert_int_equal(f->outcome.status, status);
    assert_int_equal(f->outcome.where, where);
    for (size_t c = 0; c < f->columns->count; c++)
        assert_true(isnan(f->row[c]));
}

static void a_limit_of_iterations_keeps_the_values(void **state)
{
    (void)state;
    struct fixture f;
    fixture_golden(&f, "russett");
    f.keys.max_iterations = 3;
    fixture_start(&f);
    fixture_row(&f, NULL);
    assert_int_equal(f.outcome.status, PLS_STATUS_NOT_CONVERGED);
    assert_int_equal(f.outcome.flags, PLS_FLAG_NOT_CONVERGED);
    assert_int_equal(f.outcome.iterations, 3);
    for (size_t c = 0; c < f.columns->count; c++)
        assert_true(isfinite(f.row[c]));
    fixture_free(&f);
}

/* x1 and x2 differ in the last two rows only; so do a and b. */
static const double twins[] = {
    /* x1 x2  a  b  y */
    1, 1, 2, 2, 3, 2, 2, 1, 1, 1, 3, 3, 4, 4, 5, 4, 4, 3, 3, 2,
    5, 5, 5, 5, 6, 2, 2, 4, 4, 1, 1, 5, 2, 5, 4, 5, 1, 1, 3, 2,
};

static void a_collinear_mode_b_block_of_a_replicate_is_named(void **state)
{
    (void)state;
    struct fixture f;
    fixture_model(&f, "A =~ a + b; X <~ x1 + x2; A ~ X");
    double x[8 * 4];
    for (size_t i = 0; i < 8; i++) {
        x[i * 4] = twins[i * 5 + 2], x[i * 4 + 1] = twins[i * 5 + 4];
        x[i * 4 + 2] = twins[i * 5], x[i * 4 + 3] = twins[i * 5 + 1];
    }
    fixture_data(&f, 8, x);
    fixture_start(&f);
    fixture_row(&f, NULL);
    assert_int_equal(f.outcome.status, PLS_STATUS_OK);
    f.weights[6] = f.weights[7] = 0;
    expect_failure(&f, PLS_STATUS_SINGULAR_BLOCK, 1);
    fixture_free(&f);
}

static void collinear_predecessors_are_named(void **state)
{
    (void)state;
    for (int scheme = PLS_SCHEME_PATH; scheme <= PLS_SCHEME_CENTROID; scheme++) {
        struct fixture f;
        fixture_model(&f, "X =~ x1 + x2; A =~ a; B =~ b; Y =~ y; Y ~ A + X + B");
        fixture_data(&f, 8, twins);
        f.keys.scheme = (enum pls_scheme)scheme;
        fixture_start(&f);
        fixture_row(&f, NULL);
        assert_int_equal(f.outcome.status, PLS_STATUS_OK);
        f.weights[6] = f.weights[7] = 0;
        expect_failure(&f,
                       scheme == PLS_SCHEME_PATH ? PLS_STATUS_SINGULAR_INNER
                                                 : PLS_STATUS_SINGULAR_STRUCTURAL,
                       3);
        fixture_free(&f);
    }
}

static void a_block_without_any_relation_to_its_neighbours_is_named(void **state)
{
    (void)state;
    static const double units[] = {1.0, 0.1, 0.7, 1.0 / 3.0}; /* exact, and but for rounding */
    for (size_t u = 0; u < 4; u++)
        for (int scheme = PLS_SCHEME_PATH; scheme <= PLS_SCHEME_CENTROID; scheme++) {
            struct fixture f;
            double x[24 * 3];
            for (size_t i = 0; i < 24; i++) { /* a full factorial: y is an interaction */
                x[i * 3 + 1] = units[u] * (i & 1 ? 1.0 : -1.0);
                x[i * 3 + 2] = units[u] * (double)(i % 3);
                x[i * 3] = units[u] * (i & 1 ? 1.0 : -1.0) * (i & 4 ? 2.0 : -1.0) *
                           ((double)(i % 3) - 1.0);
            }
            fixture_model(&f, "Y =~ y; X =~ x1 + x2; Y ~ X");
            fixture_data(&f, 24, x);
            f.keys.scheme = (enum pls_scheme)scheme;
            fixture_start(&f);
            expect_failure(&f, PLS_STATUS_ZERO_PROXY, 1);
            fixture_free(&f);
        }
}

static void indicators_that_cancel_each_other_cannot_start(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int variant = 0; variant < 40;
         variant++) { /* the first exactly, the others but for rounding */
        struct fixture f;
        double x[] = {1, 1, 0, 2, 2, 0, 3, 4, 0, 5, 3, 0, 1, 2, 0};
        const double factor = variant == 0 ? 1.0 : fixture_uniform(&seed);
        for (size_t i = 0; i < 5; i++)
            x[i * 3 + 2] = (variant == 0 ? 0.0 : 0.3) - factor * x[i * 3 + 1];
        fixture_model(&f, "Y =~ y; X =~ x1 + x2; X ~ Y");
        fixture_data(&f, 5, x);
        fixture_start(&f);
        expect_failure(&f, PLS_STATUS_ZERO_PROXY, 1);
        assert_int_equal(f.outcome.iterations, 0);
        fixture_free(&f);
    }
}

/* The one law, as far as this room goes: a row depends on its weights and on nothing before it. */
static void a_row_has_the_same_bits_in_any_order_and_workspace(void **state)
{
    (void)state;
    enum { ROWS = 12 };
    static const char *const names[] = {"mobi", "democracy", "corprep"};
    for (size_t m = 0; m < 3; m++) {
        struct fixture f;
        fixture_golden(&f, names[m]);
        fixture_start(&f);
        const size_t columns = f.columns->count;
        struct pls_workspace *other = NULL;
        double *rows = calloc(ROWS * columns, sizeof *rows);
        assert_non_null(rows);
        assert_ok(pls_workspace_new(f.estimator, &other, &f.err), &f.err);
        fixture_row(&f, NULL);
        double *base = rows + (ROWS - 1) * columns;
        memcpy(base, f.row, columns * sizeof *base);
        for (size_t r = 0; r < ROWS - 1; r++) {
            f.weights[r] = 4;
            fixture_row(&f, base);
            memcpy(rows + r * columns, f.row, columns * sizeof *rows);
            f.weights[r] = 1;
        }
        for (size_t i = 0; i < f.dataset.rows; i++)
            f.weights[i] = i == 0; /* a row that fails first */
        pls_estimator_row(f.estimator, other, f.weights, base, f.row, &f.outcome);
        assert_int_equal(f.outcome.status, PLS_STATUS_CONSTANT);
        for (size_t i = 0; i < f.dataset.rows; i++)
            f.weights[i] = 1;
        for (size_t r = ROWS - 1; r-- > 0;) {
            f.weights[r] = 4;
            pls_estimator_row(f.estimator, other, f.weights, base, f.row, &f.outcome);
            assert_memory_equal(f.row, rows + r * columns, columns * sizeof *rows);
            f.weights[r] = 1;
        }
        pls_workspace_free(other);
        free(rows);
        fixture_free(&f);
    }
}

/*
 * A population of composites: Y1 ~ N(0,1), Y2 = .6 Y1 + e, Y3 = .3 Y1 + .5 Y2 + e, unit variances.
 * A block is x = l y + u - l v'u with v'l = 1, so that v'x = y exactly. Mode B finds v for any l;
 * Mode A finds it where l and v are both equal throughout.
 */
static void a_large_sample_returns_the_population(void **state)
{
    (void)state;
    enum { N = 5000, K = 3 };
    static const double loading[3][K] = {{0.9, 0.6, 0.3}, {0.8, 0.8, 0.8}, {0.5, 0.7, 0.9}};
    static const double weight[3][K] = {
        {0.7, 0.4, 0.43333333333333335}, {1 / 2.4, 1 / 2.4, 1 / 2.4}, {0.2, 0.9, 0.3}};
    double *x = calloc((size_t)N * 9, sizeof *x);
    uint64_t seed = 20260101;
    assert_non_null(x);
    for (size_t i = 0; i < N; i++) {
        double y[3];
        y[0] = fixture_normal(&seed);
        y[1] = 0.6 * y[0] + 0.8 * fixture_normal(&seed);
        y[2] = 0.3 * y[0] + 0.5 * y[1] + sqrt(1.0 - 0.52) * fixture_normal(&seed);
        for (size_t j = 0; j < 3; j++) {
            double u[K], sum = 0.0;
            for (size_t k = 0; k < K; k++) {
                u[k] = 0.6 * fixture_normal(&seed);
                sum += weight[j][k] * u[k];
            }
            for (size_t k = 0; k < K; k++)
                x[i * 9 + j * K + k] = loading[j][k] * (y[j] - sum) + u[k];
        }
    }
    struct fixture f;
    fixture_model(&f, "A <~ a1 + a2 + a3; B =~ b1 + b2 + b3; C <~ c1 + c2 + c3; B ~ A; C ~ A + B");
    fixture_data(&f, N, x);
    f.keys.sign = PLS_SIGN_SUM;
    fixture_start(&f);
    fixture_row(&f, NULL);
    assert_int_equal(f.outcome.status, PLS_STATUS_OK);
    assert_close(fixture_value(&f, "path", "B~A"), 0.6, 0.03); /* three standard errors */
    assert_close(fixture_value(&f, "path", "C~A"), 0.3, 0.04);
    assert_close(fixture_value(&f, "path", "C~B"), 0.5, 0.04);
    assert_close(fixture_value(&f, "indirect", "C~A"), 0.3, 0.03);
    assert_close(fixture_value(&f, "total", "C~A"), 0.6, 0.03);
    assert_close(fixture_value(&f, "r2", "C"), 0.52, 0.03);
    /* a weight speaks of a standardised indicator: v times its standard deviation */
    for (size_t k = 0; k < K; k++) {
        double sum = 0.0, squares = 0.0;
        for (size_t i = 0; i < N; i++) {
            sum += x[i * 9 + k];
            squares += x[i * 9 + k] * x[i * 9 + k];
        }
        const double sd = sqrt(squares / N - sum / N * sum / N);
        assert_close(f.row[k], weight[0][k] * sd, 0.06);
    }
    free(x);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_solution_satisfies_its_equations),
        cmocka_unit_test(schemes_agree_where_there_are_two_constructs),
        cmocka_unit_test(single_indicators_need_one_update),
        cmocka_unit_test(iterations_end_with_the_first_change_below_the_tolerance),
        cmocka_unit_test(without_a_rule_signs_are_as_iterated),
        cmocka_unit_test(the_sum_rule_makes_loadings_sum_to_no_less_than_zero),
        cmocka_unit_test(a_dominant_indicator_beats_the_sum_rule_and_the_base),
        cmocka_unit_test(turning_a_construct_turns_all_that_it_enters),
        cmocka_unit_test(replicates_are_aligned_to_the_base),
        cmocka_unit_test(a_limit_of_iterations_keeps_the_values),
        cmocka_unit_test(a_collinear_mode_b_block_of_a_replicate_is_named),
        cmocka_unit_test(collinear_predecessors_are_named),
        cmocka_unit_test(a_block_without_any_relation_to_its_neighbours_is_named),
        cmocka_unit_test(indicators_that_cancel_each_other_cannot_start),
        cmocka_unit_test(a_row_has_the_same_bits_in_any_order_and_workspace),
        cmocka_unit_test(a_large_sample_returns_the_population),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
