/*
 * exchange.c: which labels may be exchanged, and their random and numbered assignments.
 *
 * A unit is one row, or one cluster; a set is a run of units. Everything is found by sorting rows by
 * (set, unit, row), where set and unit are known by their first rows.
 */
#include "draws.h"

#include "plstrap/alloc.h"
#include "plstrap/design.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    uint32_t stratum; /* number of the stratum or, where its rows are exchanged, of the cluster */
    uint32_t size;    /* rows of the unit */
    uint32_t unit;    /* number of the unit */
    uint32_t row;
};

static int order(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->stratum != b->stratum)
        return a->stratum < b->stratum ? -1 : 1;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* Whether the rows of every unit that take part have one label. */
static bool labels_whole_units(const struct pls_design *design, const uint8_t *label)
{
    for (size_t u = 0; u < design->units; u++) {
        uint8_t found = PLS_NO_GROUP;
        for (size_t r = design->start[u]; r < design->start[u + 1]; r++) {
            const uint8_t own = label[design->row[r]];
            if (own == PLS_NO_GROUP)
                continue;
            if (found != PLS_NO_GROUP && own != found)
                return false;
            found = own;
        }
    }
    return true;
}

/* Rows that take part, sorted by set and unit; returns how many. */
static size_t sort_rows(size_t n, const struct pls_design *opt_design, const uint8_t *label,
                        struct entry *entry)
{
    size_t count = 0;
    for (size_t i = 0; opt_design == NULL && i < n; i++)
        if (label[i] != PLS_NO_GROUP)
            entry[count++] = (struct entry){0, 1, (uint32_t)i, (uint32_t)i};
    if (opt_design == NULL)
        return count;
    const bool whole = labels_whole_units(opt_design, label);
    for (size_t h = 0; h < opt_design->strata; h++)
        for (size_t u = opt_design->first[h]; u < opt_design->first[h + 1]; u++) {
            const size_t begin = count;
            for (size_t r = opt_design->start[u]; r < opt_design->start[u + 1]; r++) {
                const uint32_t row = opt_design->row[r];
                if (label[row] != PLS_NO_GROUP)
                    entry[count++] = whole ? (struct entry){(uint32_t)h, 0, (uint32_t)u, row}
                                           : (struct entry){(uint32_t)u, 1, row, row};
            }
            for (size_t i = begin; whole && i < count; i++)
                entry[i].size = (uint32_t)(count - begin);
        }
    qsort(entry, count, sizeof *entry, order);
    return count;
}

/* Arrangements of the labels of a set: product of binomial coefficients, exact while they fit. */
static void count_set(struct pls_exchange *exchange, struct pls_exchange_set *set)
{
    uint64_t exact = 1;
    uint64_t placed = 0;
    for (size_t k = set->kind; k < set->kind + set->kinds; k++)
        for (uint64_t i = 1; i <= exchange->count[k]; i++) {
            placed++;
            exchange->assignments_about *= (double)placed / (double)i;
            if (exact == 0)
                continue;
            /* not above 2^32 each: both are below it */
            exact = exact * placed / i;
            if (exact > PLS_MOST_ASSIGNMENTS)
                exact = 0;
        }
    set->assignments = exact;
    if (exact == 0 || exchange->assignments == 0)
        exchange->assignments = 0;
    else if (exchange->assignments > PLS_MOST_ASSIGNMENTS / exact)
        exchange->assignments = 0;
    else
        exchange->assignments *= exact;
}

/* Appends the units of the rows entry[0] … entry[count-1] as a set, if they have several labels. */
static void add_set(struct pls_exchange *exchange, const struct entry *entry, size_t count,
                    size_t *rows, size_t *kinds)
{
    size_t units[PLS_MOST_KINDS] = {0};
    struct pls_exchange_set set = {.first = exchange->units, .kind = *kinds};
    size_t row = *rows;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || entry[i].unit != entry[i - 1].unit) {
            exchange->start[exchange->units + set.units++] = row;
            units[exchange->observed[entry[i].row]]++;
        }
        exchange->row[row++] = entry[i].row;
    }
    for (size_t g = 0; g < PLS_MOST_KINDS; g++) {
        if (units[g] == 0)
            continue;
        exchange->label[set.kind + set.kinds] = (uint8_t)g;
        exchange->count[set.kind + set.kinds] = units[g];
        if (set.kinds == 0 || units[g] > exchange->count[set.most])
            set.most = set.kind + set.kinds;
        set.kinds++;
    }
    if (set.kinds < 2)
        return;
    exchange->units += set.units;
    exchange->start[exchange->units] = row;
    *rows = row;
    *kinds += set.kinds;
    count_set(exchange, &set);
    exchange->set[exchange->sets++] = set;
}

static void find_sets(struct pls_exchange *exchange, const struct entry *entry, size_t count)
{
    size_t rows = 0, kinds = 0, first = 0;
    exchange->assignments = 1;
    exchange->assignments_about = 1.0;
    for (size_t i = 1; i <= count; i++)
        if (i == count || entry[i].stratum != entry[first].stratum ||
            entry[i].size != entry[first].size) {
            add_set(exchange, entry + first, i - first, &rows, &kinds);
            first = i;
        }
}

static void give(const struct pls_exchange *exchange, size_t unit, uint8_t label, uint8_t *labels)
{
    for (size_t r = exchange->start[unit]; r < exchange->start[unit + 1]; r++)
        labels[exchange->row[r]] = label;
}

enum pls_code pls_exchange_new(size_t n, const struct pls_design *opt_design, const uint8_t *label,
                               const bool wanted[PLS_MOST_KINDS], struct pls_exchange **out_new,
                               struct pls_error *err)
{
    struct pls_exchange *exchange = NULL;
    struct entry *entry = NULL;
    enum pls_code code;
    if ((code = pls_alloc(&exchange, 1, sizeof *exchange, err)) != PLS_OK ||
        (code = pls_alloc(&entry, n, sizeof *entry, err)) != PLS_OK ||
        (code = pls_alloc(&exchange->set, n, sizeof *exchange->set, err)) != PLS_OK ||
        (code = pls_alloc(&exchange->start, n + 1, sizeof *exchange->start, err)) != PLS_OK ||
        (code = pls_alloc(&exchange->row, n, sizeof *exchange->row, err)) != PLS_OK ||
        (code = pls_alloc(&exchange->label, n, 1, err)) != PLS_OK ||
        (code = pls_alloc(&exchange->count, n, sizeof *exchange->count, err)) != PLS_OK ||
        (code = pls_alloc(&exchange->observed, n, 1, err)) != PLS_OK ||
        (code = pls_alloc(&exchange->frequent, n, 1, err)) != PLS_OK ||
        (code = pls_alloc(&exchange->shuffled, n, sizeof *exchange->shuffled, err)) != PLS_OK)
        goto done;
    exchange->n = n;
    for (size_t i = 0; i < n; i++)
        exchange->observed[i] = wanted[label[i]] ? label[i] : PLS_NO_GROUP;
    find_sets(exchange, entry, sort_rows(n, opt_design, exchange->observed, entry));
    if (exchange->sets == 0) {
        code = pls_fail(err, PLS_EDATA,
                        "nothing can be exchanged: within every stratum, all rows (or all clusters "
                        "of one size) are in one group; leave out data.strata or data.cluster, or "
                        "compare other groups");
        goto done;
    }
    memcpy(exchange->frequent, exchange->observed, n);
    for (size_t s = 0; s < exchange->sets; s++)
        for (size_t u = 0; u < exchange->set[s].units; u++)
            give(exchange, exchange->set[s].first + u, exchange->label[exchange->set[s].most],
                 exchange->frequent);
    *out_new = exchange;
    exchange = NULL;

done:
    pls_exchange_free(exchange);
    free(entry);
    return code;
}

void pls_exchange_free(struct pls_exchange *exchange)
{
    if (exchange == NULL)
        return;
    free(exchange->set);
    free(exchange->start);
    free(exchange->row);
    free(exchange->label);
    free(exchange->count);
    free(exchange->observed);
    free(exchange->frequent);
    free(exchange->shuffled);
    free(exchange);
}

/* A stream of 32-bit words. */
struct words {
    uint64_t seed, row;
    uint32_t cell, block, word[4];
    unsigned used;
};

/* Lemire (2019): uniform below bound. The remainder is wanted only where it could reject. */
static uint32_t below(struct words *words, uint32_t bound)
{
    for (;;) {
        if (words->used == 4) {
            pls_random_block(words->seed, PLS_PURPOSE_PERMUTATION, words->cell, words->row,
                             words->block++, words->word);
            words->used = 0;
        }
        const uint64_t product = (uint64_t)words->word[words->used++] * bound;
        const uint32_t low = (uint32_t)product;
        if (low >= bound || low >= (UINT32_MAX - bound + 1) % bound)
            return (uint32_t)(product >> 32);
    }
}

static void shuffle_set(const struct pls_exchange *exchange, const struct pls_exchange_set *set,
                        struct words *words, uint8_t *labels)
{
    uint32_t *unit = exchange->shuffled, t = 0;
    const uint32_t m = (uint32_t)set->units;
    for (uint32_t u = 0; u < m; u++)
        unit[u] = u;
    for (size_t k = set->kind; k < set->kind + set->kinds; k++) {
        if (k == set->most)
            continue;
        for (size_t i = 0; i < exchange->count[k]; i++, t++) {
            const uint32_t other = t + below(words, m - t), taken = unit[other];
            unit[other] = unit[t];
            unit[t] = taken;
            give(exchange, set->first + taken, exchange->label[k], labels);
        }
    }
}

void pls_permute_labels(uint64_t seed, uint64_t row, uint32_t cell, struct pls_exchange *exchange,
                        uint8_t *labels)
{
    struct words words = {.seed = seed, .row = row, .cell = cell, .used = 4};
    memcpy(labels, exchange->frequent, exchange->n);
    for (size_t s = 0; s < exchange->sets; s++)
        shuffle_set(exchange, &exchange->set[s], &words, labels);
}

/* Of `all` arrangements of the labels left, all * left[k] / units begin with label k. */
static void unrank_set(const struct pls_exchange *exchange, const struct pls_exchange_set *set,
                       uint64_t number, uint8_t *labels)
{
    size_t left[PLS_MOST_KINDS];
    uint64_t all = set->assignments;
    memcpy(left, exchange->count + set->kind, set->kinds * sizeof *left);
    for (size_t u = 0; u < set->units; u++) {
        size_t k = 0;
        uint64_t some = all * left[0] / (set->units - u);
        while (number >= some) {
            number -= some;
            k++;
            some = all * left[k] / (set->units - u);
        }
        all = some;
        left[k]--;
        give(exchange, set->first + u, exchange->label[set->kind + k], labels);
    }
}

void pls_assign_labels(uint64_t number, const struct pls_exchange *exchange, uint8_t *labels)
{
    memcpy(labels, exchange->observed, exchange->n);
    for (size_t s = exchange->sets; s-- > 0;) {
        const struct pls_exchange_set *set = &exchange->set[s];
        unrank_set(exchange, set, number % set->assignments, labels);
        number /= set->assignments;
    }
}
