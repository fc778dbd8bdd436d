/*
 * launch.c: ranks on this machine's processors, for who does not want to know of mpirun.
 *
 * Why this process stays and does not exec: mpirun takes 2 s to end, and prints a page, when a
 * rank's exit code is not 0; on SIGINT, SIGTERM and SIGHUP it sends SIGTERM to the ranks a second
 * later and SIGKILL after another; and when nobody reads its output (`| head`) it crashes. So rank
 * 0 says its process number and its code through a pipe; mpirun has the signals blocked, and they
 * go straight to rank 0, which stops the job in order; and the output passes through here.
 */
#define _GNU_SOURCE /* pipe2 */

#include "launch.h"

#include "plstrap/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct launch {
    pid_t mpirun;
    int door[2];              /* pipe from rank 0                              */
    int output[2];            /* pipe from mpirun's standard output            */
    int signals;              /* signalfd                                      */
    bool unread;              /* nobody reads our own output any more          */
    pid_t rank0;              /* 0: it has not told yet                        */
    int code;                 /* what rank 0 left with, -1: it has not told    */
    int pending;              /* a signal that came before rank 0 did          */
    char last[PLS_LAST_LINE]; /* to be said when all else is printed */
};

/* Those that ask a job to stop; without `ignored` those alone that nobody told us to ignore. */
static void stopping_signals(sigset_t *set, bool ignored)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};

    sigemptyset(set);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction action;
        sigaction(numbers[i], NULL, &action);
        if (ignored || action.sa_handler != SIG_IGN)
            sigaddset(set, numbers[i]);
    }
}

static void hear(struct launch *launch)
{
    struct pls_door_word word;

    while (read(launch->door[0], &word, sizeof word) == sizeof word) {
        if (word.kind == PLS_DOOR_CODE)
            launch->code = word.value;
        else if (word.kind == PLS_DOOR_LAST)
            memcpy(launch->last, word.text, sizeof launch->last);
        else
            launch->rank0 = word.value;
    }
    if (launch->pending != 0 && launch->rank0 > 0 && launch->code < 0) {
        kill(launch->rank0, launch->pending);
        launch->pending = 0;
    }
}

static void forward(struct launch *launch)
{
    struct signalfd_siginfo info;

    if (read(launch->signals, &info, sizeof info) != sizeof info || info.ssi_signo == SIGCHLD)
        return;
    const int number = (int)info.ssi_signo;
    if (launch->rank0 > 0 && launch->code < 0)
        kill(launch->rank0, number);
    else if (launch->pending != 0)
        kill(launch->mpirun, SIGKILL); /* asked twice, and the ranks have not even begun */
    else
        launch->pending = number;
}

/* Passes on what mpirun has printed; where nobody reads it, it is dropped and the job goes on. */
static void pass_on(struct launch *launch)
{
    char bytes[65536];

    for (;;) {
        const ssize_t length = read(launch->output[0], bytes, sizeof bytes);
        if (length == 0) {
            close(launch->output[0]);
            launch->output[0] = -1;
        }
        if (length <= 0)
            return;
        for (ssize_t done = 0; done < length && !launch->unread;) {
            const ssize_t written = write(STDOUT_FILENO, bytes + done, (size_t)(length - done));
            if (written >= 0)
                done += written;
            else if (errno == EAGAIN)
                (void)poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
            else if (errno != EINTR)
                launch->unread = true;
        }
    }
}

/* Until mpirun has ended; returns waitpid's status. */
static int watch_over(struct launch *launch)
{
    int status = 0;

    for (;;) {
        struct pollfd events[] = {{.fd = launch->door[0], .events = POLLIN},
                                  {.fd = launch->signals, .events = POLLIN},
                                  {.fd = launch->output[0], .events = POLLIN}};
        (void)poll(events, 3, -1);
        hear(launch);
        pass_on(launch);
        if (events[1].revents)
            forward(launch);
        const pid_t ended = waitpid(launch->mpirun, &status, WNOHANG);
        if (ended == launch->mpirun || (ended < 0 && errno != EINTR))
            break;
    }
    hear(launch);
    pass_on(launch);
    return status;
}

/* Nobody told how the job ended. 128 and more is a shell's way of saying that a signal ended it. */
static enum pls_code tell_death(const struct launch *launch, int end, bool of_mpirun,
                                struct pls_error *err)
{
    if (launch->rank0 == 0 && end <= 128)
        return pls_fail(err, PLS_EUNAVAILABLE,
                        "mpirun ended with code %d before a rank had begun; see what `mpirun -n 2 "
                        "true` says, or give --ranks 1",
                        end);
    return pls_fail(err, PLS_EUNAVAILABLE,
                    "%s died (%s %d%s%s) and ended the run; what was done up to the last "
                    "checkpoint is kept: give the same command again to go on",
                    of_mpirun ? "mpirun" : "a rank", end > 128 ? "signal" : "code",
                    end > 128 ? end - 128 : end, end > 128 ? ": " : "",
                    end > 128 ? strsignal(end - 128) : "");
}

static enum pls_code judge(const struct launch *launch, int status, int *out, struct pls_error *err)
{
    const int mpirun = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);

    if (launch->code > 0 || (launch->code == 0 && mpirun == 0))
        *out = launch->code;
    else if (mpirun == 127 && launch->rank0 == 0)
        return pls_fail(err, PLS_EUNAVAILABLE,
                        "mpirun of Open MPI cannot be started; install openmpi-bin, or give "
                        "--ranks 1");
    else {
        *out = mpirun != 0 ? mpirun : PLS_EINTERNAL;
        return tell_death(launch, *out, WIFSIGNALED(status), err);
    }
    return PLS_OK;
}

/* The new process number, or -1; the new process does not return. */
static pid_t start_mpirun(char *const *argv, int ranks, const struct launch *launch)
{
    const pid_t parent = getpid();
    char path[64];

    const pid_t child = fork();
    if (child != 0)
        return child;

    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_UNBLOCK, &children, NULL); /* the others stay blocked in mpirun */
    (void)snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)parent, launch->door[1]);
    if (setenv(PLS_DOOR, path, 1) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
        getppid() == parent)
        pls_become_mpirun(argv, ranks, launch->output[1]);
    _exit(127);
}

/* Opens the pipes and starts mpirun, with its signals in our hands. */
static bool begin(struct launch *launch, char *const *argv, int ranks)
{
    sigset_t blocked, watched;

    stopping_signals(&blocked, true);
    stopping_signals(&watched, false);
    sigaddset(&blocked, SIGCHLD);
    sigaddset(&watched, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    launch->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    if (launch->signals < 0 || pipe2(launch->door, O_CLOEXEC | O_NONBLOCK) != 0 ||
        pipe2(launch->output, O_CLOEXEC) != 0 || fcntl(launch->output[0], F_SETFL, O_NONBLOCK) != 0)
        return false;
    launch->mpirun = start_mpirun(argv, ranks, launch);
    close(launch->output[1]);
    launch->output[1] = -1;
    return launch->mpirun > 0;
}

static void close_all(const struct launch *launch)
{
    const int open[] = {launch->signals, launch->door[0], launch->door[1], launch->output[0],
                        launch->output[1]};

    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        if (open[i] >= 0)
            close(open[i]);
    }
}

enum pls_code pls_cluster_launch(char *const *argv, int ranks, int *status, struct pls_error *err)
{
    struct launch launch = {
        .signals = -1, .door = {-1, -1}, .output = {-1, -1}, .mpirun = -1, .code = -1};
    struct sigaction pipe_before, ignore = {.sa_handler = SIG_IGN};
    sigset_t before;
    enum pls_code code = PLS_OK;

    sigprocmask(SIG_BLOCK, NULL, &before);
    if (!begin(&launch, argv, ranks)) {
        code = pls_fail(err, PLS_EUNAVAILABLE, "mpirun cannot be started: %s; give --ranks 1",
                        strerror(errno));
    } else {
        sigaction(SIGPIPE, &ignore, &pipe_before);
        code = judge(&launch, watch_over(&launch), status, err);
        if (launch.last[0] != '\0')
            fprintf(stderr, "%s\n", launch.last);
        sigaction(SIGPIPE, &pipe_before, NULL);
    }
    close_all(&launch);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return code;
}
