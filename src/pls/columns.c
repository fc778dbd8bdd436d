/* columns.c: the columns of a row and their names, in the order in which a row holds them. */
#include "internal.h"

#include "plstrap/text.h"

/* "KD->KV->KK" of a chain of paths, without its first construct. */
static enum pls_code chain_text(const struct pls_model *model, const size_t *path, size_t length,
                                size_t target, struct pls_text *out, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    out->length = 0;
    for (size_t a = 1; a < length && code == PLS_OK; a++)
        code = pls_text_printf(out, err, "%s->", model->construct[model->source[path[a]]]);
    if (code == PLS_OK)
        code = pls_text_printf(out, err, "%s", model->construct[target]);
    return code;
}

/* The construct that a path goes to. */
static size_t target_of(const struct pls_model *model, size_t path)
{
    size_t j = 0;
    while (model->arrow[j + 1] <= path)
        j++;
    return j;
}

static enum pls_code name_chains(struct pls_estimator *estimator, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    const struct pls_chain_list *chains = &estimator->specific;
    struct pls_text text = {0};
    enum pls_code code = PLS_OK;
    for (size_t c = 0; c < chains->count && code == PLS_OK; c++) {
        const size_t *path = chains->path + chains->start[c];
        const size_t length = chains->start[c + 1] - chains->start[c];
        code = chain_text(model, path, length, target_of(model, path[length - 1]), &text, err);
        if (code == PLS_OK)
            code = pls_columns_add(&estimator->columns, PLS_SPECIFIC,
                                   model->construct[model->source[path[0]]], "->", text.data, err);
    }
    pls_text_free(&text);
    return code;
}

static enum pls_code name_pairs(struct pls_estimator *estimator, enum pls_component component,
                                const struct pls_effect_list *list, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    enum pls_code code = PLS_OK;
    estimator->first[component] = estimator->columns.count;
    for (size_t e = 0; e < list->count && code == PLS_OK; e++)
        code = pls_columns_add(&estimator->columns, component,
                               model->construct[list->pair[e] / model->constructs], "~",
                               model->construct[list->pair[e] % model->constructs], err);
    return code;
}

/* Weights or loadings. */
static enum pls_code name_indicators(struct pls_estimator *estimator, enum pls_component component,
                                     const char *op, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    enum pls_code code = PLS_OK;
    estimator->first[component] = estimator->columns.count;
    for (size_t k = 0; k < model->indicators && code == PLS_OK; k++)
        code = pls_columns_add(&estimator->columns, component,
                               model->construct[estimator->owner[k]], op, model->indicator[k], err);
    return code;
}

/* Paths and R² of each construct that is explained. */
static enum pls_code name_structure(struct pls_estimator *estimator, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    enum pls_code code = PLS_OK;
    estimator->first[PLS_PATH] = estimator->columns.count;
    for (size_t j = 0; j < model->constructs; j++)
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1] && code == PLS_OK; a++)
            code = pls_columns_add(&estimator->columns, PLS_PATH, model->construct[j], "~",
                                   model->construct[model->source[a]], err);
    estimator->first[PLS_R2] = estimator->columns.count;
    for (size_t j = 0; j < model->constructs && code == PLS_OK; j++)
        if (model->arrow[j + 1] > model->arrow[j])
            code = pls_columns_add(&estimator->columns, PLS_R2, model->construct[j], "", "", err);
    return code;
}

enum pls_code pls_columns_plan(struct pls_estimator *estimator, struct pls_error *err)
{
    enum pls_code code = name_indicators(estimator, PLS_WEIGHT, "<~", err);
    if (code == PLS_OK)
        code = name_indicators(estimator, PLS_LOADING, "=~", err);
    if (code == PLS_OK)
        code = name_structure(estimator, err);
    if (code == PLS_OK)
        code = name_pairs(estimator, PLS_TOTAL, &estimator->total, err);
    if (code == PLS_OK)
        code = name_pairs(estimator, PLS_INDIRECT, &estimator->indirect, err);
    estimator->first[PLS_SPECIFIC] = estimator->columns.count;
    if (code == PLS_OK)
        code = name_chains(estimator, err);
    return code;
}
