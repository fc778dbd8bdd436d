/*
 * bench.h: how fast the replicates are, and how fast this processor could make them at most.
 *
 * Room bench, for `plstrap bench` alone: times, and nothing that a result could depend on.
 *
 *   peaks.c    what one core does at most: small loops of one kind of instruction
 *   cases.c    four models with generated answers
 *   counts.c   how much of each a replicate needs
 *   stages.c   rate and time of each stage;  inference.c  of intervals;  keep.c  of storing
 *   permute.c  rate of permutations
 *   scaling.c  one rank to all
 *
 * How times are taken (windows.c): the work is repeated in windows of a few milliseconds, and the
 * mean of the fastest tenth counts, because whatever else runs on the machine only ever adds to a
 * window. The limit of a stage is the time of its scarcest unit, as if all others worked at the
 * same time: a stage may not be able to reach it, but no stage is faster.
 */
#ifndef PLSTRAP_BENCH_H
#define PLSTRAP_BENCH_H

#include "plstrap/cluster.h"
#include "plstrap/jobs.h"

#include <stdbool.h>

/* ---- windows.c ---- */

struct pls_pace {
    double window;  /* seconds                                            */
    double longest; /* seconds for all windows of one figure, by the wall */
    size_t windows; /* at most                                            */
};

/* Windows of 3 ms; PLSTRAP_BENCH_WINDOW (milliseconds) makes all shorter, for tests. */
enum pls_code pls_bench_pace(struct pls_pace *out, struct pls_error *err);

uint64_t pls_bench_clock(void); /* nanoseconds */

/* PLS_ESTOPPED after a signal (pls_cluster_catch_signals). */
enum pls_code pls_bench_stopped(struct pls_error *err);

enum { PLS_PARTS = 6 };

/* Work that can be repeated. */
struct pls_task {
    void *self;
    /* Does some units of work, and adds what it knows of its parts' times. */
    enum pls_code (*run)(void *self, uint64_t units, double parts[PLS_PARTS],
                         struct pls_error *err);
    uint64_t quantum; /* a window has a multiple of it                  */
    uint64_t avoid;   /* but none of this, where it is not 0            */
    uint64_t most;    /* units in a window                              */
};

/*
 * Nanoseconds of a unit, by the fastest tenth of the windows.
 *
 *   opt_parts  out  of a unit's parts, in the same windows
 *
 * PLS_ESTOPPED after a signal.
 */
enum pls_code pls_bench_time(const struct pls_pace *pace, const struct pls_task *task, double *ns,
                             double opt_parts[PLS_PARTS], struct pls_error *err);

/* ---- peaks.c ---- */

enum pls_peak {
    PLS_PEAK_DOT,        /* int8 multiply-adds of a dot product                   */
    PLS_PEAK_F64,        /* multiplications in double, each with an addition      */
    PLS_PEAK_ROOT,       /* 1 / square root in double                             */
    PLS_PEAK_DIVISION,   /* divisions in double                                   */
    PLS_PEAK_PHILOX,     /* bytes of Philox4x32-10                                */
    PLS_PEAK_INCREMENTS, /* bytes counted up here and there in L1                 */
    PLS_PEAK_READ,       /* bytes read from memory, far more than caches hold     */
    PLS_PEAK_WRITE,      /* bytes written to 4 MiB, as a batch of rows has        */
    PLS_PEAKS
};

struct pls_peaks {
    double per_second[PLS_PEAKS]; /* of one core */
    const char *dot;              /* the instructions of the dot product */
};

/* Names as JSON has them: "int8_dot", … */
const char *pls_peak_name(enum pls_peak peak);

enum pls_code pls_bench_peaks(const struct pls_pace *pace, enum pls_isa isa, struct pls_peaks *out,
                              struct pls_error *err);

/* ---- cases.c ---- */

enum { PLS_CASES = 7 };

const char *pls_case_name(size_t number); /* "mediation", … */

/* The same answers everywhere and always. */
enum pls_code pls_case_plan(size_t number, struct pls_plan **out_new, struct pls_error *err);

/* The same answers, to be permuted: between `groups` of them, or (0) within the sample. */
enum pls_code pls_case_permuted(size_t number, size_t groups, const char *tests,
                                struct pls_plan **out_new, struct pls_error *err);

/* ---- counts.c ---- */

enum pls_stage {
    PLS_STAGE_DRAW,
    PLS_STAGE_MOMENTS,
    PLS_STAGE_CORRELATIONS,
    PLS_STAGE_SOLVE,
    PLS_STAGE_STATISTICS,
    PLS_STAGE_REFERENCE, /* rows that the readable version computed, or computed again */
    PLS_STAGE_STORE,     /* rows into the result                                       */
    PLS_STAGE_SECURE,    /* the same, and synced                                       */
    PLS_STAGE_INFERENCE, /* percentile, BC and BCa intervals of stored rows            */
    PLS_STAGE_TALLY,     /* rows counted instead of kept                               */
    PLS_STAGES
};

const char *pls_stage_name(enum pls_stage stage);

/* What a replicate takes of a stage, and what it would take at least. */
struct pls_stage_time {
    double ns;            /* 0: the stage does not occur                */
    double limit;         /* ns; 0: none that could be stated           */
    const char *bound_by; /* the peak that gives the limit; "" for none */
};

struct pls_bench {
    const struct pls_plan *plan;
    size_t pairs;      /* of indicators, whose moments the model needs */
    bool integer;      /* answers                                      */
    double iterations; /* mean                                         */
    double ns;         /* of a replicate, without looking at the stages */
    double row_bytes;  /* as stored                                    */
    struct pls_stage_time stage[PLS_STAGES];
};

/* Limits from draw to statistics, from the model, its data and bench->iterations. */
void pls_bench_limits(struct pls_bench *bench, const struct pls_peaks *peaks);

/* ---- the measurements ---- */

struct pls_bench_setup {
    struct pls_pace pace;
    enum pls_isa isa;
    struct pls_peaks peaks;
};

/*
 * All stages of one plan. A folder for the result that is stored appears in the current one, and
 * is gone at the end.
 */
enum pls_code pls_bench_run(const struct pls_bench_setup *setup, const struct pls_plan *plan,
                            struct pls_bench *out, struct pls_error *err);

/* Rows for those that only look at them; of some columns where there are many. */
struct pls_bench_rows {
    size_t columns;
    size_t step; /* what is kept as column c is column c * step of the row */
    size_t count;
    double *values;  /* [columns][count] */
    uint8_t *usable; /* [count] */
    size_t jcount;
    double *jackknife; /* [columns][jcount] */
    uint8_t *jusable;  /* [jcount] */
};
enum pls_code pls_bench_inference(const struct pls_bench_setup *setup,
                                  const struct pls_bench_rows *rows, struct pls_bench *out,
                                  struct pls_error *err);
enum pls_code pls_bench_keep(const struct pls_bench_setup *setup, const struct pls_bench_rows *rows,
                             struct pls_bench *out, struct pls_error *err);

/* A kind of permutation of a case's answers. */
struct pls_permuting {
    size_t number;     /* of the case                        */
    size_t groups;     /* 0: within the sample               */
    const char *tests; /* as a study writes them             */
    size_t models;     /* out: solved for a row              */
    double ns;         /* out: of a row                      */
};
enum pls_code pls_bench_permute(const struct pls_bench_setup *setup, struct pls_permuting *of,
                                struct pls_error *err);

struct pls_scaling {
    int ranks;
    double per_second;        /* replicates of all of them, in the best round */
    double kernel_per_second; /* the sum of what each does in its fastest tenth of blocks */
    double waiting;           /* share of their time not spent computing, in all rounds   */
};

/*
 * The rate on 1, 2, 4 … and all ranks: all call it, with the same plan; results on the root.
 *
 *   out  [PLS_SCALINGS]  out
 *   count                out
 */
enum { PLS_SCALINGS = 16 };
enum pls_code pls_bench_scaling(const struct pls_cluster *cluster,
                                const struct pls_bench_setup *setup, const struct pls_plan *plan,
                                struct pls_scaling *out, size_t *count, struct pls_error *err);

#endif
