/* sample.h: a small job whose rows are a formula, and the folder that its files live in. */
#ifndef PLSTRAP_TESTS_SAMPLE_H
#define PLSTRAP_TESTS_SAMPLE_H

#include "check.h"
#include "plstrap/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAMPLE_COLUMNS = 5 };

struct sample {
    char folder[32];
    struct pls_columns columns;
    struct pls_series series[3];
    struct pls_contents contents;
    struct pls_tables tables;
    double estimate[SAMPLE_COLUMNS];
};

static inline double sample_value(size_t series, uint64_t row, size_t column)
{
    if (row % 97 == 13) /* a row that could not be computed */
        return -NAN;
    const uint64_t mixed = (row + 1) * UINT64_C(2654435761) + column * 40503 + series * 97;
    return (double)(mixed % 1000003) / 1000003.0 - 0.5;
}

static inline struct pls_outcome sample_outcome(size_t series, uint64_t row)
{
    struct pls_outcome outcome = {.iterations = (uint16_t)(3 + row % 300 + series)};
    if (row % 97 == 13)
        outcome = (struct pls_outcome){PLS_STATUS_CONSTANT, 0, (uint16_t)(row % 3), 0};
    else if (row % 50 == 7)
        outcome.flags = PLS_FLAG_TURNED, outcome.where = 1;
    return outcome;
}

static inline void sample_tables(struct pls_tables *tables, const char *remark)
{
    struct pls_table *table;
    struct pls_error err;
    assert_ok(pls_tables_add(tables, "parameters",
                             "term:text estimate:real std.error:real n.ok:count", &table, &err),
              &err);
    assert_ok(pls_table_append(table, &err, "KV~KD", 0.382, 0.05, INT64_C(99)), &err);
    assert_ok(pls_table_append(table, &err, "KD→KV", -0.5, (double)NAN, INT64_C(-1)), &err);
    assert_ok(pls_tables_add(tables, "messages", "kind:text text:text", &table, &err), &err);
    assert_ok(pls_table_append(table, &err, "remark", remark), &err);
    assert_ok(pls_tables_add(tables, "empty", "level:real note:text rows:count", &table, &err),
              &err);
}

static inline void sample_make(struct sample *sample, uint64_t bootstrap)
{
    static const char *const indicators[] = {"kd1", "kd2", "größe"};
    static const char *const constructs[] = {"KD", "KV"};
    struct pls_error err;
    *sample = (struct sample){.folder = "store-XXXXXX"};
    assert_non_null(mkdtemp(sample->folder));
    assert_ok(pls_columns_add(&sample->columns, PLS_PATH, "KV", "~", "KD", &err), &err);
    assert_ok(pls_columns_add(&sample->columns, PLS_LOADING, "KD", "=~", "kd1", &err), &err);
    assert_ok(pls_columns_add(&sample->columns, PLS_LOADING, "KD", "=~", "größe", &err), &err);
    assert_ok(pls_columns_add(&sample->columns, PLS_R2, "KV", "", "", &err), &err);
    assert_ok(pls_columns_add(&sample->columns, PLS_SPECIFIC, "KD", "->", "KV->KK", &err), &err);
    for (size_t c = 0; c < SAMPLE_COLUMNS; c++)
        sample->estimate[c] = 0.125 * (double)c;
    sample->series[0] = (struct pls_series){"bootstrap", bootstrap, &sample->columns};
    sample->series[1] = (struct pls_series){"permutation/male-female", 20, &sample->columns};
    sample->series[2] = (struct pls_series){"none", 0, &sample->columns};
    sample->contents = (struct pls_contents){
        .job = "bootstrap",
        .study = "model: |\n  KV ~ KD\ntitle: Größe\n",
        .model = "KV ~ KD\n",
        .rows_digest = "6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090",
        .version = "0.1.0",
        .seed = UINT64_C(18446744073709551615),
        .observations = 211,
        .series = sample->series,
        .series_count = 3,
        .estimate = sample->estimate,
        .indicator = indicators,
        .indicators = 3,
        .construct = constructs,
        .constructs = 2,
    };
    sample_tables(&sample->tables, "R² is small");
}

static inline void sample_clean(struct sample *sample)
{
    DIR *folder = opendir(sample->folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[320];
        snprintf(path, sizeof path, "%s/%s", sample->folder, entry->d_name);
        unlink(path);
    }
    closedir(folder);
    rmdir(sample->folder);
    pls_columns_free(&sample->columns);
    pls_tables_free(&sample->tables);
}

/* A path in the sample's folder; up to four at a time. */
static inline const char *sample_path(const struct sample *sample, const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", sample->folder, name);
    return path;
}

static inline enum pls_code sample_put(struct pls_store *store, uint32_t series, uint64_t first,
                                       uint64_t count, struct pls_error *err)
{
    double *rows = malloc(SAMPLE_COLUMNS * count * sizeof *rows);
    struct pls_outcome *outcomes = malloc(count * sizeof *outcomes);
    for (uint64_t i = 0; i < count; i++) {
        outcomes[i] = sample_outcome(series, first + i);
        for (size_t c = 0; c < SAMPLE_COLUMNS; c++)
            rows[c * count + i] = sample_value(series, first + i, c);
    }
    const enum pls_code code =
        pls_store_put(store, &(struct pls_range){series, first, count}, rows, outcomes, err);
    free(rows);
    free(outcomes);
    return code;
}

/* Puts at most `most` of the missing pieces, in an order that the seed shuffles; returns rows
 * missing before. */
static inline uint64_t sample_fill(struct pls_store *store, uint64_t piece, unsigned seed,
                                   size_t most)
{
    struct pls_range *todo = NULL, *pieces = NULL;
    size_t todo_count = 0, count = 0;
    uint64_t rows = 0;
    struct pls_error err;
    assert_ok(pls_store_todo(store, &todo, &todo_count, &err), &err);
    for (size_t i = 0; i < todo_count; i++) {
        rows += todo[i].count;
        pieces = realloc(pieces, (count + todo[i].count / piece + 1) * sizeof *pieces);
        for (uint64_t done = 0; done < todo[i].count; done += piece) {
            const uint64_t left = todo[i].count - done;
            pieces[count++] = (struct pls_range){todo[i].series, todo[i].first + done,
                                                 left < piece ? left : piece};
        }
    }
    uint64_t state = seed;
    for (size_t i = count; seed != 0 && i > 1; i--) {
        state = state * UINT64_C(6364136223846793005) + 1;
        const size_t other = (size_t)((state >> 33) % i);
        const struct pls_range swap = pieces[i - 1];
        pieces[i - 1] = pieces[other];
        pieces[other] = swap;
    }
    for (size_t i = 0; i < count && i < most; i++) {
        assert_ok(sample_put(store, pieces[i].series, pieces[i].first, pieces[i].count, &err),
                  &err);
        if (i % 7 == 3)
            assert_ok(pls_store_sync(store, &err), &err);
    }
    free(todo);
    free(pieces);
    return rows;
}

static inline struct pls_store *sample_open(const struct sample *sample, const char *name)
{
    struct pls_store *store = NULL;
    struct pls_error err;
    assert_ok(pls_store_open(sample_path(sample, name), &sample->contents, false, &store, &err),
              &err);
    return store;
}

/* From where it stands to the end; returns the rows that had to be computed. */
static inline uint64_t sample_complete(const struct sample *sample, const char *name,
                                       uint64_t piece, unsigned seed)
{
    struct pls_error err;
    struct pls_store *store = sample_open(sample, name);
    const uint64_t rows = sample_fill(store, piece, seed, SIZE_MAX);
    assert_ok(pls_store_finish(store, &sample->tables, &err), &err);
    pls_store_close(store, true);
    return rows;
}

/* ---- files as bytes ---- */

static inline char *sample_bytes(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*length + 1);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    fclose(file);
    return bytes;
}

static inline void sample_write(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static inline void sample_copy(const char *from, const char *to)
{
    size_t length;
    char *bytes = sample_bytes(from, &length);
    sample_write(to, bytes, length);
    free(bytes);
}

static inline void assert_same_files(const char *one, const char *other)
{
    size_t one_length, other_length;
    char *one_bytes = sample_bytes(one, &one_length);
    char *other_bytes = sample_bytes(other, &other_length);
    assert_int_equal(one_length, other_length);
    for (size_t i = 0; i < one_length; i++)
        if (one_bytes[i] != other_bytes[i]) {
            print_error("%s and %s differ at byte %zu\n", one, other, i);
            fail();
        }
    free(one_bytes);
    free(other_bytes);
}

static inline void sample_flip(const char *path, size_t at, unsigned bit)
{
    size_t length;
    char *bytes = sample_bytes(path, &length);
    bytes[at % length] = (char)(bytes[at % length] ^ (1 << bit));
    sample_write(path, bytes, length);
    free(bytes);
}

/* Names in the folder. */
static inline size_t sample_files(const struct sample *sample)
{
    size_t count = 0;
    DIR *folder = opendir(sample->folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

#endif
