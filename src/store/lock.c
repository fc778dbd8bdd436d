/* lock.c: one writer per result. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 100 }; /* 50 ms apart */

static void pause_a_little(void)
{
    const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
    nanosleep(&pause, NULL);
}

/* File systems without locks (Lustre mounted so) do not stop a run: every row is read back and
 * checked at the end, so that two writers would be found out there. */
static bool is_locked_by_another(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) != 0 && (errno == EWOULDBLOCK || errno == EINTR);
}

/* The run before may have renamed or removed the file while we waited for it. */
static bool still_has_name(int fd, const char *path)
{
    struct stat of_fd, of_path;
    return fstat(fd, &of_fd) == 0 && lstat(path, &of_path) == 0 && of_fd.st_ino == of_path.st_ino &&
           of_fd.st_dev == of_path.st_dev;
}

enum pls_code pls_lock_take(const char *path, const char *result, int *fd, struct pls_error *err)
{
    for (int tries = 0; tries <= TRIES; tries++) {
        *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
        struct stat facts;
        if (*fd < 0)
            return pls_fail(err, PLS_ECREATE,
                            "%s: cannot be created: %s; choose another place with -o", path,
                            strerror(errno));
        if (fstat(*fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
            close(*fd);
            return pls_fail(err, PLS_ECREATE,
                            "%s: is not a regular file; choose another place with -o", path);
        }
        if (!is_locked_by_another(*fd) && still_has_name(*fd, path))
            return PLS_OK;
        close(*fd);
        pause_a_little();
    }
    return pls_fail(err, PLS_ECREATE,
                    "%s: another run is writing this result; wait for it, or choose another name "
                    "with -o",
                    result);
}

enum pls_writer pls_lock_look(int fd)
{
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
        flock(fd, LOCK_UN);
        return PLS_WRITER_NONE;
    }
    return errno == EWOULDBLOCK ? PLS_WRITER_ACTIVE : PLS_WRITER_UNKNOWN;
}
