/* test_enough.c: when the bootstrap has replicates enough. */
#include "draw.h"
#include "plstrap/permutation.h"

static const struct pls_inference_keys keys = {
    .alpha = 0.05, .rule = PLS_RULE_P, .p = PLS_P_PERCENTILE, .sides = PLS_TWO_SIDED};

static struct pls_infer_options percentile_only(void)
{
    struct pls_infer_options options = default_options();
    options.methods = 1;
    return options;
}

/* Normal scores about `centre`: every number is what it is expected to be. */
static struct pls_inference scores(size_t count, double centre)
{
    const struct pls_infer_options options = percentile_only();
    double *values = calloc(count, sizeof *values);
    assert_non_null(values);
    for (size_t r = 0; r < count; r++)
        values[r] =
            centre + gsl_cdf_ugaussian_Pinv(((double)(r * 7919 % count) + 0.5) / (double)count);
    const struct pls_inference out = infer_all(values, count, centre, &options);
    free(values);
    return out;
}

static bool enough(const struct pls_inference *inference, size_t count, double accuracy,
                   const uint8_t *judged, struct pls_shortfall *why)
{
    const struct pls_infer_options options = percentile_only();
    return pls_infer_enough(inference, count, &options, &keys, accuracy, judged, NULL, 0, why);
}

/* Of the 2.5 % quantile 2.67/sqrt(B) standard errors: 1,999 have .0597, 4,999 .0378. */
static void ends_decide_by_their_monte_carlo_error(void **state)
{
    (void)state;
    const struct pls_inference few = scores(1999, 5.0), many = scores(4999, 5.0);
    struct pls_shortfall why = {7, 7, ""};
    assert_true(enough(&many, 1, 0.045, NULL, &why));
    assert_int_equal(why.column, 7);
    const struct pls_inference both[] = {many, few};
    assert_false(enough(both, 2, 0.045, NULL, &why));
    assert_int_equal(why.column, 1);
    assert_true(why.hypothesis == SIZE_MAX);
    assert_string_equal(why.reason, "an interval's end is not accurate enough");
    assert_false(enough(&few, 1, 0.01, NULL, &why)); /* that of the SE is .0158 */
    assert_string_equal(why.reason, "a standard error is not accurate enough");
}

/* p = .05 at 1.96 standard errors: error .0044 at B = 9,999. */
static void a_verdict_must_not_lie_within_its_error(void **state)
{
    (void)state;
    const uint8_t judged = 1, unjudged = 0;
    struct pls_shortfall why;
    const struct pls_inference near = scores(9999, 1.93), far = scores(9999, 2.2);
    assert_true(enough(&near, 1, 0.05, &unjudged, &why));
    assert_true(enough(&far, 1, 0.05, &judged, &why));
    assert_false(enough(&near, 1, 0.05, &judged, &why));
    assert_string_equal(why.reason, "a verdict lies within its Monte Carlo error");
}

static void an_open_hypothesis_wants_more(void **state)
{
    (void)state;
    const struct pls_infer_options options = percentile_only();
    const struct pls_inference sharp = scores(9999, 5.0);
    struct pls_verdict verdicts[2] = {{.decided = true, .note = ""}, {.open = true, .note = ""}};
    struct pls_shortfall why;
    assert_true(pls_infer_enough(&sharp, 1, &options, &keys, 0.05, NULL, verdicts, 1, &why));
    assert_false(pls_infer_enough(&sharp, 1, &options, &keys, 0.05, NULL, verdicts, 2, &why));
    assert_true(why.column == SIZE_MAX && why.hypothesis == 1);
}

static void constants_are_passed_over_and_missing_ends_are_not(void **state)
{
    (void)state;
    const struct pls_infer_options options = percentile_only();
    double same[100];
    struct pls_shortfall why;
    for (size_t r = 0; r < 100; r++)
        same[r] = 1.0;
    const struct pls_inference constant = infer_all(same, 100, 1.0, &options);
    assert_true(enough(&constant, 1, 0.01, NULL, &why));
    const struct pls_inference lost = infer_all((double[]){1, 2, 3, 4}, 4, NAN, &options);
    assert_true(enough(&lost, 1, 0.01, NULL, &why)); /* no number of replicates helps */
    const struct pls_inference none = infer_all(same, 0, 1.0, &options);
    assert_false(enough(&none, 1, 0.01, NULL, &why));
    const struct pls_inference tiny = scores(30, 5.0);
    assert_false(enough(&tiny, 1, 0.9, NULL, &why));
    assert_string_equal(why.reason, "an interval has no end yet");
}

static void checkpoints_are_fixed_numbers(void **state)
{
    (void)state;
    static const uint64_t known[] = {1999, 4999, 9999, 19999, 39999, 79999};
    for (size_t k = 0; k < 6; k++) {
        assert_int_equal(pls_auto_checkpoint(k, 1000000), known[k]);
        assert_int_equal(pls_auto_checkpoint(k, 15000), known[k] < 15000 ? known[k] : 15000);
    }
    assert_int_equal(pls_auto_checkpoint(0, 100), 100);
    assert_true(pls_auto_checkpoint(500, UINT64_MAX) > UINT64_MAX / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_decide_by_their_monte_carlo_error),
        cmocka_unit_test(a_verdict_must_not_lie_within_its_error),
        cmocka_unit_test(an_open_hypothesis_wants_more),
        cmocka_unit_test(constants_are_passed_over_and_missing_ends_are_not),
        cmocka_unit_test(checkpoints_are_fixed_numbers),
    };
    return cmocka_run_group_tests_name("infer.enough", tests, NULL, NULL);
}
