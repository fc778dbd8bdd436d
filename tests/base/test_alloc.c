/* test_alloc.c: memory whose size cannot overflow and whose absence is an error. */
#include "check.h"
#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Where the address sanitizer is in: let it return NULL, as the C library does, and not end the test. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void new_memory_is_zero(void **state)
{
    (void)state;
    struct pls_error err;
    double *values = NULL;
    assert_ok(pls_alloc(&values, 1000, sizeof *values, &err), &err);
    for (size_t i = 0; i < 1000; i++)
        assert_true(values[i] == 0.0);
    free(values);
}

static void no_elements_are_memory_too(void **state)
{
    (void)state;
    struct pls_error err;
    char *nothing = NULL;
    assert_ok(pls_alloc(&nothing, 0, sizeof(double), &err), &err);
    assert_non_null(nothing);
    free(nothing);
    assert_ok(pls_alloc(&nothing, 8, 0, &err), &err);
    assert_non_null(nothing);
    free(nothing);
}

/* SIZE_MAX/2 elements of 4 bytes are 2^65 - 4 bytes: a product that wraps to almost nothing. */
static void a_size_that_overflows_is_an_error(void **state)
{
    (void)state;
    struct pls_error err = {0};
    int here = 0;
    int *memory = &here;
    assert_int_equal(pls_alloc(&memory, SIZE_MAX / 2 + 2, sizeof *memory, &err), PLS_EUNAVAILABLE);
    assert_null(memory);
    assert_non_null(strstr(err.text, "no memory for"));
}

static void growing_keeps_what_is_there(void **state)
{
    (void)state;
    struct pls_error err;
    uint32_t *list = NULL;
    size_t capacity = 0, before = 0;
    int growths = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        assert_ok(pls_grow(&list, &capacity, i + 1, sizeof *list, &err), &err);
        assert_true(capacity > i);
        growths += capacity != before;
        before = capacity;
        list[i] = i * i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(list[i], i * i);
    assert_in_range(growths, 2,
                    10); /* doubled: appending costs the same for long and short lists */
    assert_true(capacity < 2048);
    free(list);
}

static void growing_to_what_is_there_already_does_nothing(void **state)
{
    (void)state;
    struct pls_error err;
    char *list = NULL;
    size_t capacity = 0;
    assert_ok(pls_grow(&list, &capacity, 20, 1, &err), &err);
    char *const before = list;
    const size_t had = capacity;
    assert_ok(pls_grow(&list, &capacity, 20, 1, &err), &err);
    assert_ptr_equal(list, before);
    assert_int_equal(capacity, had);
    free(list);
}

static void growth_that_overflows_leaves_the_array_as_it_was(void **state)
{
    (void)state;
    struct pls_error err = {0};
    double *list = NULL;
    size_t capacity = 0;
    assert_ok(pls_grow(&list, &capacity, 1, sizeof *list, &err), &err);
    list[0] = 3.5;
    double *const before = list;
    const size_t had = capacity;
    /* one whose product wraps to 8 bytes, and one that is only beyond every machine */
    assert_int_equal(pls_grow(&list, &capacity, SIZE_MAX / 8 + 2, sizeof *list, &err),
                     PLS_EUNAVAILABLE);
    assert_int_equal(pls_grow(&list, &capacity, SIZE_MAX / 16, sizeof *list, &err),
                     PLS_EUNAVAILABLE);
    assert_ptr_equal(list, before);
    assert_int_equal(capacity, had);
    assert_true(list[0] == 3.5);
    free(list);
}

static void a_copied_text_ends_where_it_is_told_to(void **state)
{
    (void)state;
    struct pls_error err;
    char *copy = NULL;
    assert_ok(pls_copy_text(&copy, "democracy", 4, &err), &err);
    assert_string_equal(copy, "demo");
    free(copy);
    assert_ok(pls_copy_text(&copy, NULL, 0, &err), &err);
    assert_string_equal(copy, "");
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_memory_is_zero),
        cmocka_unit_test(no_elements_are_memory_too),
        cmocka_unit_test(a_size_that_overflows_is_an_error),
        cmocka_unit_test(growing_keeps_what_is_there),
        cmocka_unit_test(growing_to_what_is_there_already_does_nothing),
        cmocka_unit_test(growth_that_overflows_leaves_the_array_as_it_was),
        cmocka_unit_test(a_copied_text_ends_where_it_is_told_to),
    };
    return cmocka_run_group_tests_name("base.alloc", tests, NULL, NULL);
}
