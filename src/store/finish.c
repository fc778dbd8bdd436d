/* finish.c: the end of a result: read back, checked, completed, checked as a reader would,
 * renamed. */
#include "state.h"

#include "plstrap/alloc.h"
#include "plstrap/digest.h"
#include "plstrap/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every row must be vouched for by a record of the journal that it fits. */
static enum pls_code verify_ranges(struct pls_store *store, struct pls_error *err)
{
    const struct pls_lanes *lanes = &store->lanes;
    struct pls_spans *sound = NULL;
    struct pls_journal_reader reader = {.fd = store->journal_fd, .lanes = lanes};
    struct pls_journal_head head;
    struct pls_journal_record record;
    struct pls_span gap;
    enum pls_code code = pls_journal_head_read(store->journal_fd, store->journal, lanes->path,
                                               &head, &reader.at, err);
    if (code != PLS_OK)
        return code;
    code = pls_alloc(&sound, lanes->series_count, sizeof *sound, err);
    while (code == PLS_OK && pls_journal_next(&reader, &record)) {
        uint64_t sum;
        code = pls_lanes_sum(lanes, record.series, record.first, record.count, &sum, err);
        if (code == PLS_OK && sum == record.sum)
            code = pls_spans_add(&sound[record.series], record.first, record.first + record.count,
                                 err);
    }
    for (size_t s = 0; code == PLS_OK && s < lanes->series_count; s++)
        if (pls_spans_gap(&sound[s], 0, lanes->series[s].count, &gap))
            code = pls_fail(err, PLS_EIO,
                            "%s: rows %" PRIu64 " to %" PRIu64 " of %s are not as they were "
                            "written: the disk failed or another program changed them; give the "
                            "same command again to compute them anew",
                            lanes->path, gap.first, gap.end - 1, lanes->series[s].name);
    for (size_t s = 0; sound != NULL && s < lanes->series_count; s++)
        pls_spans_free(&sound[s]);
    free(sound);
    pls_journal_head_free(&head);
    return code;
}

/* ---- checksums and digest: one reading of all rows ---- */

static enum pls_code digest_number(struct pls_digest *digest, uint64_t number,
                                   struct pls_error *err)
{
    return pls_digest_add(digest, &number, sizeof number, err);
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
    return code == PLS_OK ? digest_number(digest, contents->series_count, err) : code;
}

static enum pls_code sum_series(const struct pls_lanes *lanes, size_t s, uint64_t *sums,
                                struct pls_digest *digest, struct pls_error *err)
{
    const uint64_t rows = lanes->series[s].count;
    enum pls_code code = pls_digest_add_text(digest, lanes->series[s].name, err);
    if (code == PLS_OK)
        code = digest_number(digest, rows, err);
    for (size_t lane = 0; lane < pls_lanes_number(lanes); lane++)
        for (uint64_t first = 0; code == PLS_OK && first < rows; first += PLS_BLOCK_ROWS) {
            const size_t count =
                rows - first < PLS_BLOCK_ROWS ? (size_t)(rows - first) : PLS_BLOCK_ROWS;
            const size_t length = count * pls_lanes_width(lanes, lane);
            code = pls_lanes_read(lanes, s, lane, first, count, lanes->buffer, err);
            if (code == PLS_OK)
                code = pls_digest_add(digest, lanes->buffer, length, err);
            *sums++ = pls_checksum(lanes->buffer, length);
        }
    return code;
}

static enum pls_code complete(struct pls_store *store, const struct pls_tables *tables,
                              struct pls_error *err)
{
    const struct pls_lanes *lanes = &store->lanes;
    struct pls_digest *digest = NULL;
    uint64_t **sums = NULL;
    char hex[65];

    enum pls_code code = pls_digest_new(&digest, err);
    if (code == PLS_OK)
        code = digest_head(digest, store->contents, err);
    if (code == PLS_OK)
        code = pls_alloc(&sums, lanes->series_count, sizeof *sums, err);
    for (size_t s = 0; code == PLS_OK && s < lanes->series_count; s++) {
        const uint64_t blocks = pls_schema_blocks(lanes->series[s].count);
        code = pls_alloc(&sums[s], (size_t)blocks * pls_lanes_number(lanes), sizeof **sums, err);
        if (code == PLS_OK)
            code = sum_series(lanes, s, sums[s], digest, err);
    }
    if (code == PLS_OK)
        code = pls_digest_hex(digest, hex, err);
    if (code == PLS_OK)
        code = pls_schema_complete(lanes->path, lanes, sums, hex, tables, err);
    for (size_t s = 0; sums != NULL && s < lanes->series_count; s++)
        free(sums[s]);
    free(sums);
    pls_digest_free(digest);
    return code;
}

static enum pls_code give_name(struct pls_store *store, struct pls_error *err)
{
    if (fsync(store->lanes.fd) != 0 || rename(store->lanes.path, store->path) != 0)
        return pls_fail(err, PLS_EIO, "%s: cannot be written: %s", store->path, strerror(errno));
    store->finished = true;
    unlink(store->journal); /* ours to remove: we hold its lock */
    return pls_file_sync_folder(store->path, err);
}

enum pls_code pls_store_finish(struct pls_store *store, const struct pls_tables *tables,
                               struct pls_error *err)
{
    struct pls_result *result = NULL;
    for (size_t s = 0; s < store->lanes.series_count; s++)
        if (!pls_spans_cover(&store->done[s], 0, store->lanes.series[s].count))
            return pls_fail(err, PLS_EINTERNAL, "%s: finished before all rows are there",
                            store->path);
    enum pls_code code = pls_store_sync(store, err);
    if (code == PLS_OK)
        code = verify_ranges(store, err);
    if (code == PLS_OK)
        code = complete(store, tables, err);
    if (code == PLS_OK)
        code = pls_result_open(store->lanes.path, &result, err);
    pls_result_close(result);
    return code == PLS_OK ? give_name(store, err) : code;
}
