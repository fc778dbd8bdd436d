/* isa.c: which instruction sets this build and this processor have. */
#include "plstrap/kernels.h"

#include <stdbool.h>
#include <string.h>

static const char *const names[PLS_ISAS] = {"ref", "portable", "avx2", "avx512"};

const char *pls_isa_name(enum pls_isa isa)
{
    return names[isa];
}

static bool is_available(enum pls_isa isa)
{
#if defined(__x86_64__)
    if (isa == PLS_ISA_AVX2)
        return __builtin_cpu_supports("avx2");
    if (isa == PLS_ISA_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vnni");
#endif
    return isa == PLS_ISA_REF || isa == PLS_ISA_PORTABLE;
}

enum pls_code pls_isa_select(const char *opt_forced, enum pls_isa *out, struct pls_error *err)
{
    enum pls_isa isa = PLS_ISAS;
    if (opt_forced == NULL || opt_forced[0] == '\0') {
        while (!is_available(--isa))
            ;
        *out = isa;
        return PLS_OK;
    }
    for (isa = PLS_ISA_REF; isa < PLS_ISAS && strcmp(opt_forced, names[isa]) != 0;)
        isa++;
    if (isa == PLS_ISAS)
        return pls_fail(err, PLS_EUSAGE,
                        "there is no instruction set \"%.40s\"; PLSTRAP_ISA may be ref, portable, "
                        "avx2 or avx512, or be left unset for the best",
                        opt_forced);
    if (!is_available(isa))
        return pls_fail(err, PLS_EUNAVAILABLE,
                        "this processor or this build lacks the instruction set %s; leave "
                        "PLSTRAP_ISA unset for the best there is (the results are the same)",
                        opt_forced);
    *out = isa;
    return PLS_OK;
}
