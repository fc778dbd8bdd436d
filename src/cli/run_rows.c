/* run_rows.c: the bootstrap whose rows are kept in the result. */
#include "session.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>

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
    if (code != PLS_OK || sink->plan->study->bootstrap.on_failure != PLS_FAILURE_STOP)
        return code;
    for (uint64_t i = 0; i < range->count; i++)
        if (outcomes[i].status != PLS_STATUS_OK)
            return pls_bootstrap_failure(sink->plan, range->series, range->first + i, &outcomes[i],
                                         err);
    return PLS_OK;
}

static enum pls_code compute(struct session *s, struct pls_store *store,
                             const struct pls_range *todo, size_t todo_count, uint64_t before,
                             struct pls_work_facts *facts)
{
    struct pls_bootstrap *state = NULL;
    struct checked_sink checked = {store, s->plan};
    const struct pls_sink sink = {&checked, put_checked};
    struct pls_error sync_error = {0};
    struct watch progress = session_watch(s, store, &sync_error);
    const struct pls_watch watch = {&progress, watch_tick};
    progress.before = before;

    enum pls_code code = pls_bootstrap_prepare(s->plan, s->isa, &state, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK) {
        const struct pls_work work = {.series = s->series,
                                      .series_count = s->series_count,
                                      .replicate = pls_bootstrap_replicate,
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
    pls_bootstrap_free(state);
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
                   ? pls_bootstrap_shard_tables(s->plan, &tables, &s->err)
                   : pls_bootstrap_summarise(s->plan, s->isa, &source, &tables, &s->err);
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
                code = pls_bootstrap_failure(s->plan, series, first + i, &outcomes[i], &s->err);
    }
    return code;
}

/* on_failure: stop, for rows that an earlier run computed: those that are not to be done. */
static enum pls_code check_before(struct session *s, struct pls_store *store,
                                  const struct pls_range *todo, size_t todo_count)
{
    enum pls_code code = PLS_OK;
    if (s->plan->study->bootstrap.on_failure != PLS_FAILURE_STOP)
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
static uint64_t tell_before(struct session *s, uint64_t todo, uint64_t damaged)
{
    uint64_t all = 0;
    char have[32], whole[32];
    for (size_t i = 0; i < s->series_count; i++)
        all += s->part[i].count;
    if (damaged > 0)
        log_say(&s->log,
                "%s: %s rows of an earlier run do not fit their checksums, and are computed again",
                s->output, pls_text_count(damaged, have));
    if (todo > 0 && todo < all)
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

enum pls_code run_rows(struct session *s)
{
    struct pls_store *store = NULL;
    struct pls_range *todo = NULL;
    size_t todo_count = 0;
    struct ending ending = {0};
    uint64_t before = 0, left = 0;
    enum pls_code code = PLS_OK;

    pls_cluster_catch_signals(); /* bringing an earlier run's rows over may take a while */
    if (session_is_root(s)) {
        s->contents = session_contents(s, s->series_count);
        code = pls_store_open(s->output, &s->contents, s->options.restart, &store, &s->err);
        if (code == PLS_OK)
            code = pls_store_todo(store, &todo, &todo_count, &s->err);
        if (code == PLS_OK) {
            ending.replicates = rows_in(todo, todo_count, 0);
            left = ending.replicates + rows_in(todo, todo_count, 1);
            before = tell_before(s, left, pls_store_damaged(store));
            code = before > 0 ? check_before(s, store, todo, todo_count) : PLS_OK;
        }
    }
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code != PLS_OK)
        goto done;
    ending.start = watch_now() - watch_program_start();
    code = compute(s, store, todo, todo_count, before, &ending.facts);
    if (session_is_root(s) && code == PLS_OK)
        code = conclude(s, store, &ending);
    if (session_is_root(s) && code == PLS_ESTOPPED) {
        session_stopped(s, &ending);
        tell_stop(s, before + ending.facts.rows, before + left);
    }
done:
    /* A run that failed before a row was there leaves nothing; later, what is done is kept. */
    pls_store_close(store, code != PLS_OK && left > 0);
    free(todo);
    return pls_cluster_agree(&s->cluster, code, &s->err);
}
