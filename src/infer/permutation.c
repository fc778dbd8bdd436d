/* permutation.c: how many rows are as extreme as the observed value, and the p-value of that. */
#include "plstrap/permutation.h"
#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Labellings that are equal to the observed one differ from it by rounding. */
static double tolerance_of(double observed)
{
    return 1e-10 * fmax(1.0, fabs(observed));
}

void pls_exceed_add(struct pls_exceedances *out, const double *values, const uint8_t *usable,
                    size_t count, double observed)
{
    if (isnan(observed))
        return;
    const double slack = tolerance_of(observed);
    const double from = observed - slack, upto = observed + slack, apart = fabs(observed) - slack;
    uint64_t upper = 0, lower = 0, two = 0, used = 0;
    for (size_t r = 0; r < count; r++) {
        const double value = values[r];
        const uint64_t on = usable[r] == 1;
        upper += on & (value >= from);
        lower += on & (value <= upto);
        two += on & (fabs(value) >= apart);
        used += on & (value == value);
    }
    out->upper += upper;
    out->lower += lower;
    out->two += two;
    out->used += used;
}

void pls_exceed_flags(const double *values, const uint8_t *usable, size_t count, double observed,
                      enum pls_side side, uint8_t *out)
{
    const double slack = tolerance_of(observed);
    const double limit = side == PLS_SIDE_TWO     ? fabs(observed) - slack
                         : side == PLS_SIDE_UPPER ? observed - slack
                                                  : -observed - slack;
    for (size_t r = 0; r < count; r++) {
        const double value = side == PLS_SIDE_TWO     ? fabs(values[r])
                             : side == PLS_SIDE_UPPER ? values[r]
                                                      : -values[r];
        const bool on = usable[r] == 1 && !isnan(value) && !isnan(observed);
        out[r] = on ? value >= limit : 2;
    }
}

const char *pls_certainty_name(enum pls_certainty certainty)
{
    switch (certainty) {
    case PLS_CERTAINLY_BELOW:
        return "p<alpha certain";
    case PLS_CERTAINLY_NOT_BELOW:
        return "p>=alpha certain";
    case PLS_UNDECIDED:
        break;
    }
    return "undecided";
}

void pls_clopper_pearson(uint64_t b, uint64_t used, double miss, double *low, double *high)
{
    const double k = (double)b, n = (double)used;
    *low = b == 0 ? 0.0 : pls_beta_quantile(0.5 * miss, k, n - k + 1.0);
    *high = b == used ? 1.0 : pls_beta_quantile(1.0 - 0.5 * miss, k + 1.0, n - k);
}

static double share(uint64_t b, uint64_t of, bool exact)
{
    return exact ? (double)b / (double)of : ((double)b + 1.0) / ((double)of + 1.0);
}

/* sides 2: of the smaller tail, doubled. */
static struct pls_permutation_p of_tail(uint64_t b, uint64_t used, uint64_t failed, bool exact,
                                        double sides, double alpha, double level)
{
    struct pls_permutation_p out = {NAN, NAN, NAN, NAN, PLS_UNDECIDED, NAN, NAN, NAN};
    if (used == 0)
        return out;
    out.p = fmin(1.0, sides * share(b, used, exact));
    out.fail_low = fmin(1.0, sides * share(b, used + failed, exact));
    out.fail_high = fmin(1.0, sides * share(b + failed, used + failed, exact));
    if (exact) {
        out.mcse = 0.0;
        out.low = out.high = out.p;
    } else {
        out.mcse = sides * pls_mcse_of_tail(b, used);
        pls_clopper_pearson(b, used, 1.0 - level, &out.low, &out.high);
        out.low = fmin(1.0, sides * out.low);
        out.high = fmin(1.0, sides * out.high);
    }
    if (out.high < alpha)
        out.certainty = PLS_CERTAINLY_BELOW;
    else if (exact ? out.low >= alpha : out.low > alpha)
        out.certainty = PLS_CERTAINLY_NOT_BELOW;
    if (out.certainty == PLS_UNDECIDED) {
        const double z = gsl_cdf_ugaussian_Qinv(0.5 * (1.0 - level));
        const double p = out.p / sides, apart = (out.p - alpha) / sides;
        out.needed = ceil(z * z * p * (1.0 - p) / (apart * apart));
    }
    return out;
}

struct pls_permutation_p pls_permutation_p(uint64_t b, uint64_t used, uint64_t failed, bool exact,
                                           double alpha, double level)
{
    return of_tail(b, used, failed, exact, 1.0, alpha, level);
}

struct pls_permutation_p pls_permutation_p_tails(const struct pls_exceedances *counts,
                                                 uint64_t failed, bool exact, double alpha,
                                                 double level)
{
    const uint64_t b = counts->upper < counts->lower ? counts->upper : counts->lower;
    return of_tail(b, counts->used, failed, exact, 2.0, alpha, level);
}
