/* key_rules.c: what keys say together: those that have no meaning without another. */
#include "keys.h"

#include <string.h>

enum { OF_GROUPS = PLS_TEST_MGA | PLS_TEST_MICOM | PLS_TEST_OMNIBUS };

static const struct pls_node *node_of(const struct pls_tree *tree, const size_t *value,
                                      const char *section, const char *name)
{
    for (size_t i = 0; i < pls_keys_count; i++)
        if (strcmp(pls_keys[i].section, section) == 0 && strcmp(pls_keys[i].name, name) == 0)
            return value[i] ? &tree->node[value[i]] : NULL;
    return NULL;
}

/* Keys of `replicates: auto`, which nothing would read beside a number. */
static enum pls_code check_auto(const struct pls_tree *tree, const size_t *value,
                                const struct pls_study *study, struct pls_error *err)
{
    static const char *const keys[][2] = {{"bootstrap", "accuracy"},
                                          {"bootstrap", "max_replicates"},
                                          {"permutation", "max_replicates"},
                                          {"permutation", "stop"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct pls_node *node = node_of(tree, value, keys[i][0], keys[i][1]);
        const bool automatic = strcmp(keys[i][0], "bootstrap") == 0 ? study->bootstrap.automatic
                                                                    : study->permutation.automatic;
        if (node && !automatic)
            return pls_fail_at(err, tree->path, node->place,
                               "'%s.%s' is read only with replicates: auto; write that, or delete "
                               "this key",
                               keys[i][0], keys[i][1]);
    }
    static const char *const sections[] = {"bootstrap", "permutation"};
    for (size_t i = 0; i < 2; i++) {
        const struct pls_node *node = node_of(tree, value, sections[i], "on_failure");
        const bool stops =
            i == 0
                ? study->bootstrap.automatic && study->bootstrap.on_failure == PLS_FAILURE_STOP
                : study->permutation.automatic && study->permutation.on_failure == PLS_FAILURE_STOP;
        if (node && stops)
            return pls_fail_at(err, tree->path, node->place,
                               "'on_failure: stop' would look at replicates that 'replicates: "
                               "auto' does not keep; write 'on_failure: exclude', or a number of "
                               "replicates");
    }
    const struct pls_node *store = node_of(tree, value, "", "store");
    if (store && study->store == PLS_STORE_SUMMARY &&
        (study->bootstrap.automatic || study->permutation.automatic))
        return pls_fail_at(err, tree->path, store->place,
                           "'store: summary' keeps no rows, and 'replicates: auto' reads them; "
                           "write 'store: rows', or a number of replicates");
    return PLS_OK;
}

static enum pls_code refuse_test(const struct pls_tree *tree, const struct pls_node *node,
                                 bool groups, struct pls_error *err)
{
    if (groups)
        return pls_fail_at(err, tree->path, node->place,
                           "the test %s is one within a single sample, and 'data.group' makes "
                           "several; delete 'data.group', or test mga, micom or omnibus",
                           node->text);
    return pls_fail_at(err, tree->path, node->place,
                       "the test %s compares groups, and the study has none; add 'group: COLUMN' "
                       "under data, or test paths or indirect",
                       node->text);
}

static enum pls_code check_tests(const struct pls_tree *tree, const struct pls_node *tests,
                                 bool groups, struct pls_error *err)
{
    static const char *const of_groups[] = {"mga", "micom", "omnibus"};
    const struct pls_node *node = tests;
    if (tests->kind == PLS_NODE_SEQUENCE)
        node = &tree->node[tests->child];
    for (;;) {
        bool compares = false;
        for (size_t k = 0; k < 3; k++)
            compares = compares || strcmp(node->text, of_groups[k]) == 0;
        if (compares != groups)
            return refuse_test(tree, node, groups, err);
        if (tests->kind != PLS_NODE_SEQUENCE || !node->next)
            return PLS_OK;
        node = &tree->node[node->next];
    }
}

/* Keys of one test, which nothing would read without it. */
static enum pls_code check_options(const struct pls_tree *tree, const size_t *value,
                                   const struct pls_study *study, struct pls_error *err)
{
    const struct pls_permutation_keys *keys = &study->permutation;
    static const struct {
        const char *name;
        unsigned tests;
        const char *sentence;
    } options[] = {
        {"rows", PLS_TEST_MGA | PLS_TEST_OMNIBUS, "the tests mga and omnibus"},
        {"studentised", PLS_TEST_MGA, "the test mga"},
        {"micom_scale", PLS_TEST_MICOM, "the test micom"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const struct pls_node *node = node_of(tree, value, "permutation", options[i].name);
        if (node && !(keys->tests & options[i].tests))
            return pls_fail_at(err, tree->path, node->place,
                               "'permutation.%s' is of %s, which this study does not ask for; "
                               "delete this key",
                               options[i].name, options[i].sentence);
    }
    const struct pls_node *tests = node_of(tree, value, "permutation", "tests");
    if (tests && keys->rows == PLS_ROWS_WITHIN && (keys->tests & PLS_TEST_MICOM) != 0)
        return pls_fail_at(err, tree->path, tests->place,
                           "the test micom is of raw rows, and 'permutation.rows' asks for others; "
                           "write 'rows: both', or leave micom out");
    const struct pls_node *node = node_of(tree, value, "permutation", "studentised");
    if (node && keys->studentised && keys->rows == PLS_ROWS_WITHIN)
        return pls_fail_at(err, tree->path, node->place,
                           "'permutation.studentised' is of raw rows, and 'permutation.rows' asks "
                           "for others; write 'rows: both', or delete this key");
    if (node && keys->studentised && study->data.cluster)
        return pls_fail_at(err, tree->path, node->place,
                           "'permutation.studentised' leaves out single observations, which "
                           "'data.cluster' says belong together; delete one of the two keys");
    return PLS_OK;
}

enum pls_code pls_keys_join(const struct pls_tree *tree, const size_t *value,
                            struct pls_study *study, struct pls_error *err)
{
    struct pls_permutation_keys *permutation = &study->permutation;
    const struct pls_node *tests = node_of(tree, value, "permutation", "tests");
    const bool groups = study->data.group.column != NULL;

    enum pls_code code = check_auto(tree, value, study, err);
    if (code == PLS_OK && tests)
        code = check_tests(tree, tests, groups, err);
    if (code != PLS_OK)
        return code;
    if (study->bootstrap.automatic)
        study->bootstrap.replicates = study->bootstrap.max_replicates;
    if (permutation->automatic)
        permutation->replicates = permutation->max_replicates;
    if (!tests)
        permutation->tests = !groups ? PLS_TEST_PATHS | PLS_TEST_INDIRECT
                             : permutation->rows == PLS_ROWS_WITHIN ? OF_GROUPS & ~PLS_TEST_MICOM
                                                                    : OF_GROUPS;
    return check_options(tree, value, study, err);
}
