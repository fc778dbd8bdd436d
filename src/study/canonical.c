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

static enum pls_code put_missing(struct pls_text *out, const struct pls_data_keys *data,
                                 struct pls_error *err)
{
    enum pls_code code = put(out, "[", err);
    for (size_t i = 0; code == PLS_OK && i < data->missing_count; i++) {
        if (i > 0)
            code = put(out, ", ", err);
        if (code == PLS_OK)
            code = put_quoted(out, data->missing[i], err);
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
        return put_missing(out, &study->data, err);
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

enum pls_code pls_study_canonical(const struct pls_study *study, struct pls_text *out,
                                  struct pls_error *err)
{
    enum pls_code code = put_model(out, study->model, err);
    for (size_t i = 0; code == PLS_OK && i < pls_keys_count; i++) {
        const struct pls_key *key = &pls_keys[i];
        if (!key->decides_rows)
            continue;
        code = pls_text_printf(out, err, "%s.%s: ", key->section, key->name);
        if (code == PLS_OK)
            code = put_value(out, key, study, err);
        if (code == PLS_OK)
            code = put(out, "\n", err);
    }
    return code;
}
