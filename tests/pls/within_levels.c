/*
 * within_levels.c: how often the tests of within.h reject a true null hypothesis, by simulation; not
 * a test that CI runs.
 *
 *   within_levels [samples [permutations]]
 *
 * Composites of five indicators (correlations .5 within a block), Mode A, path scheme, normal data;
 * M = aX + e, Y = bM + cX + e with b = 0; and two unrelated blocks. Nominal level .05.
 */
#include "fixture.h"

#include "plstrap/within.h"

enum { K = 5, MOST_ROWS = 200, MOST_PERMUTATIONS = 9999 };

/* A block whose composite, of equal weights, is c. */
static void add_block(uint64_t *seed, double c, double *x)
{
    const double weight = 1.0 / sqrt(15.0), loading = 3.0 * weight; /* 5 + 20 * .5; 1 + 4 * .5 */
    const double common = fixture_normal(seed);
    double own = 0.0;
    for (size_t k = 0; k < K; k++) {
        x[k] = sqrt(0.5) * (common + fixture_normal(seed));
        own += weight * x[k];
    }
    for (size_t k = 0; k < K; k++)
        x[k] += loading * (c - own);
}

static void simulate(uint64_t *seed, size_t n, size_t blocks, double a, double c, double *x)
{
    for (size_t i = 0; i < n; i++, x += blocks * K) {
        const double cause = fixture_normal(seed);
        const double middle = a * cause + sqrt(1.0 - a * a) * fixture_normal(seed);
        const double end = c * cause + sqrt(1.0 - c * c) * fixture_normal(seed);
        add_block(seed, cause, x);
        if (blocks == 3)
            add_block(seed, middle, x + K);
        add_block(seed, end, x + (blocks - 1) * K);
    }
}

/* Adds to rejected [columns] of one sample. */
static void analyse(struct fixture *f, uint64_t number, size_t permutations, double *rows,
                    struct pls_outcome *outcomes, size_t *rejected)
{
    struct pls_within *within = NULL;
    const struct pls_within_settings settings = {.seed = number, .align = true};
    double observed[5];
    enum pls_isa isa;
    assert_ok(pls_isa_select(NULL, &isa, &f->err), &f->err);
    fixture_start(f);
    fixture_row(f, NULL);
    assert_ok(pls_within_new(f->estimator, f->row, &settings, isa, &within, &f->err), &f->err);
    pls_within_observed(within, observed);
    pls_within_rows(within, 0, permutations, rows, permutations, outcomes);
    for (size_t c = 0; c < pls_within_own_columns(within)->count; c++) {
        size_t exceeds = 0, used = 0;
        for (size_t r = 0; r < permutations; r++) {
            if (outcomes[r].status != PLS_STATUS_OK)
                continue;
            used++;
            exceeds += fabs(rows[c * permutations + r]) >= fabs(observed[c]) * (1.0 - 1e-10);
        }
        rejected[c] += (double)(exceeds + 1) <= 0.05 * (double)(used + 1);
    }
    pls_within_free(within);
}

int main(int count, char **argument)
{
    static const struct {
        const char *model;
        size_t blocks, n;
        double a, c;
    } cell[] = {
        {"x =~ 1+2+3+4+5; y =~ 6+7+8+9+10; y ~ x", 2, 50, 0, 0},
        {"x =~ 1+2+3+4+5; y =~ 6+7+8+9+10; y ~ x", 2, 200, 0, 0},
        {"x =~ 1+2+3+4+5; m =~ 6+7+8+9+10; y =~ 11+12+13+14+15; m ~ x; y ~ m + x", 3, 50, .5, 0},
        {"x =~ 1+2+3+4+5; m =~ 6+7+8+9+10; y =~ 11+12+13+14+15; m ~ x; y ~ m + x", 3, 200, .5, 0},
        {"x =~ 1+2+3+4+5; m =~ 6+7+8+9+10; y =~ 11+12+13+14+15; m ~ x; y ~ m + x", 3, 50, .5, .4},
        {"x =~ 1+2+3+4+5; m =~ 6+7+8+9+10; y =~ 11+12+13+14+15; m ~ x; y ~ m + x", 3, 200, .5, .4}};
    const size_t samples = count > 1 ? strtoul(argument[1], NULL, 10) : 2000;
    const size_t permutations = count > 2 ? strtoul(argument[2], NULL, 10) : 399;
    double *rows = calloc(5 * MOST_PERMUTATIONS, sizeof *rows);
    struct pls_outcome *outcomes = calloc(MOST_PERMUTATIONS, sizeof *outcomes);
    double *values = calloc(MOST_ROWS * 3 * K, sizeof *values);
    if (rows == NULL || outcomes == NULL || values == NULL || permutations > MOST_PERMUTATIONS)
        return 1;
    printf("a\tb\tc\tn\tcolumn\trejected\tse\n");
    for (size_t i = 0; i < sizeof cell / sizeof cell[0]; i++) {
        struct fixture f;
        size_t rejected[5] = {0};
        uint64_t seed = 1000 + i;
        fixture_model(&f, cell[i].model);
        f.keys.tolerance = 1e-7;
        f.keys.max_iterations = 300;
        for (size_t s = 0; s < samples; s++) {
            simulate(&seed, cell[i].n, cell[i].blocks, cell[i].a, cell[i].c, values);
            fixture_data(&f, cell[i].n, values);
            analyse(&f, s, permutations, rows, outcomes, rejected);
        }
        struct pls_columns columns = {0};
        assert_ok(pls_within_columns(f.estimator, &columns, &f.err), &f.err);
        for (size_t c = 0; c < columns.count; c++) {
            const double share = (double)rejected[c] / (double)samples;
            printf("%g\t0\t%g\t%zu\t%s:%s\t%.4f\t%.4f\n", cell[i].a, cell[i].c, cell[i].n,
                   pls_component_name(columns.column[c].component), columns.column[c].term, share,
                   sqrt(share * (1.0 - share) / (double)samples));
        }
        fflush(stdout);
        pls_columns_free(&columns);
        fixture_free(&f);
    }
    free(rows);
    free(outcomes);
    free(values);
    return 0;
}
