/*
 * batch.h: many replicates at once: the fast form of estimator.h and weights.h, with the same bits.
 *
 *   draw ─▶ counts [quad][lane][4] ─▶ moments ─▶ correlations ─▶ solve ─▶ statistics ─▶ rows [column][…]
 *
 * PLS_LANES replicates are drawn side by side, straight into the layout that the product of counts and
 * indicator products reads; they are solved a few lanes at a time, converged lanes are taken out and the
 * rest repacked. A lane that meets trouble (constant indicator, singular block, a count above 255, …) is
 * computed again by pls_estimator_row(), which so decides every status.
 */
#ifndef PLSTRAP_BATCH_H
#define PLSTRAP_BATCH_H

#include "plstrap/estimator.h"
#include "plstrap/kernels.h"

#include <stddef.h>
#include <stdint.h>

enum { PLS_LANES = 64 };

/* Bytes of a block of counts for n observations: ceil(n/4) quads of PLS_LANES * 4 bytes. */
size_t pls_counts_size(size_t n);

/*
 * Counts of the bootstrap replicates first … first+lanes-1 (weights.h, to the last bit):
 * observation i of lane l at counts[(i/4 * PLS_LANES + l) * 4 + i%4]. Padding observations and
 * lanes from `lanes` on are 0.
 *
 *   counts    [pls_counts_size(n)]  out  64-byte aligned
 *   overflow                        out  bit l: a count of lane l exceeds 255; its counts are then void
 *   scratch   [pls_draw_scratch(n)] -    64-byte aligned
 */
void pls_draw_lanes(enum pls_isa isa, uint64_t seed, uint64_t first, size_t lanes, size_t n,
                    uint8_t *counts, uint64_t *overflow, void *scratch);
size_t pls_draw_scratch(size_t n);

/* The same layout from weights [lanes][n] (jackknife, given resamples). */
void pls_counts_pack(const uint32_t *weights, size_t lanes, size_t n, uint8_t *counts,
                     uint64_t *overflow);

struct pls_batch; /* scratch of one rank or thread */

enum pls_code pls_batch_new(const struct pls_estimator *estimator, enum pls_isa isa,
                            struct pls_batch **out_new, struct pls_error *err);
void pls_batch_free(struct pls_batch *batch);

/* Gives the weights [n] of one replicate of those being computed, for the readable version. */
typedef void pls_weights_fn(void *self, uint64_t row, uint32_t *weights);

/* Where a batch gets its counts: draws or packs `lanes` <= PLS_LANES replicates from `first` on. */
struct pls_source {
    void *self;
    void (*counts)(void *self, uint64_t first, size_t lanes, uint8_t *counts, uint64_t *overflow);
    pls_weights_fn *weights;
};

/*
 * Rows first … first+count-1 of a source, any count.
 *
 *   opt_base  [columns]        in   as in pls_estimator_row()
 *   rows      [column][stride] out  count of them used; stride >= count
 *   outcomes  [count]          out
 *
 * Every value, status and iteration count is that of pls_estimator_row(), bit for bit.
 *
 * Some thousand rows a call are best: the last replicates that need many iterations are alone at its
 * end. A count that is a multiple of 8 but not of 512 is better than others: columns 4 KiB apart crowd
 * each other out of the cache (statistics of 2048 rows take twice to five times as long as of 2000).
 */
void pls_batch_rows(struct pls_batch *batch, const struct pls_source *source, uint64_t first,
                    size_t count, const double *opt_base, double *rows, size_t stride,
                    struct pls_outcome *outcomes);

/* Where the time of a batch goes, in units of the caller's clock. */
struct pls_batch_times {
    uint64_t counts;       /* source->counts()                                              */
    uint64_t moments;      /* sums of products                                              */
    uint64_t correlations; /* S                                                             */
    uint64_t solve;        /* iterations, and moving lanes that need many                   */
    uint64_t statistics;   /* loadings, signs, paths, effects, and writing the row          */
    uint64_t reference;    /* rows that the readable version computed again                 */
    uint64_t again;        /* how many these were                                           */
};

/*
 * Adds the times of all further rows to `times`, which outlive the batch; it reads the clock some
 * four times per group of lanes (8 with AVX-512). NULL ends it.
 */
void pls_batch_time(struct pls_batch *batch, uint64_t (*clock)(void),
                    struct pls_batch_times *times);

#endif
