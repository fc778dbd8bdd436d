/*
 * effects.c: total, total indirect and specific indirect effects (METHODS 2.10). Which there are
 * follows from the structure alone and is listed once; a row only multiplies and adds.
 */
#include "internal.h"

#include "plstrap/alloc.h"

#include <stdlib.h>

size_t pls_path_between(const struct pls_model *model, size_t source, size_t target)
{
    for (size_t a = model->arrow[target]; a < model->arrow[target + 1]; a++)
        if (model->source[a] == source)
            return a;
    return model->paths;
}

static enum pls_code too_many(struct pls_error *err)
{
    return pls_fail(
        err, PLS_ESTUDY,
        "the model has more than %d parameters and effects; leave out paths, or split it "
        "into models of fewer constructs",
        PLS_MOST_COLUMNS);
}

/* What is left for effects once weights, loadings, paths and R² have their columns. */
static size_t room_for(const struct pls_estimator *estimator)
{
    const struct pls_model *model = estimator->model;
    const size_t used = 2 * model->indicators + model->paths + model->constructs +
                        estimator->total.count + estimator->indirect.count +
                        estimator->specific.count;
    return used < PLS_MOST_COLUMNS ? PLS_MOST_COLUMNS - used : 0;
}

static enum pls_code add_pair(const struct pls_estimator *estimator, struct pls_effect_list *list,
                              size_t target, size_t source, struct pls_error *err)
{
    if (room_for(estimator) == 0)
        return too_many(err);
    const enum pls_code code =
        pls_grow(&list->pair, &list->capacity, list->count + 1, sizeof *list->pair, err);
    if (code == PLS_OK)
        list->pair[list->count++] = target * estimator->model->constructs + source;
    return code;
}

/* Pairs by target, then source: with any route (total), with one through others (indirect). */
static enum pls_code list_pairs(struct pls_estimator *estimator, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    const size_t J = model->constructs;
    unsigned char *reach = NULL; /* [J][J] 1: direct only, 2: also or only through others */
    enum pls_code code = pls_alloc(&reach, J * J, sizeof *reach, err);
    if (code != PLS_OK)
        return code;
    for (size_t o = 0; o < J; o++) {
        const size_t j = model->order[o];
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
            reach[j * J + model->source[a]] = 1;
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
            for (size_t i = 0; i < J; i++)
                if (reach[model->source[a] * J + i] != 0)
                    reach[j * J + i] = 2;
    }
    for (size_t j = 0; j < J && code == PLS_OK; j++)
        for (size_t i = 0; i < J && code == PLS_OK; i++) {
            if (reach[j * J + i] > 0)
                code = add_pair(estimator, &estimator->total, j, i, err);
            if (reach[j * J + i] > 1 && code == PLS_OK)
                code = add_pair(estimator, &estimator->indirect, j, i, err);
        }
    free(reach);
    return code;
}

static enum pls_code add_chain(struct pls_estimator *estimator, const size_t *path, size_t length,
                               struct pls_error *err)
{
    struct pls_chain_list *list = &estimator->specific;
    if (room_for(estimator) == 0)
        return too_many(err);
    const size_t from = list->start[list->count];
    enum pls_code code =
        pls_grow(&list->path, &list->path_capacity, from + length, sizeof *list->path, err);
    if (code == PLS_OK)
        code = pls_grow(&list->start, &list->start_capacity, list->count + 2, sizeof *list->start,
                        err);
    if (code != PLS_OK)
        return code;
    for (size_t a = 0; a < length; a++)
        list->path[from + a] = path[a];
    list->start[++list->count] = from + length;
    return PLS_OK;
}

/* All chains that go on from construct `at`, depth first; path[0 … length-1] led there. */
static enum pls_code follow(struct pls_estimator *estimator, size_t at, size_t *path, size_t length,
                            struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    enum pls_code code = length >= 2 ? add_chain(estimator, path, length, err) : PLS_OK;
    for (size_t to = 0; to < model->constructs && code == PLS_OK; to++) {
        path[length] = pls_path_between(model, at, to);
        if (path[length] < model->paths)
            code = follow(estimator, to, path, length + 1, err);
    }
    return code;
}

enum pls_code pls_effects_plan(struct pls_estimator *estimator, struct pls_error *err)
{
    const size_t J = estimator->model->constructs;
    struct pls_chain_list *list = &estimator->specific;
    size_t *path = NULL;
    if (room_for(estimator) == 0)
        return too_many(err);
    enum pls_code code = list_pairs(estimator, err);
    if (code == PLS_OK)
        code = pls_alloc(&path, J + 1, sizeof *path, err);
    if (code == PLS_OK)
        code = pls_grow(&list->start, &list->start_capacity, 1, sizeof *list->start, err);
    if (code == PLS_OK)
        list->start[0] = 0;
    for (size_t i = 0; i < J && code == PLS_OK; i++)
        code = follow(estimator, i, path, 0, err);
    free(path);
    return code;
}

void pls_effects_free(struct pls_estimator *estimator)
{
    free(estimator->total.pair);
    free(estimator->indirect.pair);
    free(estimator->specific.path);
    free(estimator->specific.start);
}

void pls_effects_row(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                     double *row)
{
    const struct pls_model *model = estimator->model;
    const size_t J = model->constructs;
    double *total = workspace->total, *indirect = workspace->indirect;
    for (size_t o = 0; o < J; o++) { /* T = B + B T, sources first; T_ii = 0 */
        const size_t j = model->order[o];
        for (size_t i = 0; i < J; i++) {
            indirect[j * J + i] = 0.0;
            for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
                indirect[j * J + i] += workspace->path[a] * total[model->source[a] * J + i];
            total[j * J + i] = indirect[j * J + i];
        }
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
            total[j * J + model->source[a]] += workspace->path[a];
    }

    for (size_t e = 0; e < estimator->total.count; e++)
        row[estimator->first[PLS_TOTAL] + e] = total[estimator->total.pair[e]];
    for (size_t e = 0; e < estimator->indirect.count; e++)
        row[estimator->first[PLS_INDIRECT] + e] = indirect[estimator->indirect.pair[e]];
    const struct pls_chain_list *chains = &estimator->specific;
    for (size_t c = 0; c < chains->count; c++) {
        double product = workspace->path[chains->path[chains->start[c]]];
        for (size_t a = chains->start[c] + 1; a < chains->start[c + 1]; a++)
            product *= workspace->path[chains->path[a]];
        row[estimator->first[PLS_SPECIFIC] + c] = product;
    }
}
