/*
 * kernels.h: which instruction set the hot loops use, chosen once at run time and passed on.
 *
 * Every kernel is one plain-C source, compiled once per instruction set; a row has the same bits
 * whichever is taken (no fused multiply-add, one order of summation per replicate), so this choice is
 * never visible in a result. `ref` is the readable version, one replicate at a time: the specification.
 */
#ifndef PLSTRAP_KERNELS_H
#define PLSTRAP_KERNELS_H

#include "plstrap/error.h"

enum pls_isa { PLS_ISA_REF, PLS_ISA_PORTABLE, PLS_ISA_AVX2, PLS_ISA_AVX512, PLS_ISAS };

/*
 * The best instruction set of this processor (AVX-512 means F, BW, DQ, VL and VNNI), or the one that is
 * forced.
 *
 *   opt_forced  in  "ref", "portable", "avx2", "avx512", or NULL or "" for the best
 *
 * Returns PLS_OK; PLS_EUSAGE for an unknown name, with those there are; PLS_EUNAVAILABLE for one that
 * this processor or this build lacks.
 */
enum pls_code pls_isa_select(const char *opt_forced, enum pls_isa *out, struct pls_error *err);

/* "ref", "portable", "avx2", "avx512" */
const char *pls_isa_name(enum pls_isa isa);

#endif
