/*
 * test_groups.c: rows of groups have the values of other programs and of the readable version, with
 * the same bits on every instruction set, however they are cut.
 */
#include "fixture.h"

#include "plstrap/groups.h"
#include "plstrap/weights.h"

#include <ctype.h>
#include <gsl/gsl_eigen.h>

#include "groups_internal.h"

enum { MOST_ROWS = 512 };

static bool is_there(enum pls_isa isa)
{
    static const char *const name[PLS_ISAS] = {"ref", "portable", "avx2", "avx512"};
    enum pls_isa found;
    struct pls_error err;
    return pls_isa_select(name[isa], &found, &err) == PLS_OK;
}

/* Two or three groups of a fixture, and what rows are computed of them. */
struct bench {
    struct fixture *f;
    struct pls_dataset within_data;
    struct pls_estimator *within;
    uint8_t of[MOST_ROWS];
    const char *name[3];
    struct pls_groups_options options;
    struct pls_groups *groups;
    struct pls_columns columns;
    struct pls_error err;
};

static void begin(struct bench *b, struct fixture *f, size_t groups)
{
    memset(b, 0, sizeof *b);
    b->f = f;
    b->name[0] = "female";
    b->name[1] = "male";
    b->name[2] = "other";
    b->options = (struct pls_groups_options){.opt_raw = f->estimator,
                                             .groups = groups,
                                             .name = b->name,
                                             .of = b->of,
                                             .isa = PLS_ISA_PORTABLE};
}

static void standardise_within(struct bench *b)
{
    const struct pls_dataset *data = &b->f->dataset;
    b->within_data = *data;
    b->within_data.values = calloc(data->rows * data->columns, sizeof(double));
    assert_non_null(b->within_data.values);
    pls_groups_standardise(data, b->of, b->options.groups, b->within_data.values);
    assert_ok(pls_estimator_new(&b->f->model, &b->f->keys, &b->within_data, &b->within, &b->err),
              &b->err);
    b->options.opt_within = b->within;
}

static void make(struct bench *b)
{
    const struct pls_groups_options *o = &b->options;
    pls_groups_free(b->groups);
    pls_columns_free(&b->columns);
    b->groups = NULL;
    assert_ok(pls_groups_new(o, &b->groups, &b->err), &b->err);
    assert_ok(pls_groups_columns(b->f->columns, &b->f->model, b->name, o->groups,
                                 o->opt_raw != NULL, o->opt_within != NULL, o->micom, o->omnibus,
                                 o->studentised, &b->columns, &b->err),
              &b->err);
    assert_int_equal(b->columns.count, b->groups->columns);
}

static void end(struct bench *b)
{
    pls_groups_free(b->groups);
    pls_columns_free(&b->columns);
    pls_estimator_free(b->within);
    free(b->within_data.values);
}

static double value_of(const struct bench *b, const double *row, size_t stride,
                       const char *component, const char *term)
{
    const size_t c = fixture_column(&b->columns, component, term);
    if (c == b->columns.count)
        fail_msg("no column %s %s", component, term);
    return row[c * stride];
}

static void near(double actual, double expected, double tolerance, const char *what)
{
    const double scale = fabs(expected) > 1.0 ? fabs(expected) : 1.0;
    if (!(fabs(actual - expected) <= tolerance * scale))
        fail_msg("%s: %.12g instead of %.12g", what, actual, expected);
}

/* STUDIES D.12 */
static void all_seventy_assignments_of_eight_rows(void **state)
{
    (void)state;
    static const double values[] = {3, 2, 1, 7, 4, 1, 1, 8, 5, 2, 9, 8, 2, 1, 6, 8};
    struct fixture f;
    struct bench b;
    fixture_model(&f, "X =~ x\nY =~ y\nY ~ X");
    fixture_data(&f, 8, values);
    fixture_start(&f);
    begin(&b, &f, 2);
    for (size_t i = 0; i < 8; i++)
        b.of[i] = i >= 4;
    make(&b);
    assert_int_equal(pls_groups_assignments(b.groups), 70);
    double *rows = calloc(b.columns.count * 70, sizeof *rows);
    struct pls_outcome outcomes[70];
    const struct pls_labels_source exact = {.labelling = PLS_LABELS_EXACT};
    assert_non_null(rows);
    pls_groups_observed(b.groups, rows);
    const double d0 = value_of(&b, rows, 1, "difference", "female-male:path:Y~X");
    near(value_of(&b, rows, 1, "path", "female-male/female:Y~X"), -0.980797, 1e-6, "first");
    near(value_of(&b, rows, 1, "path", "female-male/male:Y~X"), 0.841191, 1e-6, "second");
    near(d0, -1.821988, 1e-6, "difference");
    pls_groups_rows(b.groups, &exact, 0, 70, rows, 70, outcomes);
    const double *d = rows + 70 * fixture_column(&b.columns, "difference", "female-male:path:Y~X");
    size_t extreme = 0, above = 0;
    for (size_t i = 0; i < 70; i++) {
        assert_int_equal(outcomes[i].status, PLS_STATUS_OK);
        extreme += fabs(d[i]) >= fabs(d0) - 1e-10;
        above += d[i] >= d0 - 1e-10;
    }
    assert_int_equal(extreme, 4);
    assert_int_equal(above, 69);
    free(rows);
    end(&b);
    fixture_free(&f);
}

/* STUDIES D.13 */
static void jambis_halves(void **state)
{
    (void)state;
    static const struct {
        const char *component, *term;
        double value;
    } expected[] = {
        {"micom_c", "female-male:KD", 0.999425},
        {"micom_c", "female-male:KV", 0.999087},
        {"micom_c", "female-male:KK", 0.998504},
        {"mean_difference", "female-male:KD", 0.141816},
        {"mean_difference", "female-male:KV", 0.132028},
        {"mean_difference", "female-male:KK", 0.028583},
        {"log_variance_ratio", "female-male:KD", 0.014072},
        {"log_variance_ratio", "female-male:KV", -0.006026},
        {"log_variance_ratio", "female-male:KK", -0.012392},
        {"path", "female-male/female:KV~KD", 0.655462},
        {"path", "female-male/female:KK~KV", 0.396814},
        {"path", "female-male/female:KK~KD", 0.476104},
        {"indirect", "female-male/female:KK~KD", 0.260096},
        {"path", "female-male/male:KV~KD", 0.784475},
        {"path", "female-male/male:KK~KV", 0.564727},
        {"path", "female-male/male:KK~KD", 0.270604},
        {"indirect", "female-male/male:KK~KD", 0.443014},
    };
    static const double raw[] = {0.999412, 0.999057, 0.998468};
    struct fixture f;
    struct bench b;
    double row[400];
    fixture_golden(&f, "jambi");
    fixture_start(&f);
    begin(&b, &f, 2);
    b.options.micom = true;
    for (size_t i = 0; i < 120; i++)
        b.of[i] = i >= 60;
    make(&b);
    assert_true(b.columns.count < 400);
    pls_groups_observed(b.groups, row);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        near(value_of(&b, row, 1, expected[i].component, expected[i].term), expected[i].value, 1e-6,
             expected[i].term);
    b.options.micom_scale = PLS_MICOM_RAW;
    make(&b);
    pls_groups_observed(b.groups, row);
    for (size_t j = 0; j < 3; j++)
        near(value_of(&b, row, 1, "micom_c", expected[j].term), raw[j], 1e-6, "raw scale");
    end(&b);
    fixture_free(&f);
}

/* ---- cSEM's satisfaction by gender ---- */

struct table {
    char *text;
    char *name[400]; /* of columns from the second on */
    size_t columns;
    char *at; /* next line */
};

static void open_table(struct table *t, const char *file)
{
    char path[512], *rest = NULL;
    memset(t, 0, sizeof *t);
    snprintf(path, sizeof path, "%s/golden/pls/%s", PLS_TESTS, file);
    t->text = fixture_read(path);
    t->at = strchr(t->text, '\n');
    *t->at++ = '\0';
    for (char *name = strtok_r(t->text, "\t", &rest); name; name = strtok_r(NULL, "\t", &rest))
        t->name[t->columns++] = name;
    memmove(t->name, t->name + 1, --t->columns * sizeof *t->name);
}

/* The first field of the next line, and its numbers; NULL at the end. */
static char *read_line_of(struct table *t, double *values)
{
    char *field = t->at;
    if (*field == '\0')
        return NULL;
    char *at = strchr(field, '\t');
    *at = '\0';
    for (size_t c = 0; c < t->columns; c++)
        values[c] = strtod(at + 1, &at);
    t->at = at + 1;
    return field;
}

static void satisfaction(struct fixture *f, struct bench *b, const char *labels)
{
    fixture_golden(f, "satisfaction");
    fixture_start(f);
    begin(b, f, 2);
    for (size_t i = 0; i < 250; i++)
        b->of[i] = labels[i] == '1';
}

static void one_line(struct bench *b, const uint32_t *given, double *row)
{
    const struct pls_labels_source source = {.labelling = PLS_LABELS_GIVEN, .given = given};
    struct pls_outcome outcome;
    pls_groups_rows(b->groups, &source, 0, 1, row, 1, &outcome);
    assert_int_equal(outcome.status, PLS_STATUS_OK);
}

static void permuted_groups_have_csems_estimates(void **state)
{
    (void)state;
    struct fixture f;
    struct bench b;
    struct table t;
    double values[400], row[1200];
    uint32_t given[250];
    size_t compared = 0;
    open_table(&t, "satisfaction.groups.tsv");
    char *members = read_line_of(&t, values);
    char labels[251];
    memset(labels, '1', 250);
    for (char *at = members; isdigit((unsigned char)*at); at += *at == ',')
        labels[strtoul(at, &at, 10)] = '0';
    satisfaction(&f, &b, labels);
    make(&b);
    assert_true(b.columns.count < 1200);
    for (size_t line = 0; members != NULL; line++, members = read_line_of(&t, values)) {
        const uint32_t own = line % 2;
        if (own == 0) {
            for (size_t i = 0; i < 250; i++)
                given[i] = 1;
            for (char *at = members; isdigit((unsigned char)*at); at += *at == ',')
                given[strtoul(at, &at, 10)] = 0;
            one_line(&b, given, row);
        }
        for (size_t c = 0; c < t.columns; c++) {
            char component[32], term[200];
            const char *colon = strchr(t.name[c], ':');
            snprintf(component, sizeof component, "%.*s", (int)(colon - t.name[c]), t.name[c]);
            snprintf(term, sizeof term, "female-male/%s:%s", b.name[own], colon + 1);
            near(value_of(&b, row, 1, component, term), values[c], 1e-9, t.name[c]);
            compared++;
        }
    }
    assert_int_equal(compared, 7316);
    free(t.text);
    end(&b);
    fixture_free(&f);
}

static void invariance_is_csems(void **state)
{
    (void)state;
    struct fixture f;
    struct bench b[2];
    struct table t, step3;
    double values[400], row[1200];
    uint32_t given[250];
    open_table(&t, "satisfaction.micom.tsv");
    char *labels = read_line_of(&t, values);
    satisfaction(&f, &b[0], labels);
    b[1] = b[0];
    for (size_t scale = 0; scale < 2; scale++) {
        b[scale].options.of = b[0].of;
        b[scale].options.name = b[0].name;
        b[scale].options.micom = true;
        b[scale].options.micom_scale = scale == 0 ? PLS_MICOM_RAW : PLS_MICOM_STANDARDISED;
        make(&b[scale]);
    }
    for (size_t line = 0; labels != NULL; line++, labels = read_line_of(&t, values)) {
        for (size_t i = 0; i < 250; i++)
            given[i] = labels[i] == '1';
        for (size_t scale = 0; scale < 2; scale++) {
            one_line(&b[scale], given, row);
            for (size_t j = 0; j < 6; j++) {
                char term[64];
                const char *name = t.name[scale * 6 + j];
                snprintf(term, sizeof term, "female-male:%s", strchr(name, ':') + 1);
                near(value_of(&b[scale], row, 1, "micom_c", term), values[scale * 6 + j], 1e-9,
                     name);
            }
        }
    }
    pls_groups_observed(b[0].groups, row);
    open_table(&step3, "satisfaction.step3.tsv");
    for (char *name = read_line_of(&step3, values); name; name = read_line_of(&step3, values)) {
        char term[64];
        snprintf(term, sizeof term, "female-male:%s", name);
        near(value_of(&b[0], row, 1, "mean_difference", term), values[0], 1e-9, name);
        near(value_of(&b[0], row, 1, "log_variance_ratio", term), values[1], 1e-9, name);
    }
    free(t.text);
    free(step3.text);
    end(&b[0]);
    end(&b[1]);
    fixture_free(&f);
}

/* cSEM permutes rows standardised within their groups, and takes the logarithm to base 10. */
static void distances_and_differences_are_csems(void **state)
{
    (void)state;
    struct fixture f;
    struct bench b;
    struct table t;
    double values[400], row[1200];
    uint32_t given[250];
    open_table(&t, "satisfaction.mgd.tsv");
    char *labels = read_line_of(&t, values);
    satisfaction(&f, &b, labels);
    standardise_within(&b);
    b.options.opt_raw = NULL;
    b.options.omnibus = true;
    make(&b);
    for (; labels != NULL; labels = read_line_of(&t, values)) {
        for (size_t i = 0; i < 250; i++)
            given[i] = labels[i] == '1';
        one_line(&b, given, row);
        for (size_t c = 0; c < t.columns; c++) {
            char term[200];
            snprintf(term, sizeof term, "female-male:within:%s", t.name[c]);
            if (strcmp(t.name[c], "d_L") == 0)
                near(value_of(&b, row, 1, "d_l", "female-male:within:"), values[c], 1e-9, "d_L");
            else if (strcmp(t.name[c], "d_G_base10") == 0)
                near(value_of(&b, row, 1, "d_g", "female-male:within:"),
                     values[c] * 5.301898110478399, 1e-9, "d_G");
            else
                near(value_of(&b, row, 1, "difference", term), values[c], 1e-9, term);
        }
    }
    free(t.text);
    end(&b);
    fixture_free(&f);
}

/* ---- against the readable version ---- */

static const char *const models[] = {
    "A =~ a1 + a2 + a3\nB =~ b1 + b2\nC =~ c1 + c2 + c3\nC ~ A + B",
    "A <~ a1 + a2 + a3\nB =~ b1\nC =~ c1 + c2 + c3\nD <~ d1 + d2\nB ~ A\nC ~ A + B\nD ~ C",
    "A =~ a1 + a2\nB <~ b1 + b2\nC =~ c1 + c2 + c3\nD =~ d1 + d2\nC ~ A\nD ~ B + C",
};

static void random_fixture(struct fixture *f, uint64_t seed, size_t n)
{
    static double values[MOST_ROWS * 16];
    fixture_model(f, models[seed % 3]);
    f->keys.tolerance = 1e-7;
    f->keys.max_iterations = 300;
    const size_t p = f->model.indicators;
    for (size_t i = 0; i < n; i++) {
        const double common = fixture_normal(&seed);
        for (size_t k = 0; k < p; k++) {
            const double x = common + fixture_normal(&seed) * (k % 3 == 0 ? 0.7 : 1.1);
            values[i * p + k] = seed % 2 == 0 || n % 2 == 0 ? rint(2.0 * x) : x;
        }
    }
    fixture_data(f, n, values);
    fixture_start(f);
}

/* One variant of one comparison by pls_estimator_row(), place by place. */
static void check_models(const struct bench *b, const struct pls_comparison *of, size_t v,
                         const uint8_t *label, const double *rows, size_t stride,
                         struct pls_outcome *first_failed)
{
    const struct pls_group_variant *variant = &b->groups->variant[v];
    const size_t P = b->groups->parameters;
    double values[2][200];
    uint32_t weights[MOST_ROWS];
    struct pls_workspace *workspace = NULL;
    struct pls_error err;
    assert_ok(pls_workspace_new(variant->estimator, &workspace, &err), &err);
    for (size_t g = 0; g < of->groups; g++) {
        struct pls_outcome outcome;
        double *row = values[g % 2];
        for (size_t i = 0; i < b->groups->n; i++)
            weights[i] = label[i] == of->group[g];
        pls_estimator_row(variant->estimator, workspace, weights, b->options.opt_base, row,
                          &outcome);
        const double *actual = rows + ((size_t)of->places[v].estimates + g * P) * stride;
        for (size_t c = 0; c < P; c++)
            assert_memory_equal(&actual[c * stride], &row[c], sizeof *row);
        if (first_failed->status == PLS_STATUS_OK && outcome.status != PLS_STATUS_OK) {
            *first_failed = outcome;
            first_failed->flags = (uint8_t)(of->run + v * of->groups + g + 1);
        }
    }
    for (size_t c = 0; c < P && of->groups == 2; c++) {
        const double d = values[0][c] - values[1][c];
        const double actual = rows[((size_t)of->places[v].difference + c) * stride];
        assert_true(isnan(d) ? isnan(actual) : d == actual);
    }
    pls_workspace_free(workspace);
}

static void rows_are_those_of_the_readable_version(void **state)
{
    (void)state;
    enum { COUNT = 140 };
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct fixture f;
        struct bench b;
        struct pls_outcome outcomes[COUNT];
        uint8_t label[MOST_ROWS];
        random_fixture(&f, seed + 3000, 40 + 11 * seed);
        begin(&b, &f, 2 + seed % 2);
        for (size_t i = 0; i < f.dataset.rows; i++)
            b.of[i] = (uint8_t)((i * 5 + i / 3) % 7 % b.options.groups);
        b.options.micom = b.options.omnibus = true;
        standardise_within(&b);
        make(&b);
        double *rows = calloc(b.columns.count * COUNT, sizeof *rows);
        assert_non_null(rows);
        const struct pls_labels_source source = {PLS_LABELS_RANDOM, 20260101 + seed, NULL};
        pls_groups_rows(b.groups, &source, 1000, COUNT, rows, COUNT, outcomes);
        for (size_t i = 0; i < COUNT; i++) {
            struct pls_outcome failed = {0};
            for (size_t c = 0; c < b.groups->comparisons; c++) {
                const struct pls_comparison *of = &b.groups->comparison[c];
                pls_permute_labels(source.seed, 1000 + i, (uint32_t)c, of->exchange, label);
                for (size_t v = 0; v < 2; v++)
                    check_models(&b, of, v, label, rows + i, COUNT, &failed);
            }
            assert_int_equal(outcomes[i].status, failed.status);
            assert_int_equal((outcomes[i].flags & PLS_FLAG_RUN) >> PLS_FLAG_RUN_SHIFT,
                             failed.flags);
        }
        free(rows);
        end(&b);
        fixture_free(&f);
    }
}

/* Every instruction set, and rows in pieces: permutations and bootstrap. */
static void rows_have_the_same_bits_everywhere(void **state)
{
    (void)state;
    enum { COUNT = 100 };
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct fixture f;
        struct bench b;
        struct pls_outcome outcomes[2][COUNT];
        double *rows[2] = {NULL, NULL};
        random_fixture(&f, seed + 7, 36 + seed);
        begin(&b, &f, 2 + seed % 2);
        for (size_t i = 0; i < f.dataset.rows; i++)
            b.of[i] = (uint8_t)(i * 5 % 7 % b.options.groups);
        b.options.micom = b.options.omnibus = b.options.studentised = true;
        standardise_within(&b);
        for (int isa = PLS_ISA_REF; isa < PLS_ISAS; isa++) {
            if (!is_there((enum pls_isa)isa))
                continue;
            const size_t own = isa != PLS_ISA_REF;
            b.options.isa = (enum pls_isa)isa;
            make(&b);
            const size_t size = b.columns.count * 2 * COUNT;
            rows[own] = realloc(rows[own], size * sizeof(double));
            assert_non_null(rows[own]);
            memset(rows[own], 0, size * sizeof(double));
            memset(outcomes[own], 0, sizeof outcomes[own]);
            const struct pls_labels_source source = {PLS_LABELS_RANDOM, seed, NULL};
            double *boot = rows[own] + b.columns.count * COUNT;
            const size_t cut = own ? 37 : COUNT / 2;
            struct pls_outcome *out = outcomes[own];
            pls_groups_bootstrap_rows(b.groups, seed, 5, cut, boot, COUNT, out);
            pls_groups_bootstrap_rows(b.groups, seed, 5 + cut, COUNT - cut, boot + cut, COUNT,
                                      out + cut);
            pls_groups_rows(b.groups, &source, 5, cut, rows[own], COUNT, out);
            pls_groups_rows(b.groups, &source, 5 + cut, COUNT - cut, rows[own] + cut, COUNT,
                            out + cut);
            if (!own)
                continue;
            for (size_t i = 0; i < size; i++)
                if (memcmp(&rows[0][i], &rows[1][i], sizeof(double)) != 0 &&
                    !(isnan(rows[0][i]) && isnan(rows[1][i])))
                    fail_msg(
                        "isa %d: %s %s", isa,
                        pls_component_name(b.columns.column[i / COUNT % b.columns.count].component),
                        b.columns.column[i / COUNT % b.columns.count].term);
            assert_memory_equal(outcomes[0], outcomes[1], sizeof outcomes[0]);
        }
        free(rows[0]);
        free(rows[1]);
        end(&b);
        fixture_free(&f);
    }
}

/* A studentised difference, Q and a distance of several groups from their definitions. */
static void statistics_are_as_defined(void **state)
{
    (void)state;
    struct fixture f;
    struct bench b;
    static double row[4000];
    random_fixture(&f, 12, 60);
    begin(&b, &f, 3);
    for (size_t i = 0; i < 60; i++)
        b.of[i] = (uint8_t)(i < 15 ? 0 : i < 35 ? 1 : 2);
    b.options.omnibus = b.options.studentised = true;
    make(&b);
    assert_true(b.columns.count < 4000);
    pls_groups_observed(b.groups, row);
    const size_t path = fixture_column(f.columns, "path", "C~A");
    double estimate[3], squared[3], mean = 0.0, q = 0.0;
    static const double size[] = {15, 20, 25};
    for (size_t g = 0; g < 3; g++) {
        double sum = 0.0, squares = 0.0;
        for (size_t i = 0; i < 60; i++)
            f.weights[i] = b.of[i] == g;
        fixture_row(&f, NULL);
        estimate[g] = f.row[path];
        for (size_t i = 0; i < 60; i++)
            if (b.of[i] == g) {
                f.weights[i] = 0;
                fixture_row(&f, NULL);
                f.weights[i] = 1;
                sum += f.row[path];
                squares += f.row[path] * f.row[path];
            }
        squared[g] = (squares - sum * sum / size[g]) * (size[g] - 1.0) / size[g];
        mean += size[g] * estimate[g] / 60.0;
    }
    for (size_t g = 0; g < 3; g++)
        q += size[g] * (estimate[g] - mean) * (estimate[g] - mean);
    near(value_of(&b, row, 1, "omnibus_q", "all:path:C~A"), q, 1e-12, "Q");
    near(value_of(&b, row, 1, "studentised", "female-other:path:C~A"),
         (estimate[0] - estimate[2]) / sqrt(squared[0] + squared[2]), 1e-10, "studentised");
    const double pairs = value_of(&b, row, 1, "d_l", "female-male:") +
                         value_of(&b, row, 1, "d_l", "female-other:") +
                         value_of(&b, row, 1, "d_l", "male-other:");
    near(value_of(&b, row, 1, "d_l", "all:"), 2.0 * pairs / 3.0, 1e-12, "d_L of all");
    end(&b);
    fixture_free(&f);
}

static void bootstrap_rows_are_drawn_within_groups(void **state)
{
    (void)state;
    enum { COUNT = 70 };
    struct fixture f;
    struct bench b;
    struct pls_design *design = NULL;
    struct pls_outcome outcomes[COUNT];
    uint32_t stratum[60];
    size_t a, z;
    random_fixture(&f, 12, 60);
    begin(&b, &f, 2);
    for (size_t i = 0; i < 60; i++)
        stratum[i] = b.of[i] = i % 3 == 0;
    b.options.micom = true;
    make(&b);
    double *rows = calloc(b.columns.count * COUNT, sizeof *rows);
    assert_non_null(rows);
    assert_ok(pls_design_new(60, stratum, NULL, &design, &a, &z, &b.err), &b.err);
    pls_groups_bootstrap_rows(b.groups, 7, 900, COUNT, rows, COUNT, outcomes);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t g = 0; g < 2; g++) {
            pls_weights_design(7, 900 + i, design, f.weights);
            for (size_t r = 0; r < 60; r++)
                f.weights[r] = b.of[r] == g ? f.weights[r] : 0;
            fixture_row(&f, NULL);
            for (size_t c = 0; c < f.columns->count; c++)
                assert_memory_equal(&rows[(g * f.columns->count + c) * COUNT + i], &f.row[c],
                                    sizeof(double));
        }
    assert_true(isnan(value_of(&b, rows, COUNT, "micom_c", "female-male:A")));
    pls_design_free(design);
    free(rows);
    end(&b);
    fixture_free(&f);
}

static void distances_agree_with_gsl(void **state)
{
    (void)state;
    enum { MOST_P = 30 };
    uint64_t seed = 5;
    for (size_t p = 1; p <= MOST_P; p++) {
        static double m[2][MOST_P * MOST_P];
        double scratch[2 * MOST_P], sum = 0.0;
        gsl_matrix *g[2] = {gsl_matrix_alloc(p, p), gsl_matrix_alloc(p, p)};
        gsl_vector *values = gsl_vector_alloc(p);
        gsl_eigen_gensymm_workspace *workspace = gsl_eigen_gensymm_alloc(p);
        for (size_t which = 0; which < 2; which++) {
            double x[MOST_P][MOST_P + 3];
            for (size_t i = 0; i < p; i++)
                for (size_t k = 0; k < p + 3; k++)
                    x[i][k] = fixture_normal(&seed);
            for (size_t i = 0; i < p; i++)
                for (size_t j = 0; j < p; j++) {
                    double s = 0.0;
                    for (size_t k = 0; k < p + 3; k++)
                        s += x[i][k] * x[j][k];
                    m[which][i * p + j] = s;
                    gsl_matrix_set(g[which], i, j, s);
                }
        }
        gsl_eigen_gensymm(g[0], g[1], values, workspace);
        for (size_t i = 0; i < p; i++)
            sum += log(gsl_vector_get(values, i)) * log(gsl_vector_get(values, i));
        near(pls_geodesic(m[0], m[1], p, scratch), sum, 1e-9, "sum of squared logarithms");
        gsl_matrix_free(g[0]);
        gsl_matrix_free(g[1]);
        gsl_vector_free(values);
        gsl_eigen_gensymm_free(workspace);
    }
    double a[] = {1, 2, 2, 1}, unit[] = {1, 0, 0, 1}, scratch[4];
    assert_true(isnan(pls_geodesic(a, unit, 2, scratch))); /* eigenvalues 3 and -1 */
}

static void logarithms_are_right(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (size_t i = 0; i < 20000; i++) {
        const double x = ldexp(0.5 + 0.5 * fixture_uniform(&seed), (int)(i % 80) - 40);
        assert_true(fabs(pls_log(x) - log(x)) <= 4e-16 * fabs(log(x)));
    }
    assert_true(pls_log(1.0) == 0.0);
    assert_true(isnan(pls_log(0.0)) && isnan(pls_log(-1.0)));
}

static void a_group_that_has_no_model_is_named(void **state)
{
    (void)state;
    struct fixture f;
    struct bench b;
    random_fixture(&f, 12, 60);
    begin(&b, &f, 2);
    for (size_t i = 0; i < 60; i++)
        b.of[i] = i >= 30;
    for (size_t i = 30; i < 60; i++)
        f.dataset.values[i * f.dataset.columns + 1] = 3.0;
    fixture_start(&f);
    b.options.opt_raw = f.estimator;
    assert_int_equal(pls_groups_new(&b.options, &b.groups, &b.err), PLS_EDATA);
    assert_non_null(strstr(b.err.text, "in group male indicator a2 is constant"));
    for (size_t i = 0; i < 60; i++)
        b.of[i] = i >= 3;
    assert_int_equal(pls_groups_new(&b.options, &b.groups, &b.err), PLS_EDATA);
    assert_non_null(strstr(b.err.text, "in group female 3 complete rows are too few"));
    end(&b);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_seventy_assignments_of_eight_rows),
        cmocka_unit_test(jambis_halves),
        cmocka_unit_test(permuted_groups_have_csems_estimates),
        cmocka_unit_test(invariance_is_csems),
        cmocka_unit_test(distances_and_differences_are_csems),
        cmocka_unit_test(rows_are_those_of_the_readable_version),
        cmocka_unit_test(rows_have_the_same_bits_everywhere),
        cmocka_unit_test(statistics_are_as_defined),
        cmocka_unit_test(bootstrap_rows_are_drawn_within_groups),
        cmocka_unit_test(distances_agree_with_gsl),
        cmocka_unit_test(logarithms_are_right),
        cmocka_unit_test(a_group_that_has_no_model_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
