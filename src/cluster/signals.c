/*
 * signals.c: signals that ask a job to stop.
 *
 * The two variables are the program's only mutable statics: a signal handler gets no argument, so
 * what it notes down must be found without one. It notes and does nothing else.
 */
#include "plstrap/cluster.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static volatile sig_atomic_t signalled;
static volatile sig_atomic_t ended_at; /* seconds of the first SIGINT or SIGTERM, 0: none yet */

/* Slurm sends SIGTERM twice at a time limit, and mpirun sends it on again a second later. */
static const int echo_seconds = 3;

static int seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int)now.tv_sec + 1;
}

static void note(int signal_number)
{
    signalled = 1;
    if (signal_number != SIGINT && signal_number != SIGTERM)
        return;
    if (ended_at == 0) {
        ended_at = seconds();
    } else if (signal_number == SIGINT || seconds() - ended_at >= echo_seconds) {
        signal(signal_number, SIG_DFL);
        raise(signal_number); /* takes effect when the handler returns */
    }
}

void pls_cluster_catch_signals(void)
{
    static const int caught[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGXCPU, SIGHUP};
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++) {
        struct sigaction old;
        sigaction(caught[i], NULL, &old);
        if (old.sa_handler == SIG_IGN) /* nohup, and a shell's `&`: whoever said so meant it */
            continue;
        sigaction(caught[i], &action, NULL);
    }
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

bool pls_cluster_signalled(void)
{
    return signalled != 0;
}
