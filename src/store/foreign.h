/*
 * foreign.h: HDF5 files of unknown origin, read with distrust.
 *
 * A result may come from anyone, and HDF5's decoders have a long list of overflows: so HDF5 is
 * asked for as little as possible. It parses metadata (which carry checksums); no link but hard
 * ones is followed, filters, external storage and unexpected types or shapes are refused, and
 * all contents are read by pread after their place has been checked against the file's size.
 */
#ifndef PLSTRAP_STORE_FOREIGN_H
#define PLSTRAP_STORE_FOREIGN_H

#include "plstrap/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pls_foreign {
    const char *path;
    int fd;
    uint64_t size;
    hid_t file;
    struct pls_error *err;
};

/* A dataset as found. */
struct pls_array {
    uint64_t offset;
    uint64_t bytes;
    size_t width; /* of an element */
    hsize_t dims[2];
    bool has_sum; /* the attribute `checksum` */
    uint64_t sum;
};

/* "FILE: damaged, WHAT NAME; what to do". */
enum pls_code pls_foreign_damaged(const struct pls_foreign *r, const char *what, const char *name);

/* Before HDF5 sees the file: that it is one, of our format (kind), and whole. */
enum pls_code pls_foreign_open(struct pls_foreign *r);
enum pls_code pls_foreign_check_kind(const struct pls_foreign *r);
enum pls_code pls_foreign_check_header(const struct pls_foreign *r);

/* The object at a path below parent, through hard links only; the caller shuts it. */
enum pls_code pls_foreign_object(const struct pls_foreign *r, hid_t parent, const char *path,
                                 H5I_type_t type, hid_t *out);

/* Text attribute of the root; without opt_found its absence is an error. */
enum pls_code pls_foreign_fact(const struct pls_foreign *r, const char *name, char **out_new,
                               bool *opt_found);
bool pls_foreign_number(hid_t object, const char *name, uint64_t *out);

/*
 * Place and shape of a dataset, checked against the file's size.
 *
 *   type  in  as stored; H5I_INVALID_HID means fixed-length text
 *   rank  in  0, 1 or 2
 */
enum pls_code pls_foreign_find(const struct pls_foreign *r, hid_t parent, const char *name,
                               hid_t type, int rank, struct pls_array *array);

/* A dataset with the attribute `checksum`, whole and verified, followed by a zero. */
enum pls_code pls_foreign_load(const struct pls_foreign *r, hid_t parent, const char *name,
                               hid_t type, int rank, struct pls_array *array, void *bytes_new);

/* Texts as an array of pointers in one allocation; all are valid UTF-8. */
enum pls_code pls_foreign_texts(const struct pls_foreign *r, hid_t parent, const char *name,
                                char ***out_new, size_t *count);
/* The attribute `order` of a group; without one there is nothing in it. */
enum pls_code pls_foreign_order(const struct pls_foreign *r, hid_t group, char ***out_new,
                                size_t *count);

/* Invalid bytes become '?': all that comes out of a result may be printed as UTF-8. */
void pls_foreign_make_valid(char *text);

#endif
