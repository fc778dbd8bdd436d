/*
 * permute_counts.c: what is counted of the permutation job's rows, and what its bootstrap settles.
 *
 *   counter   [columns][4] exceedances; [PLS_MOST_RUNS] failed rows by model run;
 *             [pairs][2 variants][paths+1] maxT
 *   settled   [pairs][2 variants][paths] scale of maxT; [pairs][P] struct pls_permute_bootstrap
 */
#include "plstrap/alloc.h"

#include "permute_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 4, NUMBERS = 6 };

static size_t pairs_of(const struct pls_permute_plan *permute)
{
    const size_t G = permute->groups.count;
    return G * (G - (G > 0)) / 2;
}

static size_t parameters(const struct pls_plan *plan)
{
    return pls_estimator_columns(plan->estimator)->count;
}

/* ---- places ---- */

static size_t runs_at(const struct pls_plan *plan)
{
    return WORDS * plan->columns->count;
}

static size_t maxt_at(const struct pls_plan *plan, size_t comparison, size_t variant)
{
    return runs_at(plan) + PLS_MOST_RUNS +
           (comparison * 2 + variant) * (plan->study->model->paths + 1);
}

static size_t scale_at(const struct pls_plan *plan, size_t comparison, size_t variant)
{
    return (comparison * 2 + variant) * plan->study->model->paths;
}

static size_t bootstrap_at(const struct pls_plan *plan, size_t comparison, size_t parameter)
{
    return pairs_of(plan->permute) * 2 * plan->study->model->paths +
           (comparison * parameters(plan) + parameter) * NUMBERS;
}

void pls_permute_sizes(const struct pls_plan *plan, size_t *counters, size_t *settled)
{
    const size_t pairs = pairs_of(plan->permute);
    *counters = maxt_at(plan, pairs, 0);
    *settled = bootstrap_at(plan, pairs, 0);
}

/* ---- what counts as extreme ---- */

enum pls_extreme pls_permute_extreme(enum pls_component component)
{
    switch (component) {
    case PLS_DIFFERENCE:
    case PLS_STUDENTISED:
    case PLS_MEAN_DIFFERENCE:
    case PLS_LOG_VARIANCE_RATIO:
    case PLS_PARTIAL_T:
        return PLS_EXTREME_TWO;
    case PLS_D_L:
    case PLS_D_G:
    case PLS_OMNIBUS_Q:
    case PLS_BLOCK_R2:
        return PLS_EXTREME_UPPER;
    case PLS_MICOM_C:
        return PLS_EXTREME_LOWER;
    default:
        return PLS_EXTREME_NOT_TESTED;
    }
}

bool pls_permute_wants(const struct pls_plan *plan, size_t column)
{
    return pls_permute_extreme(plan->columns->column[column].component) != PLS_EXTREME_NOT_TESTED &&
           !isnan(plan->estimate[column]);
}

/* First path among the parameters of the estimator. */
static size_t first_path(const struct pls_plan *plan)
{
    const struct pls_columns *columns = pls_estimator_columns(plan->estimator);
    size_t c = 0;
    while (c < columns->count && columns->column[c].component != PLS_PATH)
        c++;
    return c;
}

size_t pls_permute_first_path(const struct pls_plan *plan)
{
    return first_path(plan);
}

/* Whether a variant of a pair has differences of paths that maxT looks at. */
static bool is_pair(const struct pls_permute_comparison *comparison)
{
    return comparison->groups == 2;
}

/* ---- maxT ---- */

/*
 * maxT of the paths of a pair, without rows. Its scale is the standard deviation of the first rows,
 * which is settled before anything is counted; the counts are in facts.
 */
static enum pls_code maxt_of(const struct pls_facts *facts, size_t comparison, size_t variant,
                             struct pls_maxt **out_new, struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_permute_variant *v = &plan->permute->comparison[comparison].variant[variant];
    return pls_maxt_new(plan->estimate + v->difference + first_path(plan),
                        facts->settled + scale_at(plan, comparison, variant),
                        plan->study->model->paths, out_new, err);
}

static enum pls_code count_maxt(struct pls_facts *facts, size_t comparison, size_t variant,
                                const struct pls_tile *tile, struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_permute_variant *v = &plan->permute->comparison[comparison].variant[variant];
    uint64_t *counts = facts->counter + maxt_at(plan, comparison, variant);
    struct pls_maxt *maxt = NULL;
    const enum pls_code code = maxt_of(facts, comparison, variant, &maxt, err);
    if (code != PLS_OK)
        return code;
    pls_maxt_unpack(maxt, counts);
    pls_maxt_add(maxt, tile->rows + (v->difference + first_path(plan)) * tile->stride, tile->stride,
                 NULL, tile->usable, tile->count);
    pls_maxt_pack(maxt, counts);
    pls_maxt_free(maxt);
    return PLS_OK;
}

enum pls_code pls_permute_maxt(const struct pls_facts *facts, size_t comparison, size_t variant,
                               double *out, struct pls_error *err)
{
    struct pls_maxt *maxt = NULL;
    const enum pls_code code = maxt_of(facts, comparison, variant, &maxt, err);
    if (code != PLS_OK)
        return code;
    pls_maxt_unpack(maxt, facts->counter + maxt_at(facts->plan, comparison, variant));
    pls_maxt_finish(maxt, facts->plan->permute->assignments > 0, out);
    pls_maxt_free(maxt);
    return PLS_OK;
}

/* ---- counting ---- */

static void count_runs(struct pls_facts *facts, const struct pls_outcome *outcomes, size_t count)
{
    uint64_t *failed = facts->counter + runs_at(facts->plan);
    for (size_t i = 0; i < count; i++)
        if (outcomes[i].status != PLS_STATUS_OK)
            failed[(outcomes[i].flags & PLS_FLAG_RUN) >> PLS_FLAG_RUN_SHIFT]++;
}

enum pls_code pls_permute_count(struct pls_facts *facts, const struct pls_tile *tile,
                                struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    for (size_t c = 0; c < plan->columns->count; c++) {
        if (!pls_permute_wants(plan, c))
            continue;
        uint64_t *word = facts->counter + WORDS * c;
        struct pls_exceedances sums = {word[0], word[1], word[2], word[3]};
        pls_exceed_add(&sums, tile->rows + c * tile->stride, tile->usable, tile->count,
                       plan->estimate[c]);
        word[0] = sums.upper;
        word[1] = sums.lower;
        word[2] = sums.two;
        word[3] = sums.used;
    }
    count_runs(facts, tile->outcomes, tile->count);
    enum pls_code code = PLS_OK;
    for (size_t i = 0; i < plan->permute->comparisons; i++) {
        const struct pls_permute_comparison *comparison = &plan->permute->comparison[i];
        for (size_t v = 0; code == PLS_OK && is_pair(comparison) && v < comparison->variants; v++)
            code = count_maxt(facts, i, v, tile, err);
    }
    return code;
}

/* ---- settling ---- */

/* Standard deviation of the usable values; of their deviations from the first, for the digits. */
static double deviation(const double *values, const uint8_t *usable, size_t count)
{
    double sum = 0.0, squares = 0.0, first = NAN;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (usable[i] == 0 || isnan(values[i]))
            continue;
        first = used == 0 ? values[i] : first;
        const double x = values[i] - first;
        sum += x;
        squares += x * x;
        used++;
    }
    const double n = (double)used;
    return used > 1 ? sqrt(fmax(0.0, (squares - sum * sum / n) / (n - 1.0))) : NAN;
}

/* Columns of one series, held for a while. */
struct reader {
    const struct pls_rows_source *rows;
    size_t series;
    size_t count;
};

static enum pls_code read_column(const struct reader *from, size_t column, double *out,
                                 struct pls_error *err)
{
    return from->rows->column(from->rows->self, from->series, column, 0, from->count, out, err);
}

static enum pls_code settle_scale(struct pls_facts *facts, const struct reader *from,
                                  size_t comparison, size_t variant, const uint8_t *usable,
                                  double *work, struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_permute_variant *v = &plan->permute->comparison[comparison].variant[variant];
    double *scale = facts->settled + scale_at(plan, comparison, variant);
    enum pls_code code = PLS_OK;
    for (size_t p = 0; code == PLS_OK && p < plan->study->model->paths; p++) {
        code = read_column(from, v->difference + first_path(plan) + p, work, err);
        if (code == PLS_OK)
            scale[p] = deviation(work, usable, from->count);
    }
    return code;
}

/* Where the bootstrap's estimates of a pair are: those of its first kind of rows. */
static enum pls_code settle_bootstrap(struct pls_facts *facts, const struct reader *from,
                                      size_t comparison, const uint8_t *usable, double *work,
                                      struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_permute_comparison *of = &plan->permute->comparison[comparison];
    const size_t *size = plan->permute->groups.size;
    const size_t P = parameters(plan), at = of->variant[0].estimates;
    enum pls_code code = PLS_OK;
    for (size_t p = 0; code == PLS_OK && p < P; p++) {
        const size_t a = at + p, b = at + P + p;
        struct pls_group_comparison found;
        code = read_column(from, a, work, err);
        if (code == PLS_OK)
            code = read_column(from, b, work + from->count, err);
        const struct pls_group_series first = {work, plan->estimate[a], size[of->group[0]]};
        const struct pls_group_series second = {work + from->count, plan->estimate[b],
                                                size[of->group[1]]};
        if (code == PLS_OK)
            code = pls_group_compare(&first, &second, usable, from->count,
                                     plan->study->bootstrap.level[0],
                                     plan->study->inference.quantile, &found, err);
        if (code != PLS_OK)
            return code;
        double *out = facts->settled + bootstrap_at(plan, comparison, p);
        out[0] = found.se_first;
        out[1] = found.se_second;
        out[2] = found.henseler;
        out[3] = found.henseler_two;
        out[4] = found.interval.lower;
        out[5] = found.interval.upper;
    }
    return code;
}

enum pls_code pls_permute_settle(struct pls_facts *facts, const struct pls_rows_source *rows,
                                 const uint8_t *const usable[2], struct pls_error *err)
{
    const struct pls_permute_plan *permute = facts->plan->permute;
    const uint64_t all = facts->series[SERIES_MAIN].count;
    /* Assignments that are enumerated have an order: of these the scale is that of all. */
    const bool whole_first = all < PLS_TALLY_PILOT || permute->assignments > 0;
    const struct reader first = {rows, SERIES_MAIN, whole_first ? (size_t)all : PLS_TALLY_PILOT};
    const struct reader whole = {rows, SERIES_WHOLE,
                                 facts->series_count > 1 ? (size_t)facts->series[SERIES_WHOLE].count
                                                         : 0};
    const size_t most = first.count > 2 * whole.count ? first.count : 2 * whole.count;
    double *work = NULL;
    enum pls_code code = pls_alloc(&work, most, sizeof *work, err);
    for (size_t i = 0; i < permute->comparisons; i++) {
        if (!is_pair(&permute->comparison[i]))
            continue;
        for (size_t v = 0; code == PLS_OK && v < permute->comparison[i].variants; v++)
            code = settle_scale(facts, &first, i, v, usable[SERIES_MAIN], work, err);
        if (code == PLS_OK && whole.count > 0)
            code = settle_bootstrap(facts, &whole, i, usable[SERIES_WHOLE], work, err);
    }
    free(work);
    return code;
}

/* ---- what was found ---- */

struct pls_exceedances pls_permute_exceedances(const struct pls_facts *facts, size_t column)
{
    const uint64_t *word = facts->counter + WORDS * column;
    return (struct pls_exceedances){word[0], word[1], word[2], word[3]};
}

uint64_t pls_permute_failed(const struct pls_facts *facts, size_t run)
{
    const size_t bits = run + 1 < PLS_MOST_RUNS ? run + 1 : PLS_MOST_RUNS - 1;
    return facts->counter[runs_at(facts->plan) + bits];
}

struct pls_permutation_p pls_permute_p(const struct pls_facts *facts, size_t column)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_exceedances found = pls_permute_exceedances(facts, column);
    const enum pls_extreme extreme = pls_permute_extreme(plan->columns->column[column].component);
    const uint64_t b = extreme == PLS_EXTREME_TWO     ? found.two
                       : extreme == PLS_EXTREME_UPPER ? found.upper
                                                      : found.lower;
    uint64_t all = 0;
    for (size_t status = 0; status < PLS_STATUS_COUNT; status++)
        for (size_t where = 0; where < facts->places; where++)
            all += *pls_facts_failures(facts, SERIES_MAIN, status, where);
    return pls_permutation_p(b, found.used, all - found.used, plan->permute->assignments > 0,
                             plan->study->inference.alpha, 0.01 * PLS_P_INTERVAL);
}

struct pls_permute_bootstrap pls_permute_of_bootstrap(const struct pls_facts *facts,
                                                      size_t comparison, size_t parameter)
{
    const double *at = facts->settled + bootstrap_at(facts->plan, comparison, parameter);
    if (facts->series_count < 2)
        return (struct pls_permute_bootstrap){{NAN, NAN}, NAN, NAN, NAN, NAN};
    return (struct pls_permute_bootstrap){{at[0], at[1]}, at[2], at[3], at[4], at[5]};
}
