/* estimator.c: one estimator from model, settings and data; one row from weights. */
#include "internal.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum pls_code find_columns(struct pls_estimator *estimator, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    const struct pls_dataset *dataset = estimator->dataset;
    enum pls_code code =
        pls_alloc(&estimator->data_column, model->indicators, sizeof *estimator->data_column, err);
    for (size_t k = 0; k < model->indicators && code == PLS_OK; k++) {
        size_t c = 0;
        while (c < dataset->columns && strcmp(dataset->name[c], model->indicator[k]) != 0)
            c++;
        estimator->data_column[k] = c;
        if (c == dataset->columns)
            code = pls_fail(err, PLS_ESTUDY,
                            "the data have no column %s; add it, or leave the indicator out of the "
                            "model",
                            model->indicator[k]);
    }
    return code;
}

/* Predecessors of one construct are co-predictors, unless they are neighbours themselves. */
static enum pls_code relate(struct pls_estimator *estimator, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    const size_t J = model->constructs;
    enum pls_code code =
        pls_alloc(&estimator->owner, model->indicators, sizeof *estimator->owner, err);
    if (code == PLS_OK)
        code = pls_alloc(&estimator->relation, J * J, sizeof *estimator->relation, err);
    if (code != PLS_OK)
        return code;
    unsigned char *relation = estimator->relation;
    for (size_t j = 0; j < J; j++) {
        for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
            estimator->owner[k] = j;
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
            for (size_t b = model->arrow[j]; b < model->arrow[j + 1]; b++)
                relation[model->source[a] * J + model->source[b]] = PLS_CO_PREDICTOR;
    }
    for (size_t j = 0; j < J; j++) {
        relation[j * J + j] = PLS_ITSELF;
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++) {
            relation[j * J + model->source[a]] = PLS_PREDECESSOR;
            relation[model->source[a] * J + j] = PLS_SUCCESSOR;
        }
    }
    return PLS_OK;
}

static enum pls_code make(const struct pls_model *model, const struct pls_estimation_keys *keys,
                          const struct pls_dataset *opt_dataset, struct pls_estimator **out_new,
                          struct pls_error *err)
{
    const enum pls_code code = pls_alloc(out_new, 1, sizeof **out_new, err);
    if (code != PLS_OK)
        return code;
    (*out_new)->model = model;
    (*out_new)->keys = keys;
    (*out_new)->dataset = opt_dataset;
    return PLS_OK;
}

/* What follows from the model alone. */
static enum pls_code plan_columns(struct pls_estimator *estimator, struct pls_error *err)
{
    enum pls_code code = relate(estimator, err);
    if (code == PLS_OK)
        code = pls_effects_plan(estimator, err);
    if (code == PLS_OK)
        code = pls_columns_plan(estimator, err);
    return code;
}

enum pls_code pls_estimator_outline(const struct pls_model *model,
                                    const struct pls_estimation_keys *keys,
                                    struct pls_estimator **out_new, struct pls_error *err)
{
    struct pls_estimator *estimator = NULL;
    enum pls_code code = make(model, keys, NULL, &estimator, err);
    if (code == PLS_OK)
        code = plan_columns(estimator, err);
    if (code == PLS_OK)
        *out_new = estimator;
    else
        pls_estimator_free(estimator);
    return code;
}

enum pls_code pls_estimator_new(const struct pls_model *model,
                                const struct pls_estimation_keys *keys,
                                const struct pls_dataset *dataset, struct pls_estimator **out_new,
                                struct pls_error *err)
{
    struct pls_estimator *estimator = NULL;
    enum pls_code code = make(model, keys, dataset, &estimator, err);
    if (code != PLS_OK)
        return code;
    if ((code = find_columns(estimator, err)) == PLS_OK &&
        (code = pls_check_rows(estimator, err)) == PLS_OK &&
        (code = plan_columns(estimator, err)) == PLS_OK &&
        (code = pls_moments_prepare(estimator, err)) == PLS_OK &&
        (code = pls_check_constants(estimator, err)) == PLS_OK &&
        (code = pls_pairs_new(estimator, false, &estimator->needed, err)) == PLS_OK &&
        (code = pls_check_blocks(estimator, err)) == PLS_OK) {
        *out_new = estimator;
        return PLS_OK;
    }
    pls_estimator_free(estimator);
    return code;
}

void pls_estimator_free(struct pls_estimator *estimator)
{
    if (estimator == NULL)
        return;
    free(estimator->data_column);
    free(estimator->owner);
    free(estimator->relation);
    free(estimator->x);
    free(estimator->mean);
    free(estimator->sd);
    pls_pairs_free(&estimator->needed);
    pls_effects_free(estimator);
    pls_columns_free(&estimator->columns);
    free(estimator);
}

const struct pls_columns *pls_estimator_columns(const struct pls_estimator *estimator)
{
    return &estimator->columns;
}

static size_t chain_column(const struct pls_estimator *estimator, const size_t *chain,
                           size_t length)
{
    const struct pls_chain_list *list = &estimator->specific;
    for (size_t c = 0; c < list->count; c++) {
        size_t a = 0;
        if (list->start[c + 1] - list->start[c] != length - 1)
            continue;
        while (a + 1 < length && list->path[list->start[c] + a] ==
                                     pls_path_between(estimator->model, chain[a], chain[a + 1]))
            a++;
        if (a + 1 == length)
            return estimator->first[PLS_SPECIFIC] + c;
    }
    return estimator->columns.count;
}

size_t pls_estimator_column(const struct pls_estimator *estimator, enum pls_effect effect,
                            const size_t *chain, size_t length)
{
    const struct pls_model *model = estimator->model;
    const size_t none = estimator->columns.count;
    for (size_t i = 0; i < length; i++)
        if (chain[i] >= model->constructs)
            return none;
    if (length < 2)
        return none;
    const size_t source = chain[0], target = chain[length - 1];
    if (effect == PLS_EFFECT_PATH) {
        const size_t a = pls_path_between(model, source, target);
        return a < model->paths ? estimator->first[PLS_PATH] + a : none;
    }
    if (effect == PLS_EFFECT_SPECIFIC)
        return chain_column(estimator, chain, length);
    const bool total = effect == PLS_EFFECT_TOTAL;
    const struct pls_effect_list *list = total ? &estimator->total : &estimator->indirect;
    for (size_t e = 0; e < list->count; e++)
        if (list->pair[e] == target * model->constructs + source)
            return estimator->first[total ? PLS_TOTAL : PLS_INDIRECT] + e;
    return none;
}

enum pls_code pls_workspace_new(const struct pls_estimator *estimator,
                                struct pls_workspace **out_new, struct pls_error *err)
{
    const size_t J = estimator->model->constructs, p = estimator->model->indicators;
    struct pls_workspace *ws = NULL;
    enum pls_code code = pls_alloc(&ws, 1, sizeof *ws, err);
    if (code != PLS_OK)
        return code;
    const struct {
        double **array;
        size_t count;
    } parts[] = {{&ws->sums, p * (p + 1) / 2},
                 {&ws->sum, p},
                 {&ws->scaled, p},
                 {&ws->s, p * p},
                 {&ws->w, p},
                 {&ws->next, p},
                 {&ws->v, p * J},
                 {&ws->c, J * J},
                 {&ws->inner, J},
                 {&ws->block, p * p},
                 {&ws->small, J * J},
                 {&ws->coefficient, J},
                 {&ws->path, estimator->model->paths},
                 {&ws->r2, J},
                 {&ws->total, J * J},
                 {&ws->indirect, J * J}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && code == PLS_OK; i++)
        code = pls_alloc(parts[i].array, parts[i].count, sizeof(double), err);
    if (code == PLS_OK)
        *out_new = ws;
    else
        pls_workspace_free(ws);
    return code;
}

void pls_workspace_free(struct pls_workspace *workspace)
{
    if (workspace == NULL)
        return;
    free(workspace->sums);
    free(workspace->sum);
    free(workspace->scaled);
    free(workspace->s);
    free(workspace->w);
    free(workspace->next);
    free(workspace->v);
    free(workspace->c);
    free(workspace->inner);
    free(workspace->block);
    free(workspace->small);
    free(workspace->coefficient);
    free(workspace->path);
    free(workspace->r2);
    free(workspace->total);
    free(workspace->indirect);
    free(workspace);
}

bool pls_solve_correlations(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                            const double *opt_base, struct pls_outcome *outcome)
{
    const struct pls_model *model = estimator->model;
    outcome->status = (uint8_t)pls_solve(estimator, workspace, outcome);
    if (outcome->status == PLS_STATUS_NOT_CONVERGED)
        outcome->flags |= PLS_FLAG_NOT_CONVERGED;
    else if (outcome->status != PLS_STATUS_OK)
        return false;

    const size_t turned = pls_orient(estimator, opt_base, workspace);
    const size_t singular = pls_structural(model, workspace);
    if (singular < model->constructs) {
        outcome->status = PLS_STATUS_SINGULAR_STRUCTURAL;
        outcome->where = (uint16_t)singular;
        return false;
    }
    if (turned < model->constructs) {
        outcome->flags |= PLS_FLAG_TURNED;
        outcome->where = (uint16_t)turned;
    }
    return true;
}

/* Everything up to paths and R² in the workspace; false: there are no values. */
static bool solve_row(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                      const uint32_t *weights, const double *opt_base, struct pls_outcome *outcome)
{
    const size_t constant =
        pls_moments_correlate(estimator, &estimator->needed, weights, workspace);
    if (constant < estimator->model->indicators) {
        outcome->status = PLS_STATUS_CONSTANT;
        outcome->where = (uint16_t)constant;
        return false;
    }
    return pls_solve_correlations(estimator, workspace, opt_base, outcome);
}

void pls_estimator_row(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                       const uint32_t *weights, const double *opt_base, double *row,
                       struct pls_outcome *outcome)
{
    const struct pls_model *model = estimator->model;
    const size_t J = model->constructs, p = model->indicators;
    *outcome = (struct pls_outcome){0};
    if (!solve_row(estimator, workspace, weights, opt_base, outcome)) {
        for (size_t c = 0; c < estimator->columns.count; c++)
            row[c] = NAN;
        return;
    }
    for (size_t k = 0; k < p; k++) {
        row[estimator->first[PLS_WEIGHT] + k] = workspace->w[k];
        row[estimator->first[PLS_LOADING] + k] = workspace->v[k * J + estimator->owner[k]];
    }
    memcpy(row + estimator->first[PLS_PATH], workspace->path, model->paths * sizeof *row);
    double *r2 = row + estimator->first[PLS_R2];
    for (size_t j = 0; j < J; j++)
        if (model->arrow[j + 1] > model->arrow[j])
            *r2++ = workspace->r2[j];
    pls_effects_row(estimator, workspace, row);
}

double pls_workspace_residual(const struct pls_estimator *estimator,
                              struct pls_workspace *workspace)
{
    return pls_solve_residual(estimator, workspace);
}

void pls_estimator_scores(const struct pls_estimator *estimator, const double *row, double *scores)
{
    const struct pls_model *model = estimator->model;
    const struct pls_dataset *dataset = estimator->dataset;
    for (size_t i = 0; i < dataset->rows; i++)
        for (size_t j = 0; j < model->constructs; j++) {
            double sum = 0.0;
            for (size_t k = model->block[j]; k < model->block[j + 1]; k++) {
                const double x = dataset->values[i * dataset->columns + estimator->data_column[k]];
                sum += row[estimator->first[PLS_WEIGHT] + k] * (x - estimator->mean[k]) /
                       estimator->sd[k];
            }
            scores[i * model->constructs + j] = sum;
        }
}
