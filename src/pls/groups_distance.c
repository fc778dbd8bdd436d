/*
 * groups_distance.c: the geodesic distance of two symmetric matrices, in fixed order.
 *
 * B = LL', so B^-1 A has the eigenvalues of C = L^-1 A L'^-1, which is made tridiagonal by Householder
 * reflections and diagonal by implicit QL (Wilkinson & Reinsch 1971, tred1 and imtql1: values
 * alone).
 */
#include "groups_internal.h"

#include <float.h>
#include <math.h>

enum { MOST_TURNS = 60, LOG_TERMS = 12 };

double pls_log(double x)
{
    if (!(x > 0.0 && isfinite(x)))
        return NAN;
    int exponent = 0;
    double m = frexp(x, &exponent); /* 0.5 … 1 */
    if (m < 0.70710678118654752) {
        m *= 2.0;
        exponent--;
    }
    /* ln m = 2 atanh z; |z| < 0.172, so that 12 terms leave less than z^25 */
    const double z = (m - 1.0) / (m + 1.0), square = z * z;
    double series = 0.0;
    for (int k = LOG_TERMS; k > 0; k--)
        series = square * (1.0 / (2.0 * k + 1.0) + series);
    /* ln 2 in two parts, the first exact times any exponent */
    const double high = 0x1.62e42fefap-1, low = 0x1.cf79abc9e3b39p-40;
    return (double)exponent * high + (2.0 * z + (2.0 * z * series + (double)exponent * low));
}

/* a := L^-1 a L'^-1 from both triangles of a, L the lower triangle of `factor`. */
static void reduce(double *a, const double *factor, size_t p)
{
    for (size_t column = 0; column < p; column++) /* L Y = A */
        for (size_t k = 0; k < p; k++) {
            double rest = a[k * p + column];
            for (size_t m = 0; m < k; m++)
                rest -= factor[k * p + m] * a[m * p + column];
            a[k * p + column] = rest / factor[k * p + k];
        }
    for (size_t row = 0; row < p; row++) /* C L' = Y */
        for (size_t k = 0; k < p; k++) {
            double rest = a[row * p + k];
            for (size_t m = 0; m < k; m++)
                rest -= factor[k * p + m] * a[row * p + m];
            a[row * p + k] = rest / factor[k * p + k];
        }
}

/* Row i of the lower triangle, beyond its last two elements, to 0; e[0 … i-1] is scratch. */
static void reflect(double *a, size_t p, size_t i, double *e)
{
    double scale = 0.0, h = 0.0, f, g;
    double *v = a + i * p;
    for (size_t k = 0; k < i; k++)
        scale += fabs(v[k]);
    if (i < 2 || scale == 0.0) {
        e[i] = v[i - 1];
        return;
    }
    for (size_t k = 0; k < i; k++) {
        v[k] /= scale;
        h += v[k] * v[k];
    }
    f = v[i - 1];
    g = f >= 0.0 ? -sqrt(h) : sqrt(h);
    e[i] = scale * g;
    h -= f * g;
    v[i - 1] = f - g;
    f = 0.0;
    for (size_t j = 0; j < i; j++) {
        g = 0.0;
        for (size_t k = 0; k <= j; k++)
            g += a[j * p + k] * v[k];
        for (size_t k = j + 1; k < i; k++)
            g += a[k * p + j] * v[k];
        e[j] = g / h;
        f += e[j] * v[j];
    }
    const double half = f / (h + h);
    for (size_t j = 0; j < i; j++) {
        f = v[j];
        g = e[j] -= half * f;
        for (size_t k = 0; k <= j; k++)
            a[j * p + k] -= f * e[k] + g * v[k];
    }
}

/* One implicit QL step on d[l] … d[m]. */
static void turn_once(double *d, double *e, size_t l, size_t m)
{
    double g = (d[l + 1] - d[l]) / (2.0 * e[l]), r = sqrt(g * g + 1.0);
    double s = 1.0, c = 1.0, shift = 0.0;
    g = d[m] - d[l] + e[l] / (g + (g < 0.0 ? -r : r));
    for (size_t i = m; i-- > l;) {
        const double f = s * e[i], b = c * e[i];
        r = sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r == 0.0) {
            d[i + 1] -= shift;
            e[m] = 0.0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - shift;
        r = (d[i] - g) * s + 2.0 * c * b;
        shift = s * r;
        d[i + 1] = g + shift;
        g = c * r - b;
    }
    d[l] -= shift;
    e[l] = g;
    e[m] = 0.0;
}

/* d: diagonal in, eigenvalues out; e[i]: beside d[i] and d[i+1]. False: no end is found. */
static bool diagonalise(double *d, double *e, size_t p)
{
    for (size_t l = 0; l < p; l++)
        for (int turns = 0;; turns++) {
            size_t m = l;
            while (m + 1 < p && fabs(e[m]) > DBL_EPSILON * (fabs(d[m]) + fabs(d[m + 1])))
                m++;
            if (m == l)
                break;
            if (turns == MOST_TURNS)
                return false;
            turn_once(d, e, l, m);
        }
    return true;
}

double pls_geodesic(double *a, double *b, size_t p, double *scratch)
{
    double *d = scratch, *e = scratch + p, sum = 0.0;
    if (pls_cholesky(b, p) < p)
        return NAN;
    reduce(a, b, p);
    for (size_t i = p; i-- > 1;)
        reflect(a, p, i, e);
    for (size_t i = 0; i < p; i++)
        d[i] = a[i * p + i];
    for (size_t i = 1; i < p; i++)
        e[i - 1] = e[i];
    e[p - 1] = 0.0;
    if (!diagonalise(d, e, p))
        return NAN;
    for (size_t i = 0; i < p; i++) {
        const double log = pls_log(d[i]); /* NaN: A is not positive definite */
        sum += log * log;
    }
    return sum;
}
