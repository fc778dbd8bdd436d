/*
 * test_mediation.c: every row of Zhao, Lynch & Chen's table, open verdicts, and when there is a
 * VAF.
 */
#include "draw.h"

static const struct pls_interval above = {0.1, 0.5, 0.001, 0.001, ""};
static const struct pls_interval below = {-0.5, -0.1, 0.001, 0.001, ""};
static const struct pls_interval around = {-0.2, 0.3, 0.001, 0.001, ""};
static const struct pls_interval missing = {NAN, NAN, NAN, NAN, "too few replicates"};

static void types_are_zhao_lynch_and_chens(void **state)
{
    (void)state;
    static const struct {
        double indirect;
        const struct pls_interval *indirect_ci;
        double direct;
        const struct pls_interval *direct_ci;
        const char *name, *phrase;
    } known[] = {
        {0.3, &above, 0.3, &above, "complementary", "complementary partial mediation"},
        {-0.3, &below, -0.3, &below, "complementary", "complementary partial mediation"},
        {0.3, &above, -0.3, &below, "competitive", "competitive partial mediation"},
        {-0.3, &below, 0.3, &above, "competitive", "competitive partial mediation"},
        {0.3, &above, 0.1, &around, "indirect-only", "full mediation"},
        {-0.3, &below, 0.1, &around, "indirect-only", "full mediation"},
        {0.1, &around, 0.3, &above, "direct-only", "no mediation"},
        {0.1, &around, -0.3, &below, "direct-only", "no mediation"},
        {0.1, &around, 0.1, &around, "no-effect", "no mediation"},
        {0.1, &missing, 0.3, &above, "undecided", "undecided: an interval is missing"},
        {0.3, &above, 0.3, &missing, "undecided", "undecided: an interval is missing"},
        {0.3, &above, NAN, NULL, "indirect", "indirect effect, no direct path in the model"},
        {0.1, &around, NAN, NULL, "no-indirect", "no indirect effect"},
        {0.1, &missing, NAN, NULL, "undecided", "undecided: an interval is missing"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct pls_mediation_verdict verdict = pls_infer_mediation(
            known[i].indirect, known[i].indirect_ci, known[i].direct, known[i].direct_ci, &above);
        assert_string_equal(pls_mediation_name(verdict.type), known[i].name);
        assert_string_equal(pls_mediation_phrase(verdict.type), known[i].phrase);
        assert_false(verdict.open);
    }
}

/* Zero on the end is inside; one end that is there can decide alone. */
static void the_closed_interval_decides(void **state)
{
    (void)state;
    const struct pls_interval touching = {0.0, 0.5, 0.0, 0.001, ""};
    const struct pls_interval half = {0.1, NAN, 0.001, NAN, "too large"};
    const struct pls_interval other_half = {NAN, 0.1, NAN, 0.001, "too large"};
    assert_int_equal(pls_infer_mediation(0.3, &touching, 0.3, &above, &above).type,
                     PLS_MEDIATION_DIRECT_ONLY);
    assert_int_equal(pls_infer_mediation(0.3, &half, 0.3, &above, &above).type,
                     PLS_MEDIATION_COMPLEMENTARY);
    assert_int_equal(pls_infer_mediation(0.3, &other_half, 0.3, &above, &above).type,
                     PLS_MEDIATION_UNDECIDED);
}

static void an_end_within_two_errors_of_zero_leaves_it_open(void **state)
{
    (void)state;
    const struct pls_interval close = {0.0019, 0.5, 0.001, 0.001, ""};
    const struct pls_interval clear = {0.0021, 0.5, 0.001, 0.001, ""};
    const struct pls_interval unknown = {0.1, 0.5, NAN, NAN, ""};
    const struct pls_interval from_below = {-0.5, 0.0019, 0.001, 0.001, ""};
    assert_true(pls_infer_mediation(0.3, &close, 0.3, &above, &above).open);
    assert_true(pls_infer_mediation(0.3, &above, 0.3, &close, &above).open);
    assert_true(pls_infer_mediation(0.3, &above, -0.3, &from_below, &above).open);
    assert_true(pls_infer_mediation(0.3, &unknown, 0.3, &above, &above).open);
    assert_true(pls_infer_mediation(0.3, &close, NAN, NULL, NULL).open);
    assert_false(pls_infer_mediation(0.3, &clear, 0.3, &clear, &close).open);
}

static void the_vaf_stands_only_where_it_means_something(void **state)
{
    (void)state;
    struct pls_mediation_verdict v = pls_infer_mediation(0.335, &above, 0.382, &above, &above);
    assert_close(v.vaf, 0.335 / 0.717, 1e-15);
    assert_string_equal(v.vaf_note, "");
    v = pls_infer_mediation(-0.3, &below, -0.1, &around, &below);
    assert_close(v.vaf, 0.75, 1e-15);

    static const struct {
        double indirect;
        const struct pls_interval *indirect_ci;
        double direct;
        const struct pls_interval *direct_ci, *total_ci;
        const char *note;
    } none[] = {
        {0.1, &around, 0.3, &above, &above, "the indirect effect's interval includes zero"},
        {0.3, &above, -0.1, &around, &above, "indirect and direct effect are not of the same sign"},
        {0.3, &above, 0.0, &around, &above, "indirect and direct effect are not of the same sign"},
        {0.3, &above, 0.1, &around, &around, "the total effect's interval includes zero"},
        {0.3, &missing, 0.1, &above, &above, "an interval is missing"},
        {0.3, &above, 0.1, &above, &missing, "an interval is missing"},
        {0.3, &above, 0.1, &above, NULL, "an interval is missing"},
        {0.3, &above, NAN, NULL, &above, "the model has no direct path"},
    };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        v = pls_infer_mediation(none[i].indirect, none[i].indirect_ci, none[i].direct,
                                none[i].direct_ci, none[i].total_ci);
        assert_true(isnan(v.vaf));
        assert_string_equal(v.vaf_note, none[i].note);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_zhao_lynch_and_chens),
        cmocka_unit_test(the_closed_interval_decides),
        cmocka_unit_test(an_end_within_two_errors_of_zero_leaves_it_open),
        cmocka_unit_test(the_vaf_stands_only_where_it_means_something),
    };
    return cmocka_run_group_tests_name("infer.mediation", tests, NULL, NULL);
}
