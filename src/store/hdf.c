/* hdf.c: starting HDF5, ending its identifiers, reading its errors. */
#include "hdf.h"

#include <stdio.h>
#include <string.h>

hid_t pls_hdf_access(void)
{
    /* HDF5's clean-up at exit crashes (1.10.8) when a disk was full while a file was closed. It
     * has nothing to clean up: every file is closed where it was opened. Without effect after
     * the first call. */
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0); /* a file must not make us load a filter from the file system */
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    /* Bounds are fixed because they decide bytes; 1.8's objects carry checksums and are read by
     * all. The lock is ours (FILE.journal); HDF5's own fails on file systems without locks. */
    if (access >= 0 && (H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) < 0 ||
                        H5Pset_file_locking(access, 0, 1) < 0 ||
                        H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) < 0)) {
        pls_hdf_shut(access);
        return H5I_INVALID_HID;
    }
    return access;
}

void pls_hdf_shut(hid_t id)
{
    if (id >= 0)
        H5Idec_ref(id);
}

struct cause {
    char *out;
    size_t size;
};

static herr_t take_description(unsigned n, const H5E_error2_t *error, void *data)
{
    const struct cause *cause = data;
    if (n == 0 && error->desc != NULL)
        snprintf(cause->out, cause->size, "%s", error->desc);
    return 0;
}

bool pls_hdf_cause(char *out, size_t size)
{
    struct cause cause = {out, size};
    out[0] = '\0';
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_description, &cause);
    /* "file write failed: time = …, error message = 'No space left on device', buf = 0x…" */
    static const char before[] = "error message = '";
    const char *system = strstr(out, before);
    if (system != NULL)
        memmove(out, system + sizeof before - 1, strlen(system + sizeof before - 1) + 1);
    if (system != NULL)
        out[strcspn(out, "'")] = '\0';
    for (char *at = out; *at != '\0'; at++) /* one line, also where HDF5 names a foreign object */
        if ((unsigned char)*at < 0x20)
            *at = ' ';
    return system != NULL;
}
