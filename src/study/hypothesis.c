/*
 * hypothesis.c: A -> B (path), A -> M -> B (specific indirect effect), indirect A -> B and
 * total A -> B, each with > 0, < 0 or != 0; without a relation != 0 is meant.
 */
#include "hypothesis.h"

#include "place.h"
#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>

struct statement {
    const struct pls_tree *tree;
    const struct pls_node *node;
    const struct pls_study *study;
    const char *at; /* the next character of node->text */
    struct pls_error *err;
};

/* Only errors need places, so they are made for them. */
static struct pls_place place_of(const struct statement *s, const char *at)
{
    struct pls_place *places = NULL;
    struct pls_place place = s->node->place;

    if (pls_alloc(&places, strlen(s->node->text) + 1, sizeof *places, NULL) == PLS_OK) {
        pls_tree_places(s->tree, s->node, places);
        place = places[at - s->node->text];
    }
    free(places);
    return place;
}

#define REFUSE(s, at, ...) pls_fail_at((s)->err, (s)->tree->path, place_of(s, at), __VA_ARGS__)
#define SHOWN(name)        pls_shown_text(name).text

static const char *skip_blank(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* Bytes of an arrow, "->" or U+2192, or of "!=", U+2260; 0 where none stands there. */
static size_t arrow_length(const char *at)
{
    return strncmp(at, "->", 2) == 0 ? 2 : strncmp(at, "→", 3) == 0 ? 3 : 0;
}

static size_t unequal_length(const char *at)
{
    return strncmp(at, "!=", 2) == 0 ? 2 : strncmp(at, "≠", 3) == 0 ? 3 : 0;
}

static size_t name_length(const char *text)
{
    size_t length = 0;
    while (text[length] && !strchr(" \t\r\n<>!=~", text[length]) &&
           arrow_length(text + length) == 0 && unequal_length(text + length) == 0)
        length++;
    return length;
}

/* `indirect` and `total` are words of ours only where a construct's name follows. */
static enum pls_effect read_effect(struct statement *s)
{
    static const struct {
        const char *word;
        enum pls_effect effect;
    } words[] = {{"indirect", PLS_EFFECT_INDIRECT}, {"total", PLS_EFFECT_TOTAL}};

    s->at = skip_blank(s->at);
    const size_t length = name_length(s->at);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *next = skip_blank(s->at + length);
        if (length == strlen(words[i].word) && memcmp(s->at, words[i].word, length) == 0 &&
            name_length(next) > 0) {
            s->at = next;
            return words[i].effect;
        }
    }
    return PLS_EFFECT_PATH;
}

static enum pls_code read_construct(struct statement *s, size_t *out)
{
    const struct pls_model *model = s->study->model;
    const size_t length = name_length(s->at);
    char *name = NULL;

    if (length == 0)
        return REFUSE(s, s->at,
                      "a construct is missing here; a hypothesis reads 'A -> B > 0', "
                      "'A -> M -> B > 0', 'indirect A -> B' or 'total A -> B'");
    enum pls_code code = pls_copy_text(&name, s->at, length, s->err);
    if (code != PLS_OK)
        return code;
    *out = pls_model_construct(model, name);
    if (*out == model->constructs)
        code = REFUSE(s, s->at, "the model has no construct '%s'; %s", SHOWN(name),
                      pls_hint(name, (const char *const *)model->construct, model->constructs,
                               "its constructs are ")
                          .text);
    s->at = skip_blank(s->at + length);
    free(name);
    return code;
}

/* A ~ B, as the model writes paths. */
static enum pls_code refuse_regression(const struct statement *s, size_t target)
{
    const char *source = skip_blank(s->at + 1);
    const size_t length = name_length(source);
    const char *relation = skip_blank(source + length);

    if (length == 0)
        return REFUSE(s, s->at, "'~' stands in models; a hypothesis reads 'A -> B > 0'");
    return REFUSE(s, s->at, "'~' stands in models; write '%s -> %s %c 0'",
                  pls_shown(source, length).text, SHOWN(s->study->model->construct[target]),
                  *relation == '<' ? '<' : '>');
}

static enum pls_code read_chain(struct statement *s, struct pls_hypothesis *out)
{
    size_t capacity = 0;

    for (;;) {
        size_t construct = 0;
        enum pls_code code = read_construct(s, &construct);
        if (code == PLS_OK)
            code = pls_grow(&out->chain, &capacity, out->length + 1, sizeof *out->chain, s->err);
        if (code != PLS_OK)
            return code;
        out->chain[out->length++] = construct;
        const size_t arrow = arrow_length(s->at);
        if (arrow == 0)
            break;
        s->at = skip_blank(s->at + arrow);
    }
    if (*s->at == '~')
        return refuse_regression(s, out->chain[out->length - 1]);
    if (out->length < 2)
        return REFUSE(s, s->at, "'->' is missing here; a hypothesis reads 'A -> B > 0'");
    return PLS_OK;
}

static enum pls_code read_relation(struct statement *s, struct pls_hypothesis *out)
{
    const char *begin = s->at;
    double number = 0.0;

    if (*s->at == '\0') {
        out->relation = PLS_NOT_EQUAL;
        return PLS_OK;
    }
    if (name_length(s->at) > 0)
        return REFUSE(s, begin, "'->' or a relation is missing before '%s'; write 'A -> B > 0'",
                      SHOWN(begin));
    const size_t unequal = unequal_length(s->at);
    if (unequal > 0)
        out->relation = PLS_NOT_EQUAL;
    else if (*s->at == '>' || *s->at == '<')
        out->relation = *s->at == '>' ? PLS_GREATER : PLS_LESS;
    else
        return REFUSE(s, begin, "'%s' is no relation; write > 0, < 0 or != 0", SHOWN(begin));
    s->at = skip_blank(s->at + (unequal > 0 ? unequal : 1));

    size_t length = strlen(s->at);
    while (length > 0 && strchr(" \t\r\n", s->at[length - 1]))
        length--;
    if (!pls_text_number(s->at, length, '.', &number) || number < 0.0 || number > 0.0)
        return REFUSE(s, begin, "'%s' is no relation; write > 0, < 0 or != 0", SHOWN(begin));
    return PLS_OK;
}

static enum pls_code refuse_missing_path(const struct statement *s, size_t from, size_t to)
{
    const struct pls_model *model = s->study->model;
    const char *a = model->construct[from];
    const char *b = model->construct[to];

    if (pls_model_path(model, to, from) < model->paths)
        return REFUSE(s, s->node->text,
                      "the model has no path %s -> %s but %s -> %s; turn the hypothesis or the "
                      "path round",
                      SHOWN(a), SHOWN(b), SHOWN(b), SHOWN(a));
    return REFUSE(s, s->node->text,
                  "the model has no path %s -> %s; add '%s ~ %s' to the model, or correct the "
                  "hypothesis",
                  SHOWN(a), SHOWN(b), SHOWN(b), SHOWN(a));
}

/* Whether a chain of paths leads from the first to the last, of two or more where indirect. */
static enum pls_code check_route(const struct statement *s, const struct pls_hypothesis *h)
{
    const struct pls_model *model = s->study->model;
    const size_t from = h->chain[0];
    const size_t to = h->chain[1];
    const bool indirect = h->effect == PLS_EFFECT_INDIRECT;
    bool *reached = NULL; /* [J] from the first */
    bool found = false;

    const enum pls_code code = pls_alloc(&reached, model->constructs, sizeof *reached, s->err);
    if (code != PLS_OK)
        return code;
    reached[from] = true;
    for (size_t i = 0; i < model->constructs; i++) {
        const size_t j = model->order[i];
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++) {
            reached[j] = reached[j] || reached[model->source[a]];
            if (j == to && reached[model->source[a]] && (!indirect || model->source[a] != from))
                found = true;
        }
    }
    free(reached);
    if (found)
        return PLS_OK;
    return REFUSE(s, s->node->text,
                  "the model has no %s effect of %s on %s: no chain of %spaths leads there; add "
                  "the paths, or correct the hypothesis",
                  indirect ? "indirect" : "total", SHOWN(model->construct[from]),
                  SHOWN(model->construct[to]), indirect ? "two or more " : "");
}

static enum pls_code check_effect(const struct statement *s, struct pls_hypothesis *h)
{
    const struct pls_model *model = s->study->model;

    for (size_t i = 0; i + 1 < h->length; i++)
        if (h->chain[i] == h->chain[i + 1])
            return REFUSE(s, s->node->text,
                          "an effect of %s on itself; name two different constructs",
                          SHOWN(model->construct[h->chain[i]]));
    if (h->effect != PLS_EFFECT_PATH) {
        if (h->length > 2)
            return REFUSE(s, s->node->text,
                          "an indirect or total effect has two constructs; for one chain write "
                          "'A -> M -> B' alone");
        return check_route(s, h);
    }
    for (size_t i = 0; i + 1 < h->length; i++)
        if (pls_model_path(model, h->chain[i], h->chain[i + 1]) == model->paths)
            return refuse_missing_path(s, h->chain[i], h->chain[i + 1]);
    if (h->length > 2)
        h->effect = PLS_EFFECT_SPECIFIC;
    return PLS_OK;
}

static enum pls_code read_hypothesis(struct statement *s, struct pls_hypothesis *out)
{
    out->effect = read_effect(s);
    enum pls_code code = read_chain(s, out);
    if (code == PLS_OK)
        code = read_relation(s, out);
    if (code == PLS_OK)
        code = check_effect(s, out);
    if (code == PLS_OK && out->relation == PLS_NOT_EQUAL &&
        s->study->inference.sides == PLS_ONE_SIDED)
        code = REFUSE(s, s->node->text,
                      "'inference.sides: one' needs a direction; end this hypothesis with > 0 or "
                      "< 0");
    return code;
}

enum pls_code pls_hypotheses_read(const struct pls_tree *tree, const struct pls_node *mapping,
                                  struct pls_study *study, struct pls_error *err)
{
    size_t count = 0;

    if (mapping->kind != PLS_NODE_MAPPING)
        return pls_fail_at(err, tree->path, mapping->place,
                           "'hypotheses' holds lines such as 'H1: A -> B > 0'; indent them below "
                           "it");
    for (size_t i = mapping->child; i; i = tree->node[i].next)
        count++;
    enum pls_code code = pls_alloc(&study->hypothesis, count / 2, sizeof *study->hypothesis, err);
    for (size_t i = mapping->child; code == PLS_OK && i; i = tree->node[tree->node[i].next].next) {
        const char *name = tree->node[i].text;
        const struct pls_node *value = &tree->node[tree->node[i].next];
        struct pls_hypothesis *h = &study->hypothesis[study->hypotheses++];
        if (value->kind != PLS_NODE_SCALAR || value->text[0] == '\0')
            return pls_fail_at(err, tree->path, value->place,
                               "the hypothesis '%s' is not a text such as 'A -> B > 0'; write one",
                               SHOWN(name));
        struct statement s = {tree, value, study, value->text, err};
        code = pls_copy_text(&h->name, name, strlen(name), err);
        if (code == PLS_OK)
            code = pls_copy_text(&h->statement, value->text, strlen(value->text), err);
        if (code == PLS_OK)
            code = read_hypothesis(&s, h);
    }
    return code;
}
