/*
 * kept.h: what a job without rows goes on from, behind the head of its journal: a prefix of 32
 * bytes with the length and checksums, then the bytes.
 */
#ifndef PLSTRAP_STORE_KEPT_H
#define PLSTRAP_STORE_KEPT_H

#include "plstrap/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pls_kept {
    char *bytes; /* NULL: none */
    size_t length;
    bool damaged; /* there were some that do not fit their checksum */
};

/* Reads what lies at `at` in a journal. Only memory can fail: damage is noted in out. */
enum pls_code pls_kept_read(int fd, uint64_t at, struct pls_kept *out, struct pls_error *err);

/* Writes to `at`. Not synced. False with errno where it cannot. */
bool pls_kept_write(int fd, uint64_t at, const void *bytes, size_t length);

#endif
