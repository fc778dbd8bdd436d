/*
 * order.h: order statistics of many values of which only some are kept. Inside the room only.
 *
 * The line is cut by ascending edges into bins; values are put into bins by their size. Bins of odd
 * number are brackets and keep their values, those of even number only count them. A bracket that
 * can hold one number alone counts it too, so that ties take no memory. The k-th smallest value is
 * exact wherever it lies in a bracket; elsewhere it is missed, never guessed.
 */
#ifndef PLSTRAP_ORDER_H
#define PLSTRAP_ORDER_H

#include "plstrap/error.h"
#include "sweep.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLS_MAX_CUTS = 96 };

/* v[0 … at-1] <= v[at …] for every cut; what selections have found out about an array. */
struct pls_cuts {
    size_t at[PLS_MAX_CUTS];
    size_t count;
};

/* What a value that is put looks at. */
struct pls_bin {
    size_t count;
    size_t capacity; /* SIZE_MAX where values are only counted */
    double *values;  /* [count] in any order, where kept; else one that is overwritten */
    size_t mask;     /* all ones where the values are kept, else 0 */
};

/* What it does not. */
struct pls_bin_side {
    int64_t tail; /* of the values' distances from the centre, in units; 0 where there is no unit */
    double sink;
    size_t marked_count; /* what pls_order_rewind() goes back to */
    int64_t marked_tail;
    struct pls_cuts cuts;
};

struct pls_order {
    double *edge; /* [edges] ascending, an even number; bin b is [edge[b-1], edge[b]) */
    size_t edges;
    struct pls_bin *bin;       /* [edges + 1] */
    struct pls_bin_side *side; /* [edges + 1] */
    bool cut;                  /* there are cuts: until values are added */
    size_t crowded;            /* bin that sweeps pass over */
    struct pls_crowd crowd;    /* its edges; nothing, where all values must be looked at */
    double centre;
    double unit; /* 0: no sums of tails are kept */
    bool lent;   /* the values of bin 1 are the caller's memory */
    bool missed; /* a rank outside the brackets was asked for */
};

/* No values yet. Ends with edges = 2 m; brackets are [edge[0], edge[1]), [edge[2], edge[3]), … */
enum pls_code pls_order_start(struct pls_order *order, const double *edge, size_t edges,
                              double centre, double unit, struct pls_error *err);
void pls_order_end(struct pls_order *order);

/* One bracket of everything, in the caller's memory [count] or, where that is NULL, its own. */
enum pls_code pls_order_whole(struct pls_order *order, double *opt_memory, size_t count,
                              double centre, double unit, struct pls_error *err);

/*
 * Finite values; a negative zero is kept as zero. After a failure, here and in pls_order_join(),
 * the order must not be used any more.
 */
enum pls_code pls_order_add(struct pls_order *order, const double *values, size_t count,
                            struct pls_error *err);

/*
 * As pls_order_add() of the values that a sweep over the order's crowd, begun at counts of 0, has
 * seen: `others` are put one by one. Where they are many, the crowd becomes the fullest bin that
 * only counts.
 */
enum pls_code pls_order_add_swept(struct pls_order *order, const double *values, size_t count,
                                  const struct pls_sweep *sweep, const struct pls_others *others,
                                  struct pls_error *err);

/* Notes what is there, and takes back what was added since; not over a restriction or a join. */
void pls_order_mark(struct pls_order *order);
void pls_order_rewind(struct pls_order *order);

/*
 * Leaves the common part of its brackets and of those that edge tells; what is cut off is counted.
 * On failure it is as it was.
 */
enum pls_code pls_order_restrict(struct pls_order *order, const double *edge, size_t edges,
                                 struct pls_error *err);

/* Adds the values of the other, whose brackets are this one's or, where they are more, contain them. */
enum pls_code pls_order_join(struct pls_order *order, const struct pls_order *other,
                             struct pls_error *err);

size_t pls_order_count(const struct pls_order *order);
size_t pls_order_kept(const struct pls_order *order);
bool pls_order_is_kept(const struct pls_order *order, size_t bin);

/* The value of a rank from 0; NaN, and missed, where it is not in a bracket. */
double pls_order_at(struct pls_order *order, size_t rank);

/* Sum of the distances from the centre of the `ranks` smallest values; missed likewise. */
double pls_order_tail(struct pls_order *order, size_t ranks);

/* Which bin a rank < count is in; *within becomes its rank there. */
size_t pls_order_bin(const struct pls_order *order, size_t rank, size_t *within);

/* The k-th smallest, from 0, of the values: brought to its place, and the cuts found are noted. */
double pls_infer_select(double *values, size_t count, size_t k, struct pls_cuts *cuts);

#endif
