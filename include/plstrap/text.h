/*
 * text.h: strings that grow, names that resemble each other, text made safe to print.
 */
#ifndef PLSTRAP_TEXT_H
#define PLSTRAP_TEXT_H

#include "plstrap/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing string. Starts as {0}; data is NULL or ends in a zero that length does not count. */
struct pls_text {
    char *data;
    size_t length;
    size_t capacity;
};

enum pls_code pls_text_append(struct pls_text *text, const char *bytes, size_t length,
                              struct pls_error *err);
enum pls_code pls_text_printf(struct pls_text *text, struct pls_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void pls_text_free(struct pls_text *text); /* leaves it {0} */

/*
 * The candidate that a person who wrote `word` most likely meant: smallest edit distance (Damerau,
 * case folded), at most a third of the word's length. Returns NULL where none is near.
 */
const char *pls_text_nearest(const char *word, const char *const *candidates, size_t count);

/*
 * A printable form of up to `length` bytes of foreign text, for messages and terminals: control
 * characters, invalid UTF-8, bidirectional and zero-width characters become visible escapes, and
 * the
 * whole is cut to `columns` terminal columns with "…". Writes at most size bytes, zero included.
 */
void pls_text_printable(const char *text, size_t length, size_t columns, char *out, size_t size);

/* Terminal columns that a valid UTF-8 string takes. */
size_t pls_text_width(const char *text);

/*
 * The whole of `text` as a finite decimal number (sign, digits, point, exponent; no hexadecimal, no
 * inf, no nan), whatever the locale. `decimal` is '.' or ','. False where it is not one.
 */
bool pls_text_number(const char *text, size_t length, char decimal, double *out);

/* The whole of `text` as an unsigned decimal integer; false where it is not one or is above 2^64 - 1. */
bool pls_text_unsigned(const char *text, size_t length, uint64_t *out);

/* Counts with separators for people: 9,999. Writes at most 32 bytes and returns out. */
char *pls_text_count(uint64_t value, char out[32]);

#endif
