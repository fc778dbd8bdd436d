/*
 * plan.h: a study with its data, ready to be computed: what the root reads and every rank is given.
 *
 * Room jobs: ties study, data, resample, pls and infer together. The root loads a plan; packed, it
 * travels to the other ranks, which unpack it and open no file.
 */
#ifndef PLSTRAP_PLAN_H
#define PLSTRAP_PLAN_H

#include "plstrap/dataset.h"
#include "plstrap/design.h"
#include "plstrap/error.h"
#include "plstrap/estimator.h"
#include "plstrap/job.h"
#include "plstrap/study.h"
#include "plstrap/table.h"
#include "plstrap/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Raised only when the rows of an unchanged study change. */
#define PLS_ROWS_VERSION "1"

enum pls_job { PLS_JOB_ESTIMATE, PLS_JOB_BOOTSTRAP, PLS_JOB_PERMUTE };

struct pls_plan {
    enum pls_job job;
    struct pls_study *study;
    struct pls_dataset *dataset; /* NULL in an outline */
    size_t observations;         /* rows of the data that are used */
    struct pls_estimator *estimator;
    struct pls_workspace *workspace; /* holds the base solution on the root */
    double *base;                    /* [columns of the estimator] base row */
    struct pls_outcome base_outcome;
    char data_digest[65];
    uint64_t replicates;               /* rows of the job's first series: as many as the study asks
                                          for, or the present stage of `replicates: auto` */
    const struct pls_columns *columns; /* of a row of the job                                   */
    const double *estimate;            /* [columns] what the rows are compared with             */
    struct pls_design *design;         /* strata and clusters, or NULL                          */
    struct pls_permute_plan *permute;  /* of that job only                                      */
    uint32_t *given;    /* [given_count][n] weights, or labels, given by the user, or NULL: drawn */
    bool exact;         /* an outline: its rows are all assignments */
    size_t given_count; /* 0: drawn; an outline knows only how many were given */
    struct pls_tables tables; /* of an outline: those of the base model, for pls_plan_tables() */
};

/*
 * Reads the study and its data and estimates the base model.
 *
 *   opt_given  in  file of resample indices, or of permuted labels, that replace the draws; or NULL
 */
enum pls_code pls_plan_load(const char *study_path, enum pls_job job, const char *opt_given,
                            struct pls_plan **out_new, struct pls_error *err);
/*
 * The same from a study whose text was kept in a result; its data are looked for as the study names
 * them, from the folder of `path`.
 */
enum pls_code pls_plan_load_text(const char *path, enum pls_job job, const char *text,
                                 const char *model, struct pls_plan **out_new,
                                 struct pls_error *err);
/*
 * The same from a study and a dataset that has its indicators' columns (NULL: read as the study says); both
 * are the plan's, at once.
 */
enum pls_code pls_plan_make(struct pls_study *study, enum pls_job job,
                            struct pls_dataset *opt_dataset, struct pls_plan **out_new,
                            struct pls_error *err);
void pls_plan_free(struct pls_plan *plan);

/* Of `permute`: permutations that were given to a plan after it was made take the place of all. */
void pls_plan_not_enumerated(struct pls_plan *plan);

/* A plan as bytes for the other ranks of the same program, and back. */
enum pls_code pls_plan_pack(const struct pls_plan *plan, struct pls_text *out,
                            struct pls_error *err);
enum pls_code pls_plan_unpack(const void *bytes, size_t length, struct pls_plan **out_new,
                              struct pls_error *err);

/*
 * SHA-256 of what decides the rows of a job but not their number: rows version, job, canonical
 * study
 * keys, data used, resamples given.
 */
enum pls_code pls_plan_digest(const struct pls_plan *plan, const char *job, char out[65],
                              struct pls_error *err);

/*
 * The tables of the base model: study, constructs, parameters, messages (report.h has their
 * columns).
 */
enum pls_code pls_plan_tables(const struct pls_plan *plan, struct pls_tables *tables,
                              struct pls_error *err);

/* A row of the table `study`, and one of `messages` (kind "warning", "note" or "remark"). */
enum pls_code pls_plan_fact(struct pls_tables *tables, struct pls_error *err, const char *key,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));
enum pls_code pls_plan_message(struct pls_tables *tables, struct pls_error *err, const char *kind,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
