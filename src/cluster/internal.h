/* internal.h: what the files of this room share, and no other room sees. */
#ifndef PLSTRAP_CLUSTER_INTERNAL_H
#define PLSTRAP_CLUSTER_INTERNAL_H

#include "plstrap/cluster.h"

#include <mpi.h>

/* wait.c: waiting that leaves the processor to others. */

struct pls_nap {
    double since;  /* when the present idle time began, 0: not idle */
    double length; /* of the next sleep, seconds                     */
    double waited; /* idle seconds so far                            */
};

double pls_now(void); /* monotonic, seconds */

/* To be called again and again while there is nothing to do; pls_awake() as soon as there is. */
void pls_doze(struct pls_nap *nap);
void pls_awake(struct pls_nap *nap);

void pls_await(MPI_Request *request);

/* ranges.c: what is still to be handed out. */

struct pls_ranges {
    const struct pls_range *todo;
    size_t count;
    size_t at;      /* the range that is being cut                   */
    uint64_t taken; /* rows of it that are handed out                */
    uint64_t left;  /* rows of all that are not                      */
};

/* Rows of a series that one range may hold, so that messages and memory stay small. */
size_t pls_rows_at_most(const struct pls_work *work, size_t series);

/*
 * Cuts off the next range; row_seconds is what a row takes, 0: not known yet. False: all are out.
 */
bool pls_ranges_take(struct pls_ranges *ranges, const struct pls_work *work, int ranks,
                     double row_seconds, struct pls_range *out);

/* piece.c: a range while it is computed, in slices; its memory is the message that carries it. */

enum pls_message_kind { PLS_ROWS, PLS_FAILURE, PLS_GOODBYE };

struct pls_message {
    uint32_t kind; /* enum pls_message_kind                                           */
    uint32_t signalled;
    struct pls_range range; /* PLS_ROWS                                               */
    double waited;          /* PLS_GOODBYE: seconds                                   */
    /*
     * PLS_ROWS: outcomes[range.count], padding, rows[column][range.count]. PLS_FAILURE: pls_error.
     */
};

struct pls_pace {
    double row_seconds; /* 0: nothing measured yet */
    size_t slice;       /* rows of the latest slice */
};

struct pls_piece {
    struct pls_message *message; /* of pls_message_bytes(work) */
    size_t rows_done;
    bool open;
};

size_t pls_message_bytes(const struct pls_work *work); /* room for any message of this job */
size_t pls_message_length(const struct pls_work *work, const struct pls_message *message);
struct pls_outcome *pls_message_outcomes(struct pls_message *message);
double *pls_message_rows(struct pls_message *message);

void pls_piece_open(struct pls_piece *piece, const struct pls_range *range);

/* Computes the next few milliseconds' worth of rows; scratch has pls_message_bytes(work). */
enum pls_code pls_piece_slice(struct pls_piece *piece, const struct pls_work *work,
                              struct pls_pace *pace, double *scratch, struct pls_error *err);

bool pls_piece_is_full(const struct pls_piece *piece);

/* Closes it with the rows that it has: the message's range becomes what was computed. */
void pls_piece_close(struct pls_piece *piece, const struct pls_work *work);

/* root.c and worker.c: the two sides of a job. */

struct pls_root;
struct pls_worker;

enum { PLS_TAG_ORDER = 1, PLS_TAG_ROWS = 2 };

/* Ranges that a worker holds: one in work, one in reserve, so that it never waits for the root. */
enum { PLS_HELD = 2 };

struct pls_order {
    uint64_t end; /* 1: hand in what you have and leave */
    struct pls_range range;
};

struct pls_root_task {
    const struct pls_range *todo;
    size_t todo_count;
    const struct pls_sink *sink;
    const struct pls_watch *watch; /* may be NULL */
};

enum pls_code pls_root_new(struct pls_root **out_new, const struct pls_cluster *cluster,
                           const struct pls_work *work, const struct pls_root_task *task,
                           struct pls_error *err);
enum pls_code pls_root_run(struct pls_root *root, struct pls_work_facts *facts,
                           struct pls_error *err);
void pls_root_free(struct pls_root *root);

enum pls_code pls_worker_new(struct pls_worker **out_new, const struct pls_work *work,
                             struct pls_error *err);
void pls_worker_run(struct pls_worker *worker);
void pls_worker_free(struct pls_worker *worker);

#endif
