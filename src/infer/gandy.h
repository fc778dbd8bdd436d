/*
 * gandy.h: the boundaries of Gandy (2009), made as far as they are wanted. Inside the room only.
 */
#ifndef PLSTRAP_GANDY_H
#define PLSTRAP_GANDY_H

#include "plstrap/error.h"

#include <stddef.h>
#include <stdint.h>

/* Starts as {.alpha = …}. */
struct pls_gandy {
    double alpha;
    int64_t *upper; /* [steps] stop where S_n >= upper[n - 1] */
    int64_t *lower; /* [steps] or S_n <= lower[n - 1]         */
    size_t steps;
    size_t upper_capacity, lower_capacity;
    double *mass; /* [width] P(S_n = first + i, no stop up to n), p = alpha */
    size_t width, capacity;
    int64_t first;
    double spent_above, spent_below; /* P(stop above, below up to n) */
};

enum pls_code pls_gandy_extend(struct pls_gandy *gandy, size_t steps, struct pls_error *err);
void pls_gandy_free(struct pls_gandy *gandy);

#endif
