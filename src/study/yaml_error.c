/* yaml_error.c: what libyaml objects to, said with line, column and advice. */
#include "place.h"
#include "yaml_tree.h"

#include <string.h>
#include <yaml.h>

static const struct {
    const char *problem, *advice;
} translations[] = {
    {"mapping values are not allowed in this context",
     "a ':' does not belong here; put a text that contains ': ' in quotation marks, and begin "
     "the keys of one section in the same column"},
    {"found character that cannot start any token",
     "a text cannot begin with this character; put it in quotation marks"},
    {"could not find expected ':'",
     "a key without ':' stands before this place; write 'key: value'"},
    {"did not find expected key",
     "this line belongs to nothing; begin the keys of one section in the same column"},
    {"did not find expected ',' or ']'", "the list is not closed here; end it with ']'"},
    {"did not find expected ',' or '}'", "the mapping is not closed here; end it with '}'"},
    {"found unknown escape character",
     "this escape does not exist; write '\\\\' for a backslash, or use single quotation marks"},
};

static struct pls_place place_of(yaml_mark_t mark)
{
    return (struct pls_place){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

/* Place of a byte, for errors that libyaml reports by offset only. */
static struct pls_place place_of_byte(const char *text, size_t offset)
{
    struct pls_place place = {1, 1};
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n')
            place = (struct pls_place){place.line + 1, 1};
        else if (((unsigned char)text[i] & 0xC0) != 0x80)
            place.column++;
    }
    return place;
}

static enum pls_code fail_encoding(const yaml_parser_t *parser, const char *path, const char *text,
                                   size_t length, struct pls_error *err)
{
    const size_t offset =
        parser->problem_offset < length ? parser->problem_offset : length - (length > 0);
    const struct pls_place place = place_of_byte(text, offset);
    const unsigned value = (unsigned)parser->problem_value;

    if (strstr(parser->problem, "control characters"))
        return pls_fail_at(
            err, path, place, "the control character U+%04X is not allowed; %s", value,
            value == 0 ? "save the file as UTF-8 (this looks like UTF-16)" : "delete it");
    return pls_fail_at(err, path, place, "byte 0x%02X is not UTF-8; save the file as UTF-8",
                       (unsigned)(unsigned char)text[offset]);
}

/* True where the line of a place begins with white space that has a tab in it. */
static bool indented_by_tab(const char *text, struct pls_place place, struct pls_place *tab)
{
    for (unsigned line = 1; line < place.line; line++) {
        const char *end = strchr(text, '\n');
        if (!end)
            return false;
        text = end + 1;
    }
    const size_t blanks = strspn(text, " ");
    if (text[blanks] != '\t')
        return false;
    *tab = (struct pls_place){place.line, (unsigned)blanks + 1};
    return true;
}

size_t pls_yaml_glued(const char *line)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const size_t blanks = strspn(line, " ");
    const size_t end = blanks + strspn(line + blanks, letters);

    if (end == blanks || line[end] != ':' || strchr(" \t\r\n/\\", line[end + 1]) != NULL)
        return 0; /* strchr finds the final zero too */
    return end + 1;
}

/* The place itself or the line with text before it may have a key without a blank behind it. */
static enum pls_code fail_glued(const char *path, const char *text, unsigned line,
                                struct pls_error *err)
{
    const char *candidate[2] = {text, text};
    unsigned number[2] = {1, 1};

    for (unsigned at = 1; at < line; at++) {
        const char *end = strchr(candidate[1], '\n');
        if (!end)
            break;
        if (candidate[1][strspn(candidate[1], " \t\r")] != '\n') {
            candidate[0] = candidate[1];
            number[0] = number[1];
        }
        candidate[1] = end + 1;
        number[1]++;
    }
    for (size_t i = 0; i < 2; i++) {
        const size_t length = pls_yaml_glued(candidate[i]);
        const size_t blanks = strspn(candidate[i], " ");
        if (length > 0)
            return pls_fail_at(err, path, (struct pls_place){number[i], (unsigned)blanks + 1},
                               "a blank is missing after '%s'",
                               pls_shown(candidate[i] + blanks, length - blanks).text);
    }
    return PLS_OK;
}

enum pls_code pls_yaml_fail(const yaml_parser_t *parser, const char *path, const char *text,
                            size_t length, struct pls_error *err)
{
    const struct pls_place place = place_of(parser->problem_mark);
    struct pls_place tab;

    if (parser->error == YAML_MEMORY_ERROR)
        return pls_fail(err, PLS_EUNAVAILABLE, "not enough memory to read %s", path);
    if (parser->error == YAML_READER_ERROR)
        return fail_encoding(parser, path, text, length, err);
    if (indented_by_tab(text, place, &tab))
        return pls_fail_at(err, path, tab, "a tab indents this line; indent with spaces");
    if (parser->context && strstr(parser->context, "quoted scalar") &&
        strstr(parser->problem, "end of stream"))
        return pls_fail_at(err, path, place_of(parser->context_mark),
                           "the quotation mark that opens here is never closed; close it");
    const enum pls_code glued = fail_glued(path, text, place.line, err);
    if (glued != PLS_OK)
        return glued;
    for (size_t i = 0; i < sizeof translations / sizeof *translations; i++)
        if (strcmp(parser->problem, translations[i].problem) == 0)
            return pls_fail_at(err, path, place, "%s", translations[i].advice);
    return pls_fail_at(err, path, place,
                       "not YAML (%s); check the indentation and the quotation marks",
                       parser->problem);
}
