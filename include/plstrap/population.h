/*
 * population.h: populations of which everything is known, and samples drawn from them.
 *
 *   paths ─▶ correlations of the constructs ─▶ of the indicators ─▶ generator ─▶ samples
 *
 * Room population: numbers in, numbers out. No files, no MPI, no shared state. A sample is a pure
 * function of (generator, seed, cell, number of the sample), with the same bits on every machine:
 * + - * / and square root in a fixed order, no function of the mathematical library. Case i of a
 * sample does not depend on how many cases there are.
 */
#ifndef PLSTRAP_POPULATION_H
#define PLSTRAP_POPULATION_H

#include "plstrap/error.h"
#include "plstrap/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- correlations ---- */

/*
 * Of the constructs of a recursive model with standardised paths: r_ji = Σ b_jk r_ki over j's
 * predecessors k.
 *
 *   paths           [q]     in   in the model's order
 *   opt_exogenous   [J][J]  in   correlations of constructs without predecessors; the rest is not
 *                                read. NULL: they are not correlated
 *   correlation     [J][J]  out
 *   r2              [J]     out  explained variance, 0 without predecessors
 *
 * Returns PLS_OK, or PLS_ESTUDY: paths explain 100 % of a construct's variance or more, or the
 * exogenous correlations are none.
 */
enum pls_code pls_population_constructs(const struct pls_model *model, const double *paths,
                                        const double *opt_exogenous, double *correlation,
                                        double *r2, struct pls_error *err);

/* How a construct is made of its K indicators. */
struct pls_block_population {
    bool factor;             /* indicators = loading * construct + an error of their own; else the
                                construct is the weighted sum of its indicators              */
    const double *value;     /* [K] loadings of a factor; weights of a composite, to any scale */
    double within;           /* composite: correlation of every two of its indicators          */
    const double *opt_inner; /* [K][K] composite: these correlations instead; NULL: within     */
};

/*
 * Of the indicators, in the model's order: within a block as told; between blocks r_jk λ_j λ_kᵀ,
 * where a composite's loadings are λ = Σ_jj w, w scaled to wᵀΣ_jj w = 1.
 *
 *   constructs  [J][J]  in   pls_population_constructs()
 *   block       [J]     in
 *   correlation [p][p]  out  positive definite
 *   opt_weights [p]     out  the composites' scaled weights; of a factor, those of the regression of
 *                            the factor on its block, so scaled
 *   opt_loadings [p]    out
 *
 * Returns PLS_OK, or PLS_ESTUDY with the construct: a loading outside -1 … 1, weights all zero,
 * correlations within a block that no variables have.
 */
enum pls_code pls_population_indicators(const struct pls_model *model, const double *constructs,
                                        const struct pls_block_population *block,
                                        double *correlation, double *opt_weights,
                                        double *opt_loadings, struct pls_error *err);

/* ---- margins ---- */

enum { PLS_MOST_CUTS = 31 };

/* What an indicator looks like; mean 0, variance 1 before it is cut. {0} is normal. */
struct pls_margin {
    double skewness;
    double kurtosis;           /* in excess of the normal's                                  */
    double cut[PLS_MOST_CUTS]; /* rising; the value becomes 1 + the number of cuts below it   */
    size_t cuts;               /* 0: continuous                                              */
};

/*
 * Fleishman (1978): a, b, c, d, so that a + b z + c z² + d z³ of a normal z has mean 0, variance 1
 * and these moments. PLS_ESTUDY where there are none, with the nearest kurtosis that there is.
 */
enum pls_code pls_population_cubic(double skewness, double kurtosis, double cubic[4],
                                   struct pls_error *err);

/*
 * The correlation of two normals whose cubics correlate by r (Vale & Maurelli 1983): the root
 * nearest to r. False where there is none.
 */
bool pls_population_intermediate(double r, const double first[4], const double second[4],
                                 double *out);

/*
 * Cuts a margin so that its categories have these shares.
 *
 *   share   [categories]  in      positive, their sum 1 within 1e-9; 2 … PLS_MOST_CUTS + 1 of them
 *   margin                in/out  skewness and kurtosis are read, the cuts written
 *
 * PLS_ESTUDY: shares that are none, moments that cannot be had, a cubic that does not rise
 * everywhere (its quantiles are not those of z).
 */
enum pls_code pls_population_cuts(const double *share, size_t categories, struct pls_margin *margin,
                                  struct pls_error *err);

/* ---- samples ---- */

struct pls_generator; /* immutable once made */

/*
 *   correlation  [p][p]  in  of the indicators before they are cut
 *   opt_margin   [p]     in  NULL: all normal
 *   name         [p]     in  for sentences
 *
 * Correlations and moments before the cuts are exactly these; samples are L z, by Cholesky from the
 * intermediate correlations, and then the margins' cubics.
 *
 * Returns PLS_OK, PLS_EUNAVAILABLE, or PLS_ESTUDY: correlations that no variables have, moments
 * that cannot be had, or not together with these correlations (names both indicators).
 */
enum pls_code pls_generator_new(size_t p, const double *correlation,
                                const struct pls_margin *opt_margin, const char *const *name,
                                struct pls_generator **out_new, struct pls_error *err);
void pls_generator_free(struct pls_generator *generator);

/*
 * Cases 0 … n-1 of a sample; n * ceil(p/2) <= 2^32.
 *
 *   cell    in           below 2^24: samples of other cells (groups) are independent
 *   values  [n][p]  out
 */
void pls_generator_sample(const struct pls_generator *generator, uint64_t seed, uint32_t cell,
                          uint64_t sample, size_t n, double *values);

/*
 * Independent standard normals first … first+count-1 of a stream, first even: two from a block of
 * random.h (purpose PLS_PURPOSE_POPULATION, block number/2), each by the quantile function from an
 * odd multiple of 2^-53: the top 52 bits of two words, the first the low one.
 */
void pls_population_normals(uint64_t seed, uint32_t cell, uint64_t sample, uint64_t first,
                            size_t count, double *out);

/* Quantile of the standard normal, 0 < p < 1; Wichura's AS 241, with a logarithm of its own. */
double pls_population_quantile(double p);

#endif
