/* journal.c: head and records of FILE.journal, written and read. */
#include "journal.h"

#include "plstrap/alloc.h"
#include "plstrap/digest.h"
#include "plstrap/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = "PLSJRNL";

enum {
    VERSION = 2,
    PREFIX = 16,             /* magic, version, length of the head */
    LONGEST_HEAD = 64 << 20, /* a million series */
    MOST_COLUMNS = 1 << 24
};

_Static_assert(sizeof(struct pls_journal_record) == 32, "a record is written as it lies");

static enum pls_code write_failed(const char *path, struct pls_error *err)
{
    return pls_fail(err, PLS_EIO,
                    "%s: cannot be written: %s; make room and give the same command again", path,
                    strerror(errno));
}

/* ---- the head ---- */

static enum pls_code add_number(struct pls_text *text, uint64_t number, struct pls_error *err)
{
    return pls_text_append(text, (const char *)&number, sizeof number, err);
}

static enum pls_code add_text(struct pls_text *text, const char *word, struct pls_error *err)
{
    enum pls_code code = add_number(text, strlen(word), err);
    return code == PLS_OK ? pls_text_append(text, word, strlen(word), err) : code;
}

static enum pls_code add_body(struct pls_text *text, const struct pls_identity *identity,
                              uint64_t inode, const struct pls_lanes *lanes, struct pls_error *err)
{
    const uint64_t numbers[] = {inode,
                                identity->seed,
                                identity->observations,
                                identity->columns,
                                identity->columns_sum,
                                identity->shard.number,
                                identity->shard.of,
                                identity->rows,
                                lanes->series_count};
    enum pls_code code = pls_text_append(text, (const char *)numbers, sizeof numbers, err);
    if (code == PLS_OK)
        code = add_text(text, identity->rows_digest, err);
    if (code == PLS_OK)
        code = add_text(text, identity->job, err);
    for (size_t s = 0; code == PLS_OK && s < lanes->series_count; s++) {
        const struct pls_lanes_series *series = &lanes->series[s];
        code = add_text(text, series->name, err);
        if (code == PLS_OK)
            code = add_number(text, series->first, err);
        if (code == PLS_OK)
            code = add_number(text, series->count, err);
        if (code == PLS_OK)
            code = pls_text_append(text, (const char *)series->offset, sizeof series->offset, err);
    }
    return code;
}

enum pls_code pls_journal_start(int fd, const char *path, const struct pls_identity *identity,
                                uint64_t inode, const struct pls_lanes *lanes, uint64_t *length,
                                struct pls_error *err)
{
    struct pls_text head = {0};
    struct pls_text body = {0};

    enum pls_code code = add_body(&body, identity, inode, lanes, err);
    const uint64_t total = PREFIX + body.length + sizeof(uint64_t);
    const uint32_t numbers[] = {VERSION, (uint32_t)total};
    if (code == PLS_OK && total > LONGEST_HEAD)
        code = pls_fail(err, PLS_EINTERNAL, "%s: the series do not fit into the head", path);
    if (code == PLS_OK)
        code = pls_text_append(&head, magic, sizeof magic, err);
    if (code == PLS_OK)
        code = pls_text_append(&head, (const char *)numbers, sizeof numbers, err);
    if (code == PLS_OK)
        code = pls_text_append(&head, body.data, body.length, err);
    if (code == PLS_OK)
        code = add_number(&head, pls_checksum(head.data, head.length), err);
    if (code == PLS_OK && !pls_lanes_pwrite(fd, head.data, head.length, 0))
        code = write_failed(path, err);
    *length = head.length;
    pls_text_free(&head);
    pls_text_free(&body);
    return code;
}

/* What is left of a head; `good` falls when more is asked for than there is. */
struct cursor {
    const char *at;
    size_t left;
    bool good;
};

static void take(struct cursor *cursor, void *out, size_t length)
{
    cursor->good = cursor->good && length <= cursor->left;
    if (!cursor->good) {
        memset(out, 0, length);
        return;
    }
    memcpy(out, cursor->at, length);
    cursor->at += length;
    cursor->left -= length;
}

static enum pls_code take_text(struct cursor *cursor, char **out_new, struct pls_error *err)
{
    uint64_t length;
    take(cursor, &length, sizeof length);
    cursor->good = cursor->good && length <= cursor->left;
    if (!cursor->good)
        length = 0;
    enum pls_code code = pls_copy_text(out_new, cursor->at, (size_t)length, err);
    cursor->at += length;
    cursor->left -= (size_t)length;
    return code;
}

static enum pls_code damaged(const char *path, struct pls_error *err)
{
    return pls_fail(err, PLS_EDATA,
                    "%s: damaged, so the unfinished rows beside it cannot be found; begin anew "
                    "with --restart",
                    path);
}

static enum pls_code take_body(struct cursor *cursor, const char *path, const char *part,
                               struct pls_journal_head *head, struct pls_error *err)
{
    uint64_t numbers[9];
    char *digest = NULL;
    take(cursor, numbers, sizeof numbers);
    enum pls_code code = take_text(cursor, &digest, err);
    if (code == PLS_OK)
        code = take_text(cursor, &head->job, err);
    if (code == PLS_OK &&
        (!cursor->good || strlen(digest) >= sizeof head->rows_digest || numbers[3] > MOST_COLUMNS ||
         numbers[8] > cursor->left / (sizeof(uint64_t) * (PLS_RUNS + 3))))
        code = damaged(path, err);
    if (code == PLS_OK)
        code = pls_lanes_init(&head->lanes, part, (size_t)numbers[3], (size_t)numbers[8], err);
    for (size_t s = 0; code == PLS_OK && s < head->lanes.series_count; s++) {
        struct pls_lanes_series *series = &head->lanes.series[s];
        code = take_text(cursor, &series->name, err);
        take(cursor, &series->first, sizeof series->first);
        take(cursor, &series->count, sizeof series->count);
        take(cursor, series->offset, sizeof series->offset);
    }
    if (code == PLS_OK && !cursor->good)
        code = damaged(path, err);
    if (code == PLS_OK) {
        strcpy(head->rows_digest, digest);
        head->inode = numbers[0];
        head->identity = (struct pls_identity){
            .job = head->job,
            .rows_digest = head->rows_digest,
            .seed = numbers[1],
            .observations = numbers[2],
            .columns = numbers[3],
            .columns_sum = numbers[4],
            .shard = {(uint32_t)numbers[5], (uint32_t)numbers[6]},
            .rows = numbers[7],
        };
    }
    free(digest);
    return code;
}

enum pls_code pls_journal_head_read(int fd, const char *path, const char *part,
                                    struct pls_journal_head *head, uint64_t *length,
                                    struct pls_error *err)
{
    char prefix[PREFIX];
    uint32_t numbers[2];
    char *bytes = NULL;
    struct stat facts;

    *head = (struct pls_journal_head){.lanes = {.fd = -1}};
    if (fstat(fd, &facts) != 0 || !pls_lanes_pread(fd, prefix, PREFIX, 0) ||
        memcmp(prefix, magic, sizeof magic) != 0)
        return damaged(path, err);
    memcpy(numbers, prefix + sizeof magic, sizeof numbers);
    if (numbers[0] != VERSION)
        return pls_fail(err, PLS_EDATA,
                        "%s: written by another version of plstrap, which can go on with it; or "
                        "begin anew with --restart",
                        path);
    const size_t total = numbers[1];
    uint64_t expected;
    if (total < PREFIX + sizeof expected || total > LONGEST_HEAD || (off_t)total > facts.st_size)
        return damaged(path, err);

    enum pls_code code = pls_alloc(&bytes, total, 1, err);
    if (code != PLS_OK)
        return code;
    const size_t summed = total - sizeof expected;
    if (!pls_lanes_pread(fd, bytes, total, 0)) {
        code = damaged(path, err);
    } else {
        memcpy(&expected, bytes + summed, sizeof expected);
        struct cursor cursor = {bytes + PREFIX, summed - PREFIX, true};
        code = expected == pls_checksum(bytes, summed) ? take_body(&cursor, path, part, head, err)
                                                       : damaged(path, err);
    }
    *length = total;
    free(bytes);
    if (code != PLS_OK)
        pls_journal_head_free(head);
    return code;
}

void pls_journal_head_free(struct pls_journal_head *head)
{
    free(head->job);
    pls_lanes_free(&head->lanes);
    *head = (struct pls_journal_head){.lanes = {.fd = -1}};
}

/* ---- the records ---- */

static uint64_t own_sum(const struct pls_journal_record *record)
{
    return pls_checksum(record, offsetof(struct pls_journal_record, own));
}

enum pls_code pls_journal_append(int fd, const char *path, struct pls_journal_record *records,
                                 size_t count, uint64_t *length, struct pls_error *err)
{
    for (size_t i = 0; i < count; i++)
        records[i].own = own_sum(&records[i]);
    /* At a known place and not O_APPEND: what a full disk cut short is written over next time. */
    if (!pls_lanes_pwrite(fd, records, count * sizeof *records, *length))
        return write_failed(path, err);
    *length += count * sizeof *records;
    return PLS_OK;
}

static bool is_sound(const struct pls_journal_record *record, const struct pls_lanes *lanes)
{
    return record->own == own_sum(record) && record->series < lanes->series_count &&
           record->count > 0 && record->count <= PLS_BLOCK_ROWS &&
           record->count <= lanes->series[record->series].count &&
           record->first <= lanes->series[record->series].count - record->count;
}

bool pls_journal_next(struct pls_journal_reader *reader, struct pls_journal_record *out)
{
    for (;;) {
        while (reader->next < reader->have) {
            const struct pls_journal_record *record = &reader->record[reader->next++];
            if (is_sound(record, reader->lanes)) {
                *out = *record;
                return true;
            }
        }
        ssize_t got;
        do
            got = pread(reader->fd, reader->record, sizeof reader->record, (off_t)reader->at);
        while (got < 0 && errno == EINTR);
        reader->next = 0;
        reader->have = got > 0 ? (size_t)got / sizeof *out : 0; /* a torn last record is cut */
        if (reader->have == 0)
            return false;
        reader->at += reader->have * sizeof *out;
    }
}
