/*
 * moments.c: from answers and weights to the correlations of the indicators (METHODS 1.2).
 *
 * With T = sum w, N_kl = T sum w x_k x_l - (sum w x_k)(sum w x_l) is T² times the covariance. Where
 * all answers are integers, x are integers too, and every sum and product here is an integer below
 * 2^53: doubles hold them exactly, so that N is exact in any order of summation, and a constant
 * indicator is one with N_kk = 0. Otherwise x are z-scores of the base sample (nothing cancels)
 * summed in row order.
 */
#include "internal.h"

#include "plstrap/alloc.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double largest_exact = 9007199254740992.0; /* 2^53 */

static const double *answer(const struct pls_estimator *estimator, size_t i, size_t k)
{
    const struct pls_dataset *dataset = estimator->dataset;
    return &dataset->values[i * dataset->columns + estimator->data_column[k]];
}

/* Mean and standard deviation of indicator k, each in a pass of its own. */
static void describe(struct pls_estimator *estimator, size_t k)
{
    const size_t n = estimator->dataset->rows;
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += *answer(estimator, i, k);
    const double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double deviation = *answer(estimator, i, k) - mean;
        squares += deviation * deviation;
    }
    estimator->mean[k] = mean;
    estimator->sd[k] = sqrt(squares / (double)(n - 1));
}

/* Integers so small that T sum w x x' stays exact for any weights with T <= n. */
static bool is_exact(const struct pls_estimator *estimator)
{
    const double n = (double)estimator->dataset->rows;
    double largest = 0.0;
    for (size_t k = 0; k < estimator->model->indicators; k++) {
        const double centre = rint(estimator->mean[k]);
        for (size_t i = 0; i < estimator->dataset->rows; i++) {
            const double value = *answer(estimator, i, k);
            if (value != rint(value))
                return false;
            largest = fmax(largest, fabs(value - centre));
        }
    }
    return n * n * largest * largest < largest_exact;
}

enum pls_code pls_moments_prepare(struct pls_estimator *estimator, struct pls_error *err)
{
    const size_t n = estimator->dataset->rows, p = estimator->model->indicators;
    enum pls_code code = pls_alloc(&estimator->x, n * p, sizeof *estimator->x, err);
    if (code == PLS_OK)
        code = pls_alloc(&estimator->mean, p, sizeof *estimator->mean, err);
    if (code == PLS_OK)
        code = pls_alloc(&estimator->sd, p, sizeof *estimator->sd, err);
    if (code != PLS_OK)
        return code;

    for (size_t k = 0; k < p; k++)
        describe(estimator, k);
    estimator->exact = is_exact(estimator);
    for (size_t k = 0; k < p; k++) {
        const double centre = estimator->exact ? rint(estimator->mean[k]) : estimator->mean[k];
        const double unit = estimator->exact ? 1.0 : estimator->sd[k];
        for (size_t i = 0; i < n; i++)
            estimator->x[i * p + k] = (*answer(estimator, i, k) - centre) / unit;
    }
    return PLS_OK;
}

/* Adds the pairs (k, first) … (k, last-1), to the stretch before where they touch it. */
static enum pls_code add_pairs(struct pls_pairs *pairs, size_t *capacity, size_t k, size_t first,
                               size_t last, struct pls_error *err)
{
    struct pls_run *before = pairs->runs > 0 ? &pairs->run[pairs->runs - 1] : NULL;
    if (before != NULL && before->k == k && before->last == first) {
        before->last = last;
    } else {
        const enum pls_code code =
            pls_grow(&pairs->run, capacity, pairs->runs + 1, sizeof *pairs->run, err);
        if (code != PLS_OK)
            return code;
        pairs->run[pairs->runs++] =
            (struct pls_run){.k = k, .first = first, .last = last, .at = pairs->count};
    }
    pairs->count += last - first;
    return PLS_OK;
}

/* The pairs that a row depends on: within blocks and between those of related constructs; or all.
 * */
enum pls_code pls_pairs_new(const struct pls_estimator *estimator, bool all, struct pls_pairs *out,
                            struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    const size_t J = model->constructs;
    size_t capacity = 0;
    *out = (struct pls_pairs){0};
    for (size_t k = 0; k < model->indicators; k++) {
        const size_t j = estimator->owner[k];
        for (size_t i = j; i < J; i++) {
            if (!all && estimator->relation[j * J + i] == PLS_UNRELATED)
                continue;
            const enum pls_code code = add_pairs(out, &capacity, k, i == j ? k : model->block[i],
                                                 model->block[i + 1], err);
            if (code != PLS_OK)
                return code;
        }
    }
    return PLS_OK;
}

void pls_pairs_free(struct pls_pairs *pairs)
{
    free(pairs->run);
    *pairs = (struct pls_pairs){0};
}

static void add_scaled(size_t count, double factor, const double *restrict x, double *restrict sums)
{
    for (size_t i = 0; i < count; i++)
        sums[i] += factor * x[i];
}

/* Fills workspace->sum and ->sums; returns T. */
static double weighted_sums(const struct pls_estimator *estimator, const struct pls_pairs *pairs,
                            const uint32_t *weights, struct pls_workspace *workspace)
{
    const size_t n = estimator->dataset->rows, p = estimator->model->indicators;
    double total = 0.0;
    memset(workspace->sum, 0, p * sizeof *workspace->sum);
    memset(workspace->sums, 0, pairs->count * sizeof *workspace->sums);
    for (size_t i = 0; i < n; i++) {
        if (weights[i] == 0)
            continue;
        const double *x = estimator->x + i * p;
        const double weight = weights[i];
        total += weight;
        for (size_t k = 0; k < p; k++) {
            workspace->scaled[k] = weight * x[k];
            workspace->sum[k] += workspace->scaled[k];
        }
        for (size_t r = 0; r < pairs->runs; r++) {
            const struct pls_run *run = &pairs->run[r];
            add_scaled(run->last - run->first, workspace->scaled[run->k], x + run->first,
                       workspace->sums + run->at);
        }
    }
    return total;
}

/* METHODS 1.2: nothing left of the variance of a z-score but rounding. */
static double least_variance(const struct pls_estimator *estimator, double total, double sum)
{
    return estimator->exact ? 0.0 : 64.0 * DBL_EPSILON * (total * total + sum * sum);
}

size_t pls_moments_correlate(const struct pls_estimator *estimator, const struct pls_pairs *pairs,
                             const uint32_t *weights, struct pls_workspace *workspace)
{
    const size_t p = estimator->model->indicators;
    double *s = workspace->s, *root = workspace->scaled;
    const double total = weighted_sums(estimator, pairs, weights, workspace);
    for (size_t r = 0; r < pairs->runs; r++) {
        const struct pls_run *run = &pairs->run[r];
        const double *sums = workspace->sums + run->at;
        for (size_t l = run->first; l < run->last; l++)
            s[run->k * p + l] =
                total * sums[l - run->first] - workspace->sum[run->k] * workspace->sum[l];
    }

    for (size_t k = 0; k < p; k++) {
        if (!(s[k * p + k] > least_variance(estimator, total, workspace->sum[k])))
            return k;
        root[k] = 1.0 / sqrt(s[k * p + k]);
    }
    for (size_t r = 0; r < pairs->runs; r++) {
        const size_t k = pairs->run[r].k;
        for (size_t l = pairs->run[r].first; l < pairs->run[r].last; l++)
            s[l * p + k] = s[k * p + l] = k == l ? 1.0 : (s[k * p + l] * root[k]) * root[l];
    }
    return p;
}
