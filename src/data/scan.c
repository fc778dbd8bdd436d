/* scan.c: the fields of a CSV text, one after the other. */
#include "scan.h"

#include "decode.h"
#include "plstrap/alloc.h"

#include <string.h>

void pls_scan_start(struct pls_scan *scan, const char *path, const char *bytes, size_t length,
                    char delimiter)
{
    const char *end = bytes + length;
    while (end > bytes && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r'))
        end--;
    *scan = (struct pls_scan){.path = path,
                              .at = bytes,
                              .end = end,
                              .line_start = bytes,
                              .line = 1,
                              .delimiter = delimiter};
}

bool pls_scan_more(const struct pls_scan *scan)
{
    return scan->at < scan->end;
}

static bool is_blank(const struct pls_scan *scan, char c)
{
    return c == ' ' || (c == '\t' && scan->delimiter != '\t');
}

static const char *skip_blanks(const struct pls_scan *scan, const char *at)
{
    while (at < scan->end && is_blank(scan, *at))
        at++;
    return at;
}

static bool is_end_of_line(const struct pls_scan *scan, const char *at)
{
    return at == scan->end || *at == '\n' || *at == '\r';
}

bool pls_scan_blank_line(const struct pls_scan *scan)
{
    return is_end_of_line(scan, skip_blanks(scan, scan->at));
}

/* Counts the lines that end before `to`, which never stands between a CR and its LF. */
static void count_lines(struct pls_scan *scan, const char *from, const char *to)
{
    for (const char *c = from; c < to; c++)
        if (*c == '\n' || (*c == '\r' && (c + 1 == to || c[1] != '\n'))) {
            scan->line++;
            scan->line_start = c + 1;
        }
}

/* A no-break space in UTF-8; spreadsheets leave it around pasted values. */
static bool is_no_break_space(const char *at)
{
    return at[0] == '\xC2' && at[1] == '\xA0';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void trim(struct pls_field *field)
{
    const char *start = field->text, *end = field->text + field->length;
    while (start < end && (is_space(*start) || (end - start >= 2 && is_no_break_space(start))))
        start += is_space(*start) ? 1 : 2;
    while (start < end && (is_space(end[-1]) || (end - start >= 2 && is_no_break_space(end - 2))))
        end -= is_space(end[-1]) ? 1 : 2;
    field->text = start;
    field->length = (size_t)(end - start);
}

/* From the opening quote to behind the closing one and the blanks after it. */
static enum pls_code scan_quoted(struct pls_scan *scan, const char *open, struct pls_field *out,
                                 struct pls_error *err)
{
    const char *close = open;
    out->doubled = false;
    for (;;) {
        close = memchr(close + 1, '"', (size_t)(scan->end - close - 1));
        if (close == NULL)
            return pls_fail(err, PLS_EDATA,
                            "%s:%zu:%zu: the quote that opens here is never closed; close it, or "
                            "write a quote inside a field twice",
                            scan->path, scan->line, pls_decode_column(scan->line_start, open));
        if (close + 1 == scan->end || close[1] != '"')
            break;
        out->doubled = true;
        close++;
    }
    out->text = open + 1;
    out->length = (size_t)(close - open - 1);
    count_lines(scan, out->text, close);

    scan->at = skip_blanks(scan, close + 1);
    if (!is_end_of_line(scan, scan->at) && *scan->at != scan->delimiter)
        return pls_fail(err, PLS_EDATA,
                        "%s:%zu:%zu: text follows a closed quote; write a quote inside a quoted "
                        "field twice, and nothing behind the last one",
                        scan->path, scan->line, pls_decode_column(scan->line_start, scan->at));
    return PLS_OK;
}

static void scan_plain(struct pls_scan *scan, struct pls_field *out)
{
    const char *at = scan->at;
    while (at < scan->end && *at != scan->delimiter && *at != '\n' && *at != '\r')
        at++;
    out->text = scan->at;
    out->length = (size_t)(at - scan->at);
    out->doubled = false;
    scan->at = at;
}

enum pls_code pls_scan_field(struct pls_scan *scan, struct pls_field *out, struct pls_error *err)
{
    const char *start = skip_blanks(scan, scan->at);
    if (start < scan->end && *start == '"') {
        enum pls_code code = scan_quoted(scan, start, out, err);
        if (code != PLS_OK)
            return code;
    } else {
        scan_plain(scan, out);
    }
    trim(out);

    out->last = is_end_of_line(scan, scan->at);
    if (scan->at == scan->end)
        return PLS_OK;
    const char *terminator = scan->at++;
    if (out->last) {
        if (*terminator == '\r' && scan->at < scan->end && *scan->at == '\n')
            scan->at++;
        scan->line++;
        scan->line_start = scan->at;
    }
    return PLS_OK;
}

bool pls_scan_skip_blank_lines(struct pls_scan *scan)
{
    struct pls_field blank;
    while (pls_scan_more(scan) && pls_scan_blank_line(scan))
        if (pls_scan_field(scan, &blank, NULL) != PLS_OK)
            return false; /* cannot be: blanks have no quotes */
    return pls_scan_more(scan);
}

enum pls_code pls_scan_copy(const struct pls_field *field, char **out_new, struct pls_error *err)
{
    enum pls_code code = pls_copy_text(out_new, field->text, field->length, err);
    if (code != PLS_OK || !field->doubled)
        return code;
    char *to = *out_new;
    for (size_t i = 0; i < field->length; i++) {
        *to++ = field->text[i];
        if (field->text[i] == '"')
            i++; /* its double */
    }
    *to = '\0';
    return PLS_OK;
}

bool pls_scan_equals(const struct pls_field *field, const char *text)
{
    const size_t length = strlen(text);
    if (!field->doubled)
        return length == field->length && memcmp(text, field->text, length) == 0;
    size_t at = 0;
    for (size_t i = 0; i < field->length; i++, at++) {
        if (at == length || text[at] != field->text[i])
            return false;
        if (field->text[i] == '"')
            i++; /* its double */
    }
    return at == length;
}
