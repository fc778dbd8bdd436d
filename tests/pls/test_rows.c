/* test_rows.c: names of outcomes and parameters: stored and printed, so they may not change. */
#include "check.h"
#include "plstrap/rows.h"

static void every_status_has_its_name(void **state)
{
    (void)state;
    static const char *const names[] = {"ok",
                                        "not converged",
                                        "constant indicator",
                                        "singular block",
                                        "zero proxy",
                                        "singular inner regression",
                                        "singular structural regression"};
    assert_int_equal(sizeof names / sizeof names[0], PLS_STATUS_COUNT);
    for (int s = 0; s < PLS_STATUS_COUNT; s++)
        assert_string_equal(pls_status_name((enum pls_status)s), names[s]);
    assert_string_equal(pls_status_name((enum pls_status)200), "unknown");
}

static void every_component_has_its_name(void **state)
{
    (void)state;
    static const char *const names[] = {"weight",
                                        "loading",
                                        "path",
                                        "r2",
                                        "total",
                                        "indirect",
                                        "specific",
                                        "adj_r2",
                                        "f2",
                                        "vif",
                                        "correlation",
                                        "cross_loading",
                                        "alpha",
                                        "rho_a",
                                        "rho_c",
                                        "ave",
                                        "htmt",
                                        "difference",
                                        "studentised",
                                        "omnibus_q",
                                        "d_l",
                                        "d_g",
                                        "micom_c",
                                        "mean_difference",
                                        "log_variance_ratio",
                                        "t",
                                        "block_r2"};
    assert_int_equal(sizeof names / sizeof names[0], PLS_COMPONENTS);
    for (int c = 0; c < PLS_COMPONENTS; c++)
        assert_string_equal(pls_component_name((enum pls_component)c), names[c]);
    assert_string_equal(pls_component_name((enum pls_component)99), "unknown");
}

static void a_column_has_its_term_whole_and_in_parts(void **state)
{
    (void)state;
    struct pls_columns columns = {0};
    struct pls_error err;
    assert_ok(pls_columns_add(&columns, PLS_SPECIFIC, "KD", "->", "KV->KK", &err), &err);
    assert_ok(pls_columns_add(&columns, PLS_R2, "KV", "", "", &err), &err);
    assert_int_equal(columns.count, 2);
    assert_string_equal(columns.column[0].term, "KD->KV->KK");
    assert_string_equal(columns.column[0].lhs, "KD");
    assert_string_equal(columns.column[0].op, "->");
    assert_string_equal(columns.column[0].rhs, "KV->KK");
    assert_string_equal(columns.column[1].term, "KV");
    assert_string_equal(columns.column[1].rhs, "");
    pls_columns_free(&columns);
    assert_int_equal(columns.count, 0);
    assert_null(columns.column);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_name),
        cmocka_unit_test(every_component_has_its_name),
        cmocka_unit_test(a_column_has_its_term_whole_and_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
