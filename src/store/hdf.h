/*
 * hdf.h: the few HDF5 calls that both sides of the schema need.
 *
 * Identifiers of every kind are given back by pls_hdf_shut; a negative one is accepted. HDF5's
 * own printing of errors is off from the first call on; what it would have printed goes into our
 * sentence.
 */
#ifndef PLSTRAP_STORE_HDF_H
#define PLSTRAP_STORE_HDF_H

#include "plstrap/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

/* Silences HDF5 and makes the access list of all our files; negative where HDF5 cannot start. */
hid_t pls_hdf_access(void);

void pls_hdf_shut(hid_t id);

/*
 * The innermost description on HDF5's error stack, "" for an empty one. True where it is the system's
 * word on a call that failed, and not HDF5's on what it found in a file.
 */
bool pls_hdf_cause(char *out, size_t size);

#endif
