/*
 * yaml_value.c: one value into its field, read by the field's type and by nothing else: no word is
 * a boolean, no text a number, because YAML 1.1 might think so.
 */
#include "keys.h"
#include "place.h"
#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(enum pls_scheme) == sizeof(unsigned), "PLS_KEY_CHOICE stores unsigned");
_Static_assert(PLS_TEST_INDIRECT == 1u << 4, "PLS_KEY_TESTS numbers bits");

struct value {
    const struct pls_tree *tree;
    const struct pls_key *key;
    const struct pls_node *node;
    struct pls_study *study;
    struct pls_error *err;
};

#define REFUSE(v, ...) pls_fail_at((v)->err, (v)->tree->path, (v)->node->place, __VA_ARGS__)
#define KEY(v)         pls_key_shown((v)->key).text
#define VALUE(v)       pls_shown_text((v)->node->text).text

static void *field(const struct value *v)
{
    return (char *)v->study + v->key->offset;
}

static size_t count_names(const char *const *names)
{
    size_t count = 0;
    while (names[count])
        count++;
    return count;
}

/* The whole number that somebody meant by 5k, 1e3, 5,000 or 5.0; false where none is clear. */
static bool guess_count(const char *text, uint64_t *out)
{
    char digits[32];
    size_t length = 0;
    double factor = 1.0;
    double number;

    for (; *text && length < sizeof digits - 1; text++) {
        const bool last = text[1] == '\0';
        if (last && (*text == 'k' || *text == 'K'))
            factor = 1e3;
        else if (last && *text == 'M')
            factor = 1e6;
        else if (*text != ',' && *text != '_' && *text != ' ' && *text != '\'')
            digits[length++] = *text;
    }
    if (!pls_text_number(digits, length, '.', &number))
        return false;
    number *= factor;
    if (!(number >= 0.0 && number < 1e15) || floor(number) < number)
        return false;
    *out = (uint64_t)number;
    return true;
}

static enum pls_code read_count(const struct value *v, uint64_t *out)
{
    const struct pls_key *key = v->key;
    const char *or_auto = key->automatic ? " or 'auto'" : "";
    const char *text = v->node->text;
    char least[32], most[32], count[32];
    uint64_t guess;

    if (key->automatic && strcmp(text, "auto") == 0) {
        *(bool *)((char *)v->study + key->automatic) = true;
        return PLS_OK;
    }
    const bool plain = v->node->style == PLS_NODE_PLAIN;
    if (plain && pls_text_unsigned(text, strlen(text), out) && *out >= key->least &&
        *out <= key->most)
        return PLS_OK;
    pls_text_count(key->least, least);
    pls_text_count(key->most, most);
    if (!plain && pls_text_unsigned(text, strlen(text), out))
        return REFUSE(v,
                      "'%s' must be a whole number from %s to %s%s; write %s without quotation "
                      "marks",
                      KEY(v), least, most, or_auto, VALUE(v));
    if (!pls_text_unsigned(text, strlen(text), &guess) && guess_count(text, &guess) &&
        guess >= key->least && guess <= key->most)
        return REFUSE(v, "'%s' must be a whole number from %s to %s%s, not '%s'; write %llu",
                      KEY(v), least, most, or_auto, VALUE(v), (unsigned long long)guess);
    return REFUSE(v, "'%s' must be a whole number from %s to %s%s, not '%s'; write one such as %s",
                  KEY(v), least, most, or_auto, VALUE(v),
                  key->initial ? key->initial : pls_text_count(1, count));
}

static enum pls_code read_unsigned(const struct value *v)
{
    uint64_t number;
    const enum pls_code code = read_count(v, &number);
    if (code == PLS_OK)
        *(unsigned *)field(v) = (unsigned)number;
    return code;
}

/* Above 0 and below 1; who writes 95 means 0.95. */
static enum pls_code read_proportion(const struct value *v, double *out)
{
    const char *text = v->node->text;
    const size_t length = strlen(text);
    const bool percent = length > 1 && text[length - 1] == '%';
    double number = 0.0;

    const bool is_number = pls_text_number(text, length - percent, '.', &number);
    if (v->node->style != PLS_NODE_PLAIN && is_number)
        return REFUSE(v,
                      "'%s' must be a number above 0 and below 1; write %s without quotation "
                      "marks",
                      KEY(v), VALUE(v));
    if (is_number && !percent && number > 0.0 && number < 1.0) {
        *out = number;
        return PLS_OK;
    }
    if (v->key->type != PLS_KEY_TOLERANCE && is_number && number > 0.0 && number < 100.0 &&
        (percent || number > 1.0))
        return REFUSE(v, "'%s' must be a number above 0 and below 1, not %s; did you mean %g?",
                      KEY(v), VALUE(v), number / 100.0);
    if (pls_text_number(text, length, ',', &number) && number > 0.0 && number < 1.0)
        return REFUSE(v, "'%s' must be a number with a decimal point, not %s; did you mean %g?",
                      KEY(v), VALUE(v), number);
    return REFUSE(v, "'%s' must be a number above 0 and below 1, not '%s'; write one such as %s",
                  KEY(v), VALUE(v), v->key->initial);
}

static enum pls_code read_choice(const struct value *v, unsigned *out)
{
    const char *const *names = v->key->choices;
    const size_t count = count_names(names);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], v->node->text) == 0) {
            *out = (unsigned)i;
            return PLS_OK;
        }
    }
    const char *nearest = pls_text_nearest(v->node->text, names, count);
    const struct pls_list list = pls_list(names, count, " or ");
    if (nearest)
        return REFUSE(v, "'%s' must be %s, not '%s'; did you mean '%s'?", KEY(v), list.text,
                      VALUE(v), nearest);
    return REFUSE(v, "'%s' must be %s, not '%s'; write %s", KEY(v), list.text, VALUE(v),
                  count == 1 ? "it so, or delete the key" : "one of them");
}

static enum pls_code read_level(const struct value *v)
{
    struct pls_bootstrap_keys *keys = &v->study->bootstrap;
    double level;

    if (keys->levels == PLS_MAX_LEVELS)
        return REFUSE(v, "more than %d values in '%s'; shorten the list", PLS_MAX_LEVELS, KEY(v));
    const enum pls_code code = read_proportion(v, &level);
    if (code != PLS_OK)
        return code;
    for (size_t i = 0; i < keys->levels; i++)
        if (!(keys->level[i] < level) && !(keys->level[i] > level))
            return REFUSE(v, "'%s' has %s twice; delete one", KEY(v), VALUE(v));
    keys->level[keys->levels++] = level;
    return PLS_OK;
}

static enum pls_code read_method(const struct value *v)
{
    struct pls_bootstrap_keys *keys = &v->study->bootstrap;
    unsigned method;

    const enum pls_code code = read_choice(v, &method);
    if (code != PLS_OK)
        return code;
    for (size_t i = 0; i < keys->methods; i++)
        if (keys->method[i] == (enum pls_method)method)
            return REFUSE(v, "'%s' has %s twice; delete one", KEY(v), VALUE(v));
    keys->method[keys->methods++] = (enum pls_method)method;
    return PLS_OK;
}

/* Several values, each once, as bits. */
static enum pls_code read_test(const struct value *v)
{
    unsigned *tests = field(v);
    unsigned test;

    const enum pls_code code = read_choice(v, &test);
    if (code != PLS_OK)
        return code;
    if (*tests & 1u << test)
        return REFUSE(v, "'%s' has %s twice; delete one", KEY(v), VALUE(v));
    *tests |= 1u << test;
    return PLS_OK;
}

static enum pls_code read_switch(const struct value *v)
{
    unsigned on;
    const enum pls_code code = read_choice(v, &on);
    if (code == PLS_OK)
        *(bool *)field(v) = on == 1;
    return code;
}

static enum pls_code read_missing(const struct value *v)
{
    struct pls_data_keys *keys = &v->study->data;
    size_t capacity = keys->missing_count; /* codes are few */

    enum pls_code code =
        pls_grow(&keys->missing, &capacity, keys->missing_count + 1, sizeof *keys->missing, v->err);
    if (code == PLS_OK)
        code = pls_copy_text(&keys->missing[keys->missing_count], v->node->text,
                             strlen(v->node->text), v->err);
    if (code == PLS_OK)
        keys->missing_count++;
    return code;
}

static enum pls_code read_remark(const struct value *v)
{
    struct pls_report_keys *keys = &v->study->report;

    if (keys->remarks == PLS_MAX_REMARKS)
        return REFUSE(v, "more than %d sentences in '%s'; shorten the list", PLS_MAX_REMARKS,
                      KEY(v));
    const enum pls_code code =
        pls_copy_text(&keys->remark[keys->remarks], v->node->text, strlen(v->node->text), v->err);
    if (code == PLS_OK)
        keys->remarks++;
    return code;
}

/* What every value must be before its type is asked. */
static enum pls_code check_scalar(const struct value *v)
{
    const struct pls_key *key = v->key;

    if (v->node->kind != PLS_NODE_SCALAR)
        return REFUSE(v, "'%s' must be a single value, not a %s; write it after the colon", KEY(v),
                      v->node->kind == PLS_NODE_SEQUENCE ? "list" : "mapping");
    if (key->later && strcmp(v->node->text, key->later) == 0)
        return REFUSE(v, "'%s: %s' is not in this version of plstrap; %s", KEY(v), key->later,
                      key->advice);
    if (v->node->text[0] == '\0' && v->node->style == PLS_NODE_PLAIN && v->node->place.line > 0)
        return REFUSE(v, "'%s' has no value; write one or delete the key", KEY(v));
    return PLS_OK;
}

enum pls_code pls_value_read(const struct pls_tree *tree, const struct pls_key *key,
                             const struct pls_node *node, struct pls_study *study,
                             struct pls_error *err)
{
    const struct value v = {tree, key, node, study, err};
    unsigned ignored;

    const enum pls_code code = check_scalar(&v);
    if (code != PLS_OK)
        return code;
    if (key->place)
        *(struct pls_place *)((char *)study + key->place) = node->place;
    switch (key->type) {
    case PLS_KEY_COLUMN:
        if (!node->text[0])
            return REFUSE(&v, "'%s' is the name of a column; write one or delete the key", KEY(&v));
        return pls_copy_text(field(&v), node->text, strlen(node->text), err);
    case PLS_KEY_FILE:
    case PLS_KEY_TEXT:
        return pls_copy_text(field(&v), node->text, strlen(node->text), err);
    case PLS_KEY_UNSIGNED:
        return read_unsigned(&v);
    case PLS_KEY_COUNT:
        return read_count(&v, field(&v));
    case PLS_KEY_PROPORTION:
    case PLS_KEY_TOLERANCE:
        return read_proportion(&v, field(&v));
    case PLS_KEY_CHOICE:
        return read_choice(&v, field(&v));
    case PLS_KEY_FIXED:
        return read_choice(&v, &ignored);
    case PLS_KEY_SWITCH:
        return read_switch(&v);
    case PLS_KEY_TESTS:
        return read_test(&v);
    case PLS_KEY_LEVELS:
        return read_level(&v);
    case PLS_KEY_METHODS:
        return read_method(&v);
    case PLS_KEY_MISSING:
        return read_missing(&v);
    case PLS_KEY_REMARKS:
        return read_remark(&v);
    default:
        return pls_fail(err, PLS_EINTERNAL, "no reader for the values of '%s'", KEY(&v));
    }
}
