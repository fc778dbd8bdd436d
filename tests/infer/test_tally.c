/*
 * test_tally.c: columns counted in portions, by several, through bytes: always what sorting all
 * values says. The oracle here sorts, and knows only METHODS 6.1 to 6.7.
 */
#include "draw.h"
#include "plstrap/tally.h"

#include <gsl/gsl_randist.h>
#include <string.h>

enum { BLOCK = PLS_TALLY_BLOCK, MOST = 300000, MANY = 2000000, CASES = 60 };

static double values[MANY], work[MANY];
static uint8_t usable[MANY];

enum shape { NORMAL, EXPONENTIAL, TIES, DISCRETE, CONSTANT, FAILING, MIXED_ZEROS, STEP, SHAPES };

static double step(double z)
{
    return z > -1.96 && z < -0.2 ? -1.96 : z;
}

static double value_of(enum shape shape, uint64_t *seed)
{
    switch (shape) {
    case EXPONENTIAL:
        return 0.1 * draw_exponential(seed);
    case TIES: /* as of a value that is cut off at 0 */
        return fmax(0.0, 0.1 * draw_normal(seed));
    case DISCRETE:
        return (double)(draw(seed) % 7) - 2.0;
    case CONSTANT:
        return 1.0;
    case MIXED_ZEROS:
        return draw(seed) % 3 == 0 ? -0.0 : draw(seed) % 2 == 0 ? 0.0 : draw_normal(seed);
    case STEP: /* 40 % ties that begin at the quantile of .025, always inside its bracket */
        return step(draw_normal(seed));
    case NORMAL:
    case FAILING:
    case SHAPES:
        break;
    }
    return 0.2 + 0.1 * draw_normal(seed);
}

static void fill(enum shape shape, size_t count, uint64_t *seed)
{
    for (size_t r = 0; r < count; r++) {
        usable[r] = shape != FAILING || draw(seed) % 10 != 0;
        values[r] = usable[r] ? value_of(shape, seed) : NAN;
    }
}

/* Acceleration near .05 */
static void fill_jackknife(double jackknife[CASES], uint8_t jusable[CASES])
{
    for (int i = 0; i < CASES; i++) {
        jackknife[i] = i % 12 == 0 ? 0.19 : 0.2001 + 0.0005 * i;
        jusable[i] = 1;
    }
}

struct column {
    enum shape shape;
    size_t count;
    double estimate;
    struct pls_infer_options options;
    double jackknife[CASES];
    uint8_t jusable[CASES];
};

static struct column column_of(enum shape shape, size_t count, double estimate, uint64_t *seed)
{
    struct column column = {
        .shape = shape, .count = count, .estimate = estimate, .options = default_options()};
    fill(shape, count, seed);
    fill_jackknife(column.jackknife, column.jusable);
    return column;
}

static struct pls_inference infer_column(const struct column *c)
{
    struct pls_inference out;
    struct pls_error err;
    assert_ok(pls_infer_column(values, usable, c->count, c->estimate, c->jackknife, c->jusable,
                               CASES, &c->options, work, &out, &err),
              &err);
    return out;
}

static struct pls_tally *new_tally(const struct column *c, double width)
{
    struct pls_tally *tally = NULL;
    struct pls_error err;
    const size_t pilot = c->count < PLS_TALLY_PILOT ? c->count : PLS_TALLY_PILOT;
    assert_ok(pls_tally_new(values, usable, pilot, c->count, c->estimate, c->jackknife, c->jusable,
                            CASES, &c->options, width, &tally, &err),
              &err);
    return tally;
}

static void add_blocks(struct pls_tally *tally, const struct column *c, size_t first, size_t blocks)
{
    struct pls_error err;
    const size_t at = first * BLOCK, left = c->count - at;
    const size_t length = blocks * BLOCK < left ? blocks * BLOCK : left;
    assert_ok(pls_tally_add(tally, values + at, usable + at, at, length, &err), &err);
}

/* The same in portions of any length, now and then of those that a job takes. */
static void add_in_portions(struct pls_tally *tally, const struct column *c, size_t first,
                            size_t blocks, uint64_t *seed)
{
    struct pls_error err;
    const size_t begin = first * BLOCK, left = c->count - begin;
    const size_t end = begin + (blocks * BLOCK < left ? blocks * BLOCK : left);
    for (size_t at = begin; at < end;) {
        const size_t some =
            draw(seed) % 2 == 0 ? 1 + draw(seed) % 5000 : 64 * (1 + draw(seed) % 40);
        const size_t length = some < end - at ? some : end - at;
        assert_ok(pls_tally_add(tally, values + at, usable + at, at, length, &err), &err);
        at += length;
    }
}

/* ---- the oracle ---- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double type_6(const double *sorted, size_t n, double p)
{
    const double h = ((double)n + 1.0) * p;
    const size_t k = (size_t)h;
    return k < 1 || k >= n ? NAN : sorted[k - 1] + (h - (double)k) * (sorted[k] - sorted[k - 1]);
}

static double type_7(const double *sorted, size_t n, double p)
{
    const double h = ((double)n - 1.0) * p;
    const size_t k = (size_t)h;
    return k + 1 >= n ? sorted[n - 1] : sorted[k] + (h - (double)k) * (sorted[k + 1] - sorted[k]);
}

/* METHODS 6.7: standard error of Q(p) */
static double error_of_quantile(const double *sorted, size_t n, double p)
{
    const double z = gsl_cdf_ugaussian_Pinv(p), phi = gsl_ran_ugaussian_pdf(z);
    double delta = pow((double)n, -1.0 / 3.0) * pow(gsl_cdf_ugaussian_Pinv(0.975), 2.0 / 3.0) *
                   pow(1.5 * phi * phi / (2.0 * z * z + 1.0), 1.0 / 3.0);
    delta = fmin(delta, fmin(p, 1.0 - p) / 2.0);
    const double range = type_7(sorted, n, p + delta) - type_7(sorted, n, p - delta);
    return sqrt(p * (1.0 - p) / (double)n) * range / (2.0 * delta);
}

static double bca_level(double z0, double a, double p)
{
    const double u = z0 + gsl_cdf_ugaussian_Pinv(p);
    return gsl_cdf_ugaussian_P(z0 + u / (1.0 - a * u));
}

static size_t sorted_values(size_t count, double *out)
{
    size_t n = 0;
    for (size_t r = 0; r < count; r++)
        if (usable[r])
            out[n++] = values[r];
    qsort(out, n, sizeof *out, ascending);
    return n;
}

static void compare_with_sorting(const struct column *c, const struct pls_inference *out)
{
    static double sorted[MOST];
    const size_t n = sorted_values(c->count, sorted);
    long double mean = 0.0L, squares = 0.0L;
    double below = 0.0, upto_zero = 0.0;
    for (size_t i = 0; i < n; i++) {
        mean += sorted[i];
        below += sorted[i] < c->estimate ? 1.0 : sorted[i] > c->estimate ? 0.0 : 0.5;
        upto_zero += sorted[i] <= 0.0;
    }
    mean /= n;
    for (size_t i = 0; i < n; i++)
        squares += (sorted[i] - mean) * (sorted[i] - mean);
    assert_int_equal(out->used, n);
    assert_close(out->mean, (double)mean, 1e-13);
    assert_close(out->se, sqrt((double)(squares / (n - 1))), 1e-12);
    const struct pls_interval *ci = out->interval[0];
    const double low = (1.0 - 0.95) / 2.0, high = 1.0 - low;
    assert_close(ci[PLS_PERCENTILE].lower, type_6(sorted, n, low), 1e-14);
    assert_close(ci[PLS_PERCENTILE].upper, type_6(sorted, n, high), 1e-14);
    assert_close(ci[PLS_PERCENTILE].mcse_lower, error_of_quantile(sorted, n, low), 1e-12);
    assert_close(ci[PLS_PERCENTILE].mcse_upper, error_of_quantile(sorted, n, high), 1e-12);
    if (c->shape == CONSTANT)
        return;
    assert_close(out->greater.p, (1.0 + upto_zero) / ((double)n + 1.0), 1e-15);
    const double z0 = gsl_cdf_ugaussian_Pinv(below / (double)n);
    assert_close(out->z0, z0, 1e-13);
    for (int bca = 0; bca < 2; bca++) {
        const double a = bca ? out->acceleration : 0.0;
        assert_close(ci[PLS_BC + bca].lower, type_6(sorted, n, bca_level(z0, a, low)), 1e-9);
        assert_close(ci[PLS_BC + bca].upper, type_6(sorted, n, bca_level(z0, a, high)), 1e-9);
    }
}

static const double estimate_of[SHAPES] = {0.21, 0.08, 0.03, 1.0, 1.0, 0.19, 0.0, 0.1};

static void a_column_is_what_sorting_says(void **state)
{
    (void)state;
    static const size_t counts[] = {400, 9999, 10000, 10001, BLOCK, BLOCK + 1, 65000, MOST};
    uint64_t seed = 5;
    for (int shape = 0; shape < SHAPES; shape++)
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            const struct column c =
                column_of((enum shape)shape, counts[i], estimate_of[shape], &seed);
            const struct pls_inference out = infer_column(&c);
            compare_with_sorting(&c, &out);
        }
}

/* Its Monte Carlo error needs the sum of a tail: METHODS 6.7, Var(2 mean + Q) */
static void the_error_of_a_bias_corrected_end_is_what_sorting_says(void **state)
{
    (void)state;
    static double sorted[MOST];
    uint64_t seed = 6;
    for (int shape = 0; shape < TIES; shape++) {
        struct column c = column_of((enum shape)shape, MOST, 0.15, &seed);
        c.options.centre = PLS_CENTRE_BIAS_CORRECTED;
        const struct pls_inference out = infer_column(&c);
        const size_t n = sorted_values(c.count, sorted);
        const double b = (double)n, p = (1.0 - 0.95) / 2.0;
        const double s = error_of_quantile(sorted, n, p) / sqrt(p * (1.0 - p) / b);
        double tail = 0.0;
        for (size_t i = 0; i < (size_t)(p * b + 0.5); i++)
            tail += sorted[i] - out.mean;
        const double variance =
            (4.0 * out.se * out.se + s * s * p * (1.0 - p) - 4.0 * s * tail / b) / b;
        const double reported = out.interval[0][PLS_BASIC].mcse_upper;
        assert_true(fabs(reported / sqrt(variance) - 1.0) < 1e-5);
    }
}

/* ---- portions, order, sharing ---- */

static void assert_same_bits(struct pls_tally *tally, const struct pls_inference *expected)
{
    struct pls_inference out;
    struct pls_error err;
    assert_ok(pls_tally_finish(tally, &out, &err), &err);
    assert_memory_equal(&out, expected, sizeof out);
}

/* Numbers 0 … count-1, shuffled. */
static void shuffled(size_t *order, size_t count, uint64_t *seed)
{
    for (size_t i = 0; i < count; i++) {
        const size_t j = (size_t)(draw(seed) % (i + 1));
        order[i] = order[j];
        order[j] = i;
    }
}

/* Tally `to` gets what `from` has, as an object or as bytes. */
static void hand_over(struct pls_tally *to, const struct pls_tally *from, bool as_bytes)
{
    struct pls_error err;
    struct pls_text bytes = {0};
    if (!as_bytes) {
        assert_ok(pls_tally_merge(to, from, &err), &err);
        return;
    }
    assert_ok(pls_text_append(&bytes, "before", 6, &err), &err);
    assert_ok(pls_tally_pack(from, true, &bytes, &err), &err);
    assert_ok(pls_text_append(&bytes, "after", 5, &err), &err);
    const char *at = bytes.data + 6;
    assert_ok(pls_tally_unpack(to, &at, bytes.data + bytes.length, &err), &err);
    assert_int_equal(bytes.data + bytes.length - at, 5);
    pls_text_free(&bytes);
}

/* Shares the blocks among `shares` tallies, in portions of one to three, and joins them at random. */
static enum pls_code share_out(const struct column *c, size_t shares, double width, uint64_t *seed,
                               struct pls_inference *out)
{
    enum { FEW = 7, MOST_BLOCKS = MOST / BLOCK + 1 };
    struct pls_tally *tally[FEW] = {NULL};
    size_t portion[MOST_BLOCKS] = {0}, order[FEW] = {0};
    struct pls_error err;
    const size_t blocks = (c->count + BLOCK - 1) / BLOCK;
    const size_t length = 1 + draw(seed) % 3, portions = (blocks + length - 1) / length;
    for (size_t s = 0; s < shares; s++)
        tally[s] = new_tally(c, width);
    shuffled(portion, portions, seed);
    for (size_t i = 0; i < portions; i++) {
        struct pls_tally *one = tally[draw(seed) % shares];
        if (draw(seed) % 2 == 0)
            add_blocks(one, c, portion[i] * length, length);
        else
            add_in_portions(one, c, portion[i] * length, length, seed);
    }
    shuffled(order, shares, seed);
    for (size_t s = 1; s < shares; s++)
        hand_over(tally[order[0]], tally[order[s]], draw(seed) % 2 == 0);
    const enum pls_code code = pls_tally_finish(tally[order[0]], out, &err);
    if (code != PLS_OK)
        assert_non_null(strstr(err.text, "count the replicates again with wider brackets"));
    for (size_t s = 0; s < shares; s++)
        pls_tally_free(tally[s]);
    return code;
}

static enum pls_isa any_isa(uint64_t *seed)
{
    enum pls_isa isa;
    do
        isa = (enum pls_isa)(draw(seed) % PLS_ISAS);
    while (pls_isa_select(pls_isa_name(isa), &isa, NULL) != PLS_OK);
    return isa;
}

static void vary(struct pls_infer_options *options, uint64_t *seed)
{
    options->quantile = (enum pls_quantile)(PLS_QUANTILE_6 + (int)(draw(seed) % 3));
    options->centre = draw(seed) % 2 == 0 ? PLS_CENTRE_ESTIMATE : PLS_CENTRE_BIAS_CORRECTED;
    options->levels = 1 + (size_t)(draw(seed) % 3);
    options->level[1] = 0.6 + 0.39 * draw_uniform(seed);
    options->level[2] = 0.999;
    options->methods = 1 + (size_t)(draw(seed) % PLS_METHODS);
}

static void sharing_out_changes_no_bit(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 500, 10001, BLOCK, 3 * BLOCK, 5 * BLOCK + 77, MOST};
    static const size_t shares[] = {1, 2, 3, 7};
    uint64_t seed = 17;
    for (int shape = 0; shape < SHAPES; shape++)
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            struct column c = column_of((enum shape)shape, counts[i],
                                        estimate_of[shape] + 0.05 * draw_normal(&seed), &seed);
            vary(&c.options, &seed);
            const struct pls_inference expected = infer_column(&c);
            for (size_t s = 0; s < 4; s++) {
                struct pls_inference out;
                c.options.isa = any_isa(&seed);
                assert_int_equal(share_out(&c, shares[s], 6.0, &seed, &out), PLS_OK);
                assert_memory_equal(&out, &expected, sizeof out);
            }
        }
}

/* Of two tallies each has seen one number only. */
/* Blocks begun and left, at any moment, leave no trace. */
static void a_dropped_block_leaves_no_trace(void **state)
{
    (void)state;
    uint64_t seed = 43;
    for (int round = 0; round < 24; round++) {
        struct column c = column_of((enum shape)(round % SHAPES), 40 * BLOCK + 100,
                                    estimate_of[round % SHAPES], &seed);
        vary(&c.options, &seed);
        const struct pls_inference expected = infer_column(&c);
        struct pls_tally *tally = new_tally(&c, 6.0);
        struct pls_error err;
        for (size_t b = 0; b < 41; b++) {
            const size_t first = b * BLOCK, rows = b < 40 ? BLOCK : 100;
            for (uint64_t tries = draw(&seed) % 3; tries > 0; tries--) {
                const size_t part = 1 + (size_t)(draw(&seed) % (rows - 1));
                assert_ok(pls_tally_add(tally, values + first, usable + first, first, part, &err),
                          &err);
                pls_tally_drop(tally);
            }
            add_in_portions(tally, &c, b, 1, &seed);
            if (draw(&seed) % 2 == 0)
                assert_ok(pls_tally_narrow(tally, &err), &err);
            pls_tally_drop(tally); /* nothing is open */
        }
        assert_same_bits(tally, &expected);
        pls_tally_free(tally);
    }
}

/* Made again from its bytes, with and without what it has seen. */
static void a_tally_is_restored_whole_or_bare(void **state)
{
    (void)state;
    uint64_t seed = 47;
    for (int shape = 0; shape < SHAPES; shape++) {
        struct column c = column_of((enum shape)shape, 60 * BLOCK, estimate_of[shape], &seed);
        vary(&c.options, &seed);
        const struct pls_inference expected = infer_column(&c);
        struct pls_tally *first = new_tally(&c, 6.0), *whole = NULL, *bare = NULL;
        struct pls_text bytes = {0};
        struct pls_error err;
        add_blocks(first, &c, 0, 30);
        assert_ok(pls_tally_pack(first, true, &bytes, &err), &err);
        const size_t length = bytes.length;
        assert_ok(pls_tally_pack(first, false, &bytes, &err), &err);
        const char *at = bytes.data, *const end = bytes.data + bytes.length;
        assert_ok(pls_tally_restore(&c.options, &at, end, &whole, &err), &err);
        assert_true(at == bytes.data + length);
        assert_ok(pls_tally_restore(&c.options, &at, end, &bare, &err), &err);
        assert_true(at == end);
        add_blocks(bare, &c, 30, 30);
        assert_ok(pls_tally_merge(whole, bare, &err), &err);
        assert_same_bits(whole, &expected);
        at = bytes.data;
        bytes.data[length / 2] ^= 1;
        struct pls_tally *none = NULL;
        assert_int_equal(pls_tally_restore(&c.options, &at, end, &none, &err), PLS_EDATA);
        assert_null(none);
        pls_text_free(&bytes);
        pls_tally_free(first);
        pls_tally_free(whole);
        pls_tally_free(bare);
    }
}

static void constant_shares_that_differ_are_not_constant(void **state)
{
    (void)state;
    uint64_t seed = 19;
    const struct column c = column_of(CONSTANT, 64 * BLOCK, 1.0, &seed);
    for (size_t r = 32 * BLOCK; r < 64 * BLOCK; r++)
        values[r] = 2.0;
    struct pls_tally *low = new_tally(&c, 6.0), *high = new_tally(&c, 6.0);
    struct pls_inference out;
    struct pls_error err;
    add_blocks(low, &c, 0, 32);
    add_blocks(high, &c, 32, 32);
    hand_over(low, high, true);
    /* the pilot held ones only: a rank among the twos is missed, as it must be */
    assert_int_equal(pls_tally_finish(low, &out, &err), PLS_EDATA);
    assert_true(low->differ);
    out = infer_column(&c);
    assert_close(out.se, 0.5 * sqrt(64.0 * BLOCK / (64.0 * BLOCK - 1.0)), 1e-14);
    assert_close(out.interval[0][PLS_PERCENTILE].upper, 2.0, 0);
    pls_tally_free(low);
    pls_tally_free(high);
}

/* Evenly spread values: a quantile is its own level. */
static void brackets_hold_the_levels_that_bc_may_still_take(void **state)
{
    (void)state;
    enum { N = PLS_TALLY_PILOT };
    struct pls_infer_options options = default_options();
    struct pls_order order;
    struct pls_error err;
    double *edge;
    size_t edges;
    options.method[0] = PLS_BC;
    options.methods = 1;
    for (int i = 0; i < N; i++)
        values[i] = (i + 0.5) / N;
    order_all(&order, values, N);
    const struct pls_aim aim = {.options = &options, .acceleration = NAN, .width = 6.0};
    assert_ok(pls_aim_edges(&aim, &order, 0.5, 1e6, &edge, &edges, &err), &err);
    assert_int_equal(edges, 4);
    const double share = 6.0 * sqrt(0.25 / N), ends[2] = {0.025, 0.975};
    for (int e = 0; e < 2; e++) {
        const double low = bca_level(gsl_cdf_ugaussian_Pinv(0.5 - share), 0.0, ends[e]);
        const double high = bca_level(gsl_cdf_ugaussian_Pinv(0.5 + share), 0.0, ends[e]);
        const double from = low - 6.0 * sqrt(low * (1.0 - low) / N);
        const double upto = high + 6.0 * sqrt(high * (1.0 - high) / N);
        assert_true(edge[2 * e] <= from && edge[2 * e + 1] >= upto);
        assert_true(edge[2 * e + 1] - edge[2 * e] < 1.5 * (upto - from) || isinf(edge[2 * e]) ||
                    isinf(edge[2 * e + 1]));
    }
    free(edge);
    pls_order_end(&order);
}

static void a_bracket_too_narrow_is_noticed_and_never_a_wrong_number(void **state)
{
    (void)state;
    uint64_t seed = 23;
    int missed = 0, held = 0;
    for (int trial = 0; trial < 60; trial++) {
        const enum shape shape = (enum shape)(trial % SHAPES);
        struct column c = column_of(shape, 40000 + 1000 * (size_t)trial, estimate_of[shape], &seed);
        vary(&c.options, &seed);
        const struct pls_inference expected = infer_column(&c);
        struct pls_inference out = {.used = 77};
        const double width = trial % 2 == 0 ? 0.5 : 1.5;
        const size_t shares = 1 + (size_t)trial % 3;
        if (share_out(&c, shares, width, &seed, &out) == PLS_OK) {
            assert_memory_equal(&out, &expected, sizeof out);
            held++;
        } else {
            assert_int_equal(out.used, 77);
            missed++;
        }
    }
    print_message("too narrow: %d missed, %d held\n", missed, held);
    assert_true(missed > 5 && held > 5); /* or this test proves nothing */
}

/* The first 10,000 rows are nothing like the rest: brackets miss, and the column is right. */
static void a_misleading_pilot_costs_time_only(void **state)
{
    (void)state;
    uint64_t seed = 29;
    const struct column c = column_of(NORMAL, MOST, 0.21, &seed);
    for (size_t r = 0; r < PLS_TALLY_PILOT; r++)
        values[r] = 5.0 + 0.001 * draw_normal(&seed);
    struct pls_inference out;
    assert_int_equal(share_out(&c, 1, 6.0, &seed, &out), PLS_EDATA);
    out = infer_column(&c);
    compare_with_sorting(&c, &out);
}

/* ---- memory ---- */

static size_t most_kept(const struct column *c)
{
    struct pls_tally *tally = new_tally(c, 6.0);
    size_t most = 0;
    for (size_t b = 0; b * BLOCK < c->count; b++) {
        add_blocks(tally, c, b, 1);
        const size_t kept = pls_order_kept(&tally->order);
        most = kept > most ? kept : most;
    }
    const struct pls_inference expected = infer_column(c);
    assert_same_bits(tally, &expected);
    pls_tally_free(tally);
    return most;
}

static void few_values_of_two_million_are_kept(void **state)
{
    (void)state;
    uint64_t seed = 31;
    for (int shape = 0; shape < SHAPES; shape++) {
        struct column c = column_of((enum shape)shape, MANY, estimate_of[shape], &seed);
        const size_t kept = most_kept(&c);
        print_message("shape %d: %zu of %d kept\n", shape, kept, (int)MANY);
        assert_true((double)kept < 60.0 * sqrt(MANY));
    }
    struct column c = column_of(NORMAL, MANY, 0.2, &seed);
    c.options.method[0] = PLS_NORMAL;
    c.options.methods = 1; /* needs no quantile */
    assert_int_equal(most_kept(&c), 0);
}

/* ---- what is refused ---- */

static void a_damaged_or_foreign_pack_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    uint64_t seed = 37;
    const struct column c = column_of(NORMAL, 5 * BLOCK, 0.21, &seed);
    const struct pls_inference expected = infer_column(&c);
    struct pls_tally *part = new_tally(&c, 6.0), *rest = new_tally(&c, 6.0);
    struct pls_text bytes = {0};
    struct pls_error err;
    add_blocks(part, &c, 0, 2);
    add_blocks(rest, &c, 2, 3);
    assert_ok(pls_tally_pack(part, true, &bytes, &err), &err);
    for (size_t i = 0; i < bytes.length; i += i < 400 ? 1 : 97) {
        const char *at = bytes.data, old = bytes.data[i];
        bytes.data[i] = (char)(old ^ (1 << (draw(&seed) % 8)));
        assert_int_equal(pls_tally_unpack(rest, &at, bytes.data + bytes.length, &err), PLS_EDATA);
        assert_true(at == bytes.data);
        at = bytes.data;
        assert_int_equal(pls_tally_unpack(rest, &at, bytes.data + i, &err), PLS_EDATA);
        bytes.data[i] = old;
    }
    assert_string_equal(err.text,
                        "the packed tally of a column is damaged; compute the replicates again");

    struct column other = c;
    other.estimate = 0.22;
    struct pls_tally *foreign = new_tally(&other, 6.0);
    const char *at = bytes.data;
    assert_int_equal(pls_tally_unpack(foreign, &at, bytes.data + bytes.length, &err),
                     PLS_EINTERNAL);
    pls_tally_free(foreign);

    at = bytes.data;
    assert_ok(pls_tally_unpack(rest, &at, bytes.data + bytes.length, &err), &err);
    assert_same_bits(rest, &expected);
    pls_text_free(&bytes);
    pls_tally_free(part);
    pls_tally_free(rest);
}

static void rows_are_counted_once_and_all_of_them(void **state)
{
    (void)state;
    uint64_t seed = 41;
    const struct column c = column_of(NORMAL, 5 * BLOCK + 10, 0.21, &seed);
    struct pls_tally *tally = new_tally(&c, 6.0), *other = new_tally(&c, 6.0);
    struct pls_inference out = {.used = 77};
    struct pls_error err;
    add_blocks(tally, &c, 1, 2);
    assert_int_equal(pls_tally_add(tally, values, usable, 10, BLOCK, &err), PLS_EINTERNAL);
    assert_int_equal(pls_tally_add(tally, values, usable, 5 * BLOCK, BLOCK, &err), PLS_EINTERNAL);
    assert_int_equal(pls_tally_finish(tally, &out, &err), PLS_EINTERNAL);
    assert_string_equal(err.text, "only 2048 of 5130 rows of a column are counted");
    assert_int_equal(out.used, 77);
    add_blocks(other, &c, 2, 1);
    assert_int_equal(pls_tally_merge(other, tally, &err), PLS_EINTERNAL);
    assert_string_equal(err.text, "block 2 of a column is counted twice");
    assert_int_equal(pls_tally_add(tally, values, usable, 0, 2 * BLOCK, &err), PLS_EINTERNAL);
    pls_tally_free(tally);
    pls_tally_free(other);
}

static void a_block_is_finished_before_anything_else(void **state)
{
    (void)state;
    uint64_t seed = 47;
    const struct column c = column_of(NORMAL, 3 * BLOCK, 0.21, &seed);
    struct pls_tally *tally = new_tally(&c, 6.0), *other = new_tally(&c, 6.0);
    struct pls_text bytes = {0};
    struct pls_error err;
    assert_ok(pls_tally_add(tally, values, usable, 0, 10, &err), &err);
    assert_int_equal(pls_tally_add(tally, values, usable, 9, 10, &err), PLS_EINTERNAL);
    assert_int_equal(pls_tally_add(tally, values, usable, BLOCK, BLOCK, &err), PLS_EINTERNAL);
    assert_int_equal(pls_tally_merge(tally, other, &err), PLS_EINTERNAL);
    assert_int_equal(pls_tally_merge(other, tally, &err), PLS_EINTERNAL);
    assert_string_equal(err.text, "a tally is merged in the midst of a block");
    assert_int_equal(pls_tally_pack(tally, true, &bytes, &err), PLS_EINTERNAL);
    assert_string_equal(err.text, "a tally is packed in the midst of a block");
    assert_ok(pls_tally_add(tally, values + 10, usable + 10, 10, 2 * BLOCK - 10, &err), &err);
    add_blocks(other, &c, 2, 1);
    hand_over(tally, other, true);
    const struct pls_inference expected = infer_column(&c);
    assert_same_bits(tally, &expected);
    pls_text_free(&bytes);
    pls_tally_free(tally);
    pls_tally_free(other);
}

static void a_usable_value_that_is_not_finite_is_damage(void **state)
{
    (void)state;
    uint64_t seed = 43;
    struct column c = column_of(FAILING, 3 * BLOCK, 0.21, &seed);
    struct pls_error err;
    values[2 * BLOCK + 500] = -INFINITY;
    usable[2 * BLOCK + 500] = 1;
    struct pls_tally *tally = new_tally(&c, 6.0);
    add_blocks(tally, &c, 1, 1);
    assert_int_equal(
        pls_tally_add(tally, values + 2 * BLOCK, usable + 2 * BLOCK, 2 * BLOCK, BLOCK, &err),
        PLS_EDATA);
    assert_string_equal(err.text, "bootstrap row 2548 counts as usable but holds -inf; the result "
                                  "is damaged, compute it again");
    pls_tally_free(tally);
    c.jackknife[3] = NAN;
    tally = (struct pls_tally *)&c;
    assert_int_equal(pls_tally_new(values, usable, 10, 10, 0.2, c.jackknife, c.jusable, CASES,
                                   &c.options, 6.0, &tally, &err),
                     PLS_EDATA);
    assert_null(tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_is_what_sorting_says),
        cmocka_unit_test(the_error_of_a_bias_corrected_end_is_what_sorting_says),
        cmocka_unit_test(sharing_out_changes_no_bit),
        cmocka_unit_test(a_dropped_block_leaves_no_trace),
        cmocka_unit_test(a_tally_is_restored_whole_or_bare),
        cmocka_unit_test(constant_shares_that_differ_are_not_constant),
        cmocka_unit_test(brackets_hold_the_levels_that_bc_may_still_take),
        cmocka_unit_test(a_bracket_too_narrow_is_noticed_and_never_a_wrong_number),
        cmocka_unit_test(a_misleading_pilot_costs_time_only),
        cmocka_unit_test(few_values_of_two_million_are_kept),
        cmocka_unit_test(a_damaged_or_foreign_pack_is_refused_and_changes_nothing),
        cmocka_unit_test(rows_are_counted_once_and_all_of_them),
        cmocka_unit_test(a_block_is_finished_before_anything_else),
        cmocka_unit_test(a_usable_value_that_is_not_finite_is_damage),
    };
    return cmocka_run_group_tests_name("infer.tally", tests, NULL, NULL);
}
