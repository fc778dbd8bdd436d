/* weights.c: resampling schemes as weights of the observations. */
#include "plstrap/weights.h"

#include "draws.h"

#include <string.h>

void pls_weights_bootstrap(uint64_t seed, uint64_t row, size_t n, uint32_t *weights)
{
    struct draws draws = draws_start(seed, PLS_PURPOSE_BOOTSTRAP, 0, row, (uint32_t)n);
    memset(weights, 0, n * sizeof *weights);
    for (size_t i = 0; i < n; i++)
        weights[draws_next(&draws)]++;
}

void pls_weights_jackknife(uint64_t row, size_t n, uint32_t *weights)
{
    for (size_t i = 0; i < n; i++)
        weights[i] = i != row;
}
