/*
 * dataset.h: the answers: a table of numbers, one row an observation, one column an indicator.
 *
 * Room data: a file in, numbers out; knows neither studies nor models. Answers are personal data:
 * no message quotes more of a cell than what is needed to find and mend it (row, column, and the
 * cell's text, cut to 20 columns, only where that is not a number as the file writes numbers), and
 * nothing here is ever stored.
 */
#ifndef PLSTRAP_DATASET_H
#define PLSTRAP_DATASET_H

#include "plstrap/error.h"

#include <stddef.h>

struct pls_dataset {
    size_t rows;      /* n: rows used, those without a missing value in the columns wanted   */
    size_t columns;   /* p                                                                   */
    char **name;      /* [p]                                                                 */
    double *values;   /* [n][p] row-major, finite                                            */
    size_t *file_row; /* [n] number of the data row in the file, 1-based, header not counted */
    size_t rows_in_file;
    size_t rows_dropped; /* rows_in_file - rows                                                 */
    size_t *missing;     /* [p] missing cells of the column, over all rows of the file          */
    char delimiter;      /* what was found or told: ',' ';' '\t'                                */
    char decimal;        /* '.' or ','                                                          */
};

struct pls_csv_options {
    char delimiter;             /* ',' ';' '\t', or 0: find out                           */
    char decimal;               /* '.' ',', or 0: find out                                */
    const char *encoding;       /* as iconv names it: "UTF-8", "WINDOWS-1252"; NULL: UTF-8 */
    const char *const *missing; /* [missing_count] texts that mean "no answer"            */
    size_t missing_count;
};

/*
 * Reads the columns wanted from a CSV file (RFC 4180; UTF-8 with or without byte order mark, which
 * decides by itself also for UTF-16; lines end in CRLF, LF or CR; at most 2 GiB).
 *
 *   wanted       [count] in   names of columns, all different; each must be there exactly once.
 *                             Blanks around a name and the coding of accents (NFC) do not count
 *   opt_unknown          out  number of the first wanted name that the file lacks, when that is the
 *                             error (PLS_ESTUDY, the text names the nearest column); else count
 *
 * Missing are empty cells and those that equal a code, as text or as a number (-99 is -99.0 too).
 * Rows that miss a wanted cell are left out and counted. Other columns may hold anything. Blank
 * lines between the rows of several columns are no rows.
 *
 * delimiter 0: of comma, semicolon and tab the one under which all wanted names are found and the
 * first 100 rows have as many fields as the header. decimal 0: a point in files with commas;
 * otherwise as the cells show. A file that leaves it open (all cells like 1,234) is refused.
 * Excel's first line `sep=;` is skipped and decides where delimiter is 0.
 *
 * Answers are personal data: a sentence shows a cell only where that is as short as a code.
 *
 * Returns PLS_OK; PLS_EDATA with FILE:LINE (or FILE:LINE:COL) and a sentence; PLS_ESTUDY (see
 * above); PLS_ENOINPUT (missing, empty, not a regular file), PLS_EPERMISSION, PLS_EIO or
 * PLS_EUNAVAILABLE.
 */
enum pls_code pls_dataset_read_csv(const char *path, const struct pls_csv_options *options,
                                   const char *const *wanted, size_t count,
                                   struct pls_dataset **out_new, size_t *opt_unknown,
                                   struct pls_error *err);

/* A dataset from numbers in memory (other ranks, tests): names and values are copied. */
enum pls_code pls_dataset_new(size_t rows, size_t columns, const char *const *name,
                              const double *values, struct pls_dataset **out_new,
                              struct pls_error *err);

/*
 * SHA-256 of the rows used, the same on every machine: n and p as 64-bit integers, each name after
 * its length, the values as IEEE 754 doubles, -0.0 as 0.0; all little-endian. 64 hexadecimal
 * digits.
 */
enum pls_code pls_dataset_digest(const struct pls_dataset *dataset, char out[65],
                                 struct pls_error *err);

void pls_dataset_free(struct pls_dataset *dataset);

/*
 * Resample indices from a file: one line a replicate, 0-based rows separated by commas; no header.
 *
 *   rows             in   n > 0: every index must be below it, every line hold n of them
 *   counts_new       out  [replicates][n] how often a replicate draws a row; the caller frees it
 *
 * Returns as pls_dataset_read_csv() does; the text names FILE:LINE.
 */
enum pls_code pls_dataset_read_resamples(const char *path, size_t rows, unsigned **counts_new,
                                         size_t *replicates, struct pls_error *err);

#endif
