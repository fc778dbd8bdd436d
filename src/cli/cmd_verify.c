/*
 * cmd_verify.c: plstrap verify: a finished result computed again, and compared.
 *
 *   study, data ─▶ plan ─▶ base, sampled rows, tables ─┐
 *   result ────────────────────────────────────────────┴▶ compared ─▶ findings
 */
#include "session.h"
#include "verify.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Compute a finished result again on this machine, from its study and data, and compare: base "
    "model and a sample of the rows bit by bit, tables to 1e-12. Exit code 0: equal; 65: something "
    "differs, and what."
    "\v"
    "  plstrap verify study.h5 study.yaml             a sample of every series\n"
    "  plstrap verify study.h5 study.yaml --all       every row, on all cores\n"
    "  mpirun -n 64 plstrap verify study.h5 study.yaml --all\n\n"
    "Ranks, instruction set and restarts do not matter: a result from any machine is compared bit "
    "by "
    "bit.\n";

/* One verification on one rank; the session's plan is what the result's own study asks for. */
struct verification {
    struct session s;
    struct pls_result *result; /* root */
    struct pls_plan *given;    /* root: the plan of STUDY, where its text is another */
    struct findings findings;
    bool counts; /* a summary is counted again */
};

static const struct pls_contents *contents_of(const struct verification *v)
{
    return pls_result_contents(v->result);
}

static bool is_estimate(const struct verification *v)
{
    return strcmp(contents_of(v)->job, "estimate") == 0;
}

/* ---- the study ---- */

static enum pls_code digest_of(const struct verification *v, const struct pls_plan *plan,
                               char out[65], struct pls_error *err)
{
    return is_estimate(v) ? pls_plan_digest(plan, "estimate", out, err)
                          : pls_job_digest(plan, contents_of(v)->series_count > 0, out, err);
}

static enum pls_code refuse_study(struct verification *v, const struct pls_plan *plan)
{
    struct session *s = &v->s;
    struct pls_text what = {0};
    enum pls_code code = difference_tell(s->options.input, contents_of(v), plan, &what, &s->err);
    if (code == PLS_OK)
        code = pls_fail(&s->err, PLS_EDATA,
                        "%s: is the result of %s; give the study and data that it was made from%s",
                        s->options.input, what.data,
                        s->options.given == NULL
                            ? ", and --resamples or --permutations if it was made so"
                            : "");
    pls_text_free(&what);
    return code;
}

static enum pls_code check_study(struct verification *v, const struct pls_plan *plan)
{
    char digest[65];
    enum pls_code code = digest_of(v, plan, digest, &v->s.err);
    if (code == PLS_OK && strcmp(digest, contents_of(v)->rows_digest) != 0)
        code = refuse_study(v, plan);
    return code;
}

/* The result's own study with the data, and resamples, that were given. */
static enum pls_code load_own(struct verification *v)
{
    struct session *s = &v->s;
    const struct pls_contents *have = contents_of(v);
    struct pls_study *study = NULL;
    char *path = NULL;
    enum pls_code code = pls_study_parse(s->options.study, have->study, strlen(have->study),
                                         have->model, &study, &s->err);
    if (code == PLS_OK)
        code = pls_copy_text(&path, v->given->study->data.path, strlen(v->given->study->data.path),
                             &s->err);
    if (code != PLS_OK) {
        pls_study_free(study);
        return code;
    }
    free(study->data.path);
    study->data.path = path;
    code = pls_plan_make(study, s->job, NULL, &s->plan, &s->err);
    if (code == PLS_OK) {
        s->plan->given = v->given->given;
        s->plan->given_count = v->given->given_count;
        if (s->plan->given_count > 0) {
            s->plan->replicates = s->plan->given_count;
            pls_plan_not_enumerated(s->plan);
        }
        v->given->given = NULL;
    }
    return code;
}

/* What the study says now may be newer than what the tables were made from. */
static enum pls_code settle_study(struct verification *v)
{
    struct session *s = &v->s;
    const struct pls_contents *have = contents_of(v);
    const struct pls_study *study = v->given->study;
    char there[128], here[128];
    bool text = difference_line(have->study, study->text, there, here);
    if (!text && !difference_line(have->model, study->model_text, there, here)) {
        s->plan = v->given;
        v->given = NULL;
        return PLS_OK;
    }
    enum pls_code code = load_own(v);
    if (code == PLS_OK)
        code = check_study(v, s->plan);
    if (code == PLS_OK)
        code = findings_note(&v->findings, &s->err,
                             "%s has other text than the study in the result (`%s` there, `%s` "
                             "here) which decides no row: tables are compared as the result's own "
                             "study asks for them",
                             s->options.study, there, here);
    return code;
}

/* A changed file might claim rows whose resamples do not exist. */
static enum pls_code check_counts(struct verification *v)
{
    struct session *s = &v->s;
    const struct pls_contents *have = contents_of(v);
    if (!is_estimate(v) && have->series_count > 0 && pls_job_automatic(s->plan))
        s->plan->replicates = have->series[0].count; /* where it stopped */
    s->series_count = is_estimate(v) ? 0 : pls_job_series(s->plan, s->series);
    bool fits = have->series_count == 0 || have->series_count == s->series_count;
    for (size_t i = 0; fits && i < have->series_count; i++) {
        const struct pls_range held = rows_held(have, i);
        const uint64_t whole = s->series[i].count;
        fits = strcmp(have->series[i].name, s->series[i].name) == 0 &&
               have->series[i].count == whole && held.first <= whole &&
               held.count <= whole - held.first;
    }
    if (fits)
        return PLS_OK;
    return pls_fail(
        &s->err, PLS_EDATA,
        "%s: does not hold the rows that its own study asks for; it was altered, or not "
        "made by plstrap",
        s->options.input);
}

static enum pls_code load(struct verification *v)
{
    struct session *s = &v->s;
    enum pls_code code = output_open(s->options.input, &v->result, &s->err);
    if (code == PLS_OK && !is_estimate(v) && !job_named(contents_of(v)->job, &s->job))
        code = pls_fail(&s->err, PLS_EDATA,
                        "%s: is of a job that this version of plstrap does not have; use the "
                        "version that wrote it",
                        s->options.input);
    if (code == PLS_OK)
        code = pls_plan_load(s->options.study, s->job, s->options.given, &v->given, &s->err);
    if (code == PLS_OK)
        code = check_study(v, v->given);
    if (code == PLS_OK)
        code = settle_study(v);
    return code == PLS_OK ? check_counts(v) : code;
}

/* ---- the base model ---- */

static enum pls_code compare_estimates(struct verification *v)
{
    const struct pls_contents *have = contents_of(v);
    const struct pls_columns *mine = v->s.plan->columns;
    const struct pls_columns *theirs = have->series[0].columns;
    if (mine->count != theirs->count)
        return pls_fail(&v->s.err, PLS_EDATA, "%s: has %zu columns where its study has %zu",
                        v->s.options.input, theirs->count, mine->count);
    struct finding *finding = findings_add(&v->findings, "estimates", "values", mine->count);
    for (size_t c = 0; c < mine->count; c++) {
        const struct pls_column *a = &theirs->column[c], *b = &mine->column[c];
        char term[128];
        pls_text_printable(a->term, strlen(a->term), 40, term, sizeof term);
        finding->compared++;
        if (a->component != b->component || strcmp(a->term, b->term) != 0)
            finding_differs(finding, "column %zu: stored %s:%s, here %s:%s", c,
                            pls_component_name(a->component), term,
                            pls_component_name(b->component), b->term);
        else if (!same_number(have->estimate[c], v->s.plan->estimate[c]))
            finding_differs(finding, "%s:%s: stored %.17g, here %.17g",
                            pls_component_name(a->component), term, have->estimate[c],
                            v->s.plan->estimate[c]);
    }
    return PLS_OK;
}

/* ---- tables and digest ---- */

static enum pls_code read_column(void *self, size_t series, size_t column, uint64_t first,
                                 size_t count, double *out, struct pls_error *err)
{
    const struct pls_rows rows = {.result = self};
    return pls_rows_column(&rows, series, column, first, count, out, err);
}

static enum pls_code read_outcomes(void *self, size_t series, uint64_t first, size_t count,
                                   struct pls_outcome *out, struct pls_error *err)
{
    const struct pls_rows rows = {.result = self};
    return pls_rows_outcomes(&rows, series, first, count, out, err);
}

/* The tables that the result must have, as far as they can be made here. */
static enum pls_code make_tables(struct verification *v, struct pls_tables *tables,
                                 struct tables_check *how)
{
    struct session *s = &v->s;
    const struct pls_contents *have = contents_of(v);
    const struct pls_rows_source source = {v->result, read_column, read_outcomes};
    enum pls_code code;
    if (have->shard.of > 0) {
        code = pls_job_shard_tables(s->plan, tables, &s->err);
        if (code == PLS_OK && have->series_count == 0)
            code = findings_note(&v->findings, &s->err,
                                 "a shard of a summary keeps counts alone, which were not "
                                 "compared: verify with --all what `plstrap merge` makes of all "
                                 "shards");
        return code;
    }
    if (have->series_count > 0)
        return pls_job_summarise(s->plan, s->isa, &source, tables, &s->err);
    code = pls_plan_tables(s->plan, tables, &s->err);
    if (is_estimate(v))
        return code == PLS_OK ? pls_plan_fact(tables, &s->err, "job", "estimate") : code;
    how->base_only = true;
    if (code == PLS_OK)
        code = findings_note(&v->findings, &s->err,
                             "a summary keeps no rows: only what follows from the base model was "
                             "compared; --all counts all replicates again");
    return code;
}

static enum pls_code check_tables(struct verification *v, const struct pls_tables *opt_counted)
{
    struct session *s = &v->s;
    struct pls_tables tables = {0};
    struct tables_check how = {.same_version =
                                   strcmp(contents_of(v)->version, PLSTRAP_VERSION) == 0};
    enum pls_code code = PLS_OK;
    if (!how.same_version)
        code =
            findings_note(&v->findings, &s->err,
                          "made by plstrap %s, compared by %s: the wording of notes and messages "
                          "was not compared",
                          contents_of(v)->version, PLSTRAP_VERSION);
    if (code == PLS_OK && opt_counted == NULL)
        code = make_tables(v, &tables, &how);
    if (code == PLS_OK)
        code =
            verify_tables(pls_result_tables(v->result), opt_counted != NULL ? opt_counted : &tables,
                          &how, &v->findings, &s->err);
    pls_tables_free(&tables);
    return code;
}

static enum pls_code check_digest(struct verification *v)
{
    char here[65];
    enum pls_code code = pls_result_digest_again(v->result, here, &v->s.err);
    struct finding *finding = findings_add(&v->findings, "digest", NULL, 1);
    finding->compared = 1;
    if (code == PLS_OK && strcmp(here, pls_result_digest(v->result)) != 0)
        finding_differs(finding, "stored %s, here %s", pls_result_digest(v->result), here);
    return code;
}

/* ---- all of it ---- */

static enum pls_code conclude(struct verification *v)
{
    struct session *s = &v->s;
    enum pls_code code = PLS_OK;
    if (s->options.json_out || !s->options.quiet)
        code = findings_print(&v->findings, s->options.input, s->options.json_out, &s->err);
    return code == PLS_OK ? findings_judge(&v->findings, s->options.input, &s->err) : code;
}

/* Root: all that needs no rows computed. */
static enum pls_code begin(struct verification *v)
{
    struct session *s = &v->s;
    enum pls_code code = ranks_check(&s->options, &s->cluster, &s->err);
    if (code == PLS_OK && v->result == NULL)
        code = load(v);
    if (code == PLS_OK) {
        log_plan(&s->log, s->plan);
        v->counts = s->options.all && !is_estimate(v) && contents_of(v)->series_count == 0 &&
                    contents_of(v)->shard.of == 0;
        code = compare_estimates(v);
    }
    return code;
}

/* What the root knows of the work, on every rank. */
static enum pls_code share(struct verification *v)
{
    struct session *s = &v->s;
    enum pls_code code = ranks_share_plan(&s->cluster, &s->plan, &s->err);
    bool counts = v->counts;
    void *bytes = &counts;
    size_t length = sizeof counts;
    if (code == PLS_OK)
        code = pls_cluster_share(&s->cluster, &bytes, &length, &s->err);
    if (code == PLS_OK && !session_is_root(s)) {
        memcpy(&v->counts, bytes, sizeof v->counts);
        free(bytes);
        s->series_count = pls_job_series(s->plan, s->series);
    }
    return pls_cluster_agree(&s->cluster, code, &s->err);
}

static enum pls_code run_as_rank(struct verification *v)
{
    struct session *s = &v->s;
    struct pls_tables counted = {0};
    enum pls_code code = pls_cluster_join(&s->cluster, &s->err);
    if (code != PLS_OK)
        return code;
    code = pls_isa_select(getenv("PLSTRAP_ISA"), &s->isa, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK) {
        pls_cluster_catch_signals();
        if (session_is_root(s))
            code = begin(v);
        code = pls_cluster_agree(&s->cluster, code, &s->err);
    }
    if (code == PLS_OK)
        code = share(v);
    if (code == PLS_OK)
        code =
            v->counts ? run_summary_tables(s, &counted) : verify_rows(s, v->result, &v->findings);
    if (session_is_root(s) && code == PLS_OK)
        code = check_tables(v, v->counts ? &counted : NULL);
    if (session_is_root(s) && code == PLS_OK)
        code = check_digest(v);
    if (session_is_root(s) && code == PLS_OK)
        code = conclude(v);
    pls_tables_free(&counted);
    return code;
}

/* Without a launcher: a sample is soon computed alone; all rows are worth more ranks. */
static enum pls_code run_alone(struct verification *v, char **argv, int *status)
{
    struct session *s = &v->s;
    enum pls_code code = pls_isa_select(getenv("PLSTRAP_ISA"), &s->isa, &s->err);
    if (code == PLS_OK)
        code = load(v);
    if (code != PLS_OK)
        return code;
    const int ranks = s->options.ranks > 0 ? s->options.ranks
                      : s->options.all     ? pls_cluster_cores()
                                           : 1;
    return ranks == 1 ? run_as_rank(v) : ranks_launch(argv, ranks, status, &s->err);
}

int cmd_verify(int argc, char **argv)
{
    struct verification v = {
        .s = {.options = options_parse(argc, argv, GROUP_VERIFY, "RESULT STUDY", help)},
    };
    struct session *s = &v.s;
    int launched = 0;
    s->cluster.size = 1;
    enum pls_code code = log_open(&s->log, &s->options, &s->err);
    if (code == PLS_OK)
        code = pls_cluster_launched() ? run_as_rank(&v) : run_alone(&v, argv, &launched);
    if (session_is_root(s))
        log_error(&s->log, code, &s->err);
    pls_result_close(v.result);
    pls_plan_free(v.given);
    pls_plan_free(s->plan);
    findings_free(&v.findings);
    log_close(&s->log);
    const int status = pls_cluster_leave(&s->cluster, code);
    return launched != 0 ? launched : status;
}
