/* schema_read.c: a finished result read into memory, but for its rows. */
#include "foreign.h"
#include "hdf.h"
#include "schema.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the parts of a result ---- */

static enum pls_code read_shard(const struct pls_foreign *r, struct pls_shard *out)
{
    uint64_t number = 0, of = 0;
    const bool numbered = pls_foreign_number(r->file, "shard", &number);
    const bool counted = pls_foreign_number(r->file, "shards", &of);
    if (numbered != counted || (counted && (number < 1 || number > of || of > PLS_SHARD_MOST)))
        return pls_foreign_damaged(r, "not in the form of the schema is the attribute", "shard");
    *out = (struct pls_shard){(uint32_t)number, (uint32_t)of};
    return PLS_OK;
}

static enum pls_code read_facts(const struct pls_foreign *r, bool part, struct pls_result *result)
{
    char *schema = NULL;
    bool ours, finished = false;
    enum pls_code code = pls_foreign_fact(r, "plstrap_schema", &schema, &ours);
    if (code == PLS_OK && !ours)
        code = pls_fail(r->err, PLS_EDATA,
                        "%s: is an HDF5 file but not a result of plstrap: it has no attribute "
                        "plstrap_schema; name another file",
                        r->path);
    if (code == PLS_OK && strncmp(schema, "1.", 2) != 0) {
        char shown[64];
        pls_text_printable(schema, strlen(schema), 20, shown, sizeof shown);
        code = pls_fail(r->err, PLS_EDATA,
                        "%s: is of schema %s, and this plstrap reads schema %s; use the version of "
                        "plstrap that wrote it, or a newer one",
                        r->path, shown, PLS_SCHEMA);
    }
    if (code == PLS_OK)
        code = pls_foreign_fact(r, "digest", &result->digest, &finished);
    if (code == PLS_OK && !finished && !part)
        code = pls_fail(r->err, PLS_EDATA,
                        "%s: is unfinished; give the command that makes it again to complete it",
                        r->path);
    if (code == PLS_OK)
        code = pls_foreign_fact(r, "plstrap_version", &result->version, NULL);
    if (code == PLS_OK)
        code = pls_foreign_fact(r, "job", &result->job, NULL);
    if (code == PLS_OK)
        code = pls_foreign_fact(r, "rows_digest", &result->rows_digest, NULL);
    if (code == PLS_OK && !pls_foreign_number(r->file, "seed", &result->contents.seed))
        code = pls_foreign_damaged(r, "it lacks the attribute", "seed");
    if (code == PLS_OK &&
        !pls_foreign_number(r->file, "observations", &result->contents.observations))
        code = pls_foreign_damaged(r, "it lacks the attribute", "observations");
    if (code == PLS_OK)
        code = read_shard(r, &result->contents.shard);
    free(schema);
    return code;
}

static enum pls_code read_texts(const struct pls_foreign *r, struct pls_result *result)
{
    struct pls_array array;
    struct pls_contents *contents = &result->contents;
    enum pls_code code =
        pls_foreign_load(r, r->file, "study", H5I_INVALID_HID, 0, &array, &result->study);
    if (code == PLS_OK)
        code = pls_foreign_load(r, r->file, "model", H5I_INVALID_HID, 0, &array, &result->model);
    if (code == PLS_OK)
        code =
            pls_foreign_texts(r, r->file, "indicators", &result->indicator, &contents->indicators);
    if (code == PLS_OK)
        code =
            pls_foreign_texts(r, r->file, "constructs", &result->construct, &contents->constructs);
    if (code == PLS_OK) {
        pls_foreign_make_valid(result->study);
        pls_foreign_make_valid(result->model);
    }
    return code;
}

static bool find_component(const char *name, enum pls_component *out)
{
    for (int c = 0; c < PLS_COMPONENTS; c++)
        if (strcmp(pls_component_name((enum pls_component)c), name) == 0) {
            *out = (enum pls_component)c;
            return true;
        }
    return false;
}

static enum pls_code read_columns(const struct pls_foreign *r, struct pls_result *result)
{
    static const char *const names[] = {"component", "term", "lhs", "op", "rhs"};
    enum { PARTS = 5 };
    char **texts[PARTS] = {NULL};
    size_t count[PARTS] = {0};
    hid_t group;
    enum pls_code code = pls_foreign_object(r, r->file, "columns", H5I_GROUP, &group);
    for (size_t i = 0; code == PLS_OK && i < PARTS; i++) {
        code = pls_foreign_texts(r, group, names[i], &texts[i], &count[i]);
        if (code == PLS_OK && count[i] != count[0])
            code = pls_foreign_damaged(r, "not in the form of the schema is", "columns");
    }
    for (size_t c = 0; code == PLS_OK && c < count[0]; c++) {
        enum pls_component component = PLS_WEIGHT;
        if (!find_component(texts[0][c], &component))
            code = pls_foreign_damaged(r, "unknown to this plstrap is the component", texts[0][c]);
        if (code == PLS_OK)
            code = pls_columns_add(&result->columns, component, texts[2][c], texts[3][c],
                                   texts[4][c], r->err);
        if (code == PLS_OK && strcmp(result->columns.column[c].term, texts[1][c]) != 0)
            code = pls_foreign_damaged(r, "its parts do not make the term", texts[1][c]);
    }
    for (size_t i = 0; i < PARTS; i++)
        free(texts[i]);
    pls_hdf_shut(group);
    return code;
}

static enum pls_code read_estimate(const struct pls_foreign *r, struct pls_result *result)
{
    struct pls_array array;
    enum pls_code code =
        pls_foreign_load(r, r->file, "estimate", H5T_IEEE_F64LE, 1, &array, &result->estimate);
    if (code == PLS_OK && array.dims[0] != result->columns.count)
        code = pls_foreign_damaged(r, "not in the form of the schema is", "estimate");
    return code;
}

/* Which rows of a series a shard has; of a whole result all, from 0. */
static enum pls_code read_part(const struct pls_foreign *r, hid_t group, struct pls_result *result,
                               size_t s)
{
    struct pls_lanes_series *series = &result->lanes.series[s];
    uint64_t total = series->count;
    if (result->contents.shard.of > 0 &&
        (!pls_foreign_number(group, "first", &series->first) ||
         !pls_foreign_number(group, "total", &total) || series->first > total ||
         series->count > total - series->first))
        return pls_foreign_damaged(r, "not in the form of the schema are the rows of",
                                   series->name);
    result->series[s] = (struct pls_series){series->name, total, &result->columns};
    result->part[s] = (struct pls_range){(uint32_t)s, series->first, series->count};
    return PLS_OK;
}

static enum pls_code read_one_series(const struct pls_foreign *r, hid_t parent,
                                     struct pls_result *result, size_t s)
{
    static const char *const names[PLS_RUNS] = {"values", "status", "flags", "where", "iterations"};
    const hid_t types[PLS_RUNS] = {H5T_IEEE_F64LE, H5T_STD_U8LE, H5T_STD_U8LE, H5T_STD_U16LE,
                                   H5T_STD_U16LE};
    struct pls_lanes *lanes = &result->lanes;
    struct pls_lanes_series *series = &lanes->series[s];
    struct pls_array array;
    hid_t group;
    enum pls_code code = pls_foreign_object(r, parent, series->name, H5I_GROUP, &group);
    for (size_t run = 0; code == PLS_OK && run < PLS_RUNS; run++) {
        code = pls_foreign_find(r, group, names[run], types[run], run == 0 ? 2 : 1, &array);
        if (code == PLS_OK && run == 0)
            series->count = array.dims[1];
        if (code == PLS_OK &&
            (run == 0 ? array.dims[0] != lanes->columns : array.dims[0] != series->count))
            code =
                pls_foreign_damaged(r, "not in the form of the schema is the series", series->name);
        series->offset[run] = array.offset;
    }
    if (code == PLS_OK)
        code = read_part(r, group, result, s);
    if (code == PLS_OK)
        code = pls_foreign_find(r, group, "checksum", H5T_STD_U64LE, 2, &array);
    if (code == PLS_OK && (array.dims[0] != pls_lanes_number(lanes) ||
                           array.dims[1] != pls_schema_blocks(series->count)))
        code = pls_foreign_damaged(r, "not in the form of the schema are the checksums of",
                                   series->name);
    if (code == PLS_OK)
        code = pls_alloc(&result->sums[s], (size_t)array.bytes, 1, r->err);
    if (code == PLS_OK &&
        !pls_lanes_pread(r->fd, result->sums[s], (size_t)array.bytes, array.offset))
        code = pls_foreign_damaged(r, "it cannot read the checksums of", series->name);
    pls_hdf_shut(group);
    return code;
}

static enum pls_code read_series(const struct pls_foreign *r, struct pls_result *result)
{
    char **names = NULL;
    size_t count = 0;
    hid_t group;
    enum pls_code code = pls_foreign_object(r, r->file, "series", H5I_GROUP, &group);
    if (code == PLS_OK)
        code = pls_foreign_order(r, group, &names, &count);
    if (code == PLS_OK)
        code = pls_alloc(&result->sums, count, sizeof *result->sums, r->err);
    if (code == PLS_OK) /* one more, so that the first names the columns in any case */
        code = pls_alloc(&result->series, count + 1, sizeof *result->series, r->err);
    if (code == PLS_OK)
        code = pls_alloc(&result->part, count, sizeof *result->part, r->err);
    if (code == PLS_OK)
        result->series[0] = (struct pls_series){"", 0, &result->columns};
    if (code == PLS_OK)
        code = pls_lanes_init(&result->lanes, r->path, result->columns.count, count, r->err);
    for (size_t s = 0; code == PLS_OK && s < count; s++) {
        struct pls_lanes_series *series = &result->lanes.series[s];
        code = pls_copy_text(&series->name, names[s], strlen(names[s]), r->err);
        if (code == PLS_OK)
            code = read_one_series(r, group, result, s);
    }
    free(names);
    pls_hdf_shut(group);
    return code;
}

/* A shard that keeps no rows has its counts. */
static enum pls_code read_state(const struct pls_foreign *r, struct pls_result *result)
{
    struct pls_array array;
    if (result->contents.shard.of == 0 || result->lanes.series_count > 0)
        return PLS_OK;
    const enum pls_code code =
        pls_foreign_load(r, r->file, "state", H5T_STD_U8LE, 1, &array, &result->state);
    if (code == PLS_OK) {
        result->contents.state = result->state;
        result->contents.state_length = (size_t)array.bytes;
    }
    return code;
}

/* ---- tables ---- */

/* Which type a column of a table is stored as. */
static enum pls_code column_type(const struct pls_foreign *r, hid_t group, const char *name,
                                 enum pls_cell *out)
{
    hid_t dataset;
    enum pls_code code = pls_foreign_object(r, group, name, H5I_DATASET, &dataset);
    if (code != PLS_OK)
        return code;
    const hid_t type = H5Dget_type(dataset);
    switch (type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS) {
    case H5T_STRING:
        *out = PLS_CELL_TEXT;
        break;
    case H5T_FLOAT:
        *out = PLS_CELL_REAL;
        break;
    case H5T_INTEGER:
        *out = PLS_CELL_COUNT;
        break;
    default:
        code = pls_foreign_damaged(r, "of no type of the schema is", name);
    }
    pls_hdf_shut(type);
    pls_hdf_shut(dataset);
    return code;
}

static enum pls_code fill_texts(const struct pls_foreign *r, hid_t group,
                                struct pls_table_column *column, size_t rows)
{
    char **texts = NULL;
    size_t count;
    enum pls_code code = pls_foreign_texts(r, group, column->name, &texts, &count);
    if (code == PLS_OK && count != rows)
        code = pls_foreign_damaged(r, "not as long as its table is", column->name);
    for (size_t i = 0; code == PLS_OK && i < rows; i++)
        code = pls_copy_text(&column->cell.text[i], texts[i], strlen(texts[i]), r->err);
    free(texts);
    return code;
}

static enum pls_code fill_numbers(const struct pls_foreign *r, hid_t group,
                                  struct pls_table_column *column, size_t rows)
{
    struct pls_array array;
    void *bytes = NULL;
    const hid_t type = column->type == PLS_CELL_REAL ? H5T_IEEE_F64LE : H5T_STD_I64LE;
    enum pls_code code = pls_foreign_load(r, group, column->name, type, 1, &array, &bytes);
    if (code == PLS_OK && array.dims[0] != rows)
        code = pls_foreign_damaged(r, "not as long as its table is", column->name);
    if (code == PLS_OK)
        memcpy(column->cell.real, bytes, rows * sizeof(double)); /* a count is as wide */
    free(bytes);
    return code;
}

/* Declared as pls_tables_add wants it: a name with ':' or ' ' cannot have been ours. */
static enum pls_code declare_table(const struct pls_foreign *r, hid_t group, const char *name,
                                   char *const *names, size_t count, struct pls_tables *tables,
                                   struct pls_table **out)
{
    static const char *const words[] = {"text", "real", "count"};
    struct pls_text columns = {0};
    enum pls_code code = PLS_OK;
    for (size_t c = 0; code == PLS_OK && c < count; c++) {
        enum pls_cell type = PLS_CELL_TEXT;
        code = column_type(r, group, names[c], &type);
        if (code == PLS_OK && strpbrk(names[c], ": ") != NULL)
            code = pls_foreign_damaged(r, "no name of a column is", names[c]);
        if (code == PLS_OK)
            code = pls_text_printf(&columns, r->err, "%s%s:%s", c > 0 ? " " : "", names[c],
                                   words[type]);
    }
    if (code == PLS_OK)
        code = pls_tables_add(tables, name, columns.length > 0 ? columns.data : "", out, r->err);
    pls_text_free(&columns);
    return code;
}

static enum pls_code read_table(const struct pls_foreign *r, hid_t parent, const char *name,
                                struct pls_tables *tables)
{
    struct pls_table *table = NULL;
    struct pls_array array = {0};
    char **names = NULL;
    size_t count = 0;
    hid_t group;
    enum pls_code code = pls_foreign_object(r, parent, name, H5I_GROUP, &group);
    if (code == PLS_OK)
        code = pls_foreign_order(r, group, &names, &count);
    if (code == PLS_OK)
        code = declare_table(r, group, name, names, count, tables, &table);
    if (code == PLS_OK && count > 0) {
        const hid_t types[] = {H5I_INVALID_HID, H5T_IEEE_F64LE, H5T_STD_I64LE};
        code = pls_foreign_find(r, group, names[0], types[table->column[0].type], 1, &array);
    }
    const size_t rows = (size_t)array.dims[0];
    for (size_t c = 0; code == PLS_OK && c < count; c++)
        code = pls_alloc(&table->column[c].cell, rows, sizeof(double), r->err);
    if (code == PLS_OK && table != NULL)
        table->rows = table->capacity = rows; /* only now: all cells are there, and zero */
    for (size_t c = 0; code == PLS_OK && c < count; c++)
        code = table->column[c].type == PLS_CELL_TEXT
                   ? fill_texts(r, group, &table->column[c], rows)
                   : fill_numbers(r, group, &table->column[c], rows);
    free(names);
    pls_hdf_shut(group);
    return code;
}

static enum pls_code read_tables(const struct pls_foreign *r, struct pls_result *result)
{
    char **names = NULL;
    size_t count = 0;
    hid_t group;
    enum pls_code code = pls_foreign_object(r, r->file, "tables", H5I_GROUP, &group);
    if (code == PLS_OK)
        code = pls_foreign_order(r, group, &names, &count);
    for (size_t t = 0; code == PLS_OK && t < count; t++)
        code = read_table(r, group, names[t], &result->tables);
    free(names);
    pls_hdf_shut(group);
    return code;
}

/* ---- all of it ---- */

static void point_contents(struct pls_result *result)
{
    struct pls_contents *contents = &result->contents;
    contents->job = result->job;
    contents->study = result->study;
    contents->model = result->model;
    contents->rows_digest = result->rows_digest;
    contents->version = result->version;
    contents->series = result->series;
    contents->series_count = result->lanes.series_count;
    contents->part = result->part;
    contents->estimate = result->estimate;
    contents->indicator = (const char *const *)result->indicator;
    contents->construct = (const char *const *)result->construct;
}

static enum pls_code read_all(struct pls_foreign *r, bool part, struct pls_result *result)
{
    const hid_t access = pls_hdf_access();
    enum pls_code code = PLS_OK;
    r->file = access >= 0 ? H5Fopen(r->path, H5F_ACC_RDONLY, access) : H5I_INVALID_HID;
    if (r->file < 0) {
        char cause[128];
        code = pls_hdf_cause(cause, sizeof cause)
                   ? pls_fail(r->err, PLS_EIO, "%s: cannot be read: %s", r->path, cause)
                   : pls_foreign_damaged(r, "HDF5 cannot open it:", cause);
    }
    if (code == PLS_OK)
        code = read_facts(r, part, result);
    if (code == PLS_OK)
        code = read_texts(r, result);
    if (code == PLS_OK)
        code = read_columns(r, result);
    if (code == PLS_OK)
        code = read_estimate(r, result);
    if (code == PLS_OK)
        code = read_series(r, result);
    if (code == PLS_OK && !part)
        code = read_state(r, result);
    if (code == PLS_OK && !part)
        code = read_tables(r, result);
    if (r->file >= 0)
        H5Fclose(r->file);
    pls_hdf_shut(access);
    return code;
}

static enum pls_code read_file(const char *path, bool part, struct pls_result **out_new,
                               struct pls_error *err)
{
    struct pls_foreign r = {.path = path, .fd = -1, .file = H5I_INVALID_HID, .err = err};
    struct pls_result *result = NULL;
    enum pls_code code = pls_alloc(&result, 1, sizeof *result, err);
    if (code != PLS_OK)
        return code;
    result->lanes.fd = -1;
    code = pls_foreign_open(&r);
    if (code == PLS_OK)
        code = pls_foreign_check_header(&r);
    if (code == PLS_OK)
        code = read_all(&r, part, result);
    if (code == PLS_OK) {
        result->lanes.fd = r.fd;
        r.fd = -1;
        point_contents(result);
        *out_new = result;
        result = NULL;
    }
    if (r.fd >= 0)
        close(r.fd);
    pls_result_close(result);
    return code;
}

enum pls_code pls_schema_read(const char *path, struct pls_result **out_new, struct pls_error *err)
{
    return read_file(path, false, out_new, err);
}

enum pls_code pls_result_open_part(const char *path, struct pls_result **out_new,
                                   struct pls_error *err)
{
    struct pls_text part = {0};
    enum pls_code code = pls_text_printf(&part, err, "%s.part", path);
    if (code == PLS_OK)
        code = read_file(part.data, true, out_new, err);
    pls_text_free(&part);
    return code;
}
