/* dataset.c: a table of numbers: made, digested, freed. */
#include "plstrap/dataset.h"

#include "labels.h"
#include "plstrap/alloc.h"
#include "plstrap/digest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum pls_code pls_dataset_allocate(size_t rows, size_t columns, const char *const *name,
                                   struct pls_dataset **out_new, struct pls_error *err)
{
    struct pls_dataset *dataset = NULL;
    enum pls_code code = pls_alloc(&dataset, 1, sizeof *dataset, err);
    if (code != PLS_OK)
        return code;
    *dataset = (struct pls_dataset){.rows = rows, .rows_in_file = rows, .columns = columns};
    dataset->delimiter = ',';
    dataset->decimal = '.';

    if (columns > 0 && rows > SIZE_MAX / columns)
        code = pls_fail(err, PLS_EUNAVAILABLE, "there is no memory for %zu rows of %zu columns",
                        rows, columns);
    if (code == PLS_OK)
        code = pls_alloc(&dataset->values, rows * columns, sizeof *dataset->values, err);
    if (code == PLS_OK)
        code = pls_alloc(&dataset->file_row, rows, sizeof *dataset->file_row, err);
    if (code == PLS_OK)
        code = pls_alloc(&dataset->missing, columns, sizeof *dataset->missing, err);
    if (code == PLS_OK)
        code = pls_alloc(&dataset->name, columns, sizeof *dataset->name, err);
    for (size_t i = 0; i < columns && code == PLS_OK; i++)
        code = pls_copy_text(&dataset->name[i], name[i], strlen(name[i]), err);
    if (code == PLS_OK) {
        *out_new = dataset;
        dataset = NULL;
    }
    pls_dataset_free(dataset);
    return code;
}

enum pls_code pls_dataset_new(size_t rows, size_t columns, const char *const *name,
                              const double *values, struct pls_dataset **out_new,
                              struct pls_error *err)
{
    enum pls_code code = pls_dataset_allocate(rows, columns, name, out_new, err);
    if (code != PLS_OK)
        return code;
    if (rows * columns > 0)
        memcpy((*out_new)->values, values, rows * columns * sizeof *values);
    for (size_t i = 0; i < rows; i++)
        (*out_new)->file_row[i] = i + 1;
    return PLS_OK;
}

void pls_dataset_free(struct pls_dataset *dataset)
{
    if (dataset == NULL)
        return;
    for (size_t i = 0; dataset->name != NULL && i < dataset->columns; i++)
        free(dataset->name[i]);
    free(dataset->name);
    free(dataset->values);
    free(dataset->file_row);
    free(dataset->missing);
    for (size_t k = 0; k < dataset->label_count; k++)
        pls_labels_free(&dataset->labels[k]);
    free(dataset->labels);
    free(dataset);
}

enum pls_code pls_dataset_keep(struct pls_dataset *dataset, const uint8_t *keep,
                               struct pls_error *err)
{
    const size_t columns = dataset->columns;
    enum pls_code code = PLS_OK;
    size_t kept = 0;

    for (size_t i = 0; i < dataset->rows; i++) {
        if (!keep[i])
            continue;
        memmove(dataset->values + kept * columns, dataset->values + i * columns,
                columns * sizeof *dataset->values);
        dataset->file_row[kept] = dataset->file_row[i];
        for (size_t k = 0; k < dataset->label_count; k++)
            dataset->labels[k].code[kept] = dataset->labels[k].code[i];
        kept++;
    }
    dataset->rows = kept;
    for (size_t k = 0; k < dataset->label_count && code == PLS_OK; k++)
        code = pls_labels_compact(&dataset->labels[k], kept, err);
    return code;
}

/* ---- digest: the same bytes on every machine ---- */

static void put_u64(uint64_t value, unsigned char out[8])
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (unsigned char)(value >> (8 * i));
}

static enum pls_code add_u64(struct pls_digest *digest, uint64_t value, struct pls_error *err)
{
    unsigned char bytes[8];
    put_u64(value, bytes);
    return pls_digest_add(digest, bytes, sizeof bytes, err);
}

static enum pls_code add_values(struct pls_digest *digest, const double *values, size_t count,
                                struct pls_error *err)
{
    enum { AT_ONCE = 512 };
    unsigned char bytes[8 * AT_ONCE];
    enum pls_code code = PLS_OK;
    for (size_t start = 0; start < count && code == PLS_OK; start += AT_ONCE) {
        const size_t part = count - start < AT_ONCE ? count - start : AT_ONCE;
        for (size_t i = 0; i < part; i++) {
            const double value = values[start + i] + 0.0; /* -0.0 + 0.0 is 0.0 */
            uint64_t bits;
            memcpy(&bits, &value, sizeof bits);
            put_u64(bits, bytes + 8 * i);
        }
        code = pls_digest_add(digest, bytes, 8 * part, err);
    }
    return code;
}

static enum pls_code add_labels(struct pls_digest *digest, const struct pls_labels *labels,
                                size_t rows, struct pls_error *err)
{
    enum pls_code code = pls_digest_add_text(digest, labels->name, err);
    if (code == PLS_OK)
        code = add_u64(digest, labels->count, err);
    for (size_t k = 0; k < labels->count && code == PLS_OK; k++)
        code = pls_digest_add_text(digest, labels->label[k], err);
    for (size_t i = 0; i < rows && code == PLS_OK; i++)
        code = add_u64(digest, labels->code[i], err);
    return code;
}

enum pls_code pls_dataset_digest(const struct pls_dataset *dataset, char out[65],
                                 struct pls_error *err)
{
    struct pls_digest *digest = NULL;
    enum pls_code code = pls_digest_new(&digest, err);
    if (code != PLS_OK)
        return code;
    code = add_u64(digest, dataset->rows, err);
    if (code == PLS_OK)
        code = add_u64(digest, dataset->columns, err);
    for (size_t i = 0; i < dataset->columns && code == PLS_OK; i++)
        code = pls_digest_add_text(digest, dataset->name[i], err);
    if (code == PLS_OK)
        code = add_values(digest, dataset->values, dataset->rows * dataset->columns, err);
    for (size_t k = 0; k < dataset->label_count && code == PLS_OK; k++)
        code = add_labels(digest, &dataset->labels[k], dataset->rows, err);
    if (code == PLS_OK)
        code = pls_digest_hex(digest, out, err);
    pls_digest_free(digest);
    return code;
}
