/* identity.c: whether two sets of rows are the same rows, and if not, how one says so. */
#include "journal.h"

#include "plstrap/digest.h"
#include "plstrap/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum pls_code pls_identity_of(const struct pls_contents *contents, struct pls_identity *out,
                              struct pls_error *err)
{
    const struct pls_columns *columns = contents->series[0].columns;
    struct pls_text names = {0};
    enum pls_code code = PLS_OK;
    for (size_t c = 0; code == PLS_OK && c < columns->count; c++)
        code = pls_text_printf(&names, err, "%s:%s\n",
                               pls_component_name(columns->column[c].component),
                               columns->column[c].term);
    *out = (struct pls_identity){
        .job = contents->job,
        .rows_digest = contents->rows_digest,
        .seed = contents->seed,
        .observations = contents->observations,
        .columns = columns->count,
        .columns_sum = pls_checksum(names.length > 0 ? names.data : "", names.length),
        .shard = contents->shard,
    };
    for (size_t s = 0; contents->shard.of > 0 && s < contents->series_count; s++)
        out->rows += contents->series[s].count;
    pls_text_free(&names);
    return code;
}

/* "the whole job", "shard 2 of 4" */
static const char *shard_name(struct pls_shard shard, char out[48])
{
    if (shard.of == 0)
        return "the whole job";
    snprintf(out, 48, "shard %" PRIu32 " of %" PRIu32, shard.number, shard.of);
    return out;
}

/* Rows that are ours, but not all of them, or not those that are asked for. */
static enum pls_code check_shard(const struct pls_identity *mine, const struct pls_identity *theirs,
                                 const char *path, const char *what, struct pls_error *err)
{
    char there[48], here[48];
    if (mine->shard.of != theirs->shard.of || mine->shard.number != theirs->shard.number)
        return pls_fail(
            err, PLS_ECREATE,
            "%s: holds %s of %s, this is %s; choose another name with -o, or replace it "
            "with --restart",
            path, what, shard_name(theirs->shard, there), shard_name(mine->shard, here));
    if (mine->rows != theirs->rows)
        return pls_fail(
            err, PLS_ECREATE,
            "%s: holds %s of a job of %" PRIu64 " rows in all, this one has %" PRIu64
            ", of which a shard has other rows; choose another name with -o, or replace "
            "it with --restart (what `plstrap merge` made of all shards can be extended)",
            path, what, theirs->rows, mine->rows);
    return PLS_OK;
}

enum pls_code pls_identity_check(const struct pls_identity *mine, const struct pls_identity *theirs,
                                 const char *path, const char *what, struct pls_error *err)
{
    char difference[256];
    if (strcmp(mine->job, theirs->job) != 0) {
        char job[64];
        pls_text_printable(theirs->job, strlen(theirs->job), 30, job, sizeof job);
        snprintf(difference, sizeof difference, "it is of the job %s, this is %s", job, mine->job);
    } else if (mine->observations != theirs->observations)
        snprintf(difference, sizeof difference,
                 "it has %" PRIu64 " observations, this study's data %" PRIu64,
                 theirs->observations, mine->observations);
    else if (mine->seed != theirs->seed)
        snprintf(difference, sizeof difference, "its seed is %" PRIu64 ", this study's %" PRIu64,
                 theirs->seed, mine->seed);
    else if (mine->columns != theirs->columns || mine->columns_sum != theirs->columns_sum)
        snprintf(difference, sizeof difference, "its rows have other columns");
    else if (strcmp(mine->rows_digest, theirs->rows_digest) != 0)
        snprintf(difference, sizeof difference,
                 "its data or settings are others (rows digest %.8s…, this study's %.8s…)",
                 theirs->rows_digest, mine->rows_digest);
    else
        return check_shard(mine, theirs, path, what, err);
    return pls_fail(err, PLS_ECREATE,
                    "%s: holds %s of another study: %s; choose another name with -o, or replace it "
                    "with --restart",
                    path, what, difference);
}
