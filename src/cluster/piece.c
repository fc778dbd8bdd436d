/*
 * piece.c: a range while it is computed, slice by slice, in the memory of the message that carries
 * it.
 */
#include "internal.h"

#include <string.h>

/*
 * Long enough to cost nothing, short enough that whoever waits for this rank's answer does not
 * notice.
 */
static const double slice_seconds = 3e-3;

static size_t outcome_bytes(uint64_t count)
{
    return ((size_t)count * sizeof(struct pls_outcome) + 7) / 8 * 8;
}

static size_t columns_of(const struct pls_work *work, const struct pls_range *range)
{
    return work->series[range->series].columns->count;
}

size_t pls_message_bytes(const struct pls_work *work)
{
    size_t largest = sizeof(struct pls_error);

    for (size_t s = 0; !work->counted && s < work->series_count; s++) {
        const size_t rows = pls_rows_at_most(work, s);
        const size_t bytes =
            outcome_bytes(rows) + rows * work->series[s].columns->count * sizeof(double);
        if (bytes > largest)
            largest = bytes;
    }
    return sizeof(struct pls_message) + largest;
}

size_t pls_message_length(const struct pls_work *work, const struct pls_message *message)
{
    const struct pls_range *range = &message->range;

    switch (message->kind) {
    case PLS_ROWS:
        if (work->counted)
            return sizeof *message;
        return sizeof *message + outcome_bytes(range->count) +
               (size_t)range->count * columns_of(work, range) * sizeof(double);
    case PLS_FAILURE:
        return sizeof *message + sizeof(struct pls_error);
    default:
        return sizeof *message;
    }
}

struct pls_outcome *pls_message_outcomes(struct pls_message *message)
{
    return (struct pls_outcome *)(message + 1);
}

double *pls_message_rows(struct pls_message *message)
{
    return (double *)(void *)((char *)(message + 1) + outcome_bytes(message->range.count));
}

void pls_piece_open(struct pls_piece *piece, const struct pls_range *range)
{
    *piece->message = (struct pls_message){.kind = PLS_ROWS, .range = *range};
    piece->rows_done = 0;
    piece->open = true;
}

/* The first measurements are of few rows and a cold cache: slices grow step by step. */
static double wanted_rows(const struct pls_pace *pace)
{
    if (pace->row_seconds == 0.0)
        return 1.0;
    const double rows = slice_seconds / pace->row_seconds, most = 8.0 * (double)pace->slice;
    return rows < most ? rows : most;
}

static size_t slice_rows(const struct pls_pace *pace, size_t grain, size_t left)
{
    const double wanted = wanted_rows(pace);
    if (wanted >= (double)left || left <= grain)
        return left;
    if (wanted <= (double)grain)
        return grain;
    const size_t rows = (size_t)wanted / grain * grain;
    /* Columns a multiple of 4 KiB apart would fight for the same lines of the cache. */
    return rows % 512 == 0 && rows > 8 ? rows - 8 : rows;
}

static void measured(struct pls_pace *pace, size_t rows, double seconds)
{
    const double latest = (seconds > 1e-9 ? seconds : 1e-9) / (double)rows;

    pace->row_seconds = pace->row_seconds == 0.0 ? latest : 0.5 * (pace->row_seconds + latest);
    pace->slice = rows;
}

/* Rows into the message, whose columns are as long as the whole range. */
static enum pls_code compute_kept(struct pls_piece *piece, const struct pls_work *work, size_t rows,
                                  double *scratch, struct pls_error *err)
{
    const struct pls_range *range = &piece->message->range;
    const size_t whole = (size_t)range->count, done = piece->rows_done;
    double *const to = pls_message_rows(piece->message);
    double *const slice = rows == whole ? to : scratch;

    const enum pls_code code =
        work->replicate(work->state, range->series, range->first + done, rows, slice,
                        pls_message_outcomes(piece->message) + done, err);
    for (size_t c = 0; code == PLS_OK && slice != to && c < columns_of(work, range); c++)
        memcpy(to + c * whole + done, slice + c * rows, rows * sizeof(double));
    return code;
}

enum pls_code pls_piece_slice(struct pls_piece *piece, const struct pls_work *work,
                              struct pls_pace *pace, double *scratch, struct pls_error *err)
{
    const struct pls_range *range = &piece->message->range;
    const size_t left = (size_t)range->count - piece->rows_done;
    const size_t rows = slice_rows(pace, work->grain > 0 ? work->grain : 1, left);

    const double start = pls_now();
    const enum pls_code code =
        work->counted ? work->replicate(work->state, range->series, range->first + piece->rows_done,
                                        rows, NULL, NULL, err)
                      : compute_kept(piece, work, rows, scratch, err);
    if (code != PLS_OK)
        return code;
    measured(pace, rows, pls_now() - start);
    piece->rows_done += rows;
    return PLS_OK;
}

bool pls_piece_is_full(const struct pls_piece *piece)
{
    return piece->rows_done == piece->message->range.count;
}

void pls_piece_close(struct pls_piece *piece, const struct pls_work *work)
{
    struct pls_message *message = piece->message;
    const size_t whole = (size_t)message->range.count;
    const size_t done = piece->rows_done;

    piece->open = false;
    if (done == whole)
        return;
    if (work->counted) {
        message->range.count = done;
        return;
    }
    const double *from = pls_message_rows(message);
    message->range.count = done;
    double *to = pls_message_rows(message);
    for (size_t c = 0; c < columns_of(work, &message->range); c++) /* downwards only: in order */
        memmove(to + c * done, from + c * whole, done * sizeof(double));
}
