/* table.c: tables of named, typed columns. */
#include "plstrap/table.h"
#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

static void table_free(struct pls_table *table)
{
    if (table == NULL)
        return;
    for (size_t c = 0; c < table->columns; c++) {
        struct pls_table_column *column = &table->column[c];
        if (column->type == PLS_CELL_TEXT)
            for (size_t r = 0; r < table->rows; r++)
                free(column->cell.text[r]);
        free(column->name);
        free(column->cell.text); /* the union's members are all pointers to one allocation */
    }
    free(table->column);
    free(table->name);
    free(table);
}

static enum pls_code declare_column(struct pls_table *table, const char *name, size_t length,
                                    const char *type, struct pls_error *err)
{
    size_t capacity = table->columns; /* grown one by one: tables have a dozen columns */
    enum pls_code code =
        pls_grow(&table->column, &capacity, table->columns + 1, sizeof *table->column, err);
    if (code != PLS_OK)
        return code;
    struct pls_table_column *column = &table->column[table->columns];
    *column = (struct pls_table_column){0};
    if (strncmp(type, "text", 4) == 0)
        column->type = PLS_CELL_TEXT;
    else if (strncmp(type, "real", 4) == 0)
        column->type = PLS_CELL_REAL;
    else if (strncmp(type, "count", 5) == 0)
        column->type = PLS_CELL_COUNT;
    else
        return pls_fail(err, PLS_EINTERNAL, "table %s: a column has no such type as \"%s\"",
                        table->name, type);
    code = pls_copy_text(&column->name, name, length, err);
    table->columns += code == PLS_OK;
    return code;
}

enum pls_code pls_tables_add(struct pls_tables *tables, const char *name, const char *columns,
                             struct pls_table **out, struct pls_error *err)
{
    struct pls_table *table = NULL;
    enum pls_code code = pls_alloc(&table, 1, sizeof *table, err);
    if (code != PLS_OK)
        goto failed;
    code = pls_copy_text(&table->name, name, strlen(name), err);
    for (const char *at = columns; code == PLS_OK && *at != '\0';) {
        const size_t length = strcspn(at, ":");
        const char *type = at + length + 1;
        code = declare_column(table, at, length, type, err);
        at = type + strcspn(type, " ");
        at += strspn(at, " ");
    }
    if (code == PLS_OK)
        code = pls_grow(&tables->table, &tables->capacity, tables->count + 1,
                        sizeof(struct pls_table *), err);
    if (code != PLS_OK)
        goto failed;
    tables->table[tables->count++] = table;
    *out = table;
    return PLS_OK;
failed:
    table_free(table);
    return code;
}

static size_t cell_size(enum pls_cell type)
{
    switch (type) {
    case PLS_CELL_TEXT:
        return sizeof(char *);
    case PLS_CELL_REAL:
        return sizeof(double);
    case PLS_CELL_COUNT:
        break;
    }
    return sizeof(int64_t);
}

static enum pls_code make_room(struct pls_table *table, struct pls_error *err)
{
    if (table->rows < table->capacity)
        return PLS_OK;
    size_t capacity = table->capacity;
    for (size_t c = 0; c < table->columns; c++) {
        capacity = table->capacity;
        enum pls_code code = pls_grow(&table->column[c].cell, &capacity, table->rows + 1,
                                      cell_size(table->column[c].type), err);
        if (code != PLS_OK)
            return code;
    }
    table->capacity = capacity;
    return PLS_OK;
}

enum pls_code pls_table_append(struct pls_table *table, struct pls_error *err, ...)
{
    enum pls_code code = make_room(table, err);
    if (code != PLS_OK)
        return code;
    va_list args;
    va_start(args, err);
    size_t c = 0;
    for (; code == PLS_OK && c < table->columns; c++) {
        struct pls_table_column *column = &table->column[c];
        if (column->type == PLS_CELL_REAL) {
            column->cell.real[table->rows] = va_arg(args, double);
        } else if (column->type == PLS_CELL_COUNT) {
            column->cell.count[table->rows] = va_arg(args, int64_t);
        } else {
            const char *text = va_arg(args, const char *);
            text = text != NULL ? text : "";
            code = pls_copy_text(&column->cell.text[table->rows], text, strlen(text), err);
        }
    }
    va_end(args);
    if (code == PLS_OK) {
        table->rows++;
        return PLS_OK;
    }
    for (size_t b = 0; b + 1 < c; b++) /* the texts that were copied before the one that failed */
        if (table->column[b].type == PLS_CELL_TEXT)
            free(table->column[b].cell.text[table->rows]);
    return code;
}

struct pls_table *pls_tables_find(const struct pls_tables *tables, const char *name)
{
    for (size_t t = 0; t < tables->count; t++)
        if (strcmp(tables->table[t]->name, name) == 0)
            return tables->table[t];
    return NULL;
}

struct pls_table_column *pls_table_find(const struct pls_table *table, const char *name)
{
    for (size_t c = 0; c < table->columns; c++)
        if (strcmp(table->column[c].name, name) == 0)
            return &table->column[c];
    return NULL;
}

enum pls_code pls_table_set_text(struct pls_table *table, size_t row, const char *column,
                                 const char *text, struct pls_error *err)
{
    struct pls_table_column *found = pls_table_find(table, column);
    if (found == NULL || found->type != PLS_CELL_TEXT || row >= table->rows)
        return pls_fail(err, PLS_EINTERNAL, "table %s has no text %s in row %zu", table->name,
                        column, row);
    char *copy = NULL;
    enum pls_code code = pls_copy_text(&copy, text, strlen(text), err);
    if (code != PLS_OK)
        return code;
    free(found->cell.text[row]);
    found->cell.text[row] = copy;
    return PLS_OK;
}

static enum pls_code copy_cells(const struct pls_table *from, struct pls_table *to,
                                struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    while (code == PLS_OK && to->rows < from->rows) {
        const size_t row = to->rows;
        code = make_room(to, err);
        for (size_t c = 0; code == PLS_OK && c < to->columns; c++) {
            const struct pls_table_column *source = &from->column[c];
            if (source->type == PLS_CELL_REAL)
                to->column[c].cell.real[row] = source->cell.real[row];
            else if (source->type == PLS_CELL_COUNT)
                to->column[c].cell.count[row] = source->cell.count[row];
            else
                to->column[c].cell.text[row] = NULL;
        }
        to->rows += code == PLS_OK; /* from here on its texts may be freed */
        for (size_t c = 0; code == PLS_OK && c < to->columns; c++)
            if (from->column[c].type == PLS_CELL_TEXT)
                code = pls_copy_text(&to->column[c].cell.text[row], from->column[c].cell.text[row],
                                     strlen(from->column[c].cell.text[row]), err);
    }
    return code;
}

enum pls_code pls_tables_copy(const struct pls_tables *from, struct pls_tables *tables,
                              struct pls_error *err)
{
    static const char *const types[] = {"text", "real", "count"};
    enum pls_code code = PLS_OK;
    for (size_t t = 0; code == PLS_OK && t < from->count; t++) {
        const struct pls_table *source = from->table[t];
        struct pls_table *table;
        code = pls_tables_add(tables, source->name, "", &table, err);
        for (size_t c = 0; code == PLS_OK && c < source->columns; c++)
            code = declare_column(table, source->column[c].name, strlen(source->column[c].name),
                                  types[source->column[c].type], err);
        if (code == PLS_OK)
            code = copy_cells(source, table, err);
    }
    return code;
}

void pls_table_cut(struct pls_table *table, size_t rows)
{
    for (; table->rows > rows; table->rows--)
        for (size_t c = 0; c < table->columns; c++)
            if (table->column[c].type == PLS_CELL_TEXT)
                free(table->column[c].cell.text[table->rows - 1]);
}

void pls_tables_free(struct pls_tables *tables)
{
    for (size_t t = 0; t < tables->count; t++)
        table_free(tables->table[t]);
    free(tables->table);
    *tables = (struct pls_tables){0};
}
