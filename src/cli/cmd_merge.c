/*
 * cmd_merge.c: plstrap merge: what the shards of a job have computed becomes the file that one run
 * would have written.
 *
 *   shards, each verified ─▶ of one job, none missing ─▶ plan without data ─▶ store ─▶ tables
 *
 * All is checked before the first byte is written.
 */
#include "session.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char help[] = "Unite shards, which `plstrap bootstrap --shard k/K` made on any "
                           "machines, into the result that "
                           "one run would have made. Needs neither the study nor its data. Shards "
                           "may overlap where they are equal, "
                           "and may be of different K; their order does not matter. Exit code 75: "
                           "some rows are in none of them."
                           "\v"
                           "  plstrap bootstrap study.yaml --shard 1/2       here\n"
                           "  plstrap bootstrap study.yaml --shard 2/2       there\n"
                           "  plstrap merge study.?-of-2.h5 -o study.h5\n";

struct merge {
    struct session s;
    struct pls_result **shard; /* [count] */
    size_t count;
    size_t missing;              /* files that are not there */
    bool begun;                  /* one of them is being computed */
    struct pls_error first_lack; /* why the first one is not */
    double began;
};

/* A file stays open for each shard. */
static void allow_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool is_begun(const char *path)
{
    struct pls_text part = {0};
    const bool begun =
        pls_text_printf(&part, NULL, "%s.part", path) == PLS_OK && access(part.data, F_OK) == 0;
    pls_text_free(&part);
    return begun;
}

/* A shard that is not there yet is a gap, to be named with its rows when the others are known. */
static enum pls_code open_shards(struct merge *merge)
{
    struct session *s = &merge->s;
    struct pls_error err;
    enum pls_code code =
        pls_alloc(&merge->shard, s->options.part_count, sizeof(struct pls_result *), &s->err);
    for (size_t i = 0; code == PLS_OK && i < s->options.part_count; i++) {
        const char *path = s->options.parts[i];
        code = output_open(path, &merge->shard[merge->count], &err);
        if (code == PLS_ENOINPUT) {
            if (merge->missing++ == 0)
                merge->first_lack = err;
            merge->begun = merge->begun || is_begun(path);
            code = PLS_OK;
        } else if (code == PLS_OK) {
            merge->count++;
        } else {
            s->err = err;
        }
    }
    if (code == PLS_OK && merge->count == 0)
        code = pls_fail(&s->err, merge->begun ? PLS_ESTOPPED : PLS_ENOINPUT, "%s",
                        merge->first_lack.text);
    return code;
}

static bool keeps_rows(const struct merge *merge)
{
    return pls_result_contents(merge->shard[0])->series_count > 0;
}

/* Replicates of the whole job. */
static enum pls_code count_replicates(struct merge *merge, uint64_t *out)
{
    const struct pls_contents *contents = pls_result_contents(merge->shard[0]);
    struct pls_ledger_facts facts = {0};
    if (keeps_rows(merge)) {
        *out = contents->series[0].count;
        return PLS_OK;
    }
    const enum pls_code code =
        pls_ledger_read_facts(contents->state, contents->state_length, &facts, &merge->s.err);
    *out = facts.all;
    return code;
}

/* Whether a shard of that number is among the first `count`. */
static bool has_number(const struct merge *merge, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (pls_result_contents(merge->shard[i])->shard.number == number)
            return true;
    return false;
}

/* Shards that keep no rows, of which pls_merge_check() can only say that they are of one job. */
static enum pls_code check_counts(struct merge *merge)
{
    struct session *s = &merge->s;
    const uint32_t of = pls_result_contents(merge->shard[0])->shard.of;
    uint64_t all = 0;
    char first[32], last[32];
    for (size_t i = 1; i < merge->count; i++)
        if (pls_result_contents(merge->shard[i])->shard.of != of)
            return pls_fail(&s->err, PLS_EDATA,
                            "%s: is one of %u shards and %s one of %u; counts cannot be divided: "
                            "give shards of one K",
                            pls_result_path(merge->shard[i]),
                            pls_result_contents(merge->shard[i])->shard.of,
                            pls_result_path(merge->shard[0]), of);
    enum pls_code code = count_replicates(merge, &all);
    for (uint32_t number = 1; code == PLS_OK && number <= of; number++) {
        const struct pls_range range =
            pls_shard_range((struct pls_shard){number, of}, 0, all, PLS_TALLY_BLOCK);
        if (range.count > 0 && !has_number(merge, merge->count, number))
            code = pls_fail(&s->err, PLS_ESTOPPED,
                            "shard %u of %u is not there yet: replicates %s to %s are missing; "
                            "complete it (`plstrap %s STUDY --shard %u/%u`) and merge again",
                            number, of, pls_text_count(range.first, first),
                            pls_text_count(range.first + range.count - 1, last),
                            pls_result_contents(merge->shard[0])->job, number, of);
    }
    return code;
}

static enum pls_code check_shards(struct merge *merge)
{
    struct session *s = &merge->s;
    enum pls_code code = pls_merge_check(merge->shard, merge->count, &s->err);
    if (code == PLS_OK && !keeps_rows(merge))
        code = check_counts(merge);
    if (code == PLS_ESTOPPED && merge->missing > 0)
        log_say(&s->log, "plstrap: %s", merge->first_lack.text);
    else if (code == PLS_OK && merge->missing > 0)
        code = pls_fail(&s->err, PLS_ENOINPUT, "%s", merge->first_lack.text);
    return code;
}

/* What `bootstrap` loads from study and data, from the shards alone. */
static enum pls_code load(struct merge *merge)
{
    struct session *s = &merge->s;
    const struct pls_contents *contents = pls_result_contents(merge->shard[0]);
    struct pls_outline outline = {
        .path = pls_result_path(merge->shard[0]),
        .study = contents->study,
        .model = contents->model,
        .rows_digest = contents->rows_digest,
        .observations = contents->observations,
        .series = contents->series,
        .series_count = contents->series_count,
        .base = contents->estimate,
        .tables = pls_result_tables(merge->shard[0]),
    };
    enum pls_code code = pls_isa_select(getenv("PLSTRAP_ISA"), &s->isa, &s->err);
    if (code == PLS_OK && !job_named(contents->job, &s->job))
        code = pls_fail(&s->err, PLS_EDATA,
                        "%s: is of a job that this version of plstrap does not have; use the "
                        "version that wrote it",
                        outline.path);
    outline.job = s->job;
    if (code == PLS_OK)
        code = count_replicates(merge, &outline.replicates);
    if (code == PLS_OK)
        code = pls_job_outline(&outline, &s->plan, &s->err);
    if (code == PLS_OK)
        code = pls_copy_text(&s->output, s->options.output, strlen(s->options.output), &s->err);
    if (code == PLS_OK) {
        s->series_count = pls_job_series(s->plan, s->series);
        snprintf(s->digest, sizeof s->digest, "%s", contents->rows_digest);
    }
    return code;
}

/* ---- shards that keep no rows ---- */

/* A shard that is given twice must have counted the same; the later one is not used. */
static enum pls_code check_twice(struct merge *merge, size_t i)
{
    const struct pls_contents *one = pls_result_contents(merge->shard[i]), *other = one;
    struct pls_ledger_facts facts = {0}, other_facts = {0};
    size_t before = 0;
    while (pls_result_contents(merge->shard[before])->shard.number != one->shard.number)
        before++;
    other = pls_result_contents(merge->shard[before]);
    enum pls_code code =
        pls_ledger_read_facts(one->state, one->state_length, &facts, &merge->s.err);
    if (code == PLS_OK)
        code =
            pls_ledger_read_facts(other->state, other->state_length, &other_facts, &merge->s.err);
    if (code == PLS_OK && memcmp(&facts, &other_facts, sizeof facts) != 0)
        code = pls_fail(&merge->s.err, PLS_EDATA,
                        "%s and %s: are the same shard, and have counted differently; compute that "
                        "shard again",
                        pls_result_path(merge->shard[before]), pls_result_path(merge->shard[i]));
    return code;
}

static enum pls_code unite_counts(struct merge *merge, struct pls_tables *tables)
{
    struct session *s = &merge->s;
    struct pls_spans done = {0};
    struct pls_reckoning *reckoning = NULL;
    enum pls_code code = PLS_OK;
    for (size_t i = 0; code == PLS_OK && i < merge->count; i++) {
        const struct pls_contents *contents = pls_result_contents(merge->shard[i]);
        if (has_number(merge, i, contents->shard.number))
            code = check_twice(merge, i);
        else
            code = pls_ledger_unpack(s->plan, NULL, contents->state, contents->state_length, &done,
                                     &reckoning, &s->err);
    }
    if (code == PLS_OK && !pls_spans_cover(&done, 0, s->series[0].count))
        code = pls_fail(&s->err, PLS_EDATA,
                        "the shards do not hold all of their replicates; compute them again");
    if (code == PLS_OK)
        code = pls_reckoning_tables(reckoning, tables, &s->err);
    pls_reckoning_free(reckoning);
    pls_spans_free(&done);
    return code;
}

/* ---- the result ---- */

static enum pls_code conclude(struct merge *merge, struct pls_store *store,
                              const struct pls_tables *tables)
{
    struct session *s = &merge->s;
    struct pls_error untold;
    char rows[32];
    enum pls_code code = pls_store_finish(store, tables, &s->err);
    if (code == PLS_OK) {
        s->run = (struct run){
            .result = s->output, .job = pls_job_name(s->job), .outcome = "merged", .ranks = 1};
        for (size_t i = 0; i < s->series_count; i++)
            s->run.all += s->series[i].count;
        s->run.before = s->run.all;
        s->run.facts.seconds = watch_now() - merge->began;
        if (runfile_write(&s->run, &untold) != PLS_OK)
            log_say(&s->log, "plstrap: %s", untold.text);
        code = output_tables(tables, &s->options, &s->err);
    }
    if (code == PLS_OK)
        log_say(&s->log, "%s replicates of %zu shard%s merged in %.2f s",
                pls_text_count(s->series[0].count, rows), merge->count,
                merge->count == 1 ? "" : "s", s->run.facts.seconds);
    return code;
}

static enum pls_code infer(struct merge *merge, struct pls_store *store, struct pls_tables *tables)
{
    struct session *s = &merge->s;
    const struct pls_rows_source source = session_source(store);
    const enum pls_code code = pls_store_settle(store, &s->err);
    return code == PLS_OK ? pls_job_summarise(s->plan, s->isa, &source, tables, &s->err) : code;
}

static enum pls_code unite(struct merge *merge)
{
    struct session *s = &merge->s;
    struct pls_store *store = NULL;
    struct pls_tables tables = {0};
    struct pls_range *todo = NULL;
    size_t left = 0;
    uint64_t lacking = 0, all = 0;

    s->contents = session_contents(s, keeps_rows(merge) ? s->series_count : 0);
    s->contents.shard = (struct pls_shard){0, 0};
    enum pls_code code = keeps_rows(merge) ? PLS_OK : unite_counts(merge, &tables);
    if (code == PLS_OK)
        code = pls_store_open(s->output, &s->contents, s->options.restart, &store, &s->err);
    if (code == PLS_OK)
        code = pls_store_todo(store, &todo, &left, &s->err);
    for (size_t i = 0; i < left; i++)
        lacking += todo[i].count;
    for (size_t i = 0; i < s->series_count; i++)
        all += s->series[i].count;
    for (size_t i = 0; code == PLS_OK && keeps_rows(merge) && i < merge->count; i++)
        code = pls_store_take(store, merge->shard[i], &s->err);
    free(todo);
    todo = NULL;
    if (code == PLS_OK)
        code = pls_store_todo(store, &todo, &left, &s->err);
    if (code == PLS_OK && left > 0)
        code = pls_fail(&s->err, PLS_EIO,
                        "%s: a shard was changed or its disk failed while it was read; merge again",
                        s->output);
    if (code == PLS_OK && keeps_rows(merge))
        code = infer(merge, store, &tables);
    if (code == PLS_OK)
        code = conclude(merge, store, &tables);
    /* Rows that an earlier run of the whole job left are not ours to drop; copies of shards are. */
    pls_store_close(store, keeps_rows(merge) && lacking < all);
    pls_tables_free(&tables);
    free(todo);
    return code;
}

int cmd_merge(int argc, char **argv)
{
    struct merge merge = {
        .s = {.options = options_parse(argc, argv, GROUP_TABLES | GROUP_MERGE, "PART...", help)},
    };
    struct session *s = &merge.s;
    bool done = false;
    merge.began = watch_now();
    s->cluster.size = 1;
    allow_files();
    enum pls_code code = log_open(&s->log, &s->options, &s->err);
    if (code == PLS_OK)
        code = open_shards(&merge);
    if (code == PLS_OK)
        code = check_shards(&merge);
    if (code == PLS_OK)
        code = load(&merge);
    if (code == PLS_OK)
        code = session_look(s, &done);
    if (code == PLS_OK && !done)
        code = unite(&merge);
    log_error(&s->log, code, &s->err);
    for (size_t i = 0; i < merge.count; i++)
        pls_result_close(merge.shard[i]);
    free(merge.shard);
    free(s->options.parts);
    pls_plan_free(s->plan);
    free(s->output);
    log_close(&s->log);
    return (int)code;
}
