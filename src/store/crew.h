/*
 * crew.h: threads that share out the reading of a file's rows: SHA-256 goes through 2 GB a second,
 * and the rows of a large job are read three times before they get their name.
 */
#ifndef PLSTRAP_STORE_CREW_H
#define PLSTRAP_STORE_CREW_H

#include "lanes.h"

/* Does one item; own are the lanes with a buffer and sums that no other thread uses. */
typedef enum pls_code pls_crew_fn(void *self, const struct pls_lanes *own, size_t item,
                                  struct pls_error *err);

struct pls_crew;

/*
 * Begins to do items 0 … items-1, each once, in any order, side by side. Threads are as many as there
 * are processors and as the bytes of the rows are worth; where the system grants none, all is done
 * when this returns.
 *
 *   lanes, self  in  stay until pls_crew_end; what fn changes is of its item alone
 */
enum pls_code pls_crew_begin(struct pls_crew **out_new, const struct pls_lanes *lanes, size_t items,
                             pls_crew_fn *fn, void *self, struct pls_error *err);

/* Waits until all is done, or with `drop` for what is being done. An error is that of the first item. */
enum pls_code pls_crew_end(struct pls_crew *crew, bool drop, struct pls_error *err);

/* Both at once. */
enum pls_code pls_crew_run(const struct pls_lanes *lanes, size_t items, pls_crew_fn *fn, void *self,
                           struct pls_error *err);

#endif
