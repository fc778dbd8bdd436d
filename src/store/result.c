/* result.c: a finished result opened for reading, and rows read from it or from one being
 * filled. */
#include "state.h"

#include "crew.h"
#include "plstrap/alloc.h"
#include "plstrap/digest.h"
#include "plstrap/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t rows_of_block(const struct pls_lanes *lanes, size_t series, uint64_t block)
{
    const uint64_t left = lanes->series[series].count - block * PLS_BLOCK_ROWS;
    return left < PLS_BLOCK_ROWS ? (size_t)left : PLS_BLOCK_ROWS;
}

static enum pls_code check_block(const struct pls_result *result, const struct pls_lanes *own,
                                 size_t series, size_t lane, uint64_t block, bool *sound,
                                 struct pls_error *err)
{
    const uint64_t blocks = pls_schema_blocks(own->series[series].count);
    const size_t rows = rows_of_block(own, series, block);
    enum pls_code code =
        pls_lanes_read(own, series, lane, block * PLS_BLOCK_ROWS, rows, own->buffer, err);
    if (code == PLS_OK)
        *sound = pls_checksum(own->buffer, rows * pls_lanes_width(own, lane)) ==
                 result->sums[series][lane * blocks + block];
    return code;
}

enum pls_code pls_result_check_block(const struct pls_result *result, size_t series, size_t lane,
                                     uint64_t block, bool *sound, struct pls_error *err)
{
    return check_block(result, &result->lanes, series, lane, block, sound, err);
}

static enum pls_code damaged_block(const struct pls_result *result, size_t series, size_t lane,
                                   uint64_t block, struct pls_error *err)
{
    static const char *const outcomes[] = {"status", "flags", "where", "iterations"};
    const struct pls_lanes *lanes = &result->lanes;
    char column[160] = "", name[96];
    if (lane < lanes->columns) {
        const struct pls_column *of = &result->columns.column[lane];
        pls_text_printable(of->term, strlen(of->term), 60, name, sizeof name);
        snprintf(column, sizeof column, "%s:%s", pls_component_name(of->component), name);
    } else {
        snprintf(column, sizeof column, "%s", outcomes[lane - lanes->columns]);
    }
    const char *full = lanes->series[series].name;
    pls_text_printable(full, strlen(full), 40, name, sizeof name);
    const uint64_t first = lanes->series[series].first + block * PLS_BLOCK_ROWS;
    return pls_fail(err, PLS_EDATA,
                    "%s: damaged: rows %" PRIu64 " to %" PRIu64 " of %s in series %s do not fit "
                    "their checksum; copy it again from where it is whole, or give the command "
                    "that made it again to compute them anew",
                    lanes->path, first, first + rows_of_block(lanes, series, block) - 1, column,
                    name);
}

/* A pls_crew_fn: one lane of one series. */
static enum pls_code check_lane(void *self, const struct pls_lanes *own, size_t item,
                                struct pls_error *err)
{
    const struct pls_result *result = self;
    const size_t s = item / pls_lanes_number(own), lane = item % pls_lanes_number(own);
    enum pls_code code = PLS_OK;
    for (uint64_t b = 0; code == PLS_OK && b < pls_schema_blocks(own->series[s].count); b++) {
        bool sound = false;
        code = check_block(result, own, s, lane, b, &sound, err);
        if (code == PLS_OK && !sound)
            code = damaged_block(result, s, lane, b, err);
    }
    return code;
}

enum pls_code pls_result_open(const char *path, struct pls_result **out_new, struct pls_error *err)
{
    struct pls_result *result = NULL;
    enum pls_code code = pls_schema_read(path, &result, err);
    if (code == PLS_OK)
        code = pls_crew_run(&result->lanes,
                            result->lanes.series_count * pls_lanes_number(&result->lanes),
                            check_lane, result, err);
    if (code != PLS_OK) {
        pls_result_close(result);
        return code;
    }
    *out_new = result;
    return PLS_OK;
}

void pls_result_close(struct pls_result *result)
{
    if (result == NULL)
        return;
    for (size_t s = 0; result->sums != NULL && s < result->lanes.series_count; s++)
        free(result->sums[s]);
    free(result->sums);
    pls_lanes_free(&result->lanes);
    pls_columns_free(&result->columns);
    pls_tables_free(&result->tables);
    free(result->series);
    free(result->part);
    free(result->state);
    free(result->estimate);
    free(result->job);
    free(result->study);
    free(result->model);
    free(result->rows_digest);
    free(result->version);
    free(result->digest);
    free(result->indicator);
    free(result->construct);
    free(result);
}

const struct pls_contents *pls_result_contents(const struct pls_result *result)
{
    return &result->contents;
}

const char *pls_result_path(const struct pls_result *result)
{
    return result->lanes.path;
}

const char *pls_result_digest(const struct pls_result *result)
{
    return result->digest;
}

const struct pls_tables *pls_result_tables(const struct pls_result *result)
{
    return &result->tables;
}

/* ---- rows ---- */

/* *local is the number of the first row in the file. */
static enum pls_code find_rows(const struct pls_rows *rows, size_t series, uint64_t first,
                               size_t count, const struct pls_lanes **out, uint64_t *local,
                               struct pls_error *err)
{
    const struct pls_lanes *lanes =
        rows->store != NULL ? &rows->store->lanes : &rows->result->lanes;
    *out = lanes;
    if (series >= lanes->series_count || !pls_lanes_hold(lanes, series, first, count, local))
        return pls_fail(err, PLS_EINTERNAL, "%s: has no such rows", lanes->path);
    if (rows->store != NULL && !pls_spans_cover(&rows->store->done[series], *local, *local + count))
        return pls_fail(err, PLS_EINTERNAL, "%s: rows are read before they are computed",
                        lanes->path);
    return PLS_OK;
}

enum pls_code pls_rows_column(const struct pls_rows *rows, size_t series, size_t column,
                              uint64_t first, size_t count, double *out, struct pls_error *err)
{
    const struct pls_lanes *lanes;
    uint64_t local;
    enum pls_code code = find_rows(rows, series, first, count, &lanes, &local, err);
    if (code == PLS_OK && column >= lanes->columns)
        code = pls_fail(err, PLS_EINTERNAL, "%s: has no such column", lanes->path);
    return code == PLS_OK ? pls_lanes_read(lanes, series, column, local, count, out, err) : code;
}

/* Numbers of a foreign file index our names: they must be in range. */
static bool is_in_range(const struct pls_contents *contents, const struct pls_outcome *outcome)
{
    if (outcome->status >= PLS_STATUS_COUNT)
        return false;
    if (outcome->status == PLS_STATUS_CONSTANT)
        return outcome->where < contents->indicators;
    if (outcome->status > PLS_STATUS_CONSTANT || (outcome->flags & PLS_FLAG_TURNED) != 0)
        return outcome->where < contents->constructs;
    return true;
}

static enum pls_code check_outcomes(const struct pls_result *result,
                                    const struct pls_outcome *outcomes, uint64_t first,
                                    size_t count, struct pls_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!is_in_range(&result->contents, &outcomes[i]))
            return pls_fail(err, PLS_EDATA,
                            "%s: row %" PRIu64 " has the outcome %u at %u, which this plstrap does "
                            "not know; use the version of plstrap that wrote it",
                            result->lanes.path, first + i, (unsigned)outcomes[i].status,
                            (unsigned)outcomes[i].where);
    return PLS_OK;
}

static enum pls_code read_outcomes(const struct pls_lanes *lanes, size_t series, uint64_t first,
                                   size_t count, struct pls_outcome *out, struct pls_error *err)
{
    const uint8_t *bytes = lanes->buffer;
    for (size_t field = 0; field < PLS_RUNS - 1; field++) {
        enum pls_code code =
            pls_lanes_read(lanes, series, lanes->columns + field, first, count, lanes->buffer, err);
        if (code != PLS_OK)
            return code;
        for (size_t i = 0; i < count; i++)
            switch (field) {
            case 0:
                out[i].status = bytes[i];
                break;
            case 1:
                out[i].flags = bytes[i];
                break;
            case 2:
                memcpy(&out[i].where, bytes + 2 * i, 2);
                break;
            default:
                memcpy(&out[i].iterations, bytes + 2 * i, 2);
                break;
            }
    }
    return PLS_OK;
}

enum pls_code pls_rows_outcomes(const struct pls_rows *rows, size_t series, uint64_t first,
                                size_t count, struct pls_outcome *out, struct pls_error *err)
{
    const struct pls_lanes *lanes;
    uint64_t local;
    enum pls_code code = find_rows(rows, series, first, count, &lanes, &local, err);
    for (size_t done = 0; code == PLS_OK && done < count;) {
        const size_t piece = count - done < PLS_BLOCK_ROWS ? count - done : PLS_BLOCK_ROWS;
        code = read_outcomes(lanes, series, local + done, piece, out + done, err);
        if (code == PLS_OK && rows->result != NULL)
            code = check_outcomes(rows->result, out + done, first + done, piece, err);
        done += piece;
    }
    return code;
}
