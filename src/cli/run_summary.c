/*
 * run_summary.c: the bootstrap that only counts its rows (store: summary).
 *
 *   pilot on all ranks ─▶ shared ─▶ blocks of rows, counted where they are computed ─▶ merged on the root
 *
 * Only counts travel, so the root never limits a large job. A run that is stopped begins anew: counts are
 * not kept between runs.
 */
#include "session.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>

/* Brackets of six standard errors miss a rank once in a billion; then they are made wider. */
static const double usual_width = 6.0, widest = 200.0;

/* One run's parts; all ranks have them. */
struct summary_run {
    struct session *s;
    struct pls_store *store; /* root */
    struct pls_bootstrap *state;
    struct pls_pilot pilot;
    struct pls_reckoning *reckoning;
    double width;
    struct pls_tables tables;    /* root */
    struct pls_work_facts facts; /* of pilot and blocks together */
};

/* All rows of some series; small jobs only. */
static enum pls_code compute_pilot(struct summary_run *run, const struct pls_watch *watch)
{
    struct session *s = run->s;
    struct pls_pilot *pilot = &run->pilot;
    const struct pls_sink sink = {pilot, pls_pilot_put};
    const struct pls_range todo[2] = {{0, 0, pilot->series[0].count},
                                      {1, 0, pilot->series[1].count}};
    const struct pls_work work = {.series = pilot->series,
                                  .series_count = pilot->series_count,
                                  .replicate = pls_bootstrap_replicate,
                                  .state = run->state,
                                  .chunk = s->options.chunk,
                                  .grain = PLS_LANES};
    return pls_cluster_work(&s->cluster, &work, todo, pilot->series_count, &sink, watch,
                            &run->facts, &s->err);
}

static enum pls_code share_pilot(struct summary_run *run)
{
    struct session *s = run->s;
    struct pls_text parcel = {0};
    enum pls_code code = PLS_OK;
    if (s->cluster.size == 1)
        return PLS_OK;
    if (session_is_root(s))
        code = pls_pilot_pack(&run->pilot, &parcel, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    void *bytes = parcel.data;
    size_t length = parcel.length;
    if (code == PLS_OK)
        code = pls_cluster_share(&s->cluster, &bytes, &length, &s->err);
    if (code == PLS_OK && !session_is_root(s))
        code = pls_pilot_unpack(&run->pilot, bytes, length, &s->err);
    free(bytes);
    return pls_cluster_agree(&s->cluster, code, &s->err);
}

static enum pls_code give(void *self, struct pls_text *out, struct pls_error *err)
{
    const struct summary_run *run = self;
    return pls_reckoning_pack(run->reckoning, out, err);
}

static enum pls_code take(void *self, const char *bytes, size_t length, struct pls_error *err)
{
    struct summary_run *run = self;
    return pls_reckoning_merge(run->reckoning, &run->pilot, run->width, bytes, length, err);
}

static enum pls_code merge(struct summary_run *run)
{
    const struct pls_fold fold = {run, give, take};
    return pls_cluster_fold(&run->s->cluster, &fold, &run->s->err);
}

/* Blocks carry no columns: what they say stays with the rank that counted it. */
static enum pls_code ignore_block(void *self, const struct pls_range *range, const double *rows,
                                  const struct pls_outcome *outcomes, struct pls_error *err)
{
    (void)self, (void)range, (void)rows, (void)outcomes, (void)err;
    return PLS_OK;
}

/* Every block once, counted and merged. */
static enum pls_code count_blocks(struct summary_run *run, const struct pls_watch *watch)
{
    struct session *s = run->s;
    const struct pls_columns none = {0};
    const struct pls_series blocks = {"blocks", pls_reckoning_blocks(s->plan), &none};
    const struct pls_range todo = {0, 0, blocks.count};
    const struct pls_sink sink = {NULL, ignore_block};
    struct pls_work_facts facts = {0};

    pls_reckoning_free(run->reckoning);
    run->reckoning = NULL;
    enum pls_code code =
        pls_reckoning_new(s->plan, &run->pilot, run->state, run->width, &run->reckoning, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK) {
        const struct pls_work work = {.series = &blocks,
                                      .series_count = 1,
                                      .replicate = pls_reckoning_replicate,
                                      .state = run->reckoning};
        code = pls_cluster_work(&s->cluster, &work, &todo, 1, &sink, watch, &facts, &s->err);
    }
    if (code == PLS_OK)
        code = merge(run);
    const double seconds = run->facts.seconds + facts.seconds;
    if (seconds > 0.0)
        run->facts.waiting =
            (run->facts.waiting * run->facts.seconds + facts.waiting * facts.seconds) / seconds;
    run->facts.seconds = seconds;
    run->facts.rows += s->series[0].count;
    return code;
}

/* Counts until every wanted rank lies in its bracket: once, but for a chance in a billion. */
static enum pls_code count_rows(struct summary_run *run, const struct pls_watch *watch)
{
    struct session *s = run->s;
    for (run->width = usual_width;; run->width *= 4.0) {
        enum pls_code code = count_blocks(run, watch);
        if (code != PLS_OK)
            return code;
        if (session_is_root(s))
            code = pls_reckoning_tables(run->reckoning, &run->tables, &s->err);
        /* "Once more" is told as a stop. */
        if (code == PLS_EDATA && run->width < widest)
            code = PLS_ESTOPPED;
        code = pls_cluster_agree(&s->cluster, code, &s->err);
        if (code != PLS_ESTOPPED)
            return code;
    }
}

static enum pls_code compute(struct summary_run *run)
{
    struct session *s = run->s;
    struct pls_error sync_error = {0};
    struct watch progress = session_watch(s, NULL, &sync_error);
    const struct pls_watch watch = {&progress, watch_tick};

    pls_pilot_series(s->plan, &run->pilot);
    enum pls_code code = pls_pilot_alloc(&run->pilot, &s->err);
    if (code == PLS_OK)
        code = pls_bootstrap_prepare(s->plan, s->isa, &run->state, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK)
        code = compute_pilot(run, &watch);
    if (code == PLS_OK)
        code = share_pilot(run);
    if (code == PLS_OK) {
        progress.scale = PLS_TALLY_BLOCK;
        code = count_rows(run, &watch);
    }
    watch_clear(&progress);
    return code;
}

enum pls_code run_summary(struct session *s)
{
    struct summary_run run = {.s = s};
    enum pls_code code = PLS_OK;
    if (session_is_root(s)) {
        s->contents = session_contents(s, 0);
        code = pls_store_open(s->output, &s->contents, s->options.restart, &run.store, &s->err);
    }
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK) {
        pls_cluster_catch_signals();
        const double start = watch_now() - watch_program_start();
        code = compute(&run);
        const struct ending ending = {run.facts, s->series[0].count, start};
        if (session_is_root(s) && code == PLS_OK)
            code = session_conclude(s, run.store, &run.tables, &ending);
        if (session_is_root(s) && code == PLS_ESTOPPED) {
            session_stopped(s, &ending);
            pls_fail(
                &s->err, code,
                "stopped early; a summary keeps no rows to go on from: the same command begins "
                "anew");
        }
    }
    pls_store_close(run.store, false);
    pls_reckoning_free(run.reckoning);
    pls_bootstrap_free(run.state);
    pls_pilot_free(&run.pilot);
    pls_tables_free(&run.tables);
    return pls_cluster_agree(&s->cluster, code, &s->err);
}
