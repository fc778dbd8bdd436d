/*
 * cmd_bench.c: plstrap bench: how fast, and how fast this processor could be.
 *
 * The root measures one core while the other ranks sleep; then all of them the scaling.
 */
#include "bench_print.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>

static const char help[] =
    "Measure replicates per second, the time of each stage beside the least that this processor "
    "could take for it, and how more ranks add up. Without a study: four generated cases, with "
    "integer and with real answers, in about a minute."
    "\v"
    "  plstrap bench                       the generated cases, on all cores\n"
    "  plstrap bench study.yaml --json     one study, for machines\n"
    "  PLSTRAP_ISA=avx2 plstrap bench      with another instruction set\n\n"
    "A result is written in a folder of its own in the current one, and removed.\n";

struct bench_session {
    struct options options;
    struct log log;
    struct pls_cluster cluster;
    struct pls_bench_setup setup;
    struct pls_plan *plan; /* the study, or the first case */
    struct pls_error err;
};

static enum pls_code load(struct bench_session *s)
{
    if (s->options.input == NULL)
        return pls_case_plan(0, &s->plan, &s->err);
    enum pls_code code =
        pls_plan_load(s->options.input, PLS_JOB_BOOTSTRAP, NULL, &s->plan, &s->err);
    if (code == PLS_OK && s->plan->base_outcome.status != PLS_STATUS_OK)
        code = pls_fail(&s->err, PLS_EDATA,
                        "%s: the base model did not converge in %u iterations; raise "
                        "estimation.max_iterations, or see `plstrap estimate` for weak blocks",
                        s->options.input, s->plan->study->estimation.max_iterations);
    return code;
}

/* Beside the bootstrap of the same answers: ns is that of a replicate. */
static enum pls_code measure_permutations(struct bench_session *s, struct bench_output *out,
                                          size_t number, double ns)
{
    static const struct {
        size_t groups;
        const char *tests;
    } kinds[] = {
        {2, "mga"},        {2, "mga, micom"},          {2, "mga, micom, omnibus"}, {4, "mga"},
        {4, "mga, micom"}, {4, "mga, micom, omnibus"}, {0, "paths, indirect"}};
    enum pls_code code = PLS_OK;
    for (size_t k = 0; code == PLS_OK && k < sizeof kinds / sizeof kinds[0]; k++) {
        struct pls_permuting one = {
            .number = number, .groups = kinds[k].groups, .tests = kinds[k].tests};
        code = pls_bench_permute(&s->setup, &one, &s->err);
        if (code == PLS_OK)
            code = bench_print_permuting(out, &one, ns, k == 0, &s->err);
    }
    return code;
}

static enum pls_code measure(struct bench_session *s, struct bench_output *out,
                             const struct pls_plan *plan, const char *name, double *ns)
{
    struct pls_bench bench = {0};
    const enum pls_code code = pls_bench_run(&s->setup, plan, &bench, &s->err);
    *ns = bench.ns;
    return code == PLS_OK ? bench_print_case(out, &bench, name, &s->err) : code;
}

static enum pls_code measure_cases(struct bench_session *s, struct bench_output *out)
{
    double ns = 0.0;
    enum pls_code code = measure(s, out, s->plan, pls_case_name(0), &ns);
    if (code == PLS_OK)
        code = measure_permutations(s, out, 0, ns);
    for (size_t c = 1; code == PLS_OK && c < PLS_CASES; c++) {
        struct pls_plan *plan = NULL;
        code = pls_case_plan(c, &plan, &s->err);
        if (code == PLS_OK)
            code = measure(s, out, plan, pls_case_name(c), &ns);
        if (code == PLS_OK && c == 2) /* the other size that studies have */
            code = measure_permutations(s, out, c, ns);
        pls_plan_free(plan);
    }
    return code;
}

/* Root: all that one core does. */
static enum pls_code measure_core(struct bench_session *s, struct bench_output *out)
{
    enum pls_code code = pls_bench_peaks(&s->setup.pace, s->setup.isa, &s->setup.peaks, &s->err);
    if (code == PLS_OK)
        code = bench_print_head(out, &s->setup, s->cluster.size, &s->err);
    if (code != PLS_OK)
        return code;
    double ns;
    return s->options.input != NULL ? measure(s, out, s->plan, s->options.input, &ns)
                                    : measure_cases(s, out);
}

/* All ranks. */
static enum pls_code measure_scaling(struct bench_session *s, struct bench_output *out)
{
    struct pls_scaling scaling[PLS_SCALINGS];
    size_t count = 0;
    enum pls_code code = ranks_share_plan(&s->cluster, &s->plan, &s->err);
    if (code == PLS_OK)
        code = pls_bench_scaling(&s->cluster, &s->setup, s->plan, scaling, &count, &s->err);
    if (code == PLS_OK && s->cluster.rank == 0)
        code = bench_print_scaling(out, scaling, count, &s->err);
    return pls_cluster_agree(&s->cluster, code, &s->err);
}

static enum pls_code run_as_rank(struct bench_session *s)
{
    struct bench_output out = {.json = s->options.json_out};
    enum pls_code code = pls_cluster_join(&s->cluster, &s->err);
    if (code != PLS_OK)
        return code;
    code = pls_isa_select(getenv("PLSTRAP_ISA"), &s->setup.isa, &s->err);
    if (code == PLS_OK)
        code = pls_bench_pace(&s->setup.pace, &s->err);
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code != PLS_OK)
        return code;
    pls_cluster_catch_signals();
    if (s->cluster.rank == 0) {
        code = ranks_check(&s->options, &s->cluster, &s->err);
        if (code == PLS_OK && s->plan == NULL)
            code = load(s);
        if (code == PLS_OK)
            code = measure_core(s, &out);
    }
    code = pls_cluster_agree(&s->cluster, code, &s->err);
    if (code == PLS_OK)
        code = measure_scaling(s, &out);
    bench_print_free(&out);
    return code;
}

/* Without a launcher: check everything, then start ranks, unless one is all that is wanted. */
static enum pls_code run_alone(struct bench_session *s, char **argv, int *status)
{
    enum pls_code code = pls_isa_select(getenv("PLSTRAP_ISA"), &s->setup.isa, &s->err);
    if (code == PLS_OK)
        code = pls_bench_pace(&s->setup.pace, &s->err);
    if (code == PLS_OK)
        code = load(s);
    if (code != PLS_OK)
        return code;
    const int ranks = s->options.ranks > 0 ? s->options.ranks : pls_cluster_cores();
    if (ranks == 1)
        return run_as_rank(s);
    return ranks_launch(argv, ranks, status, &s->err);
}

int cmd_bench(int argc, char **argv)
{
    struct bench_session s = {
        .options = options_parse(argc, argv, GROUP_BENCH, "[STUDY]", help),
    };
    s.cluster.size = 1;
    int launched = 0;
    enum pls_code code = log_open(&s.log, &s.options, &s.err);
    if (code == PLS_OK)
        code = pls_cluster_launched() ? run_as_rank(&s) : run_alone(&s, argv, &launched);
    if (s.cluster.rank == 0)
        log_error(&s.log, code, &s.err);
    pls_plan_free(s.plan);
    log_close(&s.log);
    const int status = pls_cluster_leave(&s.cluster, code);
    return launched != 0 ? launched : status;
}
