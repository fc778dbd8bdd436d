/* dataset.c: a table of numbers: made, digested, freed. */
#include "plstrap/dataset.h"

#include "csv.h"
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
    free(dataset);
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
    if (code == PLS_OK)
        code = pls_digest_hex(digest, out, err);
    pls_digest_free(digest);
    return code;
}
