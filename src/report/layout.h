/*
 * layout.h: a table that fits a terminal.
 *
 * Private to the room. Columns are declared, cells are put row by row, layout_print() measures,
 * prints and frees. A table that is too wide first gives up its optional columns (and says so),
 * then wraps its first column, then puts that on lines of its own above the numbers, then is
 * printed as stacked groups of columns, each with the first column again. No line is longer than
 * the page.
 *
 * Numbers are put as text with a fixed number of decimals, so right alignment aligns the decimal
 * points; marks (stars, !) and the two ends of an interval are columns joined to the one before.
 */
#ifndef PLSTRAP_REPORT_LAYOUT_H
#define PLSTRAP_REPORT_LAYOUT_H

#include "page.h"

enum {
    LAYOUT_LEFT = 0,
    LAYOUT_RIGHT = 1,
    LAYOUT_JOINED =
        2, /* one space behind the column before, under its heading; hidden where empty */
    LAYOUT_OPTIONAL =
        4, /* hidden (with what is joined to it) where the table is too wide            */
    LAYOUT_TOGETHER = 8 /* with OPTIONAL: hidden with all others that say so            */
};

struct layout_column {
    char *heading;
    unsigned flags;
    size_t width;
    bool hidden;
};

struct layout_cell {
    char *text; /* NULL: empty */
    enum page_style style;
};

struct layout_row {
    struct layout_cell *cell; /* [columns]; a group has the first one only */
    size_t filled;
    bool group;
};

struct layout_note {
    char *text;
    struct pls_text labels;
};

struct layout {
    struct page *page;
    struct layout_column *column;
    size_t columns, column_capacity;
    struct layout_row *row;
    size_t rows, row_capacity;
    struct layout_note *note;
    size_t notes, note_capacity;
    bool balanced; /* set by the caller: stacks of like width                 */
    bool above;    /* the first column stands on lines of its own             */
};

/* Columns come before rows. The first one is the stub: left, wrapped where it must be. */
void layout_column(struct layout *table, unsigned flags, const char *heading);
void layout_row(struct layout *table);
void layout_group(struct layout *table, const char *text);
void layout_cell(struct layout *table, enum page_style style, const char *text);

/* A line under the table. Notes of equal text are printed once, followed by all of their labels. */
void layout_note(struct layout *table, const char *text, const char *opt_label);

/* Prints the table under its title and an empty line after it (nothing where it has no rows);
 * frees it. */
void layout_print(struct layout *table, const char *title);
void layout_free(struct layout *table);

#endif
