/*
 * dataset.h: the answers: a table of numbers, one row an observation, one column an indicator.
 *
 * Room data: a file in, numbers out; knows no models, and of studies the keys that make groups.
 * Answers are personal data: no message quotes more of a cell than what is needed to find and mend
 * it (row, column, and the cell's text, cut to 20 columns, only where that is not a number as the
 * file writes numbers), and nothing here is ever stored but the names of groups, which the user
 * chose. Labels of strata and clusters stand in no message.
 */
#ifndef PLSTRAP_DATASET_H
#define PLSTRAP_DATASET_H

#include "plstrap/error.h"
#include "plstrap/study.h" /* struct pls_group_keys, and nothing else of it */

#include <stddef.h>
#include <stdint.h>

#define PLS_NO_LABEL UINT32_MAX

/* A column of categories: the group, stratum or cluster of each observation. */
struct pls_labels {
    char *name;     /* of the column                                                         */
    size_t count;   /* texts                                                                 */
    char **label;   /* [count] all different: numbers by their value, then the others by byte */
    uint32_t *code; /* [n] number of the row's text; PLS_NO_LABEL where the cell is missing   */
};

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
    struct pls_labels *labels; /* [label_count] in the order asked for */
    size_t label_count;
};

enum pls_label_use { PLS_LABEL_GROUP, PLS_LABEL_STRATUM, PLS_LABEL_CLUSTER };

/* A column that is read as texts; it may be a wanted one too. */
struct pls_label_column {
    const char *name;
    enum pls_label_use use; /* strata and clusters must be known of every row used */
};

struct pls_csv_options {
    char delimiter;             /* ',' ';' '\t', or 0: find out                           */
    char decimal;               /* '.' ',', or 0: find out                                */
    const char *encoding;       /* as iconv names it: "UTF-8", "WINDOWS-1252"; NULL: UTF-8 */
    const char *const *missing; /* [missing_count] texts that mean "no answer"            */
    size_t missing_count;
    const struct pls_label_column *label; /* [label_count] columns read as labels          */
    size_t label_count;
};

/*
 * Reads the columns wanted from a CSV file (RFC 4180; UTF-8 with or without byte order mark, which
 * decides by itself also for UTF-16; lines end in CRLF, LF or CR; at most 2 GiB).
 *
 *   wanted       [count] in   names of columns, all different; each must be there exactly once.
 *                             Blanks around a name and the coding of accents (NFC) do not count
 *   opt_unknown          out  when that is the error (PLS_ESTUDY, the text names the nearest
 *                             column): number of the first name that the file lacks, the wanted
 *                             ones first, then the labels (count + its number), also of a label's
 *                             that is named twice; else count + options->label_count
 *
 * Missing are empty cells and those that equal a code, as text or as a number (-99 is -99.0 too).
 * Rows that miss a wanted cell are left out and counted. Other columns may hold anything. Blank
 * lines between the rows of several columns are no rows. A row used without stratum or cluster is
 * PLS_EDATA; one without a group has the code PLS_NO_LABEL.
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
 * Adds a column of labels to a dataset that has none of this name (other ranks); all is copied.
 *
 *   label  [count]  in  texts in the order of struct pls_labels
 *   code   [n]      in  below count, or PLS_NO_LABEL
 */
enum pls_code pls_dataset_add_labels(struct pls_dataset *dataset, const char *name, size_t count,
                                     const char *const *label, const uint32_t *code,
                                     struct pls_error *err);

/* Number of the labels of that name, or label_count. */
size_t pls_dataset_labels(const struct pls_dataset *dataset, const char *name);

/* Which observations make which group. Starts as {0}. */
struct pls_groups_found {
    size_t count;                /* groups, 2 … PLS_MOST_GROUPS                  */
    char *name[PLS_MOST_GROUPS]; /* a label, a level, or "<30", "30 to <50", ">=50" */
    size_t size[PLS_MOST_GROUPS];
    uint8_t *of;      /* [n] number of the row's group, or PLS_NO_GROUP (design.h) */
    size_t ungrouped; /* rows of no group                                          */
};

/*
 * The groups that the keys make of a column of labels.
 *
 *   column  in   number of the labels
 *   out     out  the caller frees it, also after an error
 *
 * By levels: rows whose text is the level, or whose number it is (1.0 for 1). By cuts: every row
 * with a number. By neither: every text a group, numbers of the same value (1, 1.0) together.
 *
 * Returns PLS_OK, PLS_EUNAVAILABLE, or PLS_EDATA with a sentence that names the column: a level
 * that it does not hold, a cell that is no number, fewer than two groups or more than
 * PLS_MOST_GROUPS, a group below keys->minimum.
 */
enum pls_code pls_dataset_groups(const struct pls_dataset *dataset, size_t column,
                                 const struct pls_group_keys *keys, struct pls_groups_found *out,
                                 struct pls_error *err);
void pls_groups_found_free(struct pls_groups_found *groups); /* leaves it {0} */

/*
 * Keeps the rows where keep is not 0, in place: values, file_row and labels, whose texts that no
 * row has any more go too. rows_in_file, rows_dropped and missing stay as they are.
 *
 *   keep  [rows]  in  at least one of them not 0
 */
enum pls_code pls_dataset_keep(struct pls_dataset *dataset, const uint8_t *keep,
                               struct pls_error *err);

/*
 * SHA-256 of the rows used, the same on every machine: n and p as 64-bit integers, each name after
 * its length, the values as IEEE 754 doubles, -0.0 as 0.0; all little-endian. 64 hexadecimal
 * digits. Behind them, where there are any, each column of labels: name, count, texts, and the
 * codes as 64-bit integers.
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

/*
 * Group assignments from a file: one line a permutation, the name of a group for each row used, in
 * the file's order, separated by commas (a name with a comma in it in quotes). Line 1 is the
 * observed assignment, which the caller compares; no other line may have other sizes of the groups.
 *
 *   group       [count]          in   names; count at most PLS_MOST_GROUPS
 *   labels_new  [*lines][rows]  out  numbers of groups; the caller frees it
 *
 * Returns as pls_dataset_read_csv() does; the text names FILE:LINE.
 */
enum pls_code pls_dataset_read_permutations(const char *path, size_t rows, const char *const *group,
                                            size_t count, uint8_t **labels_new, size_t *lines,
                                            struct pls_error *err);

#endif
