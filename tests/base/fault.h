/*
 * fault.h: memory that runs out on request. For tests linked with --wrap=calloc --wrap=realloc.
 *
 * fault_countdown = n lets the n-th call from now on fail, once; 0 lets all succeed. It counts down, so
 * that a value left above 0 says that the code under test asked fewer times.
 */
#ifndef PLSTRAP_FAULT_H
#define PLSTRAP_FAULT_H

#include <stdbool.h>
#include <stddef.h>

static unsigned fault_countdown;

static bool fault_is_due(void)
{
    return fault_countdown > 0 && --fault_countdown == 0;
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return fault_is_due() ? NULL : __real_calloc(count, size);
}

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size)
{
    return fault_is_due() ? NULL : __real_realloc(memory, size);
}

#endif
