/* canonical.c: the keys that decide the rows as one text; study.h documents its form. */
#include "keys.h"
#include "plstrap/text.h"

#include <stdio.h>
#include <string.h>

static enum pls_code put(struct pls_text *out, const char *text, struct pls_error *err)
{
    return pls_text_append(out, text, strlen(text), err);
}

/* In quotation marks, so that no code can be mistaken for two. */
static enum pls_code put_quoted(struct pls_text *out, const char *text, struct pls_error *err)
{
    enum pls_code code = put(out, "\"", err);
    for (; code == PLS_OK && *text; text++) {
        if (*text == '"' || *text == '\\')
            code = pls_text_printf(out, err, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            code = pls_text_printf(out, err, "\\u%04x", (unsigned)*text);
        else
            code = pls_text_append(out, text, 1, err);
    }
    return code == PLS_OK ? put(out, "\"", err) : code;
}

/* The fewest digits that give the same double again. */
static enum pls_code put_number(struct pls_text *out, double number, struct pls_error *err)
{
    char text[32];
    for (int digits = 1; digits <= 17; digits++) {
        double again;
        const int length = snprintf(text, sizeof text, "%.*g", digits, number);
        if (pls_text_number(text, (size_t)length, '.', &again) &&
            memcmp(&again, &number, sizeof number) == 0)
            break;
    }
    return put(out, text, err);
}

static enum pls_code put_texts(struct pls_text *out, char *const *text, size_t count,
                               struct pls_error *err)
{
    enum pls_code code = put(out, "[", err);
    for (size_t i = 0; code == PLS_OK && i < count; i++) {
        if (i > 0)
            code = put(out, ", ", err);
        if (code == PLS_OK)
            code = put_quoted(out, text[i], err);
    }
    return code == PLS_OK ? put(out, "]", err) : code;
}

/* {column: "age", cuts: [3e+01, 50]} */
static enum pls_code put_group(struct pls_text *out, const struct pls_group_keys *group,
                               struct pls_error *err)
{
    enum pls_code code = put(out, "{column: ", err);
    if (code == PLS_OK)
        code = put_quoted(out, group->column, err);
    if (code == PLS_OK && group->levels > 0)
        code = put(out, ", levels: ", err);
    if (code == PLS_OK && group->levels > 0)
        code = put_texts(out, group->level, group->levels, err);
    for (size_t i = 0; code == PLS_OK && i < group->cuts; i++) {
        code = put(out, i == 0 ? ", cuts: [" : ", ", err);
        if (code == PLS_OK)
            code = put_number(out, group->cut[i], err);
    }
    return code == PLS_OK ? put(out, group->cuts > 0 ? "]}" : "}", err) : code;
}

static enum pls_code put_tests(struct pls_text *out, const struct pls_key *key, unsigned tests,
                               struct pls_error *err)
{
    const char *separator = "";
    enum pls_code code = put(out, "[", err);
    for (size_t i = 0; code == PLS_OK && key->choices[i]; i++) {
        if (!(tests & 1u << i))
            continue;
        code = pls_text_printf(out, err, "%s%s", separator, key->choices[i]);
        separator = ", ";
    }
    return code == PLS_OK ? put(out, "]", err) : code;
}

static enum pls_code put_dominant(struct pls_text *out, const struct pls_study *study,
                                  struct pls_error *err)
{
    const struct pls_model *model = study->model;
    const char *separator = "";

    enum pls_code code = put(out, "{", err);
    for (size_t j = 0; code == PLS_OK && j < model->constructs; j++) {
        const size_t k = study->estimation.dominant[j];
        if (k == model->indicators)
            continue;
        code = pls_text_printf(out, err, "%s%s: %s", separator, model->construct[j],
                               model->indicator[k]);
        separator = ", ";
    }
    return code == PLS_OK ? put(out, "}", err) : code;
}

static enum pls_code put_value(struct pls_text *out, const struct pls_key *key,
                               const struct pls_study *study, struct pls_error *err)
{
    const void *field = (const char *)study + key->offset;

    switch (key->type) {
    case PLS_KEY_FIXED:
        return put(out, key->initial, err);
    case PLS_KEY_CHOICE:
        return put(out, key->choices[*(const unsigned *)field], err);
    case PLS_KEY_UNSIGNED:
        return pls_text_printf(out, err, "%u", *(const unsigned *)field);
    case PLS_KEY_COUNT:
        return pls_text_printf(out, err, "%llu", (unsigned long long)*(const uint64_t *)field);
    case PLS_KEY_TOLERANCE:
        return put_number(out, *(const double *)field, err);
    case PLS_KEY_MISSING:
        return put_texts(out, study->data.missing, study->data.missing_count, err);
    case PLS_KEY_SWITCH:
        return put(out, key->choices[*(const bool *)field], err);
    case PLS_KEY_COLUMN:
        return put_quoted(out, *(char *const *)field, err);
    case PLS_KEY_GROUP:
        return put_group(out, &study->data.group, err);
    case PLS_KEY_TESTS:
        return put_tests(out, key, *(const unsigned *)field, err);
    case PLS_KEY_DOMINANT:
        return put_dominant(out, study, err);
    default:
        return pls_fail(err, PLS_EINTERNAL, "the key %s.%s has no canonical text", key->section,
                        key->name);
    }
}

/* "A =~ x1 + x2", one line a block, then "B ~ A", one line a target. */
static enum pls_code put_model(struct pls_text *out, const struct pls_model *model,
                               struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t j = 0; code == PLS_OK && j < model->constructs; j++) {
        code = pls_text_printf(out, err, "model: %s %s", model->construct[j],
                               model->mode[j] == PLS_MODE_A ? "=~" : "<~");
        for (size_t k = model->block[j]; code == PLS_OK && k < model->block[j + 1]; k++)
            code = pls_text_printf(out, err, "%s %s", k > model->block[j] ? " +" : "",
                                   model->indicator[k]);
        if (code == PLS_OK)
            code = put(out, "\n", err);
    }
    for (size_t j = 0; code == PLS_OK && j < model->constructs; j++) {
        if (model->arrow[j] == model->arrow[j + 1])
            continue;
        code = pls_text_printf(out, err, "model: %s ~", model->construct[j]);
        for (size_t a = model->arrow[j]; code == PLS_OK && a < model->arrow[j + 1]; a++)
            code = pls_text_printf(out, err, "%s %s", a > model->arrow[j] ? " +" : "",
                                   model->construct[model->source[a]]);
        if (code == PLS_OK)
            code = put(out, "\n", err);
    }
    return code;
}

/* Keys that came later are left out where they decide nothing: the text of other studies stays. */
static bool is_part(const struct pls_key *key, const struct pls_study *study, bool permutes)
{
    switch (key->decides_rows) {
    case PLS_NO_ROWS:
        return false;
    case PLS_ALL_ROWS:
        return true;
    case PLS_ROWS_WHERE_SET:
        return *(char *const *)((const char *)study + key->offset) != NULL;
    case PLS_ROWS_OF_PERMUTE:
        return permutes;
    case PLS_GROUPS_OF_PERMUTE:
        return permutes && study->data.group.column != NULL;
    }
    return false;
}

enum pls_code pls_study_canonical(const struct pls_study *study, const char *job,
                                  struct pls_text *out, struct pls_error *err)
{
    const bool permutes = strcmp(job, "permute") == 0;

    enum pls_code code = put_model(out, study->model, err);
    for (size_t i = 0; code == PLS_OK && i < pls_keys_count; i++) {
        const struct pls_key *key = &pls_keys[i];
        if (!is_part(key, study, permutes))
            continue;
        code = pls_text_printf(out, err, "%s.%s: ", key->section, key->name);
        if (code == PLS_OK)
            code = put_value(out, key, study, err);
        if (code == PLS_OK)
            code = put(out, "\n", err);
    }
    return code;
}
