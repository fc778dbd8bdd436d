/* test_canonical.c: the text that decides whether rows are the same. */
#include "plstrap/text.h"
#include "studies.h"

#include <stdlib.h>

static char *canonical_for(const char *job, struct pls_study *study)
{
    struct pls_text text = {0};
    struct pls_error err;
    assert_ok(pls_study_canonical(study, job, &text, &err), &err);
    pls_study_free(study);
    return text.data;
}

static char *canonical_of(struct pls_study *study)
{
    return canonical_for("bootstrap", study);
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
        "bootstrap: {replicates: auto, accuracy: 0.1, max_replicates: 5}",
        "permutation: {replicates: 5, seed: 2, tests: [paths], exact_limit: 7, adjust: holm}",
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

/* The text of another job is pinned as well: all of the above, and what is its own. */
static void permutations_have_lines_of_their_own(void **state)
{
    (void)state;
    static const char data[] = "data: {file: d.csv%s}\nmodel: A =~ a1 + a2; M =~ m1; B =~ b1; "
                               "M ~ A; B ~ M\n%s";
    static const struct {
        const char *data, *more, *inserted, *lines;
    } cases[] = {
        {"", "", "",
         "permutation.seed: 1\npermutation.tests: [paths, indirect]\npermutation.rows: raw\n"
         "permutation.studentised: false\npermutation.exact_limit: 1000000\n"
         "permutation.micom_scale: standardised\n"},
        {", group: {column: \"a\\\"b\", minimum: 50}, strata: s",
         "permutation: {replicates: auto, max_replicates: 9, stop: gandy, adjust: none,\n"
         "  on_failure: keep, seed: 3, tests: [omnibus, mga, micom], rows: both,\n"
         "  studentised: true, exact_limit: 5, micom_scale: raw}\n",
         "data.group: {column: \"a\\\"b\"}\ndata.strata: \"s\"\n",
         "permutation.seed: 3\npermutation.tests: [mga, micom, omnibus]\n"
         "permutation.rows: both\npermutation.studentised: true\npermutation.exact_limit: 5\n"
         "permutation.micom_scale: raw\n"},
        {", group: {column: g, levels: [b, a]}", "permutation: {tests: micom}",
         "data.group: {column: \"g\", levels: [\"b\", \"a\"]}\n",
         "permutation.seed: 1\npermutation.tests: [micom]\npermutation.rows: raw\n"
         "permutation.studentised: false\npermutation.exact_limit: 1000000\n"
         "permutation.micom_scale: standardised\n"},
        {", group: {column: g, cuts: [30, 50.5]}", "permutation: {tests: micom}",
         "data.group: {column: \"g\", cuts: [3e+01, 50.5]}\n",
         "permutation.seed: 1\npermutation.tests: [micom]\npermutation.rows: raw\n"
         "permutation.studentised: false\npermutation.exact_limit: 1000000\n"
         "permutation.micom_scale: standardised\n"},
    };
    const size_t before = (size_t)(strstr(expected, "estimation.scheme") - expected);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char study[1000], whole[2000];
        snprintf(study, sizeof study, data, cases[i].data, cases[i].more);
        snprintf(whole, sizeof whole, "%.*s%s%s%s", (int)before, expected, cases[i].inserted,
                 expected + before, cases[i].lines);
        char *text = canonical_for("permute", study_of(study));
        assert_string_equal(text, whole);
        free(text);
    }
}

static void other_jobs_know_strata_and_clusters_but_no_groups(void **state)
{
    (void)state;
    char *text = canonical_of(study_of("data: {file: d.csv, group: g, strata: s, cluster: c}\n"
                                       "model: A =~ a1; B =~ b1; B ~ A\n"));
    assert_non_null(strstr(text, "data.encoding: utf-8\ndata.strata: \"s\"\ndata.cluster: \"c\"\n"
                                 "estimation.scheme"));
    assert_null(strstr(text, "group"));
    assert_null(strstr(text, "permutation"));
    free(text);
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
        cmocka_unit_test(permutations_have_lines_of_their_own),
        cmocka_unit_test(other_jobs_know_strata_and_clusters_but_no_groups),
        cmocka_unit_test(the_model_is_part_of_it),
    };
    return cmocka_run_group_tests_name("study.canonical", tests, NULL, NULL);
}
