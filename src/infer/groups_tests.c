/* groups_tests.c: two groups compared by their bootstraps (STUDIES A.4). */
#include "plstrap/alloc.h"
#include "plstrap/permutation.h"
#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static struct pls_group_test test_of(double difference, double variance, double df)
{
    struct pls_group_test out = {NAN, NAN, NAN};
    if (!(variance > 0.0 && isfinite(variance) && df > 0.0))
        return out;
    out.t = difference / sqrt(variance);
    out.df = df;
    out.p = 2.0 * gsl_cdf_tdist_Q(fabs(out.t), df);
    return out;
}

static bool is_testable(struct pls_group_estimate first, struct pls_group_estimate second)
{
    return first.n >= 2 && second.n >= 2;
}

struct pls_group_test pls_group_keil(struct pls_group_estimate first,
                                     struct pls_group_estimate second)
{
    const double n1 = (double)first.n, n2 = (double)second.n, df = n1 + n2 - 2.0;
    const double s1 = (n1 - 1.0) * first.se, s2 = (n2 - 1.0) * second.se;
    const double variance = (s1 * s1 + s2 * s2) / df * (1.0 / n1 + 1.0 / n2);
    return test_of(first.estimate - second.estimate, is_testable(first, second) ? variance : NAN,
                   df);
}

struct pls_group_test pls_group_welch(struct pls_group_estimate first,
                                      struct pls_group_estimate second)
{
    const double v1 = first.se * first.se, v2 = second.se * second.se, variance = v1 + v2;
    const double parts = v1 * v1 / ((double)first.n - 1.0) + v2 * v2 / ((double)second.n - 1.0);
    return test_of(first.estimate - second.estimate, is_testable(first, second) ? variance : NAN,
                   variance * variance / parts);
}

struct pls_group_test pls_group_nitzl(struct pls_group_estimate first,
                                      struct pls_group_estimate second)
{
    const double n1 = (double)first.n, n2 = (double)second.n;
    const double v1 = first.se * first.se, v2 = second.se * second.se;
    const double variance = (n1 - 1.0) / n1 * v1 + (n2 - 1.0) / n2 * v2;
    const double parts = (n1 - 1.0) / (n1 * n1) * v1 * v1 + (n2 - 1.0) / (n2 * n2) * v2 * v2;
    return test_of(first.estimate - second.estimate, is_testable(first, second) ? variance : NAN,
                   nearbyint(variance * variance / parts - 2.0));
}

static double bias_of(const double *values, size_t count, double estimate)
{
    double sum = 0.0;
    for (size_t r = 0; r < count; r++)
        sum += values[r] - estimate;
    return sum / (double)count;
}

/*
 * Share of pairs with first <= second, ties half: both sorted, so that for each of the first two
 * marks only move on. Values that differ by rounding of the shift are ties.
 */
static double share_of_pairs(double *first, double *second, size_t count)
{
    const double all = (double)count;
    size_t below = 0, upto = 0;
    double halves = 0.0;
    pls_infer_sort(first, count);
    pls_infer_sort(second, count);
    for (size_t r = 0; r < count; r++) {
        const double slack = 1e-10 * fmax(1.0, fabs(first[r]));
        while (below < count && second[below] < first[r] - slack)
            below++;
        while (upto < count && second[upto] <= first[r] + slack)
            upto++;
        halves += (double)(count - below) + (double)(count - upto);
    }
    return 0.5 * halves / all / all;
}

/* The rows that count, one behind the other. */
struct kept {
    double *first;
    double *second;
    double *difference;
    uint8_t *usable;
    size_t count;
};

static void keep(struct kept *kept, const double *first, const double *second,
                 const uint8_t *usable, size_t count)
{
    for (size_t r = 0; r < count; r++)
        if (usable[r] == 1 && isfinite(first[r]) && isfinite(second[r])) {
            kept->first[kept->count] = first[r];
            kept->second[kept->count] = second[r];
            kept->difference[kept->count] = first[r] - second[r];
            kept->usable[kept->count++] = 1;
        }
}

static enum pls_code describe(const double *values, const struct kept *kept, double estimate,
                              const struct pls_infer_options *options, double *work,
                              struct pls_inference *out, struct pls_error *err)
{
    return pls_infer_column(values, kept->usable, kept->count, estimate, NULL, NULL, 0, options,
                            work, out, err);
}

static void henseler(struct kept *kept, double estimate_first, double estimate_second,
                     struct pls_group_comparison *out)
{
    const double bias_first = bias_of(kept->first, kept->count, estimate_first);
    const double bias_second = bias_of(kept->second, kept->count, estimate_second);
    for (size_t r = 0; r < kept->count; r++) {
        kept->first[r] -= bias_first;
        kept->second[r] -= bias_second;
    }
    const double p = share_of_pairs(kept->first, kept->second, kept->count);
    const double least = 2.0 / ((double)kept->count + 1.0);
    out->henseler = p;
    out->henseler_two = fmin(1.0, fmax(least, 2.0 * fmin(p, 1.0 - p)));
}

static enum pls_code compare(struct kept *kept, const struct pls_group_series *first,
                             const struct pls_group_series *second, double level,
                             enum pls_quantile quantile, double *work,
                             struct pls_group_comparison *out, struct pls_error *err)
{
    const struct pls_infer_options plain = {.n = 2};
    const struct pls_infer_options interval = {
        .level = {level},
        .levels = 1,
        .method = {PLS_PERCENTILE},
        .methods = 1,
        .quantile = quantile,
        .n = 2,
    };
    struct pls_inference one = {.note = ""}, two = {.note = ""}, both = {.note = ""};
    const double apart = first->estimate - second->estimate;
    enum pls_code code = describe(kept->first, kept, first->estimate, &plain, work, &one, err);
    if (code == PLS_OK)
        code = describe(kept->second, kept, second->estimate, &plain, work, &two, err);
    if (code == PLS_OK)
        code = describe(kept->difference, kept, apart, &interval, work, &both, err);
    if (code != PLS_OK)
        return code;

    const struct pls_group_estimate own = {first->estimate, one.se, first->n};
    const struct pls_group_estimate other = {second->estimate, two.se, second->n};
    *out = (struct pls_group_comparison){
        .used = kept->count,
        .difference = apart,
        .se_first = one.se,
        .se_second = two.se,
        .interval = both.interval[0][0],
        .henseler = NAN,
        .henseler_two = NAN,
        .keil = pls_group_keil(own, other),
        .welch = pls_group_welch(own, other),
        .nitzl = pls_group_nitzl(own, other),
        .note = one.note[0] != '\0'   ? one.note
                : two.note[0] != '\0' ? two.note
                                      : both.interval[0][0].note,
    };
    if (kept->count >= 2 && isfinite(apart))
        henseler(kept, first->estimate, second->estimate, out);
    return PLS_OK;
}

enum pls_code pls_group_compare(const struct pls_group_series *first,
                                const struct pls_group_series *second, const uint8_t *usable,
                                size_t count, double level, enum pls_quantile quantile,
                                struct pls_group_comparison *out, struct pls_error *err)
{
    struct kept kept = {0};
    double *memory = NULL;
    enum pls_code code = pls_alloc(&memory, count, 4 * sizeof *memory, err);
    if (code == PLS_OK)
        code = pls_alloc(&kept.usable, count, sizeof *kept.usable, err);
    if (code == PLS_OK) {
        kept.first = memory;
        kept.second = memory + count;
        kept.difference = memory + 2 * count;
        keep(&kept, first->values, second->values, usable, count);
        code = compare(&kept, first, second, level, quantile, memory + 3 * count, out, err);
    }
    free(memory);
    free(kept.usable);
    return code;
}
