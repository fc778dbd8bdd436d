#include "check.h"
#include "plstrap/spans.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 200 };

static void spans_are_the_set_that_a_bitmap_is(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 200; round++) {
        struct pls_spans spans = {0};
        bool there[ROWS + 1] = {false};
        for (int i = 0; i < 30; i++) {
            const uint64_t first = (uint64_t)rand() % ROWS;
            uint64_t end = first + (uint64_t)rand() % 9;
            end = end < ROWS ? end : ROWS;
            assert_int_equal(pls_spans_add(&spans, first, end, NULL), PLS_OK);
            memset(there + first, true, (size_t)(end - first));
            for (size_t s = 0; s < spans.count; s++) { /* disjoint, in order, not touching */
                assert_true(spans.span[s].first < spans.span[s].end);
                assert_true(s == 0 || spans.span[s - 1].end < spans.span[s].first);
            }
            for (uint64_t from = 0; from <= ROWS; from += 7) {
                struct pls_span gap;
                uint64_t row = from;
                while (row < ROWS && there[row])
                    row++;
                assert_int_equal(pls_spans_gap(&spans, from, ROWS, &gap), row < ROWS);
                assert_int_equal(pls_spans_cover(&spans, from, ROWS), row >= ROWS);
                if (row >= ROWS)
                    continue;
                assert_int_equal(gap.first, row);
                while (row < ROWS && !there[row])
                    row++;
                assert_int_equal(gap.end, row);
            }
        }
        pls_spans_free(&spans);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_the_set_that_a_bitmap_is),
    };
    return cmocka_run_group_tests_name("base.spans", tests, NULL, NULL);
}
