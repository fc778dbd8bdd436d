/* error.c: sentences of failure. */
#include "plstrap/error.h"

#include <stdio.h>
#include <string.h>

/* A sentence that was cut may end inside a UTF-8 character: take the torn rest off. */
static void drop_torn_character(char *text)
{
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    const unsigned char lead = (unsigned char)text[start - 1];
    const size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length - (start - 1) < wanted)
        text[start - 1] = '\0';
}

enum pls_code pls_vfail(struct pls_error *err, enum pls_code code, const char *format, va_list args)
{
    if (err == NULL)
        return code;
    /* The sentence may quote the one that err holds now. */
    char text[sizeof err->text];
    vsnprintf(text, sizeof text, format, args);
    drop_torn_character(text);
    memcpy(err->text, text, sizeof text);
    err->code = code;
    return code;
}

enum pls_code pls_fail(struct pls_error *err, enum pls_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    pls_vfail(err, code, format, args);
    va_end(args);
    return code;
}
