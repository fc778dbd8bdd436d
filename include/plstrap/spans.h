/* spans.h: a set of row numbers as disjoint spans in order; rows arrive nearly so, so it stays
 * short. */
#ifndef PLSTRAP_SPANS_H
#define PLSTRAP_SPANS_H

#include "plstrap/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pls_span {
    uint64_t first;
    uint64_t end; /* one past the last */
};

/* Starts as {0}. */
struct pls_spans {
    size_t count;
    size_t capacity;
    struct pls_span *span;
};

enum pls_code pls_spans_add(struct pls_spans *spans, uint64_t first, uint64_t end,
                            struct pls_error *err);
bool pls_spans_cover(const struct pls_spans *spans, uint64_t first, uint64_t end);

/* The first run of rows in [from, end) that is not in the set; false where all are. */
bool pls_spans_gap(const struct pls_spans *spans, uint64_t from, uint64_t end,
                   struct pls_span *gap);
void pls_spans_free(struct pls_spans *spans);

#endif
