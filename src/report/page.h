/*
 * page.h: lines of text for a terminal: styles, widths, line breaks, and ASCII where UTF-8 may
 * not be.
 *
 * Private to the room. A page gathers the whole report in memory. The first failure sticks:
 * later calls do nothing, and the report looks at `code` once, at its end.
 */
#ifndef PLSTRAP_REPORT_PAGE_H
#define PLSTRAP_REPORT_PAGE_H

#include "plstrap/error.h"
#include "plstrap/text.h"

#include <stdbool.h>
#include <stddef.h>

enum page_style { PAGE_PLAIN, PAGE_BOLD, PAGE_DIM, PAGE_GOOD, PAGE_BAD, PAGE_OPEN };

struct page {
    struct pls_text text;
    bool color;
    bool unicode;
    size_t width;
    size_t pending; /* columns of space before whatever comes next on this line */
    enum pls_code code;
    struct pls_error *err;
};

/*
 * A copy to be freed of UTF-8 text as this page may print it: unchanged, or in ASCII (→ becomes
 * ->, α alpha; what has no likeness becomes \u{…}). NULL after a failure.
 */
char *page_text(struct page *page, const char *text);

/* Puts text that page_text() made; no line break is added. */
void page_put(struct page *page, enum page_style style, const char *text, size_t length);
void page_space(struct page *page, size_t columns);
void page_end_line(struct page *page);

/* One paragraph, wrapped; later lines are indented as far as `lead` reaches, or by two. */
void page_paragraph(struct page *page, enum page_style style, const char *lead, const char *text);

/* Terminal columns of the first length bytes of text. */
size_t page_width(const char *text, size_t length);

/* Bytes of text, cut between characters, that take at most `columns` columns. */
size_t page_fit(const char *text, size_t columns);

/* Bytes of the next line of text: as many words as fit into `columns`. A longer word is
 * broken behind _ . - or / if that does, else it is the whole line, too long. */
size_t page_break(const char *text, size_t columns);

#endif
