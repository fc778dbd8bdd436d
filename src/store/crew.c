/* crew.c: threads that take items one after the other. */
#include "crew.h"

#include "plstrap/alloc.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_THREADS = 8, WORTH_A_THREAD = 1 << 20 };

struct hand {
    struct pls_crew *crew;
    struct pls_lanes own;
    pthread_t thread;
    enum pls_code code; /* of the first item that failed */
    size_t item;
    struct pls_error error;
};

struct pls_crew {
    size_t items;
    pls_crew_fn *fn;
    void *self;
    atomic_size_t next;
    atomic_bool ending; /* nobody wants the rest */
    struct hand hand[MOST_THREADS];
    size_t hands;
    size_t running;
};

static void *work(void *self)
{
    struct hand *hand = self;
    struct pls_crew *crew = hand->crew;
    while (!atomic_load(&crew->ending)) {
        const size_t item = atomic_fetch_add(&crew->next, 1);
        if (item >= crew->items)
            break;
        struct pls_error error;
        const enum pls_code code = crew->fn(crew->self, &hand->own, item, &error);
        if (code != PLS_OK && hand->code == PLS_OK) {
            hand->code = code;
            hand->item = item;
            hand->error = error;
        }
    }
    return NULL;
}

static size_t hands_for(const struct pls_lanes *lanes, size_t items)
{
    uint64_t bytes = 0;
    for (size_t s = 0; s < lanes->series_count; s++)
        for (size_t run = 0; run < PLS_RUNS; run++)
            bytes += pls_lanes_bytes(lanes, s, run);
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t hands = processors > 0 ? (size_t)processors : 1;
    if (hands > MOST_THREADS)
        hands = MOST_THREADS;
    if (hands > items)
        hands = items;
    if (hands > 1 + bytes / WORTH_A_THREAD)
        hands = (size_t)(1 + bytes / WORTH_A_THREAD);
    return hands;
}

static enum pls_code add_hand(struct pls_crew *crew, const struct pls_lanes *lanes,
                              struct pls_error *err)
{
    struct hand *hand = &crew->hand[crew->hands++];
    *hand = (struct hand){.crew = crew, .own = *lanes};
    hand->own.buffer = NULL;
    hand->own.sums = NULL;
    enum pls_code code = pls_alloc(&hand->own.buffer, PLS_BLOCK_ROWS, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&hand->own.sums, pls_lanes_number(lanes), sizeof *hand->own.sums, err);
    return code;
}

static enum pls_code new_crew(struct pls_crew **out_new, const struct pls_lanes *lanes,
                              size_t items, pls_crew_fn *fn, void *self, struct pls_error *err)
{
    struct pls_crew *crew = NULL;
    enum pls_code code = pls_alloc(&crew, 1, sizeof *crew, err);
    if (code != PLS_OK)
        return code;
    crew->items = items;
    crew->fn = fn;
    crew->self = self;
    atomic_init(&crew->next, 0);
    atomic_init(&crew->ending, false);
    for (size_t hands = hands_for(lanes, items); code == PLS_OK && crew->hands < hands;)
        code = add_hand(crew, lanes, err);
    if (code != PLS_OK) {
        pls_crew_end(crew, true, NULL);
        return code;
    }
    *out_new = crew;
    return PLS_OK;
}

/* Signals are for the program's own thread. */
static void start_threads(struct pls_crew *crew)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return;
    while (crew->running < crew->hands && pthread_create(&crew->hand[crew->running].thread, NULL,
                                                         work, &crew->hand[crew->running]) == 0)
        crew->running++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

enum pls_code pls_crew_begin(struct pls_crew **out_new, const struct pls_lanes *lanes, size_t items,
                             pls_crew_fn *fn, void *self, struct pls_error *err)
{
    enum pls_code code = new_crew(out_new, lanes, items, fn, self, err);
    if (code != PLS_OK)
        return code;
    start_threads(*out_new);
    if ((*out_new)->running == 0 && (*out_new)->hands > 0)
        work(&(*out_new)->hand[0]);
    return PLS_OK;
}

enum pls_code pls_crew_end(struct pls_crew *crew, bool drop, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    size_t item = 0;
    if (drop)
        atomic_store(&crew->ending, true);
    while (crew->running > 0)
        pthread_join(crew->hand[--crew->running].thread, NULL);
    for (size_t i = 0; i < crew->hands; i++) {
        const struct hand *hand = &crew->hand[i];
        if (hand->code != PLS_OK && (code == PLS_OK || hand->item < item)) {
            code = hand->code;
            item = hand->item;
            if (err != NULL)
                *err = hand->error;
        }
        free(hand->own.buffer);
        free(hand->own.sums);
    }
    free(crew);
    return code;
}

enum pls_code pls_crew_run(const struct pls_lanes *lanes, size_t items, pls_crew_fn *fn, void *self,
                           struct pls_error *err)
{
    struct pls_crew *crew = NULL;
    enum pls_code code = new_crew(&crew, lanes, items, fn, self, err);
    if (code != PLS_OK)
        return code;
    if (crew->hands > 1)
        start_threads(crew);
    if (crew->running == 0 && crew->hands > 0)
        work(&crew->hand[0]);
    return pls_crew_end(crew, false, err);
}
