/* random.c: Philox4x32-10 from Random123, and bounded draws cut from it. */
#include "draws.h"

#include <Random123/philox.h>

void pls_random_block(uint64_t seed, enum pls_purpose purpose, uint32_t cell, uint64_t row,
                      uint32_t block, uint32_t out[4])
{
    const philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    const philox4x32_ctr_t counter = {
        {block, (uint32_t)purpose << 24 | cell, (uint32_t)row, (uint32_t)(row >> 32)}};
    const philox4x32_ctr_t word = philox4x32_R(10, counter, key);
    for (size_t i = 0; i < 4; i++)
        out[i] = word.v[i];
}

void pls_random_indices(uint64_t seed, enum pls_purpose purpose, uint32_t cell, uint64_t row,
                        uint32_t n, size_t count, uint32_t *out)
{
    struct draws draws = draws_start(seed, purpose, cell, row, n);
    for (size_t i = 0; i < count; i++)
        out[i] = draws_next(&draws);
}
