/* resampled.c: what the bootstrap says of each parameter: standard error, t, p, intervals. */
#include "view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The p that the study does not compare with alpha is printed too, named apart. */
static const char *other_p(const struct view *view)
{
    return view->t_decides ? "p.percentile" : "p.t";
}

double report_p_error(const struct view *view, size_t row)
{
    return view_real(view->parameters, row, view->t_decides ? "mcse.p.t" : "mcse.p.percentile");
}

static bool is_open(const struct view *view, size_t row)
{
    const double p = view_real(view->parameters, row, "p.value");
    return fabs(p - view->alpha) < 2.0 * report_p_error(view, row);
}

static void smartpls_columns(const struct view *view, struct layout *table)
{
    char end[NUMBER_SIZE + 1];

    layout_column(table, LAYOUT_LEFT, "");
    layout_column(table, LAYOUT_RIGHT, "Original sample (O)");
    layout_column(table, LAYOUT_RIGHT, "Sample mean (M)");
    layout_column(table, LAYOUT_RIGHT, "Standard deviation (STDEV)");
    layout_column(table, LAYOUT_RIGHT, "T statistics (|O/STDEV|)");
    layout_column(table, LAYOUT_RIGHT, "P values"); /* that belong to T */
    layout_column(table, LAYOUT_LEFT | LAYOUT_JOINED, "");
    layout_column(table, LAYOUT_RIGHT | LAYOUT_OPTIONAL, "P (percentile)");
    snprintf(end, sizeof end, "%s%%",
             number_short(50.0 * (1.0 - view->level), 6, (char[NUMBER_SIZE]){0}));
    layout_column(table, LAYOUT_RIGHT, end);
    snprintf(end, sizeof end, "%s%%",
             number_short(50.0 * (1.0 + view->level), 6, (char[NUMBER_SIZE]){0}));
    layout_column(table, LAYOUT_RIGHT, end);
}

static void inference_columns(const struct view *view, struct layout *table, const char *symbol)
{
    /* A t is not shown without the p that belongs to it. */
    const unsigned with_t = view->t_decides ? 0 : LAYOUT_OPTIONAL | LAYOUT_TOGETHER;

    if (view->smartpls) {
        smartpls_columns(view, table);
        return;
    }
    layout_column(table, LAYOUT_LEFT, "");
    layout_column(table, LAYOUT_RIGHT, symbol);
    layout_column(table, LAYOUT_RIGHT | LAYOUT_OPTIONAL, "Mean");
    layout_column(table, LAYOUT_RIGHT, "SE");
    layout_column(table, LAYOUT_RIGHT | with_t, "t");
    layout_column(table, LAYOUT_RIGHT, "p");
    layout_column(table, LAYOUT_LEFT | LAYOUT_JOINED, "");
    layout_column(table, LAYOUT_RIGHT | LAYOUT_OPTIONAL | with_t,
                  view->t_decides ? "p (perc.)" : "p (t)");
    view_interval_columns(table, view->interval, 0);
}

/* What stands behind the p that decides: stars, or that it or the interval may say otherwise. */
static void mark_cell(const struct view *view, struct layout *table, size_t row, const char *label)
{
    const double p = view_real(view->parameters, row, "p.value");
    const bool open = is_open(view, row);
    char number[NUMBER_SIZE], error[NUMBER_SIZE], mark[16], note[2 * NUMBER_SIZE + 64];
    double low, high;

    view_ends(view, (long)row, &low, &high);
    const bool disagrees = view_disagrees(view, p, low, high);
    snprintf(mark, sizeof mark, "%s%s%s", view_stars(view, p), open ? "?" : "",
             disagrees ? "≠" : "");
    layout_cell(table,
                open || disagrees ? PAGE_OPEN
                : p < view->alpha ? PAGE_GOOD
                                  : PAGE_PLAIN,
                mark);
    if (open) {
        snprintf(note, sizeof note, "? near alpha: %sp = %s ± %s (Monte Carlo standard error)",
                 !view->smartpls   ? ""
                 : view->t_decides ? "t-based "
                                   : "percentile ",
                 number_fixed(p, view->digits + 2, view->smartpls, number),
                 number_fixed(report_p_error(view, row), view->digits + 2, view->smartpls, error));
        layout_note(table, note, label);
    }
    if (disagrees)
        view_note_disagreement(view, table, label);
}

static void p_cell(const struct view *view, struct layout *table, size_t row, const char *column,
                   const char *label)
{
    const double p = view_real(view->parameters, row, column);
    char number[NUMBER_SIZE];
    view_number(view, table, p < view->alpha ? PAGE_GOOD : PAGE_PLAIN, view_p(view, p, number),
                (long)row, label);
}

static void inference_cells(const struct view *view, struct layout *table, size_t row,
                            const char *label)
{
    const struct pls_table *p = view->parameters;
    const long interval = view_interval(view, (long)row, view->method, view->level);
    const double t = view_real(p, row, "statistic");
    char number[NUMBER_SIZE], note[VIEW_NAME], line[VIEW_NAME + 8];
    double low, high;

    view_ends(view, (long)row, &low, &high);
    view_number(view, table, PAGE_PLAIN,
                view_coefficient(view, view_real(p, row, "estimate"), number), (long)row, label);
    layout_cell(table, PAGE_PLAIN, view_coefficient(view, view_real(p, row, "boot.mean"), number));
    view_number(view, table, PAGE_PLAIN,
                view_coefficient(view, view_real(p, row, "std.error"), number), (long)row, label);
    /* SmartPLS prints |t| with the report's digits; papers print t with two. */
    layout_cell(table, PAGE_PLAIN,
                number_fixed(view->smartpls ? fabs(t) : t,
                             view->smartpls || view->digits < 2 ? view->digits : 2, true, number));
    p_cell(view, table, row, view->smartpls ? "p.t" : "p.value", label);
    mark_cell(view, table, row, label);
    if (view->smartpls) {
        p_cell(view, table, row, "p.percentile", label);
        layout_cell(table, PAGE_PLAIN, view_coefficient(view, low, number));
        layout_cell(table, PAGE_PLAIN, view_coefficient(view, high, number));
    } else {
        layout_cell(table, PAGE_PLAIN, view_p(view, view_real(p, row, other_p(view)), number));
        view_interval_cells(view, table, low, high);
    }
    const char *why = interval < 0 ? "" : view_text(view->intervals, (size_t)interval, "note");
    const bool said = view->too_few && strncmp(why, "too few", 7) == 0; /* at the top */
    if ((isnan(low) || isnan(high)) && *why != '\0' && !said) {
        pls_text_printable(why, strlen(why), VIEW_NAME / 4, note, sizeof note);
        snprintf(line, sizeof line, "– %s", note);
        layout_note(table, line, label);
    }
}

bool report_is_path_again(const struct view *view, size_t row)
{
    const struct pls_table *p = view->parameters;
    return view_is(p, row, "component", "total") &&
           view_find(view, "indirect", view_text(p, row, "lhs"), view_text(p, row, "rhs")) < 0;
}

/* All parameters of one component; under a group's name where opt_group says one. */
static void inference_rows(const struct view *view, struct layout *table, const char *component,
                           const char *opt_group)
{
    char label[VIEW_NAME], stub[VIEW_NAME + 2];
    bool first = true;

    for (size_t r = 0; r < view_rows(view->parameters); r++) {
        if (!view_is(view->parameters, r, "component", component))
            continue;
        if (opt_group != NULL && report_is_path_again(view, r))
            continue;
        if (first && opt_group != NULL)
            layout_group(table, opt_group);
        first = false;
        view_label(view, (long)r, label);
        snprintf(stub, sizeof stub, "%s%s", opt_group != NULL ? "  " : "", label);
        layout_row(table);
        layout_cell(table, PAGE_PLAIN, stub);
        inference_cells(view, table, r, label);
    }
}

/* One of SmartPLS's tables: one component under its title. */
static void smartpls_table(struct view *view, const char *component, const char *title)
{
    struct layout table = {.page = &view->page};
    inference_columns(view, &table, "");
    inference_rows(view, &table, component, NULL);
    layout_print(&table, title);
}

static void p_legend(struct view *view, struct layout *table)
{
    char line[VIEW_NAME + 96], stars[VIEW_NAME], freedom[32] = "";
    const double df = view_real(view->parameters, 0, "df");

    if (!isnan(df))
        snprintf(freedom, sizeof freedom, " with %.0f df", df);
    if (view->smartpls) {
        snprintf(
            line, sizeof line,
            "P values: two-sided, from T%s%s; P (percentile): two-sided percentile p%s; 0.000: "
            "less than half of the last digit.",
            freedom, view->t_decides ? ", which decides" : "",
            view->t_decides ? "" : ", which decides");
        layout_note(table, line, NULL);
        return;
    }
    snprintf(line, sizeof line, "%s; two-sided; %s%s%s.", view_star_legend(view, stars),
             view->t_decides ? "p: t" : "p (t): t", freedom,
             view->t_decides ? "; p (perc.): percentile p" : "");
    layout_note(table, line, NULL);
}

void report_paths(struct view *view)
{
    struct layout table = {.page = &view->page};

    inference_columns(view, &table, "β");
    inference_rows(view, &table, "path", NULL);
    p_legend(view, &table);
    layout_print(&table, view_title(view, "Paths", "Path coefficients"));
}

void report_effects(struct view *view)
{
    struct layout table = {.page = &view->page};

    if (view->smartpls) {
        smartpls_table(view, "indirect", "Total indirect effects");
        smartpls_table(view, "specific", "Specific indirect effects");
        smartpls_table(view, "total", "Total effects");
        return;
    }
    inference_columns(view, &table, "Effect");
    inference_rows(view, &table, "total", "Total");
    inference_rows(view, &table, "indirect", "Total indirect");
    inference_rows(view, &table, "specific", "Specific indirect");
    layout_print(&table, "Effects");
}

void report_r2(struct view *view)
{
    struct layout table = {.page = &view->page};
    const struct pls_table *p = view->parameters;
    char label[VIEW_NAME], number[NUMBER_SIZE];
    double low, high;

    if (view->smartpls) {
        smartpls_table(view, "r2", "R-square");
        return;
    }
    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_RIGHT, "R²");
    layout_column(&table, LAYOUT_JOINED, "");
    layout_column(&table, LAYOUT_RIGHT, "SE");
    view_interval_columns(&table, view->interval, 0);
    layout_column(&table, LAYOUT_RIGHT, "Adjusted R²");
    for (size_t r = 0; r < view_rows(p); r++) {
        if (!view_is(p, r, "component", "r2"))
            continue;
        const double value = view_real(p, r, "estimate");
        const long adjusted = view_find(view, "adj_r2", view_text(p, r, "lhs"), "");
        view_label(view, (long)r, label);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, label);
        view_number(view, &table, PAGE_PLAIN, view_coefficient(view, value, number), (long)r,
                    label);
        layout_cell(&table, PAGE_PLAIN, report_r2_word(value));
        view_coefficient(view, view_real(p, r, "std.error"), number);
        view_number(view, &table, PAGE_PLAIN, number, (long)r, label);
        view_ends(view, (long)r, &low, &high);
        view_interval_cells(view, &table, low, high);
        layout_cell(&table, PAGE_PLAIN,
                    view_coefficient(view, view_estimate(view, adjusted), number));
    }
    layout_note(&table, report_r2_legend, NULL);
    layout_print(&table, "Explained variance");
}

static void compact_cells(const struct view *view, struct layout *table, long row,
                          const char *label)
{
    char number[NUMBER_SIZE];
    double low, high;
    const double se = row < 0 ? NAN : view_real(view->parameters, (size_t)row, "std.error");

    view_coefficient(view, view_estimate(view, row), number);
    view_number(view, table, PAGE_PLAIN, number, row, label);
    view_number(view, table, PAGE_PLAIN, view_coefficient(view, se, number), row, label);
    view_ends(view, row, &low, &high);
    view_interval_cells(view, table, low, high);
}

/* "not significant" with what it holds of, else that all are significant. */
static void significance_note(const struct view *view, struct layout *table)
{
    const struct pls_table *p = view->parameters;
    char name[VIEW_NAME], number[NUMBER_SIZE], alpha[NUMBER_SIZE], head[96],
        label[VIEW_NAME + NUMBER_SIZE + 64];
    bool any = false;

    number_short(view->alpha, 6, alpha);
    snprintf(head, sizeof head, "Not significant (p ≥ %s)", alpha + (*alpha == '0'));
    for (size_t r = 0; r < view_rows(p); r++) {
        const char *component = view_text(p, r, "component");
        if (strcmp(component, "loading") != 0 && strcmp(component, "weight") != 0)
            continue;
        const double value = view_real(p, r, "p.value");
        if (!(value >= view->alpha))
            continue;
        any = true;
        snprintf(label, sizeof label, "%s of %s (%s)", component,
                 view_name(view_text(p, r, "rhs"), name), view_p(view, value, number));
        layout_note(table, head, label);
    }
    snprintf(head, sizeof head, "All loadings and weights: p < %s.", alpha + (*alpha == '0'));
    if (!any)
        layout_note(table, head, NULL);
}

void report_measurement(struct view *view)
{
    struct layout table = {.page = &view->page};
    const struct pls_table *p = view->parameters;
    char name[VIEW_NAME], stub[VIEW_NAME + 32];

    if (view->smartpls) {
        smartpls_table(view, "loading", "Outer loadings");
        smartpls_table(view, "weight", "Outer weights");
        return;
    }
    layout_column(&table, LAYOUT_LEFT, "");
    for (int w = 0; w < 2; w++) {
        layout_column(&table, LAYOUT_RIGHT, w == 0 ? "Loading" : "Weight");
        layout_column(&table, LAYOUT_RIGHT | LAYOUT_OPTIONAL, "SE");
        view_interval_columns(&table, view->interval, 0);
    }
    for (size_t c = 0; c < view_rows(view->constructs); c++) {
        const char *construct = view_text(view->constructs, c, "construct");
        layout_group(&table, view_construct(view, c, stub));
        for (size_t r = 0; r < view_rows(p); r++) {
            if (!view_is(p, r, "component", "loading") || !view_is(p, r, "lhs", construct))
                continue;
            const char *indicator = view_text(p, r, "rhs");
            snprintf(stub, sizeof stub, "  %s", view_name(indicator, name));
            layout_row(&table);
            layout_cell(&table, PAGE_PLAIN, stub);
            compact_cells(view, &table, (long)r, name);
            compact_cells(view, &table, view_find(view, "weight", construct, indicator), name);
        }
    }
    significance_note(view, &table);
    layout_print(&table, "Measurement model");
}
