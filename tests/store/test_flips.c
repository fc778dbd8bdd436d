/*
 * test_flips.c: what a run takes over from damaged files is always what was put: ten thousand flipped
 * bits in journals and in the rows that they speak of, and files cut at any length.
 */
#include "sample.h"

#ifdef __SANITIZE_ADDRESS__
#define SHARE 5 /* it is ten times slower */
#else
#define SHARE 1
#endif

enum { ROWS = 300, OTHERS = 20, PIECES = 20, FLIPS = 5000 / SHARE };

/* A run that ended early, and its two files as bytes. */
struct remains {
    struct sample sample;
    char *journal;
    char *part;
    size_t journal_length;
    size_t part_length;
    uint64_t missing; /* rows that were never computed */
};

static void leave(struct remains *remains)
{
    *remains = (struct remains){.missing = ROWS + OTHERS};
    sample_make(&remains->sample, ROWS);
    struct pls_store *store = sample_open(&remains->sample, "a.h5");
    sample_fill(store, 10, 9, PIECES);
    pls_store_close(store, true);
    remains->journal =
        sample_bytes(sample_path(&remains->sample, "a.h5.journal"), &remains->journal_length);
    remains->part = sample_bytes(sample_path(&remains->sample, "a.h5.part"), &remains->part_length);
    remains->missing -= (uint64_t)10 * PIECES;
}

static void clean(struct remains *remains)
{
    sample_clean(&remains->sample);
    free(remains->journal);
    free(remains->part);
}

static void check_rows(const struct pls_rows *rows, size_t series, uint64_t first, uint64_t end)
{
    double values[ROWS];
    struct pls_outcome outcomes[ROWS];
    struct pls_error err;
    const size_t count = (size_t)(end - first);
    if (count == 0)
        return;
    for (size_t c = 0; c < SAMPLE_COLUMNS; c++) {
        assert_ok(pls_rows_column(rows, series, c, first, count, values, &err), &err);
        for (size_t i = 0; i < count; i++)
            assert_close(values[i], sample_value(series, first + i, c), 0.0);
    }
    assert_ok(pls_rows_outcomes(rows, series, first, count, outcomes, &err), &err);
    for (size_t i = 0; i < count; i++) {
        const struct pls_outcome expected = sample_outcome(series, first + i);
        assert_memory_equal(&outcomes[i], &expected, sizeof expected);
    }
}

/* Every row that is not to be computed must be the one that was put; returns those that are. */
static uint64_t check_taken(struct pls_store *store, const struct sample *sample)
{
    const struct pls_rows rows = {.store = store};
    struct pls_range *todo = NULL;
    size_t count = 0;
    struct pls_error err;
    uint64_t missing = 0;
    assert_ok(pls_store_todo(store, &todo, &count, &err), &err);
    for (size_t s = 0; s < 2; s++) {
        uint64_t from = 0;
        for (size_t i = 0; i < count; i++)
            if (todo[i].series == s) {
                check_rows(&rows, s, from, todo[i].first);
                from = todo[i].first + todo[i].count;
                missing += todo[i].count;
            }
        check_rows(&rows, s, from, sample->series[s].count);
    }
    free(todo);
    return missing;
}

/* Rows that a run from these files would compute; UINT64_MAX where it refuses them as damaged. */
static uint64_t resume(const struct remains *remains, size_t journal_length, size_t part_length)
{
    const struct sample *sample = &remains->sample;
    struct pls_store *store = NULL;
    struct pls_error err;
    sample_write(sample_path(sample, "a.h5.journal"), remains->journal, journal_length);
    sample_write(sample_path(sample, "a.h5.part"), remains->part, part_length);
    const enum pls_code code =
        pls_store_open(sample_path(sample, "a.h5"), &sample->contents, false, &store, &err);
    if (code != PLS_OK) {
        assert_int_equal(code, PLS_EDATA);
        return UINT64_MAX;
    }
    const uint64_t missing = check_taken(store, sample);
    pls_store_close(store, true);
    return missing;
}

static size_t random_below(uint64_t *state, size_t bound)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)((*state >> 33) % bound);
}

static uint64_t resume_flipped(struct remains *remains, char *bytes, size_t at, size_t bit)
{
    bytes[at] = (char)(bytes[at] ^ (1 << bit));
    const uint64_t missing = resume(remains, remains->journal_length, remains->part_length);
    bytes[at] = (char)(bytes[at] ^ (1 << bit));
    return missing;
}

static void every_flipped_bit_of_a_journal_is_noticed(void **state)
{
    (void)state;
    struct remains remains;
    uint64_t dice = 1;
    size_t refused = 0;
    leave(&remains);
    assert_int_equal(resume(&remains, remains.journal_length, remains.part_length),
                     remains.missing);
    for (size_t flip = 0; flip < FLIPS; flip++) {
        const size_t at = random_below(&dice, remains.journal_length);
        const uint64_t missing =
            resume_flipped(&remains, remains.journal, at, random_below(&dice, 8));
        assert_true(missing > remains.missing); /* refused, or the rows of a record */
        refused += missing == UINT64_MAX;
    }
    assert_in_range(refused, FLIPS / 10, FLIPS * 9 / 10);
    clean(&remains);
}

static void no_flipped_bit_of_a_row_is_taken_over(void **state)
{
    (void)state;
    struct remains remains;
    uint64_t dice = 2;
    size_t noticed = 0;
    leave(&remains);
    for (size_t flip = 0; flip < FLIPS; flip++) {
        const size_t at = random_below(&dice, remains.part_length);
        const uint64_t missing = resume_flipped(&remains, remains.part, at, random_below(&dice, 8));
        /* One piece at most; what HDF5 wrote of the file, and rows that are not there, do not count. */
        assert_true(missing == remains.missing || missing == remains.missing + 10);
        noticed += missing > remains.missing;
    }
    assert_in_range(noticed, FLIPS / 10, FLIPS);
    clean(&remains);
}

static void files_cut_at_any_length_lose_only_what_is_cut(void **state)
{
    (void)state;
    struct remains remains;
    uint64_t before = ROWS + OTHERS;
    size_t refused = 0;
    leave(&remains);
    for (size_t length = 1; length <= remains.journal_length; length++) {
        const uint64_t missing = resume(&remains, length, remains.part_length);
        refused += missing == UINT64_MAX;
        assert_true(missing == UINT64_MAX ? refused == length : missing <= before);
        if (missing != UINT64_MAX)
            before = missing;
    }
    assert_int_equal(before, remains.missing);
    before = ROWS + OTHERS;
    for (size_t length = 0; length <= remains.part_length; length += 5) {
        const uint64_t missing = resume(&remains, remains.journal_length, length);
        assert_true(missing <= before);
        before = missing;
    }
    assert_in_range(before, remains.missing, remains.missing + 10);
    clean(&remains);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_of_a_journal_is_noticed),
        cmocka_unit_test(no_flipped_bit_of_a_row_is_taken_over),
        cmocka_unit_test(files_cut_at_any_length_lose_only_what_is_cut),
    };
    /* Where syncing costs nothing, if there is such a place: a store syncs as it is opened. */
    if (chdir("/dev/shm") != 0)
        print_message("files are on the disk\n");
    return cmocka_run_group_tests_name("store.flips", tests, NULL, NULL);
}
