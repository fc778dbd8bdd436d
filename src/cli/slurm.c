/* slurm.c: Slurm's programs run, and what they say understood. */
#define _GNU_SOURCE /* pipe2 */

#include "slurm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

bool slurm_parse_time(const char *text, double *seconds)
{
    uint64_t part[4] = {0}; /* days, then what colons separate */
    size_t parts = 1;
    const size_t before = strcspn(text, "-");
    const bool days = text[before] == '-';
    if (days && !pls_text_unsigned(text, before, &part[0]))
        return false;
    for (const char *at = days ? text + before + 1 : text;; parts++) {
        const size_t length = strcspn(at, ":");
        if (parts > 3 || length > 9 || !pls_text_unsigned(at, length, &part[parts]))
            return false;
        if (at[length] == '\0')
            break;
        at += length + 1;
    }
    /* After days the first is hours; else the last is seconds, but for minutes that stand alone. */
    static const double after_days[] = {3600.0, 60.0, 1.0};
    static const double alone[3][3] = {{60.0}, {60.0, 1.0}, {3600.0, 60.0, 1.0}};
    const double *unit = days ? after_days : alone[parts - 1];
    *seconds = 86400.0 * (double)part[0];
    for (size_t i = 0; i < parts; i++)
        *seconds += unit[i] * (double)part[i + 1];
    return *seconds > 0.0;
}

const char *slurm_print_time(double seconds, char out[32])
{
    const uint64_t whole = (uint64_t)seconds, days = whole / 86400, rest = whole % 86400;
    const int length = days > 0 ? snprintf(out, 32, "%llu-", (unsigned long long)days) : 0;
    snprintf(out + length, 32 - (size_t)length, "%02u:%02u:%02u", (unsigned)(rest / 3600),
             (unsigned)(rest / 60 % 60), (unsigned)(rest % 60));
    return out;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Signals as a program expects them, whatever we have blocked or ignored. */
static int default_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0)
        error =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return error;
}

/* Returns 0 or what went wrong, as errno has it. */
static int start(const char *const *argv, int output, bool loud, pid_t *child)
{
    extern char **environ;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    int error = default_signals(&attributes);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    if (error == 0 && !loud)
        error = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (error == 0) {
        char *const *const list = (char *const *)(uintptr_t)argv; /* spawn changes nothing of it */
        error = posix_spawnp(child, argv[0], &files, &attributes, list, environ);
    }
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* Reads until the end of the output; false where that did not come in time. */
static bool listen_to(int fd, double until, struct pls_text *out)
{
    enum { MOST = 65536 };
    char bytes[4096];
    for (;;) {
        const double left = until - now();
        if (left <= 0.0)
            return false;
        const int ready =
            poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, (int)(1e3 * left) + 1);
        if (ready <= 0)
            continue;
        const ssize_t length = read(fd, bytes, sizeof bytes);
        if (length == 0 || (length < 0 && errno != EINTR))
            return true;
        if (length > 0 && out->length < MOST &&
            pls_text_append(out, bytes, (size_t)length, NULL) != PLS_OK)
            return false;
    }
}

enum pls_code slurm_run(const char *const *argv, double patience, bool loud, struct pls_text *out,
                        int *status, struct pls_error *err)
{
    int ends[2], state = 0;
    pid_t child = -1;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return pls_fail(err, PLS_EUNAVAILABLE, "%s cannot be started: %s", argv[0],
                        strerror(errno));
    const int error = start(argv, ends[1], loud, &child);
    close(ends[1]);
    const bool ended = error == 0 && listen_to(ends[0], now() + patience, out);
    close(ends[0]);
    if (error != 0)
        return pls_fail(err, PLS_EUNAVAILABLE, "%s cannot be started: %s", argv[0],
                        strerror(error));
    if (!ended)
        kill(child, SIGKILL);
    while (waitpid(child, &state, 0) < 0 && errno == EINTR)
        continue;
    *status = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
    return ended ? PLS_OK
                 : pls_fail(err, PLS_EUNAVAILABLE, "%s did not answer within %.0f s", argv[0],
                            patience);
}

static bool is_number(const char *text)
{
    uint64_t number;
    return text != NULL && pls_text_unsigned(text, strlen(text), &number);
}

/* Of an array the last task bears the number of the whole, by which squeue tells of every task. */
static bool own_name(char out[48])
{
    const char *job = getenv("SLURM_JOB_ID"), *array = getenv("SLURM_ARRAY_JOB_ID"),
               *task = getenv("SLURM_ARRAY_TASK_ID");
    const bool of_array = is_number(array) && is_number(task);
    if (!of_array && !is_number(job))
        return false;
    const int length =
        of_array ? snprintf(out, 48, "%s_%s", array, task) : snprintf(out, 48, "%s", job);
    return length > 0 && length < 48;
}

bool slurm_time_left(double *seconds)
{
    static const double patience =
        5.0; /* a controller that is down takes squeue minutes to give up on */
    char job[48];
    struct pls_text answer = {0};
    int status = -1;
    if (!own_name(job))
        return false;
    const char *const argv[] = {"squeue", "-h", "-j", job, "-o", "%L", NULL};
    bool known = slurm_run(argv, patience, false, &answer, &status, NULL) == PLS_OK &&
                 status == 0 && answer.data != NULL;
    if (known) {
        answer.data[strcspn(answer.data, "\n")] = '\0';
        known = slurm_parse_time(answer.data, seconds);
    }
    pls_text_free(&answer);
    return known;
}
