/*
 * jobs.h: the jobs: their series, their rows, and the tables made of them. plan->job says which.
 */
#ifndef PLSTRAP_JOBS_H
#define PLSTRAP_JOBS_H

#include "plstrap/batch.h"
#include "plstrap/job.h"
#include "plstrap/plan.h"
#include "plstrap/spans.h"
#include "plstrap/tally.h"

#include <stdbool.h>

/* Reads rows that have been computed: implemented by whoever keeps them. */
struct pls_rows_source {
    void *self;
    enum pls_code (*column)(void *self, size_t series, size_t column, uint64_t first, size_t count,
                            double *out, struct pls_error *err);
    enum pls_code (*outcomes)(void *self, size_t series, uint64_t first, size_t count,
                              struct pls_outcome *out, struct pls_error *err);
};

/*
 * The job's series. Returns how many.
 *
 *   bootstrap  "bootstrap", and "jackknife" where a BCa interval is asked for
 *   permute    "permutation", and "bootstrap" where groups are compared
 */
size_t pls_job_series(const struct pls_plan *plan, struct pls_series series[2]);

/*
 * The rows digest of a result (pls_plan_digest). A summary's has their number in it: without rows there
 * is nothing to take over or extend.
 */
enum pls_code pls_job_digest(const struct pls_plan *plan, bool keeps_rows, char out[65],
                             struct pls_error *err);

const char *pls_job_name(enum pls_job job);

struct pls_job_state; /* what one rank needs to compute rows */

enum pls_code pls_job_prepare(const struct pls_plan *plan, enum pls_isa isa,
                              struct pls_job_state **out_new, struct pls_error *err);
void pls_job_release(struct pls_job_state *state);

enum pls_isa pls_job_isa(const struct pls_job_state *state);

uint64_t pls_job_seed(const struct pls_plan *plan);
enum pls_on_failure pls_job_on_failure(const struct pls_plan *plan);

/* Its batch, for `plstrap bench` to time; of a bootstrap only. */
struct pls_batch *pls_job_batch(struct pls_job_state *state);

/* Rows as below, column c of row i at rows[c * stride + i]. */
void pls_job_rows(struct pls_job_state *state, size_t series, uint64_t first, size_t count,
                  double *rows, size_t stride, struct pls_outcome *outcomes);

/* A pls_replicate_fn. */
enum pls_code pls_job_replicate(void *state, size_t series, uint64_t first, size_t count,
                                double *rows, struct pls_outcome *outcomes, struct pls_error *err);

/* ---- replicates: auto ---- */

bool pls_job_automatic(const struct pls_plan *plan);

/* Whether the rows must be kept: `auto` reads them, and the scale of exact maxT is that of all. */
bool pls_job_needs_rows(const struct pls_plan *plan);

/*
 * The rule that ends such a job. It reads rows in their order, so that where it stops is a matter of the
 * study alone.
 */
struct pls_auto;
enum pls_code pls_auto_new(const struct pls_plan *plan, enum pls_isa isa, struct pls_auto **out_new,
                           struct pls_error *err);
void pls_auto_free(struct pls_auto *rule);

/*
 * Looks at the rows 0 … have-1, those that are new.
 *
 *   done   out  the rule has stopped
 *   count  out  the rows that the result has then; else how many are wanted next, more than have
 */
enum pls_code pls_auto_look(struct pls_auto *rule, const struct pls_rows_source *rows,
                            uint64_t have, bool *done, uint64_t *count, struct pls_error *err);
/* How many rows there are at most. */
uint64_t pls_job_most(const struct pls_plan *plan);
/* How many rows to begin with. */
uint64_t pls_auto_first(const struct pls_plan *plan);
/* Why it stopped, in words for the report. */
const char *pls_auto_reason(const struct pls_auto *rule);

/*
 * All tables of the finished job (report.h). Holds one column of replicates in memory at a time.
 */
enum pls_code pls_job_summarise(const struct pls_plan *plan, enum pls_isa isa,
                                const struct pls_rows_source *rows, struct pls_tables *tables,
                                struct pls_error *err);

/*
 * The tables of a shard, whose rows are too few to infer from: those of the base model, and how its
 * resamples came about, so that a merge needs no data.
 */
enum pls_code pls_job_shard_tables(const struct pls_plan *plan, struct pls_tables *tables,
                                   struct pls_error *err);

/* What a shard tells of the plan that its rows were made with. */
struct pls_outline {
    enum pls_job job;
    const char *path; /* for sentences */
    const char *study;
    const char *model;
    const char *rows_digest;
    uint64_t observations;
    const struct pls_series
        *series;         /* [series_count] of the whole job; the first is there in any case */
    size_t series_count; /* 0: rows are not kept */
    uint64_t replicates; /* of the whole job */
    const double *base;  /* [columns] */
    const struct pls_tables *tables; /* as pls_job_shard_tables() made them */
};

/*
 * The plan of the whole job without its data: for tables from rows that exist, not for computing
 * any. Everything is copied.
 *
 * PLS_EDATA, PLS_ESTUDY: what the shard tells does not fit together, or is of another program.
 */
enum pls_code pls_job_outline(const struct pls_outline *outline, struct pls_plan **out_new,
                              struct pls_error *err);

/* The sentence of `on_failure: stop` for a row that failed; returns PLS_EDATA. */
enum pls_code pls_job_failure(const struct pls_plan *plan, size_t series, uint64_t row,
                              const struct pls_outcome *outcome, struct pls_error *err);

/* ---- store: summary: rows are counted where they are computed, and not kept ---- */

/* The first rows of the bootstrap and all of the jackknife: they place the brackets (tally.h). */
struct pls_pilot {
    size_t columns;
    struct pls_series series[2]; /* as the job's, the bootstrap cut to PLS_TALLY_PILOT rows */
    size_t series_count;
    double *values[2];               /* [columns][count] of each series */
    struct pls_outcome *outcomes[2]; /* [count]                         */
};

/* Sets the series; pls_pilot_alloc() makes room for their rows. */
void pls_pilot_series(const struct pls_plan *plan, struct pls_pilot *pilot);
enum pls_code pls_pilot_alloc(struct pls_pilot *pilot, struct pls_error *err);
void pls_pilot_free(struct pls_pilot *pilot);
/* A pls_sink's `put`. */
enum pls_code pls_pilot_put(void *self, const struct pls_range *range, const double *rows,
                            const struct pls_outcome *outcomes, struct pls_error *err);

struct pls_reckoning; /* what one rank has counted */

/*
 * state computes the rows and must outlive it; width: of brackets, in standard errors (tally.h). The
 * pilot's jackknife is counted in, its bootstrap rows are not.
 */
enum pls_code pls_reckoning_new(const struct pls_plan *plan, const struct pls_pilot *pilot,
                                struct pls_job_state *state, double width,
                                struct pls_reckoning **out_new, struct pls_error *err);
void pls_reckoning_free(struct pls_reckoning *reckoning);

/*
 * A pls_replicate_fn of counted rows (cluster.h): the state is a reckoning, the unit PLS_TALLY_BLOCK;
 * rows of a block come in order.
 */
enum pls_code pls_reckoning_replicate(void *self, size_t series, uint64_t first, size_t count,
                                      double *rows, struct pls_outcome *outcomes,
                                      struct pls_error *err);

/* Its tallies with brackets as narrow as may be (tally.h). */
enum pls_code pls_reckoning_narrow(struct pls_reckoning *reckoning, struct pls_error *err);

/* Takes back the rows of a block that was begun and not finished, as after work that was stopped. */
void pls_reckoning_drop(struct pls_reckoning *reckoning);

/*
 * A reckoning as bytes for ranks, runs and programs of this machine type: all of it, or (counted is
 * false) its brackets alone, with nothing counted. Merging adds what such bytes have counted and
 * leaves brackets that lie in both; after a failure the reckoning is of no use. Restoring makes it
 * again; without a state it can be merged and told, not count. PLS_EDATA: damaged bytes.
 */
enum pls_code pls_reckoning_pack(const struct pls_reckoning *reckoning, bool counted,
                                 struct pls_text *out, struct pls_error *err);
/* Merging goes in parts 0 … parts - 1, which together are the whole; all of it is part 0 of 1. */
enum pls_code pls_reckoning_pack_part(const struct pls_reckoning *reckoning, size_t part,
                                      size_t parts, struct pls_text *out, struct pls_error *err);
enum pls_code pls_reckoning_merge(struct pls_reckoning *reckoning, size_t part, size_t parts,
                                  const char *bytes, size_t length, struct pls_error *err);
enum pls_code pls_reckoning_restore(const struct pls_plan *plan, struct pls_job_state *opt_state,
                                    const char *bytes, size_t length,
                                    struct pls_reckoning **out_new, struct pls_error *err);

/*
 * A summary that is not finished: what is counted, and which rows that are (whole blocks). What a
 * checkpoint saves, and what a part of a job is.
 */
enum pls_code pls_ledger_pack(const struct pls_reckoning *reckoning, const struct pls_spans *done,
                              struct pls_text *out, struct pls_error *err);
/* Both are added to: done is empty or the reckoning's. Starts a reckoning where *reckoning is NULL. */
enum pls_code pls_ledger_unpack(const struct pls_plan *plan, struct pls_job_state *opt_state,
                                const char *bytes, size_t length, struct pls_spans *done,
                                struct pls_reckoning **reckoning, struct pls_error *err);

/* How far it is; without a plan. */
struct pls_ledger_facts {
    uint64_t all;                     /* rows of the whole series */
    uint64_t rows;                    /* that are counted         */
    uint64_t ended[PLS_STATUS_COUNT]; /* rows by status */
};
enum pls_code pls_ledger_read_facts(const char *bytes, size_t length, struct pls_ledger_facts *out,
                                    struct pls_error *err);

/*
 * All tables, when every block is in: those of pls_job_summarise(), to the last bit.
 * PLS_EDATA where a bracket missed its rank: count again with a larger width.
 */
enum pls_code pls_reckoning_tables(struct pls_reckoning *reckoning, struct pls_tables *tables,
                                   struct pls_error *err);

#endif
