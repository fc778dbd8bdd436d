/*
 * test_within.c: rows of permutation tests within one sample: the same bits on every instruction
 * set and by every cut; the values of data permuted by hand; permutations uniform, inside strata,
 * of whole clusters.
 */
#include "random_models.h"

#include "plstrap/within.h"
#include "within_internal.h"

enum { ROWS = 150, MODELS = 60 };

static struct pls_within *start(struct fixture *f, struct pls_within_settings settings,
                                enum pls_isa isa)
{
    struct pls_within *within = NULL;
    if (f->estimator == NULL)
        fixture_start(f);
    fixture_row(f, NULL);
    assert_ok(pls_within_new(f->estimator, f->row, &settings, isa, &within, &f->err), &f->err);
    return within;
}

struct tally {
    size_t models, rows, failed, turned, differing;
};

static void compare_all(struct fixture *f, struct pls_within_settings settings, struct tally *tally)
{
    static const struct {
        size_t from, count;
    } cuts[] = {{0, ROWS}, {0, 1}, {3, 65}, {64, 64}, {77, 7}};
    struct pls_within *within = start(f, settings, PLS_ISA_REF);
    const size_t columns = pls_within_own_columns(within)->count;
    double *expected = calloc(ROWS * columns, sizeof *expected);
    double *rows = calloc(ROWS * columns, sizeof *rows);
    struct pls_outcome wanted[ROWS], outcomes[ROWS];
    assert_true(expected != NULL && rows != NULL);
    pls_within_rows(within, 1000, ROWS, expected, ROWS, wanted);
    pls_within_free(within);
    for (size_t r = 0; r < ROWS; r++) {
        tally->failed += wanted[r].status != PLS_STATUS_OK;
        tally->turned += (wanted[r].flags & PLS_FLAG_TURNED) != 0;
    }
    for (enum pls_isa isa = PLS_ISA_PORTABLE; isa < PLS_ISAS; isa++) {
        enum pls_isa selected;
        if (pls_isa_select(pls_isa_name(isa), &selected, NULL) != PLS_OK)
            continue;
        within = start(f, settings, isa);
        for (size_t cut = 0; cut < sizeof cuts / sizeof cuts[0]; cut++) {
            const size_t from = cuts[cut].from, count = cuts[cut].count;
            pls_within_rows(within, 1000 + from, count, rows, count, outcomes);
            for (size_t r = 0; r < count; r++) {
                const struct pls_outcome *a = &outcomes[r], *b = &wanted[from + r];
                bool same = a->status == b->status && a->flags == b->flags &&
                            a->where == b->where && a->iterations == b->iterations;
                for (size_t c = 0; c < columns; c++)
                    same = same &&
                           fixture_same_bits(rows[c * count + r], expected[c * ROWS + from + r]);
                tally->rows++;
                tally->differing += !same;
            }
        }
        pls_within_free(within);
    }
    free(expected);
    free(rows);
}

static void rows_have_the_bits_of_the_readable_version_on_every_instruction_set(void **state)
{
    (void)state;
    struct tally tally = {0};
    for (uint64_t number = 0; tally.models < MODELS; number++) {
        struct fixture f;
        uint64_t seed = 4100 + number * 17;
        fixture_random_model(&f, &seed);
        fixture_random_keys(&f, &seed);
        fixture_random_data(&f, &seed);
        if (f.model.paths > 0 && f.dataset.rows > f.model.constructs + 1 &&
            pls_estimator_new(&f.model, &f.keys, &f.dataset, &f.estimator, &f.err) == PLS_OK) {
            fixture_start(&f);
            fixture_row(&f, NULL);
            if (f.outcome.status <= PLS_STATUS_NOT_CONVERGED) {
                const size_t before = tally.differing;
                compare_all(&f,
                            (struct pls_within_settings){.seed = number,
                                                         .align = fixture_below(&seed, 2) == 0},
                            &tally);
                if (tally.differing > before)
                    print_error("model %llu: %zu rows differ (n %zu, J %zu, p %zu)\n",
                                (unsigned long long)number, tally.differing - before,
                                f.dataset.rows, f.model.constructs, f.model.indicators);
                tally.models++;
            }
        }
        fixture_free(&f);
    }
    print_message(
        "%zu models, %zu rows compared; %zu of the readable version's failed, %zu turned; "
        "%zu differ\n",
        tally.models, tally.rows, tally.failed, tally.turned, tally.differing);
    assert_true(tally.failed > 0 && tally.turned > 0);
    assert_int_equal(tally.differing, 0);
}

/* ---- by hand: permuted answers, a new estimator, ordinary least squares on its scores ---- */

/* Least squares of y on the columns of x [n][q] that are used, without constant (all centred):
 * coefficients and diagonal of the inverse of x'x, by Gauss-Jordan. */
static void least_squares(size_t n, size_t q, const double *x, const bool *used, const double *y,
                          double *b, double *inverse)
{
    double a[16][33] = {{0}};
    assert_true(q <= 16);
    for (size_t k = 0; k < q; k++) {
        a[k][q + k] = 1.0;
        a[k][2 * q] = 0.0;
        for (size_t l = 0; l < q; l++)
            for (size_t i = 0; i < n; i++)
                a[k][l] += used[k] && used[l] ? x[i * q + k] * x[i * q + l] : 0.0;
        for (size_t i = 0; i < n; i++)
            a[k][2 * q] += used[k] ? x[i * q + k] * y[i] : 0.0;
        if (!used[k])
            a[k][k] = 1.0;
    }
    for (size_t k = 0; k < q; k++) {
        const double pivot = a[k][k];
        for (size_t c = 0; c <= 2 * q; c++)
            a[k][c] /= pivot;
        for (size_t r = 0; r < q; r++) {
            const double factor = a[r][k];
            for (size_t c = 0; c <= 2 * q && r != k; c++)
                a[r][c] -= factor * a[k][c];
        }
    }
    for (size_t k = 0; k < q; k++) {
        b[k] = a[k][2 * q];
        inverse[k] = a[k][q + k];
    }
}

/* t of path a to j, and R², by ordinary least squares on the scores of a fixture's row. */
static double t_by_hand(const struct fixture *f, size_t j, size_t a, double *r2)
{
    const size_t n = f->dataset.rows, J = f->model.constructs;
    const size_t q = f->arrow[j + 1] - f->arrow[j];
    double *scores = calloc(n * J, sizeof *scores), *x = calloc(n * q, sizeof *x);
    double *y = calloc(n, sizeof *y), b[16], inverse[16], rest = 0.0, all = 0.0;
    bool used[16];
    pls_estimator_scores(f->estimator, f->row, scores);
    for (size_t i = 0; i < n; i++) {
        for (size_t m = 0; m < q; m++)
            x[i * q + m] = scores[i * J + f->source[f->arrow[j] + m]];
        y[i] = scores[i * J + j];
    }
    memset(used, true, sizeof used);
    least_squares(n, q, x, used, y, b, inverse);
    for (size_t i = 0; i < n; i++) {
        double e = y[i];
        for (size_t m = 0; m < q; m++)
            e -= b[m] * x[i * q + m];
        rest += e * e;
        all += y[i] * y[i];
    }
    *r2 = 1.0 - rest / all;
    free(scores);
    free(x);
    free(y);
    return b[a] / sqrt(rest / (double)(n - 1 - q) * inverse[a]);
}

/* The data of `base` with the block of j replaced: fit on the scores that are used + e_pi. */
static void replace(const struct fixture *base, size_t j, const bool *used, const uint32_t *pi,
                    struct fixture *out)
{
    const size_t n = base->dataset.rows, J = base->model.constructs, p = base->model.indicators;
    const size_t q = base->arrow[j + 1] - base->arrow[j];
    double *scores = calloc(n * J, sizeof *scores), *x = calloc(n * q, sizeof *x);
    double *y = calloc(n, sizeof *y), *e = calloc(n, sizeof *e), b[16], inverse[16];
    pls_estimator_scores(base->estimator, base->row, scores);
    for (size_t i = 0; i < n; i++)
        for (size_t m = 0; m < q; m++)
            x[i * q + m] = scores[i * J + base->source[base->arrow[j] + m]];
    for (size_t k = base->block[j]; k < base->block[j + 1]; k++) {
        double mean = 0.0;
        for (size_t i = 0; i < n; i++)
            mean += base->dataset.values[i * p + k] / (double)n;
        for (size_t i = 0; i < n; i++)
            y[i] = base->dataset.values[i * p + k] - mean;
        least_squares(n, q, x, used, y, b, inverse);
        for (size_t i = 0; i < n; i++) {
            double fit = 0.0;
            for (size_t m = 0; m < q; m++)
                fit += used[m] ? b[m] * x[i * q + m] : 0.0;
            e[i] = y[i] - fit;
            out->dataset.values[i * p + k] = mean + fit;
        }
        for (size_t i = 0; i < n; i++)
            out->dataset.values[i * p + k] += e[pi[i]];
    }
    free(scores);
    free(x);
    free(y);
    free(e);
}

static void values_are_those_of_permuted_data_analysed_anew(void **state)
{
    (void)state;
    struct fixture f, g;
    uint64_t seed = 31;
    enum { N = 40, P = 11, COUNT = 20 };
    static const char text[] = "a =~ x1 + x2 + x3; b <~ x4 + x5; c =~ x6 + x7 + x8; "
                               "d =~ x9 + x10 + x11; c ~ a + b; d ~ a + c + b";
    double values[N * P];
    uint32_t pi[N];
    fixture_model(&f, text);
    fixture_model(&g, text);
    for (size_t i = 0; i < N; i++) {
        const double common = fixture_normal(&seed);
        for (size_t k = 0; k < P; k++)
            values[i * P + k] = 50.0 + 3.0 * (common + fixture_normal(&seed));
    }
    fixture_data(&f, N, values);
    fixture_start(&f);
    const struct pls_within_settings settings = {.seed = 9};
    struct pls_within *within = start(&f, settings, PLS_ISA_PORTABLE);
    const struct pls_columns *columns = pls_within_own_columns(within);
    assert_int_equal(columns->count, 7);
    assert_int_equal(pls_within_models(f.estimator), 7);
    double rows[7 * COUNT];
    struct pls_outcome outcomes[COUNT];
    pls_within_rows(within, 0, COUNT, rows, COUNT, outcomes);
    for (size_t r = 0; r < COUNT; r++) {
        assert_int_equal(outcomes[r].status, PLS_STATUS_OK);
        for (size_t j = 2; j < 4; j++) {
            const size_t q = f.arrow[j + 1] - f.arrow[j];
            pls_within_shuffle(within, j, r, NULL, pi);
            for (size_t v = 0; v <= q; v++) {
                bool used[16] = {false};
                double r2;
                for (size_t m = 0; m < q; m++)
                    used[m] = v > 0 && m + 1 != v;
                fixture_data(&g, N, values);
                replace(&f, j, used, pi, &g);
                fixture_start(&g);
                fixture_row(&g, NULL);
                const double t = t_by_hand(&g, j, v > 0 ? v - 1 : 0, &r2);
                if (v == 0)
                    assert_close(rows[(5 + j - 2) * COUNT + r], r2, 1e-9);
                else
                    assert_close(fabs(rows[(f.arrow[j] + v - 1) * COUNT + r]), fabs(t), 1e-8);
            }
        }
    }
    double observed[7], r2;
    assert_int_equal(pls_within_observed(within, observed).status, PLS_STATUS_OK);
    for (size_t j = 2; j < 4; j++)
        for (size_t a = f.arrow[j]; a < f.arrow[j + 1]; a++) {
            assert_close(observed[a], t_by_hand(&f, j, a - f.arrow[j], &r2), 1e-8);
            assert_close(observed[5 + j - 2], r2, 1e-9);
        }
    pls_within_free(within);
    fixture_free(&f);
    fixture_free(&g);
}

/* ---- known numbers ---- */

static void all_720_permutations_of_six_pairs_give_the_exact_p(void **state)
{
    (void)state;
    static const double values[] = {1, 1, 2, 3, 3, 2, 4, 5, 5, 4, 6, 6};
    struct fixture f;
    fixture_model(&f, "a =~ x; b =~ y; b ~ a");
    fixture_data(&f, 6, values);
    const struct pls_within_settings settings = {.exact = true};
    struct pls_within *within = start(&f, settings, PLS_ISA_PORTABLE);
    double rows[2 * 720], observed[2], mean = 0.0;
    struct pls_outcome outcomes[720];
    size_t t = 0, r2 = 0;
    assert_int_equal(pls_within_assignments(6, NULL), 720);
    assert_true(pls_within_is_exact(f.estimator, 0) && pls_within_is_exact(f.estimator, 1));
    pls_within_observed(within, observed);
    assert_close(observed[1], 0.885714 * 0.885714, 1e-5);
    pls_within_rows(within, 0, 720, rows, 720, outcomes);
    for (size_t r = 0; r < 720; r++) {
        assert_int_equal(outcomes[r].status, PLS_STATUS_OK);
        t += fabs(rows[r]) >= fabs(observed[0]) * (1.0 - 1e-10);
        r2 += rows[720 + r] >= observed[1] * (1.0 - 1e-10);
        mean += rows[720 + r] / 720.0;
    }
    assert_int_equal(t, 24);
    assert_int_equal(r2, 24);
    assert_close(mean, 0.2, 1e-12); /* variance of r over all permutations: 1/(n-1) */
    assert_close(rows[0], observed[0], 1e-9);
    pls_within_free(within);
    fixture_free(&f);
}

static void values_do_not_depend_on_the_units_of_the_answers(void **state)
{
    (void)state;
    struct fixture f, g;
    double rows[2][64 * 5];
    struct pls_outcome outcomes[64];
    fixture_golden(&f, "jambi");
    fixture_golden(&g, "jambi");
    for (size_t i = 0; i < g.dataset.rows * g.dataset.columns; i++)
        g.dataset.values[i] = 0.37 * (double)(1 + i % g.dataset.columns) * g.dataset.values[i] - 4;
    const struct pls_within_settings settings = {.seed = 3, .align = true};
    struct pls_within *a = start(&f, settings, PLS_ISA_PORTABLE);
    struct pls_within *b = start(&g, settings, PLS_ISA_PORTABLE);
    assert_int_equal(pls_within_own_columns(a)->count, 5);
    pls_within_rows(a, 0, 64, rows[0], 64, outcomes);
    pls_within_rows(b, 0, 64, rows[1], 64, outcomes);
    for (size_t i = 0; i < 64 * 5; i++)
        assert_close(rows[0][i], rows[1][i], 1e-8);
    pls_within_free(a);
    pls_within_free(b);
    fixture_free(&f);
    fixture_free(&g);
}

/* ---- permutations ---- */

static void every_permutation_is_as_likely_as_any_other(void **state)
{
    (void)state;
    struct pls_within within = {.n = 4, .settings = {.seed = 5}};
    enum { COUNT = 24000 };
    size_t count[256] = {0}, found = 0;
    double square = 0.0;
    for (uint64_t row = 0; row < COUNT; row++) {
        uint32_t pi[4];
        pls_within_shuffle(&within, 2, row, NULL, pi);
        count[pi[0] + 4 * pi[1] + 16 * pi[2] + 64 * pi[3]]++;
    }
    for (size_t i = 0; i < 256; i++)
        if (count[i] > 0) {
            found++;
            square += ((double)count[i] - 1000.0) * ((double)count[i] - 1000.0) / 1000.0;
        }
    assert_int_equal(found, 24);
    assert_true(square < 49.7); /* chi², 23 degrees of freedom: .999 */
}

static void large_permutations_are_permutations_and_uniform_in_place(void **state)
{
    (void)state;
    enum { N = 3000, COUNT = 200 };
    struct pls_within within = {.n = N, .settings = {.seed = 6}};
    static uint32_t pi[N], seen[N];
    double mean = 0.0;
    for (uint64_t row = 0; row < COUNT; row++) {
        pls_within_shuffle(&within, 0, row, NULL, pi);
        for (size_t i = 0; i < N; i++)
            seen[pi[i]]++;
        mean += pi[N - 1] / (double)COUNT;
        for (size_t i = 0; i < N; i++)
            assert_int_equal(seen[i], row + 1);
    }
    assert_close(mean, (N - 1) / 2.0, 4 * N / sqrt(12.0 * COUNT));
}

/* Two strata of rows 0-2, 3-8; in the second three clusters of two rows: 3 8, 4 7, 5 6. */
static struct pls_design clustered(void)
{
    static size_t first[] = {0, 3, 6}, at[] = {0, 1, 2, 3, 5, 7, 9};
    static uint32_t row[] = {0, 1, 2, 3, 8, 4, 7, 5, 6};
    return (struct pls_design){
        .n = 9, .strata = 2, .units = 6, .first = first, .start = at, .row = row};
}

static void strata_keep_their_rows_and_clusters_move_whole(void **state)
{
    (void)state;
    const struct pls_design design = clustered();
    struct pls_within within = {.n = 9, .settings = {.opt_design = &design, .exact = true}};
    static const uint32_t partner[] = {0, 1, 2, 8, 7, 6, 5, 4, 3};
    uint32_t order[6], pi[9], all[36];
    assert_int_equal(pls_within_assignments(9, &design), 36);
    for (uint64_t row = 0; row < 36; row++) {
        pls_within_shuffle(&within, 0, row, order, pi);
        all[row] = 0;
        for (uint32_t i = 0; i < 9; i++) {
            assert_true((i < 3) == (pi[i] < 3));
            assert_int_equal(pi[partner[i]], partner[pi[i]]);
            all[row] = all[row] * 9 + pi[i];
            assert_true(row > 0 || pi[i] == i);
        }
        for (uint64_t other = 0; other < row; other++)
            assert_true(all[other] != all[row]);
    }
    within.settings.exact = false;
    size_t moved = 0;
    for (uint64_t row = 0; row < 100; row++) {
        pls_within_shuffle(&within, 0, row, order, pi);
        for (uint32_t i = 0; i < 9; i++) {
            assert_true((i < 3) == (pi[i] < 3));
            assert_int_equal(pi[partner[i]], partner[pi[i]]);
            moved += pi[i] != i;
        }
    }
    assert_true(moved > 400 && moved < 800); /* 600: a third stay */
}

static void what_cannot_be_tested_is_refused_in_words(void **state)
{
    (void)state;
    struct fixture f;
    struct pls_within *within = NULL;
    struct pls_design design = clustered();
    double values[9 * 2];
    uint64_t seed = 8;
    for (size_t i = 0; i < 18; i++)
        values[i] = fixture_normal(&seed);
    fixture_model(&f, "a =~ x; b =~ y; b ~ a");
    fixture_data(&f, 9, values);
    fixture_start(&f);
    fixture_row(&f, NULL);
    struct pls_within_settings settings = {.opt_design = &design};
    size_t uneven[] = {0, 1, 2, 3, 6, 7, 9}, lone[] = {0, 9}, one[] = {0, 1};
    design.start = uneven;
    assert_int_equal(pls_within_new(f.estimator, f.row, &settings, PLS_ISA_REF, &within, &f.err),
                     PLS_EDATA);
    assert_string_equal(f.err.text,
                        "clusters of 3 and of 1 rows cannot be exchanged; permutation within one "
                        "sample needs clusters of one size in each stratum: give their size as "
                        "data.strata, or leave out data.cluster");
    design.start = lone;
    design.first = one;
    design.strata = design.units = 1;
    assert_int_equal(pls_within_new(f.estimator, f.row, &settings, PLS_ISA_REF, &within, &f.err),
                     PLS_EDATA);
    assert_string_equal(f.err.text,
                        "nothing can be exchanged: every stratum has a single row or cluster; "
                        "leave out data.strata or data.cluster");
    assert_null(within);
    fixture_free(&f);
}

static void a_failed_row_names_the_first_model_that_failed(void **state)
{
    (void)state;
    struct fixture f;
    struct pls_outcome outcomes[300];
    double rows[300 * 5];
    size_t numbers[6] = {0};
    fixture_golden(&f, "jambi");
    f.keys.max_iterations = 15;
    f.keys.tolerance = 1e-7;
    struct pls_within *within =
        start(&f, (struct pls_within_settings){.seed = 4}, PLS_ISA_PORTABLE);
    pls_within_rows(within, 0, 300, rows, 300, outcomes);
    for (size_t r = 0; r < 300; r++) {
        const size_t run = (size_t)((outcomes[r].flags & PLS_FLAG_RUN) >> PLS_FLAG_RUN_SHIFT);
        size_t failed = 0;
        for (size_t t = within->targets; t-- > 0;)
            for (size_t v = within->target[t].predecessors + 1; v-- > 0;) {
                struct pls_outcome outcome;
                double values[3], r2;
                pls_within_model(within, &within->target[t], v, r, values, &r2, &outcome);
                failed = outcome.status != PLS_STATUS_OK ? within->target[t].model + v + 1 : failed;
            }
        assert_int_equal(run, failed);
        numbers[run]++;
        assert_int_equal(run > 0, outcomes[r].status == PLS_STATUS_NOT_CONVERGED);
        assert_int_equal(run > 0, (outcomes[r].flags & PLS_FLAG_NOT_CONVERGED) != 0);
        assert_true(outcomes[r].iterations <= 15 && outcomes[r].iterations > 0);
    }
    assert_true(numbers[0] > 0 && numbers[1] > 0 && numbers[3] > 0);
    pls_within_free(within);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_the_bits_of_the_readable_version_on_every_instruction_set),
        cmocka_unit_test(values_are_those_of_permuted_data_analysed_anew),
        cmocka_unit_test(all_720_permutations_of_six_pairs_give_the_exact_p),
        cmocka_unit_test(values_do_not_depend_on_the_units_of_the_answers),
        cmocka_unit_test(every_permutation_is_as_likely_as_any_other),
        cmocka_unit_test(large_permutations_are_permutations_and_uniform_in_place),
        cmocka_unit_test(strata_keep_their_rows_and_clusters_move_whole),
        cmocka_unit_test(what_cannot_be_tested_is_refused_in_words),
        cmocka_unit_test(a_failed_row_names_the_first_model_that_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
