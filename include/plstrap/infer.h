/*
 * infer.h: from the replicate values of one statistic to intervals, p-values and their Monte Carlo
 * error.
 *
 * Room infer: numbers in, numbers out. No files, no MPI, no shared state. Definitions: METHODS 6
 * (the man page plstrap(7) repeats them for users). Distribution functions and their inverses come
 * from GSL.
 */
#ifndef PLSTRAP_INFER_H
#define PLSTRAP_INFER_H

#include "plstrap/error.h"
#include "plstrap/kernels.h"
#include "plstrap/study.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pls_infer_options {
    double level[PLS_MAX_LEVELS]; /* two-sided coverage, 0 < level < 1 */
    size_t levels;
    enum pls_method method[PLS_METHODS];
    size_t methods;
    enum pls_quantile quantile;
    enum pls_centre centre; /* of normal and basic intervals */
    size_t n;               /* observations: t has n-1 degrees of freedom */
    enum pls_isa isa;       /* what counts the values; never visible in a result */
};

struct pls_interval {
    double lower;
    double upper;
    double mcse_lower; /* Monte Carlo standard error: standard deviation of the end over seeds */
    double mcse_upper;
    const char *note; /* why an end is NaN; "" otherwise (static text) */
};

/* A probability with its Monte Carlo standard error. */
struct pls_probability {
    double p;
    double mcse;
};

struct pls_inference {
    uint64_t used;    /* replicates that entered                                       */
    double mean;      /* of the replicates                                             */
    double bias;      /* mean - estimate                                               */
    double se;        /* divisor used-1                                                */
    double t;         /* estimate / se                                                 */
    double df;        /* n-1                                                           */
    double mcse_mean; /* = that of bias                                                */
    double mcse_se;
    double mcse_t;
    struct pls_probability t_two;          /* 2 T_df(-|t|)                               */
    struct pls_probability percentile_two; /* METHODS 6.2 p_perc: never 0, floor 1/(B+1) */
    struct pls_probability greater;        /* one-sided against H0 <= 0: (1+#{<=0})/(B+1) */
    struct pls_probability less;           /* one-sided against H0 >= 0: (1+#{>=0})/(B+1) */
    struct pls_probability t_greater;      /* one-sided forms of the t-based p           */
    struct pls_probability t_less;
    double z0;           /* bias correction of BC and BCa; NaN where undefined           */
    double acceleration; /* of BCa; NaN where not asked for                              */
    struct pls_interval interval[PLS_MAX_LEVELS]
                                [PLS_METHODS]; /* [level][position in options.method] */
    const char *note; /* why se, t or p are NaN ("constant in all replicates"); "" otherwise */
};

/*
 * Everything about one column.
 *
 *   values     [count]   in  replicate values in row order
 *   usable     [count]   in  1 where the replicate enters the inference, else 0
 *   estimate             in  base value
 *   jackknife  [jcount]  in  delete-one values, NULL where no BCa interval is asked for
 *   jusable    [jcount]  in  1 where the jackknife row may enter; more than 5 % missing: BCa is NaN
 *   work       [count]   -   scratch; used where all values must be kept (up to 10,000, or a miss)
 *   out                  out written only on PLS_OK; every field, every level and kind
 *
 * Sums are taken in blocks of 1,024 rows in row order, of deviations from the estimate, and joined
 * in a fixed binary tree over block numbers (DESIGN), so rows and a summary (tally.h) give the same
 * bits. Quantiles are exact order statistics, from brackets placed by the first 10,000 rows; where
 * these mislead, all values are looked at again. O(count). Leaving the unusable rows out beforehand
 * gives the same bits where no row changes its block and the first 10,000 stay: always up to 10,000.
 *
 * NaN, with a note: everything but the mean and bias with fewer than 2 usable replicates; t and p
 * (and BC, BCa) where the replicates are constant (se < 1e-12 max(1, |estimate|)); an end whose
 * quantile needs a rank below 1 or above B. A Monte Carlo error that rests on a fourth moment is
 * NaN with fewer than 4.
 *
 * Returns PLS_OK, PLS_EDATA where a usable value is not finite (a damaged result), or
 * PLS_EUNAVAILABLE where there is no memory for the brackets.
 */
enum pls_code pls_infer_column(const double *values, const uint8_t *usable, size_t count,
                               double estimate, const double *jackknife, const uint8_t *jusable,
                               size_t jcount, const struct pls_infer_options *options, double *work,
                               struct pls_inference *out, struct pls_error *err);

/*
 * Quantile of sorted values: Hyndman & Fan's type 6 or 7, or boot's order statistics at (n+1)p
 * interpolated on the normal scale. NaN where the definition asks for a rank below 1 or above n
 * (type 6 and normal; "B too small").
 */
double pls_infer_quantile(const double *sorted, size_t count, double p, enum pls_quantile type);

/* Type of mediation after Zhao, Lynch & Chen (2010); METHODS 7.3. */
enum pls_mediation {
    PLS_MEDIATION_COMPLEMENTARY,
    PLS_MEDIATION_COMPETITIVE,
    PLS_MEDIATION_INDIRECT_ONLY,
    PLS_MEDIATION_DIRECT_ONLY,
    PLS_MEDIATION_NO_EFFECT,
    PLS_MEDIATION_UNDECIDED,  /* an interval is missing */
    PLS_MEDIATION_INDIRECT,   /* no direct path in the model: it can only be said that there is */
    PLS_MEDIATION_NO_INDIRECT /* an indirect effect, or that there is none                      */
};
struct pls_mediation_verdict {
    enum pls_mediation type;
    bool open;            /* an end lies within 2 Monte Carlo standard errors of zero      */
    double vaf;           /* indirect / (indirect + direct), NaN where it means nothing    */
    const char *vaf_note; /* why it is NaN, else ""                                        */
};

/*
 * An effect is there where its closed interval excludes zero. The VAF is given where the indirect
 * effect is there, has the sign of the direct one, and the total effect's interval excludes zero.
 *
 *   indirect, direct  in  estimates; direct is not read where opt_direct_ci is NULL
 *   indirect_ci       in  interval of the kind that decides
 *   opt_direct_ci     in  NULL: the model has no direct path
 *   opt_total_ci      in  NULL: no VAF
 */
struct pls_mediation_verdict pls_infer_mediation(double indirect,
                                                 const struct pls_interval *indirect_ci,
                                                 double direct,
                                                 const struct pls_interval *opt_direct_ci,
                                                 const struct pls_interval *opt_total_ci);

/* "complementary", "competitive", "indirect-only", "direct-only", "no-effect", … */
const char *pls_mediation_name(enum pls_mediation type);

/* Nitzl et al.'s words: "complementary partial mediation", "full mediation", "no mediation", … */
const char *pls_mediation_phrase(enum pls_mediation type);

/* A hypothesis decided: METHODS 7.3 end, INTERFACE `inference`. */
struct pls_verdict {
    bool accepted;
    bool decided;             /* false where p or the interval is missing: note says why */
    bool open;                /* the Monte Carlo error leaves the verdict open           */
    struct pls_probability p; /* the p that the study names, whatever the rule           */
    const char *note;
};

/*
 * rule p: accepted where the p the study names (percentile or t, two- or one-sided in the stated
 * direction) is below alpha and the estimate has the stated sign (!= : any, and two-sided always).
 * rule interval: where the deciding interval excludes zero on the stated side.
 *
 * open: the estimate has the stated sign and |p - alpha| < 2 MCSE, or the end that decides lies
 * within 2 MCSE of zero; also where that Monte Carlo error is unknown.
 *
 *   deciding  in  interval of the first kind and first level
 */
struct pls_verdict pls_infer_verdict(const struct pls_inference_keys *keys,
                                     enum pls_relation relation, double estimate,
                                     const struct pls_inference *inference,
                                     const struct pls_interval *deciding);

#endif
