/* test_weights.c: resampling schemes as weights. */
#include "check.h"
#include "plstrap/random.h"
#include "plstrap/weights.h"

#include <string.h>

enum { MOST = 1000 };

static void bootstrap_weights_count_the_draws(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 75, 120, 256, 257, MOST};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        const size_t n = sizes[s];
        uint32_t index[MOST], expected[MOST] = {0}, weights[MOST];
        memset(weights, 0xee, sizeof weights); /* what was there before must not matter */
        pls_random_indices(20260101, PLS_PURPOSE_BOOTSTRAP, 0, 4999, (uint32_t)n, n, index);
        for (size_t i = 0; i < n; i++)
            expected[index[i]]++;
        pls_weights_bootstrap(20260101, 4999, n, weights);
        assert_memory_equal(weights, expected, n * sizeof *weights);
    }
}

/* A count is binomial(n, 1/n): mean 1, variance 1 - 1/n. */
static void bootstrap_weights_vary_as_multinomial_counts(void **state)
{
    (void)state;
    enum { N = 120, ROWS = 5000 };
    double sum = 0.0, squares = 0.0, product = 0.0;
    for (uint64_t row = 0; row < ROWS; row++) {
        uint32_t w[N];
        pls_weights_bootstrap(5, row, N, w);
        for (size_t i = 0; i < N; i++) {
            sum += w[i];
            squares += (w[i] - 1.0) * (w[i] - 1.0);
        }
        product += (w[0] - 1.0) * (w[N - 1] - 1.0);
    }
    assert_close(sum, (double)N * ROWS, 0.0);
    assert_close(squares / ((double)N * ROWS), 1.0 - 1.0 / N, 0.01); /* five standard errors */
    assert_close(product / ROWS, -1.0 / N, 0.06);                    /* four */
}

static void jackknife_weights_leave_one_out(void **state)
{
    (void)state;
    for (uint64_t row = 0; row < 5; row++) {
        uint32_t w[5];
        memset(w, 0xee, sizeof w);
        pls_weights_jackknife(row, 5, w);
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(w[i], i == row ? 0 : 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bootstrap_weights_count_the_draws),
        cmocka_unit_test(bootstrap_weights_vary_as_multinomial_counts),
        cmocka_unit_test(jackknife_weights_leave_one_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
