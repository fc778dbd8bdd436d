/* test_yaml.c: what YAML can do to a reader, and where the places of a model in YAML come from. */
#include "studies.h"

#include <stdlib.h>
#include <time.h>

static void what_yaml_has_and_a_study_must_not_have_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"", "s.yaml:1:1: the study is empty; it needs at least 'model' and 'data'"},
        {"# nothing\n", "s.yaml:1:1: the study is empty; it needs at least 'model' and 'data'"},
        {"- a\n", "s.yaml:1:1: a study is a list of 'key: value' lines; begin with 'model: |'"},
        {"title\n", "s.yaml:1:1: a study is a list of 'key: value' lines; begin with 'model: |'"},
        {"a: &x [1, 1]\nb: *x\n",
         "s.yaml:1:4: anchors and aliases are not allowed ('&x'); write the value where it is "
         "needed"},
        {"data:\n  file: d.csv\n  group: *x\n",
         "s.yaml:3:10: aliases are not allowed ('*x'); write the value out, or put a text that "
         "begins with '*' in quotation marks"},
        {"title: !!str 5\n", "s.yaml:1:8: tags ('!') are not allowed; put a text that begins with "
                             "'!' in quotation marks"},
        {"data: {<<: {file: x}}\n",
         "s.yaml:1:8: merge keys ('<<') are not allowed; write the keys out"},
        {"title: a\n---\ntitle: b\n",
         "s.yaml:2:1: a second document begins here ('---'); keep one study in a file"},
        {"title: a\ndata: {}\ntitle: b\n",
         "s.yaml:3:1: the key 'title' stands here a second time (first in line 1); keep one of "
         "them"},
        {"data: {file: a, \"file\": b}\n",
         "s.yaml:1:17: the key 'file' stands here a second time (first in line 1); keep one of "
         "them"},
        {"? [a, b]\n: c\n", "s.yaml:1:3: a list or mapping cannot be a key; write 'key: value'"},
        {"title: \"a\\0b\"\n", "s.yaml:1:8: the zero character ('\\0') is not allowed; delete it"},
    };
    assert_refused("", refusals, sizeof refusals / sizeof *refusals);
}

static void what_is_not_yaml_is_explained_at_its_place(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"data:\n\tfile: x\n", "s.yaml:2:1: a tab indents this line; indent with spaces"},
        {"data:\n  file: x\n  \tmissing: y\n",
         "s.yaml:3:3: a tab indents this line; indent with spaces"},
        {"title: \"abc\ndata: x\n",
         "s.yaml:1:8: the quotation mark that opens here is never closed; close it"},
        {"data: x\ntitle: 'abc\n",
         "s.yaml:2:8: the quotation mark that opens here is never closed; close it"},
        {"title: Study 1: the start\n",
         "s.yaml:1:15: a ':' does not belong here; put a text that contains ': ' in quotation "
         "marks, and begin the keys of one section in the same column"},
        {"data:\n  file: x\n missing: y\n",
         "s.yaml:3:2: this line belongs to nothing; begin the keys of one section in the same "
         "column"},
        {"title: @me\n",
         "s.yaml:1:8: a text cannot begin with this character; put it in quotation marks"},
        {"title: %5\n",
         "s.yaml:1:8: a text cannot begin with this character; put it in quotation marks"},
        {"data:\n  file\n  missing: x\n",
         "s.yaml:3:10: a ':' does not belong here; put a text that contains ': ' in quotation "
         "marks, and begin the keys of one section in the same column"},
        {"data: {missing: [a, b}\n", "s.yaml:1:22: the list is not closed here; end it with ']'"},
        {"data: {file: a\ntitle: b\n",
         "s.yaml:2:6: the mapping is not closed here; end it with '}'"},
        {"data: {file: \"C:\\data\"}\n",
         "s.yaml:1:17: this escape does not exist; write '\\\\' for a backslash, or use single "
         "quotation marks"},
        {"title:Text\ndata: {file: d.csv}\n", "s.yaml:1:1: a blank is missing after 'title:'"},
        {"data: {file: d.csv}\ntitle:Text\n\nmodel: |\n  A =~ a\n",
         "s.yaml:2:1: a blank is missing after 'title:'"},
        {"title: a\ndata:\n  missing: x\n  file:d.csv\n",
         "s.yaml:4:3: a blank is missing after 'file:'"},
        {"title:Text\n", "s.yaml:1:1: a blank is missing after 'title:'"},
        {"data:\n  file:d.csv\n", "s.yaml:2:3: a blank is missing after 'file:'"},
        {"http://x.id\ndata: x\n",
         "s.yaml:1:1: a study is a list of 'key: value' lines; begin with 'model: |'"},
        {"title: ü caf\xE9\n", "s.yaml:1:13: byte 0xE9 is not UTF-8; save the file as UTF-8"},
        {"\xFF\xFEt", "s.yaml:1:1: byte 0xFF is not UTF-8; save the file as UTF-8"},
        {"title: a\ndata: \x1B[2J\n",
         "s.yaml:2:7: the control character U+001B is not allowed; delete it"},
    };
    assert_refused("", refusals, sizeof refusals / sizeof *refusals);
}

static void utf_16_without_a_mark_is_named(void **state)
{
    (void)state;
    struct pls_study *study;
    struct pls_error err;
    assert_int_equal(pls_study_parse("s.yaml", "t\0i\0t\0", 6, NULL, &study, &err), PLS_ESTUDY);
    assert_string_equal(err.text, "s.yaml:1:2: the control character U+0000 is not allowed; save "
                                  "the file as UTF-8 (this looks like UTF-16)");
}

static char *repeated(const char *head, const char *unit, size_t times, const char *tail)
{
    const size_t length = strlen(unit);
    char *text = malloc(strlen(head) + times * length + strlen(tail) + 1);
    assert_non_null(text);
    char *end = text + sprintf(text, "%s", head);
    for (size_t i = 0; i < times; i++, end += length)
        memcpy(end, unit, length);
    strcpy(end, tail);
    return text;
}

/* The text must be refused with this sentence at once. */
static void assert_limit(const char *head, const char *unit, size_t times, const char *tail,
                         const char *sentence)
{
    struct pls_study *study;
    struct pls_error err;
    char *text = repeated(head, unit, times, tail);
    const clock_t start = clock();
    assert_int_equal(pls_study_parse("s.yaml", text, strlen(text), NULL, &study, &err), PLS_ESTUDY);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    assert_string_equal(err.text, sentence);
    assert_true(seconds < 0.5); /* without the limits 6 s and more */
    free(text);
}

static void size_depth_and_number_of_values_are_limited(void **state)
{
    (void)state;
    assert_limit("a: ", "[", 120000, "",
                 "s.yaml:1:19: nested deeper than 16; a study needs 3 levels");
    assert_limit("a: ", "{a: ", 40000, "",
                 "s.yaml:1:64: nested deeper than 16; a study needs 3 levels");
    assert_limit("a:\n ", "- ", 60000, "",
                 "s.yaml:2:32: nested deeper than 16; a study needs 3 levels");
    assert_limit("", "? ", 60000, "",
                 "s.yaml:1:3: a list or mapping cannot be a key; write "
                 "'key: value'");
    assert_limit("a: [", "b, ", 20000, "]",
                 "s.yaml:1:29996: more than 10000 values and keys; shorten the study");
    assert_limit("title: ", "b", 65537, "\n",
                 "s.yaml:1:8: this text is longer than 65536 bytes; shorten it");
    assert_limit("#", "b", 1048576, "",
                 "s.yaml: larger than 1048576 bytes; a study is a short text");
}

static void a_study_just_within_the_limits_is_read(void **state)
{
    (void)state;
    char *text = repeated(STUDY_HEAD "#", "x", 1048576 - sizeof STUDY_HEAD, "");
    pls_study_free(study_of(text));
    free(text);
    text = repeated(STUDY_HEAD "title: ", "x", 65536, "");
    pls_study_free(study_of(text));
    free(text);
}

static void a_byte_order_mark_moves_no_column(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"\xEF\xBB\xBFtitel: a\n", "s.yaml:1:1: unknown key 'titel'; did you mean 'title'?"},
    };
    assert_refused("", refusals, 1);
}

/* However YAML wraps the model, an error stands where the file has the word ("C" or "ü"). */
static void errors_in_the_model_have_the_places_of_the_file(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"model: |\n  A =~ a1\n  B =~ b1\n\n  B ~ C\n", "s.yaml:6:7: "},
        {"model: | # the model\n  A =~ a1 # ü\n  B =~ b1\n  B ~ C\n", "s.yaml:5:7: "},
        {"model: |2-\n\n     A =~ a1\n  B =~ b1\n    # ü\n    B ~ C\n", "s.yaml:7:9: "},
        {"model:\n  |\n      A =~ a1\n      B =~ b1\n      B ~ C\n", "s.yaml:6:11: "},
        {"model: |\r\n  A =~ a1\r\n  B =~ b1\r\n  B ~ C\r\n", "s.yaml:5:7: "},
        {"model: >\n  A =~ a1;\n  B =~ b1;\n  B ~ C\n", "s.yaml:5:7: "},
        {"model: A =~ a1; B =~ b1; B ~ C\n", "s.yaml:2:30: "},
        {"model:\n  A =~ a1;\n  B =~ b1;\n  B ~ C\n", "s.yaml:5:7: "},
        {"model: 'A =~ a1; B =~ b1; B ~ C'\n", "s.yaml:2:31: "},
        {"model: \"A =~ a1\\nB =~ b1\\n\\tB ~ C\"\n", "s.yaml:2:33: "},
        {"model: 'A =~ a1\n\n  B =~ b1\n\n  B ~ C'\n", "s.yaml:6:7: "},
        {"model: \"A =~ a1;\\\n  B =~ b1;\\\n  B ~ C\"\n", "s.yaml:4:7: "},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct refusal expected = refusals[i];
        char sentence[200];
        snprintf(sentence, sizeof sentence,
                 "%s'C' has no indicators; add a line such as 'C =~ x1 + x2'", expected.sentence);
        expected.sentence = sentence;
        assert_refused("data: {file: d.csv}\n", &expected, 1);
    }
}

static void a_model_of_lines_without_the_bar_is_told_so(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"model:\n  A =~ a1 + a2\n  B =~ b1\n  B ~ A\n",
         "s.yaml:3:3: write 'model: |' with the bar, so that the lines stay lines"},
        {"model: A =~ a1\n  B ~ A\n",
         "s.yaml:2:8: write 'model: |' with the bar, so that the lines stay lines"},
        {"model: A =~ a1 a2\n", "s.yaml:2:16: a '+' is missing between 'a1' and 'a2'"},
    };
    assert_refused("data: {file: d.csv}\n", refusals, sizeof refusals / sizeof *refusals);
    pls_study_free(study_of("data: {file: d.csv}\nmodel:\n  A =~ a1 +\n  a2; B =~ b1; B ~\n  A\n"));
}

static void indicators_have_the_places_of_the_file(void **state)
{
    (void)state;
    struct pls_study *study = study_of(
        "model: |\n    A =~ a1 +\n      ä2\n    B =~ b1\n    B ~ A\ndata: {file: d.csv}\n");
    assert_int_equal(study->model->place[0].line, 2);
    assert_int_equal(study->model->place[0].column, 10);
    assert_int_equal(study->model->place[1].line, 3);
    assert_int_equal(study->model->place[1].column, 7);
    assert_int_equal(study->model->place[2].line, 4);
    assert_int_equal(study->model->place[2].column, 10);
    pls_study_free(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_yaml_has_and_a_study_must_not_have_is_refused),
        cmocka_unit_test(what_is_not_yaml_is_explained_at_its_place),
        cmocka_unit_test(utf_16_without_a_mark_is_named),
        cmocka_unit_test(size_depth_and_number_of_values_are_limited),
        cmocka_unit_test(a_study_just_within_the_limits_is_read),
        cmocka_unit_test(a_byte_order_mark_moves_no_column),
        cmocka_unit_test(errors_in_the_model_have_the_places_of_the_file),
        cmocka_unit_test(a_model_of_lines_without_the_bar_is_told_so),
        cmocka_unit_test(indicators_have_the_places_of_the_file),
    };
    return cmocka_run_group_tests_name("study.yaml", tests, NULL, NULL);
}
