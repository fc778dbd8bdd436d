/*
 * fixture.h: models, data and estimators for the tests of this room, which reads no files and
 * parses no models itself. The text of a model is the plainest lavaan: one statement a line or
 * between semicolons, a construct's indicators in one statement, measured constructs in the order
 * of their statements.
 */
#ifndef PLSTRAP_TESTS_PLS_FIXTURE_H
#define PLSTRAP_TESTS_PLS_FIXTURE_H

#include "check.h"
#include "plstrap/estimator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CONSTRUCTS = 32, MOST_INDICATORS = 128, MOST_PATHS = 512 };

struct fixture {
    char text[8192]; /* names point into it */
    char *construct[MOST_CONSTRUCTS];
    char *indicator[MOST_INDICATORS];
    enum pls_mode mode[MOST_CONSTRUCTS];
    size_t block[MOST_CONSTRUCTS + 1];
    size_t arrow[MOST_CONSTRUCTS + 1];
    size_t order[MOST_CONSTRUCTS];
    size_t source[MOST_PATHS];
    size_t dominant[MOST_CONSTRUCTS];
    struct pls_model model;
    struct pls_dataset dataset;
    struct pls_estimation_keys keys; /* to convergence; signs as iterated */
    struct pls_estimator *estimator;
    struct pls_workspace *workspace;
    const struct pls_columns *columns;
    uint32_t *weights; /* [n] ones */
    double *row;       /* [columns] */
    struct pls_outcome outcome;
    struct pls_error err;
};

static inline size_t fixture_construct(const struct fixture *f, const char *name)
{
    size_t j = 0;
    while (j < f->model.constructs && strcmp(f->construct[j], name) != 0)
        j++;
    return j;
}

static inline void fixture_measure(struct fixture *f, enum pls_mode mode, char *left, char *right)
{
    char *rest = NULL;
    const size_t j = f->model.constructs++;
    f->construct[j] = strtok_r(left, " \t", &rest);
    f->mode[j] = mode;
    for (char *name = strtok_r(right, " \t+", &rest); name; name = strtok_r(NULL, " \t+", &rest))
        f->indicator[f->model.indicators++] = name;
    f->block[j + 1] = f->model.indicators;
}

/* Sources before targets, the first in the model's order that is free. */
static inline void fixture_sort(struct fixture *f)
{
    bool done[MOST_CONSTRUCTS] = {false};
    for (size_t o = 0; o < f->model.constructs; o++)
        for (size_t j = 0; j < f->model.constructs; j++) {
            bool ready = !done[j];
            for (size_t a = f->arrow[j]; a < f->arrow[j + 1]; a++)
                ready = ready && done[f->source[a]];
            if (ready) {
                done[j] = true;
                f->order[o] = j;
                break;
            }
        }
}

static inline void fixture_model(struct fixture *f, const char *text)
{
    char *left[MOST_CONSTRUCTS], *right[MOST_CONSTRUCTS], *rest = NULL;
    size_t statements = 0;
    memset(f, 0, sizeof *f);
    assert_true(strlen(text) < sizeof f->text);
    strcpy(f->text, text);
    for (char *line = strtok_r(f->text, "\n;", &rest); line; line = strtok_r(NULL, "\n;", &rest)) {
        char *tilde = strchr(line, '~');
        if (line[0] == '#' || tilde == NULL)
            continue;
        const bool reflective = tilde[-1] == '=';
        if (tilde[-1] == '=' || tilde[-1] == '<') {
            const enum pls_mode mode = reflective ? PLS_MODE_A : PLS_MODE_B;
            tilde[-1] = '\0';
            fixture_measure(f, mode, line, tilde + 1);
        } else {
            *tilde = '\0';
            left[statements] = line;
            right[statements++] = tilde + 1;
        }
    }
    for (size_t j = 0; j < f->model.constructs; j++) {
        for (size_t s = 0; s < statements; s++) {
            char target[64];
            assert_int_equal(sscanf(left[s], "%63s", target), 1);
            if (fixture_construct(f, target) != j)
                continue;
            for (char *name = strtok_r(right[s], " \t+", &rest); name;
                 name = strtok_r(NULL, " \t+", &rest))
                f->source[f->model.paths++] = fixture_construct(f, name);
        }
        f->arrow[j + 1] = f->model.paths;
    }
    fixture_sort(f);
    f->model.construct = f->construct;
    f->model.mode = f->mode;
    f->model.block = f->block;
    f->model.indicator = f->indicator;
    f->model.arrow = f->arrow;
    f->model.source = f->source;
    f->model.order = f->order;
    f->keys = (struct pls_estimation_keys){.scheme = PLS_SCHEME_PATH,
                                           .sign = PLS_SIGN_NONE,
                                           .tolerance = 1e-13,
                                           .max_iterations = 20000,
                                           .dominant = f->dominant};
    for (size_t j = 0; j < f->model.constructs; j++)
        f->dominant[j] = f->model.indicators;
}

/* values [n][indicators in the model's order], copied. */
static inline void fixture_data(struct fixture *f, size_t n, const double *values)
{
    const size_t p = f->model.indicators;
    free(f->dataset.values);
    free(f->weights);
    f->dataset =
        (struct pls_dataset){.rows = n, .columns = p, .name = f->indicator, .rows_in_file = n};
    f->dataset.values = malloc((n * p + 1) * sizeof *values);
    f->weights = malloc((n + 1) * sizeof *f->weights);
    assert_non_null(f->dataset.values);
    assert_non_null(f->weights);
    memcpy(f->dataset.values, values, n * p * sizeof *values);
    for (size_t i = 0; i < n; i++)
        f->weights[i] = 1;
}

static inline void fixture_forget(struct fixture *f)
{
    pls_workspace_free(f->workspace);
    pls_estimator_free(f->estimator);
    free(f->row);
    f->workspace = NULL;
    f->estimator = NULL;
    f->row = NULL;
}

/* Makes the estimator (again, where keys have changed). */
static inline void fixture_start(struct fixture *f)
{
    fixture_forget(f);
    assert_ok(pls_estimator_new(&f->model, &f->keys, &f->dataset, &f->estimator, &f->err), &f->err);
    assert_ok(pls_workspace_new(f->estimator, &f->workspace, &f->err), &f->err);
    f->columns = pls_estimator_columns(f->estimator);
    f->row = calloc(f->columns->count + 1, sizeof *f->row);
    assert_non_null(f->row);
}

/* The row of f->weights. */
static inline void fixture_row(struct fixture *f, const double *opt_base)
{
    pls_estimator_row(f->estimator, f->workspace, f->weights, opt_base, f->row, &f->outcome);
}

static inline void fixture_free(struct fixture *f)
{
    fixture_forget(f);
    free(f->dataset.values);
    free(f->weights);
    f->dataset.values = NULL;
    f->weights = NULL;
}

/* Number of a column, or columns->count. */
static inline size_t fixture_column(const struct pls_columns *columns, const char *component,
                                    const char *term)
{
    size_t c = 0;
    while (c < columns->count &&
           (strcmp(pls_component_name(columns->column[c].component), component) != 0 ||
            strcmp(columns->column[c].term, term) != 0))
        c++;
    return c;
}

static inline double fixture_value(const struct fixture *f, const char *component, const char *term)
{
    const size_t c = fixture_column(f->columns, component, term);
    if (c == f->columns->count)
        fail_msg("no column %s:%s", component, term);
    return f->row[c];
}

/* Pseudo-random numbers of the tests: splitmix64, uniform in (0, 1). */
static inline double fixture_uniform(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return ((double)((z ^ z >> 31) >> 11) + 0.5) / 9007199254740992.0;
}

static inline double fixture_normal(uint64_t *seed)
{
    const double radius = sqrt(-2.0 * log(fixture_uniform(seed)));
    return radius * cos(6.283185307179586 * fixture_uniform(seed));
}

/* A whole text file, zero-terminated; the caller frees it. */
static inline char *fixture_read(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("cannot open %s", path);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    const size_t length = fread(text, 1, 1 << 20, file);
    assert_true(length < 1 << 20);
    fclose(file);
    return text;
}

/* tests/golden/pls/NAME.lav and NAME.data.tsv. */
static inline void fixture_golden(struct fixture *f, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/golden/pls/%s.lav", PLS_TESTS, name);
    char *text = fixture_read(path);
    fixture_model(f, text);
    free(text);
    snprintf(path, sizeof path, "%s/golden/pls/%s.data.tsv", PLS_TESTS, name);
    text = fixture_read(path);
    double *values = calloc(MOST_INDICATORS * 1024, sizeof *values);
    assert_non_null(values);
    size_t count = 0;
    char *at = strchr(text, '\n') + 1; /* the header is the model's order: import.py */
    while (*at != '\0') {
        char *end;
        values[count++] = strtod(at, &end);
        assert_true(end > at && count < MOST_INDICATORS * 1024);
        at = end + 1;
    }
    assert_int_equal(count % f->model.indicators, 0);
    fixture_data(f, count / f->model.indicators, values);
    free(values);
    free(text);
}

#endif
