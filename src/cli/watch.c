/* watch.c: what the root does between the rows: progress, checkpoints, the time limit. */
#include "commands.h"

#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double watch_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double watch_program_start(void)
{
    const char *launched = getenv("PLSTRAP_START");
    double start = 0.0;
    if (launched != NULL && pls_text_number(launched, strlen(launched), '.', &start) &&
        start <= watch_now())
        return start;
    return watch_now();
}

const char *watch_duration(double seconds, char out[32])
{
    if (seconds < 100.0)
        snprintf(out, 32, "%.0f s", seconds);
    else if (seconds < 6000.0)
        snprintf(out, 32, "%.0f min", seconds / 60.0);
    else
        snprintf(out, 32, "%.1f h", seconds / 3600.0);
    return out;
}

const char *watch_rate(double rate, char out[32])
{
    if (rate >= 1e6)
        snprintf(out, 32, "%.1f M/s", rate / 1e6);
    else if (rate >= 1e3)
        snprintf(out, 32, "%.1f k/s", rate / 1e3);
    else
        snprintf(out, 32, "%.0f/s", rate);
    return out;
}

static void draw_bar(struct watch *w, double share, const char *done, const char *todo,
                     const char *rate, const char *left)
{
    enum { WIDTH = 24 };
    char bar[WIDTH + 1];
    for (int i = 0; i < WIDTH; i++)
        bar[i] = (double)i < share * WIDTH ? '#' : '.';
    bar[WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %3.0f %%  %s of %s  %s  %s left\033[K", bar, 100.0 * share, done, todo,
            rate, left);
    fflush(stderr);
    w->drawn = true;
}

void watch_clear(struct watch *w)
{
    if (!w->drawn)
        return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
    w->drawn = false;
}

static void show(struct watch *w, double now, uint64_t done, uint64_t todo)
{
    /* A bar that is gone before it can be read only flickers. */
    static const double first_bar = 0.5, next_bar = 0.2, next_line = 60.0;
    const double since = now - w->drawn_at;
    if (w->log->quiet || done == 0 || done >= todo)
        return;
    if (w->bar ? now - w->began < first_bar || (w->drawn && since < next_bar) : since < next_line)
        return;
    const double rate = (double)done / (now - w->began);
    const uint64_t there = done + w->before, whole = todo + w->before;
    char have[32], all[32], speed[32], left[32];
    pls_text_count(there, have);
    pls_text_count(whole, all);
    watch_rate(rate, speed);
    watch_duration((double)(todo - done) / rate, left);
    if (w->bar)
        draw_bar(w, (double)there / (double)whole, have, all, speed, left);
    else
        log_say(w->log, "%s of %s rows, %s, %s left", have, all, speed, left);
    w->drawn_at = now;
}

/* What others may read of this run; that it cannot be written does not matter to the run. */
static void tell(struct watch *w, double now, uint64_t done, uint64_t todo)
{
    if (w->run == NULL || done >= todo)
        return;
    w->told = now;
    const uint64_t most = w->run->all > w->before ? w->run->all - w->before : 0;
    w->run->before = w->before;
    w->run->facts.rows = w->run->preparing ? 0 : done < most ? done : most;
    w->run->facts.seconds = now - w->began;
    (void)runfile_write(w->run, NULL);
}

bool watch_tick(void *self, uint64_t done, uint64_t todo)
{
    static const double first_news = 1.0;
    struct watch *w = self;
    const double now = watch_now();
    show(w, now, done, todo);
    const bool due = now - w->synced >= w->options->checkpoint;
    if (due && w->store != NULL)
        w->code = pls_store_sync(w->store, w->err);
    /* Early on more often than the disk is asked, so that there is a rate to be read. */
    if (due || w->told <= 0.0 || now - w->began >= 2.0 * (w->told - w->began) + first_news)
        tell(w, now, done, todo);
    if (due)
        w->synced = watch_now();
    if (w->code != PLS_OK)
        return false;
    if (now >= w->deadline)
        w->timed_out = true;
    return !w->timed_out;
}
