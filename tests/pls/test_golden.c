/*
 * test_golden.c: the values of other programs, and their estimates of stored resamples, to 1e-9.
 * tests/golden/pls/README.md says what the tables are and which values are not compared.
 */
#include "fixture.h"

static const double tolerance = 1e-9;

static const char *const models[] = {"bergami",   "corprep",     "democracy", "itflex",
                                     "jambi",     "mobi",        "russett",   "satisfaction",
                                     "spainfoot", "threefactors"};
enum { MODELS = sizeof models / sizeof models[0] };

/* One line of NAME.values.tsv. */
struct value {
    const char *scheme, *peer, *component, *term;
    double value;
};

static size_t read_values(char *text, struct value *out, size_t most)
{
    char *rest = NULL;
    size_t count = 0;
    strtok_r(text, "\n", &rest);
    for (char *line = strtok_r(NULL, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *field = NULL;
        assert_true(count < most);
        out[count].scheme = strtok_r(line, "\t", &field);
        out[count].peer = strtok_r(NULL, "\t", &field);
        out[count].component = strtok_r(NULL, "\t", &field);
        out[count].term = strtok_r(NULL, "\t", &field);
        out[count].value = strtod(strtok_r(NULL, "\t", &field), NULL);
        count++;
    }
    return count;
}

/* Row and assessment side by side. */
struct table {
    const struct pls_columns *row_columns;
    const double *row;
    struct pls_assessment more;
};

static const struct pls_column *find(const struct table *table, const char *component,
                                     const char *term, double *value)
{
    size_t c = fixture_column(table->row_columns, component, term);
    if (c < table->row_columns->count) {
        *value = table->row[c];
        return &table->row_columns->column[c];
    }
    c = fixture_column(&table->more.columns, component, term);
    if (c == table->more.columns.count)
        return NULL;
    *value = table->more.value[c];
    return &table->more.columns.column[c];
}

/* No two programs agree on signs: each construct is turned so that its weights (or loadings) agree.
 * */
static void align(const struct fixture *f, const struct table *table, const struct value *values,
                  size_t count, const char *component, double *sign)
{
    double sum[MOST_CONSTRUCTS] = {0.0};
    for (size_t v = 0; v < count; v++)
        if (strcmp(values[v].component, component) == 0) {
            double ours = NAN;
            const struct pls_column *column = find(table, component, values[v].term, &ours);
            assert_non_null(column);
            sum[fixture_construct(f, column->lhs)] += ours * values[v].value;
        }
    for (size_t j = 0; j < f->model.constructs; j++)
        sign[j] = sum[j] < 0.0 ? -1.0 : 1.0;
}

/* What aligning the constructs does to a value. */
static double factor(const struct fixture *f, const struct pls_column *column, const double *sign)
{
    const double left = strchr("<=~-", column->op[0]) != NULL && column->op[0] != '\0'
                            ? sign[fixture_construct(f, column->lhs)]
                            : 1.0;
    switch (column->component) {
    case PLS_WEIGHT:
    case PLS_LOADING:
        return left;
    case PLS_PATH:
    case PLS_TOTAL:
    case PLS_INDIRECT:
    case PLS_CORRELATION:
        return left * sign[fixture_construct(f, column->rhs)];
    case PLS_SPECIFIC: {
        const char *last = column->rhs;
        for (const char *at = strstr(last, "->"); at != NULL; at = strstr(last, "->"))
            last = at + 2;
        return left * sign[fixture_construct(f, last)];
    }
    default:
        return 1.0;
    }
}

/* Reported only where they apply: not for Mode B and single indicators (METHODS 3.2, 3.3). */
static bool is_optional(const char *component)
{
    static const char *const names[] = {"alpha", "rho_a", "rho_c", "ave", "htmt"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(component, names[i]) == 0)
            return true;
    return false;
}

/* The values of one peer and scheme; returns how many were compared. */
static size_t compare_run(const struct fixture *f, const struct table *table,
                          const struct value *values, size_t count)
{
    const bool plspm = strcmp(values[0].peer, "plspm") == 0; /* turns scores, not weights */
    double sign[MOST_CONSTRUCTS];
    size_t compared = 0;
    align(f, table, values, count, plspm ? "loading" : "weight", sign);
    for (size_t v = 0; v < count; v++) {
        double ours = NAN, theirs = values[v].value;
        const struct pls_column *column = find(table, values[v].component, values[v].term, &ours);
        if (is_optional(values[v].component) && (column == NULL || isnan(ours)))
            continue;
        if (column == NULL)
            fail_msg("no %s:%s", values[v].component, values[v].term);
        ours *= factor(f, column, sign);
        if (plspm && column->component == PLS_WEIGHT) {
            ours = fabs(ours);
            theirs = fabs(theirs);
        }
        if (!check_is_close(ours, theirs, tolerance))
            fail_msg("%s %s %s:%s is %.17g, not %.17g", values[v].peer, values[v].scheme,
                     values[v].component, values[v].term, ours, theirs);
        compared++;
    }
    return compared;
}

static enum pls_scheme scheme_named(const char *name)
{
    return strcmp(name, "centroid") == 0    ? PLS_SCHEME_CENTROID
           : strcmp(name, "factorial") == 0 ? PLS_SCHEME_FACTORIAL
                                            : PLS_SCHEME_PATH;
}

static size_t compare_model(const char *name)
{
    enum { MOST = 4096 };
    struct value *values = calloc(MOST, sizeof *values);
    struct fixture f;
    char path[512];
    size_t compared = 0;
    assert_non_null(values);
    snprintf(path, sizeof path, "%s/golden/pls/%s.values.tsv", PLS_TESTS, name);
    char *text = fixture_read(path);
    const size_t count = read_values(text, values, MOST);
    fixture_golden(&f, name);
    for (size_t from = 0, to; from < count; from = to) {
        to = from + 1;
        while (to < count && strcmp(values[to].peer, values[from].peer) == 0 &&
               strcmp(values[to].scheme, values[from].scheme) == 0)
            to++;
        f.keys.scheme = scheme_named(values[from].scheme);
        fixture_start(&f);
        fixture_row(&f, NULL);
        assert_int_equal(f.outcome.status, PLS_STATUS_OK);
        assert_true(pls_workspace_residual(f.estimator, f.workspace) < 1e-12);
        struct table table = {.row_columns = f.columns, .row = f.row};
        assert_ok(pls_assess(f.estimator, f.workspace, f.row, &table.more, &f.err), &f.err);
        compared += compare_run(&f, &table, values + from, to - from);
        pls_assessment_free(&table.more);
    }
    fixture_free(&f);
    free(values);
    free(text);
    return compared;
}

static void values_of_all_peers_are_met(void **state)
{
    (void)state;
    size_t compared = 0;
    for (size_t m = 0; m < MODELS; m++)
        compared += compare_model(models[m]);
    assert_int_equal(compared, 5764); /* so that none is skipped unseen */
}

/* "3,0,3,…" as weights, or the row left out; the rest of the line is returned. */
static char *read_rows(char *line, size_t number, size_t n, uint32_t *weights)
{
    const bool jackknife = strncmp(line, "jackknife", 9) == 0;
    for (size_t i = 0; i < n; i++)
        weights[i] = jackknife && i != number;
    char *at = line;
    if (jackknife)
        at += 9;
    else
        for (at--; *at != '\t';)
            weights[strtoul(at + 1, &at, 10)]++;
    return at + 1;
}

/* One line's values, in the order of the header's columns. */
static size_t compare_replicate(const struct fixture *f, const size_t *column, size_t columns,
                                char *at, size_t number)
{
    double sum[MOST_CONSTRUCTS] = {0.0}, sign[MOST_CONSTRUCTS], theirs[512];
    for (size_t c = 0; c < columns; c++, at++) {
        theirs[c] = strtod(at, &at);
        const struct pls_column *name = &f->columns->column[column[c]];
        if (name->component == PLS_WEIGHT)
            sum[fixture_construct(f, name->lhs)] += theirs[c] * f->row[column[c]];
    }
    for (size_t j = 0; j < f->model.constructs; j++)
        sign[j] = sum[j] < 0.0 ? -1.0 : 1.0;
    for (size_t c = 0; c < columns; c++) {
        const struct pls_column *name = &f->columns->column[column[c]];
        const double ours = f->row[column[c]] * factor(f, name, sign);
        if (!check_is_close(ours, theirs[c], tolerance))
            fail_msg("replicate %zu %s is %.17g, not %.17g", number, name->term, ours, theirs[c]);
    }
    return columns;
}

static size_t replay(const char *name, const char *kind, enum pls_scheme scheme)
{
    struct fixture f;
    char path[512], *rest = NULL, *field = NULL;
    size_t column[512], columns = 0, compared = 0, number = 0;
    snprintf(path, sizeof path, "%s/golden/pls/%s.%s.tsv", PLS_TESTS, name, kind);
    char *text = fixture_read(path);
    fixture_golden(&f, name);
    f.keys.scheme = scheme;
    fixture_start(&f);
    strtok_r(strtok_r(text, "\n", &rest), "\t", &field);
    for (char *head = strtok_r(NULL, "\t", &field); head; head = strtok_r(NULL, "\t", &field)) {
        char *colon = strchr(head, ':');
        *colon = '\0';
        column[columns] = fixture_column(f.columns, head, colon + 1);
        assert_true(column[columns] < f.columns->count);
        columns++;
    }
    for (char *line = strtok_r(NULL, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *values = read_rows(line, number, f.dataset.rows, f.weights);
        fixture_row(&f, NULL);
        assert_int_equal(f.outcome.status, PLS_STATUS_OK);
        compared += compare_replicate(&f, column, columns, values, number++);
    }
    fixture_free(&f);
    free(text);
    return compared;
}

static void stored_replicates_are_met(void **state)
{
    (void)state;
    static const struct {
        const char *model, *kind;
        enum pls_scheme scheme;
        size_t values;
    } tables[] = {{"satisfaction", "resamples", PLS_SCHEME_PATH, 5900},
                  {"satisfaction", "groups", PLS_SCHEME_PATH, 7316},
                  {"mobi", "resamples", PLS_SCHEME_PATH, 7550},
                  {"corprep", "resamples", PLS_SCHEME_FACTORIAL, 6800},
                  {"russett", "resamples", PLS_SCHEME_CENTROID, 1250},
                  {"itflex", "resamples", PLS_SCHEME_PATH, 2400},
                  {"threefactors", "resamples", PLS_SCHEME_PATH, 450},
                  {"democracy", "resamples", PLS_SCHEME_PATH, 14471},
                  {"democracy", "jackknife", PLS_SCHEME_PATH, 2175}};
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        assert_int_equal(replay(tables[t].model, tables[t].kind, tables[t].scheme),
                         tables[t].values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_all_peers_are_met),
        cmocka_unit_test(stored_replicates_are_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
