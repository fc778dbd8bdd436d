/* cholesky.c: triangles of correlation matrices. */
#include "linear.h"

#include <math.h>

/* A pivot is the variance of a variable, of 1, that those before it leave: below this it is noise. */
static const double least_pivot = 1e-10;

size_t population_cholesky(size_t n, const double *a, double *lower)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= lower[i * n + k] * lower[j * n + k];
            if (i > j)
                lower[i * n + j] = sum / lower[j * n + j];
            else if (sum > least_pivot)
                lower[i * n + i] = sqrt(sum);
            else /* NaN comes here, too */
                return i;
        }
        for (size_t j = i + 1; j < n; j++)
            lower[i * n + j] = 0.0;
    }
    return n;
}
