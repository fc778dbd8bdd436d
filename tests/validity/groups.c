/* groups.c: p-values of comparisons of groups: MGA, MICOM, omnibus tests, bootstrap-based tests. */
#include "validity.h"

#include "plstrap/alloc.h"
#include "plstrap/groups.h"
#include "plstrap/permutation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const group_name[MOST_GROUPS] = {"a", "b", "c"};

/* What is compared: component of the estimator's column, its left side and the rest of its term. */
static const struct parameter {
    const char *name, *component, *lhs, *rest;
    enum pls_component kind;
} parameters[] = {
    {"M~X", "path", "M", "~X", PLS_PATH},
    {"Y~X", "path", "Y", "~X", PLS_PATH},
    {"Y~M", "path", "Y", "~M", PLS_PATH},
    {"indirect Y~X", "indirect", "Y", "~X", PLS_INDIRECT},
};
enum { PARAMETERS = sizeof parameters / sizeof *parameters, PATHS = 3 };

/* One sample's work. */
struct sample {
    const struct run *run;
    struct pls_dataset data, within;
    struct pls_estimator *raw_estimator, *within_estimator;
    struct pls_groups *groups;
    struct pls_columns columns;
    double *observed, *rows, *boot; /* [columns], [columns][permutations] twice */
    struct pls_outcome *outcomes;
    uint8_t *usable, *boot_usable;
    struct ledger *ledger;
};

static size_t column_of(const struct sample *s, enum pls_component component, const char *prefix,
                        const struct parameter *parameter)
{
    char term[64];
    const bool own = component == PLS_PATH || component == PLS_INDIRECT;
    snprintf(term, sizeof term, "%s%s%s%s%s", prefix, own ? "" : parameter->component,
             own ? "" : ":", parameter->lhs, parameter->rest);
    return column_named(&s->columns, component, term);
}

static double p_of(const struct sample *s, size_t column, enum pls_side side)
{
    struct pls_exceedances counts = {0};
    pls_exceed_add(&counts, s->rows + column * s->run->permutations, s->usable,
                   s->run->permutations, s->observed[column]);
    const uint64_t b = side == PLS_SIDE_TWO     ? counts.two
                       : side == PLS_SIDE_UPPER ? counts.upper
                                                : counts.lower;
    return pls_permutation_p(b, counts.used, 0, false, 0.05, 0.99).p;
}

/* A permutation test of every parameter; the paths are a family, too. */
static enum pls_code record_family(struct sample *s, const char *test, enum pls_component component,
                                   const char *prefix, const double *opt_sd, struct pls_error *err)
{
    const enum pls_side side = component == PLS_OMNIBUS_Q ? PLS_SIDE_UPPER : PLS_SIDE_TWO;
    double p[PARAMETERS], observed[PATHS], sd[PATHS], adjusted[PATHS], least = 1.0;
    size_t column[PARAMETERS];
    char name[32];
    for (size_t k = 0; k < PARAMETERS; k++) {
        column[k] = column_of(s, component, prefix, &parameters[k]);
        p[k] = p_of(s, column[k], side);
        ledger_add(s->ledger, test, parameters[k].name, p[k]);
    }
    if (component == PLS_OMNIBUS_Q)
        return PLS_OK;
    struct pls_maxt *maxt = NULL;
    for (size_t k = 0; k < PATHS; k++) {
        const double *value = s->rows + column[k] * s->run->permutations;
        double sum = 0.0;
        size_t used = 0;
        for (size_t r = 0; r < s->run->permutations; r++)
            if (s->usable[r]) {
                sum += value[r] * value[r];
                used++;
            }
        observed[k] = s->observed[column[k]];
        sd[k] = opt_sd != NULL ? opt_sd[k] : sqrt(sum / (double)used); /* the mean is about 0 */
    }
    enum pls_code code = pls_maxt_new(observed, sd, PATHS, &maxt, err);
    if (code != PLS_OK)
        return code;
    pls_maxt_add(maxt, s->rows, s->run->permutations, column, s->usable, s->run->permutations);
    pls_maxt_finish(maxt, false, adjusted);
    pls_maxt_free(maxt);
    for (size_t k = 0; k < PATHS; k++)
        least = fmin(least, adjusted[k]);
    snprintf(name, sizeof name, "%s maxt", test);
    ledger_add(s->ledger, name, "any path", least);
    code = pls_adjust(PLS_PROCEDURE_HOLM, p, PATHS, adjusted, err);
    if (code != PLS_OK)
        return code;
    least = fmin(adjusted[0], fmin(adjusted[1], adjusted[2]));
    snprintf(name, sizeof name, "%s holm", test);
    ledger_add(s->ledger, name, "any path", least);
    return PLS_OK;
}

static void record_distances(struct sample *s, const char *suffix, const char *prefix)
{
    char name[32];
    snprintf(name, sizeof name, "d_l%s", suffix);
    ledger_add(s->ledger, name, "model",
               p_of(s, column_named(&s->columns, PLS_D_L, prefix), PLS_SIDE_UPPER));
    snprintf(name, sizeof name, "d_g%s", suffix);
    ledger_add(s->ledger, name, "model",
               p_of(s, column_named(&s->columns, PLS_D_G, prefix), PLS_SIDE_UPPER));
}

static void record_micom(struct sample *s)
{
    static const char *const construct[3] = {"X", "M", "Y"};
    static const struct {
        enum pls_component component;
        enum pls_side side;
    } step[3] = {{PLS_MICOM_C, PLS_SIDE_LOWER},
                 {PLS_MEAN_DIFFERENCE, PLS_SIDE_TWO},
                 {PLS_LOG_VARIANCE_RATIO, PLS_SIDE_TWO}};
    for (size_t t = 0; t < 3; t++)
        for (size_t j = 0; j < 3; j++) {
            char term[32];
            snprintf(term, sizeof term, "a-b:%s", construct[j]);
            ledger_add(s->ledger, pls_component_name(step[t].component), construct[j],
                       p_of(s, column_named(&s->columns, step[t].component, term), step[t].side));
        }
}

static enum pls_code record_bootstrap(struct sample *s, struct pls_error *err)
{
    const struct run *run = s->run;
    for (size_t k = 0; k < PARAMETERS; k++) {
        struct pls_group_series series[2];
        struct pls_group_comparison all[LEVELS];
        double p_interval = 1.0;
        for (size_t g = 0; g < 2; g++) {
            const size_t c =
                column_of(s, parameters[k].kind, g == 0 ? "a-b/a:" : "a-b/b:", &parameters[k]);
            series[g] = (struct pls_group_series){s->boot + c * run->permutations, s->observed[c],
                                                  run->size[g]};
        }
        for (size_t a = LEVELS; a-- > 0;) {
            const enum pls_code code =
                pls_group_compare(&series[0], &series[1], s->boot_usable, run->permutations,
                                  1.0 - level[a], PLS_QUANTILE_6, &all[a], err);
            if (code != PLS_OK)
                return code;
            if (all[a].interval.lower > 0.0 || all[a].interval.upper < 0.0)
                p_interval = level[a];
        }
        ledger_add(s->ledger, "henseler", parameters[k].name, all[0].henseler_two);
        ledger_add(s->ledger, "keil", parameters[k].name, all[0].keil.p);
        ledger_add(s->ledger, "welch", parameters[k].name, all[0].welch.p);
        ledger_add(s->ledger, "nitzl", parameters[k].name, all[0].nitzl.p);
        ledger_add(s->ledger, "interval", parameters[k].name, p_interval);
    }
    return PLS_OK;
}

static enum pls_code record(struct sample *s, struct pls_error *err)
{
    static const double ones[PATHS] = {1, 1, 1};
    if (s->run->scenario->groups > 2) {
        record_distances(s, " of three", "all:");
        return record_family(s, "omnibus_q", PLS_OMNIBUS_Q, "all:", NULL, err);
    }
    if (s->run->scenario->kind == STUDENTISED)
        return record_family(s, "studentised", PLS_STUDENTISED, "a-b:", ones, err);
    record_distances(s, "", "a-b:");
    record_distances(s, " within", "a-b:within:");
    record_micom(s);
    enum pls_code code = record_family(s, "raw", PLS_DIFFERENCE, "a-b:", NULL, err);
    if (code == PLS_OK)
        code = record_family(s, "within", PLS_DIFFERENCE, "a-b:within:", NULL, err);
    if (code == PLS_OK)
        code = record_bootstrap(s, err);
    return code;
}

static enum pls_code compute(struct sample *s, uint64_t number, struct pls_error *err)
{
    const struct run *run = s->run;
    const size_t count = run->permutations;
    const struct pls_labels_source source = {.labelling = PLS_LABELS_RANDOM, .seed = run->seed};
    enum pls_code code = pls_alloc(&s->observed, s->columns.count, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&s->rows, s->columns.count * count, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&s->boot, s->columns.count * count, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&s->outcomes, count, sizeof *s->outcomes, err);
    if (code == PLS_OK)
        code = pls_alloc(&s->usable, count, 1, err);
    if (code == PLS_OK)
        code = pls_alloc(&s->boot_usable, count, 1, err);
    if (code != PLS_OK)
        return code;
    pls_groups_observed(s->groups, s->observed);
    pls_groups_rows(s->groups, &source, number * count, count, s->rows, count, s->outcomes);
    for (size_t r = 0; r < count; r++)
        s->usable[r] = s->outcomes[r].status == PLS_STATUS_OK;
    if (run->scenario->kind == GROUPS && run->scenario->groups == 2)
        pls_groups_bootstrap_rows(s->groups, run->seed, number * count, count, s->boot, count,
                                  s->outcomes);
    for (size_t r = 0; r < count; r++)
        s->boot_usable[r] = s->outcomes[r].status == PLS_STATUS_OK;
    return PLS_OK;
}

static enum pls_code start(struct sample *s, const double *values, struct pls_error *err)
{
    const struct run *run = s->run;
    const size_t bytes = run->n * run->model->indicators * sizeof(double);
    const bool pair = run->scenario->groups == 2, studentised = run->scenario->kind == STUDENTISED;
    const bool both = pair && !studentised;
    s->data = (struct pls_dataset){.rows = run->n,
                                   .columns = run->model->indicators,
                                   .name = run->model->indicator,
                                   .rows_in_file = run->n};
    s->within = s->data;
    s->data.values = malloc(bytes);
    s->within.values = malloc(bytes);
    if (s->data.values == NULL || s->within.values == NULL)
        return pls_fail(err, PLS_EUNAVAILABLE, "there is no memory for a sample");
    memcpy(s->data.values, values, bytes);
    pls_groups_standardise(&s->data, run->of, run->scenario->groups, s->within.values);
    enum pls_code code =
        pls_estimator_new(run->model, &run->keys, &s->data, &s->raw_estimator, err);
    if (code == PLS_OK && both)
        code = pls_estimator_new(run->model, &run->keys, &s->within, &s->within_estimator, err);
    if (code != PLS_OK)
        return code;
    const struct pls_groups_options options = {.opt_raw = s->raw_estimator,
                                               .opt_within = s->within_estimator,
                                               .groups = run->scenario->groups,
                                               .name = group_name,
                                               .of = run->of,
                                               .micom = both,
                                               .omnibus = !studentised,
                                               .studentised = studentised,
                                               .isa = run->isa};
    code = pls_groups_new(&options, &s->groups, err);
    if (code == PLS_OK)
        code = pls_groups_columns(pls_estimator_columns(s->raw_estimator), run->model, group_name,
                                  options.groups, true, both, both, options.omnibus, studentised,
                                  &s->columns, err);
    return code;
}

enum pls_code groups_sample(const struct run *run, uint64_t sample, const double *values,
                            struct ledger *ledger, struct pls_error *err)
{
    struct sample s = {.run = run, .ledger = ledger};
    enum pls_code code = start(&s, values, err);
    if (code == PLS_OK)
        code = compute(&s, sample, err);
    if (code == PLS_OK)
        code = record(&s, err);
    pls_groups_free(s.groups);
    pls_columns_free(&s.columns);
    pls_estimator_free(s.raw_estimator);
    pls_estimator_free(s.within_estimator);
    free(s.data.values);
    free(s.within.values);
    free(s.observed);
    free(s.rows);
    free(s.boot);
    free(s.outcomes);
    free(s.usable);
    free(s.boot_usable);
    return code;
}
