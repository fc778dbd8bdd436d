/*
 * rows.h: what a job computes: rows of numbers, each with its outcome.
 */
#ifndef PLSTRAP_ROWS_H
#define PLSTRAP_ROWS_H

#include "plstrap/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first thing that went wrong with a row. Stored: numbers are only ever appended. */
enum pls_status {
    PLS_STATUS_OK = 0,
    PLS_STATUS_NOT_CONVERGED = 1,       /* values are those of the last iteration            */
    PLS_STATUS_CONSTANT = 2,            /* where: the indicator without variance; values NaN */
    PLS_STATUS_SINGULAR_BLOCK = 3,      /* where: the Mode B construct whose block is
                                      collinear; values NaN                             */
    PLS_STATUS_ZERO_PROXY = 4,          /* where: the construct whose proxy vanished; NaN    */
    PLS_STATUS_SINGULAR_INNER = 5,      /* where: the construct whose predecessors are
                                      collinear while the path scheme iterates; NaN     */
    PLS_STATUS_SINGULAR_STRUCTURAL = 6, /* the same in the structural model; NaN        */
    PLS_STATUS_COUNT
};

/* Bits of pls_outcome.flags: checks of METHODS 3.5 that failed, a bit each (check k is bit k-1). */
enum {
    PLS_FLAG_NOT_CONVERGED = 1 << 0,
    /* Of a row of several models: 1 + the number of the first that failed, 63 for later ones; 0: none. */
    PLS_FLAG_RUN_SHIFT = 1,
    PLS_FLAG_RUN = 63 << 1,
    PLS_FLAG_TURNED = 1 << 7 /* `align: base` turned a construct against the study's own sign rule;
                                where (of an ok row) is the first such construct */
};

struct pls_outcome {
    uint8_t status; /* enum pls_status */
    uint8_t flags;
    uint16_t where; /* number of the indicator or construct that status or flags speak of */
    uint16_t iterations;
};

/* Short names as the reports and `plstrap rows` print them: "ok", "not converged", … */
const char *pls_status_name(enum pls_status status);

/* Kinds of parameters; the name is the `component` of every table. */
enum pls_component {
    PLS_WEIGHT,
    PLS_LOADING,
    PLS_PATH,
    PLS_R2,
    PLS_TOTAL,
    PLS_INDIRECT, /* total indirect effect */
    PLS_SPECIFIC, /* one chain of it */
    PLS_ADJ_R2,
    PLS_F2,
    PLS_VIF,
    PLS_CORRELATION,
    PLS_CROSS_LOADING,
    PLS_ALPHA,
    PLS_RHO_A,
    PLS_RHO_C,
    PLS_AVE,
    PLS_HTMT,
    PLS_DIFFERENCE,         /* between two groups, first minus second                     */
    PLS_STUDENTISED,        /* the same over its standard error                           */
    PLS_OMNIBUS_Q,          /* spread of a parameter over all groups                      */
    PLS_D_L,                /* squared Euclidean distance of the implied matrices, halved */
    PLS_D_G,                /* geodesic distance of them                                  */
    PLS_MICOM_C,            /* correlation of two groups' composites                      */
    PLS_MEAN_DIFFERENCE,    /* of the pooled scores                                       */
    PLS_LOG_VARIANCE_RATIO, /* of the pooled scores                                       */
    PLS_PARTIAL_T,          /* of a path, within one sample                               */
    PLS_BLOCK_R2,           /* under permuted rows of the construct's block               */
    PLS_COMPONENTS
};

const char *pls_component_name(enum pls_component component);

/* One parameter: its kind and its term in lavaan's form, whole and in parts. */
struct pls_column {
    enum pls_component component;
    char *term; /* "KV~KD", "KD=~kd1", "KD<~kd1", "KV", "KD~~KV", "KD->KV->KK" */
    char *lhs;  /* "KV" */
    char *op;   /* "~", "=~", "<~", "~~", "->" or "" (r2, alpha, …) */
    char *rhs;  /* "KD"; for a chain all after the first construct: "KV->KK"; "" for none */
};

/* What a row holds, in order. Starts as {0}. */
struct pls_columns {
    size_t count;
    size_t capacity;
    struct pls_column *column;
};

/* Appends a column; the texts are copied, the term is lhs, op and rhs in one. */
enum pls_code pls_columns_add(struct pls_columns *columns, enum pls_component component,
                              const char *lhs, const char *op, const char *rhs,
                              struct pls_error *err);
/* Whether the same parameters stand in the same order. */
bool pls_columns_equal(const struct pls_columns *a, const struct pls_columns *b);
void pls_columns_free(struct pls_columns *columns); /* leaves it {0} */

#endif
