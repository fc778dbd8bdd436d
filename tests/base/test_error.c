/* test_error.c: sentences of failure. */
#include "check.h"

#include <stdio.h>
#include <string.h>

static void a_failure_returns_its_code_and_fills_the_sentence(void **state)
{
    (void)state;
    struct pls_error err = {0};
    assert_int_equal(pls_fail(&err, PLS_EDATA, "row %d: %s", 7, "not a number"), PLS_EDATA);
    assert_int_equal(err.code, PLS_EDATA);
    assert_string_equal(err.text, "row 7: not a number");
}

static void a_failure_needs_no_error_to_fill(void **state)
{
    (void)state;
    assert_int_equal(pls_fail(NULL, PLS_EIO, "unheard"), PLS_EIO);
}

static void a_sentence_may_quote_the_one_that_it_replaces(void **state)
{
    (void)state;
    struct pls_error err = {0};
    pls_fail(&err, PLS_EIO, "disk full");
    pls_fail(&err, PLS_EIO, "result.h5: %s; make room", err.text);
    assert_string_equal(err.text, "result.h5: disk full; make room");
}

/* Characters of 1 to 4 bytes, shifted over the place where the sentence is cut. */
static void a_long_sentence_is_cut_between_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"x", "\u00E9", "\u2192", "\U0001F600"};
    for (size_t c = 0; c < 4; c++) {
        const size_t bytes = strlen(characters[c]);
        for (size_t shift = 0; shift < 4; shift++) {
            char text[1100];
            struct pls_error err;
            size_t at = shift;
            memset(text, '.', at);
            for (; at + bytes < sizeof text; at += bytes)
                memcpy(text + at, characters[c], bytes);
            text[at] = '\0';
            pls_fail(&err, PLS_EDATA, "%s", text);
            const size_t length = strlen(err.text);
            assert_in_range(length, sizeof err.text - bytes, sizeof err.text - 1);
            assert_int_equal((length - shift) % bytes, 0);
            assert_memory_equal(err.text, text, length);
        }
    }
}

/* Scripts on clusters ask for these numbers; they are those of <sysexits.h> where that has one. */
static void codes_are_the_exit_codes_that_are_documented(void **state)
{
    (void)state;
    assert_int_equal(PLS_OK, 0);
    assert_int_equal(PLS_EUSAGE, 64);
    assert_int_equal(PLS_EDATA, 65);
    assert_int_equal(PLS_ENOINPUT, 66);
    assert_int_equal(PLS_EUNAVAILABLE, 69);
    assert_int_equal(PLS_EINTERNAL, 70);
    assert_int_equal(PLS_ECREATE, 73);
    assert_int_equal(PLS_EIO, 74);
    assert_int_equal(PLS_ESTOPPED, 75);
    assert_int_equal(PLS_EPERMISSION, 77);
    assert_int_equal(PLS_ESTUDY, 78);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_returns_its_code_and_fills_the_sentence),
        cmocka_unit_test(a_failure_needs_no_error_to_fill),
        cmocka_unit_test(a_sentence_may_quote_the_one_that_it_replaces),
        cmocka_unit_test(a_long_sentence_is_cut_between_characters),
        cmocka_unit_test(codes_are_the_exit_codes_that_are_documented),
    };
    return cmocka_run_group_tests_name("base.error", tests, NULL, NULL);
}
