/* sums.h: block checksums and digest of complete rows, made while their maker does other things. */
#ifndef PLSTRAP_STORE_SUMS_H
#define PLSTRAP_STORE_SUMS_H

#include "schema.h"

struct pls_sums;

/*
 * Begins to read all rows, which from now on do not change. Where the system grants no thread,
 * this returns when they are read.
 *
 *   contents, lanes  in  must stay as they are until pls_sums_free
 */
enum pls_code pls_sums_begin(struct pls_sums **out_new, const struct pls_contents *contents,
                             const struct pls_lanes *lanes, struct pls_error *err);

/* Waits for the end. blocks [series][lanes][blocks of the series] and digest live with sums. */
enum pls_code pls_sums_wait(struct pls_sums *sums, uint64_t *const **blocks, const char **digest,
                            struct pls_error *err);

void pls_sums_free(struct pls_sums *sums); /* ends the reading where it is */

#endif
