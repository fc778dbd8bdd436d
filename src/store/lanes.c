/* lanes.c: rows in a file, read and written at known offsets. */
#include "lanes.h"

#include "plstrap/alloc.h"
#include "plstrap/digest.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if BYTE_ORDER != LITTLE_ENDIAN
#error "rows go to the file as they lie in memory, which must be little-endian"
#endif

static const uint8_t run_width[PLS_RUNS] = {8, 1, 1, 2, 2};

enum pls_code pls_lanes_init(struct pls_lanes *lanes, const char *path, size_t columns,
                             size_t series_count, struct pls_error *err)
{
    *lanes = (struct pls_lanes){.fd = -1, .columns = columns};
    enum pls_code code = pls_copy_text(&lanes->path, path, strlen(path), err);
    if (code == PLS_OK)
        code = pls_alloc(&lanes->series, series_count, sizeof *lanes->series, err);
    if (code == PLS_OK) {
        lanes->series_count = series_count;
        code = pls_alloc(&lanes->buffer, PLS_BLOCK_ROWS, sizeof(double), err);
    }
    if (code == PLS_OK)
        code = pls_alloc(&lanes->sums, pls_lanes_number(lanes), sizeof *lanes->sums, err);
    return code;
}

void pls_lanes_free(struct pls_lanes *lanes)
{
    if (lanes->fd >= 0)
        close(lanes->fd);
    for (size_t s = 0; s < lanes->series_count; s++)
        free(lanes->series[s].name);
    free(lanes->series);
    free(lanes->path);
    free(lanes->buffer);
    free(lanes->sums);
    *lanes = (struct pls_lanes){.fd = -1};
}

size_t pls_lanes_number(const struct pls_lanes *lanes)
{
    return lanes->columns + PLS_RUNS - 1;
}

static size_t run_of(const struct pls_lanes *lanes, size_t lane)
{
    return lane < lanes->columns ? 0 : lane - lanes->columns + 1;
}

size_t pls_lanes_width(const struct pls_lanes *lanes, size_t lane)
{
    return run_width[run_of(lanes, lane)];
}

uint64_t pls_lanes_bytes(const struct pls_lanes *lanes, size_t series, size_t run)
{
    const uint64_t rows = lanes->series[series].count * run_width[run];
    return run == 0 ? rows * lanes->columns : rows;
}

size_t pls_lanes_find(const struct pls_lanes *lanes, const char *name)
{
    size_t s = 0;
    while (s < lanes->series_count && strcmp(lanes->series[s].name, name) != 0)
        s++;
    return s;
}

static uint64_t place(const struct pls_lanes *lanes, size_t series, size_t lane, uint64_t row)
{
    const struct pls_lanes_series *of = &lanes->series[series];
    const size_t run = run_of(lanes, lane);
    const uint64_t before = run == 0 ? lane * of->count : 0;
    return of->offset[run] + (before + row) * run_width[run];
}

bool pls_lanes_pread(int fd, void *bytes, size_t length, uint64_t offset)
{
    for (size_t done = 0; done < length;) {
        errno = 0;
        const ssize_t got = pread(fd, (char *)bytes + done, length - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

bool pls_lanes_pwrite(int fd, const void *bytes, size_t length, uint64_t offset)
{
    for (size_t done = 0; done < length;) {
        const ssize_t put =
            pwrite(fd, (const char *)bytes + done, length - done, (off_t)(offset + done));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

enum pls_code pls_lanes_read(const struct pls_lanes *lanes, size_t series, size_t lane,
                             uint64_t first, size_t count, void *out, struct pls_error *err)
{
    const size_t length = count * pls_lanes_width(lanes, lane);
    if (pls_lanes_pread(lanes->fd, out, length, place(lanes, series, lane, first)))
        return PLS_OK;
    return pls_fail(err, PLS_EIO, "%s: rows %" PRIu64 " to %" PRIu64 " of %s cannot be read: %s",
                    lanes->path, first, first + count - 1, lanes->series[series].name,
                    errno != 0 ? strerror(errno) : "the file has become shorter");
}

enum pls_code pls_lanes_write(const struct pls_lanes *lanes, size_t series, size_t lane,
                              uint64_t first, size_t count, const void *bytes,
                              struct pls_error *err)
{
    const size_t length = count * pls_lanes_width(lanes, lane);
    if (pls_lanes_pwrite(lanes->fd, bytes, length, place(lanes, series, lane, first)))
        return PLS_OK;
    const int cause = errno;
    uint64_t needed = 0;
    for (size_t s = 0; s < lanes->series_count; s++)
        for (size_t run = 0; run < PLS_RUNS; run++)
            needed += pls_lanes_bytes(lanes, s, run);
    return pls_fail(err, PLS_EIO,
                    "%s: rows %" PRIu64 " to %" PRIu64 " of %s cannot be written: %s; make room "
                    "(all rows take %" PRIu64 " bytes) and give the same command again",
                    lanes->path, first, first + count - 1, lanes->series[series].name,
                    strerror(cause), needed);
}

void pls_lanes_canonical(double *values, size_t count)
{
    static const uint64_t bits = UINT64_C(0x7ff8000000000000);
    for (size_t i = 0; i < count; i++)
        if (isnan(values[i]))
            memcpy(&values[i], &bits, sizeof bits);
}

static uint64_t sum_of_sums(const struct pls_lanes *lanes)
{
    return pls_checksum(lanes->sums, pls_lanes_number(lanes) * sizeof *lanes->sums);
}

enum pls_code pls_lanes_sum(const struct pls_lanes *lanes, size_t series, uint64_t first,
                            size_t count, uint64_t *sum, struct pls_error *err)
{
    for (size_t lane = 0; lane < pls_lanes_number(lanes); lane++) {
        enum pls_code code = pls_lanes_read(lanes, series, lane, first, count, lanes->buffer, err);
        if (code != PLS_OK)
            return code;
        lanes->sums[lane] = pls_checksum(lanes->buffer, count * pls_lanes_width(lanes, lane));
    }
    *sum = sum_of_sums(lanes);
    return PLS_OK;
}

/* One field of the outcomes as its lane has it. */
static void gather(const struct pls_lanes *lanes, size_t lane, const struct pls_outcome *outcomes,
                   size_t count, unsigned char *out)
{
    for (size_t i = 0; i < count; i++)
        switch (run_of(lanes, lane)) {
        case 1:
            out[i] = outcomes[i].status;
            break;
        case 2:
            out[i] = outcomes[i].flags;
            break;
        case 3:
            memcpy(out + 2 * i, &outcomes[i].where, 2);
            break;
        default:
            memcpy(out + 2 * i, &outcomes[i].iterations, 2);
            break;
        }
}

enum pls_code pls_lanes_put(const struct pls_lanes *lanes, size_t series, uint64_t first,
                            size_t count, const double *rows, size_t stride,
                            const struct pls_outcome *outcomes, uint64_t *sum,
                            struct pls_error *err)
{
    for (size_t lane = 0; lane < pls_lanes_number(lanes); lane++) {
        if (lane < lanes->columns) {
            memcpy(lanes->buffer, rows + lane * stride, count * sizeof *rows);
            pls_lanes_canonical((double *)(void *)lanes->buffer, count);
        } else {
            gather(lanes, lane, outcomes, count, lanes->buffer);
        }
        lanes->sums[lane] = pls_checksum(lanes->buffer, count * pls_lanes_width(lanes, lane));
        enum pls_code code = pls_lanes_write(lanes, series, lane, first, count, lanes->buffer, err);
        if (code != PLS_OK)
            return code;
    }
    *sum = sum_of_sums(lanes);
    return PLS_OK;
}

enum pls_code pls_lanes_copy(const struct pls_lanes *from, size_t from_series,
                             const struct pls_lanes *to, size_t to_series, uint64_t first,
                             size_t count, uint64_t *sum, struct pls_error *err)
{
    for (size_t lane = 0; lane < pls_lanes_number(to); lane++) {
        enum pls_code code = pls_lanes_read(from, from_series, lane, first, count, to->buffer, err);
        if (code != PLS_OK)
            return code;
        to->sums[lane] = pls_checksum(to->buffer, count * pls_lanes_width(to, lane));
        code = pls_lanes_write(to, to_series, lane, first, count, to->buffer, err);
        if (code != PLS_OK)
            return code;
    }
    *sum = sum_of_sums(to);
    return PLS_OK;
}
