/*
 * permutation.h: from the values of permutations to p-values, their Monte Carlo error, tests of
 * many hypotheses at once, and the rules by which a job may stop early.
 *
 * Room infer: numbers in, numbers out. A larger statistic always speaks against the hypothesis:
 * upper for itself, lower for its negative, two for its absolute value. The observed labelling is
 * no row of a random job; in an exact one the rows are all labellings, the observed one among them.
 */
#ifndef PLSTRAP_PERMUTATION_H
#define PLSTRAP_PERMUTATION_H

#include "plstrap/error.h"
#include "plstrap/infer.h"
#include "plstrap/study.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- one statistic ---- */

/* Rows at least as extreme as the observed value T0; equal within 1e-10 max(1, |T0|) counts. */
struct pls_exceedances {
    uint64_t upper; /* T >= T0     */
    uint64_t lower; /* T <= T0     */
    uint64_t two;   /* |T| >= |T0| */
    uint64_t used;  /* rows looked at: usable and not NaN */
};

enum pls_side { PLS_SIDE_TWO, PLS_SIDE_UPPER, PLS_SIDE_LOWER };

/*
 * Adds rows to *out, which starts as {0}; in any portions and order. Nothing is added where the
 * observed value is NaN: with used = 0 every p below is NaN.
 *
 *   values, usable  [count]  in
 */
void pls_exceed_add(struct pls_exceedances *out, const double *values, const uint8_t *usable,
                    size_t count, double observed);

/* What pls_stopper_rows() reads: 1 where the row is as extreme on that side, 0 not, 2 unusable. */
void pls_exceed_flags(const double *values, const uint8_t *usable, size_t count, double observed,
                      enum pls_side side, uint8_t *out);

enum pls_certainty { PLS_UNDECIDED, PLS_CERTAINLY_BELOW, PLS_CERTAINLY_NOT_BELOW };

/* "undecided", "p<alpha certain", "p>=alpha certain" */
const char *pls_certainty_name(enum pls_certainty certainty);

struct pls_permutation_p {
    double p;         /* (b+1)/(B+1): valid at every level, never 0; exact: b/B              */
    double mcse;      /* sqrt(b/B (1-b/B)/B); b or B-b < 20: half the 68 % interval; exact: 0 */
    double low, high; /* Clopper-Pearson interval of the p of all permutations; exact: p, p  */
    enum pls_certainty certainty; /* on which side of alpha that interval lies              */
    double needed; /* B at which about it would be: z^2 p (1-p)/(p-alpha)^2; NaN: decided   */
    double fail_low, fail_high; /* p, had no failed row, or had every one, been as extreme   */
};

/*
 *   b       rows as extreme, of `used` that count
 *   failed  rows that came to nothing and are left out
 *   exact   the rows are all labellings
 *   level   coverage of low and high, 0 < level < 1
 *
 * All NaN and undecided where used is 0.
 */
struct pls_permutation_p pls_permutation_p(uint64_t b, uint64_t used, uint64_t failed, bool exact,
                                           double alpha, double level);

/*
 * Equal-tailed: twice the smaller one-sided p, at most 1; everything is doubled likewise. Differs
 * from that of `two` where the permutation distribution is skewed: groups of unequal size.
 */
struct pls_permutation_p pls_permutation_p_tails(const struct pls_exceedances *counts,
                                                 uint64_t failed, bool exact, double alpha,
                                                 double level);

/* ---- many hypotheses ---- */

enum pls_procedure {
    PLS_PROCEDURE_NONE,
    PLS_PROCEDURE_BONFERRONI,
    PLS_PROCEDURE_HOLM,
    PLS_PROCEDURE_HOCHBERG,
    PLS_PROCEDURE_BH,
    PLS_PROCEDURE_BY
};

/* The study's word; of maxT, which is not made from p-values, Holm, which rejects no more. */
enum pls_procedure pls_procedure_of(enum pls_adjust adjust);

/*
 * Adjusted p-values as R's p.adjust: NaN are left out of the family and stay NaN.
 *
 *   p         [count]  in
 *   adjusted  [count]  out  may be p itself
 */
enum pls_code pls_adjust(enum pls_procedure procedure, const double *p, size_t count,
                         double *adjusted, struct pls_error *err);

/*
 * Step-down maxT (Westfall & Young 1993): the family's t = value/sd are ordered by the observed
 * |t0|; the i-th is compared with each row's maximum over itself and those behind it. Controls the
 * family's error under the rows' own dependence.
 */
struct pls_maxt;

/*
 *   observed  [count]  in
 *   sd        [count]  in  of the rows' values (studentised values: 1)
 *
 * A hypothesis whose observed value or sd is NaN, or whose sd is 0, takes no part: adjusted NaN.
 */
enum pls_code pls_maxt_new(const double *observed, const double *sd, size_t count,
                           struct pls_maxt **out_new, struct pls_error *err);
void pls_maxt_free(struct pls_maxt *maxt);

/*
 * Adds rows; in any portions and order. A row that is not usable, or NaN in a hypothesis that takes
 * part, is left out as a whole.
 *
 *   values      [columns][stride]  in  the tile
 *   opt_column  [hypotheses]       in  each one's column of the tile; NULL: 0, 1, 2, …
 *   usable      [rows]             in
 */
void pls_maxt_add(struct pls_maxt *maxt, const double *values, size_t stride,
                  const size_t *opt_column, const uint8_t *usable, size_t rows);

/*
 * The counts, in numbers that may be added: those of ranks by a sum of each place. pack overwrites,
 * unpack adds; both take pls_maxt_size() places, one more than there are hypotheses. Only between
 * objects made from the same numbers.
 */
size_t pls_maxt_size(const struct pls_maxt *maxt);
void pls_maxt_pack(const struct pls_maxt *maxt, uint64_t *out);
void pls_maxt_unpack(struct pls_maxt *maxt, const uint64_t *counts);

/* [hypotheses] (count+1)/(B+1), exact count/B; not smaller than that of a larger |t0|. */
void pls_maxt_finish(const struct pls_maxt *maxt, bool exact, double *adjusted);

/* ---- two groups, from their bootstraps ---- */

struct pls_group_estimate {
    double estimate;
    double se; /* bootstrap standard error */
    uint64_t n;
};

/* Two-sided. All NaN where an se is missing, both are 0, or a group has fewer than 2 rows. */
struct pls_group_test {
    double t;
    double df;
    double p;
};
struct pls_group_test pls_group_keil(struct pls_group_estimate first,
                                     struct pls_group_estimate second); /* pooled t */
struct pls_group_test pls_group_welch(struct pls_group_estimate first,
                                      struct pls_group_estimate second); /* Welch-Satterthwaite */
struct pls_group_test pls_group_nitzl(struct pls_group_estimate first,
                                      struct pls_group_estimate second); /* cSEM's form of it */

/* One parameter in one group. */
struct pls_group_series {
    const double *values; /* [count] bootstrap values */
    double estimate;
    uint64_t n;
};

/* All that the bootstraps say of a difference first - second. */
struct pls_group_comparison {
    uint64_t used;
    double difference; /* of the estimates */
    double se_first, se_second;
    struct pls_interval interval; /* percentile interval of the differences row by row */
    double henseler;     /* P(first <= second), each shifted by its bias; ties count half */
    double henseler_two; /* min(1, 2 min(P, 1-P)), and never below 2/(used+1)            */
    struct pls_group_test keil, welch, nitzl;
    const char *note; /* why something is NaN; else "" */
};

/*
 * Rows that are not usable, or not finite in one of the two, are left out. O(count log count).
 *
 *   usable  [count]  in
 *   level            in  of the interval
 */
enum pls_code pls_group_compare(const struct pls_group_series *first,
                                const struct pls_group_series *second, const uint8_t *usable,
                                size_t count, double level, enum pls_quantile quantile,
                                struct pls_group_comparison *out, struct pls_error *err);

/* ---- replicates: auto ---- */

/*
 * Rules that read rows in their order: the stop is the same for any portions and any number of
 * ranks. Rows behind the stop are not in the result.
 *
 *   besag_clifford  each hypothesis is done at its PLS_STOP_EXCEEDANCES-th exceedance; p is valid,
 *                   nothing is decided (Besag & Clifford 1991)
 *   gandy           each is done where its exceedances leave the boundaries; which side of alpha p
 *                   is on is then wrong with probability at most PLS_STOP_RISK (Gandy 2009)
 *   mmctest         at each look all p get Clopper-Pearson intervals; done are hypotheses that the
 *                   procedure rejects, or not, at both ends; with probability 1 - PLS_STOP_RISK all
 *                   of them rightly (Gandy & Hahn 2014)
 *
 * Of more hypotheses the stop is that of the last one done; what is not done at max is undecided.
 * Looks: 999 rows, then 1,250, 1,562, … more (a quarter more each time), rounded up so that rows
 * + 1 is a multiple of 1,000; only mmctest stops nowhere else.
 */
struct pls_stopper;
enum { PLS_STOP_EXCEEDANCES = 10, PLS_STOP_SPENDING = 1000 };
#define PLS_STOP_RISK 1e-3

/*
 *   hypotheses  at least 1
 *   procedure   of mmctest; the others test each hypothesis for itself
 *   max         rows at most, at least 1
 */
enum pls_code pls_stopper_new(enum pls_stop rule, size_t hypotheses, double alpha,
                              enum pls_procedure procedure, uint64_t max,
                              struct pls_stopper **out_new, struct pls_error *err);
void pls_stopper_free(struct pls_stopper *stopper);

/* How many rows, all in all, it wants to have seen next; when done, the stop. */
uint64_t pls_stopper_next(const struct pls_stopper *stopper);

/*
 * The next rows, in their order, in any portions. What is not usable for a hypothesis does not
 * count for it. Rows behind the stop are not looked at.
 *
 *   flags  [hypotheses][stride]  in  of pls_exceed_flags()
 */
enum pls_code pls_stopper_rows(struct pls_stopper *stopper, const uint8_t *flags, size_t stride,
                               size_t rows, struct pls_error *err);

/*
 *   out_rows    out  rows of the result (rows 0 … out_rows-1); written where done
 *   out_reason  out  a phrase for the report
 */
bool pls_stopper_done(const struct pls_stopper *stopper, uint64_t *out_rows,
                      const char **out_reason);

/* besag_clifford: always PLS_UNDECIDED; mmctest: of the adjusted p. */
enum pls_certainty pls_stopper_certainty(const struct pls_stopper *stopper, size_t hypothesis);

/*
 * The p-value of the hypothesis' own stop, NaN without a row: besag_clifford's valid one,
 * (b+1)/(B+1) where it was not done; the others' b/B, which is biased towards the boundary.
 */
double pls_stopper_p(const struct pls_stopper *stopper, size_t hypothesis);

/*
 * Gandy's boundaries for the first `count` draws: stop where S_n >= upper[n-1] or <= lower[n-1].
 */
enum pls_code pls_gandy_boundaries(double alpha, size_t count, int64_t *upper, int64_t *lower,
                                   struct pls_error *err);

/* Checkpoint k of the bootstrap's auto, from 0: 1,999, 4,999, 9,999, 19,999, …, at most max. */
uint64_t pls_auto_checkpoint(size_t k, uint64_t max);

/* Why more bootstrap replicates are wanted. */
struct pls_shortfall {
    size_t column;      /* column of a row; SIZE_MAX: a hypothesis */
    size_t hypothesis;  /* its number, else SIZE_MAX               */
    const char *reason; /* a phrase for messages                   */
};

/*
 * METHODS 6.8: true where in every column the Monte Carlo error of the standard error and of every
 * interval's ends is at most accuracy standard errors, and where no verdict lies within two Monte
 * Carlo errors of its threshold: those of the study's hypotheses, and the two-sided one, by the
 * study's rule, of every column that is marked. Constant columns, and ends that no number of
 * replicates can tell, are passed over. Stopping so biases a p by no more than the error tolerated.
 *
 *   inference  [count]     in
 *   opt_judged [count]     in  1 where the two-sided verdict counts; NULL: nowhere
 *   verdicts   [verdicts_count] in  of the study's hypotheses
 *   out                    out  the first shortfall; written only where the answer is false
 */
bool pls_infer_enough(const struct pls_inference *inference, size_t count,
                      const struct pls_infer_options *options,
                      const struct pls_inference_keys *keys, double accuracy,
                      const uint8_t *opt_judged, const struct pls_verdict *verdicts,
                      size_t verdicts_count, struct pls_shortfall *out);

#endif
