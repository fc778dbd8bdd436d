/*
 * header.h: the line of column names, and the delimiter that makes sense of it. Private to room
 * data.
 */
#ifndef PLSTRAP_DATA_HEADER_H
#define PLSTRAP_DATA_HEADER_H

#include "plstrap/error.h"
#include "scan.h"

#include <stddef.h>

struct pls_header_name;

struct pls_header {
    char **name;                   /* [count] trimmed, composed (NFC), "" where empty */
    size_t count;                  /* columns of the file                             */
    struct pls_header_name *index; /* [count] by name, then by column                 */
};

/* Reads the record where the scan stands. The header is to be freed also after an error. */
enum pls_code pls_header_read(struct pls_scan *scan, struct pls_header *out, struct pls_error *err);

void pls_header_free(struct pls_header *header);

/*
 * Number of the column of this (composed) name, or header->count.
 *
 *   opt_second  out  the next column of the same name, or header->count
 */
size_t pls_header_find(const struct pls_header *header, const char *name, size_t *opt_second);

/* The name as the header holds it: composed (NFC). */
enum pls_code pls_header_compose(const char *name, char **out_new, struct pls_error *err);

/* How well a delimiter fits a text. */
struct pls_fit {
    bool broken;   /* the header cannot be read, such as for a quote that is never closed   */
    bool holds;    /* all names are in the header                                          */
    bool even;     /* the first rows (up to 100) have as many fields as the header         */
    size_t fields; /* of the header                                                        */
};

enum pls_code pls_header_fit(const char *path, const char *bytes, size_t length, char delimiter,
                             char *const *names, size_t count, struct pls_fit *out,
                             struct pls_error *err);

/* The delimiter, of comma, semicolon and tab, that fits best; see pls_fit. */
enum pls_code pls_header_delimiter(const char *path, const char *bytes, size_t length,
                                   char *const *names, size_t count, char *out,
                                   struct pls_error *err);

#endif
