/* cmd_report.c: plstrap report: the tables again, from the result file alone. */
#include "commands.h"

static const char help[] = "Print the tables of a finished result again, from the file alone."
                           "\v"
                           "  plstrap report study.h5\n"
                           "  plstrap report study.h5 --style smartpls\n"
                           "  plstrap report study.h5 --csv tables --json tables.json --quiet\n";

int cmd_report(int argc, char **argv)
{
    const struct options options = options_parse(argc, argv, GROUP_TABLES, "RESULT", help);
    struct pls_error err = {0};
    struct pls_result *result = NULL;
    struct log log;

    enum pls_code code = log_open(&log, &options, &err);
    if (code == PLS_OK)
        code = output_open(options.input, &result, &err);
    if (code == PLS_OK) {
        const struct pls_shard shard = pls_result_contents(result)->shard;
        log_detail(&log, "digest %s", pls_result_digest(result));
        if (shard.of > 0)
            log_say(&log,
                    "%s: is shard %u of %u, and these are the tables of its base model; `plstrap "
                    "merge` makes those of the whole",
                    options.input, shard.number, shard.of);
        code = output_tables(pls_result_tables(result), &options, &err);
    }
    log_error(&log, code, &err);
    pls_result_close(result);
    log_close(&log);
    return (int)code;
}
