/*
 * model.c: the terms of a model text become blocks and paths, checked as a whole.
 *
 * Names are numbered first (symbols), so that every later check is a look into an array: a model
 * may have 65,535 indicators.
 */
#include "plstrap/model.h"

#include "lavaan.h"
#include "place.h"
#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MODEL = 65535 }; /* constructs or indicators; their numbers travel in 16 bits */
enum { CYCLE_NAMES = 20 };  /* of a longer cycle that many are printed */
static const size_t none = SIZE_MAX;

struct builder {
    const char *path;
    const struct pls_terms *terms;
    size_t *left, *right; /* [terms] symbols                                           */
    size_t symbols;
    size_t *construct; /* [symbols] number of the construct of that name, or none   */
    size_t *measures;  /* [symbols] term that lists the name as indicator, or none  */
    size_t *first;     /* [J] term that measures construct j first                  */
    size_t *path_term; /* [q]                                                       */
    struct pls_model *model;
    struct pls_error *err;
};

struct occurrence {
    const struct pls_word *word;
    size_t *symbol;
};

#define REFUSE(b, word, ...) pls_fail_at((b)->err, (b)->path, (word).place, __VA_ARGS__)
#define SHOWN(word)          pls_shown((word).text, (word).length).text

static int compare_occurrences(const void *a, const void *b)
{
    const struct pls_word *x = ((const struct occurrence *)a)->word;
    const struct pls_word *y = ((const struct occurrence *)b)->word;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return memcmp(x->text, y->text, x->length);
}

static enum pls_code number_names(struct builder *b)
{
    const size_t terms = b->terms->count;
    struct occurrence *all = NULL;

    enum pls_code code = pls_alloc(&all, 2 * terms, sizeof *all, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&b->left, terms, sizeof *b->left, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&b->right, terms, sizeof *b->right, b->err);
    if (code != PLS_OK)
        goto done;
    for (size_t t = 0; t < terms; t++) {
        all[2 * t] = (struct occurrence){&b->terms->term[t].left, &b->left[t]};
        all[2 * t + 1] = (struct occurrence){&b->terms->term[t].right, &b->right[t]};
    }
    qsort(all, 2 * terms, sizeof *all, compare_occurrences);
    for (size_t i = 0; i < 2 * terms; i++) {
        if (i == 0 || compare_occurrences(&all[i - 1], &all[i]) != 0)
            b->symbols++;
        *all[i].symbol = b->symbols - 1;
    }
    code = pls_alloc(&b->construct, b->symbols, sizeof *b->construct, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&b->measures, b->symbols, sizeof *b->measures, b->err);
    if (code == PLS_OK)
        for (size_t s = 0; s < b->symbols; s++)
            b->construct[s] = b->measures[s] = none;
done:
    free(all);
    return code;
}

static enum pls_mode mode_of(const struct pls_term *term)
{
    return term->op == PLS_REFLECTIVE ? PLS_MODE_A : PLS_MODE_B;
}

/* Numbers the constructs; first and mode grow with them. */
static enum pls_code collect_constructs(struct builder *b)
{
    const struct pls_term *term = b->terms->term;
    struct pls_model *model = b->model;

    enum pls_code code = pls_alloc(&b->first, b->symbols, sizeof *b->first, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&model->mode, b->symbols, sizeof *model->mode, b->err);
    for (size_t t = 0; code == PLS_OK && t < b->terms->count; t++) {
        size_t *construct = &b->construct[b->left[t]];
        if (term[t].op == PLS_REGRESSION)
            continue;
        if (*construct == none) {
            if (model->constructs == MAX_MODEL)
                return REFUSE(b, term[t].left, "more than %d constructs; split the model",
                              MAX_MODEL);
            *construct = model->constructs++;
            b->first[*construct] = t;
            model->mode[*construct] = mode_of(&term[t]);
        } else if (model->mode[*construct] != mode_of(&term[t])) {
            code = REFUSE(b, term[t].left,
                          "'%s' has both reflective ('=~') and formative ('<~') indicators (first "
                          "in line %u); use one sign",
                          SHOWN(term[t].left), term[b->first[*construct]].left.place.line);
        }
    }
    return code;
}

static enum pls_code check_indicator(const struct builder *b, size_t t)
{
    const struct pls_term *term = &b->terms->term[t];
    const size_t also = b->construct[b->right[t]];
    const size_t before = b->measures[b->right[t]];

    if (b->left[t] == b->right[t])
        return REFUSE(b, term->right,
                      "'%s' cannot be its own indicator; give the construct another name",
                      SHOWN(term->right));
    if (also != none)
        return REFUSE(b, term->right,
                      "'%s' is a construct (line %u) and cannot be an indicator too; rename one "
                      "(higher-order constructs are not in this version of plstrap)",
                      SHOWN(term->right), b->terms->term[b->first[also]].left.place.line);
    if (before == none)
        return PLS_OK;

    const struct pls_term *other = &b->terms->term[before];
    if (b->left[before] == b->left[t])
        return REFUSE(b, term->right,
                      "'%s' is listed twice as indicator of '%s' (first at %u:%u); delete one",
                      SHOWN(term->right), SHOWN(term->left), other->right.place.line,
                      other->right.place.column);
    return REFUSE(b, term->right,
                  "'%s' is an indicator of '%s', but also of '%s' (at %u:%u); keep it in one block",
                  SHOWN(term->right), SHOWN(term->left), SHOWN(other->left),
                  other->right.place.line, other->right.place.column);
}

static enum pls_code collect_indicators(struct builder *b)
{
    for (size_t t = 0; t < b->terms->count; t++) {
        if (b->terms->term[t].op == PLS_REGRESSION)
            continue;
        const enum pls_code code = check_indicator(b, t);
        if (code != PLS_OK)
            return code;
        if (b->model->indicators == MAX_MODEL)
            return REFUSE(b, b->terms->term[t].right, "more than %d indicators; split the model",
                          MAX_MODEL);
        b->measures[b->right[t]] = t;
        b->model->indicators++;
    }
    if (b->model->constructs == 0)
        return REFUSE(b, b->terms->term[0].left,
                      "no construct has indicators; add lines such as '%s =~ x1 + x2'",
                      SHOWN(b->terms->term[0].left));
    return PLS_OK;
}

/* Turns counts in start[1 … n] into first positions of each group. */
static void accumulate(size_t *start, size_t n)
{
    for (size_t i = 0; i < n; i++)
        start[i + 1] += start[i];
}

static enum pls_code copy_word(char **out_new, struct pls_word word, struct pls_error *err)
{
    return pls_copy_text(out_new, word.text, word.length, err);
}

static enum pls_code fill_blocks(struct builder *b)
{
    const struct pls_term *term = b->terms->term;
    struct pls_model *model = b->model;
    size_t *cursor = NULL;

    enum pls_code code = pls_alloc(&model->construct, model->constructs, sizeof(char *), b->err);
    if (code == PLS_OK)
        code = pls_alloc(&model->block, model->constructs + 1, sizeof *model->block, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&model->indicator, model->indicators, sizeof(char *), b->err);
    if (code == PLS_OK)
        code = pls_alloc(&model->place, model->indicators, sizeof *model->place, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&cursor, model->constructs, sizeof *cursor, b->err);
    for (size_t j = 0; code == PLS_OK && j < model->constructs; j++)
        code = copy_word(&model->construct[j], term[b->first[j]].left, b->err);
    if (code != PLS_OK)
        goto done;

    for (size_t t = 0; t < b->terms->count; t++)
        if (term[t].op != PLS_REGRESSION)
            model->block[b->construct[b->left[t]] + 1]++;
    accumulate(model->block, model->constructs);
    for (size_t t = 0; code == PLS_OK && t < b->terms->count; t++) {
        if (term[t].op == PLS_REGRESSION)
            continue;
        const size_t j = b->construct[b->left[t]];
        const size_t k = model->block[j] + cursor[j]++;
        model->place[k] = term[t].right.place;
        code = copy_word(&model->indicator[k], term[t].right, b->err);
    }
done:
    free(cursor);
    return code;
}

/* A path's end must be a construct. */
static enum pls_code check_end(const struct builder *b, size_t symbol, struct pls_word word)
{
    char *name = NULL;

    if (b->construct[symbol] != none)
        return PLS_OK;
    if (b->measures[symbol] != none)
        return REFUSE(b, word,
                      "'%s' is an indicator, and paths join constructs; give it a construct of its "
                      "own, such as 'NAME =~ %s'",
                      SHOWN(word), SHOWN(word));
    enum pls_code code = copy_word(&name, word, b->err);
    if (code != PLS_OK)
        return code;
    const char *nearest =
        pls_text_nearest(name, (const char *const *)b->model->construct, b->model->constructs);
    if (nearest)
        code = REFUSE(b, word, "'%s' has no indicators; did you mean '%s'?", SHOWN(word),
                      pls_shown_text(nearest).text);
    else
        code = REFUSE(b, word, "'%s' has no indicators; add a line such as '%s =~ x1 + x2'",
                      SHOWN(word), SHOWN(word));
    free(name);
    return code;
}

static enum pls_code count_paths(struct builder *b)
{
    struct pls_model *model = b->model;

    enum pls_code code = pls_alloc(&model->arrow, model->constructs + 1, sizeof(size_t), b->err);
    for (size_t t = 0; code == PLS_OK && t < b->terms->count; t++) {
        const struct pls_term *term = &b->terms->term[t];
        if (term->op != PLS_REGRESSION)
            continue;
        code = check_end(b, b->left[t], term->left);
        if (code == PLS_OK)
            code = check_end(b, b->right[t], term->right);
        if (code == PLS_OK && b->left[t] == b->right[t])
            code = REFUSE(b, term->right, "a path from '%s' to itself; delete this term",
                          SHOWN(term->right));
        if (code == PLS_OK) {
            model->arrow[b->construct[b->left[t]] + 1]++;
            model->paths++;
        }
    }
    if (code == PLS_OK && model->paths == 0)
        code = REFUSE(b, b->terms->term[0].left,
                      "the model has no paths; add lines such as 'B ~ A' for a path A -> B");
    return code;
}

static enum pls_code check_duplicate_paths(const struct builder *b)
{
    const struct pls_model *model = b->model;
    size_t *seen = NULL; /* [J] path that came from this construct to the latest target, plus 1 */

    enum pls_code code = pls_alloc(&seen, model->constructs, sizeof *seen, b->err);
    for (size_t j = 0; code == PLS_OK && j < model->constructs; j++)
        for (size_t a = model->arrow[j]; code == PLS_OK && a < model->arrow[j + 1]; a++) {
            const size_t before = seen[model->source[a]];
            seen[model->source[a]] = a + 1;
            if (before <= model->arrow[j])
                continue;
            const struct pls_term *term = &b->terms->term[b->path_term[a]];
            const struct pls_word first = b->terms->term[b->path_term[before - 1]].right;
            code = REFUSE(
                b, term->right, "the path %s -> %s is listed twice (first at %u:%u); delete one",
                SHOWN(term->right), SHOWN(term->left), first.place.line, first.place.column);
        }
    free(seen);
    return code;
}

static enum pls_code fill_paths(struct builder *b)
{
    struct pls_model *model = b->model;
    size_t *cursor = NULL;

    enum pls_code code = pls_alloc(&model->source, model->paths, sizeof *model->source, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&b->path_term, model->paths, sizeof *b->path_term, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&cursor, model->constructs, sizeof *cursor, b->err);
    if (code != PLS_OK)
        goto done;
    accumulate(model->arrow, model->constructs);
    for (size_t t = 0; t < b->terms->count; t++) {
        if (b->terms->term[t].op != PLS_REGRESSION)
            continue;
        const size_t j = b->construct[b->left[t]];
        const size_t a = model->arrow[j] + cursor[j]++;
        model->source[a] = b->construct[b->right[t]];
        b->path_term[a] = t;
    }
    code = check_duplicate_paths(b);
done:
    free(cursor);
    return code;
}

static enum pls_code check_joined(const struct builder *b)
{
    const struct pls_model *model = b->model;
    bool *joined = NULL;

    enum pls_code code = pls_alloc(&joined, model->constructs, sizeof *joined, b->err);
    if (code != PLS_OK)
        return code;
    for (size_t a = 0; a < model->paths; a++)
        joined[model->source[a]] = true;
    for (size_t j = 0; code == PLS_OK && j < model->constructs; j++)
        if (!joined[j] && model->arrow[j] == model->arrow[j + 1])
            code = REFUSE(b, b->terms->term[b->first[j]].left,
                          "'%s' is joined to no other construct; add a path or delete it",
                          pls_shown_text(model->construct[j]).text);
    free(joined);
    return code;
}

/*
 * Prints a cycle among the constructs that waiting marks; each of them has such a source.
 *
 *   step  [J] work: path by which the walk left a construct, against the arrows
 */
static enum pls_code refuse_cycle(const struct builder *b, const size_t *waiting, size_t *step)
{
    const struct pls_model *model = b->model;
    struct pls_text cycle = {0};
    size_t j = 0;
    size_t latest = 0;
    enum pls_code code = PLS_OK;

    for (size_t i = 0; i < model->constructs; i++)
        step[i] = none;
    while (waiting[j] == 0)
        j++;
    while (step[j] == none) { /* until a construct is met again */
        size_t a = model->arrow[j];
        while (waiting[model->source[a]] == 0)
            a++;
        step[j] = a;
        j = model->source[a];
    }
    size_t start = j;
    for (size_t i = model->source[step[j]]; i != j; i = model->source[step[i]])
        start = i < start ? i : start;

    /* The walk goes against the arrows: written from the end, it reads along them. */
    size_t count = 0;
    for (size_t i = start; count == 0 || i != start; i = model->source[step[i]]) {
        latest = b->path_term[step[i]] > latest ? b->path_term[step[i]] : latest;
        count++;
    }
    for (size_t shown = 0; code == PLS_OK && shown < count && shown < CYCLE_NAMES; shown++) {
        size_t i = start;
        for (size_t back = shown ? count - shown : 0; back > 0; back--)
            i = model->source[step[i]];
        code = pls_text_printf(&cycle, b->err, "%s -> ", pls_shown_text(model->construct[i]).text);
    }
    if (code == PLS_OK && count > CYCLE_NAMES)
        code = pls_text_printf(&cycle, b->err, "… -> ");
    if (code == PLS_OK)
        code = REFUSE(b, b->terms->term[latest].right,
                      "the paths form a cycle: %s%s; PLS needs a model without cycles, so delete "
                      "one of these paths",
                      cycle.data, pls_shown_text(model->construct[start]).text);
    pls_text_free(&cycle);
    return code;
}

/* Kahn's algorithm; of the constructs that are ready the lowest number comes first. */
static enum pls_code sort_constructs(const struct builder *b)
{
    struct pls_model *model = b->model;
    const size_t constructs = model->constructs;
    unsigned char *ready = NULL; /* [J] */
    size_t *waiting = NULL;      /* [J] paths from constructs that are not yet in order */
    size_t *start = NULL;        /* [J+1] target[start[j] …]: constructs that j has paths to */
    size_t *target = NULL;       /* [q] */
    size_t *work = NULL;         /* [J] */
    size_t sorted = 0;

    enum pls_code code = pls_alloc(&model->order, constructs, sizeof *model->order, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&ready, constructs, sizeof *ready, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&waiting, constructs, sizeof *waiting, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&start, constructs + 1, sizeof *start, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&target, model->paths, sizeof *target, b->err);
    if (code == PLS_OK)
        code = pls_alloc(&work, constructs, sizeof *work, b->err);
    if (code != PLS_OK)
        goto done;

    for (size_t a = 0; a < model->paths; a++)
        start[model->source[a] + 1]++;
    accumulate(start, constructs);
    for (size_t j = 0; j < constructs; j++) {
        waiting[j] = model->arrow[j + 1] - model->arrow[j];
        ready[j] = waiting[j] == 0;
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
            target[start[model->source[a]] + work[model->source[a]]++] = j;
    }
    for (const unsigned char *next; (next = memchr(ready, 1, constructs)); sorted++) {
        const size_t j = (size_t)(next - ready);
        ready[j] = 0;
        model->order[sorted] = j;
        for (size_t i = start[j]; i < start[j + 1]; i++)
            ready[target[i]] = --waiting[target[i]] == 0;
    }
    if (sorted < constructs)
        code = refuse_cycle(b, waiting, work);
done:
    free(ready);
    free(waiting);
    free(start);
    free(target);
    free(work);
    return code;
}

static enum pls_code build(struct builder *b)
{
    enum pls_code (*const steps[])(struct builder *) = {
        number_names, collect_constructs, collect_indicators, fill_blocks, count_paths, fill_paths,
    };

    enum pls_code code = PLS_OK;
    for (size_t i = 0; code == PLS_OK && i < sizeof steps / sizeof *steps; i++)
        code = steps[i](b);
    if (code == PLS_OK)
        code = check_joined(b);
    if (code == PLS_OK)
        code = sort_constructs(b);
    return code;
}

enum pls_code pls_model_build(const struct pls_source *source, struct pls_model **out_new,
                              struct pls_error *err)
{
    struct pls_terms terms = {0};
    struct builder b = {.path = source->path, .terms = &terms, .err = err};

    *out_new = NULL;
    enum pls_code code = pls_lavaan_terms(source, &terms, err);
    if (code == PLS_OK && terms.count == 0)
        code = pls_fail_at(err, source->path, source->origin,
                           "the model is empty; write lines such as 'A =~ x1 + x2' and 'B ~ A'");
    if (code == PLS_OK)
        code = pls_alloc(&b.model, 1, sizeof *b.model, err);
    if (code == PLS_OK)
        code = build(&b);
    if (code == PLS_OK) {
        *out_new = b.model;
        b.model = NULL; /* now the caller's */
    }
    pls_model_free(b.model);
    free(b.left);
    free(b.right);
    free(b.construct);
    free(b.measures);
    free(b.first);
    free(b.path_term);
    pls_terms_free(&terms);
    return code;
}

enum pls_code pls_model_parse(const char *text, const char *path, struct pls_place origin,
                              unsigned indent, struct pls_model **out_new, struct pls_error *err)
{
    const struct pls_source source = {
        .text = text, .path = path, .origin = origin, .indent = indent};
    return pls_model_build(&source, out_new, err);
}

void pls_model_free(struct pls_model *model)
{
    if (!model)
        return;
    for (size_t j = 0; model->construct && j < model->constructs; j++)
        free(model->construct[j]);
    for (size_t k = 0; model->indicator && k < model->indicators; k++)
        free(model->indicator[k]);
    free(model->construct);
    free(model->mode);
    free(model->block);
    free(model->indicator);
    free(model->place);
    free(model->arrow);
    free(model->source);
    free(model->order);
    free(model);
}

size_t pls_model_construct(const struct pls_model *model, const char *name)
{
    size_t j = 0;
    while (j < model->constructs && strcmp(model->construct[j], name) != 0)
        j++;
    return j;
}

size_t pls_model_owner(const struct pls_model *model, size_t k)
{
    size_t low = 0;
    size_t high = model->constructs; /* block[low] <= k < block[high] */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (model->block[middle] <= k)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t pls_model_path(const struct pls_model *model, size_t source, size_t target)
{
    for (size_t a = model->arrow[target]; a < model->arrow[target + 1]; a++)
        if (model->source[a] == source)
            return a;
    return model->paths;
}
