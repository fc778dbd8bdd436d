/*
 * permute_plan.c: the groups of the permutation job, the columns of its rows, and the values that
 * its rows are compared with.
 */
#include "plstrap/alloc.h"

#include "permute_internal.h"
#include "plan_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pls_permute_plan_free(struct pls_permute_plan *permute)
{
    if (permute == NULL)
        return;
    pls_groups_found_free(&permute->groups);
    pls_estimator_free(permute->within_estimator);
    pls_dataset_free(permute->within);
    for (size_t i = 0; i < permute->comparisons; i++)
        free(permute->comparison[i].name);
    free(permute->comparison);
    pls_columns_free(&permute->columns);
    free(permute->observed);
    free(permute);
}

static enum pls_code find_groups(struct pls_plan *plan, struct pls_error *err)
{
    const struct pls_data_keys *keys = &plan->study->data;
    const size_t column = pls_dataset_labels(plan->dataset, keys->group.column);
    pls_groups_found_free(&plan->permute->groups);
    return pls_dataset_groups(plan->dataset, column, &keys->group, &plan->permute->groups, err);
}

enum pls_code pls_permute_group(struct pls_plan *plan, struct pls_error *err)
{
    enum pls_code code = pls_alloc(&plan->permute, 1, sizeof *plan->permute, err);
    if (code != PLS_OK || plan->study->data.group.column == NULL)
        return code;
    if (plan->study->bootstrap.automatic && (plan->study->permutation.tests & PLS_TEST_MGA) != 0)
        return pls_fail(err, PLS_ESTUDY,
                        "%s: the bootstrap within groups is of a fixed size in `permute`; write a "
                        "number for bootstrap.replicates",
                        plan->study->path);
    code = find_groups(plan, err);
    const size_t ungrouped = plan->permute->groups.ungrouped, rows = plan->dataset->rows;
    if (code != PLS_OK || ungrouped == 0)
        return code;
    /* Who is in no group takes no part. */
    uint8_t *keep = NULL;
    code = pls_alloc(&keep, rows, 1, err);
    for (size_t i = 0; code == PLS_OK && i < rows; i++)
        keep[i] = plan->permute->groups.of[i] != PLS_NO_GROUP;
    if (code == PLS_OK)
        code = pls_dataset_keep(plan->dataset, keep, err);
    if (code == PLS_OK)
        code = find_groups(plan, err);
    plan->permute->groups.ungrouped = ungrouped;
    free(keep);
    return code;
}

enum pls_code pls_permute_read(struct pls_plan *plan, const char *path, struct pls_error *err)
{
    const struct pls_groups_found *groups = &plan->permute->groups;
    const size_t rows = plan->dataset->rows;
    uint8_t *label = NULL;
    size_t lines = 0;
    if (groups->count == 0)
        return pls_fail(err, PLS_EUSAGE,
                        "--permutations are of groups, and the study has none; add data.group");
    enum pls_code code = pls_dataset_read_permutations(
        path, rows, (const char *const *)groups->name, groups->count, &label, &lines, err);
    if (code == PLS_OK && memcmp(label, groups->of, rows) != 0)
        code = pls_fail(err, PLS_EDATA,
                        "%s:1: the first line must be the groups as they are in the data; the file "
                        "is of other data, or in another order",
                        path);
    if (code == PLS_OK && lines < 2)
        code = pls_fail(err, PLS_EDATA,
                        "%s: holds no permutation; write one a line below the first", path);
    if (code == PLS_OK)
        code = pls_alloc(&plan->given, (lines - 1) * rows, sizeof *plan->given, err);
    for (size_t i = 0; code == PLS_OK && i < (lines - 1) * rows; i++)
        plan->given[i] = label[rows + i];
    if (code == PLS_OK)
        plan->replicates = plan->given_count = lines - 1;
    free(label);
    return code;
}

/* ---- columns ---- */

/* How many columns there are before the next one. */
static size_t take(size_t *at, size_t count)
{
    const size_t first = *at;
    *at += count;
    return first;
}

static void place_variant(const struct pls_study *study, const struct pls_permute_comparison *of,
                          size_t parameters, struct pls_permute_variant *out, size_t *at)
{
    const bool pair = of->groups == 2;
    const unsigned tests = study->permutation.tests;
    const bool studentised = pair && study->permutation.studentised && !out->within;
    out->difference = out->studentised = out->d_l = out->d_g = out->q = PLS_NO_COLUMN;
    out->estimates = take(at, of->groups * parameters);
    if (pair)
        out->difference = take(at, parameters);
    if (studentised)
        out->studentised = take(at, parameters);
    if ((tests & PLS_TEST_OMNIBUS) != 0) {
        out->d_l = take(at, 1);
        out->d_g = take(at, 1);
    }
    if (!pair)
        out->q = take(at, parameters);
}

static enum pls_code place_comparison(const struct pls_plan *plan,
                                      struct pls_permute_comparison *out, size_t parameters,
                                      size_t *at, struct pls_error *err)
{
    const struct pls_permutation_keys *keys = &plan->study->permutation;
    const struct pls_groups_found *groups = &plan->permute->groups;
    const size_t J = plan->study->model->constructs;
    const bool pair = out->groups == 2;
    struct pls_text name = {0};
    const enum pls_code code =
        pair ? pls_text_printf(&name, err, "%s-%s", groups->name[out->group[0]],
                               groups->name[out->group[1]])
             : pls_text_printf(&name, err, "all");
    out->name = name.data;
    out->variants = 0;
    if (keys->rows != PLS_ROWS_WITHIN)
        out->variant[out->variants++].within = false;
    if (keys->rows != PLS_ROWS_RAW)
        out->variant[out->variants++].within = true;
    for (size_t v = 0; v < out->variants; v++)
        place_variant(plan->study, out, parameters, &out->variant[v], at);
    out->c = out->mean = out->variance = PLS_NO_COLUMN;
    if (pair && (keys->tests & PLS_TEST_MICOM) != 0 && keys->rows != PLS_ROWS_WITHIN) {
        out->c = take(at, J);
        out->mean = take(at, J);
        out->variance = take(at, J);
    }
    return code;
}

/* Every pair, and all groups together where there are more than two. */
static enum pls_code place_columns(struct pls_plan *plan, size_t *columns, struct pls_error *err)
{
    struct pls_permute_plan *permute = plan->permute;
    const size_t G = permute->groups.count, P = pls_estimator_columns(plan->estimator)->count;
    enum pls_code code =
        pls_alloc(&permute->comparison, G * (G - 1) / 2 + 1, sizeof *permute->comparison, err);
    *columns = 0;
    for (size_t g = 0; g < G; g++)
        for (size_t h = g + 1; code == PLS_OK && h < G; h++) {
            struct pls_permute_comparison *c = &permute->comparison[permute->comparisons++];
            *c = (struct pls_permute_comparison){.groups = 2, .group = {g, h}};
            code = place_comparison(plan, c, P, columns, err);
        }
    if (code == PLS_OK && G > 2) {
        struct pls_permute_comparison *c = &permute->comparison[permute->comparisons++];
        c->groups = G;
        for (size_t g = 0; g < G; g++)
            c->group[g] = g;
        code = place_comparison(plan, c, P, columns, err);
    }
    return code;
}

/* Exactly one of the two is made: columns of groups, or of one sample. */
static enum pls_code make_columns(struct pls_plan *plan, struct pls_error *err)
{
    struct pls_permute_plan *permute = plan->permute;
    const struct pls_permutation_keys *keys = &plan->study->permutation;
    size_t columns = 0;
    enum pls_code code;
    if (permute->groups.count == 0) {
        code = pls_within_columns(plan->estimator, &permute->columns, err);
    } else {
        code = place_columns(plan, &columns, err);
        if (code == PLS_OK)
            code = pls_groups_columns(
                pls_estimator_columns(plan->estimator), plan->study->model,
                (const char *const *)permute->groups.name, permute->groups.count,
                keys->rows != PLS_ROWS_WITHIN, keys->rows != PLS_ROWS_RAW,
                (keys->tests & PLS_TEST_MICOM) != 0, (keys->tests & PLS_TEST_OMNIBUS) != 0,
                keys->studentised, &permute->columns, err);
        if (code == PLS_OK && permute->columns.count != columns)
            code = pls_fail(err, PLS_EINTERNAL,
                            "the columns of a permutation are %zu, not %zu; please report this",
                            permute->columns.count, columns);
    }
    plan->columns = &permute->columns;
    return code;
}

/* ---- observed values ---- */

/* The rows standardised in their groups, and an estimator of them. */
static enum pls_code standardise(struct pls_plan *plan, struct pls_error *err)
{
    struct pls_permute_plan *permute = plan->permute;
    const struct pls_dataset *data = plan->dataset;
    double *values = NULL;
    enum pls_code code = pls_alloc(&values, data->rows * data->columns, sizeof *values, err);
    if (code != PLS_OK)
        return code;
    pls_groups_standardise(data, permute->groups.of, permute->groups.count, values);
    code = pls_dataset_new(data->rows, data->columns, (const char *const *)data->name, values,
                           &permute->within, err);
    free(values);
    if (code == PLS_OK)
        code = pls_estimator_new(plan->study->model, &plan->study->estimation, permute->within,
                                 &permute->within_estimator, err);
    return code;
}

struct pls_groups_options pls_permute_options(const struct pls_plan *plan, enum pls_isa isa)
{
    const struct pls_permute_plan *permute = plan->permute;
    const struct pls_permutation_keys *keys = &plan->study->permutation;
    return (struct pls_groups_options){
        .opt_raw = keys->rows != PLS_ROWS_WITHIN ? plan->estimator : NULL,
        .opt_within = permute->within_estimator,
        .opt_design = plan->design,
        .groups = permute->groups.count,
        .name = (const char *const *)permute->groups.name,
        .of = permute->groups.of,
        .micom = (keys->tests & PLS_TEST_MICOM) != 0,
        .omnibus = (keys->tests & PLS_TEST_OMNIBUS) != 0,
        .studentised = keys->studentised,
        .micom_scale = keys->micom_scale,
        .opt_base = plan->study->bootstrap.align == PLS_ALIGN_BASE ? plan->base : NULL,
        .isa = isa,
    };
}

struct pls_within_settings pls_permute_settings(const struct pls_plan *plan)
{
    return (struct pls_within_settings){
        .seed = plan->study->permutation.seed,
        .opt_design = plan->design,
        .align = plan->study->bootstrap.align == PLS_ALIGN_BASE,
        .exact = plan->permute->assignments > 0,
    };
}

static enum pls_code observe_groups(struct pls_plan *plan, struct pls_error *err)
{
    struct pls_permute_plan *permute = plan->permute;
    struct pls_groups *groups = NULL;
    enum pls_code code = PLS_OK;
    if (plan->study->permutation.rows != PLS_ROWS_RAW)
        code = standardise(plan, err);
    const struct pls_groups_options options = pls_permute_options(plan, PLS_ISA_PORTABLE);
    if (code == PLS_OK)
        code = pls_groups_new(&options, &groups, err);
    if (code != PLS_OK)
        return code;
    const uint64_t all = pls_groups_assignments(groups);
    if (all > 0 && all <= plan->study->permutation.exact_limit && plan->given == NULL)
        permute->assignments = all;
    pls_groups_observed(groups, permute->observed);
    pls_groups_free(groups);
    return PLS_OK;
}

static enum pls_code observe_sample(struct pls_plan *plan, struct pls_error *err)
{
    struct pls_permute_plan *permute = plan->permute;
    struct pls_within *within = NULL;
    const uint64_t all = pls_within_assignments(plan->dataset->rows, plan->design);
    if (all > 0 && all <= plan->study->permutation.exact_limit)
        permute->assignments = all;
    const struct pls_within_settings settings = pls_permute_settings(plan);
    enum pls_code code =
        pls_within_new(plan->estimator, plan->base, &settings, PLS_ISA_PORTABLE, &within, err);
    if (code != PLS_OK)
        return code;
    const struct pls_outcome outcome = pls_within_observed(within, permute->observed);
    pls_within_free(within);
    if (outcome.status != PLS_STATUS_OK)
        return pls_fail(err, PLS_EDATA, "a test of the model as it is fails: %s",
                        pls_status_name((enum pls_status)outcome.status));
    return PLS_OK;
}

enum pls_code pls_permute_prepare(struct pls_plan *plan, struct pls_error *err)
{
    struct pls_permute_plan *permute = plan->permute;
    enum pls_code code = make_columns(plan, err);
    if (code == PLS_OK)
        code = pls_alloc(&permute->observed, permute->columns.count, sizeof(double), err);
    if (code == PLS_OK)
        code = permute->groups.count > 0 ? observe_groups(plan, err) : observe_sample(plan, err);
    if (code == PLS_EDATA && err != NULL)
        pls_fail(err, code, "%s: %s", plan->study->data.path, err->text);
    plan->estimate = permute->observed;
    if (code == PLS_OK && permute->assignments > 0)
        plan->replicates = permute->assignments;
    return code;
}

bool pls_permute_is_exact(const struct pls_plan *plan)
{
    return plan->permute->assignments > 0;
}

void pls_plan_not_enumerated(struct pls_plan *plan)
{
    if (plan->permute != NULL)
        plan->permute->assignments = 0;
}

/* ---- without data ---- */

enum pls_code pls_permute_outline(struct pls_plan *plan, const struct pls_columns *columns_there,
                                  const double *estimate, struct pls_error *err)
{
    const struct pls_table *groups = pls_tables_find(&plan->tables, "groups");
    enum pls_code code = pls_alloc(&plan->permute, 1, sizeof *plan->permute, err);
    if (code != PLS_OK)
        return code;
    struct pls_groups_found *found = &plan->permute->groups;
    const size_t count = groups != NULL ? groups->rows : 0;
    if (count > PLS_MOST_GROUPS || (plan->study->data.group.column != NULL) != (count > 0))
        return pls_fail(err, PLS_EDATA, "its groups are not those of its study");
    for (size_t g = 0; code == PLS_OK && g < count; g++) {
        const char *name = groups->column[0].cell.text[g];
        code = pls_copy_text(&found->name[g], name, strlen(name), err);
        found->size[g] = (size_t)groups->column[1].cell.count[g];
        found->ungrouped = (size_t)groups->column[2].cell.count[g];
        found->count++;
    }
    plan->permute->assignments = plan->exact ? plan->replicates : 0;
    if (code == PLS_OK)
        code = make_columns(plan, err);
    const size_t columns = plan->permute->columns.count;
    if (code == PLS_OK)
        code = pls_alloc(&plan->permute->observed, columns, sizeof(double), err);
    if (code == PLS_OK && !pls_columns_equal(&plan->permute->columns, columns_there))
        code = pls_fail(err, PLS_EDATA, "its columns are not those of its study");
    if (code == PLS_OK)
        memcpy(plan->permute->observed, estimate, columns * sizeof *estimate);
    plan->estimate = plan->permute->observed;
    return code;
}
