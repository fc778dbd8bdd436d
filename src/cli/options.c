/* options.c: every option once: parser, help and man pages speak from these tables. */
#include "commands.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "plstrap/alloc.h"
#include "plstrap/text.h"
#include "slurm.h"

enum {
    KEY_CSV = 256,
    KEY_JSON,
    KEY_STYLE,
    KEY_SCORES,
    KEY_RESAMPLES,
    KEY_PERMUTATIONS,
    KEY_RANKS,
    KEY_CHUNK,
    KEY_CHECKPOINT,
    KEY_MAX_TIME,
    KEY_RESTART,
    KEY_SHARD,
    KEY_SERIES,
    KEY_RECOMPUTE,
    KEY_JSON_OUT,
    KEY_ROWS,
    KEY_ALL,
    KEY_DRY_RUN,
    KEY_NODES,
    KEY_TIME,
    KEY_PARTITION,
    KEY_ACCOUNT,
    KEY_ARRAY,
    KEY_LAUNCHER,
    KEY_QUIET,
    KEY_VERBOSE,
    KEY_LOG,
    KEY_COLOR,
    KEY_VERSION
};

static const struct argp_option table_options[] = {
    {NULL, 0, NULL, 0, "Tables:", 1},
    {"csv", KEY_CSV, "DIR", 0, "Write every table as a CSV file into DIR", 1},
    {"json", KEY_JSON, "FILE", 0, "Write all tables as one JSON file", 1},
    {"style", KEY_STYLE, "STYLE", 0,
     "Layout of the report: plain, or smartpls (O, M, STDEV, |O/STDEV|, P)", 1},
    {0}};

static const struct argp_option score_options[] = {
    {"output", 'o', "FILE", 0, "Also keep the tables in an HDF5 file, for `plstrap report`", 2},
    {"restart", KEY_RESTART, NULL, 0, "Let -o replace a result of something else", 2},
    {"scores", KEY_SCORES, "FILE", 0,
     "Write the construct scores of every observation as CSV (personal data: mode 0600)", 2},
    {0}};

static const struct argp_option job_options[] = {
    {NULL, 0, NULL, 0, "Where and how (none of these changes a number):", 3},
    {"output", 'o', "FILE", 0,
     "The result; default: the study's name with .h5, in the current folder", 3},
    {"ranks", KEY_RANKS, "N", 0,
     "Processes to start (default: one a core; not under mpirun or srun)", 3},
    {"chunk", KEY_CHUNK, "ROWS", 0,
     "Replicates handed out at a time where rows are kept (default: chosen)", 3},
    {"checkpoint", KEY_CHECKPOINT, "SECONDS", 0, "Secure this often what is computed (default 30)",
     3},
    {"max-time", KEY_MAX_TIME, "TIME", 0,
     "Stop in time, to go on later with the same command (exit code 75): seconds, or 90m, 12h, "
     "HH:MM:SS",
     3},
    {"restart", KEY_RESTART, NULL, 0, "Discard what an earlier run left, and begin anew", 3},
    {"shard", KEY_SHARD, "k/K", 0,
     "Compute only the k-th of K parts, here or on any machine, for `plstrap merge` (the result is "
     "then STUDY.k-of-K.h5)",
     3},
    {0}};

static const struct argp_option resample_options[] = {
    {"resamples", KEY_RESAMPLES, "FILE", 0,
     "Compute these resamples instead of drawing: one replicate a line, 0-based rows separated by "
     "commas",
     3},
    {0}};

static const struct argp_option permutation_options[] = {
    {"permutations", KEY_PERMUTATIONS, "FILE", 0,
     "Compute these permutations instead of drawing: one a line, the group of every row used, "
     "separated by commas; the first line is the groups as they are",
     3},
    {0}};

static const struct argp_option series_options[] = {
    {"series", KEY_SERIES, "NAME", 0,
     "Which rows: bootstrap, jackknife or permutation (default: what the job is about)", 4},
    {"recompute", KEY_RECOMPUTE, "FIRST:COUNT", 0,
     "Compute these replicates again, from the result's study and its data", 4},
    {0}};

static const struct argp_option merge_options[] = {
    {"output", 'o', "FILE", 0, "The result that the parts make together (needed)", 4},
    {"restart", KEY_RESTART, NULL, 0, "Replace what is there under that name", 4},
    {0}};

static const struct argp_option bench_options[] = {
    {"ranks", KEY_RANKS, "N", 0,
     "Processes to start (default: one a core; not under mpirun or srun)", 4},
    {"json", KEY_JSON_OUT, NULL, 0, "Print one JSON object instead of the tables", 4},
    {0}};

static const struct argp_option status_options[] = {
    {"json", KEY_JSON_OUT, NULL, 0, "Print one JSON object instead of text", 4}, {0}};

static const struct argp_option verify_options[] = {
    {NULL, 0, NULL, 0, "What is computed again:", 4},
    {"rows", KEY_ROWS, "N", 0, "A sample of at least N rows of every series (default 1000)", 4},
    {"all", KEY_ALL, NULL, 0, "All rows; of a summary, which has none, its counts", 4},
    {"ranks", KEY_RANKS, "N", 0,
     "Processes to start for --all (default: one a core; not under mpirun or srun)", 4},
    {"resamples", KEY_RESAMPLES, "FILE", 0,
     "The resamples, of a result that was made with this option", 4},
    {"permutations", KEY_PERMUTATIONS, "FILE", 0,
     "The permutations, of a result that was made with this option", 4},
    {"json", KEY_JSON_OUT, NULL, 0, "Print one JSON object instead of text", 4},
    {0}};

static const struct argp_option submit_options[] = {
    {NULL, 0, NULL, 0, "What to ask Slurm for:", 4},
    {"output", 'o', "FILE", 0,
     "The result; default: the study's name with .h5, in the current folder. The script is "
     "FILE.sbatch, what the job says FILE.log",
     4},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "Print the script and queue nothing", 4},
    {"nodes", KEY_NODES, "N", 0, "Nodes (default 1); of an array, of each shard", 4},
    {"time", KEY_TIME, "TIME", 0,
     "Time limit, as sbatch has it: minutes, HH:MM:SS or D-HH:MM, also 90m, 12h, 2d (default: "
     "twice "
     "the estimate and 5 minutes, at most a day)",
     4},
    {"partition", KEY_PARTITION, "NAME", 0, "Partition (default: the cluster's)", 4},
    {"account", KEY_ACCOUNT, "NAME", 0, "Account that pays (default: yours)", 4},
    {"array", KEY_ARRAY, "K", 0,
     "K shards as jobs of their own, and a job that merges them when they have ended", 4},
    {"launcher", KEY_LAUNCHER, "NAME", 0, "What starts the ranks: mpirun (default) or srun", 4},
    {0}};

static const struct argp_option common_options[] = {
    {NULL, 0, NULL, 0, "General:", 5},
    {"quiet", KEY_QUIET, NULL, 0, "Say nothing but results and errors; print no report", 5},
    {"verbose", KEY_VERBOSE, NULL, 0, "Say more", 5},
    {"log", KEY_LOG, "FILE", 0, "Copy all that is said beside the results to FILE", 5},
    {"color", KEY_COLOR, "WHEN", 0, "auto (default), always or never", 5},
    {"version", KEY_VERSION, NULL, 0, "Print the version", 5},
    {0}};

/* 90, 90s, 15m, 12h, 2d, MM:SS, HH:MM:SS: as people write times on clusters. */
static bool parse_time(const char *text, double *seconds)
{
    double part = 0.0, total = 0.0;
    size_t parts = 0;
    const char *at = text;
    for (; parts < 3; parts++) {
        const size_t length = strcspn(at, ":");
        if (parts == 0 && at[length] == '\0')
            break;
        if (!pls_text_number(at, length, '.', &part) || part < 0.0)
            return false;
        total = 60.0 * total + part;
        if (at[length] == '\0') {
            *seconds = total;
            return total > 0.0;
        }
        at += length + 1;
    }
    size_t length = strlen(text);
    double unit = 1.0;
    if (parts > 0 || length == 0)
        return false;
    switch (text[length - 1]) {
    case 'd':
        unit = 86400.0;
        break;
    case 'h':
        unit = 3600.0;
        break;
    case 'm':
        unit = 60.0;
        break;
    case 's':
        break;
    default:
        length++; /* no unit: nothing to take off */
    }
    if (!pls_text_number(text, length - 1, '.', &part) || !(part > 0.0))
        return false;
    *seconds = part * unit;
    return true;
}

/* As sbatch understands it, or with a unit. */
static double parse_limit(const char *arg, struct argp_state *state)
{
    double seconds = 0.0;
    if (!slurm_parse_time(arg, &seconds) && !parse_time(arg, &seconds))
        argp_error(state, "--time takes minutes, HH:MM:SS, D-HH:MM, 90m, 12h or 2d, not \"%s\"",
                   arg);
    return seconds;
}

static uint64_t whole(const char *arg, const char *name, uint64_t most, struct argp_state *state)
{
    uint64_t value = 0;
    if (!pls_text_unsigned(arg, strlen(arg), &value) || value < 1 || value > most)
        argp_error(state, "%s takes a whole number from 1 to %llu, not \"%s\"", name,
                   (unsigned long long)most, arg);
    return value;
}

static double duration(const char *arg, const char *name, struct argp_state *state)
{
    double seconds = 0.0;
    if (!parse_time(arg, &seconds))
        argp_error(state, "%s takes a time above 0, such as 30, 90m, 12h or 01:30:00, not \"%s\"",
                   name, arg);
    return seconds;
}

/* What Slurm calls things by; the rest of a batch script's line is not ours to write. */
static const char *name(const char *arg, const char *option, struct argp_state *state)
{
    for (const char *at = arg; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || *at == 127)
            argp_error(state, "%s takes a name without spaces, not \"%s\"", option, arg);
    if (arg[0] == '\0')
        argp_error(state, "%s takes a name", option);
    return arg;
}

/* k/K */
static struct pls_shard parse_shard(const char *arg, struct argp_state *state)
{
    const size_t length = strcspn(arg, "/");
    const char *of = arg + length + (arg[length] == '/');
    uint64_t k = 0, all = 0;
    if (!pls_text_unsigned(arg, length, &k) || !pls_text_unsigned(of, strlen(of), &all) || k < 1 ||
        k > all)
        argp_error(state, "--shard takes k/K with k from 1 to K, such as 2/8, not \"%s\"", arg);
    if (all > PLS_SHARD_MOST)
        argp_error(state, "--shard splits into at most %d parts, not \"%s\"", PLS_SHARD_MOST, arg);
    return (struct pls_shard){(uint32_t)k, (uint32_t)all};
}

/* FIRST:COUNT */
static void parse_rows(const char *arg, struct options *options, struct argp_state *state)
{
    const size_t length = strcspn(arg, ":");
    const char *count = arg + length + (arg[length] == ':');
    if (!pls_text_unsigned(arg, length, &options->first) ||
        !pls_text_unsigned(count, strlen(count), &options->count) || options->count == 0)
        argp_error(state, "--recompute takes FIRST:COUNT, such as 0:100, not \"%s\"", arg);
}

static int choice(const char *arg, const char *name, const char *const *names, size_t count,
                  struct argp_state *state)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(arg, names[i]) == 0)
            return (int)i;
    char list[128] = "";
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%s",
                               i == 0          ? ""
                               : i + 1 < count ? ", "
                                               : " or ",
                               names[i]);
    argp_error(state, "%s takes %s, not \"%s\"", name, list, arg);
    return 0;
}

/* What argp carries to its parsers. */
struct parse {
    struct options options;
    size_t groups; /* children of the command's own parser: they get the same input */
    bool alone;    /* may come without a file */
    bool two;      /* RESULT and STUDY        */
    bool submit;   /* JOB and STUDY           */
    bool many;     /* PART…                   */
    size_t room;   /* for parts               */
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    static const char *const styles[] = {"plain", "smartpls"};
    static const char *const times[] = {"auto", "always", "never"};
    static const char *const launchers[] = {"mpirun", "srun"};
    struct parse *parse = state->input;
    struct options *options = &parse->options;
    switch (key) {
    case 'o':
        options->output = arg;
        break;
    case KEY_CSV:
        options->csv = arg;
        break;
    case KEY_JSON:
        if (strcmp(arg, "-") == 0)
            argp_error(state, "--json writes a file: name one");
        options->json = arg;
        break;
    case KEY_JSON_OUT:
        options->json_out = true;
        break;
    case KEY_ROWS:
        options->rows = whole(arg, "--rows", UINT32_MAX, state);
        break;
    case KEY_ALL:
        options->all = true;
        break;
    case KEY_DRY_RUN:
        options->dry_run = true;
        break;
    case KEY_NODES:
        options->nodes = (int)whole(arg, "--nodes", 1000000, state);
        break;
    case KEY_TIME:
        options->time = parse_limit(arg, state);
        break;
    case KEY_PARTITION:
        options->partition = name(arg, "--partition", state);
        break;
    case KEY_ACCOUNT:
        options->account = name(arg, "--account", state);
        break;
    case KEY_ARRAY:
        options->array = (int)whole(arg, "--array", 100000, state);
        break;
    case KEY_LAUNCHER:
        options->launcher = (enum launcher)choice(arg, "--launcher", launchers, 2, state);
        break;
    case KEY_STYLE:
        options->style = (enum pls_style)choice(arg, "--style", styles, 2, state);
        options->styled = true;
        break;
    case KEY_SCORES:
        options->scores = arg;
        break;
    case KEY_PERMUTATIONS:
    case KEY_RESAMPLES:
        options->given = arg;
        break;
    case KEY_RANKS:
        options->ranks = (int)whole(arg, "--ranks", 4096, state);
        options->ranks_given = true;
        break;
    case KEY_CHUNK:
        options->chunk = whole(arg, "--chunk", UINT32_MAX, state);
        break;
    case KEY_CHECKPOINT:
        options->checkpoint = duration(arg, "--checkpoint", state);
        break;
    case KEY_MAX_TIME:
        options->max_time = duration(arg, "--max-time", state);
        break;
    case KEY_RESTART:
        options->restart = true;
        break;
    case KEY_SHARD:
        options->shard = parse_shard(arg, state);
        break;
    case KEY_SERIES:
        options->series = arg;
        break;
    case KEY_RECOMPUTE:
        parse_rows(arg, options, state);
        break;
    case KEY_QUIET:
        options->quiet = true;
        break;
    case KEY_VERBOSE:
        options->verbose = true;
        break;
    case KEY_LOG:
        options->log = arg;
        break;
    case KEY_COLOR:
        options->color = (enum when)choice(arg, "--color", times, 3, state);
        break;
    case KEY_VERSION:
        printf("plstrap %s\n", PLSTRAP_VERSION);
        exit(PLS_OK);
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* A name given twice by mistake must not cost what is read. */
static void check_outputs(const struct options *options, struct argp_state *state)
{
    const char *const inputs[] = {options->input, options->study, options->given};
    const struct {
        const char *name, *file;
    } outputs[] = {{"-o", options->output},
                   {"--json", options->json},
                   {"--scores", options->scores},
                   {"--log", options->log}};
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        for (size_t o = 0; o < sizeof outputs / sizeof outputs[0]; o++)
            if (inputs[i] != NULL && outputs[o].file != NULL &&
                strcmp(inputs[i], outputs[o].file) == 0)
                argp_error(state, "%s would replace %s, which is read; name another file",
                           outputs[o].name, inputs[i]);
}

static error_t parse_argument(int key, char *arg, struct argp_state *state)
{
    struct parse *parse = state->input;
    struct options *options = &parse->options;
    switch (key) {
    case ARGP_KEY_INIT:
        for (size_t group = 0; group < parse->groups; group++)
            state->child_inputs[group] = parse;
        return 0;
    case ARGP_KEY_ARG:
        if (parse->submit && options->job == NULL) {
            options->job = arg;
            return 0;
        }
        if (parse->many) {
            if (pls_grow(&options->parts, &parse->room, options->part_count + 1, sizeof arg,
                         NULL) != PLS_OK)
                argp_failure(state, PLS_EUNAVAILABLE, 0, "there is no memory for so many files");
            options->parts[options->part_count++] = arg;
            options->input = arg;
            return 0;
        }
        if (options->input != NULL && parse->two && options->study == NULL) {
            options->study = arg;
            return 0;
        }
        if (options->input != NULL)
            argp_error(state,
                       parse->two ? "a result and a study: \"%s\" is one too many"
                                  : "one file at a time: \"%s\" is one too many",
                       arg);
        options->input = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->input == NULL && parse->submit)
            argp_error(state, "name a job and a study, as in `%s bootstrap study.yaml`",
                       state->name);
        if (options->input == NULL && !parse->alone)
            argp_error(state, "name a file");
        if (parse->many && options->output == NULL)
            argp_error(state, "name the result that the parts make together with -o FILE");
        if (options->study == NULL && parse->two)
            argp_error(state, "name the result and the study");
        if (options->quiet && options->verbose)
            argp_error(state, "--quiet and --verbose exclude each other");
        if (options->all && options->rows > 0)
            argp_error(state, "--rows and --all exclude each other");
        check_outputs(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Where a long option of `groups` of that name (or beginning) is. */
static bool is_option(const struct argp_child *groups, const char *name, size_t length)
{
    if (length == 0 || strncmp(name, "help", length) == 0 || strncmp(name, "usage", length) == 0)
        return true;
    for (; groups->argp != NULL; groups++)
        for (const struct argp_option *o = groups->argp->options; o->name != NULL || o->doc; o++)
            if (o->name != NULL && strncmp(name, o->name, length) == 0)
                return true;
    return false;
}

static const char *nearest_option(const struct argp_child *groups, const char *name)
{
    const char *names[64];
    size_t count = 0;
    for (; groups->argp != NULL; groups++)
        for (const struct argp_option *o = groups->argp->options; o->name != NULL || o->doc; o++)
            if (o->name != NULL && count < sizeof names / sizeof names[0])
                names[count++] = o->name;
    return pls_text_nearest(name, names, count);
}

/* What follows -- is not for us, and getopt would mix it with our own arguments. Returns how many are. */
static int pass_on(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--") == 0) {
            options->passed = argv + i + 1;
            options->passed_count = argc - i - 1;
            return i;
        }
    return argc;
}

/* getopt only says that it does not know an option; this says what to write instead. */
static void check_names(int argc, char **argv, const struct argp_child *groups)
{
    static const char *const keys[] = {"replicates", "seed",    "level",     "intervals",
                                       "scheme",     "missing", "data",      "hypotheses",
                                       "alpha",      "sign",    "tolerance", "quantile"};
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        char name[64], shown[128];
        if (strncmp(argv[i], "--", 2) != 0)
            continue;
        const size_t length = strcspn(argv[i] + 2, "=");
        if (length >= sizeof name || is_option(groups, argv[i] + 2, length))
            continue;
        memcpy(name, argv[i] + 2, length);
        name[length] = '\0';
        pls_text_printable(name, length, 40, shown, sizeof shown);
        const char *nearest = nearest_option(groups, name);
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            if (strcmp(name, keys[k]) == 0) {
                fprintf(stderr,
                        "%s: there is no option --%s: what decides the result stands in the study "
                        "(man plstrap-study)\n",
                        argv[0], shown);
                exit(PLS_EUSAGE);
            }
        if (nearest != NULL)
            fprintf(stderr, "%s: there is no option --%s; did you mean --%s?\n", argv[0], shown,
                    nearest);
        else
            fprintf(stderr, "%s: there is no option --%s; `%s --help` lists them\n", argv[0], shown,
                    argv[0]);
        exit(PLS_EUSAGE);
    }
}

struct options options_parse(int argc, char **argv, unsigned groups, const char *arguments,
                             const char *help)
{
    static const struct argp tables = {table_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp scores = {score_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp job = {job_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp series = {series_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp bench = {bench_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp status = {status_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp verify = {verify_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp submit = {submit_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp merge = {merge_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp common = {common_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp resamples = {
        resample_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    static const struct argp permutations = {
        permutation_options, parse_option, NULL, NULL, NULL, NULL, NULL};
    struct argp_child children[13] = {{0}};
    size_t count = 0;
    if ((groups & GROUP_TABLES) != 0)
        children[count++] = (struct argp_child){&tables, 0, NULL, 0};
    if ((groups & GROUP_SCORES) != 0)
        children[count++] = (struct argp_child){&scores, 0, NULL, 0};
    if ((groups & GROUP_JOB) != 0)
        children[count++] = (struct argp_child){&job, 0, NULL, 0};
    if ((groups & GROUP_RESAMPLES) != 0)
        children[count++] = (struct argp_child){&resamples, 0, NULL, 0};
    if ((groups & GROUP_PERMUTATIONS) != 0)
        children[count++] = (struct argp_child){&permutations, 0, NULL, 0};
    if ((groups & GROUP_SERIES) != 0)
        children[count++] = (struct argp_child){&series, 0, NULL, 0};
    if ((groups & GROUP_BENCH) != 0)
        children[count++] = (struct argp_child){&bench, 0, NULL, 0};
    if ((groups & GROUP_STATUS) != 0)
        children[count++] = (struct argp_child){&status, 0, NULL, 0};
    if ((groups & GROUP_VERIFY) != 0)
        children[count++] = (struct argp_child){&verify, 0, NULL, 0};
    if ((groups & GROUP_SUBMIT) != 0)
        children[count++] = (struct argp_child){&submit, 0, NULL, 0};
    if ((groups & GROUP_MERGE) != 0)
        children[count++] = (struct argp_child){&merge, 0, NULL, 0};
    children[count++] = (struct argp_child){&common, 0, NULL, 0};

    const struct argp argp = {NULL, parse_argument, arguments, help, children, NULL, NULL};
    struct parse parse = {
        .options = {.checkpoint = 30.0},
        .groups = count,
        .alone = (groups & GROUP_BENCH) != 0,
        .two = (groups & GROUP_VERIFY) != 0,
        .submit = (groups & GROUP_SUBMIT) != 0,
        .many = (groups & GROUP_MERGE) != 0,
    };
    if (parse.submit)
        argc = pass_on(argc, argv, &parse.options);
    /* argp names the program in its messages by argv[0]. */
    char name[64];
    snprintf(name, sizeof name, "plstrap %s", argv[1]);
    char *const kept = argv[1];
    argv[1] = name;
    check_names(argc - 1, argv + 1, children);
    argp_parse(&argp, argc - 1, argv + 1, 0, NULL, &parse);
    argv[1] = kept;
    return parse.options;
}
