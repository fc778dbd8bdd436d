/* test_verdict.c: hypotheses by p and by interval, one- and two-sided, and where they stay open. */
#include "draw.h"

/* Every p has its own value, so that the one compared can be told. */
static struct pls_inference known_inference(void)
{
    return (struct pls_inference){
        .percentile_two = {0.04, 0.001},
        .greater = {0.02, 0.001},
        .less = {0.98, 0.001},
        .t_two = {0.06, 0.001},
        .t_greater = {0.03, 0.001},
        .t_less = {0.97, 0.001},
        .note = "",
    };
}

static const struct pls_interval above = {0.1, 0.5, 0.001, 0.001, ""};
static const struct pls_interval below = {-0.5, -0.1, 0.001, 0.001, ""};
static const struct pls_interval around = {-0.2, 0.3, 0.001, 0.001, ""};
static const struct pls_interval missing = {NAN, NAN, NAN, NAN, "too few replicates"};

static struct pls_inference_keys keys_of(enum pls_rule rule, enum pls_p p, enum pls_sides sides)
{
    return (struct pls_inference_keys){.alpha = 0.05, .rule = rule, .p = p, .sides = sides};
}

static void the_p_that_the_study_names_is_compared(void **state)
{
    (void)state;
    static const struct {
        enum pls_p p;
        enum pls_sides sides;
        enum pls_relation relation;
        double estimate;
        double compared;
        bool accepted;
    } known[] = {
        {PLS_P_PERCENTILE, PLS_TWO_SIDED, PLS_GREATER, 0.3, 0.04, true},
        {PLS_P_PERCENTILE, PLS_TWO_SIDED, PLS_GREATER, -0.3, 0.04, false}, /* wrong sign */
        {PLS_P_PERCENTILE, PLS_TWO_SIDED, PLS_LESS, -0.3, 0.04, true},
        {PLS_P_PERCENTILE, PLS_TWO_SIDED, PLS_LESS, 0.3, 0.04, false},
        {PLS_P_PERCENTILE, PLS_TWO_SIDED, PLS_GREATER, 0.0, 0.04, false},
        {PLS_P_PERCENTILE, PLS_TWO_SIDED, PLS_NOT_EQUAL, -0.3, 0.04, true},
        {PLS_P_PERCENTILE, PLS_ONE_SIDED, PLS_GREATER, 0.3, 0.02, true},
        {PLS_P_PERCENTILE, PLS_ONE_SIDED, PLS_LESS, -0.3, 0.98, false},
        {PLS_P_PERCENTILE, PLS_ONE_SIDED, PLS_NOT_EQUAL, 0.3, 0.04, true}, /* no side to take */
        {PLS_P_T, PLS_TWO_SIDED, PLS_GREATER, 0.3, 0.06, false},
        {PLS_P_T, PLS_ONE_SIDED, PLS_GREATER, 0.3, 0.03, true},
        {PLS_P_T, PLS_ONE_SIDED, PLS_LESS, -0.3, 0.97, false},
        {PLS_P_T, PLS_ONE_SIDED, PLS_NOT_EQUAL, 0.3, 0.06, false},
    };
    const struct pls_inference inference = known_inference();
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct pls_inference_keys keys = keys_of(PLS_RULE_P, known[i].p, known[i].sides);
        const struct pls_verdict verdict =
            pls_infer_verdict(&keys, known[i].relation, known[i].estimate, &inference, &around);
        assert_close(verdict.p.p, known[i].compared, 0);
        assert_true(verdict.decided);
        assert_int_equal(verdict.accepted, known[i].accepted);
        assert_false(verdict.open);
        assert_string_equal(verdict.note, "");
    }
}

static void p_must_be_below_alpha_and_two_errors_away_to_be_closed(void **state)
{
    (void)state;
    const struct pls_inference_keys keys = keys_of(PLS_RULE_P, PLS_P_PERCENTILE, PLS_TWO_SIDED);
    static const struct {
        double p, mcse, estimate;
        bool accepted, open;
    } known[] = {
        {0.05, 0.001, 0.3, false, true},    {0.0479, 0.001, 0.3, true, false},
        {0.0481, 0.001, 0.3, true, true},   {0.0519, 0.001, 0.3, false, true},
        {0.0521, 0.001, 0.3, false, false}, {0.0481, 0.001, -0.3, false, false},
        {0.01, NAN, 0.3, true, true},
    };
    struct pls_inference inference = known_inference();
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        inference.percentile_two = (struct pls_probability){known[i].p, known[i].mcse};
        const struct pls_verdict verdict =
            pls_infer_verdict(&keys, PLS_GREATER, known[i].estimate, &inference, &above);
        assert_int_equal(verdict.accepted, known[i].accepted);
        assert_int_equal(verdict.open, known[i].open);
    }
}

static void the_interval_decides_on_the_stated_side(void **state)
{
    (void)state;
    static const struct pls_interval near_above = {0.0019, 0.5, 0.001, 0.001, ""};
    static const struct pls_interval near_below = {-0.5, 0.0019, 0.001, 0.001, ""};
    static const struct pls_interval touching = {0.0, 0.5, 0.001, 0.001, ""};
    static const struct {
        enum pls_relation relation;
        const struct pls_interval *ci;
        bool accepted, open;
    } known[] = {
        {PLS_GREATER, &above, true, false},     {PLS_GREATER, &below, false, false},
        {PLS_GREATER, &around, false, false},   {PLS_LESS, &below, true, false},
        {PLS_LESS, &above, false, false},       {PLS_NOT_EQUAL, &above, true, false},
        {PLS_NOT_EQUAL, &below, true, false},   {PLS_NOT_EQUAL, &around, false, false},
        {PLS_GREATER, &near_above, true, true}, {PLS_NOT_EQUAL, &near_below, false, true},
        {PLS_LESS, &near_below, false, true},   {PLS_GREATER, &near_below, false, false},
        {PLS_GREATER, &touching, false, true},
    };
    const struct pls_inference_keys keys = keys_of(PLS_RULE_INTERVAL, PLS_P_T, PLS_TWO_SIDED);
    const struct pls_inference inference = known_inference();
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct pls_verdict verdict =
            pls_infer_verdict(&keys, known[i].relation, 0.3, &inference, known[i].ci);
        assert_true(verdict.decided);
        assert_int_equal(verdict.accepted, known[i].accepted);
        assert_int_equal(verdict.open, known[i].open);
        assert_close(verdict.p.p, 0.06, 0);
    }
}

static void what_is_missing_decides_nothing_and_says_why(void **state)
{
    (void)state;
    struct pls_inference inference = known_inference();
    inference.percentile_two = inference.t_two = (struct pls_probability){NAN, NAN};
    inference.note = "constant in all replicates";
    struct pls_inference_keys keys = keys_of(PLS_RULE_P, PLS_P_PERCENTILE, PLS_TWO_SIDED);
    struct pls_verdict verdict = pls_infer_verdict(&keys, PLS_GREATER, 0.3, &inference, &above);
    assert_true(!verdict.decided && !verdict.accepted && !verdict.open);
    assert_string_equal(verdict.note, "constant in all replicates");

    inference.note = ""; /* one observation: no degrees of freedom */
    keys.p = PLS_P_T;
    verdict = pls_infer_verdict(&keys, PLS_GREATER, 0.3, &inference, &above);
    assert_true(!verdict.decided && !verdict.accepted);
    assert_string_equal(verdict.note, "the p-value is missing");

    keys.rule = PLS_RULE_INTERVAL;
    verdict = pls_infer_verdict(&keys, PLS_GREATER, 0.3, &inference, &missing);
    assert_true(!verdict.decided && !verdict.accepted && !verdict.open);
    assert_string_equal(verdict.note, "too few replicates");

    const struct pls_interval half = {0.1, NAN, 0.001, NAN, "too large"};
    verdict = pls_infer_verdict(&keys, PLS_GREATER, 0.3, &inference, &half);
    assert_true(verdict.decided && verdict.accepted);
    verdict = pls_infer_verdict(&keys, PLS_NOT_EQUAL, 0.3, &inference, &half);
    assert_true(verdict.decided && verdict.accepted);
    verdict = pls_infer_verdict(&keys, PLS_LESS, 0.3, &inference, &half);
    assert_true(!verdict.decided && !verdict.accepted && !verdict.open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_p_that_the_study_names_is_compared),
        cmocka_unit_test(p_must_be_below_alpha_and_two_errors_away_to_be_closed),
        cmocka_unit_test(the_interval_decides_on_the_stated_side),
        cmocka_unit_test(what_is_missing_decides_nothing_and_says_why),
    };
    return cmocka_run_group_tests_name("infer.verdict", tests, NULL, NULL);
}
