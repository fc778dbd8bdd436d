/*
 * bootstrap_internal.h: what the files of the bootstrap job share.
 *
 *   rows that are stored ──▶ bootstrap_facts.c ─┐
 *   rows that are not ─────▶ bootstrap_tally.c ─┴▶ facts ─▶ bootstrap_tables.c ─▶ tables
 *                            bootstrap_ledger.c: as bytes
 */
#ifndef PLSTRAP_BOOTSTRAP_INTERNAL_H
#define PLSTRAP_BOOTSTRAP_INTERNAL_H

#include "plstrap/bootstrap.h"
#include "plstrap/infer.h"

enum { SERIES_BOOTSTRAP, SERIES_JACKKNIFE };

/* What the tables are made from: how rows ended, and the inference of each column. */
struct pls_facts {
    const struct pls_plan *plan;
    const struct pls_columns *columns;
    struct pls_series series[2];
    size_t series_count;
    size_t places;      /* numbers that `where` can take: indicators or constructs, and one more */
    uint64_t *failures; /* [2][PLS_STATUS_COUNT][places] rows by series, status and place        */
    uint64_t *turned;   /* [places] ok bootstrap rows in which alignment turned construct j first */
    struct pls_inference *inference; /* [columns] */
};

enum pls_code pls_facts_init(struct pls_facts *facts, const struct pls_plan *plan,
                             struct pls_error *err);
void pls_facts_free(struct pls_facts *facts);

/* Counts how rows ended; usable [count] is 1 where a row enters the inference. */
enum pls_code pls_facts_count(struct pls_facts *facts, size_t series,
                              const struct pls_outcome *outcomes, size_t count, uint8_t *usable,
                              struct pls_error *err);

/* Rows of a series that ended in a status at a place (0 for ok). */
uint64_t *pls_facts_failures(const struct pls_facts *facts, size_t series, size_t status,
                             size_t where);

struct pls_infer_options pls_facts_options(const struct pls_plan *plan, enum pls_isa isa);

/* Bootstrap rows there are to be, and those counted by status. */
void pls_reckoning_count_ends(const struct pls_reckoning *reckoning, uint64_t *all,
                              uint64_t ended[PLS_STATUS_COUNT]);

/* All tables of the report. */
enum pls_code pls_facts_tables(const struct pls_facts *facts, struct pls_tables *tables,
                               struct pls_error *err);

#endif
