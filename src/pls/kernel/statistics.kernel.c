/* statistics.kernel.c: signs, structural regressions, effects: the row, from w, V and C. */
#include "regress.h"

/* Sign bits of the lanes that are true. */
PLS_INLINE mask sign_where(mask lanes)
{
    return lanes & (INT64_MIN - (mask){0});
}

static void note_turned(struct pls_statistics *work, unsigned lanes, uint32_t j, uint32_t none)
{
    for (size_t lane = 0; lane < PLS_WIDTH; lane++)
        if ((lanes >> lane & 1) != 0 && work->turned[lane] == none)
            work->turned[lane] = (uint16_t)j;
}

/* METHODS 2.7, pls_orient(): sign bits by which each construct is turned. */
static void orient(const struct pls_lane_plan *plan, struct pls_statistics *work, mask *turn)
{
    const enum pls_sign rule = plan->estimator->keys->sign;
    const vec *own = const_vectors(work->own);
    for (size_t lane = 0; lane < PLS_WIDTH; lane++)
        work->turned[lane] = (uint16_t)plan->constructs;
    for (size_t j = 0; j < plan->constructs; j++) {
        const struct pls_lane_block *block = &plan->block[j];
        vec plain = {0}, base = {0};
        turn[j] = (mask){0};
        if (block->dominant != PLS_NONE) {
            turn[j] = sign_where(less(own[block->dominant], (vec){0}));
            continue;
        }
        for (size_t k = block->first; k < block->first + block->size; k++)
            plain += own[k];
        if (rule == PLS_SIGN_SUM)
            turn[j] = sign_where(less(plain, (vec){0}));
        if (work->opt_base == NULL)
            continue;
        for (size_t k = block->first; k < block->first + block->size; k++)
            base += own[k] * work->opt_base[k];
        const mask against = less(flip(base, turn[j]), (vec){0});
        turn[j] ^= sign_where(against);
        if (bits(against) != 0)
            note_turned(work, bits(against), (uint32_t)j, plan->constructs);
    }
}

/* Paths and R² of one construct. */
static mask explain(const struct pls_lane_plan *plan, const struct pls_statistics *work,
                    const struct pls_regression *regression, const vec *c, vec *coefficient,
                    vec *path)
{
    const size_t first = plan->estimator->first[PLS_PATH] + regression->path;
    const mask troubled = regress(plan, regression, c, coefficient);
    vec r2 = {0};
    for (size_t a = 0; a < regression->count; a++) {
        path[regression->path + a] = coefficient[a];
        store(work->rows + (first + a) * work->stride, coefficient[a]);
        r2 += coefficient[a] * c[plan->pick[regression->target + a]];
    }
    if (regression->count > 0)
        store(work->rows + regression->r2 * work->stride, r2);
    return troubled;
}

/* pls_effects_row() */
static void effects(const struct pls_lane_plan *plan, const struct pls_statistics *work,
                    const vec *path, vec *total)
{
    const struct pls_estimator *estimator = plan->estimator;
    const struct pls_chain_list *chains = &estimator->specific;
    double *totals = work->rows + estimator->first[PLS_TOTAL] * work->stride;
    double *indirects = work->rows + estimator->first[PLS_INDIRECT] * work->stride;
    double *specifics = work->rows + estimator->first[PLS_SPECIFIC] * work->stride;
    for (size_t e = 0; e < estimator->total.count; e++) {
        const struct pls_effect_step *step = &plan->effect[e];
        vec sum = {0};
        for (size_t t = step->first; t < step->last; t++)
            sum += path[plan->term[t].path] * total[plan->term[t].total];
        if (step->indirect != PLS_NONE)
            store(indirects + step->indirect * work->stride, sum);
        if (step->direct != PLS_NONE)
            sum += path[step->direct];
        total[step->total] = sum;
        store(totals + step->total * work->stride, sum);
    }
    for (size_t c = 0; c < chains->count; c++) {
        const size_t *link = chains->path + chains->start[c];
        const size_t *end = chains->path + chains->start[c + 1];
        vec product = path[*link];
        while (++link < end)
            product *= path[*link];
        store(specifics + c * work->stride, product);
    }
}

void PLS_KERNEL(pls_statistics)(const struct pls_lane_plan *plan, struct pls_statistics *work)
{
    const struct pls_estimator *estimator = plan->estimator;
    const vec *w = const_vectors(work->w), *own = const_vectors(work->own);
    const vec *raw = const_vectors(work->c);
    vec *c = vectors(work->scratch), *path = c + plan->joints, *total = path + plan->paths;
    vec *coefficient = total + estimator->total.count;
    mask *turn = (void *)(coefficient + (size_t)plan->widest * (plan->widest + 1));
    double *weights = work->rows + estimator->first[PLS_WEIGHT] * work->stride;
    double *loadings = work->rows + estimator->first[PLS_LOADING] * work->stride;
    mask troubled = {0};

    orient(plan, work, turn);
    for (size_t j = 0; j < plan->constructs; j++) {
        const struct pls_lane_block *block = &plan->block[j];
        for (size_t k = block->first; k < block->first + block->size; k++) {
            store(weights + k * work->stride, flip(w[k] + 0.0, turn[j]));
            store(loadings + k * work->stride, flip(own[k], turn[j]));
        }
    }
    for (size_t i = 0; i < plan->joints; i++)
        c[i] = flip(raw[i], turn[plan->joint[i].j] ^ turn[plan->joint[i].i]);
    for (size_t j = 0; j < plan->constructs; j++)
        troubled |= explain(plan, work, &plan->block[j].regression, c, coefficient, path);
    effects(plan, work, path, total);
    work->troubled = bits(troubled);
}

/* pls_within_tests() */
void PLS_KERNEL(pls_tests)(const struct pls_lane_plan *plan, struct pls_statistics *work, size_t j)
{
    const vec *raw = const_vectors(work->c);
    vec *c = vectors(work->scratch), *coefficient = c + plan->joints;
    mask *turn = (void *)(coefficient + (size_t)plan->widest * (plan->widest + 2));
    mask troubled = {0};
    orient(plan, work, turn);
    for (size_t i = 0; i < plan->joints; i++)
        c[i] = flip(raw[i], turn[plan->joint[i].j] ^ turn[plan->joint[i].i]);
    for (size_t i = 0; i < plan->constructs; i++)
        if (i != j)
            troubled |= regress(plan, &plan->block[i].regression, c, coefficient);

    const struct pls_regression *regression = &plan->block[j].regression;
    const size_t count = regression->count;
    const vec df = all((double)(plan->estimator->dataset->rows - 1 - count));
    vec *unit = coefficient + count, *factor = unit + count, r2 = {0};
    troubled |= regress_of(count, plan, regression, c, factor, coefficient);
    for (size_t a = 0; a < count; a++)
        r2 += coefficient[a] * c[plan->pick[regression->target + a]];
    const vec rest = 1.0 - r2, least = all(PLS_LEAST_UNEXPLAINED);
    const mask enough = less(least, rest);
    const vec unexplained = (vec)(((mask)rest & enough) | ((mask)least & ~enough));
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++)
            unit[b] = all(a == b ? 1.0 : 0.0);
        substitute(count, factor, unit);
        store(work->rows + a * work->stride, coefficient[a] / root(unexplained * unit[a] / df));
    }
    store(work->rows + count * work->stride, r2);
    work->troubled = bits(troubled);
}
