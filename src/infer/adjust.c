/* adjust.c: p-values of a family, adjusted one by one: the step-up and step-down procedures. */
#include "plstrap/alloc.h"
#include "plstrap/permutation.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    double p;
    size_t at;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->p != y->p ? (x->p > y->p) - (x->p < y->p) : (x->at > y->at) - (x->at < y->at);
}

enum pls_procedure pls_procedure_of(enum pls_adjust adjust)
{
    switch (adjust) {
    case PLS_ADJUST_BONFERRONI:
        return PLS_PROCEDURE_BONFERRONI;
    case PLS_ADJUST_BH:
        return PLS_PROCEDURE_BH;
    case PLS_ADJUST_NONE:
        return PLS_PROCEDURE_NONE;
    case PLS_ADJUST_MAXT:
    case PLS_ADJUST_HOLM:
        break;
    }
    return PLS_PROCEDURE_HOLM;
}

static double harmonic(size_t m)
{
    double sum = 0.0;
    for (size_t i = m; i > 0; i--)
        sum += 1.0 / (double)i;
    return sum;
}

/* What the i-th smallest of m, from 0, is multiplied by. */
static double factor(enum pls_procedure procedure, size_t i, size_t m)
{
    const double all = (double)m, rank = (double)i + 1.0;
    switch (procedure) {
    case PLS_PROCEDURE_BONFERRONI:
        return all;
    case PLS_PROCEDURE_HOLM:
    case PLS_PROCEDURE_HOCHBERG:
        return all - (double)i;
    case PLS_PROCEDURE_BH:
    case PLS_PROCEDURE_BY:
        return all / rank;
    case PLS_PROCEDURE_NONE:
        break;
    }
    return 1.0;
}

static void step(enum pls_procedure procedure, const struct ranked *ranked, size_t m,
                 double *adjusted)
{
    const bool up = procedure == PLS_PROCEDURE_HOCHBERG || procedure == PLS_PROCEDURE_BH ||
                    procedure == PLS_PROCEDURE_BY;
    const double times = procedure == PLS_PROCEDURE_BY ? harmonic(m) : 1.0;
    double before = up ? 1.0 : 0.0;
    for (size_t j = 0; j < m; j++) {
        const size_t i = up ? m - 1 - j : j;
        const double own = fmin(1.0, times * factor(procedure, i, m) * ranked[i].p);
        before = up ? fmin(before, own) : fmax(before, own);
        adjusted[ranked[i].at] = before;
    }
}

enum pls_code pls_adjust(enum pls_procedure procedure, const double *p, size_t count,
                         double *adjusted, struct pls_error *err)
{
    struct ranked *ranked = NULL;
    const enum pls_code code = pls_alloc(&ranked, count, sizeof *ranked, err);
    if (code != PLS_OK)
        return code;
    size_t m = 0;
    for (size_t k = 0; k < count; k++) {
        if (!isnan(p[k]))
            ranked[m++] = (struct ranked){p[k], k};
        adjusted[k] = p[k];
    }
    qsort(ranked, m, sizeof *ranked, by_p);
    step(procedure, ranked, m, adjusted);
    free(ranked);
    return PLS_OK;
}
