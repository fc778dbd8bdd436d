/* findings.c: what was compared, and what differed. */
#include "findings.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

struct finding *findings_add(struct findings *findings, const char *what, const char *unit,
                             uint64_t all)
{
    if (findings->count == MOST_FINDINGS) /* the last kinds share a place */
        return &findings->finding[MOST_FINDINGS - 1];
    struct finding *finding = &findings->finding[findings->count++];
    *finding = (struct finding){.unit = unit, .all = all};
    pls_text_printable(what, strlen(what), 40, finding->what, sizeof finding->what);
    return finding;
}

static void describe(struct finding *finding, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static void describe(struct finding *finding, const char *format, va_list args)
{
    if (finding->examples < FINDING_EXAMPLES)
        vsnprintf(finding->example[finding->examples++], sizeof finding->example[0], format, args);
}

void finding_differs(struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    describe(finding, format, args);
    va_end(args);
    finding->different++;
}

void finding_example(struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    describe(finding, format, args);
    va_end(args);
}

enum pls_code findings_note(struct findings *findings, struct pls_error *err, const char *format,
                            ...)
{
    char line[768];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    return pls_text_printf(&findings->notes, err, "%s\n", line);
}

enum pls_code findings_judge(const struct findings *findings, const char *path,
                             struct pls_error *err)
{
    struct pls_text list = {0};
    enum pls_code code = PLS_OK;
    for (size_t i = 0; code == PLS_OK && i < findings->count; i++)
        if (findings->finding[i].different > 0)
            code = pls_text_printf(&list, err, "%s%s", list.length > 0 ? ", " : "",
                                   findings->finding[i].what);
    if (code == PLS_OK && list.length > 0)
        code = pls_fail(err, PLS_EDATA,
                        "%s: is not what its study and data give on this machine (%s); take it "
                        "again from where it was made, or compute it anew",
                        path, list.data);
    pls_text_free(&list);
    return code;
}

/* ---- text ---- */

static void print_finding(const struct finding *f)
{
    char compared[32], all[32], different[32];
    printf("  %-10s ", f->what);
    if (f->unit == NULL) {
        printf("%s\n", f->different > 0 ? "DIFFERS" : "equal");
    } else {
        printf("%s", pls_text_count(f->compared, compared));
        if (f->compared != f->all)
            printf(" of %s", pls_text_count(f->all, all));
        printf(" %s compared: ", f->unit);
        if (f->different == 0)
            printf("%s\n", f->compared > 0 ? "all equal" : "nothing");
        else
            printf("%s DIFFER\n", pls_text_count(f->different, different));
    }
    for (size_t i = 0; i < f->examples; i++)
        printf("    %s\n", f->example[i]);
    if (f->unit != NULL && f->different > 0 && f->examples == FINDING_EXAMPLES)
        printf("    …\n");
}

static void print_notes(const struct findings *findings)
{
    const char *at = findings->notes.data;
    while (at != NULL && *at != '\0') {
        const size_t length = strcspn(at, "\n");
        printf("  note: %.*s\n", (int)length, at);
        at += length + (at[length] == '\n');
    }
}

static bool differs(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->finding[i].different > 0)
            return true;
    return false;
}

/* ---- JSON ---- */

static json_t *finding_json(const struct finding *f)
{
    json_t *examples = json_array();
    for (size_t i = 0; i < f->examples; i++)
        json_array_append_new(examples, json_string(f->example[i]));
    json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:o}", "what", f->what, "compared",
                               (json_int_t)f->compared, "all", (json_int_t)f->all, "different",
                               (json_int_t)f->different, "examples", examples);
    if (object != NULL && f->unit != NULL)
        json_object_set_new(object, "unit", json_string(f->unit));
    return object;
}

static char *findings_json(const struct findings *findings, const char *path)
{
    json_t *list = json_array(), *notes = json_array();
    const char *at = findings->notes.data;
    for (size_t i = 0; i < findings->count; i++)
        json_array_append_new(list, finding_json(&findings->finding[i]));
    while (at != NULL && *at != '\0') {
        const size_t length = strcspn(at, "\n");
        json_array_append_new(notes, json_stringn(at, length));
        at += length + (at[length] == '\n');
    }
    json_t *root = json_pack("{s:s, s:b, s:o, s:o}", "result", path, "equal",
                             differs(findings) ? 0 : 1, "compared", list, "notes", notes);
    char *text = json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    return text;
}

enum pls_code findings_print(const struct findings *findings, const char *path, bool json,
                             struct pls_error *err)
{
    if (json) {
        char *text = findings_json(findings, path);
        if (text == NULL)
            return pls_fail(err, PLS_EUNAVAILABLE, "there is no memory for the JSON");
        puts(text);
        free(text);
    } else {
        printf("%s: %s\n", path,
               differs(findings) ? "DIFFERS from what was computed here"
                                 : "equal to what was computed here");
        for (size_t i = 0; i < findings->count; i++)
            print_finding(&findings->finding[i]);
        print_notes(findings);
    }
    if (fflush(stdout) != 0 || ferror(stdout) != 0)
        return pls_fail(err, PLS_EIO, "the findings cannot be written: %s", strerror(errno));
    return PLS_OK;
}

void findings_free(struct findings *findings)
{
    pls_text_free(&findings->notes);
    *findings = (struct findings){0};
}
