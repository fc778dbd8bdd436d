/*
 * runfile.c: FILE.run.json: what decided no number of the result: when, on how many ranks, how fast.
 *
 * A list with one object a run, so that a result that was stopped, resumed and extended tells its history.
 * No user, host or folder is in it.
 */
#include "commands.h"

#include "plstrap/file.h"
#include "plstrap/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static json_t *describe(const struct run *run)
{
    char when[32] = "";
    const time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL)
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    const char *job_id = getenv("SLURM_JOB_ID");
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:f, s:f, s:f}", "plstrap",
                               PLSTRAP_VERSION, "job", run->job, "outcome", run->outcome, "ended",
                               when, "compiler", __VERSION__, "ranks", run->ranks, "rows",
                               (json_int_t)run->facts->rows, "seconds", run->facts->seconds,
                               "start_seconds", run->start, "waiting_share", run->facts->waiting);
    if (object != NULL && job_id != NULL)
        json_object_set_new(object, "slurm_job_id", json_string(job_id));
    return object;
}

enum pls_code runfile_append(const struct run *run, struct pls_error *err)
{
    struct pls_text path = {0};
    struct pls_file file = {0};
    char *text = NULL;
    enum pls_code code = pls_text_printf(&path, err, "%s.run.json", run->result);
    if (code != PLS_OK)
        return code;

    json_t *runs = json_load_file(path.data, 0, NULL);
    if (!json_is_array(runs)) { /* none yet, or not ours any more */
        json_decref(runs);
        runs = json_array();
    }
    json_t *object = describe(run);
    if (runs == NULL || object == NULL || json_array_append(runs, object) != 0 ||
        (text = json_dumps(runs, JSON_INDENT(2) | JSON_REAL_PRECISION(6))) == NULL)
        code = pls_fail(err, PLS_EUNAVAILABLE, "%s: there is no memory to write it", path.data);
    if (code == PLS_OK)
        code = pls_file_create(&file, path.data, 0644, err);
    if (code == PLS_OK) {
        fprintf(file.stream, "%s\n", text);
        code = pls_file_finish(&file, err);
    }
    json_decref(object);
    json_decref(runs);
    free(text);
    pls_text_free(&path);
    return code;
}
