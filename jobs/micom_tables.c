/*
 * micom_tables.c: the groups, and whether their constructs are measured alike: MICOM in three steps
 * (Henseler, Ringle & Sarstedt 2016).
 */
#include "plstrap/alloc.h"

#include "permute_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- groups ---- */

/* Model runs of a row stand in the order of comparisons, variants and groups (groups.h). */
static uint64_t failed_in(const struct pls_facts *facts, size_t group)
{
    const struct pls_permute_plan *permute = facts->plan->permute;
    uint64_t failed = 0;
    size_t run = 0;
    for (size_t c = 0; c < permute->comparisons; c++)
        for (size_t v = 0; v < permute->comparison[c].variants; v++)
            for (size_t g = 0; g < permute->comparison[c].groups; g++, run++)
                if (permute->comparison[c].group[g] == group && run + 1 < PLS_MOST_RUNS)
                    failed += pls_permute_failed(facts, run);
    return failed;
}

/* Fewer than this in a group, and a warning stands in the report. */
enum { FEW = 30 };

static enum pls_code add_groups(const struct pls_facts *facts, struct pls_tables *tables,
                                struct pls_error *err)
{
    const struct pls_groups_found *groups = &facts->plan->permute->groups;
    struct pls_table *table;
    enum pls_code code = pls_tables_add(
        tables, "groups", "group:text n:count minimum:count failed:count note:text", &table, err);
    for (size_t g = 0; code == PLS_OK && g < groups->count; g++) {
        const uint64_t failed = failed_in(facts, g);
        const bool small = groups->size[g] < FEW;
        code = pls_table_append(table, err, groups->name[g], (int64_t)groups->size[g],
                                (int64_t)facts->plan->study->data.group.minimum, (int64_t)failed,
                                small ? "small" : "");
        if (code == PLS_OK && small)
            code = pls_plan_message(tables, err, "warning",
                                    "Group %s has %zu observations: few differences can be found "
                                    "in so small a group, and its estimates are unstable.",
                                    groups->name[g], groups->size[g]);
        if (code == PLS_OK && failed > 0 && pls_job_on_failure(facts->plan) != PLS_FAILURE_KEEP)
            code = pls_plan_message(
                tables, err, "warning",
                "In %llu permutations the model of group %s failed; they are left out, and "
                "p.fail.low and p.fail.high of the table mga bound each p with them.",
                (unsigned long long)failed, groups->name[g]);
    }
    return code;
}

/* ---- step 1 ---- */

/* Smallest and largest answer to an item in a group. */
struct coding {
    double least, most;
    bool categories; /* all are whole numbers */
};

static struct coding coding_of(const struct pls_plan *plan, size_t item, size_t group)
{
    const struct pls_dataset *data = plan->dataset;
    const char *name = plan->study->model->indicator[item];
    struct coding coding = {INFINITY, -INFINITY, true};
    size_t column = 0;
    while (strcmp(data->name[column], name) != 0)
        column++;
    for (size_t i = 0; i < data->rows; i++)
        if (plan->permute->groups.of[i] == group) {
            const double x = data->values[i * data->columns + column];
            coding.least = fmin(coding.least, x);
            coding.most = fmax(coding.most, x);
            coding.categories = coding.categories && x == floor(x);
        }
    return coding;
}

/* Items whose lowest or highest answer is another in the two groups: names, and no answer. */
static enum pls_code compare_coding(const struct pls_plan *plan,
                                    const struct pls_permute_comparison *pair, struct pls_text *out,
                                    size_t *different, bool *categories, struct pls_error *err)
{
    const struct pls_model *model = plan->study->model;
    enum pls_code code = PLS_OK;
    *different = 0;
    *categories = true;
    for (size_t k = 0; code == PLS_OK && k < model->indicators; k++) {
        const struct coding a = coding_of(plan, k, pair->group[0]);
        const struct coding b = coding_of(plan, k, pair->group[1]);
        *categories = *categories && a.categories && b.categories;
        if (a.least == b.least && a.most == b.most)
            continue;
        code = pls_text_printf(out, err, "%s%s", *different > 0 ? " " : "", model->indicator[k]);
        *different += 1;
    }
    return code;
}

enum pls_code pls_micom_configural(const struct pls_plan *plan, struct pls_tables *tables,
                                   struct pls_error *err)
{
    const struct pls_permute_plan *permute = plan->permute;
    struct pls_table *table;
    enum pls_code code = pls_tables_add(
        tables, "configural", "comparison:text check:text result:text note:text", &table, err);
    for (size_t i = 0; code == PLS_OK && i < permute->comparisons; i++) {
        const struct pls_permute_comparison *pair = &permute->comparison[i];
        struct pls_text names = {0};
        size_t different = 0;
        bool categories = true;
        if (pair->groups != 2)
            continue;
        code = compare_coding(plan, pair, &names, &different, &categories, err);
        static const char *const same[][2] = {
            {"same indicators", "one model is estimated in both"},
            {"same data treatment", "one file, one reading"},
            {"same algorithm settings", "one study"},
            {"admissible solution in each group", "both models converge"},
        };
        for (size_t k = 0; code == PLS_OK && k < sizeof same / sizeof same[0]; k++)
            code = pls_table_append(table, err, pair->name, same[k][0], "ok", same[k][1]);
        if (code == PLS_OK)
            code = pls_table_append(table, err, pair->name, "same lowest and highest answers",
                                    different == 0 ? "ok"
                                    : categories   ? "differs"
                                                   : "not checked",
                                    different == 0 ? ""
                                    : categories   ? names.data
                                                   : "answers are measured, not chosen");
        if (code == PLS_OK)
            code = pls_table_append(table, err, pair->name,
                                    "same wording, translation and administration", "not checked",
                                    "for you to judge");
        pls_text_free(&names);
    }
    return code;
}

/* ---- steps 2 and 3 ---- */

static bool rejects(const struct pls_permutation_p *p, double alpha)
{
    return p->p < alpha;
}

/* Lower quantile of 5 %: the lower end of the 90 % interval. */
static double quantile_5(const struct pls_facts *facts, size_t column)
{
    return facts->inference[column].interval[1][0].lower;
}

static enum pls_code append_construct(const struct pls_facts *facts, struct pls_table *table,
                                      const struct pls_permute_comparison *pair, size_t j,
                                      double adjusted, struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_model *model = plan->study->model;
    const double alpha = plan->study->inference.alpha;
    const size_t c = pair->c + j, m = pair->mean + j, v = pair->variance + j;
    const struct pls_permutation_p of_c = pls_permute_p(facts, c), of_m = pls_permute_p(facts, m),
                                   of_v = pls_permute_p(facts, v);
    const struct pls_interval *mean = &facts->inference[m].interval[0][0];
    const struct pls_interval *variance = &facts->inference[v].interval[0][0];
    const bool single = model->block[j + 1] - model->block[j] == 1;
    const bool open = !single && isnan(of_c.p);
    const bool composed = single || !rejects(&of_c, alpha);
    const bool equal = !rejects(&of_m, alpha) && !rejects(&of_v, alpha);
    const char *verdict = open ? "not tested" : !composed ? "none" : equal ? "full" : "partial";
    const char *allows = open        ? "nothing is known"
                         : !composed ? "no comparison of this construct's paths"
                         : equal     ? "paths may be compared, and the groups pooled"
                                     : "paths may be compared, the groups not pooled";
    return pls_table_append(
        table, err, pair->name, model->construct[j], plan->estimate[c],
        single ? NAN : quantile_5(facts, c), single ? NAN : of_c.p, single ? NAN : of_c.low,
        single ? NAN : of_c.high, single ? "" : pls_certainty_name(of_c.certainty),
        single ? NAN : adjusted, plan->estimate[m], mean->lower, mean->upper, of_m.p, of_m.low,
        of_m.high, plan->estimate[v], variance->lower, variance->upper, of_v.p, of_v.low, of_v.high,
        verdict, allows, single ? "one indicator: nothing is composed" : "");
}

static enum pls_code add_micom(const struct pls_facts *facts, struct pls_tables *tables,
                               struct pls_error *err)
{
    const struct pls_permute_plan *permute = facts->plan->permute;
    const struct pls_model *model = facts->plan->study->model;
    struct pls_table *table;
    double *p = NULL;
    enum pls_code code = pls_tables_add(
        tables, "micom",
        "comparison:text construct:text c:real c.quantile:real p.c:real p.c.low:real "
        "p.c.high:real p.c.certainty:text p.c.adjusted:real mean.difference:real mean.low:real "
        "mean.high:real p.mean:real p.mean.low:real p.mean.high:real variance.ratio:real "
        "variance.low:real variance.high:real p.variance:real p.variance.low:real "
        "p.variance.high:real invariance:text allows:text note:text",
        &table, err);
    if (code == PLS_OK)
        code = pls_alloc(&p, model->constructs, sizeof *p, err);
    for (size_t i = 0; code == PLS_OK && i < permute->comparisons; i++) {
        const struct pls_permute_comparison *pair = &permute->comparison[i];
        if (pair->c == PLS_NO_COLUMN)
            continue;
        for (size_t j = 0; j < model->constructs; j++)
            p[j] = model->block[j + 1] - model->block[j] == 1 ? NAN
                                                              : pls_permute_p(facts, pair->c + j).p;
        code = pls_adjust(PLS_PROCEDURE_HOLM, p, model->constructs, p, err);
        for (size_t j = 0; code == PLS_OK && j < model->constructs; j++)
            code = append_construct(facts, table, pair, j, p[j], err);
    }
    free(p);
    return code;
}

enum pls_code pls_micom_tables(const struct pls_facts *facts, struct pls_tables *tables,
                               struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    enum pls_code code = add_groups(facts, tables, err);
    if (code != PLS_OK || (plan->study->permutation.tests & PLS_TEST_MICOM) == 0)
        return code;
    if (plan->dataset != NULL) {
        code = pls_micom_configural(plan, tables, err);
    } else { /* of shards: it was looked at where the data are */
        struct pls_tables copy = {0};
        code = pls_tables_copy(&plan->tables, &copy, err);
        if (code == PLS_OK)
            code = pls_move_table(&copy, "configural", tables, err);
        pls_tables_free(&copy);
    }
    return code == PLS_OK ? add_micom(facts, tables, err) : code;
}
