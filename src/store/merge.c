/* merge.c: whether shards are of one job, agree where they overlap, and leave nothing out. */
#include "state.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one job ---- */

/* The line, from 1, in which two texts differ first. */
static unsigned differing_line(const char *a, const char *b)
{
    unsigned line = 1;
    for (; *a == *b && *a != '\0'; a++, b++)
        line += *a == '\n';
    return line;
}

static bool same_series(const struct pls_contents *a, const struct pls_contents *b)
{
    bool same = a->series_count == b->series_count;
    for (size_t s = 0; same && s < a->series_count; s++)
        same = strcmp(a->series[s].name, b->series[s].name) == 0;
    return same;
}

/* The first series of which two jobs have unlike many rows, or series_count. */
static size_t unlike_series(const struct pls_contents *a, const struct pls_contents *b)
{
    size_t s = 0;
    while (s < a->series_count && a->series[s].count == b->series[s].count)
        s++;
    return s;
}

/* What makes `b` of another job than `a`, in words; false where nothing does. */
static bool find_difference(const struct pls_contents *a, const struct pls_contents *b,
                            char out[256])
{
    const size_t columns = a->series[0].columns->count;
    char here[32], there[32];
    out[0] = '\0';
    if (strcmp(a->job, b->job) != 0)
        snprintf(out, 256, "the jobs differ");
    else if (a->observations != b->observations)
        snprintf(out, 256, "it has %" PRIu64 " observations against %" PRIu64, b->observations,
                 a->observations);
    else if (a->seed != b->seed)
        snprintf(out, 256, "its seed is %" PRIu64 " against %" PRIu64, b->seed, a->seed);
    else if (!pls_columns_equal(a->series[0].columns, b->series[0].columns))
        snprintf(out, 256, "its rows have other columns");
    else if (strcmp(a->rows_digest, b->rows_digest) != 0)
        snprintf(out, 256, "its data or settings are others (rows digest %.8s… against %.8s…)",
                 b->rows_digest, a->rows_digest);
    else if (!same_series(a, b))
        snprintf(out, 256, "its series are others");
    else if (unlike_series(a, b) < a->series_count) {
        const size_t s = unlike_series(a, b);
        char name[96];
        pls_text_printable(a->series[s].name, strlen(a->series[s].name), 40, name, sizeof name);
        snprintf(out, 256, "it is a shard of %s %s rows against %s",
                 pls_text_count(b->series[s].count, there), name,
                 pls_text_count(a->series[s].count, here));
    } else if (strcmp(a->study, b->study) != 0)
        snprintf(out, 256,
                 "its study differs in line %u, which changes no row: give all shards the same "
                 "study",
                 differing_line(a->study, b->study));
    else if (strcmp(a->model, b->model) != 0)
        snprintf(out, 256, "its model's text differs in line %u",
                 differing_line(a->model, b->model));
    else if (memcmp(a->estimate, b->estimate, columns * sizeof *a->estimate) != 0)
        snprintf(out, 256, "its base estimates are others");
    return out[0] != '\0';
}

static enum pls_code check_job(const struct pls_result *one, const struct pls_result *other,
                               struct pls_error *err)
{
    char difference[256];
    if (other->contents.shard.of == 0)
        return pls_fail(err, PLS_EDATA,
                        "%s: is a whole result; only what `--shard k/K` made can be merged",
                        other->lanes.path);
    if (find_difference(&one->contents, &other->contents, difference))
        return pls_fail(err, PLS_EDATA,
                        "%s: is not of the same job as %s: %s; leave one of them "
                        "out, or compute it again",
                        other->lanes.path, one->lanes.path, difference);
    return PLS_OK;
}

/* ---- rows that two have ---- */

static enum pls_code compare_rows(const struct pls_result *a, const struct pls_result *b, size_t s,
                                  uint64_t first, uint64_t end, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (uint64_t at = first; code == PLS_OK && at < end; at += PLS_BLOCK_ROWS) {
        const size_t count = end - at < PLS_BLOCK_ROWS ? (size_t)(end - at) : PLS_BLOCK_ROWS;
        uint64_t of_a = 0, of_b = 0;
        code = pls_lanes_sum(&a->lanes, s, at - a->lanes.series[s].first, count, &of_a, err);
        if (code == PLS_OK)
            code = pls_lanes_sum(&b->lanes, s, at - b->lanes.series[s].first, count, &of_b, err);
        if (code == PLS_OK && of_a != of_b) {
            char name[96];
            const char *full = a->lanes.series[s].name;
            pls_text_printable(full, strlen(full), 40, name, sizeof name);
            code = pls_fail(err, PLS_EDATA,
                            "%s and %s: both have rows %" PRIu64 " to %" PRIu64
                            " of %s, and they differ: compute those shards again",
                            a->lanes.path, b->lanes.path, at, at + count - 1, name);
        }
    }
    return code;
}

static enum pls_code check_overlaps(struct pls_result *const *results, size_t count,
                                    struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    const size_t series_count = results[0]->lanes.series_count;
    for (size_t i = 0; i < count; i++)
        for (size_t other = i + 1; other < count; other++)
            for (size_t s = 0; code == PLS_OK && s < series_count; s++) {
                const struct pls_lanes_series *a = &results[i]->lanes.series[s];
                const struct pls_lanes_series *b = &results[other]->lanes.series[s];
                const uint64_t first = a->first > b->first ? a->first : b->first;
                const uint64_t a_end = a->first + a->count, b_end = b->first + b->count;
                code = compare_rows(results[i], results[other], s, first,
                                    a_end < b_end ? a_end : b_end, err);
            }
    return code;
}

/* ---- rows that none has ---- */

/* "shards 2, 5 of 8 are": those that would bring what is missing. */
static void name_shards(const struct pls_contents *contents, const struct pls_spans *have,
                        char out[160], uint32_t *one)
{
    enum { NAMED = 12 };
    const uint32_t of = contents->shard.of;
    char list[128] = "";
    size_t at = 0, found = 0;
    *one = 1;
    for (uint32_t k = 1; k <= of; k++) {
        bool covered = true;
        for (size_t s = 0; s < contents->series_count; s++) {
            const struct pls_range range = pls_shard_range(
                (struct pls_shard){k, of}, (uint32_t)s, contents->series[s].count, PLS_SHARD_ROWS);
            covered = covered && pls_spans_cover(&have[s], range.first, range.first + range.count);
        }
        if (covered)
            continue;
        if (found == 0)
            *one = k;
        if (found < NAMED)
            at += (size_t)snprintf(list + at, sizeof list - at, "%s%" PRIu32, found > 0 ? ", " : "",
                                   k);
        found++;
    }
    snprintf(out, 160, "shard%s %s%s of %" PRIu32 " %s", found == 1 ? "" : "s", list,
             found > NAMED ? " and more" : "", of, found == 1 ? "is" : "are");
}

static enum pls_code find_gap(const struct pls_contents *contents, const struct pls_spans *have,
                              struct pls_error *err)
{
    for (size_t s = 0; s < contents->series_count; s++) {
        const struct pls_series *series = &contents->series[s];
        struct pls_span gap, other;
        char shards[160], name[96], first[32], last[32];
        uint32_t one;
        if (!pls_spans_gap(&have[s], 0, series->count, &gap))
            continue;
        const bool more = pls_spans_gap(&have[s], gap.end, series->count, &other);
        name_shards(contents, have, shards, &one);
        pls_text_printable(series->name, strlen(series->name), 40, name, sizeof name);
        return pls_fail(err, PLS_ESTOPPED,
                        "%s not there yet: rows %s to %s of %s%s are missing; complete them "
                        "(`plstrap %s STUDY --shard %" PRIu32 "/%" PRIu32 "`) and merge again",
                        shards, pls_text_count(gap.first, first), pls_text_count(gap.end - 1, last),
                        name, more ? ", and more," : "", contents->job, one, contents->shard.of);
    }
    return PLS_OK;
}

static enum pls_code check_gaps(struct pls_result *const *results, size_t count,
                                struct pls_error *err)
{
    const struct pls_contents *contents = &results[0]->contents;
    struct pls_spans *have = NULL;
    enum pls_code code = pls_alloc(&have, contents->series_count, sizeof *have, err);
    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; code == PLS_OK && s < contents->series_count; s++) {
            const struct pls_lanes_series *series = &results[i]->lanes.series[s];
            if (series->count > 0)
                code = pls_spans_add(&have[s], series->first, series->first + series->count, err);
        }
    if (code == PLS_OK)
        code = find_gap(contents, have, err);
    for (size_t s = 0; have != NULL && s < contents->series_count; s++)
        pls_spans_free(&have[s]);
    free(have);
    return code;
}

/* By first rows; among equals by what they are, so that the order is the results' own. */
static int compare(const void *left, const void *right)
{
    const struct pls_result *a = *(struct pls_result *const *)left;
    const struct pls_result *b = *(struct pls_result *const *)right;
    const struct pls_shard *p = &a->contents.shard, *q = &b->contents.shard;
    const uint64_t at = a->lanes.series_count > 0 ? a->part[0].first : 0;
    const uint64_t bt = b->lanes.series_count > 0 ? b->part[0].first : 0;
    if (at != bt)
        return at < bt ? -1 : 1;
    if (p->of != q->of)
        return p->of < q->of ? -1 : 1;
    if (p->number != q->number)
        return p->number < q->number ? -1 : 1;
    return strcmp(a->digest, b->digest);
}

enum pls_code pls_merge_check(struct pls_result **results, size_t count, struct pls_error *err)
{
    qsort(results, count, sizeof(struct pls_result *), compare);
    for (size_t i = 0; i < count; i++) {
        enum pls_code code = check_job(results[0], results[i], err);
        if (code != PLS_OK)
            return code;
    }
    enum pls_code code = check_overlaps(results, count, err);
    return code == PLS_OK ? check_gaps(results, count, err) : code;
}
