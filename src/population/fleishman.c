/*
 * fleishman.c: cubics of normals with given skewness and kurtosis, and what they do to
 * correlations.
 *
 * Newton's method from the normal (b = 1), the moments moved from 0 to those wanted in steps that
 * are halved where it fails; so the root is the one that is connected with the normal.
 */
#include "linear.h"
#include "plstrap/population.h"

#include <math.h>
#include <string.h>

struct cubic {
    double b, c, d;
};

/* Variance, skewness and kurtosis of the cubic less those wanted, and their derivatives. */
static void equations(struct cubic x, double skewness, double kurtosis, double f[3],
                      double jacobian[3][3])
{
    const double b = x.b, c = x.c, d = x.d;
    const double inner = 12 + 48 * b * d + 141 * c * c + 225 * d * d;
    const double outer = 1 + b * b + 28 * b * d;
    const double skew = b * b + 24 * b * d + 105 * d * d + 2;
    f[0] = b * b + 6 * b * d + 2 * c * c + 15 * d * d - 1;
    f[1] = 2 * c * skew - skewness;
    f[2] = 24 * (b * d + c * c * outer + d * d * inner) - kurtosis;
    jacobian[0][0] = 2 * b + 6 * d;
    jacobian[0][1] = 4 * c;
    jacobian[0][2] = 6 * b + 30 * d;
    jacobian[1][0] = 2 * c * (2 * b + 24 * d);
    jacobian[1][1] = 2 * skew;
    jacobian[1][2] = 2 * c * (24 * b + 210 * d);
    jacobian[2][0] = 24 * (d + c * c * (2 * b + 28 * d) + 48 * d * d * d);
    jacobian[2][1] = 24 * (2 * c * outer + 282 * c * d * d);
    jacobian[2][2] = 24 * (b + 28 * b * c * c + 2 * d * inner + d * d * (48 * b + 450 * d));
}

/* a x = f by Cramer's rule; a singular matrix gives no finite x, which the caller looks for. */
static void solve_three(double a[3][3], const double f[3], double x[3])
{
    const double m0 = a[1][1] * a[2][2] - a[1][2] * a[2][1];
    const double m1 = a[1][0] * a[2][2] - a[1][2] * a[2][0];
    const double m2 = a[1][0] * a[2][1] - a[1][1] * a[2][0];
    const double n0 = f[1] * a[2][2] - a[1][2] * f[2];
    const double n1 = f[1] * a[2][1] - a[1][1] * f[2];
    const double n2 = a[1][0] * f[2] - f[1] * a[2][0];
    const double determinant = a[0][0] * m0 - a[0][1] * m1 + a[0][2] * m2;
    x[0] = (f[0] * m0 - a[0][1] * n0 + a[0][2] * n1) / determinant;
    x[1] = (a[0][0] * n0 - f[0] * m1 + a[0][2] * n2) / determinant;
    x[2] = (-a[0][0] * n1 - a[0][1] * n2 + f[0] * m2) / determinant;
}

static bool newton(struct cubic *x, double skewness, double kurtosis)
{
    const struct cubic start = *x;
    for (int i = 0; i < 40; i++) {
        double f[3], step[3], jacobian[3][3];
        equations(*x, skewness, kurtosis, f, jacobian);
        solve_three(jacobian, f, step);
        x->b -= step[0];
        x->c -= step[1];
        x->d -= step[2];
        /* Far away is another root; NaN is refused, too. */
        if (!(fabs(x->b - start.b) + fabs(x->c - start.c) + fabs(x->d - start.d) < 0.4))
            return false;
        if (fabs(step[0]) + fabs(step[1]) + fabs(step[2]) < 1e-14) {
            equations(*x, skewness, kurtosis, f, jacobian);
            return fabs(f[0]) + fabs(f[1]) + fabs(f[2]) < 1e-11;
        }
    }
    double f[3], jacobian[3][3];
    equations(*x, skewness, kurtosis, f, jacobian);
    return fabs(f[0]) + fabs(f[1]) + fabs(f[2]) < 1e-12;
}

static bool follow(double skewness, double kurtosis, struct cubic *out)
{
    double done = 0.0, width = 0.25;
    struct cubic x = {.b = 1.0};
    while (done < 1.0) {
        const double next = done + width < 1.0 ? done + width : 1.0;
        struct cubic tried = x;
        if (newton(&tried, next * skewness, next * kurtosis) && tried.b > 0.0) {
            x = tried;
            done = next;
            width = width < 0.125 ? 2.0 * width : 0.25;
        } else if (width > 1e-6) {
            width *= 0.5;
        } else {
            return false;
        }
    }
    *out = x;
    return true;
}

/* The kurtosis between one that there is and one that there is not, on the side that there is. */
static double boundary(double skewness, double inside, double outside)
{
    struct cubic x;
    for (int i = 0; i < 40; i++) {
        const double middle = 0.5 * (inside + outside);
        if (follow(skewness, middle, &x))
            inside = middle;
        else
            outside = middle;
    }
    return inside;
}

static enum pls_code refuse(double skewness, double kurtosis, struct pls_error *err)
{
    struct cubic x;
    /* The usual parabola is just above the true boundary; it is not near it for a large skewness. */
    for (double more = 0.01; more < 50.0; more *= 2.0) {
        const double inside = 1.58837 * skewness * skewness - 1.13168 + more;
        if (!follow(skewness, inside, &x))
            continue;
        const double nearest = boundary(skewness, inside, kurtosis);
        return pls_fail(err, PLS_ESTUDY,
                        "no cubic of a normal has skewness %g and excess kurtosis %g; the nearest "
                        "kurtosis that there is is %.4f",
                        skewness, kurtosis, nearest + (nearest < kurtosis ? -0.00005 : 0.00005));
    }
    return pls_fail(err, PLS_ESTUDY,
                    "no cubic of a normal has skewness %g, whatever the kurtosis; give one between "
                    "-4 and 4",
                    skewness);
}

enum pls_code pls_population_cubic(double skewness, double kurtosis, double cubic[4],
                                   struct pls_error *err)
{
    struct cubic x = {0};
    if (!isfinite(skewness) || !isfinite(kurtosis) || fabs(skewness) > 10.0 ||
        fabs(kurtosis) > 100.0)
        return pls_fail(err, PLS_ESTUDY,
                        "no cubic of a normal has skewness %g and excess kurtosis %g; give a "
                        "skewness between -4 and 4, and a kurtosis below 43",
                        skewness, kurtosis);
    if (!follow(skewness, kurtosis, &x))
        return refuse(skewness, kurtosis, err);
    const double coefficients[4] = {-x.c, x.b, x.c, x.d};
    memcpy(cubic, coefficients, sizeof coefficients);
    return PLS_OK;
}

int population_rises(const double cubic[4])
{
    return cubic[1] > 0.0 && cubic[2] * cubic[2] <= 3.0 * cubic[1] * cubic[3] + 1e-12;
}

/* Correlation of the cubics of two normals that correlate by rho. */
static double correlated(const double f[4], const double g[4], double rho)
{
    const double linear = f[1] * g[1] + 3 * f[1] * g[3] + 3 * f[3] * g[1] + 9 * f[3] * g[3];
    return rho * (linear + rho * (2 * f[2] * g[2] + rho * (6 * f[3] * g[3])));
}

static double bisect(const double f[4], const double g[4], double r, double low, double high)
{
    const bool falls = correlated(f, g, low) > r;
    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);
        if ((correlated(f, g, middle) > r) == falls)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

bool pls_population_intermediate(double r, const double first[4], const double second[4],
                                 double *out)
{
    enum { STEPS = 128 };
    bool found = false;
    for (int i = 0; i < STEPS; i++) {
        const double low = -1.0 + 2.0 * i / STEPS, high = -1.0 + 2.0 * (i + 1) / STEPS;
        const double at_low = correlated(first, second, low) - r;
        const double at_high = correlated(first, second, high) - r;
        if (at_low * at_high > 0.0)
            continue;
        const double root = bisect(first, second, r, low, high);
        if (!found || fabs(root - r) < fabs(*out - r))
            *out = root;
        found = true;
    }
    return found;
}
