/* scenarios.c: the populations, and what is true in them. */
#include "validity.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char three[] = "X =~ x1 + x2 + x3\nM =~ m1 + m2 + m3\nY =~ y1 + y2 + y3\n"
                            "M ~ X\nY ~ X + M\n";
static const char two[] = "X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\nY ~ X\n";

#define EQUAL                                                                                      \
    {                                                                                              \
        .paths = { .4, .2, .3 }                                                                    \
    }
#define STRONGER                                                                                   \
    {                                                                                              \
        .paths = { .7, .2, .3 }                                                                    \
    }

#define MOVED                                                                                      \
    {                                                                                              \
        .paths = {.4, .2, .3}, .shift = .5, .scale = 1.5                                           \
    }
#define WEIGHTED                                                                                   \
    {                                                                                              \
        .paths = {.4, .2, .3}, .x_weight = { 1, 1, -.5 }                                           \
    }

static const struct scenario scenarios[] = {
    {"groups.null", GROUPS, three, 2, {EQUAL, EQUAL}, {1, 1}, 199},
    {"within.null", WITHIN, two, 1, {{.paths = {0}}}, {1}, 199},
    {"within.bare", WITHIN, three, 1, {{.paths = {.5, 0, 0}}}, {1}, 199},
    {"within.real", WITHIN, three, 1, {{.paths = {.5, .4, 0}}}, {1}, 199},
    {"within.none", WITHIN, three, 1, {{.paths = {0, 0, 0}}}, {1}, 199},
    {"within.power", WITHIN, three, 1, {{.paths = {.4, .2, .3}}}, {1}, 199},
    {"groups.unequal", GROUPS, three, 2, {EQUAL, EQUAL}, {1, 2}, 199},
    {"groups.power", GROUPS, three, 2, {STRONGER, EQUAL}, {1, 1}, 199},
    {"three.null", GROUPS, three, 3, {EQUAL, EQUAL, EQUAL}, {1, 1, 1}, 99},
    {"studentised.null", STUDENTISED, three, 2, {EQUAL, EQUAL}, {1, 1}, 99},
    {"groups.moments", GROUPS, three, 2, {EQUAL, MOVED}, {1, 1}, 199},
    {"groups.weights", GROUPS, three, 2, {EQUAL, WEIGHTED}, {1, 1}, 199},
    {"three.power", GROUPS, three, 3, {STRONGER, EQUAL, EQUAL}, {1, 1, 1}, 99},
    {"studentised.power", STUDENTISED, three, 2, {STRONGER, EQUAL}, {1, 2}, 99},
};

const struct scenario *scenario_named(const char *name)
{
    for (size_t s = 0; s < sizeof scenarios / sizeof *scenarios; s++)
        if (strcmp(scenarios[s].name, name) == 0)
            return &scenarios[s];
    return NULL;
}

void scenario_list(void)
{
    for (size_t s = 0; s < sizeof scenarios / sizeof *scenarios; s++)
        printf("%s\n", scenarios[s].name);
}

/* Skewness 1 and kurtosis 1.5, or five categories of a normal that is shifted and scaled as told. */
static struct pls_margin margin_of(const struct run *run, double shift, double scale)
{
    struct pls_margin margin = {0};
    if (run->distribution == SKEWED) {
        margin.skewness = 1.0;
        margin.kurtosis = 1.5;
    }
    if (run->distribution == LIKERT) {
        for (size_t t = 0; t < 4; t++)
            margin.cut[t] = ((double)t - 1.5 - shift) / scale;
        margin.cuts = 4;
    }
    return margin;
}

static double scale_of(const struct population *of, const struct pls_model *model, size_t k)
{
    return k < model->block[1] && of->scale > 0.0 ? of->scale : 1.0;
}

static double shift_of(const struct population *of, const struct pls_model *model, size_t k)
{
    return k >= model->block[model->constructs - 1] ? of->shift : 0.0;
}

static enum pls_code make_generator(struct run *run, size_t g, struct pls_error *err)
{
    static const double ones[3] = {1, 1, 1};
    const struct pls_model *model = run->model;
    const struct population *of = &run->scenario->of[g];
    struct pls_block_population block[3];
    struct pls_margin margin[MOST_INDICATORS];
    double r[9], r2[3], sigma[MOST_INDICATORS * MOST_INDICATORS];
    for (size_t j = 0; j < model->constructs; j++)
        block[j] = (struct pls_block_population){
            .value = j == 0 && of->x_weight[0] != 0.0 ? of->x_weight : ones, .within = 0.4};
    for (size_t k = 0; k < model->indicators; k++)
        margin[k] = margin_of(run, shift_of(of, model, k), scale_of(of, model, k));
    enum pls_code code = pls_population_constructs(model, of->paths, NULL, r, r2, err);
    if (code == PLS_OK)
        code = pls_population_indicators(model, r, block, sigma, NULL, NULL, err);
    if (code == PLS_OK)
        code = pls_generator_new(model->indicators, sigma, margin,
                                 (const char *const *)model->indicator, &run->generator[g], err);
    return code;
}

enum pls_code run_prepare(struct run *run, struct pls_error *err)
{
    const struct scenario *scenario = run->scenario;
    size_t total = 0, first = 0;
    for (size_t g = 0; g < scenario->groups; g++)
        total += scenario->share[g];
    enum pls_code code =
        pls_model_parse(scenario->model, "validity", (struct pls_place){1, 1}, 0, &run->model, err);
    if (code == PLS_OK)
        code = pls_alloc(&run->of, run->n, 1, err);
    if (code == PLS_OK)
        code = pls_alloc(&run->keys.dominant, run->model->constructs, sizeof(size_t), err);
    for (size_t g = 0; code == PLS_OK && g < scenario->groups; g++) {
        run->size[g] =
            g + 1 == scenario->groups ? run->n - first : run->n * scenario->share[g] / total;
        memset(run->of + first, (int)g, run->size[g]);
        first += run->size[g];
        code = make_generator(run, g, err);
    }
    if (code != PLS_OK)
        return code;
    run->keys.scheme = PLS_SCHEME_PATH;
    run->keys.sign = PLS_SIGN_SUM;
    run->keys.tolerance = 1e-7;
    run->keys.max_iterations = 300;
    for (size_t j = 0; j < run->model->constructs; j++)
        run->keys.dominant[j] = run->model->indicators;
    return PLS_OK;
}

void run_free(struct run *run)
{
    for (size_t g = 0; g < MOST_GROUPS; g++)
        pls_generator_free(run->generator[g]);
    pls_model_free(run->model);
    free(run->keys.dominant);
    free(run->of);
}

void run_sample(const struct run *run, uint64_t sample, double *values)
{
    const size_t p = run->model->indicators;
    for (size_t g = 0; g < run->scenario->groups; g++) {
        const struct population *of = &run->scenario->of[g];
        pls_generator_sample(run->generator[g], run->seed, (uint32_t)g, sample, run->size[g],
                             values);
        if (run->distribution != LIKERT) /* whose thresholds are moved */
            for (size_t i = 0; i < run->size[g] * p; i++)
                values[i] =
                    shift_of(of, run->model, i % p) + scale_of(of, run->model, i % p) * values[i];
        values += run->size[g] * p;
    }
}

/* ---- truth ---- */

static const char *const path_name[3] = {"M~X", "Y~X", "Y~M"};

/* Parameter of a population; false where it is none of the paths. */
static bool parameter_of(const struct population *of, bool two_constructs, const char *name,
                         double *out)
{
    if (two_constructs) {
        *out = of->paths[0];
        return strcmp(name, "Y~X") == 0;
    }
    for (size_t k = 0; k < 3; k++)
        if (strcmp(name, path_name[k]) == 0) {
            *out = of->paths[k];
            return true;
        }
    *out = of->paths[0] * of->paths[2];
    return strcmp(name, "X->M->Y") == 0 || strcmp(name, "indirect Y~X") == 0;
}

/* Differently distributed groups, cut into categories, are attenuated differently: not known. */
static bool is_attenuated_alike(const struct run *run)
{
    const struct population *of = run->scenario->of;
    if (run->distribution == NORMAL)
        return true;
    for (size_t g = 1; g < run->scenario->groups; g++)
        if (memcmp(&of[0], &of[g], sizeof of[0]) != 0)
            return false;
    return true;
}

static void truth_of_groups(const struct run *run, struct line *line)
{
    const struct population *first = &run->scenario->of[0], *second = &run->scenario->of[1];
    const bool same = memcmp(first, second, sizeof *first) == 0;
    double a, b;
    line->known = true;
    if (strncmp(line->test, "micom_c", 7) == 0)
        line->effect = strcmp(line->parameter, "X") == 0 && second->x_weight[0] != 0.0 ? 1.0 : 0.0;
    else if (strcmp(line->test, "mean_difference") == 0)
        line->effect = strcmp(line->parameter, "Y") == 0 ? -second->shift : 0.0;
    else if (strcmp(line->test, "log_variance_ratio") == 0)
        line->effect = strcmp(line->parameter, "X") == 0 && second->scale > 0.0
                           ? -2.0 * log(second->scale)
                           : 0.0;
    else if (parameter_of(first, false, line->parameter, &a) &&
             parameter_of(second, false, line->parameter, &b))
        line->effect = a - b;
    else /* distances and families */
        line->effect = same ? 0.0 : NAN;
    line->null = line->effect == 0.0;
    /* Mode A finds a composite with unequal weights only nearly; categories blur. */
    if (line->null && !same && (!is_attenuated_alike(run) || second->x_weight[0] != 0.0) &&
        strncmp(line->test, "micom", 5) != 0)
        line->known = false;
}

void truth_fill(const struct run *run, struct ledger *ledger)
{
    for (size_t l = 0; l < ledger->count; l++) {
        struct line *line = &ledger->line[l];
        if (run->scenario->kind != WITHIN) {
            truth_of_groups(run, line);
            continue;
        }
        const struct population *of = &run->scenario->of[0];
        line->known = true;
        if (strcmp(line->test, "block_r2") == 0)
            line->effect = run->model->constructs == 2         ? of->paths[0]
                           : strcmp(line->parameter, "M") == 0 ? of->paths[0]
                                                               : fmax(of->paths[1], of->paths[2]);
        else
            parameter_of(of, run->model->constructs == 2, line->parameter, &line->effect);
        line->null = line->effect == 0.0;
        /* Y~M = 0, but X is measured with errors after the cuts: a partial effect remains. */
        if (line->null && run->distribution != NORMAL && run->model->constructs == 3 &&
            of->paths[0] != 0.0 && of->paths[1] != 0.0)
            line->known = false;
    }
}
