/* verify.h: the parts of `plstrap verify`. */
#ifndef PLSTRAP_VERIFY_H
#define PLSTRAP_VERIFY_H

#include "findings.h"
#include "session.h"

/* How two sets of tables are compared. */
struct tables_check {
    bool same_version; /* else wording and what only one version has may differ */
    bool base_only;    /* `here` is of the base model: what it has is compared, by key and term */
};
enum pls_code verify_tables(const struct pls_tables *stored, const struct pls_tables *here,
                            const struct tables_check *check, struct findings *findings,
                            struct pls_error *err);

/*
 * All ranks: computes some rows of every series of a result again, or all (--rows, --all), and
 * compares.
 *
 *   opt_result  in  NULL on all ranks but the root
 *
 * PLS_ESTOPPED after a signal.
 */
enum pls_code verify_rows(struct session *s, struct pls_result *opt_result,
                          struct findings *findings);

#endif
