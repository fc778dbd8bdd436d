/*
 * resamples.c: replicates that another program drew: row indices, or the groups of the rows. One
 * line a replicate, one field a row used.
 */
#include "decode.h"
#include "plstrap/alloc.h"
#include "plstrap/dataset.h"
#include "plstrap/text.h"
#include "scan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_COLUMNS = 20, SHOWN_BYTES = 100 };

/* What the fields of a line are. */
struct replay {
    const char *path;
    size_t rows;
    const char *const *group; /* of permutations; NULL: row indices */
    size_t count;
    size_t size[PLS_MOST_GROUPS]; /* of the groups in line 1 */
    unsigned *opt_counts;         /* [lines][rows] to be filled; while lines are counted, NULL */
    uint8_t *opt_labels;          /* the same, of permutations                                 */
    struct pls_error *err;
};

static enum pls_code read_index(const struct replay *replay, size_t line, size_t start,
                                const struct pls_field *field)
{
    char shown[SHOWN_BYTES];
    uint64_t index;
    if (!pls_text_unsigned(field->text, field->length, &index)) {
        pls_text_printable(field->text, field->length, SHOWN_COLUMNS, shown, sizeof shown);
        return pls_fail(
            replay->err, PLS_EDATA,
            "%s:%zu: \"%s\" is not a row; write row numbers from 0, separated by commas",
            replay->path, line, shown);
    }
    if (index >= replay->rows)
        return pls_fail(replay->err, PLS_EDATA,
                        "%s:%zu: row %llu does not exist; the %zu rows used are counted from 0 to "
                        "%zu",
                        replay->path, line, (unsigned long long)index, replay->rows,
                        replay->rows - 1);
    if (replay->opt_counts != NULL)
        replay->opt_counts[start + index]++;
    return PLS_OK;
}

static enum pls_code read_group(const struct replay *replay, size_t line, size_t at,
                                const struct pls_field *field, size_t *size)
{
    char shown[SHOWN_BYTES], first[SHOWN_BYTES], second[SHOWN_BYTES];
    size_t g = 0;
    while (g < replay->count && !pls_scan_equals(field, replay->group[g]))
        g++;
    if (g < replay->count) {
        size[g]++;
        if (replay->opt_labels != NULL)
            replay->opt_labels[at] = (uint8_t)g;
        return PLS_OK;
    }
    pls_text_printable(field->text, field->length, SHOWN_COLUMNS, shown, sizeof shown);
    pls_text_printable(replay->group[0], strlen(replay->group[0]), SHOWN_COLUMNS, first,
                       sizeof first);
    pls_text_printable(replay->group[1], strlen(replay->group[1]), SHOWN_COLUMNS, second,
                       sizeof second);
    return pls_fail(replay->err, PLS_EDATA,
                    "%s:%zu: \"%s\" is no group; write the groups' names (\"%s\", \"%s\"%s), "
                    "separated by commas",
                    replay->path, line, shown, first, second,
                    replay->count > 2 ? ", \xE2\x80\xA6" : "");
}

static enum pls_code refuse_length(const struct replay *replay, size_t line, size_t fields)
{
    if (replay->group != NULL)
        return pls_fail(replay->err, PLS_EDATA,
                        "%s:%zu: there are %zu labels, but %zu rows are used; write one "
                        "permutation a line, a label for each row used",
                        replay->path, line, fields, replay->rows);
    return pls_fail(replay->err, PLS_EDATA,
                    "%s:%zu: there are %zu indices, but a replicate draws %zu, as many as there "
                    "are rows used; write one replicate a line",
                    replay->path, line, fields, replay->rows);
}

/* Line 1 says how large the groups are. */
static enum pls_code check_sizes(struct replay *replay, size_t line, const size_t *size)
{
    char name[SHOWN_BYTES];
    if (line == 1)
        memcpy(replay->size, size, sizeof replay->size);
    for (size_t g = 0; g < replay->count; g++) {
        if (size[g] == replay->size[g])
            continue;
        pls_text_printable(replay->group[g], strlen(replay->group[g]), SHOWN_COLUMNS, name,
                           sizeof name);
        return pls_fail(replay->err, PLS_EDATA,
                        "%s:%zu: the size of the group \"%s\" is %zu here and %zu in line 1; a "
                        "permutation keeps the sizes of the groups",
                        replay->path, line, name, size[g], replay->size[g]);
    }
    return PLS_OK;
}

static enum pls_code read_line(struct replay *replay, struct pls_scan *scan, size_t start)
{
    const size_t line = scan->line;
    size_t fields = 0, size[PLS_MOST_GROUPS] = {0};
    struct pls_field field = {0};
    const bool blank = pls_scan_blank_line(scan);
    do {
        enum pls_code code = pls_scan_field(scan, &field, replay->err);
        if (blank)
            break;
        if (code == PLS_OK && replay->group == NULL)
            code = read_index(replay, line, start, &field);
        else if (code == PLS_OK && fields < replay->rows)
            code = read_group(replay, line, start + fields, &field, size);
        if (code != PLS_OK)
            return code;
        fields++;
    } while (!field.last);
    if (fields != replay->rows)
        return refuse_length(replay, line, fields);
    return check_sizes(replay, line, size);
}

static enum pls_code read_lines(struct replay *replay, const char *bytes, size_t length,
                                size_t *lines)
{
    struct pls_scan scan;
    enum pls_code code = PLS_OK;
    pls_scan_start(&scan, replay->path, bytes, length, ',');
    for (*lines = 0; pls_scan_more(&scan) && code == PLS_OK; ++*lines)
        code = read_line(replay, &scan, *lines * replay->rows);
    return code;
}

/* All is checked before anything is allocated: a line proves its n fields by its length. */
static enum pls_code read_replay(struct replay *replay, size_t *lines)
{
    char *bytes = NULL;
    size_t length;

    enum pls_code code = pls_decode_file(replay->path, "UTF-8", &bytes, &length, replay->err);
    if (code != PLS_OK)
        return code;
    while (length > 0 && strchr(" \t\r\n", bytes[length - 1]) != NULL)
        length--; /* blank lines at the end are no replicates */
    if (length == 0)
        code = pls_fail(replay->err, PLS_ENOINPUT, "%s: the file is empty; it needs one %s",
                        replay->path,
                        replay->group != NULL ? "permutation a line, as the groups of the rows"
                                              : "replicate a line, as row numbers from 0");
    else
        code = read_lines(replay, bytes, length, lines);
    if (code == PLS_OK && replay->group != NULL)
        code = pls_alloc(&replay->opt_labels, *lines * replay->rows, 1, replay->err);
    else if (code == PLS_OK)
        code = pls_alloc(&replay->opt_counts, *lines * replay->rows, sizeof *replay->opt_counts,
                         replay->err);
    if (code == PLS_OK)
        code = read_lines(replay, bytes, length, lines);
    free(bytes);
    return code;
}

enum pls_code pls_dataset_read_resamples(const char *path, size_t rows, unsigned **counts_new,
                                         size_t *replicates, struct pls_error *err)
{
    struct replay replay = {.path = path, .rows = rows, .err = err};
    size_t lines = 0;
    const enum pls_code code = read_replay(&replay, &lines);
    if (code != PLS_OK) {
        free(replay.opt_counts);
        return code;
    }
    *counts_new = replay.opt_counts;
    *replicates = lines;
    return PLS_OK;
}

enum pls_code pls_dataset_read_permutations(const char *path, size_t rows, const char *const *group,
                                            size_t count, uint8_t **labels_new, size_t *lines,
                                            struct pls_error *err)
{
    struct replay replay = {.path = path, .rows = rows, .group = group, .count = count, .err = err};
    size_t found = 0;
    const enum pls_code code = read_replay(&replay, &found);
    if (code != PLS_OK) {
        free(replay.opt_labels);
        return code;
    }
    *labels_new = replay.opt_labels;
    *lines = found;
    return PLS_OK;
}
