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
                                        "complementary partial mediation",
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
    static const char *const names[] = {"bootstrap", "estimate", "hard"};
    for (size_t n = 0; n < 3; n++) {
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

    assert_non_null(strstr(text, "– one indicator: Cronbach's α SIZE, ρ_A SIZE, ρ_C SIZE, AVE SIZE\n"));
    assert_non_null(strstr(text, "– its predecessors are collinear: SIZE → LOY\n"));
    assert_non_null(strstr(text, "– more than 5 % of the jackknife rows failed: SIZE → 満足度\n"));
    assert_non_null(strstr(text, "– no interval: its predecessors are collinear: H4\n"));
    assert_null(strstr(text, "nan"));
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
        cmocka_unit_test(digits_come_from_the_option_else_from_the_study),
        cmocka_unit_test(foreign_text_cannot_reach_the_terminal_raw),
        cmocka_unit_test(tables_that_lack_everything_print_without_failing),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests_name("report.terminal", tests, NULL, NULL);
}
