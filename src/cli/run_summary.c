/*
 * run_summary.c: the bootstrap that only counts its rows (store: summary).
 *
 *   a pilot on all ranks, or what an earlier run saved ─▶ brackets ─▶ every rank
 *   blocks of rows, counted where they are computed ─▶ folded onto the root ─▶ saved ─▶ brackets …
 *
 * Only counts travel, so the root never limits a large job. Each checkpoint ends a stage: what the
 * ranks have counted is united, and all go on with the brackets of all, which are narrower than
 * those that one rank could have.
 */
#include "session.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <math.h>
#include <stdlib.h>

/* Brackets of six standard errors miss a rank once in a billion; then they are made wider. */
static const double usual_width = 6.0, widest = 200.0;

/* So many blocks a rank at least: at the end of a stage ranks wait for one another's last. */
static const double fewest_blocks = 16.0;

/* One run's parts; all ranks have them. */
struct summary_run {
    struct session *s;
    struct pls_job_state *state;
    struct pls_reckoning *reckoning; /* root: all that is counted; others: since the last fold */
    struct pls_work_facts facts;     /* root: of all stages */

    struct pls_store *store; /* from here on the root's only */
    struct pls_spans done;   /* rows that are counted        */
    uint64_t before;         /* of them by earlier runs      */
    double rate;             /* rows a second of the last stage, 0: not known */
    double stage_began;
    double stage_length; /* seconds, as it is thought */
    struct watch progress;
    struct pls_tables tables;
};

/* Root: the rows that are to be counted. */
static struct pls_range range_of(const struct session *s)
{
    return s->options.shard.of > 0 ? s->part[0] : (struct pls_range){0, 0, s->series[0].count};
}

static uint64_t end_of(const struct session *s)
{
    return range_of(s).first + range_of(s).count;
}

static uint64_t rows_in(const struct pls_spans *spans)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < spans->count; i++)
        rows += spans->span[i].end - spans->span[i].first;
    return rows;
}

static void add_facts(struct summary_run *run, const struct pls_work_facts *more)
{
    struct pls_work_facts *sum = &run->facts;
    const double seconds = sum->seconds + more->seconds;
    if (seconds > 0.0)
        sum->waiting = (sum->waiting * sum->seconds + more->waiting * more->seconds) / seconds;
    sum->seconds = seconds;
    run->rate = more->seconds > 0.0 ? (double)more->rows / more->seconds : 0.0;
}

/* ---- the root's word, to all ranks ---- */

/* Nothing to go on with, where more is false. */
static enum pls_code hand_out_brackets(struct summary_run *run, bool *more)
{
    struct session *s = run->s;
    struct pls_text parcel = {0};
    enum pls_code code = PLS_OK;
    if (session_is_root(s) && *more && s->cluster.size > 1)
        code = pls_reckoning_pack(run->reckoning, false, &parcel, &s->err);
    else if (session_is_root(s) && *more)
        code = pls_text_append(&parcel, "", 1, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    void *bytes = parcel.data;
    size_t length = parcel.length;
    if (code == PLS_OK)
        code = pls_cluster_share(&s->cluster, &bytes, &length, &s->err);
    *more = length > 0;
    if (code == PLS_OK && *more && !session_is_root(s)) {
        pls_reckoning_free(run->reckoning);
        run->reckoning = NULL;
        code = pls_reckoning_restore(s->plan, run->state, bytes, length, &run->reckoning, &s->err);
    }
    free(bytes);
    return pls_cluster_agree(&s->cluster, code, &s->err);
}

/* ---- where to begin ---- */

/* Root: what an earlier run saved, if it is sound. */
static enum pls_code take_up(struct summary_run *run)
{
    struct session *s = run->s;
    char have[32], whole[32];
    size_t length;
    bool damaged;
    if (run->store == NULL)
        return PLS_OK;
    const char *bytes = pls_store_saved(run->store, &length, &damaged);
    enum pls_code code = PLS_OK;
    if (bytes != NULL)
        code = pls_ledger_unpack(s->plan, run->state, bytes, length, &run->done, &run->reckoning,
                                 &s->err);
    if (damaged || code == PLS_EDATA) {
        log_say(&s->log, "%s.journal: what was counted is damaged, and is counted again",
                s->output);
        pls_spans_free(&run->done);
        return PLS_OK;
    }
    if (code == PLS_OK && bytes != NULL)
        log_say(&s->log, "%s: going on: %s of %s replicates are counted", s->output,
                pls_text_count(rows_in(&run->done), have),
                pls_text_count(range_of(s).count, whole));
    return code;
}

/* All ranks: the first rows of the bootstrap and all of the jackknife, which place the brackets. */
static enum pls_code begin_anew(struct summary_run *run, double width)
{
    struct session *s = run->s;
    struct pls_pilot pilot = {0};
    const struct pls_watch watch = {&run->progress, watch_tick};
    struct pls_work_facts facts = {0};
    pls_pilot_series(s->plan, &pilot);
    enum pls_code code = session_is_root(s) ? pls_pilot_alloc(&pilot, &s->err) : PLS_OK;
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK) {
        const struct pls_sink sink = {&pilot, pls_pilot_put};
        const struct pls_range todo[2] = {{0, 0, pilot.series[0].count},
                                          {1, 0, pilot.series[1].count}};
        const struct pls_work work = {.series = pilot.series,
                                      .series_count = pilot.series_count,
                                      .replicate = pls_job_replicate,
                                      .state = run->state,
                                      .chunk = s->options.chunk,
                                      .grain = PLS_LANES};
        s->run.preparing = true;
        code = pls_cluster_work(&s->cluster, &work, todo, pilot.series_count, &sink, &watch, &facts,
                                &s->err);
        s->run.preparing = false;
        add_facts(run, &facts);
    }
    if (code == PLS_OK && session_is_root(s)) {
        pls_spans_free(&run->done);
        run->before = run->progress.before = 0;
        pls_reckoning_free(run->reckoning);
        run->reckoning = NULL;
        code = pls_reckoning_new(s->plan, &pilot, run->state, width, &run->reckoning, &s->err);
    }
    pls_pilot_free(&pilot);
    return pls_cluster_agree(&s->cluster, code, &s->err);
}

/* ---- a stage ---- */

/* Progress is that of the run. A stage that takes far longer than it was thought to is cut short. */
static bool tick(void *self, uint64_t done, uint64_t todo)
{
    struct summary_run *run = self;
    const bool late = watch_now() - run->stage_began > 2.0 * run->stage_length;
    return watch_tick(&run->progress, rows_in(&run->done) - run->before,
                      range_of(run->s).count - run->before) &&
           !(late && done > 0 && done < todo);
}

/* Rows of a block that was not finished are taken back by the rank that counted them. */
static enum pls_code note_done(void *self, const struct pls_range *range, const double *rows,
                               const struct pls_outcome *outcomes, struct pls_error *err)
{
    (void)rows, (void)outcomes;
    struct summary_run *run = self;
    uint64_t end = range->first + range->count;
    if (end != end_of(run->s))
        end -= end % PLS_TALLY_BLOCK;
    return pls_spans_add(&run->done, range->first, end, err);
}

/* Root: so many rows that are not counted yet as a stage is long. */
static enum pls_code plan_stage(struct summary_run *run, struct pls_range **out_new, size_t *count)
{
    struct session *s = run->s;
    struct pls_span gap = {.end = range_of(s).first};
    size_t capacity = 0;
    enum pls_code code = PLS_OK;
    run->stage_began = watch_now();
    run->stage_length = s->options.checkpoint; /* the first one is shorter: a pilot is slow */
    double blocks = ceil(run->rate * run->stage_length / PLS_TALLY_BLOCK);
    blocks = fmin(0x1p40, fmax(blocks, fewest_blocks * s->cluster.size));
    for (uint64_t left = (uint64_t)blocks * PLS_TALLY_BLOCK; code == PLS_OK && left > 0;) {
        if (!pls_spans_gap(&run->done, gap.end, end_of(s), &gap))
            break;
        const uint64_t rows = gap.end - gap.first < left ? gap.end - gap.first : left;
        code = pls_grow(out_new, &capacity, *count + 1, sizeof **out_new, &s->err);
        if (code == PLS_OK)
            (*out_new)[(*count)++] = (struct pls_range){0, gap.first, rows};
        left -= rows;
    }
    return code;
}

/* Columns in so many parts, each of which is small for a cache. */
enum { PARTS = 32 };

static enum pls_code give(void *self, size_t part, struct pls_text *out, struct pls_error *err)
{
    const struct summary_run *run = self;
    return pls_reckoning_pack_part(run->reckoning, part, PARTS, out, err);
}

static enum pls_code take(void *self, size_t part, const char *bytes, size_t length,
                          struct pls_error *err)
{
    struct summary_run *run = self;
    return pls_reckoning_merge(run->reckoning, part, PARTS, bytes, length, err);
}

static enum pls_code save(struct summary_run *run)
{
    struct session *s = run->s;
    struct pls_text bytes = {0};
    enum pls_code code = pls_reckoning_narrow(run->reckoning, &s->err);
    if (code == PLS_OK)
        code = pls_ledger_pack(run->reckoning, &run->done, &bytes, &s->err);
    if (code == PLS_OK)
        code = pls_store_save(run->store, bytes.data, bytes.length, &s->err);
    pls_text_free(&bytes);
    return code;
}

/* Counts for a while, and unites what was counted. PLS_ESTOPPED: the run is to end. */
static enum pls_code run_stage(struct summary_run *run)
{
    struct session *s = run->s;
    const struct pls_sink sink = {run, note_done};
    const struct pls_watch watch = {run, tick};
    const struct pls_fold fold = {run, PARTS, give, take};
    const struct pls_work work = {.series = s->series,
                                  .series_count = 1,
                                  .replicate = pls_reckoning_replicate,
                                  .state = run->reckoning,
                                  .grain = PLS_LANES,
                                  .unit = PLS_TALLY_BLOCK,
                                  .counted = true};
    struct pls_range *todo = NULL;
    size_t todo_count = 0;
    struct pls_work_facts facts = {0};
    enum pls_code code = PLS_OK;
    if (session_is_root(s))
        code = plan_stage(run, &todo, &todo_count);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK)
        code =
            pls_cluster_work(&s->cluster, &work, todo, todo_count, &sink, &watch, &facts, &s->err);
    free(todo);
    add_facts(run, &facts);
    if (code != PLS_OK && code != PLS_ESTOPPED)
        return code;
    pls_reckoning_drop(run->reckoning);
    code = pls_cluster_fold(&s->cluster, &fold, &s->err);
    /* Once all are counted there is nothing to stop, and tables take no time. */
    const bool more = session_is_root(s) && rows_in(&run->done) < range_of(s).count;
    if (code == PLS_OK && more && run->store != NULL)
        code = save(run);
    if (code == PLS_OK && more && (run->progress.timed_out || facts.signalled))
        code = PLS_ESTOPPED;
    return pls_cluster_agree(&s->cluster, code, &s->err);
}

/* Stage after stage, until every row is counted. */
static enum pls_code count_rows(struct summary_run *run)
{
    struct session *s = run->s;
    for (;;) {
        bool more = session_is_root(s) && rows_in(&run->done) < range_of(s).count;
        enum pls_code code = hand_out_brackets(run, &more);
        if (code == PLS_OK && more)
            code = run_stage(run);
        if (code != PLS_OK || !more)
            return code;
    }
}

/* Counts until every wanted rank lies in its bracket: once, but for a chance in a billion. */
static enum pls_code compute(struct summary_run *run)
{
    struct session *s = run->s;
    bool have = false;
    enum pls_code code = pls_job_prepare(s->plan, s->isa, &run->state, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code != PLS_OK)
        return code;
    if (session_is_root(s)) {
        code = take_up(run);
        have = run->reckoning != NULL;
        run->before = rows_in(&run->done);
        run->progress = session_watch(s, NULL, NULL);
        run->progress.before = run->before;
    }
    /* "There is something to go on from" is told as a stop, and so is "once more". */
    code = pls_cluster_agree(&s->cluster, code == PLS_OK && have ? PLS_ESTOPPED : code, &s->err);
    for (double width = usual_width;; width *= 4.0) {
        if (code == PLS_OK)
            code = begin_anew(run, width);
        else if (code == PLS_ESTOPPED)
            code = PLS_OK;
        if (code == PLS_OK)
            code = count_rows(run);
        if (code != PLS_OK)
            return code;
        if (session_is_root(s))
            code = s->options.shard.of > 0
                       ? pls_job_shard_tables(s->plan, &run->tables, &s->err)
                       : pls_reckoning_tables(run->reckoning, &run->tables, &s->err);
        if (code == PLS_EDATA && width < widest)
            code = PLS_ESTOPPED;
        code = pls_cluster_agree(&s->cluster, code, &s->err);
        if (code != PLS_ESTOPPED)
            return code;
        code = PLS_OK;
    }
}

static void tell_stop(struct summary_run *run)
{
    struct session *s = run->s;
    char have[32], whole[32];
    if (rows_in(&run->done) == 0) {
        pls_fail(&s->err, PLS_ESTOPPED,
                 "stopped before a replicate was counted; give the same "
                 "command again");
        return;
    }
    pls_fail(&s->err, PLS_ESTOPPED,
             "stopped early: %s of %s replicates are counted in %s.journal; give the same command "
             "again to go on",
             pls_text_count(rows_in(&run->done), have), pls_text_count(range_of(s).count, whole),
             s->output);
}

/* A shard has too little to infer from: its counts are its result. */
static enum pls_code conclude(struct summary_run *run, const struct ending *ending)
{
    struct session *s = run->s;
    struct pls_text state = {0};
    enum pls_code code = PLS_OK;
    if (s->options.shard.of > 0) {
        code = pls_ledger_pack(run->reckoning, &run->done, &state, &s->err);
        s->contents.state = state.data;
        s->contents.state_length = state.length;
    }
    if (code == PLS_OK)
        code = session_conclude(s, run->store, &run->tables, ending);
    s->contents.state = NULL;
    pls_text_free(&state);
    return code;
}

enum pls_code run_summary(struct session *s)
{
    struct summary_run run = {.s = s};
    enum pls_code code = PLS_OK;
    bool done = false;
    pls_cluster_catch_signals();
    if (session_is_root(s)) {
        s->contents = session_contents(s, 0);
        code = pls_store_open(s->output, &s->contents, s->options.restart, &run.store, &s->err);
        if (code == PLS_OK) /* another run may have finished it while this one waited */
            code = session_look(s, &done);
    }
    /* "Nothing to do" is told as a stop. */
    code = pls_cluster_agree(&s->cluster, code == PLS_OK && done ? PLS_ESTOPPED : code, &s->err);
    if (code == PLS_ESTOPPED) {
        pls_store_close(run.store, false);
        return PLS_OK;
    }
    if (code == PLS_OK) {
        const double start = watch_now() - watch_program_start();
        code = compute(&run);
        watch_clear(&run.progress);
        run.facts.rows = rows_in(&run.done) - run.before;
        const struct ending ending = {run.facts, range_of(s).count - run.before, start};
        if (session_is_root(s) && code == PLS_OK)
            code = conclude(&run, &ending);
        if (session_is_root(s) && code == PLS_ESTOPPED) {
            session_stopped(s, &ending);
            tell_stop(&run);
        }
    }
    pls_store_close(run.store, code != PLS_OK);
    pls_reckoning_free(run.reckoning);
    pls_job_release(run.state);
    pls_spans_free(&run.done);
    pls_tables_free(&run.tables);
    return pls_cluster_agree(&s->cluster, code, &s->err);
}

enum pls_code run_summary_tables(struct session *s, struct pls_tables *tables)
{
    struct summary_run run = {.s = s};
    const enum pls_code code = compute(&run);
    watch_clear(&run.progress);
    *tables = run.tables;
    pls_reckoning_free(run.reckoning);
    pls_job_release(run.state);
    pls_spans_free(&run.done);
    return code;
}
