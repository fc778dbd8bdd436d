/* order.c: values put into bins, and order statistics from them. */
#include "order.h"
#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static void find_crowd(struct pls_order *order)
{
    const size_t edges = order->edges;
    const double *edge = order->edge;
    size_t fullest = 0;
    for (size_t b = 1; b <= edges; b++)
        if (order->bin[b].mask == 0 && order->bin[b].count >= order->bin[fullest].count)
            fullest = b;
    order->crowded = fullest;
    if (order->unit > 0.0)
        order->crowd = (struct pls_crowd){-INFINITY, 0.0, 0.0, INFINITY};
    else
        order->crowd = (struct pls_crowd){
            .low = fullest == 0 ? -INFINITY : edge[0],
            .from = fullest == 0 ? -INFINITY : edge[fullest - 1],
            .upto = fullest == edges ? INFINITY : edge[fullest],
            .high = fullest == edges ? INFINITY : edge[edges - 1],
        };
}

enum pls_code pls_order_start(struct pls_order *order, const double *edge, size_t edges,
                              double centre, double unit, struct pls_error *err)
{
    *order = (struct pls_order){.edges = edges, .centre = centre, .unit = unit};
    enum pls_code code = pls_alloc(&order->edge, edges, sizeof *order->edge, err);
    if (code == PLS_OK)
        code = pls_alloc(&order->bin, edges + 1, sizeof *order->bin, err);
    if (code == PLS_OK)
        code = pls_alloc(&order->side, edges + 1, sizeof *order->side, err);
    if (code != PLS_OK) {
        pls_order_end(order);
        return code;
    }
    if (edges > 0)
        memcpy(order->edge, edge, edges * sizeof *edge);
    for (size_t b = 0; b <= edges; b++) {
        const bool kept = b % 2 == 1 && !is_one_number(edge, b);
        order->bin[b].mask = kept ? SIZE_MAX : 0;
        order->bin[b].capacity = kept ? 0 : SIZE_MAX;
        order->bin[b].values = kept ? NULL : &order->side[b].sink;
    }
    find_crowd(order);
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
    free(order->side);
    free(order->edge);
    *order = (struct pls_order){0};
}

static void forget_cuts(struct pls_order *order)
{
    for (size_t b = 0; b <= order->edges && order->cut; b++)
        order->side[b].cuts.count = 0;
    order->cut = false;
}

static double selected(struct pls_order *order, size_t b, size_t within)
{
    const struct pls_bin *bin = &order->bin[b];
    order->cut = true;
    return pls_infer_select(bin->values, bin->count, within, &order->side[b].cuts);
}

/* False where there is no memory. */
static inline bool put(struct pls_order *order, size_t b, double value)
{
    struct pls_bin *bin = &order->bin[b];
    if (bin->count >= bin->capacity &&
        pls_grow(&bin->values, &bin->capacity, bin->count + 1, sizeof *bin->values, NULL) != PLS_OK)
        return false;
    bin->values[bin->count & bin->mask] = value + 0.0;
    bin->count++;
    return true;
}

static enum pls_code no_memory(struct pls_error *err)
{
    return pls_fail(err, PLS_EUNAVAILABLE, "out of memory for the values that quantiles need");
}

/* Bins first … last, of which `kept` keeps its values and its neighbours only count. */
struct stretch {
    size_t first;
    size_t kept;
    size_t last;
};

/* False where bins first … last are not of that kind. */
static bool is_stretch(const struct pls_order *order, struct stretch *stretch)
{
    size_t keeping = 0;
    for (size_t b = stretch->first; b <= stretch->last; b++)
        if (order->bin[b].mask != 0) {
            stretch->kept = b;
            keeping++;
        }
    return keeping == 1 && stretch->kept - stretch->first <= 1 &&
           stretch->last - stretch->kept <= 1;
}

/* Without a branch that depends on a value, and with room for all of them. */
static enum pls_code add_to_stretch(struct pls_order *order, const struct stretch *stretch,
                                    const double *values, size_t count, struct pls_error *err)
{
    struct pls_bin *bin = &order->bin[stretch->kept];
    const double from = order->edge[stretch->kept - 1], upto = order->edge[stretch->kept];
    size_t below = 0, inside = 0;
    if (pls_grow(&bin->values, &bin->capacity, bin->count + count, sizeof *bin->values, NULL) !=
        PLS_OK)
        return no_memory(err);
    double *to = bin->values + bin->count;
    for (size_t i = 0; i < count; i++) {
        to[inside] = values[i] + 0.0;
        below += values[i] < from;
        inside += (size_t)((int)(values[i] >= from) & (int)(values[i] < upto));
    }
    bin->count += inside;
    order->bin[stretch->first].count += below;
    order->bin[stretch->last].count += count - below - inside;
    return PLS_OK;
}

/* Values that belong into bins first … last. */
static enum pls_code add_between(struct pls_order *order, size_t first, size_t last,
                                 const double *values, size_t count, struct pls_error *err)
{
    const double *edge = order->edge + first;
    struct stretch stretch = {.first = first, .last = last};
    forget_cuts(order);
    if (!(order->unit > 0.0) && count > 0 && is_stretch(order, &stretch))
        return add_to_stretch(order, &stretch, values, count, err);
    for (size_t i = 0; i < count; i++) {
        const size_t b = first + bin_of(edge, last - first, values[i]);
        if (!put(order, b, values[i]))
            return no_memory(err);
        if (order->unit > 0.0)
            order->side[b].tail += units(order, values[i]);
    }
    return PLS_OK;
}

enum pls_code pls_order_add(struct pls_order *order, const double *values, size_t count,
                            struct pls_error *err)
{
    return add_between(order, 0, order->edges, values, count, err);
}

enum pls_code pls_order_add_swept(struct pls_order *order, const double *values, size_t count,
                                  const struct pls_sweep *sweep, const struct pls_others *others,
                                  struct pls_error *err)
{
    if (order->unit > 0.0)
        return pls_order_add(order, values, count, err);
    forget_cuts(order);
    order->bin[0].count += (size_t)sweep->below_low;
    order->bin[order->edges].count += count - (size_t)sweep->below_high;
    order->bin[order->crowded].count +=
        (size_t)(sweep->below_high - sweep->below_low) - others->count;
    for (size_t i = 0; i < others->count; i++)
        if (!put(order, (size_t)others->bin[i], others->value[i]))
            return no_memory(err);
    if (others->count > count / 4)
        find_crowd(order);
    return PLS_OK;
}

void pls_order_mark(struct pls_order *order)
{
    for (size_t b = 0; b <= order->edges; b++) {
        order->side[b].marked_count = order->bin[b].count;
        order->side[b].marked_tail = order->side[b].tail;
    }
}

/* Kept values are only ever appended, and brought to other places by selections, between blocks. */
void pls_order_rewind(struct pls_order *order)
{
    for (size_t b = 0; b <= order->edges; b++) {
        order->bin[b].count = order->side[b].marked_count;
        order->side[b].tail = order->side[b].marked_tail;
    }
    forget_cuts(order);
}

/* A bin of the other, whose values all belong into one bin of this or are kept. */
static enum pls_code add_bin(struct pls_order *order, const struct pls_order *other, size_t b,
                             struct pls_error *err)
{
    const struct pls_bin *bin = &other->bin[b];
    if (bin->count == 0)
        return PLS_OK;
    const size_t first = b == 0 ? 0 : bin_of(order->edge, order->edges, other->edge[b - 1]);
    if (bin->mask != 0) {
        size_t last = first;
        while (last < order->edges && order->edge[last] < other->edge[b])
            last++;
        return add_between(order, first, last, bin->values, bin->count, err);
    }
    order->bin[first].count += bin->count;
    order->side[first].tail += other->side[b].tail;
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
    find_crowd(&less);
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
    const struct pls_bin *bin = &order->bin[b];
    if (bin->mask != 0 && within < bin->count)
        return selected(order, b, within);
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
        sum += order->side[b].tail;
        ranks -= order->bin[b].count;
    }
    if (ranks > 0 && b % 2 == 1 && order->bin[b].mask == 0)
        sum += (int64_t)ranks * units(order, order->edge[b - 1]);
    else if (ranks > 0 && b % 2 == 1) {
        selected(order, b, ranks);
        for (size_t i = 0; i < ranks; i++)
            sum += units(order, order->bin[b].values[i]);
    } else if (ranks > 0) {
        order->missed = true;
        return NAN;
    }
    return (double)sum * order->unit;
}
