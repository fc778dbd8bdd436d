/* test_normal.c: normal random numbers. */
#include "check.h"
#include "plstrap/population.h"

#include <gsl/gsl_cdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void quantiles_are_gsls(void **state)
{
    (void)state;
    for (int i = 1; i < 20000; i++) {
        const double p = i / 20000.0, tiny = exp2(-i / 400.0);
        assert_close(pls_population_quantile(p), gsl_cdf_ugaussian_Pinv(p), 1e-14);
        assert_close(pls_population_quantile(tiny), gsl_cdf_ugaussian_Pinv(tiny), 1e-14);
        assert_close(pls_population_quantile(1.0 - tiny), gsl_cdf_ugaussian_Pinv(1.0 - tiny),
                     1e-14);
    }
}

static void quantiles_are_odd(void **state)
{
    (void)state;
    for (int i = 1; i < 512; i++)
        assert_true(pls_population_quantile(i / 1024.0) ==
                    -pls_population_quantile(1.0 - i / 1024.0));
    assert_true(pls_population_quantile(0.5) == 0.0);
}

static void same_bits(const double *actual, const double *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(&actual[i], &expected[i], sizeof *actual) != 0)
            fail_msg("number %zu is %a, expected %a", i, actual[i], expected[i]);
}

static void check_line(char *line)
{
    double expected[512], actual[512];
    size_t count = 0;
    uint64_t key[4];
    const bool normals = strncmp(line, "normals\t", 8) == 0;
    char *at = strchr(line, '\t');
    if (normals)
        for (int k = 0; k < 4; k++)
            key[k] = strtoull(at, &at, 10);
    for (; *at != '\0' && *at != '\n'; count++) {
        assert_true(count < 512);
        expected[count] = strtod(at + 1, &at);
    }
    if (normals) {
        pls_population_normals(key[0], (uint32_t)key[1], key[2], key[3], count, actual);
        same_bits(actual, expected, count);
    } else {
        assert_int_equal(count, 2);
        actual[0] = pls_population_quantile(expected[0]);
        same_bits(actual, expected + 1, 1);
    }
}

static void bits_are_those_of_another_implementation(void **state)
{
    (void)state;
    FILE *file = fopen(PLS_TESTS "/golden/normals.tsv", "r");
    char line[16384];
    size_t lines = 0;
    assert_non_null(file);
    for (; fgets(line, sizeof line, file) != NULL; lines++)
        check_line(line);
    fclose(file);
    assert_int_equal(lines, 30);
}

static void a_stream_is_the_same_in_any_portions(void **state)
{
    (void)state;
    double whole[1001], part[1001];
    pls_population_normals(8, 2, 77, 0, 1001, whole);
    for (size_t size = 2; size < 1001; size = size * 3 + size % 2) {
        for (size_t i = 0; i < 1001; i += size)
            pls_population_normals(8, 2, 77, i, 1001 - i < size ? 1001 - i : size, part + i);
        same_bits(part, whole, 1001);
    }
}

static void moments_are_those_of_the_normal(void **state)
{
    (void)state;
    enum { N = 400000 };
    double *z = malloc(N * sizeof *z), sum[5] = {0};
    assert_non_null(z);
    pls_population_normals(20261125, 0, 0, 0, N, z);
    for (size_t i = 0; i < N; i++) {
        sum[1] += z[i];
        sum[2] += z[i] * z[i];
        sum[3] += z[i] * z[i] * z[i];
        sum[4] += z[i] * z[i] * z[i] * z[i];
    }
    free(z);
    /* four standard errors: variances of z^k are 1, 2, 15, 96 */
    assert_true(fabs(sum[1] / N) < 4 * sqrt(1.0 / N));
    assert_true(fabs(sum[2] / N - 1) < 4 * sqrt(2.0 / N));
    assert_true(fabs(sum[3] / N) < 4 * sqrt(15.0 / N));
    assert_true(fabs(sum[4] / N - 3) < 4 * sqrt(96.0 / N));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_gsls),
        cmocka_unit_test(quantiles_are_odd),
        cmocka_unit_test(bits_are_those_of_another_implementation),
        cmocka_unit_test(a_stream_is_the_same_in_any_portions),
        cmocka_unit_test(moments_are_those_of_the_normal),
    };
    return cmocka_run_group_tests_name("population.normal", tests, NULL, NULL);
}
