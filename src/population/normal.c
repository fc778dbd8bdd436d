/*
 * normal.c: normal random numbers by inversion: every one costs half a block of Philox and one
 * quantile, whatever it is, so that a number's place in its stream is known.
 *
 * The centre (85 of 100) is a quotient of polynomials and is computed for all of a piece in a loop
 * that compilers vectorise; tails are then computed again.
 */
#include "plstrap/population.h"
#include "plstrap/random.h"

#include <math.h>
#include <string.h>

enum { PIECE = 256 };

/* log(x) of a normal number 0 < x < 1, below 1 ulp: x = m 2^e, m in [sqrt(1/2), sqrt 2), log m by
 * fdlibm's series in s = (m-1)/(m+1). */
static double natural_log(double x)
{
    static const double high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    /* 0x3fe6a09e667f3bcd is sqrt(1/2): what is added carries into the exponent from there on. */
    const uint64_t shifted = bits + (0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
    const double e = (double)((int)(shifted >> 52) - 1023);
    bits = (shifted & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd;
    double m;
    memcpy(&m, &bits, sizeof m);

    const double f = m - 1.0, s = f / (2.0 + f), z = s * s, w = z * z;
    const double odd = w * (3.999999999940941908e-01 +
                            w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const double even = z * (6.666666666666735130e-01 +
                             w * (2.857142874366239149e-01 +
                                  w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    const double half = 0.5 * f * f;
    return e * high - ((half - (s * (half + (odd + even)) + e * low)) - f);
}

/* Wichura (1988), PPND16; r² = .180625 - q². */
static inline double centre(double q)
{
    const double r = 0.180625 - q * q;
    const double above = (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r +
                               6.7265770927008700853e4) *
                                  r +
                              4.5921953931549871457e4) *
                                 r +
                             1.3731693765509461125e4) *
                                r +
                            1.9715909503065514427e3) *
                               r +
                           1.3314166789178437745e2) *
                              r +
                          3.3871328727963666080e0);
    const double below = (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r +
                               3.9307895800092710610e4) *
                                  r +
                              2.1213794301586595867e4) *
                                 r +
                             5.3941960214247511077e3) *
                                r +
                            6.8718700749205790830e2) *
                               r +
                           4.2313330701600911252e1) *
                              r +
                          1.0);
    return q * above / below;
}

static double middle_tail(double r)
{
    const double above = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r +
                               2.41780725177450611770e-1) *
                                  r +
                              1.27045825245236838258e0) *
                                 r +
                             3.64784832476320460504e0) *
                                r +
                            5.76949722146069140550e0) *
                               r +
                           4.63033784615654529590e0) *
                              r +
                          1.42343711074968357734e0);
    const double below = (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r +
                               1.51986665636164571966e-2) *
                                  r +
                              1.48103976427480074590e-1) *
                                 r +
                             6.89767334985100004550e-1) *
                                r +
                            1.67638483018380384940e0) *
                               r +
                           2.05319162663775882187e0) *
                              r +
                          1.0);
    return above / below;
}

static double far_tail(double r)
{
    const double above = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r +
                               1.24266094738807843860e-3) *
                                  r +
                              2.65321895265761230930e-2) *
                                 r +
                             2.96560571828504891230e-1) *
                                r +
                            1.78482653991729133580e0) *
                               r +
                           5.46378491116411436990e0) *
                              r +
                          6.65790464350110377720e0);
    const double below = (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r +
                               1.84631831751005468180e-5) *
                                  r +
                              7.86869131145613259100e-4) *
                                 r +
                             1.48753612908506148525e-2) *
                                r +
                            1.36929880922735805310e-1) *
                               r +
                           5.99832206555887937690e-1) *
                              r +
                          1.0);
    return above / below;
}

static double tail(double p)
{
    const double q = p - 0.5;
    const double r = sqrt(-natural_log(q < 0.0 ? p : 1.0 - p));
    const double z = r <= 5.0 ? middle_tail(r - 1.6) : far_tail(r - 5.0);
    return q < 0.0 ? -z : z;
}

double pls_population_quantile(double p)
{
    const double q = p - 0.5;
    return fabs(q) <= 0.425 ? centre(q) : tail(p);
}

/* count <= PIECE; first even. */
static void piece(uint64_t seed, uint32_t cell, uint64_t sample, uint64_t first, size_t count,
                  double *out)
{
    double p[PIECE];
    for (size_t i = 0; i < count; i += 2) {
        uint32_t word[4];
        pls_random_block(seed, PLS_PURPOSE_POPULATION, cell, sample, (uint32_t)((first + i) / 2),
                         word);
        for (size_t h = 0; h < 2 && i + h < count; h++) {
            const uint64_t top = ((uint64_t)word[2 * h + 1] << 32 | word[2 * h]) >> 12;
            p[i + h] = (double)(2 * top + 1) * 0x1p-53;
        }
    }
    for (size_t i = 0; i < count; i++)
        out[i] = centre(p[i] - 0.5);
    for (size_t i = 0; i < count; i++)
        if (!(fabs(p[i] - 0.5) <= 0.425))
            out[i] = tail(p[i]);
}

void pls_population_normals(uint64_t seed, uint32_t cell, uint64_t sample, uint64_t first,
                            size_t count, double *out)
{
    for (size_t i = 0; i < count; i += PIECE)
        piece(seed, cell, sample, first + i, count - i < PIECE ? count - i : PIECE, out + i);
}
