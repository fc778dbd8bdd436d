/* spans.c: a set of row numbers as disjoint spans in order. */
#include "plstrap/spans.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The first span that ends at or after row. */
static size_t find(const struct pls_spans *spans, uint64_t row)
{
    size_t low = 0, high = spans->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (spans->span[middle].end < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum pls_code pls_spans_add(struct pls_spans *spans, uint64_t first, uint64_t end,
                            struct pls_error *err)
{
    if (first >= end)
        return PLS_OK;
    const size_t at = find(spans, first);
    size_t after = at; /* spans [at, after) touch the new one and melt into it */
    while (after < spans->count && spans->span[after].first <= end)
        after++;
    if (after == at) {
        enum pls_code code =
            pls_grow(&spans->span, &spans->capacity, spans->count + 1, sizeof *spans->span, err);
        if (code != PLS_OK)
            return code;
        memmove(spans->span + at + 1, spans->span + at, (spans->count - at) * sizeof *spans->span);
        spans->span[at] = (struct pls_span){first, end};
        spans->count++;
        return PLS_OK;
    }
    if (spans->span[at].first < first)
        first = spans->span[at].first;
    if (spans->span[after - 1].end > end)
        end = spans->span[after - 1].end;
    spans->span[at] = (struct pls_span){first, end};
    memmove(spans->span + at + 1, spans->span + after,
            (spans->count - after) * sizeof *spans->span);
    spans->count -= after - at - 1;
    return PLS_OK;
}

bool pls_spans_gap(const struct pls_spans *spans, uint64_t from, uint64_t end, struct pls_span *gap)
{
    size_t at = find(spans, from);
    while (at < spans->count && spans->span[at].first <= from) {
        if (spans->span[at].end > from)
            from = spans->span[at].end;
        at++;
    }
    if (from >= end)
        return false;
    gap->first = from;
    gap->end = at < spans->count && spans->span[at].first < end ? spans->span[at].first : end;
    return true;
}

bool pls_spans_cover(const struct pls_spans *spans, uint64_t first, uint64_t end)
{
    struct pls_span gap;
    return !pls_spans_gap(spans, first, end, &gap);
}

void pls_spans_free(struct pls_spans *spans)
{
    free(spans->span);
    *spans = (struct pls_spans){0};
}
