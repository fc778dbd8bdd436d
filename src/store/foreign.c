/* foreign.c: HDF5 files of unknown origin, read with distrust. */
#include "foreign.h"

#include "hdf.h"
#include "lanes.h"
#include "plstrap/alloc.h"
#include "plstrap/digest.h"
#include "plstrap/file.h"
#include "plstrap/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utf8proc.h>

enum { LARGEST_ARRAY = 1 << 30, LARGEST_ATTRIBUTE = 1 << 26 };

enum pls_code pls_foreign_damaged(const struct pls_foreign *r, const char *what, const char *name)
{
    char shown[128];
    pls_text_printable(name, strlen(name), 60, shown, sizeof shown);
    return pls_fail(r->err, PLS_EDATA,
                    "%s: damaged, %s %s; copy it again from where it is whole, or compute it anew "
                    "with --restart",
                    r->path, what, shown);
}

/* ---- before HDF5 sees the file ---- */

enum pls_code pls_foreign_open(struct pls_foreign *r)
{
    struct stat facts;
    r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (r->fd < 0 && errno == ENOENT)
        return pls_fail(r->err, PLS_ENOINPUT,
                        "%s: there is no such file; check the name and the folder", r->path);
    if (r->fd < 0 || fstat(r->fd, &facts) != 0)
        return pls_fail(r->err, pls_file_code(errno), "%s: cannot be read: %s", r->path,
                        strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return pls_fail(r->err, PLS_ENOINPUT, "%s: is not a regular file; name another file",
                        r->path);
    r->size = (uint64_t)facts.st_size;
    return PLS_OK;
}

/* The file's first bytes: HDF5's superblock as we write it. */
static enum pls_code read_head(const struct pls_foreign *r, unsigned char head[48])
{
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    uint64_t base;
    if (r->size < 48 || !pls_lanes_pread(r->fd, head, 48, 0) ||
        memcmp(head, signature, sizeof signature) != 0)
        return pls_fail(r->err, PLS_EDATA,
                        "%s: is not an HDF5 file, so not a result of plstrap; name another file",
                        r->path);
    memcpy(&base, head + 12, sizeof base);
    if (head[8] != 2 || head[9] != 8 || head[10] != 8 || base != 0)
        return pls_fail(r->err, PLS_EDATA,
                        "%s: is an HDF5 file but not written by plstrap; name another file",
                        r->path);
    return PLS_OK;
}

enum pls_code pls_foreign_check_kind(const struct pls_foreign *r)
{
    unsigned char head[48];
    return read_head(r, head);
}

enum pls_code pls_foreign_check_header(const struct pls_foreign *r)
{
    unsigned char head[48];
    uint64_t end;
    const enum pls_code code = read_head(r, head);
    if (code != PLS_OK)
        return code;
    memcpy(&end, head + 28, sizeof end);
    if (end > r->size)
        return pls_fail(r->err, PLS_EDATA,
                        "%s: is cut off: %" PRIu64 " of its %" PRIu64 " bytes are there; copy it "
                        "again, or compute it anew with --restart",
                        r->path, r->size, end);
    return PLS_OK;
}

/* ---- one object, one attribute, one dataset ---- */

/* Opens the object at a path below parent through hard links only. */
enum pls_code pls_foreign_object(const struct pls_foreign *r, hid_t parent, const char *path,
                                 H5I_type_t type, hid_t *out)
{
    enum pls_code code = PLS_OK;
    char *part = NULL;
    *out = H5I_INVALID_HID;
    for (const char *at = path; code == PLS_OK && at != NULL;) {
        const char *slash = strchr(at, '/');
        H5L_info_t info;
        code = pls_copy_text(&part, path, slash != NULL ? (size_t)(slash - path) : strlen(path),
                             r->err);
        if (code != PLS_OK)
            return code;
        if (H5Lexists(parent, part, H5P_DEFAULT) <= 0 ||
            H5Lget_info(parent, part, &info, H5P_DEFAULT) < 0)
            code = pls_foreign_damaged(r, "it lacks", path);
        else if (info.type != H5L_TYPE_HARD)
            code = pls_foreign_damaged(r, "a link stands in the place of", path);
        free(part);
        at = slash != NULL ? slash + 1 : NULL;
    }
    if (code != PLS_OK)
        return code;
    *out = H5Oopen(parent, path, H5P_DEFAULT);
    if (*out < 0 || H5Iget_type(*out) != type) {
        pls_hdf_shut(*out);
        *out = H5I_INVALID_HID;
        return pls_foreign_damaged(r, "it cannot read", path);
    }
    return PLS_OK;
}

/* An attribute of fixed-length texts; `found` says whether there is one of this form. */
static enum pls_code read_text_attribute(const struct pls_foreign *r, hid_t object,
                                         const char *name, char **out_new, size_t *width,
                                         size_t *count, bool *found)
{
    enum pls_code code = PLS_OK;
    char *bytes = NULL;
    *found = false;
    if (H5Aexists(object, name) <= 0)
        return PLS_OK;
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const hid_t type = attribute >= 0 ? H5Aget_type(attribute) : H5I_INVALID_HID;
    const hid_t space = attribute >= 0 ? H5Aget_space(attribute) : H5I_INVALID_HID;
    const hssize_t elements = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
    *width = type >= 0 ? H5Tget_size(type) : 0;
    if (type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
        elements > 0 && *width > 0 && *width <= LARGEST_ATTRIBUTE / (size_t)elements) {
        *count = (size_t)elements;
        code = pls_alloc(&bytes, *count * *width + 1, 1, r->err);
        if (code == PLS_OK && H5Aread(attribute, type, bytes) >= 0) {
            *out_new = bytes;
            bytes = NULL;
            *found = true;
        }
    }
    free(bytes);
    pls_hdf_shut(space);
    pls_hdf_shut(type);
    pls_hdf_shut(attribute);
    return code;
}

bool pls_foreign_number(hid_t object, const char *name, uint64_t *out)
{
    bool found = false;
    if (H5Aexists(object, name) <= 0)
        return false;
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    const hid_t type = attribute >= 0 ? H5Aget_type(attribute) : H5I_INVALID_HID;
    const hid_t space = attribute >= 0 ? H5Aget_space(attribute) : H5I_INVALID_HID;
    if (type >= 0 && space >= 0 && H5Tequal(type, H5T_STD_U64LE) > 0 &&
        H5Sget_simple_extent_npoints(space) == 1)
        found = H5Aread(attribute, H5T_NATIVE_UINT64, out) >= 0;
    pls_hdf_shut(space);
    pls_hdf_shut(type);
    pls_hdf_shut(attribute);
    return found;
}

/* The one text of an attribute of the root; valid UTF-8. */
enum pls_code pls_foreign_fact(const struct pls_foreign *r, const char *name, char **out_new,
                               bool *opt_found)
{
    size_t width, count;
    bool found;
    enum pls_code code = read_text_attribute(r, r->file, name, out_new, &width, &count, &found);
    if (code != PLS_OK)
        return code;
    if (opt_found != NULL)
        *opt_found = found;
    else if (!found)
        return pls_foreign_damaged(r, "it lacks the attribute", name);
    if (found)
        pls_foreign_make_valid(*out_new);
    return PLS_OK;
}

static bool is_plain(hid_t dataset)
{
    const hid_t list = H5Dget_create_plist(dataset);
    const bool plain = list >= 0 && H5Pget_layout(list) == H5D_CONTIGUOUS &&
                       H5Pget_external_count(list) == 0 && H5Pget_nfilters(list) == 0;
    pls_hdf_shut(list);
    return plain;
}

/* Place and shape. type H5I_INVALID_HID means fixed-length text. */
static bool inspect(const struct pls_foreign *r, hid_t dataset, hid_t type, int rank,
                    struct pls_array *array)
{
    const hid_t stored = H5Dget_type(dataset);
    const hid_t space = H5Dget_space(dataset);
    bool good = is_plain(dataset) && stored >= 0 && space >= 0;
    if (good && type >= 0)
        good = H5Tequal(stored, type) > 0;
    else if (good)
        good = H5Tget_class(stored) == H5T_STRING && H5Tis_variable_str(stored) == 0;
    good = good && H5Sget_simple_extent_ndims(space) == rank &&
           H5Sget_simple_extent_type(space) == (rank == 0 ? H5S_SCALAR : H5S_SIMPLE);
    *array = (struct pls_array){.dims = {1, 1}, .width = good ? H5Tget_size(stored) : 0};
    if (good && rank > 0)
        good = H5Sget_simple_extent_dims(space, array->dims, NULL) == rank;
    array->bytes = array->width;
    for (int d = 0; good && d < 2; d++) {
        good = array->dims[d] == 0 || array->bytes <= r->size / array->dims[d];
        array->bytes *= array->dims[d];
    }
    if (good && array->bytes > 0) {
        array->offset = H5Dget_offset(dataset);
        good = array->offset <= r->size && array->bytes <= r->size - array->offset;
    }
    array->has_sum = good && pls_foreign_number(dataset, "checksum", &array->sum);
    pls_hdf_shut(space);
    pls_hdf_shut(stored);
    return good;
}

enum pls_code pls_foreign_find(const struct pls_foreign *r, hid_t parent, const char *name,
                               hid_t type, int rank, struct pls_array *array)
{
    hid_t dataset;
    enum pls_code code = pls_foreign_object(r, parent, name, H5I_DATASET, &dataset);
    if (code != PLS_OK)
        return code;
    if (!inspect(r, dataset, type, rank, array))
        code = pls_foreign_damaged(r, "not in the form of the schema is", name);
    pls_hdf_shut(dataset);
    return code;
}

/* A dataset with the attribute `checksum`, whole, followed by a zero. */
enum pls_code pls_foreign_load(const struct pls_foreign *r, hid_t parent, const char *name,
                               hid_t type, int rank, struct pls_array *array, void *bytes_new)
{
    void *bytes = NULL;
    enum pls_code code = pls_foreign_find(r, parent, name, type, rank, array);
    if (code != PLS_OK)
        return code;
    if (array->bytes > LARGEST_ARRAY)
        return pls_foreign_damaged(r, "too large is", name);
    code = pls_alloc(&bytes, (size_t)array->bytes + 1, 1, r->err);
    if (code != PLS_OK)
        return code;
    if (!pls_lanes_pread(r->fd, bytes, (size_t)array->bytes, array->offset) || !array->has_sum ||
        array->sum != pls_checksum(bytes, (size_t)array->bytes)) {
        free(bytes);
        return pls_foreign_damaged(r, "its checksum does not fit", name);
    }
    memcpy(bytes_new, &bytes, sizeof bytes);
    return PLS_OK;
}

/* ---- texts ---- */

/* Invalid bytes become '?': all that comes out of a result may be printed as UTF-8. */
void pls_foreign_make_valid(char *text)
{
    for (utf8proc_uint8_t *at = (utf8proc_uint8_t *)text; *at != '\0';) {
        utf8proc_int32_t point;
        const utf8proc_ssize_t length = utf8proc_iterate(at, -1, &point);
        if (length <= 0)
            *at = '?';
        at += length > 0 ? length : 1;
    }
}

/* count padded texts as an array of pointers to zero-terminated ones, in one allocation. */
static enum pls_code split_texts(const struct pls_foreign *r, const char *block, size_t width,
                                 size_t count, char ***out_new)
{
    const size_t each = sizeof(char *) + width + 1; /* width is at most LARGEST_ARRAY */
    char **texts = NULL;
    enum pls_code code = pls_alloc(&texts, count + 1, each, r->err);
    if (code != PLS_OK)
        return code;
    char *at = (char *)(texts + count);
    for (size_t i = 0; i < count; i++, at += width + 1) {
        texts[i] = memcpy(at, block + i * width, width);
        pls_foreign_make_valid(at);
    }
    *out_new = texts;
    return PLS_OK;
}

enum pls_code pls_foreign_texts(const struct pls_foreign *r, hid_t parent, const char *name,
                                char ***out_new, size_t *count)
{
    struct pls_array array;
    char *block = NULL;
    enum pls_code code = pls_foreign_load(r, parent, name, H5I_INVALID_HID, 1, &array, &block);
    if (code == PLS_OK)
        code = split_texts(r, block, array.width, (size_t)array.dims[0], out_new);
    *count = code == PLS_OK ? (size_t)array.dims[0] : 0;
    free(block);
    return code;
}

/* The attribute `order` of a group; without one there is nothing in it. */
enum pls_code pls_foreign_order(const struct pls_foreign *r, hid_t group, char ***out_new,
                                size_t *count)
{
    char *block = NULL;
    size_t width = 0;
    bool found;
    enum pls_code code = read_text_attribute(r, group, "order", &block, &width, count, &found);
    if (code == PLS_OK && !found)
        *count = 0;
    if (code == PLS_OK)
        code = split_texts(r, block, width, *count, out_new);
    free(block);
    for (size_t i = 0; code == PLS_OK && i < *count; i++)
        if ((*out_new)[i][0] == '\0' || (*out_new)[i][0] == '/')
            code = pls_foreign_damaged(r, "it lacks the names of", "order");
    return code;
}
