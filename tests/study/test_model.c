/* test_model.c: numbers of constructs, indicators and paths; order; checks of the whole model. */
#include "check.h"
#include "plstrap/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct pls_model *model_of(const char *text)
{
    struct pls_model *model = NULL;
    struct pls_error err;
    assert_ok(pls_model_parse(text, "m.lav", (struct pls_place){1, 1}, 0, &model, &err), &err);
    return model;
}

/* The European customer satisfaction model, its lines in an order that tests the numbering. */
static const char satisfaction[] = "LOY ~ IMAG + SAT\n"
                                   "IMAG =~ imag1 + imag2\n"
                                   "EXPE =~ expe1\n"
                                   "SAT ~ IMAG + EXPE\n"
                                   "LOY <~ loy1 + loy2\n"
                                   "SAT =~ sat1\n"
                                   "EXPE ~ IMAG\n"
                                   "IMAG =~ imag3\n"
                                   "LOY ~ EXPE\n";

static void constructs_are_numbered_as_measured_first(void **state)
{
    (void)state;
    static const char *const names[] = {"IMAG", "EXPE", "LOY", "SAT"};
    struct pls_model *model = model_of(satisfaction);
    assert_int_equal(model->constructs, 4);
    for (size_t j = 0; j < 4; j++) {
        assert_string_equal(model->construct[j], names[j]);
        assert_int_equal(pls_model_construct(model, names[j]), j);
        assert_int_equal(model->mode[j], j == 2 ? PLS_MODE_B : PLS_MODE_A);
    }
    assert_int_equal(pls_model_construct(model, "imag1"), 4);
    pls_model_free(model);
}

static void indicators_are_numbered_block_by_block(void **state)
{
    (void)state;
    static const char *const names[] = {"imag1", "imag2", "imag3", "expe1", "loy1", "loy2", "sat1"};
    static const size_t owner[] = {0, 0, 0, 1, 2, 2, 3};
    static const unsigned line[] = {2, 2, 8, 3, 5, 5, 6};
    struct pls_model *model = model_of(satisfaction);
    assert_int_equal(model->indicators, 7);
    assert_int_equal(model->block[4], 7);
    for (size_t k = 0; k < 7; k++) {
        assert_string_equal(model->indicator[k], names[k]);
        assert_int_equal(pls_model_owner(model, k), owner[k]);
        assert_int_equal(model->place[k].line, line[k]);
    }
    pls_model_free(model);
}

static void paths_are_numbered_target_by_target(void **state)
{
    (void)state;
    static const size_t source[] = {0, 0, 3, 1, 0, 1};
    static const size_t target[] = {1, 2, 2, 2, 3, 3};
    struct pls_model *model = model_of(satisfaction);
    assert_int_equal(model->paths, 6);
    for (size_t a = 0; a < 6; a++) {
        assert_int_equal(model->source[a], source[a]);
        assert_int_equal(pls_model_path(model, source[a], target[a]), a);
    }
    assert_int_equal(pls_model_path(model, 2, 3), 6);
    pls_model_free(model);
}

static void sources_come_before_targets_and_lower_numbers_first(void **state)
{
    (void)state;
    struct pls_model *model = model_of(satisfaction); /* LOY, number 2, waits for SAT, number 3 */
    const size_t expected[] = {0, 1, 3, 2};
    assert_memory_equal(model->order, expected, sizeof expected);
    pls_model_free(model);

    model = model_of("A =~ a\nB =~ b\nC =~ c\nD =~ d\nE =~ e\nA ~ E\nC ~ D\nB ~ D");
    const size_t ready[] = {3, 1, 2, 4, 0};
    assert_memory_equal(model->order, ready, sizeof ready);
    pls_model_free(model);
}

/* count constructs of one indicator in a chain; backwards: each is the source of the one before. */
static char *chain_of(size_t count, bool backwards)
{
    char *text = malloc(count * 64);
    size_t length = 0;
    assert_non_null(text);
    for (size_t j = 0; j < count; j++)
        length += (size_t)sprintf(text + length, "c%zu=~x%zu\n", j, j);
    for (size_t j = 0; j + 1 < count; j++)
        length += (size_t)sprintf(text + length, "c%zu~c%zu\n", backwards ? j : j + 1,
                                  backwards ? j + 1 : j);
    return text;
}

static void the_largest_model_is_read_in_moments_and_a_larger_one_refused(void **state)
{
    (void)state;
    for (int backwards = 0; backwards < 2; backwards++) {
        char *text = chain_of(65535, backwards);
        const clock_t start = clock();
        struct pls_model *model = model_of(text);
        assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10.0);
        assert_int_equal(model->constructs, 65535);
        assert_int_equal(model->order[0], backwards ? 65534 : 0);
        pls_model_free(model);
        free(text);
    }

    struct pls_model *model = NULL;
    struct pls_error err;
    char *text = chain_of(65536, false);
    assert_int_equal(pls_model_parse(text, "m.lav", (struct pls_place){1, 1}, 0, &model, &err),
                     PLS_ESTUDY);
    assert_string_equal(err.text, "m.lav:65536:1: more than 65535 constructs; split the model");
    free(text);
}

static void more_than_65535_indicators_are_refused(void **state)
{
    (void)state;
    struct pls_model *model = NULL;
    struct pls_error err;
    char *text = malloc(65536 * 16);
    assert_non_null(text);
    size_t length = (size_t)sprintf(text, "A=~");
    for (int k = 0; k < 65536; k++)
        length += (size_t)sprintf(text + length, "x%d%s", k, k < 65535 ? "+\n" : "\n");
    assert_int_equal(pls_model_parse(text, "m.lav", (struct pls_place){1, 1}, 0, &model, &err),
                     PLS_ESTUDY);
    assert_string_equal(err.text, "m.lav:65536:1: more than 65535 indicators; split the model");
    free(text);
}

static void a_product_of_sides_that_memory_cannot_hold_is_refused(void **state)
{
    (void)state;
    struct pls_model *model = NULL;
    struct pls_error err;
    char *text = malloc(1 << 17);
    assert_non_null(text);
    size_t length = 0;
    for (int side = 0; side < 2; side++) {
        for (int k = 0; k < 5000; k++)
            length += (size_t)sprintf(text + length, "%sx%d", k ? "+" : "", k);
        length += (size_t)sprintf(text + length, "%s", side ? "\n" : "~");
    }
    assert_int_equal(pls_model_parse(text, "m.lav", (struct pls_place){1, 1}, 0, &model, &err),
                     PLS_ESTUDY);
    assert_string_equal(err.text, "m.lav:1:1: the model has more than 1048576 terms; shorten it");
    free(text);
}

static void a_long_cycle_is_cut(void **state)
{
    (void)state;
    struct pls_model *model = NULL;
    struct pls_error err;
    char *text = chain_of(30, false);
    strcat(text, "c0 ~ c29\n");
    assert_int_equal(pls_model_parse(text, "m.lav", (struct pls_place){1, 1}, 0, &model, &err),
                     PLS_ESTUDY);
    assert_string_equal(
        err.text,
        "m.lav:60:6: the paths form a cycle: c0 -> c1 -> c2 -> c3 -> c4 -> c5 -> c6 -> c7 -> c8 -> "
        "c9 -> c10 -> c11 -> c12 -> c13 -> c14 -> c15 -> c16 -> c17 -> c18 -> c19 -> … -> c0; PLS "
        "needs a model without cycles, so delete one of these paths");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constructs_are_numbered_as_measured_first),
        cmocka_unit_test(indicators_are_numbered_block_by_block),
        cmocka_unit_test(paths_are_numbered_target_by_target),
        cmocka_unit_test(sources_come_before_targets_and_lower_numbers_first),
        cmocka_unit_test(the_largest_model_is_read_in_moments_and_a_larger_one_refused),
        cmocka_unit_test(more_than_65535_indicators_are_refused),
        cmocka_unit_test(a_product_of_sides_that_memory_cannot_hold_is_refused),
        cmocka_unit_test(a_long_cycle_is_cut),
    };
    return cmocka_run_group_tests_name("study.model", tests, NULL, NULL);
}
