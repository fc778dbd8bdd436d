/*
 * alloc.h: memory whose size cannot overflow and whose absence is an error, not a crash.
 */
#ifndef PLSTRAP_ALLOC_H
#define PLSTRAP_ALLOC_H

#include "plstrap/error.h"

#include <stddef.h>

/*
 * Zeroed memory for count elements of size bytes, also for count 0; the caller frees it with
 * free().
 *
 *   pointer  out  address of the caller's pointer (of any object type); NULL there on failure
 *
 * Returns PLS_OK or PLS_EUNAVAILABLE.
 */
enum pls_code pls_alloc(void *pointer, size_t count, size_t size, struct pls_error *err);

/*
 * Grows an array so that it holds at least `needed` elements; the old elements are kept, new ones
 * are
 * not initialised. On failure the array is as it was.
 *
 *   pointer   in/out  address of the caller's pointer
 *   capacity  in/out  elements it has room for
 */
enum pls_code pls_grow(void *pointer, size_t *capacity, size_t needed, size_t size,
                       struct pls_error *err);

/* A copy of the first length bytes of text, with a final zero. */
enum pls_code pls_copy_text(char **out_new, const char *text, size_t length, struct pls_error *err);

#endif
