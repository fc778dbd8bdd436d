/* decode.c: files into UTF-8: byte order marks, iconv, and what is not text at all. */
#include "decode.h"

#include "plstrap/alloc.h"
#include "plstrap/file.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* ---- what is not a text file ---- */

struct magic {
    const char *bytes;
    size_t length;
    const char *what;
};

static const struct magic magics[] = {
    {"PK\x03\x04", 4, "a spreadsheet (.xlsx or .ods)"},
    {"\xD0\xCF\x11\xE0", 4, "a spreadsheet (.xls)"},
    {"$FL2", 4, "an SPSS file (.sav)"},
};

static enum pls_code refuse_other_formats(const char *path, const char *bytes, size_t length,
                                          struct pls_error *err)
{
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (length >= magics[i].length && memcmp(bytes, magics[i].bytes, magics[i].length) == 0)
            return pls_fail(err, PLS_EDATA,
                            "%s: this is %s, not CSV; open it in its program, choose File > Save "
                            "as > CSV UTF-8, and name that file",
                            path, magics[i].what);
    return PLS_OK;
}

/* ---- places ---- */

size_t pls_decode_column(const char *line_start, const char *at)
{
    size_t column = 1;
    for (const char *c = line_start; c < at; c++)
        column += ((unsigned char)*c & 0xC0) != 0x80; /* continuation bytes start nothing */
    return column;
}

struct place {
    size_t line;
    size_t column;
};

/* Line and column of a byte; CRLF, LF and a lone CR each end one line. */
static struct place place_of(const char *bytes, size_t at)
{
    size_t line = 1, start = 0;
    for (size_t i = 0; i < at; i++)
        if (bytes[i] == '\n' || (bytes[i] == '\r' && bytes[i + 1] != '\n')) {
            line++;
            start = i + 1;
        }
    return (struct place){line, pls_decode_column(bytes + start, bytes + at)};
}

/* ---- checks of the text ---- */

/* ASCII text in UTF-16 has a zero in every second byte: after the character in little-endian. */
static enum pls_code refuse_nul(const char *path, const char *bytes, size_t length,
                                struct pls_error *err)
{
    enum { LOOKED_AT = 1024 };
    const char *nul = memchr(bytes, 0, length);
    if (nul == NULL)
        return PLS_OK;

    const size_t looked_at = length < LOOKED_AT ? length : LOOKED_AT;
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < looked_at; i++)
        zeros[i % 2] += bytes[i] == 0;
    const size_t most = zeros[1] > zeros[0] ? 1 : 0;
    if (zeros[most] * 4 >= looked_at && zeros[1 - most] * 16 <= looked_at)
        return pls_fail(err, PLS_EDATA,
                        "%s: this looks like UTF-16 without a byte order mark; save it as CSV "
                        "UTF-8, or write `encoding: %s` under data",
                        path, most == 1 ? "utf-16le" : "utf-16be");
    const struct place place = place_of(bytes, (size_t)(nul - bytes));
    return pls_fail(err, PLS_EDATA,
                    "%s:%zu:%zu: a NUL byte stands here, which no CSV file holds; the file is "
                    "damaged or is not text: save it again as CSV UTF-8",
                    path, place.line, place.column);
}

static enum pls_code refuse_invalid_utf8(const char *path, const char *bytes, size_t length,
                                         struct pls_error *err)
{
    size_t at = 0;
    while (at < length) {
        uint64_t eight;
        if (length - at >= sizeof eight) {
            memcpy(&eight, bytes + at, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) { /* eight ASCII characters */
                at += sizeof eight;
                continue;
            }
        }
        utf8proc_int32_t character;
        const utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)bytes + at,
                                                       (utf8proc_ssize_t)(length - at), &character);
        if (step <= 0)
            break;
        at += (size_t)step;
    }
    if (at >= length)
        return PLS_OK;
    const struct place place = place_of(bytes, at);
    return pls_fail(err, PLS_EDATA,
                    "%s:%zu:%zu: the byte 0x%02X is not UTF-8; save the file as CSV UTF-8, or "
                    "write `encoding: windows-1252` under data",
                    path, place.line, place.column, (unsigned)(unsigned char)bytes[at]);
}

/* ---- encodings ---- */

static enum pls_code undecodable(const char *path, const char *encoding, const char *input,
                                 size_t left, const char *decoded, size_t used,
                                 struct pls_error *err)
{
    const struct place place = place_of(decoded, used);
    if (errno == EINVAL)
        return pls_fail(err, PLS_EDATA,
                        "%s:%zu:%zu: the file ends within a character of %s; it was cut short, or "
                        "`encoding` under data names the wrong one",
                        path, place.line, place.column, encoding);
    return pls_fail(err, PLS_EDATA,
                    "%s:%zu:%zu: the byte 0x%02X is not %s; save the file as CSV UTF-8, or correct "
                    "`encoding` under data",
                    path, place.line, place.column, left > 0 ? (unsigned)(unsigned char)*input : 0,
                    encoding);
}

/* Replaces *bytes by the same text in UTF-8. */
static enum pls_code to_utf8(const char *path, const char *encoding, char **bytes, size_t *length,
                             struct pls_error *err)
{
    char *decoded = NULL;
    size_t capacity = 0, used = 0;
    char *input = *bytes;
    size_t left = *length;
    enum pls_code code = PLS_OK;

    const iconv_t converter = iconv_open("UTF-8", encoding);
    if (converter == (iconv_t)-1)
        return pls_fail(err, PLS_EUNAVAILABLE,
                        "%s: this system cannot read the encoding %s; save the file as CSV UTF-8",
                        path, encoding);
    for (;;) {
        /* A quarter more than is left serves most texts at once; 16 let one character fit. */
        code = pls_grow(&decoded, &capacity, used + left + left / 4 + 16, 1, err);
        if (code != PLS_OK)
            goto done;
        char *output = decoded + used;
        size_t room = capacity - used - 1;
        const size_t result = iconv(converter, &input, &left, &output, &room);
        const int cause = errno;
        used = (size_t)(output - decoded);
        decoded[used] = '\0';
        if (result != (size_t)-1)
            break;
        if (cause != E2BIG) {
            errno = cause;
            code = undecodable(path, encoding, input, left, decoded, used, err);
            goto done;
        }
    }
    free(*bytes);
    *bytes = decoded;
    *length = used;
    decoded = NULL;
done:
    free(decoded);
    iconv_close(converter);
    return code;
}

static bool starts_with(const char *bytes, size_t length, const char *mark, size_t mark_length)
{
    return length >= mark_length && memcmp(bytes, mark, mark_length) == 0;
}

/* Takes a byte order mark away and returns the encoding that it tells, or the one that was told. */
static const char *strip_mark(char *bytes, size_t *length, const char *told)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *encoding;
    } marks[] = {
        {"\xEF\xBB\xBF", 3, "UTF-8"}, {"\xFF\xFE", 2, "UTF-16LE"}, {"\xFE\xFF", 2, "UTF-16BE"}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (starts_with(bytes, *length, marks[i].bytes, marks[i].length)) {
            *length -= marks[i].length;
            memmove(bytes, bytes + marks[i].length, *length + 1);
            return marks[i].encoding;
        }
    return told;
}

enum pls_code pls_decode_file(const char *path, const char *encoding, char **bytes_new,
                              size_t *length, struct pls_error *err)
{
    char *bytes = NULL;
    enum pls_code code = pls_file_read(path, PLS_DATA_LIMIT, &bytes, length, err);
    if (code != PLS_OK)
        return code;
    code = refuse_other_formats(path, bytes, *length, err);
    if (code != PLS_OK)
        goto done;

    encoding = strip_mark(bytes, length, encoding != NULL ? encoding : "UTF-8");
    const bool is_utf8 = strcmp(encoding, "UTF-8") == 0;
    if (!is_utf8)
        code = to_utf8(path, encoding, &bytes, length, err);
    if (code == PLS_OK)
        code = refuse_nul(path, bytes, *length, err);
    if (code == PLS_OK && is_utf8)
        code = refuse_invalid_utf8(path, bytes, *length, err);
    if (code != PLS_OK)
        goto done;
    *bytes_new = bytes;
    bytes = NULL;
done:
    free(bytes);
    return code;
}
