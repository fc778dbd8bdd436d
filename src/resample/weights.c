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

void pls_weights_design(uint64_t seed, uint64_t row, const struct pls_design *design,
                        uint32_t *weights)
{
    if (design->plain) {
        pls_weights_bootstrap(seed, row, design->n, weights);
        return;
    }
    memset(weights, 0, design->n * sizeof *weights);
    for (size_t h = 0; h < design->strata; h++) {
        const size_t first = design->first[h], units = design->first[h + 1] - first;
        struct draws draws =
            draws_start(seed, PLS_PURPOSE_BOOTSTRAP, (uint32_t)h, row, (uint32_t)units);
        for (size_t i = 0; i < units; i++) {
            const size_t unit = first + draws_next(&draws);
            for (size_t r = design->start[unit]; r < design->start[unit + 1]; r++)
                weights[design->row[r]]++;
        }
    }
}

void pls_weights_jackknife(uint64_t row, size_t n, uint32_t *weights)
{
    for (size_t i = 0; i < n; i++)
        weights[i] = i != row;
}
