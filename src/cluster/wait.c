/*
 * wait.c: waiting that leaves the processor to others.
 *
 * MPI's own waiting calls burn a whole core. Measured with Open MPI 4.1.4, one second of waiting:
 * MPI_Recv 0.94 s of processor time, MPI_Iprobe with sleeps of 1 ms 0.015 s. Who waits here spins
 * for a moment, because most answers come at once, and then sleeps ever longer, up to a
 * millisecond.
 */
#include "internal.h"

#include <time.h>

static const double spin_seconds = 100e-6;
static const double first_sleep = 50e-6;
static const double longest_sleep = 1e-3;

double pls_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void pls_doze(struct pls_nap *nap)
{
    const double now = pls_now();

    if (nap->since == 0.0) {
        nap->since = now;
        nap->length = first_sleep;
    }
    if (now - nap->since < spin_seconds)
        return;
    const struct timespec sleep = {.tv_nsec = (long)(nap->length * 1e9)};
    nanosleep(&sleep, NULL); /* a signal may shorten it: all the better */
    nap->length *= 2.0;
    if (nap->length > longest_sleep)
        nap->length = longest_sleep;
}

void pls_awake(struct pls_nap *nap)
{
    if (nap->since == 0.0)
        return;
    nap->waited += pls_now() - nap->since;
    nap->since = 0.0;
}

void pls_await(MPI_Request *request)
{
    struct pls_nap nap = {0};
    int done = 0;

    for (;;) {
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done)
            return;
        pls_doze(&nap);
    }
}
