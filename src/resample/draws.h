/*
 * draws.h: one replicate's stream of exact bounded draws, one at a time (random.h has the rule).
 *
 *   blocks of four words ─▶ pieces of 8, 16 or 32 bits, low end first ─▶ index, or the next piece
 */
#ifndef PLSTRAP_DRAWS_H
#define PLSTRAP_DRAWS_H

#include "plstrap/random.h"

struct draws {
    uint64_t seed;
    uint64_t row;
    enum pls_purpose purpose;
    uint32_t cell;
    uint32_t n;
    unsigned bits;     /* of a piece */
    uint64_t mask;     /* 2^bits - 1 */
    uint64_t rejected; /* 2^bits mod n: remainders below it would favour some indices */
    uint32_t block;    /* number of the next block */
    uint32_t word[4];
    unsigned used; /* bits of the block handed out */
};

static inline struct draws draws_start(uint64_t seed, enum pls_purpose purpose, uint32_t cell,
                                       uint64_t row, uint32_t n)
{
    const unsigned bits = n <= 256 ? 8 : n <= 65536 ? 16 : 32;
    const uint64_t range = (uint64_t)1 << bits;
    return (struct draws){.seed = seed,
                          .row = row,
                          .purpose = purpose,
                          .cell = cell,
                          .n = n,
                          .bits = bits,
                          .mask = range - 1,
                          .rejected = range % n,
                          .used = 128};
}

/* Lemire (2019), ACM TOMACS 29:3: multiply, keep the high part, reject by the low part. */
static inline uint32_t draws_next(struct draws *draws)
{
    for (;;) {
        if (draws->used == 128) {
            pls_random_block(draws->seed, draws->purpose, draws->cell, draws->row, draws->block++,
                             draws->word);
            draws->used = 0;
        }
        const uint64_t piece = draws->word[draws->used / 32] >> (draws->used % 32) & draws->mask;
        const uint64_t product = piece * draws->n;
        draws->used += draws->bits;
        if ((product & draws->mask) >= draws->rejected)
            return (uint32_t)(product >> draws->bits);
    }
}

#endif
