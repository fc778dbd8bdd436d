/*
 * plan_pack.c: a plan as bytes, from the root to the other ranks.
 *
 * The study travels as its text and is parsed again: one parser, and no struct whose layout two places would
 * have to agree on. Ranks run the same program on one kind of machine, so numbers travel as they are.
 */
#include "plstrap/alloc.h"
#include "plstrap/plan.h"

#include "plan_internal.h"

#include <stdlib.h>
#include <string.h>

static enum pls_code put(struct pls_text *out, const void *bytes, size_t length,
                         struct pls_error *err)
{
    enum pls_code code = pls_text_append(out, (const char *)&length, sizeof length, err);
    return code == PLS_OK ? pls_text_append(out, bytes, length, err) : code;
}

static enum pls_code put_labels(const struct pls_labels *labels, size_t rows, struct pls_text *out,
                                struct pls_error *err)
{
    enum pls_code code = put(out, labels->name, strlen(labels->name) + 1, err);
    if (code == PLS_OK)
        code = put(out, &labels->count, sizeof labels->count, err);
    if (code == PLS_OK)
        code = put(out, labels->code, rows * sizeof *labels->code, err);
    for (size_t i = 0; code == PLS_OK && i < labels->count; i++)
        code = put(out, labels->label[i], strlen(labels->label[i]) + 1, err);
    return code;
}

enum pls_code pls_plan_pack(const struct pls_plan *plan, struct pls_text *out,
                            struct pls_error *err)
{
    const struct pls_study *study = plan->study;
    const struct pls_dataset *data = plan->dataset;
    const size_t columns = pls_estimator_columns(plan->estimator)->count;

    enum pls_code code = put(out, study->path, strlen(study->path) + 1, err);
    if (code == PLS_OK)
        code = put(out, study->text, strlen(study->text) + 1, err);
    if (code == PLS_OK)
        code = put(out, study->model_text, strlen(study->model_text) + 1, err);
    if (code == PLS_OK)
        code = put(out, &plan->job, sizeof plan->job, err);
    if (code == PLS_OK)
        code = put(out, &plan->replicates, sizeof plan->replicates, err);
    if (code == PLS_OK)
        code = put(out, data->values, data->rows * data->columns * sizeof(double), err);
    if (code == PLS_OK)
        code = put(out, &data->label_count, sizeof data->label_count, err);
    for (size_t l = 0; code == PLS_OK && l < data->label_count; l++)
        code = put_labels(&data->labels[l], data->rows, out, err);
    if (code == PLS_OK)
        code = put(out, plan->base, columns * sizeof(double), err);
    if (code == PLS_OK)
        code = put(out, &plan->base_outcome, sizeof plan->base_outcome, err);
    if (code == PLS_OK)
        code = put(out, plan->data_digest, sizeof plan->data_digest, err);
    if (code == PLS_OK)
        code = put(out, plan->given, plan->given_count * data->rows * sizeof(uint32_t), err);
    return code;
}

struct parcel {
    const char *at;
    size_t left;
};

/* The next piece, where it lies in the parcel; NULL where the parcel is not whole. */
static const void *take(struct parcel *parcel, size_t *length)
{
    if (parcel->left < sizeof *length)
        return NULL;
    memcpy(length, parcel->at, sizeof *length);
    parcel->at += sizeof *length;
    parcel->left -= sizeof *length;
    if (parcel->left < *length)
        return NULL;
    const void *piece = parcel->at;
    parcel->at += *length;
    parcel->left -= *length;
    return piece;
}

static enum pls_code torn(struct pls_error *err)
{
    return pls_fail(err, PLS_EINTERNAL, "the plan reached this rank damaged; please report this");
}

/* Copies the next piece, which must have the length that is expected. */
static enum pls_code take_into(struct parcel *parcel, void *out, size_t expected,
                               struct pls_error *err)
{
    size_t length = 0;
    const void *piece = take(parcel, &length);
    if (piece == NULL || length != expected)
        return torn(err);
    memcpy(out, piece, length);
    return PLS_OK;
}

static enum pls_code take_study(struct parcel *parcel, struct pls_plan *plan, struct pls_error *err)
{
    size_t path_size = 0, text_size = 0, model_size = 0;
    const char *path = take(parcel, &path_size);
    const char *text = path != NULL ? take(parcel, &text_size) : NULL;
    const char *model = text != NULL ? take(parcel, &model_size) : NULL;
    if (model == NULL || path_size == 0 || text_size == 0 || model_size == 0)
        return torn(err);
    return pls_study_parse(path, text, text_size - 1, model, &plan->study, err);
}

static enum pls_code take_data(struct parcel *parcel, struct pls_plan *plan, struct pls_error *err)
{
    const struct pls_model *model = plan->study->model;
    double *values = NULL;
    size_t length = 0;
    const void *piece = take(parcel, &length);
    const size_t row = model->indicators * sizeof(double);
    if (piece == NULL || row == 0 || length == 0 || length % row != 0)
        return torn(err);
    /* The parcel gives no alignment. */
    enum pls_code code = pls_alloc(&values, length, 1, err);
    if (code != PLS_OK)
        return code;
    memcpy(values, piece, length);
    code = pls_dataset_new(length / row, model->indicators, (const char *const *)model->indicator,
                           values, &plan->dataset, err);
    free(values);
    return code;
}

static enum pls_code take_labels(struct parcel *parcel, struct pls_plan *plan,
                                 struct pls_error *err)
{
    const size_t rows = plan->dataset->rows;
    size_t length = 0, count = 0;
    const char **label = NULL;
    uint32_t *code_of = NULL;
    const char *name = take(parcel, &length);
    if (name == NULL)
        return torn(err);
    enum pls_code code = take_into(parcel, &count, sizeof count, err);
    if (code == PLS_OK)
        code = pls_alloc(&label, count, sizeof *label, err);
    if (code == PLS_OK)
        code = pls_alloc(&code_of, rows, sizeof *code_of, err);
    if (code == PLS_OK)
        code = take_into(parcel, code_of, rows * sizeof *code_of, err);
    for (size_t i = 0; code == PLS_OK && i < count; i++)
        if ((label[i] = take(parcel, &length)) == NULL)
            code = torn(err);
    if (code == PLS_OK)
        code = pls_dataset_add_labels(plan->dataset, name, count, label, code_of, err);
    free(label);
    free(code_of);
    return code;
}

static enum pls_code take_design(struct parcel *parcel, struct pls_plan *plan,
                                 struct pls_error *err)
{
    size_t columns = 0;
    enum pls_code code = take_into(parcel, &columns, sizeof columns, err);
    for (size_t l = 0; code == PLS_OK && l < columns; l++)
        code = take_labels(parcel, plan, err);
    if (code == PLS_OK && plan->job == PLS_JOB_PERMUTE)
        code = pls_permute_group(plan, err);
    return code == PLS_OK ? pls_plan_design(plan, err) : code;
}

static enum pls_code take_given(struct parcel *parcel, struct pls_plan *plan, struct pls_error *err)
{
    size_t length = 0;
    const void *piece = take(parcel, &length);
    const size_t row = plan->dataset->rows * sizeof(uint32_t);
    if (piece == NULL || length % row != 0)
        return torn(err);
    if (length == 0)
        return PLS_OK;
    enum pls_code code = pls_alloc(&plan->given, length, 1, err);
    if (code != PLS_OK)
        return code;
    memcpy(plan->given, piece, length);
    plan->given_count = length / row;
    return PLS_OK;
}

enum pls_code pls_plan_unpack(const void *bytes, size_t length, struct pls_plan **out_new,
                              struct pls_error *err)
{
    struct parcel parcel = {bytes, length};
    struct pls_plan *plan = NULL;

    enum pls_code code = pls_alloc(&plan, 1, sizeof *plan, err);
    if (code == PLS_OK)
        code = take_study(&parcel, plan, err);
    if (code == PLS_OK)
        code = take_into(&parcel, &plan->job, sizeof plan->job, err);
    if (code == PLS_OK)
        code = take_into(&parcel, &plan->replicates, sizeof plan->replicates, err);
    if (code == PLS_OK)
        code = take_data(&parcel, plan, err);
    if (code == PLS_OK)
        code = take_design(&parcel, plan, err);
    if (code == PLS_OK) {
        plan->observations = plan->dataset->rows;
        code = pls_plan_estimator(plan, err);
    }
    if (code == PLS_OK)
        code = take_into(&parcel, plan->base,
                         pls_estimator_columns(plan->estimator)->count * sizeof(double), err);
    if (code == PLS_OK)
        code = take_into(&parcel, &plan->base_outcome, sizeof plan->base_outcome, err);
    if (code == PLS_OK)
        code = take_into(&parcel, plan->data_digest, sizeof plan->data_digest, err);
    if (code == PLS_OK)
        code = take_given(&parcel, plan, err);
    if (code == PLS_OK && plan->job == PLS_JOB_PERMUTE)
        code = pls_permute_prepare(plan, err);
    if (code != PLS_OK) {
        pls_plan_free(plan);
        return code;
    }
    *out_new = plan;
    return PLS_OK;
}
