/* verdicts.c: hypotheses and mediation: what the study set out to decide. */
#include "view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *without_zero(const char *number)
{
    return number + (number[0] == '0' && number[1] == '.');
}

static void hypotheses_rule(const struct view *view, struct layout *table)
{
    char line[256], alpha[NUMBER_SIZE];
    const bool one = strcmp(view_setting(view, "sides"), "one") == 0;

    if (strcmp(view_setting(view, "rule"), "interval") == 0)
        snprintf(line, sizeof line,
                 "Accepted: the %.*s %s interval lies on the stated side of zero.",
                 (int)strcspn(view->interval, " "), view->interval, view_method(view->method));
    else
        snprintf(line, sizeof line, "Accepted: %s p (%s-sided) < %s and the stated sign.",
                 view->t_decides ? "t-based" : "percentile", one ? "one" : "two",
                 without_zero(number_short(view->alpha, 6, alpha)));
    layout_note(table, line, NULL);
}

static void hypothesis_row(const struct view *view, struct layout *table, size_t r)
{
    const struct pls_table *t = view->hypotheses;
    const char *verdict = view_text(t, r, "verdict"), *note = view_text(t, r, "note");
    const bool open = view_count(t, r, "open") > 0;
    const double p = view_real(t, r, "p.value"), low = view_real(t, r, "conf.low"),
                 high = view_real(t, r, "conf.high");
    /* A one-sided p and a two-sided interval may well differ. */
    const bool disagrees =
        strcmp(view_setting(view, "sides"), "one") != 0 && view_disagrees(view, p, low, high);
    char name[VIEW_NAME], statement[VIEW_NAME], stub[2 * VIEW_NAME + 4], number[NUMBER_SIZE],
        error[NUMBER_SIZE], line[VIEW_NAME + 160];

    view_name(view_text(t, r, "hypothesis"), name);
    view_arrows(view, view_text(t, r, "statement"), statement);
    snprintf(stub, sizeof stub, "%s: %s", name, statement);
    layout_row(table);
    layout_cell(table, PAGE_PLAIN, stub);
    layout_cell(table, PAGE_PLAIN, view_coefficient(view, view_real(t, r, "estimate"), number));
    layout_cell(table, PAGE_PLAIN, view_p(view, p, number));
    view_interval_cells(view, table, low, high);
    layout_cell(table,
                strcmp(verdict, "accepted") == 0   ? PAGE_GOOD
                : strcmp(verdict, "rejected") == 0 ? PAGE_BAD
                                                   : PAGE_OPEN,
                view_name(verdict, statement));
    layout_cell(table, PAGE_OPEN, open ? (disagrees ? "? ≠" : "?") : (disagrees ? "≠" : ""));
    if (open) {
        snprintf(line, sizeof line, "%.400s (p = %s ± %s)", name,
                 number_fixed(p, 4, view->smartpls, number),
                 number_fixed(view_real(t, r, "mcse.p"), 4, view->smartpls, error));
        layout_note(table,
                    "? The Monte Carlo error leaves the verdict open; more replicates settle it",
                    line);
    }
    if (disagrees)
        view_note_disagreement(view, table, name);
    if (*note != '\0') {
        pls_text_printable(note, strlen(note), VIEW_NAME / 4, statement, sizeof statement);
        snprintf(line, sizeof line, "– %s", statement);
        layout_note(table, line, name);
    }
}

void report_hypotheses(struct view *view)
{
    struct layout table = {.page = &view->page};

    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_RIGHT, view_title(view, "Estimate", "Original sample (O)"));
    layout_column(&table, LAYOUT_RIGHT, view_title(view, "p", "P values"));
    view_interval_columns(&table, view->interval, 0);
    layout_column(&table, LAYOUT_LEFT, "Verdict");
    layout_column(&table, LAYOUT_JOINED, "");
    for (size_t r = 0; r < view_rows(view->hypotheses); r++)
        hypothesis_row(view, &table, r);
    hypotheses_rule(view, &table);
    layout_print(&table, "Hypotheses");
}

/* One chain; or a pair of constructs with all chains between them. */
static const char *mediation_label(const struct view *view, size_t r, char out[VIEW_NAME])
{
    const struct pls_table *t = view->mediation;
    char from[VIEW_NAME], to[VIEW_NAME];

    if (!view_is(t, r, "component", "indirect"))
        return view_arrows(view, view_text(t, r, "term"), out);
    snprintf(out, VIEW_NAME, "%.300s %s %.300s, all", view_name(view_text(t, r, "from"), from),
             view->smartpls ? "->" : "→", view_name(view_text(t, r, "to"), to));
    return out;
}

static void mediation_row(const struct view *view, struct layout *table, size_t r)
{
    const struct pls_table *t = view->mediation;
    const double vaf = view_real(t, r, "vaf"), direct = view_real(t, r, "direct");
    const bool open = view_count(t, r, "open") > 0;
    char label[VIEW_NAME], type[VIEW_NAME], number[NUMBER_SIZE], cell[NUMBER_SIZE + 2];

    mediation_label(view, r, label);
    layout_row(table);
    layout_cell(table, PAGE_PLAIN, label);
    layout_cell(table, PAGE_PLAIN, view_coefficient(view, view_real(t, r, "estimate"), number));
    view_interval_cells(view, table, view_real(t, r, "conf.low"), view_real(t, r, "conf.high"));
    layout_cell(table, PAGE_PLAIN, view_coefficient(view, direct, number));
    view_interval_cells(view, table, view_real(t, r, "direct.low"), view_real(t, r, "direct.high"));
    layout_cell(table, PAGE_PLAIN, view_name(view_text(t, r, "type"), type));
    layout_cell(table, PAGE_OPEN, open ? "?" : "");
    if (isnan(vaf))
        snprintf(cell, sizeof cell, "–");
    else
        snprintf(cell, sizeof cell, "%s%%", number_fixed(100.0 * vaf, 0, true, number));
    layout_cell(table, PAGE_PLAIN, cell);
}

/* All chains of a pair: a verdict of its own only where there are several. */
static bool says_nothing_new(const struct view *view, size_t r)
{
    const struct pls_table *t = view->mediation;
    size_t chains = 0;

    if (!view_is(t, r, "component", "indirect"))
        return false;
    for (size_t c = 0; c < view_rows(t); c++)
        chains += view_is(t, c, "component", "specific") &&
                  view_is(t, c, "from", view_text(t, r, "from")) &&
                  view_is(t, c, "to", view_text(t, r, "to"));
    return chains == 1;
}

/* Nitzl et al.'s words for each type that occurs, once, without those that the type has. */
static void explain_types(const struct view *view, struct layout *table)
{
    const struct pls_table *t = view->mediation;
    char words[VIEW_NAME], type[VIEW_NAME], line[2 * VIEW_NAME + 64];

    for (size_t r = 0; r < view_rows(t); r++) {
        view_name(view_text(t, r, "type"), type);
        view_name(view_text(t, r, "phrase"), words);
        /* "complementary partial mediation", "undecided: an interval is missing" */
        const size_t length = strlen(type);
        const char *phrase = words;
        if (strncmp(words, type, length) == 0 && strchr(" :", words[length]) != NULL)
            phrase += length + strspn(words + length, " :");
        snprintf(line, sizeof line, "%s: %s", type, phrase);
        if (*phrase != '\0' && !says_nothing_new(view, r))
            layout_note(table, line, NULL);
    }
    layout_note(table,
                "Types: Zhao, Lynch & Chen (2010); Nitzl et al. (2016). VAF: indirect / total.",
                NULL);
}

static void mediation_notes(const struct view *view, struct layout *table)
{
    const struct pls_table *t = view->mediation;
    char text[VIEW_NAME], label[VIEW_NAME], line[VIEW_NAME + 16];
    bool open = false;

    explain_types(view, table);
    for (size_t r = 0; r < view_rows(t); r++) {
        const char *note = view_text(t, r, "note");
        open = open || view_count(t, r, "open") > 0;
        if (*note == '\0' || says_nothing_new(view, r))
            continue;
        pls_text_printable(note, strlen(note), VIEW_NAME / 4, text, sizeof text);
        snprintf(line, sizeof line, "– no VAF: %s", text);
        layout_note(table, line, mediation_label(view, r, label));
    }
    if (open)
        layout_note(table,
                    "? An interval ends within two Monte Carlo standard errors of zero: more "
                    "replicates may change the type.",
                    NULL);
    /* METHODS 7.8: with every verdict. */
    layout_note(table,
                "No proof of cause: the order of the constructs and no unmeasured common cause of "
                "mediator and outcome are assumed; cross-sectional data cannot show them.",
                NULL);
}

void report_mediation(struct view *view)
{
    struct layout table = {.page = &view->page};

    if (view_rows(view->mediation) == 0)
        return;
    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_RIGHT, "Indirect");
    view_interval_columns(&table, view->interval, 0);
    layout_column(&table, LAYOUT_RIGHT, "Direct");
    view_interval_columns(&table, view->interval, 0);
    layout_column(&table, LAYOUT_LEFT, "Type");
    layout_column(&table, LAYOUT_JOINED, "");
    layout_column(&table, LAYOUT_RIGHT, "VAF");
    for (size_t r = 0; r < view_rows(view->mediation); r++)
        if (!says_nothing_new(view, r))
            mediation_row(view, &table, r);
    mediation_notes(view, &table);
    layout_print(&table, "Mediation");
}
