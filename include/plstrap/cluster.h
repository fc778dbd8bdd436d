/*
 * cluster.h: MPI: who we are, broadcasting, handing out of ranges, signals, starting ranks.
 *
 * Room cluster: the only one that includes mpi.h. One rank without MPI_Init when no launcher
 * started us. What is computed by whom is never visible in a result: rows depend on their numbers
 * alone.
 */
#ifndef PLSTRAP_CLUSTER_H
#define PLSTRAP_CLUSTER_H

#include "plstrap/error.h"
#include "plstrap/job.h"
#include "plstrap/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pls_cluster {
    int rank; /* 0 is the root */
    int size;
    bool mpi; /* MPI_Init was called */
    int door; /* to pls_cluster_launch() in the process that started us, -1: none */
};

/* True where mpirun, srun or another launcher started this process as a rank (by its variables). */
bool pls_cluster_launched(void);

/*
 * Joins the other ranks. Without a launcher: one rank, and MPI is not touched.
 *
 * N separate copies (a launcher whose MPI is not ours) are refused: PLS_EUSAGE. Each copy is
 * refused, with the same sentence; cluster->rank is then the copy's number, so that copy 0 alone
 * speaks.
 */
enum pls_code pls_cluster_join(struct pls_cluster *cluster, struct pls_error *err);

/*
 * Leaves in order; all ranks must call it, as the last thing that they do. Who comes early sleeps.
 *
 * Returns what main() must return. That is `code`, or 0 where pls_cluster_launch() started us: it
 * is then told the code, because mpirun takes 2 s to end and prints a page when a rank's is not 0.
 */
int pls_cluster_leave(struct pls_cluster *cluster, enum pls_code code);

enum { PLS_LAST_LINE = 512 };

/*
 * A line for stderr that must come after all that was printed: mpirun carries stdout and stderr
 * separately and would put it into the middle of a report. True: pls_cluster_launch() started us and
 * will print it at the end; false: print it yourself.
 */
bool pls_cluster_say_last(const struct pls_cluster *cluster, const char *line);

/*
 * The root's bytes on every rank.
 *
 *   bytes   in/out  root: what to share; others: set to new memory that they free
 *   length  in/out
 */
enum pls_code pls_cluster_share(const struct pls_cluster *cluster, void **bytes, size_t *length,
                                struct pls_error *err);

/*
 * Agrees on an outcome before anyone goes on: every rank returns the code (and sentence) of the
 * lowest rank that failed, or PLS_OK.
 */
enum pls_code pls_cluster_agree(const struct pls_cluster *cluster, enum pls_code code,
                                struct pls_error *err);

/*
 * What all ranks have, united on the root: pairs of ranks, then pairs of pairs …, so that with R
 * ranks each takes at most log2 R others' bytes. They go in parts, one on its way while the next is
 * made and the one before is taken; the same number on all ranks.
 *
 *   give  appends part 0, 1 … of what this rank has, its own and what it has taken, to out; not
 *         called on the root
 *   take  adds another rank's part to what this one has; the bytes are gone afterwards
 *
 * Returns the same code on all ranks: PLS_OK, or that of the lowest rank on which one of the two
 * failed.
 */
struct pls_fold {
    void *self;
    size_t parts;
    enum pls_code (*give)(void *self, size_t part, struct pls_text *out, struct pls_error *err);
    enum pls_code (*take)(void *self, size_t part, const char *bytes, size_t length,
                          struct pls_error *err);
};
enum pls_code pls_cluster_fold(const struct pls_cluster *cluster, const struct pls_fold *fold,
                               struct pls_error *err);

/* Where finished rows go, on the root. */
struct pls_sink {
    void *self;
    enum pls_code (*put)(void *self, const struct pls_range *range,
                         const double *rows /* [column][count] */,
                         const struct pls_outcome *outcomes, struct pls_error *err);
};

/*
 * What the root tells, at least four times a second while there is work (a single row that takes
 * longer cannot be interrupted), and once at the end.
 */
struct pls_watch {
    void *self;
    /* rows done in this run, of all that had to be done; returns false to stop (time limit) */
    bool (*tick)(void *self, uint64_t done, uint64_t todo);
};

struct pls_work {
    const struct pls_series *series; /* [series_count] */
    size_t series_count;
    pls_replicate_fn *replicate;
    void *state; /* of this rank */
    /* Rows handed out at a time, at most 64 MiB of them. 0: guided, large at first and small at
       the end, at most 4 MiB. The same on all ranks. */
    uint64_t chunk;
    /* Rows that are computed together at no more cost than one (0: one): whatever is computed at a
       time is a multiple of it, where there are that many. */
    uint64_t grain;
    /* Rows that one rank must compute, in order (0: one): ranges are cut at multiples of it from
       where each range of `todo` begins. A multiple of grain. */
    uint64_t unit;
    /* The ranks keep what they compute: replicate gets no memory for rows and outcomes (NULL), the
       sink neither, and only ranges travel. */
    bool counted;
};

struct pls_work_facts {
    uint64_t rows;  /* computed in this run                          */
    double seconds; /* from the first row's start to the last's end  */
    double waiting; /* share of all ranks' time spent waiting, 0 … 1 */
    bool signalled; /* stopped by a signal                           */
};

/*
 * Computes the ranges of `todo` on all ranks, the root too; rows reach the sink as they come, in
 * bounded memory. All ranks call it; todo, sink, watch (may be NULL) and facts (may be NULL) matter
 * on the root only.
 *
 * Returns the same code on all ranks: PLS_OK; PLS_ESTOPPED after a signal
 * (pls_cluster_catch_signals) or watch's word, when every row that was computed has reached the
 * sink: ranges that were begun arrive cut short, those that were not begun do not; or the first
 * error of any rank, sink's included.
 */
enum pls_code pls_cluster_work(const struct pls_cluster *cluster, const struct pls_work *work,
                               const struct pls_range *todo, size_t todo_count,
                               const struct pls_sink *sink, const struct pls_watch *watch,
                               struct pls_work_facts *facts, struct pls_error *err);

/*
 * From now on SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGXCPU and SIGHUP ask pls_cluster_work() to stop,
 * whichever rank they reach; those that were ignored before stay so. A second SIGINT, or a SIGTERM
 * three seconds or more after the first (Slurm and mpirun repeat theirs within one), ends the
 * process as if it had not been caught. SIGPIPE is ignored.
 */
void pls_cluster_catch_signals(void);
bool pls_cluster_signalled(void); /* one of them has come */

/* Processors that this process may use. */
int pls_cluster_cores(void);

/*
 * Runs `mpirun -n ranks` of this same program with these arguments on this machine, and waits for
 * its end. Set for it is what was measured to be fast and right: see mpirun.c. The terminal is told
 * to rank 0 through PLSTRAP_TTY (1: stderr is a terminal, 2: stdout, 3: both; unset: none) and
 * COLUMNS. Signals go to rank 0 and not to mpirun, which would kill the ranks after two seconds.
 *
 *   argv    in   NULL-terminated, argv[0] the program as it was called
 *   status  out  what main() must return: the code that rank 0 left with, or what mpirun says of a
 *                rank that died
 *
 * Returns PLS_OK; or PLS_EUNAVAILABLE when there is no mpirun, or when a rank or mpirun died, which
 * *status then tells as a shell does (137: killed).
 */
enum pls_code pls_cluster_launch(char *const *argv, int ranks, int *status, struct pls_error *err);

#endif
