/* finish.c: the end of a result: read back, checked, completed, checked as a reader would,
 * renamed. */
#include "state.h"

#include "crew.h"
#include "plstrap/alloc.h"
#include "plstrap/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ranges that records of the journal, or those that go there next, vouch for. */
struct ranges {
    struct pls_journal_record *record; /* [count] */
    bool *sound;                       /* [count] */
    size_t count;
};

static enum pls_code list_ranges(const struct pls_store *store, struct ranges *ranges,
                                 struct pls_error *err)
{
    struct pls_journal_reader reader = {.fd = store->journal_fd, .lanes = &store->lanes};
    struct pls_journal_head head;
    struct pls_journal_record record;
    size_t capacity = 0;
    enum pls_code code = pls_journal_head_read(store->journal_fd, store->journal, store->lanes.path,
                                               &head, &reader.at, err);
    if (code != PLS_OK)
        return code;
    while (code == PLS_OK && pls_journal_next(&reader, &record)) {
        code = pls_grow(&ranges->record, &capacity, ranges->count + 1, sizeof record, err);
        if (code == PLS_OK)
            ranges->record[ranges->count++] = record;
    }
    for (size_t i = 0; code == PLS_OK && i < store->pending_count; i++) {
        code = pls_grow(&ranges->record, &capacity, ranges->count + 1, sizeof record, err);
        if (code == PLS_OK)
            ranges->record[ranges->count++] = store->pending[i];
    }
    pls_journal_head_free(&head);
    return code == PLS_OK ? pls_alloc(&ranges->sound, ranges->count, sizeof(bool), err) : code;
}

/* A pls_crew_fn: one range. */
static enum pls_code check_range(void *self, const struct pls_lanes *own, size_t item,
                                 struct pls_error *err)
{
    struct ranges *ranges = self;
    const struct pls_journal_record *record = &ranges->record[item];
    uint64_t sum;
    const enum pls_code code =
        pls_lanes_sum(own, record->series, record->first, record->count, &sum, err);
    ranges->sound[item] = code == PLS_OK && sum == record->sum;
    return code;
}

static enum pls_code find_unsound(const struct pls_lanes *lanes, const struct ranges *ranges,
                                  struct pls_error *err)
{
    struct pls_spans *sound = NULL;
    struct pls_span gap;
    enum pls_code code = pls_alloc(&sound, lanes->series_count, sizeof *sound, err);
    for (size_t i = 0; code == PLS_OK && i < ranges->count; i++) {
        const struct pls_journal_record *record = &ranges->record[i];
        if (ranges->sound[i])
            code = pls_spans_add(&sound[record->series], record->first,
                                 record->first + record->count, err);
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
    return code;
}

/* Every row must be vouched for by a record that it fits. */
static enum pls_code verify_ranges(struct pls_store *store, struct pls_error *err)
{
    struct ranges ranges = {0};
    enum pls_code code = list_ranges(store, &ranges, err);
    if (code == PLS_OK)
        code = pls_crew_run(&store->lanes, ranges.count, check_range, &ranges, err);
    if (code == PLS_OK)
        code = find_unsound(&store->lanes, &ranges, err);
    free(ranges.record);
    free(ranges.sound);
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
    if (code == PLS_OK) /* while the disk is still at work */
        code = verify_ranges(store, err);
    if (code == PLS_OK)
        code = pls_store_sync(store, err);
    if (code == PLS_OK)
        code = complete(store, tables, err);
    if (code == PLS_OK)
        code = pls_result_open(store->lanes.path, &result, err);
    if (code == PLS_EDATA)
        code = tell_unreadable(store->lanes.path, err);
    pls_result_close(result);
    return code == PLS_OK ? give_name(store, err) : code;
}
