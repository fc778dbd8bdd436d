/* inference.c: from sums, counts and order statistics of one column to everything about it. */
#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

static const struct pls_probability no_probability = {NAN, NAN};

double pls_infer_rounding(double estimate)
{
    return 1e-12 * fmax(1.0, fabs(estimate));
}

/* All NaN: what is known is filled in over it. */
static void clear(const struct pls_infer_options *options, uint64_t used, const char *note,
                  struct pls_inference *out)
{
    *out = (struct pls_inference){
        .used = used,
        .mean = NAN,
        .bias = NAN,
        .se = NAN,
        .t = NAN,
        .df = (double)options->n - 1.0,
        .mcse_mean = NAN,
        .mcse_se = NAN,
        .mcse_t = NAN,
        .t_two = no_probability,
        .percentile_two = no_probability,
        .greater = no_probability,
        .less = no_probability,
        .t_greater = no_probability,
        .t_less = no_probability,
        .z0 = NAN,
        .acceleration = NAN,
        .note = note,
    };
    for (size_t l = 0; l < PLS_MAX_LEVELS; l++)
        for (size_t m = 0; m < PLS_METHODS; m++)
            out->interval[l][m] = (struct pls_interval){NAN, NAN, NAN, NAN, note};
}

/* z0 of BC and BCa with ties counted half; NaN where no replicate lies below, or all do. */
static void locate_estimate(struct pls_sample *sample)
{
    const size_t below = sample->counts.below_estimate, upto = sample->counts.upto_estimate;
    sample->below = 0.5 * ((double)below + (double)upto) / (double)sample->used;
    const bool inside = sample->below > 0.0 && sample->below < 1.0;
    sample->z0 = inside && !sample->constant ? gsl_cdf_ugaussian_Pinv(sample->below) : NAN;
}

static struct pls_sample describe(const struct pls_column *column,
                                  const struct pls_moments *moments,
                                  const struct pls_infer_options *options)
{
    const double used = (double)moments->used;
    const double se = column->same ? 0.0 : sqrt(moments->m2 * used / (used - 1.0));
    struct pls_sample sample = {
        .order = column->order,
        .counts = column->counts,
        .used = moments->used,
        .quantile = options->quantile,
        .centre = options->centre,
        .estimate = column->estimate,
        .mean = column->estimate + moments->bias,
        .bias = moments->bias,
        .se = se,
        .m3 = moments->m3,
        .mcse_mean = se / sqrt(used),
        .mcse_se = pls_mcse_of_se(moments, se),
        .constant = se < pls_infer_rounding(column->estimate),
        .acceleration = column->acceleration,
        .acceleration_note = column->acceleration_note,
    };
    locate_estimate(&sample);
    return sample;
}

static void fill(const struct pls_sample *sample, const struct pls_infer_options *options,
                 struct pls_inference *out)
{
    clear(options, sample->used, sample->constant ? "constant in all replicates" : "", out);
    out->mean = sample->mean;
    out->bias = sample->bias;
    out->se = sample->se;
    out->mcse_mean = sample->mcse_mean;
    out->mcse_se = sample->mcse_se;
    out->z0 = sample->z0;
    out->acceleration = sample->acceleration;
    if (!sample->constant) {
        out->t = sample->estimate / sample->se;
        out->mcse_t = fabs(out->t) * sample->mcse_se / sample->se;
        pls_infer_pvalues(sample, out);
    }
    for (size_t l = 0; l < options->levels; l++)
        for (size_t m = 0; m < options->methods; m++)
            out->interval[l][m] = pls_infer_interval(sample, options->method[m], options->level[l]);
}

static const char *why_nothing(const struct pls_moments *moments, double estimate)
{
    if (moments->used == 0)
        return "no usable replicates";
    if (!isfinite(estimate))
        return "no estimate in the base model";
    if (moments->used == 1)
        return "only one usable replicate";
    return isfinite(moments->m4) ? "" : "the replicates are too far apart to be summed";
}

bool pls_infer_from(const struct pls_column *column, const struct pls_infer_options *options,
                    struct pls_inference *out)
{
    const struct pls_moments moments = pls_infer_moments(column->sums, column->counts.used);
    const char *const why = why_nothing(&moments, column->estimate);
    struct pls_inference found;
    if (why[0] != '\0') {
        clear(options, moments.used, why, &found);
        if (moments.used == 1) {
            found.mean = column->estimate + moments.bias;
            found.bias = moments.bias;
        }
    } else {
        const struct pls_sample sample = describe(column, &moments, options);
        column->order->missed = false;
        fill(&sample, options, &found);
        if (column->order->missed)
            return false;
    }
    *out = found;
    return true;
}
