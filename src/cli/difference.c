/* difference.c: what makes a result that of another study. */
#include "commands.h"

#include "plstrap/study.h"

#include <string.h>

bool difference_line(const char *a, const char *b, char line_a[128], char line_b[128])
{
    while (*a != '\0' || *b != '\0') {
        const size_t la = strcspn(a, "\n"), lb = strcspn(b, "\n");
        if (la != lb || strncmp(a, b, la) != 0) {
            pls_text_printable(a, la, 60, line_a, 128);
            pls_text_printable(b, lb, 60, line_b, 128);
            return true;
        }
        a += la + (a[la] == '\n');
        b += lb + (b[lb] == '\n');
    }
    return false;
}

static uint64_t replicates_of(const struct pls_study *study, enum pls_job job)
{
    return job == PLS_JOB_PERMUTE ? study->permutation.replicates : study->bootstrap.replicates;
}

enum pls_code difference_tell(const char *path, const struct pls_contents *contents,
                              const struct pls_plan *plan, struct pls_text *out,
                              struct pls_error *err)
{
    struct pls_study *theirs = NULL;
    struct pls_text mine = {0}, other = {0};
    char line_a[128], line_b[128];

    enum pls_code code = pls_study_parse(path, contents->study, strlen(contents->study),
                                         contents->model, &theirs, err);
    if (code == PLS_OK)
        code = pls_study_canonical(theirs, contents->job, &other, err);
    if (code == PLS_OK)
        code = pls_study_canonical(plan->study, contents->job, &mine, err);
    if (code == PLS_OK && difference_line(other.data, mine.data, line_a, line_b))
        code = pls_text_printf(out, err, "another study: `%s` there, `%s` here", line_a, line_b);
    else if (code == PLS_OK && contents->series_count == 0 &&
             replicates_of(theirs, plan->job) != replicates_of(plan->study, plan->job))
        code = pls_text_printf(out, err, "%s replicates, where this study has %s",
                               pls_text_count(replicates_of(theirs, plan->job), line_a),
                               pls_text_count(replicates_of(plan->study, plan->job), line_b));
    else if (code == PLS_OK)
        code = pls_text_printf(out, err, "other answers (%s has changed) or other resamples",
                               plan->study->data.file);
    pls_study_free(theirs);
    pls_text_free(&mine);
    pls_text_free(&other);
    return code;
}
