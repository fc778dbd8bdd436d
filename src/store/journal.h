/*
 * journal.h: which ranges of FILE.part are on the disk, each with its checksum.
 *
 * A head (identity of the rows, where they lie, its own checksum), then records of 32 bytes,
 * each with its own checksum: a torn or damaged one is passed over, and its rows are computed
 * again. Ranges, not the journal, are what is trusted: a range counts when the bytes in
 * FILE.part fit its checksum.
 */
#ifndef PLSTRAP_STORE_JOURNAL_H
#define PLSTRAP_STORE_JOURNAL_H

#include "lanes.h"
#include "plstrap/error.h"
#include "plstrap/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What rows are. Rows of equal identity may be taken over. */
struct pls_identity {
    const char *job;
    const char *rows_digest;
    uint64_t seed;
    uint64_t observations;
    uint64_t columns;
    uint64_t columns_sum; /* XXH3-64 over the columns' components and terms */
    struct pls_shard shard;
    uint64_t rows; /* of a shard: of the whole job, for they say which are its own */
};

/* Texts stay those of contents. */
enum pls_code pls_identity_of(const struct pls_contents *contents, struct pls_identity *out,
                              struct pls_error *err);

/*
 * PLS_OK where the rows at path are those of mine; else PLS_ECREATE, with what differs and what
 * to do.
 *
 *   what  in  "the result" or "unfinished rows"
 */
enum pls_code pls_identity_check(const struct pls_identity *mine, const struct pls_identity *theirs,
                                 const char *path, const char *what, struct pls_error *err);

struct pls_journal_head {
    struct pls_identity identity; /* texts owned by the head */
    uint64_t inode;               /* of the FILE.part that this journal speaks of */
    struct pls_lanes lanes;       /* closed */
    char *job;
    char rows_digest[65];
};

struct pls_journal_record {
    uint32_t series;
    uint32_t count; /* at most PLS_BLOCK_ROWS */
    uint64_t first;
    uint64_t sum; /* pls_lanes_sum of the range */
    uint64_t own; /* XXH3-64 of the fields before */
};

/* Writes head and records to an empty, open file. */
enum pls_code pls_journal_start(int fd, const char *path, const struct pls_identity *identity,
                                uint64_t inode, const struct pls_lanes *lanes, uint64_t *length,
                                struct pls_error *err);

/* Appends at *length and moves it. Makes each record's `own`. Not synced. */
enum pls_code pls_journal_append(int fd, const char *path, struct pls_journal_record *records,
                                 size_t count, uint64_t *length, struct pls_error *err);

/*
 * Reads and checks a head; PLS_EDATA where it is damaged or of another version. part is the path
 * that its lanes get. *length is where the records begin.
 */
enum pls_code pls_journal_head_read(int fd, const char *path, const char *part,
                                    struct pls_journal_head *head, uint64_t *length,
                                    struct pls_error *err);
void pls_journal_head_free(struct pls_journal_head *head);

/* Records from `at` on. Starts as {.fd, .at, .lanes}. */
struct pls_journal_reader {
    int fd;
    uint64_t at;
    const struct pls_lanes *lanes; /* what a record must fit into */
    size_t next;
    size_t have;
    struct pls_journal_record record[256];
};

/* The next sound record; false at the end. */
bool pls_journal_next(struct pls_journal_reader *reader, struct pls_journal_record *out);

#endif
