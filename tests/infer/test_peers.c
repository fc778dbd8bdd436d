/*
 * test_peers.c: the intervals of cSEM and boot from the numbers that they were computed from, to
 * 1e-9. Source and licences: tests/golden/infer/README.md.
 *
 * Where the definitions differ:
 * - cSEM counts replicates <= the estimate in z0, we ties half: the same here, where no replicate
 *   equals its estimate (checked below).
 * - cSEM's BCa is not compared: it takes the acceleration from the bootstrap replicates where the
 *   jackknife belongs. boot's is right.
 * - boot has no choice of centre: its normal interval is bias corrected, its basic one is not.
 * - Where a BCa end asks for a rank below 1 or above 499, boot takes the smallest or largest
 *   replicate and warns; ours is missing. So in 10 of the 99 % intervals.
 */
#include "draw.h"

#include <stdio.h>
#include <string.h>

enum { TERMS = 29, REPLICATES = 499, CASES = 75, OBSERVATIONS = 75, WIDTH = 64 };

struct golden {
    char term[TERMS][WIDTH];
    double stored[TERMS][REPLICATES];
    double jackknife[TERMS][CASES];
    double summary[TERMS][6]; /* estimate, mean, sd, bias, z0, acceleration */
};

static FILE *open_golden(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/golden/infer/%s", PLS_TESTS, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static void read_matrix(const char *name, char (*term)[WIDTH], size_t rows, double *out)
{
    FILE *file = open_golden(name);
    for (size_t t = 0; t < TERMS; t++)
        assert_int_equal(fscanf(file, "%63s", term[t]), 1);
    for (size_t r = 0; r < rows; r++)
        for (size_t t = 0; t < TERMS; t++)
            assert_int_equal(fscanf(file, "%lf", &out[t * rows + r]), 1);
    fclose(file);
}

static int read_all(void **state)
{
    static struct golden golden;
    static char other[TERMS][WIDTH];
    char word[WIDTH];
    read_matrix("democracy_stored.tsv", golden.term, REPLICATES, &golden.stored[0][0]);
    read_matrix("democracy_jackknife.tsv", other, CASES, &golden.jackknife[0][0]);
    assert_memory_equal(golden.term, other, sizeof other);
    FILE *file = open_golden("democracy_summary.tsv");
    for (int i = 0; i < 7; i++)
        assert_int_equal(fscanf(file, "%63s", word), 1);
    for (size_t t = 0; t < TERMS; t++) {
        assert_int_equal(fscanf(file, "%63s", word), 1);
        assert_string_equal(word, golden.term[t]);
        for (size_t i = 0; i < 6; i++)
            assert_int_equal(fscanf(file, "%lf", &golden.summary[t][i]), 1);
    }
    fclose(file);
    *state = &golden;
    return 0;
}

static struct pls_inference infer_term(const struct golden *golden, size_t t,
                                       enum pls_quantile quantile, enum pls_centre centre)
{
    static uint8_t usable[REPLICATES];
    static double work[REPLICATES];
    struct pls_infer_options options = default_options();
    struct pls_inference out;
    struct pls_error err;
    memset(usable, 1, sizeof usable);
    options.quantile = quantile;
    options.centre = centre;
    options.n = OBSERVATIONS;
    options.levels = 3;
    options.level[0] = 0.9, options.level[1] = 0.95, options.level[2] = 0.99;
    assert_ok(pls_infer_column(golden->stored[t], usable, REPLICATES, golden->summary[t][0],
                               golden->jackknife[t], usable, CASES, &options, work, &out, &err),
              &err);
    return out;
}

static void moments_z0_and_acceleration_are_the_peers(void **state)
{
    const struct golden *golden = *state;
    for (size_t t = 0; t < TERMS; t++) {
        const struct pls_inference out = infer_term(golden, t, PLS_QUANTILE_7, PLS_CENTRE_ESTIMATE);
        const double *known = golden->summary[t];
        for (size_t r = 0; r < REPLICATES; r++)
            assert_true(golden->stored[t][r] != known[0]); /* no ties: < and <= agree */
        assert_close(out.mean, known[1], 1e-12);
        assert_close(out.se, known[2], 1e-12);
        assert_close(out.bias, known[3], 1e-12);
        assert_close(out.z0, known[4], 1e-12);
        assert_close(out.acceleration, known[5], 1e-12);
    }
}

static size_t number_of(const char *word, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, names[i]) == 0)
            return i;
    fail_msg("unknown word %s", word);
    return count;
}

/* boot's stand-in for an order statistic that does not exist. */
static bool is_extreme(const double *replicates, double own, double theirs)
{
    double smallest = replicates[0], largest = replicates[0];
    for (size_t r = 1; r < REPLICATES; r++) {
        smallest = fmin(smallest, replicates[r]);
        largest = fmax(largest, replicates[r]);
    }
    return isnan(own) && (theirs == smallest || theirs == largest);
}

static bool agrees(const double *replicates, bool is_boot, double own, double theirs)
{
    return check_is_close(own, theirs, 1e-9) || (is_boot && is_extreme(replicates, own, theirs));
}

/* Each interval of the file: 29 parameters, 10 kinds, 3 levels. */
static void intervals_are_the_peers(void **state)
{
    static const char *const kinds[] = {"percentile", "basic", "normal", "bc", "bca"};
    static const char *const centres[] = {"estimate", "bias_corrected"};
    static const char *const peers[] = {"cSEM", "boot"};
    static const double levels[] = {0.9, 0.95, 0.99};
    const struct golden *golden = *state;
    char term[WIDTH], peer[WIDTH], kind[WIDTH], centre[WIDTH], word[WIDTH];
    double level, lower, upper;
    size_t compared = 0, beyond = 0, t = 0;
    FILE *file = open_golden("democracy_intervals.tsv");
    for (int i = 0; i < 7; i++)
        assert_int_equal(fscanf(file, "%63s", word), 1);
    while (fscanf(file, "%63s %63s %63s %63s %lf %lf %lf", term, peer, kind, centre, &level, &lower,
                  &upper) == 7) {
        while (strcmp(term, golden->term[t]) != 0)
            assert_true(++t < TERMS);
        const bool is_boot = number_of(peer, peers, 2) == 1;
        const struct pls_inference out =
            infer_term(golden, t, is_boot ? PLS_QUANTILE_NORMAL : PLS_QUANTILE_7,
                       (enum pls_centre)number_of(centre, centres, 2));
        size_t l = 0;
        while (levels[l] != level)
            assert_true(++l < 3);
        const struct pls_interval *ci = &out.interval[l][number_of(kind, kinds, PLS_METHODS)];
        beyond += is_boot && (is_extreme(golden->stored[t], ci->lower, lower) ||
                              is_extreme(golden->stored[t], ci->upper, upper));
        if (!agrees(golden->stored[t], is_boot, ci->lower, lower) ||
            !agrees(golden->stored[t], is_boot, ci->upper, upper))
            fail_msg("%s %s %s %s %g: [%.17g, %.17g], expected [%.17g, %.17g]", term, peer, kind,
                     centre, level, ci->lower, ci->upper, lower, upper);
        compared++;
    }
    fclose(file);
    assert_int_equal(compared, 29 * 10 * 3);
    assert_int_equal(beyond, 10); /* intervals of the file that end at an extreme replicate */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_z0_and_acceleration_are_the_peers),
        cmocka_unit_test(intervals_are_the_peers),
    };
    return cmocka_run_group_tests_name("infer.peers", tests, read_all, NULL);
}
