/*
 * cmd_status.c: plstrap status: how far a result is, from any shell or node that sees its files.
 *
 *   FILE.journal and FILE.part   what is on the disk          ─┐
 *   FILE.run.json                rate, ranks, when              ├▶ sight ─▶ text, JSON, exit code
 *   FILE                         finished                      ─┘
 */
#include "commands.h"

#include "plstrap/alloc.h"
#include "plstrap/jobs.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "Say how far a result is: rows done, failed ones by kind, rate, time left, and whether a run "
    "is "
    "writing it at this moment. From any shell or node that sees the file; a run is not disturbed. "
    "Exit code 0: finished, and checked; 75: unfinished; 66: neither the result nor a run of it."
    "\v"
    "  plstrap status study.h5\n"
    "  plstrap status study.h5 --json\n"
    "  until plstrap status study.h5 --quiet; do plstrap bootstrap study.yaml; done\n";

enum state { RUNNING, STOPPED, FINISHED };

/* A series: how many of its rows are there, and how they ended. */
struct part {
    const char *name;
    uint64_t done, all;
    uint64_t ended[PLS_STATUS_COUNT];
};

enum { MOST_PARTS = 64 };

/* All that was seen. */
struct sight {
    char *path; /* of the result */
    enum state state;
    struct pls_progress progress;
    struct pls_result *result; /* FINISHED */
    bool ran;                  /* last is there */
    struct run_seen last;
    const char *job;
    struct part part[MOST_PARTS];
    size_t parts;
    uint64_t done, all; /* rows */
    double rate;        /* rows a second; 0: not known */
    double left;        /* seconds to go; NaN: not known */
    uint64_t updated;   /* Unix time; 0: not known */
};

/* ---- looking ---- */

/* FILE.part is not what a result is called, but it is clear what is meant. */
static enum pls_code name_result(struct sight *s, const char *input, struct log *log,
                                 struct pls_error *err)
{
    static const char *const suffixes[] = {".part", ".journal", ".run.json"};
    const size_t length = strlen(input);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        const size_t suffix = strlen(suffixes[i]);
        if (length <= suffix || strcmp(input + length - suffix, suffixes[i]) != 0)
            continue;
        enum pls_code code = pls_copy_text(&s->path, input, length - suffix, err);
        if (code == PLS_OK)
            log_say(log, "%s belongs to the result %s, whose name is the one to give", input,
                    s->path);
        return code;
    }
    return pls_copy_text(&s->path, input, length, err);
}

/* Of a summary: what its last checkpoint counted, of as many replicates as its run told. */
static enum pls_code take_summary(struct sight *s, struct pls_error *err)
{
    struct pls_ledger_facts facts;
    if (s->progress.saved == NULL)
        return PLS_OK;
    const enum pls_code code =
        pls_ledger_read_facts(s->progress.saved, s->progress.saved_length, &facts, err);
    if (code != PLS_OK) /* damaged: the same command counts again */
        return code == PLS_EDATA ? PLS_OK : code;
    struct part *part = &s->part[s->parts++];
    const uint64_t all = s->last.all > facts.rows ? s->last.all : facts.rows;
    *part = (struct part){strcmp(s->progress.job, "permute") == 0 ? "permutation" : s->progress.job,
                          facts.rows,
                          all,
                          {0}};
    memcpy(part->ended, facts.ended, sizeof part->ended);
    s->done = part->done;
    s->all = part->all;
    return PLS_OK;
}

static void take_progress(struct sight *s)
{
    const struct pls_progress *progress = &s->progress;
    s->job = progress->job;
    for (size_t i = 0; i < progress->series_count && i < MOST_PARTS; i++) {
        const struct pls_progress_series *series = &progress->series[i];
        struct part *part = &s->part[s->parts++];
        *part = (struct part){series->name, series->done, series->count, {0}};
        memcpy(part->ended, series->ended, sizeof part->ended);
        s->done += series->done;
        s->all += series->count;
    }
}

/* Of the run under way, or of the last one that ended. */
static void take_run(struct sight *s)
{
    const struct run_seen *last = &s->last;
    if (!s->ran)
        return;
    if (s->job == NULL)
        s->job = last->job;
    if (s->parts == 0) { /* rows that are counted, not kept */
        s->done = s->state == RUNNING ? last->before + last->rows : 0;
        s->all = last->all;
    }
    /* The first moments of a run are no measure of it. */
    static const double shortest = 0.5;
    s->updated = last->updated;
    if (last->rows > 0 && last->seconds > (s->state == RUNNING ? shortest : 0.0))
        s->rate = (double)last->rows / last->seconds;
    /* What is on the disk may be a checkpoint behind what is computed. */
    const uint64_t there =
        last->before + last->rows > s->done ? last->before + last->rows : s->done;
    if (s->state == RUNNING && s->rate > 0.0 && s->all >= there)
        s->left = (double)(s->all - there) / s->rate;
}

static enum pls_status status_of(const char *name)
{
    int status = 0;
    while (status < PLS_STATUS_COUNT && strcmp(pls_status_name((enum pls_status)status), name) != 0)
        status++;
    return (enum pls_status)status;
}

static struct part *part_of(struct sight *s, const char *name)
{
    for (size_t i = 0; i < s->parts; i++)
        if (strcmp(s->part[i].name, name) == 0)
            return &s->part[i];
    if (s->parts == MOST_PARTS)
        return NULL;
    s->part[s->parts] = (struct part){.name = name};
    return &s->part[s->parts++];
}

static enum pls_code take_series(struct sight *s, size_t series, struct pls_error *err)
{
    enum { SOME = 16384 };
    const struct pls_contents *contents = pls_result_contents(s->result);
    const struct pls_range held = rows_held(contents, series);
    const struct pls_rows rows = {.result = s->result};
    struct part *part = part_of(s, contents->series[series].name);
    struct pls_outcome *outcomes = NULL;
    enum pls_code code = pls_alloc(&outcomes, SOME, sizeof *outcomes, err);
    for (uint64_t done = 0; code == PLS_OK && done < held.count; done += SOME) {
        const uint64_t left = held.count - done;
        const size_t some = left < SOME ? (size_t)left : SOME;
        code = pls_rows_outcomes(&rows, series, held.first + done, some, outcomes, err);
        for (size_t i = 0; code == PLS_OK && part != NULL && i < some; i++)
            part->ended[outcomes[i].status]++;
    }
    free(outcomes);
    if (part != NULL)
        part->done = part->all = held.count;
    s->done = s->all += held.count;
    return code;
}

/* A summary's table says how its replicates ended. */
static void take_table(struct sight *s)
{
    const struct pls_table *table = pls_tables_find(pls_result_tables(s->result), "replicates");
    if (table == NULL)
        return;
    const struct pls_table_column *series = pls_table_find(table, "series");
    const struct pls_table_column *status = pls_table_find(table, "status");
    const struct pls_table_column *count = pls_table_find(table, "count");
    if (series == NULL || series->type != PLS_CELL_TEXT || status == NULL ||
        status->type != PLS_CELL_TEXT || count == NULL || count->type != PLS_CELL_COUNT)
        return;
    for (size_t r = 0; r < table->rows; r++) {
        struct part *part = part_of(s, series->cell.text[r]);
        const enum pls_status ended = status_of(status->cell.text[r]);
        const uint64_t rows = count->cell.count[r] > 0 ? (uint64_t)count->cell.count[r] : 0;
        if (part == NULL)
            continue;
        if (ended < PLS_STATUS_COUNT)
            part->ended[ended] += rows;
        part->done += rows;
        part->all += rows;
        s->done += rows;
        s->all += rows;
    }
}

static enum pls_code take_result(struct sight *s, struct pls_error *err)
{
    const struct pls_contents *contents = pls_result_contents(s->result);
    enum pls_code code = PLS_OK;
    s->job = contents->job;
    if (contents->series_count == 0)
        take_table(s);
    for (size_t i = 0; code == PLS_OK && i < contents->series_count; i++)
        code = take_series(s, i, err);
    return code;
}

/* STEM.*-of-*.h5*: the first shard of the result that was begun, by its own name; false: none. */
static bool find_shard(const char *path, char out[PATH_MAX])
{
    const size_t length = strlen(path);
    const size_t stem = length > 3 && strcmp(path + length - 3, ".h5") == 0 ? length - 3 : length;
    const char *slash = strrchr(path, '/');
    const size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    snprintf(out, PATH_MAX, "%.*s", (int)folder, folder > 0 ? path : ".");
    DIR *entries = opendir(folder > 0 ? out : ".");
    bool found = false;
    const struct dirent *entry;
    while (entries != NULL && !found && (entry = readdir(entries)) != NULL) {
        const char *name = entry->d_name;
        unsigned number, of;
        int end = 0;
        found = strncmp(name, path + folder, stem - folder) == 0 &&
                sscanf(name + (stem - folder), ".%u-of-%u.h5%n", &number, &of, &end) == 2 &&
                end > 0;
        if (found)
            snprintf(out, PATH_MAX, "%.*s.%u-of-%u.h5", (int)stem, path, number, of);
    }
    if (entries != NULL)
        closedir(entries);
    return found;
}

/* What is not there may be waiting, or be computed in parts. */
static enum pls_code refuse_nothing(const struct sight *s, struct pls_error *err)
{
    struct pls_text script = {0};
    char shard[PATH_MAX];
    if (find_shard(s->path, shard))
        return pls_fail(err, PLS_ENOINPUT,
                        "%s: is not merged yet, but shards of it are here; ask for each of them, "
                        "as in `plstrap status %s`",
                        s->path, shard);
    const bool submitted = pls_text_printf(&script, NULL, "%s.sbatch", s->path) == PLS_OK &&
                           access(script.data, F_OK) == 0;
    pls_text_free(&script);
    return submitted ? pls_fail(err, PLS_ENOINPUT,
                                "%s: was submitted, and no run of it has begun; `squeue --me` "
                                "tells whether it still waits",
                                s->path)
                     : pls_fail(err, PLS_ENOINPUT,
                                "%s: there is no such result, and no run of it was begun here; "
                                "check the name and the folder",
                                s->path);
}

/* The result under its name: finished, or nothing at all but what an unlucky run may have told. */
static enum pls_code look_at_result(struct sight *s, struct pls_error *err)
{
    enum pls_code code = pls_result_open(s->path, &s->result, err);
    const bool begun = s->ran && strcmp(s->last.outcome, "finished") != 0;
    if (code == PLS_OK) {
        s->state = FINISHED;
        code = take_result(s, err);
    } else if (code == PLS_ENOINPUT && begun && access(s->path, F_OK) != 0) {
        s->state = STOPPED; /* before a row was secured */
        take_run(s);
        return PLS_OK;
    } else if (code == PLS_ENOINPUT && access(s->path, F_OK) != 0) {
        return refuse_nothing(s, err);
    }
    if (code == PLS_OK && s->ran)
        s->updated = s->last.updated;
    return code;
}

static enum pls_code look(struct sight *s, struct pls_error *err)
{
    s->left = NAN;
    s->ran = runfile_last(s->path, &s->last);
    enum pls_code code = pls_progress_read(s->path, &s->progress, err);
    const bool here = access(s->path, F_OK) == 0;
    if (code == PLS_ENOINPUT ||
        /* A run that is just starting, or ended between its last two steps. */
        (code == PLS_OK && here && (!s->progress.begun || !s->progress.rows_found)))
        return look_at_result(s, err);
    if (code != PLS_OK)
        return code;
    s->state = s->progress.writer == PLS_WRITER_ACTIVE ? RUNNING : STOPPED;
    take_progress(s);
    code = s->parts == 0 ? take_summary(s, err) : PLS_OK;
    if (code != PLS_OK)
        return code;
    take_run(s);
    if ((uint64_t)s->progress.recorded > s->updated)
        s->updated = (uint64_t)s->progress.recorded;
    return PLS_OK;
}

/* ---- telling people ---- */

/* "; 12 failed (10 constant indicator, 2 not converged)" */
static enum pls_code add_failed(struct pls_text *text, const struct part *part,
                                struct pls_error *err)
{
    uint64_t failed = 0;
    char count[32];
    const char *before = " (";
    for (size_t status = PLS_STATUS_OK + 1; status < PLS_STATUS_COUNT; status++)
        failed += part->ended[status];
    enum pls_code code = pls_text_printf(text, err, "%s%s failed", "; ",
                                         failed > 0 ? pls_text_count(failed, count) : "none");
    for (size_t status = PLS_STATUS_OK + 1; code == PLS_OK && status < PLS_STATUS_COUNT; status++) {
        if (part->ended[status] == 0)
            continue;
        code = pls_text_printf(text, err, "%s%s %s", before,
                               pls_text_count(part->ended[status], count),
                               pls_status_name((enum pls_status)status));
        before = ", ";
    }
    return code == PLS_OK && failed > 0 ? pls_text_append(text, ")", 1, err) : code;
}

static enum pls_code print_parts(const struct sight *s, struct pls_error *err)
{
    for (size_t i = 0; i < s->parts; i++) {
        const struct part *part = &s->part[i];
        if (part->all == 0 && s->all > 0) /* a shard need not have rows of every series */
            continue;
        struct pls_text failed = {0};
        char name[96], done[32], all[32];
        pls_text_printable(part->name, strlen(part->name), 40, name, sizeof name);
        const enum pls_code code = add_failed(&failed, part, err);
        if (code == PLS_OK && s->state == FINISHED)
            printf("  %-10s %s%s\n", name, pls_text_count(part->all, all), failed.data);
        else if (code == PLS_OK)
            printf("  %-10s %s of %s%s\n", name, pls_text_count(part->done, done),
                   pls_text_count(part->all, all), failed.data);
        pls_text_free(&failed);
        if (code != PLS_OK)
            return code;
    }
    return PLS_OK;
}

/* 2026-11-25 02:40 UTC (12 s ago) */
static const char *moment(uint64_t when, char out[96])
{
    char date[48] = "", age[32];
    const time_t at = (time_t)when;
    const double ago = difftime(time(NULL), at);
    struct tm utc;
    if (gmtime_r(&at, &utc) != NULL)
        strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", &utc);
    snprintf(out, 96, "%s (%s ago)", date, watch_duration(ago > 0.0 ? ago : 0.0, age));
    return out;
}

static void print_finished(const struct sight *s)
{
    const struct pls_tables *tables = pls_result_tables(s->result);
    const struct pls_table *study = pls_tables_find(tables, "study");
    const struct pls_table_column *value = study != NULL ? pls_table_find(study, "value") : NULL;
    const struct pls_shard shard = pls_result_contents(s->result)->shard;
    char title[256] = "", job[64], part[48] = "";
    if (value != NULL && value->type == PLS_CELL_TEXT &&
        study->rows > 0) /* the first is the title */
        pls_text_printable(value->cell.text[0], strlen(value->cell.text[0]), 60, title,
                           sizeof title);
    pls_text_printable(s->job, strlen(s->job), 30, job, sizeof job);
    if (shard.of > 0)
        snprintf(part, sizeof part, " (shard %u of %u)", (unsigned)shard.number,
                 (unsigned)shard.of);
    printf("%s: finished: %s%s%s%s\n", s->path, job, part, title[0] != '\0' ? " of " : "", title);
}

/* How it stands with whoever computes it. */
static void print_run(const struct sight *s)
{
    char rate[32], left[32], rows[32], when[96];
    if (s->state == RUNNING) {
        printf("  a run is writing it");
        if (s->ran && s->last.ranks > 0)
            printf(" on %llu rank%s", (unsigned long long)s->last.ranks,
                   s->last.ranks == 1 ? "" : "s");
        if (s->ran && s->last.slurm_job[0] != '\0')
            printf(" in Slurm job %s", s->last.slurm_job);
        if (s->ran && s->last.before + s->last.rows > s->done)
            printf(", %s rows computed", pls_text_count(s->last.before + s->last.rows, rows));
        if (s->rate > 0.0)
            printf(", %s", watch_rate(s->rate, rate));
        if (!isnan(s->left))
            printf(", about %s left", watch_duration(s->left, left));
        printf("\n");
    } else if (s->progress.writer == PLS_WRITER_UNKNOWN) {
        printf("  whether a run is writing it cannot be seen: this file system has no locks\n");
    } else {
        const bool died = s->ran && strcmp(s->last.outcome, "running") == 0;
        printf("  no run is writing it%s; ", died ? ": the last one died" : "");
        if (s->ran && s->last.slurm_job[0] != '\0')
            printf("unless Slurm goes on with it (squeue -j %s), ", s->last.slurm_job);
        printf("give the same command again to go on\n");
    }
    if (s->updated > 0)
        printf("  last written %s\n", moment(s->updated, when));
}

static enum pls_code print_text(const struct sight *s, struct pls_error *err)
{
    char done[32], all[32];
    if (s->state == FINISHED)
        print_finished(s);
    else if (s->all == 0)
        printf("%s: %s: no row is there yet\n", s->path,
               s->state == RUNNING ? "starting" : "unfinished");
    else
        printf("%s: %s: %s of %s rows (%.1f %%)\n", s->path,
               s->state == RUNNING ? "running" : "unfinished", pls_text_count(s->done, done),
               pls_text_count(s->all, all), 100.0 * (double)s->done / (double)s->all);
    const enum pls_code code = print_parts(s, err);
    if (code == PLS_OK && s->state == FINISHED)
        printf("  digest %s\n", pls_result_digest(s->result));
    else if (code == PLS_OK)
        print_run(s);
    return code;
}

/* ---- telling programs ---- */

static json_t *part_json(const struct part *part)
{
    json_t *failed = json_object();
    for (size_t status = PLS_STATUS_OK + 1; status < PLS_STATUS_COUNT; status++)
        if (part->ended[status] > 0)
            json_object_set_new(failed, pls_status_name((enum pls_status)status),
                                json_integer((json_int_t)part->ended[status]));
    return json_pack("{s:s, s:I, s:I, s:o}", "name", part->name, "done", (json_int_t)part->done,
                     "all", (json_int_t)part->all, "failed", failed);
}

static json_t *writer_json(const struct sight *s)
{
    if (s->state != FINISHED && s->progress.writer == PLS_WRITER_UNKNOWN)
        return json_null();
    return json_boolean(s->state == RUNNING);
}

static json_t *sight_json(const struct sight *s)
{
    static const char *const states[] = {"running", "stopped", "finished"};
    json_t *series = json_array();
    for (size_t i = 0; i < s->parts; i++)
        json_array_append_new(series, part_json(&s->part[i]));
    json_t *root = json_pack("{s:s, s:s, s:o, s:I, s:I, s:o}", "result", s->path, "state",
                             states[s->state], "running", writer_json(s), "done",
                             (json_int_t)s->done, "all", (json_int_t)s->all, "series", series);
    if (root == NULL)
        return NULL;
    if (s->job != NULL)
        json_object_set_new(root, "job", json_string(s->job));
    if (s->state == FINISHED) {
        json_object_set_new(root, "digest", json_string(pls_result_digest(s->result)));
        json_object_set_new(root, "rows_digest",
                            json_string(pls_result_contents(s->result)->rows_digest));
    } else if (s->progress.begun) {
        json_object_set_new(root, "rows_digest", json_string(s->progress.rows_digest));
    }
    if (s->ran && s->last.ranks > 0)
        json_object_set_new(root, "ranks", json_integer((json_int_t)s->last.ranks));
    if (s->ran && s->last.slurm_job[0] != '\0')
        json_object_set_new(root, "slurm_job_id", json_string(s->last.slurm_job));
    if (s->ran && s->last.outcome[0] != '\0')
        json_object_set_new(
            root, "last_run",
            json_string(s->state == STOPPED && strcmp(s->last.outcome, "running") == 0
                            ? "died"
                            : s->last.outcome));
    if (s->rate > 0.0)
        json_object_set_new(root, "rate", json_real(s->rate));
    if (!isnan(s->left))
        json_object_set_new(root, "seconds_left", json_real(s->left));
    if (s->updated > 0)
        json_object_set_new(root, "updated", json_integer((json_int_t)s->updated));
    return root;
}

static enum pls_code print_json(const struct sight *s, struct pls_error *err)
{
    json_t *root = sight_json(s);
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    json_decref(root);
    if (text == NULL)
        return pls_fail(err, PLS_EUNAVAILABLE, "there is no memory for the JSON");
    puts(text);
    free(text);
    return PLS_OK;
}

int cmd_status(int argc, char **argv)
{
    const struct options options = options_parse(argc, argv, GROUP_STATUS, "RESULT", help);
    struct sight sight = {0};
    struct pls_error err = {0};
    struct log log;

    enum pls_code code = log_open(&log, &options, &err);
    if (code == PLS_OK)
        code = name_result(&sight, options.input, &log, &err);
    if (code == PLS_OK)
        code = look(&sight, &err);
    if (code == PLS_OK && options.json_out)
        code = print_json(&sight, &err);
    else if (code == PLS_OK && !options.quiet)
        code = print_text(&sight, &err);
    if (code == PLS_OK && (fflush(stdout) != 0 || ferror(stdout) != 0))
        code = pls_fail(&err, PLS_EIO, "the status cannot be written: %s", strerror(errno));
    log_error(&log, code, &err);
    /* Unfinished is an answer, not an error. */
    const int status = code == PLS_OK && sight.state != FINISHED ? PLS_ESTOPPED : (int)code;
    pls_progress_free(&sight.progress);
    pls_result_close(sight.result);
    free(sight.path);
    log_close(&log);
    return status;
}
