/*
 * pvalue.c: METHODS 6.2: the percentile p, dual to the type-6 percentile interval, and the t-based
 * p.
 */
#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

/*
 * (1 + tail)/(B + 1): never 0 (Phipson & Smyth 2010). Whole numbers first: 500/10000 is 0.05
 * exactly.
 */
static struct pls_probability of_tail(size_t tail, size_t used, double sides)
{
    return (struct pls_probability){
        .p = fmin(1.0, sides * (1.0 + (double)tail) / ((double)used + 1.0)),
        .mcse = sides * pls_mcse_of_tail(tail, used),
    };
}

void pls_infer_pvalues(const struct pls_sample *sample, struct pls_inference *out)
{
    const size_t used = sample->used;
    const size_t upto = sample->counts.upto_zero;
    const size_t from = used - sample->counts.below_zero;
    out->greater = of_tail(upto, used, 1.0);
    out->less = of_tail(from, used, 1.0);
    out->percentile_two = of_tail(upto < from ? upto : from, used, 2.0);

    if (!(out->df >= 1.0))
        return;
    const double t = out->t;
    const double slope = gsl_ran_tdist_pdf(t, out->df) * out->mcse_t;
    out->t_two = (struct pls_probability){2.0 * gsl_cdf_tdist_P(-fabs(t), out->df), 2.0 * slope};
    out->t_greater = (struct pls_probability){gsl_cdf_tdist_Q(t, out->df), slope};
    out->t_less = (struct pls_probability){gsl_cdf_tdist_P(t, out->df), slope};
}
