/*
 * schema.h: the result file as HDF5 sees it: how it is laid out, completed and read.
 *
 * The schema is documented in plstrap-result(5). Datasets are contiguous, so that the bytes of
 * each are one run in the file: HDF5 is asked where they lie, and lanes.h reads and writes them.
 */
#ifndef PLSTRAP_STORE_SCHEMA_H
#define PLSTRAP_STORE_SCHEMA_H

#include "lanes.h"
#include "plstrap/error.h"
#include "plstrap/store.h"
#include "plstrap/table.h"

#include <stdint.h>

/* Creates the file at lanes->path, which must not exist, and fills in the lanes' offsets. */
enum pls_code pls_schema_lay_out(const struct pls_contents *contents, struct pls_lanes *lanes,
                                 struct pls_error *err);

/* What is only known at the end. sums [series][lanes][blocks of the series]. */
enum pls_code pls_schema_complete(const char *path, const struct pls_lanes *lanes,
                                  const struct pls_contents *contents, uint64_t *const *sums,
                                  const char *digest, const struct pls_tables *tables,
                                  struct pls_error *err);

/* A finished result in memory, but for its rows. */
struct pls_result {
    struct pls_contents contents;
    struct pls_columns columns;
    struct pls_series *series;
    struct pls_range *part; /* [series] of a shard */
    char *state;            /* of a shard without rows */
    struct pls_lanes lanes; /* open */
    uint64_t **sums;        /* [series][lanes][blocks] as stored */
    struct pls_tables tables;
    double *estimate;
    char *job, *study, *model, *rows_digest, *version, *digest;
    char **indicator, **construct; /* each array and its texts are one allocation */
};

/* All but the check of the rows against sums. */
enum pls_code pls_schema_read(const char *path, struct pls_result **out_new, struct pls_error *err);

/* Blocks of a series, the last of which may be short. */
uint64_t pls_schema_blocks(uint64_t rows);

#endif
