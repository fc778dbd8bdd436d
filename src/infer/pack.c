/*
 * pack.c: a tally as bytes: a head of mark, length and checksum, then numbers of 8 bytes each, in the
 * byte order of the machine (ranks of one job share it; the mark tells where they do not).
 */
#include "plstrap/alloc.h"
#include "plstrap/digest.h"
#include "plstrap/tally.h"
#include "sample.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t mark = UINT64_C(0x32796c6c61742d70); /* "p-tally2" */

enum { HEAD = 3 * 8, REALS = 5, WHOLES = 11 };

/* ---- out ---- */

static enum pls_code put(struct pls_text *out, const void *words, size_t count,
                         struct pls_error *err)
{
    return pls_text_append(out, words, count * 8, err);
}

static enum pls_code put_bins(const struct pls_order *order, bool counted, struct pls_text *out,
                              struct pls_error *err)
{
    static const int64_t none = 0;
    const uint64_t edges = order->edges;
    enum pls_code code = put(out, &edges, 1, err);
    if (code == PLS_OK)
        code = put(out, order->edge, order->edges, err);
    for (size_t b = 0; code == PLS_OK && b <= order->edges; b++) {
        const uint64_t count = counted ? order->bin[b].count : 0;
        code = put(out, &count, 1, err);
        if (code == PLS_OK)
            code = put(out, counted ? &order->side[b].tail : &none, 1, err);
        if (code == PLS_OK && pls_order_is_kept(order, b))
            code = put(out, order->bin[b].values, (size_t)count, err);
    }
    return code;
}

static uint64_t number_of_note(const char *note)
{
    uint64_t number = 0;
    while (number + 1 < PLS_ACCELERATION_NOTES && strcmp(pls_acceleration_note[number], note) != 0)
        number++;
    return number;
}

static enum pls_code put_body(const struct pls_tally *tally, bool counted, struct pls_text *out,
                              struct pls_error *err)
{
    static const struct pls_counts none = {0};
    const struct pls_counts *c = counted ? &tally->counts : &none;
    const uint64_t nodes = counted ? tally->tree.nodes : 0;
    const double real[REALS] = {tally->estimate, tally->order.unit, tally->aim.width,
                                tally->aim.acceleration, counted ? tally->one : 0.0};
    const uint64_t whole[WHOLES] = {
        tally->count,
        tally->narrowed_at,
        number_of_note(tally->acceleration_note),
        counted ? tally->rows : 0,
        c->used,
        c->below_estimate,
        c->upto_estimate,
        c->below_zero,
        c->upto_zero,
        counted && tally->differ,
        nodes,
    };
    enum pls_code code = put(out, real, REALS, err);
    if (code == PLS_OK)
        code = put(out, whole, WHOLES, err);
    for (size_t i = 0; code == PLS_OK && i < nodes; i++) {
        const struct pls_node *node = &tally->tree.node[i];
        const uint64_t place[] = {node->first, node->height};
        code = put(out, place, 2, err);
        if (code == PLS_OK)
            code = put(out, node->sums.d, 4, err);
    }
    return code == PLS_OK ? put_bins(&tally->order, counted, out, err) : code;
}

enum pls_code pls_tally_pack(const struct pls_tally *tally, bool counted, struct pls_text *out,
                             struct pls_error *err)
{
    const size_t start = out->length;
    if (tally->open.next != 0)
        return pls_fail(err, PLS_EINTERNAL, "a tally is packed in the midst of a block");
    uint64_t head[3] = {mark, 0, 0};
    enum pls_code code = put(out, head, 3, err);
    if (code == PLS_OK)
        code = put_body(tally, counted, out, err);
    if (code != PLS_OK) {
        out->length = start;
        return code;
    }
    head[1] = out->length - start - HEAD;
    head[2] = pls_checksum(out->data + start + HEAD, (size_t)head[1]);
    memcpy(out->data + start, head, HEAD);
    return PLS_OK;
}

/* ---- in ---- */

struct reader {
    const char *at;
    const char *end;
};

/* False where so many words are not there. */
static bool get(struct reader *reader, void *words, size_t count)
{
    if (count > (size_t)(reader->end - reader->at) / 8)
        return false;
    if (count > 0)
        memcpy(words, reader->at, count * 8);
    reader->at += count * 8;
    return true;
}

static enum pls_code damaged(struct pls_error *err)
{
    return pls_fail(err, PLS_EDATA,
                    "the packed tally of a column is damaged; compute the replicates again");
}

static bool ascends(const double *edge, size_t edges)
{
    for (size_t i = 0; i < edges; i++)
        if (isnan(edge[i]) ||
            (i > 0 && !(i % 2 == 1 ? edge[i - 1] < edge[i] : edge[i - 1] <= edge[i])))
            return false;
    return true;
}

/* Values of a bracket, which must all lie in it. */
static enum pls_code get_values(struct reader *reader, struct pls_order *order, size_t b,
                                size_t count, struct pls_error *err)
{
    const double from = fmax(order->edge[b - 1], -DBL_MAX), upto = order->edge[b];
    struct pls_bin *bin = &order->bin[b];
    size_t outside = 0;
    if (count > (size_t)(reader->end - reader->at) / 8)
        return damaged(err);
    const enum pls_code code =
        pls_grow(&bin->values, &bin->capacity, count, sizeof *bin->values, err);
    if (code != PLS_OK)
        return code;
    get(reader, bin->values, count);
    for (size_t i = 0; i < count; i++) /* a NaN is nowhere inside */
        outside += (size_t)(1 - ((int)(bin->values[i] >= from) & (int)(bin->values[i] < upto)));
    bin->count = count;
    return outside == 0 ? PLS_OK : damaged(err);
}

static enum pls_code get_bins(struct reader *reader, struct pls_tally *tally, double unit,
                              struct pls_error *err)
{
    uint64_t edges = 0, count = 0;
    int64_t tail = 0;
    double *edge = NULL;
    if (!get(reader, &edges, 1) || edges % 2 != 0 || edges > (size_t)(reader->end - reader->at) / 8)
        return damaged(err);
    enum pls_code code = pls_alloc(&edge, (size_t)edges, sizeof *edge, err);
    if (code == PLS_OK && (!get(reader, edge, (size_t)edges) || !ascends(edge, (size_t)edges)))
        code = damaged(err);
    if (code == PLS_OK)
        code = pls_order_start(&tally->order, edge, (size_t)edges, tally->estimate, unit, err);
    for (size_t b = 0; code == PLS_OK && b <= edges; b++) {
        if (!get(reader, &count, 1) || !get(reader, &tail, 1) || count > tally->counts.used)
            code = damaged(err);
        else if (pls_order_is_kept(&tally->order, b))
            code = get_values(reader, &tally->order, b, (size_t)count, err);
        else
            tally->order.bin[b].count = (size_t)count;
        if (code == PLS_OK)
            tally->order.side[b].tail = tail;
    }
    free(edge);
    return code;
}

static enum pls_code get_nodes(struct reader *reader, struct pls_tally *tally, uint64_t nodes,
                               struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (uint64_t i = 0; code == PLS_OK && i < nodes; i++) {
        uint64_t place[2];
        struct pls_node node;
        if (!get(reader, place, 2) || !get(reader, node.sums.d, 4) || place[1] > 50 ||
            place[0] % (UINT64_C(1) << place[1]) != 0 || place[0] > tally->count)
            return damaged(err);
        node.first = place[0];
        node.height = place[1];
        code = pls_tree_add(&tally->tree, node, err);
    }
    return code == PLS_EINTERNAL ? damaged(err) : code;
}

static enum pls_code get_body(struct reader *reader, struct pls_tally *tally, struct pls_error *err)
{
    double real[REALS];
    uint64_t whole[WHOLES];
    if (!get(reader, real, REALS) || !get(reader, whole, WHOLES))
        return damaged(err);
    struct pls_counts *c = &tally->counts;
    tally->estimate = real[0];
    tally->aim.width = real[2];
    tally->aim.acceleration = real[3];
    tally->one = real[4];
    tally->count = whole[0];
    tally->narrowed_at = (size_t)whole[1];
    tally->rows = whole[3];
    c->used = (size_t)whole[4];
    c->below_estimate = (size_t)whole[5];
    c->upto_estimate = (size_t)whole[6];
    c->below_zero = (size_t)whole[7];
    c->upto_zero = (size_t)whole[8];
    tally->differ = whole[9] != 0;
    if (whole[2] < PLS_ACCELERATION_NOTES)
        tally->acceleration_note = pls_acceleration_note[whole[2]];
    if (whole[2] >= PLS_ACCELERATION_NOTES || tally->rows > tally->count || c->used > tally->rows ||
        c->upto_estimate > c->used || c->below_estimate > c->upto_estimate ||
        c->upto_zero > c->used || c->below_zero > c->upto_zero)
        return damaged(err);
    enum pls_code code = get_nodes(reader, tally, whole[10], err);
    if (code == PLS_OK)
        code = get_bins(reader, tally, real[1], err);
    if (code == PLS_OK && (reader->at != reader->end || pls_order_count(&tally->order) != c->used))
        code = damaged(err);
    return code;
}

/* A tally as it was packed; *at moves behind it. */
static enum pls_code get_tally(const char **at, const char *end, struct pls_tally *tally,
                               struct pls_error *err)
{
    struct reader reader = {*at, end};
    uint64_t head[3];
    if (!get(&reader, head, 3) || head[0] != mark || head[1] > (size_t)(end - reader.at) ||
        head[2] != pls_checksum(reader.at, (size_t)head[1]))
        return damaged(err);
    reader.end = reader.at + head[1];
    const enum pls_code code = get_body(&reader, tally, err);
    if (code == PLS_OK)
        *at = reader.end;
    return code;
}

enum pls_code pls_tally_unpack(struct pls_tally *tally, const char **at, const char *end,
                               struct pls_error *err)
{
    struct pls_tally other = {0};
    const char *next = *at;
    enum pls_code code = get_tally(&next, end, &other, err);
    if (code == PLS_OK)
        code = pls_tally_merge(tally, &other, err);
    if (code == PLS_OK)
        *at = next;
    free(other.tree.node);
    pls_order_end(&other.order);
    return code;
}

enum pls_code pls_tally_restore(const struct pls_infer_options *options, const char **at,
                                const char *end, struct pls_tally **out_new, struct pls_error *err)
{
    struct pls_tally *tally = NULL;
    enum pls_code code = pls_alloc(&tally, 1, sizeof *tally, err);
    if (code == PLS_OK)
        code = get_tally(at, end, tally, err);
    if (code != PLS_OK) {
        pls_tally_free(tally);
        return code;
    }
    tally->aim.options = options;
    tally->sweep = pls_sweep_of(options->isa);
    *out_new = tally;
    return PLS_OK;
}
