/*
 * labels.c: columns of categories: the texts of the rows used, each text once.
 *
 * The rows are known by then, so that only their cells are read: a walk of its own through the
 * file, which a study without groups, strata and clusters does not pay for.
 */
#include "labels.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LABELS = 100000, NAME_COLUMNS = 40, NAME_BYTES = 200 };

struct cell {
    char *text; /* NULL: missing */
    uint32_t row;
};

struct label {
    char *text;
    double number;
    bool is_number;
    uint32_t old; /* number in the order of bytes */
};

static int compare_cells(const void *a, const void *b)
{
    const struct cell *left = a, *right = b;
    if (left->text == NULL || right->text == NULL)
        return (left->text == NULL) - (right->text == NULL);
    return strcmp(left->text, right->text);
}

static int compare_labels(const void *a, const void *b)
{
    const struct label *left = a, *right = b;
    if (left->is_number != right->is_number)
        return right->is_number - left->is_number;
    if (left->is_number && left->number < right->number)
        return -1;
    if (left->is_number && left->number > right->number)
        return 1;
    return strcmp(left->text, right->text);
}

/* Takes the texts of rows sorted by text over into labels, in the order of numbers, then bytes. */
static enum pls_code order_labels(struct cell *cells, size_t rows, size_t count, char decimal,
                                  struct pls_labels *out, struct pls_error *err)
{
    struct label *labels = NULL;
    uint32_t *place = NULL;
    size_t next = 0;

    enum pls_code code = pls_alloc(&labels, count, sizeof *labels, err);
    if (code == PLS_OK)
        code = pls_alloc(&place, count, sizeof *place, err);
    if (code == PLS_OK)
        code = pls_alloc(&out->label, count, sizeof *out->label, err);
    if (code == PLS_OK)
        code = pls_alloc(&out->code, rows, sizeof *out->code, err);
    if (code != PLS_OK)
        goto done;
    for (size_t i = 0; i < rows; i++) {
        uint32_t *number = &out->code[cells[i].row];
        *number = PLS_NO_LABEL;
        if (cells[i].text == NULL)
            continue;
        if (next == 0 || strcmp(labels[next - 1].text, cells[i].text) != 0) {
            struct label *label = &labels[next];
            label->old = (uint32_t)next++;
            label->text = cells[i].text;
            label->is_number =
                pls_text_number(label->text, strlen(label->text), decimal, &label->number);
        }
        *number = (uint32_t)next - 1;
    }
    qsort(labels, count, sizeof *labels, compare_labels);
    for (size_t k = 0; k < count && code == PLS_OK; k++) {
        place[labels[k].old] = (uint32_t)k;
        code = pls_copy_text(&out->label[k], labels[k].text, strlen(labels[k].text), err);
        out->count = k + 1;
    }
    for (size_t i = 0; i < rows && code == PLS_OK; i++)
        if (out->code[i] != PLS_NO_LABEL)
            out->code[i] = place[out->code[i]];
done:
    free(labels);
    free(place);
    return code;
}

static enum pls_code make_labels(const struct pls_csv *csv, const struct pls_label_column *column,
                                 struct cell *cells, size_t rows, struct pls_labels *out,
                                 struct pls_error *err)
{
    size_t count = 0;

    qsort(cells, rows, sizeof *cells, compare_cells);
    for (size_t i = 0; i < rows && cells[i].text != NULL; i++)
        count += i == 0 || strcmp(cells[i - 1].text, cells[i].text) != 0;
    if (count > MOST_LABELS) {
        char name[NAME_BYTES];
        pls_text_printable(column->name, strlen(column->name), NAME_COLUMNS, name, sizeof name);
        return pls_fail(err, PLS_EDATA,
                        "%s: column \"%s\" holds more than %d different texts; name a column of "
                        "fewer categories",
                        csv->path, name, MOST_LABELS);
    }
    enum pls_code code = pls_copy_text(&out->name, column->name, strlen(column->name), err);
    return code == PLS_OK ? order_labels(cells, rows, count, csv->decimal, out, err) : code;
}

static enum pls_code refuse_missing(const struct pls_csv *csv,
                                    const struct pls_label_column *column, size_t file_row,
                                    size_t line, struct pls_error *err)
{
    const char *what = column->use == PLS_LABEL_STRATUM ? "stratum" : "cluster";
    char name[NAME_BYTES];
    pls_text_printable(column->name, strlen(column->name), NAME_COLUMNS, name, sizeof name);
    return pls_fail(err, PLS_EDATA,
                    "%s:%zu: row %zu has no %s, because its cell in column \"%s\" is missing; "
                    "fill it in, or take the row out of the file",
                    csv->path, line, file_row, what, name);
}

static enum pls_code read_text(const struct pls_field *field, char **out_new, struct pls_error *err)
{
    char *plain = NULL;
    enum pls_code code = pls_scan_copy(field, &plain, err);
    bool ascii = true;
    for (size_t i = 0; code == PLS_OK && plain[i] != '\0'; i++)
        ascii = ascii && (unsigned char)plain[i] < 0x80;
    if (code == PLS_OK && !ascii)
        code = pls_header_compose(plain, out_new, err);
    if (code != PLS_OK || !ascii) {
        free(plain);
        return code;
    }
    *out_new = plain;
    return PLS_OK;
}

/* The cells [label_count][rows] of one record, which is at most 2 GiB of file: rows fit 32 bits. */
static enum pls_code read_record(const struct pls_csv *csv, struct pls_scan *scan,
                                 const struct pls_dataset *dataset, size_t row, bool used,
                                 struct cell *cells, struct pls_error *err)
{
    const size_t line = scan->line;
    struct pls_field field;
    size_t column = 0;
    do {
        enum pls_code code = pls_scan_field(scan, &field, err);
        const size_t k = csv->label_slot[column++];
        if (code != PLS_OK)
            return code;
        if (!used || k == csv->options->label_count)
            continue;
        const struct pls_label_column *label = &csv->options->label[k];
        struct cell *cell = &cells[k * dataset->rows + row];
        cell->row = (uint32_t)row;
        if (!pls_cells_missing(csv, &field))
            code = read_text(&field, &cell->text, err);
        else if (label->use != PLS_LABEL_GROUP)
            code = refuse_missing(csv, label, dataset->file_row[row], line, err);
        if (code != PLS_OK)
            return code;
    } while (!field.last);
    return PLS_OK;
}

enum pls_code pls_labels_read(const struct pls_csv *csv, struct pls_dataset *dataset,
                              struct pls_error *err)
{
    const size_t count = csv->options->label_count, rows = dataset->rows;
    struct pls_scan scan = csv->body;
    struct cell *cells = NULL;
    size_t row = 0;

    if (count == 0)
        return PLS_OK;
    enum pls_code code = pls_alloc(&cells, count * rows, sizeof *cells, err);
    if (code == PLS_OK)
        code = pls_alloc(&dataset->labels, count, sizeof *dataset->labels, err);
    for (size_t at = 1; at <= csv->rows && code == PLS_OK && pls_csv_more(csv, &scan); at++) {
        const bool used = row < rows && dataset->file_row[row] == at;
        code = read_record(csv, &scan, dataset, row, used, cells, err);
        row += used;
    }
    for (size_t k = 0; k < count && code == PLS_OK; k++) {
        dataset->label_count = k + 1;
        code = make_labels(csv, &csv->options->label[k], cells + k * rows, rows,
                           &dataset->labels[k], err);
    }
    for (size_t i = 0; cells != NULL && i < count * rows; i++)
        free(cells[i].text);
    free(cells);
    return code;
}

void pls_labels_free(struct pls_labels *labels)
{
    for (size_t k = 0; labels->label != NULL && k < labels->count; k++)
        free(labels->label[k]);
    free(labels->label);
    free(labels->code);
    free(labels->name);
    *labels = (struct pls_labels){0};
}

size_t pls_dataset_labels(const struct pls_dataset *dataset, const char *name)
{
    size_t k = 0;
    while (k < dataset->label_count && strcmp(dataset->labels[k].name, name) != 0)
        k++;
    return k;
}

enum pls_code pls_dataset_add_labels(struct pls_dataset *dataset, const char *name, size_t count,
                                     const char *const *label, const uint32_t *code,
                                     struct pls_error *err)
{
    size_t capacity = dataset->label_count;
    struct pls_labels new = {0};

    for (size_t i = 0; i < dataset->rows; i++)
        if (code[i] >= count && code[i] != PLS_NO_LABEL)
            return pls_fail(err, PLS_EINTERNAL, "a row has label %u of %zu", code[i], count);
    enum pls_code result = pls_copy_text(&new.name, name, strlen(name), err);
    if (result == PLS_OK)
        result = pls_alloc(&new.code, dataset->rows, sizeof *new.code, err);
    if (result == PLS_OK)
        result = pls_alloc(&new.label, count, sizeof *new.label, err);
    for (size_t k = 0; k < count && result == PLS_OK; k++) {
        new.count = k + 1;
        result = pls_copy_text(&new.label[k], label[k], strlen(label[k]), err);
    }
    if (result == PLS_OK)
        result = pls_grow(&dataset->labels, &capacity, dataset->label_count + 1,
                          sizeof *dataset->labels, err);
    if (result != PLS_OK) {
        pls_labels_free(&new);
        return result;
    }
    if (dataset->rows > 0)
        memcpy(new.code, code, dataset->rows * sizeof *code);
    dataset->labels[dataset->label_count++] = new;
    return PLS_OK;
}

enum pls_code pls_labels_compact(struct pls_labels *labels, size_t rows, struct pls_error *err)
{
    uint32_t *place = NULL;
    size_t kept = 0;

    enum pls_code code = pls_alloc(&place, labels->count, sizeof *place, err);
    if (code != PLS_OK)
        return code;
    for (size_t i = 0; i < rows; i++)
        if (labels->code[i] != PLS_NO_LABEL)
            place[labels->code[i]] = 1;
    for (size_t k = 0; k < labels->count; k++) {
        if (place[k] == 0) {
            free(labels->label[k]);
            continue;
        }
        place[k] = (uint32_t)kept;
        labels->label[kept++] = labels->label[k];
    }
    labels->count = kept;
    for (size_t i = 0; i < rows; i++)
        if (labels->code[i] != PLS_NO_LABEL)
            labels->code[i] = place[labels->code[i]];
    free(place);
    return PLS_OK;
}
