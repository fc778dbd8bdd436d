/* test_check_data.c: data that cannot be used are refused by a sentence that names the reason. */
#include "fixture.h"

#include <float.h>

/* Ten rows of six columns without any fault: each case spoils them in its way. */
static void sound(double x[10][6])
{
    uint64_t seed = 5;
    for (size_t i = 0; i < 10; i++)
        for (size_t k = 0; k < 6; k++)
            x[i][k] = floor(7.0 * fixture_uniform(&seed));
}

static const char model[] = "A <~ a1 + a2 + a3; B =~ b1 + b2; C =~ c; B ~ A; C ~ A + B";

static void expect(const char *text, size_t n, double x[10][6], enum pls_code code,
                   const char *sentence)
{
    struct fixture f;
    fixture_model(&f, text);
    fixture_data(&f, n, &x[0][0]);
    assert_int_equal(pls_estimator_new(&f.model, &f.keys, &f.dataset, &f.estimator, &f.err), code);
    if (code != PLS_OK) {
        assert_null(f.estimator);
        assert_string_equal(f.err.text, sentence);
    }
    fixture_free(&f);
}

static void sound_data_pass(void **state)
{
    (void)state;
    double x[10][6];
    sound(x);
    expect(model, 10, x, PLS_OK, "");
    expect(model, 4, x, PLS_OK, "");
}

static void a_constant_indicator_is_named(void **state)
{
    (void)state;
    double x[10][6];
    sound(x);
    for (size_t i = 0; i < 10; i++)
        x[i][3] = 0.1; /* whose mean of ten is not 0.1 */
    expect(
        model, 10, x, PLS_EDATA,
        "indicator b1 has the same value in all 10 rows; leave it out of the model, or correct the "
        "data");
}

static void too_few_rows_are_counted(void **state)
{
    (void)state;
    double x[10][6];
    sound(x);
    expect(model, 2, x, PLS_EDATA,
           "there are 2 complete rows, but a model needs at least 3; collect more answers");
    expect(model, 0, x, PLS_EDATA,
           "there are 0 complete rows, but a model needs at least 3; collect more answers");
    expect(
        model, 3, x, PLS_EDATA,
        "3 complete rows are too few for the 3 indicators of the formative construct A; at least 4 "
        "are needed");
    expect("A =~ a1; B =~ a2; C =~ a3; D =~ b1; E =~ b2 + c; E ~ A + B + C + D", 5, x, PLS_EDATA,
           "5 complete rows are too few to explain construct E by 4 others; at least 6 are needed");
}

static void fewer_rows_than_indicators_are_enough_for_mode_a(void **state)
{
    (void)state;
    double x[10][6];
    sound(x);
    expect("A =~ a1 + a2 + a3; B =~ b1 + b2 + c; B ~ A", 4, x, PLS_OK, "");
}

static void collinear_mode_b_blocks_are_named(void **state)
{
    (void)state;
    double x[10][6];
    sound(x);
    for (size_t i = 0; i < 10; i++)
        x[i][2] = 3.0 - 0.5 * x[i][0];
    expect(model, 10, x, PLS_EDATA,
           "indicators a1 and a3 of the formative construct A are perfectly correlated, so their "
           "weights are not determined; leave one of them out, or use =~");
    sound(x);
    for (size_t i = 0; i < 10; i++)
        x[i][2] = x[i][0] + x[i][1];
    expect(
        model, 10, x, PLS_EDATA,
        "indicator a3 of the formative construct A follows exactly from the indicators before it, "
        "so their weights are not determined; leave it out, or use =~");
    expect("A =~ a1 + a2 + a3; B =~ b1 + b2; C =~ c; B ~ A; C ~ A + B", 10, x, PLS_OK, "");
}

/* Rounding leaves a pivot of some 1e-17 of either sign. */
static void collinearity_is_seen_through_rounding(void **state)
{
    (void)state;
    double x[10][6];
    uint64_t seed = 77;
    for (int variant = 0; variant < 40; variant++) {
        const double a = fixture_normal(&seed), b = fixture_normal(&seed);
        sound(x);
        for (size_t i = 0; i < 10; i++)
            x[i][2] = 1000.0 + a * x[i][0] + b * x[i][1];
        expect(
            model, 10, x, PLS_EDATA,
            "indicator a3 of the formative construct A follows exactly from the indicators before "
            "it, so their weights are not determined; leave it out, or use =~");
    }
}

static void numbers_beyond_double_precision_are_refused(void **state)
{
    (void)state;
    double x[10][6];
    sound(x);
    for (size_t i = 0; i < 10; i++)
        x[i][5] = x[i][5] > 3.0 ? DBL_MAX : -DBL_MAX;
    expect(
        model, 10, x, PLS_EDATA,
        "the values of indicator c are too large or too close together for double precision; give "
        "it in another unit");
}

static void a_column_that_the_data_lack_is_named(void **state)
{
    (void)state;
    double x[10][6];
    struct fixture f;
    char *names[6], other[] = "d";
    sound(x);
    fixture_model(&f, model);
    fixture_data(&f, 10, &x[0][0]);
    memcpy(names, f.indicator, sizeof names);
    names[5] = other;
    f.dataset.name = names;
    assert_int_equal(pls_estimator_new(&f.model, &f.keys, &f.dataset, &f.estimator, &f.err),
                     PLS_ESTUDY);
    assert_string_equal(f.err.text,
                        "the data have no column c; add it, or leave the indicator out of "
                        "the model");
    fixture_free(&f);
}

static void the_order_of_the_data_s_columns_does_not_matter(void **state)
{
    (void)state;
    double x[10][6], turned[10][6];
    struct fixture f, other;
    char *names[6];
    sound(x);
    for (size_t i = 0; i < 10; i++)
        for (size_t k = 0; k < 6; k++)
            turned[i][k] = x[i][5 - k];
    fixture_model(&f, model);
    fixture_data(&f, 10, &x[0][0]);
    fixture_start(&f);
    fixture_row(&f, NULL);
    fixture_model(&other, model);
    fixture_data(&other, 10, &turned[0][0]);
    for (size_t k = 0; k < 6; k++)
        names[k] = other.indicator[5 - k];
    other.dataset.name = names;
    fixture_start(&other);
    fixture_row(&other, NULL);
    assert_memory_equal(f.row, other.row, f.columns->count * sizeof *f.row);
    double scores[30], turned_scores[30];
    pls_estimator_scores(f.estimator, f.row, scores);
    pls_estimator_scores(other.estimator, other.row, turned_scores);
    assert_memory_equal(scores, turned_scores, sizeof scores);
    fixture_free(&f);
    fixture_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_data_pass),
        cmocka_unit_test(a_constant_indicator_is_named),
        cmocka_unit_test(too_few_rows_are_counted),
        cmocka_unit_test(fewer_rows_than_indicators_are_enough_for_mode_a),
        cmocka_unit_test(collinear_mode_b_blocks_are_named),
        cmocka_unit_test(collinearity_is_seen_through_rounding),
        cmocka_unit_test(numbers_beyond_double_precision_are_refused),
        cmocka_unit_test(a_column_that_the_data_lack_is_named),
        cmocka_unit_test(the_order_of_the_data_s_columns_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
