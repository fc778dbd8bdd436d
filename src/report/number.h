/*
 * number.h: numbers as text, the same in every locale.
 *
 * Private to the room. Missing numbers (NaN) are "–". One rule for people: no zero before the
 * point of what usually lies within -1 and 1 (coefficients, p, R², reliabilities), as APA 7 has
 * it; a coefficient beyond 1 prints as it is, and statistics without such a bound (t, f², VIF)
 * keep their zero.
 */
#ifndef PLSTRAP_REPORT_NUMBER_H
#define PLSTRAP_REPORT_NUMBER_H

#include <stdbool.h>

enum { NUMBER_SIZE = 48 };

/* Fixed digits after the point; in %.3g beyond ±1e7. No minus before zeros. Returns out. */
const char *number_fixed(double x, unsigned digits, bool zero, char out[NUMBER_SIZE]);

/* Significant digits, for errors: "0.031". */
const char *number_short(double x, int significant, char out[NUMBER_SIZE]);

/* p in APA's way: "< .001", ".023", "> .999". */
const char *number_p(double p, unsigned digits, char out[NUMBER_SIZE]);

/* What printf wrote in the locale of the process (a program that uses this library may have set
 * one) gets a decimal point in place of the one run of bytes that no C number is made of. */
void number_point(char *number);

/* All 17 digits, "" for NaN: what reading gives back to the bit. */
const char *number_exact(double x, char out[NUMBER_SIZE]);

#endif
