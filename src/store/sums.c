/*
 * sums.c: block checksums and digest, one reading of all rows, lane by lane on several threads.
 *
 * The digest is that of the lanes' digests, so that no thread waits for another.
 */
#include "sums.h"

#include "crew.h"
#include "plstrap/alloc.h"
#include "plstrap/digest.h"

#include <stdlib.h>

enum { DIGEST_BYTES = 32 };

struct pls_sums {
    const struct pls_contents *contents;
    const struct pls_lanes *lanes;
    uint64_t **blocks;     /* [series][lanes][blocks]             */
    unsigned char *digest; /* [series][lanes][32] of the lanes */
    char whole[65];
    struct pls_crew *crew; /* NULL: it has ended */
    enum pls_code code;
    struct pls_error error;
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
    enum pls_code code = pls_digest_add_text(digest, "plstrap rows 2", err);
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

/* A pls_crew_fn: one lane of one series. */
static enum pls_code read_lane(void *self, const struct pls_lanes *own, size_t item,
                               struct pls_error *err)
{
    struct pls_sums *sums = self;
    const size_t s = item / pls_lanes_number(own), lane = item % pls_lanes_number(own);
    const uint64_t rows = own->series[s].count;
    uint64_t *sum = sums->blocks[s] + lane * pls_schema_blocks(rows);
    struct pls_digest *digest = NULL;
    enum pls_code code = pls_digest_new(&digest, err);
    for (uint64_t first = 0; code == PLS_OK && first < rows; first += PLS_BLOCK_ROWS) {
        const size_t count =
            rows - first < PLS_BLOCK_ROWS ? (size_t)(rows - first) : PLS_BLOCK_ROWS;
        const size_t length = count * pls_lanes_width(own, lane);
        code = pls_lanes_read(own, s, lane, first, count, own->buffer, err);
        if (code == PLS_OK) {
            *sum++ = pls_checksum(own->buffer, length);
            code = pls_digest_add(digest, own->buffer, length, err);
        }
    }
    if (code == PLS_OK)
        code = pls_digest_bytes(digest, sums->digest + DIGEST_BYTES * item, err);
    pls_digest_free(digest);
    return code;
}

static enum pls_code join_digests(struct pls_sums *sums, struct pls_error *err)
{
    const struct pls_lanes *lanes = sums->lanes;
    const size_t bytes = DIGEST_BYTES * pls_lanes_number(lanes);
    struct pls_digest *digest = NULL;
    enum pls_code code = pls_digest_new(&digest, err);
    if (code == PLS_OK)
        code = digest_head(digest, sums->contents, err);
    for (size_t s = 0; code == PLS_OK && s < lanes->series_count; s++) {
        code = pls_digest_add_text(digest, lanes->series[s].name, err);
        if (code == PLS_OK)
            code = digest_number(digest, lanes->series[s].count, err);
        if (code == PLS_OK)
            code = pls_digest_add(digest, sums->digest + s * bytes, bytes, err);
    }
    if (code == PLS_OK)
        code = pls_digest_hex(digest, sums->whole, err);
    pls_digest_free(digest);
    return code;
}

/* ---- what others call ---- */

static enum pls_code make_room(struct pls_sums *sums, struct pls_error *err)
{
    const struct pls_lanes *lanes = sums->lanes;
    const size_t number = pls_lanes_number(lanes);
    enum pls_code code = pls_alloc(&sums->blocks, lanes->series_count, sizeof *sums->blocks, err);
    for (size_t s = 0; code == PLS_OK && s < lanes->series_count; s++)
        code =
            pls_alloc(&sums->blocks[s], (size_t)pls_schema_blocks(lanes->series[s].count) * number,
                      sizeof *sums->blocks[s], err);
    if (code == PLS_OK)
        code = pls_alloc(&sums->digest, lanes->series_count * number, DIGEST_BYTES, err);
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
    sums->lanes = lanes;
    code = make_room(sums, err);
    if (code == PLS_OK)
        code = pls_crew_begin(&sums->crew, lanes, lanes->series_count * pls_lanes_number(lanes),
                              read_lane, sums, err);
    if (code != PLS_OK) {
        pls_sums_free(sums);
        return code;
    }
    *out_new = sums;
    return PLS_OK;
}

enum pls_code pls_sums_wait(struct pls_sums *sums, uint64_t *const **blocks, const char **digest,
                            struct pls_error *err)
{
    if (sums->crew != NULL) {
        sums->code = pls_crew_end(sums->crew, false, &sums->error);
        sums->crew = NULL;
        if (sums->code == PLS_OK)
            sums->code = join_digests(sums, &sums->error);
    }
    *blocks = sums->blocks;
    *digest = sums->whole;
    if (sums->code != PLS_OK && err != NULL)
        *err = sums->error;
    return sums->code;
}

void pls_sums_free(struct pls_sums *sums)
{
    if (sums == NULL)
        return;
    if (sums->crew != NULL)
        pls_crew_end(sums->crew, true, NULL);
    for (size_t s = 0; sums->blocks != NULL && s < sums->lanes->series_count; s++)
        free(sums->blocks[s]);
    free(sums->blocks);
    free(sums->digest);
    free(sums);
}
