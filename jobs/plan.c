/* plan.c: reads a study with its data and estimates the base model. */
#include "plstrap/plan.h"
#include "plstrap/alloc.h"
#include "plstrap/digest.h"

#include "plan_internal.h"

#include <stdlib.h>
#include <string.h>

static const char *encoding_name(enum pls_encoding encoding)
{
    static const char *const names[] = {"UTF-8", "UTF-16LE", "UTF-16BE", "WINDOWS-1252",
                                        "ISO-8859-1"};
    return names[encoding];
}

static struct pls_csv_options csv_options(const struct pls_data_keys *keys)
{
    static const char delimiters[] = {0, ',', ';', '\t'};
    static const char decimals[] = {0, '.', ','};
    return (struct pls_csv_options){
        .delimiter = delimiters[keys->delimiter],
        .decimal = decimals[keys->decimal],
        .encoding = encoding_name(keys->encoding),
        .missing = (const char *const *)keys->missing,
        .missing_count = keys->missing_count,
    };
}

/* Columns that say how the observations belong together; groups are of their own job. */
static size_t label_columns(const struct pls_plan *plan, struct pls_label_column out[3])
{
    const struct pls_data_keys *data = &plan->study->data;
    size_t count = 0;
    if (data->group.column != NULL && plan->job == PLS_JOB_PERMUTE)
        out[count++] = (struct pls_label_column){data->group.column, PLS_LABEL_GROUP};
    if (data->strata != NULL)
        out[count++] = (struct pls_label_column){data->strata, PLS_LABEL_STRATUM};
    if (data->cluster != NULL)
        out[count++] = (struct pls_label_column){data->cluster, PLS_LABEL_CLUSTER};
    return count;
}

static enum pls_code read_data(struct pls_plan *plan, struct pls_error *err)
{
    const struct pls_study *study = plan->study;
    const struct pls_model *model = study->model;
    struct pls_label_column label[3];
    struct pls_csv_options options = csv_options(&study->data);
    size_t unknown = model->indicators;
    options.label = label;
    options.label_count = label_columns(plan, label);

    enum pls_code code =
        pls_dataset_read_csv(study->data.path, &options, (const char *const *)model->indicator,
                             model->indicators, &plan->dataset, &unknown, err);
    /* The mistake is in the study: lead there, not to the data. */
    if (code == PLS_ESTUDY && unknown < model->indicators && err != NULL) {
        const struct pls_place place = model->place[unknown];
        pls_fail(err, code, "%s:%u:%u: %s", study->model_path, place.line, place.column, err->text);
    } else if (code == PLS_ESTUDY && unknown < model->indicators + options.label_count &&
               err != NULL) {
        const struct pls_place places[] = {study->data.group.place, study->data.strata_place,
                                           study->data.cluster_place};
        const struct pls_place place = places[label[unknown - model->indicators].use];
        pls_fail(err, code, "%s:%u:%u: %s", study->path, place.line, place.column, err->text);
    }
    if ((code == PLS_ENOINPUT || code == PLS_EPERMISSION) && err != NULL)
        return pls_data_hint(study, code, err);
    return code;
}

static enum pls_code read_resamples(struct pls_plan *plan, const char *path, struct pls_error *err)
{
    unsigned *counts = NULL;
    enum pls_code code =
        pls_dataset_read_resamples(path, plan->observations, &counts, &plan->given_count, err);
    if (code != PLS_OK)
        return code;
    _Static_assert(sizeof(unsigned) == sizeof(uint32_t), "resample counts are 32 bits");
    plan->given = counts;
    plan->replicates = plan->given_count;
    return PLS_OK;
}

enum pls_code pls_plan_estimator(struct pls_plan *plan, struct pls_error *err)
{
    enum pls_code code = pls_estimator_new(plan->study->model, &plan->study->estimation,
                                           plan->dataset, &plan->estimator, err);
    if (code == PLS_OK)
        code = pls_workspace_new(plan->estimator, &plan->workspace, err);
    if (code == PLS_OK)
        code = pls_alloc(&plan->base, pls_estimator_columns(plan->estimator)->count, sizeof(double),
                         err);
    if (code == PLS_OK) {
        plan->columns = pls_estimator_columns(plan->estimator);
        plan->estimate = plan->base;
    }
    return code;
}

/* Codes of the labels of that column, or NULL. */
static const uint32_t *codes_of(const struct pls_plan *plan, const char *opt_column)
{
    const struct pls_dataset *data = plan->dataset;
    const size_t at = opt_column != NULL ? pls_dataset_labels(data, opt_column) : data->label_count;
    return at < data->label_count ? data->labels[at].code : NULL;
}

enum pls_code pls_plan_design(struct pls_plan *plan, struct pls_error *err)
{
    const struct pls_data_keys *data = &plan->study->data;
    size_t a = 0, b = 0;
    if (data->strata == NULL && data->cluster == NULL)
        return PLS_OK;
    const enum pls_code code =
        pls_design_new(plan->dataset->rows, codes_of(plan, data->strata),
                       codes_of(plan, data->cluster), &plan->design, &a, &b, err);
    if (code == PLS_OK && plan->design->units == plan->design->strata)
        return pls_fail(err, PLS_EDATA,
                        "every stratum holds one %s, so that nothing can be drawn; join strata, or "
                        "delete data.strata",
                        data->cluster != NULL ? "cluster" : "observation");
    return code;
}

/* The base model: every observation weighs 1. */
static enum pls_code estimate_base(struct pls_plan *plan, struct pls_error *err)
{
    uint32_t *weights = NULL;
    enum pls_code code = pls_alloc(&weights, plan->dataset->rows, sizeof *weights, err);
    if (code != PLS_OK)
        return code;
    for (size_t i = 0; i < plan->dataset->rows; i++)
        weights[i] = 1;
    pls_estimator_row(plan->estimator, plan->workspace, weights, NULL, plan->base,
                      &plan->base_outcome);
    free(weights);

    const struct pls_model *model = plan->study->model;
    const size_t where = plan->base_outcome.where;
    switch ((enum pls_status)plan->base_outcome.status) {
    case PLS_STATUS_OK:
    case PLS_STATUS_NOT_CONVERGED: /* has values: `estimate` prints them with a warning */
        return PLS_OK;
    case PLS_STATUS_CONSTANT:
        return pls_fail(err, PLS_EDATA,
                        "%s: indicator %s is constant; drop it from the model or mend the data",
                        plan->study->data.path, model->indicator[where]);
    default:
        return pls_fail(
            err, PLS_EDATA,
            "%s: the model cannot be estimated: %s at construct %s; look for indicators "
            "or constructs that are the same, and drop one of them",
            plan->study->data.path, pls_status_name((enum pls_status)plan->base_outcome.status),
            model->construct[where]);
    }
}

/* From a study to a plan, which takes study and dataset over also where it fails. */
static enum pls_code load(struct pls_study *study, enum pls_job job,
                          struct pls_dataset *opt_dataset, const char *opt_given,
                          struct pls_plan **out_new, struct pls_error *err)
{
    struct pls_plan *plan = NULL;
    enum pls_code code = pls_alloc(&plan, 1, sizeof *plan, err);
    if (code != PLS_OK) {
        pls_study_free(study);
        pls_dataset_free(opt_dataset);
        return code;
    }
    plan->job = job;
    plan->study = study;
    plan->dataset = opt_dataset;
    if (opt_dataset == NULL)
        code = read_data(plan, err);
    if (code == PLS_OK && job == PLS_JOB_PERMUTE)
        code = pls_permute_group(plan, err);
    if (code == PLS_OK)
        code = pls_plan_design(plan, err);
    if (code == PLS_OK) {
        plan->observations = plan->dataset->rows;
        plan->replicates =
            job == PLS_JOB_PERMUTE ? study->permutation.replicates : study->bootstrap.replicates;
        code = pls_dataset_digest(plan->dataset, plan->data_digest, err);
    }
    if (code == PLS_OK)
        code = pls_plan_estimator(plan, err);
    if (code == PLS_EDATA && plan->estimator == NULL && plan->dataset != NULL && err != NULL)
        pls_fail(err, code, "%s: %s", plan->study->data.path, err->text);
    if (code == PLS_OK)
        code = estimate_base(plan, err);
    if (code == PLS_OK && opt_given != NULL && job == PLS_JOB_PERMUTE)
        code = pls_permute_read(plan, opt_given, err);
    else if (code == PLS_OK && opt_given != NULL)
        code = read_resamples(plan, opt_given, err);
    if (code == PLS_OK && job == PLS_JOB_PERMUTE)
        code = pls_permute_prepare(plan, err);
    if (code != PLS_OK) {
        pls_plan_free(plan);
        return code;
    }
    *out_new = plan;
    return PLS_OK;
}

enum pls_code pls_plan_load(const char *study_path, enum pls_job job, const char *opt_given,
                            struct pls_plan **out_new, struct pls_error *err)
{
    struct pls_study *study = NULL;
    const enum pls_code code = pls_study_read(study_path, &study, err);
    return code == PLS_OK ? load(study, job, NULL, opt_given, out_new, err) : code;
}

enum pls_code pls_plan_load_text(const char *path, enum pls_job job, const char *text,
                                 const char *model, struct pls_plan **out_new,
                                 struct pls_error *err)
{
    struct pls_study *study = NULL;
    const enum pls_code code = pls_study_parse(path, text, strlen(text), model, &study, err);
    return code == PLS_OK ? load(study, job, NULL, NULL, out_new, err) : code;
}

enum pls_code pls_plan_make(struct pls_study *study, enum pls_job job, struct pls_dataset *dataset,
                            struct pls_plan **out_new, struct pls_error *err)
{
    return load(study, job, dataset, NULL, out_new, err);
}

void pls_plan_free(struct pls_plan *plan)
{
    if (plan == NULL)
        return;
    pls_workspace_free(plan->workspace);
    pls_estimator_free(plan->estimator);
    pls_dataset_free(plan->dataset);
    pls_study_free(plan->study);
    free(plan->base);
    free(plan->given);
    pls_design_free(plan->design);
    pls_permute_plan_free(plan->permute);
    pls_tables_free(&plan->tables);
    free(plan);
}

enum pls_code pls_plan_digest(const struct pls_plan *plan, const char *job, char out[65],
                              struct pls_error *err)
{
    struct pls_digest *digest = NULL;
    struct pls_text keys = {0};
    const size_t given = plan->given_count * plan->observations * sizeof(uint32_t);

    enum pls_code code = pls_digest_new(&digest, err);
    if (code == PLS_OK)
        code = pls_study_canonical(plan->study, job, &keys, err);
    if (code == PLS_OK)
        code = pls_digest_add_text(digest, "rows version " PLS_ROWS_VERSION, err);
    if (code == PLS_OK)
        code = pls_digest_add_text(digest, job, err);
    if (code == PLS_OK)
        code = pls_digest_add_text(digest, keys.data, err);
    if (code == PLS_OK)
        code = pls_digest_add_text(digest, plan->data_digest, err);
    if (code == PLS_OK)
        code = pls_digest_add_text(digest, plan->given != NULL ? "given" : "drawn", err);
    if (code == PLS_OK && plan->given != NULL)
        code = pls_digest_add(digest, plan->given, given, err);
    if (code == PLS_OK)
        code = pls_digest_hex(digest, out, err);
    pls_text_free(&keys);
    pls_digest_free(digest);
    return code;
}
