/*
 * gandy.c: Gandy (2009), JASA 104, 1504-1511: the exact recursion over P(S_n = s, no stop before)
 * at p = alpha. After n draws both boundaries have spent at most risk n / (spending + n).
 */
#include "gandy.h"

#include "plstrap/alloc.h"
#include "plstrap/permutation.h"

#include <stdlib.h>
#include <string.h>

void pls_gandy_free(struct pls_gandy *gandy)
{
    free(gandy->upper);
    free(gandy->lower);
    free(gandy->mass);
    *gandy = (struct pls_gandy){.alpha = gandy->alpha};
}

/* One more draw: s becomes s or s + 1. */
static void draw(struct pls_gandy *gandy)
{
    const double hit = gandy->alpha, miss = 1.0 - hit;
    double *const mass = gandy->mass;
    mass[gandy->width] = 0.0;
    for (size_t i = gandy->width; i > 0; i--)
        mass[i] = miss * mass[i] + hit * mass[i - 1];
    mass[0] *= miss;
    gandy->width++;
}

/* Cuts off what may be spent. A vector that is all spent keeps a place of mass 0. */
static void cut(struct pls_gandy *gandy, double allowed)
{
    size_t keep = gandy->width, from = 0;
    while (keep > 1 && gandy->spent_above + gandy->mass[keep - 1] <= allowed)
        gandy->spent_above += gandy->mass[--keep];
    while (from + 1 < keep && gandy->spent_below + gandy->mass[from] <= allowed)
        gandy->spent_below += gandy->mass[from++];
    memmove(gandy->mass, gandy->mass + from, (keep - from) * sizeof *gandy->mass);
    gandy->width = keep - from;
    gandy->first += (int64_t)from;
}

static enum pls_code start(struct pls_gandy *gandy, struct pls_error *err)
{
    const enum pls_code code =
        pls_grow(&gandy->mass, &gandy->capacity, 64, sizeof *gandy->mass, err);
    if (code == PLS_OK) {
        gandy->mass[0] = 1.0;
        gandy->width = 1;
    }
    return code;
}

enum pls_code pls_gandy_extend(struct pls_gandy *gandy, size_t steps, struct pls_error *err)
{
    enum pls_code code = gandy->width == 0 ? start(gandy, err) : PLS_OK;
    if (code == PLS_OK)
        code = pls_grow(&gandy->upper, &gandy->upper_capacity, steps, sizeof *gandy->upper, err);
    if (code == PLS_OK)
        code = pls_grow(&gandy->lower, &gandy->lower_capacity, steps, sizeof *gandy->lower, err);
    while (code == PLS_OK && gandy->steps < steps) {
        code = pls_grow(&gandy->mass, &gandy->capacity, gandy->width + 1, sizeof *gandy->mass, err);
        if (code != PLS_OK)
            break;
        draw(gandy);
        const double n = (double)gandy->steps + 1.0;
        cut(gandy, PLS_STOP_RISK * n / (PLS_STOP_SPENDING + n));
        gandy->upper[gandy->steps] = gandy->first + (int64_t)gandy->width;
        gandy->lower[gandy->steps] = gandy->first - 1;
        gandy->steps++;
    }
    return code;
}

enum pls_code pls_gandy_boundaries(double alpha, size_t count, int64_t *upper, int64_t *lower,
                                   struct pls_error *err)
{
    struct pls_gandy gandy = {.alpha = alpha};
    const enum pls_code code = pls_gandy_extend(&gandy, count, err);
    if (code == PLS_OK && count > 0) {
        memcpy(upper, gandy.upper, count * sizeof *upper);
        memcpy(lower, gandy.lower, count * sizeof *lower);
    }
    pls_gandy_free(&gandy);
    return code;
}
