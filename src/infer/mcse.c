/*
 * mcse.c: Monte Carlo standard errors: the standard deviation that a number would show over seeds.
 *
 * All by the delta method on influence functions over B independent replicates, METHODS 6.7:
 *   mean                     x - mean
 *   SE                       ((x - mean)^2 - SE^2) / (2 SE)
 *   quantile Q at p          (p - [x <= Q]) / f(Q)
 *   Q at the BC/BCa p(z0)    as a quantile, plus (dp/dF) ([x < estimate] - F) / f(Q)
 */
#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

/*
 * A fourth moment of fewer says nothing: of two values the kurtosis is 1 and the error would be 0.
 */
enum { FEWEST_FOR_KURTOSIS = 4, SMALL_TAIL = 20 };

double pls_mcse_of_se(const struct pls_moments *moments, double se)
{
    if (moments->used < FEWEST_FOR_KURTOSIS)
        return NAN;
    if (moments->m2 == 0.0)
        return 0.0;
    const double kurtosis = moments->m4 / (moments->m2 * moments->m2);
    return se * sqrt(fmax(0.0, kurtosis - 1.0) / (4.0 * (double)moments->used));
}

/*
 * GSL's continued fraction ends after 512 terms, which from a million draws on are too few: about
 * sqrt(a + b) are needed. Lentz's way (Press et al. 2007, 6.4), to the last digit.
 */
static double beta_tail(double x, double a, double b)
{
    static const double tiny = 1e-300;
    double c = 1.0, d = 1.0 / fmax(tiny, 1.0 - (a + b) * x / (a + 1.0)), h = d;
    for (double m = 1.0; m < 1e7; m += 1.0) {
        const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / (1.0 + even * d);
        c = 1.0 + even / c;
        h *= d * c;
        d = 1.0 / (1.0 + odd * d);
        c = 1.0 + odd / c;
        h *= d * c;
        if (fabs(d * c - 1.0) < 1e-15)
            break;
    }
    return exp(a * log(x) + b * log1p(-x) - gsl_sf_lnbeta(a, b)) * h / a;
}

static double beta_below(double x, double a, double b)
{
    static const double many = 1e4;
    if (a + b < many || x <= 0.0 || x >= 1.0)
        return gsl_cdf_beta_P(x, a, b);
    return x < (a + 1.0) / (a + b + 2.0) ? beta_tail(x, a, b) : 1.0 - beta_tail(1.0 - x, b, a);
}

/*
 * Own Newton steps, halving where they leave what is known: gsl_cdf_beta_Pinv calls GSL's error
 * handler where its own do not settle.
 */
double pls_beta_quantile(double probability, double a, double b)
{
    double low = 0.0, high = 1.0, x = a / (a + b);
    for (int steps = 0; steps < 100; steps++) {
        const double beyond = beta_below(x, a, b) - probability;
        if (beyond < 0.0)
            low = x;
        else
            high = x;
        double next = x - beyond / gsl_ran_beta_pdf(x, a, b);
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        if (fabs(next - x) <= 1e-15 * x)
            return next;
        x = next;
    }
    return x;
}

/*
 * Of the share tail/used. Fewer than 20 in the tail (or out of it): half the length of the
 * Clopper-Pearson interval with the coverage of +/- one standard error, which is not 0 where the
 * tail is empty and errs on the wide side.
 */
double pls_mcse_of_tail(size_t tail, size_t used)
{
    const double k = (double)tail, n = (double)used;
    const size_t rest = used - tail;
    if (tail >= SMALL_TAIL && rest >= SMALL_TAIL)
        return sqrt(k / n * (1.0 - k / n) / n);
    const double one = gsl_cdf_ugaussian_P(1.0);
    const double lower = tail == 0 ? 0.0 : pls_beta_quantile(1.0 - one, k, n - k + 1.0);
    const double upper = rest == 0 ? 1.0 : pls_beta_quantile(one, k + 1.0, n - k);
    return 0.5 * (upper - lower);
}

/* Hall & Sheather (1988), kept inside (0, 1). */
double pls_bandwidth(double p, double used)
{
    const double z = gsl_cdf_ugaussian_Pinv(p), density = gsl_ran_ugaussian_pdf(z);
    const double wide = cbrt(1.5 * density * density / (2.0 * z * z + 1.0)) *
                        pow(gsl_cdf_ugaussian_Pinv(0.975), 2.0 / 3.0) / cbrt(used);
    return fmin(wide, 0.5 * fmin(p, 1.0 - p));
}

/* 1/f(Q(p)) from the difference of two quantiles (type 7, which is defined everywhere). */
double pls_sparsity(const struct pls_sample *sample, double p)
{
    if (!(p > 0.0 && p < 1.0))
        return NAN;
    const double delta = pls_bandwidth(p, (double)sample->used);
    const double high = pls_order_quantile(sample->order, sample->used, p + delta, PLS_QUANTILE_7);
    const double low = pls_order_quantile(sample->order, sample->used, p - delta, PLS_QUANTILE_7);
    return (high - low) / (2.0 * delta);
}

double pls_mcse_of_quantile(const struct pls_sample *sample, double p)
{
    return sqrt(p * (1.0 - p) / (double)sample->used) * pls_sparsity(sample, p);
}

/* slope = dp/dF, F the share below the estimate: z0 is estimated from the same replicates. */
double pls_mcse_of_adjusted(const struct pls_sample *sample, double p, double slope)
{
    const double share = sample->below;
    const double variance = slope * slope * share * (1.0 - share) + p * (1.0 - p) -
                            2.0 * slope * (fmin(share, p) - share * p);
    return sqrt(fmax(0.0, variance) / (double)sample->used) * pls_sparsity(sample, p);
}

/* B times the covariance of the mean with F*(Q(p)), from the shorter tail. */
static double mean_with_share(const struct pls_sample *sample, double p)
{
    const size_t cut = (size_t)(p * (double)sample->used + 0.5);
    const double lower = pls_order_tail(sample->order, cut);
    if (p < 0.5)
        return (lower - (double)cut * sample->bias) / (double)sample->used;
    const double upper = pls_order_tail(sample->order, sample->used) - lower;
    return ((double)(sample->used - cut) * sample->bias - upper) / (double)sample->used;
}

/*
 * Of 2 centre - Q(p). A bias-corrected centre 2 estimate - mean moves too; with s = 1/f(Q):
 * Var(2 mean + Q) = (4 SE^2 + s^2 p (1 - p) - 4 s Cov(mean, F*(Q)) B) / B.
 */
double pls_mcse_of_basic(const struct pls_sample *sample, double p)
{
    if (sample->centre == PLS_CENTRE_ESTIMATE)
        return pls_mcse_of_quantile(sample, p);
    const double s = pls_sparsity(sample, p), b = (double)sample->used;
    const double variance = 4.0 * sample->se * sample->se + s * s * p * (1.0 - p) -
                            4.0 * s * mean_with_share(sample, p);
    return sqrt(fmax(0.0, variance) / b);
}

/*
 * Of centre + z SE. With the bias-corrected centre the end is 2 estimate - mean + z SE, and
 * Cov(mean, SE) = m3 / (2 SE B): zero only where the replicates are symmetric.
 */
double pls_mcse_of_normal(const struct pls_sample *sample, double z)
{
    if (sample->centre == PLS_CENTRE_ESTIMATE || sample->se == 0.0)
        return fabs(z) * sample->mcse_se;
    const double of_mean = sample->mcse_mean, of_se = z * sample->mcse_se;
    const double covariance = sample->m3 / (2.0 * sample->se * (double)sample->used);
    return sqrt(fmax(0.0, of_mean * of_mean + of_se * of_se - 2.0 * z * covariance));
}
