/*
 * test_memory.c: whichever allocation fails, the study is refused for want of memory, nothing is
 * leaked (seen by the address sanitizer) and nothing crashes.
 */
#include "plstrap/text.h"
#include "studies.h"

#include <stdlib.h>

static size_t allowed = SIZE_MAX; /* allocations that still succeed */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool refused(void)
{
    if (allowed == 0)
        return true;
    if (allowed != SIZE_MAX)
        allowed--;
    return false;
}

void *__wrap_malloc(size_t size)
{
    return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return refused() ? NULL : __real_realloc(memory, size);
}

static const char whole[] = STUDY_HEAD "title: T\nestimation: {dominant: {A: a2}}\n"
                                       "hypotheses: {H1: A -> M -> B > 0, H2: total A -> B}\n"
                                       "report: {remarks: [One., Two.]}\n";
static const char file[] = "data: {file: d.csv, missing: [NA, -9], strata: s,\n"
                           "  group: {column: g, levels: [a, b]}}\n"
                           "model: {file: m.lav}\n";

/* Calls with 0, 1, 2, … allocations allowed until it succeeds. */
static void fail_each(const char *text, const char *opt_model)
{
    size_t n = 0;
    enum pls_code code;
    do {
        struct pls_study *study = (struct pls_study *)&n;
        struct pls_text canonical = {0};
        struct pls_error err;
        allowed = n++;
        code = pls_study_parse("s.yaml", text, strlen(text), opt_model, &study, &err);
        const bool parsed = code == PLS_OK;
        if (parsed)
            code = pls_study_canonical(study, "permute", &canonical, &err);
        allowed = SIZE_MAX;
        assert_true(code == PLS_OK || code == PLS_EUNAVAILABLE);
        assert_true(parsed == (study != NULL));
        pls_text_free(&canonical);
        pls_study_free(study);
    } while (code != PLS_OK && n < 10000);
    assert_int_equal(code, PLS_OK);
    assert_true(n > 50);
}

static void any_allocation_of_a_study_may_fail(void **state)
{
    (void)state;
    fail_each(whole, NULL);
    fail_each(file, "A =~ a\nB =~ b\nB ~ A");
}

static void any_allocation_of_a_refusal_may_fail(void **state)
{
    (void)state;
    static const char *const models[] = {"A =~ a; B =~ b; B ~ A; A ~ B", "A =~ a; B =~ b; B ~ C",
                                         "A =~ a; B =~ b; B ~ A + A",
                                         "A =~ a; B =~ b; C =~ c; B ~ A"};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        enum pls_code code;
        size_t n = 0;
        do {
            struct pls_model *model = (struct pls_model *)&n;
            struct pls_error err;
            allowed = n++;
            code = pls_model_parse(models[i], "m", (struct pls_place){1, 1}, 0, &model, &err);
            allowed = SIZE_MAX;
            assert_null(model);
        } while (code == PLS_EUNAVAILABLE);
        assert_int_equal(code, PLS_ESTUDY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_of_a_study_may_fail),
        cmocka_unit_test(any_allocation_of_a_refusal_may_fail),
    };
    return cmocka_run_group_tests_name("study.memory", tests, NULL, NULL);
}
