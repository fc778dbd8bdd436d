/*
 * bootstrap_tally.c: the bootstrap without keeping its rows (store: summary).
 *
 *   pilot: the first rows and the jackknife ─▶ every rank ─▶ tallies of blocks of rows ─▶ merged on the root
 *
 * One block of PLS_TALLY_BLOCK rows is the unit of work: what travels while computing is that it is done.
 */
#include "plstrap/alloc.h"

#include "bootstrap_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- pilot ---- */

static size_t rows_of(const struct pls_pilot *pilot, size_t series)
{
    return (size_t)pilot->series[series].count;
}

void pls_pilot_series(const struct pls_plan *plan, struct pls_pilot *pilot)
{
    *pilot = (struct pls_pilot){.columns = pls_estimator_columns(plan->estimator)->count};
    pilot->series_count = pls_bootstrap_series(plan, pilot->series);
    if (pilot->series[SERIES_BOOTSTRAP].count > PLS_TALLY_PILOT)
        pilot->series[SERIES_BOOTSTRAP].count = PLS_TALLY_PILOT;
}

enum pls_code pls_pilot_alloc(struct pls_pilot *pilot, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t s = 0; code == PLS_OK && s < pilot->series_count; s++) {
        code =
            pls_alloc(&pilot->values[s], rows_of(pilot, s) * pilot->columns, sizeof(double), err);
        if (code == PLS_OK)
            code =
                pls_alloc(&pilot->outcomes[s], rows_of(pilot, s), sizeof(struct pls_outcome), err);
    }
    return code;
}

void pls_pilot_free(struct pls_pilot *pilot)
{
    for (size_t s = 0; s < 2; s++) {
        free(pilot->values[s]);
        free(pilot->outcomes[s]);
    }
    *pilot = (struct pls_pilot){0};
}

enum pls_code pls_pilot_put(void *self, const struct pls_range *range, const double *rows,
                            const struct pls_outcome *outcomes, struct pls_error *err)
{
    (void)err;
    struct pls_pilot *pilot = self;
    const size_t s = range->series, all = rows_of(pilot, s);
    const size_t first = (size_t)range->first, count = (size_t)range->count;
    for (size_t c = 0; c < pilot->columns; c++)
        memcpy(pilot->values[s] + c * all + first, rows + c * count, count * sizeof *rows);
    memcpy(pilot->outcomes[s] + first, outcomes, count * sizeof *outcomes);
    return PLS_OK;
}

enum pls_code pls_pilot_pack(const struct pls_pilot *pilot, struct pls_text *out,
                             struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t s = 0; code == PLS_OK && s < pilot->series_count; s++) {
        code = pls_text_append(out, (const char *)pilot->values[s],
                               rows_of(pilot, s) * pilot->columns * sizeof(double), err);
        if (code == PLS_OK)
            code = pls_text_append(out, (const char *)pilot->outcomes[s],
                                   rows_of(pilot, s) * sizeof(struct pls_outcome), err);
    }
    return code;
}

static enum pls_code torn(struct pls_error *err)
{
    return pls_fail(err, PLS_EINTERNAL,
                    "a part of the work reached this rank damaged; please "
                    "report this");
}

enum pls_code pls_pilot_unpack(struct pls_pilot *pilot, const char *bytes, size_t length,
                               struct pls_error *err)
{
    for (size_t s = 0; s < pilot->series_count; s++) {
        const size_t values = rows_of(pilot, s) * pilot->columns * sizeof(double);
        const size_t outcomes = rows_of(pilot, s) * sizeof(struct pls_outcome);
        if (length < values + outcomes)
            return torn(err);
        memcpy(pilot->values[s], bytes, values);
        memcpy(pilot->outcomes[s], bytes + values, outcomes);
        bytes += values + outcomes;
        length -= values + outcomes;
    }
    return length == 0 ? PLS_OK : torn(err);
}

/* ---- reckoning ---- */

/* Columns a multiple of 4 KiB apart would fight for the same lines of the cache. */
enum { STRIDE = PLS_TALLY_BLOCK + 24 };

struct pls_reckoning {
    struct pls_facts facts;
    struct pls_infer_options options;
    struct pls_tally **tally;     /* [columns]                               */
    struct pls_bootstrap *state;  /* computes the rows                       */
    double *rows;                 /* [columns][STRIDE] of one block */
    struct pls_outcome *outcomes; /* [PLS_TALLY_BLOCK]                       */
    uint8_t *usable;              /* [PLS_TALLY_BLOCK]                       */
};

uint64_t pls_reckoning_blocks(const struct pls_plan *plan)
{
    struct pls_series series[2];
    pls_bootstrap_series(plan, series);
    return (series[SERIES_BOOTSTRAP].count + PLS_TALLY_BLOCK - 1) / PLS_TALLY_BLOCK;
}

/* Tallies of all columns, their brackets placed by the pilot. */
static enum pls_code make_tallies(struct pls_reckoning *r, const struct pls_pilot *pilot,
                                  double width, struct pls_error *err)
{
    uint8_t *usable[2] = {NULL, NULL};
    struct pls_facts ignored = {0}; /* the pilot's rows are counted when their block is */
    enum pls_code code = pls_facts_init(&ignored, r->facts.plan, err);
    for (size_t s = 0; code == PLS_OK && s < pilot->series_count; s++) {
        code = pls_alloc(&usable[s], rows_of(pilot, s), 1, err);
        if (code == PLS_OK)
            code = pls_facts_count(s == SERIES_JACKKNIFE ? &r->facts : &ignored, s,
                                   pilot->outcomes[s], rows_of(pilot, s), usable[s], err);
    }
    const size_t rows = rows_of(pilot, SERIES_BOOTSTRAP);
    const size_t jrows = pilot->series_count > 1 ? rows_of(pilot, SERIES_JACKKNIFE) : 0;
    for (size_t c = 0; code == PLS_OK && c < pilot->columns; c++)
        code =
            pls_tally_new(pilot->values[SERIES_BOOTSTRAP] + c * rows, usable[SERIES_BOOTSTRAP],
                          rows, r->facts.series[SERIES_BOOTSTRAP].count, r->facts.plan->base[c],
                          jrows > 0 ? pilot->values[SERIES_JACKKNIFE] + c * jrows : NULL,
                          usable[SERIES_JACKKNIFE], jrows, &r->options, width, &r->tally[c], err);
    pls_facts_free(&ignored);
    free(usable[SERIES_BOOTSTRAP]);
    free(usable[SERIES_JACKKNIFE]);
    return code;
}

enum pls_code pls_reckoning_new(const struct pls_plan *plan, const struct pls_pilot *pilot,
                                struct pls_bootstrap *state, double width,
                                struct pls_reckoning **out_new, struct pls_error *err)
{
    struct pls_reckoning *r = NULL;
    enum pls_code code = pls_alloc(&r, 1, sizeof *r, err);
    if (code == PLS_OK)
        code = pls_facts_init(&r->facts, plan, err);
    if (code == PLS_OK)
        code = pls_alloc(&r->tally, pilot->columns, sizeof(struct pls_tally *), err);
    if (code == PLS_OK)
        code = pls_alloc(&r->rows, pilot->columns, STRIDE * sizeof *r->rows, err);
    if (code == PLS_OK)
        code = pls_alloc(&r->outcomes, PLS_TALLY_BLOCK, sizeof *r->outcomes, err);
    if (code == PLS_OK)
        code = pls_alloc(&r->usable, PLS_TALLY_BLOCK, 1, err);
    if (code == PLS_OK) {
        r->state = state;
        r->options = pls_facts_options(plan);
        code = make_tallies(r, pilot, width, err);
    }
    if (code != PLS_OK) {
        pls_reckoning_free(r);
        return code;
    }
    *out_new = r;
    return PLS_OK;
}

void pls_reckoning_free(struct pls_reckoning *r)
{
    if (r == NULL)
        return;
    for (size_t c = 0; r->tally != NULL && c < r->facts.columns->count; c++)
        pls_tally_free(r->tally[c]);
    free(r->tally);
    free(r->rows);
    free(r->outcomes);
    free(r->usable);
    pls_facts_free(&r->facts);
    free(r);
}

static enum pls_code stop_at_failure(const struct pls_reckoning *r, uint64_t first, size_t count,
                                     struct pls_error *err)
{
    if (r->facts.plan->study->bootstrap.on_failure != PLS_FAILURE_STOP)
        return PLS_OK;
    for (size_t i = 0; i < count; i++)
        if (r->outcomes[i].status != PLS_STATUS_OK)
            return pls_bootstrap_failure(r->facts.plan, SERIES_BOOTSTRAP, first + i,
                                         &r->outcomes[i], err);
    return PLS_OK;
}

static enum pls_code reckon_block(struct pls_reckoning *r, uint64_t block, struct pls_error *err)
{
    const uint64_t all = r->facts.series[SERIES_BOOTSTRAP].count, first = block * PLS_TALLY_BLOCK;
    const size_t count =
        all - first < PLS_TALLY_BLOCK ? (size_t)(all - first) : (size_t)PLS_TALLY_BLOCK;
    pls_bootstrap_rows(r->state, SERIES_BOOTSTRAP, first, count, r->rows, STRIDE, r->outcomes);
    enum pls_code code = stop_at_failure(r, first, count, err);
    if (code == PLS_OK)
        code = pls_facts_count(&r->facts, SERIES_BOOTSTRAP, r->outcomes, count, r->usable, err);
    for (size_t c = 0; code == PLS_OK && c < r->facts.columns->count; c++)
        code = pls_tally_add(r->tally[c], r->rows + c * STRIDE, r->usable, first, count, err);
    return code;
}

enum pls_code pls_reckoning_replicate(void *self, size_t series, uint64_t first, size_t count,
                                      double *rows, struct pls_outcome *outcomes,
                                      struct pls_error *err)
{
    (void)series;
    (void)rows;
    enum pls_code code = PLS_OK;
    memset(outcomes, 0, count * sizeof *outcomes);
    for (size_t i = 0; code == PLS_OK && i < count; i++)
        code = reckon_block(self, first + i, err);
    return code;
}

enum pls_code pls_reckoning_pack(const struct pls_reckoning *r, struct pls_text *out,
                                 struct pls_error *err)
{
    const struct pls_facts *facts = &r->facts;
    enum pls_code code =
        pls_text_append(out, (const char *)facts->failures,
                        PLS_STATUS_COUNT * facts->places * sizeof *facts->failures, err);
    if (code == PLS_OK)
        code = pls_text_append(out, (const char *)facts->turned,
                               facts->places * sizeof *facts->turned, err);
    for (size_t c = 0; code == PLS_OK && c < facts->columns->count; c++)
        code = pls_tally_pack(r->tally[c], out, err);
    return code;
}

/* Adds counts that lie unaligned in a parcel. */
static const char *add_counts(uint64_t *sums, const char *at, size_t count)
{
    for (size_t i = 0; i < count; i++, at += sizeof *sums) {
        uint64_t more;
        memcpy(&more, at, sizeof more);
        sums[i] += more;
    }
    return at;
}

enum pls_code pls_reckoning_merge(struct pls_reckoning *r, const struct pls_pilot *pilot,
                                  double width, const char *bytes, size_t length,
                                  struct pls_error *err)
{
    struct pls_facts *facts = &r->facts;
    const size_t counts = (PLS_STATUS_COUNT + 1) * facts->places;
    const char *const end = bytes + length;
    if (length < counts * sizeof(uint64_t))
        return torn(err);
    struct pls_reckoning *other = NULL;
    enum pls_code code = pls_reckoning_new(facts->plan, pilot, r->state, width, &other, err);
    if (code != PLS_OK)
        return code;
    const char *at = add_counts(facts->failures, bytes, PLS_STATUS_COUNT * facts->places);
    at = add_counts(facts->turned, at, facts->places);
    for (size_t c = 0; code == PLS_OK && c < facts->columns->count; c++) {
        code = pls_tally_unpack(other->tally[c], &at, end, err);
        if (code == PLS_OK)
            code = pls_tally_merge(r->tally[c], other->tally[c], err);
    }
    pls_reckoning_free(other);
    return code;
}

enum pls_code pls_reckoning_tables(struct pls_reckoning *r, struct pls_tables *tables,
                                   struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t c = 0; code == PLS_OK && c < r->facts.columns->count; c++)
        code = pls_tally_finish(r->tally[c], &r->facts.inference[c], err);
    return code == PLS_OK ? pls_facts_tables(&r->facts, tables, err) : code;
}
