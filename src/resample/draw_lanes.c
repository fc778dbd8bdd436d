/* draw_lanes.c: the counts of many replicates in the layout of the product (batch.h). */
#include "draw_lanes.h"

#include "plstrap/batch.h"
#include "plstrap/weights.h"

#include <string.h>

static size_t quads_of(size_t n)
{
    return n / 4 + (n % 4 != 0);
}

size_t pls_counts_size(size_t n)
{
    return quads_of(n) * 4 * PLS_LANES;
}

/* Room for the work of a group, and so for the weights of one replicate. */
size_t pls_draw_scratch(size_t n)
{
    return (quads_of(n) + 1) * 4 * DRAW_GROUP;
}

/* Returns whether a weight does not fit a byte. */
static bool pack_lane(const uint32_t *weights, size_t n, size_t lane, uint8_t *counts)
{
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++) {
        all |= weights[i];
        counts[(i / 4 * PLS_LANES + lane) * 4 + i % 4] = (uint8_t)weights[i];
    }
    return all > UINT8_MAX;
}

void pls_counts_pack(const uint32_t *weights, size_t lanes, size_t n, uint8_t *counts,
                     uint64_t *overflow)
{
    *overflow = 0;
    memset(counts, 0, pls_counts_size(n));
    for (size_t lane = 0; lane < lanes; lane++)
        *overflow |= (uint64_t)pack_lane(weights + lane * n, n, lane, counts) << lane;
}

static void draw_readably(uint64_t seed, uint64_t first, size_t lanes, size_t n, uint8_t *counts,
                          uint64_t *overflow, uint32_t *weights)
{
    *overflow = 0;
    memset(counts, 0, pls_counts_size(n));
    for (size_t lane = 0; lane < lanes; lane++) {
        pls_weights_bootstrap(seed, first + lane, n, weights);
        *overflow |= (uint64_t)pack_lane(weights, n, lane, counts) << lane;
    }
}

void pls_draw_lanes(enum pls_isa isa, uint64_t seed, uint64_t first, size_t lanes, size_t n,
                    uint8_t *counts, uint64_t *overflow, void *scratch)
{
    draw_lanes_fn *kernel = NULL;
    switch (isa) {
    case PLS_ISA_PORTABLE:
        kernel = pls_draw_lanes_portable;
        break;
#if defined __x86_64__
    case PLS_ISA_AVX2:
        kernel = pls_draw_lanes_avx2;
        break;
    case PLS_ISA_AVX512:
        kernel = pls_draw_lanes_avx512;
        break;
#endif
    default:
        break;
    }
    if (kernel == NULL || n > DRAW_MOST) {
        draw_readably(seed, first, lanes, n, counts, overflow, scratch);
        return;
    }
    const struct draw_lanes draw = {
        .seed = seed, .first = first, .lanes = lanes, .n = (uint32_t)n, .draws = (uint32_t)n};
    *overflow = kernel(&draw, counts, scratch);
}
