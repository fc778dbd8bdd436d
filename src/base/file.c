/* file.c: whole files in, whole files out. */
#include "plstrap/file.h"
#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum pls_code pls_file_code(int error_number)
{
    switch (error_number) {
    case ENOENT:
    case ENOTDIR:
        return PLS_ENOINPUT;
    case EACCES:
    case EPERM:
    case EROFS:
        return PLS_EPERMISSION;
    case ENOMEM:
        return PLS_EUNAVAILABLE;
    default:
        return PLS_EIO;
    }
}

static enum pls_code read_failed(const char *path, int error_number, struct pls_error *err)
{
    if (error_number == ENOENT)
        return pls_fail(err, PLS_ENOINPUT,
                        "%s: there is no such file; check the name and the folder", path);
    if (error_number == EACCES || error_number == EPERM)
        return pls_fail(err, PLS_EPERMISSION,
                        "%s: you may not read this file; ask its owner, or change its mode", path);
    return pls_fail(err, pls_file_code(error_number), "%s: cannot be read: %s", path,
                    strerror(error_number));
}

/* Reads until the end or until size bytes are there. */
static bool read_all(int fd, char *bytes, size_t size, size_t *length)
{
    *length = 0;
    while (*length < size) {
        const ssize_t got = read(fd, bytes + *length, size - *length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            return true;
        *length += (size_t)got;
    }
    return true;
}

enum pls_code pls_file_read(const char *path, size_t limit, char **bytes_new, size_t *length,
                            struct pls_error *err)
{
    char *bytes = NULL;
    struct stat facts;
    enum pls_code code = PLS_OK;

    /* O_NONBLOCK: opening a pipe that nobody writes to would wait for ever. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return read_failed(path, errno, err);
    if (fstat(fd, &facts) != 0) {
        code = read_failed(path, errno, err);
        goto done;
    }
    if (!S_ISREG(facts.st_mode)) {
        code = pls_fail(err, PLS_ENOINPUT, "%s: is not a regular file but %s; name a file", path,
                        S_ISDIR(facts.st_mode) ? "a folder" : "a pipe or device");
        goto done;
    }
    if ((uintmax_t)facts.st_size > limit) {
        code =
            pls_fail(err, PLS_EDATA, "%s: has %lld bytes, more than the %zu that are allowed here",
                     path, (long long)facts.st_size, limit);
        goto done;
    }
    const size_t size = (size_t)facts.st_size;
    code = pls_alloc(&bytes, size + 1, 1, err);
    if (code != PLS_OK)
        goto done;
    if (!read_all(fd, bytes, size, length)) {
        code = read_failed(path, errno, err);
        goto done;
    }
    bytes[*length] = '\0';
    *bytes_new = bytes;
    bytes = NULL;
done:
    free(bytes);
    close(fd);
    return code;
}

static enum pls_code create_failed(const char *path, int error_number, struct pls_error *err)
{
    enum pls_code code = pls_file_code(error_number);
    if (code == PLS_ENOINPUT || error_number == EEXIST || error_number == EISDIR)
        code = PLS_ECREATE;
    return pls_fail(err, code, "%s: cannot be created: %s; name another file", path,
                    strerror(error_number));
}

enum pls_code pls_file_create(struct pls_file *file, const char *path, unsigned mode,
                              struct pls_error *err)
{
    struct pls_text temporary = {0};
    *file = (struct pls_file){0};

    enum pls_code code = pls_copy_text(&file->path, path, strlen(path), err);
    if (code == PLS_OK)
        code = pls_text_printf(&temporary, err, "%s.new-%ld", path, (long)getpid());
    file->temporary = temporary.data;
    /* A rename would put a file in the place of what is not one. */
    struct stat facts;
    if (code == PLS_OK && stat(path, &facts) == 0 && !S_ISREG(facts.st_mode))
        code = pls_fail(err, PLS_ECREATE, "%s: is %s; name a file", path,
                        S_ISDIR(facts.st_mode) ? "a folder" : "a pipe or device");
    if (code == PLS_OK) {
        const int fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                            (mode_t)mode);
        file->stream = fd < 0 ? NULL : fdopen(fd, "w");
        if (file->stream == NULL) {
            code = create_failed(path, errno, err);
            if (fd >= 0)
                close(fd);
            else
                file->temporary[0] = '\0'; /* not ours: nothing to remove */
        }
    }
    if (code != PLS_OK)
        pls_file_discard(file);
    return code;
}

enum pls_code pls_file_finish(struct pls_file *file, struct pls_error *err)
{
    errno = 0;
    bool good = ferror(file->stream) == 0 && fflush(file->stream) == 0 &&
                pls_file_sync(fileno(file->stream));
    int cause = errno;
    if (fclose(file->stream) != 0 && good) {
        good = false;
        cause = errno;
    }
    file->stream = NULL;
    if (good && rename(file->temporary, file->path) != 0) {
        good = false;
        cause = errno;
    }
    enum pls_code code = PLS_OK;
    if (!good)
        code = pls_fail(err, cause == EISDIR ? PLS_ECREATE : PLS_EIO, "%s: cannot be written: %s",
                        file->path, cause != 0 ? strerror(cause) : "output error");
    else {
        file->temporary[0] = '\0';
        code = pls_file_sync_folder(file->path, err);
    }
    pls_file_discard(file);
    return code;
}

void pls_file_discard(struct pls_file *file)
{
    if (file->stream != NULL)
        fclose(file->stream);
    if (file->temporary != NULL && file->temporary[0] != '\0')
        unlink(file->temporary);
    free(file->path);
    free(file->temporary);
    *file = (struct pls_file){0};
}

/* The folder part of a path: "" for a bare name, with its final slash otherwise. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

bool pls_file_sync(int fd)
{
    int status;
    do
        status = fsync(fd);
    while (status != 0 && errno == EINTR);
    return status == 0;
}

bool pls_file_sync_data(int fd)
{
    int status;
    do
        status = fdatasync(fd);
    while (status != 0 && errno == EINTR);
    return status == 0;
}

enum pls_code pls_file_sync_folder(const char *path, struct pls_error *err)
{
    char *folder = NULL;
    const size_t length = folder_length(path);
    enum pls_code code = length > 0 ? pls_copy_text(&folder, path, length, err)
                                    : pls_copy_text(&folder, ".", 1, err);
    if (code != PLS_OK)
        return code;
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot sync a folder (EINVAL): the rename is then as durable as they make it. */
    if (fd < 0 || (!pls_file_sync(fd) && errno != EINVAL))
        code =
            pls_fail(err, PLS_EIO, "%s: the folder cannot be synced: %s", folder, strerror(errno));
    if (fd >= 0)
        close(fd);
    free(folder);
    return code;
}

enum pls_code pls_file_beside(char **out_new, const char *from, const char *relative,
                              struct pls_error *err)
{
    const size_t folder = relative[0] == '/' ? 0 : folder_length(from);
    struct pls_text path = {0};
    enum pls_code code = pls_text_append(&path, from, folder, err);
    if (code == PLS_OK)
        code = pls_text_append(&path, relative, strlen(relative), err);
    if (code != PLS_OK) {
        pls_text_free(&path);
        return code;
    }
    *out_new = path.data;
    return PLS_OK;
}
