/* permuted.c: the pages of the job permute: groups, each comparison in turn, or one sample. */
#include "permuted.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct p_columns permuted_p_value = {"p.value", "p.low", "p.high", "certainty"};

/* ---- comparisons ---- */

/* Tables that have a block a comparison, as they are printed. */
static size_t compared(const struct view *view, const struct pls_table *out[5])
{
    const struct pls_table *all[] = {view->configural, view->micom, view->omnibus, view->mga,
                                     view->mga_bootstrap};
    size_t count = 0;
    for (size_t t = 0; t < sizeof all / sizeof *all; t++)
        if (all[t] != NULL)
            out[count++] = all[t];
    return count;
}

/* The pair "first-second" of the table groups; names may hold hyphens themselves. */
static struct comparison named(const struct view *view, const char *name)
{
    struct comparison c = {.name = name};
    char both[2 * VIEW_NAME];

    for (size_t g = 0; g < view_rows(view->groups); g++)
        for (size_t h = g + 1; h < view_rows(view->groups); h++) {
            const char *first = view_text(view->groups, g, "group");
            const char *second = view_text(view->groups, h, "group");
            snprintf(both, sizeof both, "%.600s-%.600s", first, second);
            if (strcmp(both, name) != 0)
                continue;
            view_name(first, c.first);
            view_name(second, c.second);
            snprintf(c.title, sizeof c.title, "%s – %s", c.first, c.second);
            return c;
        }
    snprintf(c.first, sizeof c.first, "First");
    snprintf(c.second, sizeof c.second, "Second");
    if (strcmp(name, "all") == 0)
        snprintf(c.title, sizeof c.title, "all groups");
    else
        view_name(name, c.title);
    return c;
}

struct block permuted_block(const struct pls_table *table, const struct comparison *comparison)
{
    struct block block = {.table = table, .comparison = comparison};
    bool any = false;

    for (size_t r = 0; r < view_rows(table); r++)
        if (view_is(table, r, "comparison", comparison->name)) {
            block.first = any ? block.first : r;
            block.end = r + 1;
            any = true;
        }
    return block;
}

size_t permuted_next(const struct block *block, size_t row, const char *opt_component)
{
    for (row = row < block->first ? block->first : row; row < block->end; row++)
        if (view_is(block->table, row, "comparison", block->comparison->name) &&
            (opt_component == NULL || view_is(block->table, row, "component", opt_component)))
            break;
    return row;
}

bool permuted_has(const struct block *block, const char *opt_component, const char *column)
{
    for (size_t r = permuted_next(block, 0, opt_component); r < block->end;
         r = permuted_next(block, r + 1, opt_component))
        if (!isnan(view_real(block->table, r, column)))
            return true;
    return false;
}

void permuted_print(struct layout *table, const struct comparison *comparison, const char *lead,
                    const char *what)
{
    char title[3 * VIEW_NAME];
    snprintf(title, sizeof title, "%s, %s%s%s", lead, comparison->title, *what != '\0' ? ": " : "",
             what);
    layout_print(table, title);
}

/* ---- p-values ---- */

bool permuted_undecided(const struct view *view, const struct pls_table *table, size_t row,
                        const struct p_columns *columns)
{
    const char *certainty = view_text(table, row, columns->certainty);
    if (isnan(view_real(table, row, columns->p)))
        return false;
    if (*certainty != '\0')
        return strcmp(certainty, "undecided") == 0;
    return view_real(table, row, columns->low) < view->alpha &&
           view_real(table, row, columns->high) >= view->alpha;
}

const char *permuted_p(const struct view *view, double p, char out[NUMBER_SIZE])
{
    char limit[NUMBER_SIZE];
    const double unit = pow(10.0, -(double)view->digits);

    if (!view->smartpls)
        return number_p(p, view->digits, out);
    if (p < unit / 2.0)
        snprintf(out, NUMBER_SIZE, "< %s", number_fixed(unit, view->digits, true, limit));
    else
        number_fixed(p, view->digits, true, out);
    return out;
}

/* Level of the Monte Carlo intervals of p. */
static const char *level_of_p(const struct view *view, char out[NUMBER_SIZE])
{
    const char *text = view_setting(view, "p.interval");
    double level;
    if (!pls_text_number(text, strlen(text), '.', &level))
        level = 0.99;
    return number_short(100.0 * level, 6, out);
}

void permuted_p_head(const struct view *view, struct layout *table, const char *heading,
                     bool interval)
{
    char level[NUMBER_SIZE], text[NUMBER_SIZE + 32];

    layout_column(table, LAYOUT_RIGHT, heading);
    layout_column(table, LAYOUT_LEFT | LAYOUT_JOINED, "");
    snprintf(text, sizeof text, "%s%% CI of p", level_of_p(view, level));
    if (interval && !view->exact)
        view_interval_columns(table, text, 0);
}

/* The interval of a p that is smaller than the last digit has only its upper end. */
static void interval_of_p(const struct view *view, struct layout *table, double low, double high)
{
    char number[NUMBER_SIZE];

    if (!(high < pow(10.0, -(double)view->digits))) {
        view_interval_cells(view, table, low, high);
        return;
    }
    layout_cell(table, PAGE_PLAIN, "");
    layout_cell(table, PAGE_PLAIN, permuted_p(view, high, number));
}

void permuted_p_cells(const struct view *view, struct layout *table, const struct pls_table *source,
                      size_t row, const struct p_columns *columns, bool interval, const char *label)
{
    const double p = view_real(source, row, columns->p);
    const bool open = permuted_undecided(view, source, row, columns);
    const char *why = view_text(source, row, "note");
    const enum page_style style = p < view->alpha ? PAGE_GOOD : PAGE_PLAIN;
    char number[NUMBER_SIZE], mark[16], note[VIEW_NAME], line[VIEW_NAME + 64];

    view_cell(table, style, permuted_p(view, p, number), source, row, label);
    snprintf(mark, sizeof mark, "%s%s", view_stars(view, p), open ? "?" : "");
    layout_cell(table, open ? PAGE_OPEN : style, mark);
    if (interval && !view->exact)
        interval_of_p(view, table, view_real(source, row, columns->low),
                      view_real(source, row, columns->high));
    if (!open)
        return;
    if (*why == '\0')
        why = "the Monte Carlo error of p leaves it undecided; more permutations decide it";
    pls_text_printable(why, strlen(why), VIEW_NAME / 4, note, sizeof note);
    snprintf(line, sizeof line, "? %s", note);
    layout_note(table, line, label);
}

void permuted_other_p(const struct view *view, struct layout *table, const struct pls_table *source,
                      size_t row, const char *column)
{
    const double p = view_real(source, row, column);
    char number[NUMBER_SIZE];
    layout_cell(table,
                isnan(p)          ? PAGE_DIM
                : p < view->alpha ? PAGE_GOOD
                                  : PAGE_PLAIN,
                permuted_p(view, p, number));
}

void permuted_legend(const struct view *view, struct layout *table, const char *sides,
                     bool interval)
{
    char line[2 * VIEW_NAME], stars[VIEW_NAME], level[NUMBER_SIZE], beside[128] = "";

    if (interval && !view->exact)
        snprintf(beside, sizeof beside,
                 "; beside it its %s%% Monte Carlo interval (Clopper-Pearson)",
                 level_of_p(view, level));
    snprintf(line, sizeof line, "%s%sp: %s, %s%s.",
             view->smartpls ? "" : view_star_legend(view, stars), view->smartpls ? "" : "; ", sides,
             view->exact ? "over all assignments: exact, without Monte Carlo error"
                         : "(b + 1)/(B + 1)",
             beside);
    layout_note(table, line, NULL);
}

/* ---- what permutation does to the statistic ---- */

void permuted_range_head(const struct view *view, struct layout *table, unsigned flags)
{
    if (view->smartpls) {
        layout_column(table, LAYOUT_RIGHT | flags, "2.5%");
        layout_column(table, LAYOUT_RIGHT | flags, "97.5%");
    } else {
        view_interval_columns(table, "95% perm.", flags);
    }
}

void permuted_range_cells(const struct view *view, struct layout *table, double low, double high)
{
    char number[NUMBER_SIZE];

    if (!view->smartpls) {
        view_interval_cells(view, table, low, high);
        return;
    }
    layout_cell(table, PAGE_PLAIN, view_coefficient(view, low, number));
    layout_cell(table, PAGE_PLAIN, view_coefficient(view, high, number));
}

const char *permuted_adjusted(const struct view *view)
{
    static const char *const name[][2] = {{"maxt", "p (maxT)"},
                                          {"holm", "p (Holm)"},
                                          {"bonferroni", "p (Bonferroni)"},
                                          {"bh", "p (BH)"}};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (strcmp(view_setting(view, "adjust"), name[i][0]) == 0)
            return name[i][1];
    return "p (adjusted)";
}

/* ---- the page ---- */

static void count_cell(struct layout *table, int64_t count)
{
    char number[32];
    layout_cell(table, count < 0 ? PAGE_DIM : PAGE_PLAIN,
                count < 0 ? "–" : pls_text_count((uint64_t)count, number));
}

static bool any_count(const struct pls_table *table, const char *column)
{
    for (size_t r = 0; r < view_rows(table); r++)
        if (view_count(table, r, column) >= 0)
            return true;
    return false;
}

static void groups(struct view *view)
{
    static const char *const column[][2] = {{"n", "n"},
                                            {"minimum", "Minimum"},
                                            {"failed", "Failed permutations"},
                                            {"failed.bootstrap", "Failed bootstraps"}};
    struct layout table = {.page = &view->page};
    char name[VIEW_NAME], note[VIEW_NAME], line[VIEW_NAME + 96], count[32];
    const char *ungrouped = view_setting(view, "ungrouped");
    uint64_t outside;

    layout_column(&table, LAYOUT_LEFT, "");
    for (size_t c = 0; c < 4; c++)
        if (any_count(view->groups, column[c][0]))
            layout_column(&table, LAYOUT_RIGHT, column[c][1]);
    for (size_t g = 0; g < view_rows(view->groups); g++) {
        const char *why = view_text(view->groups, g, "note");
        view_name(view_text(view->groups, g, "group"), name);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, name);
        for (size_t c = 0; c < 4; c++)
            if (any_count(view->groups, column[c][0]))
                count_cell(&table, view_count(view->groups, g, column[c][0]));
        pls_text_printable(why, strlen(why), VIEW_NAME / 4, note, sizeof note);
        if (*why != '\0')
            layout_note(&table, note, name);
    }
    if (pls_text_unsigned(ungrouped, strlen(ungrouped), &outside) && outside > 0) {
        snprintf(line, sizeof line, "In no group, and left out: %s rows.",
                 pls_text_count(outside, count));
        layout_note(&table, line, NULL);
    }
    snprintf(line, sizeof line, "Groups by %s",
             *view_setting(view, "group") != '\0' ? view_name(view_setting(view, "group"), name)
                                                  : "level");
    layout_print(&table, line);
}

static void one_comparison(struct view *view, const char *name)
{
    const struct comparison comparison = named(view, name);
    permuted_invariance(view, &comparison);
    permuted_differences(view, &comparison);
    permuted_omnibus(view, &comparison);
}

static bool seen(const struct pls_table *const table[5], size_t t, size_t row, const char *name)
{
    for (size_t s = 0; s <= t; s++)
        for (size_t r = 0; r < (s < t ? view_rows(table[s]) : row); r++)
            if (view_is(table[s], r, "comparison", name))
                return true;
    return false;
}

void report_permuted(struct view *view)
{
    const struct pls_table *table[5] = {NULL};
    const size_t tables = compared(view, table);

    groups(view);
    for (size_t t = 0; t < tables; t++)
        for (size_t r = 0; r < view_rows(table[t]); r++) {
            const char *name = view_text(table[t], r, "comparison");
            if (r > 0 && view_is(table[t], r - 1, "comparison", name))
                continue; /* rows of a comparison stand together */
            if (!seen(table, t, r, name))
                one_comparison(view, name);
        }
    permuted_within(view);
    report_replicates(view);
    page_paragraph(&view->page, PAGE_PLAIN, "",
                   "Every number of every parameter: plstrap report with --csv.");
}
