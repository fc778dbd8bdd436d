/*
 * job_ledger.c: a summary that is not finished, as bytes: a head, the spans of rows that are
 * counted, and the reckoning.
 */
#include "plstrap/alloc.h"

#include "job_internal.h"

#include <string.h>

static const char magic[8] = "PLSLEDG";

enum { VERSION = 1 };

struct head {
    char magic[8];
    uint64_t version;
    uint64_t spans;
    struct pls_ledger_facts facts;
};

static uint64_t rows_of(const struct pls_spans *done)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < done->count; i++)
        rows += done->span[i].end - done->span[i].first;
    return rows;
}

enum pls_code pls_ledger_pack(const struct pls_reckoning *reckoning, const struct pls_spans *done,
                              struct pls_text *out, struct pls_error *err)
{
    struct head head = {.version = VERSION, .spans = done->count};
    memcpy(head.magic, magic, sizeof magic);
    head.facts.rows = rows_of(done);
    pls_reckoning_count_ends(reckoning, &head.facts.all, head.facts.ended);
    enum pls_code code = pls_text_append(out, (const char *)&head, sizeof head, err);
    if (code == PLS_OK)
        code =
            pls_text_append(out, (const char *)done->span, done->count * sizeof *done->span, err);
    return code == PLS_OK ? pls_reckoning_pack(reckoning, true, out, err) : code;
}

static enum pls_code read_head(const char *bytes, size_t length, struct head *head,
                               struct pls_error *err)
{
    if (length >= sizeof *head)
        memcpy(head, bytes, sizeof *head);
    if (length < sizeof *head || memcmp(head->magic, magic, sizeof magic) != 0 ||
        head->version != VERSION || head->spans > (length - sizeof *head) / sizeof(struct pls_span))
        return pls_fail(err, PLS_EDATA,
                        "what was counted is damaged, or of another version of plstrap; count it "
                        "again with --restart");
    return PLS_OK;
}

enum pls_code pls_ledger_read_facts(const char *bytes, size_t length, struct pls_ledger_facts *out,
                                    struct pls_error *err)
{
    struct head head;
    const enum pls_code code = read_head(bytes, length, &head, err);
    if (code == PLS_OK)
        *out = head.facts;
    return code;
}

enum pls_code pls_ledger_unpack(const struct pls_plan *plan, struct pls_job_state *opt_state,
                                const char *bytes, size_t length, struct pls_spans *done,
                                struct pls_reckoning **reckoning, struct pls_error *err)
{
    struct head head;
    enum pls_code code = read_head(bytes, length, &head, err);
    if (code != PLS_OK)
        return code;
    const char *at = bytes + sizeof head, *const end = bytes + length;
    for (uint64_t i = 0; code == PLS_OK && i < head.spans; i++, at += sizeof(struct pls_span)) {
        struct pls_span span;
        memcpy(&span, at, sizeof span);
        code = pls_spans_add(done, span.first, span.end, err);
    }
    if (code != PLS_OK)
        return code;
    return *reckoning != NULL
               ? pls_reckoning_merge(*reckoning, 0, 1, at, (size_t)(end - at), err)
               : pls_reckoning_restore(plan, opt_state, at, (size_t)(end - at), reckoning, err);
}
