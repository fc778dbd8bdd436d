/* group_keys.c: data.group: a column, and what of it makes groups. */
#include "keys.h"
#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <string.h>

/* Of two observations every correlation is 1 or -1. */
enum { LEAST = 3, USUAL = 10 };
#define MOST UINT64_C(1000000000000)

struct reading {
    const struct pls_tree *tree;
    struct pls_group_keys *group;
    struct pls_error *err;
};

static enum pls_code read_column(const struct reading *r, const struct pls_node *node)
{
    if (node->kind != PLS_NODE_SCALAR || !node->text[0])
        return pls_fail_at(r->err, r->tree->path, node->place,
                           "the group's column must be one name; write 'group: COLUMN'");
    r->group->place = node->place;
    return pls_copy_text(&r->group->column, node->text, strlen(node->text), r->err);
}

static enum pls_code read_level(const struct reading *r, const struct pls_node *node)
{
    struct pls_group_keys *group = r->group;

    if (group->levels == PLS_MOST_GROUPS)
        return pls_fail_at(r->err, r->tree->path, node->place,
                           "more than %d values in 'data.group.levels'; shorten the list",
                           PLS_MOST_GROUPS);
    if (!node->text[0])
        return pls_fail_at(r->err, r->tree->path, node->place,
                           "a level cannot be empty, because an empty cell is in no group; write "
                           "a value of the column");
    for (size_t i = 0; i < group->levels; i++)
        if (strcmp(group->level[i], node->text) == 0)
            return pls_fail_at(r->err, r->tree->path, node->place,
                               "'data.group.levels' has '%s' twice; delete one",
                               pls_shown_text(node->text).text);
    const enum pls_code code =
        pls_copy_text(&group->level[group->levels], node->text, strlen(node->text), r->err);
    group->levels += code == PLS_OK;
    return code;
}

static enum pls_code read_cut(const struct reading *r, const struct pls_node *node)
{
    struct pls_group_keys *group = r->group;
    double cut;

    if (group->cuts == PLS_MOST_GROUPS - 1)
        return pls_fail_at(r->err, r->tree->path, node->place,
                           "more than %d values in 'data.group.cuts'; shorten the list",
                           PLS_MOST_GROUPS - 1);
    if (node->style != PLS_NODE_PLAIN ||
        !pls_text_number(node->text, strlen(node->text), '.', &cut))
        return pls_fail_at(r->err, r->tree->path, node->place,
                           "a cut point must be a number, not '%s'; write 'cuts: [30, 50]' for the "
                           "groups <30, 30 to <50 and >=50",
                           pls_shown_text(node->text).text);
    if (group->cuts > 0 && !(cut > group->cut[group->cuts - 1]))
        return pls_fail_at(r->err, r->tree->path, node->place,
                           "the cut points must rise, and %s does not; sort them",
                           pls_shown_text(node->text).text);
    group->cut[group->cuts++] = cut;
    return PLS_OK;
}

/* A list, or one value without brackets. */
static enum pls_code read_list(const struct reading *r, const struct pls_node *node,
                               const char *name,
                               enum pls_code read(const struct reading *, const struct pls_node *))
{
    enum pls_code code = PLS_OK;

    if (node->kind == PLS_NODE_MAPPING || (node->kind == PLS_NODE_SEQUENCE && !node->child))
        return pls_fail_at(r->err, r->tree->path, node->place,
                           "'data.group.%s' must be a list of values; write one such as [%s]", name,
                           strcmp(name, "cuts") == 0 ? "30, 50" : "female, male");
    if (node->kind == PLS_NODE_SCALAR)
        return read(r, node);
    for (size_t i = node->child; code == PLS_OK && i; i = r->tree->node[i].next) {
        if (r->tree->node[i].kind != PLS_NODE_SCALAR)
            return pls_fail_at(r->err, r->tree->path, r->tree->node[i].place,
                               "the items of 'data.group.%s' must be single values; write one "
                               "list of them",
                               name);
        code = read(r, &r->tree->node[i]);
    }
    return code;
}

static enum pls_code read_minimum(const struct reading *r, const struct pls_node *node)
{
    uint64_t minimum = 0;
    if (node->kind != PLS_NODE_SCALAR || node->style != PLS_NODE_PLAIN ||
        !pls_text_unsigned(node->text, strlen(node->text), &minimum) || minimum < LEAST ||
        minimum > MOST)
        return pls_fail_at(r->err, r->tree->path, node->place,
                           "'data.group.minimum' must be a whole number from %d on; write one such "
                           "as %d",
                           LEAST, USUAL);
    r->group->minimum = minimum;
    return PLS_OK;
}

static enum pls_code read_line(const struct reading *r, const struct pls_node *key,
                               const struct pls_node *value)
{
    static const char *const names[] = {"column", "levels", "cuts", "minimum"};

    if (strcmp(key->text, "column") == 0)
        return read_column(r, value);
    if (strcmp(key->text, "levels") == 0)
        return read_list(r, value, "levels", read_level);
    if (strcmp(key->text, "cuts") == 0)
        return read_list(r, value, "cuts", read_cut);
    if (strcmp(key->text, "minimum") == 0)
        return read_minimum(r, value);
    return pls_fail_at(r->err, r->tree->path, key->place, "unknown key '%s' in 'data.group'; %s",
                       pls_shown_text(key->text).text,
                       pls_hint(key->text, names, 4, "the keys are ").text);
}

enum pls_code pls_group_read(const struct pls_tree *tree, const struct pls_node *node,
                             struct pls_group_keys *out, struct pls_error *err)
{
    const struct reading r = {tree, out, err};
    const struct pls_node *nodes = tree->node, *levels = NULL, *cuts = NULL;
    enum pls_code code = PLS_OK;

    out->minimum = USUAL;
    if (node->kind != PLS_NODE_MAPPING)
        return read_column(&r, node);
    for (size_t i = node->child, value; code == PLS_OK && i; i = nodes[value].next) {
        value = nodes[i].next;
        levels = strcmp(nodes[i].text, "levels") == 0 ? &nodes[value] : levels;
        cuts = strcmp(nodes[i].text, "cuts") == 0 ? &nodes[value] : cuts;
        code = read_line(&r, &nodes[i], &nodes[value]);
    }
    if (code != PLS_OK)
        return code;
    if (!out->column)
        return pls_fail_at(err, tree->path, node->place,
                           "'data.group' names no column; write 'column: NAME' in it");
    if (levels && cuts)
        return pls_fail_at(err, tree->path, cuts->place,
                           "'data.group' has both levels and cuts; delete one of them");
    if (levels && out->levels < 2)
        return pls_fail_at(err, tree->path, levels->place,
                           "one level makes one group, and a comparison needs two; add another, or "
                           "delete 'levels' to take every value of the column");
    return PLS_OK;
}
