/* test_text.c: strings that grow, names that resemble each other, text made safe to print, numbers. */
#include "check.h"
#include "fault.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---- growing strings ---- */

static void a_text_grows_by_bytes_and_by_formats(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_text text = {0};
    assert_ok(pls_text_append(&text, "KV~KDxxx", 5, &err), &err);
    assert_ok(pls_text_printf(&text, &err, " %.3f", 0.718), &err);
    assert_string_equal(text.data, "KV~KD 0.718");
    assert_int_equal(text.length, 11);
    for (int i = 0; i < 1000; i++)
        assert_ok(pls_text_printf(&text, &err, ",%d", i % 10), &err);
    assert_int_equal(text.length, 2011);
    assert_int_equal(strlen(text.data), 2011);
    pls_text_free(&text);
    assert_null(text.data);
    assert_int_equal(text.length + text.capacity, 0);
}

static void an_empty_piece_makes_an_empty_string_of_nothing(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_text text = {0};
    assert_ok(pls_text_append(&text, NULL, 0, &err), &err);
    assert_string_equal(text.data, "");
    pls_text_free(&text);
}

static void without_memory_a_text_stays_as_it_was(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_text text = {0};
    assert_ok(pls_text_append(&text, "kept", 4, &err), &err);
    fault_countdown = 1;
    assert_int_equal(pls_text_printf(&text, &err, "%0100d", 0), PLS_EUNAVAILABLE);
    fault_countdown = 1;
    assert_int_equal(pls_text_append(&text, "0123456789", 10, &err), PLS_EUNAVAILABLE);
    assert_string_equal(text.data, "kept");
    assert_int_equal(text.length, 4);
    pls_text_free(&text);
}

/* ---- names ---- */

static const char *const keys[] = {"replicates", "seed",      "align",        "scheme", "level",
                                   "kd1",        "intervals", "Qualit\u00E9", "x1"};

static void the_nearest_name_is_the_one_that_was_meant(void **state)
{
    (void)state;
    static const struct {
        const char *word, *meant;
    } rows[] = {
        {"replicate", "replicates"},      /* a letter missing            */
        {"replicatess", "replicates"},    /* one too many                */
        {"replicstes", "replicates"},     /* a wrong one                 */
        {"repliactes", "replicates"},     /* two swapped: one mistake    */
        {"REPLICATES", "replicates"},     /* case does not count         */
        {"schema", "scheme"},             /*                             */
        {"interval", "intervals"},        /*                             */
        {"kd2", "kd1"},                   /* short names may be near too */
        {"x2", "x1"},                     /* very short ones             */
        {"sede", "seed"},                 /*                             */
        {"QUALIT\u00C9", "Qualit\u00E9"}, /* case of accented letters    */
        {"qualite", "Qualit\u00E9"},      /* an accent is one character  */
        {"bootstrap", NULL},              /* nothing like it             */
        {"x", NULL},                      /*                             */
        {"", NULL},                       /*                             */
        {"\xFF\xFE", NULL},               /* not UTF-8                   */
    };
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        const char *found = pls_text_nearest(rows[i].word, keys, LENGTH_OF(keys));
        if (rows[i].meant == NULL && found != NULL)
            print_error("\"%s\" is taken for %s\n", rows[i].word, found);
        if (rows[i].meant == NULL)
            assert_null(found);
        else {
            assert_non_null(found);
            assert_string_equal(found, rows[i].meant);
        }
    }
    assert_null(pls_text_nearest("seed", keys, 0));
}

static void very_long_names_are_not_compared(void **state)
{
    (void)state;
    char word[400];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *const same[] = {word};
    assert_null(pls_text_nearest(word, same, 1));
    assert_null(pls_text_nearest("a", same, 1));
}

/* ---- printing foreign text ---- */

static void foreign_text_is_made_safe_to_print(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"plain", "plain"},
        {"caf\u00E9 \u65E5\u672C", "caf\u00E9 \u65E5\u672C"}, /* letters stay                   */
        {"a\nb", "a\u23CE"
                 "b"},                    /* a line break shows itself      */
        {"\033[31mred", "\\x1B[31mred"},  /* no colours, no cursor          */
        {"a\tb\a", "a\\x09b\\x07"},       /*                                */
        {"\x7F", "\\x7F"},                /*                                */
        {"\xC2\x9B", "\\x9B"},            /* the control sequence in one    */
        {"\xFF", "\\xFF"},                /* not UTF-8                      */
        {"\xE2\x82", "\\xE2\\x82"},       /* a character torn               */
        {"\xC0\xAF", "\\xC0\\xAF"},       /* overlong "/"                   */
        {"a\u202Eb", "a\\u{202E}b"},      /* right-to-left override         */
        {"a\u200Bb", "a\\u{200B}b"},      /* zero width space               */
        {"a\u2066b", "a\\u{2066}b"},      /* isolate                        */
        {"a\u061Cb", "a\\u{061C}b"},      /* Arabic letter mark: bidi too   */
        {"a\u00ADb", "a\\xADb"},          /* soft hyphen: no width          */
        {"a\U000E0041b", "a\\u{E0041}b"}, /* tag character: invisible       */
        {"\uFEFFkd1", "\\u{FEFF}kd1"},    /* byte order mark                */
        {"", ""},
    };
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        char out[64];
        pls_text_printable(rows[i].text, strlen(rows[i].text), 40, out, sizeof out);
        assert_string_equal(out, rows[i].shown);
    }
}

static void what_is_too_long_ends_in_dots_and_fits(void **state)
{
    (void)state;
    char out[64];
    pls_text_printable("0123456789", 10, 10, out, sizeof out);
    assert_string_equal(out, "0123456789"); /* just fits */
    pls_text_printable("0123456789", 10, 9, out, sizeof out);
    assert_string_equal(out, "01234567\u2026");
    pls_text_printable("\u65E5\u672C\u8A9E", 9, 5, out, sizeof out); /* two columns each */
    assert_string_equal(out, "\u65E5\u672C\u2026");
    pls_text_printable("\u65E5\u672C\u8A9E", 9, 4, out, sizeof out);
    assert_string_equal(out, "\u65E5\u2026");
    pls_text_printable("ab", 2, 1, out, sizeof out);
    assert_string_equal(out, "\u2026");
}

/* Whatever the room, what is written ends in a zero inside it and is whole UTF-8. */
static void no_buffer_is_too_small(void **state)
{
    (void)state;
    static const char text[] = "a\u00E9\u65E5\033\xFF\U0001F600 and more";
    for (size_t columns = 0; columns < 24; columns++)
        for (size_t size = 1; size < 40; size++) {
            char out[41];
            memset(out, '#', sizeof out);
            pls_text_printable(text, sizeof text - 1, columns, out, size);
            const char *end = memchr(out, '\0', size);
            assert_non_null(end);
            for (size_t i = size; i < sizeof out; i++)
                assert_int_equal(out[i], '#');
            assert_true(pls_text_width(out) <= columns || pls_text_width(out) == 1);
        }
}

static void width_is_counted_in_columns(void **state)
{
    (void)state;
    assert_int_equal(pls_text_width("KV"), 2);
    assert_int_equal(pls_text_width("R\u00B2"), 2);
    assert_int_equal(pls_text_width("e\u0301"), 1);      /* an accent of its own  */
    assert_int_equal(pls_text_width("\u65E5\u672C"), 4); /* wide letters          */
    assert_int_equal(pls_text_width("KD \u2192 KV"), 7);
    assert_int_equal(pls_text_width(""), 0);
}

/* ---- numbers ---- */

static void numbers_are_read_whole_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char decimal;
        bool good;
        double value;
    } rows[] = {
        {"3", '.', true, 3.0},       {"-0.5", '.', true, -0.5},   {"+7", '.', true, 7.0},
        {".5", '.', true, 0.5},      {"5.", '.', true, 5.0},      {"1e-7", '.', true, 1e-7},
        {"1E+2", '.', true, 100.0},  {"2,5", ',', true, 2.5},     {"1e-999", '.', true, 0.0},
        {"2,5", '.', false, 0.0},    {"2.5", ',', false, 0.0},    {"1.234,5", ',', false, 0.0},
        {"", '.', false, 0.0},       {".", '.', false, 0.0},      {"-", '.', false, 0.0},
        {"e5", '.', false, 0.0},     {"1e", '.', false, 0.0},     {"1e+", '.', false, 0.0},
        {" 1", '.', false, 0.0},     {"1 ", '.', false, 0.0},     {"1 000", '.', false, 0.0},
        {"0x1F", '.', false, 0.0},   {"inf", '.', false, 0.0},    {"nan", '.', false, 0.0},
        {"1e999", '.', false, 0.0},  {"--1", '.', false, 0.0},    {"1.2.3", '.', false, 0.0},
        {"\u0665", '.', false, 0.0}, {"1d5", '.', false, 0.0},    {"1_000", '.', false, 0.0},
        {"0.1", '.', true, 0.1},     {"1e308", '.', true, 1e308}, {"4.9e-324", '.', true, 4.9e-324},
    };
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        double value = -77.0;
        const bool good =
            pls_text_number(rows[i].text, strlen(rows[i].text), rows[i].decimal, &value);
        if (good != rows[i].good || (good && value != rows[i].value))
            print_error("\"%s\" with '%c': %d, %.17g\n", rows[i].text, rows[i].decimal, good,
                        value);
        assert_int_equal(good, rows[i].good);
        if (good)
            assert_true(value == rows[i].value);
    }
}

static void a_number_ends_where_its_text_does(void **state)
{
    (void)state;
    double value = 0.0;
    assert_true(pls_text_number("12345", 2, '.', &value));
    assert_true(value == 12.0);
    uint64_t count = 0;
    assert_true(pls_text_unsigned("12345", 2, &count));
    assert_true(count == 12);
}

static void absurdly_long_numbers_are_refused(void **state)
{
    (void)state;
    char text[600];
    double value = 0.0;
    memset(text, '1', sizeof text);
    assert_false(pls_text_number(text, sizeof text, '.', &value));
    assert_true(pls_text_number(text, 300, '.', &value));
}

static void whole_numbers_go_up_to_all_bits_and_no_further(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint64_t value;
    } rows[] = {
        {"0", true, 0},
        {"9999", true, 9999},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"", false, 0},
        {" 1", false, 0},
    };
    for (size_t i = 0; i < LENGTH_OF(rows); i++) {
        uint64_t value = 77;
        assert_int_equal(pls_text_unsigned(rows[i].text, strlen(rows[i].text), &value),
                         rows[i].good);
        if (rows[i].good)
            assert_true(value == rows[i].value);
    }
}

static void counts_are_separated_for_people(void **state)
{
    (void)state;
    char out[32];
    assert_string_equal(pls_text_count(0, out), "0");
    assert_string_equal(pls_text_count(999, out), "999");
    assert_string_equal(pls_text_count(9999, out), "9,999");
    assert_string_equal(pls_text_count(1000000, out), "1,000,000");
    assert_string_equal(pls_text_count(UINT64_MAX, out), "18,446,744,073,709,551,615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_grows_by_bytes_and_by_formats),
        cmocka_unit_test(an_empty_piece_makes_an_empty_string_of_nothing),
        cmocka_unit_test(without_memory_a_text_stays_as_it_was),
        cmocka_unit_test(the_nearest_name_is_the_one_that_was_meant),
        cmocka_unit_test(very_long_names_are_not_compared),
        cmocka_unit_test(foreign_text_is_made_safe_to_print),
        cmocka_unit_test(what_is_too_long_ends_in_dots_and_fits),
        cmocka_unit_test(no_buffer_is_too_small),
        cmocka_unit_test(width_is_counted_in_columns),
        cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
        cmocka_unit_test(a_number_ends_where_its_text_does),
        cmocka_unit_test(absurdly_long_numbers_are_refused),
        cmocka_unit_test(whole_numbers_go_up_to_all_bits_and_no_further),
        cmocka_unit_test(counts_are_separated_for_people),
    };
    return cmocka_run_group_tests_name("base.text", tests, NULL, NULL);
}
