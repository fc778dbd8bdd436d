/* test_layout.c: tables as drawn, from wide terminals to narrow ones. */
#include "check.h"
#include "layout.h"

#include <string.h>

static struct pls_error err;

static struct page page_of(size_t width, bool unicode)
{
    return (struct page){.width = width, .unicode = unicode, .err = &err};
}

/* Two rows: a chain of constructs, a number with a mark, an optional number, an interval. */
static void draw(struct page *page, const char *chain)
{
    struct layout table = {.page = page};

    layout_column(&table, LAYOUT_LEFT, "");
    layout_column(&table, LAYOUT_RIGHT, "β");
    layout_column(&table, LAYOUT_JOINED, "");
    layout_column(&table, LAYOUT_RIGHT | LAYOUT_OPTIONAL, "Mean");
    layout_column(&table, LAYOUT_RIGHT, "95% CI");
    layout_column(&table, LAYOUT_RIGHT | LAYOUT_JOINED, "");
    layout_group(&table, "Group");
    layout_row(&table);
    layout_cell(&table, PAGE_PLAIN, chain);
    layout_cell(&table, PAGE_PLAIN, ".5");
    layout_cell(&table, PAGE_GOOD, "**");
    layout_cell(&table, PAGE_PLAIN, ".51");
    layout_cell(&table, PAGE_PLAIN, "[.4,");
    layout_cell(&table, PAGE_PLAIN, ".6]");
    layout_row(&table);
    layout_cell(&table, PAGE_PLAIN, "満足 → B");
    layout_cell(&table, PAGE_PLAIN, "-1.5");
    layout_cell(&table, PAGE_PLAIN, "");
    layout_cell(&table, PAGE_PLAIN, "–");
    layout_note(&table, "– why", "x");
    layout_note(&table, "– why", "y");
    layout_note(&table, "– why", "y");
    layout_print(&table, "Title");
    assert_ok(page->code, page->err);
}

static void numbers_and_marks_stand_in_columns(void **state)
{
    (void)state;
    struct page page = page_of(80, true);
    draw(&page, "A → B → C");
    assert_string_equal(page.text.data, "Title\n"
                                        "              β     Mean   95% CI\n"
                                        "──────────────────────────────────\n"
                                        "Group\n"
                                        "A → B → C    .5 **   .51  [.4, .6]\n"
                                        "満足 → B   -1.5        –\n"
                                        "– why: x, y\n\n");
    pls_text_free(&page.text);
}

static void ascii_stands_in_for_every_other_character(void **state)
{
    (void)state;
    struct page page = page_of(80, false);
    draw(&page, "A → B → C");
    assert_string_equal(page.text.data, "Title\n"
                                        "                       beta     Mean   95% CI\n"
                                        "----------------------------------------------\n"
                                        "Group\n"
                                        "A -> B -> C              .5 **   .51  [.4, .6]\n"
                                        "\\u{6E80}\\u{8DB3} -> B  -1.5        -\n"
                                        "- why: x, y\n\n");
    pls_text_free(&page.text);
}

static void narrow_pages_drop_optional_columns_then_wrap_the_stub(void **state)
{
    (void)state;
    struct page page = page_of(30, true);
    draw(&page, "Quality → B → C");
    assert_string_equal(page.text.data, "Title\n"
                                        "                β      95% CI\n"
                                        "──────────────────────────────\n"
                                        "Group\n"
                                        "Quality → B\n"
                                        "  → C          .5 **  [.4, .6]\n"
                                        "満足 → B     -1.5\n"
                                        "– why: x, y\n"
                                        "Not shown at this width: Mean;\n"
                                        "  a wider terminal (or\n"
                                        "  COLUMNS=100) shows them.\n\n");
    pls_text_free(&page.text);
}

static void names_that_leave_no_room_stand_above_their_numbers(void **state)
{
    (void)state;
    struct page page = page_of(22, true);
    draw(&page, "Overwhelmingness → B");
    assert_non_null(strstr(page.text.data, "Title\n"
                                           "       β      95% CI\n"
                                           "─────────────────────\n"
                                           "Group\n"
                                           "Overwhelmingness → B\n"
                                           "      .5 **  [.4, .6]\n"
                                           "満足 → B\n"
                                           "    -1.5\n"
                                           "– why: x, y\n"));
    pls_text_free(&page.text);
}

static void names_that_never_fit_are_cut_and_columns_stacked(void **state)
{
    (void)state;
    struct page page = page_of(20, true);
    draw(&page, "Overwhelmingness → B");
    assert_string_equal(page.text.data, "Title\n"
                                        "               β\n"
                                        "───────────────────\n"
                                        "Group\n"
                                        "Overwhelm…\n"
                                        "  → B         .5 **\n"
                                        "満足 → B    -1.5\n"
                                        "\n"
                                        "             95% CI\n"
                                        "────────────────────\n"
                                        "Group\n"
                                        "Overwhelm…\n"
                                        "  → B       [.4, .6]\n"
                                        "満足 → B\n"
                                        "– why: x, y\n"
                                        "Not shown at this\n"
                                        "  width: Mean; a\n"
                                        "  wider terminal (or\n"
                                        "  COLUMNS=100) shows\n"
                                        "  them.\n\n");
    pls_text_free(&page.text);
}

/* Five columns of eight and a stub of four. */
static void draw_five(struct page *page, bool balanced, unsigned flags)
{
    struct layout table = {.page = page, .balanced = balanced};
    const char *const headings[] = {"a", "b", "c", "d", "e"};
    layout_column(&table, LAYOUT_LEFT, "");
    for (size_t c = 0; c < 5; c++)
        layout_column(&table, LAYOUT_RIGHT | (c % 2 == 1 ? flags : 0), headings[c]);
    layout_row(&table);
    layout_cell(&table, PAGE_PLAIN, "name");
    for (size_t c = 0; c < 5; c++)
        layout_cell(&table, PAGE_PLAIN, "12345.78");
    layout_print(&table, "Title");
    assert_ok(page->code, page->err);
}

static void balanced_stacks_have_like_widths(void **state)
{
    (void)state;
    struct page page = page_of(46, true);
    draw_five(&page, true, 0);
    assert_non_null(strstr(page.text.data, "             a         b         c\n"));
    assert_non_null(strstr(page.text.data, "\n             d         e\n"));
    pls_text_free(&page.text);
    draw_five(&page, false, 0);
    assert_non_null(strstr(page.text.data, "             a         b         c         d\n"));
    pls_text_free(&page.text);
}

static void columns_that_belong_together_go_together(void **state)
{
    (void)state;
    struct page page = page_of(46, true);
    draw_five(&page, false, LAYOUT_OPTIONAL);
    assert_non_null(strstr(page.text.data, "             a         c         d         e\n"));
    pls_text_free(&page.text);
    draw_five(&page, false, LAYOUT_OPTIONAL | LAYOUT_TOGETHER);
    assert_non_null(strstr(page.text.data, "             a         c         e\n"));
    assert_non_null(strstr(page.text.data, "Not shown at this width: b, d; a wider"));
    pls_text_free(&page.text);
}

static void colour_surrounds_what_it_colours_only(void **state)
{
    (void)state;
    struct page page = page_of(80, true);
    page.color = true;
    draw(&page, "A");
    assert_non_null(strstr(page.text.data, "\033[1mTitle\033[0m\n"));
    assert_non_null(strstr(page.text.data, ".5 \033[32m**\033[0m "));
    assert_non_null(strstr(page.text.data, "\033[2m– why: x, y\033[0m\n"));
    pls_text_free(&page.text);
}

static void paragraphs_wrap_and_break_what_is_longer_than_a_line(void **state)
{
    (void)state;
    struct page page = page_of(20, true);
    page_paragraph(&page, PAGE_PLAIN,
                   "Note: ", "one two three four abcdefghijklmnopqrstuvwxyz a_b");
    assert_string_equal(page.text.data, "Note: one two three\n"
                                        "      four\n"
                                        "      abcdefghijklmn\n"
                                        "      opqrstuvwxyz\n"
                                        "      a_b\n");
    pls_text_free(&page.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_marks_stand_in_columns),
        cmocka_unit_test(ascii_stands_in_for_every_other_character),
        cmocka_unit_test(narrow_pages_drop_optional_columns_then_wrap_the_stub),
        cmocka_unit_test(names_that_leave_no_room_stand_above_their_numbers),
        cmocka_unit_test(balanced_stacks_have_like_widths),
        cmocka_unit_test(columns_that_belong_together_go_together),
        cmocka_unit_test(names_that_never_fit_are_cut_and_columns_stacked),
        cmocka_unit_test(colour_surrounds_what_it_colours_only),
        cmocka_unit_test(paragraphs_wrap_and_break_what_is_longer_than_a_line),
    };
    return cmocka_run_group_tests_name("report.layout", tests, NULL, NULL);
}
