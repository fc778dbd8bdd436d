/*
 * test_groups_tests.c: two groups compared, against cSEM's numbers from the same bootstrap values
 * and permutations (tests/golden/infer/README.md).
 */
#include "draw.h"
#include "plstrap/permutation.h"

#include <stdio.h>
#include <string.h>

enum { TERMS = 10, REPLICATES = 199, WOMEN = 148, MEN = 102, TESTS = 10 };

static struct {
    char term[TERMS][64];
    double series[TERMS][3][REPLICATES]; /* women, men, permuted difference */
    double known[TERMS][TESTS];
} golden;

enum { FEMALE, MALE, DIFFERENCE, CHIN, KEIL_T, KEIL_P, NITZL_T, NITZL_DF, NITZL_P, HENSELER };

static FILE *open_golden(const char *name)
{
    char path[4096], line[256];
    snprintf(path, sizeof path, "%s/golden/infer/%s", PLS_TESTS, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    return file;
}

static int read_all(void **state)
{
    char word[64];
    FILE *file = open_golden("groups_tests.tsv");
    (void)state;
    for (size_t t = 0; t < TERMS; t++) {
        assert_int_equal(fscanf(file, "%63s", golden.term[t]), 1);
        for (size_t i = 0; i < TESTS; i++)
            assert_int_equal(fscanf(file, "%lf", &golden.known[t][i]), 1);
    }
    fclose(file);
    file = open_golden("groups_values.tsv");
    for (size_t t = 0; t < TERMS; t++)
        for (size_t r = 0; r < REPLICATES; r++) {
            assert_int_equal(fscanf(file, "%63s", word), 1);
            assert_string_equal(word, golden.term[t]);
            for (size_t i = 0; i < 3; i++)
                assert_int_equal(fscanf(file, "%lf", &golden.series[t][i][r]), 1);
        }
    fclose(file);
    return 0;
}

static struct pls_group_comparison compare(const double *first, const double *second,
                                           const uint8_t *usable, size_t count, double a, double b)
{
    const struct pls_group_series women = {first, a, WOMEN}, men = {second, b, MEN};
    struct pls_group_comparison out;
    struct pls_error err;
    assert_ok(pls_group_compare(&women, &men, usable, count, 0.95, PLS_QUANTILE_6, &out, &err),
              &err);
    return out;
}

static void parametric_tests_and_henselers_are_csems(void **state)
{
    (void)state;
    uint8_t usable[REPLICATES];
    memset(usable, 1, sizeof usable);
    for (size_t t = 0; t < TERMS; t++) {
        const double *known = golden.known[t];
        const struct pls_group_comparison out =
            compare(golden.series[t][0], golden.series[t][1], usable, REPLICATES, known[FEMALE],
                    known[MALE]);
        assert_close(out.difference, known[DIFFERENCE], 1e-9);
        assert_close(out.keil.t, known[KEIL_T], 1e-9);
        assert_close(out.keil.p, known[KEIL_P], 1e-9);
        assert_close(out.keil.df, 248, 1e-15);
        assert_close(out.nitzl.t, known[NITZL_T], 1e-9);
        assert_close(out.nitzl.df, known[NITZL_DF], 1e-15);
        assert_close(out.nitzl.p, known[NITZL_P], 1e-9);
        assert_close(out.henseler, known[HENSELER], 1e-9);
        assert_string_equal(out.note, "");
    }
}

/* cSEM divides b by B. */
static void chins_p_is_csems(void **state)
{
    (void)state;
    uint8_t usable[REPLICATES];
    memset(usable, 1, sizeof usable);
    for (size_t t = 0; t < TERMS; t++) {
        struct pls_exceedances counts = {0};
        pls_exceed_add(&counts, golden.series[t][2], usable, REPLICATES,
                       golden.known[t][DIFFERENCE]);
        assert_close((double)counts.two / (double)counts.used, golden.known[t][CHIN], 1e-12);
    }
}

/* R: the t of two samples with these standard errors of the mean, t.test's df. */
static void welch_is_that_of_the_textbook(void **state)
{
    (void)state;
    const struct pls_group_estimate first = {0.5, 0.1, 20}, second = {0.2, 0.2, 30};
    const struct pls_group_test out = pls_group_welch(first, second);
    assert_close(out.t, 0.3 / sqrt(0.05), 1e-14);
    assert_close(out.df, 0.0025 / (0.0001 / 19 + 0.0016 / 29), 1e-12);
    assert_close(out.p, 2.0 * gsl_cdf_tdist_P(-out.t, out.df), 1e-14);
    const struct pls_group_test lone = pls_group_welch((struct pls_group_estimate){0, 1, 1}, first);
    assert_true(isnan(lone.t) && isnan(lone.df) && isnan(lone.p));
    const struct pls_group_estimate same = {1.0, 0.0, 20};
    assert_true(isnan(pls_group_keil(same, same).p) && isnan(pls_group_nitzl(same, same).p));
    /* equal groups of m: SE sqrt(2 (m - 1) / m) */
    const struct pls_group_estimate a = {0.3, 0.1, 25}, b = {0.1, 0.1, 25};
    assert_close(pls_group_keil(a, b).t, 0.2 / (0.1 * sqrt(2.0 * 24.0 / 25.0)), 1e-14);
}

static void henseler_counts_all_pairs_and_ties_half(void **state)
{
    (void)state;
    enum { B = 400 };
    double first[B], second[B];
    uint8_t usable[B];
    uint64_t seed = 77;
    for (size_t r = 0; r < B; r++) { /* on a grid: many ties */
        first[r] = floor(6.0 * draw_uniform(&seed));
        second[r] = floor(8.0 * draw_uniform(&seed));
        usable[r] = r % 7 != 3;
    }
    usable[9] = 1, first[9] = NAN;
    double sum[2] = {0}, used = 0.0, share = 0.0;
    for (size_t r = 0; r < B; r++)
        if (usable[r] && !isnan(first[r]))
            used++, sum[0] += first[r], sum[1] += second[r];
    const double a = sum[0] / used, b = sum[1] / used + 1.0; /* shifts the second by 1 */
    for (size_t r = 0; r < B; r++)
        for (size_t q = 0; q < B; q++)
            if (usable[r] && !isnan(first[r]) && usable[q] && !isnan(first[q]))
                share += first[r] < second[q] + 1.0 ? 1.0 : first[r] == second[q] + 1.0 ? 0.5 : 0.0;
    const struct pls_group_comparison out = compare(first, second, usable, B, a, b);
    assert_int_equal(out.used, (uint64_t)used);
    assert_close(out.henseler, share / used / used, 1e-13);
    assert_close(out.henseler_two, 2.0 * fmin(out.henseler, 1.0 - out.henseler), 1e-13);
}

static void constants_have_no_test_but_are_ties(void **state)
{
    (void)state;
    double first[50], second[50];
    uint8_t usable[50];
    for (size_t r = 0; r < 50; r++)
        first[r] = second[r] = 0.7, usable[r] = 1;
    const struct pls_group_comparison out = compare(first, second, usable, 50, 0.7, 0.7);
    assert_true(isnan(out.welch.p) && isnan(out.keil.p) && isnan(out.nitzl.p));
    assert_true(out.henseler == 0.5 && out.henseler_two == 1.0);
    assert_string_equal(out.note, "constant in all replicates");
}

static void the_interval_is_that_of_the_differences(void **state)
{
    (void)state;
    enum { B = 199 };
    double first[B], second[B];
    uint8_t usable[B];
    for (size_t r = 0; r < B; r++) { /* differences 1, 2, …, 199 in some order */
        first[r] = (double)(r * 83 % B + 1) + (double)r;
        second[r] = (double)r;
        usable[r] = 1;
    }
    const struct pls_group_comparison out = compare(first, second, usable, B, 100.0, 0.0);
    assert_close(out.interval.lower, 5.0, 1e-14);
    assert_close(out.interval.upper, 195.0, 1e-14);
    assert_true(isnan(compare(first, second, usable, 0, 1, 2).henseler));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parametric_tests_and_henselers_are_csems),
        cmocka_unit_test(chins_p_is_csems),
        cmocka_unit_test(welch_is_that_of_the_textbook),
        cmocka_unit_test(henseler_counts_all_pairs_and_ties_half),
        cmocka_unit_test(constants_have_no_test_but_are_ties),
        cmocka_unit_test(the_interval_is_that_of_the_differences),
    };
    return cmocka_run_group_tests_name("infer.groups_tests", tests, read_all, NULL);
}
