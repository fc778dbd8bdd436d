/* bench_print.h: what `plstrap bench` prints: text as it comes, or one JSON object at the end. */
#ifndef PLSTRAP_BENCH_PRINT_H
#define PLSTRAP_BENCH_PRINT_H

#include "commands.h"

#include "bench/bench.h"

#include <jansson.h>

/* Starts as {.json = …}. */
struct bench_output {
    bool json;
    json_t *root;
};

enum pls_code bench_print_head(struct bench_output *out, const struct pls_bench_setup *setup,
                               int ranks, struct pls_error *err);
enum pls_code bench_print_case(struct bench_output *out, const struct pls_bench *bench,
                               const char *name, struct pls_error *err);
/* The last: of JSON all is printed now. */
/* first: of its case; ns: of a bootstrap replicate of the same answers */
enum pls_code bench_print_permuting(struct bench_output *out, const struct pls_permuting *of,
                                    double ns, bool first, struct pls_error *err);
enum pls_code bench_print_scaling(struct bench_output *out, const struct pls_scaling *scaling,
                                  size_t count, struct pls_error *err);
void bench_print_free(struct bench_output *out);

#endif
