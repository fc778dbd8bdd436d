/* within.kernel.c: sums of one permutation, and S of a few permutations from their sums. */
#include "lanes.h"

/* Indicators whose sums with one vector of PLS_MOST_WIDTH doubles stay in registers. */
#if defined(__AVX512F__)
enum { MOST_ROWS = 12 };
#elif defined(__AVX2__)
enum { MOST_ROWS = 6 };
#else
enum { MOST_ROWS = 3 };
#endif
enum { PARTS = PLS_MOST_WIDTH / PLS_WIDTH };

PLS_INLINE void cross_of(size_t count, const struct pls_cross *work, size_t k, size_t c)
{
    const double *x = work->x + k;
    vec sum[MOST_ROWS][PARTS];
    PLS_UNROLL
    for (size_t a = 0; a < count; a++) {
        PLS_UNROLL
        for (size_t part = 0; part < PARTS; part++)
            sum[a][part] = (vec){0};
    }
    for (size_t i = 0; i < work->n; i++, x += work->related) {
        const double *h = work->h + work->pi[i] * work->wide + c;
        vec y[PARTS];
        PLS_UNROLL
        for (size_t part = 0; part < PARTS; part++)
            y[part] = load(h + part * PLS_WIDTH);
        PLS_UNROLL
        for (size_t a = 0; a < count; a++) {
            PLS_UNROLL
            for (size_t part = 0; part < PARTS; part++)
                sum[a][part] += all(x[a]) * y[part];
        }
    }
    for (size_t a = 0; a < count; a++) {
        double *to = work->sums + ((k + a) * work->wide + c) * PLS_LANES;
        for (size_t part = 0; part < PARTS; part++)
            for (size_t l = 0; l < PLS_WIDTH; l++)
                to[(part * PLS_WIDTH + l) * PLS_LANES] = sum[a][part][l];
    }
}

static void cross_some(size_t count, const struct pls_cross *work, size_t k, size_t c)
{
    switch (count) {
    case 1:
        cross_of(1, work, k, c);
        break;
    case 2:
        cross_of(2, work, k, c);
        break;
    case 3:
        cross_of(3, work, k, c);
        break;
#if defined(__AVX2__)
    case 4:
        cross_of(4, work, k, c);
        break;
    case 5:
        cross_of(5, work, k, c);
        break;
    case 6:
        cross_of(6, work, k, c);
        break;
#endif
#if defined(__AVX512F__)
    case 7:
        cross_of(7, work, k, c);
        break;
    case 8:
        cross_of(8, work, k, c);
        break;
    case 9:
        cross_of(9, work, k, c);
        break;
    case 10:
        cross_of(10, work, k, c);
        break;
    case 11:
        cross_of(11, work, k, c);
        break;
    case 12:
        cross_of(12, work, k, c);
        break;
#endif
    default:
        break;
    }
}

void PLS_KERNEL(pls_cross)(const struct pls_cross *work)
{
    size_t chunks = (work->related + MOST_ROWS - 1) / MOST_ROWS;
    for (size_t k = 0; k < work->related; chunks--) {
        const size_t left = work->related - k, count = (left + chunks - 1) / chunks;
        for (size_t c = 0; c < work->wide; c += PLS_MOST_WIDTH)
            cross_some(count, work, k, c);
        k += count;
    }
}

/* M = w'D of the predecessors in the fit. */
static void scores(const struct pls_recombination *work, const vec *d, vec *m)
{
    for (size_t a = 0; a < work->terms; a++) {
        const struct pls_fit_term *term = &work->term[a];
        for (size_t l = 0; l < work->size; l++) {
            vec sum = {0};
            for (size_t k = 0; k < term->count; k++)
                sum += term->weights[k] * d[(term->from + k) * work->size + l];
            m[a * work->size + l] = sum;
        }
    }
}

/* S within the block, and 1 / roots of its variances. */
static mask own_block(const struct pls_recombination *work, const vec *m, vec *root_of, vec *s)
{
    const size_t K = work->size;
    vec *b = root_of + K;
    mask troubled = {0};
    for (size_t k = 0; k < K; k++)
        for (size_t l = k; l < K; l++) {
            vec sum = all(work->block[k * K + l]);
            for (size_t a = 0; a < work->terms; a++) {
                const double *beta = work->term[a].beta;
                sum += beta[k] * m[a * K + l] + beta[l] * m[a * K + k];
            }
            b[k * K + l] = sum;
        }
    for (size_t l = 0; l < K; l++) {
        troubled |= ~less(all(PLS_LEAST_Y), b[l * K + l]);
        root_of[l] = 1.0 / root(b[l * K + l]);
    }
    for (size_t k = 0; k < K; k++)
        for (size_t l = k + 1; l < K; l++)
            s[work->own + triangle_at(k, l, K)] = (b[k * K + l] * root_of[k]) * root_of[l];
    return troubled;
}

unsigned PLS_KERNEL(pls_recombine)(const struct pls_lane_plan *plan,
                                   const struct pls_recombination *work, const double *sums,
                                   double *correlations)
{
    const size_t K = work->size;
    vec *s = vectors(correlations);
    vec *d = vectors(work->scratch), *m = d + work->related * K, *root_of = m + work->terms * K;
    for (size_t i = 0; i < plan->s; i++)
        s[i] = all(work->base[i]);
    for (size_t k = 0; k < work->related; k++) {
        const double *g = sums + k * work->wide * PLS_LANES;
        for (size_t l = 0; l < K; l++) {
            vec rest = load(g + l * PLS_LANES);
            for (size_t a = 0; a < work->terms; a++)
                rest -= work->term[a].beta[l] * load(g + work->term[a].column * PLS_LANES);
            d[k * K + l] = rest;
        }
    }
    scores(work, d, m);
    const mask troubled = own_block(work, m, root_of, s);
    for (size_t k = 0; k < work->related; k++)
        for (size_t l = 0; l < K; l++)
            s[work->to[k * K + l]] = (work->fitted[k * K + l] + d[k * K + l]) * root_of[l];
    return bits(troubled);
}
