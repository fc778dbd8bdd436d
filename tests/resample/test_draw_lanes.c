/* test_draw_lanes.c: many replicates at once have the readable version's counts, on every ISA. */
#include "check.h"
#include "draw_lanes.h"
#include "plstrap/batch.h"
#include "plstrap/random.h"
#include "plstrap/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_there(enum pls_isa isa)
{
#if defined __x86_64__
    __builtin_cpu_init();
    if (isa == PLS_ISA_AVX2)
        return __builtin_cpu_supports("avx2") != 0;
    if (isa == PLS_ISA_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vnni");
#endif
    return isa == PLS_ISA_REF || isa == PLS_ISA_PORTABLE;
}

static void *aligned(size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);
    assert_non_null(memory);
    return memory;
}

/* One observation and lane after the other, as batch.h words it. */
static void lay_out(const uint32_t *weights, size_t lanes, size_t n, uint8_t *counts,
                    uint64_t *overflow)
{
    *overflow = 0;
    memset(counts, 0, pls_counts_size(n));
    for (size_t l = 0; l < lanes; l++)
        for (size_t i = 0; i < n; i++) {
            counts[(i / 4 * PLS_LANES + l) * 4 + i % 4] = (uint8_t)weights[l * n + i];
            if (weights[l * n + i] > 255)
                *overflow |= (uint64_t)1 << l;
        }
}

static void compare(uint64_t seed, uint64_t first, size_t lanes, size_t n)
{
    const size_t size = pls_counts_size(n);
    assert_int_equal(size, (n + 3) / 4 * 256);
    uint32_t *weights = aligned(lanes * n * sizeof *weights);
    uint8_t *expected = aligned(size), *actual = aligned(size + 64);
    void *scratch = aligned(pls_draw_scratch(n));
    uint64_t expected_overflow;
    for (size_t l = 0; l < lanes; l++)
        pls_weights_bootstrap(seed, first + l, n, weights + l * n);
    lay_out(weights, lanes, n, expected, &expected_overflow);
    for (int isa = 0; isa < PLS_ISAS; isa++) {
        if (!is_there((enum pls_isa)isa))
            continue;
        uint64_t overflow = 77;
        memset(actual, 0xee, size + 64); /* what was there before must not matter */
        memset(scratch, 0xdd, pls_draw_scratch(n));
        pls_draw_lanes((enum pls_isa)isa, seed, first, lanes, n, actual, &overflow, scratch);
        if (memcmp(actual, expected, size) != 0 || overflow != expected_overflow)
            fail_msg("isa %d, seed %llu, rows %llu + %zu, n %zu: other counts than readable's", isa,
                     (unsigned long long)seed, (unsigned long long)first, lanes, n);
        for (size_t i = size; i < size + 64; i++)
            assert_int_equal(actual[i], 0xee); /* nothing is written behind them */
    }
    free(weights);
    free(expected);
    free(actual);
    free(scratch);
}

static void counts_are_those_of_the_readable_version(void **state)
{
    (void)state;
    static const size_t sizes[] = {1,    2,    3,    4,     5,     16,    75,    120,
                                   121,  129,  250,  255,   256,   257,   300,   1000,
                                   4096, 4097, 5000, 65535, 65536, 65537, 100000};
    static const size_t lanes[] = {1, 7, 16, 17, 63, 64};
    static const uint64_t seeds[] = {0, 20260101, UINT64_C(0x89abcdef01234567), UINT64_MAX};
    static const uint64_t firsts[] = {0, 4999, UINT64_C(0xffffffe0), UINT64_C(0x7fffffffffffffe0)};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (size_t l = 0; l < sizeof lanes / sizeof lanes[0]; l++)
            for (size_t k = 0; k < 4; k++) {
                if (sizes[s] > 5000 && (lanes[l] != 17 || k != 2))
                    continue;
                compare(seeds[k], firsts[3 - k], lanes[l], sizes[s]);
                if (sizes[s] <= 300)
                    compare(seeds[k], firsts[k], lanes[l], sizes[s]);
            }
}

/* Many rows, so that also the rare ones occur that need more blocks than usual. */
static void rows_that_need_many_pieces_are_right(void **state)
{
    (void)state;
    for (uint64_t first = 0; first < 64 * 300; first += 64) {
        compare(3, first, 64, 129); /* half of the pieces are rejected */
        compare(3, first, 64, 120);
    }
    compare(3, 0, 64, 32769); /* the same of 16 bits */
}

static void rows_do_not_depend_on_their_lane(void **state)
{
    (void)state;
    enum { N = 250, QUADS = 63 };
    uint8_t *all = aligned(pls_counts_size(N)), *one = aligned(pls_counts_size(N));
    void *scratch = aligned(pls_draw_scratch(N));
    for (int isa = 0; isa < PLS_ISAS; isa++) {
        if (!is_there((enum pls_isa)isa))
            continue;
        uint64_t overflow;
        pls_draw_lanes((enum pls_isa)isa, 5, 1000, 64, N, all, &overflow, scratch);
        for (size_t lane = 0; lane < 64; lane++) {
            pls_draw_lanes((enum pls_isa)isa, 5, 1000 + lane, 1, N, one, &overflow, scratch);
            for (size_t quad = 0; quad < QUADS; quad++)
                assert_memory_equal(one + quad * 256, all + quad * 256 + lane * 4, 4);
        }
    }
    free(all);
    free(one);
    free(scratch);
}

static draw_lanes_fn *kernel_of(enum pls_isa isa)
{
    if (!is_there(isa))
        return NULL;
#if defined __x86_64__
    if (isa == PLS_ISA_AVX2)
        return pls_draw_lanes_avx2;
    if (isa == PLS_ISA_AVX512)
        return pls_draw_lanes_avx512;
#endif
    return isa == PLS_ISA_PORTABLE ? pls_draw_lanes_portable : NULL;
}

/* As many draws as it takes: with n of n, a count above 255 is out of reach. */
static void compare_many_draws(draw_lanes_fn *kernel, uint32_t n, uint32_t draws, size_t lanes,
                               int *overflows)
{
    const size_t size = pls_counts_size(n);
    uint32_t *weights = aligned(lanes * n * sizeof *weights);
    uint32_t *index = aligned(draws * sizeof *index);
    uint8_t *expected = aligned(size), *actual = aligned(size);
    uint8_t *work = aligned(pls_draw_scratch(n));
    memset(weights, 0, lanes * n * sizeof *weights);
    for (size_t l = 0; l < lanes; l++) {
        pls_random_indices(9, PLS_PURPOSE_BOOTSTRAP, 0, 100 + l, n, draws, index);
        for (size_t k = 0; k < draws; k++)
            weights[l * n + index[k]]++;
    }
    uint64_t expected_overflow;
    lay_out(weights, lanes, n, expected, &expected_overflow);
    const struct draw_lanes draw = {
        .seed = 9, .first = 100, .lanes = lanes, .n = n, .draws = draws};
    const uint64_t overflow = kernel(&draw, actual, work);
    assert_true(overflow == expected_overflow);
    for (size_t i = 0; i < size; i++)
        if (!(overflow >> (i / 4 % PLS_LANES) & 1))
            assert_int_equal(actual[i], expected[i]);
    for (size_t l = 0; l < lanes; l++)
        overflows[overflow >> l & 1]++;
    free(weights);
    free(index);
    free(expected);
    free(actual);
    free(work);
}

static void a_count_above_255_is_always_seen(void **state)
{
    (void)state;
    for (int isa = 0; isa < PLS_ISAS; isa++) {
        draw_lanes_fn *kernel = kernel_of((enum pls_isa)isa);
        if (kernel == NULL)
            continue;
        int overflows[2] = {0, 0};
        compare_many_draws(kernel, 1, 255, 64, overflows);
        assert_int_equal(overflows[1], 0);
        compare_many_draws(kernel, 1, 256, 64, overflows);
        assert_int_equal(overflows[1], 64);
        compare_many_draws(kernel, 1, 512, 7, overflows); /* wraps to zero twice */
        assert_int_equal(overflows[1], 71);
        memset(overflows, 0, sizeof overflows);
        compare_many_draws(kernel, 2, 490, 64, overflows);
        compare_many_draws(kernel, 256, 256 * 215, 63, overflows);
        compare_many_draws(kernel, 300, 300 * 212, 64, overflows);
        compare_many_draws(kernel, 70000, 70000 * 2, 2, overflows);
        assert_true(overflows[0] > 20 && overflows[1] > 20); /* both kinds of lanes */
    }
}

static void packed_weights_are_laid_out_and_checked(void **state)
{
    (void)state;
    enum { N = 6, LANES = 5 };
    static const uint32_t weights[LANES][N] = {{0, 1, 2, 3, 4, 5},
                                               {255, 0, 0, 0, 0, 255},
                                               {0, 0, 0, 0, 0, 256},
                                               {1, 1, 1, 1, 1, 1},
                                               {UINT32_C(1) << 31, 0, 0, 0, 0, 0}};
    uint8_t expected[512], actual[512];
    uint64_t expected_overflow, overflow;
    assert_int_equal(pls_counts_size(N), sizeof expected);
    lay_out(weights[0], LANES, N, expected, &expected_overflow);
    memset(actual, 0xee, sizeof actual);
    pls_counts_pack(weights[0], LANES, N, actual, &overflow);
    assert_true(overflow == ((1 << 2) | (1 << 4)));
    assert_memory_equal(actual, expected, sizeof actual);
    assert_int_equal(actual[1], 1);                 /* observation 1 of lane 0 */
    assert_int_equal(actual[256 + 1], 5);           /* observation 5 of lane 0 */
    assert_int_equal(actual[256 + 1 * 4 + 1], 255); /* of lane 1 */
    assert_int_equal(actual[256 + 3 * 4 + 2], 0);   /* there is no observation 6 */
    pls_counts_pack(weights[0], 0, N, actual, &overflow);
    assert_true(overflow == 0);
    for (size_t i = 0; i < sizeof actual; i++)
        assert_int_equal(actual[i], 0);
}

static void jackknife_weights_pack_like_the_readable_ones(void **state)
{
    (void)state;
    enum { N = 75 };
    static uint32_t weights[64 * N];
    uint8_t *counts = aligned(pls_counts_size(N));
    uint64_t overflow;
    for (size_t l = 0; l < 64; l++)
        pls_weights_jackknife(l, N, weights + l * N);
    pls_counts_pack(weights, 64, N, counts, &overflow);
    assert_true(overflow == 0);
    for (size_t l = 0; l < 64; l++)
        for (size_t i = 0; i < 76; i++)
            assert_int_equal(counts[(i / 4 * 64 + l) * 4 + i % 4], i != l && i < N);
    free(counts);
}

static void compare_pinned(const uint64_t field[5], const uint32_t *index, size_t draws)
{
    const size_t n = field[4], size = pls_counts_size(n);
    uint8_t *expected = aligned(size), *counts = aligned(size),
            *work = aligned(pls_draw_scratch(n));
    memset(expected, 0, size);
    for (size_t k = 0; k < draws; k++)
        expected[index[k] / 4 * 256 + index[k] % 4]++;
    const struct draw_lanes draw = {.seed = field[0],
                                    .first = field[3],
                                    .lanes = 1,
                                    .n = (uint32_t)n,
                                    .draws = (uint32_t)draws};
    for (int isa = 0; isa < PLS_ISAS; isa++) {
        draw_lanes_fn *kernel = kernel_of((enum pls_isa)isa);
        if (kernel == NULL)
            continue;
        memset(counts, 0xee, size);
        assert_true(kernel(&draw, counts, work) == 0);
        assert_memory_equal(counts, expected, size);
    }
    free(expected);
    free(counts);
    free(work);
}

static void the_pinned_draws_are_counted(void **state)
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
        if (field[1] != PLS_PURPOSE_BOOTSTRAP || field[2] != 0 || field[4] > DRAW_MOST)
            continue;
        uint32_t index[64];
        size_t draws = 0;
        do
            index[draws++] = (uint32_t)strtoul(at + 1, &at, 10);
        while (*at == ',');
        compare_pinned(field, index, draws);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, 325);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_readable_version),
        cmocka_unit_test(rows_that_need_many_pieces_are_right),
        cmocka_unit_test(rows_do_not_depend_on_their_lane),
        cmocka_unit_test(a_count_above_255_is_always_seen),
        cmocka_unit_test(packed_weights_are_laid_out_and_checked),
        cmocka_unit_test(jackknife_weights_pack_like_the_readable_ones),
        cmocka_unit_test(the_pinned_draws_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
