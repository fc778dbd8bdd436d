/*
 * counts.c: how many operations a replicate needs, counted from the definition (the readable
 * version, src/pls/solve.c), over the peaks.
 *
 *   p indicators; r, c sizes of two blocks; s size of one; a predecessors of a construct
 *
 *   draw          n draws at 1, 2 or 4 bytes of Philox (n <= 256, <= 65,536, more) and what is
 *                 rejected; n increments of a byte
 *   moments       columns: needed pairs k <= l, p sums, the sum of weights. Integers: n * columns *
 *                 digits of 8 bits that hold a product; doubles: n (pairs + p), as w x_k comes
 *                 before w x_k x_l
 *   correlations  4 multiplications a pair, 2 a variance; p inverse roots
 *   regression    (a-1)a(a+1)/6 + a(a-1); a-1 roots of pivots; as the first pivot is 1: divisions
 *                 (a-1)(a-2)/2 of the factor, 2(a-1) of the solution
 *   solve         an iteration: joint of neighbours 2rc + r, of co-predictors (path scheme) rc + r;
 *                 a block of s > 1: proxy s * neighbours, variance s², scaling s, agreement s²,
 *                 Mode B the solution of a regression; path scheme: regressions. Once: equal
 *                 weights s² + s, C of the result rc + r, loadings s(s-1), Mode B the factor. An
 *                 inverse root for each variance of a block
 *   statistics    alignment p, regressions as above and R² a, effects; a row's bytes, written once
 *
 * Roots and divisions are one unit's: their times add up. Comparisons and moves are not counted, and
 * additions go beside multiplications. Nor is waiting: the longest chain of an iteration (for ECSI 32
 * additions and multiplications, 4 inverse roots, 3 divisions) takes less time than the
 * multiplications of the replicates that a vector holds.
 */
#include "bench.h"

#include <math.h>
#include <string.h>

enum kin { STRANGERS, NEIGHBOURS, CO_PREDICTORS };

static bool has_path(const struct pls_model *m, size_t i, size_t j)
{
    return pls_model_path(m, i, j) < m->paths;
}

static enum kin kin_of(const struct pls_model *m, size_t i, size_t j)
{
    if (has_path(m, i, j) || has_path(m, j, i))
        return NEIGHBOURS;
    for (size_t t = 0; t < m->constructs; t++)
        if (has_path(m, i, t) && has_path(m, j, t))
            return CO_PREDICTORS;
    return STRANGERS;
}

static double size_of(const struct pls_model *m, size_t j)
{
    return (double)(m->block[j + 1] - m->block[j]);
}

static double predecessors(const struct pls_model *m, size_t j)
{
    return (double)(m->arrow[j + 1] - m->arrow[j]);
}

static double neighbours(const struct pls_model *m, size_t j)
{
    double count = 0.0;
    for (size_t i = 0; i < m->constructs; i++)
        count += i != j && kin_of(m, i, j) == NEIGHBOURS;
    return count;
}

/* Multiplications, or pairs of a multiplication and an addition; 1 / square roots; divisions. */
struct work {
    double products, roots, divisions;
};

static void add_regression(struct work *work, double a, double factors, double solutions)
{
    if (a < 2.0)
        return;
    work->products += factors * (a - 1.0) * a * (a + 1.0) / 6.0 + solutions * a * (a - 1.0);
    work->divisions += factors * (a - 1.0) * (a - 2.0) / 2.0 + solutions * 2.0 * (a - 1.0);
    work->roots += factors * (a - 1.0); /* the division in each 1 / root is one too many */
    work->divisions -= factors * (a - 1.0);
}

static struct work solve_once(const struct pls_model *m)
{
    struct work work = {0.0, 0.0, 0.0};
    for (size_t j = 0; j < m->constructs; j++) {
        const double s = size_of(m, j);
        for (size_t i = j + 1; i < m->constructs; i++)
            if (kin_of(m, i, j) != STRANGERS)
                work.products += s * size_of(m, i) + s;
        if (s == 1.0)
            continue;
        work.products += s * s + s + s * (s - 1.0);
        if (m->mode[j] == PLS_MODE_B)
            add_regression(&work, s, 1.0, 0.0);
        work.roots += 1.0;
    }
    return work;
}

static struct work solve_iteration(const struct pls_model *m, enum pls_scheme scheme)
{
    const bool path = scheme == PLS_SCHEME_PATH;
    struct work work = {0.0, 0.0, 0.0};
    for (size_t j = 0; j < m->constructs; j++) {
        const double s = size_of(m, j);
        for (size_t i = j + 1; i < m->constructs; i++) {
            const enum kin kin = kin_of(m, i, j);
            if (kin == NEIGHBOURS)
                work.products += 2.0 * s * size_of(m, i) + s;
            else if (kin == CO_PREDICTORS && path)
                work.products += s * size_of(m, i) + s;
        }
        if (path)
            add_regression(&work, predecessors(m, j), 1.0, 1.0);
        if (s == 1.0)
            continue;
        work.products += s * neighbours(m, j) + 2.0 * s * s + s;
        if (m->mode[j] == PLS_MODE_B)
            add_regression(&work, s, 0.0, 1.0);
        work.roots += 1.0;
    }
    return work;
}

/* Effects of all chains: a multiplication for each path of a chain but the first. */
static double effects(const struct pls_columns *columns)
{
    double products = 0.0;
    for (size_t c = 0; c < columns->count; c++) {
        const struct pls_column *column = &columns->column[c];
        if (column->component == PLS_INDIRECT)
            products += 1.0; /* at least: a path times a total effect */
        if (column->component == PLS_SPECIFIC)
            for (const char *at = column->term; (at = strstr(at, "->")) != NULL; at += 2)
                products += 1.0;
    }
    return products;
}

static struct work statistics(const struct pls_bench *bench)
{
    const struct pls_model *m = bench->plan->study->model;
    struct work work = {effects(pls_estimator_columns(bench->plan->estimator)), 0.0, 0.0};
    if (bench->plan->study->bootstrap.align == PLS_ALIGN_BASE)
        work.products += (double)m->indicators;
    for (size_t j = 0; j < m->constructs; j++) {
        add_regression(&work, predecessors(m, j), 1.0, 1.0);
        work.products += predecessors(m, j);
    }
    return work;
}

static size_t pairs_of(const struct pls_model *m)
{
    size_t pairs = 0;
    for (size_t j = 0; j < m->constructs; j++) {
        const size_t s = m->block[j + 1] - m->block[j];
        pairs += s * (s + 1) / 2;
        for (size_t i = j + 1; i < m->constructs; i++)
            if (kin_of(m, i, j) != STRANGERS)
                pairs += s * (m->block[i + 1] - m->block[i]);
    }
    return pairs;
}

/* Digits of 8 bits for products of centred answers; 0: doubles are summed (batch_moments.c). */
static unsigned digits_of(const struct pls_dataset *data)
{
    enum { MOST_DIGITS = 4 };
    double most = 1.0, capacity = 127.0;
    for (size_t k = 0; k < data->columns; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < data->rows; i++) {
            const double x = data->values[i * data->columns + k];
            if (x != floor(x))
                return 0;
            sum += x;
        }
        const double mean = floor(sum / (double)data->rows + 0.5);
        for (size_t i = 0; i < data->rows; i++)
            most = fmax(most, fabs(data->values[i * data->columns + k] - mean));
    }
    for (unsigned digits = 1; digits <= MOST_DIGITS; digits++, capacity = capacity * 256.0 + 127.0)
        if (most * most <= capacity)
            return digits;
    return 0;
}

struct need {
    enum pls_peak peak;
    double amount;
};

/* The scarcest of some units. */
static void set_limit(struct pls_stage_time *stage, const struct pls_peaks *peaks,
                      const struct need *need, size_t count)
{
    stage->limit = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double ns = need[i].amount / peaks->per_second[need[i].peak] * 1e9;
        if (ns > stage->limit) {
            stage->limit = ns;
            stage->bound_by = pls_peak_name(need[i].peak);
        }
    }
}

static void limit_draw(struct pls_stage_time *stage, const struct pls_peaks *peaks, double n)
{
    const double bytes = n <= 256.0 ? 1.0 : n <= 65536.0 ? 2.0 : 4.0;
    const double range = exp2(8.0 * bytes);
    const double kept = 1.0 - fmod(range, n) / range;
    const struct need need[] = {{PLS_PEAK_PHILOX, n * bytes / kept}, {PLS_PEAK_INCREMENTS, n}};
    set_limit(stage, peaks, need, 2);
}

/* Roots and divisions as so many roots. */
static struct need divider(const struct pls_peaks *peaks, double roots, double divisions)
{
    const double root = 1.0 / peaks->per_second[PLS_PEAK_ROOT];
    const double division = 1.0 / peaks->per_second[PLS_PEAK_DIVISION];
    return (struct need){PLS_PEAK_ROOT, roots + divisions * division / root};
}

void pls_bench_limits(struct pls_bench *bench, const struct pls_peaks *peaks)
{
    const struct pls_model *m = bench->plan->study->model;
    const double n = (double)bench->plan->dataset->rows, p = (double)m->indicators;
    const unsigned digits = digits_of(bench->plan->dataset);
    bench->pairs = pairs_of(m);
    bench->integer = digits > 0;
    const double pairs = (double)bench->pairs, turns = bench->iterations;
    const struct work once = solve_once(m), row = statistics(bench);
    const struct work turn = solve_iteration(m, bench->plan->study->estimation.scheme);

    const struct need moments[] = {
        {bench->integer ? PLS_PEAK_DOT : PLS_PEAK_F64,
         bench->integer ? n * (pairs + p + 1.0) * digits : n * (pairs + p)}};
    const struct need correlations[] = {{PLS_PEAK_F64, 4.0 * (pairs - p) + 2.0 * p},
                                        {PLS_PEAK_ROOT, p}};
    const struct need solve[] = {
        {PLS_PEAK_F64, once.products + turns * turn.products},
        divider(peaks, once.roots + turns * turn.roots, once.divisions + turns * turn.divisions)};
    const struct need statistics_need[] = {
        {PLS_PEAK_F64, row.products},
        divider(peaks, row.roots, row.divisions),
        {PLS_PEAK_WRITE, 8.0 * (double)pls_estimator_columns(bench->plan->estimator)->count}};
    limit_draw(&bench->stage[PLS_STAGE_DRAW], peaks, n);
    set_limit(&bench->stage[PLS_STAGE_MOMENTS], peaks, moments, 1);
    set_limit(&bench->stage[PLS_STAGE_CORRELATIONS], peaks, correlations, 2);
    set_limit(&bench->stage[PLS_STAGE_SOLVE], peaks, solve, 2);
    set_limit(&bench->stage[PLS_STAGE_STATISTICS], peaks, statistics_need, 3);
}
