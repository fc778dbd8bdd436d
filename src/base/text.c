/* text.c: growing strings, numbers in text, names that resemble each other, text made safe to print. */
#include "plstrap/text.h"
#include "plstrap/alloc.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum pls_code pls_text_append(struct pls_text *text, const char *bytes, size_t length,
                              struct pls_error *err)
{
    if (length > SIZE_MAX - text->length - 1)
        return pls_fail(err, PLS_EUNAVAILABLE, "a text of %zu bytes is too long", length);
    enum pls_code code = pls_grow(&text->data, &text->capacity, text->length + length + 1, 1, err);
    if (code != PLS_OK)
        return code;
    if (length > 0)
        memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
    return PLS_OK;
}

enum pls_code pls_text_printf(struct pls_text *text, struct pls_error *err, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    enum pls_code code;
    if (length < 0)
        code = pls_fail(err, PLS_EINTERNAL, "a text cannot be formatted");
    else
        code = pls_grow(&text->data, &text->capacity, text->length + (size_t)length + 1, 1, err);
    if (code == PLS_OK) {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    return code;
}

void pls_text_free(struct pls_text *text)
{
    free(text->data);
    *text = (struct pls_text){0};
}

/* ---- names that resemble each other ---- */

enum { LONGEST_NAME = 64 }; /* longer words are not compared: no one mistypes those by a letter */

/* The case-folded characters of a word; 0 where it is too long or not UTF-8. */
static size_t folded(const char *word, utf8proc_int32_t out[LONGEST_NAME])
{
    const size_t bytes = strlen(word);
    size_t at = 0, count = 0;
    while (at < bytes) {
        utf8proc_int32_t character;
        const utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)word + at,
                                                       (utf8proc_ssize_t)(bytes - at), &character);
        if (step <= 0 || count == LONGEST_NAME)
            return 0;
        out[count++] = utf8proc_tolower(character);
        at += (size_t)step;
    }
    return count;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Damerau's distance (optimal string alignment): insert, delete, replace, swap neighbours. */
static size_t distance(const utf8proc_int32_t *a, size_t na, const utf8proc_int32_t *b, size_t nb)
{
    size_t rows[3][LONGEST_NAME + 1]; /* the last three rows of the table */
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i - 1) % 3];
        const size_t *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            now[j] =
                smaller(smaller(last[j] + 1, now[j - 1] + 1), last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = smaller(now[j], before[j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

const char *pls_text_nearest(const char *word, const char *const *candidates, size_t count)
{
    utf8proc_int32_t a[LONGEST_NAME], b[LONGEST_NAME];
    const size_t na = folded(word, a);
    const char *best = NULL;
    /* Short words too may be wrong in one place: kd6 for kd5. */
    size_t least = (na <= 3 ? 1 : na / 3) + 1;
    for (size_t c = 0; na > 0 && c < count; c++) {
        const size_t nb = folded(candidates[c], b);
        const size_t d = nb > 0 ? distance(a, na, b, nb) : least;
        if (d < least && d < na) {
            least = d;
            best = candidates[c];
        }
    }
    return best;
}

/* ---- printing foreign text ---- */

/* Characters that would move, hide or reverse what is printed around them. */
static bool is_unsafe(utf8proc_int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC: /* control */
    case UTF8PROC_CATEGORY_CF: /* format: bidirectional, zero-width, soft hyphen */
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    default:
        return false;
    }
}

/* One character or stray byte, printable. Returns the bytes read. */
static size_t printable_step(const char *text, size_t length, char piece[16], size_t *columns)
{
    utf8proc_int32_t c;
    const utf8proc_ssize_t step =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &c);
    if (step <= 0) {
        snprintf(piece, 16, "\\x%02X", (unsigned)(unsigned char)text[0]);
        *columns = 4;
        return 1;
    }
    if (c == '\n' || c == '\r') {
        memcpy(piece, "\u23CE", sizeof "\u23CE");
        *columns = 1;
    } else if (is_unsafe(c)) {
        *columns = (size_t)snprintf(piece, 16, c < 0x100 ? "\\x%02X" : "\\u{%04X}", (unsigned)c);
    } else {
        memcpy(piece, text, (size_t)step);
        piece[step] = '\0';
        const int width = utf8proc_charwidth(c);
        *columns = width > 0 ? (size_t)width : 0;
    }
    return (size_t)step;
}

void pls_text_printable(const char *text, size_t length, size_t columns, char *out, size_t size)
{
    static const char dots[] = "\u2026";
    size_t written = 0, used = 0;
    /* Where to cut if the rest turns out not to fit: the last place that leaves room for the dots. */
    size_t cut = 0;
    out[0] = '\0';
    for (size_t at = 0; at < length;) {
        char piece[16];
        size_t wide;
        const size_t step = printable_step(text + at, length - at, piece, &wide);
        const size_t bytes = strlen(piece);
        if (used + wide > columns || written + bytes + 1 > size) {
            if (cut + sizeof dots <= size)
                memcpy(out + cut, dots, sizeof dots);
            else
                out[cut] = '\0';
            return;
        }
        memcpy(out + written, piece, bytes + 1);
        written += bytes;
        used += wide;
        at += step;
        if (used + 1 <= columns && written + sizeof dots <= size)
            cut = written;
    }
}

size_t pls_text_width(const char *text)
{
    const size_t length = strlen(text);
    size_t width = 0;
    for (size_t at = 0; at < length;) {
        utf8proc_int32_t c;
        const utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                                       (utf8proc_ssize_t)(length - at), &c);
        const int wide = step > 0 ? utf8proc_charwidth(c) : 1;
        width += wide > 0 ? (size_t)wide : 0;
        at += step > 0 ? (size_t)step : 1;
    }
    return width;
}

/* ---- numbers ---- */

static size_t digits(const char *text, size_t length, size_t at)
{
    const size_t start = at;
    while (at < length && text[at] >= '0' && text[at] <= '9')
        at++;
    return at - start;
}

/* [+-] digits [point digits] [e [+-] digits], with a digit before or after the point */
static bool is_decimal_number(const char *text, size_t length, char decimal)
{
    size_t at = length > 0 && (text[0] == '+' || text[0] == '-') ? 1 : 0;
    const size_t whole = digits(text, length, at);
    at += whole;
    size_t part = 0;
    if (at < length && text[at] == decimal) {
        part = digits(text, length, at + 1);
        at += 1 + part;
    }
    if (whole + part == 0)
        return false;
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < length && (text[at] == '+' || text[at] == '-'))
            at++;
        const size_t power = digits(text, length, at);
        if (power == 0)
            return false;
        at += power;
    }
    return at == length;
}

bool pls_text_number(const char *text, size_t length, char decimal, double *out)
{
    enum { LONGEST_NUMBER = 512 };
    char copy[LONGEST_NUMBER];
    if (length >= sizeof copy || !is_decimal_number(text, length, decimal))
        return false;
    /* The C library reads the point of its locale: give it that one. */
    const struct lconv *conventions = localeconv();
    const char point = conventions->decimal_point[0];
    for (size_t i = 0; i < length; i++)
        copy[i] = text[i] == decimal ? point : text[i];
    copy[length] = '\0';
    *out = strtod(copy, NULL);
    return isfinite(*out) != 0;
}

bool pls_text_unsigned(const char *text, size_t length, uint64_t *out)
{
    uint64_t value = 0;
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        const uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = 10 * value + digit;
    }
    *out = value;
    return true;
}

char *pls_text_count(uint64_t value, char out[32])
{
    char plain[24];
    const int length = snprintf(plain, sizeof plain, "%llu", (unsigned long long)value);
    size_t at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = plain[i];
    }
    out[at] = '\0';
    return out;
}
