/* log.c: what is said beside the results: to stderr, and to --log. */
#include "commands.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum pls_code log_open(struct log *log, const struct options *options, struct pls_error *err)
{
    *log = (struct log){.quiet = options->quiet, .verbose = options->verbose};
    if (options->log == NULL)
        return PLS_OK;
    log->file = fopen(options->log, "a");
    if (log->file == NULL)
        return pls_fail(err, PLS_ECREATE, "%s: the log cannot be written: %s", options->log,
                        strerror(errno));
    return PLS_OK;
}

static void say(struct log *log, bool shown, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
static void say(struct log *log, bool shown, const char *format, va_list args)
{
    char line[2048];
    vsnprintf(line, sizeof line, format, args);
    if (shown)
        fprintf(stderr, "%s\n", line);
    if (log->file != NULL) {
        fprintf(log->file, "%s\n", line);
        fflush(log->file);
    }
}

void log_say(struct log *log, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(log, !log->quiet, format, args);
    va_end(args);
}

void log_last(struct log *log, const struct pls_cluster *cluster, const char *format, ...)
{
    char line[PLS_LAST_LINE];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    const bool told = !log->quiet && pls_cluster_say_last(cluster, line);
    if (!log->quiet && !told)
        fprintf(stderr, "%s\n", line);
    if (log->file != NULL)
        fprintf(log->file, "%s\n", line);
}

void log_detail(struct log *log, const char *format, ...)
{
    if (!log->verbose)
        return;
    va_list args;
    va_start(args, format);
    say(log, true, format, args);
    va_end(args);
}

void log_plan(struct log *log, const struct pls_plan *plan)
{
    const struct pls_dataset *data = plan->dataset;
    const char *delimiter = data->delimiter == ';'    ? "semicolon"
                            : data->delimiter == '\t' ? "tab"
                                                      : "comma";
    log_detail(log, "%s: %zu of %zu rows used, %zu columns; delimiter %s, decimal %s",
               plan->study->data.file, data->rows, data->rows_in_file, data->columns, delimiter,
               data->decimal == ',' ? "comma" : "point");
    log_detail(log, "base model: %u iterations; data SHA-256 %s", plan->base_outcome.iterations,
               plan->data_digest);
}

static void say_always(struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say_always(struct log *log, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(log, true, format, args);
    va_end(args);
}

enum pls_code log_error(struct log *log, enum pls_code code, const struct pls_error *err)
{
    if (code != PLS_OK)
        say_always(log, "plstrap: %s", err->text);
    return code;
}

void log_close(struct log *log)
{
    if (log->file != NULL)
        fclose(log->file);
    log->file = NULL;
}
