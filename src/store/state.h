/* state.h: a result being filled, as the files of this room see it. */
#ifndef PLSTRAP_STORE_STATE_H
#define PLSTRAP_STORE_STATE_H

#include "journal.h"
#include "kept.h"
#include "lanes.h"
#include "plstrap/spans.h"
#include "plstrap/store.h"
#include "schema.h"
#include "sums.h"

struct pls_store {
    char *path;     /* FILE                                                    */
    char *journal;  /* FILE.journal                                            */
    char *part_new; /* FILE.part.new and FILE.journal.new: only while opening  */
    char *journal_new;
    const struct pls_contents *contents;
    struct pls_identity identity;
    struct pls_lanes lanes; /* of FILE.part, open */
    struct pls_spans *done; /* [series] rows that are there */
    struct pls_sums *sums;  /* since all rows are there                                */
    int journal_fd;         /* locked */
    uint64_t journal_length;
    struct pls_journal_record *pending; /* put, not yet in the journal */
    size_t pending_count;
    size_t pending_capacity;
    uint64_t held;        /* bytes put since the system was last asked to write them */
    struct pls_kept kept; /* of an earlier run's journal, for a job without rows */
    bool saved;           /* the journal has such bytes                          */
    uint64_t damaged;     /* rows that were recorded and do not fit their checksum */
    bool switched; /* FILE.journal speaks of this FILE.part, which may still be FILE.part.new */
    bool finished;
};

/* PLS_EIO where FILE.part or FILE.journal was removed by somebody: rows would go nowhere. */
enum pls_code pls_state_still_named(const struct pls_store *store, struct pls_error *err);

/* Marks a range as there and remembers it for the journal. */
enum pls_code pls_state_record(struct pls_store *store, size_t series, uint64_t first, size_t count,
                               uint64_t sum, struct pls_error *err);

/*
 * Takes over what an earlier FILE.part or a finished FILE has of these rows, into the file that
 * is open in store->lanes. Refuses other rows (PLS_ECREATE).
 */
enum pls_code pls_takeover_prepare(struct pls_store *store, bool restart,
                                   struct pls_journal_head *part, uint64_t *records,
                                   struct pls_result **finished, struct pls_error *err);
enum pls_code pls_takeover_copy(struct pls_store *store, const struct pls_journal_head *part,
                                uint64_t records, const struct pls_result *finished,
                                struct pls_error *err);

/* Checksums of one block of one lane against those stored; *sound is the answer. */
enum pls_code pls_result_check_block(const struct pls_result *result, size_t series, size_t lane,
                                     uint64_t block, bool *sound, struct pls_error *err);

#endif
