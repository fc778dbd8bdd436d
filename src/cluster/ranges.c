/*
 * ranges.c: how much is handed out at a time.
 *
 * Guided self-scheduling (Polychronopoulos & Kuck 1987, with a quarter instead of the whole share):
 * large ranges at first, small ones at the end, so that all ranks end together. Bounded by memory,
 * by time (a stop and the progress bar want results soon; the root serves about 13,000 messages a
 * second over loopback TCP) and from below by what makes a message worth sending.
 */
#include "internal.h"

/* Columns of a range become one write each: disks like them long. */
static const size_t guided_bytes = (size_t)1 << 22;
static const size_t fixed_bytes = (size_t)1 << 26;

size_t pls_rows_at_most(const struct pls_work *work, size_t series)
{
    const struct pls_series *s = &work->series[series];
    if (work->counted)
        return s->count > 0 ? (size_t)s->count : 1;
    const size_t row_bytes = s->columns->count * sizeof(double) + sizeof(struct pls_outcome);
    uint64_t rows = (work->chunk ? fixed_bytes : guided_bytes) / row_bytes;

    if (work->chunk && rows > work->chunk)
        rows = work->chunk;
    if (!work->chunk && rows < work->grain)
        rows = work->grain;
    if (rows > s->count)
        rows = s->count;
    return rows ? (size_t)rows : 1;
}

/* As long as nobody knows whether a row takes a microsecond or a minute. */
static const double first_rows = 16.0;

static uint64_t guided_rows(uint64_t left, int ranks, double row_seconds)
{
    double rows = (double)left / (4.0 * ranks);

    if (row_seconds == 0.0) {
        if (rows > first_rows)
            rows = first_rows;
    } else {
        const double least = 1e-3 / row_seconds;
        const double most = (0.1 + 1e-3 * ranks) / row_seconds;
        if (rows > most)
            rows = most;
        if (rows < least)
            rows = least;
    }
    if (rows >= (double)left)
        return left;
    return rows < 1.0 ? 1 : (uint64_t)rows;
}

bool pls_ranges_take(struct pls_ranges *ranges, const struct pls_work *work, int ranks,
                     double row_seconds, struct pls_range *out)
{
    while (ranges->at < ranges->count && ranges->taken == ranges->todo[ranges->at].count) {
        ranges->at++;
        ranges->taken = 0;
    }
    if (ranges->at == ranges->count)
        return false;

    const struct pls_range *from = &ranges->todo[ranges->at];
    const uint64_t most = pls_rows_at_most(work, from->series);
    const uint64_t step = work->unit > work->grain ? work->unit : work->grain;
    uint64_t rows = work->chunk ? work->chunk : guided_rows(ranges->left, ranks, row_seconds);
    if (work->chunk == 0 && step > 1)
        rows = rows > step ? rows - rows % step : step;
    if (rows > most)
        rows = most;
    if (rows > from->count - ranges->taken)
        rows = from->count - ranges->taken;

    *out = (struct pls_range){
        .series = from->series, .first = from->first + ranges->taken, .count = rows};
    ranges->taken += rows;
    ranges->left -= rows;
    return true;
}
