/*
 * job_tally.c: a job without keeping its rows (store: summary).
 *
 *   pilot: the first rows and the jackknife ─▶ brackets ─▶ every rank ─▶ tallies ─▶ merged on the root
 *
 * One block of PLS_TALLY_BLOCK rows is the unit of work: what travels while computing is that it is done.
 */
#include "plstrap/alloc.h"

#include "job_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- pilot ---- */

static size_t rows_of(const struct pls_pilot *pilot, size_t series)
{
    return (size_t)pilot->series[series].count;
}

void pls_pilot_series(const struct pls_plan *plan, struct pls_pilot *pilot)
{
    *pilot = (struct pls_pilot){.columns = plan->columns->count};
    pilot->series_count = pls_job_series(plan, pilot->series);
    if (pilot->series[SERIES_MAIN].count > PLS_TALLY_PILOT)
        pilot->series[SERIES_MAIN].count = PLS_TALLY_PILOT;
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

static enum pls_code torn(struct pls_error *err)
{
    return pls_fail(err, PLS_EDATA, "what was counted is damaged; count it again with --restart");
}

/* ---- reckoning ---- */

/*
 * Rows are counted while they are in the second cache: they are computed in tiles of about that
 * many bytes, and at least PLS_LANES rows.
 */
enum { TILE_BYTES = 512 * 1024 };

struct pls_reckoning {
    struct pls_facts facts;
    struct pls_infer_options options;
    struct pls_facts begun;       /* counts at the begin of the open block   */
    struct pls_tally **tally;     /* [columns]                               */
    struct pls_job_state *state;  /* computes the rows                       */
    size_t tile;                  /* rows that are computed at once          */
    size_t stride;                /* from column to column                   */
    double *rows;                 /* [columns][stride]                       */
    struct pls_outcome *outcomes; /* [tile]                                  */
    uint8_t *usable;              /* [tile]                                  */
    uint8_t *without_gaps;        /* [tile] of a column                      */
    bool open;                    /* in the midst of a block                 */
};

static bool is_wanted(const struct pls_reckoning *r, size_t column)
{
    const struct pls_job_kind *kind = pls_job_kind_of(r->facts.plan);
    return kind->wants == NULL || kind->wants(r->facts.plan, column);
}

/* Values of the pilot, for settling. */
static enum pls_code pilot_column(void *self, size_t series, size_t column, uint64_t first,
                                  size_t count, double *out, struct pls_error *err)
{
    (void)err;
    const struct pls_pilot *const *view = self, *pilot = *view;
    memcpy(out, pilot->values[series] + column * rows_of(pilot, series) + first,
           count * sizeof *out);
    return PLS_OK;
}

/* Tallies of all columns, their brackets placed by the pilot. */
static enum pls_code make_tallies(struct pls_reckoning *r, const struct pls_pilot *pilot,
                                  double width, struct pls_error *err)
{
    uint8_t *usable[2] = {NULL, NULL}, *enters = NULL;
    struct pls_facts ignored = {0}; /* the pilot's rows are counted when their block is */
    enum pls_code code = pls_facts_init(&ignored, r->facts.plan, err);
    for (size_t s = 0; code == PLS_OK && s < pilot->series_count; s++) {
        code = pls_alloc(&usable[s], rows_of(pilot, s), 1, err);
        if (code == PLS_OK)
            code = pls_facts_count(s == SERIES_WHOLE ? &r->facts : &ignored, s, pilot->outcomes[s],
                                   rows_of(pilot, s), usable[s], err);
    }
    const size_t rows = rows_of(pilot, SERIES_MAIN);
    const struct pls_job_kind *kind = pls_job_kind_of(r->facts.plan);
    const size_t jrows =
        kind->jackknife && pilot->series_count > 1 ? rows_of(pilot, SERIES_WHOLE) : 0;
    const struct pls_rows_source source = {&pilot, pilot_column, NULL};
    if (code == PLS_OK && kind->settle != NULL)
        code = kind->settle(&r->facts, &source, (const uint8_t *const *)usable, err);
    if (code == PLS_OK)
        code = pls_alloc(&enters, rows, 1, err);
    for (size_t c = 0; code == PLS_OK && c < pilot->columns; c++) {
        const double *values = pilot->values[SERIES_MAIN] + c * rows;
        if (!is_wanted(r, c))
            continue;
        if (kind->gaps)
            pls_facts_leave_out_gaps(values, usable[SERIES_MAIN], rows, enters);
        code = pls_tally_new(values, kind->gaps ? enters : usable[SERIES_MAIN], rows,
                             r->facts.series[SERIES_MAIN].count, r->facts.plan->estimate[c],
                             jrows > 0 ? pilot->values[SERIES_WHOLE] + c * jrows : NULL,
                             usable[SERIES_WHOLE], jrows, &r->options, width, &r->tally[c], err);
    }
    free(enters);
    pls_facts_free(&ignored);
    free(usable[SERIES_MAIN]);
    free(usable[SERIES_WHOLE]);
    return code;
}

static void choose_tile(struct pls_reckoning *r, size_t columns)
{
    const size_t rows = TILE_BYTES / sizeof(double) / (columns > 0 ? columns : 1);
    r->tile = rows > PLS_TALLY_BLOCK ? PLS_TALLY_BLOCK
              : rows < PLS_LANES     ? PLS_LANES
                                     : rows / PLS_LANES * PLS_LANES;
    r->stride = r->tile + PLS_LANES / 8 * 3; /* else columns a page apart fight for cache lines */
}

/* All but the tallies. */
static enum pls_code make_reckoning(const struct pls_plan *plan, struct pls_job_state *opt_state,
                                    struct pls_reckoning **out_new, struct pls_error *err)
{
    struct pls_reckoning *r = NULL;
    enum pls_code code = pls_alloc(&r, 1, sizeof *r, err);
    if (code == PLS_OK)
        code = pls_facts_init(&r->facts, plan, err);
    if (code == PLS_OK)
        code = pls_facts_init(&r->begun, plan, err);
    const size_t columns = code == PLS_OK ? r->facts.columns->count : 0;
    if (code == PLS_OK)
        code = pls_alloc(&r->tally, columns, sizeof(struct pls_tally *), err);
    if (code == PLS_OK && opt_state != NULL) {
        choose_tile(r, columns);
        code = pls_alloc(&r->rows, columns, r->stride * sizeof *r->rows, err);
    }
    if (code == PLS_OK)
        code = pls_alloc(&r->outcomes, r->tile, sizeof *r->outcomes, err);
    if (code == PLS_OK)
        code = pls_alloc(&r->usable, r->tile, 1, err);
    if (code == PLS_OK)
        code = pls_alloc(&r->without_gaps, r->tile, 1, err);
    if (code != PLS_OK) {
        pls_reckoning_free(r);
        return code;
    }
    r->state = opt_state;
    r->options = pls_job_kind_of(plan)->options(plan, opt_state != NULL ? pls_job_isa(opt_state)
                                                                        : PLS_ISA_PORTABLE);
    *out_new = r;
    return PLS_OK;
}

enum pls_code pls_reckoning_new(const struct pls_plan *plan, const struct pls_pilot *pilot,
                                struct pls_job_state *state, double width,
                                struct pls_reckoning **out_new, struct pls_error *err)
{
    struct pls_reckoning *r = NULL;
    enum pls_code code = make_reckoning(plan, state, &r, err);
    if (code == PLS_OK)
        code = make_tallies(r, pilot, width, err);
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
    free(r->without_gaps);
    pls_facts_free(&r->facts);
    pls_facts_free(&r->begun);
    free(r);
}

static enum pls_code stop_at_failure(const struct pls_reckoning *r, uint64_t first, size_t count,
                                     struct pls_error *err)
{
    if (pls_job_on_failure(r->facts.plan) != PLS_FAILURE_STOP)
        return PLS_OK;
    for (size_t i = 0; i < count; i++)
        if (r->outcomes[i].status != PLS_STATUS_OK)
            return pls_job_failure(r->facts.plan, SERIES_MAIN, first + i, &r->outcomes[i], err);
    return PLS_OK;
}

static enum pls_code reckon_tile(struct pls_reckoning *r, uint64_t first, size_t count,
                                 struct pls_error *err)
{
    pls_job_rows(r->state, SERIES_MAIN, first, count, r->rows, r->stride, r->outcomes);
    enum pls_code code = stop_at_failure(r, first, count, err);
    if (code == PLS_OK)
        code = pls_facts_count(&r->facts, SERIES_MAIN, r->outcomes, count, r->usable, err);
    const struct pls_job_kind *kind = pls_job_kind_of(r->facts.plan);
    for (size_t c = 0; code == PLS_OK && c < r->facts.columns->count; c++) {
        const double *values = r->rows + c * r->stride;
        if (!is_wanted(r, c))
            continue;
        if (kind->gaps)
            pls_facts_leave_out_gaps(values, r->usable, count, r->without_gaps);
        code = pls_tally_add(r->tally[c], values, kind->gaps ? r->without_gaps : r->usable, first,
                             count, err);
    }
    const struct pls_tile tile = {r->rows, r->stride, r->outcomes, r->usable, count};
    if (code == PLS_OK && kind->count != NULL)
        code = kind->count(&r->facts, &tile, err);
    return code;
}

/* ---- counting ---- */

static void copy_counts(const struct pls_facts *from, struct pls_facts *to)
{
    memcpy(to->failures, from->failures,
           2 * PLS_STATUS_COUNT * from->places * sizeof *from->failures);
    memcpy(to->turned, from->turned, from->places * sizeof *from->turned);
    if (from->counters > 0)
        memcpy(to->counter, from->counter, from->counters * sizeof *from->counter);
}

enum pls_code pls_reckoning_replicate(void *self, size_t series, uint64_t first, size_t count,
                                      double *rows, struct pls_outcome *outcomes,
                                      struct pls_error *err)
{
    (void)series, (void)rows, (void)outcomes;
    struct pls_reckoning *r = self;
    enum pls_code code = PLS_OK;
    for (uint64_t at = first, end = first + count; code == PLS_OK && at < end;) {
        const uint64_t in_block = at % PLS_TALLY_BLOCK;
        uint64_t some = r->tile < end - at ? r->tile : end - at;
        if (some > PLS_TALLY_BLOCK - in_block)
            some = PLS_TALLY_BLOCK - in_block;
        if (in_block == 0)
            copy_counts(&r->facts, &r->begun);
        code = reckon_tile(r, at, (size_t)some, err);
        at += some;
        r->open = at % PLS_TALLY_BLOCK != 0 && at < r->facts.series[SERIES_MAIN].count;
    }
    return code;
}

enum pls_code pls_reckoning_narrow(struct pls_reckoning *r, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t c = 0; code == PLS_OK && c < r->facts.columns->count; c++)
        if (is_wanted(r, c))
            code = pls_tally_narrow(r->tally[c], err);
    return code;
}

void pls_reckoning_drop(struct pls_reckoning *r)
{
    if (!r->open)
        return;
    copy_counts(&r->begun, &r->facts);
    for (size_t c = 0; c < r->facts.columns->count; c++)
        if (is_wanted(r, c))
            pls_tally_drop(r->tally[c]);
    r->open = false;
}

void pls_reckoning_count_ends(const struct pls_reckoning *r, uint64_t *all,
                              uint64_t ended[PLS_STATUS_COUNT])
{
    *all = r->facts.series[SERIES_MAIN].count;
    for (size_t status = 0; status < PLS_STATUS_COUNT; status++) {
        ended[status] = 0;
        for (size_t where = 0; where < r->facts.places; where++)
            ended[status] += *pls_facts_failures(&r->facts, SERIES_MAIN, status, where);
    }
}

/* ---- as bytes ---- */

/* Counts, which add up. */
static size_t words_of_facts(const struct pls_facts *facts)
{
    return (2 * PLS_STATUS_COUNT + 1) * facts->places + facts->counters;
}

static size_t bytes_of_facts(const struct pls_facts *facts)
{
    return words_of_facts(facts) * sizeof(uint64_t) + facts->settled_count * sizeof(double);
}

/* Columns of a part; the first one has the facts, too. */
struct part {
    size_t first, end;
    bool has_facts;
};

static struct part part_of(const struct pls_reckoning *r, size_t part, size_t parts)
{
    const size_t columns = r->facts.columns->count;
    return (struct part){columns * part / parts, columns * (part + 1) / parts, part == 0};
}

static enum pls_code pack_facts(const struct pls_facts *facts, bool counted, struct pls_text *out,
                                struct pls_error *err)
{
    static const uint64_t none = 0;
    enum pls_code code = PLS_OK;
    if (counted) {
        code = pls_text_append(out, (const char *)facts->failures,
                               2 * PLS_STATUS_COUNT * facts->places * sizeof none, err);
        if (code == PLS_OK)
            code =
                pls_text_append(out, (const char *)facts->turned, facts->places * sizeof none, err);
        if (code == PLS_OK && facts->counters > 0)
            code = pls_text_append(out, (const char *)facts->counter, facts->counters * sizeof none,
                                   err);
    }
    for (size_t i = 0; code == PLS_OK && !counted && i < words_of_facts(facts); i++)
        code = pls_text_append(out, (const char *)&none, sizeof none, err);
    if (code == PLS_OK && facts->settled_count > 0)
        code = pls_text_append(out, (const char *)facts->settled,
                               facts->settled_count * sizeof *facts->settled, err);
    return code;
}

static enum pls_code pack(const struct pls_reckoning *r, struct part part, bool counted,
                          struct pls_text *out, struct pls_error *err)
{
    enum pls_code code = part.has_facts ? pack_facts(&r->facts, counted, out, err) : PLS_OK;
    for (size_t c = part.first; code == PLS_OK && c < part.end; c++)
        if (is_wanted(r, c))
            code = pls_tally_pack(r->tally[c], counted, out, err);
    return code;
}

enum pls_code pls_reckoning_pack(const struct pls_reckoning *r, bool counted, struct pls_text *out,
                                 struct pls_error *err)
{
    return pack(r, part_of(r, 0, 1), counted, out, err);
}

enum pls_code pls_reckoning_pack_part(const struct pls_reckoning *r, size_t part, size_t parts,
                                      struct pls_text *out, struct pls_error *err)
{
    return pack(r, part_of(r, part, parts), true, out, err);
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

/*
 * Rows of series 0 are counted by one of many, those of series 1 by the pilot: on the root alone, or by
 * each shard the same.
 */
static const char *add_facts(struct pls_facts *facts, const char *at)
{
    const size_t counts = PLS_STATUS_COUNT * facts->places;
    uint64_t *const whole = facts->failures + SERIES_WHOLE * counts;
    uint64_t there = 0;
    for (size_t i = 0; i < counts; i++)
        there += whole[i];
    at = add_counts(facts->failures, at, counts);
    at = there == 0 ? add_counts(whole, at, counts) : at + counts * sizeof *whole;
    at = add_counts(facts->turned, at, facts->places);
    at = add_counts(facts->counter, at, facts->counters);
    if (facts->settled_count > 0) /* everyone has the same */
        memcpy(facts->settled, at, facts->settled_count * sizeof *facts->settled);
    return at + facts->settled_count * sizeof *facts->settled;
}

enum pls_code pls_reckoning_merge(struct pls_reckoning *r, size_t number, size_t parts,
                                  const char *bytes, size_t length, struct pls_error *err)
{
    const struct part part = part_of(r, number, parts);
    const char *at = bytes, *const end = bytes + length;
    enum pls_code code = PLS_OK;
    if (part.has_facts && length < bytes_of_facts(&r->facts))
        return torn(err);
    if (part.has_facts)
        at = add_facts(&r->facts, at);
    for (size_t c = part.first; code == PLS_OK && c < part.end; c++)
        if (is_wanted(r, c))
            code = pls_tally_unpack(r->tally[c], &at, end, err);
    return code == PLS_OK && at != end ? torn(err) : code;
}

enum pls_code pls_reckoning_restore(const struct pls_plan *plan, struct pls_job_state *opt_state,
                                    const char *bytes, size_t length,
                                    struct pls_reckoning **out_new, struct pls_error *err)
{
    struct pls_reckoning *r = NULL;
    const char *at = bytes, *const end = bytes + length;
    enum pls_code code = make_reckoning(plan, opt_state, &r, err);
    if (code == PLS_OK && length < bytes_of_facts(&r->facts))
        code = torn(err);
    if (code == PLS_OK)
        at = add_facts(&r->facts, at);
    for (size_t c = 0; code == PLS_OK && c < r->facts.columns->count; c++)
        if (is_wanted(r, c))
            code = pls_tally_restore(&r->options, &at, end, &r->tally[c], err);
    if (code == PLS_OK && at != end)
        code = torn(err);
    if (code != PLS_OK) {
        pls_reckoning_free(r);
        return code;
    }
    *out_new = r;
    return PLS_OK;
}

enum pls_code pls_reckoning_tables(struct pls_reckoning *r, struct pls_tables *tables,
                                   struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t c = 0; code == PLS_OK && c < r->facts.columns->count; c++)
        if (is_wanted(r, c))
            code = pls_tally_finish(r->tally[c], &r->facts.inference[c], err);
    return code == PLS_OK ? pls_job_kind_of(r->facts.plan)->tables(&r->facts, tables, err) : code;
}
