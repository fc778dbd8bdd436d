/* test_rows.c: names of outcomes and of parameters. */
#include "check.h"
#include "fault.h"
#include "plstrap/rows.h"

#include <string.h>

static void every_status_and_component_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < PLS_STATUS_COUNT; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(pls_status_name((enum pls_status)a),
                                    pls_status_name((enum pls_status)b));
    for (int a = 0; a < PLS_COMPONENTS; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(pls_component_name((enum pls_component)a),
                                    pls_component_name((enum pls_component)b));
}

/* Numbers are stored in results: their meaning may never change. */
static void stored_numbers_keep_their_names(void **state)
{
    (void)state;
    static const char *const names[] = {"ok",
                                        "not converged",
                                        "constant indicator",
                                        "singular block",
                                        "zero proxy",
                                        "singular inner regression",
                                        "singular structural regression"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(pls_status_name((enum pls_status)i), names[i]);
}

static void a_number_from_a_damaged_file_has_a_name_too(void **state)
{
    (void)state;
    assert_string_equal(pls_status_name((enum pls_status)200), "unknown");
    assert_string_equal(pls_component_name((enum pls_component)200), "unknown");
}

static void terms_are_lavaans(void **state)
{
    (void)state;
    static const struct {
        enum pls_component component;
        const char *lhs, *op, *rhs, *term;
    } rows[] = {
        {PLS_LOADING, "KD", "=~", "kd1", "KD=~kd1"},
        {PLS_WEIGHT, "KD", "<~", "kd1", "KD<~kd1"},
        {PLS_PATH, "KV", "~", "KD", "KV~KD"},
        {PLS_R2, "KV", "", "", "KV"},
        {PLS_HTMT, "KD", "~~", "KV", "KD~~KV"},
        {PLS_SPECIFIC, "KD", "->", "KV->KK", "KD->KV->KK"},
    };
    struct pls_error err;
    struct pls_columns columns = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(pls_columns_add(&columns, rows[i].component, rows[i].lhs, rows[i].op, rows[i].rhs,
                                  &err),
                  &err);
        assert_int_equal(columns.count, i + 1);
        assert_int_equal(columns.column[i].component, rows[i].component);
        assert_string_equal(columns.column[i].term, rows[i].term);
        assert_string_equal(columns.column[i].lhs, rows[i].lhs);
        assert_string_equal(columns.column[i].op, rows[i].op);
        assert_string_equal(columns.column[i].rhs, rows[i].rhs);
    }
    pls_columns_free(&columns);
    assert_int_equal(columns.count, 0);
    assert_null(columns.column);
}

static void every_allocation_may_fail_and_the_columns_stay_whole(void **state)
{
    (void)state;
    unsigned n = 1;
    for (bool failed = true; failed; n++) {
        struct pls_error err = {0};
        struct pls_columns columns = {0};
        assert_ok(pls_columns_add(&columns, PLS_R2, "KV", "", "", &err), &err);
        fault_countdown = n;
        enum pls_code code = PLS_OK;
        for (int i = 0; code == PLS_OK && i < 10; i++)
            code = pls_columns_add(&columns, PLS_PATH, "KV", "~", "KD", &err);
        failed = fault_countdown == 0;
        fault_countdown = 0;
        assert_int_equal(code, failed ? PLS_EUNAVAILABLE : PLS_OK);
        assert_string_equal(columns.column[columns.count - 1].term,
                            columns.count > 1 ? "KV~KD" : "KV");
        pls_columns_free(&columns);
    }
    assert_true(n > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_and_component_has_a_name_of_its_own),
        cmocka_unit_test(stored_numbers_keep_their_names),
        cmocka_unit_test(a_number_from_a_damaged_file_has_a_name_too),
        cmocka_unit_test(terms_are_lavaans),
        cmocka_unit_test(every_allocation_may_fail_and_the_columns_stay_whole),
    };
    return cmocka_run_group_tests_name("base.rows", tests, NULL, NULL);
}
