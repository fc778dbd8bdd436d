/*
 * solve.kernel.c: the PLS iteration of solve.c for a vector of replicates.
 *
 *   joints    V and C of two related blocks in one pass over their correlations
 *   inner     inner weights of each block
 *   propose   covariances with the proxy, Mode B; the variance of the composite
 *   roots     of all variances
 *   accept    weights of variance 1, their sign and change
 *
 * Each part goes over all blocks before the next one begins: blocks do not wait for each other, so
 * that their roots, divisions and sums are on their way at the same time (block by block an
 * iteration took 11 to 16 % longer).
 *
 * Loops over blocks of 1 to PLS_MOST_SIZE indicators have constant bounds, so that sums stay in
 * registers; larger ones go in pieces (joints) or by the variable bounds (blocks).
 */
#include "regress.h"

/* A function of a size, which is a constant to it where it is at most PLS_MOST_SIZE. */
#define BY_SIZE(size, beyond, function, ...)                                                       \
    do {                                                                                           \
        switch (size) {                                                                            \
        case 1:                                                                                    \
            return function(1, __VA_ARGS__);                                                       \
        case 2:                                                                                    \
            return function(2, __VA_ARGS__);                                                       \
        case 3:                                                                                    \
            return function(3, __VA_ARGS__);                                                       \
        case 4:                                                                                    \
            return function(4, __VA_ARGS__);                                                       \
        case 5:                                                                                    \
            return function(5, __VA_ARGS__);                                                       \
        case 6:                                                                                    \
            return function(6, __VA_ARGS__);                                                       \
        case 7:                                                                                    \
            return function(7, __VA_ARGS__);                                                       \
        case 8:                                                                                    \
            return function(8, __VA_ARGS__);                                                       \
        default:                                                                                   \
            return function(beyond, __VA_ARGS__);                                                  \
        }                                                                                          \
    } while (0)
_Static_assert((int)PLS_MOST_SIZE == 8, "BY_SIZE has a case for each");

static const double least_variance = 1e-24, least_start = 1e-12; /* solve.c */

/*
 * `count` columns of a joint: rows of j with the weights wi of these columns add to vj, columns
 * with the weights wj give vi; returns wj'vj.
 *
 *   s   [rows][stride]  in
 *   go_on               whether vj holds the sums of the columns before
 */
PLS_INLINE vec join(size_t count, size_t rows, const vec *s, size_t stride, const vec *wj,
                    const vec *wi, bool go_on, vec *restrict vj, vec *restrict opt_vi)
{
    vec w[PLS_MOST_SIZE], column[PLS_MOST_SIZE], product = {0};
    PLS_UNROLL
    for (size_t l = 0; l < count; l++) {
        w[l] = wi[l];
        column[l] = (vec){0};
    }
    for (size_t k = 0; k < rows; k++, s += stride) {
        const vec wk = wj[k];
        vec sum = go_on ? vj[k] + s[0] * w[0] : s[0] * w[0];
        PLS_UNROLL
        for (size_t l = 1; l < count; l++)
            sum += s[l] * w[l];
        vj[k] = sum;
        product += wk * sum;
        if (opt_vi != NULL) {
            PLS_UNROLL
            for (size_t l = 0; l < count; l++)
                column[l] += s[l] * wk;
        }
    }
    if (opt_vi != NULL) {
        PLS_UNROLL
        for (size_t l = 0; l < count; l++)
            opt_vi[l] = column[l];
    }
    return product;
}

PLS_INLINE vec join_some(size_t count, size_t rows, const vec *s, size_t stride, const vec *wj,
                         const vec *wi, bool go_on, vec *vj, vec *opt_vi)
{
    BY_SIZE(count, PLS_MOST_SIZE, join, rows, s, stride, wj, wi, go_on, vj, opt_vi);
}

/* V of a joint; returns its correlation. Without `both` only what the correlation needs. */
PLS_INLINE vec compose_joint(const struct pls_joint *joint, const vec *s, const vec *w, bool both,
                             vec *v)
{
    const size_t rows = joint->rows, columns = joint->columns;
    const vec *wj = w + joint->wj, *wi = w + joint->wi;
    vec *vj = v + joint->vj, *vi = both ? v + joint->vi : NULL;
    s += joint->s;
    if (columns <= PLS_MOST_SIZE)
        return join_some(columns, rows, s, columns, wj, wi, false, vj, vi);
    vec product = {0};
    for (size_t l = 0; l < columns; l += PLS_MOST_SIZE) {
        const size_t count = columns - l < PLS_MOST_SIZE ? columns - l : PLS_MOST_SIZE;
        product =
            join_some(count, rows, s + l, columns, wj, wi + l, l > 0, vj, both ? vi + l : NULL);
    }
    return product;
}

/* Correlations of indicator k with the block's, times w, in order; s is the block's triangle. */
PLS_INLINE vec own_of(size_t size, size_t k, const vec *s, const vec *w)
{
    vec sum = k == 0 ? w[0] : s[triangle_at(0, k, size)] * w[0];
    PLS_UNROLL
    for (size_t l = 1; l < size; l++)
        if (l < k)
            sum += s[triangle_at(l, k, size)] * w[l];
        else if (l == k)
            sum += w[k];
        else
            sum += s[triangle_at(k, l, size)] * w[l];
    return sum;
}

/* Variance of the composite of weights u; opt_own: covariances of the indicators with it. */
PLS_INLINE vec own_all(size_t size, const vec *s, const vec *u, vec *restrict opt_own)
{
    vec variance = {0};
    PLS_UNROLL
    for (size_t k = 0; k < size; k++) {
        const vec own = own_of(size, k, s, u);
        variance = k == 0 ? u[0] * own : variance + u[k] * own;
        if (opt_own != NULL)
            opt_own[k] = own;
    }
    return variance;
}

static vec variance_of(size_t size, const vec *s, const vec *u)
{
    BY_SIZE(size, size, own_all, s, u, NULL);
}

static vec covariances(size_t size, const vec *s, const vec *u, vec *own)
{
    BY_SIZE(size, size, own_all, s, u, own);
}

/* What an iteration works on. */
struct state {
    const struct pls_lane_plan *plan;
    vec *s, *w, *v, *c, *factor;
    vec *u;           /* [p]     proposed weights                                 */
    vec *scale;       /* [J]     variances of their composites, then 1 / roots     */
    vec *inner;       /* [slots] inner weights                                    */
    vec *coefficient; /*         scratch of a regression                          */
};

/* Weights of one block for the proxy of V and the inner weights; returns their variance. */
PLS_INLINE vec propose_of(size_t size, const struct state *state,
                          const struct pls_lane_block *block)
{
    const vec *v = state->v + block->v, *inner = state->inner + block->slot;
    vec few[PLS_MOST_SIZE], *to = state->u + block->first, *u = size <= PLS_MOST_SIZE ? few : to;
    PLS_UNROLL
    for (size_t k = 0; k < size; k++)
        u[k] = inner[0] * v[k];
    for (size_t i = 1; i < block->slots; i++) {
        v += size;
        PLS_UNROLL
        for (size_t k = 0; k < size; k++)
            u[k] += inner[i] * v[k];
    }
    if (block->formative)
        substitute(size, state->factor + block->factor, u);
    PLS_UNROLL
    for (size_t k = 0; k < size; k++)
        to[k] = u[k];
    return own_all(size, state->s + block->s, u, NULL);
}

PLS_INLINE vec propose(const struct state *state, const struct pls_lane_block *block)
{
    BY_SIZE(block->size, block->size, propose_of, state, block);
}

/* The weights proposed, scaled, take the place of the old ones; adds the change. */
PLS_INLINE vec accept_of(size_t size, const struct state *state, const struct pls_lane_block *block,
                         vec scale, vec change)
{
    const vec *s = state->s + block->s, *from = state->u + block->first;
    vec *w = state->w + block->first;
    vec few[PLS_MOST_SIZE], *u = size <= PLS_MOST_SIZE ? few : state->u + block->first;
    PLS_UNROLL
    for (size_t k = 0; k < size; k++)
        u[k] = from[k] * scale;
    vec agreement = u[0] * own_of(size, 0, s, w);
    PLS_UNROLL
    for (size_t k = 1; k < size; k++)
        agreement += u[k] * own_of(size, k, s, w);
    const mask sign = sign_bits(agreement + 0.0);
    PLS_UNROLL
    for (size_t k = 0; k < size; k++)
        change += magnitude(u[k] - flip(w[k], sign));
    PLS_UNROLL
    for (size_t k = 0; k < size; k++)
        w[k] = u[k];
    return change;
}

PLS_INLINE vec accept(const struct state *state, const struct pls_lane_block *block, vec scale,
                      vec change)
{
    BY_SIZE(block->size, block->size, accept_of, state, block, scale, change);
}

/* METHODS 2.2; [slots], then scratch of the regression. */
PLS_INLINE mask inner_weights(const struct state *state, const struct pls_lane_block *block,
                              enum pls_scheme scheme, vec *inner, vec *coefficient)
{
    const struct pls_slot *slot = state->plan->slot + block->slot;
    if (scheme == PLS_SCHEME_CENTROID) {
        for (size_t i = 0; i < block->slots; i++) {
            const vec r = state->c[slot[i].c], one = all(1.0);
            inner[i] = (vec)(((mask)one & less((vec){0}, r)) | ((mask)-one & less(r, (vec){0})));
        }
        return (mask){0};
    }
    if (scheme == PLS_SCHEME_FACTORIAL) {
        for (size_t i = 0; i < block->slots; i++)
            inner[i] = state->c[slot[i].c];
        return (mask){0};
    }
    const mask troubled = regress(state->plan, &block->regression, state->c, coefficient);
    for (size_t i = 0; i < block->slots; i++)
        inner[i] = slot[i].predecessor == PLS_NONE ? state->c[slot[i].c]
                                                   : coefficient[slot[i].predecessor];
    return troubled;
}

static struct state state_of(const struct pls_lane_plan *plan, const struct pls_group *group)
{
    vec *u = vectors(group->scratch), *scale = u + plan->indicators;
    vec *inner = scale + plan->constructs;
    return (struct state){.plan = plan,
                          .s = vectors(group->s),
                          .w = vectors(group->w),
                          .v = vectors(group->v),
                          .c = vectors(group->c),
                          .factor = vectors(group->factor),
                          .u = u,
                          .scale = scale,
                          .inner = inner,
                          .coefficient = inner + plan->slots};
}

/* One iteration; lanes in trouble. */
PLS_INLINE mask step(const struct state *state, enum pls_scheme scheme, vec *change)
{
    const struct pls_lane_plan *plan = state->plan;
    const struct pls_lane_block *block = plan->block;
    vec *scale = state->scale;
    mask troubled = {0};
    for (size_t c = 0; c < plan->iterated; c++) {
        const struct pls_joint *joint = &plan->joint[c];
        state->c[c] = joint->vi != PLS_NONE
                          ? compose_joint(joint, state->s, state->w, true, state->v)
                          : compose_joint(joint, state->s, state->w, false, state->v);
    }
    for (size_t j = 0; j < plan->constructs; j++)
        troubled |= inner_weights(state, &block[j], scheme, state->inner + block[j].slot,
                                  state->coefficient);
    for (size_t j = 0; j < plan->constructs; j++) /* a weight alone stays 1 */
        scale[j] = block[j].size > 1 ? propose(state, &block[j]) : all(1.0);
    for (size_t j = 0; j < plan->constructs; j++) {
        troubled |= ~less(all(least_variance), scale[j]);
        scale[j] = 1.0 / root(scale[j]);
    }
    vec sum = {0};
    for (size_t j = 0; j < plan->constructs; j++)
        if (block[j].size > 1)
            sum = accept(state, &block[j], scale[j], sum);
    *change = sum;
    return troubled;
}

struct pls_progress PLS_KERNEL(pls_iterate)(const struct pls_lane_plan *plan,
                                            struct pls_group *group, uint32_t most)
{
    const struct pls_estimation_keys *keys = plan->estimator->keys;
    const struct state state = state_of(plan, group);
    const vec tolerance = all(keys->tolerance);
    struct pls_progress progress = {0};
    while (progress.iterations < most && (progress.troubled | progress.converged) == 0) {
        vec change;
        const mask troubled = step(&state, keys->scheme, &change);
        progress.iterations++;
        progress.troubled = bits(troubled) & group->active;
        progress.converged = bits(less(change, tolerance)) & group->active & ~progress.troubled;
    }
    return progress;
}

/* Lower triangle from the packed upper one. */
static mask factor_block(const struct pls_lane_block *block, const vec *s, vec *factor)
{
    const size_t size = block->size;
    for (size_t k = 0; k < size; k++) {
        for (size_t l = 0; l < k; l++)
            factor[k * size + l] = s[triangle_at(l, k, size)];
        factor[k * size + k] = all(1.0);
    }
    return factorise(size, factor);
}

unsigned PLS_KERNEL(pls_start)(const struct pls_lane_plan *plan, struct pls_group *group)
{
    const struct state state = state_of(plan, group);
    mask troubled = {0};
    for (size_t j = 0; j < plan->constructs; j++) {
        const struct pls_lane_block *block = &plan->block[j];
        const vec *s = state.s + block->s;
        vec *w = state.w + block->first;
        for (size_t k = 0; k < block->size; k++)
            w[k] = all(1.0);
        if (block->formative)
            troubled |= factor_block(block, s, state.factor + block->factor);
        if (block->size == 1)
            continue;
        const vec variance = variance_of(block->size, s, w), scale = 1.0 / root(variance);
        troubled |= ~less(all(least_start), variance);
        for (size_t k = 0; k < block->size; k++)
            w[k] *= scale;
    }
    return bits(troubled);
}

void PLS_KERNEL(pls_settle)(const struct pls_lane_plan *plan, struct pls_group *group,
                            unsigned lanes)
{
    const mask chosen = mask_of(lanes);
    const vec *w = vectors(group->w);
    vec *solution = vectors(group->solution);
    for (size_t k = 0; k < plan->indicators; k++)
        solution[k] = (vec)(((mask)w[k] & chosen) | ((mask)solution[k] & ~chosen));
}

void PLS_KERNEL(pls_compose)(const struct pls_lane_plan *plan, struct pls_group *group,
                             const double *weights)
{
    const struct state state = state_of(plan, group);
    const vec *w = const_vectors(weights);
    vec *own = vectors(group->own);
    for (size_t c = 0; c < plan->joints; c++)
        state.c[c] = compose_joint(&plan->joint[c], state.s, w, false, state.v);
    for (size_t j = 0; j < plan->constructs; j++) {
        const struct pls_lane_block *block = &plan->block[j];
        covariances(block->size, state.s + block->s, w + block->first, own + block->first);
    }
    for (size_t k = 0; k < plan->indicators; k++)
        own[k] += 0.0;
}
