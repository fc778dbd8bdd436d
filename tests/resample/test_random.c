/* test_random.c: the streams are Philox's, the draws are the pinned ones, and they are uniform. */
#include "check.h"
#include "plstrap/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Random123, tests/kat_vectors, "philox4x32 10": counter, key, expected. */
static const struct {
    uint32_t counter[4];
    uint32_t key[2];
    uint32_t expected[4];
} known[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void blocks_are_philox4x32_10(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const uint32_t *c = known[i].counter;
        uint32_t word[4];
        pls_random_block((uint64_t)known[i].key[1] << 32 | known[i].key[0],
                         (enum pls_purpose)(c[1] >> 24), c[1] & 0xffffff,
                         (uint64_t)c[3] << 32 | c[2], c[0], word);
        assert_memory_equal(word, known[i].expected, sizeof word);
    }
}

static void the_first_draws_are_the_pinned_ones(void **state)
{
    (void)state;
    FILE *file = fopen(PLS_TESTS "/golden/draws.tsv", "r");
    assert_non_null(file);
    char line[1024];
    size_t lines = 0;
    assert_non_null(fgets(line, sizeof line, file)); /* names of the columns */
    while (fgets(line, sizeof line, file) != NULL) {
        char *at = line;
        uint64_t field[5]; /* seed, purpose, cell, row, n */
        for (size_t i = 0; i < 5; i++)
            field[i] = strtoull(at, &at, 10);
        uint32_t expected[64], actual[64];
        size_t count = 0;
        do
            expected[count++] = (uint32_t)strtoul(at + 1, &at, 10);
        while (*at == ',');
        pls_random_indices(field[0], (enum pls_purpose)field[1], (uint32_t)field[2], field[3],
                           (uint32_t)field[4], count, actual);
        if (memcmp(actual, expected, count * sizeof *actual) != 0)
            fail_msg("other draws than pinned: %s", line);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, 379);
}

static void fewer_draws_are_the_first_of_more(void **state)
{
    (void)state;
    uint32_t few[37], many[500];
    pls_random_indices(3, PLS_PURPOSE_BOOTSTRAP, 0, 9, 1000, 37, few);
    pls_random_indices(3, PLS_PURPOSE_BOOTSTRAP, 0, 9, 1000, 500, many);
    assert_memory_equal(few, many, sizeof few);
}

/* Wilson & Hilferty (1931): the cube root of a chi-square is nearly normal. */
static double chi_square_as_normal(const double *observed, size_t cells, double expected)
{
    double chi = 0.0;
    for (size_t i = 0; i < cells; i++)
        chi += (observed[i] - expected) * (observed[i] - expected) / expected;
    const double df = (double)cells - 1.0, s = 2.0 / (9.0 * df);
    return (cbrt(chi / df) - (1.0 - s)) / sqrt(s);
}

static void every_index_is_equally_likely(void **state)
{
    (void)state;
    enum { PER_CELL = 200, MOST = 70000 };
    static const uint32_t sizes[] = {2, 75, 120, 250, 256, 257, 1000, 65537};
    double *observed = calloc(MOST, sizeof *observed);
    uint32_t *index = calloc(MOST, sizeof *index);
    assert_non_null(observed);
    assert_non_null(index);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        memset(observed, 0, MOST * sizeof *observed);
        for (uint64_t row = 0; row < PER_CELL; row++) {
            pls_random_indices(20260101, PLS_PURPOSE_BOOTSTRAP, 0, row, sizes[s], sizes[s], index);
            for (uint32_t i = 0; i < sizes[s]; i++) {
                assert_true(index[i] < sizes[s]);
                observed[index[i]]++;
            }
        }
        const double z = chi_square_as_normal(observed, sizes[s], PER_CELL);
        if (fabs(z) > 3.72) /* p = 1e-4 on either side */
            fail_msg("n %u: chi-square is %.2f standard deviations off", (unsigned)sizes[s], z);
    }
    free(observed);
    free(index);
}

static void successive_draws_are_independent(void **state)
{
    (void)state;
    enum { N = 12, ROWS = 2000, LENGTH = 40 };
    double observed[N * N] = {0.0};
    for (uint64_t row = 0; row < ROWS; row++) {
        uint32_t index[LENGTH];
        pls_random_indices(1, PLS_PURPOSE_BOOTSTRAP, 0, row, N, LENGTH, index);
        for (size_t i = 0; i < LENGTH; i += 2)
            observed[index[i] * N + index[i + 1]]++;
    }
    const double expected = (double)ROWS * LENGTH / 2 / (N * N);
    assert_true(fabs(chi_square_as_normal(observed, (size_t)N * N, expected)) < 3.72);
}

static void neighbouring_seeds_share_nothing(void **state)
{
    (void)state;
    enum { N = 1000, LENGTH = 20000 };
    static uint32_t a[LENGTH], b[LENGTH];
    pls_random_indices(41, PLS_PURPOSE_BOOTSTRAP, 0, 0, N, LENGTH, a);
    pls_random_indices(42, PLS_PURPOSE_BOOTSTRAP, 0, 0, N, LENGTH, b);
    size_t equal = 0;
    for (size_t i = 0; i < LENGTH; i++)
        equal += a[i] == b[i];
    assert_in_range(equal, 3, 45); /* 20 expected, standard deviation 4.5 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_philox4x32_10),
        cmocka_unit_test(the_first_draws_are_the_pinned_ones),
        cmocka_unit_test(fewer_draws_are_the_first_of_more),
        cmocka_unit_test(every_index_is_equally_likely),
        cmocka_unit_test(successive_draws_are_independent),
        cmocka_unit_test(neighbouring_seeds_share_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
