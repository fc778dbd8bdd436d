/*
 * permuted.h: what the pages of the job permute share (permuted.c, invariance.c, multigroup.c,
 * within.c).
 *
 * Private to the room. The tables hold a block of rows a comparison; an undecided p is marked "?",
 * and the row's note says what would decide it.
 */
#ifndef PLSTRAP_REPORT_PERMUTED_H
#define PLSTRAP_REPORT_PERMUTED_H

#include "view.h"

/* Two groups, or all of them. */
struct comparison {
    const char *name; /* as in the tables */
    char title[2 * VIEW_NAME + 8];
    char first[VIEW_NAME], second[VIEW_NAME]; /* names of the groups, printable */
};

/* The rows of one comparison in one table; other rows may lie between. */
struct block {
    const struct pls_table *table;
    const struct comparison *comparison;
    size_t first, end;
};

struct block permuted_block(const struct pls_table *table, const struct comparison *comparison);

/* The first row of the block from `row` on, of this component unless it is NULL; or the end. */
size_t permuted_next(const struct block *block, size_t row, const char *opt_component);

/* Whether any row of the block, of this component unless it is NULL, has a number there. */
bool permuted_has(const struct block *block, const char *opt_component, const char *column);

/* "MICOM step 2, A - B: what" */
void permuted_print(struct layout *table, const struct comparison *comparison, const char *lead,
                    const char *what);

/* A p and what goes with it: columns NAME, its interval by Monte Carlo, its certainty. */
struct p_columns {
    const char *p, *low, *high, *certainty;
};
extern const struct p_columns permuted_p_value;

bool permuted_undecided(const struct view *view, const struct pls_table *table, size_t row,
                        const struct p_columns *columns);

/* A p of permutations is never 0, and never printed as such. */
const char *permuted_p(const struct view *view, double p, char out[NUMBER_SIZE]);

/* p and its stars; where there is Monte Carlo error, and `interval`, also its interval. */
void permuted_p_head(const struct view *view, struct layout *table, const char *heading,
                     bool interval);
void permuted_p_cells(const struct view *view, struct layout *table, const struct pls_table *source,
                      size_t row, const struct p_columns *columns, bool interval,
                      const char *label);

/* A p that stands beside the one that decides: no stars, and no note where it is missing. */
void permuted_other_p(const struct view *view, struct layout *table, const struct pls_table *source,
                      size_t row, const char *column);

/* Stars, formula of p, and its Monte Carlo interval. */
void permuted_legend(const struct view *view, struct layout *table, const char *sides,
                     bool interval);

/* "95% perm." over two joined columns, or SmartPLS's "2.5%" and "97.5%". */
void permuted_range_head(const struct view *view, struct layout *table, unsigned flags);
void permuted_range_cells(const struct view *view, struct layout *table, double low, double high);

/* "p (maxT)": how the study adjusts. */
const char *permuted_adjusted(const struct view *view);

void permuted_invariance(struct view *view, const struct comparison *comparison);
void permuted_omnibus(struct view *view, const struct comparison *comparison);
void permuted_differences(struct view *view, const struct comparison *comparison);
void permuted_within(struct view *view);

#endif
