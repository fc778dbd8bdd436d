/*
 * verify_rows.c: rows of a result computed again, and compared bit by bit as they come.
 *
 * The sample is whole groups of 64 rows, which are computed together, drawn by the result's own
 * digest: the same file gives the same sample everywhere, and altering a row changes it.
 */
#include "session.h"
#include "verify.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

/* ---- the sample ---- */

/* Which rows are computed again. */
struct sample {
    const struct pls_result *result;
    uint64_t rows; /* of every series, about */
    bool every;
    struct pls_range *todo;
    size_t todo_count;
    struct pls_error *err;
};

static uint64_t next_random(uint64_t *state) /* SplitMix64 (Steele, Lea & Flood 2014) */
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Adds a group to the list; neighbours become one range. */
static enum pls_code add_group(struct sample *v, size_t *capacity, const struct pls_range *group)
{
    struct pls_range *last = v->todo_count > 0 ? &v->todo[v->todo_count - 1] : NULL;
    if (last != NULL && last->series == group->series &&
        last->first + last->count == group->first) {
        last->count += group->count;
        return PLS_OK;
    }
    enum pls_code code = pls_grow(&v->todo, capacity, v->todo_count + 1, sizeof *v->todo, v->err);
    if (code == PLS_OK)
        v->todo[v->todo_count++] = *group;
    return code;
}

/* Knuth's selection sampling: every set of `wanted` groups has the same chance, in row order. */
static enum pls_code sample_series(struct sample *v, uint32_t series, size_t *capacity,
                                   uint64_t *state)
{
    const struct pls_range held = rows_held(pls_result_contents(v->result), series);
    const uint64_t rows = held.count;
    const uint64_t groups = (rows + PLS_LANES - 1) / PLS_LANES;
    /* One more where the last group, which is shorter, may be among them. */
    uint64_t wanted = (v->rows + PLS_LANES - 1) / PLS_LANES + (rows % PLS_LANES != 0);
    if (v->every || wanted > groups)
        wanted = groups;
    enum pls_code code = PLS_OK;
    for (uint64_t g = 0; code == PLS_OK && wanted > 0 && g < groups; g++) {
        if (wanted < groups - g && next_random(state) % (groups - g) >= wanted)
            continue;
        const uint64_t left = rows - g * PLS_LANES;
        const struct pls_range group = {series, held.first + g * PLS_LANES,
                                        left < PLS_LANES ? left : PLS_LANES};
        code = add_group(v, capacity, &group);
        wanted--;
    }
    return code;
}

static enum pls_code draw_sample(struct sample *v)
{
    char start[17] = "";
    size_t capacity = 0;
    memcpy(start, pls_result_digest(v->result), 16);
    uint64_t state = strtoull(start, NULL, 16);
    enum pls_code code = PLS_OK;
    for (size_t i = 0; code == PLS_OK && i < pls_result_contents(v->result)->series_count; i++)
        code = sample_series(v, (uint32_t)i, &capacity, &state);
    return code;
}

/* ---- comparing ---- */

/* Compares what is computed with what is stored, as it comes. */
struct row_check {
    struct pls_rows rows;
    const struct pls_columns *columns;
    struct finding *finding[2]; /* of each series */
    double *stored;             /* [PIECE] of one column */
    struct pls_outcome *outcomes;
    bool *differs; /* [PIECE] */
};

enum { PIECE = 4096 };

static const uint64_t usual_sample = 1000; /* rows of every series */

static void compare_outcomes(struct row_check *check, size_t series, uint64_t first, size_t count,
                             const struct pls_outcome *here)
{
    for (size_t i = 0; i < count; i++) {
        const struct pls_outcome *a = &check->outcomes[i], *b = &here[i];
        check->differs[i] = a->status != b->status || a->flags != b->flags ||
                            a->where != b->where || a->iterations != b->iterations;
        if (check->differs[i])
            finding_example(check->finding[series],
                            "row %llu: stored %s (%u iterations, flags %u, where %u), here %s (%u "
                            "iterations, flags %u, where %u)",
                            (unsigned long long)(first + i),
                            pls_status_name((enum pls_status)a->status), a->iterations, a->flags,
                            a->where, pls_status_name((enum pls_status)b->status), b->iterations,
                            b->flags, b->where);
    }
}

static void compare_column(struct row_check *check, size_t series, size_t column, uint64_t first,
                           size_t count, const double *here)
{
    const struct pls_column *of = &check->columns->column[column];
    for (size_t i = 0; i < count; i++) {
        if (same_number(check->stored[i], here[i]))
            continue;
        check->differs[i] = true;
        finding_example(check->finding[series], "row %llu, %s:%s: stored %.17g, here %.17g",
                        (unsigned long long)(first + i), pls_component_name(of->component),
                        of->term, check->stored[i], here[i]);
    }
}

static enum pls_code compare_piece(struct row_check *check, size_t series, uint64_t first,
                                   size_t count, const double *rows, size_t stride,
                                   const struct pls_outcome *outcomes, struct pls_error *err)
{
    enum pls_code code =
        pls_rows_outcomes(&check->rows, series, first, count, check->outcomes, err);
    if (code == PLS_OK)
        compare_outcomes(check, series, first, count, outcomes);
    for (size_t c = 0; code == PLS_OK && c < check->columns->count; c++) {
        code = pls_rows_column(&check->rows, series, c, first, count, check->stored, err);
        if (code == PLS_OK)
            compare_column(check, series, c, first, count, rows + c * stride);
    }
    for (size_t i = 0; code == PLS_OK && i < count; i++)
        check->finding[series]->different += check->differs[i];
    check->finding[series]->compared += count;
    return code;
}

/* A pls_sink's `put`. */
static enum pls_code compare_rows(void *self, const struct pls_range *range, const double *rows,
                                  const struct pls_outcome *outcomes, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    const size_t all = (size_t)range->count;
    for (size_t done = 0; code == PLS_OK && done < all; done += PIECE)
        code = compare_piece(self, range->series, range->first + done,
                             all - done < PIECE ? all - done : PIECE, rows + done, all,
                             outcomes + done, err);
    return code;
}

static enum pls_code prepare_check(struct row_check *check, struct findings *findings,
                                   struct pls_error *err)
{
    const struct pls_contents *have = pls_result_contents(check->rows.result);
    check->columns = have->series[0].columns;
    for (size_t i = 0; i < have->series_count; i++)
        check->finding[i] =
            findings_add(findings, have->series[i].name, "rows", have->part[i].count);
    enum pls_code code = pls_alloc(&check->stored, PIECE, sizeof *check->stored, err);
    if (code == PLS_OK)
        code = pls_alloc(&check->outcomes, PIECE, sizeof *check->outcomes, err);
    if (code == PLS_OK)
        code = pls_alloc(&check->differs, PIECE, sizeof *check->differs, err);
    return code;
}

/* Root: what to compute, and where to compare it. */
static enum pls_code prepare(struct sample *sample, struct row_check *check,
                             struct findings *findings)
{
    enum pls_code code = draw_sample(sample);
    return code == PLS_OK ? prepare_check(check, findings, sample->err) : code;
}

enum pls_code verify_rows(struct session *s, struct pls_result *opt_result,
                          struct findings *findings)
{
    struct sample sample = {
        opt_result, s->options.rows > 0 ? s->options.rows : usual_sample, s->options.all, NULL, 0,
        &s->err};
    struct row_check check = {.rows = {.result = opt_result}};
    struct pls_job_state *state = NULL;
    const struct pls_sink sink = {&check, compare_rows};
    struct watch progress = session_watch(s, NULL, NULL);
    const struct pls_watch watch = {&progress, watch_tick};

    enum pls_code code = opt_result != NULL ? prepare(&sample, &check, findings) : PLS_OK;
    if (code == PLS_OK)
        code = pls_job_prepare(s->plan, s->isa, &state, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK) {
        const struct pls_work work = {.series = s->series,
                                      .series_count = s->series_count,
                                      .replicate = pls_job_replicate,
                                      .state = state,
                                      .grain = PLS_LANES};
        code = pls_cluster_work(&s->cluster, &work, sample.todo, sample.todo_count, &sink, &watch,
                                NULL, &s->err);
        watch_clear(&progress);
    }
    pls_job_release(state);
    free(sample.todo);
    free(check.stored);
    free(check.outcomes);
    free(check.differs);
    return code;
}
