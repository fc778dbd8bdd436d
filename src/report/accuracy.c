/* accuracy.c: how sure the numbers are: every kind of interval, Monte Carlo error, replicates. */
#include "view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- intervals by method and level ---- */

/* Levels (rows) and methods (columns) as the first parameter has them, and so all. */
struct kinds {
    double level[PLS_MAX_LEVELS];
    size_t levels;
    char method[PLS_METHODS][32];
    size_t methods;
};

static struct kinds interval_kinds(const struct view *view)
{
    const struct pls_table *all = view->intervals;
    const char *term = view_text(all, 0, "term"), *component = view_text(all, 0, "component");
    struct kinds kinds = {0};

    for (size_t r = 0; r < view_rows(all) && view_is(all, r, "term", term) &&
                       view_is(all, r, "component", component);
         r++) {
        const double level = view_real(all, r, "level");
        size_t l = 0, m = 0;
        while (l < kinds.levels && fabs(kinds.level[l] - level) > 1e-9)
            l++;
        while (m < kinds.methods && !view_is(all, r, "method", kinds.method[m]))
            m++;
        if (l == kinds.levels && l < PLS_MAX_LEVELS)
            kinds.level[kinds.levels++] = level;
        if (m == kinds.methods && m < PLS_METHODS)
            snprintf(kinds.method[kinds.methods++], sizeof kinds.method[0], "%.31s",
                     view_text(all, r, "method"));
    }
    return kinds;
}

static void interval_row(const struct view *view, struct layout *table, size_t r, const char *stub,
                         const struct kinds *kinds, double level)
{
    const struct pls_table *all = view->intervals;

    layout_row(table);
    layout_cell(table, PAGE_PLAIN, stub);
    for (size_t m = 0; m < kinds->methods; m++) {
        const long row = view_interval(view, (long)r, kinds->method[m], level);
        view_interval_cells(view, table, row < 0 ? NAN : view_real(all, (size_t)row, "conf.low"),
                            row < 0 ? NAN : view_real(all, (size_t)row, "conf.high"));
    }
}

/* One effect: a line, or a group with a line a level. */
static void interval_rows(const struct view *view, struct layout *table, size_t r, const char *kind,
                          const struct kinds *kinds)
{
    char label[VIEW_NAME], stub[VIEW_NAME + 16], number[NUMBER_SIZE];

    snprintf(stub, sizeof stub, "%s%s", view_label(view, (long)r, label), kind);
    if (kinds->levels == 1) {
        interval_row(view, table, r, stub, kinds, kinds->level[0]);
        return;
    }
    layout_group(table, stub);
    for (size_t l = 0; l < kinds->levels; l++) {
        snprintf(stub, sizeof stub, "  %s%%", number_short(100.0 * kinds->level[l], 6, number));
        interval_row(view, table, r, stub, kinds, kinds->level[l]);
    }
}

/* Every kind and level of interval of paths and effects, where there is more than the one that
 * decides. */
void report_all_intervals(struct view *view)
{
    static const char *const component[] = {"path", "total", "indirect", "specific"};
    static const char *const kind[] = {"", ", total", ", indirect", ""};
    const struct pls_table *p = view->parameters;
    const struct kinds kinds = interval_kinds(view);
    struct layout table = {.page = &view->page, .balanced = true};
    char name[VIEW_NAME], heading[96], number[NUMBER_SIZE];

    if (kinds.levels * kinds.methods < 2)
        return;
    layout_column(&table, LAYOUT_LEFT, "");
    for (size_t m = 0; m < kinds.methods; m++) {
        view_name(view_method(kinds.method[m]), name);
        if (kinds.levels == 1)
            snprintf(heading, sizeof heading, "%.40s %s%%", name,
                     number_short(100.0 * kinds.level[0], 6, number));
        else
            snprintf(heading, sizeof heading, "%.40s", name);
        view_interval_columns(&table, heading, 0);
    }
    for (size_t k = 0; k < 4; k++)
        for (size_t r = 0; r < view_rows(p); r++)
            if (view_is(p, r, "component", component[k]) && !report_is_path_again(view, r))
                interval_rows(view, &table, r, kind[k], &kinds);
    layout_print(&table, "Intervals by method and level");
}

/* ---- Monte Carlo error ---- */

/* The largest Monte Carlo error of an interval's end, in standard errors, and where it is. */
struct worst_end {
    double value;
    size_t row;
    bool upper;
};

static struct worst_end worst_end(const struct view *view)
{
    struct worst_end worst = {.value = -1.0};

    for (size_t r = 0; r < view_rows(view->parameters); r++) {
        const long interval = view_interval(view, (long)r, view->method, view->level);
        const double se = view_real(view->parameters, r, "std.error");
        for (int end = 0; end < 2 && interval >= 0 && se > 0.0; end++) {
            const double mcse =
                view_real(view->intervals, (size_t)interval, end == 0 ? "mcse.low" : "mcse.high");
            if (mcse / se > worst.value)
                worst = (struct worst_end){mcse / se, r, end == 1};
        }
    }
    return worst;
}

static double worst_p(const struct view *view)
{
    double worst = -1.0;

    for (size_t r = 0; r < view_rows(view->parameters); r++) {
        const char *component = view_text(view->parameters, r, "component");
        if ((strcmp(component, "path") == 0 || strcmp(component, "total") == 0 ||
             strcmp(component, "indirect") == 0 || strcmp(component, "specific") == 0) &&
            report_p_error(view, r) > worst)
            worst = report_p_error(view, r);
    }
    return worst;
}

static void monte_carlo_line(struct view *view, const struct worst_end *end, enum page_style style,
                             const char *lead)
{
    const bool given = strcmp(view_setting(view, "draws"), "given") == 0;
    const double percent = 100.0 * end->value, p = worst_p(view);
    char line[VIEW_NAME + 512], label[VIEW_NAME], number[NUMBER_SIZE], error[NUMBER_SIZE] = "";
    char of_p[NUMBER_SIZE + 64] = "";

    if (p >= 0.0 && p < 1e-4) /* never .0000 */
        snprintf(error, sizeof error, "< %s", number_fixed(1e-4, 4, view->smartpls, number));
    else if (p >= 0.0)
        snprintf(error, sizeof error, "about %s", number_fixed(p, 4, view->smartpls, number));
    if (p >= 0.0)
        snprintf(of_p, sizeof of_p, ", the p of a path or effect by %s", error);
    snprintf(line, sizeof line,
             "with %s, interval ends would differ by about %s %% of their standard error at most "
             "(%s end of %s %.400s)%s; more replicates make %s smaller.",
             given ? "other resamples" : "another seed",
             number_short(percent, percent < 10.0 ? 1 : 2, number), end->upper ? "upper" : "lower",
             view_text(view->parameters, end->row, "component"),
             view_label(view, (long)end->row, label), of_p, p >= 0.0 ? "both" : "this");
    page_paragraph(&view->page, style, lead, line);
}

/* From this share of a standard error the ends say little. */
static const double end_too_rough = 0.25;

bool report_warn_of_monte_carlo(struct view *view)
{
    const struct worst_end end = worst_end(view);

    if (!(end.value > end_too_rough))
        return false;
    monte_carlo_line(view, &end, PAGE_OPEN, "Warning: too few replicates: ");
    return true;
}

void report_monte_carlo(struct view *view)
{
    const struct worst_end end = worst_end(view);

    if (end.value >= 0.0 && end.value <= end_too_rough)
        monte_carlo_line(view, &end, PAGE_PLAIN, "Monte Carlo error: ");
}

/* ---- replicates ---- */

static bool rests_on_ranks(const struct view *view)
{
    const char *quantile = view_setting(view, "quantile"), *at = view_setting(view, "intervals");

    if (strcmp(quantile, "6") != 0 && strcmp(quantile, "normal") != 0)
        return false;
    for (; *at != '\0'; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        if (length != strlen("normal") || strncmp(at, "normal", length) != 0)
            return true;
        at += length;
    }
    return false;
}

/* The highest level that the study lists, or NaN. */
static double highest_level(const struct view *view)
{
    double highest = NAN, level;

    for (const char *at = view_setting(view, "levels"); *at != '\0'; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        if (pls_text_number(at, length, '.', &level) && !(level <= highest))
            highest = level;
        at += length;
    }
    return highest;
}

/* Ranks of type 6: (B + 1)(1 - level) / 2 is 1 at the least. */
bool report_warn_of_few(struct view *view)
{
    const double level = highest_level(view);
    const double least = ceil(2.0 / (1.0 - level) - 1.0 - 1e-6);
    char line[256], number[NUMBER_SIZE], used[32], needed[32];
    int64_t most = -1;

    for (size_t r = 0; r < view_rows(view->parameters); r++) {
        const int64_t here = view_count(view->parameters, r, "n.ok");
        most = here > most ? here : most;
    }
    if (most < 0 || !rests_on_ranks(view) || !(least < 1e9) || !((double)most < least))
        return false;
    view->too_few = true;
    snprintf(line, sizeof line,
             "%s replicates are too few for a %s%% interval (%s at least; 9,999 are usual)",
             pls_text_count((uint64_t)most, used), number_short(100.0 * level, 6, number),
             pls_text_count((uint64_t)least, needed));
    page_paragraph(&view->page, PAGE_OPEN, "Warning: ", line);
    return true;
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
