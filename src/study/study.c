/*
 * study.c: a study file into a struct pls_study.
 *
 *   bytes ──▶ yaml_tree ──▶ keys (all but model, dominant, hypotheses) ──▶ model ──▶ those two
 */
#include "plstrap/study.h"

#include "hypothesis.h"
#include "keys.h"
#include "lavaan.h"
#include "place.h"
#include "plstrap/alloc.h"
#include "plstrap/file.h"

#include <stdlib.h>
#include <string.h>

/* Reads a file of at most PLS_YAML_BYTES; what is wrong with a study or model is PLS_ESTUDY. */
static enum pls_code read_file(const char *path, char **bytes_new, size_t *length,
                               struct pls_error *err)
{
    const enum pls_code code = pls_file_read(path, PLS_YAML_BYTES, bytes_new, length, err);
    if (code == PLS_EDATA)
        return pls_fail(err, PLS_ESTUDY,
                        "%s: larger than %d bytes; a study or model is a short text", path,
                        PLS_YAML_BYTES);
    return code;
}

static enum pls_code read_model_file(struct pls_study *study, struct pls_place place,
                                     struct pls_error *err)
{
    size_t length;
    struct pls_error cause = {.text = ""};
    const enum pls_code code = read_file(study->model_path, &study->model_text, &length, &cause);
    if (code == PLS_ENOINPUT || code == PLS_EPERMISSION) /* the mistake may be the name */
        return pls_fail(err, code, "%s:%u:%u: %s", study->path, place.line, place.column,
                        cause.text);
    if (code != PLS_OK)
        return pls_fail(err, code, "%s", cause.text);
    if (strlen(study->model_text) != length)
        return pls_fail(err, PLS_ESTUDY,
                        "%s: has a zero byte, so it is no text; save the model as UTF-8",
                        study->model_path);
    return code;
}

/* The model stands in a file of its own; its text may be known already. */
static enum pls_code build_from_file(struct pls_study *study, const struct pls_node *name,
                                     const char *opt_model, bool may_open, struct pls_error *err)
{
    enum pls_code code = pls_file_beside(&study->model_path, study->path, name->text, err);
    if (code == PLS_OK && opt_model)
        code = pls_copy_text(&study->model_text, opt_model, strlen(opt_model), err);
    else if (code == PLS_OK && may_open)
        code = read_model_file(study, name->place, err);
    else if (code == PLS_OK)
        code = pls_fail(err, PLS_EINTERNAL, "%s: the text of its model was not handed over",
                        study->path);
    if (code != PLS_OK)
        return code;

    const bool marked = strncmp(study->model_text, "\xEF\xBB\xBF", 3) == 0;
    return pls_model_parse(study->model_text + (marked ? 3 : 0), study->model_path,
                           (struct pls_place){1, 1}, 0, &study->model, err);
}

static enum pls_code build_from_node(struct pls_study *study, const struct pls_tree *tree,
                                     const struct pls_node *node, struct pls_error *err)
{
    const size_t length = strlen(node->text);
    struct pls_place *places = NULL;

    enum pls_code code = pls_copy_text(&study->model_path, study->path, strlen(study->path), err);
    if (code == PLS_OK)
        code = pls_copy_text(&study->model_text, node->text, length, err);
    if (code == PLS_OK)
        code = pls_alloc(&places, length + 1, sizeof *places, err);
    if (code == PLS_OK) {
        pls_tree_places(tree, node, places);
        const struct pls_source source = {.text = study->model_text,
                                          .path = study->path,
                                          .origin = node->place,
                                          .opt_places = places};
        code = pls_model_build(&source, &study->model, err);
        /* YAML makes one line of several: nothing that the model says of it would help. */
        if (code == PLS_ESTUDY && node->style == PLS_NODE_PLAIN && !strchr(node->text, ';') &&
            places[length].line > places[0].line)
            code = pls_fail_at(err, study->path, node->place,
                               "write 'model: |' with the bar, so that the lines stay lines");
    }
    free(places);
    return code;
}

/* The indicator of one line of `dominant`. */
static enum pls_code read_dominant_line(struct pls_study *study, const struct pls_tree *tree,
                                        const struct pls_node *key, struct pls_error *err)
{
    const struct pls_model *model = study->model;
    const struct pls_node *value = &tree->node[key->next];
    const size_t j = pls_model_construct(model, key->text);

    if (j == model->constructs)
        return pls_fail_at(err, tree->path, key->place, "the model has no construct '%s'; %s",
                           pls_shown_text(key->text).text,
                           pls_hint(key->text, (const char *const *)model->construct,
                                    model->constructs, "its constructs are ")
                               .text);
    if (value->kind != PLS_NODE_SCALAR)
        return pls_fail_at(err, tree->path, value->place,
                           "the dominant indicator of '%s' must be one name; write one",
                           pls_shown_text(key->text).text);
    const char *const *block = (const char *const *)model->indicator + model->block[j];
    const size_t count = model->block[j + 1] - model->block[j];
    for (size_t k = 0; k < count; k++) {
        if (strcmp(block[k], value->text) == 0) {
            study->estimation.dominant[j] = model->block[j] + k;
            return PLS_OK;
        }
    }
    return pls_fail_at(err, tree->path, value->place, "'%s' is no indicator of '%s'; %s",
                       pls_shown_text(value->text).text, pls_shown_text(key->text).text,
                       pls_hint(value->text, block, count, "its indicators are ").text);
}

static enum pls_code read_dominant(struct pls_study *study, const struct pls_tree *tree,
                                   size_t mapping, struct pls_error *err)
{
    const struct pls_node *nodes = tree->node;
    const size_t constructs = study->model->constructs;

    enum pls_code code = pls_alloc(&study->estimation.dominant, constructs, sizeof(size_t), err);
    if (code != PLS_OK)
        return code;
    for (size_t j = 0; j < constructs; j++)
        study->estimation.dominant[j] = study->model->indicators;
    if (!mapping)
        return PLS_OK;
    if (nodes[mapping].kind != PLS_NODE_MAPPING)
        return pls_fail_at(err, tree->path, nodes[mapping].place,
                           "'estimation.dominant' must be {CONSTRUCT: indicator}; write it so");
    for (size_t i = nodes[mapping].child; code == PLS_OK && i; i = nodes[nodes[i].next].next)
        code = read_dominant_line(study, tree, &nodes[i], err);
    return code;
}

static enum pls_code fill(struct pls_study *study, const struct pls_tree *tree,
                          const char *opt_model, bool may_open, struct pls_error *err)
{
    struct pls_open_keys open;
    size_t file = 0;

    enum pls_code code = pls_keys_read(tree, study, &open, err);
    if (code == PLS_OK)
        code = pls_file_beside(&study->data.path, study->path, study->data.file, err);
    if (code == PLS_OK)
        code = pls_keys_model_file(tree, open.model, &file, err);
    if (code == PLS_OK && file)
        code = build_from_file(study, &tree->node[file], opt_model, may_open, err);
    else if (code == PLS_OK)
        code = build_from_node(study, tree, &tree->node[open.model], err);
    if (code == PLS_OK)
        code = read_dominant(study, tree, open.dominant, err);
    if (code == PLS_OK && open.hypotheses)
        code = pls_hypotheses_read(tree, &tree->node[open.hypotheses], study, err);
    return code;
}

static enum pls_code parse(const char *path, const char *text, size_t length, const char *opt_model,
                           bool may_open, struct pls_study **out_new, struct pls_error *err)
{
    struct pls_study *study = NULL;
    struct pls_tree tree = {0};

    *out_new = NULL;
    enum pls_code code = pls_tree_parse(path, text, length, &tree, err);
    if (code == PLS_OK)
        code = pls_alloc(&study, 1, sizeof *study, err);
    if (code == PLS_OK)
        code = pls_copy_text(&study->path, path, strlen(path), err);
    if (code == PLS_OK)
        code = pls_copy_text(&study->text, text, length, err);
    if (code == PLS_OK)
        code = fill(study, &tree, opt_model, may_open, err);
    if (code == PLS_OK) {
        *out_new = study;
        study = NULL; /* now the caller's */
    }
    pls_study_free(study);
    pls_tree_free(&tree);
    return code;
}

enum pls_code pls_study_read(const char *path, struct pls_study **out_new, struct pls_error *err)
{
    char *text = NULL;
    size_t length;

    *out_new = NULL;
    enum pls_code code = read_file(path, &text, &length, err);
    if (code == PLS_OK)
        code = parse(path, text, length, NULL, true, out_new, err);
    free(text);
    return code;
}

enum pls_code pls_study_parse(const char *path, const char *text, size_t length,
                              const char *opt_model, struct pls_study **out_new,
                              struct pls_error *err)
{
    return parse(path, text, length, opt_model, false, out_new, err);
}

void pls_study_free(struct pls_study *study)
{
    if (!study)
        return;
    free(study->path);
    free(study->text);
    free(study->title);
    free(study->model_text);
    free(study->model_path);
    pls_model_free(study->model);
    free(study->data.file);
    free(study->data.path);
    for (size_t i = 0; i < study->data.missing_count; i++)
        free(study->data.missing[i]);
    free(study->data.missing);
    free(study->data.group.column);
    for (size_t i = 0; i < study->data.group.levels; i++)
        free(study->data.group.level[i]);
    free(study->data.strata);
    free(study->data.cluster);
    free(study->estimation.dominant);
    for (size_t i = 0; i < study->hypotheses; i++) {
        free(study->hypothesis[i].name);
        free(study->hypothesis[i].statement);
        free(study->hypothesis[i].chain);
    }
    free(study->hypothesis);
    for (size_t i = 0; i < study->report.remarks; i++)
        free(study->report.remark[i]);
    free(study);
}

/* offset: of a field whose key has choices */
static const char *choice_name(size_t offset, unsigned value)
{
    size_t i = 0;
    while (!pls_keys[i].choices || pls_keys[i].offset != offset)
        i++;
    return pls_keys[i].choices[value];
}

const char *pls_scheme_name(enum pls_scheme scheme)
{
    return choice_name(offsetof(struct pls_study, estimation.scheme), scheme);
}

const char *pls_method_name(enum pls_method method)
{
    return choice_name(offsetof(struct pls_study, bootstrap.method), method);
}

const char *pls_stop_name(enum pls_stop stop)
{
    return choice_name(offsetof(struct pls_study, permutation.stop), stop);
}

const char *pls_test_name(enum pls_test test)
{
    unsigned i = 0;
    while ((unsigned)test >> i > 1)
        i++;
    return choice_name(offsetof(struct pls_study, permutation.tests), i);
}

const char *pls_adjust_name(enum pls_adjust adjust)
{
    return choice_name(offsetof(struct pls_study, permutation.adjust), adjust);
}
