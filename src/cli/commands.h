/*
 * commands.h: the plstrap command: one function and one file per subcommand, all of them short.
 *
 * main() dispatches by table; options.c holds every option once; output.c knows the terminal; results go
 * to stdout, everything else to stderr.
 */
#ifndef PLSTRAP_COMMANDS_H
#define PLSTRAP_COMMANDS_H

#include "plstrap/cluster.h"
#include "plstrap/error.h"
#include "plstrap/plan.h"
#include "plstrap/report.h"
#include "plstrap/store.h"
#include "plstrap/table.h"
#include "plstrap/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };
enum launcher { LAUNCHER_MPIRUN, LAUNCHER_SRUN };

struct options {
    const char *input;  /* STUDY or RESULT             */
    const char *study;  /* of `verify`                 */
    const char *output; /* -o, or NULL                 */
    const char *csv;    /* folder, or NULL             */
    const char *json;   /* file, or NULL               */
    const char *scores; /* file, or NULL               */
    const char *given;  /* --resamples or --permutations: file, or NULL */
    const char *series; /* of `rows`, or NULL          */
    const char *log;    /* file, or NULL               */
    const char **parts; /* of `merge`: [part_count], to be freed */
    size_t part_count;
    struct pls_shard shard; /* {0, 0}: the whole job      */
    uint64_t first;         /* of --recompute              */
    uint64_t count;         /* of --recompute, 0: not given */
    uint64_t chunk;         /* rows, 0: chosen             */
    double checkpoint;      /* seconds                     */
    double max_time;        /* seconds, 0: no limit        */
    int ranks;              /* 0: all cores                */
    bool ranks_given;
    uint64_t rows; /* of `verify`                 */
    bool all;      /* of `verify`                 */
    bool json_out; /* JSON to stdout              */
    bool restart;
    bool quiet;
    bool verbose;
    const char *job;       /* of `submit`: what is to be done with the study */
    const char *partition; /* of `submit`, or NULL                            */
    const char *account;   /* of `submit`, or NULL                            */
    double time;           /* of `submit`: seconds, 0: chosen                 */
    int nodes;             /* of `submit`, 0: not given                       */
    int array;             /* of `submit`: shards, 0: none                    */
    enum launcher launcher;
    char **passed; /* of `submit`: what follows --, for sbatch */
    int passed_count;
    bool dry_run;
    bool styled; /* --style was given */
    enum pls_style style;
    enum when color;
};

/* Groups of options that commands share. */
enum option_group {
    GROUP_TABLES = 1,
    GROUP_JOB = 2,
    GROUP_SCORES = 4,
    GROUP_SERIES = 8,
    GROUP_BENCH = 16, /* the file may be left out */
    GROUP_STATUS = 32,
    GROUP_VERIFY = 64,  /* two files */
    GROUP_SUBMIT = 128, /* a job and a file, and sbatch's own after -- */
    GROUP_MERGE = 256,  /* any number of files */
    GROUP_RESAMPLES = 512,
    GROUP_PERMUTATIONS = 1024
};

/*
 * Parses a subcommand's arguments; ends the program for --help, --version and usage errors (64).
 *
 *   groups  in  which optional groups the command takes
 */
struct options options_parse(int argc, char **argv, unsigned groups, const char *arguments,
                             const char *help);

/* ---- log.c: what is said beside the results ---- */

struct log {
    FILE *file; /* copy of all that is said, or NULL */
    bool quiet;
    bool verbose;
};

enum pls_code log_open(struct log *log, const struct options *options, struct pls_error *err);
void log_say(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* After all else that is printed, whoever prints it. */
void log_last(struct log *log, const struct pls_cluster *cluster, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_detail(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* --verbose: what was read. */
void log_plan(struct log *log, const struct pls_plan *plan);
/* Errors are never quiet. Returns the code. */
enum pls_code log_error(struct log *log, enum pls_code code, const struct pls_error *err);
void log_close(struct log *log);

/* The rows of a series that a result holds: all, or those of a shard. */
static inline struct pls_range rows_held(const struct pls_contents *contents, size_t series)
{
    if (contents->shard.of > 0)
        return contents->part[series];
    return (struct pls_range){(uint32_t)series, 0, contents->series[series].count};
}

/* ---- output.c: tables to where the user wants them ---- */

/* Report on stdout, then --csv and --json. */
enum pls_code output_tables(const struct pls_tables *tables, const struct options *options,
                            struct pls_error *err);
/* pls_result_open(), which knows of results that are not finished. */
enum pls_code output_open(const char *path, struct pls_result **out_new, struct pls_error *err);
bool output_is_terminal(int descriptor); /* of the user, also through our own launcher */
unsigned output_width(void);

/* ---- runfile.c: FILE.run.json, what decided nothing ---- */

/* This run, as its entry tells it. */
struct run {
    const char *result; /* NULL: no entry is written */
    const char *job;
    const char *outcome; /* "finished", "stopped"; NULL while it is under way */
    int ranks;
    double start;    /* seconds from the program's start to the first row */
    uint64_t before; /* rows that were there when it began */
    uint64_t all;    /* rows of the whole result */
    struct pls_work_facts facts;
    bool preparing; /* what is computed now is not yet of the result */
    bool entered;   /* it has its entry */
};

/* Adds the run's entry, or writes it anew. */
enum pls_code runfile_write(struct run *run, struct pls_error *err);

/* The last entry of a file that anyone may have written. */
struct run_seen {
    char outcome[32];
    char job[32];
    char slurm_job[64];
    uint64_t ranks, rows, before, all, updated; /* 0 where it does not say; updated is Unix time */
    double seconds;
};
bool runfile_last(const char *result, struct run_seen *out);

/* ---- watch.c: progress, checkpoints and the time limit of a running job ---- */

struct watch {
    struct log *log;
    struct pls_store *store; /* to be secured now and then; NULL: nothing is */
    struct run *run;         /* to be told in the run file; NULL: nothing is */
    const struct options *options;
    uint64_t before; /* rows that an earlier run computed                     */
    bool bar;        /* a progress bar on the terminal, else a line a minute */
    bool drawn;      /* the bar is on the screen                             */
    double began;    /* seconds, monotonic: of the job                       */
    double drawn_at; /* of the last bar or line                              */
    double synced;   /* of the last checkpoint                               */
    double deadline; /* stops then; infinite: no limit                       */
    bool timed_out;
    double told;        /* when the run was last told of; 0: never              */
    enum pls_code code; /* of a checkpoint that failed                          */
    struct pls_error *err;
};

double watch_now(void);
/* When the program was started, launcher included. */
double watch_program_start(void);
bool watch_tick(void *self, uint64_t done, uint64_t todo);
void watch_clear(struct watch *watch);
const char *watch_rate(double rate, char out[32]);        /* 4.9 M/s */
const char *watch_duration(double seconds, char out[32]); /* 90 s, 12 min, 3.5 h */

/* ---- ranks.c: commands that compute on several ranks ---- */

/* The job of that name, of those that have replicates; false: there is none. */
bool job_named(const char *name, enum pls_job *out);
/* --ranks is refused where a launcher decides. */
enum pls_code ranks_check(const struct options *options, const struct pls_cluster *cluster,
                          struct pls_error *err);
/* pls_cluster_launch(); the ranks know that it was us. */
enum pls_code ranks_launch(char **argv, int ranks, int *status, struct pls_error *err);
/* The root's plan on every rank. */
enum pls_code ranks_share_plan(const struct pls_cluster *cluster, struct pls_plan **plan,
                               struct pls_error *err);

/* ---- difference.c: what makes a result that of another study ---- */

/* The first line in which two texts differ, of each, to be shown; false where they are the same. */
bool difference_line(const char *a, const char *b, char line_a[128], char line_b[128]);
/*
 * "another study: `bootstrap.seed: 3` there, `bootstrap.seed: 4` here", or "other answers …": the
 * first thing found that makes the rows of a result others than the plan's.
 */
enum pls_code difference_tell(const char *path, const struct pls_contents *contents,
                              const struct pls_plan *plan, struct pls_text *out,
                              struct pls_error *err);

/* ---- subcommands ---- */

int cmd_estimate(int argc, char **argv);
int cmd_bootstrap(int argc, char **argv);
int cmd_permute(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_rows(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_submit(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_verify(int argc, char **argv);

#endif
