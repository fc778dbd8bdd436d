/*
 * draw_lanes.h: the kernel behind pls_draw_lanes(), one function per instruction set.
 *
 * Rows go side by side, DRAW_GROUP of them at a time:
 *
 *   Philox, a row per vector lane ─▶ place of each piece ─▶ counts of the group [quad][row][4]
 *   ─▶ counts of all lanes [quad][lane][4]; a byte that wrapped is seen by its row's sum
 *
 * All rows of a group take the same words until the slowest has its draws, so no row needs a branch
 * of its own: a piece that is rejected, or comes after a row's last draw, goes to a spare quad.
 */
#ifndef PLSTRAP_DRAW_LANES_H
#define PLSTRAP_DRAW_LANES_H

#include <stddef.h>
#include <stdint.h>

enum { DRAW_GROUP = 16 };

/* Beyond it an offset into the work of a group does not fit 32 bits. */
#define DRAW_MOST ((size_t)1 << 27)

/* What to draw: `draws` of n for each of rows first … first+lanes-1; 1 <= n <= DRAW_MOST. */
struct draw_lanes {
    uint64_t seed;
    uint64_t first;
    size_t lanes;
    uint32_t n;
    uint32_t draws;
};

/*
 *   counts  [pls_counts_size(n)]                   out  as in pls_draw_lanes()
 *   work    [(ceil(n/4) + 1) * 4 * DRAW_GROUP]     -    64-byte aligned
 *
 * Returns the lanes of which a count exceeds 255, bit l for lane l.
 */
typedef uint64_t draw_lanes_fn(const struct draw_lanes *draw, uint8_t *restrict counts,
                               uint8_t *restrict work);

draw_lanes_fn pls_draw_lanes_portable;
draw_lanes_fn pls_draw_lanes_avx2;
draw_lanes_fn pls_draw_lanes_avx512;

#endif
