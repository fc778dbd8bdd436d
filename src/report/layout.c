/* layout.c: measuring and printing tables. */
#include "layout.h"
#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
    GAP = 2,
    JOIN = 1,
    ABOVE = 2,
    STUB_MINIMUM = 8,
    STUB_ENOUGH = 24,
    WORD_LIMIT = 12,
    HEADING_LIMIT = 24
};

static bool make_room(struct layout *table, void *pointer, size_t *capacity, size_t count,
                      size_t size)
{
    struct page *page = table->page;
    if (page->code == PLS_OK)
        page->code = pls_grow(pointer, capacity, count + 1, size, page->err);
    return page->code == PLS_OK;
}

void layout_column(struct layout *table, unsigned flags, const char *heading)
{
    if (!make_room(table, &table->column, &table->column_capacity, table->columns,
                   sizeof *table->column))
        return;
    char *copy = page_text(table->page, heading);
    if (copy != NULL)
        table->column[table->columns++] = (struct layout_column){.heading = copy, .flags = flags};
}

void layout_row(struct layout *table)
{
    struct layout_row row = {0};
    struct page *page = table->page;

    if (!make_room(table, &table->row, &table->row_capacity, table->rows, sizeof *table->row))
        return;
    page->code = pls_alloc(&row.cell, table->columns, sizeof *row.cell, page->err);
    if (page->code == PLS_OK)
        table->row[table->rows++] = row;
}

void layout_cell(struct layout *table, enum page_style style, const char *text)
{
    if (table->page->code != PLS_OK)
        return;
    struct layout_row *row = &table->row[table->rows - 1];
    row->cell[row->filled].style = style;
    row->cell[row->filled++].text = page_text(table->page, text);
}

void layout_group(struct layout *table, const char *text)
{
    layout_row(table);
    layout_cell(table, PAGE_PLAIN, text);
    if (table->page->code == PLS_OK)
        table->row[table->rows - 1].group = true;
}

/* Several cells of a row may lack a number for the same reason. */
static bool ends_in(const struct pls_text *labels, const char *label)
{
    const size_t length = strlen(label);
    return labels->length > length + 1 &&
           strcmp(labels->data + labels->length - length, label) == 0 &&
           labels->data[labels->length - length - 1] == ' ';
}

void layout_note(struct layout *table, const char *text, const char *opt_label)
{
    struct page *page = table->page;
    size_t at = 0;

    while (at < table->notes && strcmp(table->note[at].text, text) != 0)
        at++;
    if (at == table->notes) {
        struct layout_note note = {0};
        if (!make_room(table, &table->note, &table->note_capacity, at, sizeof *table->note))
            return;
        page->code = pls_copy_text(&note.text, text, strlen(text), page->err);
        if (page->code != PLS_OK)
            return;
        table->note[table->notes++] = note;
    }
    struct pls_text *labels = &table->note[at].labels;
    if (opt_label != NULL && page->code == PLS_OK && !ends_in(labels, opt_label))

        page->code =
            pls_text_printf(labels, page->err, "%s%s", labels->length > 0 ? ", " : ": ", opt_label);
}

/* Column after the block that starts at first: a column and those joined to it. */
static size_t block_end(const struct layout *table, size_t first)
{
    size_t end = first + 1;
    while (end < table->columns && (table->column[end].flags & LAYOUT_JOINED) != 0)
        end++;
    return end;
}

static size_t block_width(const struct layout *table, size_t first)
{
    size_t width = table->column[first].width;
    for (size_t c = first + 1; c < block_end(table, first); c++)
        if (!table->column[c].hidden)
            width += JOIN + table->column[c].width;
    return width;
}

static size_t longest_word(const char *text)
{
    size_t longest = 0;

    while (*text != '\0') {
        text += strspn(text, " ");
        const size_t length = strcspn(text, " ");
        const size_t width = page_width(text, length);
        longest = width > longest ? width : longest;
        text += length;
    }
    return longest;
}

static void measure(struct layout *table)
{
    for (size_t c = 0; c < table->columns; c++) {
        struct layout_column *column = &table->column[c];
        for (size_t r = 0; r < table->rows; r++) {
            const char *text = table->row[r].cell[c].text;
            if (text == NULL || table->row[r].group)
                continue;
            const size_t width = page_width(text, strlen(text));
            column->width = width > column->width ? width : column->width;
        }
        column->hidden = (column->flags & LAYOUT_JOINED) != 0 && column->width == 0;
    }
}

/* Widens columns for their headings: for the whole heading where it is short enough, or for its
 * longest word. */
static void widen(struct layout *table, bool whole)
{
    for (size_t c = 0; c < table->columns; c = block_end(table, c)) {
        const char *heading = table->column[c].heading;
        const size_t limit = whole ? HEADING_LIMIT : WORD_LIMIT;
        size_t wanted = whole ? page_width(heading, strlen(heading)) : longest_word(heading);
        wanted = wanted > limit && c > 0 ? limit : wanted;
        if (wanted > block_width(table, c))
            table->column[c].width += wanted - block_width(table, c);
    }
}

/* Width of the whole table; the stub has no gap before it. */
static size_t total_width(const struct layout *table)
{
    size_t width = table->column[0].width;
    for (size_t c = 1; c < table->columns; c = block_end(table, c))
        if (!table->column[c].hidden)
            width += GAP + block_width(table, c);
    return width;
}

/* The narrowest stub that cuts no word, if that is narrow. */
static size_t stub_floor(const struct layout *table)
{
    size_t floor = STUB_MINIMUM;
    for (size_t r = 0; r < table->rows; r++) {
        const char *text = table->row[r].group ? NULL : table->row[r].cell[0].text;
        const size_t indent = text != NULL ? strspn(text, " ") + 2 : 0;
        const size_t word = text != NULL ? indent + longest_word(text) : 0;
        floor = word > floor ? word : floor;
    }
    floor = floor < STUB_ENOUGH ? floor : STUB_ENOUGH;
    floor = floor < table->page->width / 2 ? floor : table->page->width / 2;
    return floor < table->column[0].width ? floor : table->column[0].width;
}

static void hide(struct layout *table, size_t c)
{
    for (size_t j = c; j < block_end(table, c); j++)
        table->column[j].hidden = true;
}

/* Hides optional columns from the left until the table fits. */
static void hide_optional(struct layout *table)
{
    const unsigned both = LAYOUT_OPTIONAL | LAYOUT_TOGETHER;
    for (size_t c = 1; c < table->columns && total_width(table) > table->page->width; c++) {
        if ((table->column[c].flags & LAYOUT_OPTIONAL) == 0)
            continue;
        hide(table, c);
        for (size_t j = 1; j < table->columns && (table->column[c].flags & both) == both; j++)
            if ((table->column[j].flags & both) == both)
                hide(table, j);
    }
}

/* What a reader does not see must be named; `wide` columns would show all. */
static void tell_hidden(struct layout *table, size_t wide)
{
    enum { USUAL = 100, STEP = 10 };
    struct page *page = table->page;
    struct pls_text line = {0};
    for (size_t c = 1; c < table->columns; c++) {
        const struct layout_column *column = &table->column[c];
        bool told = (column->flags & LAYOUT_OPTIONAL) == 0 || !column->hidden;
        for (size_t j = 1; j < c && !told; j++) /* "SE" of two estimates */
            told =
                table->column[j].hidden && strcmp(table->column[j].heading, column->heading) == 0;
        if (!told && page->code == PLS_OK)
            page->code = pls_text_printf(
                &line, page->err, "%s%s",
                line.length > 0 ? ", " : "Not shown at this width: ", column->heading);
    }
    if (line.length > 0 && page->code == PLS_OK)
        page->code =
            pls_text_printf(&line, page->err, "; a wider terminal (or COLUMNS=%zu) shows them.",
                            wide > USUAL ? (wide + STEP - 1) / STEP * STEP : (size_t)USUAL);
    if (line.length > 0)
        layout_note(table, line.data, NULL);
    pls_text_free(&line);
}

static void fit(struct layout *table)
{
    const size_t limit = table->page->width;

    measure(table);
    widen(table, true);
    if (total_width(table) > limit) {
        for (size_t c = 0; c < table->columns; c++)
            table->column[c].width = 0;
        measure(table);
        widen(table, false);
    }
    const size_t wide = total_width(table);
    hide_optional(table);
    tell_hidden(table, wide);

    const size_t total = total_width(table);
    size_t *stub = &table->column[0].width;
    if (total <= limit)
        return;
    const size_t others = total - *stub, floor = stub_floor(table);
    table->above = others + floor > limit && others + ABOVE <= limit;
    *stub = table->above ? ABOVE : others + floor <= limit ? limit - others : floor;
}

/* Text in `width` columns, cut with an ellipsis where it is longer. */
static void put_aligned(struct page *page, enum page_style style, const char *text, size_t length,
                        size_t width, bool right)
{
    const size_t taken = page_width(text, length);
    const char *ellipsis = page->unicode ? "…" : "...";
    const size_t dots = page->unicode ? 1 : 3;

    if (taken <= width) {
        page_space(page, right ? width - taken : 0);
        page_put(page, style, text, length);
        page_space(page, right ? 0 : width - taken);
        return;
    }
    const size_t kept = page_fit(text, width > dots ? width - dots : 0);
    page_put(page, style, text, kept);
    page_put(page, style, ellipsis, strlen(ellipsis));
    page_space(page, width - dots - page_width(text, kept));
}

static size_t count_lines(const char *text, size_t width)
{
    size_t lines = 0;
    while (*text != '\0') {
        text += page_break(text, width);
        text += strspn(text, " ");
        lines++;
    }
    return lines;
}

/* The line-th line of a heading that is wrapped into width. */
static const char *wrapped_line(const char *text, size_t width, size_t line, size_t *length)
{
    for (; line > 0; line--) {
        text += page_break(text, width);
        text += strspn(text, " ");
    }
    *length = page_break(text, width);
    return text;
}

/* The two ends of an interval have one heading in their middle. */
static bool is_pair(const struct layout *table, size_t c)
{
    return block_end(table, c) > c + 1 && (table->column[c + 1].flags & LAYOUT_RIGHT) != 0;
}

/* Over a number and its mark the heading stands over the number where it fits there. */
static size_t heading_width(const struct layout *table, size_t c)
{
    const size_t own = table->column[c].width;
    const bool fits = longest_word(table->column[c].heading) <= own;
    return fits && !is_pair(table, c) ? own : block_width(table, c);
}

static void print_headings(const struct layout *table, size_t first, size_t last)
{
    size_t lines = count_lines(table->column[0].heading, table->column[0].width);
    for (size_t c = first; c < last; c = block_end(table, c)) {
        const size_t here = count_lines(table->column[c].heading, heading_width(table, c));
        lines = !table->column[c].hidden && here > lines ? here : lines;
    }
    for (size_t line = 0; line < lines; line++) {
        for (size_t c = 0; c < last; c = c == 0 ? first : block_end(table, c)) {
            const struct layout_column *column = &table->column[c];
            if (column->hidden)
                continue;
            const size_t width = heading_width(table, c);
            const size_t blank = lines - count_lines(column->heading, width);
            size_t length = 0;
            const char *text = "";
            if (line >= blank)
                text = wrapped_line(column->heading, width, line - blank, &length);
            const size_t left = is_pair(table, c) ? (width - page_width(text, length)) / 2 : 0;
            page_space(table->page, (c > 0 ? GAP : 0) + left);
            put_aligned(table->page, PAGE_BOLD, text, length, width - left,
                        (column->flags & LAYOUT_RIGHT) != 0 && !is_pair(table, c));
            page_space(table->page, block_width(table, c) - width);
        }
        page_end_line(table->page);
    }
}

static void print_rule(const struct layout *table, size_t first, size_t last)
{
    const char *dash = table->page->unicode ? "─" : "-";
    struct page *page = table->page;
    size_t width = table->column[0].width;

    for (size_t c = first; c < last; c = block_end(table, c))
        if (!table->column[c].hidden)
            width += GAP + block_width(table, c);
    struct pls_text rule = {0};
    for (; width > 0 && page->code == PLS_OK; width--)
        page->code = pls_text_append(&rule, dash, strlen(dash), page->err);
    if (page->code == PLS_OK)
        page_put(page, PAGE_DIM, rule.data, rule.length);
    page_end_line(page);
    pls_text_free(&rule);
}

/* A wrapped stub keeps its indentation and hangs by two; the numbers stand on its last line, or
 * where it stands above them on the next. */
static void print_stub(const struct layout *table, const struct layout_cell *cell)
{
    const size_t width = table->above ? table->page->width : table->column[0].width;
    const char *text = cell->text != NULL ? cell->text : "";
    const size_t indent = strspn(text, " ") + 2;
    size_t at = 0, hang = 0;

    for (;;) {
        const size_t length = page_break(text + at, width - hang);
        page_space(table->page, hang);
        put_aligned(table->page, cell->style, text + at, length, width - hang, false);
        at += length;
        at += strspn(text + at, " ");
        if (text[at] == '\0')
            break;
        page_end_line(table->page);
        hang = indent < width / 2 ? indent : 0;
    }
    if (!table->above)
        return;
    page_end_line(table->page);
    page_space(table->page, table->column[0].width);
}

static void print_stack(const struct layout *table, size_t first, size_t last)
{
    print_headings(table, first, last);
    print_rule(table, first, last);
    for (size_t r = 0; r < table->rows; r++) {
        const struct layout_row *row = &table->row[r];
        if (row->group) {
            page_paragraph(table->page, PAGE_BOLD, "", row->cell[0].text);
            continue;
        }
        print_stub(table, &row->cell[0]);
        for (size_t c = first; c < last; c++) {
            const struct layout_column *column = &table->column[c];
            const char *text = row->cell[c].text != NULL ? row->cell[c].text : "";
            if (column->hidden)
                continue;
            page_space(table->page, (column->flags & LAYOUT_JOINED) != 0 ? JOIN : GAP);
            put_aligned(table->page, row->cell[c].style, text, strlen(text), column->width,
                        (column->flags & LAYOUT_RIGHT) != 0);
        }
        page_end_line(table->page);
    }
}

/* First column at or after c whose block is shown. */
static size_t next_shown(const struct layout *table, size_t c)
{
    while (c < table->columns && table->column[c].hidden)
        c = block_end(table, c);
    return c;
}

/* Column behind the stack that begins with first: as many blocks as fit, at least one. */
static size_t stack_end(const struct layout *table, size_t first, size_t limit)
{
    size_t width = table->column[0].width, last = first;
    do {
        width += GAP + block_width(table, last);
        if (last > first && width > limit)
            break;
        last = next_shown(table, block_end(table, last));
    } while (last < table->columns);
    return last;
}

static size_t count_stacks(const struct layout *table, size_t limit)
{
    size_t stacks = 0;
    for (size_t first = next_shown(table, 1); first < table->columns; stacks++)
        first = stack_end(table, first, limit);
    return stacks;
}

static void print_stacks(const struct layout *table)
{
    size_t limit = table->page->width, first = next_shown(table, 1);
    if (table->balanced) /* the narrowest limit that needs no more stacks */
        for (const size_t stacks = count_stacks(table, limit);
             limit > 1 && count_stacks(table, limit - 1) == stacks;)
            limit--;
    do {
        const size_t last = first < table->columns ? stack_end(table, first, limit) : first;
        print_stack(table, first, last);
        if (last < table->columns)
            page_end_line(table->page);
        first = last;
    } while (first < table->columns);
}

static void print_notes(const struct layout *table)
{
    struct page *page = table->page;

    for (size_t i = 0; i < table->notes; i++) {
        struct pls_text line = {0};
        const struct layout_note *note = &table->note[i];
        if (page->code == PLS_OK)
            page->code = pls_text_printf(&line, page->err, "%s%s", note->text,
                                         note->labels.data != NULL ? note->labels.data : "");
        if (page->code == PLS_OK)
            page_paragraph(page, PAGE_DIM, "", line.data);
        pls_text_free(&line);
    }
}

void layout_free(struct layout *table)
{
    for (size_t c = 0; c < table->columns; c++)
        free(table->column[c].heading);
    for (size_t r = 0; r < table->rows; r++) {
        for (size_t c = 0; c < table->columns; c++)
            free(table->row[r].cell[c].text);
        free(table->row[r].cell);
    }
    for (size_t i = 0; i < table->notes; i++) {
        free(table->note[i].text);
        pls_text_free(&table->note[i].labels);
    }
    free(table->column);
    free(table->row);
    free(table->note);
    *table = (struct layout){.page = table->page};
}

void layout_print(struct layout *table, const char *title)
{
    if (table->page->code == PLS_OK && table->rows > 0) {
        fit(table);
        page_paragraph(table->page, PAGE_BOLD, "", title);
        print_stacks(table);
        print_notes(table);
        page_end_line(table->page);
    }
    layout_free(table);
}
