/*
 * permute_internal.h: what the files of the permutation job share.
 *
 *   permute_plan.c    groups, columns and observed values: struct pls_permute_plan
 *   job_permute.c     series, rows, what is counted and settled of them: facts
 *   permute_tables.c  facts ─▶ mga, mga_bootstrap, omnibus, within
 *   micom_tables.c    facts ─▶ groups, configural, micom
 */
#ifndef PLSTRAP_PERMUTE_INTERNAL_H
#define PLSTRAP_PERMUTE_INTERNAL_H

#include "job_internal.h"

#include "plstrap/groups.h"
#include "plstrap/permutation.h"
#include "plstrap/within.h"

/* A column that a row does not have. */
#define PLS_NO_COLUMN SIZE_MAX

/* Where a comparison's columns of one kind of rows begin; P columns of the estimator each. */
struct pls_permute_variant {
    bool within;        /* rows standardised within the groups  */
    size_t estimates;   /* of its first group, then the others  */
    size_t difference;  /* pairs                                */
    size_t studentised; /* pairs                                */
    size_t d_l, d_g;    /* one column each                      */
    size_t q;           /* all groups                           */
};

/* Two groups, or all of more than two. */
struct pls_permute_comparison {
    char *name; /* "female-male", "all" */
    size_t groups;
    size_t group[PLS_MOST_GROUPS];
    struct pls_permute_variant variant[2];
    size_t variants;
    size_t c, mean, variance; /* MICOM, a column a construct */
};

enum { PLS_MOST_COMPARISONS = PLS_MOST_GROUPS * (PLS_MOST_GROUPS - 1) / 2 + 1 };

struct pls_permute_plan {
    struct pls_groups_found groups; /* count 0: one sample */
    struct pls_dataset *within;     /* rows standardised within their groups, or NULL */
    struct pls_estimator *within_estimator;
    struct pls_permute_comparison *comparison; /* [comparisons] */
    size_t comparisons;
    struct pls_columns columns;
    double *observed;     /* [columns] */
    uint64_t assignments; /* there are, where all are enumerated; else 0 */
};

/* For the rooms' own structs. */
struct pls_groups_options pls_permute_options(const struct pls_plan *plan, enum pls_isa isa);
struct pls_within_settings pls_permute_settings(const struct pls_plan *plan);

/* How a permutation statistic counts as extreme. */
enum pls_extreme { PLS_EXTREME_NOT_TESTED, PLS_EXTREME_TWO, PLS_EXTREME_UPPER, PLS_EXTREME_LOWER };
enum pls_extreme pls_permute_extreme(enum pls_component component);

enum { PLS_MOST_RUNS = 64 }; /* model runs of a row that failures are told apart by */

/* ---- permute_counts.c: parts of struct pls_job_kind ---- */

bool pls_permute_wants(const struct pls_plan *plan, size_t column);
void pls_permute_sizes(const struct pls_plan *plan, size_t *counters, size_t *settled);
enum pls_code pls_permute_settle(struct pls_facts *facts, const struct pls_rows_source *rows,
                                 const uint8_t *const usable[2], struct pls_error *err);
enum pls_code pls_permute_count(struct pls_facts *facts, const struct pls_tile *tile,
                                struct pls_error *err);

/* What was counted of a column. */
struct pls_exceedances pls_permute_exceedances(const struct pls_facts *facts, size_t column);
/* Rows that failed in that model run of a row (from 0). */
uint64_t pls_permute_failed(const struct pls_facts *facts, size_t run);
/* p of a tested column, at the study's alpha. */
struct pls_permutation_p pls_permute_p(const struct pls_facts *facts, size_t column);
/* Adjusted by maxT, of the paths of a pair: out [paths]. */
enum pls_code pls_permute_maxt(const struct pls_facts *facts, size_t comparison, size_t variant,
                               double *out, struct pls_error *err);

/* What the bootstrap says of a parameter's difference; NaN where it says nothing. */
struct pls_permute_bootstrap {
    double se[2];
    double henseler, henseler_two;
    double low, high;
};
struct pls_permute_bootstrap pls_permute_of_bootstrap(const struct pls_facts *facts,
                                                      size_t comparison, size_t parameter);

/* ---- tables ---- */

enum { PLS_P_INTERVAL = 99 }; /* per cent, of the intervals of p */

/* Number of the first path among the estimator's columns. */
size_t pls_permute_first_path(const struct pls_plan *plan);

enum pls_code pls_permute_tables(const struct pls_facts *facts, struct pls_tables *tables,
                                 struct pls_error *err);
/* mga, mga_bootstrap, omnibus */
enum pls_code pls_mga_tables(const struct pls_facts *facts, struct pls_tables *tables,
                             struct pls_error *err);
/* groups, configural, micom */
enum pls_code pls_micom_tables(const struct pls_facts *facts, struct pls_tables *tables,
                               struct pls_error *err);
/* configural alone: what is looked at in the data */
enum pls_code pls_micom_configural(const struct pls_plan *plan, struct pls_tables *tables,
                                   struct pls_error *err);

#endif
