/* sweep.c: which kernel sweeps. */
#include "sweep.h"

pls_sweep_fn *pls_sweep_of(enum pls_isa isa)
{
    switch (isa) {
#if defined(__x86_64__)
    case PLS_ISA_AVX2:
        return pls_sweep_avx2;
    case PLS_ISA_AVX512:
        return pls_sweep_avx512;
#endif
    default:
        return pls_sweep_portable;
    }
}
