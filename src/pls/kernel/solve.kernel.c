/*
 * solve.kernel.c: the PLS iteration of solve.c for a vector of replicates.
 *
 *   composites: V and C of each joint (two related blocks) in one pass over its correlations
 *   update:     each block: inner weights, covariances with the proxy, Mode B, variance 1, change
 *
 * Loops over blocks of 2 to PLS_MOST_SIZE indicators have constant bounds, so that sums stay in
 * registers; larger ones go in pieces (joints) or by the variable bounds (update).
 */
#include "regress.h"

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
    switch (count) {
    case 1:
        return join(1, rows, s, stride, wj, wi, go_on, vj, opt_vi);
    case 2:
        return join(2, rows, s, stride, wj, wi, go_on, vj, opt_vi);
    case 3:
        return join(3, rows, s, stride, wj, wi, go_on, vj, opt_vi);
    case 4:
        return join(4, rows, s, stride, wj, wi, go_on, vj, opt_vi);
    case 5:
        return join(5, rows, s, stride, wj, wi, go_on, vj, opt_vi);
    case 6:
        return join(6, rows, s, stride, wj, wi, go_on, vj, opt_vi);
    case 7:
        return join(7, rows, s, stride, wj, wi, go_on, vj, opt_vi);
    default:
        return join(8, rows, s, stride, wj, wi, go_on, vj, opt_vi);
    }
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

/* Scales u to a composite of variance 1. */
PLS_INLINE mask normalise(size_t size, const vec *s, double least, vec *u)
{
    vec variance = u[0] * own_of(size, 0, s, u);
    PLS_UNROLL
    for (size_t k = 1; k < size; k++)
        variance += u[k] * own_of(size, k, s, u);
    const vec scale = 1.0 / root(variance);
    PLS_UNROLL
    for (size_t k = 0; k < size; k++)
        u[k] *= scale;
    return ~less(all(least), variance);
}

/* What update() works on. */
struct state {
    const struct pls_lane_plan *plan;
    vec *s, *w, *v, *c, *factor, *scratch;
};

/* Weights of one block for the proxy of V and the inner weights; change is added to. */
PLS_INLINE mask update_of(size_t size, const struct state *state,
                          const struct pls_lane_block *block, const vec *inner, vec *u, vec *change)
{
    const vec *v = state->v + block->v, *s = state->s + block->s;
    vec *w = state->w + block->first;
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
    const mask troubled = normalise(size, s, least_variance, u);
    vec agreement = u[0] * own_of(size, 0, s, w);
    PLS_UNROLL
    for (size_t k = 1; k < size; k++)
        agreement += u[k] * own_of(size, k, s, w);
    const mask sign = sign_bits(agreement + 0.0);
    vec sum = *change;
    PLS_UNROLL
    for (size_t k = 0; k < size; k++)
        sum += magnitude(u[k] - flip(w[k], sign));
    *change = sum;
    PLS_UNROLL
    for (size_t k = 0; k < size; k++)
        w[k] = u[k];
    return troubled;
}

PLS_INLINE mask update_small(size_t size, const struct state *state,
                             const struct pls_lane_block *block, const vec *inner, vec *change)
{
    vec u[PLS_MOST_SIZE];
    return update_of(size, state, block, inner, u, change);
}

static mask update(const struct state *state, const struct pls_lane_block *block, const vec *inner,
                   vec *change)
{
    switch (block->size) {
    case 1:
        return (mask){0}; /* its weight stays 1 */
    case 2:
        return update_small(2, state, block, inner, change);
    case 3:
        return update_small(3, state, block, inner, change);
    case 4:
        return update_small(4, state, block, inner, change);
    case 5:
        return update_small(5, state, block, inner, change);
    case 6:
        return update_small(6, state, block, inner, change);
    case 7:
        return update_small(7, state, block, inner, change);
    case 8:
        return update_small(8, state, block, inner, change);
    default:
        return update_of(block->size, state, block, inner, state->scratch, change);
    }
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
    return (struct state){.plan = plan,
                          .s = vectors(group->s),
                          .w = vectors(group->w),
                          .v = vectors(group->v),
                          .c = vectors(group->c),
                          .factor = vectors(group->factor),
                          .scratch = vectors(group->scratch)};
}

/* One pass over all blocks; lanes in trouble. */
PLS_INLINE mask step(const struct state *state, enum pls_scheme scheme, vec *change)
{
    const struct pls_lane_plan *plan = state->plan;
    mask troubled = {0};
    vec *inner = state->scratch + plan->widest, *coefficient = inner + plan->constructs;
    for (size_t c = 0; c < plan->iterated; c++) {
        const struct pls_joint *joint = &plan->joint[c];
        state->c[c] = joint->vi != PLS_NONE
                          ? compose_joint(joint, state->s, state->w, true, state->v)
                          : compose_joint(joint, state->s, state->w, false, state->v);
    }
    *change = (vec){0};
    for (size_t j = 0; j < plan->constructs; j++) {
        const struct pls_lane_block *block = &plan->block[j];
        troubled |= inner_weights(state, block, scheme, inner, coefficient);
        troubled |= update(state, block, inner, change);
    }
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
        if (block->size > 1)
            troubled |= normalise(block->size, s, least_start, w);
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
        const vec *s = state.s + block->s, *block_w = w + block->first;
        for (size_t k = 0; k < block->size; k++)
            own[block->first + k] = own_of(block->size, k, s, block_w) + 0.0;
    }
}
