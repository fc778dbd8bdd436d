/*
 * test_sweep.c: the pass over a tile does what its words say, with the same bits on every
 * instruction set.
 */
#include "draw.h"
#include "plstrap/kernels.h"

#include <string.h>

enum { MOST = PLS_SWEEP_MOST, EDGES = 20 };

static double edge[EDGES];

static double any_value(int kind, uint64_t *seed)
{
    static const double odd[] = {0.0, -0.0, 0x1p-1074, -0x1p-1074, 1e308, -1e308, 0.25, 1.0};
    if (kind == 0)
        return 0.2 + draw_normal(seed);
    if (kind == 3) /* far from zero */
        return 1.0 + draw_uniform(seed);
    return kind == 1 ? odd[draw(seed) % 8] : (double)(draw(seed) % 9) / 4.0 - 1.0;
}

/* Ascending edges, some of them together, some infinite. */
static struct pls_crowd any_crowd(uint64_t *seed)
{
    double end[4];
    for (int i = 0; i < 4; i++)
        end[i] = any_value((int)(draw(seed) % 4), seed);
    pls_infer_sort(end, 4);
    const uint64_t open = draw(seed) % 4;
    return (struct pls_crowd){open & 1 ? -INFINITY : end[0], end[1], end[2],
                              open & 2 ? INFINITY : end[3]};
}

static struct pls_sweep any_sweep(uint64_t *seed)
{
    struct pls_sweep sweep = {.estimate = any_value((int)(draw(seed) % 4), seed),
                              .edge = edge,
                              .edges = draw(seed) % (EDGES + 1),
                              .crowd = any_crowd(seed)};
    if (draw(seed) % 16 == 0)
        sweep.estimate = NAN;
    for (int k = 0; k < 4; k++)
        for (int l = 0; l < PLS_SUMMANDS; l++)
            sweep.lanes.d[k][l] = draw_normal(seed);
    sweep.below_zero = draw(seed) % 1000;
    return sweep;
}

static bool is_other(const struct pls_crowd *crowd, double v)
{
    return (v >= crowd->low && v < crowd->from) || (v >= crowd->upto && v < crowd->high);
}

/* What the header says, one value at a time. */
static void sweep_readably(struct pls_sweep *s, const double *values, size_t count,
                           struct pls_others *others)
{
    others->count = 0;
    for (size_t i = 0; i < count; i++) {
        const double v = values[i], d = v - s->estimate;
        double *lane = &s->lanes.d[0][i % PLS_SUMMANDS];
        lane[0] += d;
        lane[PLS_SUMMANDS] += d * d;
        lane[2 * PLS_SUMMANDS] += d * d * d;
        lane[3 * PLS_SUMMANDS] += (d * d) * (d * d);
        s->below_estimate += v < s->estimate;
        s->above_estimate += v > s->estimate;
        s->below_zero += v < 0.0;
        s->above_zero += v > 0.0;
        s->below_low += v < s->crowd.low;
        s->below_high += v < s->crowd.high;
        if (is_other(&s->crowd, v)) {
            others->value[others->count] = v;
            others->bin[others->count] = 0;
            for (size_t e = 0; e < s->edges; e++)
                others->bin[others->count] += edge[e] <= v;
            others->count++;
        }
    }
}

static void every_instruction_set_gives_the_bits_of_the_readable_sweep(void **state)
{
    (void)state;
    uint64_t seed = 5;
    double values[MOST];
    int compared = 0;
    for (int trial = 0; trial < 3000; trial++) {
        struct pls_others expected_others, others;
        const size_t count = trial % 3 == 0 ? MOST : draw(&seed) % (MOST + 1);
        const int kind = (int)(draw(&seed) % 4);
        for (size_t i = 0; i < count; i++)
            values[i] = any_value(kind, &seed);
        for (size_t e = 0; e < EDGES; e++)
            edge[e] = any_value(kind, &seed);
        pls_infer_sort(edge, EDGES);
        const struct pls_sweep begun = any_sweep(&seed);
        struct pls_sweep expected = begun;
        sweep_readably(&expected, values, count, &expected_others);
        for (int i = 0; i < PLS_ISAS; i++) {
            enum pls_isa isa = (enum pls_isa)i;
            if (pls_isa_select(pls_isa_name(isa), &isa, NULL) != PLS_OK)
                continue;
            struct pls_sweep sweep = begun;
            pls_sweep_of(isa)(&sweep, values, count, &others);
            if (isnan(begun.estimate)) /* whose sign is nobody's business */
                memcpy(&sweep.lanes, &expected.lanes, sizeof sweep.lanes);
            assert_memory_equal(&sweep, &expected, sizeof sweep);
            assert_int_equal(others.count, expected_others.count);
            assert_memory_equal(others.value, expected_others.value, others.count * 8);
            assert_memory_equal(others.bin, expected_others.bin, others.count * 8);
            compared++;
        }
    }
    assert_true(compared >= 2 * 3000);
}

static void a_value_that_is_not_finite_shows_in_the_sums(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < PLS_ISAS; i++) {
        enum pls_isa isa = (enum pls_isa)i;
        if (pls_isa_select(pls_isa_name(isa), &isa, NULL) != PLS_OK)
            continue;
        for (size_t at = 0; at < (size_t)3 * 77; at++) {
            double values[77] = {0.0};
            struct pls_others others;
            struct pls_sweep sweep = {.crowd = {-1.0, -0.5, 0.5, 1.0}};
            values[at / 3] = bad[at % 3];
            pls_sweep_of(isa)(&sweep, values, 77, &others);
            assert_true(!isfinite(pls_lanes_close(&sweep.lanes).d[0]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_instruction_set_gives_the_bits_of_the_readable_sweep),
        cmocka_unit_test(a_value_that_is_not_finite_shows_in_the_sums),
    };
    return cmocka_run_group_tests_name("infer.sweep", tests, NULL, NULL);
}
