/* hypothesis.h: sentences such as `indirect A -> B > 0` checked against the model. */
#ifndef PLSTRAP_STUDY_HYPOTHESIS_H
#define PLSTRAP_STUDY_HYPOTHESIS_H

#include "plstrap/study.h"
#include "yaml_tree.h"

/* Reads the mapping `hypotheses` (a node of the tree) into the study, whose model is there. */
enum pls_code pls_hypotheses_read(const struct pls_tree *tree, const struct pls_node *mapping,
                                  struct pls_study *study, struct pls_error *err);

#endif
