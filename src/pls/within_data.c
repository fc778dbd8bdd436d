/* within_data.c: what all rows of within.h share: standardised answers, base scores, fits. */
#include "within_internal.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns a and b of two matrices of n rows. */
static double product(size_t n, const double *a, size_t a_stride, const double *b, size_t b_stride)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i * a_stride] * b[i * b_stride];
    return sum;
}

static void standardise(struct pls_within *within)
{
    const struct pls_estimator *estimator = within->estimator;
    const struct pls_dataset *data = estimator->dataset;
    const struct pls_model *model = estimator->model;
    const size_t n = within->n, p = model->indicators, J = model->constructs;
    for (size_t k = 0; k < p; k++) {
        const double unit = 1.0 / (estimator->sd[k] * sqrt((double)(n - 1)));
        for (size_t i = 0; i < n; i++)
            within->z[i * p + k] =
                (data->values[i * data->columns + estimator->data_column[k]] - estimator->mean[k]) *
                unit;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < J; j++) {
            double sum = 0.0;
            for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
                sum += within->base[k] * within->z[i * p + k];
            within->score[i * J + j] = sum;
        }
}

static enum pls_code correlate(struct pls_within *within, struct pls_error *err)
{
    const size_t p = within->estimator->model->indicators;
    uint32_t *ones = NULL;
    const enum pls_code code = pls_alloc(&ones, within->n, sizeof *ones, err);
    if (code != PLS_OK)
        return code;
    for (size_t i = 0; i < within->n; i++)
        ones[i] = 1;
    pls_moments_correlate(within->estimator, &within->estimator->needed, ones, within->workspace);
    memcpy(within->s, within->workspace->s, p * p * sizeof *within->s);
    free(ones);
    return PLS_OK;
}

/* S of the base where the plan keeps it. */
static void lay_out(struct pls_within *within)
{
    const struct pls_lane_plan *plan = within->plan;
    for (size_t r = 0; r < plan->stretches; r++) {
        const struct pls_stretch *stretch = &plan->stretch[r];
        memcpy(within->lane_s + stretch->to,
               within->s + (size_t)stretch->k * plan->indicators + stretch->l,
               stretch->count * sizeof *within->lane_s);
    }
}

/* Where the plan keeps S of indicator k of a related block and the target's l-th. */
static uint32_t place_of(const struct pls_lane_plan *plan, size_t owner,
                         const struct pls_target *target, size_t k, size_t l)
{
    const struct pls_joint *joint = plan->joint;
    const size_t j = target->j;
    while (joint->j != (owner < j ? owner : j) || joint->i != (owner < j ? j : owner))
        joint++;
    return owner < j ? joint->s + (uint32_t)(k - joint->wj) * joint->columns + (uint32_t)l
                     : joint->s + (uint32_t)l * joint->columns + (uint32_t)(k - joint->wi);
}

static void gather(struct pls_within *within, struct pls_target *target)
{
    const struct pls_model *model = within->estimator->model;
    const size_t n = within->n, p = model->indicators, J = model->constructs, j = target->j;
    const size_t *source = model->source + model->arrow[j];
    size_t related = 0;
    for (size_t k = 0; k < p; k++) {
        const size_t owner = within->estimator->owner[k];
        if (owner == j || within->estimator->relation[j * J + owner] == PLS_UNRELATED)
            continue;
        for (size_t m = 0; m < target->predecessors; m++)
            if (k == model->block[source[m]])
                target->from[m] = related;
        for (size_t i = 0; i < n; i++)
            target->x[i * target->related + related] = within->z[i * p + k];
        for (size_t l = 0; l < target->size && within->plan != NULL; l++)
            target->to[related * target->size + l] = place_of(within->plan, owner, target, k, l);
        target->indicator[related++] = k;
    }
    for (size_t i = 0; i < n; i++) {
        double *h = target->h + i * target->wide;
        for (size_t l = 0; l < target->size; l++)
            h[l] = within->z[i * p + model->block[j] + l];
        for (size_t m = 0; m < target->predecessors; m++)
            h[target->size + m] = within->score[i * J + source[m]];
    }
}

/* beta of the variant: regression of y on the scores it uses; false: these are collinear. */
static bool regress(const struct pls_within *within, const struct pls_target *target,
                    struct pls_variant *variant, double *small, double *b)
{
    const size_t n = within->n, wide = target->wide, K = target->size, used = variant->used;
    const double *s = target->h + K;
    for (size_t a = 0; a < used; a++)
        for (size_t c = 0; c < used; c++)
            small[a * used + c] = product(n, s + variant->use[a], wide, s + variant->use[c], wide);
    if (pls_cholesky(small, used) < used)
        return false;
    for (size_t l = 0; l < K; l++) {
        for (size_t a = 0; a < used; a++)
            b[a] = product(n, s + variant->use[a], wide, target->h + l, wide);
        pls_cholesky_solve(small, used, b);
        for (size_t a = 0; a < used; a++)
            variant->beta[a * K + l] = b[a];
    }
    return true;
}

/* x'ŷ, ŷ'ŷ + e'e. */
static void fit(const struct pls_within *within, const struct pls_target *target,
                struct pls_variant *variant, double *fitted, double *rest)
{
    const size_t n = within->n, K = target->size;
    for (size_t i = 0; i < n; i++) {
        const double *h = target->h + i * target->wide;
        for (size_t l = 0; l < K; l++) {
            double sum = 0.0;
            for (size_t a = 0; a < variant->used; a++)
                sum += variant->beta[a * K + l] * h[K + variant->use[a]];
            fitted[i * K + l] = sum;
            rest[i * K + l] = h[l] - sum;
        }
    }
    for (size_t k = 0; k < target->related; k++)
        for (size_t l = 0; l < K; l++)
            variant->fitted[k * K + l] = product(n, target->x + k, target->related, fitted + l, K);
    for (size_t k = 0; k < K; k++)
        for (size_t l = 0; l < K; l++)
            variant->block[k * K + l] =
                product(n, fitted + k, K, fitted + l, K) + product(n, rest + k, K, rest + l, K);
}

static enum pls_code prepare_variant(struct pls_within *within, struct pls_target *target,
                                     size_t number, double *scratch, struct pls_error *err)
{
    struct pls_variant *variant = &target->variant[number];
    const size_t q = target->predecessors, K = target->size, n = within->n;
    enum pls_code code;
    if ((code = pls_alloc(&variant->use, q, sizeof *variant->use, err)) != PLS_OK ||
        (code = pls_alloc(&variant->beta, q * K, sizeof *variant->beta, err)) != PLS_OK ||
        (code = pls_alloc(&variant->fitted, target->related * K, sizeof *variant->fitted, err)) !=
            PLS_OK ||
        (code = pls_alloc(&variant->block, K * K, sizeof *variant->block, err)) != PLS_OK)
        return code;
    for (size_t m = 0; m < q && number > 0; m++)
        if (m + 1 != number)
            variant->use[variant->used++] = m;
    if (!regress(within, target, variant, scratch, scratch + q * q))
        return pls_fail(err, PLS_EDATA, "the predecessors of %s are collinear; leave one out",
                        within->estimator->model->construct[target->j]);
    fit(within, target, variant, scratch, scratch + n * K);
    return PLS_OK;
}

static enum pls_code prepare_target(struct pls_within *within, struct pls_target *target,
                                    struct pls_error *err)
{
    const struct pls_model *model = within->estimator->model;
    const size_t n = within->n, J = model->constructs, q = target->predecessors;
    double *scratch = NULL;
    for (size_t i = 0; i < J; i++)
        if (i != target->j && within->estimator->relation[target->j * J + i] != PLS_UNRELATED)
            target->related += model->block[i + 1] - model->block[i];
    target->wide = (target->size + q + PLS_MOST_WIDTH - 1) / PLS_MOST_WIDTH * PLS_MOST_WIDTH;
    const size_t R = target->related, K = target->size;
    enum pls_code code;
    if ((code = pls_alloc(&target->indicator, R, sizeof *target->indicator, err)) != PLS_OK ||
        (code = pls_alloc(&target->from, q, sizeof *target->from, err)) != PLS_OK ||
        (code = pls_alloc(&target->x, n * R, sizeof *target->x, err)) != PLS_OK ||
        (code = pls_alloc(&target->h, n * target->wide, sizeof *target->h, err)) != PLS_OK ||
        (code = pls_alloc(&target->to, R * K, sizeof *target->to, err)) != PLS_OK ||
        (code = pls_alloc(&target->variant, q + 1, sizeof *target->variant, err)) != PLS_OK ||
        (code = pls_alloc(&scratch, 2 * n * K + q * (q + 1), sizeof *scratch, err)) != PLS_OK)
        return code;
    gather(within, target);
    for (size_t v = 0; v <= q && code == PLS_OK; v++)
        code = prepare_variant(within, target, v, scratch, err);
    free(scratch);
    return code;
}

enum pls_code pls_within_prepare(struct pls_within *within, struct pls_error *err)
{
    const struct pls_model *model = within->estimator->model;
    const size_t n = within->n, p = model->indicators, J = model->constructs;
    const size_t lane_s = within->plan == NULL ? 0 : within->plan->s;
    size_t run = 0, r2 = model->paths;
    enum pls_code code;
    if ((code = pls_alloc(&within->z, n * p, sizeof *within->z, err)) != PLS_OK ||
        (code = pls_alloc(&within->score, n * J, sizeof *within->score, err)) != PLS_OK ||
        (code = pls_alloc(&within->s, p * p, sizeof *within->s, err)) != PLS_OK ||
        (code = pls_alloc(&within->lane_s, lane_s, sizeof *within->lane_s, err)) != PLS_OK ||
        (code = pls_alloc(&within->target, J, sizeof *within->target, err)) != PLS_OK ||
        (code = correlate(within, err)) != PLS_OK)
        return code;
    standardise(within);
    if (within->plan != NULL)
        lay_out(within);
    for (size_t j = 0; j < J && code == PLS_OK; j++) {
        const size_t q = model->arrow[j + 1] - model->arrow[j];
        if (q == 0)
            continue;
        struct pls_target *target = &within->target[within->targets++];
        *target = (struct pls_target){.j = j,
                                      .size = model->block[j + 1] - model->block[j],
                                      .predecessors = q,
                                      .model = run,
                                      .path = model->arrow[j],
                                      .r2 = r2++};
        run += 1 + q;
        if (n < q + 2)
            return pls_fail(
                err, PLS_EDATA,
                "%zu rows leave no degree of freedom for the %zu paths to %s; leave out "
                "paths",
                n, q, model->construct[j]);
        code = prepare_target(within, target, err);
    }
    return code;
}

void pls_within_release(struct pls_within *within)
{
    for (size_t t = 0; t < within->targets; t++) {
        struct pls_target *target = &within->target[t];
        for (size_t v = 0; target->variant != NULL && v <= target->predecessors; v++) {
            free(target->variant[v].use);
            free(target->variant[v].beta);
            free(target->variant[v].fitted);
            free(target->variant[v].block);
        }
        free(target->indicator);
        free(target->from);
        free(target->x);
        free(target->h);
        free(target->to);
        free(target->variant);
    }
    free(within->z);
    free(within->score);
    free(within->s);
    free(within->lane_s);
    free(within->target);
}
