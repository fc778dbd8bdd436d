/* place.c: sentences that begin with FILE:LINE:COL. */
#include "place.h"

#include "plstrap/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A path is shown whole where a name would be cut: an editor may follow FILE:LINE:COL. */
enum { NAME_COLUMNS = 60, PATH_COLUMNS = 400 };

enum pls_code pls_fail_at(struct pls_error *err, const char *path, struct pls_place place,
                          const char *format, ...)
{
    char file[sizeof err->text];
    char sentence[sizeof err->text];
    va_list args;

    pls_text_printable(path, strlen(path), PATH_COLUMNS, file, sizeof file);
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    return pls_fail(err, PLS_ESTUDY, "%s:%u:%u: %s", file, place.line, place.column, sentence);
}

struct pls_shown pls_shown(const char *text, size_t length)
{
    struct pls_shown shown;
    pls_text_printable(text, length, NAME_COLUMNS, shown.text, sizeof shown.text);
    return shown;
}

struct pls_shown pls_shown_text(const char *text)
{
    return pls_shown(text, strlen(text));
}

struct pls_list pls_list(const char *const *names, size_t count, const char *last)
{
    static const char more[] = "…";
    struct pls_list list = {""};
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        char piece[300];
        const char *separator = i == 0 ? "" : i + 1 < count ? ", " : last;
        const size_t added =
            (size_t)snprintf(piece, sizeof piece, "%s%s", separator, pls_shown_text(names[i]).text);
        if (length + added + sizeof more > sizeof list.text) {
            memcpy(list.text + length, more, sizeof more);
            break;
        }
        memcpy(list.text + length, piece, added + 1);
        length += added;
    }
    return list;
}

struct pls_hint pls_hint(const char *word, const char *const *names, size_t count,
                         const char *otherwise)
{
    struct pls_hint hint;
    const char *nearest = pls_text_nearest(word, names, count);

    if (nearest)
        snprintf(hint.text, sizeof hint.text, "did you mean '%s'?", pls_shown_text(nearest).text);
    else
        snprintf(hint.text, sizeof hint.text, "%s%s", otherwise,
                 pls_list(names, count, " and ").text);
    return hint;
}
