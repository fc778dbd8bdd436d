/*
 * sample.h: tables for the tests of the report, read from tests/golden/report/NAME.tables.
 *
 * Such a file holds lines "@name<TAB>columns" (as pls_tables_add takes them), each followed by
 * its rows, cells separated by tabs; an empty number is missing.
 */
#ifndef PLSTRAP_TESTS_REPORT_SAMPLE_H
#define PLSTRAP_TESTS_REPORT_SAMPLE_H

#include "check.h"
#include "plstrap/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole file with a zero behind it, to be freed; NULL where it cannot be read. */
static inline char *sample_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *bytes = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&bytes, &size);
    for (int c = fgetc(file); c != EOF; c = fgetc(file))
        fputc(c, memory);
    fclose(memory);
    fclose(file);
    return bytes;
}

static inline void sample_cell(struct pls_table_column *column, size_t row, const char *cell)
{
    if (column->type == PLS_CELL_REAL)
        column->cell.real[row] = *cell != '\0' ? strtod(cell, NULL) : NAN;
    else if (column->type == PLS_CELL_COUNT)
        column->cell.count[row] = *cell != '\0' ? strtoll(cell, NULL, 10) : -1;
    else
        column->cell.text[row] = strdup(cell);
}

static inline void sample_row(struct pls_table *table, char *line)
{
    char *cell = line;
    for (size_t c = 0; c < table->columns; c++) {
        struct pls_table_column *column = &table->column[c];
        char *tab = cell != NULL ? strchr(cell, '\t') : NULL;
        if (tab != NULL)
            *tab = '\0';
        /* All three kinds of cell have eight bytes; room for 1024 rows is made once. */
        if (column->cell.text == NULL)
            column->cell.text = calloc(1024, 8);
        sample_cell(column, table->rows, cell != NULL ? cell : "");
        cell = tab != NULL ? tab + 1 : NULL;
    }
    table->capacity = 1024;
    assert_true(++table->rows <= table->capacity);
}

static inline struct pls_tables sample_tables(const char *name)
{
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    struct pls_error err;
    char path[512];

    snprintf(path, sizeof path, PLS_TESTS "/golden/report/%s.tables", name);
    char *bytes = sample_read(path);
    assert_non_null(bytes);
    for (char *line = bytes, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        char *tab = strchr(line, '\t');
        if (*line == '@' && tab != NULL) {
            *tab = '\0';
            assert_ok(pls_tables_add(&tables, line + 1, tab + 1, &table, &err), &err);
        } else {
            sample_row(table, line);
        }
    }
    free(bytes);
    return tables;
}

#endif
