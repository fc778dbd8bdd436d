/* test_csv.c: CSV files that are read, and what is read from them. */
#include "files.h"

#include <locale.h>

enum { MOST_VALUES = 8 };

/* Reads a.csv with these bytes. */
static struct pls_dataset *read_bytes(const char *bytes, size_t length,
                                      const struct pls_csv_options *options,
                                      const char *const *wanted, size_t count)
{
    struct pls_dataset *dataset = NULL;
    struct pls_error err;
    size_t unknown = 99;
    write_file("a.csv", bytes, length);
    assert_ok(pls_dataset_read_csv("a.csv", options, wanted, count, &dataset, &unknown, &err),
              &err);
    assert_int_equal(remove("a.csv"), 0);
    assert_int_equal(unknown, count);
    return dataset;
}

static const char *const x_y[] = {"x", "y"};

/* Files that all hold columns x and y, and the numbers of these two, row by row. */
static const struct {
    const char *what;
    const char *bytes;
    size_t length;
    const char *encoding;
    char decimal_told;
    char delimiter, decimal; /* expected */
    size_t rows;
    double values[MOST_VALUES];
} accepted[] = {
    {"commas", BYTES("x,y\n1,2\n3,4\n"), NULL, 0, ',', '.', 2, {1, 2, 3, 4}},
    {"semicolons", BYTES("x;y\n1;2\n3;4\n"), NULL, 0, ';', '.', 2, {1, 2, 3, 4}},
    {"tabs", BYTES("x\ty\n1\t2\n3\t4\n"), NULL, 0, '\t', '.', 2, {1, 2, 3, 4}},
    {"an empty first cell between tabs",
     BYTES("x\ty\n\t\"2\"\n\"3\"\t4\n"),
     NULL,
     0,
     '\t',
     '.',
     1,
     {3, 4}},
    {"tenths, correctly rounded",
     BYTES("x,y\n0.3,0.7\n-0.9,1.1\n"),
     NULL,
     0,
     ',',
     '.',
     2,
     {.3, .7, -.9, 1.1}},
    {"four digits are no group of thousands",
     BYTES("x;y\n1234,567;2\n"),
     NULL,
     0,
     ';',
     ',',
     1,
     {1234.567, 2}},
    {"other order", BYTES("y,x\n1,2\n"), NULL, 0, ',', '.', 1, {2, 1}},
    {"no final newline", BYTES("x,y\n1,2"), NULL, 0, ',', '.', 1, {1, 2}},
    {"CRLF", BYTES("x,y\r\n1,2\r\n3,4\r\n"), NULL, 0, ',', '.', 2, {1, 2, 3, 4}},
    {"lone CR", BYTES("x,y\r1,2\r3,4\r"), NULL, 0, ',', '.', 2, {1, 2, 3, 4}},
    {"mixed ends", BYTES("x,y\r\n1,2\r3,4\n5,6"), NULL, 0, ',', '.', 3, {1, 2, 3, 4, 5, 6}},
    {"blank lines at the end", BYTES("x,y\n1,2\n\n  \r\n\n"), NULL, 0, ',', '.', 1, {1, 2}},
    {"UTF-8 mark", BYTES("\xEF\xBB\xBFx,y\n1,2\n"), NULL, 0, ',', '.', 1, {1, 2}},
    {"UTF-8 mark, told otherwise",
     BYTES("\xEF\xBB\xBFx,y,\xC3\xA9\n1,2,3\n"),
     "WINDOWS-1252",
     0,
     ',',
     '.',
     1,
     {1, 2}},
    {"UTF-16LE mark",
     BYTES("\xFF\xFEx\0\t\0y\0\r\0\n\0001\0\t\0002\0\r\0\n\0"),
     NULL,
     0,
     '\t',
     '.',
     1,
     {1, 2}},
    {"UTF-16BE mark",
     BYTES("\xFE\xFF\0x\0;\0y\0\n\0001\0;\0002\0\n"),
     NULL,
     0,
     ';',
     '.',
     1,
     {1, 2}},
    {"UTF-16LE told", BYTES("x\0,\0y\0\n\0001\0,\0002\0"), "UTF-16LE", 0, ',', '.', 1, {1, 2}},
    {"UTF-16BE told", BYTES("\0x\0,\0y\0\n\0001\0,\0002"), "UTF-16BE", 0, ',', '.', 1, {1, 2}},
    {"UTF-16 mark against what is told",
     BYTES("\xFE\xFF\0x\0,\0y\0\n\0001\0,\0002"),
     "UTF-16LE",
     0,
     ',',
     '.',
     1,
     {1, 2}},
    {"Windows-1252", BYTES("x,y,\x80\n1,2,caf\xE9\n"), "WINDOWS-1252", 0, ',', '.', 1, {1, 2}},
    {"Latin 1", BYTES("x,y,\xE9\n1,2,\xE9\n"), "ISO-8859-1", 0, ',', '.', 1, {1, 2}},
    {"quotes", BYTES("\"x\",\"y\"\n\"1\",\"2\"\n"), NULL, 0, ',', '.', 1, {1, 2}},
    {"blanks around quotes", BYTES(" \"x\" , \"y\" \n \"1\" , 2 \n"), NULL, 0, ',', '.', 1, {1, 2}},
    {"no-break spaces",
     BYTES("x,y\n\xC2\xA0"
           "1\xC2\xA0,2\n"),
     NULL,
     0,
     ',',
     '.',
     1,
     {1, 2}},
    {"everything inside quotes",
     BYTES("x,q,y\n1,\"a,\"\"b\"\"\r\n;c\",2\n3,\"\",4\n"),
     NULL,
     0,
     ',',
     '.',
     2,
     {1, 2, 3, 4}},
    {"a quote inside a plain field",
     BYTES("x,5\" pipe,y\n1,6\",2\n"),
     NULL,
     0,
     ',',
     '.',
     1,
     {1, 2}},
    {"text elsewhere",
     BYTES("x,name,y\n1,Budi,2\n3,Siti; 7,4\n"),
     NULL,
     0,
     ',',
     '.',
     2,
     {1, 2, 3, 4}},
    {"semicolons in text of a comma file",
     BYTES("x,t,y\n1,a;b;c,2\n3,;;,4\n"),
     NULL,
     0,
     ',',
     '.',
     2,
     {1, 2, 3, 4}},
    {"more semicolons than commas",
     BYTES("x,a;b;c;d;e,y\n1,;;;;,2\n"),
     NULL,
     0,
     ',',
     '.',
     1,
     {1, 2}},
    {"other columns named alike or not at all",
     BYTES("a,x,a,,y,\n1,2,3,4,5,6\n"),
     NULL,
     0,
     ',',
     '.',
     1,
     {2, 5}},
    {"decimal point", BYTES("x,y\n1.5,-2.25\n.5,+3.\n"), NULL, 0, ',', '.', 2, {1.5, -2.25, .5, 3}},
    {"exponents", BYTES("x,y\n1e3,-2.5E-1\n"), NULL, 0, ',', '.', 1, {1000, -.25}},
    {"decimal comma", BYTES("x;y\n1,5;2\n3;-4,25\n"), NULL, 0, ';', ',', 2, {1.5, 2, 3, -4.25}},
    {"decimal comma between tabs", BYTES("x\ty\n1,5\t2,5\n"), NULL, 0, '\t', ',', 1, {1.5, 2.5}},
    {"a point between semicolons", BYTES("x;y\n1.5;2\n"), NULL, 0, ';', '.', 1, {1.5, 2}},
    {"three decimals, shown by 0,5",
     BYTES("x;y\n1,234;2,345\n0,5;1\n"),
     NULL,
     0,
     ';',
     ',',
     2,
     {1.234, 2.345, .5, 1}},
    {"three decimals, shown by 0,123",
     BYTES("x;y\n1,234;0,123\n"),
     NULL,
     0,
     ';',
     ',',
     1,
     {1.234, .123}},
    {"three decimals, told", BYTES("x;y\n1,234;2,345\n"), NULL, ',', ';', ',', 1, {1.234, 2.345}},
    {"decimal point told", BYTES("x;y\n1.234;2.345\n"), NULL, '.', ';', '.', 1, {1.234, 2.345}},
    {"quoted decimal commas between commas, told",
     BYTES("x,y\n\"1,5\",\"2,5\"\n"),
     NULL,
     ',',
     ',',
     ',',
     1,
     {1.5, 2.5}},
    {"commas of columns not wanted prove nothing",
     BYTES("x;t;y\n1.5;2,5;3\n"),
     NULL,
     0,
     ';',
     '.',
     1,
     {1.5, 3}},
    {"many digits",
     BYTES("x,y\n0.1000000000000000055511151231257827,123456789012345678\n"),
     NULL,
     0,
     ',',
     '.',
     1,
     {0.1, 123456789012345680.0}},
    {"denormal",
     BYTES("x,y\n4.9406564584124654e-324,2.2250738585072011e-308\n"),
     NULL,
     0,
     ',',
     '.',
     1,
     {4.9406564584124654e-324, 2.2250738585072011e-308}},
    {"Excel's first line", BYTES("sep=;\r\nx;y\r\n1,5;2\r\n"), NULL, 0, ';', ',', 1, {1.5, 2}},
    {"Excel's first line in quotes",
     BYTES("\"sep=\t\"\nx\ty\n1\t3\n"),
     NULL,
     0,
     '\t',
     '.',
     1,
     {1, 3}},
    {"a column of that name", BYTES("sep=;,x,y\n1,2,3\n"), NULL, 0, ',', '.', 1, {2, 3}},
    {"blank lines between rows",
     BYTES("x;y\n1;2\n\n  \r\n3;4\n\n5;6\n"),
     NULL,
     0,
     ';',
     '.',
     3,
     {1, 2, 3, 4, 5, 6}},
    {"sixteen digits",
     BYTES("x,y\n9007199254740993,0.1234567890123456\n"),
     NULL,
     0,
     ',',
     '.',
     1,
     {9007199254740992.0, 0.1234567890123456}},
};

static void every_accepted_file_gives_its_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        const struct pls_csv_options options = {.decimal = accepted[i].decimal_told,
                                                .encoding = accepted[i].encoding};
        print_message("%s\n", accepted[i].what);
        struct pls_dataset *dataset =
            read_bytes(accepted[i].bytes, accepted[i].length, &options, x_y, 2);
        assert_int_equal(dataset->rows, accepted[i].rows);
        assert_int_equal(dataset->columns, 2);
        assert_string_equal(dataset->name[0], "x");
        assert_string_equal(dataset->name[1], "y");
        assert_int_equal(dataset->delimiter, accepted[i].delimiter);
        assert_int_equal(dataset->decimal, accepted[i].decimal);
        for (size_t k = 0; k < 2 * accepted[i].rows; k++) /* to the bit */
            assert_memory_equal(&dataset->values[k], &accepted[i].values[k], sizeof(double));
        pls_dataset_free(dataset);
    }
}

static void names_match_whatever_their_blanks_quotes_and_accents(void **state)
{
    (void)state;
    const struct pls_csv_options options = {0};
    /* the file: blanks around, a decomposed accent, a doubled quote, a line break inside */
    static const char bytes[] = " caf\x65\xCC\x81 ,\"say \"\"hi\"\"\",\"two\nlines\"\n1,2,3\n";
    static const char *const wanted[] = {"two\nlines", "caf\xC3\xA9", "say \"hi\""};
    struct pls_dataset *dataset = read_bytes(bytes, sizeof bytes - 1, &options, wanted, 3);
    static const double expected[] = {3, 1, 2};
    for (size_t i = 0; i < 3; i++) {
        assert_close(dataset->values[i], expected[i], 0);
        assert_string_equal(dataset->name[i], wanted[i]); /* as asked for */
    }
    pls_dataset_free(dataset);
}

static void names_of_another_case_are_other_names(void **state)
{
    (void)state;
    const struct pls_csv_options options = {0};
    static const char *const wanted[] = {"x", "X"};
    struct pls_dataset *dataset = read_bytes(BYTES("X,x\n1,2\n"), &options, wanted, 2);
    assert_close(dataset->values[0], 2, 0);
    assert_close(dataset->values[1], 1, 0);
    pls_dataset_free(dataset);
}

static void rows_with_missing_cells_are_dropped_and_counted(void **state)
{
    (void)state;
    static const char *const codes[] = {"NA", "-99", "say \"no\""};
    const struct pls_csv_options options = {.missing = codes, .missing_count = 3};
    struct pls_dataset *dataset = read_bytes(BYTES("x,other,y\n"
                                                   "1,NA,2\n"      /* 1: used              */
                                                   ",0,3\n"        /* 2: empty             */
                                                   "4,0,NA\n"      /* 3: text code         */
                                                   "-99.0,0,-99\n" /* 4: both, as numbers  */
                                                   "5,,6\n"        /* 5: used              */
                                                   "  ,0,7\n"      /* 6: blanks            */
                                                   "\"say \"\"no\"\"\",0,8\n" /* 7: quoted */
                                                   "-9.9e1,0,9\n" /* 8: another spelling  */
                                                   "99,0,-9\n"),  /* 9: used              */
                                             &options, x_y, 2);
    static const double expected[] = {1, 2, 5, 6, 99, -9};
    static const size_t file_row[] = {1, 5, 9};
    assert_int_equal(dataset->rows, 3);
    assert_int_equal(dataset->rows_in_file, 9);
    assert_int_equal(dataset->rows_dropped, 6);
    assert_int_equal(dataset->missing[0], 5);
    assert_int_equal(dataset->missing[1], 2);
    for (size_t i = 0; i < 6; i++)
        assert_close(dataset->values[i], expected[i], 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(dataset->file_row[i], file_row[i]);
    pls_dataset_free(dataset);
}

static void numeric_codes_are_found_in_files_with_decimal_commas(void **state)
{
    (void)state;
    static const char *const codes[] = {"-99.5"};
    const struct pls_csv_options options = {.missing = codes, .missing_count = 1};
    struct pls_dataset *dataset =
        read_bytes(BYTES("x;y\n1,5;2\n-99,50;3\n-99.5;4\n"), &options, x_y, 2);
    assert_int_equal(dataset->decimal, ',');
    assert_int_equal(dataset->rows, 1);
    assert_int_equal(dataset->missing[0], 2);
    pls_dataset_free(dataset);
}

static void a_code_that_looks_like_a_number_says_nothing_about_the_decimal_sign(void **state)
{
    (void)state;
    static const char *const codes[] = {"9.5"};
    const struct pls_csv_options options = {.missing = codes, .missing_count = 1};
    struct pls_dataset *dataset = read_bytes(BYTES("x;y\n9.5;1\n1,5;2\n"), &options, x_y, 2);
    assert_int_equal(dataset->decimal, ',');
    assert_int_equal(dataset->rows, 1);
    pls_dataset_free(dataset);
}

static void a_code_is_a_whole_cell_and_not_a_part_of_one(void **state)
{
    (void)state;
    static const char *const codes[] = {"9", "1.5"};
    const struct pls_csv_options options = {.missing = codes, .missing_count = 2};
    struct pls_dataset *dataset = read_bytes(BYTES("x,y\n99,0.9\n15,19\n"), &options, x_y, 2);
    assert_int_equal(dataset->rows, 2);
    pls_dataset_free(dataset);

    static const char *const quoted[] = {"say \"no\""};
    const struct pls_csv_options other = {.missing = quoted, .missing_count = 1};
    struct pls_error err;
    dataset = NULL;
    write_file("a.csv", BYTES("x,y\n\"say \"\"no\",1\n"));
    assert_int_equal(pls_dataset_read_csv("a.csv", &other, x_y, 2, &dataset, NULL, &err),
                     PLS_EDATA);
    assert_non_null(strstr(err.text, "is not a number"));
    assert_int_equal(remove("a.csv"), 0);
}

static void a_file_of_one_column_needs_no_delimiter_and_its_blank_lines_are_missing(void **state)
{
    (void)state;
    const struct pls_csv_options options = {0};
    struct pls_dataset *dataset = read_bytes(BYTES("x\n1\n\n2\n\n"), &options, x_y, 1);
    assert_int_equal(dataset->rows, 2);
    assert_int_equal(dataset->rows_in_file, 3);
    assert_int_equal(dataset->file_row[1], 3);
    assert_int_equal(dataset->missing[0], 1);
    pls_dataset_free(dataset);

    dataset = read_bytes(BYTES("x\n1,5\n2,25\n"), &options, x_y, 1);
    assert_int_equal(dataset->decimal, ',');
    assert_close(dataset->values[0], 1.5, 0);
    assert_close(dataset->values[1], 2.25, 0);
    pls_dataset_free(dataset);
}

static void a_delimiter_that_is_told_is_used(void **state)
{
    (void)state;
    const struct pls_csv_options options = {.delimiter = ';'};
    static const char *const wanted[] = {"x,y"};
    struct pls_dataset *dataset = read_bytes(BYTES("x,y;z\n1;2\n"), &options, wanted, 1);
    assert_int_equal(dataset->delimiter, ';');
    assert_close(dataset->values[0], 1, 0);
    pls_dataset_free(dataset);
}

static void a_thousand_rows_keep_their_numbers_and_places(void **state)
{
    (void)state;
    enum { ROWS = 1000, LINE = 32 };
    char *text = calloc(ROWS + 1, LINE);
    assert_non_null(text);
    size_t length = (size_t)snprintf(text, LINE, "x,y\n");
    for (int r = 0; r < ROWS; r++)
        length += (size_t)snprintf(text + length, LINE, "%d.%03d,%s\n", r, 999 - r,
                                   r % 10 == 3 ? "" : "7");
    const struct pls_csv_options options = {0};
    struct pls_dataset *dataset = read_bytes(text, length, &options, x_y, 2);
    assert_int_equal(dataset->rows, 900);
    assert_int_equal(dataset->missing[1], 100);
    for (size_t i = 0; i < 900; i++) {
        const size_t r = dataset->file_row[i] - 1;
        assert_int_not_equal(r % 10, 3);
        assert_close(dataset->values[2 * i], (double)r + (double)(999 - r) / 1000, 1e-15);
    }
    pls_dataset_free(dataset);
    free(text);
}

/* The process may have called setlocale() for its own ends. */
static void the_locale_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "id_ID.UTF-8", "fr_FR.UTF-8", "de_DE"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++)
        found = setlocale(LC_ALL, names[i]) != NULL;
    if (!found)
        print_message("no locale with a decimal comma is installed: read under the C locale\n");
    const struct pls_csv_options options = {0};
    struct pls_dataset *dataset = read_bytes(BYTES("x;y\n1,5;0,25e1\n"), &options, x_y, 2);
    setlocale(LC_ALL, "C");
    assert_close(dataset->values[0], 1.5, 0);
    assert_close(dataset->values[1], 2.5, 0);
    pls_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_accepted_file_gives_its_numbers),
        cmocka_unit_test(names_match_whatever_their_blanks_quotes_and_accents),
        cmocka_unit_test(names_of_another_case_are_other_names),
        cmocka_unit_test(rows_with_missing_cells_are_dropped_and_counted),
        cmocka_unit_test(numeric_codes_are_found_in_files_with_decimal_commas),
        cmocka_unit_test(a_code_that_looks_like_a_number_says_nothing_about_the_decimal_sign),
        cmocka_unit_test(a_code_is_a_whole_cell_and_not_a_part_of_one),
        cmocka_unit_test(a_file_of_one_column_needs_no_delimiter_and_its_blank_lines_are_missing),
        cmocka_unit_test(a_delimiter_that_is_told_is_used),
        cmocka_unit_test(a_thousand_rows_keep_their_numbers_and_places),
        cmocka_unit_test(the_locale_changes_nothing),
    };
    return cmocka_run_group_tests_name("data.csv", tests, files_open, files_close);
}
