/* test_adjust.c: adjusted p-values against R's p.adjust. */
#include "check.h"
#include "plstrap/permutation.h"

#include <string.h>

static const struct {
    enum pls_procedure procedure;
    double adjusted[7];
} known[] = {
    /* R 4.2.2: p.adjust(c(.042, .001, .039, .008, .041, .212, .074), …) */
    {PLS_PROCEDURE_BONFERRONI, {.294, .007, .273, .056, .287, 1, .518}},
    {PLS_PROCEDURE_HOLM, {.195, .007, .195, .048, .195, .212, .195}},
    {PLS_PROCEDURE_HOCHBERG, {.126, .007, .126, .048, .126, .212, .148}},
    {PLS_PROCEDURE_BH, {.0588, .007, .0588, .028, .0588, .212, .086333333333333331}},
    {PLS_PROCEDURE_BY, {.15246, .01815, .15246, .0726, .15246, .54968571428571433, .22385}},
    {PLS_PROCEDURE_NONE, {.042, .001, .039, .008, .041, .212, .074}},
};
enum { PROCEDURES = sizeof known / sizeof known[0] };

static void procedures_are_those_of_r(void **state)
{
    (void)state;
    struct pls_error err;
    for (size_t i = 0; i < PROCEDURES; i++) {
        double p[] = {.042, .001, .039, .008, .041, .212, .074};
        assert_ok(pls_adjust(known[i].procedure, p, 7, p, &err), &err);
        for (size_t k = 0; k < 7; k++)
            assert_close(p[k], known[i].adjusted[k], 1e-14);
    }
}

static void what_is_missing_is_no_part_of_the_family(void **state)
{
    (void)state;
    struct pls_error err;
    for (size_t i = 0; i < PROCEDURES; i++) {
        const double p[] = {.042, NAN, .001, .039, .008, NAN, .041, .212, .074};
        static const size_t at[] = {0, 2, 3, 4, 6, 7, 8};
        double adjusted[9];
        assert_ok(pls_adjust(known[i].procedure, p, 9, adjusted, &err), &err);
        for (size_t k = 0; k < 7; k++)
            assert_close(adjusted[at[k]], known[i].adjusted[k], 1e-14);
        assert_true(isnan(adjusted[1]) && isnan(adjusted[5]));
    }
}

/* Benjamini & Hochberg's 25 values. */
static void one_of_twenty_five_is_rejected(void **state)
{
    (void)state;
    static const double p[] = {.001, .008, .039, .041, .042, .06,  .074, .205, .212,
                               .216, .222, .251, .269, .275, .34,  .341, .384, .569,
                               .594, .696, .762, .94,  .942, .975, .986};
    static const double bh[] = {.025, .1, .21, .21, .21, .25};
    static const double holm[] = {.025, .192, .897, .902, .902, 1};
    double adjusted[2][25];
    struct pls_error err;
    size_t rejected[2] = {0};
    assert_ok(pls_adjust(PLS_PROCEDURE_BH, p, 25, adjusted[0], &err), &err);
    assert_ok(pls_adjust(PLS_PROCEDURE_HOLM, p, 25, adjusted[1], &err), &err);
    for (size_t k = 0; k < 6; k++) {
        assert_close(adjusted[0][k], bh[k], 1e-14);
        assert_close(adjusted[1][k], holm[k], 1e-14);
    }
    for (size_t k = 0; k < 50; k++)
        rejected[k / 25] += adjusted[k / 25][k % 25] < 0.05;
    assert_int_equal(rejected[0], 1);
    assert_int_equal(rejected[1], 1);
}

static void the_studys_words_name_procedures(void **state)
{
    (void)state;
    assert_int_equal(pls_procedure_of(PLS_ADJUST_MAXT), PLS_PROCEDURE_HOLM);
    assert_int_equal(pls_procedure_of(PLS_ADJUST_HOLM), PLS_PROCEDURE_HOLM);
    assert_int_equal(pls_procedure_of(PLS_ADJUST_BONFERRONI), PLS_PROCEDURE_BONFERRONI);
    assert_int_equal(pls_procedure_of(PLS_ADJUST_BH), PLS_PROCEDURE_BH);
    assert_int_equal(pls_procedure_of(PLS_ADJUST_NONE), PLS_PROCEDURE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(procedures_are_those_of_r),
        cmocka_unit_test(what_is_missing_is_no_part_of_the_family),
        cmocka_unit_test(one_of_twenty_five_is_rejected),
        cmocka_unit_test(the_studys_words_name_procedures),
    };
    return cmocka_run_group_tests_name("infer.adjust", tests, NULL, NULL);
}
