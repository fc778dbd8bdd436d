/* view.c: reading the tables. */
#include "view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_COLUMNS = 60 };

size_t view_rows(const struct pls_table *table)
{
    return table != NULL ? table->rows : 0;
}

static const struct pls_table_column *typed(const struct pls_table *table, size_t row,
                                            const char *name, enum pls_cell type)
{
    const struct pls_table_column *column =
        row < view_rows(table) ? pls_table_find(table, name) : NULL;
    return column != NULL && column->type == type ? column : NULL;
}

const char *view_text(const struct pls_table *table, size_t row, const char *name)
{
    const struct pls_table_column *column = typed(table, row, name, PLS_CELL_TEXT);
    return column != NULL ? column->cell.text[row] : "";
}

double view_real(const struct pls_table *table, size_t row, const char *name)
{
    const struct pls_table_column *column = typed(table, row, name, PLS_CELL_REAL);
    return column != NULL ? column->cell.real[row] : NAN;
}

int64_t view_count(const struct pls_table *table, size_t row, const char *name)
{
    const struct pls_table_column *column = typed(table, row, name, PLS_CELL_COUNT);
    return column != NULL ? column->cell.count[row] : -1;
}

bool view_is(const struct pls_table *table, size_t row, const char *column, const char *value)
{
    return strcmp(view_text(table, row, column), value) == 0;
}

const char *view_setting(const struct view *view, const char *key)
{
    for (size_t r = 0; r < view_rows(view->study); r++)
        if (view_is(view->study, r, "key", key))
            return view_text(view->study, r, "value");
    return "";
}

/* Rows are searched often, in models of hundreds of indicators too: columns are looked up once. */
static char *const *texts(const struct pls_table *table, const char *name)
{
    const struct pls_table_column *column = typed(table, 0, name, PLS_CELL_TEXT);
    return column != NULL ? column->cell.text : NULL;
}

long view_find(const struct view *view, const char *component, const char *lhs, const char *rhs)
{
    char *const *components = texts(view->parameters, "component");
    char *const *left = texts(view->parameters, "lhs");
    char *const *right = texts(view->parameters, "rhs");

    if (components == NULL || left == NULL || right == NULL)
        return VIEW_NONE;
    for (size_t r = 0; r < view->parameters->rows; r++)
        if (strcmp(left[r], lhs) == 0 && strcmp(right[r], rhs) == 0 &&
            strcmp(components[r], component) == 0)
            return (long)r;
    return VIEW_NONE;
}

double view_estimate(const struct view *view, long row)
{
    return row < 0 ? NAN : view_real(view->parameters, (size_t)row, "estimate");
}

long view_interval(const struct view *view, long parameter, const char *method, double level)
{
    const struct pls_table *table = view->intervals;
    char *const *components = texts(table, "component"), *const *terms = texts(table, "term");

    if (parameter < 0 || components == NULL || terms == NULL)
        return VIEW_NONE;
    const char *component = view_text(view->parameters, (size_t)parameter, "component");
    const char *term = view_text(view->parameters, (size_t)parameter, "term");
    for (size_t r = 0; r < table->rows; r++)
        if (strcmp(terms[r], term) == 0 && strcmp(components[r], component) == 0 &&
            view_is(table, r, "method", method) &&
            fabs(view_real(table, r, "level") - level) < 1e-9)
            return (long)r;
    return VIEW_NONE;
}

const char *view_name(const char *text, char out[VIEW_NAME])
{
    pls_text_printable(text, strlen(text), NAME_COLUMNS, out, VIEW_NAME);
    return out;
}

const char *view_arrows(const struct view *view, const char *text, char out[VIEW_NAME])
{
    const char *arrow = view->smartpls ? " -> " : " → ";
    char clean[VIEW_NAME];
    size_t length = 0;

    pls_text_printable(text, strlen(text), VIEW_NAME / 4, clean, sizeof clean);
    for (const char *at = clean; *at != '\0' && length + 8 < VIEW_NAME;) {
        const size_t found = strncmp(at, "->", 2) == 0 ? 2 : strncmp(at, "→", 3) == 0 ? 3 : 0;
        if (found == 0) {
            out[length++] = *at++;
            continue;
        }
        while (length > 0 && out[length - 1] == ' ')
            length--;
        memcpy(out + length, arrow, strlen(arrow));
        length += strlen(arrow);
        at += found;
        at += strspn(at, " ");
    }
    out[length] = '\0';
    return out;
}

bool view_formative(const struct view *view, const char *construct)
{
    for (size_t r = 0; r < view_rows(view->constructs); r++)
        if (view_is(view->constructs, r, "construct", construct))
            return view_is(view->constructs, r, "mode", "B");
    return false;
}

const char *view_construct(const struct view *view, size_t row, char out[VIEW_NAME])
{
    const bool single = view_count(view->constructs, row, "indicators") == 1;
    char name[VIEW_NAME];
    snprintf(out, VIEW_NAME, "%.500s (%s)",
             view_name(view_text(view->constructs, row, "construct"), name),
             single                                        ? "single indicator"
             : view_is(view->constructs, row, "mode", "B") ? "formative, Mode B"
                                                           : "reflective, Mode A");
    return out;
}

const char *view_method(const char *method)
{
    return strcmp(method, "bca") == 0 ? "BCa" : strcmp(method, "bc") == 0 ? "BC" : method;
}

void view_ends(const struct view *view, long parameter, double *low, double *high)
{
    const long interval = view_interval(view, parameter, view->method, view->level);
    *low = interval < 0 ? NAN : view_real(view->intervals, (size_t)interval, "conf.low");
    *high = interval < 0 ? NAN : view_real(view->intervals, (size_t)interval, "conf.high");
}

bool view_disagrees(const struct view *view, double p, double low, double high)
{
    if (isnan(p) || isnan(low) || isnan(high) || !(fabs(1.0 - view->level - view->alpha) < 1e-9))
        return false;
    return (p < view->alpha) != (low > 0.0 || high < 0.0);
}

void view_note_disagreement(const struct view *view, struct layout *table, const char *label)
{
    char line[192], alpha[NUMBER_SIZE];
    const bool interval = strcmp(view_setting(view, "rule"), "interval") == 0;
    number_short(view->alpha, 6, alpha);
    snprintf(line, sizeof line,
             "≠ %s p and %s interval disagree at %s; hypotheses are decided by the %s",
             view->t_decides ? "t-based" : "percentile", view_method(view->method),
             alpha + (*alpha == '0'), interval ? "interval" : "p");
    layout_note(table, line, label);
}

static const char *write_label(const struct view *view, const char *construct, const char *op,
                               const char *rhs, const char *term, char out[VIEW_NAME])
{
    char left[VIEW_NAME], right[VIEW_NAME];

    view_name(construct, left);
    view_name(rhs, right);
    if (strcmp(op, "->") == 0)
        return view_arrows(view, term, out);
    if (strcmp(op, "~") == 0)
        snprintf(out, VIEW_NAME, "%.300s %s %.300s", right, view->smartpls ? "->" : "→", left);
    else if ((strcmp(op, "=~") == 0 || strcmp(op, "<~") == 0) && view->smartpls)
        snprintf(out, VIEW_NAME, "%.300s %s %.300s", right,
                 view_formative(view, construct) ? "->" : "<-", left);
    else if (strcmp(op, "=~") == 0 || strcmp(op, "<~") == 0)
        snprintf(out, VIEW_NAME, "%s", right);
    else if (strcmp(op, "~~") == 0)
        snprintf(out, VIEW_NAME, "%.300s, %.300s", left, right);
    else
        snprintf(out, VIEW_NAME, "%s", left);
    return out;
}

const char *view_label(const struct view *view, long parameter, char out[VIEW_NAME])
{
    const size_t row = parameter < 0 ? view_rows(view->parameters) : (size_t)parameter;
    return write_label(
        view, view_text(view->parameters, row, "lhs"), view_text(view->parameters, row, "op"),
        view_text(view->parameters, row, "rhs"), view_text(view->parameters, row, "term"), out);
}

const char *view_term(const struct view *view, const char *term, char out[VIEW_NAME])
{
    static const char *const ops[] = {"->", "=~", "<~", "~~", "~"};
    char left[VIEW_NAME];

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        const char *at = strstr(term, ops[i]);
        if (at == NULL)
            continue;
        snprintf(left, sizeof left, "%.*s", at - term < VIEW_NAME ? (int)(at - term) : 0, term);
        return write_label(view, left, ops[i], at + strlen(ops[i]), term, out);
    }
    return view_name(term, out);
}

const char *view_coefficient(const struct view *view, double x, char out[NUMBER_SIZE])
{
    return number_fixed(x, view->digits, view->smartpls, out);
}

const char *view_statistic(const struct view *view, double x, char out[NUMBER_SIZE])
{
    return number_fixed(x, view->digits, true, out);
}

const char *view_p(const struct view *view, double p, char out[NUMBER_SIZE])
{
    return view->smartpls ? number_fixed(p, view->digits, true, out)
                          : number_p(p, view->digits, out);
}

void view_interval_columns(struct layout *table, const char *heading, unsigned flags)
{
    layout_column(table, LAYOUT_RIGHT | flags, heading);
    layout_column(table, LAYOUT_RIGHT | LAYOUT_JOINED, "");
}

void view_interval_cells(const struct view *view, struct layout *table, double low, double high)
{
    char number[NUMBER_SIZE], cell[NUMBER_SIZE + 2];

    if (isnan(low) && isnan(high)) {
        layout_cell(table, PAGE_PLAIN, "–");
        layout_cell(table, PAGE_PLAIN, "");
        return;
    }
    snprintf(cell, sizeof cell, "[%s,", view_coefficient(view, low, number));
    layout_cell(table, PAGE_PLAIN, cell);
    snprintf(cell, sizeof cell, "%s]", view_coefficient(view, high, number));
    layout_cell(table, PAGE_PLAIN, cell);
}

void view_cell(struct layout *table, enum page_style style, const char *number,
               const struct pls_table *source, size_t row, const char *label)
{
    const bool missing = strcmp(number, "–") == 0;
    const char *why = missing ? view_text(source, row, "note") : "";
    char note[VIEW_NAME], line[VIEW_NAME + 32];

    layout_cell(table, missing ? PAGE_DIM : style, number);
    if (*why == '\0')
        return;
    pls_text_printable(why, strlen(why), VIEW_NAME / 4, note, sizeof note);
    /* "a formative construct", "a single indicator": a kind of construct */
    snprintf(line, sizeof line, "– %s%s", strncmp(note, "a ", 2) == 0 ? "not defined for " : "",
             note);
    layout_note(table, line, label);
}

void view_number(const struct view *view, struct layout *table, enum page_style style,
                 const char *number, long parameter, const char *label)
{
    view_cell(table, style, number, view->parameters,
              parameter < 0 ? view_rows(view->parameters) : (size_t)parameter, label);
}

const char *view_stars(const struct view *view, double p)
{
    if (view->smartpls)
        return "";
    return p < 0.001 ? "***" : p < 0.01 ? "**" : p < 0.05 ? "*" : p < view->alpha ? "†" : "";
}

const char *view_star_legend(const struct view *view, char out[VIEW_NAME])
{
    char alpha[NUMBER_SIZE];
    number_short(view->alpha, 6, alpha);
    snprintf(out, VIEW_NAME, "* p < .05, ** p < .01, *** p < .001%s%s",
             view->alpha > 0.05 ? ", † p < " : "",
             view->alpha > 0.05 ? alpha + (*alpha == '0') : "");
    return out;
}

const char *view_title(const struct view *view, const char *plain, const char *smartpls)
{
    return view->smartpls ? smartpls : plain;
}

void view_marked(const struct view *view, struct layout *table, const char *number, enum mark mark,
                 long parameter, const char *label)
{
    static const enum page_style style[] = {PAGE_PLAIN, PAGE_OPEN, PAGE_BAD};
    static const char *const text[] = {"", "(!)", "!"};

    view_number(view, table, style[mark], number, parameter, label);
    layout_cell(table, style[mark], text[mark]);
    if (mark == MARK_NEAR)
        layout_note(table, "(!) misses the stricter limit", NULL);
    if (mark == MARK_MISSED)
        layout_note(table, "! misses the limit", NULL);
}
