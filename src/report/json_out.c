/* json_out.c: every table in one JSON file, a row a line. */
#include "plstrap/alloc.h"
#include "plstrap/file.h"
#include "plstrap/report.h"
#include "plstrap/text.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ASCII: escape sequences and bidirectional characters of foreign text stay harmless where it is
 * shown. */
enum { FORM = JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY | JSON_ENSURE_ASCII | JSON_COMPACT };

/* Text, or its printable form where it is not valid UTF-8 (a damaged result); NULL: no memory. */
static json_t *text_value(const char *text)
{
    json_t *value = json_string(text);
    if (value != NULL)
        return value;
    const size_t size = 10 * strlen(text) + 16;
    char *clean = NULL;
    if (pls_alloc(&clean, size, 1, NULL) != PLS_OK)
        return NULL;
    pls_text_printable(text, strlen(text), size, clean, size);
    value = json_string(clean);
    free(clean);
    return value;
}

static json_t *cell_value(const struct pls_table_column *column, size_t row)
{
    switch (column->type) {
    case PLS_CELL_REAL:
        return isfinite(column->cell.real[row]) ? json_real(column->cell.real[row]) : json_null();
    case PLS_CELL_COUNT:
        return column->cell.count[row] >= 0 ? json_integer(column->cell.count[row]) : json_null();
    case PLS_CELL_TEXT:
        break;
    }
    return text_value(column->cell.text[row]);
}

/* Takes value over, NULL too. */
static enum pls_code write_value(FILE *stream, json_t *value, const char *path,
                                 struct pls_error *err)
{
    enum pls_code code = PLS_OK;

    if (value == NULL)
        code = pls_fail(err, PLS_EUNAVAILABLE, "%s: not enough memory to write it", path);
    else if (json_dumpf(value, stream, FORM) != 0)
        code = pls_fail(err, PLS_EIO, "%s: cannot be written; is the disk full?", path);
    json_decref(value);
    return code;
}

static enum pls_code write_row(FILE *stream, const struct pls_table *table, size_t row,
                               const char *path, struct pls_error *err)
{
    enum pls_code code = PLS_OK;

    fputs(row > 0 ? ",\n    {" : "\n    {", stream);
    for (size_t c = 0; c < table->columns && code == PLS_OK; c++) {
        fputs(c > 0 ? ", " : "", stream);
        code = write_value(stream, text_value(table->column[c].name), path, err);
        fputs(": ", stream);
        if (code == PLS_OK)
            code = write_value(stream, cell_value(&table->column[c], row), path, err);
    }
    fputc('}', stream);
    return code;
}

static const char *version_of(const struct pls_tables *tables)
{
    const struct pls_table *study = pls_tables_find(tables, "study");
    const struct pls_table_column *key = study != NULL ? pls_table_find(study, "key") : NULL;
    const struct pls_table_column *value = study != NULL ? pls_table_find(study, "value") : NULL;

    if (key != NULL && value != NULL && key->type == PLS_CELL_TEXT && value->type == PLS_CELL_TEXT)
        for (size_t r = 0; r < study->rows; r++)
            if (strcmp(key->cell.text[r], "version") == 0)
                return value->cell.text[r];
    return "";
}

enum pls_code pls_report_json(const struct pls_tables *tables, const char *path,
                              struct pls_error *err)
{
    struct pls_file file = {0};

    enum pls_code code = pls_file_create(&file, path, 0644, err);
    if (code != PLS_OK)
        return code;
    fputs("{\n  \"plstrap\": ", file.stream);
    code = write_value(file.stream, text_value(version_of(tables)), path, err);
    for (size_t t = 0; t < tables->count && code == PLS_OK; t++) {
        const struct pls_table *table = tables->table[t];
        fputs(",\n  ", file.stream);
        code = write_value(file.stream, text_value(table->name), path, err);
        fputs(": [", file.stream);
        for (size_t r = 0; r < table->rows && code == PLS_OK; r++)
            code = write_row(file.stream, table, r, path, err);
        fputc(']', file.stream);
    }
    fputs("\n}\n", file.stream);
    if (code == PLS_OK)
        code = pls_file_finish(&file, err); /* sees every failure of the stream */
    pls_file_discard(&file);
    return code;
}
