/* resamples.c: row indices of replicates that another program drew. */
#include "decode.h"
#include "plstrap/alloc.h"
#include "plstrap/dataset.h"
#include "plstrap/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct lines {
    const char *path;
    const char *at;
    const char *end;
    size_t number; /* of the line at `at`, from 1 */
};

/* The line that begins at lines->at, without its CRLF, LF or CR; moves on to the next. */
static const char *next_line(struct lines *lines, size_t *length)
{
    const char *start = lines->at, *at = start;
    while (at < lines->end && *at != '\n' && *at != '\r')
        at++;
    *length = (size_t)(at - start);
    if (at < lines->end)
        at += at[0] == '\r' && at + 1 < lines->end && at[1] == '\n' ? 2 : 1;
    lines->at = at;
    lines->number++;
    return start;
}

static enum pls_code read_index(const struct lines *lines, const char *text, size_t length,
                                size_t rows, uint64_t *out, struct pls_error *err)
{
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    if (!pls_text_unsigned(text, length, out)) {
        char shown[100];
        pls_text_printable(text, length, 20, shown, sizeof shown);
        return pls_fail(
            err, PLS_EDATA,
            "%s:%zu: \"%s\" is not a row; write row numbers from 0, separated by commas",
            lines->path, lines->number, shown);
    }
    if (*out >= rows)
        return pls_fail(err, PLS_EDATA,
                        "%s:%zu: row %llu does not exist; the %zu rows used are counted from 0 to "
                        "%zu",
                        lines->path, lines->number, (unsigned long long)*out, rows, rows - 1);
    return PLS_OK;
}

/* Checks one line; counts its rows where there is room for them. */
static enum pls_code read_line(const struct lines *lines, const char *line, size_t length,
                               size_t rows, unsigned *opt_counts, struct pls_error *err)
{
    const char *at = line, *end = line + length;
    size_t indices = 0;
    while (length > 0) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        uint64_t index;
        enum pls_code code = read_index(lines, at, (size_t)(stop - at), rows, &index, err);
        if (code != PLS_OK)
            return code;
        if (opt_counts != NULL)
            opt_counts[index]++;
        indices++;
        if (comma == NULL)
            break;
        at = comma + 1;
    }
    if (indices != rows)
        return pls_fail(
            err, PLS_EDATA,
            "%s:%zu: there are %zu indices, but a replicate draws %zu, as many as there "
            "are rows used; write one replicate a line",
            lines->path, lines->number, indices, rows);
    return PLS_OK;
}

/* Every line once; the number of lines comes back. */
static enum pls_code read_lines(const char *path, const char *bytes, size_t length, size_t rows,
                                unsigned *opt_counts, size_t *replicates, struct pls_error *err)
{
    struct lines lines = {.path = path, .at = bytes, .end = bytes + length};
    for (size_t r = 0; lines.at < lines.end; r++) {
        size_t line_length;
        const char *line = next_line(&lines, &line_length);
        enum pls_code code = read_line(&lines, line, line_length, rows,
                                       opt_counts != NULL ? opt_counts + r * rows : NULL, err);
        if (code != PLS_OK)
            return code;
        *replicates = r + 1;
    }
    return PLS_OK;
}

enum pls_code pls_dataset_read_resamples(const char *path, size_t rows, unsigned **counts_new,
                                         size_t *replicates, struct pls_error *err)
{
    char *bytes = NULL;
    unsigned *counts = NULL;
    size_t length, lines = 0;

    enum pls_code code = pls_decode_file(path, "UTF-8", &bytes, &length, err);
    if (code != PLS_OK)
        return code;
    while (length > 0 && strchr(" \t\r\n", bytes[length - 1]) != NULL)
        length--; /* blank lines at the end are no replicates */
    /* All is checked before anything is allocated: a line proves its n indices by its length. */
    if (length == 0)
        code = pls_fail(err, PLS_ENOINPUT,
                        "%s: the file is empty; it needs one replicate a line, as row numbers from "
                        "0",
                        path);
    else
        code = read_lines(path, bytes, length, rows, NULL, &lines, err);
    if (code == PLS_OK)
        code = pls_alloc(&counts, lines * rows, sizeof *counts, err);
    if (code == PLS_OK)
        code = read_lines(path, bytes, length, rows, counts, &lines, err);
    if (code == PLS_OK) {
        *counts_new = counts;
        *replicates = lines;
        counts = NULL;
    }
    free(counts);
    free(bytes);
    return code;
}
