/*
 * table.h: tables of named, typed columns: what a job's inference produces and what every report
 * reads.
 *
 * A table is stored in the result file, written as CSV and JSON and laid out on the terminal from
 * this
 * one form, so none of these needs to know which job made it. A missing number is NaN; a column
 * `note`
 * beside it says why.
 */
#ifndef PLSTRAP_TABLE_H
#define PLSTRAP_TABLE_H

#include "plstrap/error.h"

#include <stddef.h>
#include <stdint.h>

enum pls_cell {
    PLS_CELL_TEXT, /* UTF-8, never NULL */
    PLS_CELL_REAL, /* double, NaN where missing */
    PLS_CELL_COUNT /* int64_t, -1 where missing */
};

struct pls_table_column {
    char *name;
    enum pls_cell type;
    union {
        char **text;
        double *real;
        int64_t *count;
    } cell; /* [rows] */
};

struct pls_table {
    char *name;
    size_t rows;
    size_t columns;
    size_t capacity; /* rows there is room for */
    struct pls_table_column *column;
};

struct pls_tables {
    size_t count;
    size_t capacity;
    struct pls_table **table;
};

/*
 * A new, empty table at the end of tables, which owns it.
 *
 *   columns  in  "name:type name:type …" with type text, real or count
 */
enum pls_code pls_tables_add(struct pls_tables *tables, const char *name, const char *columns,
                             struct pls_table **out, struct pls_error *err);

/*
 * Appends a row: one argument a column, in order: const char * for text (copied; NULL becomes ""),
 * double for real, int64_t for count (cast it!).
 */
enum pls_code pls_table_append(struct pls_table *table, struct pls_error *err, ...);

/* The table or column of that name, or NULL. */
struct pls_table *pls_tables_find(const struct pls_tables *tables, const char *name);
struct pls_table_column *pls_table_find(const struct pls_table *table, const char *name);

/* Sets one text cell anew. */
enum pls_code pls_table_set_text(struct pls_table *table, size_t row, const char *column,
                                 const char *text, struct pls_error *err);

/* A copy of every table of `from`, at the end of tables. */
enum pls_code pls_tables_copy(const struct pls_tables *from, struct pls_tables *tables,
                              struct pls_error *err);

/* Drops the rows from `rows` on. */
void pls_table_cut(struct pls_table *table, size_t rows);

void pls_tables_free(struct pls_tables *tables); /* leaves it {0} */

#endif
