/* peak.h: the loops of one instruction set that find its peaks. */
#ifndef PLSTRAP_PEAK_H
#define PLSTRAP_PEAK_H

#include <stddef.h>
#include <stdint.h>

enum { PEAK_TABLE = 4096 }; /* bytes of each table: L1 holds them all */

/* What a loop works on, 64-byte aligned. */
struct peak_work {
    double *numbers;   /* [PEAK_TABLE / 8] from 1 to 2                          */
    uint8_t *bytes;    /* [PEAK_TABLE] 0 … 3                                    */
    uint16_t *places;  /* [PEAK_TABLE / 2] of bytes in a table                  */
    uint8_t *counts;   /* [PEAK_TABLE]                                          */
    unsigned char *at; /* memory to be read or written; moves on                */
    uint64_t seen;     /* something of every result, so that none is left out   */
};

/* Does `rounds` rounds; each is so many operations as its table says. */
struct peak_loop {
    void (*run)(struct peak_work *work, size_t rounds);
    double each;
};

struct peak_loops {
    struct peak_loop dot, f64, root, division, philox, increments, read, write;
    const char *dot_with;
};

extern const struct peak_loops peak_loops_portable;
#if defined(__x86_64__)
extern const struct peak_loops peak_loops_avx2;
extern const struct peak_loops peak_loops_avx512;
#endif

#endif
