/* groups.c: columns of a row of groups, and what must hold before rows are computed. */
#include "groups_internal.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_ROWS = 1984, /* at once */
    LABELS_BYTES = 8 * 1024 * 1024
};

/* ---- columns ---- */

/* What the columns depend on. */
struct layout {
    const struct pls_columns *parameters;
    const struct pls_model *model;
    const char *const *name;
    size_t groups;
    bool within[2]; /* by variant */
    size_t variants;
    bool micom, omnibus, studentised;
};

static struct layout layout_of(bool raw, bool within, bool micom, bool omnibus, bool studentised)
{
    struct layout layout = {
        .micom = micom && raw, .omnibus = omnibus, .studentised = studentised && raw};
    if (raw)
        layout.within[layout.variants++] = false;
    if (within)
        layout.within[layout.variants++] = true;
    return layout;
}

/* The estimator's columns again, under a prefix; component PLS_COMPONENTS: their own. */
static enum pls_code repeat(const struct layout *layout, struct pls_columns *out,
                            enum pls_component component, const char *prefix, struct pls_error *err)
{
    struct pls_text lhs = {0};
    enum pls_code code = PLS_OK;
    for (size_t c = 0; c < layout->parameters->count && code == PLS_OK; c++) {
        const struct pls_column *column = &layout->parameters->column[c];
        const bool own = component == PLS_COMPONENTS;
        lhs.length = 0;
        code = pls_text_printf(&lhs, err, "%s%s%s%s", prefix,
                               own ? "" : pls_component_name(column->component), own ? "" : ":",
                               column->lhs);
        if (code == PLS_OK)
            code = pls_columns_add(out, own ? column->component : component, lhs.data, column->op,
                                   column->rhs, err);
    }
    pls_text_free(&lhs);
    return code;
}

static long next(const struct pls_columns *out)
{
    return (long)out->count;
}

static enum pls_code add_variant(const struct layout *layout, const struct pls_comparison *of,
                                 const char *comparison, bool within,
                                 struct pls_group_places *places, struct pls_columns *out,
                                 struct pls_error *err)
{
    const char *kind = within ? "within:" : "";
    struct pls_text prefix = {0};
    enum pls_code code = PLS_OK;
    const bool pair = of->groups == 2;
    *places = (struct pls_group_places){next(out), -1, -1, -1, -1, -1};
    for (size_t g = 0; g < of->groups && code == PLS_OK; g++) {
        prefix.length = 0;
        code =
            pls_text_printf(&prefix, err, "%s/%s:%s", comparison, layout->name[of->group[g]], kind);
        if (code == PLS_OK)
            code = repeat(layout, out, PLS_COMPONENTS, prefix.data, err);
    }
    prefix.length = 0;
    if (code == PLS_OK)
        code = pls_text_printf(&prefix, err, "%s:%s", comparison, kind);
    if (code == PLS_OK && pair) {
        places->difference = next(out);
        code = repeat(layout, out, PLS_DIFFERENCE, prefix.data, err);
    }
    if (code == PLS_OK && pair && layout->studentised && !within) {
        places->studentised = next(out);
        code = repeat(layout, out, PLS_STUDENTISED, prefix.data, err);
    }
    if (code == PLS_OK && layout->omnibus) {
        places->d_l = next(out);
        code = pls_columns_add(out, PLS_D_L, prefix.data, "", "", err);
        places->d_g = next(out);
        if (code == PLS_OK)
            code = pls_columns_add(out, PLS_D_G, prefix.data, "", "", err);
    }
    if (code == PLS_OK && !pair) {
        places->q = next(out);
        code = repeat(layout, out, PLS_OMNIBUS_Q, prefix.data, err);
    }
    pls_text_free(&prefix);
    return code;
}

static enum pls_code add_constructs(const struct layout *layout, const char *comparison,
                                    enum pls_component component, long *place,
                                    struct pls_columns *out, struct pls_error *err)
{
    struct pls_text lhs = {0};
    enum pls_code code = PLS_OK;
    *place = next(out);
    for (size_t j = 0; j < layout->model->constructs && code == PLS_OK; j++) {
        lhs.length = 0;
        code = pls_text_printf(&lhs, err, "%s:%s", comparison, layout->model->construct[j]);
        if (code == PLS_OK)
            code = pls_columns_add(out, component, lhs.data, "", "", err);
    }
    pls_text_free(&lhs);
    return code;
}

static enum pls_code add_comparison(const struct layout *layout, struct pls_comparison *comparison,
                                    size_t *runs, struct pls_columns *out, struct pls_error *err)
{
    struct pls_text name = {0};
    const bool pair = comparison->groups == 2;
    enum pls_code code =
        pair ? pls_text_printf(&name, err, "%s-%s", layout->name[comparison->group[0]],
                               layout->name[comparison->group[1]])
             : pls_text_printf(&name, err, "all");
    comparison->run = *runs;
    *runs += layout->variants * comparison->groups;
    for (size_t v = 0; v < layout->variants && code == PLS_OK; v++)
        code = add_variant(layout, comparison, name.data, layout->within[v], &comparison->places[v],
                           out, err);
    comparison->c = comparison->mean = comparison->variance = -1;
    if (code == PLS_OK && pair && layout->micom) {
        code = add_constructs(layout, name.data, PLS_MICOM_C, &comparison->c, out, err);
        if (code == PLS_OK)
            code =
                add_constructs(layout, name.data, PLS_MEAN_DIFFERENCE, &comparison->mean, out, err);
        if (code == PLS_OK)
            code = add_constructs(layout, name.data, PLS_LOG_VARIANCE_RATIO, &comparison->variance,
                                  out, err);
    }
    pls_text_free(&name);
    return code;
}

static enum pls_code lay_out(const struct layout *layout, struct pls_comparison **out_new,
                             size_t *comparisons, struct pls_columns *out, struct pls_error *err)
{
    const size_t G = layout->groups;
    size_t runs = 0;
    enum pls_code code = pls_alloc(out_new, G * (G - 1) / 2 + 1, sizeof **out_new, err);
    *comparisons = 0;
    for (size_t g = 0; g < G; g++)
        for (size_t h = g + 1; h < G && code == PLS_OK; h++) {
            struct pls_comparison *comparison = *out_new + (*comparisons)++;
            comparison->groups = 2;
            comparison->group[0] = (uint8_t)g;
            comparison->group[1] = (uint8_t)h;
            code = add_comparison(layout, comparison, &runs, out, err);
        }
    if (code == PLS_OK && G > 2) {
        struct pls_comparison *all = *out_new + (*comparisons)++;
        all->groups = G;
        for (size_t g = 0; g < G; g++)
            all->group[g] = (uint8_t)g;
        code = add_comparison(layout, all, &runs, out, err);
    }
    return code;
}

enum pls_code pls_groups_columns(const struct pls_columns *columns, const struct pls_model *model,
                                 const char *const *name, size_t groups, bool raw, bool within,
                                 bool micom, bool omnibus, bool studentised,
                                 struct pls_columns *out, struct pls_error *err)
{
    struct layout layout = layout_of(raw, within, micom, omnibus, studentised);
    struct pls_comparison *comparison = NULL;
    size_t comparisons;
    layout.parameters = columns;
    layout.model = model;
    layout.name = name;
    layout.groups = groups;
    const enum pls_code code = lay_out(&layout, &comparison, &comparisons, out, err);
    free(comparison);
    if (code != PLS_OK)
        pls_columns_free(out);
    return code;
}

/* ---- rows within groups ---- */

/* value[i * p], of the rows of a group. */
static void standardise(size_t n, size_t p, const uint8_t *of, size_t group, double *value)
{
    double sum = 0.0, squares = 0.0, count = 0.0, first = 0.0;
    bool constant = true;
    for (size_t i = 0; i < n; i++)
        if (of[i] == group) {
            if (count == 0.0)
                first = value[i * p];
            constant = constant && value[i * p] == first;
            sum += value[i * p];
            count += 1.0;
        }
    const double mean = constant ? first : sum / count;
    for (size_t i = 0; i < n; i++)
        if (of[i] == group) {
            value[i * p] -= mean;
            squares += value[i * p] * value[i * p];
        }
    const double sd = sqrt(squares / (count - 1.0));
    for (size_t i = 0; i < n && sd > 0.0; i++)
        if (of[i] == group)
            value[i * p] /= sd;
}

void pls_groups_standardise(const struct pls_dataset *dataset, const uint8_t *of, size_t groups,
                            double *values)
{
    const size_t n = dataset->rows, p = dataset->columns;
    memcpy(values, dataset->values, n * p * sizeof *values);
    for (size_t g = 0; g < groups; g++)
        for (size_t c = 0; c < p; c++)
            standardise(n, p, of, g, values + c);
}

/* ---- preparation ---- */

/* What is wrong with the rows of one group alone. */
static enum pls_code refuse(const struct pls_groups *groups, size_t g,
                            const struct pls_outcome *outcome, struct pls_error *err)
{
    const struct pls_model *model = groups->model;
    const char *group = groups->options.name[g];
    switch (outcome->status) {
    case PLS_STATUS_CONSTANT:
        return pls_fail(err, PLS_EDATA,
                        "in group %s indicator %s is constant; leave the indicator out of the "
                        "model, or the group out of data.group",
                        group, model->indicator[outcome->where]);
    case PLS_STATUS_SINGULAR_BLOCK:
        return pls_fail(err, PLS_EDATA,
                        "in group %s an indicator of the formative construct %s follows exactly "
                        "from the others; leave it out, or use =~",
                        group, model->construct[outcome->where]);
    case PLS_STATUS_NOT_CONVERGED:
        return pls_fail(err, PLS_EDATA,
                        "in group %s the weights have not converged after %u iterations; raise "
                        "estimation.max_iterations, or leave the group out of data.group",
                        group, (unsigned)outcome->iterations);
    default:
        return pls_fail(err, PLS_EDATA,
                        "in group %s the model cannot be estimated (%s at construct %s); leave the "
                        "group out of data.group, or simplify the model",
                        group, pls_status_name((enum pls_status)outcome->status),
                        model->construct[outcome->where]);
    }
}

static enum pls_code check_size(const struct pls_groups *groups, size_t g, struct pls_error *err)
{
    struct pls_dataset part = *groups->variant[0].estimator->dataset;
    struct pls_estimator some = *groups->variant[0].estimator;
    struct pls_error inner = {0};
    part.rows = groups->size[g];
    some.dataset = &part;
    const enum pls_code code = pls_check_rows(&some, &inner);
    if (code != PLS_OK)
        pls_fail(err, code, "in group %s %s", groups->options.name[g], inner.text);
    return code;
}

static enum pls_code check_models(struct pls_groups *groups, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t g = 0; g < groups->options.groups && code == PLS_OK; g++)
        code = check_size(groups, g, err);
    for (size_t v = 0; v < groups->variants && code == PLS_OK; v++) {
        const struct pls_estimator *estimator = groups->variant[v].estimator;
        struct pls_workspace *workspace = NULL;
        code = pls_workspace_new(estimator, &workspace, err);
        for (size_t g = 0; g < groups->options.groups && code == PLS_OK; g++) {
            struct pls_outcome outcome;
            for (size_t i = 0; i < groups->n; i++)
                groups->weights[i] = groups->options.of[i] == g;
            pls_estimator_row(estimator, workspace, groups->weights, groups->options.opt_base,
                              groups->values, &outcome);
            if (outcome.status != PLS_STATUS_OK)
                code = refuse(groups, g, &outcome, err);
        }
        pls_workspace_free(workspace);
    }
    return code;
}

/* Strata of the bootstrap are the groups, by stratum; its units the clusters' parts in a group. */
static enum pls_code make_design(struct pls_groups *groups, struct pls_error *err)
{
    const struct pls_design *design = groups->options.opt_design;
    const uint32_t G = (uint32_t)groups->options.groups;
    uint32_t *stratum = NULL, *cluster = NULL;
    size_t a, b;
    enum pls_code code = pls_alloc(&stratum, groups->n, sizeof *stratum, err);
    if (code == PLS_OK)
        code = pls_alloc(&cluster, groups->n, sizeof *cluster, err);
    for (size_t i = 0; i < groups->n && code == PLS_OK; i++)
        stratum[i] = groups->options.of[i];
    for (size_t h = 0; design != NULL && h < design->strata && code == PLS_OK; h++)
        for (size_t u = design->first[h]; u < design->first[h + 1]; u++)
            for (size_t r = design->start[u]; r < design->start[u + 1]; r++) {
                const uint32_t row = design->row[r];
                stratum[row] = (uint32_t)h * G + groups->options.of[row];
                cluster[row] = (uint32_t)u * G + groups->options.of[row];
            }
    if (code == PLS_OK)
        code = pls_design_new(groups->n, stratum, design != NULL ? cluster : NULL, &groups->design,
                              &a, &b, err);
    free(stratum);
    free(cluster);
    return code;
}

static enum pls_code prepare_comparison(struct pls_groups *groups,
                                        struct pls_comparison *comparison, struct pls_error *err)
{
    const struct pls_groups_options *options = &groups->options;
    struct pls_error inner = {0};
    bool wanted[PLS_MOST_KINDS] = {false};
    for (size_t g = 0; g < comparison->groups; g++)
        wanted[comparison->group[g]] = true;
    const enum pls_code code = pls_exchange_new(groups->n, options->opt_design, options->of, wanted,
                                                &comparison->exchange, &inner);
    if (code == PLS_EDATA && comparison->groups == 2)
        return pls_fail(err, code, "groups %s and %s: %s", options->name[comparison->group[0]],
                        options->name[comparison->group[1]], inner.text);
    if (code != PLS_OK)
        return pls_fail(err, code, "%s", inner.text);
    return comparison->c >= 0 ? pls_micom_prepare(groups, comparison, err) : PLS_OK;
}

static enum pls_code prepare_variants(struct pls_groups *groups, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t v = 0; v < groups->variants && code == PLS_OK; v++) {
        struct pls_group_variant *variant = &groups->variant[v];
        code = pls_batch_new(variant->estimator, groups->options.isa, &variant->batch, err);
        if (code == PLS_OK && groups->options.omnibus)
            code =
                pls_implied_new(variant->estimator, groups->options.groups, &variant->implied, err);
    }
    return code;
}

static enum pls_code allocate(struct pls_groups *groups, struct pls_error *err)
{
    const size_t G = groups->options.groups, P = groups->parameters, n = groups->n;
    size_t largest = 0;
    for (size_t g = 0; g < G; g++)
        largest = groups->size[g] > largest ? groups->size[g] : largest;
    groups->block = pls_counts_size(n);
    const size_t blocks = LABELS_BYTES / groups->block, most = MOST_ROWS / PLS_LANES;
    groups->chunk = PLS_LANES * (blocks < 1 ? 1 : blocks < most ? blocks : most);
    groups->jackknives = (largest + 7) / 8 * 8 + 8;
    const size_t outcomes = groups->chunk > groups->jackknives ? groups->chunk : groups->jackknives;
    enum pls_code code;
    if ((code = pls_alloc(&groups->labels, groups->chunk / PLS_LANES, groups->block, err)) !=
            PLS_OK ||
        (code = pls_alloc(&groups->overflow, groups->chunk / PLS_LANES, sizeof *groups->overflow,
                          err)) != PLS_OK ||
        (code = pls_alloc(&groups->line, n + 4, 1, err)) != PLS_OK ||
        (code = pls_alloc(&groups->weights, n, sizeof *groups->weights, err)) != PLS_OK ||
        (code = pls_alloc(&groups->member, n + 1, sizeof *groups->member, err)) != PLS_OK ||
        (code = pls_alloc(&groups->sums, 2 * groups->model->constructs + PLS_POWERS, sizeof(double),
                          err)) != PLS_OK ||
        (code = pls_alloc(&groups->values, G * P, sizeof(double), err)) != PLS_OK ||
        (code = pls_alloc(&groups->error, 2 * P, sizeof(double), err)) != PLS_OK ||
        (code = pls_alloc(&groups->outcomes, outcomes, sizeof *groups->outcomes, err)) != PLS_OK)
        return code;
    if (groups->options.studentised && groups->options.opt_raw != NULL)
        code = pls_alloc(&groups->jackknife, P * groups->jackknives, sizeof(double), err);
    return code;
}

static enum pls_code start(struct pls_groups *groups, struct pls_error *err)
{
    const struct pls_groups_options *options = &groups->options;
    struct layout layout = layout_of(options->opt_raw != NULL, options->opt_within != NULL,
                                     options->micom, options->omnibus, options->studentised);
    struct pls_columns columns = {0};
    enum pls_code code = pls_alloc(&groups->size, options->groups, sizeof *groups->size, err);
    if (code != PLS_OK)
        return code;
    for (size_t v = 0; v < layout.variants; v++) {
        groups->variant[v].within = layout.within[v];
        groups->variant[v].estimator = layout.within[v] ? options->opt_within : options->opt_raw;
    }
    groups->variants = layout.variants;
    groups->model = groups->variant[0].estimator->model;
    groups->n = groups->variant[0].estimator->dataset->rows;
    layout.parameters = pls_estimator_columns(groups->variant[0].estimator);
    layout.model = groups->model;
    layout.name = options->name;
    layout.groups = options->groups;
    groups->parameters = layout.parameters->count;
    for (size_t i = 0; i < groups->n; i++)
        groups->size[options->of[i]]++;
    code = lay_out(&layout, &groups->comparison, &groups->comparisons, &columns, err);
    groups->columns = columns.count;
    pls_columns_free(&columns);
    return code;
}

enum pls_code pls_groups_new(const struct pls_groups_options *options, struct pls_groups **out_new,
                             struct pls_error *err)
{
    struct pls_groups *groups = NULL;
    enum pls_code code = pls_alloc(&groups, 1, sizeof *groups, err);
    if (code != PLS_OK)
        return code;
    groups->options = *options;
    if ((code = start(groups, err)) == PLS_OK && (code = allocate(groups, err)) == PLS_OK &&
        (code = check_models(groups, err)) == PLS_OK &&
        (code = prepare_variants(groups, err)) == PLS_OK)
        code = make_design(groups, err);
    for (size_t c = 0; c < groups->comparisons && code == PLS_OK; c++)
        code = prepare_comparison(groups, &groups->comparison[c], err);
    if (code == PLS_OK)
        *out_new = groups;
    else
        pls_groups_free(groups);
    return code;
}

void pls_groups_free(struct pls_groups *groups)
{
    if (groups == NULL)
        return;
    for (size_t v = 0; v < groups->variants; v++) {
        pls_batch_free(groups->variant[v].batch);
        pls_implied_free(groups->variant[v].implied);
    }
    for (size_t c = 0; c < groups->comparisons; c++) {
        pls_exchange_free(groups->comparison[c].exchange);
        pls_micom_free(&groups->comparison[c].micom);
    }
    pls_design_free(groups->design);
    free(groups->comparison);
    free(groups->size);
    free(groups->labels);
    free(groups->overflow);
    free(groups->line);
    free(groups->weights);
    free(groups->member);
    free(groups->sums);
    free(groups->values);
    free(groups->jackknife);
    free(groups->error);
    free(groups->outcomes);
    free(groups);
}

uint64_t pls_groups_assignments(const struct pls_groups *groups)
{
    return groups->comparisons == 1 ? groups->comparison[0].exchange->assignments : 0;
}
