/*
 * store.h: the result file (HDF5), laid out once and filled in place, and the journal beside it.
 *
 * Room store: the only one that includes hdf5.h. Knows what is in job.h, rows.h and table.h,
 * nothing of PLS.
 *
 *     FILE          the finished result; appears by rename, whole and verified
 *     FILE.part     the same while rows come: laid out and closed before the first row; rows go by
 *                   pwrite to the offsets that HDF5 reported
 *     FILE.journal  which ranges of FILE.part are on the disk, each with its checksum; locked while
 *                   a run writes
 *
 * Order of calls: open, todo, put and sync as often as needed, finish, close. The layout of the
 * file is documented in plstrap-result(5). Equal content gives equal bytes: no times, hosts,
 * ranks or paths. HDF5 can only be used by one thread at a time here, and a store or result only
 * by one.
 */
#ifndef PLSTRAP_STORE_H
#define PLSTRAP_STORE_H

#include "plstrap/error.h"
#include "plstrap/job.h"
#include "plstrap/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLS_SCHEMA "1.0"

/* What a result file says about itself, known before the first row. */
struct pls_contents {
    const char *job;         /* "bootstrap" */
    const char *study;       /* the study's text */
    const char *model;       /* the model's text */
    const char *rows_digest; /* SHA-256 of what decides the rows, without their number */
    const char *version;     /* of the program */
    uint64_t seed;
    uint64_t observations;           /* n */
    const struct pls_series *series; /* [series_count]; all name the same columns, and the first is
                                        there (for its columns) also when series_count is 0 */
    size_t series_count;
    const double *estimate;       /* [columns] base row */
    const char *const *indicator; /* [indicators] names that an outcome's `where` counts */
    size_t indicators;
    const char *const *construct; /* [constructs] */
    size_t constructs;
    struct pls_shard shard; /* {0, 0}: the file is a whole result */
    const void *state;      /* [state_length] of a shard that keeps no rows: what pls_store_save()
                                     would save at its end; set before pls_store_finish() */
    size_t state_length;
    bool replace; /* FILE gives way at the end, as with restart; nothing is taken of it */
    bool cut;     /* unfinished rows beyond those asked for are dropped, not refused */
    const struct pls_range *part; /* [series_count] the rows of each series that the file holds; all
                                     calls number rows as the whole series does. Read of shards
                                     only; of what a file says always there */
};

/* ---- writing ---- */

struct pls_store;  /* a result being filled; holds a lock on it */
struct pls_result; /* a finished result, open for reading        */

/*
 * Takes the lock (waits up to 5 s: PLS_ECREATE then), and lays out a fresh FILE.part with its
 * journal. Rows of an earlier FILE.part with a valid journal, and of a finished FILE, whose rows
 * digest is the same, are verified and taken over, whatever number of rows was laid out before
 * (resume, extension, new tables); damaged ranges are computed again. FILE is touched by nothing
 * but the rename at the end; an earlier FILE.part gives way only when its rows are in the new
 * one, on the disk.
 *
 *   contents  in  must live as long as the store
 *   restart   in  take nothing over, and replace what is there
 *
 * PLS_ECREATE: not creatable, locked, a FILE or journal of other rows is there (the sentence
 * names what differs and --restart), or rows beyond those of contents; PLS_EDATA: a
 * FILE that is not ours, or a damaged FILE or journal; PLS_EIO: disk full.
 */
enum pls_code pls_store_open(const char *path, const struct pls_contents *contents, bool restart,
                             struct pls_store **out_new, struct pls_error *err);

/*
 * Whether pls_store_open() without restart would find nothing to refuse: the same errors, of which a full
 * disk is not one, and the folder as it was.
 */
enum pls_code pls_store_check(const char *path, const struct pls_contents *contents,
                              struct pls_error *err);

/*
 * Rows that an earlier run recorded and that do not fit their checksum any more, so that they are
 * among those still to be computed: what a person should be told.
 */
uint64_t pls_store_damaged(const struct pls_store *store);

/* What is still to be computed, in row order. The array is the caller's to free. */
enum pls_code pls_store_todo(const struct pls_store *store, struct pls_range **out_new,
                             size_t *count, struct pls_error *err);

/*
 * Rows into the file; remembered for the journal. A pls_sink's `put`.
 *
 *   rows      in  [column][count]; every NaN is stored as the one NaN 0x7ff8000000000000
 *   outcomes  in  [count]
 *
 * After PLS_EIO (disk full) the rows are still to be computed; those before are safe.
 */
enum pls_code pls_store_put(void *store, const struct pls_range *range, const double *rows,
                            const struct pls_outcome *outcomes, struct pls_error *err);

/*
 * Rows of a finished shard of the same job into a store: those that are not there yet.
 * pls_merge_check() has been asked before.
 */
enum pls_code pls_store_take(struct pls_store *store, const struct pls_result *shard,
                             struct pls_error *err);

/* Data synced, then its ranges recorded in the journal and synced. Call every --checkpoint
 * seconds. */
enum pls_code pls_store_sync(struct pls_store *store, struct pls_error *err);

/*
 * What a job that keeps no rows goes on from (store: summary): bytes that replace those saved
 * before, whole, in FILE.journal, on the disk when this returns. After PLS_EIO those before stand.
 */
enum pls_code pls_store_save(struct pls_store *store, const void *bytes, size_t length,
                             struct pls_error *err);

/*
 * What an earlier run of the same rows saved, for a series_count of 0: NULL where there is nothing,
 * or where it does not fit its checksum any more (*damaged). Until the store saves or is closed.
 */
const char *pls_store_saved(const struct pls_store *store, size_t *length, bool *damaged);

/*
 * All rows are there, and none is put any more: lets the disk begin with what it does not have
 * yet, and a thread with block checksums and digest, while the caller makes tables of the rows.
 * pls_store_finish does the same where nobody did.
 */
enum pls_code pls_store_settle(struct pls_store *store, struct pls_error *err);

/*
 * The end: every recorded range read back and verified, block checksums and digest made, tables
 * written, the whole read back as any reader would, synced, renamed to its name; journal
 * removed. All rows must be there. Rows may still be read until the store is closed. After an
 * error the same command goes on where it stands; the store itself can only be closed.
 */
enum pls_code pls_store_finish(struct pls_store *store, const struct pls_tables *tables,
                               struct pls_error *err);

/*
 * Gives the lock back. Of a result that is not finished, keep says whether its rows are: synced,
 * so that the same command goes on later, or removed, FILE.part and journal; without any row
 * they are removed.
 */
void pls_store_close(struct pls_store *store, bool keep);

/*
 * For a FILE that is finished: removes the journal that a kill at the very end left beside it. Where
 * a run is at work, or unfinished rows are there (of an extension), nothing is touched.
 */
void pls_store_tidy(const char *path);

/* ---- reading: of a result being filled, and of a finished one ---- */

/*
 * Opens and checks all of it: superblock, our schema, sizes against the file's, every checksum.
 * No filter plugins, no links followed, no storage outside the file; all texts that come out are
 * valid UTF-8.
 *
 * PLS_ENOINPUT, PLS_EPERMISSION; PLS_EDATA with what is wrong (not HDF5, not ours, newer schema,
 * unfinished, truncated, a block whose checksum does not fit).
 */
enum pls_code pls_result_open(const char *path, struct pls_result **out_new, struct pls_error *err);
/* FILE.part as it was laid out: only its contents may be asked for, and no row is checked. */
enum pls_code pls_result_open_part(const char *path, struct pls_result **out_new,
                                   struct pls_error *err);
void pls_result_close(struct pls_result *result);

/* As it was given. */
const char *pls_result_path(const struct pls_result *result);
/* A finished result read as contents: pointers live as long as result. */
const struct pls_contents *pls_result_contents(const struct pls_result *result);
/* Citable SHA-256 of rows, columns and estimates: 64 hexadecimal digits. */
const char *pls_result_digest(const struct pls_result *result);
/* The same made again from the file's rows, columns and estimates. */
enum pls_code pls_result_digest_again(const struct pls_result *result, char out[65],
                                      struct pls_error *err);
const struct pls_tables *pls_result_tables(const struct pls_result *result);

/* Where rows are read from: exactly one of the two is set. */
struct pls_rows {
    struct pls_store *store;
    struct pls_result *result;
};

/* Values of one column, rows first … first+count-1, into out [count]. */
enum pls_code pls_rows_column(const struct pls_rows *rows, size_t series, size_t column,
                              uint64_t first, size_t count, double *out, struct pls_error *err);

/*
 * Outcomes of rows first … first+count-1, into out [count]. From a finished result `status` and
 * `where` are in the range of what they count: PLS_EDATA otherwise.
 */
enum pls_code pls_rows_outcomes(const struct pls_rows *rows, size_t series, uint64_t first,
                                size_t count, struct pls_outcome *out, struct pls_error *err);

/* ---- uniting shards ---- */

/*
 * Whether the results are shards of one job which together have all its rows; rows that several
 * have must be equal. Sorts them by their first rows, so that nothing depends on the order of
 * arguments.
 *
 * PLS_EDATA: which one is no shard, is of another job or study, or holds other rows;
 * PLS_ESTOPPED: which rows none of them has, and which shards those are.
 */
enum pls_code pls_merge_check(struct pls_result **results, size_t count, struct pls_error *err);

/* ---- looking: at a result that any process may be filling, without touching it ---- */

/* Whether a run holds the lock at this moment. */
enum pls_writer {
    PLS_WRITER_NONE,
    PLS_WRITER_ACTIVE,
    PLS_WRITER_UNKNOWN /* the file system has no locks */
};

struct pls_progress_series {
    char *name;
    uint64_t count;                   /* rows that it is to have            */
    uint64_t done;                    /* of them, those recorded as written */
    uint64_t ended[PLS_STATUS_COUNT]; /* how those ended                    */
};

struct pls_progress {
    enum pls_writer writer;
    bool begun;       /* false: a run was starting, and nothing of the following is known */
    bool rows_found;  /* FILE.part is there too                          */
    int64_t recorded; /* when the journal was last written, Unix time    */
    char *job;
    char rows_digest[65];
    struct pls_progress_series *series;
    size_t series_count; /* 0 of a summary, which has: */
    char *saved;         /* pls_store_save()'s bytes, or NULL */
    size_t saved_length;
};

/*
 * Reads FILE.journal and the outcomes of the rows that it records, while a run may be writing them.
 * Rows are not checked: a resuming run does that. The lock is tried for an instant and given back;
 * a run that starts in that instant tries again 50 ms later.
 *
 * PLS_ENOINPUT: no journal; PLS_EDATA: it is damaged, or of another version; PLS_EPERMISSION.
 */
enum pls_code pls_progress_read(const char *path, struct pls_progress *out, struct pls_error *err);
void pls_progress_free(struct pls_progress *progress); /* leaves it {0} */

#endif
