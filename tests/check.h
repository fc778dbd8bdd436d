/* check.h: cmocka, and what it lacks: comparisons of doubles that do not round them to float. */
#ifndef PLSTRAP_CHECK_H
#define PLSTRAP_CHECK_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <math.h>
#include <stdbool.h>

#include "plstrap/error.h"

/* |actual - expected| <= tolerance * max(1, |expected|); NaN only equals NaN. */
static inline bool check_is_close(double actual, double expected, double tolerance)
{
    if (isnan(expected) || isnan(actual))
        return isnan(expected) && isnan(actual);
    return fabs(actual - expected) <= tolerance * fmax(1.0, fabs(expected));
}

#define assert_close(actual, expected, tolerance)                                                  \
    do {                                                                                           \
        const double check_a = (actual), check_e = (expected);                                     \
        if (!check_is_close(check_a, check_e, (tolerance))) {                                      \
            print_error("%s is %.17g, expected %.17g (difference %.3g)\n", #actual, check_a,       \
                        check_e, check_a - check_e);                                               \
            _fail(__FILE__, __LINE__);                                                             \
        }                                                                                          \
    } while (0)

/* The call must succeed; where it does not, its sentence is shown. */
#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        const enum pls_code check_code = (call);                                                   \
        if (check_code != PLS_OK) {                                                                \
            print_error("%s: %d: %s\n", #call, (int)check_code, (err)->text);                      \
            _fail(__FILE__, __LINE__);                                                             \
        }                                                                                          \
    } while (0)

#endif
