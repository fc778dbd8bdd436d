/* maxt.c: Westfall & Young (1993), algorithm 4.1: step-down maxT, counted row by row. */
#include "plstrap/alloc.h"
#include "plstrap/permutation.h"

#include <math.h>
#include <stdlib.h>

enum { PORTION = 256 }; /* rows whose maxima stay in the first cache */

struct hypothesis {
    size_t at;
    double t; /* |observed|/sd */
    double inverse;
};

struct pls_maxt {
    size_t count;
    size_t members;
    struct hypothesis *member; /* [members] by falling t */
    uint64_t *exceeded;        /* [members] */
    uint64_t used;
};

static int by_falling_t(const void *a, const void *b)
{
    const struct hypothesis *x = a, *y = b;
    return x->t != y->t ? (x->t < y->t) - (x->t > y->t) : (x->at > y->at) - (x->at < y->at);
}

void pls_maxt_free(struct pls_maxt *maxt)
{
    if (maxt == NULL)
        return;
    free(maxt->member);
    free(maxt->exceeded);
    free(maxt);
}

enum pls_code pls_maxt_new(const double *observed, const double *sd, size_t count,
                           struct pls_maxt **out_new, struct pls_error *err)
{
    struct pls_maxt *maxt = NULL;
    enum pls_code code = pls_alloc(&maxt, 1, sizeof *maxt, err);
    if (code == PLS_OK)
        code = pls_alloc(&maxt->member, count, sizeof *maxt->member, err);
    if (code == PLS_OK)
        code = pls_alloc(&maxt->exceeded, count, sizeof *maxt->exceeded, err);
    if (code != PLS_OK) {
        pls_maxt_free(maxt);
        return code;
    }
    maxt->count = count;
    for (size_t k = 0; k < count; k++)
        if (!isnan(observed[k]) && sd[k] > 0.0)
            maxt->member[maxt->members++] =
                (struct hypothesis){k, fabs(observed[k]) / sd[k], 1.0 / sd[k]};
    qsort(maxt->member, maxt->members, sizeof *maxt->member, by_falling_t);
    *out_new = maxt;
    return PLS_OK;
}

static const double *column_of(const struct pls_maxt *maxt, size_t member, const double *values,
                               size_t stride, const size_t *opt_column)
{
    const size_t at = maxt->member[member].at;
    return values + (opt_column == NULL ? at : opt_column[at]) * stride;
}

/* At most PORTION rows from first on. */
static void add_portion(struct pls_maxt *maxt, const double *values, size_t stride,
                        const size_t *opt_column, const uint8_t *usable, size_t first, size_t rows)
{
    double most[PORTION];
    uint8_t whole[PORTION];
    for (size_t r = 0; r < rows; r++)
        whole[r] = usable[first + r] == 1;
    for (size_t m = 0; m < maxt->members; m++) {
        const double *value = column_of(maxt, m, values, stride, opt_column) + first;
        for (size_t r = 0; r < rows; r++)
            whole[r] &= value[r] == value[r];
    }
    for (size_t r = 0; r < rows; r++) {
        maxt->used += whole[r];
        most[r] = whole[r] ? 0.0 : -INFINITY;
    }
    for (size_t m = maxt->members; m-- > 0;) {
        const struct hypothesis *own = &maxt->member[m];
        const double *value = column_of(maxt, m, values, stride, opt_column) + first;
        const double limit = own->t - 1e-10 * fmax(1.0, own->t);
        uint64_t exceeded = 0;
        for (size_t r = 0; r < rows; r++) {
            const double t = fabs(value[r]) * own->inverse;
            most[r] = whole[r] && t > most[r] ? t : most[r];
            exceeded += most[r] >= limit;
        }
        maxt->exceeded[m] += exceeded;
    }
}

void pls_maxt_add(struct pls_maxt *maxt, const double *values, size_t stride,
                  const size_t *opt_column, const uint8_t *usable, size_t rows)
{
    for (size_t first = 0; first < rows; first += PORTION)
        add_portion(maxt, values, stride, opt_column, usable, first,
                    rows - first < PORTION ? rows - first : PORTION);
}

size_t pls_maxt_size(const struct pls_maxt *maxt)
{
    return 1 + maxt->count;
}

void pls_maxt_pack(const struct pls_maxt *maxt, uint64_t *out)
{
    out[0] = maxt->used;
    for (size_t k = 0; k < maxt->count; k++)
        out[1 + k] = 0;
    for (size_t m = 0; m < maxt->members; m++)
        out[1 + maxt->member[m].at] = maxt->exceeded[m];
}

void pls_maxt_unpack(struct pls_maxt *maxt, const uint64_t *counts)
{
    maxt->used += counts[0];
    for (size_t m = 0; m < maxt->members; m++)
        maxt->exceeded[m] += counts[1 + maxt->member[m].at];
}

void pls_maxt_finish(const struct pls_maxt *maxt, bool exact, double *adjusted)
{
    for (size_t k = 0; k < maxt->count; k++)
        adjusted[k] = NAN;
    if (maxt->used == 0)
        return;
    const double more = exact ? 0.0 : 1.0;
    double before = 0.0;
    for (size_t m = 0; m < maxt->members; m++) {
        const double own = ((double)maxt->exceeded[m] + more) / ((double)maxt->used + more);
        before = fmax(before, own);
        adjusted[maxt->member[m].at] = before;
    }
}
