/* store.c: a result opened, filled, synced and closed. Its end is in finish.c. */
#include "state.h"

#include "lock.h"
#include "plstrap/alloc.h"
#include "plstrap/file.h"
#include "plstrap/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- opening ---- */

static enum pls_code name_beside(char **out_new, const char *path, const char *suffix,
                                 struct pls_error *err)
{
    struct pls_text name = {0};
    enum pls_code code = pls_text_printf(&name, err, "%s%s", path, suffix);
    *out_new = name.data;
    return code;
}

/* Names of series are made by jobs and become groups: a bad one is our bug. */
static bool is_group_path(const char *name)
{
    for (const char *at = name;; at++) {
        const size_t length = strcspn(at, "/");
        if (length == 0 || (at[0] == '.' && (length == 1 || (length == 2 && at[1] == '.'))))
            return false;
        at += length;
        if (*at == '\0')
            return true;
    }
}

static enum pls_code name_series(struct pls_store *store, struct pls_error *err)
{
    const struct pls_contents *contents = store->contents;
    for (size_t s = 0; s < contents->series_count; s++) {
        const struct pls_series *series = &contents->series[s];
        struct pls_lanes_series *lanes = &store->lanes.series[s];
        if (!is_group_path(series->name) ||
            pls_lanes_find(&(struct pls_lanes){.series = store->lanes.series, .series_count = s},
                           series->name) != s)
            return pls_fail(err, PLS_EINTERNAL, "%s: \"%s\" cannot name a series", store->path,
                            series->name);
        /* Far below where sizes in bytes or offsets in a file could overflow. */
        if (series->count > (UINT64_C(1) << 58) / (store->lanes.columns + 1))
            return pls_fail(err, PLS_EDATA,
                            "%s: %" PRIu64 " rows of %s are more than a file can hold; ask for "
                            "fewer",
                            store->path, series->count, series->name);
        if (contents->shard.of > 0 &&
            (contents->part[s].first > series->count ||
             contents->part[s].count > series->count - contents->part[s].first))
            return pls_fail(err, PLS_EINTERNAL, "%s: a shard has rows beyond its series",
                            store->path);
        lanes->first = contents->shard.of > 0 ? contents->part[s].first : 0;
        lanes->count = contents->shard.of > 0 ? contents->part[s].count : series->count;
        enum pls_code code = pls_copy_text(&lanes->name, series->name, strlen(series->name), err);
        if (code != PLS_OK)
            return code;
    }
    return PLS_OK;
}

static enum pls_code make_store(const char *path, const struct pls_contents *contents,
                                struct pls_store *store, struct pls_error *err)
{
    char *part = NULL;
    store->contents = contents;
    store->journal_fd = -1;
    store->lanes.fd = -1;
    enum pls_code code = pls_copy_text(&store->path, path, strlen(path), err);
    if (code == PLS_OK)
        code = name_beside(&store->journal, path, ".journal", err);
    if (code == PLS_OK)
        code = name_beside(&store->part_new, path, ".part.new", err);
    if (code == PLS_OK)
        code = name_beside(&store->journal_new, path, ".journal.new", err);
    if (code == PLS_OK)
        code = name_beside(&part, path, ".part", err);
    if (code == PLS_OK)
        code = pls_lanes_init(&store->lanes, part, contents->series[0].columns->count,
                              contents->series_count, err);
    if (code == PLS_OK)
        code = pls_alloc(&store->done, contents->series_count, sizeof *store->done, err);
    if (code == PLS_OK)
        code = name_series(store, err);
    if (code == PLS_OK)
        code = pls_identity_of(contents, &store->identity, err);
    free(part);
    return code;
}

/* Lays out FILE.part.new. The lanes are named FILE.part, as which the user will meet the file. */
static enum pls_code lay_out(struct pls_store *store, struct pls_error *err)
{
    char *part = store->lanes.path;
    store->lanes.path = store->part_new;
    enum pls_code code = pls_schema_lay_out(store->contents, &store->lanes, err);
    store->lanes.path = part;
    if (code != PLS_OK)
        return code;
    store->lanes.fd = open(store->part_new, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    return store->lanes.fd >= 0 ? PLS_OK
                                : pls_fail(err, PLS_EIO, "%s: cannot be opened: %s",
                                           store->part_new, strerror(errno));
}

static enum pls_code write_failed(const char *path, struct pls_error *err)
{
    return pls_fail(err, PLS_EIO,
                    "%s: cannot be written: %s; make room and give the same command again", path,
                    strerror(errno));
}

/* FILE.journal.new, locked: a head, what is pending, and what is kept. Its name is not given yet. */
static enum pls_code write_journal(struct pls_store *store, const void *opt_kept, size_t length,
                                   int *out, struct pls_error *err)
{
    struct stat facts;
    const int fd = open(store->journal_new, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 || fstat(store->lanes.fd, &facts) != 0) {
        pls_fail(err, PLS_ECREATE, "%s: cannot be created: %s", store->journal_new,
                 strerror(errno));
        if (fd >= 0)
            close(fd);
        return PLS_ECREATE;
    }
    flock(fd, LOCK_EX | LOCK_NB); /* nobody else knows the name yet */
    enum pls_code code = pls_journal_start(fd, store->journal_new, &store->identity, facts.st_ino,
                                           &store->lanes, &store->journal_length, err);
    if (code == PLS_OK)
        code = pls_journal_append(fd, store->journal_new, store->pending, store->pending_count,
                                  &store->journal_length, err);
    if (code == PLS_OK && opt_kept != NULL &&
        !pls_kept_write(fd, store->journal_length, opt_kept, length))
        code = write_failed(store->journal_new, err);
    if (code == PLS_OK && !pls_file_sync(fd))
        code = write_failed(store->journal_new, err);
    if (code != PLS_OK) {
        close(fd);
        return code;
    }
    *out = fd;
    return PLS_OK;
}

static void use_journal(struct pls_store *store, int fd)
{
    close(store->journal_fd);
    store->journal_fd = fd;
    store->pending_count = 0;
}

/*
 * FILE.part.new and a journal that speaks of it get their names. Nothing of the files before is
 * lost: until the first rename they are as they were, and after it all of their sound rows are
 * in the new ones, on the disk.
 */
static enum pls_code switch_over(struct pls_store *store, struct pls_error *err)
{
    int fd;
    enum pls_code code = write_journal(store, store->kept.bytes, store->kept.length, &fd, err);
    if (code != PLS_OK)
        return code;
    if (!pls_file_sync(store->lanes.fd) || rename(store->journal_new, store->journal) != 0) {
        code = write_failed(store->lanes.path, err);
        close(fd);
        return code;
    }
    use_journal(store, fd);
    store->switched = true;
    store->saved = store->kept.bytes != NULL;
    if (rename(store->part_new, store->lanes.path) != 0)
        return write_failed(store->lanes.path, err);
    return pls_file_sync_folder(store->path, err);
}

static void free_store(struct pls_store *store)
{
    if (store == NULL)
        return;
    pls_sums_free(store->sums);
    if (store->journal_fd >= 0)
        close(store->journal_fd);
    for (size_t s = 0; store->done != NULL && s < store->lanes.series_count; s++)
        pls_spans_free(&store->done[s]);
    free(store->done);
    pls_lanes_free(&store->lanes);
    free(store->path);
    free(store->journal);
    free(store->part_new);
    free(store->journal_new);
    free(store->pending);
    free(store->kept.bytes);
    free(store);
}

static bool is_empty(const struct pls_store *store)
{
    if (store->saved)
        return false;
    for (size_t s = 0; s < store->lanes.series_count; s++)
        if (store->done[s].count > 0)
            return false;
    return true;
}

static void discard(const struct pls_store *store)
{
    unlink(store->part_new);
    unlink(store->lanes.path);
    unlink(store->journal);
}

/* Leaves the folder as it was found; the empty journal is the one that the lock made. */
static void undo_opening(const struct pls_store *store, bool prepared)
{
    struct stat facts;
    if (prepared)
        unlink(store->journal_new);
    if (store->switched) {
        if (is_empty(store))
            discard(store);
        return;
    }
    if (prepared)
        unlink(store->part_new);
    if (fstat(store->journal_fd, &facts) == 0 && facts.st_size == 0)
        unlink(store->journal);
}

enum pls_code pls_store_open(const char *path, const struct pls_contents *contents, bool restart,
                             struct pls_store **out_new, struct pls_error *err)
{
    struct pls_journal_head part = {.lanes = {.fd = -1}};
    struct pls_result *finished = NULL;
    struct pls_store *store = NULL;
    uint64_t records = 0;
    bool prepared = false;

    enum pls_code code = pls_alloc(&store, 1, sizeof *store, err);
    if (code == PLS_OK)
        code = make_store(path, contents, store, err);
    if (code == PLS_OK)
        code = pls_lock_take(store->journal, path, &store->journal_fd, err);
    if (code != PLS_OK)
        goto done;
    code = pls_takeover_prepare(store, restart, &part, &records, &finished, err);
    prepared = code == PLS_OK;
    if (code == PLS_OK)
        code = lay_out(store, err);
    if (code == PLS_OK)
        pls_lanes_reserve(&store->lanes);
    if (code == PLS_OK)
        code = pls_takeover_copy(store, &part, records, finished, err);
    if (code == PLS_OK)
        code = switch_over(store, err);
    if (code != PLS_OK) {
        undo_opening(store, prepared);
        goto done;
    }
    *out_new = store;
    store = NULL;
done:
    pls_journal_head_free(&part);
    pls_result_close(finished);
    free_store(store);
    return code;
}

enum pls_code pls_store_check(const char *path, const struct pls_contents *contents,
                              struct pls_error *err)
{
    struct pls_journal_head part = {.lanes = {.fd = -1}};
    struct pls_result *finished = NULL;
    struct pls_store *store = NULL;
    uint64_t records = 0;
    enum pls_code code = pls_alloc(&store, 1, sizeof *store, err);
    if (code == PLS_OK)
        code = make_store(path, contents, store, err);
    if (code == PLS_OK)
        code = pls_lock_take(store->journal, path, &store->journal_fd, err);
    if (code == PLS_OK) {
        code = pls_takeover_prepare(store, false, &part, &records, &finished, err);
        undo_opening(store, false);
    }
    pls_journal_head_free(&part);
    pls_result_close(finished);
    free_store(store);
    return code;
}

/* ---- filling ---- */

enum pls_code pls_store_todo(const struct pls_store *store, struct pls_range **out_new,
                             size_t *count, struct pls_error *err)
{
    struct pls_range *todo = NULL;
    size_t capacity = 0;
    enum pls_code code = pls_grow(&todo, &capacity, 1, sizeof *todo, err);
    *count = 0;
    for (size_t s = 0; code == PLS_OK && s < store->lanes.series_count; s++) {
        const struct pls_lanes_series *series = &store->lanes.series[s];
        struct pls_span gap = {0, 0};
        while (code == PLS_OK && pls_spans_gap(&store->done[s], gap.end, series->count, &gap)) {
            code = pls_grow(&todo, &capacity, *count + 1, sizeof *todo, err);
            if (code == PLS_OK)
                todo[(*count)++] =
                    (struct pls_range){(uint32_t)s, series->first + gap.first, gap.end - gap.first};
        }
    }
    if (code != PLS_OK) {
        free(todo);
        return code;
    }
    *out_new = todo;
    return PLS_OK;
}

enum pls_code pls_state_record(struct pls_store *store, size_t series, uint64_t first, size_t count,
                               uint64_t sum, struct pls_error *err)
{
    enum pls_code code = pls_grow(&store->pending, &store->pending_capacity,
                                  store->pending_count + 1, sizeof *store->pending, err);
    if (code == PLS_OK)
        code = pls_spans_add(&store->done[series], first, first + count, err);
    if (code == PLS_OK)
        store->pending[store->pending_count++] = (struct pls_journal_record){
            .series = (uint32_t)series, .count = (uint32_t)count, .first = first, .sum = sum};
    return code;
}

/* Enough for large writes in every lane, little enough for the disk to begin soon. */
static const uint64_t most_held = UINT64_C(32) << 20;

static void write_back(struct pls_store *store, uint64_t rows)
{
    store->held += rows * (store->lanes.columns * sizeof(double) + sizeof(struct pls_outcome));
    if (store->held < most_held)
        return;
    pls_lanes_write_back(&store->lanes);
    store->held = 0;
}

enum pls_code pls_store_put(void *opaque, const struct pls_range *range, const double *rows,
                            const struct pls_outcome *outcomes, struct pls_error *err)
{
    struct pls_store *store = opaque;
    const struct pls_lanes *lanes = &store->lanes;
    uint64_t first;
    if (range->series >= lanes->series_count ||
        !pls_lanes_hold(lanes, range->series, range->first, range->count, &first))
        return pls_fail(err, PLS_EINTERNAL, "%s: has no place for such rows", store->path);
    if (store->sums != NULL)
        return pls_fail(err, PLS_EINTERNAL, "%s: rows come after the last one", store->path);
    for (uint64_t done = 0; done < range->count;) {
        const uint64_t left = range->count - done;
        const size_t piece = left < PLS_BLOCK_ROWS ? (size_t)left : PLS_BLOCK_ROWS;
        uint64_t sum;
        enum pls_code code = pls_lanes_put(lanes, range->series, first + done, piece, rows + done,
                                           (size_t)range->count, outcomes + done, &sum, err);
        if (code == PLS_OK)
            code = pls_state_record(store, range->series, first + done, piece, sum, err);
        if (code != PLS_OK)
            return code;
        done += piece;
    }
    write_back(store, range->count);
    return PLS_OK;
}

enum pls_code pls_state_still_named(const struct pls_store *store, struct pls_error *err)
{
    const int files[] = {store->lanes.fd, store->journal_fd};
    struct stat facts;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (fstat(files[i], &facts) == 0 && facts.st_nlink == 0)
            return pls_fail(err, PLS_EIO,
                            "%s: was removed while rows were written to it; give the same command "
                            "again, with -o in a folder that stays",
                            i == 0 ? store->lanes.path : store->journal);
    return PLS_OK;
}

/* Data before the records that vouch for them. */
enum pls_code pls_store_sync(struct pls_store *store, struct pls_error *err)
{
    if (store->pending_count == 0)
        return PLS_OK;
    enum pls_code code = pls_state_still_named(store, err);
    if (code != PLS_OK)
        return code;
    if (!pls_file_sync_data(store->lanes.fd))
        return pls_fail(err, PLS_EIO, "%s: cannot be written: %s", store->lanes.path,
                        strerror(errno));
    code = pls_journal_append(store->journal_fd, store->journal, store->pending,
                              store->pending_count, &store->journal_length, err);
    if (code != PLS_OK)
        return code;
    store->pending_count = 0;
    if (!pls_file_sync_data(store->journal_fd))
        return pls_fail(err, PLS_EIO, "%s: cannot be written: %s", store->journal, strerror(errno));
    return PLS_OK;
}

enum pls_code pls_store_save(struct pls_store *store, const void *bytes, size_t length,
                             struct pls_error *err)
{
    int fd;
    enum pls_code code = pls_state_still_named(store, err);
    if (code == PLS_OK)
        code = write_journal(store, bytes, length, &fd, err);
    if (code == PLS_OK && rename(store->journal_new, store->journal) != 0) {
        code = write_failed(store->journal, err);
        close(fd);
    }
    if (code != PLS_OK) {
        unlink(store->journal_new);
        return code;
    }
    use_journal(store, fd);
    store->saved = true;
    free(store->kept.bytes);
    store->kept = (struct pls_kept){0};
    return pls_file_sync_folder(store->path, err);
}

uint64_t pls_store_damaged(const struct pls_store *store)
{
    return store->damaged;
}

const char *pls_store_saved(const struct pls_store *store, size_t *length, bool *damaged)
{
    *length = store->kept.length;
    *damaged = store->kept.damaged;
    return store->kept.bytes;
}

void pls_store_close(struct pls_store *store, bool keep)
{
    if (store == NULL)
        return;
    if (!store->finished && keep && !is_empty(store)) {
        pls_store_sync(store, NULL); /* what cannot be recorded now is computed again */
    } else if (!store->finished) {
        discard(store);
    }
    free_store(store);
}

static bool exists(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0;
}

void pls_store_tidy(const char *path)
{
    static const char *const suffixes[] = {".part", ".part.new", ".journal.new", ".journal"};
    enum { PART, PART_NEW, JOURNAL_NEW, JOURNAL, NAMES };
    char *name[NAMES] = {NULL};
    struct stat facts;
    int fd = -1;
    enum pls_code code = PLS_OK;
    for (size_t i = 0; code == PLS_OK && i < NAMES; i++)
        code = name_beside(&name[i], path, suffixes[i], NULL);
    if (code == PLS_OK && !exists(name[PART]) && exists(name[JOURNAL]))
        fd = open(name[JOURNAL], O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &facts) == 0 &&
        facts.st_nlink > 0 && !exists(name[PART]) &&
        (facts.st_size == 0 || !exists(name[PART_NEW])))
        for (size_t i = PART_NEW; i < NAMES; i++)
            unlink(name[i]); /* the journal, which is the lock, last */
    if (fd >= 0)
        close(fd);
    for (size_t i = 0; i < NAMES; i++)
        free(name[i]);
}
