/* place.h: sentences that begin with FILE:LINE:COL, and foreign text made fit to stand in them. */
#ifndef PLSTRAP_STUDY_PLACE_H
#define PLSTRAP_STUDY_PLACE_H

#include "plstrap/model.h"

#include <stddef.h>

/* Fails with PLS_ESTUDY and "path:line:column: sentence". */
enum pls_code pls_fail_at(struct pls_error *err, const char *path, struct pls_place place,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Text of the user, printable and at most 60 columns wide: pls_shown(name, length).text. */
struct pls_shown {
    char text[256];
};
struct pls_shown pls_shown(const char *text, size_t length);
struct pls_shown pls_shown_text(const char *text);

/* "a, b or c"; what does not fit becomes "…".  last: what stands before the last name, " or ". */
struct pls_list {
    char text[512];
};
struct pls_list pls_list(const char *const *names, size_t count, const char *last);

/* "did you mean 'scheme'?" where a name is near the word, else `otherwise` and all names. */
struct pls_hint {
    char text[640];
};
struct pls_hint pls_hint(const char *word, const char *const *names, size_t count,
                         const char *otherwise);

#endif
