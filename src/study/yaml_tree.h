/*
 * yaml_tree.h: a YAML file as a small tree whose nodes know where they stand.
 *
 * Only what a study needs: one document, a mapping at its top, scalars, sequences and mappings with
 * texts as keys. Everything else that YAML has is refused, and so is what is too large, so that no
 * file can cost more than a few MB and milliseconds.
 */
#ifndef PLSTRAP_STUDY_YAML_TREE_H
#define PLSTRAP_STUDY_YAML_TREE_H

#include "plstrap/error.h"
#include "plstrap/model.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PLS_YAML_BYTES = 1 << 20,
    PLS_YAML_DEPTH = 16,
    PLS_YAML_NODES = 10000,
    PLS_YAML_SCALAR = 1 << 16
};

enum pls_node_kind { PLS_NODE_SCALAR, PLS_NODE_SEQUENCE, PLS_NODE_MAPPING };
enum pls_node_style { PLS_NODE_PLAIN, PLS_NODE_QUOTED, PLS_NODE_DOUBLE_QUOTED, PLS_NODE_BLOCK };

struct pls_node {
    enum pls_node_kind kind;
    enum pls_node_style style; /* of a scalar */
    struct pls_place place;
    size_t start; /* character of the file (not byte) at which it begins             */
    char *text;   /* value of a scalar, without zeros inside; else NULL              */
    size_t child; /* first child; of a mapping: key, value, key, value …; 0 for none */
    size_t next;  /* next child of the same parent; 0 for none                       */
};

struct pls_tree {
    const char *path;      /* for messages                            */
    const char *text;      /* the file, without a byte order mark     */
    struct pls_node *node; /* [nodes] node 0 is the mapping at the top */
    size_t nodes;
    size_t capacity;
};

/* path and text must outlive the tree; a zero that length does not count follows the text. */
enum pls_code pls_tree_parse(const char *path, const char *text, size_t length,
                             struct pls_tree *out, struct pls_error *err);
void pls_tree_free(struct pls_tree *tree);

/*
 * Where the bytes of a scalar stand in the file.
 *
 *   places  [strlen(node->text) + 1]  out  at the first byte of each character; exact where that is
 *                                          no white space
 */
void pls_tree_places(const struct pls_tree *tree, const struct pls_node *node,
                     struct pls_place *places);

/* Bytes up to the colon of a line such as `title:Text`, where a blank is missing; else 0. */
size_t pls_yaml_glued(const char *line);

/* libyaml's own error as a sentence of ours; parser is a yaml_parser_t. */
struct yaml_parser_s;
enum pls_code pls_yaml_fail(const struct yaml_parser_s *parser, const char *path, const char *text,
                            size_t length, struct pls_error *err);

#endif
