/* shard.c: which rows a part of a job computes. */
#include "plstrap/job.h"

/* rows · k/of rounded down, without a product that overflows. */
static uint64_t portion(uint64_t rows, uint64_t k, uint64_t of)
{
    return rows / of * k + rows % of * k / of;
}

struct pls_range pls_shard_range(struct pls_shard shard, uint32_t series, uint64_t rows,
                                 uint64_t unit)
{
    if (shard.of == 0)
        return (struct pls_range){series, 0, rows};
    const uint64_t first = portion(rows, shard.number - 1, shard.of) / unit * unit;
    const uint64_t end =
        shard.number < shard.of ? portion(rows, shard.number, shard.of) / unit * unit : rows;
    return (struct pls_range){series, first, end - first};
}
