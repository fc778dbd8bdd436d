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
        code = put(out, data->values, data->rows * data->columns * sizeof(double), err);
    if (code == PLS_OK)
        code = put(out, plan->base, columns * sizeof(double), err);
    if (code == PLS_OK)
        code = put(out, &plan->base_outcome, sizeof plan->base_outcome, err);
    if (code == PLS_OK)
        code = put(out, plan->data_digest, sizeof plan->data_digest, err);
    if (code == PLS_OK)
        code = put(out, plan->resamples, plan->resample_count * data->rows * sizeof(uint32_t), err);
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

static enum pls_code take_resamples(struct parcel *parcel, struct pls_plan *plan,
                                    struct pls_error *err)
{
    size_t length = 0;
    const void *piece = take(parcel, &length);
    const size_t row = plan->dataset->rows * sizeof(uint32_t);
    if (piece == NULL || length % row != 0)
        return torn(err);
    if (length == 0)
        return PLS_OK;
    enum pls_code code = pls_alloc(&plan->resamples, length, 1, err);
    if (code != PLS_OK)
        return code;
    memcpy(plan->resamples, piece, length);
    plan->resample_count = length / row;
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
        code = take_data(&parcel, plan, err);
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
        code = take_resamples(&parcel, plan, err);
    if (code != PLS_OK) {
        pls_plan_free(plan);
        return code;
    }
    *out_new = plan;
    return PLS_OK;
}
