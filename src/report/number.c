/* number.c: numbers as text. */
#include "number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void number_point(char *number)
{
    char *at = number + strspn(number, "+-0123456789");
    const size_t length = strcspn(at, "+-0123456789e");

    if (length == 0 || *at == 'e' || (*at >= 'a' && *at <= 'z'))
        return; /* an integer, or inf */
    memmove(at + 1, at + length, strlen(at + length) + 1);
    *at = '.';
}

static void drop_zero(char *number)
{
    char *digits = number + (*number == '-');
    if (digits[0] == '0' && digits[1] == '.')
        memmove(digits, digits + 1, strlen(digits));
}

const char *number_fixed(double x, unsigned digits, bool zero, char out[NUMBER_SIZE])
{
    const int places = digits < 15 ? (int)digits : 15;

    if (isnan(x)) {
        snprintf(out, NUMBER_SIZE, "–");
        return out;
    }
    snprintf(out, NUMBER_SIZE, fabs(x) < 1e7 ? "%.*f" : "%.*g", fabs(x) < 1e7 ? places : 3, x);
    number_point(out);
    if (*out == '-' && strspn(out + 1, "0.") == strlen(out + 1))
        memmove(out, out + 1, strlen(out));
    if (!zero)
        drop_zero(out);
    return out;
}

const char *number_short(double x, int significant, char out[NUMBER_SIZE])
{
    if (isnan(x)) {
        snprintf(out, NUMBER_SIZE, "–");
        return out;
    }
    snprintf(out, NUMBER_SIZE, "%.*g", significant, x);
    number_point(out);
    return out;
}

const char *number_p(double p, unsigned digits, char out[NUMBER_SIZE])
{
    char limit[NUMBER_SIZE];
    const unsigned places = digits > 2 ? digits : 2;
    const double unit = pow(10.0, -(double)(places < 15 ? places : 15));

    if (p < unit)
        snprintf(out, NUMBER_SIZE, "< %s", number_fixed(unit, places, false, limit));
    else if (p < 1.0 && p > 1.0 - unit / 2)
        snprintf(out, NUMBER_SIZE, "> %s", number_fixed(1.0 - unit, places, false, limit));
    else
        number_fixed(p, places, false, out);
    return out;
}

const char *number_exact(double x, char out[NUMBER_SIZE])
{
    *out = '\0';
    if (isnan(x))
        return out;
    snprintf(out, NUMBER_SIZE, "%.17g", x);
    number_point(out);
    return out;
}
