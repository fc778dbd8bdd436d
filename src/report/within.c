/* within.c: significance within one sample: paths (Freedman-Lane) and indirect effects (joint). */
#include "permuted.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Two tables: paths, and effects along chains of them. */
static bool belongs(const struct pls_table *table, size_t row, bool paths)
{
    return view_is(table, row, "component", "path") == paths;
}

static bool has(const struct pls_table *table, bool paths, const char *column)
{
    for (size_t r = 0; r < view_rows(table); r++)
        if (belongs(table, r, paths) && !isnan(view_real(table, r, column)))
            return true;
    return false;
}

static bool has_kind(const struct pls_table *table, const char *kind)
{
    for (size_t r = 0; r < view_rows(table); r++)
        if (view_is(table, r, "kind", kind))
            return true;
    return false;
}

struct shape {
    bool paths, t, interval, block, adjusted;
};

static void head(const struct view *view, struct layout *table, const struct shape *shape)
{
    layout_column(table, LAYOUT_LEFT, "");
    layout_column(table, LAYOUT_RIGHT,
                  view_title(view, shape->paths ? "β" : "Effect", "Original sample (O)"));
    if (shape->t)
        layout_column(table, LAYOUT_RIGHT, "t");
    permuted_p_head(view, table, view_title(view, "p", "Permutation p value"), shape->interval);
    if (shape->adjusted)
        layout_column(table, LAYOUT_RIGHT, permuted_adjusted(view));
    layout_column(table, LAYOUT_LEFT, "Holds");
    if (!shape->block)
        return;
    layout_column(table, LAYOUT_RIGHT, "p (R²)");
    layout_column(table, LAYOUT_JOINED, "");
}

static void row(const struct view *view, struct layout *table, const struct shape *shape, size_t r)
{
    const struct pls_table *t = view->within;
    const double block = view_real(t, r, "p.block");
    char label[VIEW_NAME], kind[VIEW_NAME], number[NUMBER_SIZE];

    view_term(view, view_text(t, r, "term"), label);
    if (view_is(t, r, "component", "indirect"))
        snprintf(label + strlen(label), sizeof label - strlen(label), ", all");
    layout_row(table);
    layout_cell(table, PAGE_PLAIN, label);
    view_cell(table, PAGE_PLAIN, view_coefficient(view, view_real(t, r, "estimate"), number), t, r,
              label);
    if (shape->t)
        view_cell(table, PAGE_PLAIN, number_fixed(view_real(t, r, "t"), 2, true, number), t, r,
                  label);
    permuted_p_cells(view, table, t, r, &permuted_p_value, shape->interval, label);
    if (shape->adjusted)
        permuted_other_p(view, table, t, r, "p.adjusted");
    layout_cell(table, PAGE_PLAIN, view_name(view_text(t, r, "kind"), kind));
    if (!shape->block)
        return;
    permuted_other_p(view, table, t, r, "p.block");
    layout_cell(table, PAGE_BAD, block >= view->alpha ? "!" : "");
    if (block >= view->alpha)
        layout_note(table,
                    "! R² of the construct cannot be told from 0: its weights do not settle, and p "
                    "rejects a true hypothesis too often (up to 7.5 % of the time at alpha .05); "
                    "rely on p (R²)",
                    label);
}

static void path_notes(const struct view *view, struct layout *table, const struct shape *shape)
{
    if (has_kind(view->within, "exact"))
        layout_note(
            table,
            "exact: the construct has no other predecessor; its rows are permuted as a block, "
            "and p holds at every n.",
            NULL);
    if (has_kind(view->within, "asymptotic"))
        layout_note(table,
                    "asymptotic: residuals of the indicators are permuted given the other "
                    "predecessors, and all weights estimated again (Freedman & Lane 1983); p holds "
                    "as n grows.",
                    NULL);
    if (shape->block)
        layout_note(
            table,
            "p (R²): the construct is independent of all its predecessors; exact at every n.",
            NULL);
}

static void effect_notes(struct layout *table)
{
    layout_note(
        table,
        "joint: the largest p of the paths of a chain, for no permutation alone makes a chain "
        "zero; it rejects a true hypothesis at most as often as the tests of its paths, and "
        "less where several paths are zero.",
        NULL);
    layout_note(
        table,
        "No interval belongs to it: plstrap bootstrap has the interval, and the joint test is "
        "the one that controls the level. Where they disagree, report both.",
        NULL);
}

static void one_table(struct view *view, bool paths, const char *title)
{
    const struct shape shape = {.paths = paths,
                                .t = has(view->within, paths, "t"),
                                .interval = has(view->within, paths, "p.low"),
                                .block = has(view->within, paths, "p.block"),
                                .adjusted = has(view->within, paths, "p.adjusted")};
    struct layout table = {.page = &view->page};

    head(view, &table, &shape);
    for (size_t r = 0; r < view_rows(view->within); r++)
        if (belongs(view->within, r, paths))
            row(view, &table, &shape, r);
    permuted_legend(view, &table, "two-sided", shape.interval);
    if (paths)
        path_notes(view, &table, &shape);
    else
        effect_notes(&table);
    layout_print(&table, title);
}

void permuted_within(struct view *view)
{
    one_table(view, true, "Paths: permutation tests within the sample");
    one_table(view, false, "Indirect effects: joint permutation test");
}
