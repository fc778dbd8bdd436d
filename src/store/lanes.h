/*
 * lanes.h: where the rows of each series lie in a file, and how they are read, written and checked.
 *
 * A series of C columns is C + 4 lanes, each one run of bytes: the C columns of `values` (8
 * bytes a row), then status, flags (1 byte), where and iterations (2 bytes). Everything that is
 * done to rows, from putting to checking, is the same loop over lanes.
 */
#ifndef PLSTRAP_STORE_LANES_H
#define PLSTRAP_STORE_LANES_H

#include "plstrap/error.h"
#include "plstrap/job.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PLS_BLOCK_ROWS = 16384, /* rows under one checksum, and the most that are handled at once */
    PLS_RUNS = 5            /* values, status, flags, where, iterations: the datasets of a series */
};

struct pls_lanes_series {
    char *name;
    uint64_t first; /* the file's first row in the whole series, of which a shard has a part */
    uint64_t count; /* rows in the file; here they are numbered 0 … count - 1 */
    uint64_t offset[PLS_RUNS]; /* of each dataset in the file; meaningless for count 0 */
};

/* The rows of one open file. */
struct pls_lanes {
    int fd;     /* -1 when closed */
    char *path; /* for sentences */
    size_t columns;
    size_t series_count;
    struct pls_lanes_series *series;
    unsigned char *buffer; /* PLS_BLOCK_ROWS elements of 8 bytes */
    uint64_t *sums;        /* [columns + 4] */
};

/* Names and counts; offsets and fd are filled in later. path is copied. */
enum pls_code pls_lanes_init(struct pls_lanes *lanes, const char *path, size_t columns,
                             size_t series_count, struct pls_error *err);
void pls_lanes_free(struct pls_lanes *lanes); /* closes fd, leaves it {0} with fd -1 */

size_t pls_lanes_number(const struct pls_lanes *lanes); /* columns + 4 */
size_t pls_lanes_width(const struct pls_lanes *lanes, size_t lane);

/* Bytes of dataset `run` of a series, for laying it out and for checking it. */
uint64_t pls_lanes_bytes(const struct pls_lanes *lanes, size_t series, size_t run);

/* The series of that name, or series_count. */
size_t pls_lanes_find(const struct pls_lanes *lanes, const char *name);

/* Whether the file holds these rows of the whole series; *local is the first one's number in it. */
bool pls_lanes_hold(const struct pls_lanes *lanes, size_t series, uint64_t first, uint64_t count,
                    uint64_t *local);

enum pls_code pls_lanes_read(const struct pls_lanes *lanes, size_t series, size_t lane,
                             uint64_t first, size_t count, void *out, struct pls_error *err);
enum pls_code pls_lanes_write(const struct pls_lanes *lanes, size_t series, size_t lane,
                              uint64_t first, size_t count, const void *bytes,
                              struct pls_error *err);

/*
 * The checksum of a range of at most PLS_BLOCK_ROWS rows as the journal records it: XXH3-64 over
 * the XXH3-64 of each lane, in order. pls_lanes_put also writes the rows, with every NaN as the
 * one NaN.
 */
enum pls_code pls_lanes_sum(const struct pls_lanes *lanes, size_t series, uint64_t first,
                            size_t count, uint64_t *sum, struct pls_error *err);
enum pls_code pls_lanes_put(const struct pls_lanes *lanes, size_t series, uint64_t first,
                            size_t count, const double *rows, size_t stride,
                            const struct pls_outcome *outcomes, uint64_t *sum,
                            struct pls_error *err);

/*
 * Asks for the room of all values in one piece, before there are any: the system writes them
 * faster then. A hint: without it, and where they would take more than half of what is free, room
 * is taken as rows come.
 */
void pls_lanes_reserve(const struct pls_lanes *lanes);

/*
 * Asks the system to begin writing what it holds of the file, so that the disk works while rows
 * are computed. A hint: where it is refused, the next sync writes all.
 */
void pls_lanes_write_back(const struct pls_lanes *lanes);

/* Rows of one file into another; sum as above. `first` is a row of the whole series. */
enum pls_code pls_lanes_copy(const struct pls_lanes *from, size_t from_series,
                             const struct pls_lanes *to, size_t to_series, uint64_t first,
                             size_t count, uint64_t *sum, struct pls_error *err);

/* Doubles with every NaN made the one NaN 0x7ff8000000000000, whose bits no machine chooses. */
void pls_lanes_canonical(double *values, size_t count);

/* pread until length bytes are there; false with errno 0 at the end of the file. */
bool pls_lanes_pread(int fd, void *bytes, size_t length, uint64_t offset);
bool pls_lanes_pwrite(int fd, const void *bytes, size_t length, uint64_t offset);

#endif
