/* quantile.c: quantiles and counts of sorted values. Sizes are size_t: GSL's positions are int. */
#include "sample.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

/*
 * 1 - 0.9 is a little less than 0.1: a rank this close to a whole number is that number (as in R).
 */
static double snapped(double rank, size_t count)
{
    const double whole = nearbyint(rank);
    return fabs(rank - whole) <= 4.0 * DBL_EPSILON * (double)count ? whole : rank;
}

static double between(double low, double high, double share)
{
    return low + share * (high - low);
}

/* values[low] + share (values[low + 1] - values[low]); the second is not looked at where share is 0. */
struct place {
    size_t low; /* from 0; SIZE_MAX: there is no such quantile */
    double share;
};

static const struct place nowhere = {SIZE_MAX, 0.0};

/* 0 <= position <= count - 1 */
static struct place place_at(size_t count, double position)
{
    const size_t low = (size_t)position;
    return low + 1 >= count ? (struct place){count - 1, 0.0}
                            : (struct place){low, position - (double)low};
}

/* Interpolation of boot's norm.inter (Davison & Hinkley 1997, equation 5.8). */
static struct place place_on_normal_scale(size_t count, double rank, double p)
{
    const double k = floor(rank), n1 = (double)count + 1.0;
    if (rank == k)
        return (struct place){(size_t)k - 1, 0.0};
    const double z = gsl_cdf_ugaussian_Pinv(p);
    const double z_low = gsl_cdf_ugaussian_Pinv(k / n1);
    const double z_high = gsl_cdf_ugaussian_Pinv((k + 1.0) / n1);
    return (struct place){(size_t)k - 1, (z - z_low) / (z_high - z_low)};
}

static struct place place_of(size_t count, double p, enum pls_quantile type)
{
    if (count == 0 || !(p >= 0.0 && p <= 1.0))
        return nowhere;
    if (type == PLS_QUANTILE_7)
        return place_at(count, snapped((double)(count - 1) * p, count));
    const double rank = snapped(((double)count + 1.0) * p, count);
    if (rank < 1.0 || rank > (double)count)
        return nowhere;
    return type == PLS_QUANTILE_6 ? place_at(count, rank - 1.0)
                                  : place_on_normal_scale(count, rank, p);
}

double pls_infer_quantile(const double *sorted, size_t count, double p, enum pls_quantile type)
{
    const struct place place = place_of(count, p, type);
    if (place.low == SIZE_MAX)
        return NAN;
    const double low = sorted[place.low];
    return place.share == 0.0 ? low : between(low, sorted[place.low + 1], place.share);
}

double pls_order_quantile(struct pls_order *order, size_t used, double p, enum pls_quantile type)
{
    const struct place place = place_of(used, p, type);
    if (place.low == SIZE_MAX)
        return NAN;
    const double low = pls_order_at(order, place.low);
    return place.share == 0.0 ? low : between(low, pls_order_at(order, place.low + 1), place.share);
}
