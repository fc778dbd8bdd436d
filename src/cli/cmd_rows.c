/* cmd_rows.c: plstrap rows: the replicates of a result as CSV, in replicate order. */
#include "commands.h"

#include "plstrap/alloc.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Print the replicate rows of a result as CSV: replicate, status, iterations, then one column a "
    "parameter, named component:term; 17 significant digits, empty where a replicate has no value."
    "\v"
    "  plstrap rows study.h5 > rows.csv\n"
    "  plstrap rows study.h5 --series jackknife\n";

enum { BLOCK = 4096 }; /* rows held in memory at a time */

static enum pls_code find_series(const struct pls_contents *contents, const char *name,
                                 size_t *series, struct pls_error *err)
{
    for (*series = 0; *series < contents->series_count; (*series)++)
        if (strcmp(contents->series[*series].name, name) == 0)
            return PLS_OK;
    char names[512] = "none";
    size_t at = 0;
    for (size_t s = 0; s < contents->series_count && at < sizeof names; s++)
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", s > 0 ? ", " : "",
                               contents->series[s].name);
    return pls_fail(err, PLS_EUSAGE, "the result has no series \"%s\"; it has: %s", name, names);
}

static void print_block(const double *values, const struct pls_outcome *outcomes, size_t columns,
                        uint64_t first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%llu,%s,%u", (unsigned long long)(first + i),
               pls_status_name((enum pls_status)outcomes[i].status), outcomes[i].iterations);
        for (size_t c = 0; c < columns; c++) {
            const double value = values[c * count + i];
            if (isnan(value))
                putchar(',');
            else
                printf(",%.17g", value);
        }
        putchar('\n');
    }
}

static enum pls_code print_rows(struct pls_result *result, size_t series, struct pls_error *err)
{
    const struct pls_series *facts = &pls_result_contents(result)->series[series];
    const size_t columns = facts->columns->count;
    const struct pls_rows rows = {.result = result};
    double *values = NULL;
    struct pls_outcome *outcomes = NULL;

    printf("replicate,status,iterations");
    for (size_t c = 0; c < columns; c++)
        printf(",%s:%s", pls_component_name(facts->columns->column[c].component),
               facts->columns->column[c].term);
    putchar('\n');
    enum pls_code code = pls_alloc(&values, BLOCK * columns, sizeof *values, err);
    if (code == PLS_OK)
        code = pls_alloc(&outcomes, BLOCK, sizeof *outcomes, err);
    for (uint64_t first = 0; code == PLS_OK && first < facts->count; first += BLOCK) {
        const size_t count = facts->count - first < BLOCK ? (size_t)(facts->count - first) : BLOCK;
        code = pls_rows_outcomes(&rows, series, first, count, outcomes, err);
        for (size_t c = 0; code == PLS_OK && c < columns; c++)
            code = pls_rows_column(&rows, series, c, first, count, values + c * count, err);
        if (code == PLS_OK)
            print_block(values, outcomes, columns, first, count);
        if (code == PLS_OK && ferror(stdout) != 0)
            break;
    }
    if (code == PLS_OK && (fflush(stdout) != 0 || ferror(stdout) != 0))
        code = pls_fail(err, PLS_EIO, "the rows cannot be written: %s", strerror(errno));
    free(values);
    free(outcomes);
    return code;
}

int cmd_rows(int argc, char **argv)
{
    const struct options options = options_parse(argc, argv, GROUP_SERIES, "RESULT", help);
    struct pls_error err = {0};
    struct pls_result *result = NULL;
    struct log log;
    size_t series = 0;

    enum pls_code code = log_open(&log, &options, &err);
    if (code == PLS_OK)
        code = pls_result_open(options.input, &result, &err);
    if (code == PLS_OK)
        code = find_series(pls_result_contents(result), options.series, &series, &err);
    if (code == PLS_OK)
        code = print_rows(result, series, &err);
    log_error(&log, code, &err);
    pls_result_close(result);
    log_close(&log);
    return (int)code;
}
