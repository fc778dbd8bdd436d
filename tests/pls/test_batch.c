/*
 * test_batch.c: rows computed many at once are those of the readable version, bit for bit, on every
 * instruction set of this machine, for random models and data. PLSTRAP_MODELS=N makes it N models.
 */
#include "random_models.h"

#include "plstrap/batch.h"

enum { ROWS = 200, MODELS = 120 };

/* A test's own weights: row r of a study is a function of (seed, r) too. */
struct weights {
    uint64_t seed;
    size_t n;
    bool ordinary; /* only ordinary bootstrap draws */
    uint32_t *row; /* [n] */
};

static void draw(void *self, uint64_t row, uint32_t *out)
{
    const struct weights *weights = self;
    const size_t n = weights->n;
    uint64_t seed = weights->seed * 1000003 + row * 7919;
    const unsigned kind = weights->ordinary ? 100 : (unsigned)(fixture_uniform(&seed) * 40.0);
    size_t among = n, draws = n;
    memset(out, 0, n * sizeof *out);
    if (kind == 0) /* hardly any variance, and large counts */
        among = 1 + (size_t)(fixture_uniform(&seed) * 4.0);
    else if (kind == 1) /* few observations: singular blocks */
        among = 2 + (size_t)(fixture_uniform(&seed) * 12.0);
    else if (kind == 2) /* not a resample of size n */
        draws = 2 * n;
    else if (kind == 3) /* a subsample */
        draws = 1 + n / 2;
    among = among < n ? among : n;
    for (size_t i = 0; i < draws; i++)
        out[(size_t)(fixture_uniform(&seed) * (double)among)]++;
    if (kind == 4) /* a jackknife replicate */
        for (size_t i = 0; i < n; i++)
            out[i] = i != row % n;
    if (kind == 5) /* one weight beyond a byte */
        out[row % n] = 300;
    if (kind == 6)
        out[row % n] = 200;
}

static void pack(void *self, uint64_t first, size_t lanes, uint8_t *counts, uint64_t *overflow)
{
    const struct weights *weights = self;
    const size_t n = weights->n;
    memset(counts, 0, (n + 3) / 4 * 4 * PLS_LANES);
    *overflow = 0;
    for (size_t lane = 0; lane < lanes; lane++) {
        draw(self, first + lane, weights->row);
        for (size_t i = 0; i < n; i++) {
            counts[(i / 4 * PLS_LANES + lane) * 4 + i % 4] = (uint8_t)weights->row[i];
            if (weights->row[i] > 255)
                *overflow |= (uint64_t)1 << lane;
        }
    }
}

struct tally {
    size_t models, refused, rows, troubled, unconverged, differing, turned;
    double largest;
};

static void compare(const struct fixture *f, const double *rows, const struct pls_outcome *outcomes,
                    const double *expected, const struct pls_outcome *wanted, size_t from,
                    size_t count, struct tally *tally)
{
    for (size_t r = 0; r < count; r++) {
        const struct pls_outcome *a = &outcomes[r], *b = &wanted[from + r];
        bool same = a->status == b->status && a->flags == b->flags && a->where == b->where &&
                    a->iterations == b->iterations;
        for (size_t c = 0; c < f->columns->count; c++) {
            const double x = rows[c * count + r], y = expected[(from + r) * f->columns->count + c];
            same = same && fixture_same_bits(x, y);
            tally->largest = fmax(tally->largest, fabs(x - y));
        }
        tally->rows++;
        tally->differing += !same;
    }
}

/* All rows by the readable version, then in pieces of several sizes by each instruction set. */
static void compare_all(struct fixture *f, struct weights *weights, const double *opt_base,
                        struct tally *tally)
{
    static const size_t counts[] = {200, 1, 7, 8, 63, 64, 65};
    const size_t columns = f->columns->count;
    double *expected = calloc(ROWS * columns, sizeof *expected);
    double *rows = calloc(ROWS * columns, sizeof *rows);
    struct pls_outcome wanted[ROWS], outcomes[ROWS];
    const struct pls_source source = {weights, pack, draw};
    const uint64_t first = weights->seed % 1000;
    assert_non_null(expected);
    assert_non_null(rows);
    for (size_t r = 0; r < ROWS; r++) {
        draw(weights, first + r, f->weights);
        pls_estimator_row(f->estimator, f->workspace, f->weights, opt_base, expected + r * columns,
                          &wanted[r]);
        tally->troubled += wanted[r].status > PLS_STATUS_NOT_CONVERGED;
        tally->unconverged += wanted[r].status == PLS_STATUS_NOT_CONVERGED;
        tally->turned += (wanted[r].flags & PLS_FLAG_TURNED) != 0;
    }
    for (enum pls_isa isa = PLS_ISA_REF; isa < PLS_ISAS; isa++) {
        struct pls_batch *batch = NULL;
        enum pls_isa selected;
        if (pls_isa_select(pls_isa_name(isa), &selected, NULL) != PLS_OK)
            continue;
        assert_int_equal(selected, isa);
        assert_ok(pls_batch_new(f->estimator, isa, &batch, &f->err), &f->err);
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            const size_t from = counts[i] == ROWS ? 0 : (weights->seed + i * 31) % (ROWS - 65);
            pls_batch_rows(batch, &source, first + from, counts[i], opt_base, rows, counts[i],
                           outcomes);
            compare(f, rows, outcomes, expected, wanted, from, counts[i], tally);
            if (isa == PLS_ISA_REF && i == 2)
                break;
        }
        pls_batch_free(batch);
    }
    free(expected);
    free(rows);
}

static void check_random_model(uint64_t number, struct tally *tally)
{
    struct fixture f;
    uint64_t seed = 77000 + number * 13;
    fixture_random_model(&f, &seed);
    fixture_random_keys(&f, &seed);
    fixture_random_data(&f, &seed);
    if (pls_estimator_new(&f.model, &f.keys, &f.dataset, &f.estimator, &f.err) != PLS_OK) {
        tally->refused++; /* too few rows, a constant indicator, a collinear block */
        fixture_free(&f);
        return;
    }
    fixture_start(&f);
    fixture_row(&f, NULL);
    struct weights weights = {.seed = seed % 100000,
                              .n = f.dataset.rows,
                              .ordinary = fixture_below(&seed, 2) == 0,
                              .row = calloc(f.dataset.rows, sizeof *weights.row)};
    assert_non_null(weights.row);
    const size_t before = tally->differing;
    compare_all(&f, &weights, fixture_below(&seed, 3) == 0 ? NULL : f.row, tally);
    if (tally->differing > before)
        print_error("model %llu: %zu rows differ (n %zu, J %zu, p %zu)\n",
                    (unsigned long long)number, tally->differing - before, f.dataset.rows,
                    f.model.constructs, f.model.indicators);
    tally->models++;
    free(weights.row);
    fixture_free(&f);
}

static void rows_in_batches_have_the_bits_of_single_rows(void **state)
{
    (void)state;
    const char *wanted = getenv("PLSTRAP_MODELS");
    const size_t models = wanted != NULL ? strtoul(wanted, NULL, 10) : MODELS;
    struct tally tally = {0};
    for (uint64_t number = 0; tally.models < models; number++)
        check_random_model(number, &tally);
    print_message("%zu models (%zu refused), %zu rows compared; of their single rows %zu without "
                  "values, %zu not converged, %zu turned; %zu differ, by at most %g\n",
                  tally.models, tally.refused, tally.rows, tally.troubled, tally.unconverged,
                  tally.turned, tally.differing, tally.largest);
    assert_int_equal(tally.differing, 0);
    assert_true(tally.troubled > 0 && tally.unconverged > 0 && tally.turned > 0);
}

/* Three blocks of 40: 7381 columns of moments, times 9,200 rows more than 64 MiB of products. */
static void data_too_large_for_a_matrix_of_products_give_the_same_rows(void **state)
{
    (void)state;
    enum { N = 9200, COUNT = 3 };
    struct fixture f;
    char text[4096];
    size_t used = 0;
    uint64_t seed = 4;
    for (size_t k = 0; k < 120; k++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%sx%zu",
                                 k % 40 > 0 ? " + "
                                 : k == 0   ? ""
                                            : "\n",
                                 k == 0    ? "a =~ "
                                 : k == 40 ? "b =~ "
                                 : k == 80 ? "c =~ "
                                           : "",
                                 k);
    snprintf(text + used, sizeof text - used, "\nb ~ a\nc ~ a + b\n");
    fixture_model(&f, text);
    f.keys.tolerance = 1e-7;
    double *values = calloc(N * 120, sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < N; i++) {
        const double common = fixture_normal(&seed);
        for (size_t k = 0; k < 120; k++)
            values[i * 120 + k] = fmin(5.0, fmax(1.0, rint(3.0 + common + fixture_normal(&seed))));
    }
    fixture_data(&f, N, values);
    free(values);
    fixture_start(&f);
    struct weights weights = {.seed = 5, .n = N, .ordinary = true, .row = calloc(N, 4)};
    const struct pls_source source = {&weights, pack, draw};
    const size_t columns = f.columns->count;
    double *expected = calloc(COUNT * columns, sizeof *expected);
    double *rows = calloc(COUNT * columns, sizeof *rows);
    assert_true(weights.row != NULL && expected != NULL && rows != NULL);
    struct pls_outcome wanted[COUNT], outcomes[COUNT];
    struct tally tally = {0};
    for (size_t r = 0; r < COUNT; r++) {
        draw(&weights, r, f.weights);
        pls_estimator_row(f.estimator, f.workspace, f.weights, NULL, expected + r * columns,
                          &wanted[r]);
    }
    for (enum pls_isa isa = PLS_ISA_PORTABLE; isa < PLS_ISAS; isa++) {
        struct pls_batch *batch = NULL;
        enum pls_isa selected;
        if (pls_isa_select(pls_isa_name(isa), &selected, NULL) != PLS_OK)
            continue;
        assert_ok(pls_batch_new(f.estimator, isa, &batch, &f.err), &f.err);
        pls_batch_rows(batch, &source, 0, COUNT, NULL, rows, COUNT, outcomes);
        compare(&f, rows, outcomes, expected, wanted, 0, COUNT, &tally);
        pls_batch_free(batch);
    }
    assert_true(tally.rows > 0);
    assert_int_equal(tally.differing, 0);
    free(weights.row);
    free(expected);
    free(rows);
    fixture_free(&f);
}

static uint64_t tick_count;

static uint64_t tick(void)
{
    return ++tick_count;
}

static void stages_are_timed_by_the_clock_given(void **state)
{
    (void)state;
    enum { COUNT = 70 };
    struct fixture f;
    struct pls_batch *batch = NULL;
    struct pls_batch_times times = {0};
    struct pls_outcome outcomes[COUNT];
    fixture_golden(&f, "jambi");
    fixture_start(&f);
    struct weights weights = {
        .seed = 5, .n = f.dataset.rows, .ordinary = true, .row = calloc(f.dataset.rows, 4)};
    double *rows = calloc(COUNT * f.columns->count, sizeof *rows);
    assert_true(weights.row != NULL && rows != NULL);
    const struct pls_source source = {&weights, pack, draw};
    assert_ok(pls_batch_new(f.estimator, PLS_ISA_PORTABLE, &batch, &f.err), &f.err);
    pls_batch_time(batch, tick, &times);
    tick_count = 0;
    pls_batch_rows(batch, &source, 0, COUNT, NULL, rows, COUNT, outcomes);
    assert_int_equal(times.counts, 2); /* one tick a lap: 64 rows, then 6 */
    assert_int_equal(times.moments, 2);
    assert_int_equal(times.correlations, COUNT / 2); /* two lanes a group */
    assert_true(times.solve > 0 && times.statistics > 0);
    assert_int_equal(times.again, 0);
    pls_batch_time(batch, NULL, NULL);
    const uint64_t before = tick_count;
    pls_batch_rows(batch, &source, 0, COUNT, NULL, rows, COUNT, outcomes);
    assert_int_equal(tick_count, before);
    pls_batch_free(batch);
    free(weights.row);
    free(rows);
    fixture_free(&f);
}

static void an_instruction_set_has_a_name_that_selects_it(void **state)
{
    (void)state;
    enum pls_isa isa;
    struct pls_error err;
    for (enum pls_isa named = PLS_ISA_REF; named <= PLS_ISA_PORTABLE; named++) {
        assert_ok(pls_isa_select(pls_isa_name(named), &isa, &err), &err);
        assert_int_equal(isa, named);
    }
    enum pls_isa best;
    assert_ok(pls_isa_select(NULL, &best, &err), &err);
    assert_ok(pls_isa_select("", &isa, &err), &err);
    assert_int_equal(isa, best);
    assert_true(best >= PLS_ISA_PORTABLE);
}

static void an_unknown_instruction_set_is_refused_with_those_there_are(void **state)
{
    (void)state;
    enum pls_isa isa = PLS_ISA_AVX2;
    struct pls_error err;
    assert_int_equal(pls_isa_select("sse9", &isa, &err), PLS_EUSAGE);
    assert_string_equal(err.text, "there is no instruction set \"sse9\"; PLSTRAP_ISA may be ref, "
                                  "portable, avx2 or avx512, or be left unset for the best");
    assert_int_equal(isa, PLS_ISA_AVX2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_in_batches_have_the_bits_of_single_rows),
        cmocka_unit_test(data_too_large_for_a_matrix_of_products_give_the_same_rows),
        cmocka_unit_test(stages_are_timed_by_the_clock_given),
        cmocka_unit_test(an_instruction_set_has_a_name_that_selects_it),
        cmocka_unit_test(an_unknown_instruction_set_is_refused_with_those_there_are),
    };
    return cmocka_run_group_tests_name("pls.batch", tests, NULL, NULL);
}
