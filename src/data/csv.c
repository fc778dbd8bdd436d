/* csv.c: the shape of a CSV file: where the wanted columns are, how many rows there are. */
#include "csv.h"

#include "decode.h"
#include "labels.h"
#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_COLUMNS = 40, NAME_BYTES = 200 }; /* of a column's name in a message */

static void show_name(const char *name, char out[NAME_BYTES])
{
    pls_text_printable(name, strlen(name), NAME_COLUMNS, out, NAME_BYTES);
}

/* ---- columns ---- */

static const char *delimiter_name(char delimiter)
{
    return delimiter == ',' ? "comma" : delimiter == ';' ? "semicolon" : "tab";
}

/* Where the study says the delimiter: another one under which every wanted name is found, or 0. */
static enum pls_code better_delimiter(const struct pls_csv *csv, char *out, struct pls_error *err)
{
    struct pls_fit fit;
    *out = '\0';
    if (csv->options->delimiter == '\0')
        return PLS_OK;
    char found;
    enum pls_code code =
        pls_header_delimiter(csv->path, csv->text, csv->length, csv->key, csv->names, &found, err);
    if (code == PLS_OK)
        code = pls_header_fit(csv->path, csv->text, csv->length, found, csv->key, csv->names, &fit,
                              err);
    if (code == PLS_OK && fit.holds)
        *out = found;
    return code;
}

/* The first names of the file, for a reader who asked for one that is nowhere near. */
static enum pls_code list_names(const struct pls_header *header, struct pls_text *out,
                                struct pls_error *err)
{
    enum { SHOWN = 6 };
    for (size_t c = 0; c < header->count && c < SHOWN; c++) {
        char shown[NAME_BYTES];
        show_name(header->name[c], shown);
        enum pls_code code = pls_text_printf(out, err, "%s\"%s\"", c > 0 ? ", " : "", shown);
        if (code != PLS_OK)
            return code;
    }
    return header->count > SHOWN ? pls_text_printf(out, err, ", \xE2\x80\xA6") : PLS_OK;
}

static enum pls_code unknown_column(const struct pls_csv *csv, size_t which, struct pls_error *err)
{
    char name[NAME_BYTES], other[NAME_BYTES];
    struct pls_text names = {0};
    char better;
    show_name(csv->wanted[which], name);

    enum pls_code code = better_delimiter(csv, &better, err);
    if (code != PLS_OK)
        return code;
    if (better != '\0')
        return pls_fail(err, PLS_ESTUDY,
                        "%s has no column \"%s\" when read with delimiter: %s; write delimiter: %s",
                        csv->path, name, delimiter_name(csv->delimiter), delimiter_name(better));
    const char *near =
        pls_text_nearest(csv->key[which], (const char *const *)csv->header.name, csv->header.count);
    if (near != NULL) {
        show_name(near, other);
        return pls_fail(err, PLS_ESTUDY, "%s has no column \"%s\"; did you mean \"%s\"?", csv->path,
                        name, other);
    }
    const size_t unnamed = pls_header_find(&csv->header, "", NULL);
    code = list_names(&csv->header, &names, err);
    if (code == PLS_OK && unnamed < csv->header.count)
        code = pls_fail(err, PLS_ESTUDY,
                        "%s has no column \"%s\", but its column %zu has no name; give it one",
                        csv->path, name, unnamed + 1);
    else if (code == PLS_OK)
        code = pls_fail(err, PLS_ESTUDY, "%s has no column \"%s\"; its columns are %s", csv->path,
                        name, names.data);
    pls_text_free(&names);
    return code;
}

/* Fills slot; names that nobody wants may repeat or be empty. */
static enum pls_code find_columns(struct pls_csv *csv, size_t *opt_unknown, struct pls_error *err)
{
    const size_t labels = csv->options->label_count;
    enum pls_code code = pls_alloc(&csv->slot, csv->header.count, sizeof *csv->slot, err);
    if (code == PLS_OK)
        code = pls_alloc(&csv->label_slot, csv->header.count, sizeof *csv->label_slot, err);
    if (code != PLS_OK)
        return code;
    for (size_t c = 0; c < csv->header.count; c++) {
        csv->slot[c] = csv->count;
        csv->label_slot[c] = labels;
    }
    for (size_t i = 0; i < csv->names; i++) {
        char name[NAME_BYTES];
        size_t second;
        const size_t column = pls_header_find(&csv->header, csv->key[i], &second);
        if (column == csv->header.count) {
            if (opt_unknown != NULL)
                *opt_unknown = i;
            return unknown_column(csv, i, err);
        }
        show_name(csv->wanted[i], name);
        if (second < csv->header.count)
            return pls_fail(err, PLS_EDATA,
                            "%s:%zu: columns %zu and %zu are both named \"%s\" (blanks around a "
                            "name and the coding of accents do not count); rename one",
                            csv->path, csv->line, column + 1, second + 1, name);
        if (i < csv->count && csv->slot[column] != csv->count)
            return pls_fail(err, PLS_EINTERNAL, "column \"%s\" is asked for twice", name);
        if (i >= csv->count && csv->label_slot[column] != labels) {
            if (opt_unknown != NULL)
                *opt_unknown = i;
            return pls_fail(err, PLS_ESTUDY,
                            "column \"%s\" cannot be two of group, strata and cluster; name "
                            "different columns, or delete one of these keys",
                            name);
        }
        if (i < csv->count)
            csv->slot[column] = i;
        else
            csv->label_slot[column] = i - csv->count;
    }
    return PLS_OK;
}

/* ---- rows ---- */

static bool is_integer(const struct pls_field *field)
{
    size_t at = field->length > 0 && (field->text[0] == '-' || field->text[0] == '+') ? 1 : 0;
    if (at == field->length)
        return false;
    while (at < field->length && field->text[at] >= '0' && field->text[at] <= '9')
        at++;
    return at == field->length;
}

/* In a row that is too long: whether two neighbours may be one number with a decimal comma. */
static bool has_decimal_comma(struct pls_scan scan)
{
    struct pls_field field = {0}, last = {0};
    do {
        last = field;
        if (pls_scan_field(&scan, &field, NULL) != PLS_OK)
            return false;
        if (is_integer(&last) && is_integer(&field) && field.text[0] >= '0' &&
            last.text + last.length + 1 == field.text)
            return true;
    } while (!field.last);
    return false;
}

static enum pls_code uneven(const struct pls_csv *csv, const struct pls_scan *start, size_t row,
                            size_t fields, struct pls_error *err)
{
    if (csv->delimiter == ',' && fields > csv->header.count && has_decimal_comma(*start))
        return pls_fail(err, PLS_EDATA,
                        "%s:%zu: row %zu has %zu fields, but the header has %zu; if its numbers "
                        "have decimal commas, save the file with semicolons between the columns",
                        csv->path, start->line, row, fields, csv->header.count);
    return pls_fail(err, PLS_EDATA,
                    "%s:%zu: row %zu has %zu field%s, but the header has %zu; complete the line, "
                    "and put quotes around cells that contain a %s",
                    csv->path, start->line, row, fields, fields == 1 ? "" : "s", csv->header.count,
                    delimiter_name(csv->delimiter));
}

bool pls_csv_more(const struct pls_csv *csv, struct pls_scan *scan)
{
    return csv->header.count > 1 ? pls_scan_skip_blank_lines(scan) : pls_scan_more(scan);
}

/* Counts the rows and proves that each has as many fields as the header. */
static enum pls_code count_rows(struct pls_csv *csv, struct pls_error *err)
{
    struct pls_scan scan = csv->body;
    while (pls_csv_more(csv, &scan)) {
        const struct pls_scan start = scan;
        struct pls_field field;
        size_t fields = 0;
        csv->rows++;
        do {
            enum pls_code code = pls_scan_field(&scan, &field, err);
            if (code != PLS_OK)
                return code;
            fields++;
        } while (!field.last);
        if (fields != csv->header.count)
            return uneven(csv, &start, csv->rows, fields, err);
    }
    if (csv->rows == 0)
        return pls_fail(err, PLS_EDATA,
                        "%s: the file has a header but no rows; it needs one row for each answer",
                        csv->path);
    return PLS_OK;
}

/* ---- the whole ---- */

/* The names of numbers and labels in one list. */
static enum pls_code join_names(struct pls_csv *csv, const char *const *wanted,
                                struct pls_error *err)
{
    enum pls_code code = pls_alloc(&csv->wanted, csv->names, sizeof *csv->wanted, err);
    for (size_t i = 0; i < csv->names && code == PLS_OK; i++)
        csv->wanted[i] = i < csv->count ? wanted[i] : csv->options->label[i - csv->count].name;
    return code;
}

static enum pls_code compose_keys(struct pls_csv *csv, struct pls_error *err)
{
    enum pls_code code = pls_alloc(&csv->key, csv->names, sizeof *csv->key, err);
    for (size_t i = 0; i < csv->names && code == PLS_OK; i++)
        code = pls_header_compose(csv->wanted[i], &csv->key[i], err);
    return code;
}

static enum pls_code refuse_empty(const struct pls_csv *csv, struct pls_error *err)
{
    struct pls_scan scan;
    pls_scan_start(&scan, csv->path, csv->text, csv->length, ',');
    if (pls_scan_more(&scan))
        return PLS_OK;
    return pls_fail(err, PLS_ENOINPUT,
                    "%s: the file is empty; it needs a line of column names and one row for each "
                    "answer",
                    csv->path);
}

/* Excel's own first line, `sep=;`, also in quotes: the delimiter that it names, or 0. */
static char skip_separator_line(struct pls_csv *csv)
{
    const char *at = csv->text;
    const bool quoted = *at == '"';
    at += quoted;
    if (strncmp(at, "sep=", 4) != 0 && strncmp(at, "SEP=", 4) != 0)
        return '\0';
    const char named = at[4];
    if (named == '\0' || strchr(",;\t", named) == NULL || (quoted && at[5] != '"'))
        return '\0';
    at += quoted ? 6 : 5;
    at += strspn(at, ",;"); /* what another program made of a line of one cell */
    const size_t end = strspn(at, "\r\n");
    if (end == 0)
        return '\0';
    at += at[0] == '\r' && at[1] == '\n' ? 2 : 1;
    csv->length -= (size_t)(at - csv->text);
    csv->text = at;
    csv->line = 2;
    return named;
}

/* From the file to where the first row begins. */
static enum pls_code open_table(struct pls_csv *csv, struct pls_error *err)
{
    const struct pls_csv_options *options = csv->options;
    enum pls_code code =
        pls_decode_file(csv->path, options->encoding, &csv->bytes, &csv->length, err);
    if (code != PLS_OK)
        return code;
    csv->text = csv->bytes;
    csv->line = 1;
    const char named = skip_separator_line(csv);
    csv->delimiter = options->delimiter != '\0' ? options->delimiter : named;
    code = refuse_empty(csv, err);
    if (code == PLS_OK)
        code = compose_keys(csv, err);
    if (code == PLS_OK && csv->delimiter == '\0')
        code = pls_header_delimiter(csv->path, csv->text, csv->length, csv->key, csv->names,
                                    &csv->delimiter, err);
    if (code != PLS_OK)
        return code;

    pls_scan_start(&csv->body, csv->path, csv->text, csv->length, csv->delimiter);
    csv->body.line = csv->line;
    if (pls_scan_blank_line(&csv->body))
        return pls_fail(err, PLS_EDATA,
                        "%s:%zu: the first line is blank; the names of the columns belong there",
                        csv->path, csv->line);
    return pls_header_read(&csv->body, &csv->header, err);
}

static void close_table(struct pls_csv *csv)
{
    for (size_t i = 0; csv->key != NULL && i < csv->names; i++)
        free(csv->key[i]);
    free(csv->key);
    free(csv->wanted);
    free(csv->slot);
    free(csv->label_slot);
    pls_header_free(&csv->header);
    free(csv->bytes);
}

enum pls_code pls_dataset_read_csv(const char *path, const struct pls_csv_options *options,
                                   const char *const *wanted, size_t count,
                                   struct pls_dataset **out_new, size_t *opt_unknown,
                                   struct pls_error *err)
{
    struct pls_csv csv = {.path = path,
                          .options = options,
                          .count = count,
                          .names = count + options->label_count,
                          .decimal = options->decimal};
    struct pls_dataset *dataset = NULL;
    if (opt_unknown != NULL)
        *opt_unknown = csv.names;

    enum pls_code code = join_names(&csv, wanted, err);
    if (code == PLS_OK)
        code = open_table(&csv, err);
    if (code == PLS_OK)
        code = find_columns(&csv, opt_unknown, err);
    if (code == PLS_OK)
        code = count_rows(&csv, err);
    if (code == PLS_OK && csv.decimal == '\0')
        code = pls_cells_decimal(&csv, &csv.decimal, err);
    if (code == PLS_OK)
        code = pls_dataset_allocate(csv.rows, count, wanted, &dataset, err);
    if (code == PLS_OK)
        code = pls_cells_read(&csv, dataset, err);
    if (code == PLS_OK)
        code = pls_labels_read(&csv, dataset, err);
    if (code == PLS_OK) {
        dataset->delimiter = csv.delimiter;
        dataset->decimal = csv.decimal;
        *out_new = dataset;
        dataset = NULL;
    }
    pls_dataset_free(dataset);
    close_table(&csv);
    return code;
}
