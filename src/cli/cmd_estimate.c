/* cmd_estimate.c: plstrap estimate: the base model, no replicates. */
#include "commands.h"

#include "plstrap/alloc.h"
#include "plstrap/file.h"

#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Estimate the base model of a study, and print it as a paper's two steps: the outer model "
    "(loadings, reliability, discriminant validity) and the inner model (paths, R², effects)."
    "\v"
    "  plstrap estimate study.yaml\n"
    "  plstrap estimate study.yaml --csv tables\n";

/* Scores: one line an observation, its row number in the data file first. */
static enum pls_code write_scores(const struct pls_plan *plan, const char *path,
                                  struct pls_error *err)
{
    const struct pls_model *model = plan->study->model;
    const struct pls_dataset *data = plan->dataset;
    struct pls_file file = {0};
    double *scores = NULL;

    enum pls_code code = pls_alloc(&scores, data->rows * model->constructs, sizeof *scores, err);
    if (code == PLS_OK)
        code = pls_file_create(&file, path, 0600, err);
    if (code != PLS_OK)
        goto done;
    pls_estimator_scores(plan->estimator, plan->base, scores);
    fputs("row", file.stream);
    for (size_t j = 0; j < model->constructs; j++)
        fprintf(file.stream, ",%s", model->construct[j]);
    fputc('\n', file.stream);
    for (size_t i = 0; i < data->rows; i++) {
        fprintf(file.stream, "%zu", data->file_row[i]);
        for (size_t j = 0; j < model->constructs; j++)
            fprintf(file.stream, ",%.17g", scores[i * model->constructs + j]);
        fputc('\n', file.stream);
    }
    code = pls_file_finish(&file, err);
done:
    free(scores);
    return code;
}

/* The tables alone as a result file: no series, nothing to compute. */
static enum pls_code keep(const struct pls_plan *plan, const struct pls_tables *tables,
                          const struct options *options, struct pls_error *err)
{
    char digest[65];
    struct pls_store *store = NULL;
    const struct pls_model *model = plan->study->model;
    enum pls_code code = pls_plan_digest(plan, "estimate", digest, err);
    if (code != PLS_OK)
        return code;
    const struct pls_columns *columns = pls_estimator_columns(plan->estimator);
    const struct pls_series none = {.name = "bootstrap", .count = 0, .columns = columns};
    const struct pls_contents contents = {
        .job = "estimate",
        .study = plan->study->text,
        .model = plan->study->model_text,
        .rows_digest = digest,
        .version = PLSTRAP_VERSION,
        .observations = plan->dataset->rows,
        .series = &none,
        .series_count = 0,
        .estimate = plan->base,
        .indicator = (const char *const *)model->indicator,
        .indicators = model->indicators,
        .construct = (const char *const *)model->construct,
        .constructs = model->constructs,
    };
    code = pls_store_open(options->output, &contents, options->restart, &store, err);
    if (code != PLS_OK)
        return code;
    code = pls_store_finish(store, tables, err);
    pls_store_close(store, false);
    return code;
}

int cmd_estimate(int argc, char **argv)
{
    const struct options options =
        options_parse(argc, argv, GROUP_TABLES | GROUP_SCORES, "STUDY", help);
    struct pls_error err = {0};
    struct pls_plan *plan = NULL;
    struct pls_tables tables = {0};
    struct log log;

    enum pls_code code = log_open(&log, &options, &err);
    if (code == PLS_OK)
        code = pls_plan_load(options.input, PLS_JOB_ESTIMATE, NULL, &plan, &err);
    if (code == PLS_OK) {
        log_plan(&log, plan);
        code = pls_plan_tables(plan, &tables, &err);
    }
    if (code == PLS_OK)
        code = pls_plan_fact(&tables, &err, "job", "estimate");
    if (code == PLS_OK && options.scores != NULL)
        code = write_scores(plan, options.scores, &err);
    if (code == PLS_OK && options.output != NULL)
        code = keep(plan, &tables, &options, &err);
    if (code == PLS_OK)
        code = output_tables(&tables, &options, &err);
    log_error(&log, code, &err);
    pls_tables_free(&tables);
    pls_plan_free(plan);
    log_close(&log);
    return (int)code;
}
