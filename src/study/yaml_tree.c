/* yaml_tree.c: libyaml's events become a tree; see yaml_tree.h. */
#include "yaml_tree.h"

#include "place.h"
#include "plstrap/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A collection that is being filled. */
struct frame {
    size_t node;
    size_t last;     /* its latest child, 0 for none */
    size_t children; /* so far                       */
};

struct builder {
    struct pls_tree *tree;
    struct frame frame[PLS_YAML_DEPTH];
    size_t depth;
    size_t documents;
    struct pls_error *err;
};

static struct pls_place place_of(yaml_mark_t mark)
{
    return (struct pls_place){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

static enum pls_code check_key(const struct builder *b, const struct frame *parent,
                               const struct pls_node *key)
{
    const struct pls_tree *tree = b->tree;

    if (key->kind != PLS_NODE_SCALAR)
        return pls_fail_at(b->err, tree->path, key->place,
                           "a list or mapping cannot be a key; write 'key: value'");
    if (key->style == PLS_NODE_PLAIN && strcmp(key->text, "<<") == 0)
        return pls_fail_at(b->err, tree->path, key->place,
                           "merge keys ('<<') are not allowed; write the keys out");
    for (size_t i = tree->node[parent->node].child; i; i = tree->node[tree->node[i].next].next) {
        if (strcmp(tree->node[i].text, key->text) == 0)
            return pls_fail_at(b->err, tree->path, key->place,
                               "the key '%s' stands here a second time (first in line %u); "
                               "keep one of them",
                               pls_shown_text(key->text).text, tree->node[i].place.line);
        if (!tree->node[i].next)
            break;
    }
    return PLS_OK;
}

/* Takes over node's text. */
static enum pls_code add_node(struct builder *b, struct pls_node *node)
{
    struct pls_tree *tree = b->tree;
    struct frame *parent = b->depth ? &b->frame[b->depth - 1] : NULL;
    enum pls_code code = PLS_OK;

    if (!parent && node->kind == PLS_NODE_SCALAR && pls_yaml_glued(node->text) > 0)
        code = pls_fail_at(b->err, tree->path, node->place, "a blank is missing after '%s'",
                           pls_shown(node->text, pls_yaml_glued(node->text)).text);
    else if (!parent && node->kind != PLS_NODE_MAPPING)
        code = pls_fail_at(b->err, tree->path, node->place,
                           "a study is a list of 'key: value' lines; begin with 'model: |'");
    else if (tree->nodes == PLS_YAML_NODES)
        code = pls_fail_at(b->err, tree->path, node->place,
                           "more than %d values and keys; shorten the study", PLS_YAML_NODES);
    else if (parent && tree->node[parent->node].kind == PLS_NODE_MAPPING &&
             parent->children % 2 == 0)
        code = check_key(b, parent, node);
    if (code == PLS_OK)
        code = pls_grow(&tree->node, &tree->capacity, tree->nodes + 1, sizeof *tree->node, b->err);
    if (code != PLS_OK) {
        free(node->text);
        return code;
    }

    tree->node[tree->nodes] = *node;
    if (parent) {
        if (parent->last)
            tree->node[parent->last].next = tree->nodes;
        else
            tree->node[parent->node].child = tree->nodes;
        parent->last = tree->nodes;
        parent->children++;
    }
    tree->nodes++;
    return PLS_OK;
}

static enum pls_code check_properties(const struct builder *b, const yaml_event_t *event,
                                      const yaml_char_t *anchor, const yaml_char_t *tag)
{
    const struct pls_place place = place_of(event->start_mark);
    if (anchor)
        return pls_fail_at(
            b->err, b->tree->path, place,
            "anchors and aliases are not allowed ('&%s'); write the value where it is needed",
            pls_shown_text((const char *)anchor).text);
    if (tag)
        return pls_fail_at(b->err, b->tree->path, place,
                           "tags ('!') are not allowed; put a text that begins with '!' in "
                           "quotation marks");
    return PLS_OK;
}

static enum pls_code add_scalar(struct builder *b, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    const size_t length = event->data.scalar.length;
    struct pls_node node = {.kind = PLS_NODE_SCALAR,
                            .place = place_of(event->start_mark),
                            .start = event->start_mark.index};

    enum pls_code code =
        check_properties(b, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (code != PLS_OK)
        return code;
    if (length > PLS_YAML_SCALAR)
        return pls_fail_at(b->err, b->tree->path, node.place,
                           "this text is longer than %d bytes; shorten it", PLS_YAML_SCALAR);
    if (memchr(value, 0, length))
        return pls_fail_at(b->err, b->tree->path, node.place,
                           "the zero character ('\\0') is not allowed; delete it");
    switch (event->data.scalar.style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        node.style = PLS_NODE_QUOTED;
        break;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        node.style = PLS_NODE_DOUBLE_QUOTED;
        break;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        node.style = PLS_NODE_BLOCK;
        break;
    default:
        node.style = PLS_NODE_PLAIN;
    }
    code = pls_copy_text(&node.text, value, length, b->err);
    return code == PLS_OK ? add_node(b, &node) : code;
}

static enum pls_code open_collection(struct builder *b, const yaml_event_t *event,
                                     enum pls_node_kind kind, const yaml_char_t *anchor,
                                     const yaml_char_t *tag)
{
    struct pls_node node = {
        .kind = kind, .place = place_of(event->start_mark), .start = event->start_mark.index};

    enum pls_code code = check_properties(b, event, anchor, tag);
    if (code != PLS_OK)
        return code;
    /* Before libyaml reads on: its scanner takes a time that is quadratic in the depth, 6.4 s for
     * 60,000 opening brackets. */
    if (b->depth == PLS_YAML_DEPTH)
        return pls_fail_at(b->err, b->tree->path, node.place,
                           "nested deeper than %d; a study needs 3 levels", PLS_YAML_DEPTH);
    code = add_node(b, &node);
    if (code == PLS_OK)
        b->frame[b->depth++] = (struct frame){.node = b->tree->nodes - 1};
    return code;
}

static enum pls_code take_event(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents++)
            return pls_fail_at(b->err, b->tree->path, place_of(event->start_mark),
                               "a second document begins here ('---'); keep one study in a file");
        return PLS_OK;
    case YAML_ALIAS_EVENT:
        return pls_fail_at(b->err, b->tree->path, place_of(event->start_mark),
                           "aliases are not allowed ('*%s'); write the value out, or put a text "
                           "that begins with '*' in quotation marks",
                           pls_shown_text((const char *)event->data.alias.anchor).text);
    case YAML_SCALAR_EVENT:
        return add_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(b, event, PLS_NODE_SEQUENCE, event->data.sequence_start.anchor,
                               event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return open_collection(b, event, PLS_NODE_MAPPING, event->data.mapping_start.anchor,
                               event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return PLS_OK;
    default:
        return PLS_OK;
    }
}

enum pls_code pls_tree_parse(const char *path, const char *text, size_t length,
                             struct pls_tree *out, struct pls_error *err)
{
    yaml_parser_t parser;
    enum pls_code code = PLS_OK;
    bool ended = false;

    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* columns count without it */
        text += 3;
        length -= 3;
    }
    *out = (struct pls_tree){.path = path, .text = text};
    struct builder b = {.tree = out, .err = err};
    if (length > PLS_YAML_BYTES)
        return pls_fail(err, PLS_ESTUDY, "%s: larger than %d bytes; a study is a short text", path,
                        PLS_YAML_BYTES);
    if (!yaml_parser_initialize(&parser))
        return pls_fail(err, PLS_EUNAVAILABLE, "not enough memory to read %s", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    while (code == PLS_OK && !ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            code = pls_yaml_fail(&parser, path, text, length, err);
            break;
        }
        code = take_event(&b, &event);
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (code == PLS_OK && out->nodes == 0)
        code = pls_fail_at(err, path, (struct pls_place){1, 1},
                           "the study is empty; it needs at least 'model' and 'data'");
    if (code != PLS_OK)
        pls_tree_free(out);
    return code;
}

void pls_tree_free(struct pls_tree *tree)
{
    for (size_t i = 0; i < tree->nodes; i++)
        free(tree->node[i].text);
    free(tree->node);
    *tree = (struct pls_tree){0};
}

/* A position in the file that moves by characters. */
struct cursor {
    const char *at;
    struct pls_place place;
};

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

static void step(struct cursor *c)
{
    const char was = *c->at++;
    if (was == '\n' || (was == '\r' && *c->at != '\n'))
        c->place = (struct pls_place){c->place.line + 1, 1};
    else if (was != '\r')
        c->place.column++;
    while (is_continuation(*c->at))
        c->at++;
}

/* White space, and in double quotation marks what stands for white space or for nothing. */
static bool skip_blank(struct cursor *c, enum pls_node_style style)
{
    if (*c->at && strchr(" \t\r\n", *c->at)) {
        step(c);
        return true;
    }
    if (style == PLS_NODE_DOUBLE_QUOTED && *c->at == '\\') {
        const bool blank = c->at[1] && strchr("ntr \n\r", c->at[1]);
        step(c);
        if (blank)
            step(c);
        return true;
    }
    return false;
}

void pls_tree_places(const struct pls_tree *tree, const struct pls_node *node,
                     struct pls_place *places)
{
    struct cursor c = {tree->text, {1, 1}};
    for (size_t i = 0; i < node->start && *c.at; i++)
        step(&c);
    c.place = node->place;
    if (node->style == PLS_NODE_BLOCK) /* "| # comment": the text begins on the next line */
        while (*c.at && *c.at != '\n')
            step(&c);
    else if (node->style != PLS_NODE_PLAIN)
        step(&c);

    /* Folding and unquoting only ever change white space and escapes: all other characters come
     * in the order of the file. */
    const char *value = node->text;
    for (size_t i = 0; value[i]; i++) {
        if (is_continuation(value[i]))
            continue;
        if (!strchr(" \t\r\n", value[i]))
            while (skip_blank(&c, node->style))
                continue;
        places[i] = c.place;
        if (*c.at == value[i] && !strchr(" \t\r\n", value[i]))
            step(&c);
    }
    places[strlen(value)] = c.place;
}
