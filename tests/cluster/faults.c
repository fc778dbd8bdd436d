/*
 * faults.c: a library to preload that lets a chosen call of the program fail, as disks do.
 *
 *   FAULT_CALLS   names, comma separated, or "any"
 *   FAULT_FILE    a text that the file's path must contain
 *   FAULT_AT      n: the n-th such call of a process is the first to be hit
 *   FAULT_KIND    count: nothing happens
 *                 slow: it takes half a second
 *                 ENOSPC, EIO, EINTR, EROFS, EDQUOT: the call fails so
 *                 short: half of a write is written; other calls are left alone, and not counted
 *                 kill: the process is killed before the call; after: after it; torn: within a
 *                 write, of which half is written
 *   FAULT_TIMES   once; always: that call and all after it; often: every second one
 *   FAULT_LOG     gets a line when a call is hit: its name and its file
 *
 * The names are those of calls of the C library: what stdio writes is not seen.
 */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum action { PASS, FAIL, SHORT, TORN, KILL_AFTER };

static long calls; /* that fit, so far; a test's program does its writing on one thread */

static bool is_listed(const char *list, const char *name)
{
    const size_t length = strlen(name);
    if (list == NULL || strcmp(list, "any") == 0)
        return list != NULL;
    for (const char *at = list; *at != '\0'; at += strcspn(at, ","), at += *at == ',')
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

static bool is_due(long at)
{
    const char *times = getenv("FAULT_TIMES");
    const long past = ++calls - at;
    if (times != NULL && strcmp(times, "always") == 0)
        return past >= 0;
    if (times != NULL && strcmp(times, "often") == 0)
        return past >= 0 && past % 2 == 0;
    return past == 0;
}

static void note(const char *name, const char *path)
{
    const char *log = getenv("FAULT_LOG");
    char line[600];
    const int length = snprintf(line, sizeof line, "%ld %s %s\n", calls, name, path);
    if (log == NULL)
        return;
    const int fd =
        (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    syscall(SYS_write, fd, line, (size_t)length);
    syscall(SYS_close, fd);
}

static int error_of(const char *kind)
{
    static const struct {
        const char *name;
        int number;
    } errors[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EINTR", EINTR},
                  {"EROFS", EROFS},   {"EDQUOT", EDQUOT}, {"EACCES", EACCES}};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (strcmp(kind, errors[i].name) == 0)
            return errors[i].number;
    return 0;
}

/* What is to become of a call; sets errno where it is to fail. */
static enum action judge(const char *name, const char *path, bool is_write)
{
    const char *kind = getenv("FAULT_KIND"), *file = getenv("FAULT_FILE"), *at = getenv("FAULT_AT");
    if (kind == NULL || file == NULL || at == NULL || strstr(path, file) == NULL ||
        !is_listed(getenv("FAULT_CALLS"), name))
        return PASS;
    const bool halves = strcmp(kind, "short") == 0 || strcmp(kind, "torn") == 0;
    if ((halves && !is_write) || !is_due(atol(at)))
        return PASS;
    note(name, path);
    if (strcmp(kind, "slow") == 0)
        nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    if (strcmp(kind, "slow") == 0 || strcmp(kind, "count") == 0)
        return PASS;
    if (halves)
        return kind[0] == 's' ? SHORT : TORN;
    if (strcmp(kind, "after") == 0)
        return KILL_AFTER;
    if (strcmp(kind, "kill") == 0)
        raise(SIGKILL);
    errno = error_of(kind);
    return FAIL;
}

static enum action judge_fd(const char *name, int fd, bool is_write)
{
    char link[64], path[512] = "";
    const int kept = errno;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        path[0] = '\0';
    errno = kept;
    return judge(name, path, is_write);
}

static int end(enum action action, int result)
{
    if (action == KILL_AFTER)
        raise(SIGKILL);
    return result;
}

/* The function of that name that this one stands before. */
#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))(uintptr_t)dlsym(RTLD_NEXT, name))

static size_t part_of(enum action action, size_t length)
{
    return (action == SHORT || action == TORN) && length > 1 ? length / 2 : length;
}

static ssize_t end_write(enum action action, ssize_t result)
{
    if (action == TORN || action == KILL_AFTER)
        raise(SIGKILL);
    return result;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    const enum action action = judge_fd("write", fd, true);
    if (action == FAIL)
        return -1;
    return end_write(action, syscall(SYS_write, fd, bytes, part_of(action, length)));
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    const enum action action = judge_fd("pwrite", fd, true);
    if (action == FAIL)
        return -1;
    return end_write(action, syscall(SYS_pwrite64, fd, bytes, part_of(action, length), offset));
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    return pwrite(fd, bytes, length, offset);
}

#define CALL_OF_FD(name, parameters, arguments, ...)                                               \
    int name parameters                                                                            \
    {                                                                                              \
        const enum action action = judge_fd(#name, fd, false);                                     \
        return action == FAIL ? -1 : end(action, REAL(int, #name, __VA_ARGS__) arguments);         \
    }

CALL_OF_FD(fsync, (int fd), (fd), int)
CALL_OF_FD(fdatasync, (int fd), (fd), int)
CALL_OF_FD(flock, (int fd, int operation), (fd, operation), int, int)
CALL_OF_FD(ftruncate, (int fd, off_t length), (fd, length), int, off_t)
CALL_OF_FD(sync_file_range, (int fd, off64_t offset, off64_t count, unsigned flags),
           (fd, offset, count, flags), int, off64_t, off64_t, unsigned)

int ftruncate64(int fd, off64_t length)
{
    return ftruncate(fd, length);
}

/* Its error is its value. */
int posix_fallocate(int fd, off_t offset, off_t length)
{
    const enum action action = judge_fd("posix_fallocate", fd, false);
    return action == FAIL
               ? errno
               : end(action, REAL(int, "posix_fallocate", int, off_t, off_t)(fd, offset, length));
}

int posix_fallocate64(int fd, off64_t offset, off64_t length)
{
    return posix_fallocate(fd, offset, length);
}

int rename(const char *from, const char *to)
{
    const enum action action = judge("rename", to, false);
    return action == FAIL ? -1
                          : end(action, REAL(int, "rename", const char *, const char *)(from, to));
}

int unlink(const char *path)
{
    const enum action action = judge("unlink", path, false);
    return action == FAIL ? -1 : end(action, REAL(int, "unlink", const char *)(path));
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    const enum action action = judge("open", path, false);
    return action == FAIL ? -1 : end(action, (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

int open64(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list arguments;
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    return open(path, flags, mode);
}
