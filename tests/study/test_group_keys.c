/* test_group_keys.c: groups, strata, clusters and the section permutation of a study. */
#include "studies.h"

#include <stdlib.h>

/* A study whose section data goes on with these lines, and others after the model. */
#define DATA_HEAD "model: A =~ a1; B =~ b1; B ~ A\ndata:\n  file: d.csv\n"

static struct pls_study *study_with_data(const char *lines)
{
    char text[4096];
    snprintf(text, sizeof text, "%s%s\n", DATA_HEAD, lines);
    return study_of(text);
}

static void a_study_of_one_sample_has_the_documented_defaults(void **state)
{
    (void)state;
    struct pls_study *s = study_with("");
    assert_null(s->data.group.column);
    assert_null(s->data.strata);
    assert_null(s->data.cluster);
    assert_false(s->bootstrap.automatic);
    assert_close(s->bootstrap.accuracy, 0.01, 0.0);
    assert_int_equal(s->bootstrap.max_replicates, 1000000);
    assert_int_equal(s->permutation.replicates, 9999);
    assert_false(s->permutation.automatic);
    assert_int_equal(s->permutation.max_replicates, 999999);
    assert_int_equal(s->permutation.stop, PLS_STOP_MMCTEST);
    assert_int_equal(s->permutation.seed, 1);
    assert_int_equal(s->permutation.tests, PLS_TEST_PATHS | PLS_TEST_INDIRECT);
    assert_int_equal(s->permutation.rows, PLS_ROWS_RAW);
    assert_false(s->permutation.studentised);
    assert_int_equal(s->permutation.exact_limit, 1000000);
    assert_int_equal(s->permutation.micom_scale, PLS_MICOM_STANDARDISED);
    assert_int_equal(s->permutation.adjust, PLS_ADJUST_MAXT);
    assert_int_equal(s->permutation.on_failure, PLS_FAILURE_EXCLUDE);
    pls_study_free(s);
}

static void a_group_may_be_the_name_of_its_column(void **state)
{
    (void)state;
    struct pls_study *s = study_with_data("  group: gender");
    assert_string_equal(s->data.group.column, "gender");
    assert_int_equal(s->data.group.place.line, 4);
    assert_int_equal(s->data.group.place.column, 10);
    assert_int_equal(s->data.group.levels, 0);
    assert_int_equal(s->data.group.cuts, 0);
    assert_int_equal(s->data.group.minimum, 10);
    assert_int_equal(s->permutation.tests, PLS_TEST_MGA | PLS_TEST_MICOM | PLS_TEST_OMNIBUS);
    pls_study_free(s);
}

static void every_key_of_groups_reaches_its_field(void **state)
{
    (void)state;
    struct pls_study *s = study_with_data(
        "  group: {minimum: 20, levels: [Jambi, 2, \"\\u00e9, f\"], column: town}\n"
        "  strata: sector\n"
        "permutation: {replicates: auto, max_replicates: 77, stop: besag_clifford, seed: 5,\n"
        "  tests: [omnibus, mga], rows: both, studentised: true, exact_limit: 0, adjust: bh,\n"
        "  on_failure: keep}\n"
        "bootstrap: {replicates: auto, accuracy: 0.02, max_replicates: 88}");
    assert_string_equal(s->data.group.column, "town");
    assert_int_equal(s->data.group.levels, 3);
    assert_string_equal(s->data.group.level[0], "Jambi");
    assert_string_equal(s->data.group.level[1], "2");
    assert_string_equal(s->data.group.level[2], "\xC3\xA9, f");
    assert_int_equal(s->data.group.minimum, 20);
    assert_string_equal(s->data.strata, "sector");
    assert_int_equal(s->data.strata_place.line, 5);
    assert_true(s->permutation.automatic);
    assert_int_equal(s->permutation.replicates, 77);
    assert_int_equal(s->permutation.stop, PLS_STOP_BESAG_CLIFFORD);
    assert_int_equal(s->permutation.seed, 5);
    assert_int_equal(s->permutation.tests, PLS_TEST_MGA | PLS_TEST_OMNIBUS);
    assert_int_equal(s->permutation.rows, PLS_ROWS_BOTH);
    assert_true(s->permutation.studentised);
    assert_int_equal(s->permutation.exact_limit, 0);
    assert_int_equal(s->permutation.adjust, PLS_ADJUST_BH);
    assert_int_equal(s->permutation.on_failure, PLS_FAILURE_KEEP);
    assert_true(s->bootstrap.automatic);
    assert_int_equal(s->bootstrap.replicates, 88);
    assert_close(s->bootstrap.accuracy, 0.02, 0.0);
    pls_study_free(s);

    s = study_with_data("  group: {column: age, cuts: [-1.5, 30, 5e1]}\n"
                        "permutation: {tests: micom, micom_scale: raw}");
    assert_int_equal(s->data.group.cuts, 3);
    assert_close(s->data.group.cut[0], -1.5, 0.0);
    assert_close(s->data.group.cut[2], 50.0, 0.0);
    assert_int_equal(s->permutation.micom_scale, PLS_MICOM_RAW);
    pls_study_free(s);

    s = study_with_data("  group: {column: age, cuts: 30}\n  cluster: school");
    assert_string_equal(s->data.cluster, "school");
    assert_int_equal(s->data.cluster_place.column, 12);
    assert_int_equal(s->data.group.cuts, 1);
    pls_study_free(s);
}

static void names_are_those_of_the_study_file(void **state)
{
    (void)state;
    assert_string_equal(pls_stop_name(PLS_STOP_GANDY), "gandy");
    assert_string_equal(pls_adjust_name(PLS_ADJUST_NONE), "none");
    assert_string_equal(pls_test_name(PLS_TEST_MGA), "mga");
    assert_string_equal(pls_test_name(PLS_TEST_OMNIBUS), "omnibus");
    assert_string_equal(pls_test_name(PLS_TEST_INDIRECT), "indirect");
}

static void every_wrong_group_gets_its_own_sentence_and_place(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"  group: [a]\n",
         "s.yaml:4:10: the group's column must be one name; write 'group: COLUMN'"},
        {"  group: ''\n",
         "s.yaml:4:10: the group's column must be one name; write 'group: COLUMN'"},
        {"  group: {column: {a: b}}\n",
         "s.yaml:4:19: the group's column must be one name; write 'group: COLUMN'"},
        {"  group: {levels: [a, b]}\n",
         "s.yaml:4:10: 'data.group' names no column; write 'column: NAME' in it"},
        {"  group: {column: g, level: [a, b]}\n",
         "s.yaml:4:22: unknown key 'level' in 'data.group'; did you mean 'levels'?"},
        {"  group: {column: g, zzzzzzzz: 1}\n",
         "s.yaml:4:22: unknown key 'zzzzzzzz' in 'data.group'; the keys are column, levels, cuts "
         "and minimum"},
        {"  group: {column: g, levels: [a, b], cuts: [1]}\n",
         "s.yaml:4:44: 'data.group' has both levels and cuts; delete one of them"},
        {"  group: {column: g, levels: [a]}\n",
         "s.yaml:4:30: one level makes one group, and a comparison needs two; add another, or "
         "delete 'levels' to take every value of the column"},
        {"  group: {column: g, levels: []}\n",
         "s.yaml:4:30: 'data.group.levels' must be a list of values; write one such as [female, "
         "male]"},
        {"  group: {column: g, levels: [a, b, a]}\n",
         "s.yaml:4:37: 'data.group.levels' has 'a' twice; delete one"},
        {"  group: {column: g, levels: [a, '']}\n",
         "s.yaml:4:34: a level cannot be empty, because an empty cell is in no group; write a "
         "value of the column"},
        {"  group: {column: g, levels: [a, [b]]}\n",
         "s.yaml:4:34: the items of 'data.group.levels' must be single values; write one list of "
         "them"},
        {"  group: {column: g, levels: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u]}\n",
         "s.yaml:4:71: more than 20 values in 'data.group.levels'; shorten the list"},
        {"  group: {column: g, cuts: {a: b}}\n",
         "s.yaml:4:28: 'data.group.cuts' must be a list of values; write one such as [30, 50]"},
        {"  group: {column: g, cuts: [30, old]}\n",
         "s.yaml:4:33: a cut point must be a number, not 'old'; write 'cuts: [30, 50]' for the "
         "groups <30, 30 to <50 and >=50"},
        {"  group: {column: g, cuts: [30, 30.0]}\n",
         "s.yaml:4:33: the cut points must rise, and 30.0 does not; sort them"},
        {"  group: {column: g, cuts: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}\n",
         "s.yaml:4:77: more than 19 values in 'data.group.cuts'; shorten the list"},
        {"  group: {column: g, minimum: 2}\n",
         "s.yaml:4:31: 'data.group.minimum' must be a whole number from 3 on; write one such as "
         "10"},
        {"  group: {column: g, minimum: few}\n",
         "s.yaml:4:31: 'data.group.minimum' must be a whole number from 3 on; write one such as "
         "10"},
        {"  strata: ''\n", "s.yaml:4:11: 'data.strata' is the name of a column; write one or "
                           "delete the key"},
        {"  cluster: [a]\n", "s.yaml:4:12: 'data.cluster' must be a single value, not a list; "
                             "write it after the colon"},
    };
    assert_refused(DATA_HEAD, refusals, sizeof refusals / sizeof *refusals);
}

static void every_wrong_key_of_permutation_gets_its_own_sentence_and_place(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"permutation: {max_replicates: 5}\n",
         "s.yaml:8:31: 'permutation.max_replicates' is read only with replicates: auto; write "
         "that, or delete this key"},
        {"permutation: {replicates: 99, stop: gandy}\n",
         "s.yaml:8:37: 'permutation.stop' is read only with replicates: auto; write that, or "
         "delete this key"},
        {"permutation: {replicates: automatic}\n",
         "s.yaml:8:27: 'permutation.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not 'automatic'; write one such as 9999"},
        {"permutation: {tests: [paths, mga]}\n",
         "s.yaml:8:30: the test mga compares groups, and the study has none; add 'group: COLUMN' "
         "under data, or test paths or indirect"},
        {"permutation: {tests: micom}\n",
         "s.yaml:8:22: the test micom compares groups, and the study has none; add 'group: "
         "COLUMN' under data, or test paths or indirect"},
        {"permutation: {tests: []}\n",
         "s.yaml:8:22: the list 'permutation.tests' is empty; write a value, or delete the key for "
         "'mga micom omnibus'"},
        {"permutation: {tests: [paths, paths]}\n",
         "s.yaml:8:30: 'permutation.tests' has paths twice; delete one"},
        {"permutation: {tests: path}\n",
         "s.yaml:8:22: 'permutation.tests' must be mga, micom, omnibus, paths or indirect, not "
         "'path'; did you mean 'paths'?"},
        {"permutation: {rows: raw}\n",
         "s.yaml:8:21: 'permutation.rows' is of the tests mga and omnibus, which this study does "
         "not ask for; delete this key"},
        {"permutation: {studentised: true}\n",
         "s.yaml:8:28: 'permutation.studentised' is of the test mga, which this study does not ask "
         "for; delete this key"},
        {"permutation: {studentised: yes}\n",
         "s.yaml:8:28: 'permutation.studentised' must be false or true, not 'yes'; write one of "
         "them"},
        {"permutation: {micom_scale: raw}\n",
         "s.yaml:8:28: 'permutation.micom_scale' is of the test micom, which this study does not "
         "ask for; delete this key"},
    };
    assert_refused(STUDY_HEAD, refusals, sizeof refusals / sizeof *refusals);

    static const struct refusal grouped[] = {
        {"  group: g\npermutation: {tests: [mga, indirect]}\n",
         "s.yaml:5:28: the test indirect is one within a single sample, and 'data.group' makes "
         "several; delete 'data.group', or test mga, micom or omnibus"},
        {"  group: g\npermutation: {rows: within_standardised, studentised: true}\n",
         "s.yaml:5:55: 'permutation.studentised' is of raw rows, and 'permutation.rows' asks for "
         "others; write 'rows: both', or delete this key"},
        {"  group: g\n  cluster: c\npermutation: {studentised: true}\n",
         "s.yaml:6:28: 'permutation.studentised' leaves out single observations, which "
         "'data.cluster' says belong together; delete one of the two keys"},
        {"permutation: {replicates: auto, on_failure: stop}\n",
         "s.yaml:4:45: 'on_failure: stop' would look at replicates that 'replicates: auto' does "
         "not "
         "keep; write 'on_failure: exclude', or a number of replicates"},
        {"  group: g\npermutation: {tests: [mga, micom], rows: within_standardised}\n",
         "s.yaml:5:22: the test micom is of raw rows, and 'permutation.rows' asks for others; "
         "write "
         "'rows: both', or leave micom out"},
        {"bootstrap: {replicates: auto}\nstore: summary\n",
         "s.yaml:5:8: 'store: summary' keeps no rows, and 'replicates: auto' reads them; write "
         "'store: rows', or a number of replicates"},
    };
    assert_refused(DATA_HEAD, grouped, sizeof grouped / sizeof *grouped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_study_of_one_sample_has_the_documented_defaults),
        cmocka_unit_test(a_group_may_be_the_name_of_its_column),
        cmocka_unit_test(every_key_of_groups_reaches_its_field),
        cmocka_unit_test(names_are_those_of_the_study_file),
        cmocka_unit_test(every_wrong_group_gets_its_own_sentence_and_place),
        cmocka_unit_test(every_wrong_key_of_permutation_gets_its_own_sentence_and_place),
    };
    return cmocka_run_group_tests_name("study.group_keys", tests, NULL, NULL);
}
