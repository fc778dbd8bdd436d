/* keys.c: the table of keys, and the walk through a study that it drives. */
#include "keys.h"

#include "place.h"

#include <stdio.h>
#include <string.h>

#define FIELD(member) .offset = offsetof(struct pls_study, member)
#define PLACE(member) offsetof(struct pls_study, member)
#define NAMES(...)    ((const char *const[]){__VA_ARGS__, NULL})

#define MOST_REPLICATES UINT64_C(1000000000000)

/* The order of the keys that decide rows is part of the rows' digest: never change it. */
const struct pls_key pls_keys[] = {
    {"", "title", PLS_KEY_TEXT, FIELD(title), .initial = ""},
    {"", "data", .type = PLS_KEY_SECTION},
    {"", "model", .type = PLS_KEY_MODEL},
    {"", "estimation", .type = PLS_KEY_SECTION},
    {"", "bootstrap", .type = PLS_KEY_SECTION},
    {"", "permutation", .type = PLS_KEY_SECTION},
    {"", "simulation", PLS_KEY_LATER, .advice = "delete this section"},
    {"", "hypotheses", .type = PLS_KEY_HYPOTHESES},
    {"", "inference", .type = PLS_KEY_SECTION},
    {"", "store", PLS_KEY_CHOICE, FIELD(store), .initial = "auto",
     .choices = NAMES("auto", "rows", "summary")},
    {"", "report", .type = PLS_KEY_SECTION},

    /* The data's own digest stands for the file, so that it may be renamed. */
    {"data", "file", PLS_KEY_FILE, FIELD(data.file), .place = PLACE(data.place)},
    {"data", "missing", PLS_KEY_MISSING, .decides_rows = PLS_ALL_ROWS},
    {"data", "missing_treatment", PLS_KEY_FIXED, .decides_rows = PLS_ALL_ROWS,
     .initial = "listwise", .choices = NAMES("listwise")},
    {"data", "delimiter", PLS_KEY_CHOICE, FIELD(data.delimiter), PLS_ALL_ROWS, "auto",
     .choices = NAMES("auto", "comma", "semicolon", "tab")},
    {"data", "decimal", PLS_KEY_CHOICE, FIELD(data.decimal), PLS_ALL_ROWS, "auto",
     .choices = NAMES("auto", "point", "comma")},
    {"data", "encoding", PLS_KEY_CHOICE, FIELD(data.encoding), PLS_ALL_ROWS, "utf-8",
     .choices = NAMES("utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1")},
    {"data", "group", PLS_KEY_GROUP, .decides_rows = PLS_GROUPS_OF_PERMUTE},
    {"data", "strata", PLS_KEY_COLUMN, FIELD(data.strata), PLS_ROWS_WHERE_SET,
     .place = PLACE(data.strata_place)},
    {"data", "cluster", PLS_KEY_COLUMN, FIELD(data.cluster), PLS_ROWS_WHERE_SET,
     .place = PLACE(data.cluster_place)},
    {"data", "population_size", PLS_KEY_LATER, .advice = "delete this key"},
    {"data", "sampling", PLS_KEY_LATER, .advice = "delete this key"},

    {"estimation", "scheme", PLS_KEY_CHOICE, FIELD(estimation.scheme), PLS_ALL_ROWS, "path",
     .choices = NAMES("path", "factorial", "centroid")},
    {"estimation", "consistent", PLS_KEY_FIXED, .decides_rows = PLS_ALL_ROWS, .initial = "false",
     .choices = NAMES("false"), .later = "true",
     .advice = "write false (PLSc is not computed yet)"},
    {"estimation", "tolerance", PLS_KEY_TOLERANCE, FIELD(estimation.tolerance), PLS_ALL_ROWS,
     "1e-7"},
    {"estimation", "max_iterations", PLS_KEY_UNSIGNED, FIELD(estimation.max_iterations),
     PLS_ALL_ROWS, "300", 1, 65535},
    {"estimation", "sign", PLS_KEY_CHOICE, FIELD(estimation.sign), PLS_ALL_ROWS, "sum",
     .choices = NAMES("sum", "none")},
    {"estimation", "dominant", PLS_KEY_DOMINANT, .decides_rows = PLS_ALL_ROWS},

    /* Row r does not depend on how many rows there are. */
    {"bootstrap", "replicates", PLS_KEY_COUNT, FIELD(bootstrap.replicates), PLS_NO_ROWS, "9999", 1,
     MOST_REPLICATES, .automatic = offsetof(struct pls_study, bootstrap.automatic)},
    {"bootstrap", "seed", PLS_KEY_COUNT, FIELD(bootstrap.seed), PLS_ALL_ROWS, "1", 0, UINT64_MAX},
    {"bootstrap", "align", PLS_KEY_CHOICE, FIELD(bootstrap.align), PLS_ALL_ROWS, "base",
     .choices = NAMES("base", "none")},
    {"bootstrap", "scheme", PLS_KEY_FIXED, .decides_rows = PLS_ALL_ROWS, .initial = "multinomial",
     .choices = NAMES("multinomial"), .later = "finite", .advice = "write multinomial"},
    {"bootstrap", "level", PLS_KEY_LEVELS, FIELD(bootstrap.level), .initial = "0.95"},
    {"bootstrap", "intervals", PLS_KEY_METHODS, FIELD(bootstrap.method),
     .initial = "percentile bca", .choices = NAMES("percentile", "basic", "normal", "bc", "bca")},
    {"bootstrap", "on_failure", PLS_KEY_CHOICE, FIELD(bootstrap.on_failure), .initial = "exclude",
     .choices = NAMES("exclude", "keep", "stop")},
    {"bootstrap", "accuracy", PLS_KEY_PROPORTION, FIELD(bootstrap.accuracy), .initial = "0.01"},
    {"bootstrap", "max_replicates", PLS_KEY_COUNT, FIELD(bootstrap.max_replicates), PLS_NO_ROWS,
     "1000000", 1, MOST_REPLICATES},

    {"permutation", "replicates", PLS_KEY_COUNT, FIELD(permutation.replicates), PLS_NO_ROWS, "9999",
     1, MOST_REPLICATES, .automatic = offsetof(struct pls_study, permutation.automatic)},
    {"permutation", "max_replicates", PLS_KEY_COUNT, FIELD(permutation.max_replicates), PLS_NO_ROWS,
     "999999", 1, MOST_REPLICATES},
    {"permutation", "stop", PLS_KEY_CHOICE, FIELD(permutation.stop), .initial = "mmctest",
     .choices = NAMES("mmctest", "gandy", "besag_clifford")},
    {"permutation", "seed", PLS_KEY_COUNT, FIELD(permutation.seed), PLS_ROWS_OF_PERMUTE, "1", 0,
     UINT64_MAX},
    {"permutation", "tests", PLS_KEY_TESTS, FIELD(permutation.tests), PLS_ROWS_OF_PERMUTE,
     "mga micom omnibus", .choices = NAMES("mga", "micom", "omnibus", "paths", "indirect")},
    {"permutation", "rows", PLS_KEY_CHOICE, FIELD(permutation.rows), PLS_ROWS_OF_PERMUTE, "raw",
     .choices = NAMES("raw", "within_standardised", "both")},
    {"permutation", "studentised", PLS_KEY_SWITCH, FIELD(permutation.studentised),
     PLS_ROWS_OF_PERMUTE, "false", .choices = NAMES("false", "true")},
    {"permutation", "exact_limit", PLS_KEY_COUNT, FIELD(permutation.exact_limit),
     PLS_ROWS_OF_PERMUTE, "1000000", 0, MOST_REPLICATES},
    {"permutation", "micom_scale", PLS_KEY_CHOICE, FIELD(permutation.micom_scale),
     PLS_ROWS_OF_PERMUTE, "standardised", .choices = NAMES("standardised", "raw")},
    {"permutation", "adjust", PLS_KEY_CHOICE, FIELD(permutation.adjust), .initial = "maxt",
     .choices = NAMES("maxt", "holm", "bonferroni", "bh", "none")},
    {"permutation", "on_failure", PLS_KEY_CHOICE, FIELD(permutation.on_failure),
     .initial = "exclude", .choices = NAMES("exclude", "keep", "stop")},

    {"inference", "alpha", PLS_KEY_PROPORTION, FIELD(inference.alpha), .initial = "0.05"},
    {"inference", "rule", PLS_KEY_CHOICE, FIELD(inference.rule), .initial = "p",
     .choices = NAMES("p", "interval")},
    {"inference", "p", PLS_KEY_CHOICE, FIELD(inference.p), .initial = "percentile",
     .choices = NAMES("percentile", "t")},
    {"inference", "sides", PLS_KEY_CHOICE, FIELD(inference.sides), .initial = "two",
     .choices = NAMES("two", "one")},
    {"inference", "quantile", PLS_KEY_CHOICE, FIELD(inference.quantile), .initial = "6",
     .choices = NAMES("6", "7", "normal")},
    {"inference", "centre", PLS_KEY_CHOICE, FIELD(inference.centre), .initial = "estimate",
     .choices = NAMES("estimate", "bias_corrected")},

    {"report", "digits", PLS_KEY_UNSIGNED, FIELD(report.digits), PLS_NO_ROWS, "3", 1, 15},
    {"report", "style", PLS_KEY_CHOICE, FIELD(report.style), .initial = "plain",
     .choices = NAMES("plain", "smartpls")},
    {"report", "remarks", .type = PLS_KEY_REMARKS},
};

enum { KEYS = sizeof pls_keys / sizeof *pls_keys };
const size_t pls_keys_count = KEYS;

struct walk {
    const struct pls_tree *tree;
    struct pls_study *study;
    struct pls_open_keys *open;
    size_t value[KEYS]; /* node, or 0: the study has it not */
    struct pls_error *err;
};

struct pls_shown pls_key_shown(const struct pls_key *key)
{
    struct pls_shown shown;
    snprintf(shown.text, sizeof shown.text, "%s%s%s", key->section, key->section[0] ? "." : "",
             key->name);
    return shown;
}

static enum pls_code refuse_key(const struct walk *w, const char *section,
                                const struct pls_node *node)
{
    const char *names[KEYS];
    const char *elsewhere = NULL;
    size_t count = 0;

    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(pls_keys[i].section, section) != 0) {
            if (!elsewhere && strcmp(pls_keys[i].name, node->text) == 0)
                elsewhere = pls_keys[i].section;
        } else if (pls_keys[i].type != PLS_KEY_LATER) {
            names[count++] = pls_keys[i].name;
        }
    }

    struct pls_shown where;
    snprintf(where.text, sizeof where.text, section[0] ? " in '%s'" : "%s", section);
    const struct pls_shown key = pls_shown_text(node->text);
    if (elsewhere && elsewhere[0])
        return pls_fail_at(w->err, w->tree->path, node->place,
                           "unknown key '%s'%s; write it in '%s'", key.text, where.text, elsewhere);
    if (elsewhere)
        return pls_fail_at(w->err, w->tree->path, node->place,
                           "unknown key '%s'%s; write it at the margin, as a section of its own",
                           key.text, where.text);
    return pls_fail_at(w->err, w->tree->path, node->place, "unknown key '%s'%s; %s", key.text,
                       where.text, pls_hint(node->text, names, count, "the keys are ").text);
}

static enum pls_code read_section(struct walk *w, const char *section, size_t mapping);

static enum pls_code read_key(struct walk *w, const struct pls_key *key, size_t name, size_t value)
{
    const struct pls_node *node = &w->tree->node[value];
    enum pls_code code = PLS_OK;

    switch (key->type) {
    case PLS_KEY_LATER:
        return pls_fail_at(w->err, w->tree->path, w->tree->node[name].place,
                           "'%s' is not in this version of plstrap; %s", pls_key_shown(key).text,
                           key->advice);
    case PLS_KEY_SECTION:
        return read_section(w, key->name, value);
    case PLS_KEY_MODEL:
        w->open->model = value;
        return PLS_OK;
    case PLS_KEY_DOMINANT:
        w->open->dominant = value;
        return PLS_OK;
    case PLS_KEY_HYPOTHESES:
        w->open->hypotheses = value;
        return PLS_OK;
    case PLS_KEY_GROUP:
        return pls_group_read(w->tree, node, &w->study->data.group, w->err);
    case PLS_KEY_LEVELS:
    case PLS_KEY_METHODS:
    case PLS_KEY_MISSING:
    case PLS_KEY_REMARKS:
    case PLS_KEY_TESTS:
        if (node->kind != PLS_NODE_SEQUENCE) /* a list of one needs no brackets */
            return pls_value_read(w->tree, key, node, w->study, w->err);
        if (!node->child)
            return key->initial ? pls_fail_at(w->err, w->tree->path, node->place,
                                              "the list '%s' is empty; write a value, or delete "
                                              "the key for '%s'",
                                              pls_key_shown(key).text, key->initial)
                                : PLS_OK;
        for (size_t i = node->child; code == PLS_OK && i; i = w->tree->node[i].next)
            code = pls_value_read(w->tree, key, &w->tree->node[i], w->study, w->err);
        return code;
    default:
        return pls_value_read(w->tree, key, node, w->study, w->err);
    }
}

static enum pls_code read_section(struct walk *w, const char *section, size_t mapping)
{
    const struct pls_node *nodes = w->tree->node;

    const struct pls_node *top = &nodes[mapping];
    if (top->kind == PLS_NODE_SCALAR && pls_yaml_glued(top->text) > 0)
        return pls_fail_at(w->err, w->tree->path, top->place, "a blank is missing after '%s'",
                           pls_shown(top->text, pls_yaml_glued(top->text)).text);
    if (top->kind != PLS_NODE_MAPPING)
        return pls_fail_at(w->err, w->tree->path, top->place,
                           "'%s' holds 'key: value' lines; indent them below it", section);
    for (size_t name = nodes[mapping].child, value; name; name = nodes[value].next) {
        size_t i = 0;
        value = nodes[name].next;
        while (i < KEYS && (strcmp(pls_keys[i].section, section) != 0 ||
                            strcmp(pls_keys[i].name, nodes[name].text) != 0))
            i++;
        if (i == KEYS)
            return refuse_key(w, section, &nodes[name]);
        w->value[i] = value;
        const enum pls_code code = read_key(w, &pls_keys[i], name, value);
        if (code != PLS_OK)
            return code;
    }
    return PLS_OK;
}

/* What the study left out: the same reader reads the table's own text. */
static enum pls_code read_defaults(const struct walk *w)
{
    for (size_t i = 0; i < KEYS; i++) {
        const char *rest = pls_keys[i].initial;
        if (w->value[i] || !rest)
            continue;
        do { /* words of a list */
            char text[32];
            const size_t length = strcspn(rest, " ");
            snprintf(text, sizeof text, "%.*s", (int)length, rest);
            const struct pls_node node = {.text = text};
            const enum pls_code code =
                pls_value_read(w->tree, &pls_keys[i], &node, w->study, w->err);
            if (code != PLS_OK)
                return code;
            rest += length + (rest[length] == ' ');
        } while (*rest);
    }
    return PLS_OK;
}

enum pls_code pls_keys_read(const struct pls_tree *tree, struct pls_study *study,
                            struct pls_open_keys *out, struct pls_error *err)
{
    struct walk w = {.tree = tree, .study = study, .open = out, .err = err};

    *out = (struct pls_open_keys){0};
    enum pls_code code = read_section(&w, "", 0);
    if (code == PLS_OK)
        code = read_defaults(&w);
    if (code == PLS_OK)
        code = pls_keys_join(tree, w.value, study, err);
    if (code == PLS_OK && !out->model)
        code = pls_fail_at(err, tree->path, tree->node[0].place,
                           "the study has no model; add 'model: |' and below it lines such as "
                           "'A =~ x1 + x2' and 'B ~ A'");
    if (code == PLS_OK && (!study->data.file || !study->data.file[0]))
        code = pls_fail_at(err, tree->path, tree->node[0].place,
                           "the study names no data; add 'data: {file: answers.csv}'");
    return code;
}

enum pls_code pls_keys_model_file(const struct pls_tree *tree, size_t model, size_t *out,
                                  struct pls_error *err)
{
    const struct pls_node *node = &tree->node[model];
    *out = 0;
    if (node->kind == PLS_NODE_SCALAR)
        return PLS_OK;

    const struct pls_node *key = node->child ? &tree->node[node->child] : node;
    if (node->kind != PLS_NODE_MAPPING || !node->child)
        return pls_fail_at(err, tree->path, node->place,
                           "'model' is a text or {file: NAME}; write 'model: |' and the model "
                           "below it");
    if (strcmp(key->text, "file") != 0)
        return pls_fail_at(err, tree->path, key->place,
                           "unknown key '%s' in 'model'; the only one is 'file'",
                           pls_shown_text(key->text).text);
    const struct pls_node *value = &tree->node[key->next];
    if (value->next)
        return pls_fail_at(err, tree->path, tree->node[value->next].place,
                           "unknown key '%s' in 'model'; the only one is 'file'",
                           pls_shown_text(tree->node[value->next].text).text);
    if (value->kind != PLS_NODE_SCALAR || !value->text[0])
        return pls_fail_at(err, tree->path, value->place,
                           "'model.file' is the name of a file; write one");
    *out = key->next;
    return PLS_OK;
}
