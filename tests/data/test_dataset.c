/* test_dataset.c: tables from memory, and their digest. */
#include "check.h"
#include "plstrap/dataset.h"

#include <string.h>

static const char *const names[] = {"kd1", "caf\xC3\xA9"};
static const double values[] = {1.5, -2, 0.0, 1e-300, 3, 0.1};

/*
 * Python: hashlib.sha256(struct.pack('<QQ', 3, 2) + b''.join(struct.pack('<Q', len(n)) + n for n in
 * ('kd1'.encode(), 'café'.encode())) + struct.pack('<6d', *values)).hexdigest()
 */
static const char known[] = "9b33792d8e0ec82119723f290e06d44217c46526b55b903ee261f0f0d6b1604b";

static void digest_of(size_t rows, size_t columns, const char *const *name, const double *value,
                      char out[65])
{
    struct pls_dataset *dataset = NULL;
    struct pls_error err;
    assert_ok(pls_dataset_new(rows, columns, name, value, &dataset, &err), &err);
    assert_ok(pls_dataset_digest(dataset, out, &err), &err);
    pls_dataset_free(dataset);
}

static void the_digest_is_the_same_for_all_time(void **state)
{
    (void)state;
    char digest[65];
    digest_of(3, 2, names, values, digest);
    assert_string_equal(digest, known);
}

static void the_sign_of_zero_does_not_count(void **state)
{
    (void)state;
    char digest[65];
    double other[6];
    memcpy(other, values, sizeof other);
    other[2] = -0.0;
    digest_of(3, 2, names, other, digest);
    assert_string_equal(digest, known);
}

static void every_number_name_and_shape_counts(void **state)
{
    (void)state;
    char digest[65];
    double other[6];
    for (size_t i = 0; i < 6; i++) {
        memcpy(other, values, sizeof other);
        other[i] = nextafter(other[i], 2);
        digest_of(3, 2, names, other, digest);
        assert_string_not_equal(digest, known);
    }
    static const char *const renamed[] = {"kd", "1caf\xC3\xA9"};
    digest_of(3, 2, renamed, values, digest);
    assert_string_not_equal(digest, known);
    static const char *const three[] = {"kd1", "caf\xC3\xA9", ""};
    digest_of(2, 3, three, values, digest);
    assert_string_not_equal(digest, known);
}

/* More numbers than are converted at once, so that no boundary between parts is lost. */
static void a_long_table_has_the_digest_of_its_bytes(void **state)
{
    (void)state;
    enum { ROWS = 1500 };
    double value[ROWS];
    char digest[65];
    for (size_t i = 0; i < ROWS; i++)
        value[i] = (double)i / 8;
    digest_of(ROWS, 1, names, value, digest);
    /* Python: as above with 1500, 1, 'kd1' and [i / 8 for i in range(1500)] */
    assert_string_equal(digest, "35541607df347927aa596367ff818a77a4a21175f35dfa42addfad8c4086d1da");
}

static void a_table_from_memory_is_a_copy_that_counts_all_its_rows(void **state)
{
    (void)state;
    struct pls_dataset *dataset = NULL;
    struct pls_error err;
    double source[6];
    memcpy(source, values, sizeof source);
    assert_ok(pls_dataset_new(3, 2, names, source, &dataset, &err), &err);
    source[5] = 77;
    assert_int_equal(dataset->rows, 3);
    assert_int_equal(dataset->columns, 2);
    assert_int_equal(dataset->rows_in_file, 3);
    assert_int_equal(dataset->rows_dropped, 0);
    assert_int_equal(dataset->missing[1], 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(dataset->file_row[i], i + 1);
    assert_memory_equal(dataset->values, values, sizeof values);
    assert_string_equal(dataset->name[1], names[1]);
    assert_ptr_not_equal(dataset->name[1], names[1]);
    pls_dataset_free(dataset);
    pls_dataset_free(NULL);
}

static void a_table_too_large_for_any_memory_is_an_error(void **state)
{
    (void)state;
    struct pls_dataset *dataset = NULL;
    struct pls_error err;
    assert_int_equal(pls_dataset_new(SIZE_MAX / 2, 4, names, values, &dataset, &err),
                     PLS_EUNAVAILABLE);
    assert_string_equal(err.text, "there is no memory for 9223372036854775807 rows of 4 columns");
    assert_null(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_digest_is_the_same_for_all_time),
        cmocka_unit_test(the_sign_of_zero_does_not_count),
        cmocka_unit_test(every_number_name_and_shape_counts),
        cmocka_unit_test(a_long_table_has_the_digest_of_its_bytes),
        cmocka_unit_test(a_table_from_memory_is_a_copy_that_counts_all_its_rows),
        cmocka_unit_test(a_table_too_large_for_any_memory_is_an_error),
    };
    return cmocka_run_group_tests_name("data.dataset", tests, NULL, NULL);
}
