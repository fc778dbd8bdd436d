/* lock.h: one writer per result, by an advisory lock on FILE.journal that dies with its process. */
#ifndef PLSTRAP_STORE_LOCK_H
#define PLSTRAP_STORE_LOCK_H

#include "plstrap/error.h"
#include "plstrap/store.h"

/*
 * Opens (or creates, empty) and locks the file at path, which is still the file of that name
 * when this returns. Waits up to 5 s. The lock is given back by closing fd.
 *
 * PLS_ECREATE: locked by another run, or not creatable; the sentence speaks of `result`.
 */
enum pls_code pls_lock_take(const char *path, const char *result, int *fd, struct pls_error *err);

/* Whether another process holds the lock of an open file; takes it for an instant where none does. */
enum pls_writer pls_lock_look(int fd);

#endif
