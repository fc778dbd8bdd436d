/* output.c: tables to where the user wants them: the terminal, CSV, JSON. */
#include "commands.h"

#include "plstrap/text.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A rank's stdout and stderr are its launcher's: ours knew the user's and says so (cluster.h). */
bool output_is_terminal(int descriptor)
{
    if (!pls_cluster_launched())
        return isatty(descriptor) == 1;
    const char *told = getenv("PLSTRAP_TTY");
    return told != NULL && (atoi(told) & (descriptor == STDERR_FILENO ? 1 : 2)) != 0;
}

unsigned output_width(void)
{
    enum { USUAL = 80, NARROW = 60, WIDE = 500 };
    const char *columns = getenv("COLUMNS");
    long width = columns != NULL ? strtol(columns, NULL, 10) : 0;
    struct winsize size;
    if (width <= 0 && isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    if (width <= 0)
        return USUAL;
    return width < NARROW ? NARROW : width > WIDE ? WIDE : (unsigned)width;
}

/* Whether the user's locale writes UTF-8; asked without changing the program's own locale. */
static bool terminal_is_utf8(void)
{
    const locale_t users = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (users == (locale_t)0)
        return false;
    const bool utf8 = strcmp(nl_langinfo_l(CODESET, users), "UTF-8") == 0;
    freelocale(users);
    return utf8;
}

static bool wants_color(enum when when)
{
    if (when != WHEN_AUTO)
        return when == WHEN_ALWAYS;
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return (no_color == NULL || no_color[0] == '\0') && output_is_terminal(STDOUT_FILENO) &&
           term != NULL && strcmp(term, "dumb") != 0;
}

enum pls_code output_open(const char *path, struct pls_result **out_new, struct pls_error *err)
{
    struct pls_text part = {0};
    enum pls_code code = pls_result_open(path, out_new, err);
    if (code == PLS_ENOINPUT && pls_text_printf(&part, NULL, "%s.part", path) == PLS_OK &&
        access(part.data, F_OK) == 0)
        code = pls_fail(err, code,
                        "%s: is not finished (%s is there); give the command that began it again",
                        path, part.data);
    pls_text_free(&part);
    return code;
}

enum pls_code output_tables(const struct pls_tables *tables, const struct options *options,
                            struct pls_error *err)
{
    const struct pls_report_options how = {
        .color = wants_color(options->color),
        .unicode = terminal_is_utf8(),
        .width = output_width(),
        .styled = options->styled,
        .style = options->style,
    };
    enum pls_code code = PLS_OK;
    if (options->csv != NULL)
        code = pls_report_csv(tables, options->csv, err);
    if (code == PLS_OK && options->json != NULL)
        code = pls_report_json(tables, options->json, err);
    if (code == PLS_OK && !options->quiet) {
        code = pls_report_print(tables, &how, stdout, err);
        if (code == PLS_OK && fflush(stdout) != 0)
            code = pls_fail(err, PLS_EIO, "the report cannot be written: %s", strerror(errno));
    }
    return code;
}
