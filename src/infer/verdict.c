/* verdict.c: a hypothesis accepted or not, by the rule that the study names. */
#include "plstrap/infer.h"

#include <math.h>

/* One-sided only where there is a side. */
static struct pls_probability named_p(const struct pls_inference_keys *keys,
                                      enum pls_relation relation,
                                      const struct pls_inference *inference)
{
    const bool t = keys->p == PLS_P_T;
    if (keys->sides == PLS_ONE_SIDED && relation == PLS_GREATER)
        return t ? inference->t_greater : inference->greater;
    if (keys->sides == PLS_ONE_SIDED && relation == PLS_LESS)
        return t ? inference->t_less : inference->less;
    return t ? inference->t_two : inference->percentile_two;
}

static bool has_stated_sign(enum pls_relation relation, double estimate)
{
    switch (relation) {
    case PLS_GREATER:
        return estimate > 0.0;
    case PLS_LESS:
        return estimate < 0.0;
    case PLS_NOT_EQUAL:
        break;
    }
    return true;
}

/* Not provably apart: also where no Monte Carlo error is known. */
static bool near(double value, double limit, double mcse)
{
    return !(fabs(value - limit) >= 2.0 * mcse);
}

static void by_p(const struct pls_inference_keys *keys, enum pls_relation relation, double estimate,
                 struct pls_verdict *verdict)
{
    if (isnan(verdict->p.p))
        return;
    verdict->decided = true;
    if (!has_stated_sign(relation, estimate))
        return; /* the estimate has no Monte Carlo error: no p changes this verdict */
    verdict->accepted = verdict->p.p < keys->alpha;
    verdict->open = near(verdict->p.p, keys->alpha, verdict->p.mcse);
}

static void by_interval(enum pls_relation relation, const struct pls_interval *ci,
                        struct pls_verdict *verdict)
{
    const bool above = relation != PLS_LESS, below = relation != PLS_GREATER;
    const bool gap = (above && isnan(ci->lower)) || (below && isnan(ci->upper));
    verdict->accepted = (above && ci->lower > 0.0) || (below && ci->upper < 0.0);
    verdict->decided = verdict->accepted || !gap;
    verdict->open =
        verdict->decided && ((above && !isnan(ci->lower) && near(ci->lower, 0.0, ci->mcse_lower)) ||
                             (below && !isnan(ci->upper) && near(ci->upper, 0.0, ci->mcse_upper)));
}

struct pls_verdict pls_infer_verdict(const struct pls_inference_keys *keys,
                                     enum pls_relation relation, double estimate,
                                     const struct pls_inference *inference,
                                     const struct pls_interval *deciding)
{
    struct pls_verdict verdict = {.p = named_p(keys, relation, inference), .note = ""};
    if (keys->rule == PLS_RULE_P)
        by_p(keys, relation, estimate, &verdict);
    else
        by_interval(relation, deciding, &verdict);
    if (!verdict.decided) {
        const char *why = keys->rule == PLS_RULE_P ? inference->note : deciding->note;
        verdict.note = why[0] != '\0' ? why : "the p-value is missing";
    }
    return verdict;
}
