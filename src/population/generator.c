/* generator.c: samples of a population: normals, then their triangle, cubics and cuts. */
#include "linear.h"
#include "plstrap/alloc.h"
#include "plstrap/population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct generator_margin {
    bool normal; /* no cubic */
    double cubic[4];
    size_t cuts;
    double cut[PLS_MOST_CUTS];
};

struct pls_generator {
    size_t p;
    double *triangle; /* [p][p] */
    struct generator_margin *margin;
};

static enum pls_code take_margin(const struct pls_margin *told, const char *name,
                                 struct generator_margin *out, struct pls_error *err)
{
    struct pls_error inner;
    out->normal = told->skewness == 0.0 && told->kurtosis == 0.0;
    out->cubic[1] = 1.0;
    if (!out->normal &&
        pls_population_cubic(told->skewness, told->kurtosis, out->cubic, &inner) != PLS_OK)
        return pls_fail(err, PLS_ESTUDY, "indicator %s: %s", name, inner.text);
    if (told->cuts > PLS_MOST_CUTS)
        return pls_fail(err, PLS_ESTUDY, "indicator %s has %zu thresholds; at most %d are possible",
                        name, told->cuts, PLS_MOST_CUTS);
    for (size_t t = 0; t < told->cuts; t++)
        if (!isfinite(told->cut[t]) || (t > 0 && !(told->cut[t] > told->cut[t - 1])))
            return pls_fail(err, PLS_ESTUDY,
                            "threshold %zu of indicator %s is %g; give numbers that rise", t + 1,
                            name, told->cut[t]);
    out->cuts = told->cuts;
    memcpy(out->cut, told->cut, sizeof out->cut);
    return PLS_OK;
}

static enum pls_code intermediate(const struct pls_generator *generator, const double *correlation,
                                  const char *const *name, double *out, struct pls_error *err)
{
    const size_t p = generator->p;
    for (size_t i = 0; i < p; i++) {
        out[i * p + i] = correlation[i * p + i];
        for (size_t j = 0; j < i; j++) {
            const struct generator_margin *a = &generator->margin[i], *b = &generator->margin[j];
            const double r = correlation[i * p + j];
            double rho = r;
            if (!(fabs(r) < 1.0) || fabs(r - correlation[j * p + i]) > 1e-12)
                return pls_fail(err, PLS_ESTUDY,
                                "the correlation of %s and %s is %g one way and %g the other; give "
                                "one between -1 and 1",
                                name[j], name[i], r, correlation[j * p + i]);
            if (!(a->normal && b->normal) &&
                !pls_population_intermediate(r, a->cubic, b->cubic, &rho))
                return pls_fail(err, PLS_ESTUDY,
                                "%s and %s cannot correlate by %g with their skewness and "
                                "kurtosis; give a correlation nearer to 0 or moments nearer to the "
                                "normal's",
                                name[j], name[i], r);
            out[i * p + j] = rho;
            out[j * p + i] = rho;
        }
    }
    return PLS_OK;
}

static enum pls_code make_triangle(struct pls_generator *generator, const double *matrix,
                                   const char *const *name, struct pls_error *err)
{
    const size_t bad = population_cholesky(generator->p, matrix, generator->triangle);
    bool normal = true;
    for (size_t i = 0; i < generator->p; i++)
        normal = normal && generator->margin[i].normal;
    if (bad == generator->p)
        return PLS_OK;
    return pls_fail(err, PLS_ESTUDY,
                    "no variables have the correlations given for %s%s: with the indicators before "
                    "it, the matrix is not positive definite; make the correlations smaller%s",
                    name[bad], normal ? "" : " together with these skewnesses and kurtoses",
                    normal ? "" : " or the moments nearer to the normal's");
}

enum pls_code pls_generator_new(size_t p, const double *correlation,
                                const struct pls_margin *opt_margin, const char *const *name,
                                struct pls_generator **out_new, struct pls_error *err)
{
    static const struct pls_margin normal = {0};
    struct pls_generator *generator = NULL;
    double *matrix = NULL;

    enum pls_code code = pls_alloc(&generator, 1, sizeof *generator, err);
    if (code != PLS_OK)
        goto done;
    generator->p = p;
    code = pls_alloc(&generator->triangle, p * p, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&generator->margin, p, sizeof *generator->margin, err);
    if (code == PLS_OK)
        code = pls_alloc(&matrix, p * p, sizeof(double), err);
    for (size_t k = 0; code == PLS_OK && k < p; k++)
        code = take_margin(opt_margin != NULL ? &opt_margin[k] : &normal, name[k],
                           &generator->margin[k], err);
    if (code == PLS_OK)
        code = intermediate(generator, correlation, name, matrix, err);
    if (code == PLS_OK)
        code = make_triangle(generator, matrix, name, err);
    if (code == PLS_OK) {
        *out_new = generator;
        generator = NULL; /* now the caller's */
    }
done:
    pls_generator_free(generator);
    free(matrix);
    return code;
}

void pls_generator_free(struct pls_generator *generator)
{
    if (generator == NULL)
        return;
    free(generator->triangle);
    free(generator->margin);
    free(generator);
}

static double shaped(const struct generator_margin *margin, double z)
{
    const double x = margin->normal ? z : population_cubic_at(margin->cubic, z);
    if (margin->cuts == 0)
        return x;
    int category = 1;
    for (size_t t = 0; t < margin->cuts; t++)
        category += x > margin->cut[t];
    return category;
}

void pls_generator_sample(const struct pls_generator *generator, uint64_t seed, uint32_t cell,
                          uint64_t sample, size_t n, double *values)
{
    const size_t p = generator->p;
    const uint64_t stride = p + p % 2; /* a case starts with a block of its own */
    for (size_t i = 0; i < n; i++) {
        double *row = values + i * p;
        pls_population_normals(seed, cell, sample, i * stride, p, row);
        for (size_t k = p; k-- > 0;) { /* from the last one, so that none needs a copy */
            double sum = 0.0;
            for (size_t l = 0; l <= k; l++)
                sum += generator->triangle[k * p + l] * row[l];
            row[k] = shaped(&generator->margin[k], sum);
        }
    }
}

enum pls_code pls_population_cuts(const double *share, size_t categories, struct pls_margin *margin,
                                  struct pls_error *err)
{
    struct generator_margin shape = {0};
    double sum = 0.0;
    const struct pls_margin uncut = {.skewness = margin->skewness, .kurtosis = margin->kurtosis};
    const enum pls_code code = take_margin(&uncut, "with shares", &shape, err);
    if (code != PLS_OK)
        return code;
    for (size_t c = 0; c < categories; c++)
        sum += share[c] > 0.0 ? share[c] : NAN;
    if (categories < 2 || categories > PLS_MOST_CUTS + 1 || !(fabs(sum - 1.0) <= 1e-9))
        return pls_fail(err, PLS_ESTUDY,
                        "the %zu shares of the categories are not positive with the sum 1, 2 to %d "
                        "of them; their sum is %g",
                        categories, PLS_MOST_CUTS + 1, sum);
    if (!shape.normal && !population_rises(shape.cubic))
        return pls_fail(err, PLS_ESTUDY,
                        "skewness %g and kurtosis %g are those of a cubic that falls somewhere, so "
                        "shares do not tell where to cut it; give a larger kurtosis, or thresholds",
                        margin->skewness, margin->kurtosis);
    double below = 0.0;
    for (size_t t = 0; t + 1 < categories; t++) {
        below += share[t];
        const double z = pls_population_quantile(below);
        margin->cut[t] = shape.normal ? z : population_cubic_at(shape.cubic, z);
    }
    margin->cuts = categories - 1;
    return PLS_OK;
}
