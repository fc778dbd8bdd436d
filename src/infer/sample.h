/*
 * sample.h: one column's usable replicates as the parts of room infer see them. Inside the room
 * only.
 */
#ifndef PLSTRAP_SAMPLE_H
#define PLSTRAP_SAMPLE_H

#include "order.h"
#include "plstrap/infer.h"
#include "sweep.h"

/* ---- sums ---- */

/* Sums of the powers 1 to 4 of value - estimate. */
struct pls_powers {
    double d[4];
};

/* Of one block (sweep.h). */
struct pls_powers pls_lanes_close(const struct pls_lanes *lanes);

/* A node of the binary tree over block numbers: blocks first … first + 2^height - 1 are in. */
struct pls_node {
    uint64_t first;
    uint64_t height;
    struct pls_powers sums;
};

/* Nodes that are finished, ascending, no two of them siblings. */
struct pls_tree {
    struct pls_node *node;
    size_t nodes;
    size_t capacity;
};

/* PLS_EINTERNAL, and nothing changed, where one of its blocks is in already. */
enum pls_code pls_tree_add(struct pls_tree *tree, struct pls_node node, struct pls_error *err);
/* The sums of all; false where blocks are missing in between. */
bool pls_tree_total(const struct pls_tree *tree, struct pls_powers *out);

/* Central moments, and what follows from the sums. */
struct pls_moments {
    size_t used;
    double bias; /* mean - estimate                                      */
    double m2;   /* central moments about the mean, divisor used         */
    double m3;
    double m4;
};
struct pls_moments pls_infer_moments(struct pls_powers sums, size_t used);

/* ---- one column ---- */

struct pls_counts {
    size_t used;
    size_t below_estimate; /* <  */
    size_t upto_estimate;  /* <= */
    size_t below_zero;
    size_t upto_zero;
};

/* All that inference needs of the usable replicates, however it was come by. */
struct pls_column {
    double estimate;
    double acceleration;
    const char *acceleration_note; /* why it is NaN, else "" */
    struct pls_powers sums;
    struct pls_counts counts;
    bool same; /* all are equal, whatever rounding says of their spread */
    struct pls_order *order;
};

/*
 * Everything about a column; false, and nothing written, where a rank was missed. The only place
 * where inference is made.
 */
bool pls_infer_from(const struct pls_column *column, const struct pls_infer_options *options,
                    struct pls_inference *out);

struct pls_sample {
    struct pls_order *order;
    struct pls_counts counts;
    size_t used;
    enum pls_quantile quantile;
    enum pls_centre centre;
    double estimate;
    double mean;
    double bias;
    double se;
    double m3;
    double mcse_mean;
    double mcse_se;
    bool constant; /* se is nothing but rounding */
    double below;  /* share of replicates below the estimate, ties counted half */
    double z0;
    double acceleration;
    const char *acceleration_note; /* why it is NaN, else "" */
};

/* Ascending, in place, O(n log n) always; no NaN may be among the values. */
void pls_infer_sort(double *values, size_t count);

/* Spread below which replicates count as constant. */
double pls_infer_rounding(double estimate);

/* Why there is no acceleration; the first: there is one. */
enum { PLS_ACCELERATION_NOTES = 3 };
extern const char *const pls_acceleration_note[PLS_ACCELERATION_NOTES];

/* Efron's acceleration from delete-one values: NaN and why. */
double pls_infer_acceleration(const double *jackknife, const uint8_t *jusable, size_t jcount,
                              double estimate, const char **note);

/* pls_infer_quantile() of what the order holds. */
double pls_order_quantile(struct pls_order *order, size_t used, double p, enum pls_quantile type);

/* Note of an interval whose end lies beyond the replicates: this very text, not another like it. */
extern const char pls_too_few_replicates[];
struct pls_interval pls_infer_interval(const struct pls_sample *sample, enum pls_method method,
                                       double level);

/* The probability that BC (a = 0) or BCa put in the place of p; beyond its pole 0 or 1. */
double pls_adjusted_level(double z0, double a, double p);

/* Fills the p-values of out; out->t and out->mcse_t are ready. */
void pls_infer_pvalues(const struct pls_sample *sample, struct pls_inference *out);

double pls_mcse_of_se(const struct pls_moments *moments, double se);
double pls_mcse_of_tail(size_t tail, size_t used);
double pls_beta_quantile(double probability, double a, double b);
/* Of the share b/used; the two ends together miss it with probability at most `miss`. */
void pls_clopper_pearson(uint64_t b, uint64_t used, double miss, double *low, double *high);
double pls_bandwidth(double p, double used); /* of the difference of quantiles that tells 1/f */
double pls_sparsity(const struct pls_sample *sample, double p);
double pls_mcse_of_quantile(const struct pls_sample *sample, double p);
double pls_mcse_of_adjusted(const struct pls_sample *sample, double p, double slope);
double pls_mcse_of_basic(const struct pls_sample *sample, double p);
double pls_mcse_of_normal(const struct pls_sample *sample, double z);

/* ---- which quantiles are wanted ---- */

/* Why, and how surely, brackets lie where they do. */
struct pls_aim {
    const struct pls_infer_options *options;
    double acceleration; /* NaN: no BCa interval */
    double width;        /* half width of a bracket in standard errors */
};

/* Sums of tails are wanted: METHODS 6.7 of basic intervals about the bias-corrected centre. */
bool pls_wants_tails(const struct pls_infer_options *options);

/*
 * Brackets about the quantiles that inference on `expected` values will ask for, as the values in
 * `order` tell them; below = their share below the estimate, ties counted half. They are within those
 * of order. NULL where they would hold most of the values.
 */
enum pls_code pls_aim_edges(const struct pls_aim *aim, struct pls_order *order, double below,
                            double expected, double **out_edge, size_t *out_edges,
                            struct pls_error *err);

/* ---- the tally ---- */

/* A block whose rows come in portions. */
struct pls_open {
    uint64_t next; /* row; at a multiple of PLS_TALLY_BLOCK no block is open */
    struct pls_lanes lanes;
    double held[PLS_SUMMANDS]; /* usable values that do not fill the lanes yet */
    size_t helds;
};

/* What pls_tally_drop() goes back to. */
struct pls_mark {
    struct pls_counts counts;
    uint64_t rows;
    double one;
    bool differ;
};

struct pls_tally {
    struct pls_aim aim;
    pls_sweep_fn *sweep;
    double estimate;
    const char *acceleration_note;
    uint64_t count;     /* rows of the series            */
    size_t narrowed_at; /* values seen when the brackets were last placed; SIZE_MAX: never again */
    uint64_t rows;      /* seen so far, usable or not    */
    struct pls_counts counts;
    double one;  /* one of the values, where there are any */
    bool differ; /* and another that is not equal          */
    struct pls_open open;
    struct pls_mark mark; /* of the open block's begin */
    struct pls_tree tree;
    struct pls_order order;
};

#endif
