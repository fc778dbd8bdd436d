/*
 * mediation.c: Zhao, Lynch & Chen (2010) with the words of Nitzl, Roldán & Cepeda (2016); METHODS
 * 7.3, 7.4.
 */
#include "plstrap/infer.h"

#include <math.h>

enum significance { INCLUDES_ZERO, EXCLUDES_ZERO, UNKNOWN };

/* An end that is missing does not matter where the other one decides. */
static enum significance judge(const struct pls_interval *ci)
{
    if (ci->lower > 0.0 || ci->upper < 0.0)
        return EXCLUDES_ZERO;
    return isnan(ci->lower) || isnan(ci->upper) ? UNKNOWN : INCLUDES_ZERO;
}

/* An end without a Monte Carlo error counts as open. */
static bool is_open(const struct pls_interval *ci)
{
    return (!isnan(ci->lower) && !(fabs(ci->lower) >= 2.0 * ci->mcse_lower)) ||
           (!isnan(ci->upper) && !(fabs(ci->upper) >= 2.0 * ci->mcse_upper));
}

static enum pls_mediation type_of(enum significance indirect, enum significance direct,
                                  double product)
{
    if (indirect == UNKNOWN || direct == UNKNOWN)
        return PLS_MEDIATION_UNDECIDED;
    if (indirect == INCLUDES_ZERO)
        return direct == EXCLUDES_ZERO ? PLS_MEDIATION_DIRECT_ONLY : PLS_MEDIATION_NO_EFFECT;
    if (direct == INCLUDES_ZERO)
        return PLS_MEDIATION_INDIRECT_ONLY;
    return product < 0.0 ? PLS_MEDIATION_COMPETITIVE : PLS_MEDIATION_COMPLEMENTARY;
}

static const char *why_no_vaf(enum significance indirect, double product,
                              const struct pls_interval *opt_total_ci)
{
    const enum significance total = opt_total_ci ? judge(opt_total_ci) : UNKNOWN;
    if (indirect == INCLUDES_ZERO)
        return "the indirect effect's interval includes zero";
    if (!(product > 0.0))
        return "indirect and direct effect are not of the same sign";
    if (total == INCLUDES_ZERO)
        return "the total effect's interval includes zero";
    return indirect == UNKNOWN || total == UNKNOWN ? "an interval is missing" : "";
}

struct pls_mediation_verdict pls_infer_mediation(double indirect,
                                                 const struct pls_interval *indirect_ci,
                                                 double direct,
                                                 const struct pls_interval *opt_direct_ci,
                                                 const struct pls_interval *opt_total_ci)
{
    const enum significance of_indirect = judge(indirect_ci);
    struct pls_mediation_verdict verdict = {.open = is_open(indirect_ci), .vaf = NAN};
    if (opt_direct_ci == NULL) {
        verdict.type = of_indirect == UNKNOWN         ? PLS_MEDIATION_UNDECIDED
                       : of_indirect == EXCLUDES_ZERO ? PLS_MEDIATION_INDIRECT
                                                      : PLS_MEDIATION_NO_INDIRECT;
        verdict.vaf_note = "the model has no direct path";
        return verdict;
    }
    const double product = indirect * direct;
    verdict.type = type_of(of_indirect, judge(opt_direct_ci), product);
    verdict.open = verdict.open || is_open(opt_direct_ci);
    verdict.vaf_note = why_no_vaf(of_indirect, product, opt_total_ci);
    if (verdict.vaf_note[0] == '\0')
        verdict.vaf = indirect / (indirect + direct);
    return verdict;
}

const char *pls_mediation_name(enum pls_mediation type)
{
    static const char *const name[] = {
        [PLS_MEDIATION_COMPLEMENTARY] = "complementary",
        [PLS_MEDIATION_COMPETITIVE] = "competitive",
        [PLS_MEDIATION_INDIRECT_ONLY] = "indirect-only",
        [PLS_MEDIATION_DIRECT_ONLY] = "direct-only",
        [PLS_MEDIATION_NO_EFFECT] = "no-effect",
        [PLS_MEDIATION_UNDECIDED] = "undecided",
        [PLS_MEDIATION_INDIRECT] = "indirect",
        [PLS_MEDIATION_NO_INDIRECT] = "no-indirect",
    };
    return name[type];
}

const char *pls_mediation_phrase(enum pls_mediation type)
{
    static const char *const phrase[] = {
        [PLS_MEDIATION_COMPLEMENTARY] = "complementary partial mediation",
        [PLS_MEDIATION_COMPETITIVE] = "competitive partial mediation",
        [PLS_MEDIATION_INDIRECT_ONLY] = "full mediation",
        [PLS_MEDIATION_DIRECT_ONLY] = "no mediation",
        [PLS_MEDIATION_NO_EFFECT] = "no mediation",
        [PLS_MEDIATION_UNDECIDED] = "undecided: an interval is missing",
        [PLS_MEDIATION_INDIRECT] = "indirect effect, no direct path in the model",
        [PLS_MEDIATION_NO_INDIRECT] = "no indirect effect",
    };
    return phrase[type];
}
