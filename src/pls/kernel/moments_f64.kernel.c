/*
 * moments_f64.kernel.c: weighted sums of products in double: each replicate adds its observations
 * in their order, (w x_k) x_l, as the readable version does. Observations of weight 0 add zeros.
 *
 * Two vectors of lanes at once, so that an answer is loaded once for both.
 */
#include "lanes.h"

/* Pairs of one indicator that are summed at once: as many as there are registers for. */
#if defined(__AVX512F__)
enum { MOST_PAIRS = 12 };
#else
enum { MOST_PAIRS = 5 };
#endif
enum { LANES = 2 * PLS_WIDTH };

/* Pairs (k, l) … (k, l+count-1), and the sum of k itself: one more addition is cheaper than a case
 * without. */
PLS_INLINE void add_pairs(size_t count, const struct pls_moments_f64 *work, size_t k, size_t l,
                          double *restrict sums, double *restrict plain)
{
    const double *x = work->x;
    const vec *weights = const_vectors(work->weights);
    vec sum[MOST_PAIRS][2], total[2];
    PLS_UNROLL
    for (size_t part = 0; part < 2; part++) {
        total[part] = work->fresh ? (vec){0} : load(plain + part * PLS_WIDTH);
        PLS_UNROLL
        for (size_t t = 0; t < count; t++)
            sum[t][part] = work->fresh ? (vec){0} : load(sums + t * PLS_LANES + part * PLS_WIDTH);
    }
    for (size_t i = 0; i < work->rows; i++, x += work->indicators, weights += 2) {
        const vec answer = all(x[k]);
        const vec a = weights[0] * answer, b = weights[1] * answer;
        total[0] += a;
        total[1] += b;
        PLS_UNROLL
        for (size_t t = 0; t < count; t++) {
            const vec other = all(x[l + t]);
            sum[t][0] += a * other;
            sum[t][1] += b * other;
        }
    }
    PLS_UNROLL
    for (size_t part = 0; part < 2; part++) {
        store(plain + part * PLS_WIDTH, total[part]);
        PLS_UNROLL
        for (size_t t = 0; t < count; t++)
            store(sums + t * PLS_LANES + part * PLS_WIDTH, sum[t][part]);
    }
}

static void add_some(size_t count, const struct pls_moments_f64 *work, size_t k, size_t l,
                     double *sums, double *plain)
{
    switch (count) {
    case 1:
        add_pairs(1, work, k, l, sums, plain);
        break;
    case 2:
        add_pairs(2, work, k, l, sums, plain);
        break;
    case 3:
        add_pairs(3, work, k, l, sums, plain);
        break;
    case 4:
        add_pairs(4, work, k, l, sums, plain);
        break;
    case 5:
        add_pairs(5, work, k, l, sums, plain);
        break;
#if defined(__AVX512F__)
    case 6:
        add_pairs(6, work, k, l, sums, plain);
        break;
    case 7:
        add_pairs(7, work, k, l, sums, plain);
        break;
    case 8:
        add_pairs(8, work, k, l, sums, plain);
        break;
    case 9:
        add_pairs(9, work, k, l, sums, plain);
        break;
    case 10:
        add_pairs(10, work, k, l, sums, plain);
        break;
    case 11:
        add_pairs(11, work, k, l, sums, plain);
        break;
    case 12:
        add_pairs(12, work, k, l, sums, plain);
        break;
#endif
    default:
        break;
    }
}

/* Counts of one observation of a quad, as integers of 32 bits that hold four. */
PLS_INLINE uint32_t count_of(uint32_t quad, size_t i)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return quad >> 8 * (i % 4) & 255;
#else
    return quad >> (24 - 8 * (i % 4)) & 255;
#endif
}

/* Weights of LANES replicates in double, and their sum. */
static void convert(const struct pls_moments_f64 *work, size_t lane, double *total)
{
    double sum[LANES] = {0.0};
    if (!work->fresh)
        memcpy(sum, total, sizeof sum);
    for (size_t i = 0; i < work->rows; i++) {
        uint32_t quad[LANES];
        double *weights = work->weights + i * LANES;
        memcpy(quad, work->counts + (i / 4 * PLS_LANES + lane) * 4, sizeof quad);
        for (size_t t = 0; t < LANES; t++)
            weights[t] = (double)(int32_t)count_of(quad[t], i);
        for (size_t t = 0; t < LANES; t++)
            sum[t] += weights[t];
    }
    memcpy(total, sum, sizeof sum);
}

void PLS_KERNEL(pls_moments_f64)(const struct pls_moments_f64 *work)
{
    double *plain = work->sums + work->pairs->count * PLS_LANES;
    double spare[LANES] = {0.0}; /* where the sum of k was added by its first pairs */
    for (size_t lane = 0; lane < PLS_LANES; lane += LANES) {
        convert(work, lane, plain + work->indicators * PLS_LANES + lane);
        for (size_t r = 0; r < work->pairs->runs; r++) {
            const struct pls_run *run = &work->pairs->run[r];
            size_t left = run->last - run->first;
            size_t chunks = (left + MOST_PAIRS - 1) / MOST_PAIRS, l = run->first;
            for (; chunks > 0; chunks--) {
                const size_t count = (left + chunks - 1) / chunks;
                add_some(count, work, run->k, l,
                         work->sums + (run->at + l - run->first) * PLS_LANES + lane,
                         l == run->k ? plain + run->k * PLS_LANES + lane : spare);
                l += count;
                left -= count;
            }
        }
    }
}
