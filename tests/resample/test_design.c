/* test_design.c: draws by strata and clusters, permuted labels, numbered assignments. */
#include "check.h"
#include "plstrap/design.h"
#include "plstrap/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 400 };

static size_t read_codes(char **at, uint32_t *out)
{
    size_t count = 0;
    do
        out[count++] = (uint32_t)strtoul(*at + 1, at, 10);
    while (**at == ',');
    return count;
}

/* What the kind of a pinned line gives. */
static void compute(const char *kind, const uint64_t number[3], const struct pls_design *design,
                    const uint32_t *label, uint32_t *out)
{
    struct pls_exchange *exchange = NULL;
    struct pls_error err;
    uint8_t labels[MOST], drawn[MOST];
    bool wanted[PLS_MOST_KINDS] = {false};
    if (kind[0] == 'w') {
        pls_weights_design(number[0], number[1], design, out);
        return;
    }
    for (size_t g = 0; g <= 8; g++)
        wanted[g] = true;
    for (size_t i = 0; i < design->n; i++)
        labels[i] = (uint8_t)label[i];
    assert_ok(pls_exchange_new(design->n, design, labels, wanted, &exchange, &err), &err);
    memset(drawn, 77, sizeof drawn); /* what was there before must not matter */
    if (kind[0] == 'p')
        pls_permute_labels(number[0], number[1], (uint32_t)number[2], exchange, drawn);
    else
        pls_assign_labels(number[1], exchange, drawn);
    for (size_t i = 0; i < design->n; i++)
        out[i] = drawn[i];
    pls_exchange_free(exchange);
}

static void pinned_designs_give_the_pinned_draws(void **state)
{
    (void)state;
    FILE *file = fopen(PLS_TESTS "/golden/designs.tsv", "r");
    assert_non_null(file);
    static char line[8192];
    size_t lines = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        char *at = strchr(line, '\t');
        uint64_t number[3];
        uint32_t stratum[MOST], cluster[MOST], label[MOST], expected[MOST], out[MOST];
        struct pls_design *design = NULL;
        struct pls_error err;
        size_t a, b;
        for (size_t i = 0; i < 3; i++)
            number[i] = strtoull(at + 1, &at, 10);
        const size_t n = read_codes(&at, stratum);
        assert_int_equal(read_codes(&at, cluster), n);
        assert_int_equal(read_codes(&at, label), n);
        assert_int_equal(read_codes(&at, expected), n);
        assert_ok(pls_design_new(n, stratum, cluster, &design, &a, &b, &err), &err);
        compute(line, number, design, label, out);
        if (memcmp(out, expected, n * sizeof *out) != 0)
            fail_msg("other than pinned: %.60s", line);
        pls_design_free(design);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, 48);
}

static void a_plain_design_draws_as_no_design(void **state)
{
    (void)state;
    struct pls_design *design = NULL;
    struct pls_error err;
    uint32_t expected[120], weights[120];
    size_t a, b;
    assert_ok(pls_design_new(120, NULL, NULL, &design, &a, &b, &err), &err);
    assert_true(design->plain);
    pls_weights_bootstrap(9, 17, 120, expected);
    pls_weights_design(9, 17, design, weights);
    assert_memory_equal(weights, expected, sizeof weights);
    pls_design_free(design);
}

static void a_cluster_in_two_strata_is_refused(void **state)
{
    (void)state;
    static const uint32_t stratum[] = {4, 4, 9, 9}, cluster[] = {1, 2, 3, 2};
    struct pls_design *design = NULL;
    struct pls_error err;
    size_t a = 77, b = 77;
    assert_int_equal(pls_design_new(4, stratum, cluster, &design, &a, &b, &err), PLS_EDATA);
    assert_int_equal(a, 1);
    assert_int_equal(b, 3);
    assert_null(design);
}

static struct pls_exchange *exchange_of(size_t n, const uint8_t *label)
{
    struct pls_exchange *exchange = NULL;
    struct pls_error err;
    bool wanted[PLS_MOST_KINDS] = {true, true, true};
    assert_ok(pls_exchange_new(n, NULL, label, wanted, &exchange, &err), &err);
    return exchange;
}

/* Number of an assignment of three groups, as a base-3 number. */
static size_t code_of(const uint8_t *labels, size_t n)
{
    size_t code = 0;
    for (size_t i = 0; i < n; i++)
        code = code * 3 + labels[i];
    return code;
}

static void assignments_are_all_different_and_as_many_as_there_are(void **state)
{
    (void)state;
    static const uint8_t label[] = {2, 0, 1, 1, 0, 2, 2};
    static uint8_t seen[2187];
    struct pls_exchange *exchange = exchange_of(7, label);
    uint8_t labels[7];
    size_t last = 0;
    memset(seen, 0, sizeof seen);
    assert_int_equal(exchange->assignments, 210); /* 7! / (2! 2! 3!) */
    assert_close(exchange->assignments_about, 210.0, 1e-9);
    for (uint64_t a = 0; a < 210; a++) {
        size_t count[3] = {0};
        pls_assign_labels(a, exchange, labels);
        for (size_t i = 0; i < 7; i++)
            count[labels[i]]++;
        assert_true(count[0] == 2 && count[1] == 2 && count[2] == 3);
        const size_t code = code_of(labels, 7);
        assert_true(a == 0 || code > last); /* lexicographic */
        assert_false(seen[code]++);
        last = code;
    }
    pls_exchange_free(exchange);
}

/* All orders of y = 1 3 2 5 4 6 against x = 1 … 6: 24 of 720 correlate at least as strongly. */
static void six_numbers_have_seven_hundred_and_twenty_orders(void **state)
{
    (void)state;
    static const uint8_t y[] = {1, 3, 2, 5, 4, 6};
    bool wanted[PLS_MOST_KINDS] = {false, true, true, true, true, true, true};
    struct pls_exchange *exchange = NULL;
    struct pls_error err;
    uint8_t order[6];
    size_t extreme = 0;
    assert_ok(pls_exchange_new(6, NULL, y, wanted, &exchange, &err), &err);
    assert_int_equal(exchange->assignments, 720);
    for (uint64_t a = 0; a < 720; a++) {
        int product = 0; /* sum of 2(x - 3.5) * 2(y - 3.5): 62 as observed */
        pls_assign_labels(a, exchange, order);
        for (int i = 0; i < 6; i++)
            product += (2 * i - 5) * (2 * order[i] - 7);
        extreme += abs(product) >= 62;
    }
    assert_int_equal(extreme, 24);
    pls_exchange_free(exchange);
}

/* 210 cells of 100 expected: chi-square of 209 degrees, standard deviation 20.4. */
static void every_assignment_is_equally_likely(void **state)
{
    (void)state;
    static const uint8_t label[] = {2, 0, 1, 1, 0, 2, 2};
    static double count[2187];
    struct pls_exchange *exchange = exchange_of(7, label);
    uint8_t labels[7];
    double chi = 0.0;
    size_t cells = 0;
    memset(count, 0, sizeof count);
    for (uint64_t row = 0; row < 21000; row++) {
        pls_permute_labels(20260101, row, 0, exchange, labels);
        count[code_of(labels, 7)]++;
    }
    for (size_t i = 0; i < 2187; i++)
        if (count[i] > 0.0) {
            chi += (count[i] - 100.0) * (count[i] - 100.0) / 100.0;
            cells++;
        }
    assert_int_equal(cells, 210);
    assert_true(fabs(chi - 209.0) < 3.72 * 20.4);
    pls_exchange_free(exchange);
}

static void too_many_assignments_are_not_numbered(void **state)
{
    (void)state;
    uint8_t label[40];
    for (size_t i = 0; i < 40; i++)
        label[i] = i % 2;
    struct pls_exchange *exchange = exchange_of(40, label);
    assert_int_equal(exchange->assignments, 0);
    assert_close(exchange->assignments_about / 137846528820.0, 1.0, 1e-12);
    pls_exchange_free(exchange);
}

static void labels_that_cannot_be_exchanged_are_refused(void **state)
{
    (void)state;
    static const uint32_t stratum[] = {0, 0, 1, 1}, cluster[] = {0, 0, 0, 1};
    static const uint8_t label[] = {0, 0, 1, 1}, uneven[] = {0, 0, 0, 1};
    struct pls_design *design = NULL;
    struct pls_exchange *exchange = NULL;
    struct pls_error err;
    bool wanted[PLS_MOST_KINDS] = {true, true};
    size_t a, b;
    assert_ok(pls_design_new(4, stratum, NULL, &design, &a, &b, &err), &err);
    assert_int_equal(pls_exchange_new(4, design, label, wanted, &exchange, &err), PLS_EDATA);
    assert_non_null(strstr(err.text, "nothing can be exchanged"));
    pls_design_free(design);
    assert_ok(pls_design_new(4, NULL, cluster, &design, &a, &b, &err), &err);
    assert_int_equal(pls_exchange_new(4, design, uneven, wanted, &exchange, &err), PLS_EDATA);
    pls_design_free(design);
    assert_null(exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned_designs_give_the_pinned_draws),
        cmocka_unit_test(a_plain_design_draws_as_no_design),
        cmocka_unit_test(a_cluster_in_two_strata_is_refused),
        cmocka_unit_test(assignments_are_all_different_and_as_many_as_there_are),
        cmocka_unit_test(six_numbers_have_seven_hundred_and_twenty_orders),
        cmocka_unit_test(every_assignment_is_equally_likely),
        cmocka_unit_test(too_many_assignments_are_not_numbered),
        cmocka_unit_test(labels_that_cannot_be_exchanged_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
