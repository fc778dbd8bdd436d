/*
 * schema_write.c: lays a result out and completes it. The order of creation decides bytes: it is
 * fixed here, and nothing here depends on anything but the contents.
 */
#include "hdf.h"
#include "schema.h"

#include "plstrap/alloc.h"
#include "plstrap/digest.h"

#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>

/* An open file and whether all went well so far: after a failure every step below is a no-op. */
struct writer {
    hid_t file;
    hid_t dataset; /* creation list: contiguous, early, never filled, without times */
    hid_t group;   /* creation list: without times */
    bool good;
    struct pls_error *err;
    enum pls_code code; /* of a failure that is not HDF5's */
    char cause[512];    /* of the first of HDF5's; its next call forgets it */
};

static void need(struct writer *w, herr_t status)
{
    if (w->good && status < 0)
        pls_hdf_cause(w->cause, sizeof w->cause);
    w->good = w->good && status >= 0;
}

static hid_t check(struct writer *w, hid_t id)
{
    need(w, id < 0 ? -1 : 0);
    return id;
}

/* Closing writes what HDF5 still holds: it can fail like any other write. */
static void shut(struct writer *w, hid_t id)
{
    if (id >= 0)
        need(w, H5Idec_ref(id) < 0 ? -1 : 0);
}

static void start(struct writer *w)
{
    w->group = check(w, H5Pcreate(H5P_GROUP_CREATE));
    w->dataset = check(w, H5Pcreate(H5P_DATASET_CREATE));
    if (!w->good)
        return;
    need(w, H5Pset_obj_track_times(w->group, 0));
    need(w, H5Pset_obj_track_times(w->dataset, 0));
    need(w, H5Pset_layout(w->dataset, H5D_CONTIGUOUS));
    need(w, H5Pset_alloc_time(w->dataset, H5D_ALLOC_TIME_EARLY));
    need(w, H5Pset_fill_time(w->dataset, H5D_FILL_TIME_NEVER));
}

static enum pls_code end(struct writer *w, const char *path)
{
    shut(w, w->dataset);
    shut(w, w->group);
    if (w->file >= 0)
        need(w, H5Fclose(w->file));
    if (w->code != PLS_OK || w->good)
        return w->code;
    return pls_fail(w->err, PLS_EIO,
                    "%s: cannot be written: %s; make room, or choose another folder with -o", path,
                    w->cause[0] != '\0' ? w->cause : "HDF5 gives no reason");
}

/* ---- one attribute, one dataset, one group ---- */

static hid_t text_type(struct writer *w, size_t width)
{
    const hid_t type = check(w, H5Tcopy(H5T_C_S1));
    if (w->good) {
        need(w, H5Tset_size(type, width));
        need(w, H5Tset_cset(type, H5T_CSET_UTF8));
        need(w, H5Tset_strpad(type, H5T_STR_NULLPAD));
    }
    return type;
}

static size_t text_width(const char *text)
{
    const size_t length = strlen(text);
    return length > 0 ? length : 1; /* HDF5 has no strings of width 0 */
}

static void put_attribute(struct writer *w, hid_t object, const char *name, hid_t type,
                          const hsize_t *opt_count, const void *value)
{
    hid_t space = H5I_INVALID_HID, attribute = H5I_INVALID_HID;
    if (w->good)
        space = check(w, opt_count != NULL ? H5Screate_simple(1, opt_count, NULL)
                                           : H5Screate(H5S_SCALAR));
    if (w->good)
        attribute = check(w, H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
    if (w->good)
        need(w, H5Awrite(attribute, type, value));
    shut(w, attribute);
    shut(w, space);
}

static void put_text_attribute(struct writer *w, hid_t object, const char *name, const char *text)
{
    const hid_t type = w->good ? text_type(w, text_width(text)) : H5I_INVALID_HID;
    put_attribute(w, object, name, type, NULL, text);
    shut(w, type);
}

/* With bytes: written, and their checksum beside them. Without: laid out only. */
static hid_t put_dataset(struct writer *w, hid_t parent, const char *name, hid_t type, int rank,
                         const hsize_t *dims, const void *opt_bytes)
{
    hid_t space = H5I_INVALID_HID, dataset = H5I_INVALID_HID;
    if (w->good)
        space = check(w, rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, dims, NULL));
    if (w->good)
        dataset =
            check(w, H5Dcreate2(parent, name, type, space, H5P_DEFAULT, w->dataset, H5P_DEFAULT));
    if (w->good && opt_bytes != NULL) {
        const size_t length = (size_t)H5Sget_simple_extent_npoints(space) * H5Tget_size(type);
        const uint64_t sum = pls_checksum(opt_bytes, length);
        put_attribute(w, dataset, "checksum", H5T_STD_U64LE, NULL, &sum);
        if (w->good)
            need(w, H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, opt_bytes));
    }
    shut(w, space);
    return dataset;
}

static void put_text(struct writer *w, const char *name, const char *text)
{
    const hid_t type = w->good ? text_type(w, text_width(text)) : H5I_INVALID_HID;
    const hid_t dataset = put_dataset(w, w->file, name, type, 0, NULL, text);
    if (w->good && strcmp(name, "study") == 0) {
        struct pls_digest *digest = NULL;
        char hex[65] = "";
        w->code = pls_digest_new(&digest, w->err);
        if (w->code == PLS_OK)
            w->code = pls_digest_add(digest, text, strlen(text), w->err);
        if (w->code == PLS_OK)
            w->code = pls_digest_hex(digest, hex, w->err);
        w->good = w->code == PLS_OK;
        put_text_attribute(w, dataset, "sha256", hex);
        pls_digest_free(digest);
    }
    shut(w, dataset);
    shut(w, type);
}

/* The i-th text of whatever holds them. */
typedef const char *text_fn(const void *texts, size_t i);

static const char *plain_text(const void *texts, size_t i)
{
    return ((const char *const *)texts)[i];
}

/* Texts as the rows of one padded block. */
static char *padded(struct writer *w, text_fn *get, const void *texts, size_t count, size_t *width)
{
    char *block = NULL;
    *width = 1;
    for (size_t i = 0; i < count; i++)
        if (strlen(get(texts, i)) > *width)
            *width = strlen(get(texts, i));
    w->code = pls_alloc(&block, count, *width, w->err);
    w->good = w->code == PLS_OK;
    for (size_t i = 0; w->good && i < count; i++)
        memcpy(block + i * *width, get(texts, i), strlen(get(texts, i)));
    return block;
}

static hid_t put_texts(struct writer *w, hid_t parent, const char *name, text_fn *get,
                       const void *texts, size_t count)
{
    if (!w->good)
        return H5I_INVALID_HID;
    size_t width;
    const hsize_t dims[] = {count};
    char *block = padded(w, get, texts, count, &width);
    const hid_t type = w->good ? text_type(w, width) : H5I_INVALID_HID;
    const hid_t dataset = put_dataset(w, parent, name, type, 1, dims, block);
    shut(w, type);
    free(block);
    return dataset;
}

/* HDF5 lists names by alphabet; the attribute `order` keeps ours. */
static void put_order(struct writer *w, hid_t group, text_fn *get, const void *texts, size_t count)
{
    if (!w->good || count == 0) /* an attribute cannot be empty */
        return;
    size_t width;
    const hsize_t dims[] = {count};
    char *block = padded(w, get, texts, count, &width);
    const hid_t type = w->good ? text_type(w, width) : H5I_INVALID_HID;
    put_attribute(w, group, "order", type, dims, block);
    shut(w, type);
    free(block);
}

/* The group at a path below parent; the groups on the way are made too, ours without times. */
static hid_t put_group(struct writer *w, hid_t parent, const char *path)
{
    hid_t group = H5I_INVALID_HID;
    char *part = NULL;
    if (!w->good)
        return group;
    for (const char *at = path; w->good && at != NULL;) {
        const char *slash = strchr(at, '/');
        const size_t length = slash != NULL ? (size_t)(slash - path) : strlen(path);
        w->code = pls_copy_text(&part, path, length, w->err);
        w->good = w->code == PLS_OK;
        if (!w->good)
            break;
        shut(w, group);
        const htri_t exists = H5Lexists(parent, part, H5P_DEFAULT);
        group = check(w, exists > 0 ? H5Gopen2(parent, part, H5P_DEFAULT)
                                    : H5Gcreate2(parent, part, H5P_DEFAULT, w->group, H5P_DEFAULT));
        free(part);
        at = slash != NULL ? slash + 1 : NULL;
    }
    return group;
}

/* ---- laid out before the first row ---- */

static const char *component_of(const void *texts, size_t i)
{
    return pls_component_name(((const struct pls_columns *)texts)->column[i].component);
}

static const char *term_of(const void *texts, size_t i)
{
    return ((const struct pls_columns *)texts)->column[i].term;
}

static const char *lhs_of(const void *texts, size_t i)
{
    return ((const struct pls_columns *)texts)->column[i].lhs;
}

static const char *op_of(const void *texts, size_t i)
{
    return ((const struct pls_columns *)texts)->column[i].op;
}

static const char *rhs_of(const void *texts, size_t i)
{
    return ((const struct pls_columns *)texts)->column[i].rhs;
}

static const char *series_of(const void *texts, size_t i)
{
    return ((const struct pls_series *)texts)[i].name;
}

/* Component and term name the columns of everything that has columns. */
struct scales {
    hid_t component;
    hid_t term;
};

static void attach(struct writer *w, hid_t dataset, const struct scales *scales)
{
    if (w->good)
        need(w, H5DSattach_scale(dataset, scales->component, 0));
    if (w->good)
        need(w, H5DSattach_scale(dataset, scales->term, 0));
    if (w->good)
        need(w, H5DSset_label(dataset, 0, "column"));
}

static void put_columns(struct writer *w, const struct pls_columns *columns, struct scales *scales)
{
    const hid_t group = put_group(w, w->file, "columns");
    scales->component = put_texts(w, group, "component", component_of, columns, columns->count);
    scales->term = put_texts(w, group, "term", term_of, columns, columns->count);
    shut(w, put_texts(w, group, "lhs", lhs_of, columns, columns->count));
    shut(w, put_texts(w, group, "op", op_of, columns, columns->count));
    shut(w, put_texts(w, group, "rhs", rhs_of, columns, columns->count));
    if (w->good)
        need(w, H5DSset_scale(scales->component, "component"));
    if (w->good)
        need(w, H5DSset_scale(scales->term, "term"));
    shut(w, group);
}

static void put_estimate(struct writer *w, const struct pls_contents *contents,
                         const struct scales *scales)
{
    const size_t count = contents->series[0].columns->count;
    const hsize_t dims[] = {count};
    double *estimate = NULL;
    if (!w->good)
        return;
    w->code = pls_alloc(&estimate, count, sizeof *estimate, w->err);
    w->good = w->code == PLS_OK;
    if (w->good) {
        memcpy(estimate, contents->estimate, count * sizeof *estimate);
        pls_lanes_canonical(estimate, count);
    }
    const hid_t dataset = put_dataset(w, w->file, "estimate", H5T_IEEE_F64LE, 1, dims, estimate);
    attach(w, dataset, scales);
    shut(w, dataset);
    free(estimate);
}

static uint64_t offset_of(struct writer *w, hid_t dataset, uint64_t bytes)
{
    if (!w->good || bytes == 0)
        return 0;
    const haddr_t offset = H5Dget_offset(dataset);
    w->good = offset != HADDR_UNDEF;
    return offset;
}

static void put_series(struct writer *w, hid_t parent, const struct pls_contents *contents,
                       struct pls_lanes *lanes, size_t s, const struct scales *scales)
{
    static const char *const names[PLS_RUNS] = {"values", "status", "flags", "where", "iterations"};
    const hid_t types[PLS_RUNS] = {H5T_IEEE_F64LE, H5T_STD_U8LE, H5T_STD_U8LE, H5T_STD_U16LE,
                                   H5T_STD_U16LE};
    struct pls_lanes_series *series = &lanes->series[s];
    const hsize_t values[] = {lanes->columns, series->count};
    const hsize_t sums[] = {pls_lanes_number(lanes), pls_schema_blocks(series->count)};
    const uint64_t block = PLS_BLOCK_ROWS;

    const hid_t group = put_group(w, parent, series->name);
    if (contents->shard.of > 0) {
        put_attribute(w, group, "first", H5T_STD_U64LE, NULL, &series->first);
        put_attribute(w, group, "total", H5T_STD_U64LE, NULL, &contents->series[s].count);
    }
    for (size_t run = 0; run < PLS_RUNS; run++) {
        const hid_t dataset = put_dataset(w, group, names[run], types[run], run == 0 ? 2 : 1,
                                          run == 0 ? values : values + 1, NULL);
        if (run == 0)
            attach(w, dataset, scales);
        if (run == 0 && w->good)
            need(w, H5DSset_label(dataset, 1, "replicate"));
        series->offset[run] = offset_of(w, dataset, pls_lanes_bytes(lanes, s, run));
        shut(w, dataset);
    }
    const hid_t checksum = put_dataset(w, group, "checksum", H5T_STD_U64LE, 2, sums, NULL);
    put_attribute(w, checksum, "block_rows", H5T_STD_U64LE, NULL, &block);
    shut(w, checksum);
    shut(w, group);
}

static void put_facts(struct writer *w, const struct pls_contents *contents)
{
    put_text_attribute(w, w->file, "plstrap_schema", PLS_SCHEMA);
    put_text_attribute(w, w->file, "plstrap_version", contents->version);
    put_text_attribute(w, w->file, "job", contents->job);
    put_text_attribute(w, w->file, "rows_digest", contents->rows_digest);
    put_attribute(w, w->file, "seed", H5T_STD_U64LE, NULL, &contents->seed);
    put_attribute(w, w->file, "observations", H5T_STD_U64LE, NULL, &contents->observations);
    if (contents->shard.of > 0) {
        const uint64_t number = contents->shard.number, of = contents->shard.of;
        put_attribute(w, w->file, "shard", H5T_STD_U64LE, NULL, &number);
        put_attribute(w, w->file, "shards", H5T_STD_U64LE, NULL, &of);
    }
    put_text(w, "study", contents->study);
    put_text(w, "model", contents->model);
    shut(w, put_texts(w, w->file, "indicators", plain_text, contents->indicator,
                      contents->indicators));
    shut(w, put_texts(w, w->file, "constructs", plain_text, contents->construct,
                      contents->constructs));
}

enum pls_code pls_schema_lay_out(const struct pls_contents *contents, struct pls_lanes *lanes,
                                 struct pls_error *err)
{
    struct writer w = {.file = H5I_INVALID_HID,
                       .dataset = H5I_INVALID_HID,
                       .group = H5I_INVALID_HID,
                       .good = true,
                       .err = err};
    struct scales scales = {H5I_INVALID_HID, H5I_INVALID_HID};

    const hid_t access = check(&w, pls_hdf_access());
    const hid_t create = check(&w, H5Pcreate(H5P_FILE_CREATE));
    if (w.good)
        need(&w, H5Pset_obj_track_times(create, 0));
    if (w.good)
        w.file = check(&w, H5Fcreate(lanes->path, H5F_ACC_EXCL, create, access));
    if (w.good)
        start(&w);
    put_facts(&w, contents);
    put_columns(&w, contents->series[0].columns, &scales);
    put_estimate(&w, contents, &scales);
    const hid_t group = put_group(&w, w.file, "series");
    put_order(&w, group, series_of, contents->series, contents->series_count);
    for (size_t s = 0; s < lanes->series_count; s++)
        put_series(&w, group, contents, lanes, s, &scales);
    shut(&w, group);
    shut(&w, scales.component);
    shut(&w, scales.term);
    const enum pls_code code = end(&w, lanes->path);
    pls_hdf_shut(create);
    pls_hdf_shut(access);
    return code;
}

/* ---- completed when all rows are there ---- */

static void put_sums(struct writer *w, const struct pls_lanes *lanes, uint64_t *const *sums)
{
    const hid_t all = w->good ? check(w, H5Gopen2(w->file, "series", H5P_DEFAULT)) : -1;
    for (size_t s = 0; w->good && s < lanes->series_count; s++) {
        const hid_t group = check(w, H5Gopen2(all, lanes->series[s].name, H5P_DEFAULT));
        const hid_t dataset = w->good ? check(w, H5Dopen2(group, "checksum", H5P_DEFAULT)) : -1;
        if (w->good)
            need(w, H5Dwrite(dataset, H5T_STD_U64LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, sums[s]));
        shut(w, dataset);
        shut(w, group);
    }
    shut(w, all);
}

static const char *table_name_of(const void *texts, size_t i)
{
    return ((const struct pls_tables *)texts)->table[i]->name;
}

static const char *column_name_of(const void *texts, size_t i)
{
    return ((const struct pls_table *)texts)->column[i].name;
}

static void put_reals(struct writer *w, hid_t group, const struct pls_table_column *column,
                      size_t rows)
{
    const hsize_t dims[] = {rows};
    double *copy = NULL;
    if (!w->good)
        return;
    w->code = pls_alloc(&copy, rows, sizeof *copy, w->err);
    w->good = w->code == PLS_OK;
    if (w->good && rows > 0) {
        memcpy(copy, column->cell.real, rows * sizeof *copy);
        pls_lanes_canonical(copy, rows);
    }
    shut(w, put_dataset(w, group, column->name, H5T_IEEE_F64LE, 1, dims, copy));
    free(copy);
}

static void put_table(struct writer *w, hid_t parent, const struct pls_table *table)
{
    const hsize_t dims[] = {table->rows};
    const int64_t none = 0; /* a place to point to where there are no rows */
    const hid_t group = put_group(w, parent, table->name);
    put_order(w, group, column_name_of, table, table->columns);
    for (size_t c = 0; c < table->columns; c++) {
        const struct pls_table_column *column = &table->column[c];
        switch (column->type) {
        case PLS_CELL_TEXT:
            shut(w, put_texts(w, group, column->name, plain_text, column->cell.text, table->rows));
            break;
        case PLS_CELL_REAL:
            put_reals(w, group, column, table->rows);
            break;
        case PLS_CELL_COUNT:
            shut(w, put_dataset(w, group, column->name, H5T_STD_I64LE, 1, dims,
                                table->rows > 0 ? column->cell.count : &none));
            break;
        }
    }
    shut(w, group);
}

enum pls_code pls_schema_complete(const char *path, const struct pls_lanes *lanes,
                                  const struct pls_contents *contents, uint64_t *const *sums,
                                  const char *digest, const struct pls_tables *tables,
                                  struct pls_error *err)
{
    const hsize_t state_dims[] = {contents->state_length};
    struct writer w = {.file = H5I_INVALID_HID,
                       .dataset = H5I_INVALID_HID,
                       .group = H5I_INVALID_HID,
                       .good = true,
                       .err = err};

    const hid_t access = check(&w, pls_hdf_access());
    if (w.good)
        w.file = check(&w, H5Fopen(path, H5F_ACC_RDWR, access));
    if (w.good)
        start(&w);
    put_sums(&w, lanes, sums);
    if (contents->state != NULL)
        shut(&w, put_dataset(&w, w.file, "state", H5T_STD_U8LE, 1, state_dims, contents->state));
    const hid_t group = put_group(&w, w.file, "tables");
    put_order(&w, group, table_name_of, tables, tables->count);
    for (size_t t = 0; t < tables->count; t++)
        put_table(&w, group, tables->table[t]);
    shut(&w, group);
    if (w.good) /* last: a file without it is unfinished */
        put_text_attribute(&w, w.file, "digest", digest);
    const enum pls_code code = end(&w, path);
    pls_hdf_shut(access);
    return code;
}

uint64_t pls_schema_blocks(uint64_t rows)
{
    return rows / PLS_BLOCK_ROWS + (rows % PLS_BLOCK_ROWS != 0);
}
