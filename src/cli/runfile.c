/*
 * runfile.c: FILE.run.json: what decided no number of the result: when, on how many ranks, how
 * fast.
 *
 * A list with one object a run, so that a result that was stopped, resumed and extended tells its
 * history. No user, host or folder is in it. While a run is under way its entry says so and is
 * written again with each checkpoint; the entry of a run that died without a word is closed by the
 * next one.
 */
#include "commands.h"

#include "plstrap/file.h"
#include "plstrap/text.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A job that is requeued for ever must not grow a file that is written every half minute. */
enum { MOST_RUNS = 200, MOST_BYTES = 1 << 20 };

static const char under_way[] = "running";

static json_t *describe(const struct run *run)
{
    char when[32] = "";
    const time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL)
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    const bool ended = run->outcome != NULL;
    const char *job_id = getenv("SLURM_JOB_ID");
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:I, s:I, s:I, s:f, s:f, s:I}", "plstrap", PLSTRAP_VERSION,
        "job", run->job, "outcome", ended ? run->outcome : under_way, "compiler", __VERSION__,
        "ranks", run->ranks, "rows", (json_int_t)run->facts.rows, "rows_before",
        (json_int_t)run->before, "rows_all", (json_int_t)run->all, "seconds", run->facts.seconds,
        "start_seconds", run->start, "updated", (json_int_t)now);
    if (object != NULL && ended) {
        json_object_set_new(object, "ended", json_string(when));
        json_object_set_new(object, "waiting_share", json_real(run->facts.waiting));
    }
    if (object != NULL && job_id != NULL)
        json_object_set_new(object, "slurm_job_id", json_string(job_id));
    return object;
}

static bool is_under_way(const json_t *object)
{
    const char *outcome = json_string_value(json_object_get(object, "outcome"));
    return outcome != NULL && strcmp(outcome, under_way) == 0;
}

/* The list that is there; an empty one where there is none yet, or what is there is not ours. */
static json_t *load_runs(const char *path)
{
    char *text = NULL;
    size_t length = 0;
    json_t *runs = NULL;
    if (pls_file_read(path, MOST_BYTES, &text, &length, NULL) == PLS_OK)
        runs = json_loadb(text, length, 0, NULL);
    free(text);
    if (json_is_array(runs))
        return runs;
    json_decref(runs);
    return json_array();
}

/* This run's entry in its place; an earlier run that still seems to be under way cannot be. */
static bool enter(json_t *runs, json_t *object, bool again)
{
    json_t *last = json_array_get(runs, json_array_size(runs) - 1);
    if (object != NULL && again && is_under_way(last))
        return json_array_set(runs, json_array_size(runs) - 1, object) == 0;
    if (is_under_way(last))
        json_object_set_new(last, "outcome", json_string("died"));
    while (json_array_size(runs) >= MOST_RUNS)
        json_array_remove(runs, 0);
    return object != NULL && json_array_append(runs, object) == 0;
}

/* Whole or not at all, by a name that is always the same: a kill leaves nothing that stays. */
static enum pls_code put_text(const char *path, const char *text, bool durable,
                              struct pls_error *err)
{
    struct pls_text name = {0};
    enum pls_code code = pls_text_printf(&name, err, "%s.new", path);
    if (code != PLS_OK)
        return code;
    const int fd =
        open(name.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool good =
        file != NULL && fputs(text, file) >= 0 && fflush(file) == 0 && (!durable || fsync(fd) == 0);
    int cause = errno;
    if (file != NULL && fclose(file) != 0 && good) {
        good = false;
        cause = errno;
    } else if (file == NULL && fd >= 0) {
        close(fd);
    }
    if (good && rename(name.data, path) != 0) {
        good = false;
        cause = errno;
    }
    if (!good) {
        unlink(name.data);
        code = pls_fail(err, PLS_EIO, "%s: cannot be written: %s", path, strerror(cause));
    }
    pls_text_free(&name);
    return code;
}

enum pls_code runfile_write(struct run *run, struct pls_error *err)
{
    struct pls_text path = {0};
    char *text = NULL;
    enum pls_code code = pls_text_printf(&path, err, "%s.run.json", run->result);
    if (code != PLS_OK)
        return code;

    json_t *runs = load_runs(path.data);
    json_t *object = describe(run);
    if (!enter(runs, object, run->entered) ||
        (text = json_dumps(runs, JSON_INDENT(2) | JSON_REAL_PRECISION(6))) == NULL)
        code = pls_fail(err, PLS_EUNAVAILABLE, "%s: there is no memory to write it", path.data);
    if (code == PLS_OK)
        code = put_text(path.data, text, run->outcome != NULL, err);
    run->entered = run->entered || code == PLS_OK;
    json_decref(object);
    json_decref(runs);
    free(text);
    pls_text_free(&path);
    return code;
}

/* ---- reading ---- */

static uint64_t whole(const json_t *object, const char *key)
{
    const json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

static void copy_text(char *out, size_t size, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    out[0] = '\0';
    if (text != NULL)
        pls_text_printable(text, strlen(text), size / 4, out, size);
}

bool runfile_last(const char *result, struct run_seen *out)
{
    struct pls_text path = {0};
    *out = (struct run_seen){0};
    if (pls_text_printf(&path, NULL, "%s.run.json", result) != PLS_OK)
        return false;
    json_t *runs = load_runs(path.data);
    const json_t *last = json_array_get(runs, json_array_size(runs) - 1);
    const bool found = json_is_object(last);
    if (found) {
        copy_text(out->outcome, sizeof out->outcome, last, "outcome");
        copy_text(out->job, sizeof out->job, last, "job");
        copy_text(out->slurm_job, sizeof out->slurm_job, last, "slurm_job_id");
        out->ranks = whole(last, "ranks");
        out->rows = whole(last, "rows");
        out->before = whole(last, "rows_before");
        out->all = whole(last, "rows_all");
        out->updated = whole(last, "updated");
        out->seconds = json_number_value(json_object_get(last, "seconds"));
    }
    json_decref(runs);
    pls_text_free(&path);
    return found;
}
