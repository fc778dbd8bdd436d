/*
 * verify_tables.c: tables compared cell by cell: numbers to 1e-12 of the larger one, because the
 * last bits of a logarithm or a t probability differ between C libraries; texts and counts exactly.
 */
#include "verify.h"

#include <math.h>
#include <string.h>

static const double tolerance = 1e-12;

struct check {
    const struct tables_check *how;
    struct findings *findings;
    struct finding *cells;
    struct pls_error *err;
};

static bool near(double a, double b)
{
    if (same_number(a, b))
        return true;
    const double larger = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    return fabs(a - b) <= tolerance * larger; /* false with a NaN on one side */
}

/* What may be worded otherwise by another version of the program: no number follows from it. */
static bool is_wording(const struct pls_table *table, const char *column)
{
    return strcmp(column, "note") == 0 || strcmp(column, "phrase") == 0 ||
           (strcmp(table->name, "messages") == 0 && strcmp(column, "text") == 0);
}

/* "row 3 (path KV~KD)": the texts that a row begins with name it. */
static void name_row(const struct pls_table *table, size_t row, char out[160])
{
    char words[128] = "", word[64];
    size_t at = 0;
    for (size_t c = 0; c < table->columns && c < 2 && table->column[c].type == PLS_CELL_TEXT; c++) {
        const char *text = table->column[c].cell.text[row];
        pls_text_printable(text, strlen(text), 30, word, sizeof word);
        const int length = snprintf(words + at, sizeof words - at, "%s%s", at > 0 ? " " : "", word);
        if (length < 0 || (size_t)length >= sizeof words - at)
            break;
        at += (size_t)length;
    }
    snprintf(out, 160, "row %zu (%s)", row + 1, words);
}

static void compare_cell(struct check *check, const struct pls_table *table, size_t row,
                         const struct pls_table_column *stored, size_t other_row,
                         const struct pls_table_column *here)
{
    char place[160], text_a[128], text_b[128];
    check->cells->compared++;
    check->cells->all++;
    switch (stored->type) {
    case PLS_CELL_REAL:
        if (near(stored->cell.real[row], here->cell.real[other_row]))
            return;
        name_row(table, row, place);
        finding_differs(check->cells, "%s, %s, %s: stored %.17g, here %.17g", table->name, place,
                        stored->name, stored->cell.real[row], here->cell.real[other_row]);
        return;
    case PLS_CELL_COUNT:
        if (stored->cell.count[row] == here->cell.count[other_row])
            return;
        name_row(table, row, place);
        finding_differs(check->cells, "%s, %s, %s: stored %lld, here %lld", table->name, place,
                        stored->name, (long long)stored->cell.count[row],
                        (long long)here->cell.count[other_row]);
        return;
    default: {
        const char *a = stored->cell.text[row], *b = here->cell.text[other_row];
        if (strcmp(a, b) == 0)
            return;
        name_row(table, row, place);
        pls_text_printable(a, strlen(a), 40, text_a, sizeof text_a);
        pls_text_printable(b, strlen(b), 40, text_b, sizeof text_b);
        finding_differs(check->cells, "%s, %s, %s: stored \"%s\", here \"%s\"", table->name, place,
                        stored->name, text_a, text_b);
    }
    }
}

/* What only one of the two has: a difference, or between versions a note. */
static enum pls_code missing(struct check *check, const char *what, const char *table,
                             const char *column, bool in_stored)
{
    char shown[128], name[128];
    pls_text_printable(table, strlen(table), 40, shown, sizeof shown);
    pls_text_printable(column, strlen(column), 40, name, sizeof name);
    if (check->how->same_version) {
        finding_differs(check->cells, "%s %s%s%s: only in what %s", what, shown,
                        column[0] != '\0' ? "." : "", name,
                        in_stored ? "is stored" : "is computed here");
        return PLS_OK;
    }
    return findings_note(check->findings, check->err,
                         "%s %s%s%s is known to one of the two versions of plstrap only, and was "
                         "not compared",
                         what, shown, column[0] != '\0' ? "." : "", name);
}

/* Which row of the base's table a row is of, by its first two texts; rows where none is. */
static size_t row_of(const struct pls_table *here, const struct pls_table *stored, size_t row)
{
    const size_t keys = stored->columns > 2 ? 2 : 1;
    for (size_t r = 0; r < here->rows; r++) {
        bool same = true;
        for (size_t c = 0; same && c < keys; c++)
            same = here->column[c].type == PLS_CELL_TEXT &&
                   stored->column[c].type == PLS_CELL_TEXT &&
                   strcmp(here->column[c].cell.text[r], stored->column[c].cell.text[row]) == 0;
        if (same)
            return r;
    }
    return here->rows;
}

static enum pls_code compare_column(struct check *check, const struct pls_table *stored,
                                    const struct pls_table *here, size_t c)
{
    const struct pls_table_column *column = &stored->column[c];
    const struct pls_table_column *other = pls_table_find(here, column->name);
    const bool base = check->how->base_only;
    if (base && (other == NULL || is_wording(stored, column->name)))
        return PLS_OK;
    if (!check->how->same_version && is_wording(stored, column->name))
        return PLS_OK;
    if (other == NULL || other->type != column->type)
        return missing(check, "column", stored->name, column->name, true);
    for (size_t r = 0; r < stored->rows; r++) {
        const size_t at = base ? row_of(here, stored, r) : r;
        const bool version = strcmp(stored->name, "study") == 0 && c > 0 &&
                             stored->column[0].type == PLS_CELL_TEXT &&
                             strcmp(stored->column[0].cell.text[r], "version") == 0;
        if (at < here->rows && (check->how->same_version || !version))
            compare_cell(check, stored, r, column, at, other);
    }
    return PLS_OK;
}

static enum pls_code compare_table(struct check *check, const struct pls_table *stored,
                                   const struct pls_table *here)
{
    enum pls_code code = PLS_OK;
    if (!check->how->base_only && stored->rows != here->rows) {
        if (!check->how->same_version && strcmp(stored->name, "messages") == 0)
            return findings_note(check->findings, check->err,
                                 "the messages of the two versions of plstrap are not the same");
        finding_differs(check->cells, "%s: stored %zu rows, here %zu", stored->name, stored->rows,
                        here->rows);
        return PLS_OK;
    }
    for (size_t c = 0; code == PLS_OK && c < stored->columns; c++)
        code = compare_column(check, stored, here, c);
    for (size_t c = 0; code == PLS_OK && !check->how->base_only && c < here->columns; c++)
        if (pls_table_find(stored, here->column[c].name) == NULL)
            code = missing(check, "column", stored->name, here->column[c].name, false);
    return code;
}

enum pls_code verify_tables(const struct pls_tables *stored, const struct pls_tables *here,
                            const struct tables_check *how, struct findings *findings,
                            struct pls_error *err)
{
    struct check check = {how, findings, findings_add(findings, "tables", "cells", 0), err};
    enum pls_code code = PLS_OK;
    for (size_t t = 0; code == PLS_OK && t < stored->count; t++) {
        const struct pls_table *table = stored->table[t];
        const struct pls_table *other = pls_tables_find(here, table->name);
        if (other != NULL)
            code = compare_table(&check, table, other);
        else if (!how->base_only)
            code = missing(&check, "table", table->name, "", true);
    }
    for (size_t t = 0; code == PLS_OK && t < here->count; t++)
        if (pls_tables_find(stored, here->table[t]->name) == NULL)
            code = missing(&check, "table", here->table[t]->name, "", false);
    return code;
}
