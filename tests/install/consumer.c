/*
 * consumer.c: a program of someone else's: a study and answers from memory, no file. One construct
 * with one indicator each side makes every number checkable by hand: the path is the correlation.
 */
#include <plstrap/dataset.h>
#include <plstrap/estimator.h>
#include <plstrap/infer.h>
#include <plstrap/study.h>
#include <plstrap/weights.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 5 };

static void must(enum pls_code code, const struct pls_error *err)
{
    if (code == PLS_OK)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit((int)code);
}

int main(void)
{
    static const char text[] = "data: {file: none}\nmodel: |\n  X =~ x\n  Y =~ y\n  Y ~ X\n";
    static const char *const names[] = {"x", "y"};
    static const double answers[] = {1, 2, 2, 1, 3, 4, 4, 3, 5, 5}; /* correlation 8/10 */
    static const double sorted[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const uint32_t once[N] = {1, 1, 1, 1, 1};
    struct pls_error err = {PLS_OK, ""};
    struct pls_study *study = NULL;
    struct pls_dataset *data = NULL;
    struct pls_estimator *estimator = NULL;
    struct pls_workspace *workspace = NULL;
    struct pls_outcome outcome;
    uint32_t weights[N];
    double *row, path[2];
    char digest[65];

    must(pls_study_parse("study", text, strlen(text), NULL, &study, &err), &err);
    must(pls_dataset_new(N, 2, names, answers, &data, &err), &err);
    must(pls_dataset_digest(data, digest, &err), &err);
    must(pls_estimator_new(study->model, &study->estimation, data, &estimator, &err), &err);
    must(pls_workspace_new(estimator, &workspace, &err), &err);
    row = calloc(pls_estimator_columns(estimator)->count, sizeof *row);
    if (row == NULL)
        return 1;

    const size_t chain[] = {0, 1};
    const size_t column = pls_estimator_column(estimator, PLS_EFFECT_PATH, chain, 2);
    pls_estimator_row(estimator, workspace, once, NULL, row, &outcome);
    path[0] = row[column];
    pls_weights_jackknife(0, N, weights);
    pls_estimator_row(estimator, workspace, weights, NULL, row, &outcome);
    path[1] = row[column];
    printf("%s %.6f\n", pls_estimator_columns(estimator)->column[column].term, path[0]);
    printf("without the first answer %.6f\n", path[1]);
    printf("first quartile of 1 ... 9 %.2f\n", pls_infer_quantile(sorted, 9, 0.25, PLS_QUANTILE_6));
    printf("data %s\n", digest);

    free(row);
    pls_workspace_free(workspace);
    pls_estimator_free(estimator);
    pls_dataset_free(data);
    pls_study_free(study);
    return 0;
}
