/* alloc.c: the only place that asks for memory. */
#include "plstrap/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Pointers to all object types have one representation on every platform with POSIX; memcpy keeps the
 * compiler's aliasing rules where a cast to void ** would break them. */
static void *load(const void *pointer)
{
    void *value;
    memcpy(&value, pointer, sizeof value);
    return value;
}

static void store(void *pointer, void *value)
{
    memcpy(pointer, &value, sizeof value);
}

static enum pls_code no_memory(size_t count, size_t size, struct pls_error *err)
{
    return pls_fail(err, PLS_EUNAVAILABLE,
                    "there is no memory for %zu elements of %zu bytes; use a machine with more, or "
                    "fewer ranks on this one",
                    count, size);
}

enum pls_code pls_alloc(void *pointer, size_t count, size_t size, struct pls_error *err)
{
    void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    store(pointer, memory);
    return memory != NULL ? PLS_OK : no_memory(count, size, err);
}

enum pls_code pls_grow(void *pointer, size_t *capacity, size_t needed, size_t size,
                       struct pls_error *err)
{
    if (needed <= *capacity)
        return PLS_OK;
    size_t wanted = *capacity < SIZE_MAX / 2 ? 2 * *capacity : needed;
    if (wanted < needed)
        wanted = needed;
    if (wanted < 8)
        wanted = 8;
    if (wanted > SIZE_MAX / size)
        return no_memory(wanted, size, err);
    void *memory = realloc(load(pointer), wanted * size);
    if (memory == NULL)
        return no_memory(wanted, size, err);
    store(pointer, memory);
    *capacity = wanted;
    return PLS_OK;
}

enum pls_code pls_copy_text(char **out_new, const char *text, size_t length, struct pls_error *err)
{
    enum pls_code code = pls_alloc(out_new, length + 1, 1, err);
    if (code == PLS_OK && length > 0)
        memcpy(*out_new, text, length);
    return code;
}
