/*
 * root.c: rank 0 of a job: hands out ranges, passes what comes back to the sink, and computes as
 * well.
 *
 * It computes in slices of a few milliseconds and looks after the others between two of them; as
 * each worker holds a range in reserve, nobody waits for it. Without other ranks the same loop runs
 * and calls no MPI at all. The memory for what arrives is a fixed number of messages, whatever the
 * number of ranks.
 */
#include "internal.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>

enum { ARRIVALS = 8 };
static const double tick_seconds = 0.1;

struct peer {
    struct pls_order orders[PLS_HELD + 1]; /* being sent; one more than ranges held, for the end */
    MPI_Request sending[PLS_HELD + 1];
    unsigned sent;
};

struct arrival {
    struct pls_message *message;
    MPI_Request request; /* MPI_REQUEST_NULL: free */
    int source;
};

struct pls_root {
    const struct pls_cluster *cluster;
    const struct pls_work *work;
    struct pls_root_task task;
    struct pls_ranges ranges;
    struct peer *peers; /* [size]; the root's own is not used */
    struct arrival arrivals[ARRIVALS];
    int arrival_count;
    int arriving;
    int present; /* workers that have not said goodbye */
    struct pls_piece piece;
    double *scratch;
    struct pls_pace pace;
    struct pls_nap nap;
    uint64_t rows_todo;
    uint64_t rows_done;
    double next_tick;
    double waited;  /* by workers that have left                  */
    bool signalled; /* a worker has seen a signal                  */
    bool stopped;   /* by a signal or watch's word                 */
    bool ending;    /* the workers have been told                  */
    enum pls_code code;
    struct pls_error error;
};

static enum pls_code check_ranges(const struct pls_work *work, const struct pls_root_task *task,
                                  struct pls_error *err)
{
    for (size_t i = 0; i < task->todo_count; i++) {
        const struct pls_range *r = &task->todo[i];
        if (r->series >= work->series_count || r->first > work->series[r->series].count ||
            r->count > work->series[r->series].count - r->first)
            return pls_fail(err, PLS_EINTERNAL,
                            "range %zu of the work lies outside its series; please report this", i);
    }
    return PLS_OK;
}

static enum pls_code make_room(struct pls_root *root, struct pls_error *err)
{
    const size_t bytes = pls_message_bytes(root->work);
    const int workers = root->cluster->size - 1;

    root->arrival_count = workers < ARRIVALS ? workers : ARRIVALS;
    enum pls_code code = pls_alloc(&root->scratch, bytes, 1, err);
    if (code == PLS_OK)
        code = pls_alloc(&root->piece.message, bytes, 1, err);
    if (code == PLS_OK)
        code = pls_alloc(&root->peers, (size_t)root->cluster->size, sizeof *root->peers, err);
    for (int i = 0; i < root->arrival_count && code == PLS_OK; i++) {
        root->arrivals[i].request = MPI_REQUEST_NULL;
        code = pls_alloc(&root->arrivals[i].message, bytes, 1, err);
    }
    for (int rank = 1; rank < root->cluster->size && code == PLS_OK; rank++) {
        for (int i = 0; i <= PLS_HELD; i++)
            root->peers[rank].sending[i] = MPI_REQUEST_NULL;
    }
    return code;
}

enum pls_code pls_root_new(struct pls_root **out_new, const struct pls_cluster *cluster,
                           const struct pls_work *work, const struct pls_root_task *task,
                           struct pls_error *err)
{
    struct pls_root *root = NULL;

    enum pls_code code = check_ranges(work, task, err);
    if (code == PLS_OK)
        code = pls_alloc(&root, 1, sizeof *root, err);
    if (code != PLS_OK)
        return code;
    root->cluster = cluster;
    root->work = work;
    root->task = *task;
    root->ranges = (struct pls_ranges){.todo = task->todo, .count = task->todo_count};
    for (size_t i = 0; i < task->todo_count; i++)
        root->rows_todo += task->todo[i].count;
    root->ranges.left = root->rows_todo;
    root->present = cluster->size - 1;
    code = make_room(root, err);
    if (code != PLS_OK) {
        pls_root_free(root);
        return code;
    }
    *out_new = root;
    return PLS_OK;
}

void pls_root_free(struct pls_root *root)
{
    if (root == NULL)
        return;
    for (int i = 0; i < root->arrival_count; i++)
        free(root->arrivals[i].message);
    free(root->peers);
    free(root->piece.message);
    free(root->scratch);
    free(root);
}

/* The first error is the one that counts. */
static void fail(struct pls_root *root, enum pls_code code, const struct pls_error *err)
{
    if (root->code != PLS_OK)
        return;
    root->code = code;
    root->error = *err;
    root->error.code = code;
}

static bool is_over(const struct pls_root *root)
{
    return root->code != PLS_OK || root->stopped;
}

static bool take(struct pls_root *root, struct pls_range *range)
{
    return !is_over(root) && pls_ranges_take(&root->ranges, root->work, root->cluster->size,
                                             root->pace.row_seconds, range);
}

static void send_order(struct pls_root *root, int rank, const struct pls_order *order)
{
    struct peer *peer = &root->peers[rank];
    const unsigned slot = peer->sent++ % (PLS_HELD + 1);

    /* Long arrived: its answer has come, or this is one of the first. */
    MPI_Wait(&peer->sending[slot], MPI_STATUS_IGNORE);
    peer->orders[slot] = *order;
    MPI_Isend(&peer->orders[slot], (int)sizeof *order, MPI_BYTE, rank, PLS_TAG_ORDER,
              MPI_COMM_WORLD, &peer->sending[slot]);
}

static void hand_out(struct pls_root *root, int rank)
{
    struct pls_order order = {0};

    if (take(root, &order.range))
        send_order(root, rank, &order);
}

static void end_workers(struct pls_root *root)
{
    const struct pls_order order = {.end = 1};

    root->ending = true;
    for (int rank = 1; rank < root->cluster->size; rank++)
        send_order(root, rank, &order);
}

static void put(struct pls_root *root, struct pls_message *message)
{
    struct pls_error err = {.code = PLS_OK};

    if (root->code != PLS_OK)
        return;
    const bool kept = !root->work->counted;
    const enum pls_code code = root->task.sink->put(
        root->task.sink->self, &message->range, kept ? pls_message_rows(message) : NULL,
        kept ? pls_message_outcomes(message) : NULL, &err);
    if (code != PLS_OK)
        fail(root, code, &err);
    else
        root->rows_done += message->range.count;
}

static void handle(struct pls_root *root, const struct arrival *arrival)
{
    struct pls_message *message = arrival->message;

    if (message->signalled)
        root->signalled = true;
    switch (message->kind) {
    case PLS_ROWS:
        hand_out(root, arrival->source); /* before the sink, which may take its time */
        put(root, message);
        break;
    case PLS_FAILURE: {
        struct pls_error err;
        memcpy(&err, message + 1, sizeof err);
        fail(root, err.code, &err);
        break;
    }
    default:
        root->waited += message->waited;
        root->present--;
    }
}

/* Begins to receive a message, if one waits and there is room. */
static bool begin_arrival(struct pls_root *root, struct arrival *arrival)
{
    MPI_Message waiting;
    MPI_Status status;
    int found = 0, bytes = 0;

    MPI_Improbe(MPI_ANY_SOURCE, PLS_TAG_ROWS, MPI_COMM_WORLD, &found, &waiting, &status);
    if (!found)
        return false;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    arrival->source = status.MPI_SOURCE;
    MPI_Imrecv(arrival->message, bytes, MPI_BYTE, &waiting, &arrival->request);
    root->arriving++;
    return true;
}

static bool receive(struct pls_root *root)
{
    bool busy = false;
    bool more = root->present > 0;

    for (int i = 0; i < root->arrival_count; i++) {
        struct arrival *arrival = &root->arrivals[i];
        if (arrival->request == MPI_REQUEST_NULL && more)
            more = begin_arrival(root, arrival);
        if (arrival->request == MPI_REQUEST_NULL)
            continue;
        int done = 0;
        MPI_Test(&arrival->request, &done, MPI_STATUS_IGNORE);
        if (!done)
            continue;
        root->arriving--;
        handle(root, arrival);
        busy = true;
    }
    return busy;
}

static bool compute(struct pls_root *root)
{
    struct pls_error err = {.code = PLS_OK};
    struct pls_range range;

    if (!root->piece.open) {
        if (!take(root, &range))
            return false;
        pls_piece_open(&root->piece, &range);
    }
    if (!is_over(root)) {
        const enum pls_code code =
            pls_piece_slice(&root->piece, root->work, &root->pace, root->scratch, &err);
        if (code != PLS_OK)
            fail(root, code, &err);
    }
    if (is_over(root) || pls_piece_is_full(&root->piece)) {
        pls_piece_close(&root->piece, root->work);
        if (root->piece.rows_done > 0)
            put(root, root->piece.message);
    }
    return true;
}

static void look_up(struct pls_root *root)
{
    const struct pls_watch *watch = root->task.watch;

    if (root->signalled || pls_cluster_signalled())
        root->stopped = true;
    if (watch == NULL || pls_now() < root->next_tick)
        return;
    root->next_tick = pls_now() + tick_seconds;
    if (!watch->tick(watch->self, root->rows_done, root->rows_todo))
        root->stopped = true;
}

static enum pls_code outcome(struct pls_root *root, double seconds, struct pls_work_facts *facts,
                             struct pls_error *err)
{
    if (facts != NULL) {
        const double all = seconds * root->cluster->size;
        const double waited = root->waited + root->nap.waited;
        *facts = (struct pls_work_facts){.rows = root->rows_done,
                                         .seconds = seconds,
                                         .signalled = root->signalled || pls_cluster_signalled()};
        if (all > 0.0)
            facts->waiting = waited < all ? waited / all : 1.0;
    }
    if (root->code != PLS_OK) {
        if (err != NULL)
            *err = root->error;
        return root->code;
    }
    if (root->rows_done < root->rows_todo) {
        char done[32], todo[32];
        return pls_fail(
            err, PLS_ESTOPPED, "stopped after %s of %s rows; give the same command again to go on",
            pls_text_count(root->rows_done, done), pls_text_count(root->rows_todo, todo));
    }
    return PLS_OK;
}

enum pls_code pls_root_run(struct pls_root *root, struct pls_work_facts *facts,
                           struct pls_error *err)
{
    const struct pls_watch *watch = root->task.watch;
    const int ranks = root->cluster->size;
    const double start = pls_now();

    root->next_tick = start + tick_seconds;
    look_up(root);
    for (int held = 0; held < PLS_HELD; held++) {
        for (int rank = 1; rank < ranks; rank++)
            hand_out(root, rank);
    }
    for (;;) {
        bool busy = receive(root);
        look_up(root);
        busy = compute(root) || busy;
        if (!root->ending && !root->piece.open &&
            (is_over(root) || root->rows_done == root->rows_todo))
            end_workers(root);
        if (root->ending && root->present == 0 && root->arriving == 0)
            break;
        if (busy)
            pls_awake(&root->nap);
        else
            pls_doze(&root->nap);
    }
    pls_awake(&root->nap);
    for (int rank = 1; rank < ranks; rank++)
        MPI_Waitall(PLS_HELD + 1, root->peers[rank].sending, MPI_STATUSES_IGNORE);
    if (watch != NULL)
        (void)watch->tick(watch->self, root->rows_done, root->rows_todo);
    return outcome(root, pls_now() - start, facts, err);
}
