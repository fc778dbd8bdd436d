/* studies.h: a small study, and the sentence that a text earns. */
#ifndef PLSTRAP_TESTS_STUDIES_H
#define PLSTRAP_TESTS_STUDIES_H

#include "check.h"
#include "plstrap/study.h"

#include <stdio.h>
#include <string.h>

/* A -> M -> B, seven lines; what a test appends begins in line 8. */
#define STUDY_HEAD                                                                                 \
    "data: {file: d.csv}\n"                                                                        \
    "model: |\n"                                                                                   \
    "  A =~ a1 + a2\n"                                                                             \
    "  M =~ m1\n"                                                                                  \
    "  B =~ b1\n"                                                                                  \
    "  M ~ A\n"                                                                                    \
    "  B ~ M\n"

struct refusal {
    const char *text, *sentence;
};

static inline struct pls_study *study_of(const char *text)
{
    struct pls_study *study = NULL;
    struct pls_error err;
    assert_ok(pls_study_parse("s.yaml", text, strlen(text), NULL, &study, &err), &err);
    return study;
}

/* The study head with some lines more. */
static inline struct pls_study *study_with(const char *lines)
{
    char text[4096];
    snprintf(text, sizeof text, "%s%s\n", STUDY_HEAD, lines);
    return study_of(text);
}

/* Every text after head must be refused with exactly its sentence; all that differ are shown. */
static inline void assert_refused(const char *head, const struct refusal *refusals, size_t count)
{
    size_t different = 0;
    for (size_t i = 0; i < count; i++) {
        char text[4096];
        struct pls_study *study = (struct pls_study *)&different;
        struct pls_error err = {.text = "no error"};
        snprintf(text, sizeof text, "%s%s", head, refusals[i].text);
        const enum pls_code code =
            pls_study_parse("s.yaml", text, strlen(text), NULL, &study, &err);
        if (code == PLS_ESTUDY && !study && strcmp(err.text, refusals[i].sentence) == 0)
            continue;
        print_error("%s\n  gives     %d %s\n  expected 78 %s\n", refusals[i].text, (int)code,
                    err.text, refusals[i].sentence);
        different++;
        if (code == PLS_OK)
            pls_study_free(study);
    }
    assert_int_equal(different, 0);
}

#endif
