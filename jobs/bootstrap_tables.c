/*
 * bootstrap_tables.c: the tables of the bootstrap's report, from what was counted and inferred.
 *
 *   facts (job_facts.c) ─▶ parameters, intervals ─▶ mediation, hypotheses, messages
 */
#include "plstrap/alloc.h"

#include "job_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is being made: facts in, tables out. */
struct writer {
    const struct pls_facts *facts;
    const struct pls_plan *plan;
    const struct pls_columns *columns;
    const struct pls_inference *inference; /* [columns] */
    struct pls_tables *tables;
};

static const char parameter_columns[] =
    "component:text term:text lhs:text op:text rhs:text estimate:real std.error:real "
    "statistic:real p.value:real boot.mean:real bias:real n.ok:count p.percentile:real p.t:real "
    "df:real mcse.mean:real mcse.se:real mcse.statistic:real mcse.p.percentile:real mcse.p.t:real "
    "z0:real acceleration:real note:text";

/* R² is at least 0 by nature: a p against 0 would mean nothing (METHODS 6.2). */
static bool has_p(enum pls_component component)
{
    return component != PLS_R2;
}

static enum pls_code append_inferred(struct writer *s, struct pls_table *table, size_t c,
                                     struct pls_error *err)
{
    const struct pls_column *column = &s->columns->column[c];
    const struct pls_inference *i = &s->inference[c];
    const bool p = has_p(column->component);
    const struct pls_probability none = {NAN, NAN};
    const struct pls_probability percentile = p ? i->percentile_two : none;
    const struct pls_probability by_t = p ? i->t_two : none;
    const struct pls_probability named = s->plan->study->inference.p == PLS_P_T ? by_t : percentile;
    const char *note = i->note[0] != '\0' ? i->note
                       : p                ? ""
                                          : "no p: it cannot be below 0, see its interval";
    return pls_table_append(
        table, err, pls_component_name(column->component), column->term, column->lhs, column->op,
        column->rhs, s->plan->estimate[c], i->se, p ? i->t : NAN, named.p, i->mean, i->bias,
        (int64_t)i->used, percentile.p, by_t.p, i->df, i->mcse_mean, i->mcse_se,
        p ? i->mcse_t : NAN, percentile.mcse, by_t.mcse, i->z0, i->acceleration, note);
}

/* The base's table gains the columns of inference: made anew, the base-only rows copied. */
static enum pls_code add_parameters(struct writer *s, struct pls_tables *base,
                                    struct pls_error *err)
{
    const struct pls_table *old = pls_tables_find(base, "parameters");
    struct pls_table *table;
    enum pls_code code = pls_tables_add(s->tables, "parameters", parameter_columns, &table, err);
    for (size_t c = 0; code == PLS_OK && c < s->columns->count; c++)
        code = append_inferred(s, table, c, err);
    for (size_t r = s->columns->count; code == PLS_OK && r < old->rows; r++)
        code = pls_table_append(
            table, err, old->column[0].cell.text[r], old->column[1].cell.text[r],
            old->column[2].cell.text[r], old->column[3].cell.text[r], old->column[4].cell.text[r],
            old->column[5].cell.real[r], NAN, NAN, NAN, NAN, NAN, (int64_t)-1, NAN, NAN, NAN, NAN,
            NAN, NAN, NAN, NAN, NAN, NAN,
            old->column[6].cell.text[r][0] != '\0' ? old->column[6].cell.text[r]
                                                   : "of the base model; not bootstrapped");
    return code;
}

static enum pls_code add_intervals(struct writer *s, struct pls_error *err)
{
    const struct pls_bootstrap_keys *keys = &s->plan->study->bootstrap;
    struct pls_table *table;
    enum pls_code code = pls_tables_add(
        s->tables, "intervals",
        "component:text term:text level:real method:text conf.low:real conf.high:real "
        "mcse.low:real mcse.high:real note:text",
        &table, err);
    for (size_t c = 0; c < s->columns->count; c++)
        for (size_t l = 0; l < keys->levels; l++)
            for (size_t m = 0; code == PLS_OK && m < keys->methods; m++) {
                const struct pls_interval *ci = &s->inference[c].interval[l][m];
                code = pls_table_append(
                    table, err, pls_component_name(s->columns->column[c].component),
                    s->columns->column[c].term, keys->level[l], pls_method_name(keys->method[m]),
                    ci->lower, ci->upper, ci->mcse_lower, ci->mcse_upper, ci->note);
            }
    return code;
}

/* The interval that verdicts rest on: the first kind at the first level that the study names. */
static const struct pls_interval *deciding(const struct writer *s, size_t column)
{
    return &s->inference[column].interval[0][0];
}

static enum pls_code add_hypotheses(struct writer *s, struct pls_error *err)
{
    const struct pls_study *study = s->plan->study;
    struct pls_table *table;
    enum pls_code code =
        pls_tables_add(s->tables, "hypotheses",
                       "hypothesis:text statement:text component:text term:text estimate:real "
                       "p.value:real mcse.p:real conf.low:real conf.high:real verdict:text "
                       "open:count note:text",
                       &table, err);
    for (size_t h = 0; code == PLS_OK && h < study->hypotheses; h++) {
        const struct pls_hypothesis *hypothesis = &study->hypothesis[h];
        const size_t c = pls_estimator_column(s->plan->estimator, hypothesis->effect,
                                              hypothesis->chain, hypothesis->length);
        if (c >= s->columns->count)
            return pls_fail(err, PLS_EINTERNAL, "hypothesis %s has no column in the rows",
                            hypothesis->name);
        const struct pls_interval *ci = deciding(s, c);
        const struct pls_verdict verdict = pls_infer_verdict(
            &study->inference, hypothesis->relation, s->plan->estimate[c], &s->inference[c], ci);
        code = pls_table_append(table, err, hypothesis->name, hypothesis->statement,
                                pls_component_name(s->columns->column[c].component),
                                s->columns->column[c].term, s->plan->estimate[c], verdict.p.p,
                                verdict.p.mcse, ci->lower, ci->upper,
                                !verdict.decided   ? "undecided"
                                : verdict.accepted ? "accepted"
                                                   : "rejected",
                                (int64_t)verdict.open, verdict.note);
    }
    return code;
}

static enum pls_code append_mediation(struct writer *s, struct pls_table *table, size_t c,
                                      size_t from, size_t to, struct pls_error *err)
{
    const struct pls_model *model = s->plan->study->model;
    const struct pls_column *column = &s->columns->column[c];
    const size_t pair[2] = {from, to};
    const size_t direct = pls_estimator_column(s->plan->estimator, PLS_EFFECT_PATH, pair, 2);
    const size_t total = pls_estimator_column(s->plan->estimator, PLS_EFFECT_TOTAL, pair, 2);
    const bool has_direct = direct < s->columns->count;
    const struct pls_interval none = {NAN, NAN, NAN, NAN, ""};
    const struct pls_interval *ci = deciding(s, c);
    const struct pls_interval *direct_ci = has_direct ? deciding(s, direct) : &none;
    const double direct_value = has_direct ? s->plan->estimate[direct] : NAN;

    const struct pls_mediation_verdict verdict = pls_infer_mediation(
        s->plan->estimate[c], ci, direct_value, has_direct ? direct_ci : NULL, deciding(s, total));
    /* Of several mediators each carries its share of the pair's total; one carries ab/(ab + c'). */
    const double vaf = isnan(verdict.vaf) ? NAN : s->plan->estimate[c] / s->plan->estimate[total];
    return pls_table_append(table, err, pls_component_name(column->component), column->term,
                            model->construct[from], model->construct[to], s->plan->estimate[c],
                            ci->lower, ci->upper, direct_value, direct_ci->lower, direct_ci->upper,
                            s->plan->estimate[total], pls_mediation_name(verdict.type),
                            pls_mediation_phrase(verdict.type), (int64_t)verdict.open, vaf,
                            verdict.vaf_note);
}

/* First and last construct of a term such as KK~KD or KD->KV->KK. */
static void ends_of(const struct pls_model *model, const struct pls_column *column, size_t *from,
                    size_t *to)
{
    const char *last = strrchr(column->rhs, '>');
    const bool chain = column->component == PLS_SPECIFIC;
    const char *target = chain ? (last != NULL ? last + 1 : column->rhs) : column->lhs;
    const char *source = chain ? column->lhs : column->rhs;
    *from = pls_model_construct(model, source);
    *to = pls_model_construct(model, target);
}

static enum pls_code add_mediation(struct writer *s, struct pls_error *err)
{
    struct pls_table *table;
    enum pls_code code =
        pls_tables_add(s->tables, "mediation",
                       "component:text term:text from:text to:text estimate:real conf.low:real "
                       "conf.high:real direct:real direct.low:real direct.high:real total:real "
                       "type:text phrase:text open:count vaf:real note:text",
                       &table, err);
    for (size_t c = 0; code == PLS_OK && c < s->columns->count; c++) {
        const struct pls_column *column = &s->columns->column[c];
        if (column->component != PLS_SPECIFIC && column->component != PLS_INDIRECT)
            continue;
        size_t from, to;
        ends_of(s->plan->study->model, column, &from, &to);
        code = append_mediation(s, table, c, from, to, err);
    }
    return code;
}

/* Mediators that pull in opposite directions may leave a pair without a total indirect effect. */
static enum pls_code note_suppression(struct writer *s, struct pls_error *err)
{
    const struct pls_table *table = pls_tables_find(s->tables, "mediation");
    char **component = table->column[0].cell.text, **from = table->column[2].cell.text,
         **to = table->column[3].cell.text;
    const double *estimate = table->column[4].cell.real, *low = table->column[5].cell.real,
                 *high = table->column[6].cell.real;
    enum pls_code code = PLS_OK;
    for (size_t pair = 0; code == PLS_OK && pair < table->rows; pair++) {
        bool up = false, down = false;
        if (strcmp(component[pair], "indirect") != 0)
            continue;
        for (size_t r = 0; r < table->rows; r++)
            if (strcmp(component[r], "specific") == 0 && strcmp(from[r], from[pair]) == 0 &&
                strcmp(to[r], to[pair]) == 0) {
                up = up || (estimate[r] > 0.0 && low[r] > 0.0);
                down = down || (estimate[r] < 0.0 && high[r] < 0.0);
            }
        if (up && down)
            code = pls_plan_message(s->tables, err, "note",
                                    "From %s to %s mediators pull in opposite directions "
                                    "(suppression): their sum says less than each of them.",
                                    from[pair], to[pair]);
    }
    return code;
}

static const char *const quantile_names[] = {"6", "7", "normal"};

/* With `rule: interval` the level decides, and alpha only the stars: say so where they differ. */
static enum pls_code note_rule(struct writer *s, struct pls_error *err)
{
    const struct pls_inference_keys *keys = &s->plan->study->inference;
    const double level = s->plan->study->bootstrap.level[0];
    const double tails = keys->sides == PLS_ONE_SIDED ? 2.0 : 1.0;
    if (keys->rule != PLS_RULE_INTERVAL || fabs(1.0 - level - tails * keys->alpha) < 1e-9)
        return PLS_OK;
    return pls_plan_message(s->tables, err, "note",
                            "Verdicts rest on the %g%% %s interval (rule: interval); alpha %g only "
                            "sets the stars.",
                            100.0 * level, pls_method_name(s->plan->study->bootstrap.method[0]),
                            keys->alpha);
}

static enum pls_code add_facts(struct writer *s, struct pls_error *err)
{
    const struct pls_study *study = s->plan->study;
    const struct pls_bootstrap_keys *keys = &study->bootstrap;
    static const char *const failures[] = {"exclude", "keep", "stop"};
    char levels[256] = "", methods[128] = "";
    size_t at = 0, to = 0;
    for (size_t l = 0; l < keys->levels; l++)
        at += (size_t)snprintf(levels + at, sizeof levels - at, "%s%.10g", l > 0 ? " " : "",
                               keys->level[l]);
    for (size_t m = 0; m < keys->methods; m++)
        to += (size_t)snprintf(methods + to, sizeof methods - to, "%s%s", m > 0 ? " " : "",
                               pls_method_name(keys->method[m]));
    const char *const facts[][2] = {
        {"job", "bootstrap"},
        {"align", keys->align == PLS_ALIGN_BASE ? "base" : "none"},
        {"draws", s->plan->given_count > 0 ? "given" : "philox"},
        {"on_failure", failures[keys->on_failure]},
        {"levels", levels},
        {"intervals", methods},
        {"quantile", quantile_names[study->inference.quantile]},
        {"centre", study->inference.centre == PLS_CENTRE_ESTIMATE ? "estimate" : "bias_corrected"},
        {"rule", study->inference.rule == PLS_RULE_P ? "p" : "interval"},
        {"p", study->inference.p == PLS_P_PERCENTILE ? "percentile" : "t"},
        {"sides", study->inference.sides == PLS_TWO_SIDED ? "two" : "one"},
    };
    enum pls_code code = PLS_OK;
    for (size_t f = 0; code == PLS_OK && f < sizeof facts / sizeof facts[0]; f++)
        code = pls_plan_fact(s->tables, err, facts[f][0], "%s", facts[f][1]);
    if (code == PLS_OK)
        code = pls_plan_fact(s->tables, err, "alpha", "%.10g", study->inference.alpha);
    if (code == PLS_OK)
        code = pls_plan_fact(s->tables, err, "replicates", "%llu",
                             (unsigned long long)s->facts->series[0].count);
    if (code == PLS_OK && s->plan->given_count == 0)
        code = pls_plan_fact(s->tables, err, "seed", "%llu", (unsigned long long)keys->seed);
    if (code == PLS_OK && s->facts->stopped != NULL)
        code = pls_plan_fact(s->tables, err, "stopped", "%s", s->facts->stopped);
    if (code == PLS_OK && s->facts->stopped != NULL)
        code = pls_plan_message(s->tables, err, "note",
                                "replicates: auto stopped after %llu replicates: %s.",
                                (unsigned long long)s->facts->series[0].count, s->facts->stopped);
    if (code == PLS_OK && s->facts->series_count > 1)
        code = pls_plan_fact(s->tables, err, "series_jackknife", "%llu",
                             (unsigned long long)s->facts->series[1].count);
    return code;
}

enum pls_code pls_bootstrap_tables(const struct pls_facts *facts, struct pls_tables *tables,
                                   struct pls_error *err)
{
    struct writer writer = {facts, facts->plan, facts->columns, facts->inference, tables};
    struct writer *s = &writer;
    struct pls_tables base = {0};
    enum pls_code code = pls_plan_tables(s->plan, &base, err);
    if (code == PLS_OK)
        code = pls_move_table(&base, "study", s->tables, err);
    if (code == PLS_OK)
        code = pls_move_table(&base, "constructs", s->tables, err);
    if (code == PLS_OK)
        code = pls_move_table(&base, "messages", s->tables, err);
    if (code == PLS_OK)
        code = add_facts(s, err);
    if (code == PLS_OK)
        code = pls_facts_add_failures(s->facts, s->tables, err);
    if (code == PLS_OK)
        code = note_rule(s, err);
    if (code == PLS_OK)
        code = add_parameters(s, &base, err);
    if (code == PLS_OK)
        code = add_intervals(s, err);
    if (code == PLS_OK)
        code = add_mediation(s, err);
    if (code == PLS_OK)
        code = note_suppression(s, err);
    if (code == PLS_OK)
        code = add_hypotheses(s, err);
    if (code == PLS_OK)
        code = pls_facts_add_replicates(s->facts, s->tables, err);
    pls_tables_free(&base);
    return code;
}
