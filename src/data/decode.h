/* decode.h: a text file in any supported encoding becomes UTF-8 in memory. Private to room data. */
#ifndef PLSTRAP_DATA_DECODE_H
#define PLSTRAP_DATA_DECODE_H

#include "plstrap/error.h"

#include <stddef.h>

/* 2 GiB: far beyond any survey, and small enough that one mistaken file does not fill a machine. */
#define PLS_DATA_LIMIT ((size_t)1 << 31)

/*
 * Reads a text file whole: valid UTF-8 without byte order mark and without NUL, followed by a zero
 * that length does not count.
 *
 *   encoding  in  as iconv names it; a byte order mark in the file overrules it
 *
 * Returns PLS_OK; PLS_ENOINPUT (missing, not a regular file); PLS_EDATA (too large, a
 * spreadsheet, not in this encoding) with the place; PLS_EPERMISSION, PLS_EIO, PLS_EUNAVAILABLE.
 */
enum pls_code pls_decode_file(const char *path, const char *encoding, char **bytes_new,
                              size_t *length, struct pls_error *err);

/* Number, from 1, of the character that begins at `at`, counted from the start of its line. */
size_t pls_decode_column(const char *line_start, const char *at);

#endif
