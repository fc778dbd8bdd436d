/*
 * within_shuffle.c: uniform permutations of the units of a design inside its strata, random or
 * numbered.
 *
 * Fisher-Yates from the last unit to the second: a digit d below m, uniform, exchanges the m-th unit
 * with the (m-d)-th, so that digits 0 are the identity. Random digits are cut from 32-bit words, as
 * many from one as the product of their bounds allows (Brackett-Rozinsky & Lemire 2024: multiply by
 * one bound after the other, keep the high part; reject the word by the last low part).
 */
#include "within_internal.h"

#include "plstrap/random.h"

static const uint64_t word_range = (uint64_t)1 << 32;

struct stream {
    uint64_t seed, row;
    uint32_t cell, block, word[4];
    unsigned used; /* words */
};

static uint32_t next_word(struct stream *stream)
{
    if (stream->used == 4) {
        pls_random_block(stream->seed, PLS_PURPOSE_WITHIN, stream->cell, stream->row,
                         stream->block++, stream->word);
        stream->used = 0;
    }
    return stream->word[stream->used++];
}

/* Digits below m, m-1, …, m-count+1, whose product is at most 2^32. */
static void draw_digits(struct stream *stream, size_t m, size_t count, uint64_t product,
                        uint32_t *digit)
{
    for (;;) {
        uint64_t low = next_word(stream);
        for (size_t i = 0; i < count; i++) {
            const uint64_t wide = low * (m - i);
            digit[i] = (uint32_t)(wide >> 32);
            low = wide & (word_range - 1);
        }
        if (low >= product || low >= word_range % product)
            return;
    }
}

static void exchange(uint32_t *order, size_t m, uint32_t digit)
{
    const uint32_t last = order[m - 1];
    order[m - 1] = order[m - 1 - digit];
    order[m - 1 - digit] = last;
}

static void shuffle_random(struct stream *stream, uint32_t *order, size_t units)
{
    uint32_t digit[32];
    for (size_t m = units; m > 1;) {
        uint64_t product = m;
        size_t count = 1;
        while (m - count > 1 && product * (m - count) <= word_range)
            product *= m - count++;
        draw_digits(stream, m, count, product, digit);
        for (size_t i = 0; i < count; i++, m--)
            exchange(order, m, digit[i]);
    }
}

/* Takes its digits from *number, the first one fastest. */
static void shuffle_numbered(uint64_t *number, uint32_t *order, size_t units)
{
    for (size_t m = units; m > 1; m--) {
        exchange(order, m, (uint32_t)(*number % m));
        *number /= m;
    }
}

static void place(const struct pls_design *design, size_t stratum, const uint32_t *order,
                  uint32_t *pi)
{
    const size_t first = design->first[stratum];
    for (size_t u = first; u < design->first[stratum + 1]; u++) {
        const uint32_t *to = design->row + design->start[u];
        const uint32_t *from = design->row + design->start[order[u - first]];
        for (size_t i = 0; i < design->start[u + 1] - design->start[u]; i++)
            pi[to[i]] = from[i];
    }
}

void pls_within_shuffle(const struct pls_within *within, size_t j, uint64_t row, uint32_t *order,
                        uint32_t *pi)
{
    const struct pls_design *design = within->settings.opt_design;
    struct stream stream = {
        .seed = within->settings.seed, .row = row, .cell = (uint32_t)j, .used = 4};
    const size_t strata = design == NULL ? 1 : design->strata;
    for (size_t h = 0; h < strata; h++) {
        const size_t first = design == NULL ? 0 : design->first[h];
        const size_t units = design == NULL ? within->n : design->first[h + 1] - first;
        uint32_t *to = design == NULL ? pi : order;
        for (size_t u = 0; u < units; u++)
            to[u] = (uint32_t)(first + u);
        if (within->settings.exact)
            shuffle_numbered(&row, to, units);
        else
            shuffle_random(&stream, to, units);
        if (design != NULL)
            place(design, h, order, pi);
    }
}

uint64_t pls_within_assignments(size_t n, const struct pls_design *opt_design)
{
    const size_t strata = opt_design == NULL ? 1 : opt_design->strata;
    uint64_t count = 1;
    for (size_t h = 0; h < strata; h++) {
        const size_t units =
            opt_design == NULL ? n : opt_design->first[h + 1] - opt_design->first[h];
        for (size_t m = 2; m <= units; m++) {
            if (count > (uint64_t)INT64_MAX / m)
                return 0;
            count *= m;
        }
    }
    return count;
}

enum pls_code pls_within_check_design(size_t n, const struct pls_design *opt_design,
                                      struct pls_error *err)
{
    if (pls_within_assignments(n, opt_design) == 1)
        return pls_fail(
            err, PLS_EDATA,
            "nothing can be exchanged: every stratum has a single row or cluster; leave "
            "out data.strata or data.cluster");
    if (opt_design == NULL)
        return PLS_OK;
    for (size_t h = 0; h < opt_design->strata; h++)
        for (size_t u = opt_design->first[h] + 1; u < opt_design->first[h + 1]; u++)
            if (opt_design->start[u + 1] - opt_design->start[u] !=
                opt_design->start[u] - opt_design->start[u - 1])
                return pls_fail(
                    err, PLS_EDATA,
                    "clusters of %zu and of %zu rows cannot be exchanged; permutation "
                    "within one sample needs clusters of one size in each stratum: give "
                    "their size as data.strata, or leave out data.cluster",
                    opt_design->start[u] - opt_design->start[u - 1],
                    opt_design->start[u + 1] - opt_design->start[u]);
    return PLS_OK;
}
