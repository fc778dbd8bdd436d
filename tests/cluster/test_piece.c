/* test_piece.c: a range in slices is the range computed at once, also when it is cut short. */
#include "check.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 5, ROWS = 1000 };
static const struct pls_columns five = {.count = COLUMNS};
static const struct pls_series series[] = {{"five", ROWS, &five}};

static double value_of(uint64_t row, size_t column)
{
    return (double)row + 10000.0 * (double)column;
}

/* Notes the largest slice; *state is a time per row in ns. */
struct seen {
    long row_ns;
    size_t calls;
    size_t largest;
    uint64_t fails_at; /* row, 0: never */
};

static enum pls_code replicate(void *state, size_t s, uint64_t first, size_t count, double *rows,
                               struct pls_outcome *outcomes, struct pls_error *err)
{
    struct seen *seen = state;
    const struct timespec t = {.tv_nsec = seen->row_ns * (long)count};

    assert_int_equal(s, 0);
    if (seen->fails_at != 0 && first + count > seen->fails_at)
        return pls_fail(err, PLS_EUNAVAILABLE, "no memory at row %d", (int)seen->fails_at);
    seen->calls++;
    seen->largest = count > seen->largest ? count : seen->largest;
    if (seen->row_ns)
        nanosleep(&t, NULL);
    for (size_t i = 0; i < count; i++) {
        outcomes[i] = (struct pls_outcome){.iterations = (uint16_t)(first + i)};
        for (size_t c = 0; c < COLUMNS; c++)
            rows[c * count + i] = value_of(first + i, c);
    }
    return PLS_OK;
}

struct room {
    struct seen seen;
    struct pls_work work;
    struct pls_piece piece;
    double *scratch;
    struct pls_pace pace;
};

static int make_room(void **state)
{
    struct room *room = calloc(1, sizeof *room);

    room->work = (struct pls_work){
        .series = series, .series_count = 1, .replicate = replicate, .state = &room->seen};
    room->piece.message = malloc(pls_message_bytes(&room->work));
    room->scratch = malloc(pls_message_bytes(&room->work));
    *state = room;
    return 0;
}

static int clear_room(void **state)
{
    struct room *room = *state;

    free(room->piece.message);
    free(room->scratch);
    free(room);
    return 0;
}

static void assert_rows(struct pls_message *message, uint64_t first, uint64_t count)
{
    const double *rows = pls_message_rows(message);

    assert_int_equal(message->range.first, first);
    assert_int_equal(message->range.count, count);
    for (uint64_t i = 0; i < count; i++) {
        assert_int_equal(pls_message_outcomes(message)[i].iterations, first + i);
        for (size_t c = 0; c < COLUMNS; c++)
            assert_true(rows[c * count + i] == value_of(first + i, c));
    }
}

static void slices_make_the_whole_range(void **state)
{
    struct room *room = *state;
    const struct pls_range range = {0, 3, 997};
    struct pls_error err;

    pls_piece_open(&room->piece, &range);
    while (!pls_piece_is_full(&room->piece))
        assert_ok(pls_piece_slice(&room->piece, &room->work, &room->pace, room->scratch, &err),
                  &err);
    pls_piece_close(&room->piece, &room->work);
    assert_true(room->seen.calls > 1); /* the first is one row, to see how long it takes */
    assert_rows(room->piece.message, 3, 997);
}

static void slices_stay_short_where_rows_are_slow(void **state)
{
    struct room *room = *state;
    const struct pls_range range = {0, 0, 60};
    struct pls_error err;

    room->seen.row_ns = 1000000;
    pls_piece_open(&room->piece, &range);
    while (!pls_piece_is_full(&room->piece))
        assert_ok(pls_piece_slice(&room->piece, &room->work, &room->pace, room->scratch, &err),
                  &err);
    assert_true(room->seen.largest <= 3);
}

static void what_is_done_can_be_cut_off_anywhere(void **state)
{
    struct room *room = *state;
    const struct pls_range range = {0, 11, 777};
    struct pls_error err;

    for (size_t slices = 1; slices < 5; slices++) {
        room->pace = (struct pls_pace){0};
        pls_piece_open(&room->piece, &range);
        for (size_t i = 0; i < slices; i++)
            assert_ok(pls_piece_slice(&room->piece, &room->work, &room->pace, room->scratch, &err),
                      &err);
        const uint64_t done = room->piece.rows_done;
        assert_true(done >= slices);
        pls_piece_close(&room->piece, &room->work);
        assert_false(room->piece.open);
        assert_rows(room->piece.message, 11, done);
        assert_true(pls_message_length(&room->work, room->piece.message) <=
                    pls_message_bytes(&room->work));
    }
}

static void an_error_is_passed_on(void **state)
{
    struct room *room = *state;
    const struct pls_range range = {0, 0, 100};
    struct pls_error err;

    room->seen.fails_at = 50;
    pls_piece_open(&room->piece, &range);
    enum pls_code code = PLS_OK;
    for (int i = 0; i < 100 && code == PLS_OK; i++)
        code = pls_piece_slice(&room->piece, &room->work, &room->pace, room->scratch, &err);
    assert_int_equal(code, PLS_EUNAVAILABLE);
    assert_string_equal(err.text, "no memory at row 50");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slices_make_the_whole_range, make_room, clear_room),
        cmocka_unit_test_setup_teardown(slices_stay_short_where_rows_are_slow, make_room,
                                        clear_room),
        cmocka_unit_test_setup_teardown(what_is_done_can_be_cut_off_anywhere, make_room,
                                        clear_room),
        cmocka_unit_test_setup_teardown(an_error_is_passed_on, make_room, clear_room),
    };
    return cmocka_run_group_tests_name("cluster.piece", tests, NULL, NULL);
}
