/*
 * interval.c: METHODS 6.4: percentile, basic, normal, BC and BCa (Efron 1987; Davison & Hinkley
 * 1997, chapter 5).
 */
#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

const char pls_too_few_replicates[] = "too few replicates for this level";

static double quantile(const struct pls_sample *sample, double p)
{
    return pls_order_quantile(sample->order, sample->used, p, sample->quantile);
}

static struct pls_interval missing(const char *note)
{
    return (struct pls_interval){NAN, NAN, NAN, NAN, note};
}

/* An end that is not there has no Monte Carlo error either. */
static struct pls_interval noted(struct pls_interval ci, const char *note)
{
    if (isnan(ci.lower))
        ci.mcse_lower = NAN;
    if (isnan(ci.upper))
        ci.mcse_upper = NAN;
    ci.note = isnan(ci.lower) || isnan(ci.upper) ? note : "";
    return ci;
}

static double centre_of(const struct pls_sample *sample)
{
    return sample->centre == PLS_CENTRE_ESTIMATE ? sample->estimate
                                                 : sample->estimate - sample->bias;
}

static struct pls_interval percentile(const struct pls_sample *sample, double low, double high)
{
    const struct pls_interval ci = {
        .lower = quantile(sample, low),
        .upper = quantile(sample, high),
        .mcse_lower = pls_mcse_of_quantile(sample, low),
        .mcse_upper = pls_mcse_of_quantile(sample, high),
    };
    return noted(ci, pls_too_few_replicates);
}

static struct pls_interval basic(const struct pls_sample *sample, double low, double high)
{
    const double twice = 2.0 * centre_of(sample);
    const struct pls_interval ci = {
        .lower = twice - quantile(sample, high),
        .upper = twice - quantile(sample, low),
        .mcse_lower = pls_mcse_of_basic(sample, high),
        .mcse_upper = pls_mcse_of_basic(sample, low),
    };
    return noted(ci, pls_too_few_replicates);
}

static struct pls_interval normal(const struct pls_sample *sample, double high)
{
    const double z = gsl_cdf_ugaussian_Pinv(high), centre = centre_of(sample);
    return (struct pls_interval){
        .lower = centre - z * sample->se,
        .upper = centre + z * sample->se,
        .mcse_lower = pls_mcse_of_normal(sample, -z),
        .mcse_upper = pls_mcse_of_normal(sample, z),
        .note = "",
    };
}

/* The normal quantile that BC (a = 0) or BCa put in the place of p's; none where *room <= 0. */
static double adjusted_normal(double z0, double a, double p, double *room)
{
    const double u = z0 + gsl_cdf_ugaussian_Pinv(p);
    *room = 1.0 - a * u;
    return z0 + u / *room;
}

double pls_adjusted_level(double z0, double a, double p)
{
    double room;
    const double g = adjusted_normal(z0, a, p, &room);
    if (room > 0.0)
        return gsl_cdf_ugaussian_P(g);
    return a > 0.0 ? 1.0 : 0.0;
}

/* False where 1 - a (z0 + z) is not positive. */
static bool adjusted_end(const struct pls_sample *sample, double a, double p, double *end,
                         double *mcse)
{
    double room;
    const double g = adjusted_normal(sample->z0, a, p, &room);
    *end = *mcse = NAN;
    if (!(room > 0.0))
        return false;
    const double used_p = gsl_cdf_ugaussian_P(g);
    const double slope =
        gsl_ran_ugaussian_pdf(g) * (1.0 + 1.0 / (room * room)) / gsl_ran_ugaussian_pdf(sample->z0);
    *end = quantile(sample, used_p);
    *mcse = pls_mcse_of_adjusted(sample, used_p, slope);
    return true;
}

static struct pls_interval adjusted(const struct pls_sample *sample, double a, double low,
                                    double high)
{
    struct pls_interval ci;
    const bool fits_low = adjusted_end(sample, a, low, &ci.lower, &ci.mcse_lower);
    const bool fits_high = adjusted_end(sample, a, high, &ci.upper, &ci.mcse_upper);
    return noted(ci, fits_low && fits_high ? pls_too_few_replicates
                                           : "the acceleration is too large for this level");
}

struct pls_interval pls_infer_interval(const struct pls_sample *sample, enum pls_method method,
                                       double level)
{
    const double low = (1.0 - level) / 2.0, high = 1.0 - low;
    switch (method) {
    case PLS_PERCENTILE:
        return percentile(sample, low, high);
    case PLS_BASIC:
        return basic(sample, low, high);
    case PLS_NORMAL:
        return normal(sample, high);
    case PLS_BC:
    case PLS_BCA:
        break;
    case PLS_METHODS:
        return missing("no such kind of interval");
    }
    if (sample->constant)
        return missing("constant in all replicates");
    if (isnan(sample->z0))
        return missing("all replicates lie on one side of the estimate");
    if (method == PLS_BC)
        return adjusted(sample, 0.0, low, high);
    if (isnan(sample->acceleration))
        return missing(sample->acceleration_note);
    return adjusted(sample, sample->acceleration, low, high);
}

const char *const pls_acceleration_note[PLS_ACCELERATION_NOTES] = {
    "", "no jackknife values", "more than 5 % of the jackknife rows failed"};

double pls_infer_acceleration(const double *jackknife, const uint8_t *jusable, size_t jcount,
                              double estimate, const char **note)
{
    size_t used = 0;
    double sum = 0.0, squares = 0.0, cubes = 0.0;
    *note = pls_acceleration_note[0];
    for (size_t i = 0; i < jcount; i++)
        if (jusable[i]) {
            sum += jackknife[i] - estimate;
            used++;
        }
    if (20 * (jcount - used) > jcount || used == 0) {
        *note = pls_acceleration_note[jcount == 0 ? 1 : 2];
        return NAN;
    }
    const double mean = estimate + sum / (double)used;
    for (size_t i = 0; i < jcount; i++)
        if (jusable[i]) {
            const double d = mean - jackknife[i];
            squares += d * d;
            cubes += d * d * d;
        }
    const double spread = sqrt(squares);
    return spread < pls_infer_rounding(estimate) ? 0.0 : cubes / (6.0 * spread * spread * spread);
}
