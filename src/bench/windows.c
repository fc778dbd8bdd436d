/* windows.c: many short windows, of which the fastest tenth counts. */
#include "bench.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double usual_ms = 3.0;
static const size_t usual_windows = 200, fewest_windows = 10;

enum pls_code pls_bench_pace(struct pls_pace *out, struct pls_error *err)
{
    const char *told = getenv("PLSTRAP_BENCH_WINDOW");
    double ms = usual_ms;
    if (told != NULL && told[0] != '\0' &&
        (!pls_text_number(told, strlen(told), '.', &ms) || !(ms >= 0.01 && ms <= 1000.0)))
        return pls_fail(err, PLS_EUSAGE,
                        "PLSTRAP_BENCH_WINDOW takes milliseconds from 0.01 to 1000, not \"%.40s\"",
                        told);
    *out = (struct pls_pace){
        .window = ms / 1e3, .longest = 400.0 * ms / 1e3, .windows = usual_windows};
    return PLS_OK;
}

uint64_t pls_bench_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

enum pls_code pls_bench_stopped(struct pls_error *err)
{
    return pls_cluster_signalled()
               ? pls_fail(err, PLS_ESTOPPED, "stopped by a signal; nothing is left behind")
               : PLS_OK;
}

struct window {
    double ns; /* of a unit */
    double parts[PLS_PARTS];
};

static enum pls_code run_window(const struct pls_task *task, uint64_t units, struct window *window,
                                struct pls_error *err)
{
    double parts[PLS_PARTS] = {0.0};
    enum pls_code code = pls_bench_stopped(err);
    const uint64_t start = pls_bench_clock();
    if (code == PLS_OK)
        code = task->run(task->self, units, parts, err);
    window->ns = (double)(pls_bench_clock() - start) / (double)units;
    for (size_t i = 0; i < PLS_PARTS; i++)
        window->parts[i] = parts[i] / (double)units;
    return code;
}

/* Units that fill a window, found by doubling: which also warms everything up. */
static enum pls_code choose_units(const struct pls_pace *pace, const struct pls_task *task,
                                  uint64_t *units, struct pls_error *err)
{
    const double wanted = 1e9 * pace->window;
    *units = task->quantum;
    for (;;) {
        struct window window;
        const enum pls_code code = run_window(task, *units, &window, err);
        if (code != PLS_OK)
            return code;
        const double took = window.ns * (double)*units;
        if (took < 0.5 * wanted && *units < task->most) {
            *units = *units * 2 < task->most ? *units * 2 : task->most;
            continue;
        }
        double fit = floor(wanted / window.ns / (double)task->quantum);
        fit = fmax(fit, 1.0) * (double)task->quantum;
        *units = fit < (double)task->most ? (uint64_t)fit : task->most;
        if (task->avoid > 0 && *units % task->avoid == 0)
            *units -= task->quantum;
        return PLS_OK;
    }
}

static int by_time(const void *a, const void *b)
{
    const double x = ((const struct window *)a)->ns, y = ((const struct window *)b)->ns;
    return (x > y) - (x < y);
}

enum pls_code pls_bench_time(const struct pls_pace *pace, const struct pls_task *task, double *ns,
                             double opt_parts[PLS_PARTS], struct pls_error *err)
{
    struct window *windows = NULL;
    uint64_t units = 0;
    size_t count = 0;
    enum pls_code code = pls_alloc(&windows, pace->windows, sizeof *windows, err);
    if (code == PLS_OK)
        code = choose_units(pace, task, &units, err);
    const uint64_t start = pls_bench_clock();
    while (code == PLS_OK && count < pace->windows &&
           (count < fewest_windows || (double)(pls_bench_clock() - start) < 1e9 * pace->longest))
        code = run_window(task, units, &windows[count++], err);
    if (code == PLS_OK) {
        qsort(windows, count, sizeof *windows, by_time);
        const size_t best = (count + 9) / 10;
        struct window sum = {0};
        for (size_t w = 0; w < best; w++) {
            sum.ns += windows[w].ns / (double)best;
            for (size_t i = 0; i < PLS_PARTS; i++)
                sum.parts[i] += windows[w].parts[i] / (double)best;
        }
        *ns = sum.ns;
        if (opt_parts != NULL)
            memcpy(opt_parts, sum.parts, sizeof sum.parts);
    }
    free(windows);
    return code;
}
