/* inner.c: the structural model of one estimation. Limits as in METHODS 2.11 and 3. */
#include "view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *f2_word(double f2)
{
    if (isnan(f2))
        return "";
    return f2 >= 0.35 ? "large" : f2 >= 0.15 ? "medium" : f2 >= 0.02 ? "small" : "none";
}

const char report_r2_legend[] =
    "R² < .25 very weak, .25 weak, .50 moderate, .75 substantial (Hair et al. 2022).";

const char *report_r2_word(double r2)
{
    if (isnan(r2))
        return "";
    return r2 >= 0.75 ? "substantial" : r2 >= 0.50 ? "moderate" : r2 >= 0.25 ? "weak" : "very weak";
}

static void paths(struct view *view)
{
    struct layout table = {.page = &view->page};
    const struct pls_table *p = view->parameters;
    char label[VIEW_NAME], number[NUMBER_SIZE];

    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_RIGHT, view_title(view, "β", "Original sample (O)"));
    layout_column(&table, LAYOUT_RIGHT, view_title(view, "f²", "f-square"));
    layout_column(&table, LAYOUT_JOINED, "");
    layout_column(&table, LAYOUT_RIGHT, "VIF");
    layout_column(&table, LAYOUT_JOINED, "");
    layout_note(&table, "f² < .02 none, .02 small, .15 medium, .35 large (Cohen 1988).", NULL);
    layout_note(
        &table,
        "Usual limits: VIF < 3.3 (Diamantopoulos & Siguaw 2006), or < 5 (Hair et al. 2022).", NULL);
    for (size_t r = 0; r < view_rows(p); r++) {
        if (!view_is(p, r, "component", "path"))
            continue;
        const char *lhs = view_text(p, r, "lhs"), *rhs = view_text(p, r, "rhs");
        const long f2 = view_find(view, "f2", lhs, rhs), vif = view_find(view, "vif", lhs, rhs);
        const double v = view_estimate(view, vif);
        view_label(view, (long)r, label);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, label);
        view_coefficient(view, view_real(p, r, "estimate"), number);
        view_number(view, &table, PAGE_PLAIN, number, (long)r, label);
        view_statistic(view, view_estimate(view, f2), number);
        view_number(view, &table, PAGE_PLAIN, number, f2, label);
        layout_cell(&table, PAGE_PLAIN, f2_word(view_estimate(view, f2)));
        view_marked(view, &table, view_statistic(view, v, number),
                    v >= 5.0   ? MARK_MISSED
                    : v >= 3.3 ? MARK_NEAR
                               : MARK_NONE,
                    vif, label);
    }
    layout_print(&table, view_title(view, "Paths", "Path coefficients"));
}

static void r2(struct view *view)
{
    struct layout table = {.page = &view->page};
    const struct pls_table *p = view->parameters;
    char label[VIEW_NAME], number[NUMBER_SIZE];

    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_RIGHT, view_title(view, "R²", "R-square"));
    layout_column(&table, LAYOUT_JOINED, "");
    layout_column(&table, LAYOUT_RIGHT, view_title(view, "Adjusted R²", "R-square adjusted"));
    for (size_t r = 0; r < view_rows(p); r++) {
        if (!view_is(p, r, "component", "r2"))
            continue;
        const long adjusted = view_find(view, "adj_r2", view_text(p, r, "lhs"), "");
        view_label(view, (long)r, label);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, label);
        view_coefficient(view, view_real(p, r, "estimate"), number);
        view_number(view, &table, PAGE_PLAIN, number, (long)r, label);
        layout_cell(&table, PAGE_PLAIN, report_r2_word(view_real(p, r, "estimate")));
        view_coefficient(view, view_estimate(view, adjusted), number);
        view_number(view, &table, PAGE_PLAIN, number, adjusted, label);
    }
    layout_note(&table, report_r2_legend, NULL);
    layout_print(&table, view_title(view, "Explained variance", "R-square"));
}

static void optional_cell(struct view *view, struct layout *table, long row, const char *label)
{
    char number[NUMBER_SIZE];
    if (row >= 0)
        view_number(view, table, PAGE_PLAIN,
                    view_coefficient(view, view_estimate(view, row), number), row, label);
    else
        layout_cell(table, PAGE_PLAIN, ""); /* the model has no such effect */
}

static void effects(struct view *view)
{
    struct layout table = {.page = &view->page};
    const struct pls_table *p = view->parameters;
    char label[VIEW_NAME], stub[VIEW_NAME + 2];
    bool chains = false;

    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_RIGHT, "Direct");
    layout_column(&table, LAYOUT_RIGHT, "Indirect");
    layout_column(&table, LAYOUT_RIGHT, "Total");
    for (size_t r = 0; r < view_rows(p); r++) {
        if (!view_is(p, r, "component", "total"))
            continue;
        const char *lhs = view_text(p, r, "lhs"), *rhs = view_text(p, r, "rhs");
        view_label(view, (long)r, label);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, label);
        optional_cell(view, &table, view_find(view, "path", lhs, rhs), label);
        optional_cell(view, &table, view_find(view, "indirect", lhs, rhs), label);
        optional_cell(view, &table, (long)r, label);
    }
    for (size_t r = 0; r < view_rows(p); r++) {
        if (!view_is(p, r, "component", "specific"))
            continue;
        if (!chains)
            layout_group(&table, "Specific indirect effects");
        chains = true;
        view_label(view, (long)r, label);
        snprintf(stub, sizeof stub, "  %s", label);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, stub);
        layout_cell(&table, PAGE_PLAIN, "");
        optional_cell(view, &table, (long)r, label);
    }
    layout_print(&table, "Effects");
}

void report_inner_estimate(struct view *view)
{
    paths(view);
    r2(view);
    effects(view);
    report_correlations(view);
}
