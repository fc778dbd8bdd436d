/*
 * lavaan.h: a text in lavaan's model syntax as a list of terms.
 *
 * `A =~ x1 + x2` gives two terms (A, x1) and (A, x2); `A + B ~ C` gives (A, C) and (B, C). What the
 * terms mean together is checked in model.c.
 */
#ifndef PLSTRAP_STUDY_LAVAAN_H
#define PLSTRAP_STUDY_LAVAAN_H

#include "plstrap/error.h"
#include "plstrap/model.h"

#include <stddef.h>

enum pls_operator { PLS_REFLECTIVE, PLS_FORMATIVE, PLS_REGRESSION }; /* =~ <~ ~ */

/* A name, where it stands in the text; not zero-terminated. */
struct pls_word {
    const char *text;
    size_t length;
    struct pls_place place;
};

struct pls_term {
    enum pls_operator op;
    struct pls_word left, right;
};

struct pls_terms {
    struct pls_term *term; /* [count] in the order written; left sides first, for A + B ~ C + D */
    size_t count;
    size_t capacity;
};

/* A model text and where it stands. */
struct pls_source {
    const char *text;
    const char *path; /* for messages */
    struct pls_place origin;
    unsigned indent;                    /* columns before every further line                   */
    const struct pls_place *opt_places; /* of each byte; NULL: they follow from origin, indent */
};

/* Words point into the source's text. */
enum pls_code pls_lavaan_terms(const struct pls_source *source, struct pls_terms *out,
                               struct pls_error *err);
void pls_terms_free(struct pls_terms *terms);

/* pls_model_parse() for text whose bytes have places of their own. */
enum pls_code pls_model_build(const struct pls_source *source, struct pls_model **out_new,
                              struct pls_error *err);

#endif
