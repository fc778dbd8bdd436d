/* data_hint.c: where the study names a file that cannot be read, and which one it may mean. */
#include "plstrap/text.h"

#include "plan_internal.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_BYTES = 256, SHOWN_COLUMNS = 80 };

/* The nearest name of a folder's files, "" where none is near. */
static void nearest_file(const char *folder, const char *name, char best[NAME_BYTES])
{
    DIR *listing = opendir(folder);
    best[0] = '\0';
    for (const struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        const char *const candidates[] = {entry->d_name, best};
        if (entry->d_name[0] != '.' && strlen(entry->d_name) < NAME_BYTES &&
            pls_text_nearest(name, candidates, best[0] != '\0' ? 2 : 1) == entry->d_name)
            strcpy(best, entry->d_name);
    }
    if (listing != NULL)
        closedir(listing);
}

enum pls_code pls_data_hint(const struct pls_study *study, enum pls_code code,
                            struct pls_error *err)
{
    const struct pls_place place = study->data.place;
    const char *path = study->data.path, *file = study->data.file;
    const char *slash = strrchr(path, '/'), *written = strrchr(file, '/');
    const size_t above = written != NULL ? (size_t)(written + 1 - file) : 0;
    char folder[4096], best[NAME_BYTES], shown[2 * NAME_BYTES], meant[NAME_BYTES + sizeof folder];
    struct stat info;

    const size_t length = slash != NULL ? (size_t)(slash + 1 - path) : 0;
    best[0] = '\0';
    if (stat(path, &info) != 0 && length < sizeof folder && above < sizeof folder) {
        snprintf(folder, sizeof folder, "%.*s.", (int)length, path);
        nearest_file(folder, path + length, best);
    }
    if (best[0] == '\0')
        return pls_fail(err, code, "%s:%u:%u: %s", study->path, place.line, place.column,
                        err->text);
    pls_text_printable(path, strlen(path), SHOWN_COLUMNS, shown, sizeof shown);
    snprintf(meant, sizeof meant, "%.*s%s", (int)above, file, best);
    pls_text_printable(meant, strlen(meant), SHOWN_COLUMNS, folder, sizeof folder);
    return pls_fail(err, code, "%s:%u:%u: %s: there is no such file; did you mean %s?", study->path,
                    place.line, place.column, shown, folder);
}
