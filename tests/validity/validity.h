/*
 * validity.h: how often the p-values reject, by simulation: shared by the files of the program.
 *
 * A case is a pair of populations (or three, or one), a hypothesis of each of whose parameters it is
 * known whether it is true. Samples and permutations are functions of (seed, number of the sample).
 */
#ifndef PLSTRAP_TESTS_VALIDITY_H
#define PLSTRAP_TESTS_VALIDITY_H

#include "plstrap/error.h"
#include "plstrap/estimator.h"
#include "plstrap/kernels.h"
#include "plstrap/model.h"
#include "plstrap/population.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEVELS = 3, MOST_GROUPS = 3, MOST_INDICATORS = 16, MOST_LINES = 256 };
extern const double level[LEVELS];

enum distribution { NORMAL, SKEWED, LIKERT };

/* One population. */
struct population {
    double paths[3];    /* M~X, Y~X, Y~M; of two constructs only the first */
    double x_weight[3]; /* of X's indicators; {0}: equal                   */
    double shift;       /* of Y's indicators, in their standard deviations */
    double scale;       /* of X's indicators; 0: 1                         */
};

enum kind { GROUPS, STUDENTISED, WITHIN };

struct scenario {
    const char *name;
    enum kind kind;
    const char *model;
    size_t groups;
    struct population of[MOST_GROUPS];
    unsigned share[MOST_GROUPS]; /* group sizes n share/Σshare */
    size_t permutations; /* and bootstrap replicates; level (permutations + 1) is a whole number */
};

/* What is asked for. */
struct run {
    const struct scenario *scenario;
    enum distribution distribution;
    size_t n, samples, permutations;
    uint64_t seed;
    enum pls_isa isa;
    struct pls_model *model;
    struct pls_estimation_keys keys;
    struct pls_generator *generator[MOST_GROUPS];
    size_t size[MOST_GROUPS];
    uint8_t *of; /* [n] */
};

/* Counts of rejections: a line is a p-value of a parameter. */
struct line {
    char test[32], parameter[32];
    bool known, null; /* whether it is known if the hypothesis is true, and whether it is */
    double effect;    /* where known */
    uint64_t rejected[LEVELS];
    uint64_t used;
};

struct ledger {
    size_t count;
    struct line line[MOST_LINES];
    uint64_t failed; /* samples that could not be estimated */
};

/* Adds p to the line of that name, which is made where there is none; NaN is not used. */
void ledger_add(struct ledger *ledger, const char *test, const char *parameter, double p);

const struct scenario *scenario_named(const char *name);
void scenario_list(void);

/* Populations of the run; of, size and keys are filled as well. */
enum pls_code run_prepare(struct run *run, struct pls_error *err);
void run_free(struct run *run);
/* A sample: values [n][p] of all groups, one behind the other. */
void run_sample(const struct run *run, uint64_t sample, double *values);

/* Marks the lines whose truth is known. */
void truth_fill(const struct run *run, struct ledger *ledger);

/* One sample's p-values into the ledger. */
enum pls_code groups_sample(const struct run *run, uint64_t sample, const double *values,
                            struct ledger *ledger, struct pls_error *err);
enum pls_code within_sample(const struct run *run, uint64_t sample, const double *values,
                            struct ledger *ledger, struct pls_error *err);

/* Index of the column, or an abort: the program's own mistake. */
size_t column_named(const struct pls_columns *columns, enum pls_component component,
                    const char *term);

#endif
