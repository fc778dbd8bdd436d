/*
 * job.h: the one shape of all jobs.
 *
 * A job is a list of series: tables of rows 0 … count-1, each row computed alone. cluster and store
 * know
 * what is on this page and nothing of PLS.
 */
#ifndef PLSTRAP_JOB_H
#define PLSTRAP_JOB_H

#include "plstrap/error.h"
#include "plstrap/rows.h"

#include <stddef.h>
#include <stdint.h>

struct pls_series {
    const char *name;                  /* "bootstrap", "jackknife", "permutation/male-female"  */
    uint64_t count;                    /* rows; raising it later keeps the rows that exist      */
    const struct pls_columns *columns; /* what a row holds                                      */
};

/* Some rows of one series. */
struct pls_range {
    uint32_t series;
    uint64_t first;
    uint64_t count;
};

/* One of the parts that a job is split into, to be united later (--shard). */
struct pls_shard {
    uint32_t number; /* 1 … of; {0, 0} is the whole job */
    uint32_t of;
};

enum { PLS_SHARD_ROWS = 64, PLS_SHARD_MOST = 1000000 };

/*
 * The rows of a series of `rows` rows that a shard computes: from rows (number - 1)/of to
 * rows number/of, each rounded down to a multiple of `unit`; the last shard's end is the last row.
 * Of many shards some are empty.
 */
struct pls_range pls_shard_range(struct pls_shard shard, uint32_t series, uint64_t rows,
                                 uint64_t unit);

/*
 * Computes rows first … first+count-1 of a series.
 *
 *   state          in   of this rank
 *   rows           out  [column][count]: column c of the i-th row is rows[c * count + i]
 *   outcomes       out  [count]
 *
 * A row that cannot be computed is not an error: its outcome says so. Errors are for the world
 * (memory).
 */
typedef enum pls_code pls_replicate_fn(void *state, size_t series, uint64_t first, size_t count,
                                       double *rows, struct pls_outcome *outcomes,
                                       struct pls_error *err);

#endif
