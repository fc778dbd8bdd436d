/*
 * progress.c: how far a result is that some process is filling, read without its lock.
 *
 * The files may change, get new names or vanish at any moment: a journal that lost its name while
 * it was read is read again, and what cannot be read is not there.
 */
#include "journal.h"
#include "kept.h"
#include "lock.h"
#include "plstrap/spans.h"

#include "plstrap/alloc.h"
#include "plstrap/spans.h"
#include "plstrap/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 5 };

/* A regular file of that name for reading, or -1. */
static int open_beside(const char *path, const char *suffix, struct stat *facts)
{
    struct pls_text name = {0};
    int fd = -1;
    if (pls_text_printf(&name, NULL, "%s%s", path, suffix) == PLS_OK)
        fd = open(name.data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    const int cause = errno;
    pls_text_free(&name);
    if (fd >= 0 && (fstat(fd, facts) != 0 || !S_ISREG(facts->st_mode))) {
        close(fd);
        errno = EINVAL;
        return -1;
    }
    errno = cause;
    return fd;
}

/*
 * The rows that a journal speaks of. Between its two renames a starting run has them under
 * FILE.part.new: the inode tells. After a copy to another disk no inode fits, and FILE.part it is.
 */
static int open_rows(const char *path, uint64_t inode)
{
    struct stat facts;
    const int fd = open_beside(path, ".part.new", &facts);
    if (fd >= 0 && facts.st_ino == inode)
        return fd;
    if (fd >= 0)
        close(fd);
    return open_beside(path, ".part", &facts);
}

/* Rows that no record before had; those whose outcomes cannot be read do not count. */
static enum pls_code count_record(const struct pls_lanes *lanes,
                                  const struct pls_journal_record *record, struct pls_spans *seen,
                                  struct pls_progress_series *series, struct pls_error *err)
{
    const uint64_t end = record->first + record->count;
    struct pls_span gap = {0, record->first};
    while (pls_spans_gap(seen, gap.end, end, &gap)) {
        const size_t count = (size_t)(gap.end - gap.first);
        if (pls_lanes_read(lanes, record->series, lanes->columns, gap.first, count, lanes->buffer,
                           NULL) != PLS_OK)
            return PLS_OK;
        series->done += count;
        for (size_t i = 0; i < count; i++)
            if (lanes->buffer[i] < PLS_STATUS_COUNT)
                series->ended[lanes->buffer[i]]++;
    }
    return pls_spans_add(seen, record->first, end, err);
}

static enum pls_code count_records(int fd, uint64_t at, const struct pls_lanes *lanes,
                                   struct pls_progress *out, struct pls_error *err)
{
    struct pls_journal_reader reader = {.fd = fd, .at = at, .lanes = lanes};
    struct pls_journal_record record;
    struct pls_spans *seen = NULL;
    enum pls_code code = pls_alloc(&seen, lanes->series_count, sizeof *seen, err);
    while (code == PLS_OK && pls_journal_next(&reader, &record))
        code = count_record(lanes, &record, &seen[record.series], &out->series[record.series], err);
    for (size_t s = 0; seen != NULL && s < lanes->series_count; s++)
        pls_spans_free(&seen[s]);
    free(seen);
    return code;
}

static enum pls_code take_head(const struct pls_journal_head *head, struct pls_progress *out,
                               struct pls_error *err)
{
    const struct pls_lanes *lanes = &head->lanes;
    memcpy(out->rows_digest, head->rows_digest, sizeof out->rows_digest);
    enum pls_code code = pls_copy_text(&out->job, head->job, strlen(head->job), err);
    if (code == PLS_OK)
        code = pls_alloc(&out->series, lanes->series_count, sizeof *out->series, err);
    for (size_t s = 0; code == PLS_OK && s < lanes->series_count; s++) {
        const struct pls_lanes_series *series = &lanes->series[s];
        out->series[s].count = series->count;
        out->series_count = s + 1;
        code = pls_copy_text(&out->series[s].name, series->name, strlen(series->name), err);
    }
    return code;
}

/* What is replaced or torn while it is read counts as not there. */
static enum pls_code take_saved(int fd, uint64_t at, struct pls_progress *out,
                                struct pls_error *err)
{
    struct pls_kept kept;
    const enum pls_code code = pls_kept_read(fd, at, &kept, err);
    out->saved = kept.bytes;
    out->saved_length = kept.length;
    return code;
}

static enum pls_code read_journal(int fd, const char *path, struct pls_progress *out,
                                  struct pls_error *err)
{
    struct pls_journal_head head;
    struct pls_text journal = {0}, part = {0};
    uint64_t records = 0;
    enum pls_code code = pls_text_printf(&journal, err, "%s.journal", path);
    if (code == PLS_OK)
        code = pls_text_printf(&part, err, "%s.part", path);
    if (code == PLS_OK)
        code = pls_journal_head_read(fd, journal.data, part.data, &head, &records, err);
    if (code == PLS_OK) {
        code = take_head(&head, out, err);
        head.lanes.fd = open_rows(path, head.inode);
        out->rows_found = head.lanes.fd >= 0;
        if (code == PLS_OK && out->series_count == 0)
            code = take_saved(fd, records, out, err);
        else if (code == PLS_OK && out->rows_found)
            code = count_records(fd, records, &head.lanes, out, err);
        pls_journal_head_free(&head);
    }
    pls_text_free(&journal);
    pls_text_free(&part);
    return code;
}

static enum pls_code cannot_open(const char *path, struct pls_error *err)
{
    if (errno == ENOENT || errno == ENOTDIR)
        return pls_fail(err, PLS_ENOINPUT, "%s: no run is making such a result", path);
    return pls_fail(err, errno == EACCES ? PLS_EPERMISSION : PLS_EIO,
                    "%s.journal: cannot be read: %s", path, strerror(errno));
}

enum pls_code pls_progress_read(const char *path, struct pls_progress *out, struct pls_error *err)
{
    *out = (struct pls_progress){0};
    for (int tries = 1;; tries++) {
        struct stat facts, now = {.st_nlink = 1};
        const int fd = open_beside(path, ".journal", &facts);
        if (fd < 0)
            return cannot_open(path, err);
        out->writer = pls_lock_look(fd);
        enum pls_code code = facts.st_size > 0 ? read_journal(fd, path, out, err) : PLS_OK;
        out->begun = code == PLS_OK && facts.st_size > 0;
        if (fstat(fd, &now) == 0)
            out->recorded = (int64_t)now.st_mtime;
        close(fd);
        /* Renamed over or removed while it was read: what was read may be of two runs. */
        if (code != PLS_EUNAVAILABLE && now.st_nlink == 0 && tries < TRIES) {
            pls_progress_free(out);
            continue;
        }
        if (code != PLS_OK)
            pls_progress_free(out);
        return code;
    }
}

void pls_progress_free(struct pls_progress *progress)
{
    for (size_t s = 0; s < progress->series_count; s++)
        free(progress->series[s].name);
    free(progress->series);
    free(progress->job);
    free(progress->saved);
    *progress = (struct pls_progress){0};
}
