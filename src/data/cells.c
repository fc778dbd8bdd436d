/*
 * cells.c: cells into numbers: missing codes, the decimal sign, and what is no number.
 *
 * What may be read in two ways is refused, never guessed: 1,234 is a number with a decimal comma
 * only where another cell (0,5; 12,25) shows that commas are decimal signs here.
 */
#include "csv.h"
#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHOWN = 5,         /* cells that a message names      */
    CELL_COLUMNS = 12, /* of a cell's text in a message   */
    NAME_COLUMNS = 40, /* of a column's name in a message */
    SHOWN_BYTES = 200
};

/* ---- numbers ---- */

/*
 * [+-] digits [decimal digits] of at most 15 digits: both the digits and the power of ten are exact
 * as doubles, so that one division gives the number nearest to what is written (Clinger, 1990).
 * Everything else is left to the slower pls_text_number().
 */
static bool read_short_number(const char *text, size_t length, char decimal, double *out)
{
    static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    enum { MOST_DIGITS = 15 };
    const bool is_signed = length > 0 && (text[0] == '-' || text[0] == '+');
    size_t at = is_signed ? 1 : 0, digits = 0, fraction = 0;
    uint64_t value = 0;
    bool seen_decimal = false;

    if (length - at > MOST_DIGITS + 1)
        return false;
    for (; at < length; at++) {
        if (text[at] >= '0' && text[at] <= '9') {
            value = 10 * value + (uint64_t)(text[at] - '0');
            digits++;
            fraction += seen_decimal;
        } else if (text[at] == decimal && !seen_decimal && digits > 0) {
            seen_decimal = true;
        } else {
            return false;
        }
    }
    if (digits == 0 || digits > MOST_DIGITS)
        return false;
    const double magnitude = (double)value / power[fraction];
    *out = text[0] == '-' ? -magnitude : magnitude;
    return true;
}

static bool read_number(const struct pls_field *field, char decimal, double *out)
{
    return read_short_number(field->text, field->length, decimal, out) ||
           pls_text_number(field->text, field->length, decimal, out);
}

/* ---- missing codes ---- */

static bool is_code(const struct pls_csv *csv, const struct pls_field *field)
{
    for (size_t i = 0; i < csv->options->missing_count; i++)
        if (pls_scan_equals(field, csv->options->missing[i]))
            return true;
    return false;
}

/* -99 in the study stands for -99.0 and -99,00 in the file too. */
static bool is_code_number(const struct pls_csv *csv, double number)
{
    for (size_t i = 0; i < csv->options->missing_count; i++) {
        const char *text = csv->options->missing[i];
        double code;
        if (pls_text_number(text, strlen(text), '.', &code) && code == number)
            return true;
    }
    return false;
}

bool pls_cells_missing(const struct pls_csv *csv, const struct pls_field *field)
{
    double number;
    return field->length == 0 || is_code(csv, field) ||
           (read_number(field, csv->decimal, &number) && is_code_number(csv, number));
}

/* ---- a walk over the wanted cells ---- */

struct cells {
    const struct pls_csv *csv;
    struct pls_scan scan;
    struct pls_field field; /* the present cell                              */
    size_t slot;            /* its number among the wanted columns           */
    size_t row;             /* its row in the file, from 1                   */
    size_t line;            /* where that row begins                         */
    size_t column;          /* of the next field; 0 at the beginning of rows */
};

/* The shape of the file was proved before: what fails here cannot be the file's fault. */
static bool next_cell(struct cells *cells)
{
    const struct pls_csv *csv = cells->csv;
    for (;;) {
        if (cells->column == 0) {
            if (!pls_csv_more(csv, &cells->scan))
                return false;
            cells->row++;
            cells->line = cells->scan.line;
        }
        if (pls_scan_field(&cells->scan, &cells->field, NULL) != PLS_OK)
            return false;
        cells->slot = csv->slot[cells->column];
        cells->column = cells->field.last ? 0 : cells->column + 1;
        if (cells->slot < csv->count)
            return true;
    }
}

/* A cell that a message names. */
struct place {
    struct pls_field field;
    size_t slot, row, line;
};

static struct place place_of(const struct cells *cells)
{
    return (struct place){cells->field, cells->slot, cells->row, cells->line};
}

/*
 * Answers are personal data, and messages end up in logs and mails: only what is as short as a code
 * is shown, no sentence, no address. False where a cell is more; out is its text, printable.
 */
static bool is_shown(const struct pls_field *field, char out[SHOWN_BYTES])
{
    size_t blanks = 0;
    for (size_t i = 0; i < field->length; i++)
        blanks += memchr(" \t\r\n", field->text[i], 4) != NULL;
    pls_text_printable(field->text, field->length, CELL_COLUMNS + 1, out, SHOWN_BYTES);
    return blanks <= 1 && memchr(field->text, '@', field->length) == NULL &&
           pls_text_width(out) <= CELL_COLUMNS;
}

/* `"n/a" in row 3, column "kd1"`, or `the cell in row 3, column "kd1"` */
static enum pls_code show_place(const struct pls_csv *csv, const struct place *place,
                                struct pls_text *out, struct pls_error *err)
{
    char cell[SHOWN_BYTES], name[SHOWN_BYTES];
    const char *column = csv->wanted[place->slot];
    const bool shown = is_shown(&place->field, cell);
    pls_text_printable(column, strlen(column), NAME_COLUMNS, name, sizeof name);
    return pls_text_printf(out, err, "%s%s%s in row %zu, column \"%s\"", shown ? "\"" : "the cell",
                           shown ? cell : "", shown ? "\"" : "", place->row, name);
}

/* ---- the decimal sign and separators of thousands ---- */

static char other_sign(char decimal)
{
    return decimal == '.' ? ',' : '.';
}

/*
 * The number that a cell means where `decimal` is its decimal sign and the other one may separate
 * thousands, in groups of three, as a plain text: "1.234,5" with ',' is "1234.5". False where the
 * cell cannot be read so. *groups says whether there are separators.
 */
static bool read_grouped(const struct pls_field *field, char decimal, char out[SHOWN_BYTES],
                         bool *groups)
{
    const char group = other_sign(decimal);
    size_t since_group = 0, length = 0;
    bool in_fraction = false, has_digits = false;
    *groups = false;
    if (field->length >= SHOWN_BYTES)
        return false;
    for (size_t i = 0; i < field->length; i++) {
        const char c = field->text[i];
        if (c >= '0' && c <= '9') {
            if (c == '0' && !has_digits && i + 1 < field->length && field->text[i + 1] == group)
                return false; /* no one groups 0,123 */
            has_digits = true;
            since_group++;
            out[length++] = c;
        } else if (c == decimal && !in_fraction && (!*groups || since_group == 3)) {
            in_fraction = true;
            out[length++] = '.';
        } else if (c == group && !in_fraction && since_group > 0 &&
                   (*groups ? since_group == 3 : since_group <= 3)) {
            *groups = true;
            since_group = 0;
        } else if (i == 0 && (c == '-' || c == '+')) {
            out[length++] = c;
        } else {
            return false;
        }
    }
    out[length] = '\0';
    return has_digits && (in_fraction || !*groups || since_group == 3);
}

/* "1,234" in row 1, column "x": two readings, or one that is not the file's. */
static enum pls_code refuse_separators(const struct pls_csv *csv, const struct place *place,
                                       char decimal, struct pls_error *err)
{
    struct pls_text cell = {0};
    char comma[SHOWN_BYTES], point[SHOWN_BYTES], shown[SHOWN_BYTES];
    bool comma_groups, point_groups;
    const bool by_comma = read_grouped(&place->field, ',', comma, &comma_groups);
    const bool by_point = read_grouped(&place->field, '.', point, &point_groups);

    enum pls_code code = show_place(csv, place, &cell, err);
    if (code != PLS_OK)
        goto done;
    if (by_comma && by_point)
        code = pls_fail(err, PLS_EDATA,
                        "%s:%zu: %s, means %s where the comma is the decimal sign and %s where the "
                        "point is; remove separators of thousands from the file, and write "
                        "`decimal: comma` or `decimal: point` under data",
                        csv->path, place->line, cell.data, comma, point);
    else if (by_comma ? comma_groups : point_groups)
        code = pls_fail(err, PLS_EDATA,
                        "%s:%zu: %s, has separators of thousands; if it means %s, remove them from "
                        "the file",
                        csv->path, place->line, cell.data,
                        !is_shown(&place->field, shown) ? "a number"
                        : by_comma                      ? comma
                                                        : point);
    else
        code = pls_fail(err, PLS_EDATA,
                        "%s:%zu: %s, is not written with a decimal %s as the rest is; write all "
                        "numbers alike, or set `decimal` under data",
                        csv->path, place->line, cell.data, decimal == ',' ? "comma" : "point");
done:
    pls_text_free(&cell);
    return code;
}

/* Whether a cell holds a decimal sign or separator, and reads as a number in some way. */
static bool has_separators(const struct pls_field *field)
{
    char plain[SHOWN_BYTES];
    bool groups;
    return (memchr(field->text, ',', field->length) != NULL ||
            memchr(field->text, '.', field->length) != NULL) &&
           (read_grouped(field, ',', plain, &groups) || read_grouped(field, '.', plain, &groups));
}

enum pls_code pls_cells_decimal(const struct pls_csv *csv, char *out, struct pls_error *err)
{
    struct cells cells = {.csv = csv, .scan = csv->body};
    struct place open = {0};
    bool is_open = false;
    *out = '.';
    if (csv->delimiter == ',')
        return PLS_OK;
    while (next_cell(&cells)) {
        const struct pls_field *field = &cells.field;
        char plain[SHOWN_BYTES];
        bool groups;
        double number;
        const bool comma = memchr(field->text, ',', field->length) != NULL;
        if ((!comma && memchr(field->text, '.', field->length) == NULL) || is_code(csv, field) ||
            !pls_text_number(field->text, field->length, comma ? ',' : '.', &number))
            continue;
        /* Where it also reads as thousands, it proves nothing. */
        if (!read_grouped(field, comma ? '.' : ',', plain, &groups)) {
            *out = comma ? ',' : '.';
            return PLS_OK; /* cells that disagree are found when they are read */
        }
        if (!is_open)
            open = place_of(&cells);
        is_open = true;
    }
    return is_open ? refuse_separators(csv, &open, *out, err) : PLS_OK;
}

/* ---- cells that are no numbers ---- */

struct bad_cells {
    struct place place[SHOWN];
    size_t count; /* all of them, also those not shown        */
    size_t *text; /* [columns] those that are no number to anyone */
};

/* Digits beyond the range of doubles, hexadecimal, inf, nan: numbers to someone, but not here. */
static bool is_odd_number(const struct pls_field *field)
{
    static const char *const words[] = {"inf", "infinity", "nan"};
    const size_t sign = field->text[0] == '-' || field->text[0] == '+' ? 1 : 0;
    const char *text = field->text + sign;
    const size_t length = field->length - sign;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        bool same = length == strlen(words[i]);
        for (size_t k = 0; k < length && same; k++)
            same = (text[k] | 0x20) == words[i][k];
        if (same)
            return true;
    }
    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return true;
    bool has_digit = false;
    for (size_t k = 0; k < length; k++) {
        has_digit = has_digit || (text[k] >= '0' && text[k] <= '9');
        if (memchr("0123456789eE.,+-", text[k], 16) == NULL || (k == 0 && (text[k] | 0x20) == 'e'))
            return false;
    }
    return has_digit && (memchr(text, 'e', length) != NULL || memchr(text, 'E', length) != NULL);
}

/* `"n/a", "-"`: each text that may be shown once, of one column or (columns) of all. */
static enum pls_code show_codes(const struct bad_cells *bad, size_t slot, size_t columns,
                                struct pls_text *out, struct pls_error *err)
{
    const size_t shown = bad->count < SHOWN ? bad->count : SHOWN;
    enum pls_code code = PLS_OK;
    for (size_t i = 0; i < shown && code == PLS_OK; i++) {
        const struct pls_field *field = &bad->place[i].field;
        char cell[SHOWN_BYTES];
        bool seen = slot < columns && bad->place[i].slot != slot;
        for (size_t k = 0; k < i; k++)
            seen = seen || (bad->place[k].field.length == field->length &&
                            memcmp(bad->place[k].field.text, field->text, field->length) == 0);
        if (!seen && is_shown(field, cell))
            code = pls_text_printf(out, err, "%s\"%s\"", out->length > 0 ? ", " : "", cell);
    }
    return code;
}

static enum pls_code refuse_texts(const struct pls_csv *csv, const struct bad_cells *bad,
                                  struct pls_error *err)
{
    struct pls_text places = {0}, codes = {0};
    const size_t shown = bad->count < SHOWN ? bad->count : SHOWN;
    enum pls_code code = PLS_OK;
    for (size_t i = 0; i < shown && code == PLS_OK; i++) {
        code = pls_text_append(&places, "; ", i > 0 ? 2 : 0, err);
        if (code == PLS_OK)
            code = show_place(csv, &bad->place[i], &places, err);
    }
    if (code == PLS_OK && bad->count > shown)
        code = pls_text_printf(&places, err, "; and %zu more", bad->count - shown);
    if (code == PLS_OK)
        code = show_codes(bad, csv->count, csv->count, &codes, err);
    if (code != PLS_OK)
        goto done;
    const bool named = codes.length > 0;
    if (bad->count == 1)
        code = pls_fail(err, PLS_EDATA,
                        "%s:%zu: %s, is not a number; mend the cell, or %s%s%s if it means that "
                        "there is no answer",
                        csv->path, bad->place[0].line, places.data,
                        named ? "write `missing: [" : "empty it", named ? codes.data : "",
                        named ? "]` under data" : "");
    else
        code = pls_fail(err, PLS_EDATA,
                        "%s:%zu: %zu cells are not numbers: %s; mend them, or %s%s%s where they "
                        "mean that there is no answer",
                        csv->path, bad->place[0].line, bad->count, places.data,
                        named ? "write `missing: [" : "empty them", named ? codes.data : "",
                        named ? "]` under data" : "");
done:
    pls_text_free(&places);
    pls_text_free(&codes);
    return code;
}

/* A column of more texts than a message can name, in more than a tenth of its answers: it is no
 * column of numbers with slips, or all its slips are one code. */
static size_t text_column(const struct pls_csv *csv, const struct pls_dataset *dataset,
                          const struct bad_cells *bad)
{
    size_t c = 0;
    while (c < csv->count &&
           (bad->text[c] <= SHOWN || 10 * bad->text[c] <= csv->rows - dataset->missing[c]))
        c++;
    return c;
}

static enum pls_code refuse_column(const struct pls_csv *csv, const struct pls_dataset *dataset,
                                   const struct bad_cells *bad, size_t c, struct pls_error *err)
{
    struct pls_text codes = {0};
    char name[SHOWN_BYTES];
    enum pls_code code = PLS_OK;
    pls_text_printable(csv->wanted[c], strlen(csv->wanted[c]), NAME_COLUMNS, name, sizeof name);
    if (2 * bad->text[c] < csv->rows - dataset->missing[c]) /* most answers are numbers */
        code = show_codes(bad, c, csv->count, &codes, err);
    if (code == PLS_OK)
        code = pls_fail(
            err, PLS_EDATA,
            "%s: column \"%s\" holds text in %zu of %zu rows; PLS needs numbers: code "
            "it as numbers, or take it out of the model%s%s%s",
            csv->path, name, bad->text[c], csv->rows,
            codes.length > 0 ? ", or write `missing: [" : "", codes.length > 0 ? codes.data : "",
            codes.length > 0 ? "]` under data where it means that there is no answer" : "");
    pls_text_free(&codes);
    return code;
}

static enum pls_code refuse_cells(const struct pls_csv *csv, const struct pls_dataset *dataset,
                                  const struct bad_cells *bad, struct pls_error *err)
{
    const struct place *first = &bad->place[0];
    const size_t column = text_column(csv, dataset, bad);
    if (column < csv->count)
        return refuse_column(csv, dataset, bad, column, err);
    if (has_separators(&first->field))
        return refuse_separators(csv, first, csv->decimal, err);
    if (!is_odd_number(&first->field))
        return refuse_texts(csv, bad, err);

    struct pls_text cell = {0};
    enum pls_code code = show_place(csv, first, &cell, err);
    if (code == PLS_OK)
        code = pls_fail(err, PLS_EDATA,
                        "%s:%zu: %s, is not a finite decimal number; mend the cell, or list it "
                        "under `missing` if it means that there is no answer",
                        csv->path, first->line, cell.data);
    pls_text_free(&cell);
    return code;
}

/* ---- all cells ---- */

static enum pls_code refuse_no_rows(const struct pls_csv *csv, const struct pls_dataset *dataset,
                                    struct pls_error *err)
{
    size_t worst = 0;
    char name[SHOWN_BYTES];
    for (size_t i = 1; i < dataset->columns; i++)
        if (dataset->missing[i] > dataset->missing[worst])
            worst = i;
    pls_text_printable(dataset->name[worst], strlen(dataset->name[worst]), NAME_COLUMNS, name,
                       sizeof name);
    return pls_fail(
        err, PLS_EDATA,
        "%s: 0 of %zu rows are complete; column \"%s\" alone is missing in %zu: leave it "
        "out of the model, or correct `missing` under data",
        csv->path, dataset->rows_in_file, name, dataset->missing[worst]);
}

/* Reads a cell into *out. False where it is missing or, then noted in bad, not a number. */
static bool read_cell(const struct cells *cells, double *out, struct pls_dataset *dataset,
                      struct bad_cells *bad)
{
    const struct pls_csv *csv = cells->csv;
    const struct pls_field *field = &cells->field;
    if (field->length == 0 || is_code(csv, field)) {
        dataset->missing[cells->slot]++;
        return false;
    }
    if (!read_number(field, csv->decimal, out)) {
        if (bad->count < SHOWN)
            bad->place[bad->count] = place_of(cells);
        bad->count++;
        bad->text[cells->slot] += !has_separators(field) && !is_odd_number(field);
        return false;
    }
    if (is_code_number(csv, *out)) {
        dataset->missing[cells->slot]++;
        return false;
    }
    return true;
}

enum pls_code pls_cells_read(const struct pls_csv *csv, struct pls_dataset *dataset,
                             struct pls_error *err)
{
    struct cells cells = {.csv = csv, .scan = csv->body};
    struct bad_cells bad = {.count = 0};
    const size_t columns = csv->count;
    size_t kept = 0;

    enum pls_code code = pls_alloc(&bad.text, columns, sizeof *bad.text, err);
    if (code != PLS_OK)
        return code;
    for (size_t row = 0; row < csv->rows; row++) {
        size_t read = 0;
        for (size_t i = 0; i < columns && next_cell(&cells); i++)
            read += read_cell(&cells, &dataset->values[kept * columns + cells.slot], dataset, &bad);
        if (read < columns)
            continue; /* the next row takes this one's place */
        dataset->file_row[kept++] = row + 1;
    }
    dataset->rows = kept;
    dataset->rows_in_file = csv->rows;
    dataset->rows_dropped = csv->rows - kept;
    if (bad.count > 0)
        code = refuse_cells(csv, dataset, &bad, err);
    else if (kept == 0)
        code = refuse_no_rows(csv, dataset, err);
    free(bad.text);
    return code;
}
