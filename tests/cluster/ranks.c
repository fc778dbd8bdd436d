/*
 * ranks.c: a program for run.sh: joins, lets one case happen on all ranks, checks it, and leaves.
 *
 *   ranks [--ranks N] CASE [NUMBER]
 *
 * With --ranks it starts itself by pls_cluster_launch(). Its exit code is the job's; 1: a check
 * failed.
 */
#include "plstrap/cluster.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define require(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            failed = true;                                                                         \
        }                                                                                          \
    } while (0)

static bool failed;

enum { SERIES = 3, NARROW = 10007, WIDE = 5003 };
static const struct pls_columns three = {.count = 3}, forty = {.count = 40}, none = {.count = 0};
static const struct pls_series series[SERIES] = {
    {"narrow", NARROW, &three}, {"wide", WIDE, &forty}, {"empty", 0, &none}};

/* What a replicate function of this file does. */
struct habits {
    const struct pls_cluster *cluster;
    long nap_ns;        /* per row                                   */
    int failing_rank;   /* -1: none                                  */
    uint64_t good_rows; /* that the failing rank computes before     */
    uint64_t computed;
};

static double value_of(size_t s, uint64_t row, size_t column)
{
    return (double)row + 1e6 * (double)column + 1e9 * (double)s;
}

static struct pls_outcome outcome_of(size_t s, uint64_t row)
{
    return (struct pls_outcome){.status = (uint8_t)(row % 7),
                                .flags = (uint8_t)s,
                                .where = (uint16_t)(row % 65521),
                                .iterations = (uint16_t)(row % 300)};
}

static void rest(long ns)
{
    struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    while (nanosleep(&t, &t) != 0)
        ;
}

static enum pls_code replicate(void *state, size_t s, uint64_t first, size_t count, double *rows,
                               struct pls_outcome *outcomes, struct pls_error *err)
{
    struct habits *habits = state;

    if (habits->cluster->rank == habits->failing_rank &&
        habits->computed + count > habits->good_rows)
        return pls_fail(err, PLS_EUNAVAILABLE, "no memory on rank %d", habits->failing_rank);
    habits->computed += count;
    for (size_t i = 0; i < count; i++) {
        if (habits->nap_ns)
            rest(habits->nap_ns);
        outcomes[i] = outcome_of(s, first + i);
        for (size_t c = 0; c < series[s].columns->count; c++)
            rows[c * count + i] = value_of(s, first + i, c);
    }
    return PLS_OK;
}

/* A sink that remembers which rows came. */
struct shelf {
    unsigned char seen[2][NARROW];
    uint64_t puts;
    uint64_t rows;
    uint64_t cut;         /* ranges that came shorter than `chunk` makes them */
    uint64_t failing_put; /* 0: none */
    bool wrong;
};

static enum pls_code put(void *self, const struct pls_range *range, const double *rows,
                         const struct pls_outcome *outcomes, struct pls_error *err)
{
    struct shelf *shelf = self;
    const size_t columns = series[range->series].columns->count;

    if (++shelf->puts == shelf->failing_put)
        return pls_fail(err, PLS_EIO, "rows.part: disk full at put %d", (int)shelf->puts);
    for (size_t i = 0; i < range->count; i++) {
        const struct pls_outcome right = outcome_of(range->series, range->first + i);
        if (shelf->seen[range->series][range->first + i]++ != 0 ||
            memcmp(&outcomes[i], &right, sizeof right) != 0)
            shelf->wrong = true;
        for (size_t c = 0; c < columns; c++) {
            if (rows[c * range->count + i] != value_of(range->series, range->first + i, c))
                shelf->wrong = true;
        }
    }
    shelf->rows += range->count;
    shelf->cut += range->count != 1 && range->count != 997 && range->count != 1000 &&
                  range->count != 1003 && range->count != 2000;
    return PLS_OK;
}

/* Odd ranges with gaps, so that a lost offset shows. */
static const struct pls_range todo[] = {
    {0, 0, 1}, {0, 3, 4997}, {1, 1, 5000}, {0, 5003, 0}, {0, 5004, 5003}};
enum { TODO = sizeof todo / sizeof todo[0], TODO_ROWS = 1 + 4997 + 5000 + 5003 };

static bool shelf_is_complete(const struct shelf *shelf)
{
    static unsigned char expected[2][NARROW];

    for (size_t i = 0; i < TODO; i++)
        memset(expected[todo[i].series] + todo[i].first, 1, todo[i].count);
    return !shelf->wrong && memcmp(shelf->seen, expected, sizeof expected) == 0;
}

struct clock_of_ticks {
    uint64_t ticks;
    uint64_t last_done;
    uint64_t stop_at; /* number of the tick; 0: never */
    bool backwards;
};

static bool tick(void *self, uint64_t done, uint64_t all)
{
    struct clock_of_ticks *watch = self;

    if (done < watch->last_done || done > all)
        watch->backwards = true;
    watch->ticks++;
    watch->last_done = done;
    return watch->stop_at == 0 || watch->ticks < watch->stop_at;
}

static struct shelf shelf;
static struct clock_of_ticks watch;

static enum pls_code work(const struct pls_cluster *cluster, struct habits *habits, uint64_t chunk,
                          struct pls_work_facts *facts, struct pls_error *err)
{
    const struct pls_work w = {.series = series,
                               .series_count = SERIES,
                               .replicate = replicate,
                               .state = habits,
                               .chunk = chunk};
    const struct pls_sink sink = {&shelf, put};
    const struct pls_watch told = {&watch, tick};

    habits->cluster = cluster;
    return pls_cluster_work(cluster, &w, todo, TODO, &sink, &told, facts, err);
}

static enum pls_code case_rows(const struct pls_cluster *cluster, long chunk, struct pls_error *err)
{
    struct habits habits = {.failing_rank = -1};
    struct pls_work_facts facts = {0};

    for (int round = 0; round < 2; round++) { /* a second job finds no leftovers of the first */
        memset(&shelf, 0, sizeof shelf);
        memset(&watch, 0, sizeof watch);
        const enum pls_code code = work(cluster, &habits, (uint64_t)chunk, &facts, err);
        require(code == PLS_OK);
        if (cluster->rank != 0)
            continue;
        require(shelf_is_complete(&shelf));
        require(facts.rows == TODO_ROWS);
        require(facts.seconds > 0.0 && facts.waiting >= 0.0 && facts.waiting <= 1.0);
        require(watch.ticks >= 1 && watch.last_done == TODO_ROWS && !watch.backwards);
        if (chunk == 7)
            require(shelf.puts >= TODO_ROWS / 7);
    }
    return PLS_OK;
}

static enum pls_code case_nothing(const struct pls_cluster *cluster, long unused,
                                  struct pls_error *err)
{
    struct habits habits = {.cluster = cluster, .failing_rank = -1};
    const struct pls_work w = {
        .series = series, .series_count = SERIES, .replicate = replicate, .state = &habits};
    const struct pls_sink sink = {&shelf, put};

    (void)unused;
    require(pls_cluster_work(cluster, &w, NULL, 0, &sink, NULL, NULL, err) == PLS_OK);
    require(shelf.puts == 0 && habits.computed == 0);
    return PLS_OK;
}

static enum pls_code case_sink_error(const struct pls_cluster *cluster, long at,
                                     struct pls_error *err)
{
    struct habits habits = {.failing_rank = -1};
    char sentence[64];

    shelf.failing_put = (uint64_t)at;
    const enum pls_code code = work(cluster, &habits, 100, NULL, err);
    (void)snprintf(sentence, sizeof sentence, "rows.part: disk full at put %ld", at);
    require(code == PLS_EIO);
    require(strcmp(err->text, sentence) == 0);
    require(!shelf.wrong && shelf.puts <= (uint64_t)at);
    return code;
}

static enum pls_code case_row_error(const struct pls_cluster *cluster, long rank,
                                    struct pls_error *err)
{
    struct habits habits = {.failing_rank = (int)rank, .good_rows = 500, .nap_ns = 10000};
    char sentence[64];

    const enum pls_code code = work(cluster, &habits, 0, NULL, err);
    (void)snprintf(sentence, sizeof sentence, "no memory on rank %ld", rank);
    require(code == PLS_EUNAVAILABLE);
    require(strcmp(err->text, sentence) == 0);
    require(!shelf.wrong);
    return code;
}

/*
 * Half a second (five ticks) after the start every rank is within a range that takes a second or
 * two: what each of them has done so far arrives, and nothing else is begun.
 */
static enum pls_code case_stop(const struct pls_cluster *cluster, long ticks, struct pls_error *err)
{
    struct habits habits = {.failing_rank = -1, .nap_ns = 1000000};
    struct pls_work_facts facts = {0};

    watch.stop_at = (uint64_t)ticks;
    const enum pls_code code = work(cluster, &habits, 2000, &facts, err);
    require(code == PLS_ESTOPPED);
    require(strstr(err->text, "rows; give the same command again to go on") != NULL);
    if (cluster->rank == 0) {
        require(!shelf.wrong);
        require(shelf.cut == (uint64_t)cluster->size);
        require(shelf.rows == watch.last_done && shelf.rows == facts.rows);
    }
    return code;
}

/* Ranks that keep what they compute, whole units of it in order. */
struct ledger {
    const struct pls_cluster *cluster;
    long nap_ns;
    uint64_t sum; /* of the numbers of rows in whole units */
    uint64_t open_sum, open_next;
    bool wrong;
};

enum { UNIT = 640, UNITS = 400 };

static enum pls_code count_in_units(void *state, size_t s, uint64_t first, size_t count,
                                    double *rows, struct pls_outcome *outcomes,
                                    struct pls_error *err)
{
    struct ledger *ledger = state;
    (void)s, (void)err;
    ledger->wrong = ledger->wrong || rows != NULL || outcomes != NULL;
    for (uint64_t row = first; row < first + count; row++) {
        if (row % UNIT == 0)
            ledger->open_sum = 0;
        else if (row != ledger->open_next)
            ledger->wrong = true;
        ledger->open_sum += row;
        ledger->open_next = row + 1;
        if ((row + 1) % UNIT == 0)
            ledger->sum += ledger->open_sum;
        if (ledger->nap_ns)
            rest(ledger->nap_ns);
    }
    return PLS_OK;
}

static enum pls_code note_units(void *self, const struct pls_range *range, const double *rows,
                                const struct pls_outcome *outcomes, struct pls_error *err)
{
    uint64_t *sum = self;
    (void)err;
    require(rows == NULL && outcomes == NULL && range->first % UNIT == 0);
    for (uint64_t row = range->first; row < range->first + range->count / UNIT * UNIT; row++)
        *sum += row;
    return PLS_OK;
}

static enum pls_code note_rows(void *self, const struct pls_range *range, const double *rows,
                               const struct pls_outcome *outcomes, struct pls_error *err)
{
    (void)rows, (void)outcomes, (void)err;
    *(uint64_t *)self += range->count;
    return PLS_OK;
}

static enum pls_code give_sum(void *self, size_t part, struct pls_text *out, struct pls_error *err)
{
    (void)part;
    const struct ledger *ledger = self;
    return pls_text_append(out, (const char *)&ledger->sum, sizeof ledger->sum, err);
}

static enum pls_code add_sum(void *self, size_t part, const char *bytes, size_t length,
                             struct pls_error *err)
{
    (void)part;
    struct ledger *ledger = self;
    uint64_t sum;
    (void)err;
    require(length == sizeof sum);
    memcpy(&sum, bytes, sizeof sum);
    ledger->sum += sum;
    return PLS_OK;
}

/* What the root was told to be done and what the ranks have is the same, also after a stop. */
static enum pls_code case_counted(const struct pls_cluster *cluster, long stop_at,
                                  struct pls_error *err)
{
    const struct pls_series units = {"units", (uint64_t)UNIT * UNITS, &forty};
    const struct pls_range all = {0, 0, units.count};
    struct ledger ledger = {.cluster = cluster, .nap_ns = stop_at ? 100000 : 0};
    const struct pls_work w = {.series = &units,
                               .series_count = 1,
                               .replicate = count_in_units,
                               .state = &ledger,
                               .grain = 64,
                               .unit = UNIT,
                               .counted = true};
    const struct pls_fold fold = {&ledger, 1, give_sum, add_sum};
    struct clock_of_ticks ticks = {.stop_at = (uint64_t)stop_at};
    const struct pls_watch told = {&ticks, tick};
    uint64_t sum = 0;
    const struct pls_sink sink = {&sum, note_units};

    const enum pls_code code = pls_cluster_work(cluster, &w, &all, 1, &sink, &told, NULL, err);
    require(code == (stop_at ? PLS_ESTOPPED : PLS_OK));
    require(!ledger.wrong);
    require(pls_cluster_fold(cluster, &fold, err) == PLS_OK);
    if (cluster->rank == 0) {
        require(sum == ledger.sum && sum > 0);
        require(stop_at != 0 || sum == units.count * (units.count - 1) / 2);
    }
    return PLS_OK;
}

/* One rank's bytes are long, one's cannot be given. */
static enum pls_code give_long(void *self, size_t part, struct pls_text *out, struct pls_error *err)
{
    const struct ledger *ledger = self;
    enum pls_code code = part == 1 ? give_sum(self, part, out, err) : PLS_OK;
    if (ledger->nap_ns == ledger->cluster->rank)
        return pls_fail(err, PLS_EUNAVAILABLE, "no memory on rank %ld", ledger->nap_ns);
    for (size_t i = 0; code == PLS_OK && ledger->cluster->rank == 1 && i < 2000000 * part; i++)
        code = pls_text_append(out, "12345678", 8, err);
    return code;
}

static enum pls_code add_long(void *self, size_t part, const char *bytes, size_t length,
                              struct pls_error *err)
{
    struct ledger *ledger = self;
    const size_t head = part == 1 ? sizeof(uint64_t) : 0;
    require(length == head || length == head + 16000000 * part);
    return part == 1 ? add_sum(ledger, part, bytes, head, err) : PLS_OK;
}

static enum pls_code case_fold(const struct pls_cluster *cluster, long failing,
                               struct pls_error *err)
{
    struct ledger ledger = {
        .cluster = cluster, .nap_ns = failing, .sum = (uint64_t)cluster->rank + 1};
    const struct pls_fold fold = {&ledger, 4, give_long, add_long};
    const enum pls_code code = pls_cluster_fold(cluster, &fold, err);
    const bool fails = failing > 0 && failing < cluster->size;
    require(code == (fails ? PLS_EUNAVAILABLE : PLS_OK));
    require(!fails || strstr(err->text, "no memory on rank") != NULL);
    const uint64_t ranks = (uint64_t)cluster->size;
    require(fails || cluster->rank != 0 || ledger.sum == ranks * (ranks + 1) / 2);
    return PLS_OK;
}

/* Waits to be stopped; says when it has begun. */
static enum pls_code case_wait(const struct pls_cluster *cluster, long deaf, struct pls_error *err)
{
    struct habits habits = {.failing_rank = -1, .nap_ns = 3000000};

    if (!deaf)
        pls_cluster_catch_signals();
    if (cluster->rank == 0) {
        printf("begun %ld\n", (long)getpid());
        fflush(stdout);
    }
    const enum pls_code code = work(cluster, &habits, 0, NULL, err);
    require(code == PLS_ESTOPPED);
    require(cluster->rank != 0 || (!shelf.wrong && shelf.rows > 0));
    return code;
}

static enum pls_code case_share(const struct pls_cluster *cluster, long megabytes,
                                struct pls_error *err)
{
    const size_t sizes[] = {0, 1, ((size_t)megabytes << 20) + 3};

    for (size_t i = 0; i < 3; i++) {
        void *bytes = NULL;
        size_t length = 0;
        if (cluster->rank == 0) {
            length = sizes[i];
            bytes = malloc(length + 1);
            if (bytes == NULL)
                return pls_fail(err, PLS_EUNAVAILABLE, "no memory for the test");
            for (size_t b = 0; b < length; b++)
                ((unsigned char *)bytes)[b] = (unsigned char)(b * 31 + b / 65536);
        }
        require(pls_cluster_share(cluster, &bytes, &length, err) == PLS_OK);
        require(length == sizes[i]);
        bool same = true;
        for (size_t b = 0; b < length; b++)
            same = same && ((unsigned char *)bytes)[b] == (unsigned char)(b * 31 + b / 65536);
        require(same);
        free(bytes);
    }
    return PLS_OK;
}

/* Ranks from `from` on fail, the lowest of them counts. */
static enum pls_code case_agree(const struct pls_cluster *cluster, long from, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    char sentence[64];

    if (cluster->rank >= from)
        code = pls_fail(err, cluster->rank == from ? PLS_EDATA : PLS_EINTERNAL,
                        "other data on rank %d", cluster->rank);
    code = pls_cluster_agree(cluster, code, err);
    (void)snprintf(sentence, sizeof sentence, "other data on rank %ld", from);
    require(code == (from < cluster->size ? PLS_EDATA : PLS_OK));
    require(code == PLS_OK || strcmp(err->text, sentence) == 0);
    return code;
}

/* The others wait for rank 0, and then for the end of a job whose only row takes a second. */
static enum pls_code case_idle(const struct pls_cluster *cluster, long unused,
                               struct pls_error *err)
{
    const struct pls_range one = {0, 0, 1};
    struct habits habits = {.cluster = cluster, .failing_rank = -1, .nap_ns = 1000000000};
    const struct pls_work w = {
        .series = series, .series_count = SERIES, .replicate = replicate, .state = &habits};
    const struct pls_sink sink = {&shelf, put};
    struct pls_work_facts facts = {0};
    struct rusage before, after;

    (void)unused;
    getrusage(RUSAGE_SELF, &before);
    if (cluster->rank == 0)
        rest(1000000000);
    require(pls_cluster_agree(cluster, PLS_OK, err) == PLS_OK);
    require(pls_cluster_work(cluster, &w, &one, 1, &sink, NULL, &facts, err) == PLS_OK);
    getrusage(RUSAGE_SELF, &after);
    const double used = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
                        (double)(after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
                        1e-6 * (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) +
                        1e-6 * (double)(after.ru_stime.tv_usec - before.ru_stime.tv_usec);
    require(used < 0.3); /* of two seconds */
    if (cluster->rank == 0 && cluster->size > 1) {
        const double idle = (double)(cluster->size - 1) / cluster->size;
        require(facts.waiting > 0.8 * idle && facts.waiting < 1.05 * idle);
    }
    return PLS_OK;
}

static long resident_kb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static enum pls_code count_rows(void *self, const struct pls_range *range, const double *rows,
                                const struct pls_outcome *outcomes, struct pls_error *err)
{
    (void)outcomes;
    (void)err;
    *(uint64_t *)self += range->count;
    require(rows[39 * range->count] == (double)range->first);
    return PLS_OK;
}

static enum pls_code fill(void *state, size_t s, uint64_t first, size_t count, double *rows,
                          struct pls_outcome *outcomes, struct pls_error *err)
{
    (void)state;
    (void)s;
    (void)err;
    memset(outcomes, 0, count * sizeof *outcomes);
    for (size_t c = 0; c < 40; c++)
        for (size_t i = 0; i < count; i++)
            rows[c * count + i] = (double)(first + i);
    return PLS_OK;
}

/* 320 bytes a row: a million rows are 305 MiB, of which a few may be in memory at a time. */
static enum pls_code case_memory(const struct pls_cluster *cluster, long thousands,
                                 struct pls_error *err)
{
    const struct pls_series large = {"large", (uint64_t)thousands * 1000, &forty};
    const struct pls_range all = {0, 0, large.count};
    const struct pls_work w = {.series = &large, .series_count = 1, .replicate = fill};
    uint64_t rows = 0;
    const struct pls_sink sink = {&rows, count_rows};
    struct pls_work_facts facts = {0};

    const long before = resident_kb();
    require(pls_cluster_work(cluster, &w, &all, 1, &sink, NULL, &facts, err) == PLS_OK);
    require(resident_kb() - before < 64 * 1024);
    if (cluster->rank == 0) {
        require(rows == large.count);
        fprintf(stderr, "%.0f rows in %.3f s, waiting %.1f %%\n", (double)rows, facts.seconds,
                100.0 * facts.waiting);
    }
    return PLS_OK;
}

static double processor_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static enum pls_code count_nothing(void *state, size_t s, uint64_t first, size_t count,
                                   double *rows, struct pls_outcome *outcomes,
                                   struct pls_error *err)
{
    (void)s, (void)first, (void)rows, (void)outcomes, (void)err;
    *(uint64_t *)state += count;
    return PLS_OK;
}

/* What a message costs the root when nothing else does: for plans, not a check. */
static enum pls_code case_messages(const struct pls_cluster *cluster, long thousands,
                                   struct pls_error *err)
{
    const struct pls_series rows = {"rows", (uint64_t)thousands * 1000, &none};
    const struct pls_range all = {0, 0, rows.count};
    uint64_t own = 0;
    const struct pls_work w = {.series = &rows,
                               .series_count = 1,
                               .replicate = count_nothing,
                               .state = &own,
                               .chunk = 1,
                               .counted = true};
    uint64_t sum = 0;
    const struct pls_sink sink = {&sum, note_rows};
    const double start = processor_seconds();
    require(pls_cluster_work(cluster, &w, &all, 1, &sink, NULL, NULL, err) == PLS_OK);
    if (cluster->rank == 0) {
        require(sum == rows.count);
        fprintf(stderr, "%.2f us of rank 0 a message\n",
                1e6 * (processor_seconds() - start) / (double)(rows.count - own));
    }
    return PLS_OK;
}

/* Prints what rank 0 was told of the terminal, and many lines that must all arrive. */
static enum pls_code case_print(const struct pls_cluster *cluster, long lines,
                                struct pls_error *err)
{
    (void)err;
    if (cluster->rank != 0)
        return PLS_OK;
    const char *tty = getenv("PLSTRAP_TTY"), *columns = getenv("COLUMNS");
    fprintf(stderr, "tty %s columns %s\n", tty ? tty : "-", columns ? columns : "-");
    for (long i = 0; i < lines; i++)
        printf("line %ld of %ld, → UTF-8\ttab\n", i, lines);
    fflush(stdout);
    return PLS_OK;
}

static enum pls_code case_code(const struct pls_cluster *cluster, long code, struct pls_error *err)
{
    if (cluster->rank == 0)
        printf("ranks %d mpi %d\n", cluster->size, cluster->mpi);
    return code ? pls_fail(err, (enum pls_code)code, "asked to") : PLS_OK;
}

static enum pls_code case_die(const struct pls_cluster *cluster, long number, struct pls_error *err)
{
    if (cluster->rank == cluster->size - 1) {
        signal((int)number, SIG_DFL); /* a sanitizer would make another end of it */
        raise((int)number);
    }
    return pls_cluster_agree(cluster, PLS_OK, err);
}

typedef enum pls_code case_fn(const struct pls_cluster *, long, struct pls_error *);
static const struct {
    const char *name;
    case_fn *run;
} cases[] = {
    {"rows", case_rows},        {"nothing", case_nothing},     {"sink-error", case_sink_error},
    {"stop", case_stop},        {"row-error", case_row_error}, {"wait", case_wait},
    {"share", case_share},      {"agree", case_agree},         {"idle", case_idle},
    {"memory", case_memory},    {"print", case_print},         {"code", case_code},
    {"die", case_die},          {"counted", case_counted},     {"fold", case_fold},
    {"messages", case_messages}};

int main(int argc, char **argv)
{
    struct pls_error err = {.code = PLS_OK};
    struct pls_cluster cluster;
    int status = 0, at = 1;

    if (argc > 3 && strcmp(argv[1], "--ranks") == 0) {
        if (!pls_cluster_launched()) {
            if (pls_cluster_launch(argv, atoi(argv[2]), &status, &err) != PLS_OK) {
                fprintf(stderr, "%s\n", err.text);
                return status != 0 ? status : (int)err.code;
            }
            return status;
        }
        at = 3;
    }
    const enum pls_code joined = pls_cluster_join(&cluster, &err);
    if (joined != PLS_OK) {
        fprintf(stderr, "copy %d: %s\n", cluster.rank, err.text);
        return (int)joined;
    }
    case_fn *run = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (at < argc && strcmp(argv[at], cases[i].name) == 0)
            run = cases[i].run;
    }
    if (run == NULL)
        return pls_cluster_leave(&cluster, PLS_EUSAGE);
    const enum pls_code code = run(&cluster, at + 1 < argc ? atol(argv[at + 1]) : 0, &err);
    struct pls_error check = {.code = PLS_OK};
    const enum pls_code checked =
        pls_cluster_agree(&cluster, failed ? (enum pls_code)1 : PLS_OK, &check);
    return pls_cluster_leave(&cluster, checked != PLS_OK ? checked : code);
}
