/* csv_out.c: every table as a CSV file. */
#include "number.h"
#include "plstrap/file.h"
#include "plstrap/report.h"
#include "plstrap/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Tables give their names to files; those of a foreign result may not lead out of the folder. */
static bool is_file_name(const char *name)
{
    const char *letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
    return *name != '\0' && name[strspn(name, letters)] == '\0';
}

/* Text that a spreadsheet would run (CWE-1236): by its first character, full-width forms too. */
static bool is_formula(const char *text)
{
    static const char *const wide[] = {"＝", "＋", "－", "＠"};
    double number;

    if (*text == '\0' || pls_text_number(text, strlen(text), '.', &number))
        return false;
    if (strchr("=+-@\t\r\n", *text) != NULL)
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(text, wide[i], strlen(wide[i])) == 0)
            return true;
    return false;
}

static void write_text(FILE *stream, const char *text)
{
    const bool formula = is_formula(text);

    /* Semicolons and tabs too: a spreadsheet may be set to split there. */
    if (!formula && strpbrk(text, ",;\t\"\r\n") == NULL) {
        fputs(text, stream);
        return;
    }
    fputs(formula ? "\"'" : "\"", stream);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

static void write_cell(FILE *stream, const struct pls_table_column *column, size_t row)
{
    char number[NUMBER_SIZE];

    switch (column->type) {
    case PLS_CELL_TEXT:
        write_text(stream, column->cell.text[row]);
        break;
    case PLS_CELL_REAL:
        fputs(number_exact(column->cell.real[row], number), stream);
        break;
    case PLS_CELL_COUNT:
        if (column->cell.count[row] >= 0)
            fprintf(stream, "%" PRId64, column->cell.count[row]);
        break;
    }
}

static enum pls_code write_table(const struct pls_table *table, const char *folder,
                                 struct pls_error *err)
{
    struct pls_file file = {0};
    struct pls_text path = {0};

    enum pls_code code = pls_text_printf(&path, err, "%s/%s.csv", folder, table->name);
    if (code == PLS_OK)
        code = pls_file_create(&file, path.data, 0644, err);
    if (code != PLS_OK)
        goto done;
    for (size_t c = 0; c < table->columns; c++) {
        fputs(c > 0 ? "," : "", file.stream);
        write_text(file.stream, table->column[c].name);
    }
    fputc('\n', file.stream);
    for (size_t r = 0; r < table->rows; r++) {
        for (size_t c = 0; c < table->columns; c++) {
            fputs(c > 0 ? "," : "", file.stream);
            write_cell(file.stream, &table->column[c], r);
        }
        fputc('\n', file.stream);
    }
    code = pls_file_finish(&file, err); /* sees every failure of the stream */
done:
    pls_file_discard(&file);
    pls_text_free(&path);
    return code;
}

static enum pls_code make_folder(const char *folder, struct pls_error *err)
{
    struct stat info;

    if (mkdir(folder, 0777) == 0)
        return PLS_OK;
    const int reason = errno;
    if (reason == EEXIST && stat(folder, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return PLS_OK;
        return pls_fail(err, PLS_ECREATE,
                        "%s: is not a folder; name one for the CSV files, or remove it", folder);
    }
    if (reason == ENOENT || reason == ENOTDIR)
        return pls_fail(err, PLS_ECREATE,
                        "%s: cannot be created: the folder above it is missing; make that first",
                        folder);
    return pls_fail(err, pls_file_code(reason), "%s: cannot be created: %s; name another folder",
                    folder, strerror(reason));
}

enum pls_code pls_report_csv(const struct pls_tables *tables, const char *folder,
                             struct pls_error *err)
{
    enum pls_code code = make_folder(folder, err);

    for (size_t t = 0; code == PLS_OK && t < tables->count; t++) {
        const char *name = tables->table[t]->name;
        char clean[256];
        pls_text_printable(name, strlen(name), 40, clean, sizeof clean);
        code = is_file_name(name)
                   ? write_table(tables->table[t], folder, err)
                   : pls_fail(err, PLS_EDATA,
                              "table \"%s\" cannot give its name to a file; the result is damaged "
                              "or foreign",
                              clean);
    }
    return code;
}
