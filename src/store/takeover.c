/*
 * takeover.c: rows of an earlier run brought into a fresh file: resume, another number of rows,
 * and new tables are this one thing. What comes from FILE.part is found by its journal alone,
 * not by HDF5, so it does not matter where a kill left the file's metadata.
 */
#include "foreign.h"
#include "state.h"

#include "plstrap/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The names change hands in two renames, journal first. A kill between them leaves a journal that
 * speaks of FILE.part.new: it knows its file by the inode.
 */
static void complete_switch(const struct pls_store *store, uint64_t inode)
{
    struct stat facts;
    if (inode != 0 && lstat(store->part_new, &facts) == 0 && facts.st_ino == inode)
        rename(store->part_new, store->lanes.path);
}

/* Rows of an unfinished run took time as well: none of them is dropped unasked. */
static enum pls_code check_fewer(const struct pls_store *store, const struct pls_journal_head *part,
                                 uint64_t records, struct pls_error *err)
{
    struct pls_journal_reader reader = {
        .fd = store->journal_fd, .at = records, .lanes = &part->lanes};
    struct pls_journal_record record;
    while (pls_journal_next(&reader, &record)) {
        const struct pls_lanes_series *theirs = &part->lanes.series[record.series];
        const size_t series = pls_lanes_find(&store->lanes, theirs->name);
        if (series == store->lanes.series_count)
            continue;
        const struct pls_lanes_series *ours = &store->lanes.series[series];
        const uint64_t end = theirs->first + record.first + record.count;
        if (end > ours->first + ours->count)
            return pls_fail(err, PLS_ECREATE,
                            "%s: holds unfinished rows beyond the %" PRIu64 " of %s that are asked "
                            "for; ask for as many as before, choose another name with -o, or drop "
                            "them with --restart",
                            store->journal, ours->first + ours->count, theirs->name);
    }
    return PLS_OK;
}

static enum pls_code prepare_part(struct pls_store *store, bool restart,
                                  struct pls_journal_head *part, uint64_t *records,
                                  struct pls_error *err)
{
    struct stat facts;
    if (restart || fstat(store->journal_fd, &facts) != 0 || facts.st_size == 0)
        return PLS_OK;
    enum pls_code code = pls_journal_head_read(store->journal_fd, store->journal, store->lanes.path,
                                               part, records, err);
    if (code == PLS_OK)
        code = pls_identity_check(&store->identity, &part->identity, store->journal,
                                  "unfinished rows", err);
    if (code == PLS_OK && store->lanes.series_count == 0)
        code = pls_kept_read(store->journal_fd, *records, &store->kept, err);
    if (code == PLS_OK && store->lanes.series_count > 0 && !store->contents->cut)
        code = check_fewer(store, part, *records, err);
    if (code != PLS_OK)
        return code;
    complete_switch(store, part->inode);
    part->lanes.fd = open(store->lanes.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (part->lanes.fd < 0 && errno != ENOENT) /* without it there is just nothing to take */
        return pls_fail(err, PLS_EIO, "%s: cannot be read: %s", store->lanes.path, strerror(errno));
    return PLS_OK;
}

/* Who waited for the lock has not seen what was finished meanwhile. */
static enum pls_code check_fewer_finished(const struct pls_store *store,
                                          const struct pls_result *finished, struct pls_error *err)
{
    for (size_t i = 0; i < finished->lanes.series_count; i++) {
        const struct pls_lanes_series *theirs = &finished->lanes.series[i];
        const size_t series = pls_lanes_find(&store->lanes, theirs->name);
        if (series == store->lanes.series_count)
            continue;
        const struct pls_lanes_series *ours = &store->lanes.series[series];
        if (theirs->first + theirs->count > ours->first + ours->count)
            return pls_fail(err, PLS_ECREATE,
                            "%s: holds more than the %" PRIu64 " rows of %s that are asked for; "
                            "ask for as many, choose another name with -o, or drop them with "
                            "--restart",
                            store->path, ours->first + ours->count, theirs->name);
    }
    return PLS_OK;
}

/* A result may be dropped without being whole; a person's own file, named by mistake, may not. */
static enum pls_code check_replaceable(const char *path, struct pls_error *err)
{
    struct pls_error why;
    struct pls_foreign file = {.path = path, .fd = -1, .err = &why};
    enum pls_code code = pls_foreign_open(&file);
    if (code != PLS_OK)
        pls_fail(err, code, "%s", why.text);
    else if (file.size > 0 && pls_foreign_check_kind(&file) != PLS_OK)
        code = pls_fail(err, PLS_ECREATE,
                        "%s: is not a result of plstrap, and --restart replaces nothing else; "
                        "choose another name with -o, or remove it",
                        path);
    if (file.fd >= 0)
        close(file.fd);
    return code;
}

static enum pls_code prepare_finished(const struct pls_store *store, bool restart,
                                      struct pls_result **finished, struct pls_error *err)
{
    struct pls_identity theirs;
    struct stat facts;
    if (lstat(store->path, &facts) != 0 && errno == ENOENT)
        return PLS_OK;
    if (stat(store->path, &facts) == 0 && !S_ISREG(facts.st_mode))
        return pls_fail(err, PLS_ECREATE, "%s: is not a regular file; choose another name with -o",
                        store->path);
    if (restart || store->contents->replace)
        return check_replaceable(store->path, err);
    enum pls_code code = pls_schema_read(store->path, finished, err);
    if (code == PLS_OK)
        code = pls_identity_of(&(*finished)->contents, &theirs, err);
    if (code == PLS_OK)
        code = pls_identity_check(&store->identity, &theirs, store->path, "the result", err);
    if (code == PLS_OK && !store->contents->cut)
        code = check_fewer_finished(store, *finished, err);
    return code;
}

enum pls_code pls_takeover_prepare(struct pls_store *store, bool restart,
                                   struct pls_journal_head *part, uint64_t *records,
                                   struct pls_result **finished, struct pls_error *err)
{
    enum pls_code code = prepare_part(store, restart, part, records, err);
    if (code == PLS_OK)
        code = prepare_finished(store, restart, finished, err);
    if (code == PLS_OK) { /* left by a kill before their switch */
        unlink(store->part_new);
        unlink(store->journal_new);
    }
    return code;
}

/*
 * Of the rows first … end-1 of a source, at most PLS_BLOCK_ROWS and numbered as in it, those that
 * are still missing.
 */
static enum pls_code copy_missing(struct pls_store *store, const struct pls_lanes *from,
                                  size_t from_series, size_t series, uint64_t first, uint64_t end,
                                  struct pls_error *err)
{
    const struct pls_lanes_series *source = &from->series[from_series];
    const struct pls_lanes_series *target = &store->lanes.series[series];
    struct pls_span gap;
    first += source->first;
    end += source->first;
    first = first > target->first ? first - target->first : 0;
    end = end > target->first ? end - target->first : 0;
    if (end > target->count)
        end = target->count;
    while (first < end && pls_spans_gap(&store->done[series], first, end, &gap)) {
        const size_t count = (size_t)(gap.end - gap.first);
        uint64_t sum;
        enum pls_code code = pls_lanes_copy(from, from_series, &store->lanes, series,
                                            target->first + gap.first, count, &sum, err);
        if (code == PLS_OK)
            code = pls_state_record(store, series, gap.first, count, sum, err);
        if (code != PLS_OK)
            return code;
        first = gap.end;
    }
    return PLS_OK;
}

static enum pls_code copy_part(struct pls_store *store, const struct pls_journal_head *part,
                               uint64_t records, struct pls_error *err)
{
    struct pls_journal_reader reader = {
        .fd = store->journal_fd, .at = records, .lanes = &part->lanes};
    struct pls_journal_record record;
    while (pls_journal_next(&reader, &record)) {
        const size_t series = pls_lanes_find(&store->lanes, part->lanes.series[record.series].name);
        uint64_t sum;
        if (series == store->lanes.series_count)
            continue;
        /* A range that cannot be read or does not fit is computed again. */
        if (pls_lanes_sum(&part->lanes, record.series, record.first, record.count, &sum, NULL) !=
                PLS_OK ||
            sum != record.sum) {
            store->damaged += record.count;
            continue;
        }
        enum pls_code code = copy_missing(store, &part->lanes, record.series, series, record.first,
                                          record.first + record.count, err);
        if (code != PLS_OK)
            return code;
    }
    return PLS_OK;
}

static bool block_is_sound(const struct pls_result *finished, size_t series, uint64_t block)
{
    bool sound = true;
    for (size_t lane = 0; sound && lane < pls_lanes_number(&finished->lanes); lane++)
        if (pls_result_check_block(finished, series, lane, block, &sound, NULL) != PLS_OK)
            return false;
    return sound;
}

static enum pls_code copy_finished(struct pls_store *store, const struct pls_result *finished,
                                   struct pls_error *err)
{
    for (size_t from = 0; from < finished->lanes.series_count; from++) {
        const struct pls_lanes_series *source = &finished->lanes.series[from];
        const size_t series = pls_lanes_find(&store->lanes, source->name);
        if (series == store->lanes.series_count)
            continue;
        for (uint64_t block = 0; block < pls_schema_blocks(source->count); block++) {
            const uint64_t first = block * PLS_BLOCK_ROWS;
            const uint64_t left = source->count - first;
            const uint64_t rows = left < PLS_BLOCK_ROWS ? left : PLS_BLOCK_ROWS;
            if (!block_is_sound(finished, from, block)) {
                store->damaged +=
                    pls_spans_cover(&store->done[series], first, first + rows) ? 0 : rows;
                continue;
            }
            enum pls_code code =
                copy_missing(store, &finished->lanes, from, series, first, first + rows, err);
            if (code != PLS_OK)
                return code;
        }
    }
    return PLS_OK;
}

enum pls_code pls_takeover_copy(struct pls_store *store, const struct pls_journal_head *part,
                                uint64_t records, const struct pls_result *finished,
                                struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    if (part->lanes.fd >= 0)
        code = copy_part(store, part, records, err);
    if (code == PLS_OK && finished != NULL)
        code = copy_finished(store, finished, err);
    return code;
}

enum pls_code pls_store_take(struct pls_store *store, const struct pls_result *shard,
                             struct pls_error *err)
{
    return copy_finished(store, shard, err);
}
