/*
 * scaling.c: the rate on one rank, two, four … and all.
 *
 * Every time all ranks work as they do in a job, from ranges of blocks that are handed out; those
 * that are not to take part sleep in their blocks. Rounds go over all numbers of ranks in turn,
 * so that whatever else the machine does meets all alike; of each number the best round counts,
 * in which all ranks had their cores at the same time. As a busy machine may have no such round,
 * there is also what the fastest tenth of each rank's blocks add up to: true only where every
 * rank has a core of its own.
 */
#include "bench.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 12, KEPT = 1024 };
static const double windows_a_round = 33.0; /* 0.1 s */

/* What a rank computes in one turn of so many ranks. */
struct turn {
    struct pls_job_state *state;
    double *rows;
    struct pls_outcome *outcomes;
    size_t block; /* replicates of a block */
    bool takes_part;
    uint64_t length; /* ns from a rank's first block to its last    */
    double replicates;
    uint64_t began, ended, busy; /* ns; 0: not yet                              */
    double *block_ns;            /* [KEPT] times of blocks, all rounds          */
    size_t blocks;
};

static bool is_over(const struct turn *turn)
{
    return turn->began > 0 && turn->ended - turn->began >= turn->length;
}

/* A pls_replicate_fn: blocks without columns; their replicates are those of a job. */
static enum pls_code compute_blocks(void *self, size_t series, uint64_t first, size_t count,
                                    double *rows, struct pls_outcome *outcomes,
                                    struct pls_error *err)
{
    (void)series, (void)rows;
    static const struct timespec nap = {.tv_nsec = 5000000};
    struct turn *turn = self;
    enum pls_code code = PLS_OK;
    for (size_t i = 0; i < count; i++)
        outcomes[i] = (struct pls_outcome){0};
    if (!turn->takes_part || is_over(turn)) {
        nanosleep(&nap, NULL);
        return PLS_OK;
    }
    uint64_t start = pls_bench_clock();
    if (turn->began == 0)
        turn->began = start;
    for (size_t i = 0; code == PLS_OK && i < count; i++, start = turn->ended) {
        code = pls_job_replicate(turn->state, 0, (first + i) * turn->block, turn->block, turn->rows,
                                 turn->outcomes, err);
        turn->ended = pls_bench_clock();
        turn->busy += turn->ended - start;
        turn->replicates += (double)turn->block;
        if (turn->blocks < KEPT)
            turn->block_ns[turn->blocks++] = (double)(turn->ended - start);
    }
    return code;
}

static enum pls_code ignore(void *self, const struct pls_range *range, const double *rows,
                            const struct pls_outcome *outcomes, struct pls_error *err)
{
    (void)self, (void)range, (void)rows, (void)outcomes, (void)err;
    return PLS_OK;
}

static bool goes_on(void *self, uint64_t done, uint64_t todo)
{
    (void)done, (void)todo;
    return !is_over(self);
}

/* What became of a turn: of one rank, or the sums of all. */
struct share {
    double rate; /* replicates a second */
    double span, busy;
};

static enum pls_code give_share(void *self, size_t part, struct pls_text *out,
                                struct pls_error *err)
{
    (void)part;
    return pls_text_append(out, self, sizeof(struct share), err);
}

static enum pls_code add_share(void *self, size_t part, const char *bytes, size_t length,
                               struct pls_error *err)
{
    (void)part, (void)length, (void)err;
    struct share *all = self, one;
    memcpy(&one, bytes, sizeof one);
    all->rate += one.rate;
    all->span += one.span;
    all->busy += one.busy;
    return PLS_OK;
}

static struct share share_of(const struct turn *turn)
{
    const double span = (double)(turn->ended - turn->began);
    return (struct share){.rate = span > 0.0 ? 1e9 * turn->replicates / span : 0.0,
                          .span = span,
                          .busy = (double)turn->busy};
}

/* One turn; the sums of all ranks on the root. */
static enum pls_code take_turn(const struct pls_cluster *cluster, struct turn *turn,
                               struct share *all, struct pls_error *err)
{
    static const struct pls_columns none = {0};
    static const struct pls_series blocks = {"blocks", UINT64_C(1) << 40, &none};
    const struct pls_range todo = {0, 0, blocks.count};
    const struct pls_sink sink = {NULL, ignore};
    const struct pls_watch watch = {turn, goes_on};
    const struct pls_work work = {
        .series = &blocks, .series_count = 1, .replicate = compute_blocks, .state = turn};
    turn->replicates = 0.0;
    turn->began = turn->ended = turn->busy = 0;
    enum pls_code code = pls_cluster_work(cluster, &work, &todo, 1, &sink, &watch, NULL, err);
    if (code == PLS_ESTOPPED) /* by the watch, unless */
        code = pls_bench_stopped(err);
    code = pls_cluster_agree(cluster, code, err);
    const struct pls_fold fold = {all, 1, give_share, add_share};
    *all = share_of(turn);
    if (code == PLS_OK)
        code = pls_cluster_fold(cluster, &fold, err);
    return code;
}

static int by_time(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Replicates a second of the fastest tenth of a rank's blocks. */
static double fastest(double *ns, size_t blocks, size_t replicates)
{
    const size_t best = (blocks + 9) / 10;
    double sum = 0.0;
    qsort(ns, blocks, sizeof *ns, by_time);
    for (size_t b = 0; b < best; b++)
        sum += ns[b];
    return best > 0 ? 1e9 * (double)(replicates * best) / sum : 0.0;
}

struct kernels {
    double rate[PLS_SCALINGS]; /* replicates a second, of all ranks that are in */
};

static enum pls_code give_kernels(void *self, size_t part, struct pls_text *out,
                                  struct pls_error *err)
{
    (void)part;
    return pls_text_append(out, self, sizeof(struct kernels), err);
}

static enum pls_code add_kernels(void *self, size_t part, const char *bytes, size_t length,
                                 struct pls_error *err)
{
    (void)part, (void)err;
    struct kernels *all = self;
    double rate;
    for (size_t i = 0; i < length / sizeof rate; i++) {
        memcpy(&rate, bytes + i * sizeof rate, sizeof rate);
        all->rate[i] += rate;
    }
    return PLS_OK;
}

/* Replicates of a block: so many as one rank computes in a window, the same on all. */
static enum pls_code agree_on_block(const struct pls_cluster *cluster,
                                    const struct pls_bench_setup *setup, struct turn *turn,
                                    size_t most, struct pls_error *err)
{
    enum { PROBE = 8 * PLS_LANES };
    uint64_t size = PROBE;
    void *bytes = NULL;
    size_t length = sizeof size;
    const uint64_t start = pls_bench_clock();
    enum pls_code code = pls_job_replicate(turn->state, 0, 0, PROBE < most ? PROBE : most,
                                           turn->rows, turn->outcomes, err);
    const double took = (double)(pls_bench_clock() - start) / PROBE;
    if (1e9 * setup->pace.window / took > PROBE)
        size = (uint64_t)(1e9 * setup->pace.window / took) / 8 * 8 + 8;
    if (size > most)
        size = most;
    if (cluster->rank == 0)
        bytes = &size;
    if (code == PLS_OK)
        code = pls_cluster_share(cluster, &bytes, &length, err);
    if (code == PLS_OK) {
        memcpy(&size, bytes, sizeof size);
        turn->block = (size_t)size;
    }
    if (cluster->rank != 0)
        free(bytes);
    return code;
}

/* 1, 2, 4 … all */
static size_t list_sizes(int all, struct pls_scaling *out)
{
    size_t count = 0;
    for (int ranks = 1; ranks < all && count < PLS_SCALINGS - 1; ranks *= 2)
        out[count++] = (struct pls_scaling){.ranks = ranks};
    out[count++] = (struct pls_scaling){.ranks = all};
    return count;
}

static enum pls_code run_rounds(const struct pls_cluster *cluster, struct turn *turn,
                                struct pls_scaling *out, size_t count, struct pls_error *err)
{
    double *ns = turn->block_ns;
    struct kernels kernels = {{0.0}};
    const struct pls_fold fold = {&kernels, 1, give_kernels, add_kernels};
    size_t blocks[PLS_SCALINGS] = {0};
    enum pls_code code = PLS_OK;
    for (size_t r = 0; r < ROUNDS * count && code == PLS_OK; r++) {
        struct pls_scaling *one = &out[r % count];
        struct share all = {0};
        turn->takes_part = cluster->rank < one->ranks;
        turn->block_ns = ns + r % count * KEPT;
        turn->blocks = blocks[r % count];
        code = take_turn(cluster, turn, &all, err);
        blocks[r % count] = turn->blocks;
        if (all.rate > one->per_second)
            one->per_second = all.rate;
        if (all.span > 0.0)
            one->waiting += (1.0 - all.busy / all.span) / ROUNDS;
    }
    turn->block_ns = ns;
    for (size_t i = 0; i < count; i++)
        kernels.rate[i] = fastest(ns + i * KEPT, blocks[i], turn->block);
    if (code == PLS_OK)
        code = pls_cluster_fold(cluster, &fold, err);
    for (size_t i = 0; i < count; i++)
        out[i].kernel_per_second = kernels.rate[i];
    return code;
}

enum pls_code pls_bench_scaling(const struct pls_cluster *cluster,
                                const struct pls_bench_setup *setup, const struct pls_plan *plan,
                                struct pls_scaling *out, size_t *count, struct pls_error *err)
{
    const size_t columns = pls_estimator_columns(plan->estimator)->count;
    const size_t fit = ((size_t)4 << 20) / (columns * sizeof(double)) / 8 * 8;
    const size_t most = fit < PLS_LANES ? PLS_LANES : fit;
    struct turn turn = {.length = (uint64_t)(1e9 * windows_a_round * setup->pace.window)};
    enum pls_code code = pls_job_prepare(plan, setup->isa, &turn.state, err);
    if (code == PLS_OK)
        code = pls_alloc(&turn.rows, most, columns * sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&turn.outcomes, most, sizeof *turn.outcomes, err);
    if (code == PLS_OK)
        code = pls_alloc(&turn.block_ns, PLS_SCALINGS, KEPT * sizeof *turn.block_ns, err);
    code = pls_cluster_agree(cluster, code, err);
    if (code == PLS_OK)
        code = agree_on_block(cluster, setup, &turn, most, err);
    *count = list_sizes(cluster->size, out);
    if (code == PLS_OK)
        code = run_rounds(cluster, &turn, out, *count, err);
    pls_job_release(turn.state);
    free(turn.rows);
    free(turn.outcomes);
    free(turn.block_ns);
    return code;
}
