/* outer.c: the measurement model: loadings, reliability, discriminant validity. Limits as in
 * METHODS 3. */
#include "view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void loading_row(struct view *view, struct layout *table, long loading)
{
    const struct pls_table *p = view->parameters;
    const char *construct = view_text(p, (size_t)loading, "lhs");
    const long weight = view_find(view, "weight", construct, view_text(p, (size_t)loading, "rhs"));
    const double value = view_estimate(view, loading);
    enum mark mark = value < 0.4 ? MARK_MISSED : value < 0.708 ? MARK_NEAR : MARK_NONE;
    char label[VIEW_NAME], stub[VIEW_NAME + 2], number[NUMBER_SIZE];

    if (view_formative(view, construct))
        mark = MARK_NONE; /* a formative block is judged by its weights */
    view_label(view, loading, label);
    snprintf(stub, sizeof stub, "  %s", label);
    layout_row(table);
    layout_cell(table, PAGE_PLAIN, stub);
    view_marked(view, table, view_coefficient(view, value, number), mark, loading, label);
    view_coefficient(view, view_estimate(view, weight), number);
    view_number(view, table, PAGE_PLAIN, number, weight, label);
}

static void loadings(struct view *view)
{
    struct layout table = {.page = &view->page};
    char group[VIEW_NAME];

    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_RIGHT, "Loading");
    layout_column(&table, LAYOUT_JOINED, "");
    layout_column(&table, LAYOUT_RIGHT, "Weight");
    layout_note(&table, "Usual limits: loadings ≥ .708, at the very least .40 (Hair et al. 2022).",
                NULL);
    for (size_t c = 0; c < view_rows(view->constructs); c++) {
        const char *construct = view_text(view->constructs, c, "construct");
        layout_group(&table, view_construct(view, c, group));
        for (size_t r = 0; r < view_rows(view->parameters); r++)
            if (view_is(view->parameters, r, "component", "loading") &&
                view_is(view->parameters, r, "lhs", construct))
                loading_row(view, &table, (long)r);
    }
    layout_print(&table, view_title(view, "Loadings and weights", "Outer loadings and weights"));
}

static enum mark reliability_mark(const char *component, double value)
{
    if (strcmp(component, "ave") == 0)
        return value < 0.5 ? MARK_MISSED : MARK_NONE;
    return value < 0.7 || value > 0.95 ? MARK_MISSED : MARK_NONE;
}

void report_reliability(struct view *view)
{
    static const char *const component[] = {"alpha", "rho_a", "rho_c", "ave"};
    static const char *const plain[] = {"Cronbach's α", "ρ_A", "ρ_C", "AVE"};
    static const char *const smartpls[] = {"Cronbach's alpha", "Composite reliability (rho_a)",
                                           "Composite reliability (rho_c)",
                                           "Average variance extracted (AVE)"};
    struct layout table = {.page = &view->page};
    bool any = false;

    layout_column(&table, LAYOUT_LEFT, "");
    for (size_t k = 0; k < 4; k++) {
        layout_column(&table, LAYOUT_RIGHT, view->smartpls ? smartpls[k] : plain[k]);
        layout_column(&table, LAYOUT_JOINED, "");
    }
    layout_note(&table,
                "Usual: α, ρ .70 to .95 (Hair et al. 2022); AVE ≥ .50 (Fornell & Larcker 1981).",
                NULL);
    for (size_t c = 0; c < view_rows(view->constructs); c++) {
        const char *construct = view_text(view->constructs, c, "construct");
        char name[VIEW_NAME], number[NUMBER_SIZE];
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, view_name(construct, name));
        for (size_t k = 0; k < 4; k++) {
            const long row = view_find(view, component[k], construct, "");
            const double value = view_estimate(view, row);
            any = any || row >= 0;
            view_marked(view, &table, view_coefficient(view, value, number),
                        reliability_mark(component[k], value), row, name);
        }
    }
    if (any)
        layout_print(&table, view_title(view, "Reliability and convergent validity",
                                        "Construct reliability and validity"));
    layout_free(&table);
}

static long cross_loading(const struct view *view, const char *construct, const char *indicator)
{
    const long row = view_find(view, "cross_loading", construct, indicator);
    return row >= 0 ? row : view_find(view, "loading", construct, indicator);
}

static void cross_loading_row(struct view *view, struct layout *table, const char *own,
                              const char *indicator)
{
    const struct pls_table *constructs = view->constructs;
    const double mine = fabs(view_estimate(view, cross_loading(view, own, indicator)));
    char name[VIEW_NAME], stub[VIEW_NAME + 2], number[NUMBER_SIZE];
    bool offends = false;

    view_name(indicator, name);
    snprintf(stub, sizeof stub, "  %s", name);
    layout_row(table);
    layout_cell(table, PAGE_PLAIN, stub);
    for (size_t c = 0; c < view_rows(constructs); c++) {
        const char *construct = view_text(constructs, c, "construct");
        const long row = cross_loading(view, construct, indicator);
        const double value = view_estimate(view, row);
        const bool is_own = strcmp(construct, own) == 0;
        const bool above = !is_own && fabs(value) >= mine;
        offends = offends || above;
        view_coefficient(view, value, number);
        view_number(view, table,
                    is_own  ? PAGE_BOLD
                    : above ? PAGE_BAD
                            : PAGE_PLAIN,
                    number, row, name);
    }
    layout_cell(table, PAGE_BAD, offends ? "!" : "");
    if (offends)
        layout_note(table, "! loads as high on another construct", name);
}

static void cross_loadings(struct view *view)
{
    struct layout table = {.page = &view->page};
    const struct pls_table *p = view->parameters;
    char name[VIEW_NAME];

    layout_column(&table, LAYOUT_LEFT, "");
    for (size_t c = 0; c < view_rows(view->constructs); c++)
        layout_column(&table, LAYOUT_RIGHT,
                      view_name(view_text(view->constructs, c, "construct"), name));
    layout_column(&table, LAYOUT_JOINED, "");
    layout_note(&table, "Usual rule: highest on the own construct (Chin 1998).", NULL);
    for (size_t c = 0; c < view_rows(view->constructs); c++) {
        const char *construct = view_text(view->constructs, c, "construct");
        layout_group(&table, view_name(construct, name));
        for (size_t r = 0; r < view_rows(p); r++)
            if (view_is(p, r, "component", "loading") && view_is(p, r, "lhs", construct))
                cross_loading_row(view, &table, construct, view_text(p, r, "rhs"));
    }
    layout_print(&table, "Cross-loadings");
}

/* Correlation or HTMT of two constructs, whichever order the term has. */
static long pair_row(const struct view *view, const char *component, size_t i, size_t j)
{
    const char *a = view_text(view->constructs, i, "construct");
    const char *b = view_text(view->constructs, j, "construct");
    const long row = view_find(view, component, a, b);
    return row >= 0 ? row : view_find(view, component, b, a);
}

static double ave_root(const struct view *view, size_t i)
{
    return sqrt(view_estimate(
        view, view_find(view, "ave", view_text(view->constructs, i, "construct"), "")));
}

enum triangle { CORRELATIONS, FORNELL_LARCKER, HTMT };

static void triangle_cell(struct view *view, struct layout *table, enum triangle kind, size_t i,
                          size_t j)
{
    char number[NUMBER_SIZE], label[VIEW_NAME];

    if (i == j) {
        const long ave = view_find(view, "ave", view_text(view->constructs, i, "construct"), "");
        const double value = kind == CORRELATIONS ? 1.0 : ave_root(view, i);
        view_coefficient(view, value, number);
        view_number(view, table, PAGE_BOLD, number, ave, view_label(view, ave, label));
        layout_cell(table, PAGE_PLAIN, "");
        return;
    }
    const long row = pair_row(view, kind == HTMT ? "htmt" : "correlation", i, j);
    const double value = view_estimate(view, row);
    enum mark mark = MARK_NONE;
    if (kind == HTMT)
        mark = value >= 0.90 ? MARK_MISSED : value >= 0.85 ? MARK_NEAR : MARK_NONE;
    if (kind == FORNELL_LARCKER &&
        (fabs(value) >= ave_root(view, i) || fabs(value) >= ave_root(view, j)))
        mark = MARK_MISSED;
    view_coefficient(view, value, number);
    view_marked(view, table, number, mark, row, view_label(view, row, label));
}

static void print_triangle(struct view *view, enum triangle kind, const char *title,
                           const char *opt_note)
{
    const size_t count = view_rows(view->constructs);
    const size_t diagonal = kind == HTMT ? 0 : 1;
    struct layout table = {.page = &view->page};
    char name[VIEW_NAME];

    if (count < 2)
        return;
    layout_column(&table, LAYOUT_LEFT, "");
    for (size_t c = 0; c + 1 < count + diagonal; c++) {
        layout_column(&table, LAYOUT_RIGHT,
                      view_name(view_text(view->constructs, c, "construct"), name));
        layout_column(&table, LAYOUT_JOINED, "");
    }
    if (opt_note != NULL)
        layout_note(&table, opt_note, NULL);
    for (size_t i = 1 - diagonal; i < count; i++) {
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN,
                    view_name(view_text(view->constructs, i, "construct"), name));
        for (size_t j = 0; j < i + diagonal; j++)
            triangle_cell(view, &table, kind, i, j);
    }
    layout_print(&table, title);
}

void report_outer_estimate(struct view *view)
{
    loadings(view);
    report_reliability(view);
    cross_loadings(view);
    print_triangle(view, FORNELL_LARCKER, "Fornell–Larcker criterion",
                   "Diagonal: √AVE; below it: correlations. Usual rule: √AVE above every "
                   "correlation of its construct (Fornell & Larcker 1981).");
    print_triangle(
        view, HTMT, "Heterotrait–monotrait ratio (HTMT)",
        "Usual limits: .85, or .90 for like constructs (Henseler, Ringle & Sarstedt 2015).");
}

void report_correlations(struct view *view)
{
    print_triangle(view, CORRELATIONS, "Construct correlations", NULL);
}
