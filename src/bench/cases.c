/*
 * cases.c: four models of rising size, with generated answers.
 *
 * Composites are sums of their sources and noise, answers are a composite and noise: Likert from
 * 1 to 5, or the same before rounding. The weak case is the first one with next to no composite
 * in its answers, so that the iteration takes long.
 */
#include "bench.h"

#include "plstrap/alloc.h"
#include "plstrap/random.h"
#include "plstrap/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char mediation[] = "model: |\n"
                                "  A =~ a1 + a2 + a3 + a4 + a5\n"
                                "  B =~ b1 + b2 + b3 + b4 + b5\n"
                                "  C =~ c1 + c2 + c3 + c4 + c5\n"
                                "  B ~ A\n"
                                "  C ~ A + B\n";

/* The European Customer Satisfaction Index, as Tenenhaus et al. (2005) have it. */
static const char ecsi[] = "model: |\n"
                           "  Image =~ i1 + i2 + i3 + i4 + i5\n"
                           "  Expectation =~ e1 + e2 + e3\n"
                           "  Quality =~ q1 + q2 + q3 + q4 + q5 + q6 + q7\n"
                           "  Value =~ v1 + v2\n"
                           "  Satisfaction =~ s1 + s2 + s3\n"
                           "  Complaints =~ c1\n"
                           "  Loyalty =~ l1 + l2 + l3\n"
                           "  Expectation ~ Image\n"
                           "  Quality ~ Expectation\n"
                           "  Value ~ Expectation + Quality\n"
                           "  Satisfaction ~ Image + Expectation + Quality + Value\n"
                           "  Complaints ~ Satisfaction\n"
                           "  Loyalty ~ Image + Satisfaction + Complaints\n";

/* Three layers of four; 30 pairs of constructs are related. */
static const char large[] = "model: |\n"
                            "  A =~ a1 + a2 + a3 + a4 + a5\n"
                            "  B =~ b1 + b2 + b3 + b4 + b5\n"
                            "  C =~ c1 + c2 + c3 + c4 + c5\n"
                            "  D =~ d1 + d2 + d3 + d4 + d5\n"
                            "  E =~ e1 + e2 + e3 + e4 + e5\n"
                            "  F =~ f1 + f2 + f3 + f4 + f5\n"
                            "  G =~ g1 + g2 + g3 + g4 + g5\n"
                            "  H =~ h1 + h2 + h3 + h4 + h5\n"
                            "  I =~ i1 + i2 + i3 + i4 + i5\n"
                            "  J =~ j1 + j2 + j3 + j4 + j5\n"
                            "  K =~ k1 + k2 + k3 + k4 + k5\n"
                            "  L =~ l1 + l2 + l3 + l4 + l5\n"
                            "  E ~ A + B + C\n"
                            "  F ~ B + C + D\n"
                            "  G ~ A + C + D\n"
                            "  H ~ A + B + D\n"
                            "  I ~ E + F\n"
                            "  J ~ F + G\n"
                            "  K ~ G + H\n"
                            "  L ~ E + H\n";

static const struct generated {
    const char *name;
    const char *model;
    size_t n;
    bool integer;
    double path, loading; /* shares of sources in a composite, of it in an answer */
} cases[PLS_CASES] = {
    {"mediation", mediation, 120, true, 0.5, 0.8}, {"mediation", mediation, 120, false, 0.5, 0.8},
    {"ecsi", ecsi, 250, true, 0.45, 0.75},         {"ecsi", ecsi, 250, false, 0.45, 0.75},
    {"large", large, 1000, true, 0.5, 0.8},        {"large", large, 1000, false, 0.5, 0.8},
    {"weak", mediation, 120, true, 0.3, 0.2},
};

const char *pls_case_name(size_t number)
{
    return cases[number].name;
}

/* Nearly normal, variance 1: twelve uniform numbers, because no libm is like another. */
static double noise(uint64_t number, uint32_t stream)
{
    double sum = -6.0;
    for (uint32_t block = 0; block < 3; block++) {
        uint32_t word[4];
        pls_random_block(20231, PLS_PURPOSE_BOOTSTRAP, stream, number, block, word);
        for (size_t i = 0; i < 4; i++)
            sum += word[i] / 4294967296.0;
    }
    return sum;
}

/* Composites of observation i, each of variance near 1. */
static void draw_composites(const struct generated *one, const struct pls_model *model, size_t i,
                            double *composite)
{
    for (size_t o = 0; o < model->constructs; o++) {
        const size_t j = model->order[o], sources = model->arrow[j + 1] - model->arrow[j];
        const double share = sources > 0 ? one->path / sqrt((double)sources) : 0.0;
        composite[j] =
            sqrt(1.0 - one->path * one->path * (sources > 0)) * noise(i * model->constructs + j, 1);
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
            composite[j] += share * composite[model->source[a]];
    }
}

static double answer(const struct generated *one, double composite, uint64_t number)
{
    const double own = sqrt(1.0 - one->loading * one->loading) * noise(number, 2);
    const double x = 3.0 + one->loading * composite + own;
    return one->integer ? fmin(fmax(floor(x + 0.5), 1.0), 5.0) : x;
}

static enum pls_code generate(const struct generated *one, const struct pls_model *model,
                              struct pls_dataset **out_new, struct pls_error *err)
{
    const size_t p = model->indicators;
    double *values = NULL, *composite = NULL;
    enum pls_code code = pls_alloc(&values, one->n, p * sizeof *values, err);
    if (code == PLS_OK)
        code = pls_alloc(&composite, model->constructs, sizeof *composite, err);
    for (size_t i = 0; code == PLS_OK && i < one->n; i++) {
        draw_composites(one, model, i, composite);
        for (size_t k = 0; k < p; k++)
            values[i * p + k] = answer(one, composite[pls_model_owner(model, k)], i * p + k);
    }
    if (code == PLS_OK)
        code =
            pls_dataset_new(one->n, p, (const char *const *)model->indicator, values, out_new, err);
    free(values);
    free(composite);
    return code;
}

/* Observations in turn to groups a, b …: a null hypothesis that is true. */
static enum pls_code label(struct pls_dataset *dataset, size_t groups, struct pls_error *err)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    uint32_t *code_of = NULL;
    enum pls_code code = pls_alloc(&code_of, dataset->rows, sizeof *code_of, err);
    for (size_t i = 0; code == PLS_OK && i < dataset->rows; i++)
        code_of[i] = (uint32_t)(i % groups);
    if (code == PLS_OK)
        code = pls_dataset_add_labels(dataset, "g", groups, names, code_of, err);
    free(code_of);
    return code;
}

static enum pls_code make_plan(size_t number, const char *head, size_t groups, enum pls_job job,
                               struct pls_plan **out_new, struct pls_error *err)
{
    const struct generated *one = &cases[number];
    struct pls_text text = {0};
    struct pls_study *study = NULL;
    struct pls_dataset *dataset = NULL;
    enum pls_code code = pls_text_printf(&text, err, "%s%s", head, one->model);
    if (code == PLS_OK)
        code = pls_study_parse(one->name, text.data, text.length, NULL, &study, err);
    if (code == PLS_OK)
        code = generate(one, study->model, &dataset, err);
    if (code == PLS_OK && groups > 0)
        code = label(dataset, groups, err);
    if (code == PLS_OK) {
        code = pls_plan_make(study, job, dataset, out_new, err);
        study = NULL; /* the plan's, also where it could not be made */
        dataset = NULL;
    }
    pls_study_free(study);
    pls_dataset_free(dataset);
    pls_text_free(&text);
    return code;
}

enum pls_code pls_case_plan(size_t number, struct pls_plan **out_new, struct pls_error *err)
{
    return make_plan(number,
                     "data: {file: generated.csv}\n"
                     "bootstrap: {intervals: [percentile, bc, bca]}\n",
                     0, PLS_JOB_BOOTSTRAP, out_new, err);
}

enum pls_code pls_case_permuted(size_t number, size_t groups, const char *tests,
                                struct pls_plan **out_new, struct pls_error *err)
{
    char head[160];
    snprintf(head, sizeof head,
             "data: {file: generated.csv%s}\npermutation: {tests: [%s], exact_limit: 1}\n",
             groups > 0 ? ", group: g" : "", tests);
    return make_plan(number, head, groups, PLS_JOB_PERMUTE, out_new, err);
}
