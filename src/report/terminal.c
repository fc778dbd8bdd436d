/* terminal.c: the report from its title to its last remark. */
#include "view.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH_MINIMUM = 60, DIGITS_DEFAULT = 3 };

static double number_setting(const struct view *view, const char *key)
{
    const char *text = view_setting(view, key);
    double value;
    return pls_text_number(text, strcspn(text, " "), '.', &value) ? value : NAN;
}

static void read_settings(struct view *view, const struct pls_report_options *options)
{
    const double digits = number_setting(view, "digits");
    const char *methods = view_setting(view, "intervals");
    char percent[NUMBER_SIZE];

    view->smartpls = options->styled ? options->style == PLS_STYLE_SMARTPLS
                                     : strcmp(view_setting(view, "style"), "smartpls") == 0;
    view->digits = options->digits;
    if (view->digits == 0)
        view->digits = digits >= 1.0 && digits <= 15.0 ? (unsigned)digits : DIGITS_DEFAULT;
    view->alpha = number_setting(view, "alpha");
    view->level = number_setting(view, "levels");
    view->permuted = strcmp(view_setting(view, "job"), "permute") == 0;
    view->exact = strcmp(view_setting(view, "assignments"), "exact") == 0;
    view->t_decides = strcmp(view_setting(view, "p"), "t") == 0;
    snprintf(view->method, sizeof view->method, "%.*s",
             (int)(strcspn(methods, " ") < sizeof view->method ? strcspn(methods, " ") : 0),
             methods);
    number_short(100.0 * view->level, 6, percent);
    snprintf(view->interval, sizeof view->interval, isnan(view->level) ? "CI" : "%s%% CI", percent);
}

/* Foreign text of any length as one paragraph; its own line breaks are spaces. */
static void foreign_paragraph(struct view *view, enum page_style style, const char *lead,
                              const char *text)
{
    struct pls_text flat = {0}, clean = {0};
    size_t length = strlen(text);

    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    if (view->page.code == PLS_OK)
        view->page.code = pls_text_append(&flat, text, length, view->page.err);
    for (size_t i = 0; i < flat.length; i++)
        if (strchr("\t\r\n", flat.data[i]) != NULL)
            flat.data[i] = ' ';
    /* An escape takes at most ten bytes for one. */
    for (size_t i = 0; i < 10 * flat.length + 16 && view->page.code == PLS_OK; i++)
        view->page.code = pls_text_append(&clean, " ", 1, view->page.err);
    if (view->page.code == PLS_OK) {
        pls_text_printable(flat.data != NULL ? flat.data : "", flat.length, clean.length,
                           clean.data, clean.length);
        page_paragraph(&view->page, style, lead, clean.data);
    }
    pls_text_free(&flat);
    pls_text_free(&clean);
}

static const char *grouped(const char *digits, char out[32])
{
    uint64_t value;
    if (!pls_text_unsigned(digits, strlen(digits), &value))
        snprintf(out, 32, "%.31s", digits);
    else
        pls_text_count(value, out);
    return out;
}

static void sample_line(const struct view *view, char *out, size_t size)
{
    char n[32], rows[32], dropped[32];
    const char *left_out = view_setting(view, "rows_dropped");

    snprintf(out, size, "n = %s", grouped(view_setting(view, "n"), n));
    if (*left_out != '\0' && strcmp(left_out, "0") != 0)
        snprintf(out + strlen(out), size - strlen(out),
                 " (%s of %s rows left out for missing values)", grouped(left_out, dropped),
                 grouped(view_setting(view, "rows_in_file"), rows));
}

static void model_line(struct view *view)
{
    const char *status = view_setting(view, "status");
    const bool ok = *status == '\0' || strcmp(status, "ok") == 0;
    char line[512], sample[160];

    sample_line(view, sample, sizeof sample);
    snprintf(line, sizeof line,
             "PLS path model (%.20s weighting), %s; %s%.60s after %.12s iterations",
             view_setting(view, "scheme"), sample, ok ? "converged" : "STATUS: ", ok ? "" : status,
             view_setting(view, "iterations"));
    foreign_paragraph(view, ok ? PAGE_PLAIN : PAGE_BAD, "", line);
}

static void bootstrap_line(struct view *view)
{
    const bool given = strcmp(view_setting(view, "draws"), "given") == 0;
    char line[512], count[32];

    snprintf(line, sizeof line, "Bootstrap: %s replicates, %s%.32s; %.*s %s intervals, %s p",
             grouped(view_setting(view, "replicates"), count), given ? "resamples given" : "seed ",
             given ? "" : view_setting(view, "seed"), (int)strcspn(view->interval, " "),
             view->interval, view_method(view->method), view->t_decides ? "t-based" : "percentile");
    foreign_paragraph(view, PAGE_PLAIN, "", line);
}

static void permutation_line(struct view *view)
{
    const char *assignments = view_setting(view, "assignments");
    const char *rule = view_setting(view, "stop"), *stopped = view_setting(view, "stopped");
    const bool given = strcmp(assignments, "given") == 0;
    const char *what = view_rows(view->within) > 0 ? "permutations" : "assignments to groups";
    char line[768], count[32];

    grouped(view_setting(view, "replicates"), count);
    if (view->exact)
        snprintf(line, sizeof line, "Permutation: all %s %s", count, what);
    else
        snprintf(line, sizeof line, "Permutation: %s %s %s%s%.32s", count,
                 given ? "given" : "random", what, given ? "" : ", seed ",
                 given ? "" : view_setting(view, "seed"));
    if (*stopped != '\0')
        snprintf(line + strlen(line), sizeof line - strlen(line), "; stopped%s%.32s: %.400s",
                 *rule != '\0' ? " by " : "", rule, stopped);
    foreign_paragraph(view, PAGE_PLAIN, "", line);
}

/* The rest of what decided the numbers: small print at the end. */
static void settings_line(struct view *view)
{
    static const char *const key[] = {"tolerance",  "sign",     "align",  "rows",
                                      "on_failure", "quantile", "centre", "adjust"};
    struct pls_text line = {0};

    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        const char *value = view_setting(view, key[i]);
        if (*value != '\0' && view->page.code == PLS_OK)
            view->page.code = pls_text_printf(&line, view->page.err, "%s %s; ", key[i], value);
    }
    if (view->page.code == PLS_OK)
        view->page.code =
            pls_text_printf(&line, view->page.err, "plstrap %s", view_setting(view, "version"));
    if (line.data != NULL)
        foreign_paragraph(view, PAGE_DIM, "Settings: ", line.data);
    pls_text_free(&line);
}

static void title_block(struct view *view)
{
    if (*view_setting(view, "title") != '\0')
        foreign_paragraph(view, PAGE_BOLD, "", view_setting(view, "title"));
    model_line(view);
    if (view->permuted)
        permutation_line(view);
    else if (view->resampled)
        bootstrap_line(view);
    page_end_line(&view->page);
}

static bool print_messages(struct view *view, const char *kind, enum page_style style,
                           const char *lead)
{
    bool any = false;

    for (size_t r = 0; r < view_rows(view->messages); r++)
        if (view_is(view->messages, r, "kind", kind)) {
            foreign_paragraph(view, style, lead, view_text(view->messages, r, "text"));
            any = true;
        }
    return any;
}

static void print_warnings(struct view *view)
{
    bool any = print_messages(view, "warning", PAGE_OPEN, "Warning: ");
    any = report_warn_of_few(view) || any;
    any = report_warn_of_monte_carlo(view) || any;
    if (any)
        page_end_line(&view->page);
}

static void print_estimate(struct view *view)
{
    page_paragraph(&view->page, PAGE_BOLD, "", "OUTER MODEL");
    page_end_line(&view->page);
    report_outer_estimate(view);
    page_paragraph(&view->page, PAGE_BOLD, "", "INNER MODEL");
    page_end_line(&view->page);
    report_inner_estimate(view);
}

static void print_bootstrap(struct view *view)
{
    report_paths(view);
    report_effects(view);
    report_mediation(view);
    report_hypotheses(view);
    report_r2(view);
    report_measurement(view);
    report_reliability(view);
    report_all_intervals(view);
    report_monte_carlo(view);
    report_replicates(view);
    page_paragraph(&view->page, PAGE_PLAIN, "",
                   "Discriminant validity, f², VIF: see plstrap estimate.");
}

enum pls_code pls_report_print(const struct pls_tables *tables,
                               const struct pls_report_options *options, FILE *stream,
                               struct pls_error *err)
{
    struct view view = {
        .page = {.color = options->color, .unicode = options->unicode, .err = err},
        .study = pls_tables_find(tables, "study"),
        .constructs = pls_tables_find(tables, "constructs"),
        .parameters = pls_tables_find(tables, "parameters"),
        .intervals = pls_tables_find(tables, "intervals"),
        .hypotheses = pls_tables_find(tables, "hypotheses"),
        .mediation = pls_tables_find(tables, "mediation"),
        .replicates = pls_tables_find(tables, "replicates"),
        .messages = pls_tables_find(tables, "messages"),
        .groups = pls_tables_find(tables, "groups"),
        .configural = pls_tables_find(tables, "configural"),
        .micom = pls_tables_find(tables, "micom"),
        .mga = pls_tables_find(tables, "mga"),
        .mga_bootstrap = pls_tables_find(tables, "mga_bootstrap"),
        .omnibus = pls_tables_find(tables, "omnibus"),
        .within = pls_tables_find(tables, "within"),
    };
    view.page.width = options->width > WIDTH_MINIMUM ? options->width : WIDTH_MINIMUM;
    view.resampled =
        view.parameters != NULL && pls_table_find(view.parameters, "std.error") != NULL;

    read_settings(&view, options);
    title_block(&view);
    print_warnings(&view);
    if (view.permuted)
        report_permuted(&view);
    else if (view.resampled)
        print_bootstrap(&view);
    else
        print_estimate(&view);
    settings_line(&view);
    print_messages(&view, "note", PAGE_PLAIN, "Note: ");
    print_messages(&view, "remark", PAGE_PLAIN, "Remark: ");

    enum pls_code code = view.page.code;
    if (code == PLS_OK &&
        (fwrite(view.page.text.data, 1, view.page.text.length, stream) != view.page.text.length ||
         fflush(stream) != 0))
        code = pls_fail(err, PLS_EIO, "the report cannot be written: %s", strerror(errno));
    pls_text_free(&view.page.text);
    return code;
}
