/* test_sums.c: moments, how blocks are joined, which rows enter, and what is refused. */
#include "draw.h"
#include "plstrap/tally.h"

#include <string.h>

enum { BLOCK = PLS_TALLY_BLOCK, ROWS = 6 * BLOCK + 777 };

static double values[ROWS], packed[ROWS], work[ROWS];
static uint8_t usable[ROWS];

static void all_usable(void)
{
    memset(usable, 1, sizeof usable);
}

static struct pls_moments moments_of(const double *rows, size_t count, double estimate)
{
    const struct pls_infer_options options = default_options();
    struct pls_tally *tally;
    struct pls_powers sums;
    struct pls_error err;
    assert_ok(
        pls_tally_new(rows, usable, 0, count, estimate, NULL, NULL, 0, &options, 6.0, &tally, &err),
        &err);
    assert_ok(pls_tally_add(tally, rows, usable, 0, count, &err), &err);
    assert_true(pls_tree_total(&tally->tree, &sums));
    const struct pls_moments moments = pls_infer_moments(sums, tally->counts.used);
    pls_tally_free(tally);
    return moments;
}

/* R 4.2.2: z <- c(1, 2, 4, 4, 7, 12): mean 5, sd 4, mean((z - 5)^k) */
static void central_moments_are_those_of_r(void **state)
{
    (void)state;
    const double z[] = {1, 2, 4, 4, 7, 12};
    all_usable();
    const struct pls_moments m = moments_of(z, 6, 2.0);
    assert_int_equal(m.used, 6);
    assert_close(m.bias, 3.0, 1e-15);
    assert_close(m.m2, 13.333333333333334, 1e-15);
    assert_close(m.m3, 43.0, 1e-14);
    assert_close(m.m4, 1378.0 / 3.0, 1e-14);

    const struct pls_infer_options options = default_options();
    const struct pls_inference out = infer_all(z, 6, 2.0, &options);
    assert_close(out.mean, 5.0, 1e-15);
    assert_close(out.se, 4.0, 1e-15);
    assert_close(out.t, 0.5, 1e-15);
    assert_close(out.df, 29.0, 0);
    assert_close(out.mcse_mean, 4.0 / sqrt(6.0), 1e-15);
    /* SE sqrt((m4/m2^2 - 1) / (4 B)) */
    assert_close(out.mcse_se, 4.0 * sqrt((1378.0 / 3.0 / (1600.0 / 9.0) - 1.0) / 24.0), 1e-14);
    assert_close(out.mcse_t, 0.5 * out.mcse_se / 4.0, 1e-15);
}

/* An estimate three standard errors from the mean costs no more than a digit or two. */
static void moments_of_many_blocks_are_those_of_two_passes(void **state)
{
    (void)state;
    uint64_t seed = 7;
    long double mean = 0, m2 = 0, m3 = 0, m4 = 0;
    for (size_t r = 0; r < ROWS; r++)
        mean += values[r] = 0.6 + 0.1 * draw_exponential(&seed);
    mean /= ROWS;
    for (size_t r = 0; r < ROWS; r++) {
        const long double d = values[r] - mean;
        m2 += d * d, m3 += d * d * d, m4 += d * d * d * d;
    }
    all_usable();
    const struct pls_moments m = moments_of(values, ROWS, 0.4);
    assert_int_equal(m.used, ROWS);
    assert_close(m.bias, (double)(mean - 0.4L), 1e-14);
    assert_true(fabs(m.m2 / (double)(m2 / ROWS) - 1.0) < 1e-12);
    assert_true(fabs(m.m3 / (double)(m3 / ROWS) - 1.0) < 1e-12);
    assert_true(fabs(m.m4 / (double)(m4 / ROWS) - 1.0) < 1e-12);
}

static double sum_of_block(size_t block, double estimate)
{
    double lane[8] = {0.0};
    size_t i = 0;
    for (size_t r = block * BLOCK; r < (block + 1) * BLOCK && r < ROWS; r++)
        if (usable[r])
            lane[i++ % 8] += values[r] - estimate;
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
           ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

/* Seven blocks: ((0 1)(2 3)) ((4 5) 6), as anyone who keeps the sums of blocks will join them. */
static void blocks_are_joined_in_the_tree_of_their_numbers(void **state)
{
    (void)state;
    uint64_t seed = 11;
    double s[7], in_row_order = 0.0;
    size_t used = 0;
    for (size_t r = 0; r < ROWS; r++) {
        values[r] = draw_normal(&seed);
        usable[r] = draw(&seed) % 10 != 0;
        used += usable[r];
        if (usable[r])
            in_row_order += values[r] - 0.3;
        else
            values[r] = NAN; /* must not be looked at */
    }
    for (int i = 0; i < 20; i++) { /* one alone may be rounded alike in other trees */
        const double estimate = 0.3 + 0.01 * i;
        for (size_t b = 0; b < 7; b++)
            s[b] = sum_of_block(b, estimate);
        const double tree = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + s[6]);
        const struct pls_moments m = moments_of(values, ROWS, estimate);
        assert_int_equal(m.used, used);
        assert_true(m.bias == tree / (double)used);
        assert_true(i > 0 || m.bias != in_row_order / (double)used); /* or this proves nothing */
    }
}

/* Promised while no row changes its block; beyond one block, sums may differ in the last digits. */
static void leaving_rows_out_beforehand_gives_the_same_bits_within_a_block(void **state)
{
    (void)state;
    uint64_t seed = 13;
    size_t kept = 0;
    for (size_t r = 0; r < BLOCK; r++) {
        values[r] = 0.5 + 0.1 * draw_normal(&seed);
        usable[r] = draw(&seed) % 3 != 0;
        if (usable[r])
            packed[kept++] = values[r];
    }
    const struct pls_infer_options options = default_options();
    struct pls_inference masked, dense = infer_all(packed, kept, 0.5, &options);
    struct pls_error err;
    assert_ok(
        pls_infer_column(values, usable, BLOCK, 0.5, NULL, NULL, 0, &options, work, &masked, &err),
        &err);
    assert_int_equal(masked.used, kept);
    assert_true(masked.mean == dense.mean && masked.se == dense.se);
    assert_true(masked.mcse_se == dense.mcse_se && masked.z0 == dense.z0);
    assert_true(masked.t_two.p == dense.t_two.p);
    for (size_t m = 0; m < PLS_BCA; m++) {
        assert_true(masked.interval[0][m].lower == dense.interval[0][m].lower);
        assert_true(masked.interval[0][m].mcse_upper == dense.interval[0][m].mcse_upper);
    }
}

static void a_usable_value_that_is_not_finite_is_damage(void **state)
{
    (void)state;
    const struct pls_infer_options options = default_options();
    const double bad[] = {NAN, INFINITY, -INFINITY};
    struct pls_inference out = {.used = 77};
    struct pls_error err;
    for (size_t i = 0; i < 3; i++) {
        all_usable();
        for (size_t r = 0; r < ROWS; r++)
            values[r] = 1.0;
        values[BLOCK + 2] = NAN; /* not usable, not damage */
        usable[BLOCK + 2] = 0;
        values[BLOCK + 5] = bad[i];
        assert_int_equal(
            pls_infer_column(values, usable, ROWS, 0.5, NULL, NULL, 0, &options, work, &out, &err),
            PLS_EDATA);
        assert_non_null(strstr(err.text, "bootstrap row 1029 counts as usable but holds "));
        assert_int_equal(out.used, 77);
    }
    usable[BLOCK + 5] = 0;
    assert_ok(
        pls_infer_column(values, usable, ROWS, 0.5, NULL, NULL, 0, &options, work, &out, &err),
        &err);

    const double jackknife[] = {1.0, 2.0, NAN};
    assert_int_equal(pls_infer_column(values, usable, ROWS, 0.5, jackknife, usable, 3, &options,
                                      work, &out, &err),
                     PLS_EDATA);
    assert_string_equal(err.text, "jackknife row 2 counts as usable but holds nan; the result is "
                                  "damaged, compute it again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(central_moments_are_those_of_r),
        cmocka_unit_test(moments_of_many_blocks_are_those_of_two_passes),
        cmocka_unit_test(blocks_are_joined_in_the_tree_of_their_numbers),
        cmocka_unit_test(leaving_rows_out_beforehand_gives_the_same_bits_within_a_block),
        cmocka_unit_test(a_usable_value_that_is_not_finite_is_damage),
    };
    return cmocka_run_group_tests_name("infer.sums", tests, NULL, NULL);
}
