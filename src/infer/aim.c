/*
 * aim.c: where brackets must lie, so that the ranks that inference will ask for are inside.
 *
 * Wanted are the ends of each interval and, for their Monte Carlo errors, the quantiles a bandwidth
 * to either side. A quantile of all values lies within a few standard errors of that of the values
 * seen so far. The level that BC and BCa use rises with the share of values below the estimate: it
 * is taken at both ends of where that share may go.
 */
#include "plstrap/alloc.h"
#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

enum { MOST_SPANS = PLS_MAX_LEVELS * PLS_METHODS * 2 * 3, FEW_TIES = 8 };

struct span {
    double low; /* probabilities; as ranks from 1: 0 and count + 1 are open ends */
    double high;
};

struct spans {
    struct span at[MOST_SPANS];
    size_t count;
    double expected;
};

bool pls_wants_tails(const struct pls_infer_options *options)
{
    bool basic = false;
    for (size_t m = 0; m < options->methods; m++)
        basic = basic || options->method[m] == PLS_BASIC;
    return basic && options->centre == PLS_CENTRE_BIAS_CORRECTED;
}

static double bandwidth(double p, double expected)
{
    return p > 0.0 && p < 1.0 ? pls_bandwidth(p, expected) : 0.0;
}

/* Quantiles from low to high, and those a bandwidth to either side. */
static void want(struct spans *spans, double low, double high)
{
    const double of_low = bandwidth(low, spans->expected);
    const double of_high = bandwidth(high, spans->expected);
    for (int side = -1; side <= 1; side++) {
        const double a = low + side * of_low, b = high + side * of_high;
        spans->at[spans->count++] = (struct span){fmin(a, b), fmax(a, b)};
    }
}

/* Six standard errors of a count near n p, and what Bernstein's inequality adds in thin tails. */
static double slack(double width, double n, double p)
{
    const double inside = fmin(1.0, fmax(0.0, p));
    return width * sqrt(n * inside * (1.0 - inside)) + width * width / 3.0 + 2.0;
}

static double level_at(double share, double a, double p)
{
    if (share <= 0.0)
        return 0.0;
    if (share >= 1.0)
        return 1.0;
    return pls_adjusted_level(gsl_cdf_ugaussian_Pinv(share), a, p);
}

static void want_adjusted(struct spans *spans, double a, double p, struct span below)
{
    if (!isnan(a))
        want(spans, level_at(below.low, a, p), level_at(below.high, a, p));
}

static void want_interval(struct spans *spans, const struct pls_aim *aim, enum pls_method method,
                          double level, struct span below)
{
    const double low = (1.0 - level) / 2.0, high = 1.0 - low;
    switch (method) {
    case PLS_PERCENTILE:
    case PLS_BASIC:
        want(spans, low, low);
        want(spans, high, high);
        break;
    case PLS_BC:
    case PLS_BCA:
        want_adjusted(spans, method == PLS_BC ? 0.0 : aim->acceleration, low, below);
        want_adjusted(spans, method == PLS_BC ? 0.0 : aim->acceleration, high, below);
        break;
    case PLS_NORMAL:
    case PLS_METHODS:
        break;
    }
}

/* Turns probabilities into ranks, in ascending order, those that meet united. */
static void unite(struct spans *spans, double width, double n)
{
    size_t united = 0;
    for (size_t i = 0; i < spans->count; i++) {
        struct span s = spans->at[i];
        s.low = fmin(n, fmax(0.0, floor(n * s.low - slack(width, n, s.low))));
        s.high = fmin(n + 1.0, fmax(1.0, ceil(n * s.high + slack(width, n, s.high))));
        size_t j = i;
        for (; j > 0 && spans->at[j - 1].low > s.low; j--)
            spans->at[j] = spans->at[j - 1];
        spans->at[j] = s;
    }
    for (size_t i = 1; i < spans->count; i++) {
        if (spans->at[i].low <= spans->at[united].high + 1.0)
            spans->at[united].high = fmax(spans->at[united].high, spans->at[i].high);
        else
            spans->at[++united] = spans->at[i];
    }
    spans->count = spans->count > 0 ? united + 1 : 0;
}

struct edges {
    double *edge;
    size_t count;
};

static double after(double x)
{
    return nextafter(x, INFINITY);
}

static void push(struct edges *edges, double from, double upto)
{
    if (edges->count > 0)
        from = fmax(from, edges->edge[edges->count - 1]);
    if (!(from < upto))
        return;
    edges->edge[edges->count++] = from;
    edges->edge[edges->count++] = upto;
}

struct end {
    double at;
    bool tied; /* many values are equal to it: it gets a bracket of its own, which only counts */
};

/* Of more than 2 FEW_TIES equal values, one of these is always a neighbour. */
static bool has_ties(struct pls_order *order, size_t b, size_t rank, size_t within, double x)
{
    return (within >= FEW_TIES && pls_order_at(order, rank - FEW_TIES) == x) ||
           (within + FEW_TIES < order->bin[b].count && pls_order_at(order, rank + FEW_TIES) == x);
}

static struct end end_at(struct pls_order *order, size_t rank, bool lower)
{
    size_t within;
    const size_t b = pls_order_bin(order, rank, &within);
    if (b % 2 == 0 && lower)
        return (struct end){b < order->edges ? order->edge[b] : INFINITY, false};
    if (b % 2 == 0)
        return (struct end){b > 0 ? order->edge[b - 1] : -INFINITY, false};
    const double x = pls_order_at(order, rank);
    if (!pls_order_is_kept(order, b))
        return (struct end){x, true};
    const bool tied = has_ties(order, b, rank, within, x);
    return (struct end){lower || tied ? x : after(x), tied};
}

static void push_span(struct edges *edges, struct pls_order *order, struct span span, size_t n)
{
    struct end from = {-INFINITY, false}, upto = {INFINITY, false};
    if (span.low >= 1.0)
        from = end_at(order, (size_t)span.low - 1, true);
    if (span.high <= (double)n)
        upto = end_at(order, (size_t)span.high - 1, false);
    if (from.tied) {
        push(edges, from.at, after(from.at));
        from.at = after(from.at);
    }
    push(edges, from.at, upto.at);
    if (upto.tied)
        push(edges, upto.at, after(upto.at));
}

enum pls_code pls_aim_edges(const struct pls_aim *aim, struct pls_order *order, double below,
                            double expected, double **out_edge, size_t *out_edges,
                            struct pls_error *err)
{
    const size_t n = pls_order_count(order);
    const struct pls_infer_options *options = aim->options;
    const double share = slack(aim->width, (double)n, below) / (double)n;
    const struct span reach = {below - share, below + share};
    struct spans spans = {.expected = expected};
    struct edges edges = {0};
    double held = 0.0;
    *out_edge = NULL;
    *out_edges = 0;

    for (size_t l = 0; l < options->levels; l++)
        for (size_t m = 0; m < options->methods; m++)
            want_interval(&spans, aim, options->method[m], options->level[l], reach);
    unite(&spans, aim->width, (double)n);
    for (size_t s = 0; s < spans.count; s++)
        held += spans.at[s].high - spans.at[s].low + 1.0;
    if (held > 0.5 * (double)n)
        return PLS_OK;
    const enum pls_code code = pls_alloc(&edges.edge, 6 * spans.count, sizeof *edges.edge, err);
    if (code != PLS_OK)
        return code;
    for (size_t s = 0; s < spans.count; s++)
        push_span(&edges, order, spans.at[s], n);
    *out_edge = edges.edge;
    *out_edges = edges.count;
    return PLS_OK;
}
