/*
 * scan.h: the fields of a CSV text, one after the other (RFC 4180). Private to room data.
 *
 * More tolerant than the RFC where no meaning is at stake: lines end in CRLF, LF or CR; blanks
 * around a field or around its quotes are not part of it; a quote inside an unquoted field is
 * itself.
 */
#ifndef PLSTRAP_DATA_SCAN_H
#define PLSTRAP_DATA_SCAN_H

#include "plstrap/error.h"

#include <stdbool.h>
#include <stddef.h>

struct pls_scan {
    const char *path; /* for messages */
    const char *at;
    const char *end; /* of the last line that is not blank */
    const char *line_start;
    size_t line; /* of `at`, from 1 */
    char delimiter;
};

struct pls_field {
    const char *text; /* in the file's text: without quotes and blanks around it */
    size_t length;
    bool doubled; /* quotes inside are still written twice                   */
    bool last;    /* the field ends its record                               */
};

void pls_scan_start(struct pls_scan *scan, const char *path, const char *bytes, size_t length,
                    char delimiter);

/* Whether another record begins here. */
bool pls_scan_more(const struct pls_scan *scan);

/* Whether the line that begins here holds nothing but blanks. */
bool pls_scan_blank_line(const struct pls_scan *scan);

/* Moves on to the next line that holds more than blanks; false where there is none. */
bool pls_scan_skip_blank_lines(struct pls_scan *scan);

/* The next field. PLS_EDATA with its place: a quote never closed, or text behind a closed one. */
enum pls_code pls_scan_field(struct pls_scan *scan, struct pls_field *out, struct pls_error *err);

/* The field as a text of its own, quotes no longer doubled; the caller frees it. */
enum pls_code pls_scan_copy(const struct pls_field *field, char **out_new, struct pls_error *err);

/* Whether the field, quotes no longer doubled, is exactly this text. */
bool pls_scan_equals(const struct pls_field *field, const char *text);

#endif
