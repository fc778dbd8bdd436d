/* page.c: the lines of a report. */
#include "page.h"
#include "plstrap/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Lines beyond READABLE columns are hard to read, however wide the terminal is. */
enum { READABLE = 100, LEAD_LIMIT = 10 };

static const char *const style_on[] = {"",         "\033[1m",  "\033[2m",
                                       "\033[32m", "\033[31m", "\033[33m"};

/* What our own sentences and headings use beyond ASCII, and its stand-in. */
static const struct {
    const char *utf8;
    const char *ascii;
} stand_ins[] = {
    {"→", "->"}, {"←", "<-"}, {"–", "-"},    {"—", "-"},     {"−", "-"},    {"…", "..."},
    {"─", "-"},  {"≥", ">="}, {"≤", "<="},   {"≠", "!="},    {"±", "+/-"},  {"×", "x"},
    {"·", "*"},  {"²", "^2"}, {"√", "sqrt"}, {"α", "alpha"}, {"β", "beta"}, {"ρ", "rho"},
    {"†", "+"},  {"’", "'"},  {"‘", "'"},    {"“", "\""},    {"”", "\""},
};

/* Bytes of the character at text (valid UTF-8; a stray byte counts as one). */
static size_t character_length(const char *text)
{
    const unsigned char first = (unsigned char)*text;
    const size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return i;
    return length;
}

static uint32_t code_point(const char *text, size_t length)
{
    uint32_t code = (unsigned char)*text;
    if (length > 1)
        code &= 0x3FU >> (length - 1);
    for (size_t i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3FU);
    return code;
}

static void append(struct page *page, struct pls_text *out, const char *bytes, size_t length)
{
    if (page->code == PLS_OK)
        page->code = pls_text_append(out, bytes, length, page->err);
}

static void append_ascii(struct page *page, struct pls_text *out, const char *at, size_t length)
{
    for (size_t s = 0; s < sizeof stand_ins / sizeof *stand_ins; s++)
        if (strncmp(at, stand_ins[s].utf8, length) == 0 && stand_ins[s].utf8[length] == '\0') {
            append(page, out, stand_ins[s].ascii, strlen(stand_ins[s].ascii));
            return;
        }
    if (page->code == PLS_OK)
        page->code = pls_text_printf(out, page->err, "\\u{%04X}", (unsigned)code_point(at, length));
}

char *page_text(struct page *page, const char *text)
{
    struct pls_text out = {0};

    append(page, &out, "", 0);
    if (page->unicode)
        append(page, &out, text, strlen(text));
    else
        for (const char *at = text; *at != '\0';) {
            const size_t length = character_length(at);
            if ((unsigned char)*at < 0x80)
                append(page, &out, at, 1);
            else
                append_ascii(page, &out, at, length);
            at += length;
        }
    if (page->code == PLS_OK && out.data == NULL)
        page->code = pls_copy_text(&out.data, "", 0, page->err);
    if (page->code != PLS_OK)
        pls_text_free(&out);
    return out.data;
}

void page_put(struct page *page, enum page_style style, const char *text, size_t length)
{
    const bool styled = page->color && style != PAGE_PLAIN;

    if (length == 0)
        return;
    for (; page->pending > 0; page->pending--)
        append(page, &page->text, " ", 1);
    if (styled)
        append(page, &page->text, style_on[style], strlen(style_on[style]));
    append(page, &page->text, text, length);
    if (styled)
        append(page, &page->text, "\033[0m", 4);
}

void page_space(struct page *page, size_t columns)
{
    page->pending += columns;
}

void page_end_line(struct page *page)
{
    page->pending = 0;
    append(page, &page->text, "\n", 1);
}

size_t page_width(const char *text, size_t length)
{
    size_t width = 0;

    for (size_t at = 0; at < length;) {
        char one[5] = {0};
        const size_t bytes = character_length(text + at);
        memcpy(one, text + at, bytes);
        width += pls_text_width(one);
        at += bytes;
    }
    return width;
}

size_t page_fit(const char *text, size_t columns)
{
    size_t at = 0;

    while (text[at] != '\0') {
        const size_t bytes = character_length(text + at);
        if (page_width(text, at + bytes) > columns)
            break;
        at += bytes;
    }
    return at;
}

/* Names such as Perceived_quality.of break behind their marks if they must; 0: they cannot. */
static size_t soft_break(const char *text, size_t columns)
{
    size_t best = 0;

    for (size_t at = strspn(text, " "); text[at] != '\0' && text[at] != ' ';) {
        at += strcspn(text + at, "_.-/ ");
        at += strspn(text + at, "_.-/");
        if (page_width(text, at) > columns)
            break;
        best = at;
    }
    return best;
}

size_t page_break(const char *text, size_t columns)
{
    size_t best = 0;

    for (size_t at = 0; text[at] != '\0';) {
        at += strspn(text + at, " ");
        at += strcspn(text + at, " ");
        if (best > 0 && page_width(text, at) > columns)
            break;
        best = at;
    }
    const size_t soft = page_width(text, best) > columns ? soft_break(text, columns) : 0;
    return soft > 0 ? soft : best;
}

void page_paragraph(struct page *page, enum page_style style, const char *lead, const char *text)
{
    char *head = page_text(page, lead);
    char *body = page_text(page, text);

    if (head != NULL && body != NULL) {
        const size_t taken = page_width(head, strlen(head));
        const size_t indent = taken > 0 && taken <= LEAD_LIMIT ? taken : 2;
        const size_t width = page->width < READABLE ? page->width : READABLE;
        size_t left = width - (taken < width ? taken : 0);

        page_put(page, style, head, strlen(head));
        for (const char *at = body; *at != '\0'; left = width - indent) {
            size_t length = page_break(at, left);
            if (page_width(at, length) > left && page_fit(at, left) > 0)
                length = page_fit(at, left); /* one word longer than a line */
            page_space(page, at > body ? indent : 0);
            page_put(page, style, at, length);
            page_end_line(page);
            at += length;
            at += strspn(at, " ");
        }
    }
    free(head);
    free(body);
}
