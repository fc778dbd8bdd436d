/* dataset_groups.c: which observations make which group. */
#include "header.h"
#include "plstrap/alloc.h"
#include "plstrap/dataset.h"
#include "plstrap/design.h"
#include "plstrap/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_COLUMNS = 40, SHOWN_BYTES = 200 };

struct grouping {
    const struct pls_dataset *dataset;
    const struct pls_labels *labels;
    const struct pls_group_keys *keys;
    struct pls_groups_found *out;
    uint8_t *group; /* [labels->count] of a text */
    char column[SHOWN_BYTES];
    struct pls_error *err;
};

static void show(const char *text, char out[SHOWN_BYTES])
{
    pls_text_printable(text, strlen(text), NAME_COLUMNS, out, SHOWN_BYTES);
}

static bool is_number(const char *text, char decimal, double *out)
{
    return pls_text_number(text, strlen(text), decimal, out);
}

static enum pls_code add_group(const struct grouping *g, const char *name)
{
    const enum pls_code code =
        pls_copy_text(&g->out->name[g->out->count], name, strlen(name), g->err);
    g->out->count += code == PLS_OK;
    return code;
}

/* ---- every text a group ---- */

static bool same_number(const struct grouping *g, size_t a, size_t b)
{
    double x, y;
    return is_number(g->labels->label[a], g->dataset->decimal, &x) &&
           is_number(g->labels->label[b], g->dataset->decimal, &y) && x == y;
}

static enum pls_code group_all(const struct grouping *g)
{
    enum pls_code code = PLS_OK;
    size_t count = 0;

    for (size_t k = 0; k < g->labels->count; k++)
        count += k == 0 || !same_number(g, k - 1, k);
    if (count > PLS_MOST_GROUPS)
        return pls_fail(g->err, PLS_EDATA,
                        "column \"%s\" holds %zu different values, and at most %d can be groups; "
                        "name those of interest by `levels`, or cut a number by `cuts`",
                        g->column, count, PLS_MOST_GROUPS);
    for (size_t k = 0; k < g->labels->count && code == PLS_OK; k++) {
        if (k == 0 || !same_number(g, k - 1, k))
            code = add_group(g, g->labels->label[k]);
        g->group[k] = (uint8_t)(g->out->count - 1);
    }
    return code;
}

/* ---- levels ---- */

static enum pls_code unknown_level(const struct grouping *g, const char *level)
{
    const char *const *labels = (const char *const *)g->labels->label;
    char wanted[SHOWN_BYTES], other[SHOWN_BYTES];
    const char *near = pls_text_nearest(level, labels, g->labels->count);

    show(level, wanted);
    if (near != NULL) {
        show(near, other);
        return pls_fail(g->err, PLS_EDATA,
                        "column \"%s\" holds no value \"%s\" in the rows used; did you mean "
                        "\"%s\"?",
                        g->column, wanted, other);
    }
    return pls_fail(g->err, PLS_EDATA,
                    "column \"%s\" holds no value \"%s\" in the rows used; write levels as the "
                    "file has them",
                    g->column, wanted);
}

static enum pls_code group_level(const struct grouping *g, const char *level)
{
    char *composed = NULL;
    double wanted, number;
    bool found = false;

    enum pls_code code = pls_header_compose(level, &composed, g->err);
    if (code != PLS_OK)
        return code;
    const bool by_number = is_number(composed, '.', &wanted);
    for (size_t k = 0; k < g->labels->count; k++) {
        const char *label = g->labels->label[k];
        if (strcmp(label, composed) != 0 &&
            !(by_number && is_number(label, g->dataset->decimal, &number) && number == wanted))
            continue;
        if (g->group[k] != PLS_NO_GROUP) {
            char shown[SHOWN_BYTES];
            show(level, shown);
            code = pls_fail(g->err, PLS_EDATA,
                            "the level \"%s\" of column \"%s\" means the same value as the level "
                            "\"%s\"; delete one",
                            shown, g->column, g->out->name[g->group[k]]);
            break;
        }
        g->group[k] = (uint8_t)g->out->count;
        found = true;
    }
    free(composed);
    if (code == PLS_OK && !found)
        code = unknown_level(g, level);
    return code == PLS_OK ? add_group(g, level) : code;
}

/* ---- cut points ---- */

static enum pls_code name_cuts(const struct grouping *g)
{
    const double *cut = g->keys->cut;
    const size_t cuts = g->keys->cuts;
    char name[100];

    snprintf(name, sizeof name, "<%.10g", cut[0]);
    enum pls_code code = add_group(g, name);
    for (size_t i = 1; i < cuts && code == PLS_OK; i++) {
        snprintf(name, sizeof name, "%.10g to <%.10g", cut[i - 1], cut[i]);
        code = add_group(g, name);
    }
    snprintf(name, sizeof name, ">=%.10g", cut[cuts - 1]);
    return code == PLS_OK ? add_group(g, name) : code;
}

static enum pls_code group_cuts(const struct grouping *g)
{
    for (size_t k = 0; k < g->labels->count; k++) {
        double number;
        if (!is_number(g->labels->label[k], g->dataset->decimal, &number)) {
            size_t row = 0;
            while (g->labels->code[row] != k)
                row++;
            return pls_fail(g->err, PLS_EDATA,
                            "column \"%s\" is cut at numbers, but its cell in row %zu is no number "
                            "with a decimal %s; mend it, write what means no answer under "
                            "`missing`, or name groups by `levels`",
                            g->column, g->dataset->file_row[row],
                            g->dataset->decimal == ',' ? "comma" : "point");
        }
        size_t group = 0;
        while (group < g->keys->cuts && number >= g->keys->cut[group])
            group++;
        g->group[k] = (uint8_t)group;
    }
    return name_cuts(g);
}

/* ---- all ---- */

static enum pls_code check_sizes(const struct grouping *g)
{
    char name[SHOWN_BYTES];
    if (g->out->count < 2)
        return pls_fail(g->err, PLS_EDATA,
                        "column \"%s\" makes %zu group%s of the rows used, and a comparison needs "
                        "two; name a column whose values differ",
                        g->column, g->out->count, g->out->count == 1 ? "" : "s");
    for (size_t i = 0; i < g->out->count; i++) {
        if (g->out->size[i] >= g->keys->minimum)
            continue;
        show(g->out->name[i], name);
        return pls_fail(g->err, PLS_EDATA,
                        "the group \"%s\" of column \"%s\" has %zu observation%s, fewer than the "
                        "minimum of %llu; %s, or write another `minimum`",
                        name, g->column, g->out->size[i], g->out->size[i] == 1 ? "" : "s",
                        (unsigned long long)g->keys->minimum,
                        g->keys->cuts > 0
                            ? "move or drop a cut"
                            : "leave it out by `levels`, join it with another in the file");
    }
    return PLS_OK;
}

static enum pls_code assign(const struct grouping *g)
{
    enum pls_code code = pls_alloc(&g->out->of, g->dataset->rows, sizeof *g->out->of, g->err);
    for (size_t i = 0; code == PLS_OK && i < g->dataset->rows; i++) {
        const uint32_t label = g->labels->code[i];
        g->out->of[i] = label == PLS_NO_LABEL ? PLS_NO_GROUP : g->group[label];
        if (g->out->of[i] == PLS_NO_GROUP)
            g->out->ungrouped++;
        else
            g->out->size[g->out->of[i]]++;
    }
    return code == PLS_OK ? check_sizes(g) : code;
}

enum pls_code pls_dataset_groups(const struct pls_dataset *dataset, size_t column,
                                 const struct pls_group_keys *keys, struct pls_groups_found *out,
                                 struct pls_error *err)
{
    struct grouping g = {.dataset = dataset,
                         .labels = &dataset->labels[column],
                         .keys = keys,
                         .out = out,
                         .err = err};
    *out = (struct pls_groups_found){0};
    show(g.labels->name, g.column);
    enum pls_code code = pls_alloc(&g.group, g.labels->count, sizeof *g.group, err);
    if (code != PLS_OK)
        return code;
    memset(g.group, PLS_NO_GROUP, g.labels->count);
    if (keys->cuts > 0)
        code = group_cuts(&g);
    else if (keys->levels == 0)
        code = group_all(&g);
    for (size_t i = 0; i < keys->levels && code == PLS_OK; i++)
        code = group_level(&g, keys->level[i]);
    if (code == PLS_OK)
        code = assign(&g);
    free(g.group);
    return code;
}

void pls_groups_found_free(struct pls_groups_found *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        free(groups->name[i]);
    free(groups->of);
    *groups = (struct pls_groups_found){0};
}
