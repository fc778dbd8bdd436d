/*
 * submit.h: what the files of `plstrap submit` have between them.
 *
 *   cmd_submit.c      everything is checked, told, written and given to sbatch
 *   submit_size.c     how long, how much memory, how large
 *   submit_script.c   the batch scripts, from the templates in slurm/
 */
#ifndef PLSTRAP_CLI_SUBMIT_H
#define PLSTRAP_CLI_SUBMIT_H

#include "session.h"

#include "plstrap/text.h"

/* A job as it will be asked for. Of an array: one of its shards. */
struct job_size {
    int nodes;
    int tasks;      /* ranks of a node                                   */
    double rows;    /* bootstrap and jackknife                           */
    double rate;    /* rows a second of one core, measured               */
    double seconds; /* of computing, on all ranks                        */
    double finish;  /* seconds of reading back and making tables         */
    double rank;    /* bytes of memory of a rank                         */
    double root;    /* of the first, which makes the tables              */
    double storage; /* bytes of the result                               */
    double limit;   /* seconds, as asked for or chosen                   */
};

struct submission {
    struct session *s;
    struct job_size size;
    struct job_size merge; /* --array: of the job that unites the shards */
    char *program;         /* absolute paths */
    char *study;
    char *result;
    char *script;
    char *merge_script; /* --array */
};

/* The value of one of sbatch's own options among what follows `--`, or NULL: "--time" and 't'. */
const char *submit_passed(const struct options *options, const char *name, char letter);

/* Measures about a second, and sizes; nodes and tasks are chosen too. */
enum pls_code submit_size(struct submission *job);

/* 1.2 GB */
const char *submit_bytes(double bytes, char out[32]);
/* MiB of a node's memory to ask for. */
unsigned long submit_node_memory(const struct job_size *size);

/* How much of a result's name those of its shards begin with: all but .h5. */
size_t submit_stem(const char *result);

/* Texts of the scripts. */
enum pls_code submit_script(const struct submission *job, struct pls_text *out);
enum pls_code submit_merge_script(const struct submission *job, struct pls_text *out);

#endif
