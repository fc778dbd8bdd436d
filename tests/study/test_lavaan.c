/* test_lavaan.c: what the model syntax accepts, and the sentence for everything that it refuses. */
#include "check.h"
#include "plstrap/model.h"

#include <string.h>

static const struct {
    const char *text, *sentence; /* after "m.lav:" */
} refusals[] = {
    {"# only a comment\n",
     "1:1: the model is empty; write lines such as 'A =~ x1 + x2' and 'B ~ A'"},
    {"A =~ x1\nB =~ x2\nA ~~ B",
     "3:3: covariances ('~~') are results in PLS, not part of the model; delete this line"},
    {"A =~ a*x1",
     "1:6: labels ('a*') are not needed: every coefficient has a name of its own; write the "
     "name alone"},
    {"A =~ NA*x1 + x2",
     "1:6: labels ('NA*') are not needed: every coefficient has a name of its own; write the "
     "name alone"},
    {"A =~ 1*x1 + x2",
     "1:6: fixed coefficients ('1*') have no meaning in PLS, which estimates every "
     "coefficient; write the name alone"},
    {"B ~ 0.5*A", "1:5: fixed coefficients ('0.5*') have no meaning in PLS, which estimates every "
                  "coefficient; write the name alone"},
    {"A =~ start(0.8)*x1",
     "1:6: modifiers ('start()') have no meaning in PLS, which estimates every coefficient "
     "without start values; write the name alone"},
    {"A =~ x1\nB =~ x2\nB ~ A\nab := a*b",
     "4:4: defined parameters (':=') are not needed: all indirect and total effects are "
     "computed; delete this line, and state a hypothesis such as 'H1: indirect A -> B > 0'"},
    {"a == b", "1:3: constraints ('==') have no meaning in PLS, which estimates every coefficient "
               "freely; delete this line"},
    {"A =~ x1; a > 0",
     "1:12: constraints ('>') have no meaning in PLS, which estimates every coefficient "
     "freely; delete this line"},
    {"a < 2", "1:3: constraints ('<') have no meaning in PLS, which estimates every coefficient "
              "freely; delete this line"},
    {"x1 | t1 + t2",
     "1:4: thresholds ('|') have no meaning in PLS, which takes indicators as numbers; delete "
     "this line"},
    {"x1 ~*~ x1", "1:4: scaling factors ('~*~') have no meaning in PLS; delete this line"},
    {"A =~ x1\nx1 ~ 1",
     "2:6: intercepts ('~ 1') have no meaning in PLS, which standardises every column; delete "
     "this term"},
    {"A =~ x1; A ~ 0",
     "1:14: intercepts ('~ 0') have no meaning in PLS, which standardises every column; "
     "delete this term"},
    {"A =~ 1", "1:6: the number '1' stands where a name belongs; write a name"},
    {"B ~ A:M", "1:5: interactions ('A:…') are not in this version of plstrap; delete this term"},
    {"B ~ group:A",
     "1:5: interactions ('group:…') are not in this version of plstrap; delete this term"},
    {"group: 1\nA =~ x1",
     "1:1: blocks ('group:') are not part of a model; write the model once, for all rows"},
    {"level: 2\nA =~ x1",
     "1:1: blocks ('level:') are not part of a model; write the model once, for all rows"},
    {"A =~ \"x1\"", "1:6: quotation marks are not needed in a model; write the name alone"},
    {"A =~ `x1` + x2", "1:6: quotation marks are not needed in a model; write the name alone"},
    {"A =~ \"Konten menarik\"", "1:6: a name has no blanks: rename the column in the data, for "
                                "instance to Konten_menarik"},
    {"A =~ x1 + `Bewertung (1 - 5), ganz`",
     "1:11: a name has no blanks: rename the column in the data, for instance to "
     "Bewertung_1_5_ganz"},
    {"A =~ ' ü é ' + x2",
     "1:6: a name has no blanks: rename the column in the data, for instance to ü_é"},
    {"A =~ 'x1 + x2\nB =~ 'x3'",
     "1:6: quotation marks are not needed in a model; write the name alone"},
    {"A =~ ' '", "1:6: a name has no blanks: rename the column in the data, for instance to x1"},
    {"'A' =~ x1", "1:1: quotation marks are not needed in a model; write the name alone"},
    {"A =~ x1 x2", "1:9: a '+' is missing between 'x1' and 'x2'"},
    {"A =~ x1 +\nB =~ x2",
     "2:3: a second '=~' in one statement; begin a new line before 'B', without a '+' at the "
     "end of the line before"},
    {"A =~", "1:3: no name follows '=~'; write one or delete the '=~'"},
    {"A =~ x1 +", "1:9: no name follows '+'; write one or delete the '+'"},
    {"A =~ x1 + + x2", "1:9: no name follows '+'; write one or delete the '+'"},
    {"=~ x1", "1:1: no name stands before '=~'; write one"},
    {"+ A =~ x1", "1:1: no name stands before '+'; write one"},
    {"A B =~ x1", "1:3: an operator is missing between 'A' and 'B'; write '=~', '<~', '~' or '+'"},
    {"KD\nA =~ x1",
     "1:1: 'KD' stands alone; write '=~', '<~' or '~' after it, or end the line before it "
     "with '+'"},
    {"A = x1",
     "1:3: '=' is no operator; write '=~' for reflective, '<~' for formative indicators, '~' "
     "for paths"},
    {"A -> B", "1:3: '->' is no operator of a model; for a path A -> B write 'B ~ A'"},
    {"B <- A", "1:3: '<-' is no operator of a model; for a path B <- A write 'B ~ A'"},
    {"A =~ x-1",
     "1:7: '-' cannot stand in a model; a name has letters, digits, '.' and '_': rename the "
     "column"},
    {"A =~ 1item", "1:6: the name '1item' begins with a digit; rename the column"},
    {"A =~ x1 & x2", "1:9: '&' cannot stand in a model; a name has letters, digits, '.' and '_'"},
    {"A =~ x1, x2", "1:8: ',' cannot stand in a model; a name has letters, digits, '.' and '_'"},
    {"A =~ x1 + x2", "1:1: the model has no paths; add lines such as 'B ~ A' for a path A -> B"},
    {"A =~ x1\nB =~ x2",
     "1:1: the model has no paths; add lines such as 'B ~ A' for a path A -> B"},
    {"Quality =~ a1\nValue =~ b1\nValue ~ Qualiti",
     "3:9: 'Qualiti' has no indicators; did you mean 'Quality'?"},
    {"Quality =~ a1\nValue =~ b1\nValue ~ Zeal",
     "3:9: 'Zeal' has no indicators; add a line such as 'Zeal =~ x1 + x2'"},
    {"A =~ x1\nB =~ x2\nB ~ x1",
     "3:5: 'x1' is an indicator, and paths join constructs; give it a construct of its own, "
     "such as 'NAME =~ x1'"},
    {"A =~ x1\nA <~ x2\nB =~ x3\nB ~ A",
     "2:1: 'A' has both reflective ('=~') and formative ('<~') indicators (first in line 1); "
     "use one sign"},
    {"A =~ x1 + x2\nB =~ x3 + x2\nB ~ A",
     "2:11: 'x2' is an indicator of 'B', but also of 'A' (at 1:11); keep it in one block"},
    {"A =~ x1 + x2 + x1\nB =~ x3\nB ~ A",
     "1:16: 'x1' is listed twice as indicator of 'A' (first at 1:6); delete one"},
    {"A =~ x1 + B\nB =~ x3\nB ~ A",
     "1:11: 'B' is a construct (line 2) and cannot be an indicator too; rename one "
     "(higher-order constructs are not in this version of plstrap)"},
    {"A =~ A\nB =~ x3\nB ~ A",
     "1:6: 'A' cannot be its own indicator; give the construct another name"},
    {"A =~ x1\nB =~ x2\nA ~ A\nB ~ A", "3:5: a path from 'A' to itself; delete this term"},
    {"A =~ x1\nB =~ x2\nB ~ A\nB ~ A",
     "4:5: the path A -> B is listed twice (first at 3:5); delete one"},
    {"A =~ x1\nB =~ x2\nB ~ A + A",
     "3:9: the path A -> B is listed twice (first at 3:5); delete one"},
    {"A =~ x1; B =~ x2; C =~ x3\nB ~ A\nC ~ B\nA ~ C",
     "4:5: the paths form a cycle: A -> B -> C -> A; PLS needs a model without cycles, so "
     "delete one of these paths"},
    {"A =~ x1; B =~ x2; C =~ x3; D =~ x4; E =~ x5\nC ~ D\nB ~ C + A\nD ~ B\nE ~ D",
     "4:5: the paths form a cycle: B -> D -> C -> B; PLS needs a model without cycles, so "
     "delete one of these paths"},
    {"A =~ x1; B =~ x2; C =~ x3\nB ~ A",
     "1:19: 'C' is joined to no other construct; add a path or delete it"},
    {"A ~ B", "1:1: no construct has indicators; add lines such as 'A =~ x1 + x2'"},
    {"größe =~ ä1; Ärger =~ b1; Ärger ~ Gröse",
     "1:35: 'Gröse' has no indicators; did you mean 'größe'?"},
    {"A =~ x1 – x2", "1:9: the character U+2013 cannot stand in a model; delete it"},
    {"A =~ x1\xE9 + x2", "1:8: byte 0xE9 is not UTF-8; save the file as UTF-8"},
    {"A =~ x1\xC2\xA0+ x2", "1:8: the character U+00A0 cannot stand in a model; delete it"},
};

static void every_refused_model_gets_its_own_sentence_and_place(void **state)
{
    (void)state;
    size_t different = 0;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct pls_model *model = (struct pls_model *)&different;
        struct pls_error err = {.text = "m.lav:no error"};
        const enum pls_code code =
            pls_model_parse(refusals[i].text, "m.lav", (struct pls_place){1, 1}, 0, &model, &err);
        if (code == PLS_ESTUDY && !model && strncmp(err.text, "m.lav:", 6) == 0 &&
            strcmp(err.text + 6, refusals[i].sentence) == 0)
            continue;
        print_error("%s\n  gives     %d %s\n  expected 78 m.lav:%s\n", refusals[i].text, (int)code,
                    err.text, refusals[i].sentence);
        different++;
        if (code == PLS_OK)
            pls_model_free(model);
    }
    assert_int_equal(different, 0);
}

/* Each way of writing gives the model of the first. */
static void all_ways_of_writing_give_the_same_model(void **state)
{
    (void)state;
    static const char *const ways[] = {
        "A =~ x1 + x2\nB <~ y.1 + y_2\nB ~ A\n",
        "A=~x1+x2;B<~y.1+y_2;B~A",
        "# head\nA =~ x1 # first\n  + x2 ! second\n\nB <~ y.1 +\n  # between\n  y_2\nB ~\n A",
        "A =~ x1\nB <~ y.1\nA =~ x2\nB ~ A\nB <~ y_2",
        "B ~ A\nA =~ x1 + x2\nB <~ y.1 + y_2",
        "A =~ x1 + x2\r\nB <~ y.1 + y_2\r\nB ~ A\r\n",
        "A =~ x1 + x2\rB <~ y.1 + y_2\rB ~ A",
        "\t; ;A =~\tx1 + x2 ;; B <~ y.1 + y_2 ; B ~ A ;",
        "A\t=~ x1 + x2\nB <~ y.1 + y_2\nB ~ A #",
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct pls_model *model = NULL;
        struct pls_error err;
        assert_ok(pls_model_parse(ways[i], "m.lav", (struct pls_place){1, 1}, 0, &model, &err),
                  &err);
        assert_int_equal(model->constructs, 2);
        assert_int_equal(model->indicators, 4);
        assert_int_equal(model->paths, 1);
        assert_string_equal(model->construct[0], "A");
        assert_string_equal(model->construct[1], "B");
        assert_int_equal(model->mode[0], PLS_MODE_A);
        assert_int_equal(model->mode[1], PLS_MODE_B);
        assert_int_equal(model->block[1], 2);
        assert_string_equal(model->indicator[0], "x1");
        assert_string_equal(model->indicator[1], "x2");
        assert_string_equal(model->indicator[2], "y.1");
        assert_string_equal(model->indicator[3], "y_2");
        assert_int_equal(model->source[0], 0);
        assert_int_equal(model->arrow[1], 0);
        assert_int_equal(model->arrow[2], 1);
        pls_model_free(model);
    }
}

static void names_may_have_letters_of_any_script(void **state)
{
    (void)state;
    struct pls_model *model = NULL;
    struct pls_error err;
    assert_ok(pls_model_parse("größe =~ ä.1 + _b2 + .c; 品質 =~ 一; 品質 ~ größe", "m.lav",
                              (struct pls_place){1, 1}, 0, &model, &err),
              &err);
    assert_string_equal(model->construct[0], "größe");
    assert_string_equal(model->construct[1], "品質");
    assert_string_equal(model->indicator[0], "ä.1");
    assert_string_equal(model->indicator[2], ".c");
    assert_int_equal(model->place[3].column, 32); /* characters, not bytes */
    pls_model_free(model);
}

static void several_left_sides_are_several_statements(void **state)
{
    (void)state;
    struct pls_model *model = NULL;
    struct pls_error err;
    assert_ok(pls_model_parse("A =~ a\nB =~ b\nC =~ c\nD =~ d\nC + D ~ A + B", "m.lav",
                              (struct pls_place){1, 1}, 0, &model, &err),
              &err);
    assert_int_equal(model->paths, 4);
    assert_int_equal(pls_model_path(model, 0, 2), 0);
    assert_int_equal(pls_model_path(model, 1, 2), 1);
    assert_int_equal(pls_model_path(model, 0, 3), 2);
    assert_int_equal(pls_model_path(model, 1, 3), 3);
    pls_model_free(model);
}

static void places_follow_origin_and_indent(void **state)
{
    (void)state;
    struct pls_model *model = NULL;
    struct pls_error err;
    assert_ok(pls_model_parse("A =~ a1\n  + a2\nB =~ b1\nB ~ A", "s.yaml", (struct pls_place){7, 3},
                              2, &model, &err),
              &err);
    assert_int_equal(model->place[0].line, 7);
    assert_int_equal(model->place[0].column, 8);
    assert_int_equal(model->place[1].line, 8);
    assert_int_equal(model->place[1].column, 7);
    assert_int_equal(model->place[2].line, 9);
    assert_int_equal(model->place[2].column, 8);
    pls_model_free(model);
}

static void a_long_or_wild_name_is_shown_short_and_safe(void **state)
{
    (void)state;
    struct pls_model *model;
    struct pls_error err;
    char text[2000] = "A =~ a1; B =~ b1; B ~ ";
    memset(text + strlen(text), 'z', 1500);
    assert_int_equal(pls_model_parse(text, "m.lav", (struct pls_place){1, 1}, 0, &model, &err),
                     PLS_ESTUDY);
    assert_true(strlen(err.text) < 250);
    assert_non_null(strstr(err.text, "zzz…"));
    assert_int_equal(
        pls_model_parse("A =~ \033[2J", "m.lav", (struct pls_place){1, 1}, 0, &model, &err),
        PLS_ESTUDY);
    assert_null(strchr(err.text, '\033'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refused_model_gets_its_own_sentence_and_place),
        cmocka_unit_test(all_ways_of_writing_give_the_same_model),
        cmocka_unit_test(names_may_have_letters_of_any_script),
        cmocka_unit_test(several_left_sides_are_several_statements),
        cmocka_unit_test(places_follow_origin_and_indent),
        cmocka_unit_test(a_long_or_wild_name_is_shown_short_and_safe),
    };
    return cmocka_run_group_tests_name("study.lavaan", tests, NULL, NULL);
}
