/*
 * groups_micom.c: measurement invariance of composites (Henseler, Ringle & Sarstedt 2016).
 *
 * Step 2 needs the weights of both groups and the pooled (co)variances of each block; step 3 scores
 * of the pooled model. Only weights and labels differ from row to row.
 */
#include "groups_internal.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 64 };

void pls_micom_free(struct pls_micom *micom)
{
    free(micom->s);
    free(micom->toward);
    free(micom->powers);
    free(micom->sum);
    *micom = (struct pls_micom){0};
}

static double answer(const struct pls_estimator *estimator, size_t i, size_t k)
{
    const struct pls_dataset *dataset = estimator->dataset;
    return dataset->values[i * dataset->columns + estimator->data_column[k]];
}

/* Mean and standard deviation of an indicator over the rows with weight 1. */
static void describe(const struct pls_estimator *estimator, const uint32_t *weights, size_t k,
                     double *mean, double *sd)
{
    const size_t n = estimator->dataset->rows;
    double sum = 0.0, squares = 0.0, count = 0.0;
    for (size_t i = 0; i < n; i++)
        if (weights[i] != 0) {
            sum += answer(estimator, i, k);
            count += 1.0;
        }
    *mean = sum / count;
    for (size_t i = 0; i < n; i++)
        if (weights[i] != 0) {
            const double deviation = answer(estimator, i, k) - *mean;
            squares += deviation * deviation;
        }
    *sd = sqrt(squares / (count - 1.0));
}

/* Blocks' correlations (or covariances) of the pooled rows, and the composites' with them. */
static void relate(const struct pls_groups *groups, struct pls_micom *micom, const double *s,
                   const double *w, const double *sd)
{
    const struct pls_model *model = groups->model;
    const size_t p = model->indicators;
    const bool raw = groups->options.micom_scale == PLS_MICOM_RAW;
    for (size_t j = 0; j < model->constructs; j++)
        for (size_t k = model->block[j]; k < model->block[j + 1]; k++) {
            micom->toward[k] = 0.0;
            for (size_t l = model->block[j]; l < model->block[j + 1]; l++) {
                micom->s[k * p + l] = s[k * p + l] * (raw ? sd[k] * sd[l] : 1.0);
                micom->toward[k] += micom->s[k * p + l] * w[l];
            }
        }
}

static void score(const struct pls_groups *groups, struct pls_micom *micom,
                  const struct pls_estimator *estimator, const double *w, const double *mean,
                  const double *sd)
{
    const struct pls_model *model = groups->model;
    const size_t J = model->constructs;
    for (size_t i = 0; i < groups->n; i++)
        for (size_t j = 0; j < J && groups->weights[i] != 0; j++) {
            double sum = 0.0;
            for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
                sum += w[k] * (answer(estimator, i, k) - mean[k]) / sd[k];
            micom->powers[i * micom->width + j] = sum;
            micom->powers[i * micom->width + J + j] = sum * sum;
            micom->sum[j] += sum;
            micom->sum[J + j] += sum * sum;
        }
}

static enum pls_code pool(struct pls_groups *groups, struct pls_comparison *comparison,
                          struct pls_workspace *workspace, double *row, double *mean, double *sd,
                          struct pls_error *err)
{
    const struct pls_estimator *estimator = groups->options.opt_raw;
    const double *w = row + estimator->first[PLS_WEIGHT];
    struct pls_outcome outcome;
    for (size_t i = 0; i < groups->n; i++)
        groups->weights[i] = comparison->exchange->observed[i] != PLS_NO_GROUP;
    pls_estimator_row(estimator, workspace, groups->weights, groups->options.opt_base, row,
                      &outcome);
    if (outcome.status != PLS_STATUS_OK)
        return pls_fail(err, PLS_EDATA,
                        "groups %s and %s together: %s; invariance cannot be tested, leave micom "
                        "out of permutation.tests",
                        groups->options.name[comparison->group[0]],
                        groups->options.name[comparison->group[1]],
                        pls_status_name((enum pls_status)outcome.status));
    for (size_t k = 0; k < groups->model->indicators; k++)
        describe(estimator, groups->weights, k, &mean[k], &sd[k]);
    relate(groups, &comparison->micom, workspace->s, w, sd);
    score(groups, &comparison->micom, estimator, w, mean, sd);
    return PLS_OK;
}

enum pls_code pls_micom_prepare(struct pls_groups *groups, struct pls_comparison *comparison,
                                struct pls_error *err)
{
    const struct pls_estimator *estimator = groups->options.opt_raw;
    const size_t p = groups->model->indicators, J = groups->model->constructs;
    struct pls_micom *micom = &comparison->micom;
    const size_t width = (2 * J + PLS_POWERS - 1) / PLS_POWERS * PLS_POWERS;
    struct pls_workspace *workspace = NULL;
    double *row = NULL, *mean = NULL, *sd = NULL;
    enum pls_code code;
    micom->width = width;
    if ((code = pls_alloc(&micom->s, p * p, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&micom->toward, p, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&micom->powers, groups->n * width, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&micom->sum, width, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&row, groups->parameters, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&mean, p, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&sd, p, sizeof(double), err)) == PLS_OK &&
        (code = pls_workspace_new(estimator, &workspace, err)) == PLS_OK)
        code = pool(groups, comparison, workspace, row, mean, sd, err);
    pls_workspace_free(workspace);
    free(row);
    free(mean);
    free(sd);
    return code;
}

/* Quadratic forms of one block in the weights of up to TILE rows. */
struct forms {
    double first[TILE], both[TILE], second[TILE]; /* w1'Sw1, w1'Sw2, w2'Sw2 */
    double toward[2][TILE];                       /* with the pooled composite */
};

static void add_forms(struct forms *forms, const struct pls_micom *micom,
                      const struct pls_model *model, size_t j, const double *w1, const double *w2,
                      size_t stride, size_t count)
{
    const size_t p = model->indicators;
    memset(forms, 0, sizeof *forms);
    for (size_t k = model->block[j]; k < model->block[j + 1]; k++) {
        double part1[TILE] = {0.0}, part2[TILE] = {0.0};
        for (size_t l = model->block[j]; l < model->block[j + 1]; l++) {
            const double s = micom->s[k * p + l];
            for (size_t r = 0; r < count; r++) {
                part1[r] += s * w1[l * stride + r];
                part2[r] += s * w2[l * stride + r];
            }
        }
        for (size_t r = 0; r < count; r++) {
            forms->first[r] += w1[k * stride + r] * part1[r];
            forms->both[r] += w1[k * stride + r] * part2[r];
            forms->second[r] += w2[k * stride + r] * part2[r];
            forms->toward[0][r] += micom->toward[k] * w1[k * stride + r];
            forms->toward[1][r] += micom->toward[k] * w2[k * stride + r];
        }
    }
}

void pls_micom_compositional(const struct pls_groups *groups,
                             const struct pls_comparison *comparison, size_t row, size_t count,
                             double *rows, size_t stride)
{
    const struct pls_model *model = groups->model;
    const size_t weight = groups->options.opt_raw->first[PLS_WEIGHT];
    const double *w = rows + ((size_t)comparison->places[0].estimates + weight) * stride + row;
    struct forms forms;
    for (size_t first = 0; first < count; first += TILE) {
        const size_t some = count - first < TILE ? count - first : TILE;
        for (size_t j = 0; j < model->constructs; j++) {
            const bool single = model->block[j + 1] - model->block[j] == 1;
            double *c = rows + ((size_t)comparison->c + j) * stride + row + first;
            add_forms(&forms, &comparison->micom, model, j, w + first,
                      w + groups->parameters * stride + first, stride, some);
            for (size_t r = 0; r < some; r++) {
                const double value = forms.both[r] / sqrt(forms.first[r] * forms.second[r]);
                const bool apart = (forms.toward[0][r] < 0.0) != (forms.toward[1][r] < 0.0);
                const double turned = apart ? -value : value; /* rounding may exceed 1 */
                c[r] = !isnan(value) && (single || turned > 1.0) ? 1.0 : turned;
            }
        }
    }
}

void pls_micom_moments(struct pls_groups *groups, const struct pls_comparison *comparison,
                       double *rows, size_t stride)
{
    const struct pls_micom *micom = &comparison->micom;
    const size_t J = groups->model->constructs;
    const uint8_t second = comparison->group[1];
    double *sum = groups->sums;
    const double *squares = groups->sums + J;
    size_t count = 0;
    for (size_t i = 0; i < groups->n; i++) { /* no branch: labels are random */
        groups->member[count] = (uint32_t)i;
        count += groups->line[i] == second;
    }
    for (size_t k = 0; k < micom->width; k += PLS_POWERS) {
        double part[PLS_POWERS] = {0.0};
        for (size_t m = 0; m < count; m++) {
            const double *power = micom->powers + groups->member[m] * micom->width + k;
            for (size_t i = 0; i < PLS_POWERS; i++)
                part[i] += power[i];
        }
        memcpy(sum + k, part, sizeof part);
    }
    const double n1 = (double)groups->size[comparison->group[0]], n2 = (double)count;
    for (size_t j = 0; j < J; j++) {
        const double other = micom->sum[j] - sum[j];
        const double v1 = (micom->sum[J + j] - squares[j] - other * other / n1) / (n1 - 1.0);
        const double v2 = (squares[j] - sum[j] * sum[j] / n2) / (n2 - 1.0);
        rows[((size_t)comparison->mean + j) * stride] = other / n1 - sum[j] / n2;
        rows[((size_t)comparison->variance + j) * stride] = pls_log(v1 / v2);
    }
}
