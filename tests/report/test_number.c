/* test_number.c: numbers as papers print them, and as programs read them back. */
#include "check.h"
#include "number.h"

#include <stdlib.h>
#include <string.h>

static char out[NUMBER_SIZE];

static void coefficients_have_no_zero_before_the_point(void **state)
{
    (void)state;
    static const struct {
        double x;
        unsigned digits;
        const char *apa, *plain;
    } known[] = {
        {0.382148, 3, ".382", "0.382"},
        {0.7178028, 3, ".718", "0.718"},
        {-0.21, 3, "-.210", "-0.210"},
        {1.043, 3, "1.043", "1.043"},
        {-1.2, 2, "-1.20", "-1.20"},
        {0.9996, 3, "1.000", "1.000"},
        {0.0, 3, ".000", "0.000"},
        {-0.0004, 3, ".000", "0.000"},
        {-0.0, 2, ".00", "0.00"},
        {10.5, 1, "10.5", "10.5"},
        {0.5, 0, "0", "0"},
        {1e12, 3, "1e+12", "1e+12"},
        {NAN, 3, "–", "–"},
        {INFINITY, 3, "inf", "inf"},
        {0.1, 99, ".100000000000000", "0.100000000000000"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_string_equal(number_fixed(known[i].x, known[i].digits, false, out), known[i].apa);
        assert_string_equal(number_fixed(known[i].x, known[i].digits, true, out), known[i].plain);
    }
}

static void p_values_follow_apa(void **state)
{
    (void)state;
    assert_string_equal(number_p(0.0002, 3, out), "< .001");
    assert_string_equal(number_p(0.0, 3, out), "< .001");
    assert_string_equal(number_p(0.00099999, 3, out), "< .001");
    assert_string_equal(number_p(0.001, 3, out), ".001");
    assert_string_equal(number_p(0.0234, 3, out), ".023");
    assert_string_equal(number_p(0.9998, 3, out), "> .999");
    assert_string_equal(number_p(1.0, 3, out), "1.000");
    assert_string_equal(number_p(0.002, 1, out), "< .01");
    assert_string_equal(number_p(0.00012, 5, out), ".00012");
    assert_string_equal(number_p(NAN, 3, out), "–");
}

static void exact_numbers_read_back_to_the_bit(void **state)
{
    (void)state;
    static const double x[] = {0.1,  1.0 / 3.0,           -2.2250738585072014e-308, 5e-324, 1e300,
                               -0.0, 123456789.123456789, 0.38214812186898661,      3.0};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        const double back = strtod(number_exact(x[i], out), NULL);
        assert_memory_equal(&back, &x[i], sizeof back);
    }
    assert_string_equal(number_exact(NAN, out), "");
    assert_string_equal(number_exact(0.1, out), "0.10000000000000001");
}

static void any_locale_s_decimal_point_becomes_a_point(void **state)
{
    (void)state;
    static const char *const known[][2] = {
        {"0,5", "0.5"},         {"-12,25e-07", "-12.25e-07"},
        {"1٫5e+20", "1.5e+20"}, {"3", "3"},
        {"1e-05", "1e-05"},     {"inf", "inf"},
        {"-inf", "-inf"},       {"0.25", "0.25"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        strcpy(out, known[i][0]);
        number_point(out);
        assert_string_equal(out, known[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coefficients_have_no_zero_before_the_point),
        cmocka_unit_test(p_values_follow_apa),
        cmocka_unit_test(exact_numbers_read_back_to_the_bit),
        cmocka_unit_test(any_locale_s_decimal_point_becomes_a_point),
    };
    return cmocka_run_group_tests_name("report.number", tests, NULL, NULL);
}
