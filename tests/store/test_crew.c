/* test_crew.c: every item once, whatever the threads; the first error is the one that is told. */
#include "check.h"
#include "crew.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 1000 };

struct job {
    atomic_int done[ITEMS];
    size_t failing; /* items from here on fail, every third; ITEMS: none */
};

static enum pls_code mark(void *self, const struct pls_lanes *own, size_t item,
                          struct pls_error *err)
{
    struct job *job = self;
    memset(own->buffer, (int)item, PLS_BLOCK_ROWS * sizeof(double)); /* nobody else's */
    own->sums[0] = item;
    atomic_fetch_add(&job->done[item], 1);
    for (size_t i = 0; i < PLS_BLOCK_ROWS; i += 100)
        if (own->buffer[i] != (unsigned char)item || own->sums[0] != item)
            return pls_fail(err, PLS_EINTERNAL, "another thread uses the buffer of item %zu", item);
    return item >= job->failing && item % 3 == 0
               ? pls_fail(err, PLS_EIO, "item %zu cannot be read", item)
               : PLS_OK;
}

/* Large enough to be worth several threads. */
static struct pls_lanes lanes_of(uint64_t rows)
{
    struct pls_lanes lanes;
    struct pls_error err;
    assert_ok(pls_lanes_init(&lanes, "a.h5", 5, 1, &err), &err);
    lanes.series[0].count = rows;
    return lanes;
}

static void every_item_is_done_once(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, ITEMS};
    for (size_t rows = 10; rows <= 10000000; rows *= 1000)
        for (size_t c = 0; c < 4; c++) {
            struct job job = {.failing = ITEMS};
            struct pls_crew *crew = NULL;
            struct pls_error err;
            struct pls_lanes lanes = lanes_of(rows);
            assert_ok(pls_crew_run(&lanes, counts[c], mark, &job, &err), &err);
            assert_ok(pls_crew_begin(&crew, &lanes, counts[c], mark, &job, &err), &err);
            assert_ok(pls_crew_end(crew, false, &err), &err);
            for (size_t i = 0; i < ITEMS; i++)
                assert_int_equal(job.done[i], i < counts[c] ? 2 : 0);
            pls_lanes_free(&lanes);
        }
}

static void the_error_of_the_first_item_is_told(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct job job = {.failing = 301};
        struct pls_error err = {0};
        struct pls_lanes lanes = lanes_of(10000000);
        assert_int_equal(pls_crew_run(&lanes, ITEMS, mark, &job, &err), PLS_EIO);
        assert_string_equal(err.text, "item 303 cannot be read");
        pls_lanes_free(&lanes);
    }
}

static void what_nobody_wants_is_not_done(void **state)
{
    (void)state;
    struct job job = {.failing = ITEMS};
    struct pls_crew *crew = NULL;
    struct pls_error err;
    struct pls_lanes lanes = lanes_of(10000000);
    assert_ok(pls_crew_begin(&crew, &lanes, ITEMS, mark, &job, &err), &err);
    assert_ok(pls_crew_end(crew, true, &err), &err);
    int done = 0;
    for (size_t i = 0; i < ITEMS; i++)
        done += job.done[i];
    assert_true(done < ITEMS);
    pls_lanes_free(&lanes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once),
        cmocka_unit_test(the_error_of_the_first_item_is_told),
        cmocka_unit_test(what_nobody_wants_is_not_done),
    };
    return cmocka_run_group_tests_name("store.crew", tests, NULL, NULL);
}
