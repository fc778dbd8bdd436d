/* enough.c: METHODS 6.8: whether the bootstrap has replicates enough, and where it looks. */
#include "plstrap/permutation.h"
#include "sample.h"

#include <math.h>

uint64_t pls_auto_checkpoint(size_t k, uint64_t max)
{
    uint64_t next = k == 0 ? 2000 : 5000;
    for (size_t i = 1; i < k && next <= max; i++)
        next = next > UINT64_MAX / 2 ? UINT64_MAX : 2 * next;
    return next - 1 < max ? next - 1 : max;
}

static bool is_sharp(double mcse, double limit)
{
    return mcse <= limit; /* not where it is unknown */
}

/* "" or what its intervals lack. */
static const char *blunt_interval(const struct pls_inference *inference,
                                  const struct pls_infer_options *options, double limit)
{
    for (size_t l = 0; l < options->levels; l++)
        for (size_t m = 0; m < options->methods; m++) {
            const struct pls_interval *ci = &inference->interval[l][m];
            if (ci->note == pls_too_few_replicates)
                return "an interval has no end yet";
            if ((!isnan(ci->lower) && !is_sharp(ci->mcse_lower, limit)) ||
                (!isnan(ci->upper) && !is_sharp(ci->mcse_upper, limit)))
                return "an interval's end is not accurate enough";
        }
    return "";
}

static const char *lack_of(const struct pls_inference *inference,
                           const struct pls_infer_options *options,
                           const struct pls_inference_keys *keys, double accuracy, bool judged)
{
    if (inference->used < 2)
        return "there are no replicates to infer from";
    if (inference->note[0] != '\0')
        return "";
    if (!is_sharp(inference->mcse_se, accuracy * inference->se))
        return "a standard error is not accurate enough";
    const char *lack = blunt_interval(inference, options, accuracy * inference->se);
    if (lack[0] != '\0' || !judged)
        return lack;
    const struct pls_verdict verdict =
        pls_infer_verdict(keys, PLS_NOT_EQUAL, 0.0, inference, &inference->interval[0][0]);
    return verdict.open ? "a verdict lies within its Monte Carlo error" : "";
}

bool pls_infer_enough(const struct pls_inference *inference, size_t count,
                      const struct pls_infer_options *options,
                      const struct pls_inference_keys *keys, double accuracy,
                      const uint8_t *opt_judged, const struct pls_verdict *verdicts,
                      size_t verdicts_count, struct pls_shortfall *out)
{
    for (size_t c = 0; c < count; c++) {
        const bool judged = opt_judged != NULL && opt_judged[c] == 1;
        const char *lack = lack_of(&inference[c], options, keys, accuracy, judged);
        if (lack[0] != '\0') {
            *out = (struct pls_shortfall){c, SIZE_MAX, lack};
            return false;
        }
    }
    for (size_t h = 0; h < verdicts_count; h++)
        if (verdicts[h].open) {
            *out = (struct pls_shortfall){
                SIZE_MAX, h, "a hypothesis' verdict lies within its Monte Carlo error"};
            return false;
        }
    return true;
}
