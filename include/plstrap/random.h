/*
 * random.h: random numbers as a function of (seed, purpose, row, position): Philox4x32-10.
 *
 * Random123 (Salmon, Moraes, Dror & Shaw 2011, SC'11). key = seed, low word first; counter =
 * (block, purpose << 24 | cell, row low, row high). A block yields four 32-bit words, in order;
 * each word is cut from its low end into bytes (n <= 256), 16-bit halves (n <= 65,536) or taken
 * whole. A piece u of b bits gives the index (u*n) >> b and is rejected if (u*n) mod 2^b < 2^b mod
 * n, so every index has exactly the same probability. Pinned for all time by
 * tests/golden/draws.tsv, which another implementation made.
 */
#ifndef PLSTRAP_RANDOM_H
#define PLSTRAP_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What the numbers are for: streams of different purposes never overlap. Only ever appended to. */
enum pls_purpose {
    PLS_PURPOSE_BOOTSTRAP = 0,   /* cell: number of the stratum    */
    PLS_PURPOSE_PERMUTATION = 1, /* cell: number of the comparison */
    PLS_PURPOSE_WITHIN = 2,      /* cell: number of the construct  */
    PLS_PURPOSE_POPULATION = 3   /* cell: number of the population */
};

/* The four words of one block. cell < 2^24. */
void pls_random_block(uint64_t seed, enum pls_purpose purpose, uint32_t cell, uint64_t row,
                      uint32_t block, uint32_t out[4]);

/*
 * `count` independent indices, uniform on 0 … n-1, written to out [count]. 1 <= n <= 2^32 - 1.
 */
void pls_random_indices(uint64_t seed, enum pls_purpose purpose, uint32_t cell, uint64_t row,
                        uint32_t n, size_t count, uint32_t *out);

#endif
