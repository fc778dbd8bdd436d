/*
 * worker.c: a rank that computes what the root hands out.
 *
 * Two batches: one is computed while the other travels. A piece that arrives is at the same time
 * the request for more. Whatever happens here, an error too, is told to the root, and the root
 * alone ends a job.
 */
#include "internal.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

struct pls_worker {
    const struct pls_work *work;
    double *scratch;
    struct pls_piece piece[2];
    MPI_Request sending[2]; /* MPI_REQUEST_NULL: the piece is free */
    int current;
    struct pls_range held[PLS_HELD]; /* not begun yet, in order */
    int held_count;
    bool ending;
    bool failed;
    struct pls_pace pace;
    struct pls_nap nap;
};

enum pls_code pls_worker_new(struct pls_worker **out_new, const struct pls_work *work,
                             struct pls_error *err)
{
    const size_t bytes = pls_message_bytes(work);
    struct pls_worker *worker = NULL;

    enum pls_code code = pls_alloc(&worker, 1, sizeof *worker, err);
    if (code != PLS_OK)
        return code;
    worker->work = work;
    code = pls_alloc(&worker->scratch, bytes, 1, err);
    for (int i = 0; i < 2; i++) {
        worker->sending[i] = MPI_REQUEST_NULL;
        if (code == PLS_OK)
            code = pls_alloc(&worker->piece[i].message, bytes, 1, err);
    }
    if (code != PLS_OK) {
        pls_worker_free(worker);
        return code;
    }
    *out_new = worker;
    return PLS_OK;
}

void pls_worker_free(struct pls_worker *worker)
{
    if (worker == NULL)
        return;
    free(worker->piece[0].message);
    free(worker->piece[1].message);
    free(worker->scratch);
    free(worker);
}

static bool listen(struct pls_worker *worker)
{
    bool heard = false;
    int waiting = 0;

    for (;;) {
        MPI_Iprobe(0, PLS_TAG_ORDER, MPI_COMM_WORLD, &waiting, MPI_STATUS_IGNORE);
        if (!waiting)
            return heard;
        struct pls_order order;
        MPI_Recv(&order, (int)sizeof order, MPI_BYTE, 0, PLS_TAG_ORDER, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
        heard = true;
        if (order.end)
            worker->ending = true;
        else
            worker->held[worker->held_count++] = order.range;
    }
}

/* Sends the current piece's message and turns to the other piece. */
static void hand_in(struct pls_worker *worker)
{
    struct pls_message *message = worker->piece[worker->current].message;

    message->signalled = pls_cluster_signalled();
    MPI_Isend(message, (int)pls_message_length(worker->work, message), MPI_BYTE, 0, PLS_TAG_ROWS,
              MPI_COMM_WORLD, &worker->sending[worker->current]);
    worker->current = 1 - worker->current;
}

/* True where the current piece is not travelling. Testing both moves both on. */
static bool is_free(struct pls_worker *worker)
{
    int sent[2] = {0, 0};

    for (int i = 0; i < 2; i++)
        MPI_Test(&worker->sending[i], &sent[i], MPI_STATUS_IGNORE);
    return sent[worker->current];
}

static void compute(struct pls_worker *worker)
{
    struct pls_piece *piece = &worker->piece[worker->current];
    struct pls_error err = {.code = PLS_OK};

    const enum pls_code code =
        pls_piece_slice(piece, worker->work, &worker->pace, worker->scratch, &err);
    if (code != PLS_OK) {
        err.code = code;
        piece->open = false;
        worker->failed = true;
        *piece->message = (struct pls_message){.kind = PLS_FAILURE};
        memcpy(piece->message + 1, &err, sizeof err);
        hand_in(worker);
    } else if (pls_piece_is_full(piece)) {
        pls_piece_close(piece, worker->work);
        hand_in(worker);
    }
}

/* Does what there is to do; false: nothing. */
static bool step(struct pls_worker *worker)
{
    struct pls_piece *piece = &worker->piece[worker->current];

    if (!is_free(worker) || worker->failed)
        return false;
    if (!piece->open) {
        if (worker->held_count == 0)
            return false;
        pls_piece_open(piece, &worker->held[0]);
        worker->held_count--;
        memmove(worker->held, worker->held + 1,
                (size_t)worker->held_count * sizeof worker->held[0]);
    }
    pls_awake(&worker->nap);
    compute(worker);
    return true;
}

static void say_goodbye(struct pls_worker *worker)
{
    struct pls_piece *piece = &worker->piece[worker->current];

    if (piece->open && piece->rows_done > 0) {
        pls_piece_close(piece, worker->work);
        hand_in(worker);
    }
    pls_await(&worker->sending[worker->current]);
    *worker->piece[worker->current].message =
        (struct pls_message){.kind = PLS_GOODBYE, .waited = worker->nap.waited};
    hand_in(worker);
    pls_await(&worker->sending[0]);
    pls_await(&worker->sending[1]);
}

void pls_worker_run(struct pls_worker *worker)
{
    while (!worker->ending) {
        const bool heard = listen(worker);
        if (worker->ending)
            break;
        if (step(worker) || heard)
            pls_awake(&worker->nap);
        else
            pls_doze(&worker->nap);
    }
    pls_awake(&worker->nap);
    say_goodbye(worker);
}
