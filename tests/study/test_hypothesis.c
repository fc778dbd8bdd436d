/* test_hypothesis.c: every form of a hypothesis, and each that the model does not have. */
#include "studies.h"

static void every_form_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        enum pls_effect effect;
        size_t length;
        enum pls_relation relation;
    } forms[] = {
        {"A -> M > 0", PLS_EFFECT_PATH, 2, PLS_GREATER},
        {"A -> M < 0", PLS_EFFECT_PATH, 2, PLS_LESS},
        {"A -> M != 0", PLS_EFFECT_PATH, 2, PLS_NOT_EQUAL},
        {"A -> M", PLS_EFFECT_PATH, 2, PLS_NOT_EQUAL},
        {"A->M>0.0", PLS_EFFECT_PATH, 2, PLS_GREATER},
        {"A -> M -> B > 0", PLS_EFFECT_SPECIFIC, 3, PLS_GREATER},
        {"indirect A -> B > 0", PLS_EFFECT_INDIRECT, 2, PLS_GREATER},
        {"indirect A -> B", PLS_EFFECT_INDIRECT, 2, PLS_NOT_EQUAL},
        {"total A -> B < 0", PLS_EFFECT_TOTAL, 2, PLS_LESS},
        {"total A -> M", PLS_EFFECT_TOTAL, 2, PLS_NOT_EQUAL},
        {"A → M → B > 0", PLS_EFFECT_SPECIFIC, 3, PLS_GREATER},
        {"A→M≠0", PLS_EFFECT_PATH, 2, PLS_NOT_EQUAL},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char lines[200];
        snprintf(lines, sizeof lines, "hypotheses: {H 1: '%s'}", forms[i].statement);
        struct pls_study *study = study_with(lines);
        const struct pls_hypothesis *h = study->hypothesis;
        assert_int_equal(study->hypotheses, 1);
        assert_string_equal(h->name, "H 1");
        assert_string_equal(h->statement, forms[i].statement);
        assert_int_equal(h->effect, forms[i].effect);
        assert_int_equal(h->length, forms[i].length);
        assert_int_equal(h->relation, forms[i].relation);
        assert_int_equal(h->chain[0], 0);
        assert_int_equal(h->chain[h->length - 1], strchr(forms[i].statement, 'B') ? 2 : 1);
        pls_study_free(study);
    }
}

static void indirect_and_total_may_be_names_of_constructs(void **state)
{
    (void)state;
    struct pls_study *study =
        study_of("data: {file: d.csv}\nmodel: total =~ a; indirect =~ b; indirect ~ total\n"
                 "hypotheses: {H1: total -> indirect > 0, H2: total total -> indirect}\n");
    assert_int_equal(study->hypothesis[0].effect, PLS_EFFECT_PATH);
    assert_int_equal(study->hypothesis[1].effect, PLS_EFFECT_TOTAL);
    pls_study_free(study);
}

static void an_indirect_effect_may_run_beside_a_direct_one(void **state)
{
    (void)state;
    struct pls_study *study =
        study_of("data: {file: d.csv}\nmodel: A =~ a; M =~ m; B =~ b; M ~ A; B ~ A + M\n"
                 "hypotheses: {H1: indirect A -> B, H2: A -> B}\n");
    assert_int_equal(study->hypotheses, 2);
    pls_study_free(study);
}

static void what_the_model_does_not_have_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"hypotheses: [A -> M]\n",
         "s.yaml:8:13: 'hypotheses' holds lines such as 'H1: A -> B > 0'; indent them below it"},
        {"hypotheses: {H1: [A]}\n",
         "s.yaml:8:18: the hypothesis 'H1' is not a text such as 'A -> B > 0'; write one"},
        {"hypotheses: {H1: }\n",
         "s.yaml:8:18: the hypothesis 'H1' is not a text such as 'A -> B > 0'; write one"},
        {"hypotheses:\n  H1: A -> M > 0\n  H2: A > 0\n",
         "s.yaml:10:9: '->' is missing here; a hypothesis reads 'A -> B > 0'"},
        {"hypotheses: {H1: A M > 0}\n",
         "s.yaml:8:20: '->' is missing here; a hypothesis reads 'A -> B > 0'"},
        {"hypotheses: {H1: A -> > 0}\n",
         "s.yaml:8:23: a construct is missing here; a hypothesis reads 'A -> B > 0', "
         "'A -> M -> B > 0', 'indirect A -> B' or 'total A -> B'"},
        {"hypotheses: {H1: A -> X > 0}\n",
         "s.yaml:8:23: the model has no construct 'X'; its constructs are A, M and B"},
        {"hypotheses: {H1: \"A -> X\"}\n",
         "s.yaml:8:24: the model has no construct 'X'; its constructs are A, M and B"},
        {"hypotheses:\n  H1: >\n    A -> M\n     -> X > 0\n",
         "s.yaml:11:9: the model has no construct 'X'; its constructs are A, M and B"},
        {"hypotheses: {H1: A -> B > 0}\n",
         "s.yaml:8:18: the model has no path A -> B; add 'B ~ A' to the model, or correct the "
         "hypothesis"},
        {"hypotheses: {H1: A -> M -> B -> A > 0}\n",
         "s.yaml:8:18: the model has no path B -> A; add 'A ~ B' to the model, or correct the "
         "hypothesis"},
        {"hypotheses: {H1: M -> A > 0}\n",
         "s.yaml:8:18: the model has no path M -> A but A -> M; turn the hypothesis or the path "
         "round"},
        {"hypotheses: {H1: indirect A -> M > 0}\n",
         "s.yaml:8:18: the model has no indirect effect of A on M: no chain of two or more paths "
         "leads there; add the paths, or correct the hypothesis"},
        {"hypotheses: {H1: total B -> A > 0}\n",
         "s.yaml:8:18: the model has no total effect of B on A: no chain of paths leads there; "
         "add the paths, or correct the hypothesis"},
        {"hypotheses: {H1: indirect A -> M -> B > 0}\n",
         "s.yaml:8:18: an indirect or total effect has two constructs; for one chain write "
         "'A -> M -> B' alone"},
        {"hypotheses: {H1: A -> A}\n",
         "s.yaml:8:18: an effect of A on itself; name two different constructs"},
        {"hypotheses: {H1: A -> M > 0.1}\n",
         "s.yaml:8:25: '> 0.1' is no relation; write > 0, < 0 or != 0"},
        {"hypotheses: {H1: A -> M >= 0}\n",
         "s.yaml:8:25: '>= 0' is no relation; write > 0, < 0 or != 0"},
        {"hypotheses: {H1: A -> M = 0}\n",
         "s.yaml:8:25: '= 0' is no relation; write > 0, < 0 or != 0"},
        {"hypotheses: {H1: A ~ M}\n", "s.yaml:8:20: '~' stands in models; write 'M -> A > 0'"},
        {"hypotheses: {H1: M~A < 0}\n", "s.yaml:8:19: '~' stands in models; write 'A -> M < 0'"},
        {"hypotheses: {H1: A -> M ~}\n",
         "s.yaml:8:25: '~' stands in models; a hypothesis reads 'A -> B > 0'"},
        {"hypotheses: {H1: A -> M positive}\n",
         "s.yaml:8:25: '->' or a relation is missing before 'positive'; write 'A -> B > 0'"},
        {"hypotheses: {H1: A -> M > 0, H2: M -> B}\ninference: {sides: one}\n",
         "s.yaml:8:34: 'inference.sides: one' needs a direction; end this hypothesis with > 0 or "
         "< 0"},
    };
    assert_refused(STUDY_HEAD, refusals, sizeof refusals / sizeof *refusals);
}

static void a_misspelt_construct_gets_the_nearest(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"hypotheses: {H1: Qualty -> Loyalty}\n",
         "s.yaml:3:18: the model has no construct 'Qualty'; did you mean 'Quality'?"},
    };
    assert_refused("data: {file: d.csv}\nmodel: Quality =~ a; Loyalty =~ b; Loyalty ~ Quality\n",
                   refusals, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read),
        cmocka_unit_test(indirect_and_total_may_be_names_of_constructs),
        cmocka_unit_test(an_indirect_effect_may_run_beside_a_direct_one),
        cmocka_unit_test(what_the_model_does_not_have_is_refused),
        cmocka_unit_test(a_misspelt_construct_gets_the_nearest),
    };
    return cmocka_run_group_tests_name("study.hypothesis", tests, NULL, NULL);
}
