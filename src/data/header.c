/* header.c: the line of column names, and the delimiter that makes sense of it. */
#include "header.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* More columns than any survey has: a file of 2 GiB of commas must not become 2^31 names. */
enum { MOST_COLUMNS = 100000 };

struct pls_header_name {
    const char *name;
    size_t column;
};

enum pls_code pls_header_compose(const char *name, char **out_new, struct pls_error *err)
{
    utf8proc_uint8_t *composed = NULL;
    const utf8proc_ssize_t length =
        utf8proc_map((const utf8proc_uint8_t *)name, 0, &composed,
                     UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    *out_new = (char *)composed;
    if (length >= 0)
        return PLS_OK;
    if (length == UTF8PROC_ERROR_NOMEM)
        return pls_fail(err, PLS_EUNAVAILABLE, "there is no memory to compose a column's name");
    return pls_copy_text(out_new, name, strlen(name), err); /* not UTF-8: a name of no column */
}

static int compare_names(const void *a, const void *b)
{
    const struct pls_header_name *left = a, *right = b;
    const int order = strcmp(left->name, right->name);
    if (order != 0)
        return order;
    return left->column < right->column ? -1 : left->column > right->column;
}

static enum pls_code make_index(struct pls_header *header, struct pls_error *err)
{
    struct pls_header_name *index = NULL;
    enum pls_code code = pls_alloc(&index, header->count, sizeof *index, err);
    if (code != PLS_OK)
        return code;
    for (size_t c = 0; c < header->count; c++)
        index[c] = (struct pls_header_name){header->name[c], c};
    qsort(index, header->count, sizeof *index, compare_names);
    header->index = index;
    return PLS_OK;
}

static enum pls_code read_name(const struct pls_field *field, char **out_new, struct pls_error *err)
{
    char *plain = NULL;
    enum pls_code code = pls_scan_copy(field, &plain, err);
    if (code == PLS_OK)
        code = pls_header_compose(plain, out_new, err);
    free(plain);
    return code;
}

enum pls_code pls_header_read(struct pls_scan *scan, struct pls_header *out, struct pls_error *err)
{
    *out = (struct pls_header){0};
    size_t capacity = 0;
    struct pls_field field;
    do {
        enum pls_code code = pls_scan_field(scan, &field, err);
        if (code != PLS_OK)
            return code;
        if (out->count == MOST_COLUMNS)
            return pls_fail(err, PLS_EDATA,
                            "%s:1: there are more than %d columns; keep those that the study uses",
                            scan->path, MOST_COLUMNS);
        code = pls_grow(&out->name, &capacity, out->count + 1, sizeof *out->name, err);
        if (code == PLS_OK)
            code = read_name(&field, &out->name[out->count], err);
        if (code != PLS_OK)
            return code;
        out->count++;
    } while (!field.last);
    return make_index(out, err);
}

void pls_header_free(struct pls_header *header)
{
    for (size_t c = 0; c < header->count; c++)
        free(header->name[c]);
    free(header->name);
    free(header->index);
    *header = (struct pls_header){0};
}

size_t pls_header_find(const struct pls_header *header, const char *name, size_t *opt_second)
{
    size_t low = 0, high = header->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(header->index[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t found[2] = {header->count, header->count};
    for (size_t i = 0; i < 2 && low + i < header->count; i++)
        if (strcmp(header->index[low + i].name, name) == 0)
            found[i] = header->index[low + i].column;
    if (opt_second != NULL)
        *opt_second = found[1];
    return found[0];
}

/* ---- the delimiter ---- */

static bool is_even(struct pls_scan *scan, size_t fields)
{
    enum { ROWS_LOOKED_AT = 100 };
    for (size_t row = 0; row < ROWS_LOOKED_AT && pls_scan_more(scan); row++) {
        struct pls_field field;
        size_t count = 0;
        if (fields > 1 && !pls_scan_skip_blank_lines(scan))
            break;
        do {
            if (pls_scan_field(scan, &field, NULL) != PLS_OK)
                return false;
            count++;
        } while (!field.last);
        if (count != fields)
            return false;
    }
    return true;
}

enum pls_code pls_header_fit(const char *path, const char *bytes, size_t length, char delimiter,
                             char *const *names, size_t count, struct pls_fit *out,
                             struct pls_error *err)
{
    struct pls_header header = {0};
    struct pls_scan scan;
    struct pls_error cause;
    *out = (struct pls_fit){0};

    pls_scan_start(&scan, path, bytes, length, delimiter);
    enum pls_code code = pls_header_read(&scan, &header, &cause);
    if (code == PLS_OK) {
        out->fields = header.count;
        out->holds = true;
        for (size_t i = 0; i < count && out->holds; i++)
            out->holds = pls_header_find(&header, names[i], NULL) < header.count;
        out->even = is_even(&scan, header.count);
    } else if (code == PLS_EDATA) {
        out->broken = true;
        code = PLS_OK;
    } else {
        pls_fail(err, code, "%s", cause.text);
    }
    pls_header_free(&header);
    return code;
}

/* The names asked for are the strongest proof, then rows as even as a table's of several columns.
 * A quote that is broken under one delimiter is worth telling only where no other makes a table. */
static size_t merit(const struct pls_fit *fit)
{
    if (fit->holds)
        return fit->even ? 5 : 4;
    if (fit->broken)
        return 1;
    if (fit->fields > 1)
        return fit->even ? 3 : 2;
    return 0;
}

enum pls_code pls_header_delimiter(const char *path, const char *bytes, size_t length,
                                   char *const *names, size_t count, char *out,
                                   struct pls_error *err)
{
    static const char candidates[] = {',', ';', '\t'};
    struct pls_fit best = {0};
    *out = candidates[0];
    for (size_t i = 0; i < sizeof candidates; i++) {
        struct pls_fit fit;
        enum pls_code code =
            pls_header_fit(path, bytes, length, candidates[i], names, count, &fit, err);
        if (code != PLS_OK)
            return code;
        if (merit(&fit) > merit(&best) ||
            (merit(&fit) == merit(&best) && fit.fields > best.fields)) {
            best = fit;
            *out = candidates[i];
        }
    }
    return PLS_OK;
}
