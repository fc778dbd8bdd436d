/* main.c: the plstrap command. */
#include "commands.h"

#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plstrap/text.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    bool parallel; /* all ranks of a launcher work together */
    const char *help;
} commands[] = {
    {"estimate", cmd_estimate, false,
     "the base model: loadings, reliability, paths (no replicates)"},
    {"bootstrap", cmd_bootstrap, true,
     "bootstrap a study: intervals, p-values, mediation, hypotheses"},
    {"permute", cmd_permute, true, "permutation tests: groups, invariance, paths"},
    {"report", cmd_report, false, "print the tables of a finished result again"},
    {"rows", cmd_rows, false, "print the replicates of a result as CSV"},
    {"merge", cmd_merge, false, "unite what shards of a job (--shard) have computed"},
    {"status", cmd_status, false, "how far a result is, while it is made or later"},
    {"verify", cmd_verify, true, "compute a finished result again, and compare"},
    {"submit", cmd_submit, false, "put a study into Slurm's queue, checked and sized"},
    {"bench", cmd_bench, true, "how fast this machine computes, and how fast it could"},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *stream)
{
    fprintf(stream, "plstrap: PLS path models, bootstrapped as often as you like\n\n"
                    "Usage: plstrap COMMAND [OPTION...] FILE\n\n");
    for (size_t c = 0; c < COMMANDS; c++)
        fprintf(stream, "  %-10s %s\n", commands[c].name, commands[c].help);
    fprintf(stream,
            "\nA study is one YAML file: data, model (lavaan syntax), and what to do with it:\n\n"
            "  data: {file: answers.csv}\n"
            "  model: |\n"
            "    Content =~ c1 + c2 + c3      # measured by indicators\n"
            "    Trust   =~ t1 + t2 + t3\n"
            "    Loyalty =~ l1 + l2 + l3\n"
            "    Trust   ~ Content            # paths\n"
            "    Loyalty ~ Content + Trust\n"
            "  hypotheses:\n"
            "    H1: Content -> Trust -> Loyalty > 0\n\n"
            "  plstrap bootstrap study.yaml           all cores of this machine\n"
            "  mpirun -n 16 plstrap bootstrap ...     the same result on 16 ranks\n"
            "  plstrap report study.h5 --csv tables   every number, as CSV\n\n"
            "`plstrap COMMAND --help` lists a command's options. Manual: man plstrap, "
            "man plstrap-study.\n");
}

static int unknown_command(const char *name)
{
    const char *names[COMMANDS];
    for (size_t c = 0; c < COMMANDS; c++)
        names[c] = commands[c].name;
    const char *nearest = pls_text_nearest(name, names, COMMANDS);
    char shown[128];
    pls_text_printable(name, strlen(name), 40, shown, sizeof shown);
    const size_t length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, ".yaml") == 0)
        fprintf(stderr,
                "plstrap: say what to do with the study: `plstrap bootstrap %s`, or estimate\n",
                shown);
    else if (nearest != NULL)
        fprintf(stderr, "plstrap: there is no command \"%s\"; did you mean `plstrap %s`?\n", shown,
                nearest);
    else
        fprintf(stderr, "plstrap: there is no command \"%s\"; `plstrap --help` lists them\n",
                shown);
    return PLS_EUSAGE;
}

/*
 * Under mpirun a command that computes alone would be done by every rank at once: the first does it, the
 * others have nothing to say.
 */
static bool is_spare(const struct command *command)
{
    const char *rank = getenv("OMPI_COMM_WORLD_RANK");
    if (rank == NULL)
        rank = getenv("PMIX_RANK");
    return !command->parallel && rank != NULL && strcmp(rank, "0") != 0;
}

int main(int argc, char **argv)
{
    /* A file that may not grow is an error of the write, not the end of the program. */
    signal(SIGXFSZ, SIG_IGN);
    /* GSL's default is to abort the program; we look at what it returns. */
    gsl_set_error_handler_off();
    if (argc < 2) {
        print_help(stderr);
        return PLS_EUSAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return PLS_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("plstrap %s\n", PLSTRAP_VERSION);
        return PLS_OK;
    }
    for (size_t c = 0; c < COMMANDS; c++)
        if (strcmp(argv[1], commands[c].name) == 0)
            return is_spare(&commands[c]) ? PLS_OK : commands[c].run(argc, argv);
    return unknown_command(argv[1]);
}
