/* test_labels.c: columns of categories, the groups they make, and the rows that are kept. */
#include "files.h"
#include "plstrap/design.h"

static const char *const x_only[] = {"x"};

static enum pls_code read_labels(const char *bytes, const struct pls_csv_options *options,
                                 struct pls_dataset **out, size_t *unknown, struct pls_error *err)
{
    write_file("a.csv", bytes, strlen(bytes));
    *out = NULL;
    const enum pls_code code = pls_dataset_read_csv("a.csv", options, x_only, 1, out, unknown, err);
    assert_int_equal(remove("a.csv"), 0);
    return code;
}

static struct pls_dataset *dataset_of(const char *bytes, const char *column)
{
    static const char *const missing[] = {"-9", "NA"};
    const struct pls_label_column label[] = {{column, PLS_LABEL_GROUP}};
    const struct pls_csv_options options = {
        .label = label, .label_count = 1, .missing = missing, .missing_count = 2};
    struct pls_dataset *dataset;
    struct pls_error err;
    size_t unknown = 99;
    assert_ok(read_labels(bytes, &options, &dataset, &unknown, &err), &err);
    assert_int_equal(unknown, 2);
    return dataset;
}

static void assert_labels(const struct pls_labels *labels, size_t count, const char *const *label,
                          size_t rows, const uint32_t *code)
{
    assert_int_equal(labels->count, count);
    for (size_t k = 0; k < count; k++)
        assert_string_equal(labels->label[k], label[k]);
    for (size_t i = 0; i < rows; i++)
        assert_int_equal(labels->code[i], code[i]);
}

static void texts_are_numbered_by_value_then_by_byte(void **state)
{
    (void)state;
    static const char *const expected[] = {"-3", "2", "2.0", "10", "Z", "a b", "a\"b"};
    static const uint32_t code[] = {3, 5, 1, 4, 0, 2, 6, PLS_NO_LABEL, 1, PLS_NO_LABEL};
    struct pls_dataset *dataset = dataset_of(
        "x,g\n1,10\n2,\" a b\"\n3,2\n4,Z\n5,-3\n6,2.0\n7,\"a\"\"b\"\n8,\n9,2\n10,-9.0\n", "g");
    assert_int_equal(dataset->label_count, 1);
    assert_string_equal(dataset->labels[0].name, "g");
    assert_labels(&dataset->labels[0], 7, expected, 10, code);
    assert_int_equal(pls_dataset_labels(dataset, "g"), 0);
    assert_int_equal(pls_dataset_labels(dataset, "x"), 1);
    pls_dataset_free(dataset);
}

static void an_indicator_may_be_the_group_too(void **state)
{
    (void)state;
    static const char *const expected[] = {"1", "2"};
    static const uint32_t code[] = {1, 0, 1};
    struct pls_dataset *dataset = dataset_of("x\n2\n1\n2\n", "x");
    assert_labels(&dataset->labels[0], 2, expected, 3, code);
    assert_close(dataset->values[0], 2.0, 0.0);
    pls_dataset_free(dataset);
}

static void the_rows_left_out_have_no_labels(void **state)
{
    (void)state;
    static const char *const expected[] = {"b", "caf\xC3\xA9"};
    static const uint32_t code[] = {0, 1, 1};
    /* The accent is composed in one row and not in the other. */
    struct pls_dataset *dataset =
        dataset_of("g,x\na,NA\nb,1\n\ncaf\xC3\xA9,2\nz,\ncafe\xCC\x81,3\n", "g");
    assert_int_equal(dataset->rows_dropped, 2);
    assert_labels(&dataset->labels[0], 2, expected, 3, code);
    pls_dataset_free(dataset);
}

static void strata_and_clusters_must_be_known_of_every_row_used(void **state)
{
    (void)state;
    static const struct pls_label_column label[] = {{"s", PLS_LABEL_STRATUM},
                                                    {"c", PLS_LABEL_CLUSTER}};
    const struct pls_csv_options options = {.label = label, .label_count = 2};
    struct pls_dataset *dataset;
    struct pls_error err;
    size_t unknown;
    assert_ok(
        read_labels("s,x,c\nsecret,1,7\n,,\n,,9\nother,3,7\n", &options, &dataset, &unknown, &err),
        &err);
    assert_int_equal(dataset->labels[0].count, 2);
    assert_int_equal(dataset->labels[1].count, 1);
    pls_dataset_free(dataset);
    assert_int_equal(read_labels("s,x,c\nsecret,1,7\n,2,7\n", &options, &dataset, &unknown, &err),
                     PLS_EDATA);
    assert_string_equal(err.text,
                        "a.csv:3: row 2 has no stratum, because its cell in column \"s\" is "
                        "missing; fill it in, or take the row out of the file");
    assert_int_equal(read_labels("s,x,c\nsecret,1,\n", &options, &dataset, &unknown, &err),
                     PLS_EDATA);
    assert_string_equal(err.text,
                        "a.csv:2: row 1 has no cluster, because its cell in column \"c\" is "
                        "missing; fill it in, or take the row out of the file");
}

static void a_label_column_that_is_not_there_is_told_by_its_number(void **state)
{
    (void)state;
    struct pls_label_column label[] = {{"sector", PLS_LABEL_STRATUM}, {"sectr", PLS_LABEL_CLUSTER}};
    const struct pls_csv_options options = {.label = label, .label_count = 2};
    struct pls_dataset *dataset;
    struct pls_error err;
    size_t unknown = 99;
    assert_int_equal(read_labels("sector,x\na,1\n", &options, &dataset, &unknown, &err),
                     PLS_ESTUDY);
    assert_int_equal(unknown, 2);
    assert_string_equal(err.text, "a.csv has no column \"sectr\"; did you mean \"sector\"?");
    label[1].name = "sector";
    assert_int_equal(read_labels("sector,x\na,1\n", &options, &dataset, &unknown, &err),
                     PLS_ESTUDY);
    assert_int_equal(unknown, 2);
    assert_string_equal(err.text, "column \"sector\" cannot be two of group, strata and cluster; "
                                  "name different columns, or delete one of these keys");
    assert_null(dataset);
}

static void too_many_texts_are_refused(void **state)
{
    (void)state;
    enum { ROWS = 100001, WIDTH = 9 };
    char *bytes = malloc(4 + ROWS * WIDTH + 1);
    assert_non_null(bytes);
    memcpy(bytes, "x,g\n", 5);
    for (size_t i = 0; i < ROWS; i++)
        snprintf(bytes + 4 + i * WIDTH, WIDTH + 1, "1,%06zu\n", i);
    const struct pls_label_column label[] = {{"g", PLS_LABEL_CLUSTER}};
    const struct pls_csv_options options = {.label = label, .label_count = 1};
    struct pls_dataset *dataset;
    struct pls_error err;
    size_t unknown;
    assert_int_equal(read_labels(bytes, &options, &dataset, &unknown, &err), PLS_EDATA);
    assert_string_equal(err.text, "a.csv: column \"g\" holds more than 100000 different texts; "
                                  "name a column of fewer categories");
    bytes[4 + 100000 * WIDTH] = '\0';
    assert_ok(read_labels(bytes, &options, &dataset, &unknown, &err), &err);
    assert_int_equal(dataset->labels[0].count, 100000);
    assert_int_equal(dataset->labels[0].code[99999], 99999);
    pls_dataset_free(dataset);
    free(bytes);
}

/* ---- groups ---- */

static char column_name[] = "g";
static char level_a[] = "a", level_b[] = "b", level_two[] = "2", level_near[] = "femal",
            level_two_again[] = "2.0", level_far[] = "zzz";

static const char sexes[] =
    "x,g\n1,female\n2,male\n3,\n4,male\n5,female\n6,other\n7,female\n8,male\n9,NA\n";

static void assert_groups(const char *bytes, const struct pls_group_keys *keys, size_t count,
                          const char *const *name, const size_t *size, size_t ungrouped,
                          const uint8_t *of)
{
    struct pls_dataset *dataset = dataset_of(bytes, "g");
    struct pls_groups_found groups = {0};
    struct pls_error err;
    assert_ok(pls_dataset_groups(dataset, 0, keys, &groups, &err), &err);
    assert_int_equal(groups.count, count);
    for (size_t g = 0; g < count; g++) {
        assert_string_equal(groups.name[g], name[g]);
        assert_int_equal(groups.size[g], size[g]);
    }
    assert_int_equal(groups.ungrouped, ungrouped);
    assert_memory_equal(groups.of, of, dataset->rows);
    pls_groups_found_free(&groups);
    assert_null(groups.of);
    pls_dataset_free(dataset);
}

static void every_text_is_a_group_unless_levels_or_cuts_are_named(void **state)
{
    (void)state;
    enum { N = PLS_NO_GROUP };
    static const char *const all[] = {"female", "male", "other"};
    static const size_t sizes[] = {3, 3, 1};
    static const uint8_t of[] = {0, 1, N, 1, 0, 2, 0, 1, N};
    assert_groups(sexes, &(struct pls_group_keys){.column = column_name, .minimum = 1}, 3, all,
                  sizes, 2, of);

    static char male[] = "male", female[] = "female";
    static const char *const two[] = {"male", "female"};
    static const size_t of_two[] = {3, 3};
    static const uint8_t reversed[] = {1, 0, N, 0, 1, N, 1, 0, N};
    assert_groups(sexes,
                  &(struct pls_group_keys){
                      .column = column_name, .level = {male, female}, .levels = 2, .minimum = 3},
                  2, two, of_two, 3, reversed);
}

static void numbers_are_the_same_group_however_they_are_written(void **state)
{
    (void)state;
    static const char bytes[] = "x,g\n1,1.0\n1,2.0\n1,1\n1,2\n1,a\n";
    static const char *const all[] = {"1", "2", "a"};
    static const size_t sizes[] = {2, 2, 1};
    static const uint8_t of[] = {0, 1, 0, 1, 2};
    assert_groups(bytes, &(struct pls_group_keys){.column = column_name, .minimum = 1}, 3, all,
                  sizes, 0, of);
    static const char *const named[] = {"2", "a"};
    static const size_t of_named[] = {2, 1};
    static const uint8_t levels[] = {PLS_NO_GROUP, 0, PLS_NO_GROUP, 0, 1};
    assert_groups(
        bytes,
        &(struct pls_group_keys){
            .column = column_name, .level = {level_two, level_a}, .levels = 2, .minimum = 1},
        2, named, of_named, 2, levels);
}

static void a_cut_point_belongs_to_the_group_above_it(void **state)
{
    (void)state;
    static const char *const names[] = {"<30", "30 to <50.5", ">=50.5"};
    static const size_t sizes[] = {2, 2, 2};
    static const uint8_t of[] = {0, 1, 2, PLS_NO_GROUP, 1, 2, 0};
    const struct pls_group_keys keys = {
        .column = column_name, .cut = {30, 50.5}, .cuts = 2, .minimum = 2};
    assert_groups("x,g\n1,29.999\n1,30\n1,50.5\n1,\n1,50\n1,99\n1,-4\n", &keys, 3, names, sizes, 1,
                  of);
    assert_groups("x;g\n0,5;29,999\n1;30\n1;50,5\n1;\n1;50\n1;99\n1;-4\n", &keys, 3, names, sizes,
                  1, of);
}

static void every_refused_grouping_gets_its_sentence(void **state)
{
    (void)state;
    static const char many[] = "x,g\n1,0\n1,1\n1,2\n1,3\n1,4\n1,5\n1,6\n1,7\n1,8\n1,9\n1,10\n1,11\n"
                               "1,12\n1,13\n1,14\n1,15\n1,16\n1,17\n1,18\n1,19\n1,20\n";
    static const struct {
        const char *bytes;
        struct pls_group_keys keys;
        const char *sentence;
    } cases[] = {
        {sexes,
         {.level = {level_near, level_a}, .levels = 2},
         "column \"g\" holds no value \"femal\" in the rows used; did you mean \"female\"?"},
        {sexes,
         {.level = {level_far, level_a}, .levels = 2},
         "column \"g\" holds no value \"zzz\" in the rows used; write levels as the file has them"},
        {"x,g\n1,2\n1,a\n",
         {.level = {level_two, level_two_again}, .levels = 2},
         "the level \"2.0\" of column \"g\" means the same value as the level \"2\"; delete one"},
        {"x,g\n1,a\n1,a\n",
         {.minimum = 1},
         "column \"g\" makes 1 group of the rows used, and a comparison needs two; name a column "
         "whose values differ"},
        {"x,g\n1,\n1,\n",
         {.minimum = 1},
         "column \"g\" makes 0 groups of the rows used, and a comparison needs two; name a column "
         "whose values differ"},
        {"x,g\n1,a\n1,a\n1,b\n",
         {.level = {level_a, level_b}, .levels = 2, .minimum = 2},
         "the group \"b\" of column \"g\" has 1 observation, fewer than the minimum of 2; leave it "
         "out by `levels`, join it with another in the file, or write another `minimum`"},
        {"x,g\n1,1\n1,2\n",
         {.cut = {2.5}, .cuts = 1, .minimum = 3},
         "the group \"<2.5\" of column \"g\" has 2 observations, fewer than the minimum of 3; "
         "move or drop a cut, or write another `minimum`"},
        {"x,g\n,1\n1,3\n1,private\n",
         {.cut = {2}, .cuts = 1, .minimum = 1},
         "column \"g\" is cut at numbers, but its cell in row 3 is no number with a decimal point; "
         "mend it, write what means no answer under `missing`, or name groups by `levels`"},
        {many,
         {.minimum = 1},
         "column \"g\" holds 21 different values, and at most 20 can be groups; name those of "
         "interest by `levels`, or cut a number by `cuts`"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pls_dataset *dataset = dataset_of(cases[i].bytes, "g");
        struct pls_groups_found groups = {0};
        struct pls_error err = {.text = "no error"};
        assert_int_equal(pls_dataset_groups(dataset, 0, &cases[i].keys, &groups, &err), PLS_EDATA);
        assert_string_equal(err.text, cases[i].sentence);
        pls_groups_found_free(&groups);
        pls_dataset_free(dataset);
    }
}

/* ---- rows kept, labels added, digest ---- */

static void rows_that_are_not_kept_take_their_texts_along(void **state)
{
    (void)state;
    static const char *const expected[] = {"a", "c"};
    static const uint32_t code[] = {1, 0, PLS_NO_LABEL};
    static const uint8_t keep[] = {0, 1, 0, 1, 1};
    struct pls_dataset *dataset = dataset_of("x,g\n1,a\n,d\n2,c\n3,b\n4,a\n5,\n", "g");
    struct pls_error err;
    assert_ok(pls_dataset_keep(dataset, keep, &err), &err);
    assert_int_equal(dataset->rows, 3);
    assert_int_equal(dataset->rows_in_file, 6);
    assert_int_equal(dataset->rows_dropped, 1);
    assert_close(dataset->values[0], 2, 0.0);
    assert_close(dataset->values[1], 4, 0.0);
    assert_close(dataset->values[2], 5, 0.0);
    assert_int_equal(dataset->file_row[0], 3);
    assert_int_equal(dataset->file_row[1], 5);
    assert_labels(&dataset->labels[0], 2, expected, 3, code);
    pls_dataset_free(dataset);
}

static void labels_added_are_those_read_and_count_in_the_digest(void **state)
{
    (void)state;
    static const char *const name[] = {"x"};
    static const double values[] = {1, 2, 3};
    static const uint32_t other_code[] = {0, 0, PLS_NO_LABEL}, wild[] = {0, 2, 1};
    struct pls_dataset *read = dataset_of("x,g\n1,a\n2,b\n3,\n", "g"), *made = NULL;
    struct pls_labels *labels = &read->labels[0];
    const char *const *label = (const char *const *)labels->label;
    char plain[65], one[65], two[65];
    struct pls_error err;
    assert_ok(pls_dataset_new(3, 1, name, values, &made, &err), &err);
    assert_ok(pls_dataset_digest(made, plain, &err), &err);
    assert_ok(pls_dataset_add_labels(made, "g", 2, label, labels->code, &err), &err);
    assert_ok(pls_dataset_digest(made, one, &err), &err);
    assert_ok(pls_dataset_digest(read, two, &err), &err);
    assert_string_equal(one, two);
    assert_string_not_equal(one, plain);
    /* Python: the digest of test_dataset.c for 3, 1, 'x' and [1, 2, 3], then pack('<Q', 1) + b'g' +
     * pack('<Q', 2) + (pack('<Q', 1) + c for c in (b'a', b'b')) + pack('<3Q', 0, 1, 2**32 - 1) */
    assert_string_equal(one, "61b264cc080aa81674def738d6f69d7909348cefd7bac15af7857d6d7ad0d677");
    labels->code[1] = 0;
    assert_ok(pls_dataset_digest(read, two, &err), &err);
    assert_string_not_equal(one, two);

    assert_ok(pls_dataset_add_labels(made, "h", 1, label, other_code, &err), &err);
    assert_int_equal(made->label_count, 2);
    assert_int_equal(pls_dataset_labels(made, "h"), 1);
    assert_int_equal(pls_dataset_add_labels(made, "i", 2, label, wild, &err), PLS_EINTERNAL);
    assert_int_equal(made->label_count, 2);
    pls_dataset_free(read);
    pls_dataset_free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_numbered_by_value_then_by_byte),
        cmocka_unit_test(an_indicator_may_be_the_group_too),
        cmocka_unit_test(the_rows_left_out_have_no_labels),
        cmocka_unit_test(strata_and_clusters_must_be_known_of_every_row_used),
        cmocka_unit_test(a_label_column_that_is_not_there_is_told_by_its_number),
        cmocka_unit_test(too_many_texts_are_refused),
        cmocka_unit_test(every_text_is_a_group_unless_levels_or_cuts_are_named),
        cmocka_unit_test(numbers_are_the_same_group_however_they_are_written),
        cmocka_unit_test(a_cut_point_belongs_to_the_group_above_it),
        cmocka_unit_test(every_refused_grouping_gets_its_sentence),
        cmocka_unit_test(rows_that_are_not_kept_take_their_texts_along),
        cmocka_unit_test(labels_added_are_those_read_and_count_in_the_digest),
    };
    return cmocka_run_group_tests_name("data.labels", tests, files_open, files_close);
}
