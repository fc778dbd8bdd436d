/* test_resamples.c: row indices of replicates from a file. */
#include "files.h"

static void read_counts(const char *bytes, size_t length, size_t rows, size_t expected_replicates,
                        const unsigned *expected)
{
    unsigned *counts = NULL;
    size_t replicates = 0;
    struct pls_error err;
    write_file("r.csv", bytes, length);
    assert_ok(pls_dataset_read_resamples("r.csv", rows, &counts, &replicates, &err), &err);
    assert_int_equal(remove("r.csv"), 0);
    assert_int_equal(replicates, expected_replicates);
    for (size_t i = 0; i < replicates * rows; i++)
        assert_int_equal(counts[i], expected[i]);
    free(counts);
}

static void each_line_is_counted_by_row(void **state)
{
    (void)state;
    static const unsigned expected[] = {2, 0, 1, 0, 3, 0, 1, 1, 1};
    read_counts(BYTES("0,2,0\n1,1,1\n2,1,0\n"), 3, 3, expected);
}

static void line_ends_marks_and_blanks_do_not_count(void **state)
{
    (void)state;
    static const unsigned expected[] = {1, 1, 0, 2};
    read_counts(BYTES("0,1\n1,1"), 2, 2, expected);
    read_counts(BYTES("0,1\r\n1,1\r\n"), 2, 2, expected);
    read_counts(BYTES("0,1\r1,1\r"), 2, 2, expected);
    read_counts(BYTES("\xEF\xBB\xBF"
                      "0,1\n1,1\n\n \n"),
                2, 2, expected);
    read_counts(BYTES(" 0 ,\t1\n1, 1 \n"), 2, 2, expected);
}

static const struct {
    const char *bytes;
    size_t length;
    enum pls_code code;
    const char *text;
} refused[] = {
    {BYTES(""), PLS_ENOINPUT,
     "r.csv: the file is empty; it needs one replicate a line, as row numbers from 0"},
    {BYTES("\n\n"), PLS_ENOINPUT,
     "r.csv: the file is empty; it needs one replicate a line, as row numbers from 0"},
    {BYTES("0,1,2\n0,1\n"), PLS_EDATA,
     "r.csv:2: there are 2 indices, but a replicate draws 3, as many as there are rows used; write "
     "one replicate a line"},
    {BYTES("0,1,2\r\n0,1,2,0\r\n"), PLS_EDATA,
     "r.csv:2: there are 4 indices, but a replicate draws 3, as many as there are rows used; write "
     "one replicate a line"},
    {BYTES("0,1,2\n\n0,1,2\n"), PLS_EDATA,
     "r.csv:2: there are 0 indices, but a replicate draws 3, as many as there are rows used; write "
     "one replicate a line"},
    {BYTES("0,1,3\n"), PLS_EDATA,
     "r.csv:1: row 3 does not exist; the 3 rows used are counted from 0 to 2"},
    {BYTES("0,1,2\n0,99999999999999999999,2\n"), PLS_EDATA,
     "r.csv:2: \"99999999999999999999\" is not a row; write row numbers from 0, separated by "
     "commas"},
    {BYTES("0,-1,2\n"), PLS_EDATA,
     "r.csv:1: \"-1\" is not a row; write row numbers from 0, separated by commas"},
    {BYTES("0,1,\n"), PLS_EDATA,
     "r.csv:1: \"\" is not a row; write row numbers from 0, separated by commas"},
    {BYTES("0;1;2\n"), PLS_EDATA,
     "r.csv:1: \"0;1;2\" is not a row; write row numbers from 0, separated by commas"},
    {BYTES("i1,i2,i3\n0,1,2\n"), PLS_EDATA,
     "r.csv:1: \"i1\" is not a row; write row numbers from 0, separated by commas"},
    {BYTES("0,1.0,2\n"), PLS_EDATA,
     "r.csv:1: \"1.0\" is not a row; write row numbers from 0, separated by commas"},
};

static void every_refused_file_gets_its_sentence(void **state)
{
    (void)state;
    size_t failures = 0;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        unsigned *counts = NULL;
        size_t replicates = 0;
        struct pls_error err = {.text = ""};
        write_file("r.csv", refused[i].bytes, refused[i].length);
        const enum pls_code code =
            pls_dataset_read_resamples("r.csv", 3, &counts, &replicates, &err);
        assert_int_equal(remove("r.csv"), 0);
        assert_null(counts);
        if (code != refused[i].code || strcmp(err.text, refused[i].text) != 0) {
            print_error("file %zu: code %d, expected %d\n  %s\nexpected\n  %s\n", i, (int)code,
                        (int)refused[i].code, err.text, refused[i].text);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
}

static void a_missing_file_is_no_input(void **state)
{
    (void)state;
    unsigned *counts = NULL;
    size_t replicates;
    struct pls_error err;
    assert_int_equal(pls_dataset_read_resamples("none.csv", 3, &counts, &replicates, &err),
                     PLS_ENOINPUT);
    assert_null(counts);
}

/* ---- permutations ---- */

static const char *const two_groups[] = {"f", "m, x"};

static void each_line_gives_every_row_its_group(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0, 1, 0, 1, 0, 0};
    uint8_t *labels = NULL;
    size_t lines = 0;
    struct pls_error err;
    write_file("r.csv", BYTES("f,\"m, x\",f\r\n\"m, x\", f ,\"f\"\r\n \r\n"));
    assert_ok(pls_dataset_read_permutations("r.csv", 3, two_groups, 2, &labels, &lines, &err),
              &err);
    assert_int_equal(remove("r.csv"), 0);
    assert_int_equal(lines, 2);
    assert_memory_equal(labels, expected, sizeof expected);
    free(labels);
}

static void every_refused_file_of_permutations_gets_its_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum pls_code code;
        const char *text;
    } cases[] = {
        {"\n", PLS_ENOINPUT,
         "r.csv: the file is empty; it needs one permutation a line, as the groups of the rows"},
        {"f,f,m\n", PLS_EDATA,
         "r.csv:1: \"m\" is no group; write the groups' names (\"f\", \"m, x\"), separated by "
         "commas"},
        {"f,f\n", PLS_EDATA,
         "r.csv:1: there are 2 labels, but 3 rows are used; write one permutation a line, a label "
         "for each row used"},
        {"f,f,f\n\nf,f,f\n", PLS_EDATA,
         "r.csv:2: there are 0 labels, but 3 rows are used; write one permutation a line, a label "
         "for each row used"},
        {"f,f,f\nf,f,f,f,g\n", PLS_EDATA,
         "r.csv:2: there are 5 labels, but 3 rows are used; write one permutation a line, a label "
         "for each row used"},
        {"f,f,\"m, x\"\nf,\"m, x\",\"m, x\"\n", PLS_EDATA,
         "r.csv:2: the size of the group \"f\" is 1 here and 2 in line 1; a permutation keeps the "
         "sizes of the groups"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *labels = NULL;
        size_t lines = 0;
        struct pls_error err = {.text = "no error"};
        write_file("r.csv", cases[i].bytes, strlen(cases[i].bytes));
        const enum pls_code code =
            pls_dataset_read_permutations("r.csv", 3, two_groups, 2, &labels, &lines, &err);
        assert_int_equal(remove("r.csv"), 0);
        assert_string_equal(err.text, cases[i].text);
        assert_int_equal(code, cases[i].code);
        assert_null(labels);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_counted_by_row),
        cmocka_unit_test(line_ends_marks_and_blanks_do_not_count),
        cmocka_unit_test(every_refused_file_gets_its_sentence),
        cmocka_unit_test(a_missing_file_is_no_input),
        cmocka_unit_test(each_line_gives_every_row_its_group),
        cmocka_unit_test(every_refused_file_of_permutations_gets_its_sentence),
    };
    return cmocka_run_group_tests_name("data.resamples", tests, files_open, files_close);
}
