/*
 * validity.c: type-I error and power of the p-values that plstrap prints.
 *
 *   validity CASE N DISTRIBUTION SAMPLES SEED [PERMUTATIONS]
 *   validity                                                   lists the cases
 *
 *   N             observations in all groups together
 *   DISTRIBUTION  normal; skewed (skewness 1, kurtosis 1.5, Vale-Maurelli); likert (five categories)
 *
 * Prints a CSV line for each p-value and level. A line is `null` (the rate should be the level),
 * `alternative` (it is power; effect is the difference or path) or `open` (neither is known).
 */
#include "validity.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const double level[LEVELS] = {0.01, 0.05, 0.10};

void ledger_add(struct ledger *ledger, const char *test, const char *parameter, double p)
{
    size_t l = 0;
    while (l < ledger->count && (strcmp(ledger->line[l].test, test) != 0 ||
                                 strcmp(ledger->line[l].parameter, parameter) != 0))
        l++;
    if (l == ledger->count) {
        if (l == MOST_LINES)
            abort();
        ledger->count++;
        snprintf(ledger->line[l].test, sizeof ledger->line[l].test, "%s", test);
        snprintf(ledger->line[l].parameter, sizeof ledger->line[l].parameter, "%s", parameter);
    }
    if (isnan(p))
        return;
    ledger->line[l].used++;
    for (size_t a = 0; a < LEVELS; a++)
        ledger->line[l].rejected[a] += p <= level[a] * (1.0 + 1e-12); /* p = .05 counts */
}

size_t column_named(const struct pls_columns *columns, enum pls_component component,
                    const char *term)
{
    for (size_t c = 0; c < columns->count; c++)
        if (columns->column[c].component == component && strcmp(columns->column[c].term, term) == 0)
            return c;
    fprintf(stderr, "validity: there is no column %s %s\n", pls_component_name(component), term);
    abort();
}

static void print_ledger(const struct run *run, const struct ledger *ledger)
{
    static const char *const distribution[] = {"normal", "skewed", "likert"};
    printf("case,n,distribution,samples,failed,permutations,seed,test,parameter,hypothesis,effect,"
           "level,rejections,used,rate,mcse\n");
    for (size_t l = 0; l < ledger->count; l++)
        for (size_t a = 0; a < LEVELS; a++) {
            const struct line *line = &ledger->line[l];
            const double used = (double)line->used;
            const double rate = (double)line->rejected[a] / used;
            printf("%s,%zu,%s,%zu,%llu,%zu,%llu,%s,%s,%s,%.4g,%g,%llu,%llu,%.5f,%.5f\n",
                   run->scenario->name, run->n, distribution[run->distribution], run->samples,
                   (unsigned long long)ledger->failed, run->permutations,
                   (unsigned long long)run->seed, line->test, line->parameter,
                   !line->known ? "open"
                   : line->null ? "null"
                                : "alternative",
                   line->effect, level[a], (unsigned long long)line->rejected[a],
                   (unsigned long long)line->used, rate, sqrt(rate * (1.0 - rate) / used));
        }
}

static enum pls_code simulate(struct run *run, struct ledger *ledger, struct pls_error *err)
{
    double *values = calloc(run->n * MOST_INDICATORS, sizeof *values);
    if (values == NULL)
        return pls_fail(err, PLS_EUNAVAILABLE, "there is no memory");
    enum pls_code code = run_prepare(run, err);
    for (uint64_t s = 0; code == PLS_OK && s < run->samples; s++) {
        run_sample(run, s, values);
        code = run->scenario->kind == WITHIN ? within_sample(run, s, values, ledger, err)
                                             : groups_sample(run, s, values, ledger, err);
        if (code == PLS_EDATA) { /* no estimates of this sample */
            ledger->failed++;
            code = PLS_OK;
        }
    }
    if (code == PLS_OK) {
        truth_fill(run, ledger);
        print_ledger(run, ledger);
    }
    free(values);
    return code;
}

static bool number(const char *text, uint64_t least, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && end > text && *end == '\0' && *out >= least;
}

int main(int count, char **argument)
{
    static struct ledger ledger;
    struct run run = {0};
    struct pls_error err;
    uint64_t n = 0, samples = 0, permutations = 0;
    if (count == 1) {
        scenario_list();
        return 0;
    }
    if (count < 6 || (run.scenario = scenario_named(argument[1])) == NULL ||
        !number(argument[2], 20, &n) || !number(argument[4], 1, &samples) ||
        !number(argument[5], 0, &run.seed) ||
        (count > 6 && !number(argument[6], 19, &permutations))) {
        fprintf(stderr, "usage: validity CASE N normal|skewed|likert SAMPLES SEED [PERMUTATIONS]; "
                        "validity alone lists the cases\n");
        return PLS_EUSAGE;
    }
    run.distribution = strcmp(argument[3], "likert") == 0   ? LIKERT
                       : strcmp(argument[3], "skewed") == 0 ? SKEWED
                                                            : NORMAL;
    run.n = n;
    run.samples = samples;
    run.permutations = count > 6 ? permutations : run.scenario->permutations;
    enum pls_code code = pls_isa_select(getenv("PLSTRAP_ISA"), &run.isa, &err);
    if (code == PLS_OK)
        code = simulate(&run, &ledger, &err);
    if (code != PLS_OK)
        fprintf(stderr, "validity: %s\n", err.text);
    run_free(&run);
    return (int)code;
}
