/*
 * keys.h: the one table of everything that a study file may say.
 *
 * Reader, defaults and canonical text all follow it, so that a key is added in one place.
 */
#ifndef PLSTRAP_STUDY_KEYS_H
#define PLSTRAP_STUDY_KEYS_H

#include "place.h"
#include "plstrap/study.h"
#include "yaml_tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pls_key_type {
    PLS_KEY_SECTION,    /* a mapping with keys of its own                  */
    PLS_KEY_LATER,      /* not in this version                             */
    PLS_KEY_TEXT,       /* char *                                          */
    PLS_KEY_FILE,       /* data.file: char *, and where it stands          */
    PLS_KEY_COLUMN,     /* char *, a name, and where it stands             */
    PLS_KEY_GROUP,      /* data.group                                      */
    PLS_KEY_UNSIGNED,   /* unsigned, least … most                          */
    PLS_KEY_COUNT,      /* uint64_t, least … most                          */
    PLS_KEY_PROPORTION, /* double, above 0 and below 1                     */
    PLS_KEY_TOLERANCE,  /* the same, and nobody thinks of it in percent    */
    PLS_KEY_CHOICE,     /* an enum whose values number the choices         */
    PLS_KEY_SWITCH,     /* bool                                            */
    PLS_KEY_FIXED,      /* one value is possible and none is stored        */
    PLS_KEY_LEVELS,     /* bootstrap.level                                 */
    PLS_KEY_METHODS,    /* bootstrap.method                                */
    PLS_KEY_MISSING,    /* data.missing                                    */
    PLS_KEY_TESTS,      /* permutation.tests                               */
    PLS_KEY_REMARKS,    /* report.remark                                   */
    PLS_KEY_MODEL,      /* text, or {file: NAME}: read after all other keys */
    PLS_KEY_DOMINANT,   /* the same                                        */
    PLS_KEY_HYPOTHESES  /* the same                                        */
};

/* Which rows a key decides, which is when it is part of the canonical text. */
enum pls_key_rows {
    PLS_NO_ROWS,
    PLS_ALL_ROWS,
    PLS_ROWS_WHERE_SET,   /* all, if the study has the key */
    PLS_ROWS_OF_PERMUTE,  /* those of that job             */
    PLS_GROUPS_OF_PERMUTE /* the same, where there are any */
};

struct pls_key {
    const char *section; /* "" at the top                                              */
    const char *name;
    enum pls_key_type type;
    size_t offset;                  /* of the field in struct pls_study                       */
    enum pls_key_rows decides_rows; /* the canonical text has the order of the table          */
    const char *initial;            /* default, as a study would write it; NULL: none         */
    uint64_t least, most;
    const char *const *choices; /* names, NULL-terminated                                     */
    const char *later;          /* the one value that INTERFACE has and this version has not  */
    const char *advice;         /* what to write instead                                      */
    size_t automatic;           /* of a bool that the value `auto` sets instead; 0: none      */
    size_t place;               /* of where the value stands; 0: none                         */
};

extern const struct pls_key pls_keys[];
extern const size_t pls_keys_count;

/* What is or needs the model: nodes of the tree, 0 where the study has none. */
struct pls_open_keys {
    size_t model;
    size_t dominant;
    size_t hypotheses;
};

/* Reads all keys of a study into its fields, defaults included, but for the open ones. */
enum pls_code pls_keys_read(const struct pls_tree *tree, struct pls_study *study,
                            struct pls_open_keys *out, struct pls_error *err);

/* Reads one value into its field. Lists grow by one value a call (dup: with each item). */
enum pls_code pls_value_read(const struct pls_tree *tree, const struct pls_key *key,
                             const struct pls_node *node, struct pls_study *study,
                             struct pls_error *err);

/* data.group: the name of a column, or a mapping. */
enum pls_code pls_group_read(const struct pls_tree *tree, const struct pls_node *node,
                             struct pls_group_keys *out, struct pls_error *err);

/*
 * What several keys decide together, when all are read: refuses keys that nothing would read.
 *
 *   value  [pls_keys_count]  in  node of a key's value; 0 where the study has it not
 */
enum pls_code pls_keys_join(const struct pls_tree *tree, const size_t *value,
                            struct pls_study *study, struct pls_error *err);

/* "section.name" for messages. */
struct pls_shown pls_key_shown(const struct pls_key *key);

/* `model: {file: NAME}`: the node of NAME; 0 where the model is text. */
enum pls_code pls_keys_model_file(const struct pls_tree *tree, size_t model, size_t *out,
                                  struct pls_error *err);

#endif
