/*
 * session.h: one run of a job on one rank, as cmd_job.c begins it and run_rows.c or
 * run_summary.c ends it.
 */
#ifndef PLSTRAP_SESSION_H
#define PLSTRAP_SESSION_H

#include "commands.h"

#include "plstrap/jobs.h"

struct session {
    enum pls_job job;
    struct options options;
    struct log log;
    struct pls_cluster cluster;
    struct pls_plan *plan;
    char *output;
    char digest[65];
    struct pls_series series[2];
    struct pls_range part[2]; /* of each, the rows that are to be computed: all but with --shard */
    size_t series_count;
    enum pls_isa isa;
    struct pls_contents contents; /* the store reads it until it is closed */
    struct run run;               /* root: its entry in the run file */
    struct pls_error err;
};

static inline bool session_is_root(const struct session *s)
{
    return s->cluster.rank == 0;
}

/* Root: everything that is read from files, checked; the output's name and the rows digest. */
enum pls_code session_load(struct session *s);

/*
 * Looks at a finished result of that name: *done where nothing is left to do, and then it is printed.
 * What cannot be read is left to the store, which names it.
 */
enum pls_code session_look(struct session *s, bool *done);

/* Whether the rows are kept (store: rows, or auto and they fit the budget) or only counted. */
bool session_keeps_rows(const struct session *s);

/* The rows of a series that a shard computes. */
struct pls_range session_part(const struct session *s, struct pls_shard shard, size_t series);

/* Another number of rows, of `replicates: auto`. */
void session_resize(struct session *s, uint64_t replicates);

/* What the result says of itself; rows: the series whose rows it holds. */
struct pls_contents session_contents(const struct session *s, size_t series_count);

/* Rows of a store, for making tables. */
struct pls_rows_source session_source(struct pls_store *store);

/* A watch of the root's, about to begin; the run is told of from its first look on. */
struct watch session_watch(struct session *s, struct pls_store *store, struct pls_error *err);

/* What the end of a run tells. */
struct ending {
    struct pls_work_facts facts;
    uint64_t replicates; /* rows of the first series that were to be computed in this run */
    double start;        /* seconds from the program's start to the first row   */
};

/* Result, run file, report and the last line, when all rows are in. */
enum pls_code session_conclude(struct session *s, struct pls_store *store,
                               const struct pls_tables *tables, const struct ending *ending);

/* Run file and the last line of a run that was stopped. */
void session_stopped(struct session *s, const struct ending *ending);

/* Collective; the end of both returns the same code on all ranks. */
enum pls_code run_rows(struct session *s);
enum pls_code run_summary(struct session *s);

/* Collective: counts all replicates for tables alone, with no result to fill. */
enum pls_code run_summary_tables(struct session *s, struct pls_tables *tables);

#endif
