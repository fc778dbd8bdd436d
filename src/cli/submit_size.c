/* submit_size.c: what a job will need, from a second of its own replicates on this machine. */
#include "submit.h"

#include "slurm.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const double second = 1.0;                /* how long is measured */
static const double safety = 2.0, start = 300.0; /* of a time limit that is chosen */
static const double longest = 86400.0; /* longer jobs wait longer; ours go on by themselves */
static const double megabyte = 1048576.0;

const char *submit_passed(const struct options *options, const char *name, char letter)
{
    const size_t length = strlen(name);
    const char *found = NULL; /* the last one counts, as with sbatch */
    for (int i = 0; i < options->passed_count; i++) {
        const char *word = options->passed[i];
        const char *next = i + 1 < options->passed_count ? options->passed[i + 1] : NULL;
        if (strncmp(word, name, length) == 0 && word[length] == '=')
            found = word + length + 1;
        else if (next != NULL && strcmp(word, name) == 0)
            found = next;
        else if (letter != '\0' && word[0] == '-' && word[1] == letter)
            found = word[2] != '\0' ? word + 2 : next != NULL ? next : found;
    }
    return found;
}

static int passed_count(const struct options *options, const char *name, char letter)
{
    enum { MOST = 1000000 };
    const char *text = submit_passed(options, name, letter);
    uint64_t value = 0;
    return text != NULL && pls_text_unsigned(text, strlen(text), &value) && value <= MOST
               ? (int)value
               : 0;
}

/* Where sbatch's own options do not say otherwise, nodes are like this machine. */
static void choose_ranks(const struct options *options, struct job_size *size)
{
    const int tasks = passed_count(options, "--ntasks-per-node", '\0');
    const int all = passed_count(options, "--ntasks", 'n');
    const int nodes = passed_count(options, "--nodes", 'N');
    size->nodes = nodes > 0 ? nodes : options->nodes > 0 ? options->nodes : 1;
    size->tasks = tasks > 0 ? tasks
                  : all > 0 ? (all + size->nodes - 1) / size->nodes
                            : pls_cluster_cores();
}

/* Portions that double until they take a while, so that slow models are measured too. */
static enum pls_code measure(struct session *s, double *rate)
{
    enum { MOST = 15 * PLS_LANES }; /* batch.h: not a multiple of 512 */
    struct pls_job_state *state = NULL;
    struct pls_outcome *outcomes = NULL;
    double *rows = NULL;
    uint64_t done = 0;
    size_t count = 1;
    enum pls_code code = pls_job_prepare(s->plan, s->isa, &state, &s->err);
    if (code == PLS_OK)
        code = pls_alloc(&rows, s->series[0].columns->count * MOST, sizeof *rows, &s->err);
    if (code == PLS_OK)
        code = pls_alloc(&outcomes, MOST, sizeof *outcomes, &s->err);
    double began = watch_now(), took = 0.0;
    while (code == PLS_OK && took < second) {
        code = pls_job_replicate(state, 0, done, count, rows, outcomes, &s->err);
        done += count;
        took = watch_now() - began;
        if (count < MOST &&
            took < 0.2 * second) { /* still warming up: what it took does not count */
            count = count < PLS_LANES ? PLS_LANES : MOST;
            began = watch_now();
            done = 0;
            took = 0.0;
        }
    }
    *rate = (double)done / took;
    free(rows);
    free(outcomes);
    pls_job_release(state);
    return code;
}

static double resident(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? 1024.0 * (double)usage.ru_maxrss : 0.0;
}

/* Where rows are only counted: the pilot, and about as much again in brackets. */
static double counted_bytes(const struct session *s)
{
    double rows = 0.0;
    for (size_t i = 0; i < s->series_count; i++)
        rows += fmin((double)s->series[i].count, i == 0 ? PLS_TALLY_PILOT : INFINITY);
    return 2.0 * sizeof(double) * rows * (double)s->series[0].columns->count;
}

/*
 * What this process holds after it has computed, Open MPI and messages beside it; what the first
 * rank adds when it makes tables: a column of all replicates, once as it is and once to be worked
 * on, and which of them are usable. Seen with 2 million replicates of 40 statistics: 30 MB and
 * 43 MB, counted 39 MB and 52 MB.
 */
static void size_memory(const struct session *s, double replicates, struct job_size *size)
{
    const double mpi = 64.0 * megabyte;
    size->rank = resident() + mpi + (session_keeps_rows(s) ? 0.0 : counted_bytes(s));
    size->root = size->rank;
    if (session_keeps_rows(s))
        size->root += (2.0 * sizeof(double) + 1.0) * replicates;
}

/* Of a result with so many rows, and beside it while it is made. */
static double size_storage(const struct session *s, double rows)
{
    const double row =
        (double)s->series[0].columns->count * sizeof(double) + sizeof(struct pls_outcome);
    return megabyte + (session_keeps_rows(s) ? row * rows : counted_bytes(s));
}

static double chosen_limit(const struct options *options, double seconds)
{
    double limit = 0.0;
    const char *passed = submit_passed(options, "--time", 't');
    if (passed != NULL && slurm_parse_time(passed, &limit))
        return limit;
    if (options->time > 0.0)
        return options->time;
    limit = 60.0 * ceil((safety * seconds + start) / 60.0);
    return fmin(limit, longest);
}

enum pls_code submit_size(struct submission *job)
{
    /* Of a value of a row, at the end: written, read back, checked, sorted. Seen: 40. */
    static const double finish_ns = 60.0;
    struct session *s = job->s;
    struct job_size *size = &job->size;
    const double shards = s->options.array > 0 ? s->options.array : 1.0;
    double all = 0.0;
    for (size_t i = 0; i < s->series_count; i++)
        all += (double)s->series[i].count;
    choose_ranks(&s->options, size);
    const enum pls_code code = measure(s, &size->rate);
    if (code != PLS_OK)
        return code;
    const double kept = session_keeps_rows(s) ? 1.0 : 0.0;
    const double finish = kept * 1e-9 * finish_ns * all * (double)s->series[0].columns->count;
    size->rows = all / shards;
    size->seconds = size->rows / size->rate / (double)size->nodes / (double)size->tasks;
    size->finish = finish / shards;
    size->storage = size_storage(s, size->rows);
    size_memory(s, shards > 1.0 ? 0.0 : (double)s->series[0].count, size);
    size->limit = chosen_limit(&s->options, size->seconds + size->finish);

    job->merge = (struct job_size){.nodes = 1, .tasks = 1, .rows = all, .finish = finish};
    job->merge.storage = size_storage(s, all);
    size_memory(s, (double)s->series[0].count, &job->merge);
    job->merge.limit = fmin(60.0 * ceil((safety * finish + start) / 60.0), longest);
    return PLS_OK;
}

const char *submit_bytes(double bytes, char out[32])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    size_t unit = 0;
    double value = bytes / 1e3;
    for (; value >= 999.5 && unit < 3; unit++)
        value /= 1e3;
    snprintf(out, 32, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return out;
}

unsigned long submit_node_memory(const struct job_size *size)
{
    const double step = 100.0, least = 500.0, reserve = 1.25;
    const double bytes = size->root + size->rank * (double)(size->tasks - 1);
    return (unsigned long)fmax(step * ceil(reserve * bytes / megabyte / step), least);
}
