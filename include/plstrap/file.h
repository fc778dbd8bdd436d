/*
 * file.h: whole files in, whole files out.
 *
 * What is written appears under its name complete and on the disk, or not at all: it is written to
 * a
 * temporary name in the same folder, synced, and renamed.
 */
#ifndef PLSTRAP_FILE_H
#define PLSTRAP_FILE_H

#include "plstrap/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Reads a regular file whole. The bytes are followed by a zero that length does not count.
 *
 *   limit  in  refuse files above this many bytes
 *
 * Returns PLS_OK, PLS_ENOINPUT (missing, or not a regular file: never blocks on a pipe),
 * PLS_EPERMISSION,
 * PLS_EDATA (above the limit), PLS_EIO or PLS_EUNAVAILABLE.
 */
enum pls_code pls_file_read(const char *path, size_t limit, char **bytes_new, size_t *length,
                            struct pls_error *err);

/* A file being written: print to stream, then finish or discard. */
struct pls_file {
    FILE *stream;
    char *path;      /* final name                          */
    char *temporary; /* where it is written until it is whole */
};

/* mode: permission bits, such as 0644; 0600 for what holds personal data. */
enum pls_code pls_file_create(struct pls_file *file, const char *path, unsigned mode,
                              struct pls_error *err);

/* Flushes, syncs, renames; on failure discards. Releases file either way. */
enum pls_code pls_file_finish(struct pls_file *file, struct pls_error *err);

/* Removes the temporary file and releases file. Accepts one that was never created. */
void pls_file_discard(struct pls_file *file);

/* fsync and fdatasync, once more where a signal came between; false: errno tells. */
bool pls_file_sync(int fd);
bool pls_file_sync_data(int fd);

/* fsync of the folder that holds path, so that a rename survives a power cut. */
enum pls_code pls_file_sync_folder(const char *path, struct pls_error *err);

/* The PLS_E… code that fits errno after a failed open, read or write. */
enum pls_code pls_file_code(int error_number);

/* `relative` as seen from the folder of the file `from`; absolute paths stay. */
enum pls_code pls_file_beside(char **out_new, const char *from, const char *relative,
                              struct pls_error *err);

#endif
