/* plan_internal.h: what the files of room jobs share about plans. */
#ifndef PLSTRAP_PLAN_INTERNAL_H
#define PLSTRAP_PLAN_INTERNAL_H

#include "plstrap/plan.h"

/* Makes estimator, workspace and room for the base row from the plan's study and dataset. */
enum pls_code pls_plan_estimator(struct pls_plan *plan, struct pls_error *err);

/* Strata and clusters of the plan's dataset. */
enum pls_code pls_plan_design(struct pls_plan *plan, struct pls_error *err);

/* permute_plan.c, in this order: groups, before the base model; then given permutations; then the rest. */
enum pls_code pls_permute_group(struct pls_plan *plan, struct pls_error *err);
enum pls_code pls_permute_read(struct pls_plan *plan, const char *path, struct pls_error *err);
enum pls_code pls_permute_prepare(struct pls_plan *plan, struct pls_error *err);
/* All assignments are enumerated. */
bool pls_permute_is_exact(const struct pls_plan *plan);
/* Without data: comparisons and columns from the study and the shard's table of groups. */
enum pls_code pls_permute_outline(struct pls_plan *plan, const struct pls_columns *columns,
                                  const double *estimate, struct pls_error *err);
/* What a shard tells of its groups, for the outline. */
enum pls_code pls_permute_shard(const struct pls_plan *plan, struct pls_tables *tables,
                                struct pls_error *err);
struct pls_permute_plan;
void pls_permute_plan_free(struct pls_permute_plan *permute);

/*
 * After reading the data failed with PLS_ENOINPUT or PLS_EPERMISSION: err leads to the line of the
 * study that names the file, and names the nearest file of its folder where there is none. Returns
 * code; err is not NULL.
 */
enum pls_code pls_data_hint(const struct pls_study *study, enum pls_code code,
                            struct pls_error *err);

#endif
