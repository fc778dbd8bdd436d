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

static double p_error(const struct view *view, size_t row)
{
    return view_real(view->parameters, row, view->t_decides ? "mcse.p.t" : "mcse.p.percentile");
}

static bool is_open(const struct view *view, size_t row)
{
    const double p = view_real(view->parameters, row, "p.value");
    return fabs(p - view->alpha) < 2.0 * p_error(view, row);
}

static void inference_columns(const struct view *view, struct layout *table, const char *symbol)
{
    char end[NUMBER_SIZE + 1];

    layout_column(table, LAYOUT_LEFT, "");
    if (view->smartpls) {
        layout_column(table, LAYOUT_RIGHT, "Original sample (O)");
        layout_column(table, LAYOUT_RIGHT, "Sample mean (M)");
        layout_column(table, LAYOUT_RIGHT, "Standard deviation (STDEV)");
        layout_column(table, LAYOUT_RIGHT, "T statistics (|O/STDEV|)");
        layout_column(table, LAYOUT_RIGHT, "P values");
        layout_column(table, LAYOUT_LEFT | LAYOUT_JOINED, "");
        snprintf(end, sizeof end, "%s%%",
                 number_short(50.0 * (1.0 - view->level), 6, (char[NUMBER_SIZE]){0}));
        layout_column(table, LAYOUT_RIGHT, end);
        snprintf(end, sizeof end, "%s%%",
                 number_short(50.0 * (1.0 + view->level), 6, (char[NUMBER_SIZE]){0}));
        layout_column(table, LAYOUT_RIGHT, end);
        return;
    }
    layout_column(table, LAYOUT_RIGHT, symbol);
    layout_column(table, LAYOUT_RIGHT | LAYOUT_OPTIONAL, "Mean");
    layout_column(table, LAYOUT_RIGHT, "SE");
    layout_column(table, LAYOUT_RIGHT, "t");
    layout_column(table, LAYOUT_RIGHT, "p");
    layout_column(table, LAYOUT_LEFT | LAYOUT_JOINED, "");
    layout_column(table, LAYOUT_RIGHT | LAYOUT_OPTIONAL, view->t_decides ? "p (perc.)" : "p (t)");
    view_interval_columns(table, view->interval, 0);
}

static void p_cells(const struct view *view, struct layout *table, size_t row, const char *label)
{
    const double p = view_real(view->parameters, row, "p.value");
    char number[NUMBER_SIZE], error[NUMBER_SIZE], mark[8], note[2 * NUMBER_SIZE + 64];
    const enum page_style style = p < view->alpha ? PAGE_GOOD : PAGE_PLAIN;
    const char *stars = p < 0.001 ? "***" : p < 0.01 ? "**" : p < 0.05 ? "*" : "";

    if (view->smartpls)
        stars = "";
    else if (*stars == '\0' && p < view->alpha)
        stars = "†";
    snprintf(mark, sizeof mark, "%s%s", stars, is_open(view, row) ? "?" : "");
    view_number(view, table, style, view_p(view, p, number), (long)row, label);
    layout_cell(table, is_open(view, row) ? PAGE_OPEN : style, mark);
    if (!is_open(view, row))
        return;
    snprintf(note, sizeof note, "? %s: p = %s ± %s (Monte Carlo standard error)", "near alpha",
             number_fixed(p, view->digits + 2, view->smartpls, number),
             number_fixed(p_error(view, row), view->digits + 2, view->smartpls, error));
    layout_note(table, note, label);
}

static void inference_cells(const struct view *view, struct layout *table, size_t row,
                            const char *label)
{
    const struct pls_table *p = view->parameters;
    const long interval = view_interval(view, (long)row, view->method, view->level);
    const double low =
        interval < 0 ? NAN : view_real(view->intervals, (size_t)interval, "conf.low");
    const double high =
        interval < 0 ? NAN : view_real(view->intervals, (size_t)interval, "conf.high");
    const double t = view_real(p, row, "statistic");
    char number[NUMBER_SIZE], note[VIEW_NAME], line[VIEW_NAME + 8];

    view_number(view, table, PAGE_PLAIN,
                view_coefficient(view, view_real(p, row, "estimate"), number), (long)row, label);
    layout_cell(table, PAGE_PLAIN, view_coefficient(view, view_real(p, row, "boot.mean"), number));
    view_number(view, table, PAGE_PLAIN,
                view_coefficient(view, view_real(p, row, "std.error"), number), (long)row, label);
    /* SmartPLS prints |t| with the report's digits; papers print t with two. */
    layout_cell(table, PAGE_PLAIN,
                number_fixed(view->smartpls ? fabs(t) : t,
                             view->smartpls || view->digits < 2 ? view->digits : 2, true, number));
    p_cells(view, table, row, label);
    if (view->smartpls) {
        layout_cell(table, PAGE_PLAIN, view_coefficient(view, low, number));
        layout_cell(table, PAGE_PLAIN, view_coefficient(view, high, number));
    } else {
        layout_cell(table, PAGE_PLAIN, view_p(view, view_real(p, row, other_p(view)), number));
        view_interval_cells(view, table, low, high);
    }
    const char *why = interval < 0 ? "" : view_text(view->intervals, (size_t)interval, "note");
    if ((isnan(low) || isnan(high)) && *why != '\0') {
        pls_text_printable(why, strlen(why), VIEW_NAME / 4, note, sizeof note);
        snprintf(line, sizeof line, "– %s", note);
        layout_note(table, line, label);
    }
}

/* A total effect without an indirect part is the path, which has its row already. */
static bool is_path_again(const struct view *view, size_t row)
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
        if (opt_group != NULL && is_path_again(view, r))
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
    char line[320], alpha[NUMBER_SIZE], freedom[32] = "";
    const double df = view_real(view->parameters, 0, "df");

    if (view->smartpls) {
        layout_note(
            table,
            view->t_decides
                ? "P values: two-sided, from t."
                : "P values: two-sided percentile p; 0.000: less than half of the last digit.",
            NULL);
        return;
    }
    if (!isnan(df))
        snprintf(freedom, sizeof freedom, " with %.0f df", df);
    number_short(view->alpha, 6, alpha);
    snprintf(line, sizeof line, "* p < .05, ** p < .01, *** p < .001%s%s; two-sided; %s%s%s.",
             view->alpha > 0.05 ? ", † p < " : "",
             view->alpha > 0.05 ? alpha + (*alpha == '0') : "",
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

static void deciding_ends(const struct view *view, long row, double *low, double *high)
{
    const long interval = view_interval(view, row, view->method, view->level);
    *low = interval < 0 ? NAN : view_real(view->intervals, (size_t)interval, "conf.low");
    *high = interval < 0 ? NAN : view_real(view->intervals, (size_t)interval, "conf.high");
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
        deciding_ends(view, (long)r, &low, &high);
        view_interval_cells(view, &table, low, high);
        layout_cell(&table, PAGE_PLAIN,
                    view_coefficient(view, view_estimate(view, adjusted), number));
    }
    layout_note(&table, "R² ≥ .25 weak, .50 moderate, .75 substantial (Hair et al. 2022).", NULL);
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
    deciding_ends(view, row, &low, &high);
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
        snprintf(stub, sizeof stub, "%s (%s)", view_name(construct, name),
                 view_formative(view, construct) ? "formative, Mode B" : "reflective, Mode A");
        layout_group(&table, stub);
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

/* The methods and levels of the first parameter that has intervals: those of all. */
static size_t interval_kinds(const struct view *view)
{
    const struct pls_table *all = view->intervals;
    const char *term = view_text(all, 0, "term"), *component = view_text(all, 0, "component");
    size_t kinds = 0;

    while (kinds < view_rows(all) && view_is(all, kinds, "term", term) &&
           view_is(all, kinds, "component", component))
        kinds++;
    return kinds;
}

static void all_intervals_row(const struct view *view, struct layout *table, size_t r,
                              const char *kind, size_t kinds)
{
    const struct pls_table *all = view->intervals;
    char label[VIEW_NAME], stub[VIEW_NAME + 16];

    snprintf(stub, sizeof stub, "%s%s", view_label(view, (long)r, label), kind);
    layout_row(table);
    layout_cell(table, PAGE_PLAIN, stub);
    for (size_t i = 0; i < kinds; i++) {
        const long row =
            view_interval(view, (long)r, view_text(all, i, "method"), view_real(all, i, "level"));
        view_interval_cells(view, table, row < 0 ? NAN : view_real(all, (size_t)row, "conf.low"),
                            row < 0 ? NAN : view_real(all, (size_t)row, "conf.high"));
    }
}

/* Every kind and level of interval of paths and effects, where there is more than the one that
 * decides. */
void report_all_intervals(struct view *view)
{
    static const char *const component[] = {"path", "total", "indirect", "specific"};
    static const char *const kind[] = {"", ", total", ", indirect", ""};
    const struct pls_table *p = view->parameters, *all = view->intervals;
    const size_t kinds = interval_kinds(view);
    struct layout table = {.page = &view->page};
    char name[VIEW_NAME], heading[96], number[NUMBER_SIZE];

    if (kinds < 2)
        return;
    layout_column(&table, LAYOUT_LEFT, "");
    for (size_t i = 0; i < kinds; i++) {
        snprintf(heading, sizeof heading, "%.40s %s%%",
                 view_name(view_text(all, i, "method"), name),
                 number_short(100.0 * view_real(all, i, "level"), 6, number));
        view_interval_columns(&table, heading, 0);
    }
    for (size_t k = 0; k < 4; k++)
        for (size_t r = 0; r < view_rows(p); r++)
            if (view_is(p, r, "component", component[k]) && !is_path_again(view, r))
                all_intervals_row(view, &table, r, kind[k], kinds);
    layout_print(&table, "Intervals by method and level");
}

/* What the sentence on the Monte Carlo error names: the largest one and where it is. */
struct worst {
    double value;
    size_t row;
    bool upper;
};

static struct worst worst_end(const struct view *view)
{
    struct worst worst = {.value = -1.0};

    for (size_t r = 0; r < view_rows(view->parameters); r++) {
        const long interval = view_interval(view, (long)r, view->method, view->level);
        const double se = view_real(view->parameters, r, "std.error");
        for (int end = 0; end < 2 && interval >= 0 && se > 0.0; end++) {
            const double mcse =
                view_real(view->intervals, (size_t)interval, end == 0 ? "mcse.low" : "mcse.high");
            if (mcse / se > worst.value)
                worst = (struct worst){mcse / se, r, end == 1};
        }
    }
    return worst;
}

static struct worst worst_p(const struct view *view)
{
    struct worst worst = {.value = -1.0};

    for (size_t r = 0; r < view_rows(view->parameters); r++) {
        const char *component = view_text(view->parameters, r, "component");
        if ((strcmp(component, "path") == 0 || strcmp(component, "total") == 0 ||
             strcmp(component, "indirect") == 0 || strcmp(component, "specific") == 0) &&
            p_error(view, r) > worst.value)
            worst = (struct worst){p_error(view, r), r, false};
    }
    return worst;
}

void report_monte_carlo(struct view *view)
{
    const struct worst end = worst_end(view), p = worst_p(view);
    char line[2 * VIEW_NAME + 256], label[VIEW_NAME], number[NUMBER_SIZE];

    if (end.value < 0.0)
        return;
    const int length = snprintf(
        line, sizeof line,
        "another seed would move an interval end by about %s standard errors at most (%s end of "
        "%s %s)",
        number_short(end.value, 2, number), end.upper ? "upper" : "lower",
        view_text(view->parameters, end.row, "component"), view_label(view, (long)end.row, label));
    if (p.value >= 0.0 && length > 0 && (size_t)length < sizeof line)
        snprintf(line + length, sizeof line - (size_t)length,
                 ", a p of a path or effect by about %s (%s)",
                 number_fixed(p.value, 4, view->smartpls, number),
                 view_label(view, (long)p.row, label));
    page_paragraph(&view->page, PAGE_PLAIN, "Monte Carlo error: ", line);
}

/* "bootstrap 9,950 of 9,999 ok, not converged 48 (0.5%), constant kd3 1 (0.01%)" */
static enum pls_code describe_series(const struct view *view, size_t first, struct pls_text *line,
                                     bool *all_ok)
{
    const struct pls_table *t = view->replicates;
    const char *series = view_text(t, first, "series");
    char count[32], all[32], name[VIEW_NAME], where[VIEW_NAME];
    int64_t total = 0, ok = 0;

    for (size_t r = first; r < view_rows(t); r++) {
        const int64_t here = view_is(t, r, "series", series) ? view_count(t, r, "count") : 0;
        total += here > 0 ? here : 0;
        ok += here > 0 && view_is(t, r, "status", "ok") ? here : 0;
    }
    *all_ok = *all_ok && ok == total;
    enum pls_code code =
        pls_text_printf(line, view->page.err, "%s%s %s of %s ok", line->length > 0 ? "; " : "",
                        view_name(series, name), pls_text_count((uint64_t)ok, count),
                        pls_text_count((uint64_t)total, all));
    for (size_t r = first; r < view_rows(t) && code == PLS_OK; r++) {
        const int64_t here = view_is(t, r, "series", series) ? view_count(t, r, "count") : 0;
        if (here <= 0 || view_is(t, r, "status", "ok"))
            continue;
        view_name(view_text(t, r, "where"), where);
        code = pls_text_printf(
            line, view->page.err, ", %s%s%s %s (%.2g%%)",
            view_name(view_text(t, r, "status"), name), *where != '\0' ? " " : "", where,
            pls_text_count((uint64_t)here, count), 100.0 * (double)here / (double)total);
    }
    return code;
}

void report_replicates(struct view *view)
{
    const struct pls_table *t = view->replicates;
    struct pls_text line = {0};
    bool all_ok = true;

    for (size_t r = 0; r < view_rows(t) && view->page.code == PLS_OK; r++) {
        bool seen = false;
        for (size_t s = 0; s < r; s++)
            seen = seen || view_is(t, s, "series", view_text(t, r, "series"));
        if (!seen)
            view->page.code = describe_series(view, r, &line, &all_ok);
    }
    if (line.data != NULL)
        page_paragraph(&view->page, all_ok ? PAGE_PLAIN : PAGE_OPEN, "Replicates: ", line.data);
    pls_text_free(&line);
}
