/* test_effects.c: which effects a model has, in which columns, and how they add up. */
#include "fixture.h"

/* A diamond with a tail: A -> B -> D -> E, A -> C -> D, A -> D; B is measured last. */
static const char diamond[] = "A =~ a1 + a2; C <~ c1 + c2; D =~ d1; E =~ e1 + e2; B =~ b1 + b2;"
                              "D ~ C + A + B; E ~ D; C ~ A; B ~ A";

static void normal_data(struct fixture *f, const char *model, size_t n)
{
    fixture_model(f, model);
    const size_t p = f->model.indicators;
    double *x = calloc(n * p, sizeof *x);
    uint64_t seed = 17;
    assert_non_null(x);
    for (size_t i = 0; i < n; i++) {
        const double common = fixture_normal(&seed);
        for (size_t k = 0; k < p; k++)
            x[i * p + k] = common + fixture_normal(&seed);
    }
    fixture_data(f, n, x);
    free(x);
}

static void columns_stand_in_the_order_that_all_tables_follow(void **state)
{
    (void)state;
    static const char *const expected[] = {"weight:A<~a1",
                                           "weight:A<~a2",
                                           "weight:C<~c1",
                                           "weight:C<~c2",
                                           "weight:D<~d1",
                                           "weight:E<~e1",
                                           "weight:E<~e2",
                                           "weight:B<~b1",
                                           "weight:B<~b2",
                                           "loading:A=~a1",
                                           "loading:A=~a2",
                                           "loading:C=~c1",
                                           "loading:C=~c2",
                                           "loading:D=~d1",
                                           "loading:E=~e1",
                                           "loading:E=~e2",
                                           "loading:B=~b1",
                                           "loading:B=~b2",
                                           "path:C~A",
                                           "path:D~C",
                                           "path:D~A",
                                           "path:D~B",
                                           "path:E~D",
                                           "path:B~A",
                                           "r2:C",
                                           "r2:D",
                                           "r2:E",
                                           "r2:B",
                                           "total:C~A",
                                           "total:D~A",
                                           "total:D~C",
                                           "total:D~B",
                                           "total:E~A",
                                           "total:E~C",
                                           "total:E~D",
                                           "total:E~B",
                                           "total:B~A",
                                           "indirect:D~A",
                                           "indirect:E~A",
                                           "indirect:E~C",
                                           "indirect:E~B",
                                           "specific:A->C->D",
                                           "specific:A->C->D->E",
                                           "specific:A->D->E",
                                           "specific:A->B->D",
                                           "specific:A->B->D->E",
                                           "specific:C->D->E",
                                           "specific:B->D->E"};
    struct fixture f;
    normal_data(&f, diamond, 40);
    fixture_start(&f);
    for (size_t c = 0; c < f.columns->count; c++) {
        char name[64];
        snprintf(name, sizeof name, "%s:%s", pls_component_name(f.columns->column[c].component),
                 f.columns->column[c].term);
        assert_true(c < sizeof expected / sizeof expected[0]);
        assert_string_equal(name, expected[c]);
    }
    assert_int_equal(f.columns->count, sizeof expected / sizeof expected[0]);
    const struct pls_column *chain = &f.columns->column[42];
    assert_string_equal(chain->lhs, "A");
    assert_string_equal(chain->op, "->");
    assert_string_equal(chain->rhs, "C->D->E");
    fixture_free(&f);
}

static void effects_are_products_of_paths_and_add_up(void **state)
{
    (void)state;
    struct fixture f;
    normal_data(&f, diamond, 40);
    fixture_start(&f);
    fixture_row(&f, NULL);
    assert_int_equal(f.outcome.status, PLS_STATUS_OK);
    const double ca = fixture_value(&f, "path", "C~A"), dc = fixture_value(&f, "path", "D~C"),
                 da = fixture_value(&f, "path", "D~A"), db = fixture_value(&f, "path", "D~B"),
                 ed = fixture_value(&f, "path", "E~D"), ba = fixture_value(&f, "path", "B~A");
    assert_close(fixture_value(&f, "specific", "A->C->D"), ca * dc, 1e-15);
    assert_close(fixture_value(&f, "specific", "A->C->D->E"), ca * dc * ed, 1e-15);
    assert_close(fixture_value(&f, "specific", "A->D->E"), da * ed, 1e-15);
    assert_close(fixture_value(&f, "indirect", "D~A"), ca * dc + ba * db, 1e-15);
    assert_close(fixture_value(&f, "indirect", "E~A"), (da + ca * dc + ba * db) * ed, 1e-15);
    assert_close(fixture_value(&f, "indirect", "E~B"), db * ed, 1e-15);
    /* to the last bit */
    assert_true(fixture_value(&f, "total", "D~A") == fixture_value(&f, "indirect", "D~A") + da);
    assert_true(fixture_value(&f, "total", "E~A") == fixture_value(&f, "indirect", "E~A"));
    assert_true(fixture_value(&f, "total", "C~A") == ca);
    fixture_free(&f);
}

static void specific_effects_sum_to_the_indirect_effect(void **state)
{
    (void)state;
    struct fixture f;
    fixture_golden(&f, "mobi");
    fixture_start(&f);
    fixture_row(&f, NULL);
    size_t pairs = 0;
    for (size_t c = 0; c < f.columns->count; c++) {
        const struct pls_column *pair = &f.columns->column[c];
        if (pair->component != PLS_INDIRECT)
            continue;
        double sum = 0.0;
        for (size_t s = 0; s < f.columns->count; s++) {
            const struct pls_column *chain = &f.columns->column[s];
            const char *last = strrchr(chain->rhs, '>');
            if (chain->component == PLS_SPECIFIC && strcmp(chain->lhs, pair->rhs) == 0 &&
                strcmp(last + 1, pair->lhs) == 0)
                sum += f.row[s];
        }
        assert_close(f.row[c], sum, 1e-14);
        pairs++;
    }
    assert_int_equal(pairs, 15);
    fixture_free(&f);
}

static void effects_are_found_by_their_constructs(void **state)
{
    (void)state;
    enum { A, C, D, E, B };
    static const struct {
        enum pls_effect effect;
        size_t chain[4], length;
        const char *component, *term; /* NULL: the model has none such */
    } cases[] = {{PLS_EFFECT_PATH, {A, C}, 2, "path", "C~A"},
                 {PLS_EFFECT_PATH, {B, D}, 2, "path", "D~B"},
                 {PLS_EFFECT_PATH, {D, B}, 2, NULL, NULL},
                 {PLS_EFFECT_TOTAL, {A, E}, 2, "total", "E~A"},
                 {PLS_EFFECT_TOTAL, {E, A}, 2, NULL, NULL},
                 {PLS_EFFECT_INDIRECT, {A, D}, 2, "indirect", "D~A"},
                 {PLS_EFFECT_INDIRECT, {A, C}, 2, NULL, NULL},
                 {PLS_EFFECT_SPECIFIC, {A, C, D, E}, 4, "specific", "A->C->D->E"},
                 {PLS_EFFECT_SPECIFIC, {B, D, E}, 3, "specific", "B->D->E"},
                 {PLS_EFFECT_SPECIFIC, {A, C, E}, 3, NULL, NULL},
                 {PLS_EFFECT_SPECIFIC, {A, C}, 2, NULL, NULL},
                 {PLS_EFFECT_PATH, {A, 9}, 2, NULL, NULL},
                 {PLS_EFFECT_TOTAL, {A}, 1, NULL, NULL}};
    struct fixture f;
    normal_data(&f, diamond, 40);
    fixture_start(&f);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const size_t found =
            pls_estimator_column(f.estimator, cases[c].effect, cases[c].chain, cases[c].length);
        assert_int_equal(found, cases[c].term == NULL
                                    ? f.columns->count
                                    : fixture_column(f.columns, cases[c].component, cases[c].term));
    }
    fixture_free(&f);
}

/* Every construct on all before it: 2^(J-1) chains end in the last alone. */
static void complete(char *text, size_t size, int constructs)
{
    size_t at = 0;
    for (int j = 0; j < constructs; j++)
        at += (size_t)snprintf(text + at, size - at, "C%d =~ x%d\n", j, j);
    for (int j = 1; j < constructs; j++) {
        at += (size_t)snprintf(text + at, size - at, "C%d ~ C0", j);
        for (int i = 1; i < j; i++)
            at += (size_t)snprintf(text + at, size - at, " + C%d", i);
        at += (size_t)snprintf(text + at, size - at, "\n");
    }
}

static void more_columns_than_anyone_reads_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    char text[8000];
    complete(text, sizeof text, 13); /* 2^13 - 1 - 13 - 78 = 8,100 chains */
    normal_data(&f, text, 60);
    fixture_start(&f);
    assert_int_equal(f.columns->count, 13 + 13 + 78 + 12 + 78 + 66 + 8100);
    fixture_free(&f);

    complete(text, sizeof text, 30);
    normal_data(&f, text, 60);
    assert_int_equal(pls_estimator_new(&f.model, &f.keys, &f.dataset, &f.estimator, &f.err),
                     PLS_ESTUDY);
    assert_string_equal(f.err.text,
                        "the model has more than 10000 parameters and effects; leave out "
                        "paths, or split it into models of fewer constructs");
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_stand_in_the_order_that_all_tables_follow),
        cmocka_unit_test(effects_are_products_of_paths_and_add_up),
        cmocka_unit_test(specific_effects_sum_to_the_indirect_effect),
        cmocka_unit_test(effects_are_found_by_their_constructs),
        cmocka_unit_test(more_columns_than_anyone_reads_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
