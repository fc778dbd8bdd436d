/* finish.c: the end of a result: read back, checked, completed, checked as a reader would,
 * renamed. */
#include "state.h"

#include "plstrap/alloc.h"
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
                            lanes->path, lanes->series[s].first + gap.first,
                            lanes->series[s].first + gap.end - 1, lanes->series[s].name);
    for (size_t s = 0; sound != NULL && s < lanes->series_count; s++)
        pls_spans_free(&sound[s]);
    free(sound);
    pls_journal_head_free(&head);
    return code;
}

static enum pls_code complete(struct pls_store *store, const struct pls_tables *tables,
                              struct pls_error *err)
{
    uint64_t *const *blocks = NULL;
    const char *digest = NULL;
    enum pls_code code = pls_sums_wait(store->sums, &blocks, &digest, err);
    return code == PLS_OK ? pls_schema_complete(store->lanes.path, &store->lanes, store->contents,
                                                blocks, digest, tables, err)
                          : code;
}

enum pls_code pls_result_digest_again(const struct pls_result *result, char out[65],
                                      struct pls_error *err)
{
    struct pls_sums *sums = NULL;
    uint64_t *const *blocks = NULL; /* were checked when the result was opened */
    const char *digest = NULL;
    enum pls_code code = pls_sums_begin(&sums, &result->contents, &result->lanes, err);
    if (code == PLS_OK)
        code = pls_sums_wait(sums, &blocks, &digest, err);
    if (code == PLS_OK)
        memcpy(out, digest, 65);
    pls_sums_free(sums);
    return code;
}

static enum pls_code give_name(struct pls_store *store, struct pls_error *err)
{
    if (!pls_file_sync(store->lanes.fd) || rename(store->lanes.path, store->path) != 0)
        return pls_fail(err, PLS_EIO, "%s: cannot be written: %s", store->path, strerror(errno));
    store->finished = true;
    unlink(store->journal); /* ours to remove: we hold its lock */
    return pls_file_sync_folder(store->path, err);
}

/* A file of our own that does not read back: what was found, but not what to do with a foreign one. */
static enum pls_code tell_unreadable(const char *path, struct pls_error *err)
{
    struct pls_error found = {0};
    const size_t skip = strlen(path) + strlen(": ");
    if (err != NULL)
        found = *err;
    const char *why = found.text + (strlen(found.text) > skip ? skip : 0);
    return pls_fail(err, PLS_EIO,
                    "%s: does not read back as it was written (%.*s); give the same command again "
                    "to complete it anew",
                    path, (int)strcspn(why, ";"), why);
}

enum pls_code pls_store_settle(struct pls_store *store, struct pls_error *err)
{
    for (size_t s = 0; s < store->lanes.series_count; s++)
        if (!pls_spans_cover(&store->done[s], 0, store->lanes.series[s].count))
            return pls_fail(err, PLS_EINTERNAL, "%s: finished before all rows are there",
                            store->path);
    if (store->sums != NULL)
        return PLS_OK;
    pls_lanes_write_back(&store->lanes);
    return pls_sums_begin(&store->sums, store->contents, &store->lanes, err);
}

enum pls_code pls_store_finish(struct pls_store *store, const struct pls_tables *tables,
                               struct pls_error *err)
{
    struct pls_result *result = NULL;
    enum pls_code code = pls_store_settle(store, err);
    if (code == PLS_OK)
        code = pls_state_still_named(store, err);
    if (code == PLS_OK)
        code = pls_store_sync(store, err);
    if (code == PLS_OK)
        code = verify_ranges(store, err);
    if (code == PLS_OK)
        code = complete(store, tables, err);
    if (code == PLS_OK)
        code = pls_result_open(store->lanes.path, &result, err);
    if (code == PLS_EDATA)
        code = tell_unreadable(store->lanes.path, err);
    pls_result_close(result);
    return code == PLS_OK ? give_name(store, err) : code;
}
