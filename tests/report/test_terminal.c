/* test_terminal.c: whole reports: as expected to the byte, within the width, safe to print. */
#include "plstrap/report.h"
#include "plstrap/text.h"
#include "sample.h"

static struct pls_error err;

static char *print(const struct pls_tables *tables, const struct pls_report_options *options)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_ok(pls_report_print(tables, options, stream, &err), &err);
    fclose(stream);
    return text;
}

static const struct golden {
    const char *tables;
    const char *form; /* what stands behind the width in the file's name */
    struct pls_report_options options;
} goldens[] = {
    {"bootstrap", "", {.width = 80, .unicode = true}},
    {"bootstrap", "", {.width = 60, .unicode = true}},
    {"bootstrap", "", {.width = 100, .unicode = true}},
    {"bootstrap", ".ascii", {.width = 80}},
    {"bootstrap", ".color", {.width = 80, .unicode = true, .color = true}},
    {"bootstrap",
     ".smartpls",
     {.width = 80, .unicode = true, .styled = true, .style = PLS_STYLE_SMARTPLS}},
    {"estimate", "", {.width = 80, .unicode = true}},
    {"estimate", "", {.width = 60, .unicode = true}},
    {"estimate", "", {.width = 100, .unicode = true}},
    {"estimate", ".ascii", {.width = 80}},
    {"estimate",
     ".smartpls",
     {.width = 80, .unicode = true, .styled = true, .style = PLS_STYLE_SMARTPLS}},
    {"hard", "", {.width = 80, .unicode = true}},
    {"hard", ".ascii", {.width = 60}},
    {"hard", ".color", {.width = 100, .unicode = true, .color = true}},
    {"permute", "", {.width = 80, .unicode = true}},
    {"permute", "", {.width = 60, .unicode = true}},
    {"permute", "", {.width = 130, .unicode = true}},
    {"permute", ".ascii", {.width = 80}},
    {"permute",
     ".smartpls",
     {.width = 80, .unicode = true, .styled = true, .style = PLS_STYLE_SMARTPLS}},
    {"permute_hard", "", {.width = 80, .unicode = true}},
    {"permute_hard", ".ascii", {.width = 60}},
    {"permute_hard", ".color", {.width = 100, .unicode = true, .color = true}},
    {"permute_exact", "", {.width = 80, .unicode = true}},
    {"permute_within", "", {.width = 80, .unicode = true}},
    {"permute_within",
     ".smartpls",
     {.width = 80, .unicode = true, .styled = true, .style = PLS_STYLE_SMARTPLS}},
};

static void reports_print_as_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        const struct golden *golden = &goldens[i];
        struct pls_tables tables = sample_tables(golden->tables);
        char *text = print(&tables, &golden->options), path[512];

        snprintf(path, sizeof path, PLS_TESTS "/golden/report/%s.%u%s.txt", golden->tables,
                 golden->options.width, golden->form);
        if (getenv("PLSTRAP_UPDATE") != NULL) {
            FILE *file = fopen(path, "wb");
            assert_non_null(file);
            fputs(text, file);
            fclose(file);
        }
        char *expected = sample_read(path);
        assert_non_null(expected);
        if (strcmp(text, expected) != 0)
            print_error("not as in %s (PLSTRAP_UPDATE=1 writes it anew)\n", path);
        assert_string_equal(text, expected);
        free(expected);
        free(text);
        pls_tables_free(&tables);
    }
}

/* The published values of the founding study, wherever the layout puts them. */
static void the_founding_study_s_values_are_shown(void **state)
{
    (void)state;
    static const char *const shown[] = {"KD → KV  .718",
                                        "KD → KK  .382",
                                        "KV → KK  .467",
                                        "KD → KV → KK    .335",
                                        "complementary: partial mediation",
                                        "Discriminant validity, f², VIF: see plstrap estimate.",
                                        "H1: KD → KV > 0",
                                        "H4: KD → KV → KK > 0",
                                        "accepted",
                                        "n = 120",
                                        "9,999 replicates",
                                        "cannot come from the published paths"};
    struct pls_tables tables = sample_tables("bootstrap");
    char *text = print(&tables, &(struct pls_report_options){.width = 80, .unicode = true});

    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (strstr(text, shown[i]) == NULL)
            fail_msg("not shown: %s", shown[i]);
    assert_null(strstr(text, "rejected"));
    assert_null(
        strstr(text, "KD → KK, all")); /* one chain: no verdict of the pair beside its own */
    free(text);
    pls_tables_free(&tables);
}

static void no_line_is_wider_than_the_page(void **state)
{
    (void)state;
    static const char *const names[] = {"bootstrap",    "estimate",      "hard",          "permute",
                                        "permute_hard", "permute_exact", "permute_within"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        struct pls_tables tables = sample_tables(names[n]);
        for (unsigned width = 60; width <= 130; width += 7)
            for (int form = 0; form < 4; form++) {
                const struct pls_report_options options = {.width = width,
                                                           .unicode = form % 2 == 0,
                                                           .styled = form >= 2,
                                                           .style = PLS_STYLE_SMARTPLS,
                                                           .digits = form == 3 ? 6 : 0};
                char *text = print(&tables, &options);
                for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
                    *end = '\0';
                    if (pls_text_width(line) > width || (end > line && end[-1] == ' '))
                        fail_msg("%s at %u: \"%s\"", names[n], width, line);
                    for (const char *c = line; form % 2 == 1 && *c != '\0'; c++)
                        assert_in_range((unsigned char)*c, 0x20, 0x7e);
                }
                free(text);
            }
        pls_tables_free(&tables);
    }
}

static void missing_numbers_are_explained_under_their_table(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("hard");
    char *text = print(&tables, &(struct pls_report_options){.width = 100, .unicode = true});

    assert_non_null(strstr(text, "– not defined for a single indicator: SIZE\n"));
    assert_non_null(strstr(text, "– its predecessors are collinear: SIZE → LOY\n"));
    assert_non_null(strstr(text, "– more than 5 % of the jackknife rows failed: SIZE → 満足度\n"));
    assert_non_null(strstr(text, "– no interval: its predecessors are collinear: H4\n"));
    assert_null(strstr(text, " nan"));
    assert_null(strstr(text, "[nan"));
    free(text);
    pls_tables_free(&tables);
}

static void set_estimate(struct pls_tables *tables, const char *component, const char *term,
                         double value)
{
    struct pls_table *table = pls_tables_find(tables, "parameters");
    for (size_t r = 0; r < table->rows; r++)
        if (strcmp(pls_table_find(table, "component")->cell.text[r], component) == 0 &&
            strcmp(pls_table_find(table, "term")->cell.text[r], term) == 0) {
            pls_table_find(table, "estimate")->cell.real[r] = value;
            return;
        }
    fail_msg("no %s %s", component, term);
}

static void values_beyond_their_usual_limits_are_marked(void **state)
{
    (void)state;
    static const char *const shown[] = {
        "  kd1  .300 !      .222\n",
        "  kd2  .500 (!)    .255\n",
        "KD        .699 !  .859  .951 !  .490 !\n",
        "  kd1  .300  .560  .450 !\n", /* cross-loadings: now higher on KV */
        "! loads as high on another construct: kd1, kd2\n",
        "KV  .718 !  .809\n", /* above the root of KD's AVE, .700 */
        "KV  .900 !\n",
        "KK  .828    .850 (!)\n", /* HTMT */
        "KD → KK  .382  0.010 none   3.300 (!)\n",
        "KV → KK  .467  0.350 large  5.000 !\n",
        "(!) misses the stricter limit",
        "! misses the limit",
        "KV  .750 substantial         .511\n",
        "KK  .250 very weak           .614\n",
    };
    struct pls_tables tables = sample_tables("estimate");

    set_estimate(&tables, "loading", "KD=~kd1", 0.3);
    set_estimate(&tables, "loading", "KD=~kd2", 0.5);
    set_estimate(&tables, "alpha", "KD", 0.699);
    set_estimate(&tables, "rho_c", "KD", 0.951);
    set_estimate(&tables, "ave", "KD", 0.49);
    set_estimate(&tables, "htmt", "KD~~KV", 0.90);
    set_estimate(&tables, "htmt", "KV~~KK", 0.85);
    set_estimate(&tables, "f2", "KK~KD", 0.01);
    set_estimate(&tables, "f2", "KK~KV", 0.35);
    set_estimate(&tables, "vif", "KK~KD", 3.3);
    set_estimate(&tables, "vif", "KK~KV", 5.0);
    set_estimate(&tables, "r2", "KV", 0.75);
    set_estimate(&tables, "r2", "KK", 0.2499);
    char *text = print(&tables, &(struct pls_report_options){.width = 80, .unicode = true});
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (strstr(text, shown[i]) == NULL)
            fail_msg("not shown: %s", shown[i]);
    free(text);
    pls_tables_free(&tables);
}

static struct pls_table_column *cells(struct pls_tables *tables, const char *table,
                                      const char *column)
{
    struct pls_table_column *found = pls_table_find(pls_tables_find(tables, table), column);
    assert_non_null(found);
    return found;
}

/* Row of a parameter or, of the table intervals, of its first kind. */
static size_t row_of(struct pls_tables *tables, const char *table, const char *component,
                     const char *term)
{
    const size_t rows = pls_tables_find(tables, table)->rows;
    size_t r = 0;
    while (r < rows && (strcmp(cells(tables, table, "component")->cell.text[r], component) != 0 ||
                        strcmp(cells(tables, table, "term")->cell.text[r], term) != 0))
        r++;
    assert_true(r < rows);
    return r;
}

static void set_setting(struct pls_tables *tables, const char *key, const char *value)
{
    struct pls_table *study = pls_tables_find(tables, "study");
    for (size_t r = 0; r < study->rows; r++)
        if (strcmp(study->column[0].cell.text[r], key) == 0)
            assert_ok(pls_table_set_text(study, r, "value", value, &err), &err);
}

/* Runs of blanks and line breaks become one blank: where a sentence breaks is the goldens' matter. */
static void flatten(char *text)
{
    char *to = text;
    for (const char *at = text; *at != '\0'; at++)
        if (!strchr(" \n", *at) || (to > text && to[-1] != ' '))
            *to++ = *at == '\n' ? ' ' : *at;
    *to = '\0';
}

static void assert_shows(const struct pls_tables *tables, unsigned width, enum pls_style style,
                         const char *wanted, bool shown)
{
    const struct pls_report_options options = {
        .width = width, .unicode = true, .styled = true, .style = style};
    char *text = print(tables, &options), flat[1024];
    snprintf(flat, sizeof flat, "%s", wanted);
    flatten(flat);
    flatten(text);
    if ((strstr(text, flat) != NULL) != shown)
        fail_msg("%s: %s\n%s", shown ? "not shown" : "shown", flat, text);
    free(text);
}

static void p_and_interval_that_disagree_are_marked(void **state)
{
    (void)state;
    static const char legend[] =
        "≠ percentile p and percentile interval disagree at .05; hypotheses are decided by the p:";
    struct pls_tables tables = sample_tables("bootstrap");
    const size_t p = row_of(&tables, "parameters", "path", "KK~KD");
    const size_t interval = row_of(&tables, "intervals", "path", "KK~KD");

    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "≠", false);
    cells(&tables, "parameters", "p.value")->cell.real[p] = 0.06;
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, ".060 ≠ ", true);
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, legend, true);
    assert_shows(&tables, 100, PLS_STYLE_SMARTPLS, legend, true);
    set_setting(&tables, "rule", "interval");
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "hypotheses are decided by the\n  interval: KD",
                 true);
    set_setting(&tables, "alpha", "0.1"); /* not 1 - level: they answer other questions */
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "≠", false);
    set_setting(&tables, "alpha", "0.05");
    cells(&tables, "intervals", "conf.low")->cell.real[interval] = -0.01;
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "≠", false);
    cells(&tables, "parameters", "p.value")->cell.real[p] = 0.001;
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "**≠", true);

    cells(&tables, "hypotheses", "conf.low")->cell.real[0] = -0.01;
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "accepted ≠", true);
    set_setting(&tables, "sides", "one");
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "accepted ≠", false);
    pls_tables_free(&tables);
}

static void smartpls_p_values_belong_to_its_t(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("bootstrap");
    const size_t p = row_of(&tables, "parameters", "path", "KK~KD");

    cells(&tables, "parameters", "p.t")->cell.real[p] = 0.0123;
    cells(&tables, "parameters", "p.percentile")->cell.real[p] = 0.0456;
    assert_shows(&tables, 100, PLS_STYLE_SMARTPLS, "5.278   0.012         0.046  0.246  0.526",
                 true);
    assert_shows(&tables, 80, PLS_STYLE_SMARTPLS, "5.278   0.012  0.246  0.526", true);
    assert_shows(&tables, 80, PLS_STYLE_SMARTPLS, "Not shown at this width: P (percentile); a",
                 true);
    pls_tables_free(&tables);
}

static void t_is_never_shown_without_its_p(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("bootstrap");

    for (unsigned width = 60; width <= 100; width++) {
        char *text = print(&tables, &(struct pls_report_options){.width = width, .unicode = true});
        char shown[1 << 14];
        snprintf(shown, sizeof shown, "%s", text);
        const char *effects = strstr(shown, "\nEffects\n");
        const char *end = effects != NULL ? strstr(effects, "\n──") : NULL;
        assert_non_null(end);
        bool t = false, of_t = false;
        for (const char *at = effects; at < end; at++) {
            t = t || strncmp(at, " t ", 3) == 0;
            of_t = of_t || strncmp(at, " p (t) ", 7) == 0;
        }
        assert_int_equal(t, of_t);
        free(text);
    }
    pls_tables_free(&tables);
}

static void too_few_replicates_are_said_once_at_the_top(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("bootstrap");
    const size_t rows = pls_tables_find(&tables, "parameters")->rows;
    struct pls_table *intervals = pls_tables_find(&tables, "intervals");

    for (size_t r = 0; r < rows; r++)
        cells(&tables, "parameters", "n.ok")->cell.count[r] = 39;
    assert_shows(&tables, 80, PLS_STYLE_PLAIN, "too few", false);
    for (size_t r = 0; r < rows; r++)
        cells(&tables, "parameters", "n.ok")->cell.count[r] = 38;
    for (size_t r = 0; r < intervals->rows; r++) {
        cells(&tables, "intervals", "conf.low")->cell.real[r] = NAN;
        assert_ok(
            pls_table_set_text(intervals, r, "note", "too few replicates for this level", &err),
            &err);
    }
    assert_shows(&tables, 80, PLS_STYLE_PLAIN,
                 "percentile p\n\nWarning: 38 replicates are too few for a 95% interval (39 at "
                 "least; 9,999\n         are usual)\n\nPaths\n",
                 true);
    assert_shows(&tables, 80, PLS_STYLE_PLAIN, "for this level", false);
    set_setting(&tables, "quantile", "7");
    assert_shows(&tables, 80, PLS_STYLE_PLAIN, "are too few", false);
    assert_shows(&tables, 80, PLS_STYLE_PLAIN,
                 "– too few replicates for this level: KD → KV, KD → KK", true);
    set_setting(&tables, "quantile", "6");
    set_setting(&tables, "intervals", "normal");
    assert_shows(&tables, 80, PLS_STYLE_PLAIN, "are too few", false);
    set_setting(&tables, "intervals", "normal bca");
    assert_shows(&tables, 80, PLS_STYLE_PLAIN, "are too few", true);
    pls_tables_free(&tables);
}

static void monte_carlo_error_is_told_small_and_warned_of_large(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("bootstrap");
    const size_t rows = pls_tables_find(&tables, "parameters")->rows;
    const size_t p = row_of(&tables, "parameters", "path", "KK~KD");
    const size_t interval = row_of(&tables, "intervals", "path", "KK~KD");
    double *se = cells(&tables, "parameters", "std.error")->cell.real;

    for (size_t r = 0; r < rows; r++)
        cells(&tables, "parameters", "mcse.p.percentile")->cell.real[r] = 4e-5;
    assert_shows(&tables, 100, PLS_STYLE_PLAIN,
                 "the p of a path or effect by < .0001; more\n  replicates make both smaller.",
                 true);
    cells(&tables, "intervals", "mcse.high")->cell.real[interval] = 0.249 * se[p];
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "differ by about 25 %", true);
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "Warning", false);
    cells(&tables, "intervals", "mcse.high")->cell.real[interval] = 0.31 * se[p];
    assert_shows(
        &tables, 100, PLS_STYLE_PLAIN,
        "Warning: too few replicates: with another seed, interval ends would differ by about "
        "31 % of\n  their standard error at most (upper end of path KD → KK)",
        true);
    assert_shows(&tables, 100, PLS_STYLE_PLAIN, "Monte Carlo error: ", false);
    pls_tables_free(&tables);
}

static void notes_of_several_hypotheses_are_one(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("bootstrap");
    for (size_t r = 0; r < 2; r++) {
        cells(&tables, "hypotheses", "open")->cell.count[r] = 1;
        cells(&tables, "hypotheses", "p.value")->cell.real[r] = 0.0498;
        cells(&tables, "hypotheses", "mcse.p")->cell.real[r] = 0.0021;
    }
    assert_shows(&tables, 100, PLS_STYLE_PLAIN,
                 "settle it: H1 (p = .0498 ±\n  .0021), H2 (p = .0498 ± .0021)\n", true);
    pls_tables_free(&tables);
}

static void arrows_written_as_such_are_this_report_s(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("bootstrap");
    struct pls_table *hypotheses = pls_tables_find(&tables, "hypotheses");
    assert_ok(pls_table_set_text(hypotheses, 0, "statement", "KD→KV ≠ 0", &err), &err);
    assert_shows(&tables, 80, PLS_STYLE_PLAIN, "H1: KD → KV ≠ 0 ", true);
    assert_shows(&tables, 80, PLS_STYLE_SMARTPLS, "H1: KD -> KV ≠ 0 ", true);
    pls_tables_free(&tables);
}

static void digits_come_from_the_option_else_from_the_study(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("estimate");
    struct pls_report_options options = {.width = 80, .unicode = true, .digits = 2};
    char *text = print(&tables, &options);
    assert_non_null(strstr(text, "KD → KV  .72"));
    free(text);

    struct pls_table *study = pls_tables_find(&tables, "study");
    for (size_t r = 0; r < study->rows; r++)
        if (strcmp(study->column[0].cell.text[r], "digits") == 0)
            assert_ok(pls_table_set_text(study, r, "value", "5", &err), &err);
    options.digits = 0;
    text = print(&tables, &options);
    assert_non_null(strstr(text, "KD → KV  .71780"));
    free(text);
    pls_tables_free(&tables);
}

/* Escape sequences, C1, bidirectional, zero-width, invalid UTF-8, line breaks, and a pile of
 * accents. */
static const char *const hostile[] = {
    "\033[31mred\033[0m",
    "title\033]0;owned\007",
    "a\rb\nc\td\be",
    "\302\23331m",
    "\u202eevil\u2066",
    "zero\u200bwidth",
    "\xff\xfe\x80",
    "=HYPERLINK(\"http://x\")",
    "-> -> ->",
    "%s%n%d",
    "Z\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

static void foreign_text_cannot_reach_the_terminal_raw(void **state)
{
    (void)state;
    for (size_t h = 0; h < HOSTILE; h++) {
        struct pls_tables tables = sample_tables(h % 2 == 0 ? "bootstrap" : "estimate");
        for (size_t t = 0; t < tables.count; t++)
            for (size_t c = 0; c < tables.table[t]->columns; c++) {
                struct pls_table *table = tables.table[t];
                const char *name = table->column[c].name;
                if (table->column[c].type != PLS_CELL_TEXT || strcmp(name, "component") == 0 ||
                    strcmp(name, "key") == 0 || strcmp(name, "kind") == 0 ||
                    strcmp(name, "op") == 0 || strcmp(name, "method") == 0)
                    continue;
                for (size_t r = 0; r < table->rows; r++)
                    assert_ok(pls_table_set_text(table, r, name, hostile[h], &err), &err);
            }
        char *text = print(&tables, &(struct pls_report_options){.width = 60, .unicode = true});
        for (const char *c = text; *c != '\0'; c++) {
            const unsigned char byte = (unsigned char)*c, next = (unsigned char)c[1];
            assert_true(byte >= 0x20 || byte == '\n');
            assert_true(byte != 0x7f && byte < 0xf8);
            assert_false(byte == 0xc2 && next < 0xa0); /* C1 */
        }
        assert_null(strstr(text, "\xe2\x80\xae"));
        assert_null(strstr(text, "\xe2\x81\xa6"));
        assert_null(strstr(text, "\xe2\x80\x8b"));
        free(text);
        pls_tables_free(&tables);
    }
}

static void tables_that_lack_everything_print_without_failing(void **state)
{
    (void)state;
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    free(print(&tables, &(struct pls_report_options){.width = 80}));

    /* Columns of the wrong type, and fewer of them than a report reads. */
    assert_ok(pls_tables_add(&tables, "study", "key:text value:count", &table, &err), &err);
    assert_ok(pls_table_append(table, &err, "title", (int64_t)3), &err);
    assert_ok(pls_tables_add(&tables, "constructs", "construct:text", &table, &err), &err);
    assert_ok(pls_table_append(table, &err, "A"), &err);
    assert_ok(pls_table_append(table, &err, "B"), &err);
    assert_ok(pls_tables_add(&tables, "parameters",
                             "component:text lhs:text rhs:text estimate:text std.error:count",
                             &table, &err),
              &err);
    assert_ok(pls_table_append(table, &err, "path", "A", "B", "x", (int64_t)1), &err);
    assert_ok(pls_tables_add(&tables, "mediation", "component:text", &table, &err), &err);
    assert_ok(pls_table_append(table, &err, "specific"), &err);
    assert_ok(pls_tables_add(&tables, "hypotheses", "open:text", &table, &err), &err);
    assert_ok(pls_table_append(table, &err, "1"), &err);
    char *text = print(&tables, &(struct pls_report_options){.width = 0, .unicode = true});
    assert_non_null(strstr(text, "Paths"));
    free(text);
    pls_tables_free(&tables);
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    struct pls_tables tables = sample_tables("estimate");
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(
        pls_report_print(&tables, &(struct pls_report_options){.width = 80}, full, &err), PLS_EIO);
    assert_string_equal(err.text, "the report cannot be written: No space left on device");
    fclose(full);
    pls_tables_free(&tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_print_as_expected),
        cmocka_unit_test(the_founding_study_s_values_are_shown),
        cmocka_unit_test(no_line_is_wider_than_the_page),
        cmocka_unit_test(missing_numbers_are_explained_under_their_table),
        cmocka_unit_test(values_beyond_their_usual_limits_are_marked),
        cmocka_unit_test(p_and_interval_that_disagree_are_marked),
        cmocka_unit_test(smartpls_p_values_belong_to_its_t),
        cmocka_unit_test(t_is_never_shown_without_its_p),
        cmocka_unit_test(too_few_replicates_are_said_once_at_the_top),
        cmocka_unit_test(monte_carlo_error_is_told_small_and_warned_of_large),
        cmocka_unit_test(notes_of_several_hypotheses_are_one),
        cmocka_unit_test(arrows_written_as_such_are_this_report_s),
        cmocka_unit_test(digits_come_from_the_option_else_from_the_study),
        cmocka_unit_test(foreign_text_cannot_reach_the_terminal_raw),
        cmocka_unit_test(tables_that_lack_everything_print_without_failing),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests_name("report.terminal", tests, NULL, NULL);
}
