/* permute_tables.c: the tables of the permutation job's report, and those of one sample. */
#include "plstrap/alloc.h"

#include "permute_internal.h"
#include "plan_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- within one sample ---- */

struct within {
    const struct pls_facts *facts;
    struct pls_table *table;
    struct pls_permutation_p *path; /* [paths] of each path's own test */
    double *adjusted;               /* [paths] Holm, or as the study says */
};

/* R² of the path's construct under permuted rows of its block: column behind the paths. */
static size_t block_column(const struct pls_plan *plan, size_t path)
{
    const struct pls_model *model = plan->study->model;
    size_t column = model->paths, j = 0;
    for (; model->arrow[j + 1] <= path; j++)
        column += model->arrow[j + 1] > model->arrow[j];
    return column;
}

static enum pls_code append_path(const struct within *w, size_t path, struct pls_error *err)
{
    const struct pls_plan *plan = w->facts->plan;
    const struct pls_permutation_p *p = &w->path[path];
    const struct pls_permutation_p block = pls_permute_p(w->facts, block_column(plan, path));
    const bool exact = pls_within_is_exact(plan->estimator, path);
    return pls_table_append(
        w->table, err, "path", plan->columns->column[path].term,
        plan->base[pls_permute_first_path(plan) + path], plan->estimate[path], p->p, p->low,
        p->high, pls_certainty_name(p->certainty), exact ? "exact" : "asymptotic", block.p,
        w->adjusted[path],
        !exact && block.p >= plan->study->inference.alpha
            ? "its construct is not shown to depend on anything: its weights are not settled, and "
              "this test is slightly liberal; p.block is the exact one"
            : "");
}

/* Indirect effect along a chain: it is there if every path is (intersection-union). */
static enum pls_code append_chain(const struct within *w, size_t column, struct pls_error *err)
{
    const struct pls_plan *plan = w->facts->plan;
    const struct pls_column *of = &pls_estimator_columns(plan->estimator)->column[column];
    const struct pls_model *model = plan->study->model;
    struct pls_permutation_p worst = {.p = -1.0};
    char name[512];
    const char *at = of->rhs;
    size_t from = pls_model_construct(model, of->lhs);
    while (*at != '\0') {
        const char *end = strstr(at, "->");
        const size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
        if (length >= sizeof name)
            return pls_fail(err, PLS_EINTERNAL, "the name of a construct is too long");
        memcpy(name, at, length);
        name[length] = '\0';
        const size_t to = pls_model_construct(model, name);
        for (size_t a = model->arrow[to]; a < model->arrow[to + 1]; a++)
            if (model->source[a] == from && !isnan(worst.p) && !(w->path[a].p <= worst.p))
                worst = w->path[a];
        from = to;
        at += length + (end != NULL ? 2 : 0);
    }
    return pls_table_append(w->table, err, "specific", of->term, plan->base[column], NAN, worst.p,
                            worst.low, worst.high, pls_certainty_name(worst.certainty), "joint",
                            NAN, NAN, "");
}

static enum pls_code add_within(const struct pls_facts *facts, struct pls_tables *tables,
                                struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_permutation_keys *keys = &plan->study->permutation;
    const struct pls_columns *columns = pls_estimator_columns(plan->estimator);
    const size_t paths = plan->study->model->paths;
    struct within w = {.facts = facts};
    enum pls_code code = pls_tables_add(
        tables, "within",
        "component:text term:text estimate:real t:real p.value:real p.low:real p.high:real "
        "certainty:text kind:text p.block:real p.adjusted:real note:text",
        &w.table, err);
    if (code == PLS_OK)
        code = pls_alloc(&w.path, paths, sizeof *w.path, err);
    if (code == PLS_OK)
        code = pls_alloc(&w.adjusted, paths, sizeof *w.adjusted, err);
    for (size_t a = 0; code == PLS_OK && a < paths; a++) {
        w.path[a] = pls_permute_p(facts, a);
        w.adjusted[a] = w.path[a].p;
    }
    /* Paths of different constructs have permutations of their own: maxT has no joint rows here. */
    if (code == PLS_OK)
        code = pls_adjust(pls_procedure_of(keys->adjust), w.adjusted, paths, w.adjusted, err);
    for (size_t a = 0; code == PLS_OK && (keys->tests & PLS_TEST_PATHS) != 0 && a < paths; a++)
        code = append_path(&w, a, err);
    for (size_t c = 0; code == PLS_OK && (keys->tests & PLS_TEST_INDIRECT) != 0; c++) {
        if (c == columns->count)
            break;
        if (columns->column[c].component == PLS_SPECIFIC)
            code = append_chain(&w, c, err);
    }
    free(w.path);
    free(w.adjusted);
    return code;
}

/* ---- the whole ---- */

static enum pls_code add_facts(const struct pls_facts *facts, struct pls_tables *tables,
                               struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    const struct pls_study *study = plan->study;
    const struct pls_permutation_keys *keys = &study->permutation;
    static const char *const rows[] = {"raw", "within_standardised", "both"};
    static const char *const failures[] = {"exclude", "keep", "stop"};
    static const char *const scales[] = {"standardised", "raw"};
    char tests[64] = "";
    for (unsigned bit = PLS_TEST_MGA; bit <= PLS_TEST_INDIRECT; bit <<= 1)
        if ((keys->tests & bit) != 0) {
            strcat(tests, tests[0] != '\0' ? " " : "");
            strcat(tests, pls_test_name((enum pls_test)bit));
        }
    const bool groups = plan->permute->groups.count > 0;
    /* add_within() says why not maxT */
    const enum pls_adjust adjust =
        !groups && keys->adjust == PLS_ADJUST_MAXT ? PLS_ADJUST_HOLM : keys->adjust;
    const char *const texts[][2] = {
        {"job", "permute"},
        {"assignments", plan->permute->assignments > 0 ? "exact"
                        : plan->given_count > 0        ? "given"
                                                       : "random"},
        {"tests", tests},
        {"adjust", pls_adjust_name(adjust)},
        {"on_failure", failures[keys->on_failure]},
        {"align", study->bootstrap.align == PLS_ALIGN_BASE ? "base" : "none"},
        {"group", groups ? study->data.group.column : NULL},
        {"rows", groups ? rows[keys->rows] : NULL},
        {"micom_scale", (keys->tests & PLS_TEST_MICOM) != 0 ? scales[keys->micom_scale] : NULL},
    };
    enum pls_code code = PLS_OK;
    for (size_t i = 0; code == PLS_OK && i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i][1] != NULL)
            code = pls_plan_fact(tables, err, texts[i][0], "%s", texts[i][1]);
    if (code == PLS_OK)
        code =
            pls_plan_fact(tables, err, "replicates", "%llu", (unsigned long long)plan->replicates);
    if (code == PLS_OK && plan->permute->assignments == 0 && plan->given_count == 0)
        code = pls_plan_fact(tables, err, "seed", "%llu", (unsigned long long)keys->seed);
    if (code == PLS_OK && facts->series_count > 1)
        code = pls_plan_fact(tables, err, "series_bootstrap", "%llu",
                             (unsigned long long)facts->series[SERIES_WHOLE].count);
    if (code == PLS_OK && facts->series_count > 1)
        code = pls_plan_fact(tables, err, "levels", "%.10g", study->bootstrap.level[0]);
    if (code == PLS_OK && groups)
        code = pls_plan_fact(tables, err, "ungrouped", "%zu", plan->permute->groups.ungrouped);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "alpha", "%.10g", study->inference.alpha);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "p.interval", "%.10g", 0.01 * PLS_P_INTERVAL);
    if (code == PLS_OK && facts->stopped != NULL)
        code = pls_plan_fact(tables, err, "stopped", "%s", facts->stopped);
    return code;
}

static enum pls_code note_tests(const struct pls_facts *facts, struct pls_tables *tables,
                                struct pls_error *err)
{
    const struct pls_plan *plan = facts->plan;
    enum pls_code code = PLS_OK;
    if (plan->permute->groups.ungrouped > 0)
        code = pls_plan_message(tables, err, "note",
                                "%zu observations are in no group and take no part.",
                                plan->permute->groups.ungrouped);
    if (code == PLS_OK && facts->stopped != NULL)
        code = pls_plan_message(
            tables, err, "note",
            "replicates: auto (%s) stopped after %llu permutations: %s. It looks at the tests that "
            "verdicts rest on (paths, MICOM, distances); p of other parameters may be undecided "
            "still. After such a stop p leans a little to the side that it was decided for.",
            pls_stop_name(plan->study->permutation.stop), (unsigned long long)plan->replicates,
            facts->stopped);
    if (code == PLS_OK && plan->study->hypotheses > 0)
        code =
            pls_plan_message(tables, err, "note",
                             "The study's hypotheses are decided by `plstrap bootstrap`; p-values "
                             "here are two-sided, those of one side are p.greater and p.less of "
                             "the table mga.");
    if (code == PLS_OK && plan->permute->groups.count > 2)
        code = pls_plan_message(
            tables, err, "note",
            "Each pair of groups is permuted for itself; adjusted p-values hold for all pairs "
            "together: those of a pair times the number of pairs.");
    return code;
}

enum pls_code pls_permute_tables(const struct pls_facts *facts, struct pls_tables *tables,
                                 struct pls_error *err)
{
    const bool groups = facts->plan->permute->groups.count > 0;
    static const char *const names[] = {"study", "constructs", "messages"};
    struct pls_tables base = {0};
    enum pls_code code = pls_plan_tables(facts->plan, &base, err);
    for (size_t i = 0; code == PLS_OK && i < sizeof names / sizeof names[0]; i++)
        code = pls_move_table(&base, names[i], tables, err);
    if (code == PLS_OK)
        code = add_facts(facts, tables, err);
    if (code == PLS_OK)
        code = pls_facts_add_failures(facts, tables, err);
    if (code == PLS_OK)
        code = note_tests(facts, tables, err);
    if (code == PLS_OK)
        code = pls_move_table(&base, "parameters", tables, err);
    if (code == PLS_OK && groups)
        code = pls_micom_tables(facts, tables, err);
    if (code == PLS_OK && groups)
        code = pls_mga_tables(facts, tables, err);
    if (code == PLS_OK && !groups)
        code = add_within(facts, tables, err);
    if (code == PLS_OK)
        code = pls_facts_add_replicates(facts, tables, err);
    pls_tables_free(&base);
    return code;
}

/* ---- of a shard ---- */

enum pls_code pls_permute_shard(const struct pls_plan *plan, struct pls_tables *tables,
                                struct pls_error *err)
{
    const struct pls_groups_found *groups = &plan->permute->groups;
    struct pls_table *table;
    if (groups->count == 0)
        return PLS_OK;
    enum pls_code code =
        pls_tables_add(tables, "groups", "group:text n:count ungrouped:count", &table, err);
    for (size_t g = 0; code == PLS_OK && g < groups->count; g++)
        code = pls_table_append(table, err, groups->name[g], (int64_t)groups->size[g],
                                (int64_t)groups->ungrouped);
    return code == PLS_OK ? pls_micom_configural(plan, tables, err) : code;
}
