/* cmd_rows.c: plstrap rows: the replicates of a result as CSV, in replicate order. */
#include "commands.h"

#include "plstrap/alloc.h"
#include "plstrap/jobs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Print the replicate rows of a result as CSV: replicate, status, iterations, then one column a "
    "parameter, named component:term; 17 significant digits, empty where a replicate has no value."
    "\v"
    "A result of `store: summary` keeps no rows: --recompute computes any of them again, from the "
    "data that "
    "the study names, as seen from the result's folder.\n\n"
    "  plstrap rows study.h5 > rows.csv\n"
    "  plstrap rows study.h5 --recompute 5000000:10\n"
    "  plstrap rows study.h5 --series jackknife\n";

enum { BLOCK = 4096 }; /* rows held in memory at a time */

static enum pls_code find_series(const char *path, const struct pls_contents *contents,
                                 const char *name, size_t *series, struct pls_error *err)
{
    if (contents->series_count == 0)
        return pls_fail(err, PLS_EUSAGE,
                        "%s: keeps no rows; --recompute FIRST:COUNT computes "
                        "some again",
                        path);
    for (*series = 0; *series < contents->series_count; (*series)++)
        if (name == NULL || strcmp(contents->series[*series].name, name) == 0)
            return PLS_OK;
    char names[512] = "none";
    size_t at = 0;
    for (size_t s = 0; s < contents->series_count && at < sizeof names; s++)
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", s > 0 ? ", " : "",
                               contents->series[s].name);
    return pls_fail(err, PLS_EUSAGE, "%s: has no series \"%s\"; it has: %s", path, name, names);
}

static void print_block(const double *values, const struct pls_outcome *outcomes, size_t columns,
                        uint64_t first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%llu,%s,%u", (unsigned long long)(first + i),
               pls_status_name((enum pls_status)outcomes[i].status), outcomes[i].iterations);
        for (size_t c = 0; c < columns; c++) {
            const double value = values[c * count + i];
            if (isnan(value))
                putchar(',');
            else
                printf(",%.17g", value);
        }
        putchar('\n');
    }
}

static void print_header(const struct pls_columns *columns)
{
    printf("replicate,status,iterations");
    for (size_t c = 0; c < columns->count; c++)
        printf(",%s:%s", pls_component_name(columns->column[c].component), columns->column[c].term);
    putchar('\n');
}

/* Values [column][count] and outcomes of some rows, wherever they come from. */
typedef enum pls_code read_rows_fn(void *self, uint64_t first, size_t count, double *values,
                                   struct pls_outcome *outcomes, struct pls_error *err);

static enum pls_code print_rows(const struct pls_columns *columns, uint64_t first, uint64_t count,
                                read_rows_fn *read_rows, void *self, struct pls_error *err)
{
    double *values = NULL;
    struct pls_outcome *outcomes = NULL;
    print_header(columns);
    enum pls_code code = pls_alloc(&values, BLOCK * columns->count, sizeof *values, err);
    if (code == PLS_OK)
        code = pls_alloc(&outcomes, BLOCK, sizeof *outcomes, err);
    for (uint64_t done = 0; code == PLS_OK && done < count && ferror(stdout) == 0; done += BLOCK) {
        const size_t some = count - done < BLOCK ? (size_t)(count - done) : BLOCK;
        code = read_rows(self, first + done, some, values, outcomes, err);
        if (code == PLS_OK)
            print_block(values, outcomes, columns->count, first + done, some);
    }
    if (code == PLS_OK && (fflush(stdout) != 0 || ferror(stdout) != 0))
        code = pls_fail(err, PLS_EIO, "the rows cannot be written: %s", strerror(errno));
    free(values);
    free(outcomes);
    return code;
}

/* ---- rows that are stored ---- */

struct stored {
    struct pls_rows rows;
    size_t series;
    size_t columns;
};

static enum pls_code read_stored(void *self, uint64_t first, size_t count, double *values,
                                 struct pls_outcome *outcomes, struct pls_error *err)
{
    const struct stored *stored = self;
    enum pls_code code =
        pls_rows_outcomes(&stored->rows, stored->series, first, count, outcomes, err);
    for (size_t c = 0; code == PLS_OK && c < stored->columns; c++)
        code = pls_rows_column(&stored->rows, stored->series, c, first, count, values + c * count,
                               err);
    return code;
}

static enum pls_code print_stored(struct pls_result *result, const char *name,
                                  struct pls_error *err)
{
    const struct pls_contents *contents = pls_result_contents(result);
    struct stored stored = {.rows = {.result = result}};
    enum pls_code code = find_series(pls_result_path(result), contents, name, &stored.series, err);
    if (code != PLS_OK)
        return code;
    const struct pls_series *series = &contents->series[stored.series];
    stored.columns = series->columns->count;
    const struct pls_range *part = &contents->part[stored.series];
    return print_rows(series->columns, part->first, part->count, read_stored, &stored, err);
}

/* ---- rows that are computed again ---- */

static enum pls_code read_computed(void *self, uint64_t first, size_t count, double *values,
                                   struct pls_outcome *outcomes, struct pls_error *err)
{
    return pls_job_replicate(self, 0, first, count, values, outcomes, err);
}

/* Study and data must be those that the result was made from. */
static enum pls_code check_same(const struct pls_plan *plan, const struct pls_contents *contents,
                                const char *path, struct pls_error *err)
{
    char digest[65];
    for (int keeps_rows = 0; keeps_rows <= 1; keeps_rows++) {
        const enum pls_code code = pls_job_digest(plan, keeps_rows == 1, digest, err);
        if (code != PLS_OK || strcmp(digest, contents->rows_digest) == 0)
            return code;
    }
    return pls_fail(err, PLS_EDATA,
                    "%s: %s holds other answers than this result was made from; put the right file "
                    "there",
                    path, plan->study->data.path);
}

static enum pls_code print_computed(struct pls_result *result, const struct options *options,
                                    struct pls_error *err)
{
    const struct pls_contents *contents = pls_result_contents(result);
    struct pls_plan *plan = NULL;
    struct pls_job_state *state = NULL;
    struct pls_series series[2];
    enum pls_isa isa;

    enum pls_code code = PLS_OK;
    enum pls_job job;
    if (!job_named(contents->job, &job))
        code = pls_fail(err, PLS_EUSAGE, "%s: is the result of `%s`, which has no replicates",
                        options->input, contents->job);
    if (code == PLS_OK)
        code = pls_isa_select(getenv("PLSTRAP_ISA"), &isa, err);
    if (code == PLS_OK)
        code =
            pls_plan_load_text(options->input, job, contents->study, contents->model, &plan, err);
    if (code == PLS_OK)
        code = check_same(plan, contents, options->input, err);
    if (code == PLS_OK) {
        pls_job_series(plan, series);
        if (options->first >= series[0].count || options->count > series[0].count - options->first)
            code = pls_fail(err, PLS_EUSAGE, "--recompute: the result has replicates 0 to %llu",
                            (unsigned long long)series[0].count - 1);
    }
    if (code == PLS_OK)
        code = pls_job_prepare(plan, isa, &state, err);
    if (code == PLS_OK)
        code = print_rows(series[0].columns, options->first, options->count, read_computed, state,
                          err);
    pls_job_release(state);
    pls_plan_free(plan);
    return code;
}

int cmd_rows(int argc, char **argv)
{
    const struct options options = options_parse(argc, argv, GROUP_SERIES, "RESULT", help);
    struct pls_error err = {0};
    struct pls_result *result = NULL;
    struct log log;

    enum pls_code code = log_open(&log, &options, &err);
    if (code == PLS_OK)
        code = output_open(options.input, &result, &err);
    if (code == PLS_OK)
        log_detail(&log, "digest %s", pls_result_digest(result));
    if (code == PLS_OK)
        code = options.count > 0 ? print_computed(result, &options, &err)
                                 : print_stored(result, options.series, &err);
    log_error(&log, code, &err);
    pls_result_close(result);
    log_close(&log);
    return (int)code;
}
