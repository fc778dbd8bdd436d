/*
 * job_internal.h: what the files of the jobs share.
 *
 *   job.c            one face for all jobs; what a job is made of: struct pls_job_kind
 *   rows that are stored ──▶ job_facts.c ─┐
 *   rows that are not ─────▶ job_tally.c ─┴▶ facts ─▶ kind->tables: bootstrap_tables.c, permute_tables.c
 *                            job_ledger.c: as bytes
 */
#ifndef PLSTRAP_JOB_INTERNAL_H
#define PLSTRAP_JOB_INTERNAL_H

#include "plstrap/infer.h"
#include "plstrap/jobs.h"

/* Series 0 is what the job is about, and may be only counted; series 1 is small and always whole. */
enum { SERIES_MAIN, SERIES_WHOLE };

/* What the tables are made from: how rows ended, and the inference of each column. */
struct pls_facts {
    const struct pls_plan *plan;
    const struct pls_columns *columns;
    struct pls_series series[2];
    size_t series_count;
    size_t places;      /* numbers that `where` can take: indicators or constructs, and one more */
    uint64_t *failures; /* [2][PLS_STATUS_COUNT][places] rows by series, status and place        */
    uint64_t *turned; /* [places] ok rows of series 0 in which alignment turned construct j first */
    uint64_t *counter; /* [counters] the kind's own, of rows of series 0: they add up             */
    size_t counters;
    double
        *settled; /* [settled_count] the kind's own, from series 1 and the first rows of series 0 */
    size_t settled_count;
    struct pls_inference *inference; /* [columns] of series 0 */
    const char *stopped;             /* why `replicates: auto` stopped, or NULL */
};

/* Some rows of series 0 that are in memory. */
struct pls_tile {
    const double *rows; /* column c of row i at rows[c * stride + i] */
    size_t stride;
    const struct pls_outcome *outcomes; /* [count] */
    const uint8_t *usable;              /* [count] 1: enters the inference */
    size_t count;
};

/* A job. */
struct pls_job_kind {
    const char *name; /* as a result's attribute has it */
    size_t (*series)(const struct pls_plan *plan, struct pls_series series[2]);
    enum pls_on_failure (*on_failure)(const struct pls_plan *plan);

    enum pls_code (*prepare)(const struct pls_plan *plan, enum pls_isa isa, void **out_new,
                             struct pls_error *err);
    void (*release)(void *own);
    void (*rows)(void *own, size_t series, uint64_t first, size_t count, double *rows,
                 size_t stride, struct pls_outcome *outcomes);

    struct pls_infer_options (*options)(const struct pls_plan *plan, enum pls_isa isa);
    bool gaps; /* a column may be NaN in a row that is ok: it is then left out of that column */
    bool jackknife; /* series 1 gives the acceleration of BCa intervals */

    /* The following may be NULL: a kind without numbers of its own. */
    bool (*wants)(const struct pls_plan *plan, size_t column); /* to be inferred; NULL: all are */
    void (*sizes)(const struct pls_plan *plan, size_t *counters, size_t *settled);
    /* rows: of series 0 at least the first PLS_TALLY_PILOT (or all) are there; usable likewise */
    enum pls_code (*settle)(struct pls_facts *facts, const struct pls_rows_source *rows,
                            const uint8_t *const usable[2], struct pls_error *err);
    enum pls_code (*count)(struct pls_facts *facts, const struct pls_tile *tile,
                           struct pls_error *err);

    enum pls_code (*tables)(const struct pls_facts *facts, struct pls_tables *tables,
                            struct pls_error *err);
};

/* All tables of the bootstrap's report. */
enum pls_code pls_bootstrap_tables(const struct pls_facts *facts, struct pls_tables *tables,
                                   struct pls_error *err);

/* What the kind made in prepare(). */
void *pls_job_own(struct pls_job_state *state);

extern const struct pls_job_kind pls_job_kind_bootstrap;
extern const struct pls_job_kind pls_job_kind_permute;
const struct pls_job_kind *pls_job_kind_of(const struct pls_plan *plan);

/* Rows that enter the inference of a column with gaps: usable ones that are not NaN. */
void pls_facts_leave_out_gaps(const double *values, const uint8_t *usable, size_t count,
                              uint8_t *out);

/* Whether a row enters the inference. */
bool pls_facts_enters(enum pls_on_failure policy, const struct pls_outcome *outcome);

/* Whether so many bootstrap rows are enough (METHODS 6.8). */
enum pls_code pls_bootstrap_enough(const struct pls_plan *plan, enum pls_isa isa,
                                   const struct pls_rows_source *rows, uint64_t count, bool *enough,
                                   struct pls_error *err);

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

/* Rows of series 0 there are to be, and those counted by status. */
void pls_reckoning_count_ends(const struct pls_reckoning *reckoning, uint64_t *all,
                              uint64_t ended[PLS_STATUS_COUNT]);

/* ---- tables that several jobs have (job_tables.c) ---- */

/* `replicates`: how the rows of each series ended. */
enum pls_code pls_facts_add_replicates(const struct pls_facts *facts, struct pls_tables *tables,
                                       struct pls_error *err);
/* Messages about rows that failed. */
enum pls_code pls_facts_add_failures(const struct pls_facts *facts, struct pls_tables *tables,
                                     struct pls_error *err);
/* Moves a table over, so that tables stand in the order of the report. */
enum pls_code pls_move_table(struct pls_tables *from, const char *name, struct pls_tables *to,
                             struct pls_error *err);

#endif
