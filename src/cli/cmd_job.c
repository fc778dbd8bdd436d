/*
 * cmd_job.c: plstrap bootstrap and plstrap permute: run, resume or extend; report.
 *
 *   alone        reads and checks everything, then starts ranks of itself by mpirun (cluster.h)
 *   as a rank    root: plan ─▶ share ─▶ store; all: work; root: tables, result, report
 *
 * What is already there is not computed again: with nothing left to do the command ends at once.
 */
#include "session.h"

#include "slurm.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char bootstrap_help[] =
    "Bootstrap a study: intervals, p-values with their Monte Carlo error, mediation, hypotheses. "
    "The "
    "result is an HDF5 file that holds every replicate; the same command resumes a run that was "
    "stopped, extends one that has become larger, and prints the report of one that is finished."
    "\v"
    "  plstrap bootstrap study.yaml                    all cores of this machine\n"
    "  mpirun -n 16 plstrap bootstrap study.yaml       the ranks that it is given\n"
    "  srun --mpi=pmix plstrap bootstrap study.yaml    the same under Slurm\n"
    "  plstrap bootstrap study.yaml --max-time 11:50:00\n"
    "  plstrap bootstrap study.yaml --shard 2/8        a part, for `plstrap merge`\n";

static const char permute_help[] =
    "Permutation tests of a study. With data.group: do groups differ in paths, loadings and "
    "effects "
    "(MGA), are the constructs measured alike (MICOM), do whole models differ (omnibus). Without: "
    "is "
    "each path and each indirect effect there. p-values come with their Monte Carlo error; small "
    "problems are enumerated exactly. The same command resumes, extends and prints, as `plstrap "
    "bootstrap` does."
    "\v"
    "  plstrap permute study.yaml                      all cores of this machine\n"
    "  mpirun -n 16 plstrap permute study.yaml         the ranks that it is given\n"
    "  plstrap permute study.yaml --shard 2/8          a part, for `plstrap merge`\n";

/* study.yaml -> study.h5, or study.2-of-8.h5 of a shard, in the current folder */
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
    const struct pls_shard shard = s->options.shard;
    if (code == PLS_OK && shard.of > 0)
        code = pls_text_printf(&path, &s->err, ".%u-of-%u", shard.number, shard.of);
    if (code == PLS_OK)
        code = pls_text_append(&path, ".h5", 3, &s->err);
    s->output = path.data;
    return code;
}

enum pls_code session_load(struct session *s)
{
    if (s->options.shard.of > 0 && (s->options.csv != NULL || s->options.json != NULL))
        return pls_fail(&s->err, PLS_EUSAGE,
                        "a shard has no tables for --csv or --json; give them to `plstrap merge`");
    enum pls_code code =
        pls_plan_load(s->options.input, s->job, s->options.given, &s->plan, &s->err);
    if (code == PLS_OK && s->plan->base_outcome.status != PLS_STATUS_OK)
        code = pls_fail(&s->err, PLS_EDATA,
                        "%s: the base model did not converge in %u iterations; raise "
                        "estimation.max_iterations, or see `plstrap estimate` for weak blocks",
                        s->options.input, s->plan->study->estimation.max_iterations);
    if (code == PLS_OK)
        code = choose_output(s);
    const bool automatic = code == PLS_OK && pls_job_automatic(s->plan);
    if (automatic && s->options.shard.of > 0)
        code = pls_fail(&s->err, PLS_EUSAGE,
                        "a shard cannot know when all have computed enough; write a number for "
                        "replicates: auto, or leave out --shard");
    if (code == PLS_OK && s->plan->study->store == PLS_STORE_SUMMARY &&
        pls_job_needs_rows(s->plan)) /* of `auto` the study has said so */
        code = pls_fail(&s->err, PLS_ESTUDY,
                        "%s: there are only %llu permutations, which are all enumerated and kept; "
                        "write store: rows, or permutation.exact_limit: 0 to draw them",
                        s->options.input, (unsigned long long)s->plan->replicates);
    if (code == PLS_OK) {
        session_resize(s, automatic ? pls_auto_first(s->plan) : s->plan->replicates);
        code = pls_job_digest(s->plan, session_keeps_rows(s), s->digest, &s->err);
    }
    return code;
}

void session_resize(struct session *s, uint64_t replicates)
{
    s->plan->replicates = replicates;
    s->series_count = pls_job_series(s->plan, s->series);
    for (size_t i = 0; i < s->series_count; i++)
        s->part[i] = session_part(s, s->options.shard, i);
}

struct pls_range session_part(const struct session *s, struct pls_shard shard, size_t series)
{
    return pls_shard_range(shard, (uint32_t)series, s->series[series].count,
                           session_keeps_rows(s) ? PLS_SHARD_ROWS : PLS_TALLY_BLOCK);
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
    if (pls_job_needs_rows(s->plan))
        return true;
    return mode == PLS_STORE_ROWS || (mode == PLS_STORE_AUTO && bytes <= row_budget);
}

struct pls_contents session_contents(const struct session *s, size_t series_count)
{
    const struct pls_model *model = s->plan->study->model;
    return (struct pls_contents){
        .job = pls_job_name(s->job),
        .study = s->plan->study->text,
        .model = s->plan->study->model_text,
        .rows_digest = s->digest,
        .version = PLSTRAP_VERSION,
        .seed = pls_job_seed(s->plan),
        .observations = s->plan->observations,
        .series = s->series,
        .series_count = series_count,
        .estimate = s->plan->estimate,
        .indicator = (const char *const *)model->indicator,
        .indicators = model->indicators,
        .construct = (const char *const *)model->construct,
        .constructs = model->constructs,
        .shard = s->options.shard,
        .part = s->part,
    };
}

/* Whether a finished result of exactly this study, data and program is there already. */
static bool is_complete(const struct session *s, const struct pls_result *result)
{
    const struct pls_contents *have = pls_result_contents(result);
    bool same =
        strcmp(have->job, pls_job_name(s->job)) == 0 && strcmp(have->rows_digest, s->digest) == 0 &&
        strcmp(have->study, s->plan->study->text) == 0 &&
        strcmp(have->model, s->plan->study->model_text) == 0 &&
        strcmp(have->version, PLSTRAP_VERSION) == 0 &&
        have->shard.number == s->options.shard.number && have->shard.of == s->options.shard.of &&
        have->series_count == (session_keeps_rows(s) ? s->series_count : 0);
    /* Where `auto` stopped is in the result. */
    for (size_t i = 0; same && i < have->series_count; i++)
        same =
            have->series[i].count == s->series[i].count || (i == 0 && pls_job_automatic(s->plan));
    return same;
}

/*
 * What makes rows that are there others than this study's; the first thing found.
 *
 *   found  in  "is the result", "holds unfinished rows"
 */
static enum pls_code explain_difference(struct session *s, const struct pls_result *result,
                                        const char *found)
{
    struct pls_text what = {0};
    enum pls_code code =
        difference_tell(s->output, pls_result_contents(result), s->plan, &what, &s->err);
    if (code == PLS_OK)
        code = pls_fail(&s->err, PLS_ECREATE,
                        "%s: %s of %s; choose another name with -o, or replace it with --restart",
                        s->output, found, what.data);
    pls_text_free(&what);
    return code;
}

/* A finished result may be extended, never cut: its rows took time. */
static enum pls_code refuse_fewer(struct session *s, uint64_t have)
{
    char there[32], asked[32];
    return pls_fail(&s->err, PLS_ECREATE,
                    "%s: holds %s replicates, this study asks for %s; raise %s.replicates, "
                    "choose another name with -o, or drop the result with --restart",
                    s->output, pls_text_count(have, there),
                    pls_text_count(s->series[0].count, asked),
                    s->job == PLS_JOB_PERMUTE ? "permutation" : "bootstrap");
}

/* Rows can be counted, but whose rows they are cannot be told any more: the digests are others. */
static enum pls_code refuse_kind(struct session *s, bool kept)
{
    return pls_fail(&s->err, PLS_ECREATE,
                    "%s: is a result whose rows are %s, and those of this study would be %s; write "
                    "store: %s in the study, choose another name with -o, or replace it with "
                    "--restart",
                    s->output, kept ? "kept" : "only counted", kept ? "only counted" : "kept",
                    kept ? "rows" : "summary");
}

/* Whose rows an unfinished run left; what cannot be read is left to the store. */
static enum pls_code look_at_part(struct session *s)
{
    struct pls_result *part = NULL;
    struct pls_error ignored;
    enum pls_code code = PLS_OK;
    if (pls_result_open_part(s->output, &part, &ignored) != PLS_OK)
        return PLS_OK;
    const struct pls_contents *have = pls_result_contents(part);
    if (strcmp(have->job, pls_job_name(s->job)) == 0 && strcmp(have->rows_digest, s->digest) != 0 &&
        (have->series_count > 0) == session_keeps_rows(s))
        code = explain_difference(s, part, "holds unfinished rows");
    else if (strcmp(have->rows_digest, s->digest) == 0 && pls_job_automatic(s->plan) &&
             have->series[0].count > s->series[0].count)
        session_resize(s, have->series[0].count);
    pls_result_close(part);
    return code;
}

enum pls_code session_look(struct session *s, bool *done)
{
    struct pls_result *result = NULL;
    struct pls_error ignored;
    enum pls_code code = PLS_OK;
    *done = false;
    if (s->options.restart)
        return PLS_OK;
    if (access(s->output, F_OK) != 0)
        return look_at_part(s);
    if (pls_result_open(s->output, &result, &ignored) != PLS_OK)
        return PLS_OK;
    const struct pls_contents *have = pls_result_contents(result);
    const bool kept = have->series_count > 0, same_kind = kept == session_keeps_rows(s);
    if (is_complete(s, result)) {
        *done = true;
        pls_store_tidy(s->output);
        if (s->options.shard.of == 0)
            code = output_tables(pls_result_tables(result), &s->options, &s->err);
        log_say(&s->log, "%s: already complete; nothing was computed", s->output);
    } else if (strcmp(have->rows_digest, s->digest) == 0) {
        if (kept && pls_job_automatic(s->plan))
            session_resize(s, have->series[0].count);
        else if (kept && have->series[0].count > s->series[0].count)
            code = refuse_fewer(s, have->series[0].count);
    } else if (strcmp(have->job, pls_job_name(s->job)) != 0) {
        char job[64];
        pls_text_printable(have->job, strlen(have->job), 30, job, sizeof job);
        code = pls_fail(&s->err, PLS_ECREATE,
                        "%s: is the result of `plstrap %s`; name another for this one with -o, as "
                        "in -o study.%s.h5, or replace it with --restart",
                        s->output, job, pls_job_name(s->job));
    } else {
        code = same_kind ? explain_difference(s, result, "is the result") : refuse_kind(s, kept);
    }
    pls_result_close(result);
    return code;
}

/* By --max-time and by Slurm, whichever is sooner; rank 0 watches both. */
static double session_deadline(struct session *s)
{
    /* What a stop may take: the rows begun, the disk, and the launcher's end. */
    static const double margin = 60.0, share = 0.25;
    double left = 0.0, deadline = INFINITY;
    char text[32];
    if (s->options.max_time > 0.0)
        deadline = watch_program_start() + s->options.max_time;
    if (session_is_root(s) && slurm_time_left(&left)) {
        log_detail(&s->log, "Slurm ends this job in %s", watch_duration(left, text));
        deadline = fmin(deadline, watch_now() + left - fmin(margin, share * left));
    }
    return deadline;
}

struct watch session_watch(struct session *s, struct pls_store *store, struct pls_error *err)
{
    const double now = watch_now();
    s->run = (struct run){
        .result = s->output,
        .job = pls_job_name(s->job),
        .ranks = s->cluster.size,
        .start = now - watch_program_start(),
    };
    for (size_t i = 0; i < (session_keeps_rows(s) ? s->series_count : 1); i++)
        s->run.all += session_keeps_rows(s) || s->options.shard.of > 0 ? s->part[i].count
                                                                       : s->series[i].count;
    return (struct watch){
        .log = &s->log,
        .store = store,
        .run = s->output != NULL ? &s->run : NULL,
        .options = &s->options,
        .bar = output_is_terminal(STDERR_FILENO) && s->log.file == NULL,
        .began = now,
        .drawn_at = now,
        .synced = now,
        .deadline = session_deadline(s),
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

/* The result is what was asked for, with or without it. */
static void end_run(struct session *s, const struct ending *ending, const char *outcome)
{
    struct pls_error err;
    s->run.outcome = outcome;
    s->run.start = ending->start;
    s->run.facts = ending->facts;
    if (runfile_write(&s->run, &err) != PLS_OK)
        log_say(&s->log, "plstrap: %s", err.text);
}

enum pls_code session_conclude(struct session *s, struct pls_store *store,
                               const struct pls_tables *tables, const struct ending *ending)
{
    enum pls_code code = pls_store_finish(store, tables, &s->err);
    if (code == PLS_OK)
        end_run(s, ending, "finished");
    const struct pls_shard shard = s->options.shard;
    /* The tables of a shard are those of the base model, and would pass for the job's. */
    if (code == PLS_OK && shard.of == 0)
        code = output_tables(tables, &s->options, &s->err);
    if (code == PLS_OK && shard.of > 0)
        log_say(&s->log, "%s: shard %u of %u is complete; `plstrap merge` unites all of them",
                s->output, shard.number, shard.of);
    if (code == PLS_OK && ending->replicates == 0 && shard.of > 0)
        log_last(&s->log, &s->cluster, "%s: shard %u of %u had no rows left to compute", s->output,
                 shard.number, shard.of);
    else if (code == PLS_OK && ending->replicates == 0)
        log_last(&s->log, &s->cluster, "%s: all replicates were there; the tables are made anew",
                 s->output);
    else if (code == PLS_OK)
        say_end(s, ending, ending->replicates);
    return code;
}

void session_stopped(struct session *s, const struct ending *ending)
{
    say_end(s, ending, ending->facts.rows);
    end_run(s, ending, "stopped");
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
            code = session_load(s);
        if (code == PLS_OK)
            code = session_look(s, &done);
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
        s->series_count = pls_job_series(s->plan, s->series);
    if (code == PLS_OK)
        code = session_keeps_rows(s) ? run_rows(s) : run_summary(s);
    if (code != PLS_OK && s->run.entered && s->run.outcome == NULL) {
        s->run.outcome = "failed";
        (void)runfile_write(&s->run, NULL);
    }
    return code;
}

/* Without a launcher: check everything, then start ranks, unless one is all that is wanted. */
static enum pls_code run_alone(struct session *s, char **argv, int *status)
{
    bool done = false;
    enum pls_code code = pls_isa_select(getenv("PLSTRAP_ISA"), &s->isa, &s->err);
    if (code == PLS_OK)
        code = session_load(s);
    if (code == PLS_OK)
        code = session_look(s, &done);
    if (code != PLS_OK || done)
        return code;
    const int ranks = s->options.ranks > 0 ? s->options.ranks : pls_cluster_cores();
    if (ranks == 1)
        return run_as_rank(s);
    return ranks_launch(argv, ranks, status, &s->err);
}

static int run(enum pls_job job, struct options options, char **argv)
{
    struct session s = {.job = job, .options = options};
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

int cmd_bootstrap(int argc, char **argv)
{
    const struct options options = options_parse(
        argc, argv, GROUP_JOB | GROUP_RESAMPLES | GROUP_TABLES, "STUDY", bootstrap_help);
    return run(PLS_JOB_BOOTSTRAP, options, argv);
}

int cmd_permute(int argc, char **argv)
{
    const struct options options = options_parse(
        argc, argv, GROUP_JOB | GROUP_PERMUTATIONS | GROUP_TABLES, "STUDY", permute_help);
    return run(PLS_JOB_PERMUTE, options, argv);
}
