/* test_table.c: tables of named, typed columns. */
#include "check.h"
#include "fault.h"
#include "plstrap/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void rows_come_back_as_they_were_appended(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    assert_ok(pls_tables_add(&tables, "paths", "term:text estimate:real n.ok:count", &table, &err),
              &err);
    assert_int_equal(table->columns, 3);
    for (int i = 0; i < 100; i++) {
        char term[16];
        snprintf(term, sizeof term, "t%d", i);
        assert_ok(pls_table_append(table, &err, term, 0.25 * i, (int64_t)(i - 1)), &err);
    }
    assert_ok(pls_table_append(table, &err, NULL, (double)NAN, INT64_C(-1)), &err);
    assert_int_equal(table->rows, 101);

    const struct pls_table_column *term = pls_table_find(table, "term");
    const struct pls_table_column *estimate = pls_table_find(table, "estimate");
    const struct pls_table_column *ok = pls_table_find(table, "n.ok");
    assert_int_equal(term->type, PLS_CELL_TEXT);
    assert_int_equal(estimate->type, PLS_CELL_REAL);
    assert_int_equal(ok->type, PLS_CELL_COUNT);
    assert_string_equal(term->cell.text[77], "t77");
    assert_true(estimate->cell.real[77] == 19.25);
    assert_int_equal(ok->cell.count[77], 76);
    assert_string_equal(term->cell.text[100], ""); /* NULL is empty, never NULL */
    assert_true(isnan(estimate->cell.real[100]));
    assert_int_equal(ok->cell.count[100], -1);
    pls_tables_free(&tables);
}

static void texts_are_copies(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    char text[] = "first";
    assert_ok(pls_tables_add(&tables, "t", "text:text", &table, &err), &err);
    assert_ok(pls_table_append(table, &err, text), &err);
    memcpy(text, "other", 5);
    assert_string_equal(table->column[0].cell.text[0], "first");
    pls_tables_free(&tables);
}

static void tables_and_columns_are_found_by_name(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_tables tables = {0};
    struct pls_table *first = NULL, *second = NULL;
    assert_ok(pls_tables_add(&tables, "study", "key:text value:text", &first, &err), &err);
    assert_ok(pls_tables_add(&tables, "paths", "p.value:real", &second, &err), &err);
    assert_ptr_equal(pls_tables_find(&tables, "study"), first);
    assert_ptr_equal(pls_tables_find(&tables, "paths"), second);
    assert_null(pls_tables_find(&tables, "path"));
    assert_non_null(pls_table_find(second, "p.value"));
    assert_null(pls_table_find(second, "p"));
    assert_null(pls_table_find(first, "value:text"));
    pls_tables_free(&tables);
    assert_int_equal(tables.count, 0);
    assert_null(pls_tables_find(&tables, "study"));
}

static void a_type_that_does_not_exist_is_our_bug(void **state)
{
    (void)state;
    struct pls_error err = {0};
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    assert_int_equal(pls_tables_add(&tables, "t", "a:text b:date", &table, &err), PLS_EINTERNAL);
    assert_null(table);
    assert_int_equal(tables.count, 0);
    pls_tables_free(&tables);
}

static void a_text_can_be_set_anew_and_nothing_else(void **state)
{
    (void)state;
    struct pls_error err = {0};
    struct pls_tables tables = {0};
    struct pls_table *table = NULL;
    assert_ok(pls_tables_add(&tables, "t", "verdict:text p:real", &table, &err), &err);
    assert_ok(pls_table_append(table, &err, "undecided", 0.04), &err);
    assert_ok(pls_table_set_text(table, 0, "verdict", "accepted", &err), &err);
    assert_string_equal(table->column[0].cell.text[0], "accepted");
    assert_int_equal(pls_table_set_text(table, 1, "verdict", "x", &err), PLS_EINTERNAL);
    assert_int_equal(pls_table_set_text(table, 0, "p", "x", &err), PLS_EINTERNAL);
    assert_int_equal(pls_table_set_text(table, 0, "verdikt", "x", &err), PLS_EINTERNAL);
    assert_string_equal(table->column[0].cell.text[0], "accepted");
    pls_tables_free(&tables);
}

static void copies_are_equal_and_their_own(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_tables tables = {0}, copies = {0};
    struct pls_table *table;
    assert_ok(pls_tables_add(&tables, "paths", "term:text estimate:real n.ok:count", &table, &err),
              &err);
    assert_ok(pls_table_append(table, &err, "a", 0.5, INT64_C(7)), &err);
    assert_ok(pls_table_append(table, &err, "b", (double)NAN, INT64_C(-1)), &err);
    assert_ok(pls_tables_add(&tables, "empty", "", &table, &err), &err);
    assert_ok(pls_tables_copy(&tables, &copies, &err), &err);
    pls_tables_free(&tables);

    assert_int_equal(copies.count, 2);
    table = pls_tables_find(&copies, "paths");
    assert_int_equal(table->rows, 2);
    assert_string_equal(pls_table_find(table, "term")->cell.text[1], "b");
    assert_close(pls_table_find(table, "estimate")->cell.real[0], 0.5, 0.0);
    assert_true(isnan(pls_table_find(table, "estimate")->cell.real[1]));
    assert_int_equal(pls_table_find(table, "n.ok")->cell.count[0], 7);
    pls_table_cut(table, 1);
    assert_int_equal(table->rows, 1);
    assert_ok(pls_table_append(table, &err, "c", 1.5, INT64_C(3)), &err);
    assert_string_equal(pls_table_find(table, "term")->cell.text[0], "a");
    assert_string_equal(pls_table_find(table, "term")->cell.text[1], "c");
    assert_int_equal(pls_tables_find(&copies, "empty")->columns, 0);
    pls_tables_free(&copies);
}

static enum pls_code fill(struct pls_tables *tables, struct pls_error *err)
{
    struct pls_table *table = NULL;
    enum pls_code code = pls_tables_add(tables, "t", "a:text x:real b:text n:count", &table, err);
    for (int i = 0; code == PLS_OK && i < 20; i++)
        code = pls_table_append(table, err, "one", 1.0, "two", INT64_C(3));
    if (code == PLS_OK)
        code = pls_table_set_text(table, 19, "b", "three", err);
    return code;
}

/* Sanitizer builds see whether anything is lost or freed twice. */
static void every_allocation_may_fail_and_the_tables_stay_whole(void **state)
{
    (void)state;
    unsigned n = 1;
    for (bool failed = true; failed; n++) {
        struct pls_error err = {0};
        struct pls_tables tables = {0};
        fault_countdown = n;
        const enum pls_code code = fill(&tables, &err);
        failed = fault_countdown == 0;
        fault_countdown = 0;
        assert_int_equal(code, failed ? PLS_EUNAVAILABLE : PLS_OK);
        for (size_t t = 0; t < tables.count; t++)
            for (size_t r = 0; r < tables.table[t]->rows; r++)
                assert_string_equal(tables.table[t]->column[0].cell.text[r], "one");
        pls_tables_free(&tables);
    }
    assert_true(n > 45); /* two texts a row alone are 40 */
}

static void every_copy_may_fail_and_be_freed(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_tables tables = {0};
    assert_ok(fill(&tables, &err), &err);
    unsigned n = 1;
    for (bool failed = true; failed; n++) {
        struct pls_tables copies = {0};
        fault_countdown = n;
        const enum pls_code code = pls_tables_copy(&tables, &copies, &err);
        failed = fault_countdown == 0;
        fault_countdown = 0;
        assert_int_equal(code, failed ? PLS_EUNAVAILABLE : PLS_OK);
        pls_tables_free(&copies);
    }
    assert_true(n > 45);
    pls_tables_free(&tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_as_they_were_appended),
        cmocka_unit_test(texts_are_copies),
        cmocka_unit_test(tables_and_columns_are_found_by_name),
        cmocka_unit_test(a_type_that_does_not_exist_is_our_bug),
        cmocka_unit_test(a_text_can_be_set_anew_and_nothing_else),
        cmocka_unit_test(copies_are_equal_and_their_own),
        cmocka_unit_test(every_copy_may_fail_and_be_freed),
        cmocka_unit_test(every_allocation_may_fail_and_the_tables_stay_whole),
    };
    return cmocka_run_group_tests_name("base.table", tests, NULL, NULL);
}
