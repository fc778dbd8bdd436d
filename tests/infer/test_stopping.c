/* test_stopping.c: the sequential rules: their tables, their cost, and what they promise. */
#include "draw.h"
#include "plstrap/permutation.h"

#include <string.h>

enum { MOST = 20000 };

static void gandys_boundaries_are_the_known_ones(void **state)
{
    (void)state;
    static int64_t upper[5000], lower[5000];
    static const int64_t first[] = {2, 3, 4, 5, 5, 5, 5, 6, 6, 6};
    struct pls_error err;
    assert_ok(pls_gandy_boundaries(0.05, 5000, upper, lower, &err), &err);
    assert_memory_equal(upper, first, sizeof first);
    assert_int_equal(upper[49], 12);
    assert_int_equal(upper[99], 17);
    assert_int_equal(upper[999], 80);
    assert_int_equal(upper[4999], 316);
    for (size_t n = 1; n < 173; n++)
        assert_true(lower[n - 1] == -1);
    assert_true(lower[172] == 0);
    assert_int_equal(lower[299], 2);
    assert_int_equal(lower[999], 24);
    assert_int_equal(lower[4999], 188);
}

/* E[tau] = sum of P(tau > n), by the recursion at another p. */
static double expected_stop(const int64_t *upper, const int64_t *lower, size_t steps, double p)
{
    static double mass[MOST + 2];
    double total = 1.0;
    memset(mass, 0, sizeof mass);
    mass[0] = 1.0;
    size_t from = 0, to = 1; /* s in [from, to) */
    for (size_t n = 1; n <= steps; n++) {
        double left = 0.0;
        mass[to] = 0.0;
        for (size_t s = to; s > from; s--)
            mass[s] = (1.0 - p) * mass[s] + p * mass[s - 1];
        mass[from] *= 1.0 - p;
        to++;
        while (to > 0 && (int64_t)(to - 1) >= upper[n - 1])
            to--;
        while ((int64_t)from <= lower[n - 1])
            from++;
        for (size_t s = from; s < to; s++)
            left += mass[s];
        total += left;
    }
    return total;
}

static void gandys_cost_is_the_known_one(void **state)
{
    (void)state;
    static int64_t upper[MOST], lower[MOST];
    static const double known[][2] = {{0, 173},  {.01, 324}, {.03, 1558}, {.07, 1996},
                                      {.1, 378}, {.2, 66},   {.5, 13}};
    struct pls_error err;
    assert_ok(pls_gandy_boundaries(0.05, MOST, upper, lower, &err), &err);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_true(fabs(expected_stop(upper, lower, MOST, known[i][0]) - known[i][1]) <= 1.0);
}

/* Feeds rows of independent hypotheses of these p until it stops, in portions up to `portion`. */
static void run(struct pls_stopper *stopper, const double *p, size_t count, size_t portion,
                uint64_t *seed)
{
    static uint8_t flags[16 * 1024];
    uint64_t stop;
    const char *reason;
    struct pls_error err;
    assert_true(count <= 16 && portion <= 1024);
    while (!pls_stopper_done(stopper, &stop, &reason)) {
        for (size_t k = 0; k < count; k++)
            for (size_t r = 0; r < portion; r++)
                flags[k * 1024 + r] = draw_uniform(seed) < p[k];
        assert_ok(pls_stopper_rows(stopper, flags, 1024, portion, &err), &err);
    }
}

static struct pls_stopper *new_stopper(enum pls_stop rule, size_t count,
                                       enum pls_procedure procedure, uint64_t max)
{
    struct pls_stopper *stopper = NULL;
    struct pls_error err;
    assert_ok(pls_stopper_new(rule, count, 0.05, procedure, max, &stopper, &err), &err);
    return stopper;
}

static void gandy_stops_after_its_mean_and_hardly_errs(void **state)
{
    (void)state;
    static const double known[][2] = {{.01, 324}, {.2, 66}, {.5, 13}};
    enum { RUNS = 3000 };
    uint64_t seed = 3, wrong = 0;
    for (size_t i = 0; i < 3; i++) {
        double sum = 0.0, squares = 0.0;
        for (size_t r = 0; r < RUNS; r++) {
            struct pls_stopper *stopper =
                new_stopper(PLS_STOP_GANDY, 1, PLS_PROCEDURE_NONE, 100000);
            uint64_t stop;
            const char *reason;
            run(stopper, known[i], 1, 128, &seed);
            assert_true(pls_stopper_done(stopper, &stop, &reason));
            const enum pls_certainty right =
                known[i][0] < 0.05 ? PLS_CERTAINLY_BELOW : PLS_CERTAINLY_NOT_BELOW;
            wrong += pls_stopper_certainty(stopper, 0) != right;
            sum += (double)stop;
            squares += (double)stop * (double)stop;
            pls_stopper_free(stopper);
        }
        const double mean = sum / RUNS, error = sqrt((squares / RUNS - mean * mean) / RUNS);
        assert_true(fabs(mean - known[i][1]) < 4.0 * error + 0.5);
    }
    assert_true(wrong <= 6); /* at most .001 of 9,000 are expected wrong, mostly far fewer */
}

static void besag_clifford_is_valid_and_cheap(void **state)
{
    (void)state;
    enum { RUNS = 20000 };
    static const double level[] = {0.01, 0.05, 0.1, 0.5};
    uint64_t seed = 8, below[4] = {0};
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < RUNS; i++) {
        struct pls_stopper *stopper =
            new_stopper(PLS_STOP_BESAG_CLIFFORD, 1, PLS_PROCEDURE_NONE, 999);
        const double p = draw_uniform(&seed);
        uint64_t stop;
        const char *reason;
        run(stopper, &p, 1, 64, &seed);
        assert_true(pls_stopper_done(stopper, &stop, &reason));
        for (size_t l = 0; l < 4; l++)
            below[l] += pls_stopper_p(stopper, 0) <= level[l];
        assert_int_equal(pls_stopper_certainty(stopper, 0), PLS_UNDECIDED);
        sum += (double)stop;
        squares += (double)stop * (double)stop;
        pls_stopper_free(stopper);
    }
    const double mean = sum / RUNS, error = sqrt((squares / RUNS - mean * mean) / RUNS);
    assert_true(fabs(mean - 55.6) < 4.0 * error);
    for (size_t l = 0; l < 4; l++) {
        const double share = (double)below[l] / RUNS;
        assert_true(share < level[l] + 4.0 * sqrt(level[l] * (1.0 - level[l]) / RUNS));
        assert_true(share > 0.8 * level[l]);
    }
}

static void besag_cliffords_p_is_that_of_its_stop(void **state)
{
    (void)state;
    uint8_t flags[2 * 100] = {0};
    uint64_t stop;
    const char *reason;
    struct pls_error err;
    struct pls_stopper *stopper = new_stopper(PLS_STOP_BESAG_CLIFFORD, 2, PLS_PROCEDURE_NONE, 100);
    for (size_t r = 0; r < 40; r += 2)
        flags[r] = 1; /* the tenth at row 18, that is after 19 */
    flags[5] = 2;
    for (size_t r = 0; r < 3; r++)
        flags[100 + 30 * r] = 1;
    assert_ok(pls_stopper_rows(stopper, flags, 100, 100, &err), &err);
    assert_true(pls_stopper_done(stopper, &stop, &reason));
    assert_int_equal(stop, 100);
    assert_string_equal(reason, "the cap was reached");
    assert_close(pls_stopper_p(stopper, 0), 10.0 / 18.0, 1e-15);
    assert_close(pls_stopper_p(stopper, 1), 4.0 / 101.0, 1e-15);
    pls_stopper_free(stopper);

    stopper = new_stopper(PLS_STOP_BESAG_CLIFFORD, 1, PLS_PROCEDURE_NONE, 100);
    assert_ok(pls_stopper_rows(stopper, flags, 100, 100, &err), &err);
    assert_true(pls_stopper_done(stopper, &stop, &reason));
    assert_int_equal(stop, 19);
    assert_string_equal(reason, "every p-value has its exceedances");
    pls_stopper_free(stopper);
}

static void looks_grow_by_a_quarter(void **state)
{
    (void)state;
    static const uint64_t looks[] = {999, 2999, 4999, 6999, 9999, 13999};
    static uint8_t flags[100];
    uint64_t rows = 0;
    struct pls_error err;
    struct pls_stopper *stopper =
        new_stopper(PLS_STOP_BESAG_CLIFFORD, 1, PLS_PROCEDURE_NONE, 14500);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(pls_stopper_next(stopper), looks[i]);
        for (; rows < looks[i]; rows++)
            assert_ok(pls_stopper_rows(stopper, flags, 100, 1, &err), &err);
    }
    assert_int_equal(pls_stopper_next(stopper), 14500);
    pls_stopper_free(stopper);
}

/* Portions of one row, of a hundred, of all; some rows not usable; four hypotheses. */
static void the_stop_does_not_depend_on_portions(void **state)
{
    (void)state;
    enum { ROWS = 30000, K = 4 };
    static uint8_t flags[K * ROWS];
    static const double p[] = {0.001, 0.2, 0.03, 0.07};
    static const size_t portion[] = {1, 100, 997, ROWS};
    static const enum pls_stop rules[] = {PLS_STOP_GANDY, PLS_STOP_BESAG_CLIFFORD,
                                          PLS_STOP_MMCTEST};
    uint64_t seed = 41;
    for (size_t k = 0; k < K; k++)
        for (size_t r = 0; r < ROWS; r++)
            flags[k * ROWS + r] = r % 101 == 7 + k ? 2 : draw_uniform(&seed) < p[k];
    for (size_t rule = 0; rule < 3; rule++) {
        uint64_t stop = 0, first_stop = 0;
        double first_p[K];
        const char *reason;
        struct pls_error err;
        for (size_t i = 0; i < 4; i++) {
            struct pls_stopper *stopper = new_stopper(rules[rule], K, PLS_PROCEDURE_NONE, ROWS);
            for (size_t r = 0; r < ROWS; r += portion[i])
                assert_ok(pls_stopper_rows(stopper, flags + r, ROWS,
                                           ROWS - r < portion[i] ? ROWS - r : portion[i], &err),
                          &err);
            assert_true(pls_stopper_done(stopper, &stop, &reason));
            assert_int_equal(pls_stopper_next(stopper), stop);
            first_stop = i == 0 ? stop : first_stop;
            assert_int_equal(stop, first_stop);
            for (size_t k = 0; k < K; k++) {
                first_p[k] = i == 0 ? pls_stopper_p(stopper, k) : first_p[k];
                assert_true(pls_stopper_p(stopper, k) == first_p[k]);
                if (rules[rule] != PLS_STOP_BESAG_CLIFFORD)
                    assert_int_equal(pls_stopper_certainty(stopper, k),
                                     p[k] < 0.04 ? PLS_CERTAINLY_BELOW : PLS_CERTAINLY_NOT_BELOW);
            }
            assert_string_not_equal(reason, "the cap was reached");
            pls_stopper_free(stopper);
        }
        assert_true(first_stop > 200 && first_stop < ROWS);
    }
}

static void mmctest_errs_in_no_hypothesis(void **state)
{
    (void)state;
    enum { RUNS = 200, K = 8 };
    static const double p[K] = {.0005, .004, .0075, .012, .03, .06, .2, .9};
    static const enum pls_procedure procedures[] = {PLS_PROCEDURE_NONE, PLS_PROCEDURE_BONFERRONI,
                                                    PLS_PROCEDURE_HOLM, PLS_PROCEDURE_BH};
    uint64_t seed = 100;
    size_t wrong = 0, undecided = 0;
    for (size_t i = 0; i < 4; i++) {
        double truth[K];
        struct pls_error err;
        assert_ok(pls_adjust(procedures[i], p, K, truth, &err), &err);
        for (size_t r = 0; r < RUNS; r++) {
            bool any = false;
            struct pls_stopper *stopper = new_stopper(PLS_STOP_MMCTEST, K, procedures[i], 9999);
            run(stopper, p, K, 1000, &seed);
            for (size_t k = 0; k < K; k++) {
                const enum pls_certainty side = pls_stopper_certainty(stopper, k);
                undecided += side == PLS_UNDECIDED;
                any = any ||
                      (side != PLS_UNDECIDED && (side == PLS_CERTAINLY_BELOW) != (truth[k] < 0.05));
            }
            wrong += any;
            pls_stopper_free(stopper);
        }
    }
    assert_true(wrong <= 3); /* .8 at most are expected */
    assert_true(undecided > 0 && undecided < 4 * RUNS * K / 3);
}

static void mmctest_says_that_a_p_at_alpha_is_undecided(void **state)
{
    (void)state;
    static const double p[] = {0.05, 0.0};
    uint64_t seed = 12, stop;
    const char *reason;
    struct pls_stopper *stopper = new_stopper(PLS_STOP_MMCTEST, 2, PLS_PROCEDURE_NONE, 5000);
    run(stopper, p, 2, 500, &seed);
    assert_true(pls_stopper_done(stopper, &stop, &reason));
    assert_int_equal(stop, 5000);
    assert_string_equal(reason, "the cap was reached");
    assert_int_equal(pls_stopper_certainty(stopper, 0), PLS_UNDECIDED);
    assert_int_equal(pls_stopper_certainty(stopper, 1), PLS_CERTAINLY_BELOW);
    pls_stopper_free(stopper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gandys_boundaries_are_the_known_ones),
        cmocka_unit_test(gandys_cost_is_the_known_one),
        cmocka_unit_test(gandy_stops_after_its_mean_and_hardly_errs),
        cmocka_unit_test(besag_clifford_is_valid_and_cheap),
        cmocka_unit_test(besag_cliffords_p_is_that_of_its_stop),
        cmocka_unit_test(looks_grow_by_a_quarter),
        cmocka_unit_test(the_stop_does_not_depend_on_portions),
        cmocka_unit_test(mmctest_errs_in_no_hypothesis),
        cmocka_unit_test(mmctest_says_that_a_p_at_alpha_is_undecided),
    };
    return cmocka_run_group_tests_name("infer.stopping", tests, NULL, NULL);
}
