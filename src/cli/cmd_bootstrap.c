/*
 * cmd_bootstrap.c: plstrap bootstrap: run, resume or extend; report.
 *
 *   alone        reads and checks everything, then starts ranks of itself by mpirun (cluster.h)
 *   as a rank    root: plan ─▶ share ─▶ store; all: work; root: tables, result, report
 *
 * What is already there is not computed again: with nothing left to do the command ends at once.
 */
#include "session.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Bootstrap a study: intervals, p-values with their Monte Carlo error, mediation, hypotheses. "
    "The "
    "result is an HDF5 file that holds every replicate; the same command resumes a run that was "
    "stopped, extends one that has become larger, and prints the report of one that is finished."
    "\v"
    "  plstrap bootstrap study.yaml                    all cores of this machine\n"
    "  mpirun -n 16 plstrap bootstrap study.yaml       the ranks that a launcher gives\n"
    "  srun --mpi=pmix plstrap bootstrap study.yaml    the same under Slurm\n"
    "  plstrap bootstrap study.yaml --max-time 11:50:00\n";

/* study.yaml -> study.h5 in the current folder */
static enum pls_code choose_output(struct session *s)
{
    const char *given = s->options.output;
    if (given != NULL)
        return pls_copy_text(&s->output, given, strlen(given), &s->err);
    const char *slash = strrchr(s->options.input, '/');
    const char *name = slash != NULL ? slash + 1 : s->options.input;
    const char *dot = strrchr(name, '.');
    const size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    struct pls_text path = {0};
    enum pls_code code = pls_text_append(&path, name, length, &s->err);
    if (code == PLS_OK)
        code = pls_text_append(&path, ".h5", 3, &s->err);
    s->output = path.data;
    return code;
}

/* Root: everything that is read from files, checked. */
static enum pls_code load(struct session *s)
{
    enum pls_code code = pls_plan_load(s->options.input, s->options.resamples, &s->plan, &s->err);
    if (code == PLS_OK && s->plan->base_outcome.status != PLS_STATUS_OK)
        code = pls_fail(&s->err, PLS_EDATA,
                        "%s: the base model did not converge in %u iterations; raise "
                        "estimation.max_iterations, or see `plstrap estimate` for weak blocks",
                        s->options.input, s->plan->study->estimation.max_iterations);
    if (code == PLS_OK)
        code = choose_output(s);
    if (code == PLS_OK) {
        s->series_count = pls_bootstrap_series(s->plan, s->series);
        code = pls_bootstrap_digest(s->plan, session_keeps_rows(s), s->digest, &s->err);
    }
    return code;
}

/* Up to this many bytes of rows are stored without being asked for (DESIGN). */
static const double row_budget = 4294967296.0;

bool session_keeps_rows(const struct session *s)
{
    double bytes = 0.0;
    for (size_t i = 0; i < s->series_count; i++)
        bytes +=
            (double)s->series[i].count *
            ((double)s->series[i].columns->count * sizeof(double) + sizeof(struct pls_outcome));
    const enum pls_store_mode mode = s->plan->study->store;
    return mode == PLS_STORE_ROWS || (mode == PLS_STORE_AUTO && bytes <= row_budget);
}

struct pls_contents session_contents(const struct session *s, size_t series_count)
{
    const struct pls_model *model = s->plan->study->model;
    return (struct pls_contents){
        .job = "bootstrap",
        .study = s->plan->study->text,
        .model = s->plan->study->model_text,
        .rows_digest = s->digest,
        .version = PLSTRAP_VERSION,
        .seed = s->plan->study->bootstrap.seed,
        .observations = s->plan->dataset->rows,
        .series = s->series,
        .series_count = series_count,
        .estimate = s->plan->base,
        .indicator = (const char *const *)model->indicator,
        .indicators = model->indicators,
        .construct = (const char *const *)model->construct,
        .constructs = model->constructs,
    };
}

/* Whether a finished result of exactly this study, data and program is there already. */
static bool is_complete(const struct session *s, const struct pls_result *result)
{
    const struct pls_contents *have = pls_result_contents(result);
    bool same = strcmp(have->job, "bootstrap") == 0 && strcmp(have->rows_digest, s->digest) == 0 &&
                strcmp(have->study, s->plan->study->text) == 0 &&
                strcmp(have->model, s->plan->study->model_text) == 0 &&
                strcmp(have->version, PLSTRAP_VERSION) == 0 &&
                have->series_count == (session_keeps_rows(s) ? s->series_count : 0);
    for (size_t i = 0; same && i < have->series_count; i++)
        same = have->series[i].count == s->series[i].count;
    return same;
}

/* The first line in which two canonical texts differ, of each; false where they are the same. */
static bool first_difference(const char *a, const char *b, char line_a[128], char line_b[128])
{
    while (*a != '\0' || *b != '\0') {
        const size_t la = strcspn(a, "\n"), lb = strcspn(b, "\n");
        if (la != lb || strncmp(a, b, la) != 0) {
            pls_text_printable(a, la, 60, line_a, 128);
            pls_text_printable(b, lb, 60, line_b, 128);
            return true;
        }
        a += la + (a[la] == '\n');
        b += lb + (b[lb] == '\n');
    }
    return false;
}

/* What makes the rows of a finished result others than this study's; the first thing found. */
static enum pls_code explain_difference(struct session *s, const struct pls_result *result)
{
    const struct pls_contents *have = pls_result_contents(result);
    struct pls_study *theirs = NULL;
    struct pls_text mine = {0}, other = {0};
    char line_a[128], line_b[128];
    static const char advice[] = "choose another name with -o, or replace it with --restart";

    enum pls_code code =
        pls_study_parse(s->output, have->study, strlen(have->study), have->model, &theirs, &s->err);
    if (code == PLS_OK)
        code = pls_study_canonical(theirs, &other, &s->err);
    if (code == PLS_OK)
        code = pls_study_canonical(s->plan->study, &mine, &s->err);
    if (code == PLS_OK && first_difference(other.data, mine.data, line_a, line_b))
        code = pls_fail(&s->err, PLS_ECREATE,
                        "%s: is the result of another study: `%s` there, `%s` here; %s", s->output,
                        line_a, line_b, advice);
    else if (code == PLS_OK)
        code =
            pls_fail(&s->err, PLS_ECREATE,
                     "%s: is the result of other answers (%s has changed) or other resamples; %s",
                     s->output, s->plan->study->data.file, advice);
    pls_study_free(theirs);
    pls_text_free(&mine);
    pls_text_free(&other);
    return code;
}

/* A finished result may be extended, never cut: its rows took time. */
static enum pls_code refuse_fewer(struct session *s, uint64_t have)
{
    char there[32], asked[32];
    return pls_fail(&s->err, PLS_ECREATE,
                    "%s: holds %s replicates, this study asks for %s; raise bootstrap.replicates, "
                    "choose another name with -o, or drop the result with --restart",
                    s->output, pls_text_count(have, there),
                    pls_text_count(s->series[0].count, asked));
}

/*
 * Looks at a finished result of that name: *done where nothing is left to do, and then it is printed.
 * What cannot be read is left to the store, which names it.
 */
static enum pls_code look_at_existing(struct session *s, bool *done)
{
    struct pls_result *result = NULL;
    struct pls_error ignored;
    enum pls_code code = PLS_OK;
    *done = false;
    if (s->options.restart || access(s->output, F_OK) != 0 ||
        pls_result_open(s->output, &result, &ignored) != PLS_OK)
        return PLS_OK;
    const struct pls_contents *have = pls_result_contents(result);
    const bool rows = have->series_count > 0 && session_keeps_rows(s);
    if (is_complete(s, result)) {
        *done = true;
        code = output_tables(pls_result_tables(result), &s->options, &s->err);
        log_say(&s->log, "%s: already complete; nothing was computed", s->output);
    } else if (rows && strcmp(have->rows_digest, s->digest) == 0) {
        if (have->series[0].count > s->series[0].count)
            code = refuse_fewer(s, have->series[0].count);
    } else if (rows && strcmp(have->job, "bootstrap") == 0) {
        code = explain_difference(s, result);
    }
    pls_result_close(result);
    return code;
}

struct watch session_watch(struct session *s, struct pls_store *store, struct pls_error *err)
{
    const double now = watch_now();
    return (struct watch){
        .log = &s->log,
        .store = store,
        .options = &s->options,
        .bar = output_is_terminal(STDERR_FILENO) && s->log.file == NULL,
        .scale = 1,
        .started = watch_program_start(),
        .began = now,
        .drawn_at = now,
        .synced = now,
        .err = err,
    };
}

/* 9,999 replicates in 0.02 s, 4.9 M/s on 2 ranks; start 0.13 s; waiting 2 % */
static void say_end(struct session *s, const struct ending *ending, uint64_t replicates)
{
    char count[32], rate[32];
    const struct pls_work_facts *facts = &ending->facts;
    const double per_second = facts->seconds > 0.0 ? (double)facts->rows / facts->seconds : 0.0;
    log_last(&s->log, &s->cluster,
             "%s replicates in %.2f s, %s on %d rank%s; start %.2f s; waiting %.0f %%",
             pls_text_count(replicates, count), facts->seconds, watch_rate(per_second, rate),
             s->cluster.size, s->cluster.size == 1 ? "" : "s", ending->start,
             100.0 * facts->waiting);
}

static enum pls_code append_run(struct session *s, const struct ending *ending, const char *outcome,
                                struct pls_error *err)
{
    const struct run run = {.result = s->output,
                            .job = "bootstrap",
                            .outcome = outcome,
                            .ranks = s->cluster.size,
                            .start = ending->start,
                            .facts = &ending->facts};
    return runfile_append(&run, err);
}

enum pls_code session_conclude(struct session *s, struct pls_store *store,
                               const struct pls_tables *tables, const struct ending *ending)
{
    enum pls_code code = pls_store_finish(store, tables, &s->err);
    if (code == PLS_OK)
        code = append_run(s, ending, "finished", &s->err);
    if (code == PLS_OK)
        code = output_tables(tables, &s->options, &s->err);
    if (code == PLS_OK && ending->replicates == 0)
        log_last(&s->log, &s->cluster, "%s: all replicates were there; the tables are made anew",
                 s->output);
    else if (code == PLS_OK)
        say_end(s, ending, ending->replicates);
    return code;
}

void session_stopped(struct session *s, const struct ending *ending)
{
    struct pls_error hidden; /* the stop is what must be told */
    say_end(s, ending, ending->facts.rows);
    (void)append_run(s, ending, "stopped", &hidden);
}

/* ---- all ranks ---- */

static enum pls_code run_as_rank(struct session *s)
{
    enum pls_code code = pls_cluster_join(&s->cluster, &s->err);
    if (code != PLS_OK)
        return code;
    /* Every rank chooses for its own processor: it is never visible in a result. */
    code = pls_isa_select(getenv("PLSTRAP_ISA"), &s->isa, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code != PLS_OK)
        return code;
    bool done = false;
    if (session_is_root(s)) {
        code = ranks_check(&s->options, &s->cluster, &s->err);
        if (code == PLS_OK && s->plan == NULL)
            code = load(s);
        if (code == PLS_OK)
            code = look_at_existing(s, &done);
        if (code == PLS_OK && !done) {
            log_plan(&s->log, s->plan);
            log_detail(&s->log, "%s on %d rank%s; instruction set %s; rows digest %s",
                       session_keeps_rows(s) ? "rows are kept" : "rows are counted",
                       s->cluster.size, s->cluster.size == 1 ? "" : "s", pls_isa_name(s->isa),
                       s->digest);
        }
    }
    /* "Nothing to do" is told as a stop, which the root turns back into success. */
    code = pls_cluster_agree(&s->cluster, code == PLS_OK && done ? PLS_ESTOPPED : code, &s->err);
    if (code == PLS_ESTOPPED)
        return PLS_OK;
    if (code == PLS_OK)
        code = ranks_share_plan(&s->cluster, &s->plan, &s->err);
    if (code == PLS_OK)
        s->series_count = pls_bootstrap_series(s->plan, s->series);
    if (code == PLS_OK)
        code = session_keeps_rows(s) ? run_rows(s) : run_summary(s);
    return code;
}

/* Without a launcher: check everything, then start ranks, unless one is all that is wanted. */
static enum pls_code run_alone(struct session *s, char **argv, int *status)
{
    bool done = false;
    enum pls_code code = pls_isa_select(getenv("PLSTRAP_ISA"), &s->isa, &s->err);
    if (code == PLS_OK)
        code = load(s);
    if (code == PLS_OK)
        code = look_at_existing(s, &done);
    if (code != PLS_OK || done)
        return code;
    const int ranks = s->options.ranks > 0 ? s->options.ranks : pls_cluster_cores();
    if (ranks == 1)
        return run_as_rank(s);
    return ranks_launch(argv, ranks, status, &s->err);
}

int cmd_bootstrap(int argc, char **argv)
{
    struct session s = {
        .options = options_parse(argc, argv, GROUP_JOB | GROUP_TABLES, "STUDY", help),
    };
    s.cluster.size = 1;
    char start[32];
    int launched = 0; /* what the ranks that we started ended with */
    enum pls_code code = log_open(&s.log, &s.options, &s.err);
    if (code == PLS_OK && getenv("PLSTRAP_START") == NULL) {
        snprintf(start, sizeof start, "%.6f", watch_now());
        setenv("PLSTRAP_START", start, 1);
    }
    if (code == PLS_OK)
        code = pls_cluster_launched() ? run_as_rank(&s) : run_alone(&s, argv, &launched);
    if (session_is_root(&s))
        log_error(&s.log, code, &s.err);
    pls_plan_free(s.plan);
    free(s.output);
    log_close(&s.log);
    const int status = pls_cluster_leave(&s.cluster, code);
    return launched != 0 ? launched : status;
}
