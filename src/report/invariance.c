/* invariance.c: MICOM's three steps (Henseler, Ringle & Sarstedt 2016) as its papers print them. */
#include "permuted.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct p_columns p_c = {"p.c", "p.c.low", "p.c.high", "p.c.certainty"};
static const struct p_columns p_mean = {"p.mean", "p.mean.low", "p.mean.high", ""};
static const struct p_columns p_variance = {"p.variance", "p.variance.low", "p.variance.high", ""};

/* A short note stands in its row, a long one under the table. */
static void check_note(struct layout *table, const char *why, const char *check)
{
    enum { SHORT = 36 };
    char note[VIEW_NAME];
    pls_text_printable(why, strlen(why), VIEW_NAME / 4, note, sizeof note);
    const bool fits = page_width(note, strlen(note)) <= SHORT;
    layout_cell(table, PAGE_DIM, fits ? note : "see below");
    if (!fits)
        layout_note(table, note, check);
}

static void configural(struct view *view, const struct comparison *comparison)
{
    const struct block block = permuted_block(view->configural, comparison);
    struct layout table = {.page = &view->page};
    char check[VIEW_NAME], result[VIEW_NAME];

    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_LEFT, "Result");
    layout_column(&table, LAYOUT_LEFT, "Why");
    for (size_t r = permuted_next(&block, 0, NULL); r < block.end;
         r = permuted_next(&block, r + 1, NULL)) {
        view_name(view_text(block.table, r, "check"), check);
        view_name(view_text(block.table, r, "result"), result);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, check);
        layout_cell(&table,
                    strcmp(result, "ok") == 0        ? PAGE_GOOD
                    : strcmp(result, "differs") == 0 ? PAGE_BAD
                                                     : PAGE_OPEN,
                    result);
        check_note(&table, view_text(block.table, r, "note"), check);
    }
    permuted_print(&table, comparison, "MICOM step 1", "configural invariance");
}

/* What a construct's verdict says of a step: "yes", "no", or why not. */
static const char *composition(const struct pls_table *table, size_t row)
{
    if (view_is(table, row, "invariance", "none"))
        return "no";
    return view_is(table, row, "invariance", "partial") || view_is(table, row, "invariance", "full")
               ? "yes"
               : "not tested";
}

static void compositional(struct view *view, const struct block *block)
{
    const bool adjusted = permuted_has(block, NULL, "p.c.adjusted");
    struct layout table = {.page = &view->page};
    char name[VIEW_NAME], number[NUMBER_SIZE];

    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_RIGHT, view_title(view, "c", "Original correlation"));
    layout_column(&table, LAYOUT_RIGHT, view_title(view, "5% quantile", "5.0%"));
    permuted_p_head(view, &table, view_title(view, "p", "Permutation p value"), true);
    if (adjusted)
        layout_column(&table, LAYOUT_RIGHT, "p (Holm)");
    layout_column(&table, LAYOUT_LEFT, "Invariant");
    for (size_t r = permuted_next(block, 0, NULL); r < block->end;
         r = permuted_next(block, r + 1, NULL)) {
        const char *verdict = composition(block->table, r);
        view_name(view_text(block->table, r, "construct"), name);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, name);
        /* c lies so near 1 that three digits say little. */
        number_fixed(view_real(block->table, r, "c"), view->digits + 1, view->smartpls, number);
        view_cell(&table, PAGE_PLAIN, number, block->table, r, name);
        number_fixed(view_real(block->table, r, "c.quantile"), view->digits + 1, view->smartpls,
                     number);
        view_cell(&table, PAGE_PLAIN, number, block->table, r, name);
        permuted_p_cells(view, &table, block->table, r, &p_c, true, name);
        if (adjusted)
            permuted_other_p(view, &table, block->table, r, "p.c.adjusted");
        layout_cell(&table,
                    *verdict == 'y'              ? PAGE_GOOD
                    : strcmp(verdict, "no") == 0 ? PAGE_BAD
                                                 : PAGE_DIM,
                    verdict);
    }
    layout_note(
        &table,
        "c: correlation of the scores that the two groups' weights give all rows; H0: c = 1; a "
        "small p: the composites differ.",
        NULL);
    permuted_legend(view, &table, "one-sided", true);
    permuted_print(&table, block->comparison, "MICOM step 2", "compositional invariance");
}

/* Difference of means, or logarithm of the ratio of variances. */
struct moment {
    const char *value, *low, *high;
    const struct p_columns *p;
    const char *heading, *smartpls;
};

static const struct moment moments[] = {
    {"mean.difference", "mean.low", "mean.high", &p_mean, "Mean diff.", "Original difference"},
    {"variance.ratio", "variance.low", "variance.high", &p_variance, "ln var. ratio",
     "Original difference"}};

static void moment_head(const struct view *view, struct layout *table, const struct moment *moment)
{
    layout_column(table, LAYOUT_RIGHT, view_title(view, moment->heading, moment->smartpls));
    permuted_range_head(view, table, 0);
    permuted_p_head(view, table, view_title(view, "p", "Permutation p value"), view->smartpls);
}

static void moment_cells(const struct view *view, struct layout *table,
                         const struct pls_table *source, size_t row, const struct moment *moment,
                         const char *label)
{
    char number[NUMBER_SIZE];

    view_cell(table, PAGE_PLAIN,
              view_coefficient(view, view_real(source, row, moment->value), number), source, row,
              label);
    permuted_range_cells(view, table, view_real(source, row, moment->low),
                         view_real(source, row, moment->high));
    permuted_p_cells(view, table, source, row, moment->p, view->smartpls, label);
}

static void moments_table(struct view *view, const struct block *block, size_t first, size_t count,
                          const char *lead, const char *what)
{
    struct layout table = {.page = &view->page, .balanced = true};
    char name[VIEW_NAME], line[256];

    layout_column(&table, LAYOUT_LEFT, "");
    for (size_t m = first; m < first + count; m++)
        moment_head(view, &table, &moments[m]);
    for (size_t r = permuted_next(block, 0, NULL); r < block->end;
         r = permuted_next(block, r + 1, NULL)) {
        view_name(view_text(block->table, r, "construct"), name);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, name);
        for (size_t m = first; m < first + count; m++)
            moment_cells(view, &table, block->table, r, &moments[m], name);
    }
    snprintf(line, sizeof line,
             "The interval holds the differences that permutation alone makes: equal where the "
             "observed one lies inside%s.",
             first == 0 ? "; means in pooled standard deviations" : "");
    layout_note(&table, line, NULL);
    permuted_legend(view, &table, "two-sided", view->smartpls);
    permuted_print(&table, block->comparison, lead, what);
}

static void equality(struct view *view, const struct block *block)
{
    if (view->smartpls) {
        moments_table(view, block, 0, 1, "MICOM step 3a", "means");
        moments_table(view, block, 1, 1, "MICOM step 3b", "variances");
    } else {
        moments_table(view, block, 0, 2, "MICOM step 3", "equal means and variances");
    }
}

/* Equal: its p is not below alpha; and whether Monte Carlo error leaves that open. */
static void equal_cells(const struct view *view, struct layout *table,
                        const struct pls_table *source, size_t row, const struct p_columns *columns)
{
    const double p = view_real(source, row, columns->p);
    const bool open = permuted_undecided(view, source, row, columns);

    layout_cell(table,
                isnan(p)          ? PAGE_DIM
                : p < view->alpha ? PAGE_BAD
                                  : PAGE_GOOD,
                isnan(p)          ? "–"
                : p < view->alpha ? "no"
                                  : "yes");
    layout_cell(table, PAGE_OPEN, open ? "?" : "");
}

static void verdicts(struct view *view, const struct block *block)
{
    struct layout table = {.page = &view->page};
    char name[VIEW_NAME], verdict[VIEW_NAME], text[VIEW_NAME], line[2 * VIEW_NAME + 8];

    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_LEFT, "Composition");
    layout_column(&table, LAYOUT_JOINED, "");
    layout_column(&table, LAYOUT_LEFT, "Equal means");
    layout_column(&table, LAYOUT_JOINED, "");
    layout_column(&table, LAYOUT_LEFT, "Equal variances");
    layout_column(&table, LAYOUT_JOINED, "");
    layout_column(&table, LAYOUT_LEFT, "Invariance");
    for (size_t r = permuted_next(block, 0, NULL); r < block->end;
         r = permuted_next(block, r + 1, NULL)) {
        const char *allows = view_text(block->table, r, "allows");
        const char *step = composition(block->table, r);
        view_name(view_text(block->table, r, "construct"), name);
        view_name(view_text(block->table, r, "invariance"), verdict);
        layout_row(&table);
        layout_cell(&table, PAGE_PLAIN, name);
        layout_cell(&table, strcmp(step, "no") == 0 ? PAGE_BAD : PAGE_PLAIN, step);
        layout_cell(&table, PAGE_OPEN, permuted_undecided(view, block->table, r, &p_c) ? "?" : "");
        equal_cells(view, &table, block->table, r, &p_mean);
        equal_cells(view, &table, block->table, r, &p_variance);
        layout_cell(&table,
                    strcmp(verdict, "full") == 0      ? PAGE_GOOD
                    : strcmp(verdict, "partial") == 0 ? PAGE_OPEN
                    : strcmp(verdict, "none") == 0    ? PAGE_BAD
                                                      : PAGE_DIM,
                    verdict);
        if (*allows == '\0')
            continue;
        pls_text_printable(allows, strlen(allows), VIEW_NAME / 4, text, sizeof text);
        snprintf(line, sizeof line, "%s: %s", verdict, text);
        layout_note(&table, line, name);
    }
    permuted_print(&table, block->comparison, "Measurement invariance", "");
}

void permuted_invariance(struct view *view, const struct comparison *comparison)
{
    const struct block block = permuted_block(view->micom, comparison);

    configural(view, comparison);
    if (block.first == block.end)
        return;
    compositional(view, &block);
    equality(view, &block);
    verdicts(view, &block);
}
