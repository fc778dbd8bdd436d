/*
 * sums.c: block checksums and digest, one reading of all rows.
 *
 * SHA-256 goes by one byte after the other, at some 2 GB/s: of all that happens after the last
 * row this takes longest, so it has a thread of its own. The thread shares nothing with its
 * maker but what neither changes, and the flag that ends it early.
 */
#include "sums.h"

#include "plstrap/alloc.h"
#include "plstrap/digest.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

struct pls_sums {
    const struct pls_contents *contents;
    struct pls_lanes lanes; /* the store's, but for the buffer */
    uint64_t **blocks;      /* [series][lanes][blocks] */
    char digest[65];
    enum pls_code code;
    struct pls_error error;
    atomic_bool ending; /* nobody wants them any more */
    pthread_t thread;
    bool running;
};

/* ---- the reading ---- */

static enum pls_code digest_number(struct pls_digest *digest, uint64_t number,
                                   struct pls_error *err)
{
    return pls_digest_add(digest, &number, sizeof number, err);
}

/* Of a shard, which rows it has: it is not to be taken for a whole result. */
static enum pls_code digest_part(struct pls_digest *digest, const struct pls_contents *contents,
                                 struct pls_error *err)
{
    enum pls_code code = digest_number(digest, contents->shard.number, err);
    if (code == PLS_OK)
        code = digest_number(digest, contents->shard.of, err);
    for (size_t s = 0; code == PLS_OK && s < contents->series_count; s++) {
        code = digest_number(digest, contents->part[s].first, err);
        if (code == PLS_OK)
            code = digest_number(digest, contents->series[s].count, err);
    }
    return code;
}

static enum pls_code digest_head(struct pls_digest *digest, const struct pls_contents *contents,
                                 struct pls_error *err)
{
    const struct pls_columns *columns = contents->series[0].columns;
    enum pls_code code = pls_digest_add_text(digest, "plstrap rows 1", err);
    if (code == PLS_OK)
        code = pls_digest_add_text(digest, contents->rows_digest, err);
    if (code == PLS_OK)
        code = digest_number(digest, columns->count, err);
    for (size_t c = 0; code == PLS_OK && c < columns->count; c++) {
        double estimate = contents->estimate[c];
        pls_lanes_canonical(&estimate, 1);
        code = pls_digest_add_text(digest, pls_component_name(columns->column[c].component), err);
        if (code == PLS_OK)
            code = pls_digest_add_text(digest, columns->column[c].term, err);
        if (code == PLS_OK)
            code = pls_digest_add(digest, &estimate, sizeof estimate, err);
    }
    if (code == PLS_OK)
        code = digest_number(digest, contents->series_count, err);
    if (code == PLS_OK && contents->shard.of > 0)
        code = digest_part(digest, contents, err);
    return code;
}

/* One block of one lane. */
static enum pls_code add_block(struct pls_sums *sums, struct pls_digest *digest, size_t s,
                               size_t lane, uint64_t first, uint64_t *sum)
{
    const struct pls_lanes *lanes = &sums->lanes;
    const uint64_t left = lanes->series[s].count - first;
    const size_t count = left < PLS_BLOCK_ROWS ? (size_t)left : PLS_BLOCK_ROWS;
    const size_t length = count * pls_lanes_width(lanes, lane);
    enum pls_code code = pls_lanes_read(lanes, s, lane, first, count, lanes->buffer, &sums->error);
    if (code != PLS_OK)
        return code;
    *sum = pls_checksum(lanes->buffer, length);
    return pls_digest_add(digest, lanes->buffer, length, &sums->error);
}

static enum pls_code add_series(struct pls_sums *sums, struct pls_digest *digest, size_t s)
{
    const uint64_t rows = sums->lanes.series[s].count;
    uint64_t *sum = sums->blocks[s];
    enum pls_code code = pls_digest_add_text(digest, sums->lanes.series[s].name, &sums->error);
    if (code == PLS_OK)
        code = digest_number(digest, rows, &sums->error);
    for (size_t lane = 0; lane < pls_lanes_number(&sums->lanes); lane++)
        for (uint64_t first = 0; code == PLS_OK && first < rows && !atomic_load(&sums->ending);
             first += PLS_BLOCK_ROWS)
            code = add_block(sums, digest, s, lane, first, sum++);
    return code;
}

static void *read_all(void *self)
{
    struct pls_sums *sums = self;
    struct pls_digest *digest = NULL;
    enum pls_code code = pls_digest_new(&digest, &sums->error);
    if (code == PLS_OK)
        code = digest_head(digest, sums->contents, &sums->error);
    for (size_t s = 0; code == PLS_OK && s < sums->lanes.series_count; s++)
        code = add_series(sums, digest, s);
    if (code == PLS_OK)
        code = pls_digest_hex(digest, sums->digest, &sums->error);
    pls_digest_free(digest);
    sums->code = code;
    return NULL;
}

/* ---- its thread ---- */

/* Signals are for the program's other thread. */
static bool start_thread(struct pls_sums *sums)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    const int refused = pthread_create(&sums->thread, NULL, read_all, sums);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return refused == 0;
}

static enum pls_code make_room(struct pls_sums *sums, const struct pls_lanes *lanes,
                               struct pls_error *err)
{
    sums->lanes = *lanes;
    sums->lanes.buffer = NULL;
    enum pls_code code = pls_alloc(&sums->lanes.buffer, PLS_BLOCK_ROWS, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&sums->blocks, lanes->series_count, sizeof *sums->blocks, err);
    for (size_t s = 0; code == PLS_OK && s < lanes->series_count; s++)
        code =
            pls_alloc(&sums->blocks[s],
                      (size_t)pls_schema_blocks(lanes->series[s].count) * pls_lanes_number(lanes),
                      sizeof *sums->blocks[s], err);
    return code;
}

enum pls_code pls_sums_begin(struct pls_sums **out_new, const struct pls_contents *contents,
                             const struct pls_lanes *lanes, struct pls_error *err)
{
    struct pls_sums *sums = NULL;
    enum pls_code code = pls_alloc(&sums, 1, sizeof *sums, err);
    if (code != PLS_OK)
        return code;
    sums->contents = contents;
    atomic_init(&sums->ending, false);
    code = make_room(sums, lanes, err);
    if (code != PLS_OK) {
        pls_sums_free(sums);
        return code;
    }
    sums->running = start_thread(sums);
    if (!sums->running)
        read_all(sums);
    *out_new = sums;
    return PLS_OK;
}

static void end_thread(struct pls_sums *sums)
{
    if (sums->running)
        pthread_join(sums->thread, NULL);
    sums->running = false;
}

enum pls_code pls_sums_wait(struct pls_sums *sums, uint64_t *const **blocks, const char **digest,
                            struct pls_error *err)
{
    end_thread(sums);
    *blocks = sums->blocks;
    *digest = sums->digest;
    if (sums->code != PLS_OK && err != NULL)
        *err = sums->error;
    return sums->code;
}

void pls_sums_free(struct pls_sums *sums)
{
    if (sums == NULL)
        return;
    atomic_store(&sums->ending, true);
    end_thread(sums);
    for (size_t s = 0; sums->blocks != NULL && s < sums->lanes.series_count; s++)
        free(sums->blocks[s]);
    free(sums->blocks);
    free(sums->lanes.buffer);
    free(sums);
}
