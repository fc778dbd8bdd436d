/* linear.h: what the files of this room share. */
#ifndef PLSTRAP_POPULATION_LINEAR_H
#define PLSTRAP_POPULATION_LINEAR_H

#include <stddef.h>

/*
 * Lower triangle L of a = L Lᵀ; the upper one is zeroed. a may be lower itself.
 *
 * Returns n, or the number of the first row at which a is not positive definite.
 */
size_t population_cholesky(size_t n, const double *a, double *lower);

/* Whether the cubic never falls: b > 0 and c² <= 3bd. */
int population_rises(const double cubic[4]);

static inline double population_cubic_at(const double cubic[4], double z)
{
    return cubic[0] + z * (cubic[1] + z * (cubic[2] + z * cubic[3]));
}

#endif
