/* random_models.h: random models, settings and data, for tests that compare two ways to a row. */
#ifndef PLSTRAP_TESTS_PLS_RANDOM_MODELS_H
#define PLSTRAP_TESTS_PLS_RANDOM_MODELS_H

#include "fixture.h"

static inline size_t fixture_below(uint64_t *seed, size_t limit)
{
    return (size_t)(fixture_uniform(seed) * (double)limit);
}

/* 1 to 15 constructs of 1 to 12 indicators, modes mixed, any paths without a loop. */
static inline void fixture_random_model(struct fixture *f, uint64_t *seed)
{
    char text[8192];
    size_t used = 0, indicators = 0, rank[16];
    const size_t J = 1 + fixture_below(seed, fixture_below(seed, 3) == 0 ? 15 : 6);
    const double density = 0.2 + 0.8 * fixture_uniform(seed);
    const size_t most = 1 + fixture_below(seed, 12);
    for (size_t j = 0; j < J; j++) {
        size_t size = 1 + fixture_below(seed, most);
        if (indicators + size + (J - j) > MOST_INDICATORS)
            size = 1;
        rank[j] = fixture_below(seed, 1000) * 16 + j;
        used += (size_t)snprintf(text + used, sizeof text - used, "c%zu %s ", j,
                                 fixture_below(seed, 3) == 0 ? "<~" : "=~");
        for (size_t k = 0; k < size; k++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%sx%zu", k > 0 ? " + " : "",
                                     indicators++);
        used += (size_t)snprintf(text + used, sizeof text - used, "\n");
    }
    for (size_t j = 0; j < J; j++) {
        bool any = false;
        for (size_t i = 0; i < J; i++) {
            if (rank[i] >= rank[j] || fixture_uniform(seed) > density)
                continue;
            used += (size_t)snprintf(text + used, sizeof text - used,
                                     any ? " + c%zu" : "c%zu ~ c%zu", any ? i : j, i);
            any = true;
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "\n");
    }
    fixture_model(f, text);
}

static inline void fixture_random_keys(struct fixture *f, uint64_t *seed)
{
    f->keys.scheme = (enum pls_scheme)fixture_below(seed, 3);
    f->keys.sign = (enum pls_sign)fixture_below(seed, 2);
    f->keys.tolerance = fixture_below(seed, 3) == 0 ? 1e-10 : 1e-7;
    f->keys.max_iterations =
        fixture_below(seed, 4) == 0 ? 1 + (unsigned)fixture_below(seed, 15) : 300;
    if (fixture_below(seed, 2) == 0)
        for (size_t j = 0; j < f->model.constructs; j++)
            if (fixture_below(seed, 3) == 0)
                f->dominant[j] = f->block[j] + fixture_below(seed, f->block[j + 1] - f->block[j]);
}

/* A common factor, factors of constructs and noise, in one of several kinds of numbers. */
static inline void fixture_random_data(struct fixture *f, uint64_t *seed)
{
    const size_t p = f->model.indicators;
    const size_t n =
        fixture_below(seed, 4) == 0 ? 3 + fixture_below(seed, 12) : 20 + fixture_below(seed, 281);
    const size_t kind = fixture_below(seed, 8);
    const double strength = fixture_below(seed, 4) == 0 ? 0.05 : 0.3 + fixture_uniform(seed);
    double *values = calloc(n * p, sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < n; i++) {
        const double common = fixture_normal(seed);
        for (size_t j = 0; j < f->model.constructs; j++) {
            const double factor = 0.7 * common + 0.7 * fixture_normal(seed);
            for (size_t k = f->block[j]; k < f->block[j + 1]; k++) {
                double x = strength * factor + fixture_normal(seed);
                if (kind == 4 && k > f->block[j]) /* nearly collinear */
                    x = values[i * p + k - 1] + 1e-6 * fixture_normal(seed);
                else if (kind == 5) /* nearly constant */
                    x = x > 2.2 ? 1.0 : 0.0;
                else if (kind == 1) /* counts: products of two or three bytes */
                    x = rint(fabs(x) * (k % 2 == 0 ? 1000.0 : 60.0));
                else if (kind == 6) /* integers beyond two bytes */
                    x = rint(x * 30000.0);
                else if (kind == 7) /* products of two bytes */
                    x = rint(x * 20.0);
                else if (kind != 2 && kind != 4) /* Likert */
                    x = fmin(5.0, fmax(1.0, rint(3.0 + x)));
                values[i * p + k] = x;
            }
        }
    }
    fixture_data(f, n, values);
    free(values);
}

/* Bits, except that one NaN is as good as another. */
static inline bool fixture_same_bits(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

#endif
