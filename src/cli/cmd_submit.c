/*
 * cmd_submit.c: plstrap submit: everything is checked, sized, written and given to Slurm's sbatch.
 *
 * What would fail in the job fails here, before anything waits in a queue.
 */
#include "submit.h"

#include "slurm.h"

#include "plstrap/alloc.h"
#include "plstrap/file.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char help[] =
    "Put a study into Slurm's queue: check all of it, measure for a second how fast its replicates "
    "are, say "
    "how long the job will take and what it will need, write a batch script beside the result, and "
    "give "
    "it to sbatch. The job stops in time and goes back into the queue until the result is "
    "finished. JOB "
    "is bootstrap or permute."
    "\v"
    "  plstrap submit bootstrap study.yaml --nodes 4\n"
    "  plstrap submit bootstrap study.yaml --dry-run    only print the script\n"
    "  plstrap submit bootstrap study.yaml --array 16   16 jobs and a merge\n"
    "  plstrap submit bootstrap study.yaml -- --qos=long --exclusive\n\n"
    "Nodes are taken to have as many cores as this machine, unless --ntasks-per-node after -- says "
    "otherwise. `plstrap status RESULT` tells how far a job is.\n";

static enum pls_code check_words(struct session *s)
{
    const struct options *options = &s->options;
    char shown[128];
    if (!job_named(options->job, &s->job)) {
        pls_text_printable(options->job, strlen(options->job), 40, shown, sizeof shown);
        return pls_fail(&s->err, PLS_EUSAGE,
                        "there is no job \"%s\" to submit; there are bootstrap and permute, as in "
                        "`plstrap submit bootstrap study.yaml`",
                        shown);
    }
    if (submit_passed(options, "--array", 'a') != NULL)
        return pls_fail(
            &s->err, PLS_EUSAGE,
            "an array among sbatch's options is not one of shards; give --array K before "
            "the --");
    for (int i = 0; i < options->passed_count; i++)
        for (const char *at = options->passed[i]; *at != '\0'; at++)
            if (iscntrl((unsigned char)*at))
                return pls_fail(&s->err, PLS_EUSAGE,
                                "option %d of sbatch's holds a line break or control character, "
                                "which a batch script cannot say",
                                i + 1);
    return PLS_OK;
}

/* Names that go into #SBATCH lines, where Slurm drops backslashes. */
static enum pls_code check_name(struct session *s, const char *path)
{
    char shown[256];
    for (const char *at = path; *at != '\0'; at++)
        if (iscntrl((unsigned char)*at) || *at == '\\') {
            pls_text_printable(path, strlen(path), 60, shown, sizeof shown);
            return pls_fail(&s->err, PLS_EUSAGE,
                            "%s: a batch script cannot name a file with a line break, control "
                            "character or backslash; rename it, or choose another name with -o",
                            shown);
        }
    return PLS_OK;
}

static bool is_on_path(const char *program)
{
    const char *path = getenv("PATH");
    char name[PATH_MAX];
    for (const char *at = path != NULL ? path : ""; *at != '\0';) {
        const size_t length = strcspn(at, ":");
        const int written = snprintf(name, sizeof name, "%.*s/%s", (int)length, at, program);
        if (written > 0 && (size_t)written < sizeof name && access(name, X_OK) == 0)
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

static enum pls_code full_path(const char *path, char **out_new, struct pls_error *err)
{
    *out_new = realpath(path, NULL);
    return *out_new != NULL ? PLS_OK
                            : pls_fail(err, pls_file_code(errno), "%s: cannot be found: %s", path,
                                       strerror(errno));
}

/* The same of a file that need not be there: its folder must. */
static enum pls_code full_path_to_be(const char *path, char **out_new, struct pls_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    char *folder = NULL, *full = NULL;
    struct pls_text text = {0};
    enum pls_code code = slash == NULL ? pls_copy_text(&folder, ".", 1, err)
                                       : pls_copy_text(&folder, path, (size_t)(name - path), err);
    if (code == PLS_OK && (full = realpath(folder, NULL)) == NULL)
        code = pls_fail(err, PLS_ECREATE, "%s: cannot be created: %s; choose another place with -o",
                        path, strerror(errno));
    if (code == PLS_OK)
        code = pls_text_printf(&text, err, "%s/%s", strcmp(full, "/") == 0 ? "" : full, name);
    free(folder);
    free(full);
    *out_new = text.data;
    return code;
}

static enum pls_code with_suffix(const char *path, const char *suffix, char **out_new,
                                 struct pls_error *err)
{
    struct pls_text text = {0};
    const enum pls_code code = pls_text_printf(&text, err, "%s%s", path, suffix);
    *out_new = text.data;
    return code;
}

static enum pls_code find_paths(struct submission *job)
{
    struct session *s = job->s;
    char own[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    if (length < 0)
        return pls_fail(&s->err, PLS_EUNAVAILABLE, "/proc/self/exe cannot be read: %s",
                        strerror(errno));
    enum pls_code code = pls_copy_text(&job->program, own, (size_t)length, &s->err);
    if (code == PLS_OK)
        code = full_path(s->options.input, &job->study, &s->err);
    if (code == PLS_OK)
        code = full_path_to_be(s->output, &job->result, &s->err);
    if (code == PLS_OK)
        code = with_suffix(job->result, ".sbatch", &job->script, &s->err);
    if (code == PLS_OK)
        code = with_suffix(job->result, ".merge.sbatch", &job->merge_script, &s->err);
    if (code == PLS_OK)
        code = check_name(s, job->study);
    if (code == PLS_OK)
        code = check_name(s, job->result);
    return code;
}

/* Whether the file system that the result will lie on has the room. */
static enum pls_code check_room(const struct submission *job)
{
    struct session *s = job->s;
    struct statvfs room;
    struct stat part = {0};
    char *name = NULL, needed[32], there[32];
    enum pls_code code = with_suffix(job->result, ".part", &name, &s->err);
    if (code != PLS_OK)
        return code;
    const double have = stat(name, &part) == 0 ? (double)part.st_size : 0.0;
    double storage = job->merge.storage; /* the whole result; shards lie beside it */
    if (s->options.array > 0)
        storage += job->size.storage * s->options.array;
    *strrchr(name, '/') = '\0';
    if (statvfs(name[0] != '\0' ? name : "/", &room) == 0) {
        const double left = (double)room.f_bavail * (double)room.f_frsize + have;
        if (left < storage)
            code =
                pls_fail(&s->err, PLS_EIO,
                         "%s: needs %s, and its file system has only %s left; choose another place "
                         "with -o, or `store: summary` in the study",
                         s->output, submit_bytes(storage, needed), submit_bytes(left, there));
    }
    free(name);
    return code;
}

/* That nothing is in the way of any shard. */
static enum pls_code check_shards(struct session *s)
{
    const size_t length = submit_stem(s->output);
    enum pls_code code = PLS_OK;
    for (uint32_t k = 1; code == PLS_OK && k <= (uint32_t)s->options.array; k++) {
        const struct pls_shard shard = {k, (uint32_t)s->options.array};
        struct pls_range part[2];
        struct pls_contents contents = s->contents;
        struct pls_text path = {0};
        for (size_t i = 0; i < s->series_count; i++)
            part[i] = session_part(s, shard, i);
        contents.shard = shard;
        contents.part = part;
        code = pls_text_printf(&path, &s->err, "%.*s.%u-of-%u.h5", (int)length, s->output,
                               shard.number, shard.of);
        if (code == PLS_OK)
            code = pls_store_check(path.data, &contents, &s->err);
        pls_text_free(&path);
    }
    return code;
}

/* *done: the result is complete already. */
static enum pls_code check(struct submission *job, bool *done)
{
    struct session *s = job->s;
    enum pls_code code = check_words(s);
    if (code == PLS_OK && !s->options.dry_run && !is_on_path("sbatch"))
        code = pls_fail(&s->err, PLS_EUNAVAILABLE,
                        "Slurm's sbatch is not on the PATH; give this command where jobs are "
                        "submitted, or look at the script with --dry-run");
    if (code == PLS_OK)
        code = pls_isa_select(getenv("PLSTRAP_ISA"), &s->isa, &s->err);
    if (code == PLS_OK)
        code = session_load(s);
    if (code == PLS_OK && pls_job_automatic(s->plan) && s->options.array > 0)
        code = pls_fail(&s->err, PLS_EUSAGE,
                        "shards cannot know when all have computed enough; write a number for "
                        "replicates: auto, or leave out --array");
    if (code == PLS_OK && pls_job_automatic(s->plan)) /* it may take as many */
        session_resize(s, pls_job_most(s->plan));
    if (code == PLS_OK)
        code = find_paths(job);
    if (code == PLS_OK)
        code = session_look(s, done);
    if (code == PLS_OK && !*done) {
        s->contents = session_contents(s, session_keeps_rows(s) ? s->series_count : 0);
        code = pls_store_check(s->output, &s->contents, &s->err);
    }
    if (code == PLS_OK && !*done && s->options.array > 0)
        code = check_shards(s);
    return code;
}

static void tell_memory(FILE *out, const char *what, const struct job_size *size)
{
    char rank[32], root[32], asked[32];
    fprintf(out, "%s%s a rank, %s the first; %s a node\n", what, submit_bytes(size->rank, rank),
            submit_bytes(size->root, root),
            submit_bytes(1048576.0 * (double)submit_node_memory(size), asked));
}

static void tell(const struct submission *job, FILE *out)
{
    const struct session *s = job->s;
    const struct job_size *size = &job->size;
    char count[32], rate[32], time[32], finish[32], bytes[32], limit[32];
    const int shards = s->options.array;
    fprintf(out, "%s: %s replicates of %zu statistics\n", s->options.input,
            pls_text_count(s->series[0].count, count), s->series[0].columns->count);
    fprintf(out, "  rate      %s on one core of this machine (%s)\n", watch_rate(size->rate, rate),
            pls_isa_name(s->isa));
    if (shards > 0)
        fprintf(out, "  array     %d shard%s, then a merge\n", shards, shards == 1 ? "" : "s");
    fprintf(out, "  job       %d node%s, %d rank%s each: %s of computing%s, %s of making tables\n",
            size->nodes, size->nodes == 1 ? "" : "s", size->tasks, size->tasks == 1 ? "" : "s",
            watch_duration(size->seconds, time), shards > 0 ? " a shard" : "",
            watch_duration(shards > 0 ? job->merge.finish : size->finish, finish));
    tell_memory(out, "  memory    ", size);
    if (shards > 0)
        tell_memory(out, "  merge     ", &job->merge);
    fprintf(out, "  storage   %s%s\n", submit_bytes(job->merge.storage, bytes),
            shards > 0 ? ", and as much in shards" : "");
    fprintf(out, "  limit     %s; stops in time and goes on until it is done\n",
            slurm_print_time(size->limit, limit));
}

static enum pls_code write_script(const char *path, const struct pls_text *text,
                                  struct pls_error *err)
{
    struct pls_file file = {0};
    const enum pls_code code = pls_file_create(&file, path, 0644, err);
    if (code != PLS_OK)
        return code;
    fwrite(text->data, 1, text->length, file.stream);
    return pls_file_finish(&file, err);
}

/* Gives a script to sbatch; its answer with --parsable is "job", or "job;cluster". */
static enum pls_code give(const char *script, const char *opt_dependency, char job_id[32],
                          struct pls_error *err)
{
    static const double patience = 120.0;
    const char *argv[6] = {"sbatch", "--parsable"};
    struct pls_text answer = {0};
    size_t argc = 2;
    int status = 0;
    if (opt_dependency != NULL)
        argv[argc++] = opt_dependency;
    argv[argc++] = script;
    enum pls_code code = slurm_run(argv, patience, true, &answer, &status, err);
    const size_t length = answer.data != NULL ? strspn(answer.data, "0123456789") : 0;
    if (code == PLS_OK && (status != 0 || length == 0 || length > 20))
        code = pls_fail(
            err, PLS_EUNAVAILABLE,
            "sbatch did not take the job (its exit code: %d); the script is %s; mend what it "
            "says and give the command again",
            status, script);
    if (code == PLS_OK)
        snprintf(job_id, 32, "%.*s", (int)length, answer.data);
    pls_text_free(&answer);
    return code;
}

static enum pls_code queue(const char *path, const struct pls_text *text,
                           const char *opt_dependency, char id[32], struct pls_error *err)
{
    enum pls_code code = write_script(path, text, err);
    if (code == PLS_OK)
        code = give(path, opt_dependency, id, err);
    if (code == PLS_OK)
        printf("submitted job %s: %s\n", id, path);
    return code;
}

static enum pls_code queue_merge(const struct submission *job, const char *array, char id[32])
{
    struct pls_text text = {0};
    char dependency[64];
    snprintf(dependency, sizeof dependency, "--dependency=afterany:%s", array);
    enum pls_code code = submit_merge_script(job, &text);
    if (code == PLS_OK)
        code = queue(job->merge_script, &text, dependency, id, &job->s->err);
    pls_text_free(&text);
    return code;
}

static enum pls_code print_scripts(const struct submission *job)
{
    struct pls_text text = {0};
    enum pls_code code = submit_script(job, &text);
    if (code == PLS_OK && job->s->options.array > 0)
        code = submit_merge_script(job, &text);
    if (code == PLS_OK &&
        (fwrite(text.data, 1, text.length, stdout) != text.length || fflush(stdout) != 0))
        code = pls_fail(&job->s->err, PLS_EIO, "the script cannot be written: %s", strerror(errno));
    pls_text_free(&text);
    return code;
}

static void tell_how(const struct session *s, const char *id, const char *merge)
{
    if (s->options.array > 0)
        printf("how it goes: squeue -j %s,%s; what they say is in the .log beside each result\n",
               id, merge);
    else
        printf("how it goes: plstrap status %s; squeue -j %s; what it says is in %s.log\n",
               s->output, id, s->output);
}

static enum pls_code submit(const struct submission *job)
{
    struct session *s = job->s;
    struct pls_text text = {0};
    char id[32] = "", merge[32] = "";
    if (s->options.dry_run)
        return print_scripts(job);
    enum pls_code code = submit_script(job, &text);
    if (code == PLS_OK)
        code = queue(job->script, &text, NULL, id, &s->err);
    if (code == PLS_OK && s->options.array > 0)
        code = queue_merge(job, id, merge);
    if (code == PLS_OK && !s->log.quiet)
        tell_how(s, id, merge);
    pls_text_free(&text);
    return code;
}

int cmd_submit(int argc, char **argv)
{
    struct session s = {.options = options_parse(argc, argv, GROUP_SUBMIT,
                                                 "JOB STUDY [-- SBATCH-OPTION...]", help)};
    struct submission job = {.s = &s};
    bool done = false;
    s.cluster.size = 1;
    enum pls_code code = log_open(&s.log, &s.options, &s.err);
    s.options.quiet = true; /* of a result that is complete, no report */
    if (code == PLS_OK)
        code = check(&job, &done);
    if (code == PLS_OK && !done)
        code = submit_size(&job);
    if (code == PLS_OK && !done)
        code = check_room(&job);
    if (code == PLS_OK && !done) {
        if (!s.log.quiet)
            tell(&job, s.options.dry_run ? stderr : stdout);
        code = submit(&job);
    }
    log_error(&s.log, code, &s.err);
    pls_plan_free(s.plan);
    free(s.output);
    free(job.program);
    free(job.study);
    free(job.result);
    free(job.script);
    free(job.merge_script);
    log_close(&s.log);
    return (int)code;
}
