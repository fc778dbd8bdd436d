/* mga_tables.c: what permutations and bootstraps say of differences between groups. */
#include "plstrap/alloc.h"

#include "permute_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t pairs_of(const struct pls_permute_plan *permute)
{
    return permute->groups.count * (permute->groups.count - 1) / 2;
}

/* Of several pairs each is a family of its own, and has its share of alpha (Bonferroni). */
static double over_pairs(const struct pls_permute_plan *permute, double p)
{
    return isnan(p) ? p : fmin(1.0, p * (double)pairs_of(permute));
}

/* Adjusted p of the paths of a pair: by the study's procedure, and by Holm's. */
struct adjusted {
    double *chosen; /* [paths] */
    double *holm;
};

static enum pls_code adjust(const struct pls_facts *facts, size_t comparison, struct adjusted *out,
                            struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const size_t paths = plan->study->model->paths;
    const struct pls_permute_variant *v = &plan->permute->comparison[comparison].variant[0];
    const enum pls_adjust how = plan->study->permutation.adjust;
    enum pls_code code = PLS_OK;
    for (size_t p = 0; p < paths; p++)
        out->holm[p] = out->chosen[p] =
            pls_permute_p(facts, v->difference + pls_permute_first_path(plan) + p).p;
    if (how == PLS_ADJUST_MAXT)
        code = pls_permute_maxt(facts, comparison, 0, out->chosen, err);
    else
        code = pls_adjust(pls_procedure_of(how), out->chosen, paths, out->chosen, err);
    if (code == PLS_OK)
        code = pls_adjust(PLS_PROCEDURE_HOLM, out->holm, paths, out->holm, err);
    for (size_t p = 0; p < paths; p++) {
        if (how != PLS_ADJUST_NONE)
            out->chosen[p] = over_pairs(plan->permute, out->chosen[p]);
        out->holm[p] = over_pairs(plan->permute, out->holm[p]);
    }
    return code;
}

/* One-sided p of a column: the difference is above, below zero. */
static double one_sided(const struct pls_facts *facts, uint64_t b, uint64_t used)
{
    const struct pls_plan *plan = facts->plan;
    return pls_permutation_p(b, used, 0, plan->permute->assignments > 0,
                             plan->study->inference.alpha, 0.01 * PLS_P_INTERVAL)
        .p;
}

static enum pls_code append_difference(const struct pls_facts *facts, struct pls_table *table,
                                       size_t comparison, size_t parameter, double adjusted,
                                       double holm, struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_permute_comparison *pair = &plan->permute->comparison[comparison];
    const struct pls_columns *parameters = pls_estimator_columns(plan->estimator);
    const struct pls_column *of = &parameters->column[parameter];
    const struct pls_permute_variant *v = &pair->variant[0];
    const size_t c = v->difference + parameter;
    const struct pls_permutation_p p = pls_permute_p(facts, c);
    const struct pls_exceedances found = pls_permute_exceedances(facts, c);
    const struct pls_interval *permuted = &facts->inference[c].interval[0][0];
    const double within = pair->variants > 1
                              ? pls_permute_p(facts, pair->variant[1].difference + parameter).p
                          : v->within ? p.p
                                      : NAN;
    const double studentised =
        v->studentised != PLS_NO_COLUMN ? pls_permute_p(facts, v->studentised + parameter).p : NAN;
    char note[160] = "", needed[32];
    if (p.certainty == PLS_UNDECIDED && p.needed > 1.1 * (double)found.used && p.needed < 1e12)
        snprintf(note, sizeof note,
                 "the Monte Carlo error leaves this p undecided; about %s replicates would "
                 "decide it",
                 pls_text_count((uint64_t)p.needed, needed));
    else if (p.certainty == PLS_UNDECIDED && !isnan(p.p))
        snprintf(note, sizeof note, "the Monte Carlo error leaves this p undecided");
    else if (isnan(p.p))
        snprintf(note, sizeof note, "no p: the difference does not exist");
    return pls_table_append(
        table, err, pair->name, pls_component_name(of->component), of->term,
        plan->estimate[v->estimates + parameter],
        plan->estimate[v->estimates + parameters->count + parameter], plan->estimate[c], p.p, p.low,
        p.high, pls_certainty_name(p.certainty), adjusted, holm, permuted->lower, permuted->upper,
        one_sided(facts, found.upper, found.used), one_sided(facts, found.lower, found.used),
        within, studentised, (int64_t)found.two, (int64_t)found.used,
        (int64_t)(plan->replicates -
                  (found.used < plan->replicates ? found.used : plan->replicates)),
        p.fail_low, p.fail_high, note);
}

static enum pls_code add_mga(const struct pls_facts *facts, struct pls_tables *tables,
                             struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const size_t paths = plan->study->model->paths, first = pls_permute_first_path(plan);
    struct adjusted p = {NULL, NULL};
    struct pls_table *table;
    enum pls_code code = pls_tables_add(
        tables, "mga",
        "comparison:text component:text term:text first:real second:real difference:real "
        "p.value:real p.low:real p.high:real certainty:text p.adjusted:real p.holm:real "
        "perm.low:real perm.high:real p.greater:real p.less:real p.within:real "
        "p.studentised:real b:count replicates:count failed:count p.fail.low:real "
        "p.fail.high:real note:text",
        &table, err);
    if (code == PLS_OK)
        code = pls_alloc(&p.chosen, paths, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&p.holm, paths, sizeof(double), err);
    for (size_t i = 0; code == PLS_OK && i < pairs_of(plan->permute); i++) {
        code = adjust(facts, i, &p, err);
        for (size_t k = 0; code == PLS_OK && k < pls_estimator_columns(plan->estimator)->count;
             k++) {
            const bool path = k >= first && k < first + paths;
            code = append_difference(facts, table, i, k, path ? p.chosen[k - first] : NAN,
                                     path ? p.holm[k - first] : NAN, err);
        }
    }
    free(p.chosen);
    free(p.holm);
    return code;
}

static enum pls_code append_bootstrap(const struct pls_facts *facts, struct pls_table *table,
                                      size_t comparison, size_t parameter, struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_permute_comparison *pair = &plan->permute->comparison[comparison];
    const struct pls_columns *parameters = pls_estimator_columns(plan->estimator);
    const struct pls_column *of = &parameters->column[parameter];
    const size_t at = pair->variant[0].estimates;
    const size_t *size = plan->permute->groups.size;
    const struct pls_permute_bootstrap found =
        pls_permute_of_bootstrap(facts, comparison, parameter);
    const struct pls_group_estimate a = {plan->estimate[at + parameter], found.se[0],
                                         size[pair->group[0]]};
    const struct pls_group_estimate b = {plan->estimate[at + parameters->count + parameter],
                                         found.se[1], size[pair->group[1]]};
    const struct pls_group_test welch = pls_group_welch(a, b), keil = pls_group_keil(a, b),
                                nitzl = pls_group_nitzl(a, b);
    return pls_table_append(table, err, pair->name, pls_component_name(of->component), of->term,
                            a.estimate - b.estimate, a.se, b.se, found.low, found.high,
                            found.henseler, found.henseler_two, welch.t, welch.df, welch.p, keil.t,
                            keil.p, nitzl.t, nitzl.df, nitzl.p,
                            isnan(welch.p) ? "constant in all replicates" : "");
}

static enum pls_code add_bootstrap(const struct pls_facts *facts, struct pls_tables *tables,
                                   struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    struct pls_table *table;
    enum pls_code code = pls_tables_add(
        tables, "mga_bootstrap",
        "comparison:text component:text term:text difference:real se.first:real se.second:real "
        "conf.low:real conf.high:real p.henseler:real p.henseler.two:real t.welch:real "
        "df.welch:real p.welch:real t.keil:real p.keil:real t.nitzl:real df.nitzl:real "
        "p.nitzl:real note:text",
        &table, err);
    for (size_t i = 0; i < pairs_of(plan->permute); i++)
        for (size_t k = 0; code == PLS_OK && k < pls_estimator_columns(plan->estimator)->count; k++)
            code = append_bootstrap(facts, table, i, k, err);
    return code;
}

/* ---- omnibus ---- */

struct omnibus {
    const struct pls_facts *facts;
    struct pls_table *table;
    const char *comparison;
    bool within;
};

static enum pls_code append_omnibus(const struct omnibus *o, const char *statistic, size_t column,
                                    const struct pls_column *opt_parameter, double adjusted,
                                    struct pls_error *err)
{
    const struct pls_facts *facts = o->facts;
    const struct pls_permutation_p p = pls_permute_p(facts, column);
    return pls_table_append(
        o->table, err, o->comparison, statistic,
        opt_parameter != NULL ? pls_component_name(opt_parameter->component) : "",
        opt_parameter != NULL ? opt_parameter->term : "", o->within ? "within" : "raw",
        facts->plan->estimate[column],
        isnan(facts->plan->estimate[column]) ? NAN : facts->inference[column].interval[1][0].upper,
        p.p, p.low, p.high, pls_certainty_name(p.certainty), adjusted,
        isnan(facts->plan->estimate[column]) ? "an implied matrix is not positive definite" : "");
}

/* Q of every parameter; adjusted over the paths, which are the family. */
static enum pls_code append_q(const struct omnibus *o, size_t at, struct pls_error *err)
{
    const struct pls_plan *plan = o->facts->plan;
    const struct pls_columns *parameters = pls_estimator_columns(plan->estimator);
    const size_t paths = plan->study->model->paths, first = pls_permute_first_path(plan);
    const enum pls_adjust how = plan->study->permutation.adjust;
    double *p = NULL;
    enum pls_code code = pls_alloc(&p, paths, sizeof *p, err);
    for (size_t k = 0; code == PLS_OK && k < paths; k++)
        p[k] = pls_permute_p(o->facts, at + first + k).p;
    if (code == PLS_OK)
        code = pls_adjust(pls_procedure_of(how), p, paths, p, err);
    for (size_t k = 0; code == PLS_OK && k < parameters->count; k++)
        code = append_omnibus(o, "omnibus_q", at + k, &parameters->column[k],
                              k >= first && k < first + paths ? p[k - first] : NAN, err);
    free(p);
    return code;
}

static enum pls_code add_omnibus(const struct pls_facts *facts, struct pls_tables *tables,
                                 struct pls_error *err)
{
    const struct pls_permute_plan *permute = facts->plan->permute;
    struct omnibus o = {.facts = facts};
    enum pls_code code = pls_tables_add(
        tables, "omnibus",
        "comparison:text statistic:text component:text term:text variant:text value:real "
        "quantile:real p.value:real p.low:real p.high:real certainty:text p.adjusted:real "
        "note:text",
        &o.table, err);
    for (size_t i = 0; i < permute->comparisons; i++)
        for (size_t k = 0; code == PLS_OK && k < permute->comparison[i].variants; k++) {
            const struct pls_permute_variant *v = &permute->comparison[i].variant[k];
            o.comparison = permute->comparison[i].name;
            o.within = v->within;
            if (v->d_l != PLS_NO_COLUMN)
                code = append_omnibus(&o, "d_l", v->d_l, NULL, NAN, err);
            if (code == PLS_OK && v->d_g != PLS_NO_COLUMN)
                code = append_omnibus(&o, "d_g", v->d_g, NULL, NAN, err);
            if (code == PLS_OK && v->q != PLS_NO_COLUMN)
                code = append_q(&o, v->q, err);
        }
    return code;
}

enum pls_code pls_mga_tables(const struct pls_facts *facts, struct pls_tables *tables,
                             struct pls_error *err)
{
    const struct pls_permute_plan *permute = facts->plan->permute;
    const unsigned tests = facts->plan->study->permutation.tests;
    enum pls_code code = PLS_OK;
    if ((tests & PLS_TEST_MGA) != 0)
        code = add_mga(facts, tables, err);
    if (code == PLS_OK && facts->series_count > 1)
        code = add_bootstrap(facts, tables, err);
    if (code == PLS_OK && ((tests & PLS_TEST_OMNIBUS) != 0 || permute->groups.count > 2))
        code = add_omnibus(facts, tables, err);
    return code;
}
