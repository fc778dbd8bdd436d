/*
 * lavaan.c: reader of lavaan's model syntax (Rosseel 2012), as far as PLS gives it a meaning.
 *
 *   text ──▶ next_token() ──▶ read_statement() ──▶ terms
 *
 * What lavaan has and PLS has not is refused where it stands, each with a reason of its own.
 */
#include "lavaan.h"

#include "place.h"
#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { MAX_TERMS = 1 << 20 }; /* A + B + … ~ C + D + … could ask for more than memory holds */

enum token_kind { TOKEN_END, TOKEN_BREAK, TOKEN_NAME, TOKEN_NUMBER, TOKEN_PLUS, TOKEN_OPERATOR };

struct token {
    enum token_kind kind;
    enum pls_operator op;
    struct pls_word word;
};

struct reader {
    const struct pls_source *source;
    const char *at;
    struct pls_place place; /* of at, by origin and indent */
    struct token token;     /* the one looked at           */
    struct token previous;
    bool first; /* token is the first of its statement */
    struct pls_error *err;
};

struct words {
    struct pls_word *word;
    size_t count;
    size_t capacity;
};

/* Signs of lavaan that cannot stand in a PLS model; longer ones first. */
static const struct {
    const char *sign, *sentence;
} foreign[] = {
    {"~*~", "scaling factors ('~*~') have no meaning in PLS; delete this line"},
    {"~~", "covariances ('~~') are results in PLS, not part of the model; delete this line"},
    {":=", "defined parameters (':=') are not needed: all indirect and total effects are computed; "
           "delete this line, and state a hypothesis such as 'H1: indirect A -> B > 0'"},
    {"==", "constraints ('==') have no meaning in PLS, which estimates every coefficient freely; "
           "delete this line"},
    {"->", "'->' is no operator of a model; for a path A -> B write 'B ~ A'"},
    {"<-", "'<-' is no operator of a model; for a path B <- A write 'B ~ A'"},
    {"<", "constraints ('<') have no meaning in PLS, which estimates every coefficient freely; "
          "delete this line"},
    {">", "constraints ('>') have no meaning in PLS, which estimates every coefficient freely; "
          "delete this line"},
    {"|", "thresholds ('|') have no meaning in PLS, which takes indicators as numbers; "
          "delete this line"},
    {"=", "'=' is no operator; write '=~' for reflective, '<~' for formative indicators, '~' for "
          "paths"},
    {"-",
     "'-' cannot stand in a model; a name has letters, digits, '.' and '_': rename the column"},
};

static struct pls_place here(const struct reader *r)
{
    return r->source->opt_places ? r->source->opt_places[r->at - r->source->text] : r->place;
}

static void advance(struct reader *r, size_t bytes)
{
    for (const char *end = r->at + bytes; r->at < end; r->at++) {
        if (*r->at == '\n' || (*r->at == '\r' && r->at[1] != '\n'))
            r->place = (struct pls_place){r->place.line + 1, r->source->indent + 1};
        else if (*r->at != '\r' && ((unsigned char)*r->at & 0xC0) != 0x80)
            r->place.column++;
    }
}

#define REFUSE(r, ...) pls_fail_at((r)->err, (r)->source->path, here(r), __VA_ARGS__)
#define REFUSE_WORD(r, word, ...)                                                                  \
    pls_fail_at((r)->err, (r)->source->path, (word).place, __VA_ARGS__)
#define SHOWN(word) pls_shown((word).text, (word).length).text

/* Bytes of the letter, mark or digit at `at`, or 0 where none stands there. */
static size_t name_character(const char *at)
{
    utf8proc_int32_t letter;
    const utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &letter);

    if (bytes < 1)
        return 0;
    if (letter == '.' || letter == '_')
        return 1;
    switch (utf8proc_category(letter)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
        return (size_t)bytes;
    default:
        return 0;
    }
}

static enum pls_code refuse_character(struct reader *r)
{
    utf8proc_int32_t letter;
    const utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)r->at, -1, &letter);

    if (bytes < 1)
        return REFUSE(r, "byte 0x%02X is not UTF-8; save the file as UTF-8",
                      (unsigned)(unsigned char)*r->at);
    if (letter >= 0x80)
        return REFUSE(r, "the character U+%04X cannot stand in a model; delete it",
                      (unsigned)letter);
    return REFUSE(r, "'%s' cannot stand in a model; a name has letters, digits, '.' and '_'",
                  pls_shown(r->at, (size_t)bytes).text);
}

/*
 * A name in quotation marks or, as R writes it, in backticks. One with blanks cannot be written in
 * any way: it gets underscores.
 */
static enum pls_code refuse_quoted(struct reader *r)
{
    const char *name = r->at + 1;
    const char stops[] = {*r->at, '\n', '\r', '\0'};
    const size_t length = strcspn(name, stops);
    char joined[128];
    size_t used = 0;

    if (name[length] != *r->at || memchr(name, ' ', length) == NULL)
        return REFUSE(r, "quotation marks are not needed in a model; write the name alone");
    for (size_t at = 0; at < length && used + 4 < sizeof joined;) {
        const size_t bytes = name_character(name + at);
        if (bytes > 0)
            memcpy(joined + used, name + at, bytes);
        else if (used > 0 && joined[used - 1] != '_')
            joined[used++] = '_';
        used += bytes;
        at += bytes > 0 ? bytes : 1;
    }
    used -= used > 0 && joined[used - 1] == '_';
    return REFUSE(r, "a name has no blanks: rename the column in the data, for instance to %s",
                  used > 0 ? pls_shown(joined, used).text : "x1");
}

static bool is_block_word(struct pls_word word)
{
    static const char *const words[] = {"group", "level", "block", "class"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word.length == strlen(words[i]) && memcmp(word.text, words[i], word.length) == 0)
            return true;
    return false;
}

/* Signs whose meaning depends on the word before them, which is r->token. */
static enum pls_code refuse_after_word(struct reader *r)
{
    const struct token *before = &r->token;
    const bool name = before->kind == TOKEN_NAME;

    switch (*r->at) {
    case '*':
        if (before->kind == TOKEN_NUMBER)
            return REFUSE_WORD(r, before->word,
                               "fixed coefficients ('%s*') have no meaning in PLS, which estimates "
                               "every coefficient; write the name alone",
                               SHOWN(before->word));
        if (name)
            return REFUSE_WORD(r, before->word,
                               "labels ('%s*') are not needed: every coefficient has a name of its "
                               "own; write the name alone",
                               SHOWN(before->word));
        break;
    case '(':
        if (name)
            return REFUSE_WORD(r, before->word,
                               "modifiers ('%s()') have no meaning in PLS, which estimates every "
                               "coefficient without start values; write the name alone",
                               SHOWN(before->word));
        break;
    case ':':
        if (name && r->first && is_block_word(before->word))
            return REFUSE_WORD(r, before->word,
                               "blocks ('%s:') are not part of a model; write the model once, for "
                               "all rows",
                               SHOWN(before->word));
        if (name)
            return REFUSE_WORD(r, before->word,
                               "interactions ('%s:…') are not in this version of plstrap; delete "
                               "this term",
                               SHOWN(before->word));
        break;
    default:
        break;
    }
    return refuse_character(r);
}

static enum pls_code read_sign(struct reader *r, struct token *out)
{
    static const char *const own[] = {"=~", "<~", "~"}; /* enum pls_operator */

    if (strchr("\"'`", *r->at) != NULL) /* *r->at is not zero here */
        return refuse_quoted(r);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const size_t length = strlen(foreign[i].sign);
        const bool longer = strncmp(r->at, own[0], 2) == 0 || strncmp(r->at, own[1], 2) == 0;
        if (!longer && strncmp(r->at, foreign[i].sign, length) == 0)
            return REFUSE(r, "%s", foreign[i].sentence);
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (strncmp(r->at, own[i], strlen(own[i])) == 0) {
            out->kind = TOKEN_OPERATOR;
            out->op = (enum pls_operator)i;
            out->word.length = strlen(own[i]);
            return PLS_OK;
        }
    }
    if (*r->at == '+') {
        out->kind = TOKEN_PLUS;
        out->word.length = 1;
        return PLS_OK;
    }
    return refuse_after_word(r);
}

static enum pls_code read_word(struct reader *r, struct token *out)
{
    double ignored;
    size_t length = 0;
    for (size_t bytes; (bytes = name_character(r->at + length)); length += bytes)
        continue;

    out->word.length = length;
    if (pls_text_number(r->at, length, '.', &ignored))
        out->kind = TOKEN_NUMBER;
    else if (*r->at >= '0' && *r->at <= '9')
        return REFUSE(r, "the name '%s' begins with a digit; rename the column",
                      pls_shown(r->at, length).text);
    else
        out->kind = TOKEN_NAME;
    return PLS_OK;
}

/* Skips white space and comments; true where a line ended. */
static bool skip_blank(struct reader *r)
{
    bool ended = false;
    for (;;) {
        if (*r->at == '#' || *r->at == '!')
            advance(r, strcspn(r->at, "\r\n"));
        if (*r->at == '\0' || !strchr(" \t\r\n", *r->at))
            return ended;
        ended = ended || *r->at == '\n' || *r->at == '\r';
        advance(r, 1);
    }
}

/*
 * A line's end ends a statement unless a '+' or an operator stands before it or a '+' after it.
 */
static enum pls_code next_token(struct reader *r)
{
    const bool open = r->token.kind == TOKEN_PLUS || r->token.kind == TOKEN_OPERATOR ||
                      r->token.kind == TOKEN_BREAK;
    const struct reader before = *r;
    struct token token = {0};
    enum pls_code code = PLS_OK;

    const bool ended = skip_blank(r);
    token.word.text = r->at;
    token.word.place = here(r);
    if (ended && !open && *r->at != '+') {
        token.kind = TOKEN_BREAK;
        token.word.place = here(&before);
    } else if (*r->at == '\0') {
        token.kind = TOKEN_END;
    } else if (*r->at == ';') {
        token.kind = TOKEN_BREAK;
        token.word.length = 1;
    } else if (name_character(r->at)) {
        code = read_word(r, &token);
    } else {
        code = read_sign(r, &token);
    }
    if (code != PLS_OK)
        return code;
    advance(r, token.word.length);
    r->first = r->token.kind == TOKEN_BREAK;
    r->previous = r->token;
    r->token = token;
    return PLS_OK;
}

static enum pls_code refuse_missing_name(const struct reader *r)
{
    const struct token *before = &r->previous;

    if (before->kind == TOKEN_PLUS || before->kind == TOKEN_OPERATOR)
        return REFUSE_WORD(r, before->word, "no name follows '%s'; write one or delete the '%s'",
                           SHOWN(before->word), SHOWN(before->word));
    return REFUSE_WORD(r, r->token.word, "no name stands before '%s'; write one",
                       SHOWN(r->token.word));
}

static enum pls_code refuse_number(struct reader *r, bool of_paths)
{
    const struct pls_word number = r->token.word;

    const enum pls_code code = next_token(r); /* a '*' after it has a sentence of its own */
    if (code != PLS_OK)
        return code;
    if (of_paths)
        return REFUSE_WORD(r, number,
                           "intercepts ('~ %s') have no meaning in PLS, which standardises every "
                           "column; delete this term",
                           SHOWN(number));
    return REFUSE_WORD(r, number, "the number '%s' stands where a name belongs; write a name",
                       SHOWN(number));
}

/* name + name + … */
static enum pls_code read_names(struct reader *r, struct words *out, bool of_paths)
{
    out->count = 0;
    for (;;) {
        if (r->token.kind == TOKEN_NUMBER)
            return refuse_number(r, of_paths);
        if (r->token.kind != TOKEN_NAME)
            return refuse_missing_name(r);
        enum pls_code code =
            pls_grow(&out->word, &out->capacity, out->count + 1, sizeof *out->word, r->err);
        if (code != PLS_OK)
            return code;
        out->word[out->count++] = r->token.word;
        code = next_token(r);
        if (code != PLS_OK || r->token.kind != TOKEN_PLUS)
            return code;
        code = next_token(r);
        if (code != PLS_OK)
            return code;
    }
}

static enum pls_code add_terms(struct reader *r, enum pls_operator op, const struct words *left,
                               const struct words *right, struct pls_terms *out)
{
    if (right->count > (MAX_TERMS - out->count) / left->count)
        return REFUSE_WORD(r, left->word[0], "the model has more than %d terms; shorten it",
                           MAX_TERMS);
    const enum pls_code code =
        pls_grow(&out->term, &out->capacity, out->count + left->count * right->count,
                 sizeof *out->term, r->err);
    if (code != PLS_OK)
        return code;
    for (size_t i = 0; i < left->count; i++)
        for (size_t k = 0; k < right->count; k++)
            out->term[out->count++] = (struct pls_term){op, left->word[i], right->word[k]};
    return PLS_OK;
}

/* left operator right, up to the BREAK or END after it */
static enum pls_code read_statement(struct reader *r, struct words *left, struct words *right,
                                    struct pls_terms *out)
{
    enum pls_code code = read_names(r, left, false);
    if (code != PLS_OK)
        return code;
    if (r->token.kind == TOKEN_NAME || r->token.kind == TOKEN_NUMBER)
        return REFUSE_WORD(r, r->token.word,
                           "an operator is missing between '%s' and '%s'; write '=~', '<~', '~' or "
                           "'+'",
                           SHOWN(r->previous.word), SHOWN(r->token.word));
    if (r->token.kind != TOKEN_OPERATOR)
        return REFUSE_WORD(r, left->word[0],
                           "'%s' stands alone; write '=~', '<~' or '~' after it, or end the line "
                           "before it with '+'",
                           SHOWN(left->word[0]));

    const enum pls_operator op = r->token.op;
    code = next_token(r);
    if (code == PLS_OK)
        code = read_names(r, right, op == PLS_REGRESSION);
    if (code != PLS_OK)
        return code;
    if (r->token.kind == TOKEN_NAME || r->token.kind == TOKEN_NUMBER)
        return REFUSE_WORD(r, r->token.word, "a '+' is missing between '%s' and '%s'",
                           SHOWN(r->previous.word), SHOWN(r->token.word));
    if (r->token.kind == TOKEN_OPERATOR)
        return REFUSE_WORD(
            r, r->token.word,
            "a second '%s' in one statement; begin a new line before '%s', without a '+' "
            "at the end of the line before",
            SHOWN(r->token.word), SHOWN(r->previous.word));
    return add_terms(r, op, left, right, out);
}

enum pls_code pls_lavaan_terms(const struct pls_source *source, struct pls_terms *out,
                               struct pls_error *err)
{
    struct reader r = {.source = source,
                       .at = source->text,
                       .place = source->origin,
                       .token = {.kind = TOKEN_BREAK},
                       .err = err};
    struct words left = {0};
    struct words right = {0};

    *out = (struct pls_terms){0};
    enum pls_code code = next_token(&r);
    while (code == PLS_OK && r.token.kind != TOKEN_END) {
        if (r.token.kind == TOKEN_BREAK)
            code = next_token(&r);
        else
            code = read_statement(&r, &left, &right, out);
    }
    free(left.word);
    free(right.word);
    if (code != PLS_OK)
        pls_terms_free(out);
    return code;
}

void pls_terms_free(struct pls_terms *terms)
{
    free(terms->term);
    *terms = (struct pls_terms){0};
}
