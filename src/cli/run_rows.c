/* run_rows.c: a job whose rows are kept in the result. */
#include "session.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>

/* on_failure: stop ends the job at the first replicate that fails, whichever rank computed it. */
struct checked_sink {
    struct pls_store *store;
    const struct pls_plan *plan;
};

static enum pls_code put_checked(void *self, const struct pls_range *range, const double *rows,
                                 const struct pls_outcome *outcomes, struct pls_error *err)
{
    const struct checked_sink *sink = self;
    enum pls_code code = pls_store_put(sink->store, range, rows, outcomes, err);
    if (code != PLS_OK || pls_job_on_failure(sink->plan) != PLS_FAILURE_STOP)
        return code;
    for (uint64_t i = 0; i < range->count; i++)
        if (outcomes[i].status != PLS_STATUS_OK)
            return pls_job_failure(sink->plan, range->series, range->first + i, &outcomes[i], err);
    return PLS_OK;
}

static enum pls_code compute(struct session *s, struct pls_store *store,
                             const struct pls_range *todo, size_t todo_count, uint64_t before,
                             struct pls_work_facts *facts)
{
    struct pls_job_state *state = NULL;
    struct checked_sink checked = {store, s->plan};
    const struct pls_sink sink = {&checked, put_checked};
    struct pls_error sync_error = {0};
    struct watch progress = session_watch(s, store, &sync_error);
    const struct pls_watch watch = {&progress, watch_tick};
    progress.before = before;

    enum pls_code code = pls_job_prepare(s->plan, s->isa, &state, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK) {
        const struct pls_work work = {.series = s->series,
                                      .series_count = s->series_count,
                                      .replicate = pls_job_replicate,
                                      .state = state,
                                      .chunk = s->options.chunk,
                                      .grain = PLS_LANES};
        code =
            pls_cluster_work(&s->cluster, &work, todo, todo_count, &sink, &watch, facts, &s->err);
        watch_clear(&progress);
    }
    if (progress.code != PLS_OK) {
        s->err = sync_error;
        code = progress.code;
    }
    pls_job_release(state);
    return code;
}

static enum pls_code store_column(void *self, size_t series, size_t column, uint64_t first,
                                  size_t count, double *out, struct pls_error *err)
{
    const struct pls_rows rows = {.store = self};
    return pls_rows_column(&rows, series, column, first, count, out, err);
}

static enum pls_code store_outcomes(void *self, size_t series, uint64_t first, size_t count,
                                    struct pls_outcome *out, struct pls_error *err)
{
    const struct pls_rows rows = {.store = self};
    return pls_rows_outcomes(&rows, series, first, count, out, err);
}

struct pls_rows_source session_source(struct pls_store *store)
{
    return (struct pls_rows_source){store, store_column, store_outcomes};
}

static enum pls_code conclude(struct session *s, struct pls_store *store,
                              const struct ending *ending)
{
    struct pls_tables tables = {0};
    const struct pls_rows_source source = session_source(store);
    enum pls_code code = pls_store_settle(store, &s->err);
    if (code == PLS_OK)
        code = s->options.shard.of > 0
                   ? pls_job_shard_tables(s->plan, &tables, &s->err)
                   : pls_job_summarise(s->plan, s->isa, &source, &tables, &s->err);
    if (code == PLS_OK)
        code = session_conclude(s, store, &tables, ending);
    pls_tables_free(&tables);
    return code;
}

static enum pls_code check_rows(struct session *s, struct pls_store *store, size_t series,
                                uint64_t first, uint64_t end)
{
    enum { SOME = 1024 };
    const struct pls_rows rows = {.store = store};
    struct pls_outcome outcomes[SOME];
    enum pls_code code = PLS_OK;
    for (; code == PLS_OK && first < end; first += SOME) {
        const size_t count = end - first < SOME ? (size_t)(end - first) : SOME;
        code = pls_rows_outcomes(&rows, series, first, count, outcomes, &s->err);
        for (size_t i = 0; code == PLS_OK && i < count; i++)
            if (outcomes[i].status != PLS_STATUS_OK)
                code = pls_job_failure(s->plan, series, first + i, &outcomes[i], &s->err);
    }
    return code;
}

/* on_failure: stop, for rows that an earlier run computed: those that are not to be done. */
static enum pls_code check_before(struct session *s, struct pls_store *store,
                                  const struct pls_range *todo, size_t todo_count)
{
    enum pls_code code = PLS_OK;
    if (pls_job_on_failure(s->plan) != PLS_FAILURE_STOP)
        return PLS_OK;
    for (size_t series = 0; code == PLS_OK && series < s->series_count; series++) {
        uint64_t first = s->part[series].first;
        for (size_t i = 0; code == PLS_OK && i < todo_count; i++) {
            if (todo[i].series != series)
                continue;
            code = check_rows(s, store, series, first, todo[i].first);
            first = todo[i].first + todo[i].count;
        }
        if (code == PLS_OK)
            code =
                check_rows(s, store, series, first, s->part[series].first + s->part[series].count);
    }
    return code;
}

static uint64_t rows_in(const struct pls_range *ranges, size_t count, size_t series)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < count; i++)
        rows += ranges[i].series == series ? ranges[i].count : 0;
    return rows;
}

/* Says what an earlier run left, and returns how many rows that are. */
static uint64_t tell_before(struct session *s, uint64_t todo, uint64_t damaged, bool first)
{
    uint64_t all = 0;
    char have[32], whole[32];
    for (size_t i = 0; i < s->series_count; i++)
        all += s->part[i].count;
    if (damaged > 0)
        log_say(&s->log,
                "%s: %s rows of an earlier run do not fit their checksums, and are computed again",
                s->output, pls_text_count(damaged, have));
    if (first && todo > 0 && todo < all)
        log_say(&s->log, "%s: going on: %s of %s rows are there", s->output,
                pls_text_count(all - todo, have), pls_text_count(all, whole));
    return all - todo;
}

static void tell_stop(struct session *s, uint64_t there, uint64_t all)
{
    char have[32], whole[32];
    pls_fail(&s->err, PLS_ESTOPPED,
             "stopped early: %s of %s rows are in %s.part; give the same command again to go on",
             pls_text_count(there, have), pls_text_count(all, whole), s->output);
}

/* One stage of `replicates: auto`; else the whole of the job. */
struct stage {
    struct pls_auto *rule; /* root, of `auto` */
    bool stopped;          /* the rule has    */
    bool begun;            /* not the first one */
    bool cut;              /* rows beyond where it stopped are to be dropped */
    struct ending ending;  /* of all stages   */
};

static void add_facts(struct pls_work_facts *sum, const struct pls_work_facts *more)
{
    const double seconds = sum->seconds + more->seconds;
    if (seconds > 0.0)
        sum->waiting = (sum->waiting * sum->seconds + more->waiting * more->seconds) / seconds;
    sum->seconds = seconds;
    sum->rows += more->rows;
}

/* Root, all rows of the stage are there: the result, or how many rows the next stage has. */
static enum pls_code end_stage(struct session *s, struct pls_store *store, struct stage *stage,
                               uint64_t *next)
{
    const struct pls_rows_source source = session_source(store);
    const uint64_t have = s->series[0].count;
    uint64_t count = have;
    enum pls_code code = PLS_OK;
    if (stage->rule != NULL && !stage->stopped)
        code = pls_auto_look(stage->rule, &source, have, &stage->stopped, &count, &s->err);
    if (code != PLS_OK)
        return code;
    if (count == have)
        return conclude(s, store, &stage->ending);
    stage->cut = count < have;
    *next = count;
    return PLS_OK;
}

/* *next: rows of the next stage, 0: there is none. */
static enum pls_code run_stage(struct session *s, struct stage *stage, uint64_t *next)
{
    struct pls_store *store = NULL;
    struct pls_range *todo = NULL;
    size_t todo_count = 0;
    struct pls_work_facts facts = {0};
    uint64_t before = 0, left = 0;
    enum pls_code code = PLS_OK;
    const bool first = !stage->begun;
    *next = 0;
    if (session_is_root(s)) {
        s->contents = session_contents(s, s->series_count);
        s->contents.cut = stage->cut;
        s->contents.replace = s->options.restart;
        code = pls_store_open(s->output, &s->contents, s->options.restart && !stage->begun, &store,
                              &s->err);
        stage->begun = true;
        if (code == PLS_OK)
            code = pls_store_todo(store, &todo, &todo_count, &s->err);
        if (code == PLS_OK) {
            stage->ending.replicates += rows_in(todo, todo_count, 0);
            left = rows_in(todo, todo_count, 0) + rows_in(todo, todo_count, 1);
            before = tell_before(s, left, pls_store_damaged(store), first);
            code = before > 0 ? check_before(s, store, todo, todo_count) : PLS_OK;
        }
    }
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code != PLS_OK)
        goto done;
    if (stage->ending.start == 0.0)
        stage->ending.start = watch_now() - watch_program_start();
    code = compute(s, store, todo, todo_count, before, &facts);
    add_facts(&stage->ending.facts, &facts);
    if (session_is_root(s) && code == PLS_OK)
        code = end_stage(s, store, stage, next);
    if (session_is_root(s) && code == PLS_ESTOPPED) {
        session_stopped(s, &stage->ending);
        tell_stop(s, before + facts.rows, before + left);
    }
done:
    /* A run that failed before a row was there leaves nothing; later, what is done is kept. */
    pls_store_close(store, *next > 0 || (code != PLS_OK && (left > 0 || stage->rule != NULL)));
    free(todo);
    return pls_cluster_agree(&s->cluster, code, &s->err);
}

/* The root's word on how many rows the next stage has, to all ranks. */
static enum pls_code share_next(struct session *s, uint64_t *next)
{
    void *bytes = next;
    size_t length = sizeof *next;
    const enum pls_code code = pls_cluster_share(&s->cluster, &bytes, &length, &s->err);
    if (code == PLS_OK && !session_is_root(s)) {
        memcpy(next, bytes, sizeof *next);
        free(bytes);
    }
    return code;
}

enum pls_code run_rows(struct session *s)
{
    struct stage stage = {0};
    uint64_t next = s->series[0].count;
    enum pls_code code = PLS_OK;
    pls_cluster_catch_signals(); /* bringing an earlier run's rows over may take a while */
    if (session_is_root(s) && pls_job_automatic(s->plan))
        code = pls_auto_new(s->plan, s->isa, &stage.rule, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK && s->cluster.size > 1) /* a stage that an earlier run has begun */
        code = share_next(s, &next);
    while (code == PLS_OK && next > 0) {
        session_resize(s, next);
        code = run_stage(s, &stage, &next);
        if (code == PLS_OK && s->cluster.size > 1)
            code = share_next(s, &next);
    }
    pls_auto_free(stage.rule);
    return code;
}
