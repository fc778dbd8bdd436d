/* findings.h: what `plstrap verify` compared, and what differed; as text or as one JSON object. */
#ifndef PLSTRAP_FINDINGS_H
#define PLSTRAP_FINDINGS_H

#include "commands.h"

enum { FINDING_EXAMPLES = 5, MOST_FINDINGS = 16 };

/* One kind of thing that was compared. */
struct finding {
    char what[64];      /* "estimates", "bootstrap", "tables" */
    const char *unit;   /* "rows", "values", "cells"; NULL: one thing, equal or not */
    uint64_t compared;  /* of that unit */
    uint64_t all;       /* as many there are */
    uint64_t different; /* of those compared */
    size_t examples;    /* the first differences, in words */
    char example[FINDING_EXAMPLES][384];
};

/* Starts as {0}. */
struct findings {
    struct finding finding[MOST_FINDINGS];
    size_t count;
    struct pls_text notes; /* a line each */
};

/* A new kind, which lives as long as findings. */
struct finding *findings_add(struct findings *findings, const char *what, const char *unit,
                             uint64_t all);
/* One difference of that kind, described if it is one of the first. */
void finding_differs(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Only describes it. */
void finding_example(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum pls_code findings_note(struct findings *findings, struct pls_error *err, const char *format,
                            ...) __attribute__((format(printf, 3, 4)));

/* PLS_OK, or PLS_EDATA with a sentence that says in what the result differs. */
enum pls_code findings_judge(const struct findings *findings, const char *path,
                             struct pls_error *err);
enum pls_code findings_print(const struct findings *findings, const char *path, bool json,
                             struct pls_error *err);
void findings_free(struct findings *findings);

/* The same bits; every NaN is the one NaN. */
bool same_number(double a, double b);

#endif
