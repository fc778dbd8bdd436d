/* order.c: values put into bins, and order statistics from them. */
#include "order.h"
#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 1024 };

/*
 * Tails are summed as whole numbers of units, so that no order of adding changes the sum. 8.6e9
 * values stay below 2^63; a value farther out than 2^30 units (4096 standard errors of the pilot)
 * counts as that far.
 */
static const double most_units = 0x1p30;

static int64_t units(const struct pls_order *order, double value)
{
    const double far = (value - order->centre) / order->unit;
    return (int64_t)(far > most_units ? most_units : far < -most_units ? -most_units : far);
}

/* Number of edges <= v, without a branch that depends on v. */
static size_t bin_of(const double *edge, size_t edges, double v)
{
    const double *at = edge;
    if (edges == 0)
        return 0;
    for (size_t rest = edges; rest > 1;) {
        const size_t half = rest / 2;
        at += at[half - 1] <= v ? half : 0;
        rest -= half;
    }
    return (size_t)(at - edge) + (size_t)(*at <= v);
}

bool pls_order_is_kept(const struct pls_order *order, size_t bin)
{
    return order->bin[bin].mask != 0;
}

static bool is_one_number(const double *edge, size_t bin)
{
    return edge[bin] == nextafter(edge[bin - 1], INFINITY);
}

enum pls_code pls_order_start(struct pls_order *order, const double *edge, size_t edges,
                              double centre, double unit, struct pls_error *err)
{
    *order = (struct pls_order){.edges = edges, .centre = centre, .unit = unit};
    enum pls_code code = pls_alloc(&order->edge, edges, sizeof *order->edge, err);
    if (code == PLS_OK)
        code = pls_alloc(&order->bin, edges + 1, sizeof *order->bin, err);
    if (code != PLS_OK) {
        pls_order_end(order);
        return code;
    }
    if (edges > 0)
        memcpy(order->edge, edge, edges * sizeof *edge);
    for (size_t b = 0; b <= edges; b++) {
        const bool kept = b % 2 == 1 && !is_one_number(edge, b);
        order->bin[b].mask = kept ? SIZE_MAX : 0;
        order->bin[b].values = kept ? NULL : &order->bin[b].sink;
    }
    return PLS_OK;
}

enum pls_code pls_order_whole(struct pls_order *order, double *opt_memory, size_t count,
                              double centre, double unit, struct pls_error *err)
{
    static const double everything[2] = {-INFINITY, INFINITY};
    const enum pls_code code = pls_order_start(order, everything, 2, centre, unit, err);
    if (code == PLS_OK && opt_memory != NULL) {
        order->lent = true;
        order->bin[1].values = opt_memory;
        order->bin[1].capacity = count;
    }
    return code;
}

void pls_order_end(struct pls_order *order)
{
    for (size_t b = 1; order->bin != NULL && b <= order->edges; b += 2)
        if (order->bin[b].mask != 0 && !order->lent)
            free(order->bin[b].values);
    free(order->bin);
    free(order->edge);
    *order = (struct pls_order){0};
}

static enum pls_code make_room(struct pls_order *order, size_t count, struct pls_error *err)
{
    for (size_t b = 1; b <= order->edges; b += 2) {
        struct pls_bin *bin = &order->bin[b];
        if (bin->mask == 0)
            continue;
        const enum pls_code code =
            pls_grow(&bin->values, &bin->capacity, bin->count + count, sizeof *bin->values, err);
        if (code != PLS_OK)
            return code;
        bin->cuts.count = 0;
    }
    return PLS_OK;
}

/* For the values that begin in the fullest counted bin: they need not be looked at one by one. */
struct crowd {
    size_t bin;
    double from;
    double upto;
};

static struct crowd crowd_of(const struct pls_order *order)
{
    struct crowd crowd = {SIZE_MAX, INFINITY, -INFINITY};
    for (size_t b = 0, most = 0; b <= order->edges; b++)
        if (order->bin[b].mask == 0 && order->bin[b].count >= most) {
            most = order->bin[b].count;
            crowd.bin = b;
            crowd.from = b == 0 ? -INFINITY : order->edge[b - 1];
            crowd.upto = b == order->edges ? INFINITY : order->edge[b];
        }
    return crowd;
}

static void put(struct pls_order *order, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pls_bin *bin = &order->bin[bin_of(order->edge, order->edges, values[i])];
        bin->values[bin->count & bin->mask] = values[i] + 0.0;
        bin->count++;
    }
}

static void put_with_tails(struct pls_order *order, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order->bin[bin_of(order->edge, order->edges, values[i])].tail += units(order, values[i]);
    put(order, values, count);
}

/* Those of the crowd are counted, the others put one by one. */
static void put_around(struct pls_order *order, struct crowd crowd, const double *values,
                       size_t count)
{
    uint64_t is_other[TILE];
    double other[TILE];
    size_t others = 0;
    for (size_t i = 0; i < count; i++)
        is_other[i] = pls_is_less(values[i], crowd.from) | (1 - pls_is_less(values[i], crowd.upto));
    for (size_t i = 0; i < count; i++) {
        other[others] = values[i];
        others += is_other[i];
    }
    order->bin[crowd.bin].count += count - others;
    put(order, other, others);
}

enum pls_code pls_order_add(struct pls_order *order, const double *values, size_t count,
                            struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    const struct crowd crowd = crowd_of(order);
    for (size_t first = 0; code == PLS_OK && first < count; first += TILE) {
        const size_t length = count - first < TILE ? count - first : TILE;
        code = make_room(order, length, err);
        if (code != PLS_OK)
            break;
        if (order->unit > 0.0)
            put_with_tails(order, values + first, length);
        else if (crowd.from < crowd.upto)
            put_around(order, crowd, values + first, length);
        else
            put(order, values + first, length);
    }
    return code;
}

/* A bin of the other, whose values all belong into one bin of this or are kept. */
static enum pls_code add_bin(struct pls_order *order, const struct pls_order *other, size_t b,
                             struct pls_error *err)
{
    const struct pls_bin *bin = &other->bin[b];
    if (bin->mask != 0)
        return pls_order_add(order, bin->values, bin->count, err);
    if (bin->count == 0)
        return PLS_OK;
    const double from = b == 0 ? -INFINITY : other->edge[b - 1];
    struct pls_bin *to = &order->bin[bin_of(order->edge, order->edges, from)];
    to->count += bin->count;
    to->tail += bin->tail;
    return PLS_OK;
}

enum pls_code pls_order_join(struct pls_order *order, const struct pls_order *other,
                             struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t b = 0; code == PLS_OK && b <= other->edges; b++)
        code = add_bin(order, other, b, err);
    return code;
}

/* Common part of two lists of brackets, in edges [at most the sum of both]. */
static size_t common_edges(const double *a, size_t as, const double *b, size_t bs, double *out)
{
    size_t edges = 0;
    for (size_t i = 0, j = 0; i < as && j < bs;) {
        const double from = fmax(a[i], b[j]), upto = fmin(a[i + 1], b[j + 1]);
        if (from < upto) {
            out[edges++] = from;
            out[edges++] = upto;
        }
        if (a[i + 1] < b[j + 1])
            i += 2;
        else
            j += 2;
    }
    return edges;
}

enum pls_code pls_order_restrict(struct pls_order *order, const double *edge, size_t edges,
                                 struct pls_error *err)
{
    double *common = NULL;
    struct pls_order less = {0};
    enum pls_code code = pls_alloc(&common, order->edges + edges, sizeof *common, err);
    if (code != PLS_OK)
        goto done;
    const size_t count = common_edges(order->edge, order->edges, edge, edges, common);
    code = pls_order_start(&less, common, count, order->centre, order->unit, err);
    if (code == PLS_OK)
        code = pls_order_join(&less, order, err);
    if (code != PLS_OK)
        goto done;
    less.missed = order->missed;
    pls_order_end(order);
    *order = less;
    less = (struct pls_order){0};
done:
    pls_order_end(&less);
    free(common);
    return code;
}

size_t pls_order_count(const struct pls_order *order)
{
    size_t count = 0;
    for (size_t b = 0; b <= order->edges; b++)
        count += order->bin[b].count;
    return count;
}

size_t pls_order_kept(const struct pls_order *order)
{
    size_t count = 0;
    for (size_t b = 0; b <= order->edges; b++)
        count += order->bin[b].count & order->bin[b].mask;
    return count;
}

size_t pls_order_bin(const struct pls_order *order, size_t rank, size_t *within)
{
    size_t b = 0;
    for (; b < order->edges && rank >= order->bin[b].count; b++)
        rank -= order->bin[b].count;
    *within = rank;
    return b;
}

double pls_order_at(struct pls_order *order, size_t rank)
{
    size_t within;
    const size_t b = pls_order_bin(order, rank, &within);
    struct pls_bin *bin = &order->bin[b];
    if (bin->mask != 0 && within < bin->count)
        return pls_infer_select(bin->values, bin->count, within, &bin->cuts);
    if (b % 2 == 1 && within < bin->count)
        return order->edge[b - 1];
    order->missed = true;
    return NAN;
}

double pls_order_tail(struct pls_order *order, size_t ranks)
{
    int64_t sum = 0;
    size_t b = 0;
    for (; b <= order->edges && ranks >= order->bin[b].count; b++) {
        sum += order->bin[b].tail;
        ranks -= order->bin[b].count;
    }
    if (ranks > 0 && b % 2 == 1 && order->bin[b].mask == 0)
        sum += (int64_t)ranks * units(order, order->edge[b - 1]);
    else if (ranks > 0 && b % 2 == 1) {
        struct pls_bin *bin = &order->bin[b];
        pls_infer_select(bin->values, bin->count, ranks, &bin->cuts);
        for (size_t i = 0; i < ranks; i++)
            sum += units(order, bin->values[i]);
    } else if (ranks > 0) {
        order->missed = true;
        return NAN;
    }
    return (double)sum * order->unit;
}
