/*
 * design.h: how the observations were sampled and what may be exchanged: strata, clusters, groups.
 *
 * Room resample: codes in, weights and labels out; a pure function of (seed, row).
 */
#ifndef PLSTRAP_DESIGN_H
#define PLSTRAP_DESIGN_H

#include "plstrap/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLS_NO_GROUP = 0xff };

/*
 * Units that are drawn or exchanged: rows, or whole clusters, by stratum. A stratum's units are
 * first[h] … first[h+1]-1; a unit u has the rows row[start[u]] … row[start[u+1]-1].
 */
struct pls_design {
    size_t n;
    size_t strata;
    size_t units;
    size_t *first; /* [strata+1] units of a stratum stand together */
    size_t *start; /* [units+1]                                    */
    uint32_t *row; /* [n]                                          */
    bool plain;    /* one stratum, every unit one row              */
};

/*
 * Strata are in the order of their first rows, so are the units of a stratum, and rows of a unit
 * rise. n < 2^32.
 *
 *   opt_stratum, opt_cluster  [n]  in  any codes; NULL: one stratum, every row a cluster
 *
 * PLS_EDATA: a cluster in two strata (*row_a, *row_b tell two of its rows).
 */
enum pls_code pls_design_new(size_t n, const uint32_t *opt_stratum, const uint32_t *opt_cluster,
                             struct pls_design **out_new, size_t *row_a, size_t *row_b,
                             struct pls_error *err);
void pls_design_free(struct pls_design *design);

enum { PLS_MOST_KINDS = 256 };

/* Above this many assignments they are not numbered. */
#define PLS_MOST_ASSIGNMENTS UINT32_MAX

/* Units among which labels may be exchanged: unit[first] … unit[first+units-1] of the exchange. */
struct pls_exchange_set {
    size_t first, units;
    size_t kind, kinds; /* labels kind … kind+kinds-1, rising, with how many units have each   */
    size_t most;        /* of these the most frequent, the first of them                       */
    uint64_t assignments; /* 0: above PLS_MOST_ASSIGNMENTS                                       */
};

/*
 * What may be exchanged of the labels of some groups. The sets are the strata; in a design with
 * clusters, of which each has one label: the clusters of one stratum and the same number of rows
 * (they move whole, so the groups keep their sizes); where a cluster has several labels: the rows of
 * each cluster. Sets of one label are left out. Only rows of the groups compared count.
 */
struct pls_exchange {
    size_t n;
    size_t sets, units;
    struct pls_exchange_set *set; /* [sets] */
    size_t *start;                /* [units+1] rows of a unit */
    uint32_t *row;                /*                         */
    uint8_t *label;               /* [kinds of all sets]     */
    size_t *count;                /* [kinds of all sets]     */
    uint8_t *observed;            /* [n] labels; PLS_NO_GROUP: takes no part */
    uint8_t *frequent;    /* [n] in each set its most frequent label everywhere, else as observed */
    uint64_t assignments; /* product of the sets'; 0: above PLS_MOST_ASSIGNMENTS */
    double assignments_about; /* the same, rounded; may be infinite */
    uint32_t *shuffled;       /* [most units of a set] scratch */
};

/*
 *   opt_design  in  NULL: every row a unit
 *   label  [n]  in  groups' numbers
 *   wanted [256] in  whether the group of that number is compared; other rows take no part
 *
 * PLS_EDATA where there is nothing to exchange; the sentence is about "the labels of" no one: the
 * caller names the comparison before it.
 */
enum pls_code pls_exchange_new(size_t n, const struct pls_design *opt_design, const uint8_t *label,
                               const bool wanted[PLS_MOST_KINDS], struct pls_exchange **out_new,
                               struct pls_error *err);
void pls_exchange_free(struct pls_exchange *exchange);

/*
 * Labels of permutation `row` of a seed: every assignment with the sizes of the groups within each
 * set is equally likely. One stream of 32-bit words (purpose PLS_PURPOSE_PERMUTATION, the cell the
 * comparison's number) serves set after set: partial Fisher-Yates over the set's units, in their
 * order: the t-th step swaps unit t with unit t + (w*(m-t) >> 32), m units, where w is the next
 * word whose w*(m-t) mod 2^32 >= 2^32 mod (m-t). The first units get the labels other than the most
 * frequent, rising; the others that one.
 *
 *   labels  [n]  out  PLS_NO_GROUP where a row takes no part
 *
 * exchange->shuffled is written: one exchange of each thread.
 */
void pls_permute_labels(uint64_t seed, uint64_t row, uint32_t cell, struct pls_exchange *exchange,
                        uint8_t *labels);

/*
 * Assignment number a < exchange->assignments. Numbers are those of mixed radix over the sets, the
 * last one fastest; within a set in lexicographic order of the labels of its units, so that number 0
 * has all labels rising.
 */
void pls_assign_labels(uint64_t number, const struct pls_exchange *exchange, uint8_t *labels);

#endif
