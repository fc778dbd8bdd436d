/* multigroup.c: what differs between groups: each parameter, and the models as wholes. */
#include "permuted.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Components in the order of the page; paths have a table of their own. */
static const struct {
    const char *component, *heading, *smartpls;
} kinds[] = {
    {"path", "Paths", "Path coefficients"},
    {"total", "Total effects", "Total effects"},
    {"indirect", "Total indirect effects", "Total indirect effects"},
    {"specific", "Specific indirect effects", "Specific indirect effects"},
    {"loading", "Loadings", "Outer loadings"},
    {"weight", "Weights", "Outer weights"},
    {"r2", "R²", "R-square"},
};
enum { KINDS = sizeof kinds / sizeof *kinds, EFFECTS = 4 };

/* A total effect without an indirect part is the path, which has its row already. */
static bool is_path_again(const struct block *block, size_t row)
{
    if (!view_is(block->table, row, "component", "total"))
        return false;
    const char *term = view_text(block->table, row, "term");
    for (size_t r = permuted_next(block, 0, "indirect"); r < block->end;
         r = permuted_next(block, r + 1, "indirect"))
        if (view_is(block->table, r, "term", term))
            return false;
    return true;
}

/* ---- permutation tests of differences ---- */

/* Which columns this comparison has. */
struct shape {
    bool paths; /* everything; else the compact form */
    bool adjusted, holm, within, studentised, sides, range;
};

/* Of the kinds first … last-1. */
static struct shape shape_of(const struct view *view, const struct block *block, size_t first,
                             size_t last, bool paths)
{
    const bool is_holm = strcmp(view_setting(view, "adjust"), "holm") == 0;
    struct shape shape = {.paths = paths};

    for (size_t k = first; k < last; k++) {
        const char *kind = kinds[k].component;
        shape.adjusted = shape.adjusted || permuted_has(block, kind, "p.adjusted");
        shape.holm = shape.holm || (!is_holm && permuted_has(block, kind, "p.holm"));
        shape.within = shape.within || permuted_has(block, kind, "p.within");
        shape.studentised = shape.studentised || permuted_has(block, kind, "p.studentised");
        shape.sides = shape.sides || (paths && permuted_has(block, kind, "p.greater"));
        shape.range = shape.range || permuted_has(block, kind, "perm.low");
    }
    return shape;
}

static void group_head(const struct view *view, struct layout *table, const char *group)
{
    char heading[VIEW_NAME + 16];
    snprintf(heading, sizeof heading, view->smartpls ? "Original (%s)" : "%s", group);
    layout_column(table, LAYOUT_RIGHT, heading);
}

static void difference_head(const struct view *view, struct layout *table,
                            const struct shape *shape, const struct comparison *comparison)
{
    const unsigned optional = LAYOUT_OPTIONAL, side = LAYOUT_OPTIONAL | LAYOUT_TOGETHER;

    layout_column(table, LAYOUT_LEFT, "");
    group_head(view, table, comparison->first);
    group_head(view, table, comparison->second);
    layout_column(table, LAYOUT_RIGHT, view_title(view, "Diff.", "Original difference"));
    if (shape->range)
        permuted_range_head(view, table, view->smartpls ? 0 : optional);
    permuted_p_head(view, table, view_title(view, "p", "Permutation p value"), shape->paths);
    if (shape->sides) {
        layout_column(table, LAYOUT_RIGHT | side, "p(>0)");
        layout_column(table, LAYOUT_RIGHT | side, "p(<0)");
    }
    if (shape->adjusted)
        layout_column(table, LAYOUT_RIGHT, permuted_adjusted(view));
    if (shape->holm)
        layout_column(table, LAYOUT_RIGHT | optional, "p (Holm)");
    if (shape->within)
        layout_column(table, LAYOUT_RIGHT, "p (within)");
    if (shape->studentised)
        layout_column(table, LAYOUT_RIGHT, "p (stud.)");
}

static void difference_cells(const struct view *view, struct layout *table,
                             const struct shape *shape, const struct pls_table *source, size_t row,
                             const char *label)
{
    static const char *const value[] = {"first", "second", "difference"};
    char number[NUMBER_SIZE];

    for (size_t i = 0; i < 3; i++)
        view_cell(table, PAGE_PLAIN,
                  view_coefficient(view, view_real(source, row, value[i]), number), source, row,
                  label);
    if (shape->range)
        permuted_range_cells(view, table, view_real(source, row, "perm.low"),
                             view_real(source, row, "perm.high"));
    permuted_p_cells(view, table, source, row, &permuted_p_value, shape->paths, label);
    if (shape->sides) {
        permuted_other_p(view, table, source, row, "p.greater");
        permuted_other_p(view, table, source, row, "p.less");
    }
    if (shape->adjusted)
        permuted_other_p(view, table, source, row, "p.adjusted");
    if (shape->holm)
        permuted_other_p(view, table, source, row, "p.holm");
    if (shape->within)
        permuted_other_p(view, table, source, row, "p.within");
    if (shape->studentised)
        permuted_other_p(view, table, source, row, "p.studentised");
}

/* Failed permutations may have been of either kind. */
static void failure_note(const struct view *view, struct layout *table,
                         const struct pls_table *source, size_t row, const char *label)
{
    const double low = view_real(source, row, "p.fail.low");
    const double high = view_real(source, row, "p.fail.high");
    char line[VIEW_NAME + 3 * NUMBER_SIZE], ends[2][NUMBER_SIZE];

    if (view_count(source, row, "failed") <= 0 || !((low < view->alpha) != (high < view->alpha)))
        return;
    snprintf(line, sizeof line, "%.400s (%s to %s)", label,
             number_fixed(low, view->digits, view->smartpls, ends[0]),
             number_fixed(high, view->digits, view->smartpls, ends[1]));
    layout_note(table, "! the permutations that failed could move p to the other side of alpha",
                line);
}

static void difference_rows(const struct view *view, struct layout *table,
                            const struct block *block, const struct shape *shape, size_t kind)
{
    char label[VIEW_NAME], stub[VIEW_NAME + 2];
    bool first = true;

    for (size_t r = permuted_next(block, 0, kinds[kind].component); r < block->end;
         r = permuted_next(block, r + 1, kinds[kind].component)) {
        if (is_path_again(block, r))
            continue;
        if (first && !shape->paths)
            layout_group(table, kinds[kind].heading);
        first = false;
        view_term(view, view_text(block->table, r, "term"), label);
        snprintf(stub, sizeof stub, "%s%s", shape->paths ? "" : "  ", label);
        layout_row(table);
        layout_cell(table, PAGE_PLAIN, stub);
        difference_cells(view, table, shape, block->table, r, label);
        failure_note(view, table, block->table, r, label);
    }
}

static void variant_notes(const struct view *view, struct layout *table, const struct shape *shape)
{
    if (shape->adjusted && strcmp(view_setting(view, "adjust"), "maxt") == 0)
        layout_note(table,
                    "maxT: adjusted for testing all paths (Westfall & Young 1993, step-down), of "
                    "several pairs also times their number.",
                    NULL);
    if (shape->within)
        layout_note(table,
                    "within: rows standardised within their group before they are permuted, which "
                    "takes means and variances out of the hypothesis (asymptotic).",
                    NULL);
    if (shape->studentised)
        layout_note(
            table,
            "stud.: studentised difference, for the hypothesis that this parameter alone is "
            "equal (Chung & Romano 2013; asymptotic).",
            NULL);
}

static void smartpls_differences(struct view *view, const struct block *block)
{
    for (size_t k = 0; k < KINDS; k++) {
        const struct shape shape = shape_of(view, block, k, k + 1, true);
        struct layout table = {.page = &view->page, .balanced = true};
        difference_head(view, &table, &shape, block->comparison);
        difference_rows(view, &table, block, &shape, k);
        permuted_legend(view, &table, "two-sided", true);
        if (k == 0)
            variant_notes(view, &table, &shape);
        permuted_print(&table, block->comparison, kinds[k].smartpls, "");
    }
}

static void plain_differences(struct view *view, const struct block *block)
{
    const struct shape full = shape_of(view, block, 0, 1, true);
    const struct shape compact = shape_of(view, block, 1, KINDS, false);
    struct layout paths = {.page = &view->page}, others = {.page = &view->page};

    difference_head(view, &paths, &full, block->comparison);
    difference_rows(view, &paths, block, &full, 0);
    permuted_legend(view, &paths, "two-sided", true);
    variant_notes(view, &paths, &full);
    permuted_print(&paths, block->comparison, "Multigroup analysis", "paths");

    difference_head(view, &others, &compact, block->comparison);
    for (size_t k = 1; k < KINDS; k++)
        difference_rows(view, &others, block, &compact, k);
    permuted_print(&others, block->comparison, "Multigroup analysis", "other parameters");
}

/* ---- tests from a bootstrap within each group ---- */

static void bootstrap_head(const struct view *view, struct layout *table,
                           const struct comparison *comparison)
{
    char heading[VIEW_NAME + 8];

    layout_column(table, LAYOUT_LEFT, "");
    layout_column(table, LAYOUT_RIGHT, view_title(view, "Diff.", "Difference"));
    snprintf(heading, sizeof heading, "SE (%s)", comparison->first);
    layout_column(table, LAYOUT_RIGHT | LAYOUT_OPTIONAL, heading);
    snprintf(heading, sizeof heading, "SE (%s)", comparison->second);
    layout_column(table, LAYOUT_RIGHT | LAYOUT_OPTIONAL, heading);
    view_interval_columns(table, view->interval, 0);
    if (view->smartpls)
        layout_column(table, LAYOUT_RIGHT, "1-tailed p value");
    layout_column(table, LAYOUT_RIGHT, view_title(view, "p (Henseler)", "2-tailed p value"));
    layout_column(table, LAYOUT_RIGHT, "t (Welch)");
    layout_column(table, LAYOUT_RIGHT, "df");
    layout_column(table, LAYOUT_RIGHT,
                  view_title(view, "p (Welch)", "p value (Welch-Satterthwaite)"));
    layout_column(table, LAYOUT_RIGHT, view_title(view, "p (Keil)", "p value (parametric)"));
    layout_column(table, LAYOUT_RIGHT | LAYOUT_OPTIONAL, "p (Nitzl)");
}

static void bootstrap_cells(const struct view *view, struct layout *table,
                            const struct pls_table *source, size_t row, const char *label)
{
    static const char *const value[] = {"difference", "se.first", "se.second"};
    const double t = view_real(source, row, "t.welch");
    char number[NUMBER_SIZE];

    for (size_t i = 0; i < 3; i++)
        view_cell(table, PAGE_PLAIN,
                  view_coefficient(view, view_real(source, row, value[i]), number), source, row,
                  label);
    view_interval_cells(view, table, view_real(source, row, "conf.low"),
                        view_real(source, row, "conf.high"));
    if (view->smartpls)
        permuted_other_p(view, table, source, row, "p.henseler");
    permuted_other_p(view, table, source, row, "p.henseler.two");
    view_cell(table, PAGE_PLAIN, number_fixed(view->smartpls ? fabs(t) : t, 2, true, number),
              source, row, label);
    layout_cell(table, PAGE_PLAIN,
                number_fixed(view_real(source, row, "df.welch"), 1, true, number));
    permuted_other_p(view, table, source, row, "p.welch");
    permuted_other_p(view, table, source, row, "p.keil");
    permuted_other_p(view, table, source, row, "p.nitzl");
}

static void bootstrap_rows(const struct view *view, struct layout *table, const struct block *block,
                           size_t kind)
{
    char label[VIEW_NAME], stub[VIEW_NAME + 2];
    bool first = true;

    for (size_t r = permuted_next(block, 0, kinds[kind].component); r < block->end;
         r = permuted_next(block, r + 1, kinds[kind].component)) {
        if (is_path_again(block, r))
            continue;
        if (first && kind > 0)
            layout_group(table, kinds[kind].heading);
        first = false;
        view_term(view, view_text(block->table, r, "term"), label);
        snprintf(stub, sizeof stub, "%s%s", kind > 0 ? "  " : "", label);
        layout_row(table);
        layout_cell(table, PAGE_PLAIN, stub);
        bootstrap_cells(view, table, block->table, r, label);
    }
}

static void bootstrap_tests(struct view *view, const struct comparison *comparison)
{
    const struct block block = permuted_block(view->mga_bootstrap, comparison);
    struct layout table = {.page = &view->page};

    bootstrap_head(view, &table, comparison);
    for (size_t k = 0; k < EFFECTS; k++)
        bootstrap_rows(view, &table, &block, k);
    layout_note(&table,
                "Henseler: share of pairs of bootstrap values in which the order of the groups is "
                "reversed, two-sided; it does not mean what a permutation p means.",
                NULL);
    layout_note(&table,
                "Welch, Keil: t tests with the groups' bootstrap standard errors; approximate.",
                NULL);
    permuted_print(&table, comparison, "Multigroup analysis", "tests from the bootstrap");
}

void permuted_differences(struct view *view, const struct comparison *comparison)
{
    const struct block block = permuted_block(view->mga, comparison);

    if (view->smartpls)
        smartpls_differences(view, &block);
    else
        plain_differences(view, &block);
    bootstrap_tests(view, comparison);
}

/* ---- omnibus ---- */

static void omnibus_head(const struct view *view, struct layout *table, bool adjusted)
{
    layout_column(table, LAYOUT_LEFT, "");
    layout_column(table, LAYOUT_RIGHT, "Value");
    layout_column(table, LAYOUT_RIGHT, "95% quantile");
    permuted_p_head(view, table, view_title(view, "p", "Permutation p value"), true);
    if (adjusted)
        layout_column(table, LAYOUT_RIGHT,
                      strcmp(view_setting(view, "adjust"), "maxt") == 0 ? "p (Holm)"
                                                                        : permuted_adjusted(view));
}

static void omnibus_row(const struct view *view, struct layout *table, const struct block *block,
                        size_t row, const char *indent, const char *name, bool adjusted)
{
    const struct pls_table *t = block->table;
    const char *variant = view_text(t, row, "variant");
    char label[2 * VIEW_NAME], stub[2 * VIEW_NAME + 4], clean[VIEW_NAME], number[NUMBER_SIZE];

    snprintf(label, sizeof label, "%.500s%s%s", name,
             *variant != '\0' && strcmp(variant, "raw") != 0 ? ", " : "",
             strcmp(variant, "raw") != 0 ? view_name(variant, clean) : "");
    snprintf(stub, sizeof stub, "%s%s", indent, label);
    layout_row(table);
    layout_cell(table, PAGE_PLAIN, stub);
    view_cell(table, PAGE_PLAIN, view_statistic(view, view_real(t, row, "value"), number), t, row,
              label);
    view_cell(table, PAGE_PLAIN, view_statistic(view, view_real(t, row, "quantile"), number), t,
              row, label);
    permuted_p_cells(view, table, t, row, &permuted_p_value, true, label);
    if (adjusted)
        permuted_other_p(view, table, t, row, "p.adjusted");
}

static void distances(struct view *view, const struct block *block)
{
    const bool adjusted = permuted_has(block, NULL, "p.adjusted");
    struct layout table = {.page = &view->page};

    omnibus_head(view, &table, adjusted);
    for (size_t r = permuted_next(block, 0, NULL); r < block->end;
         r = permuted_next(block, r + 1, NULL)) {
        if (view_is(block->table, r, "statistic", "d_l"))
            omnibus_row(view, &table, block, r, "", "d_L, squared Euclidean", adjusted);
        else if (view_is(block->table, r, "statistic", "d_g"))
            omnibus_row(view, &table, block, r, "", "d_G, geodesic", adjusted);
    }
    layout_note(
        &table,
        "Distances between the groups' model-implied correlation matrices of the indicators "
        "(Klesel et al. 2019); d_G with the natural logarithm.",
        NULL);
    permuted_legend(view, &table, "upper-tailed", true);
    permuted_print(&table, block->comparison, "Omnibus tests", "whole models");
}

static void by_parameter(struct view *view, const struct block *block)
{
    const bool adjusted = permuted_has(block, NULL, "p.adjusted");
    struct layout table = {.page = &view->page};
    char label[VIEW_NAME];

    omnibus_head(view, &table, adjusted);
    for (size_t k = 0; k < KINDS; k++) {
        bool first = true;
        for (size_t r = permuted_next(block, 0, kinds[k].component); r < block->end;
             r = permuted_next(block, r + 1, kinds[k].component)) {
            if (!view_is(block->table, r, "statistic", "omnibus_q") || is_path_again(block, r))
                continue;
            if (first)
                layout_group(&table, kinds[k].heading);
            first = false;
            view_term(view, view_text(block->table, r, "term"), label);
            omnibus_row(view, &table, block, r, "  ", label, adjusted);
        }
    }
    layout_note(&table,
                "Q: squared deviations of the groups' estimates from their mean, weighted by n.",
                NULL);
    permuted_legend(view, &table, "upper-tailed", true);
    permuted_print(&table, block->comparison, "Omnibus tests", "each parameter (Q)");
}

void permuted_omnibus(struct view *view, const struct comparison *comparison)
{
    const struct block block = permuted_block(view->omnibus, comparison);
    distances(view, &block);
    by_parameter(view, &block);
}
