/*
 * model.h: a path model: constructs with their indicators, and paths between the constructs.
 *
 * Constructs are numbered in the order in which the model text measures them first; indicators
 * construct by construct, within one in the order written; paths by target construct, within one in
 * the order written. All columns of all tables follow these orders.
 */
#ifndef PLSTRAP_MODEL_H
#define PLSTRAP_MODEL_H

#include "plstrap/error.h"

#include <stddef.h>

enum pls_mode {
    PLS_MODE_A, /* reflective, =~: weights are covariances with the inner proxy       */
    PLS_MODE_B  /* formative,  <~: weights are regression coefficients of the proxy   */
};

struct pls_place {
    unsigned line; /* 1-based, in the file that holds the model text */
    unsigned column;
};

struct pls_model {
    size_t constructs;       /* J */
    size_t indicators;       /* p */
    size_t paths;            /* q */
    char **construct;        /* [J]   names                                              */
    enum pls_mode *mode;     /* [J]                                                      */
    size_t *block;           /* [J+1] indicators of construct j: block[j] … block[j+1]-1 */
    char **indicator;        /* [p]   names: columns of the data                         */
    struct pls_place *place; /* [p]   where the text names the indicator                 */
    size_t *arrow;           /* [J+1] paths into construct j: arrow[j] … arrow[j+1]-1    */
    size_t *source;          /* [q]   construct that a path comes from                   */
    size_t *order;           /* [J]   sources before targets; of those ready the lowest  */
};

/*
 * Reads a model in lavaan's syntax: =~ (Mode A), <~ (Mode B), ~ (paths).
 *
 *   text    in       the model, zero-terminated, valid UTF-8
 *   path    in       file name for messages
 *   origin  in       line and column of the file at which text begins (1, 1 for a file of its own);
 *                    every further line of text begins `indent` columns in
 *
 * Returns PLS_OK, PLS_ESTUDY with FILE:LINE:COL and a sentence, or PLS_EUNAVAILABLE.
 */
enum pls_code pls_model_parse(const char *text, const char *path, struct pls_place origin,
                              unsigned indent, struct pls_model **out_new, struct pls_error *err);

void pls_model_free(struct pls_model *model);

/* Number of the construct of that name, or J where there is none. */
size_t pls_model_construct(const struct pls_model *model, const char *name);

/* The construct whose block holds indicator k. */
size_t pls_model_owner(const struct pls_model *model, size_t k);

/* Number of the path source -> target, or q where there is none. */
size_t pls_model_path(const struct pls_model *model, size_t source, size_t target);

#endif
