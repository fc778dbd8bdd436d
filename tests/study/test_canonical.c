/* test_canonical.c: the text that decides whether rows are the same. */
#include "plstrap/text.h"
#include "studies.h"

#include <stdlib.h>

static char *canonical_of(struct pls_study *study)
{
    struct pls_text text = {0};
    struct pls_error err;
    assert_ok(pls_study_canonical(study, &text, &err), &err);
    pls_study_free(study);
    return text.data;
}

/* Written by hand: a change here makes every result that exists a stranger. */
static const char expected[] = "model: A =~ a1 + a2\n"
                               "model: M =~ m1\n"
                               "model: B =~ b1\n"
                               "model: M ~ A\n"
                               "model: B ~ M\n"
                               "data.missing: []\n"
                               "data.missing_treatment: listwise\n"
                               "data.delimiter: auto\n"
                               "data.decimal: auto\n"
                               "data.encoding: utf-8\n"
                               "estimation.scheme: path\n"
                               "estimation.consistent: false\n"
                               "estimation.tolerance: 1e-07\n"
                               "estimation.max_iterations: 300\n"
                               "estimation.sign: sum\n"
                               "estimation.dominant: {}\n"
                               "bootstrap.seed: 1\n"
                               "bootstrap.align: base\n"
                               "bootstrap.scheme: multinomial\n";

static void the_text_is_pinned(void **state)
{
    (void)state;
    char *text = canonical_of(study_with(""));
    assert_string_equal(text, expected);
    free(text);
}

static void what_decides_no_row_changes_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "# a comment",
        "title: Another",
        "estimation: {scheme: path, consistent: false, tolerance: 0.0000001, max_iterations: 300,\n"
        "  sign: sum, dominant: {}}",
        "bootstrap: {replicates: 5000, seed: 1, align: base, scheme: multinomial}",
        "bootstrap: {level: [0.9, 0.99], intervals: [bc], on_failure: keep}",
        "hypotheses: {H1: A -> M > 0}",
        "inference: {alpha: 0.1, rule: interval, p: t, sides: one, quantile: 7,\n"
        "  centre: bias_corrected}",
        "store: rows",
        "report: {digits: 4, style: smartpls, remarks: [Simulated.]}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *text = canonical_of(study_with(lines[i]));
        assert_string_equal(text, expected);
        free(text);
    }
}

static void the_way_of_writing_changes_nothing(void **state)
{
    (void)state;
    static const char *const studies[] = {
        "model: 'A=~a1; A=~a2; M=~m1; B=~b1; B~M; M~A'\ndata: {file: moved/other.csv}\n",
        "data: {file: d.csv, missing: [], missing_treatment: listwise, delimiter: auto,\n"
        "       decimal: auto, encoding: utf-8}\n"
        "model: |\n  A =~ a1 +\n   a2 # first\n  M =~ m1\n  B =~ b1\n  B ~ M\n  M ~ A\n",
    };
    for (size_t i = 0; i < sizeof studies / sizeof *studies; i++) {
        char *text = canonical_of(study_of(studies[i]));
        assert_string_equal(text, expected);
        free(text);
    }
}

static void each_key_that_decides_rows_changes_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *data, *more, *line;
    } changes[] = {
        {", missing: [NA, '-9\"9', -99]", "", "data.missing: [\"NA\", \"-9\\\"9\", \"-99\"]\n"},
        {", missing: \"a\\tb\"", "", "data.missing: [\"a\\u0009b\"]\n"},
        {", delimiter: tab", "", "data.delimiter: tab\n"},
        {", decimal: comma", "", "data.decimal: comma\n"},
        {", encoding: windows-1252", "", "data.encoding: windows-1252\n"},
        {"", "estimation: {scheme: factorial}", "estimation.scheme: factorial\n"},
        {"", "estimation: {tolerance: 0.1}", "estimation.tolerance: 0.1\n"},
        {"", "estimation: {tolerance: 0.30000000000000004}",
         "estimation.tolerance: 0.30000000000000004\n"},
        {"", "estimation: {tolerance: 1e-13}", "estimation.tolerance: 1e-13\n"},
        {"", "estimation: {max_iterations: 301}", "estimation.max_iterations: 301\n"},
        {"", "estimation: {sign: none}", "estimation.sign: none\n"},
        {"", "estimation: {dominant: {B: b1, A: a2}}", "estimation.dominant: {A: a2, B: b1}\n"},
        {"", "bootstrap: {seed: 18446744073709551615}", "bootstrap.seed: 18446744073709551615\n"},
        {"", "bootstrap: {align: none}", "bootstrap.align: none\n"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char study[1000];
        snprintf(study, sizeof study,
                 "data: {file: d.csv%s}\nmodel: A =~ a1 + a2; M =~ m1; B =~ b1; M ~ A; B ~ M\n%s\n",
                 changes[i].data, changes[i].more);
        char *text = canonical_of(study_of(study));
        assert_non_null(strstr(text, changes[i].line));
        assert_null(strstr(expected, changes[i].line));
        free(text);
    }
}

static void the_model_is_part_of_it(void **state)
{
    (void)state;
    static const char *const models[] = {
        "A <~ a1 + a2; M =~ m1; B =~ b1; M ~ A; B ~ M",
        "A =~ a2 + a1; M =~ m1; B =~ b1; M ~ A; B ~ M",
        "A =~ a1; M =~ m1; B =~ b1; M ~ A; B ~ M",
        "A =~ a1 + a2; M =~ m1; B =~ b1; M ~ A; B ~ M + A",
        "A =~ a1 + a2; M =~ m1; B =~ b1; M ~ B; B ~ A",
    };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        char study[1000];
        snprintf(study, sizeof study, "data: {file: d.csv}\nmodel: %s\n", models[i]);
        char *text = canonical_of(study_of(study));
        assert_string_not_equal(text, expected);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_pinned),
        cmocka_unit_test(what_decides_no_row_changes_nothing),
        cmocka_unit_test(the_way_of_writing_changes_nothing),
        cmocka_unit_test(each_key_that_decides_rows_changes_its_line),
        cmocka_unit_test(the_model_is_part_of_it),
    };
    return cmocka_run_group_tests_name("study.canonical", tests, NULL, NULL);
}
