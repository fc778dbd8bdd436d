/* csv.h: a CSV file while it is being read. Private to room data. */
#ifndef PLSTRAP_DATA_CSV_H
#define PLSTRAP_DATA_CSV_H

#include "header.h"
#include "plstrap/dataset.h"
#include "plstrap/error.h"
#include "scan.h"

#include <stddef.h>

struct pls_csv {
    const char *path;
    const struct pls_csv_options *options;
    char *bytes;      /* the file's text in UTF-8 */
    const char *text; /* in it: where the header begins, behind Excel's line `sep=;` */
    size_t length;    /* of the text */
    size_t line;      /* of the header, from 1 */
    char delimiter;
    char decimal;
    const char **wanted; /* [names] names as asked for: columns of numbers, then labels */
    char **key;          /* [names] the same, composed                                  */
    size_t count;        /* columns of numbers */
    size_t names;
    struct pls_header header;
    size_t *slot;         /* [header.count] which wanted column this is, or count         */
    size_t *label_slot;   /* [header.count] which label this is, or options->label_count  */
    struct pls_scan body; /* where the first row begins                                   */
    size_t rows;
};

/* Whether another row begins here, or behind blank lines, which in one column are missing cells. */
bool pls_csv_more(const struct pls_csv *csv, struct pls_scan *scan);

/* Which decimal sign the cells of the wanted columns use. PLS_EDATA where they leave that open. */
enum pls_code pls_cells_decimal(const struct pls_csv *csv, char *out, struct pls_error *err);

/* Whether the cell is empty or a missing code, as a text or as a number. */
bool pls_cells_missing(const struct pls_csv *csv, const struct pls_field *field);

/* Turns the wanted cells into the dataset's numbers and drops the rows that miss one. */
enum pls_code pls_cells_read(const struct pls_csv *csv, struct pls_dataset *dataset,
                             struct pls_error *err);

/* A dataset with room for so many rows, all numbers zero. */
enum pls_code pls_dataset_allocate(size_t rows, size_t columns, const char *const *name,
                                   struct pls_dataset **out_new, struct pls_error *err);

#endif
