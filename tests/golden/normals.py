#!/usr/bin/env python3
"""Makes normals.tsv: quantiles of the normal and normal random numbers, bit by bit, by an implementation that shares
nothing with plstrap's: Philox from draws.py, Wichura's AS 241 (PPND16) from the paper's coefficients, fdlibm's logarithm.

    python3 normals.py > normals.tsv

Rows `quantile p z` and `normals seed cell sample first z,z,…`, numbers as C99 hexadecimal. The table is final: if a
program disagrees with it, the program is wrong.
"""
import contextlib
import io
import math
from decimal import Decimal, getcontext
from statistics import NormalDist

with contextlib.redirect_stdout(io.StringIO()):
    from draws import philox4x32_10

getcontext().prec = 40

CENTRE = ((3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
           4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3),
          (1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
           3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3))
MIDDLE = ((1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
           1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
          (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
           1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9))
FAR = ((6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7),
       (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
        1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15))


def horner(coefficients, x):
    value = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        value = value * x + c
    return value


def log(x):
    m, e = math.frexp(x)
    if m < float.fromhex('0x1.6a09e667f3bcdp-1'):
        m *= 2
        e -= 1
    f = m - 1
    s = f / (2 + f)
    z = s * s
    w = z * z
    t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    t2 = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01
                                                                            + w * 1.479819860511658591e-01)))
    half = 0.5 * f * f
    value = e * 6.93147180369123816490e-01 - ((half - (s * (half + (t1 + t2)) + e * 1.90821492927058770002e-10)) - f)
    exact = Decimal(x).ln()
    assert abs(Decimal(value) - exact) <= abs(exact) * Decimal(2.3e-16), x
    return value


def quantile(p):
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        value = q * horner(CENTRE[0], r) / horner(CENTRE[1], r)
    else:
        r = math.sqrt(-log(p if q < 0 else 1 - p))
        value = horner(MIDDLE[0], r - 1.6) / horner(MIDDLE[1], r - 1.6) if r <= 5 else (
            horner(FAR[0], r - 5) / horner(FAR[1], r - 5))
        value = -value if q < 0 else value
    assert abs(value - NormalDist().inv_cdf(p)) < 1e-14 * max(1, abs(value)), p
    return value


def normals(seed, cell, sample, first, count):
    out = []
    for i in range(first, first + count):
        words = philox4x32_10((i // 2, 3 * 2**24 + cell, sample % 2**32, sample // 2**32), (seed % 2**32, seed // 2**32))
        low, high = words[2 * (i % 2)], words[2 * (i % 2) + 1]
        out.append(quantile(float(2 * ((low + 2**32 * high) >> 12) + 1) / 2**53))
    return out


PS = [2.0**-53, 3 * 2.0**-53, 1e-15, 1.3887943864964e-11, 1.4e-11, 1e-9, 1e-5, .001, .05, .074999, .075, .0750001, .1,
      .25, .4999, .5, .6, .9, .925, .92501, .97, .999, 1 - 1e-7, 1 - 2.0**-53]
for p in PS:
    print('quantile', p.hex(), quantile(p).hex(), sep='\t')
for stream in ((0, 0, 0, 0, 300), (20260101, 0, 9999, 0, 40), (20260101, 1, 9999, 0, 40), (2**64 - 1, 2**24 - 1, 2**64 - 1, 0, 40),
               (1, 7, 2**32 + 5, 2 * (2**32 - 40), 80), (5, 0, 3, 1000, 41)):
    print('normals', *stream[:4], ','.join(z.hex() for z in normals(*stream)), sep='\t')
