/*
 * submit_script.c: batch scripts: what is to be done where, then a template of slurm/ as it is.
 *
 * Whatever the user has named is quoted: for bash, and in #SBATCH lines for sbatch, which reads
 * them with quotes and backslashes of its own.
 */
#include "submit.h"

#include "slurm.h"
#include "slurm_templates.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                            "_-./,:=+@%^";

/* A script being written; after the first failure nothing more is added. */
struct script {
    struct pls_text *text;
    enum pls_code code;
    struct pls_error *err;
};

static void add(struct script *script, const char *bytes, size_t length)
{
    if (script->code == PLS_OK)
        script->code = pls_text_append(script->text, bytes, length, script->err);
}

static void say(struct script *script, const char *text)
{
    add(script, text, strlen(text));
}

static void say_number(struct script *script, const char *before, unsigned long number,
                       const char *after)
{
    if (script->code == PLS_OK)
        script->code = pls_text_printf(script->text, script->err, "%s%lu%s", before, number, after);
}

static bool is_plain(const char *text)
{
    return text[0] != '\0' && text[strspn(text, plain)] == '\0';
}

/* For bash. */
static void quote(struct script *script, const char *text)
{
    if (is_plain(text)) {
        say(script, text);
        return;
    }
    say(script, "'");
    for (; *text != '\0'; text++)
        if (*text == '\'')
            say(script, "'\\''");
        else
            add(script, text, 1);
    say(script, "'");
}

static void assign(struct script *script, const char *name, const char *value)
{
    say(script, name);
    say(script, "=");
    quote(script, value);
    say(script, "\n");
}

/* For sbatch. */
static void quote_sbatch(struct script *script, const char *text)
{
    if (is_plain(text)) {
        say(script, text);
        return;
    }
    say(script, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            say(script, "\\");
        add(script, text, 1);
    }
    say(script, "\"");
}

/* name: "--nodes=" */
static void ask(struct script *script, const char *name, const char *value)
{
    if (value == NULL)
        return;
    say(script, "#SBATCH ");
    say(script, name);
    quote_sbatch(script, value);
    say(script, "\n");
}

/* The study's name, as far as every cluster takes its letters. */
static void ask_name(struct script *script, const struct submission *job, const char *suffix)
{
    const char *slash = strrchr(job->study, '/');
    const char *name = slash != NULL ? slash + 1 : job->study;
    const char *dot = strrchr(name, '.');
    const size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    say(script, "#SBATCH --job-name=plstrap-");
    for (size_t i = 0; i < length; i++)
        add(script, strchr(plain, name[i]) != NULL ? &name[i] : "_", 1);
    say(script, suffix);
    say(script, "\n");
}

/* sbatch's own options, as they came. */
static void ask_passed(struct script *script, const struct options *options)
{
    for (int i = 0; i < options->passed_count; i++) {
        const bool begins = options->passed[i][0] == '-' || i == 0;
        say(script, i > 0 && begins ? "\n" : "");
        say(script, begins ? "#SBATCH " : " ");
        quote_sbatch(script, options->passed[i]);
    }
    say(script, options->passed_count > 0 ? "\n" : "");
}

static void ask_size(struct script *script, const struct options *options,
                     const struct job_size *size)
{
    char limit[32];
    bool memory = true;
    for (int i = 0; i < options->passed_count; i++)
        memory = memory && strncmp(options->passed[i], "--mem", 5) != 0;
    say_number(script, "#SBATCH --nodes=", (unsigned long)size->nodes, "\n");
    say_number(script, "#SBATCH --ntasks-per-node=", (unsigned long)size->tasks, "\n");
    if (memory)
        say_number(script, "#SBATCH --mem=", submit_node_memory(size), "M\n");
    ask(script, "--time=", slurm_print_time(size->limit, limit));
}

/* Where the job's output goes. Slurm puts numbers where a name has %; %% is one. */
static void ask_output(struct script *script, const char *path, size_t length, const char *rest)
{
    struct pls_text name = {0};
    struct script inner = {&name, script->code, script->err};
    for (size_t i = 0; i < length; i++)
        add(&inner, path[i] == '%' ? "%%" : &path[i], path[i] == '%' ? 2 : 1);
    say(&inner, rest);
    script->code = inner.code;
    if (script->code == PLS_OK)
        ask(script, "--output=", name.data);
    say(script, "#SBATCH --open-mode=append\n#SBATCH --requeue\n");
    pls_text_free(&name);
}

size_t submit_stem(const char *result)
{
    const size_t length = strlen(result);
    return length > 3 && strcmp(result + length - 3, ".h5") == 0 ? length - 3 : length;
}

static void assign_stem(struct script *script, const struct submission *job)
{
    char *stem = NULL;
    if (script->code == PLS_OK)
        script->code = pls_copy_text(&stem, job->result, submit_stem(job->result), script->err);
    if (script->code == PLS_OK)
        assign(script, "parts", stem);
    free(stem);
}

static void say_templates(struct script *script, const char *const *lines)
{
    for (; *lines != NULL; lines++)
        say(script, *lines);
}

static void ask_shards(struct script *script, const struct submission *job)
{
    char rest[64];
    const int shards = job->s->options.array;
    snprintf(rest, sizeof rest, ".%%a-of-%d.h5.log", shards);
    say_number(script, "#SBATCH --array=1-", (unsigned long)shards, "\n");
    ask_output(script, job->result, submit_stem(job->result), rest);
}

enum pls_code submit_script(const struct submission *job, struct pls_text *out)
{
    const struct options *options = &job->s->options;
    const bool array = options->array > 0;
    struct script script = {out, PLS_OK, &job->s->err};
    say(&script, "#!/bin/bash\n# Written by plstrap " PLSTRAP_VERSION
                 " submit. Given to sbatch again, it goes on where it stands.\n");
    ask_name(&script, job, "");
    ask(&script, "--partition=", options->partition);
    ask(&script, "--account=", options->account);
    ask_size(&script, options, &job->size);
    say(&script, "#SBATCH --signal=B:USR1@60\n");
    if (array)
        ask_shards(&script, job);
    else
        ask_output(&script, job->result, strlen(job->result), ".log");
    ask_passed(&script, options);
    say(&script, "\n");
    assign(&script, "plstrap", job->program);
    assign(&script, "study", job->study);
    if (array) {
        assign_stem(&script, job);
        say_number(&script, "shards=", (unsigned long)options->array, "\n");
        say(&script, "result=$parts.$SLURM_ARRAY_TASK_ID-of-$shards.h5\n");
    } else {
        assign(&script, "result", job->result);
    }
    say(&script, options->launcher == LAUNCHER_SRUN ? "run=(srun -K1 --mpi=pmix" : "run=(mpirun");
    say(&script, " \"$plstrap\" ");
    say(&script, options->job);
    say(&script, " \"$study\"");
    say(&script, array ? " --shard \"$SLURM_ARRAY_TASK_ID/$shards\"" : "");
    say(&script, " -o \"$result\")\n\n");
    say_templates(&script, slurm_until_done);
    return script.code;
}

enum pls_code submit_merge_script(const struct submission *job, struct pls_text *out)
{
    const struct options *options = &job->s->options;
    struct script script = {out, PLS_OK, &job->s->err};
    say(&script, "#!/bin/bash\n# Written by plstrap " PLSTRAP_VERSION
                 " submit, to be run when the array has ended.\n");
    ask_name(&script, job, "-merge");
    ask(&script, "--partition=", options->partition);
    ask(&script, "--account=", options->account);
    ask_passed(&script, options); /* first: what is meant for the array's size gives way */
    ask_size(&script, options, &job->merge);
    say(&script, "#SBATCH --ntasks=1\n");
    ask_output(&script, job->result, strlen(job->result), ".log");
    say(&script, "\n");
    assign(&script, "plstrap", job->program);
    assign(&script, "result", job->result);
    assign_stem(&script, job);
    say_number(&script, "shards=", (unsigned long)options->array, "\n\n");
    say_templates(&script, slurm_merge);
    return script.code;
}
