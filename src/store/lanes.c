/* lanes.c: rows in a file, read and written at known offsets. */
#define _GNU_SOURCE /* sync_file_range and fallocate, where they are */
#include "lanes.h"

#include "plstrap/alloc.h"
#include "plstrap/digest.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
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

bool pls_lanes_hold(const struct pls_lanes *lanes, size_t series, uint64_t first, uint64_t count,
                    uint64_t *local)
{
    const struct pls_lanes_series *of = &lanes->series[series];
    *local = first - of->first;
    return first >= of->first && *local <= of->count && count <= of->count - *local;
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
    const struct pls_lanes_series *of = &lanes->series[series];
    return pls_fail(err, PLS_EIO, "%s: rows %" PRIu64 " to %" PRIu64 " of %s cannot be read: %s",
                    lanes->path, of->first + first, of->first + first + count - 1, of->name,
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
    const struct pls_lanes_series *of = &lanes->series[series];
    uint64_t needed = 0;
    for (size_t s = 0; s < lanes->series_count; s++)
        for (size_t run = 0; run < PLS_RUNS; run++)
            needed += pls_lanes_bytes(lanes, s, run);
    return pls_fail(err, PLS_EIO,
                    "%s: rows %" PRIu64 " to %" PRIu64 " of %s cannot be written: %s; make room "
                    "(all rows take %" PRIu64 " bytes) and give the same command again",
                    lanes->path, of->first + first, of->first + first + count - 1, of->name,
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

static bool has_nan(const double *values, size_t count)
{
    unsigned found = 0;
    for (size_t i = 0; i < count; i++)
        found |= isnan(values[i]) ? 1U : 0U;
    return found != 0;
}

/* The values as the file has them: they themselves, or a copy in buffer. */
static const void *as_stored(const double *values, size_t count, unsigned char *buffer)
{
    if (!has_nan(values, count))
        return values;
    memcpy(buffer, values, count * sizeof *values);
    pls_lanes_canonical((double *)(void *)buffer, count);
    return buffer;
}

/* One field of the outcomes as its lane has it. */
static const void *gather(const struct pls_outcome *outcomes, size_t count, size_t run,
                          unsigned char *buffer)
{
    static const size_t field[PLS_RUNS] = {
        0, offsetof(struct pls_outcome, status), offsetof(struct pls_outcome, flags),
        offsetof(struct pls_outcome, where), offsetof(struct pls_outcome, iterations)};
    const unsigned char *from = (const unsigned char *)outcomes + field[run];
    if (run_width[run] == 1)
        for (size_t i = 0; i < count; i++)
            buffer[i] = from[i * sizeof *outcomes];
    else
        for (size_t i = 0; i < count; i++)
            memcpy(buffer + 2 * i, from + i * sizeof *outcomes, 2);
    return buffer;
}

enum pls_code pls_lanes_put(const struct pls_lanes *lanes, size_t series, uint64_t first,
                            size_t count, const double *rows, size_t stride,
                            const struct pls_outcome *outcomes, uint64_t *sum,
                            struct pls_error *err)
{
    for (size_t lane = 0; lane < pls_lanes_number(lanes); lane++) {
        const void *bytes = lane < lanes->columns
                                ? as_stored(rows + lane * stride, count, lanes->buffer)
                                : gather(outcomes, count, run_of(lanes, lane), lanes->buffer);
        lanes->sums[lane] = pls_checksum(bytes, count * pls_lanes_width(lanes, lane));
        enum pls_code code = pls_lanes_write(lanes, series, lane, first, count, bytes, err);
        if (code != PLS_OK)
            return code;
    }
    *sum = sum_of_sums(lanes);
    return PLS_OK;
}

#ifdef FALLOC_FL_PUNCH_HOLE
static void reserve(int fd, uint64_t offset, uint64_t bytes)
{
    struct statvfs disk;
    if (bytes == 0 || fstatvfs(fd, &disk) != 0 || bytes / disk.f_frsize > disk.f_bavail / 2)
        return;
    if (fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)bytes) == 0)
        return;
    /* What it took before it failed is given back: others need it, our journal for one. */
    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)bytes);
}
#endif

void pls_lanes_reserve(const struct pls_lanes *lanes)
{
#ifdef FALLOC_FL_PUNCH_HOLE
    for (size_t s = 0; s < lanes->series_count; s++)
        reserve(lanes->fd, lanes->series[s].offset[0], pls_lanes_bytes(lanes, s, 0));
#else
    (void)lanes;
#endif
}

void pls_lanes_write_back(const struct pls_lanes *lanes)
{
#ifdef SYNC_FILE_RANGE_WRITE
    sync_file_range(lanes->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
    (void)lanes;
#endif
}

enum pls_code pls_lanes_copy(const struct pls_lanes *from, size_t from_series,
                             const struct pls_lanes *to, size_t to_series, uint64_t first,
                             size_t count, uint64_t *sum, struct pls_error *err)
{
    const uint64_t source = first - from->series[from_series].first;
    const uint64_t target = first - to->series[to_series].first;
    for (size_t lane = 0; lane < pls_lanes_number(to); lane++) {
        enum pls_code code =
            pls_lanes_read(from, from_series, lane, source, count, to->buffer, err);
        if (code != PLS_OK)
            return code;
        to->sums[lane] = pls_checksum(to->buffer, count * pls_lanes_width(to, lane));
        code = pls_lanes_write(to, to_series, lane, target, count, to->buffer, err);
        if (code != PLS_OK)
            return code;
    }
    *sum = sum_of_sums(to);
    return PLS_OK;
}
