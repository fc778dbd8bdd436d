/* plan_internal.h: what the files of room jobs share about plans. */
#ifndef PLSTRAP_PLAN_INTERNAL_H
#define PLSTRAP_PLAN_INTERNAL_H

#include "plstrap/plan.h"

/* Makes estimator, workspace and room for the base row from the plan's study and dataset. */
enum pls_code pls_plan_estimator(struct pls_plan *plan, struct pls_error *err);

/*
 * After reading the data failed with PLS_ENOINPUT or PLS_EPERMISSION: err leads to the line of the
 * study that names the file, and names the nearest file of its folder where there is none. Returns
 * code; err is not NULL.
 */
enum pls_code pls_data_hint(const struct pls_study *study, enum pls_code code,
                            struct pls_error *err);

#endif
