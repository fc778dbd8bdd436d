/* plan_internal.h: what the files of room jobs share about plans. */
#ifndef PLSTRAP_PLAN_INTERNAL_H
#define PLSTRAP_PLAN_INTERNAL_H

#include "plstrap/plan.h"

/* Makes estimator, workspace and room for the base row from the plan's study and dataset. */
enum pls_code pls_plan_estimator(struct pls_plan *plan, struct pls_error *err);

#endif
