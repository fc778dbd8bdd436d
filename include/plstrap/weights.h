/*
 * weights.h: a replicate is a weight for every observation.
 */
#ifndef PLSTRAP_WEIGHTS_H
#define PLSTRAP_WEIGHTS_H

#include "plstrap/design.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Bootstrap replicate `row` of `seed`: how often each of n observations is drawn, n draws in all,
 * those of pls_random_indices() for PLS_PURPOSE_BOOTSTRAP, cell 0. 1 <= n <= 2^32 - 1.
 *
 *   weights  [n]  out
 */
void pls_weights_bootstrap(uint64_t seed, uint64_t row, size_t n, uint32_t *weights);

/*
 * The same for a design: of each stratum as many units as it has, drawn among them by
 * pls_random_indices() for PLS_PURPOSE_BOOTSTRAP, the cell the number of the stratum (below 2^24);
 * all rows of a unit get its count. Of a plain design exactly pls_weights_bootstrap().
 *
 *   weights  [design->n]  out
 */
void pls_weights_design(uint64_t seed, uint64_t row, const struct pls_design *design,
                        uint32_t *weights);

/* Jackknife replicate `row`, 0 <= row < n: every observation once, the one numbered row not at all.
 * */
void pls_weights_jackknife(uint64_t row, size_t n, uint32_t *weights);

#endif
