/* kept.c: bytes of a job without rows, in its journal. */
#include "kept.h"

#include "lanes.h"
#include "plstrap/alloc.h"
#include "plstrap/digest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char magic[8] = "PLSKEPT";

struct prefix {
    char magic[8];
    uint64_t length;
    uint64_t sum; /* XXH3-64 of the bytes          */
    uint64_t own; /* XXH3-64 of the fields before  */
};

_Static_assert(sizeof(struct prefix) == 32, "a prefix is written as it lies");

static uint64_t own_sum(const struct prefix *prefix)
{
    return pls_checksum(prefix, offsetof(struct prefix, own));
}

enum pls_code pls_kept_read(int fd, uint64_t at, struct pls_kept *out, struct pls_error *err)
{
    struct prefix prefix;
    struct stat facts;
    *out = (struct pls_kept){0};
    if (fstat(fd, &facts) != 0 || (uint64_t)facts.st_size <= at)
        return PLS_OK;
    const uint64_t size = (uint64_t)facts.st_size - at;
    out->damaged = true;
    if (size < sizeof prefix || !pls_lanes_pread(fd, &prefix, sizeof prefix, at) ||
        memcmp(prefix.magic, magic, sizeof magic) != 0 || prefix.own != own_sum(&prefix) ||
        prefix.length > size - sizeof prefix)
        return PLS_OK;
    char *bytes = NULL;
    const enum pls_code code = pls_alloc(&bytes, (size_t)prefix.length, 1, err);
    if (code != PLS_OK)
        return code;
    if (!pls_lanes_pread(fd, bytes, (size_t)prefix.length, at + sizeof prefix) ||
        pls_checksum(bytes, (size_t)prefix.length) != prefix.sum) {
        free(bytes);
        return PLS_OK;
    }
    *out = (struct pls_kept){bytes, (size_t)prefix.length, false};
    return PLS_OK;
}

bool pls_kept_write(int fd, uint64_t at, const void *bytes, size_t length)
{
    struct prefix prefix = {.length = length, .sum = pls_checksum(bytes, length)};
    memcpy(prefix.magic, magic, sizeof magic);
    prefix.own = own_sum(&prefix);
    return pls_lanes_pwrite(fd, &prefix, sizeof prefix, at) &&
           pls_lanes_pwrite(fd, bytes, length, at + sizeof prefix);
}
