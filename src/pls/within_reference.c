/* within_reference.c: one model of one row of within.h, readable; kernels are held against it. */
#include "within_internal.h"

#include <math.h>
#include <string.h>

/* An unexplained share below this is rounding: all of these are the same. */
static const double least_unexplained = PLS_LEAST_UNEXPLAINED;
static const double least_variance = PLS_LEAST_Y;

/* G = x'[y s]_π */
static void cross(const struct pls_within *within, const struct pls_target *target,
                  const uint32_t *pi, double *g)
{
    memset(g, 0, target->related * target->wide * sizeof *g);
    for (size_t i = 0; i < within->n; i++) {
        const double *x = target->x + i * target->related;
        const double *h = target->h + pi[i] * target->wide;
        for (size_t k = 0; k < target->related; k++)
            for (size_t c = 0; c < target->size + target->predecessors; c++)
                g[k * target->wide + c] += x[k] * h[c];
    }
}

/* D = x'e_π, and A = x'y* where S has x and y. */
static void residuals(const struct pls_within *within, const struct pls_target *target,
                      const struct pls_variant *variant, const double *g, double *d, double *s)
{
    const size_t K = target->size, p = within->estimator->model->indicators;
    const size_t first = within->estimator->model->block[target->j];
    for (size_t k = 0; k < target->related; k++, g += target->wide)
        for (size_t l = 0; l < K; l++) {
            double rest = g[l];
            for (size_t a = 0; a < variant->used; a++)
                rest -= variant->beta[a * K + l] * g[K + variant->use[a]];
            d[k * K + l] = rest;
            s[target->indicator[k] * p + first + l] = variant->fitted[k * K + l] + rest;
        }
}

/* M = s'e_π of the predecessors in ŷ. */
static void scores(const struct pls_within *within, const struct pls_target *target,
                   const struct pls_variant *variant, const double *d, double *m)
{
    const struct pls_model *model = within->estimator->model;
    const size_t K = target->size;
    for (size_t a = 0; a < variant->used; a++) {
        const size_t i = model->source[model->arrow[target->j] + variant->use[a]];
        const size_t from = target->from[variant->use[a]];
        for (size_t l = 0; l < K; l++) {
            double sum = 0.0;
            for (size_t k = model->block[i]; k < model->block[i + 1]; k++)
                sum += within->base[k] * d[(from + k - model->block[i]) * K + l];
            m[a * K + l] = sum;
        }
    }
}

/* S of the block, and of it with others, from A, M; K, or the first y without variance. */
static size_t scale(const struct pls_within *within, const struct pls_target *target,
                    const struct pls_variant *variant, const double *m, double *root, double *s)
{
    const size_t K = target->size, p = within->estimator->model->indicators;
    const size_t first = within->estimator->model->block[target->j];
    for (size_t k = 0; k < K; k++)
        for (size_t l = k; l < K; l++) {
            double sum = variant->block[k * K + l];
            for (size_t a = 0; a < variant->used; a++)
                sum += variant->beta[a * K + k] * m[a * K + l] +
                       variant->beta[a * K + l] * m[a * K + k];
            s[(first + k) * p + first + l] = sum;
        }
    for (size_t l = 0; l < K; l++) {
        const double variance = s[(first + l) * p + first + l];
        if (!(variance > least_variance))
            return l;
        root[l] = 1.0 / sqrt(variance);
    }
    for (size_t k = 0; k < K; k++)
        for (size_t l = k; l < K; l++) {
            double *upper = &s[(first + k) * p + first + l];
            *upper = k == l ? 1.0 : (*upper * root[k]) * root[l];
            s[(first + l) * p + first + k] = *upper;
        }
    for (size_t k = 0; k < target->related; k++)
        for (size_t l = 0; l < K; l++) {
            double *s_kl = &s[target->indicator[k] * p + first + l];
            *s_kl *= root[l];
            s[(first + l) * p + target->indicator[k]] = *s_kl;
        }
    return K;
}

void pls_within_tests(struct pls_within *within, const struct pls_target *target, double *t,
                      double *r2)
{
    const struct pls_model *model = within->estimator->model;
    struct pls_workspace *workspace = within->workspace;
    const size_t q = target->predecessors;
    const double df = (double)(within->n - 1 - q);
    const double rest = 1.0 - workspace->r2[target->j];
    const double unexplained = rest > least_unexplained ? rest : least_unexplained;
    pls_regress(model, target->j, workspace); /* again, for its factor */
    for (size_t a = 0; a < q; a++) {
        for (size_t b = 0; b < q; b++)
            within->unit[b] = a == b ? 1.0 : 0.0;
        pls_cholesky_solve(workspace->small, q, within->unit);
        t[a] =
            workspace->path[model->arrow[target->j] + a] / sqrt(unexplained * within->unit[a] / df);
    }
    *r2 = workspace->r2[target->j];
}

void pls_within_model(struct pls_within *within, const struct pls_target *target, size_t number,
                      uint64_t row, double *t, double *r2, struct pls_outcome *outcome)
{
    const struct pls_estimator *estimator = within->estimator;
    const struct pls_variant *variant = &target->variant[number];
    const size_t p = estimator->model->indicators, R = target->related, K = target->size;
    double *s = within->workspace->s;
    double *d = within->d, *m = d + R * K, *root = m + target->predecessors * K;
    *outcome = (struct pls_outcome){0};
    pls_within_shuffle(within, target->j, row, within->order, within->pi);
    cross(within, target, within->pi, within->g);
    memcpy(s, within->s, p * p * sizeof *s);
    residuals(within, target, variant, within->g, d, s);
    scores(within, target, variant, d, m);
    const size_t constant = scale(within, target, variant, m, root, s);
    if (constant < K) {
        outcome->status = PLS_STATUS_CONSTANT;
        outcome->where = (uint16_t)(estimator->model->block[target->j] + constant);
    } else if (pls_solve_correlations(estimator, within->workspace,
                                      within->settings.align ? within->base : NULL, outcome)) {
        pls_within_tests(within, target, t, r2);
        return;
    }
    for (size_t a = 0; a < target->predecessors; a++)
        t[a] = NAN;
    *r2 = NAN;
}
