/* tally.c: one column counted instead of kept. */
#include "plstrap/tally.h"
#include "plstrap/alloc.h"
#include "sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = PLS_SWEEP_MOST, FEWEST_TO_AIM = 5000 };

static enum pls_code not_finite(const char *what, uint64_t row, double value, struct pls_error *err)
{
    return pls_fail(err, PLS_EDATA,
                    "%s row %llu counts as usable but holds %g; the result is damaged, compute it "
                    "again",
                    what, (unsigned long long)row, value);
}

static enum pls_code check_finite(const char *what, const double *values, const uint8_t *usable,
                                  uint64_t first, size_t count, struct pls_error *err)
{
    for (size_t r = 0; r < count; r++)
        if (usable[r] && !isfinite(values[r]))
            return not_finite(what, first + r, values[r], err);
    return PLS_OK;
}

static bool wants(const struct pls_infer_options *options, enum pls_method method)
{
    for (size_t m = 0; m < options->methods; m++)
        if (options->method[m] == method)
            return true;
    return false;
}

/* ---- counting ---- */

static void add_counts(struct pls_counts *counts, const struct pls_sweep *sweep, size_t count)
{
    counts->used += count;
    counts->below_estimate += (size_t)sweep->below_estimate;
    counts->upto_estimate += count - (size_t)sweep->above_estimate;
    counts->below_zero += (size_t)sweep->below_zero;
    counts->upto_zero += count - (size_t)sweep->above_zero;
}

static void look_for_difference(struct pls_tally *tally, const double *values, size_t count)
{
    if (tally->counts.used == 0 && count > 0)
        tally->one = values[0];
    for (size_t i = 0; i < count && !tally->differ; i++)
        tally->differ = values[i] != tally->one;
}

static double share_below(const struct pls_counts *counts)
{
    return 0.5 * ((double)counts->below_estimate + (double)counts->upto_estimate) /
           (double)counts->used;
}

static bool is_open(const struct pls_tally *tally)
{
    return tally->open.next != 0;
}

/* Rows of one block. */
struct portion {
    const double *values;
    const uint8_t *usable;
    uint64_t first;
    size_t count;
};

/* The sum is not finite where a value is not: only then they are looked through. */
static enum pls_code take(struct pls_tally *tally, const struct portion *portion,
                          const double *values, size_t count, struct pls_error *err)
{
    struct pls_others others;
    struct pls_sweep sweep = {
        .estimate = tally->estimate,
        .edge = tally->order.edge,
        .edges = tally->order.edges,
        .crowd = tally->order.crowd,
        .lanes = tally->open.lanes,
    };
    tally->sweep(&sweep, values, count, &others);
    if (!isfinite(pls_lanes_close(&sweep.lanes).d[0])) {
        const enum pls_code code = check_finite("bootstrap", portion->values, portion->usable,
                                                portion->first, portion->count, err);
        if (code != PLS_OK)
            return code;
    }
    tally->open.lanes = sweep.lanes;
    look_for_difference(tally, values, count);
    add_counts(&tally->counts, &sweep, count);
    return pls_order_add_swept(&tally->order, values, count, &sweep, &others, err);
}

/* Rows of which some are not usable, or that do not fill the lanes: packed behind those held. */
static enum pls_code take_packed(struct pls_tally *tally, const struct portion *portion, size_t row,
                                 size_t rows, bool last, struct pls_error *err)
{
    struct pls_open *open = &tally->open;
    double packed[TILE];
    size_t held = open->helds;
    memcpy(packed, open->held, held * sizeof *packed);
    for (size_t r = row; r < row + rows; r++) {
        packed[held] = portion->values[r];
        held += portion->usable[r] != 0;
    }
    const size_t whole = last ? held : held / PLS_SUMMANDS * PLS_SUMMANDS;
    open->helds = held - whole;
    memcpy(open->held, packed + whole, open->helds * sizeof *packed);
    return take(tally, portion, packed, whole, err);
}

static enum pls_code close_block(struct pls_tally *tally, uint64_t block, struct pls_error *err)
{
    const struct pls_node node = {block, 0, pls_lanes_close(&tally->open.lanes)};
    tally->open = (struct pls_open){0};
    return pls_tree_add(&tally->tree, node, err);
}

static void mark(struct pls_tally *tally)
{
    tally->mark = (struct pls_mark){tally->counts, tally->rows, tally->one, tally->differ};
    pls_order_mark(&tally->order);
}

void pls_tally_drop(struct pls_tally *tally)
{
    if (!is_open(tally))
        return;
    const struct pls_mark *mark = &tally->mark;
    tally->counts = mark->counts;
    tally->rows = mark->rows;
    tally->one = mark->one;
    tally->differ = mark->differ;
    tally->open = (struct pls_open){0};
    pls_order_rewind(&tally->order);
}

static enum pls_code add_portion(struct pls_tally *tally, struct portion portion,
                                 struct pls_error *err)
{
    const uint64_t end = portion.first + portion.count;
    const bool ends_block = end % PLS_TALLY_BLOCK == 0 || end == tally->count;
    enum pls_code code = PLS_OK;
    if (!is_open(tally) && !ends_block)
        mark(tally);
    for (size_t r = 0; code == PLS_OK && r < portion.count;) {
        const size_t left = portion.count - r;
        size_t rows = left < TILE ? left : TILE;
        if (tally->open.helds == 0 && rows % PLS_SUMMANDS == 0 &&
            memchr(portion.usable + r, 0, rows) == NULL)
            code = take(tally, &portion, portion.values + r, rows, err);
        else {
            rows = left < TILE - PLS_SUMMANDS ? left : TILE - PLS_SUMMANDS;
            code = take_packed(tally, &portion, r, rows, ends_block && rows == left, err);
        }
        r += rows;
    }
    if (code != PLS_OK)
        return code;
    tally->rows += portion.count;
    tally->open.next = end;
    return ends_block ? close_block(tally, portion.first / PLS_TALLY_BLOCK, err) : PLS_OK;
}

/* ---- brackets ---- */

static enum pls_code place_anew(struct pls_tally *tally, struct pls_error *err)
{
    const size_t used = tally->counts.used;
    const double expected = (double)tally->count * ((double)used / (double)tally->rows);
    double *edge = NULL;
    size_t edges;
    enum pls_code code = pls_aim_edges(&tally->aim, &tally->order, share_below(&tally->counts),
                                       expected, &edge, &edges, err);
    if (code == PLS_OK && edge != NULL)
        code = pls_order_restrict(&tally->order, edge, edges, err);
    tally->narrowed_at = used;
    free(edge);
    return code;
}

/*
 * Places brackets anew where twice as many values have been seen as when they were placed last, and
 * four times as many rows are to come: going through the kept ones would not pay for fewer.
 */
static enum pls_code narrow(struct pls_tally *tally, struct pls_error *err)
{
    if (tally->counts.used / 2 < tally->narrowed_at ||
        (tally->count - tally->rows) / 4 < tally->rows)
        return PLS_OK;
    return place_anew(tally, err);
}

enum pls_code pls_tally_narrow(struct pls_tally *tally, struct pls_error *err)
{
    if (is_open(tally))
        return pls_fail(err, PLS_EINTERNAL, "a tally is narrowed in the midst of a block");
    const bool worth = tally->counts.used / 5 >= tally->narrowed_at / 4;
    return worth && tally->narrowed_at != SIZE_MAX ? place_anew(tally, err) : PLS_OK;
}

/* Packs the pilot's values; those that are not finite are found when they are added. */
static size_t pack_pilot(const double *pilot, const uint8_t *usable, size_t count, double *out)
{
    size_t used = 0;
    for (size_t r = 0; r < count; r++)
        if (usable[r] && isfinite(pilot[r]))
            out[used++] = pilot[r] + 0.0; /* as the order keeps values */
    return used;
}

/* A power of two near 2^-18 standard errors. */
static double unit_of(const double *values, size_t used)
{
    double sum = 0.0, squares = 0.0;
    int exponent;
    for (size_t i = 0; i < used; i++)
        sum += values[i];
    const double mean = sum / (double)used;
    for (size_t i = 0; i < used; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    const double se = sqrt(squares / (double)used);
    frexp(isfinite(se) && se > 0.0 ? se : fmax(1.0, fabs(mean)), &exponent);
    return ldexp(1.0, exponent - 18);
}

static double share_of_pilot(const struct pls_tally *tally, const double *values, size_t used)
{
    struct pls_counts counts = {0};
    struct pls_others others;
    for (size_t first = 0; first < used; first += TILE) {
        const size_t length = used - first < TILE ? used - first : TILE;
        struct pls_sweep sweep = {.estimate = tally->estimate};
        tally->sweep(&sweep, values + first, length, &others);
        add_counts(&counts, &sweep, length);
    }
    return share_below(&counts);
}

/* Brackets from the pilot's values, which change their places; without them one of everything. */
static enum pls_code place(struct pls_tally *tally, double *values, size_t used, size_t pilot_count,
                           double unit, struct pls_error *err)
{
    struct pls_order seen = {0};
    double *edge = NULL;
    size_t edges = 0;
    enum pls_code code = pls_order_whole(&seen, values, used, tally->estimate, 0.0, err);
    const double expected = (double)tally->count * ((double)used / (double)pilot_count);
    if (code == PLS_OK && used > 0) {
        seen.bin[1].count = used;
        code = pls_aim_edges(&tally->aim, &seen, share_of_pilot(tally, values, used), expected,
                             &edge, &edges, err);
    }
    if (code == PLS_OK && edge != NULL)
        code = pls_order_start(&tally->order, edge, edges, tally->estimate, unit, err);
    else if (code == PLS_OK)
        code = pls_order_whole(&tally->order, NULL, 0, tally->estimate, unit, err);
    tally->narrowed_at = used > FEWEST_TO_AIM ? used : FEWEST_TO_AIM;
    pls_order_end(&seen);
    free(edge);
    return code;
}

static enum pls_code start(struct pls_tally *tally, const double *pilot, const uint8_t *usable,
                           size_t pilot_count, double *opt_memory, struct pls_error *err)
{
    const bool whole = tally->count <= PLS_TALLY_PILOT || !isfinite(tally->aim.width);
    const bool tails = pls_wants_tails(tally->aim.options) && isfinite(tally->estimate);
    double *values = NULL, unit = 0.0;
    size_t used = 0;
    enum pls_code code = PLS_OK;
    if (tails || !whole) {
        code = pls_alloc(&values, pilot_count, sizeof *values, err);
        if (code != PLS_OK)
            return code;
        used = pack_pilot(pilot, usable, pilot_count, values);
        unit = tails ? unit_of(values, used) : 0.0;
    }
    if (whole) {
        tally->narrowed_at = SIZE_MAX;
        code = pls_order_whole(&tally->order, opt_memory, (size_t)tally->count, tally->estimate,
                               unit, err);
    } else
        code = place(tally, values, used, pilot_count, unit, err);
    free(values);
    return code;
}

static void end(struct pls_tally *tally)
{
    free(tally->tree.node);
    pls_order_end(&tally->order);
}

static enum pls_code settle_acceleration(struct pls_tally *tally, const double *jackknife,
                                         const uint8_t *jusable, size_t jcount,
                                         struct pls_error *err)
{
    tally->aim.acceleration = NAN;
    tally->acceleration_note = pls_acceleration_note[1];
    if (jackknife == NULL || !wants(tally->aim.options, PLS_BCA))
        return PLS_OK;
    const enum pls_code code = check_finite("jackknife", jackknife, jusable, 0, jcount, err);
    if (code == PLS_OK)
        tally->aim.acceleration = pls_infer_acceleration(
            jackknife, jusable, jcount, tally->estimate, &tally->acceleration_note);
    return code;
}

/* ---- what others call ---- */

enum pls_code pls_tally_new(const double *pilot, const uint8_t *usable, size_t pilot_count,
                            uint64_t count, double estimate, const double *jackknife,
                            const uint8_t *jusable, size_t jcount,
                            const struct pls_infer_options *options, double width,
                            struct pls_tally **out_new, struct pls_error *err)
{
    struct pls_tally *tally = NULL;
    enum pls_code code = pls_alloc(&tally, 1, sizeof *tally, err);
    if (code != PLS_OK)
        return code;
    *tally = (struct pls_tally){
        .aim = {.options = options, .width = width},
        .sweep = pls_sweep_of(options->isa),
        .estimate = estimate,
        .count = count,
    };
    code = settle_acceleration(tally, jackknife, jusable, jcount, err);
    if (code == PLS_OK)
        code = start(tally, pilot, usable, pilot_count, NULL, err);
    if (code != PLS_OK) {
        pls_tally_free(tally);
        tally = NULL;
    }
    *out_new = tally;
    return code;
}

void pls_tally_free(struct pls_tally *tally)
{
    if (tally == NULL)
        return;
    end(tally);
    free(tally);
}

enum pls_code pls_tally_add(struct pls_tally *tally, const double *values, const uint8_t *usable,
                            uint64_t first, size_t count, struct pls_error *err)
{
    const bool fits = first <= tally->count && count <= tally->count - first;
    if (!fits || (is_open(tally) ? first != tally->open.next : first % PLS_TALLY_BLOCK != 0))
        return pls_fail(
            err, PLS_EINTERNAL,
            "rows %llu and on, %zu of %llu, neither begin a block of %d nor continue one",
            (unsigned long long)first, count, (unsigned long long)tally->count,
            (int)PLS_TALLY_BLOCK);
    enum pls_code code = PLS_OK;
    for (size_t r = 0; code == PLS_OK && r < count;) {
        const size_t left = count - r;
        const size_t to_end = PLS_TALLY_BLOCK - (size_t)((first + r) % PLS_TALLY_BLOCK);
        const struct portion portion = {values + r, usable + r, first + r,
                                        left < to_end ? left : to_end};
        code = add_portion(tally, portion, err);
        if (code == PLS_OK && !is_open(tally))
            code = narrow(tally, err);
        r += portion.count;
    }
    return code;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void merge_counts(struct pls_tally *tally, const struct pls_tally *other)
{
    struct pls_counts *a = &tally->counts;
    const struct pls_counts *b = &other->counts;
    if (a->used == 0) {
        tally->one = other->one;
        tally->differ = other->differ;
    } else if (b->used > 0)
        tally->differ = tally->differ || other->differ || tally->one != other->one;
    a->used += b->used;
    a->below_estimate += b->below_estimate;
    a->upto_estimate += b->upto_estimate;
    a->below_zero += b->below_zero;
    a->upto_zero += b->upto_zero;
    tally->rows += other->rows;
    if (other->narrowed_at > tally->narrowed_at)
        tally->narrowed_at = other->narrowed_at;
}

enum pls_code pls_tally_merge(struct pls_tally *tally, const struct pls_tally *other,
                              struct pls_error *err)
{
    if (tally->count != other->count || !same_bits(tally->estimate, other->estimate) ||
        !same_bits(tally->order.unit, other->order.unit))
        return pls_fail(err, PLS_EINTERNAL, "tallies of two different columns cannot be merged");
    if (is_open(tally) || is_open(other))
        return pls_fail(err, PLS_EINTERNAL, "a tally is merged in the midst of a block");
    enum pls_code code = PLS_OK;
    for (size_t i = 0; code == PLS_OK && i < other->tree.nodes; i++)
        code = pls_tree_add(&tally->tree, other->tree.node[i], err);
    if (code == PLS_OK)
        code = pls_order_restrict(&tally->order, other->order.edge, other->order.edges, err);
    if (code == PLS_OK)
        code = pls_order_join(&tally->order, &other->order, err);
    if (code != PLS_OK)
        return code;
    merge_counts(tally, other);
    return narrow(tally, err);
}

enum pls_code pls_tally_finish(struct pls_tally *tally, struct pls_inference *out,
                               struct pls_error *err)
{
    struct pls_column column = {
        .estimate = tally->estimate,
        .acceleration = tally->aim.acceleration,
        .acceleration_note = tally->acceleration_note,
        .counts = tally->counts,
        .same = !tally->differ,
        .order = &tally->order,
    };
    if (tally->rows != tally->count || !pls_tree_total(&tally->tree, &column.sums))
        return pls_fail(err, PLS_EINTERNAL, "only %llu of %llu rows of a column are counted",
                        (unsigned long long)tally->rows, (unsigned long long)tally->count);
    if (!pls_infer_from(&column, tally->aim.options, out))
        return pls_fail(err, PLS_EDATA,
                        "a quantile lies outside the values that were kept; count the replicates "
                        "again with wider brackets");
    return PLS_OK;
}

/* ---- a column whose values are all at hand ---- */

static enum pls_code infer_with(struct pls_tally tally, const double *values, const uint8_t *usable,
                                double *work, struct pls_inference *out, bool *missed,
                                struct pls_error *err)
{
    const size_t count = (size_t)tally.count;
    enum pls_code code =
        start(&tally, values, usable, count < PLS_TALLY_PILOT ? count : PLS_TALLY_PILOT, work, err);
    if (code == PLS_OK)
        code = pls_tally_add(&tally, values, usable, 0, count, err);
    if (code == PLS_OK) {
        code = pls_tally_finish(&tally, out, err);
        *missed = code == PLS_EDATA;
    }
    end(&tally);
    return code;
}

enum pls_code pls_infer_column(const double *values, const uint8_t *usable, size_t count,
                               double estimate, const double *jackknife, const uint8_t *jusable,
                               size_t jcount, const struct pls_infer_options *options, double *work,
                               struct pls_inference *out, struct pls_error *err)
{
    bool missed = false;
    struct pls_tally tally = {
        .aim = {.options = options, .width = 6.0},
        .sweep = pls_sweep_of(options->isa),
        .estimate = estimate,
        .count = count,
    };
    enum pls_code code = settle_acceleration(&tally, jackknife, jusable, jcount, err);
    if (code == PLS_OK)
        code = infer_with(tally, values, usable, work, out, &missed, err);
    if (missed) {
        tally.aim.width = INFINITY; /* keeps all: nothing can be missed */
        code = infer_with(tally, values, usable, work, out, &missed, err);
    }
    return code;
}
