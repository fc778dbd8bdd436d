/* bench_print.c: the bench as text and as JSON. */
#include "bench_print.h"

#include <errno.h>
#include <string.h>

#if defined(__clang__)
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* As the kernel calls the processor; "unknown" where it does not. */
static void processor(char out[128])
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    snprintf(out, 128, "unknown processor");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        colon += strspn(colon, ": \t");
        colon[strcspn(colon, "\n")] = '\0';
        pls_text_printable(colon, strlen(colon), 60, out, 128);
        break;
    }
    if (file != NULL)
        fclose(file);
}

static enum pls_code flush(struct pls_error *err)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return pls_fail(err, PLS_EIO, "the table cannot be written: %s", strerror(errno));
    return PLS_OK;
}

static enum pls_code no_memory(struct pls_error *err)
{
    return pls_fail(err, PLS_EUNAVAILABLE, "there is no memory for the JSON");
}

/* 3.46 M, 236 G: three digits */
static const char *amount(double value, char out[32])
{
    static const char units[] = " kMGT";
    size_t unit = 0;
    for (; value >= 999.5 && unit + 2 < sizeof units; unit++)
        value /= 1000.0;
    snprintf(out, 32, "%.*f %c", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[unit]);
    return out;
}

/* ---- head ---- */

static void head_text(const struct pls_bench_setup *setup, const char *cpu, int ranks)
{
    static const char *const what[PLS_PEAKS] = {
        "int8 dot product", "f64 multiply and add", "f64 1/sqrt",     "f64 division",
        "Philox4x32-10",    "byte increments",      "reading memory", "writing 4 MiB"};
    static const char *const unit[PLS_PEAKS] = {
        " multiply-adds/s", " multiply-adds/s", "/s", "/s", "B/s", "/s", "B/s", "B/s"};
    char number[32];
    printf("plstrap %s bench: %s, %s, %s, %d core%s, %d rank%s\n", PLSTRAP_VERSION, cpu,
           pls_isa_name(setup->isa), COMPILER, pls_cluster_cores(),
           pls_cluster_cores() == 1 ? "" : "s", ranks, ranks == 1 ? "" : "s");
    printf("times: the fastest tenth of up to %zu windows of %g ms; limits: the time of a stage's "
           "scarcest\nunit at the peaks of one core, measured now; stages are measured apart from "
           "the rate, as looking\nat the clock costs some per cent\n\n",
           setup->pace.windows, setup->pace.window * 1e3);
    printf("peaks of one core\n");
    for (size_t p = 0; p < PLS_PEAKS; p++)
        printf("  %-20s %9s%s%s%s%s\n", what[p], amount(setup->peaks.per_second[p], number),
               unit[p], p == PLS_PEAK_DOT ? " (" : "", p == PLS_PEAK_DOT ? setup->peaks.dot : "",
               p == PLS_PEAK_DOT ? ")" : "");
}

static json_t *head_json(const struct pls_bench_setup *setup, const char *cpu, int ranks)
{
    json_t *peaks = json_object();
    for (size_t p = 0; peaks != NULL && p < PLS_PEAKS; p++)
        json_object_set_new(peaks, pls_peak_name((enum pls_peak)p),
                            json_real(setup->peaks.per_second[p]));
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:o, s:s, s:[]}", "plstrap",
                     PLSTRAP_VERSION, "cpu", cpu, "isa", pls_isa_name(setup->isa), "compiler",
                     COMPILER, "cores", pls_cluster_cores(), "ranks", ranks, "window_ms",
                     setup->pace.window * 1e3, "peaks_per_second", peaks, "int8_dot_by",
                     setup->peaks.dot, "cases");
}

enum pls_code bench_print_head(struct bench_output *out, const struct pls_bench_setup *setup,
                               int ranks, struct pls_error *err)
{
    char cpu[128];
    processor(cpu);
    if (!out->json) {
        head_text(setup, cpu, ranks);
        return flush(err);
    }
    out->root = head_json(setup, cpu, ranks);
    return out->root != NULL ? PLS_OK : no_memory(err);
}

/* ---- a case ---- */

static double ratio(const struct pls_stage_time *stage)
{
    return stage->limit / stage->ns;
}

static bool is_stored(size_t stage)
{
    return stage == PLS_STAGE_STORE || stage == PLS_STAGE_SECURE;
}

static void stage_text(const struct pls_bench *bench, size_t s)
{
    const struct pls_stage_time *stage = &bench->stage[s];
    char speed[32];
    printf("  %-14s %10.1f", pls_stage_name((enum pls_stage)s), stage->ns);
    if (stage->limit > 0.0)
        printf(" %10.1f %5.0f %%  %s", stage->limit, 100.0 * ratio(stage), stage->bound_by);
    if (is_stored(s))
        printf(" (%sB/s)", amount(bench->row_bytes / stage->ns * 1e9, speed));
    putchar('\n');
}

static void case_text(const struct pls_bench *bench, const char *name)
{
    const struct pls_plan *plan = bench->plan;
    const struct pls_model *model = plan->study->model;
    char rate[32];
    printf("\n%s, %s answers: n %zu, %zu indicators, %zu constructs, %zu pairs, %zu columns, %.1f "
           "iterations\n",
           name, bench->integer ? "integer" : "real", plan->dataset->rows, model->indicators,
           model->constructs, bench->pairs, pls_estimator_columns(plan->estimator)->count,
           bench->iterations);
    printf("  %s replicates/s per core, %.1f ns each\n", amount(1e9 / bench->ns, rate), bench->ns);
    printf("  %-14s %10s %10s %7s  %s\n", "stage", "ns", "limit", "ratio", "bound by");
    for (size_t s = 0; s < PLS_STAGES; s++)
        if (bench->stage[s].ns > 0.0)
            stage_text(bench, s);
}

static json_t *stage_json(const struct pls_bench *bench, size_t s)
{
    const struct pls_stage_time *stage = &bench->stage[s];
    const bool limited = stage->limit > 0.0;
    json_t *object = json_pack("{s:s, s:f, s:o, s:o, s:o}", "stage",
                               pls_stage_name((enum pls_stage)s), "nanoseconds", stage->ns, "limit",
                               limited ? json_real(stage->limit) : json_null(), "ratio",
                               limited ? json_real(ratio(stage)) : json_null(), "bound_by",
                               limited ? json_string(stage->bound_by) : json_null());
    if (object != NULL && is_stored(s))
        json_object_set_new(object, "bytes_per_second",
                            json_real(bench->row_bytes / stage->ns * 1e9));
    return object;
}

static json_t *case_json(const struct pls_bench *bench, const char *name)
{
    const struct pls_plan *plan = bench->plan;
    const struct pls_model *model = plan->study->model;
    json_t *stages = json_array();
    for (size_t s = 0; s < PLS_STAGES; s++)
        if (bench->stage[s].ns > 0.0 && json_array_append_new(stages, stage_json(bench, s)) != 0) {
            json_decref(stages);
            return NULL;
        }
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:o}", "case", name,
                     "answers", bench->integer ? "integer" : "real", "n",
                     (json_int_t)plan->dataset->rows, "indicators", (json_int_t)model->indicators,
                     "constructs", (json_int_t)model->constructs, "pairs", (json_int_t)bench->pairs,
                     "columns", (json_int_t)pls_estimator_columns(plan->estimator)->count,
                     "mean_iterations", bench->iterations, "replicates_per_second", 1e9 / bench->ns,
                     "nanoseconds", bench->ns, "stages", stages);
}

enum pls_code bench_print_case(struct bench_output *out, const struct pls_bench *bench,
                               const char *name, struct pls_error *err)
{
    if (!out->json) {
        case_text(bench, name);
        return flush(err);
    }
    json_t *object = case_json(bench, name);
    return json_array_append_new(json_object_get(out->root, "cases"), object) == 0 ? PLS_OK
                                                                                   : no_memory(err);
}

/* ---- permutations ---- */

static void permuting_text(const struct pls_permuting *of, double ns, bool first)
{
    char rate[32], kind[64];
    if (first)
        printf("\npermutations of %s, integer answers: replicates/s per core; of a model, and to a "
               "bootstrap replicate\n",
               pls_case_name(of->number));
    if (of->groups > 0)
        snprintf(kind, sizeof kind, "%zu groups: %s", of->groups, of->tests);
    else
        snprintf(kind, sizeof kind, "one sample");
    printf("  %-32s %10s %4zu models %10.1f ns each %6.2f\n", kind, amount(1e9 / of->ns, rate),
           of->models, of->ns / (double)of->models, of->ns / (double)of->models / ns);
}

enum pls_code bench_print_permuting(struct bench_output *out, const struct pls_permuting *of,
                                    double ns, bool first, struct pls_error *err)
{
    if (!out->json) {
        permuting_text(of, ns, first);
        return flush(err);
    }
    json_t *list = json_object_get(out->root, "permutations");
    if (list == NULL && json_object_set_new(out->root, "permutations", json_array()) == 0)
        list = json_object_get(out->root, "permutations");
    return json_array_append_new(
               list, json_pack("{s:s, s:I, s:s, s:I, s:f, s:f, s:f}", "case",
                               pls_case_name(of->number), "groups", (json_int_t)of->groups, "tests",
                               of->tests, "models", (json_int_t)of->models, "replicates_per_second",
                               1e9 / of->ns, "nanoseconds_per_model", of->ns / (double)of->models,
                               "ratio_to_bootstrap", of->ns / (double)of->models / ns)) == 0
               ? PLS_OK
               : no_memory(err);
}

/* ---- scaling, and the end ---- */

static void scaling_text(const struct pls_scaling *scaling, size_t count)
{
    char rate[32], kernel[32];
    printf("\nscaling of the first case: the best of twelve rounds; kernel: the sum of each rank's "
           "fastest tenth\nof blocks, which other programs disturb less\n");
    printf("  %5s %14s %8s %14s %8s %9s\n", "ranks", "replicates/s", "to one", "kernel", "to one",
           "waiting");
    for (size_t i = 0; i < count; i++)
        printf("  %5d %14s %8.2f %14s %8.2f %7.1f %%\n", scaling[i].ranks,
               amount(scaling[i].per_second, rate), scaling[i].per_second / scaling[0].per_second,
               amount(scaling[i].kernel_per_second, kernel),
               scaling[i].kernel_per_second / scaling[0].kernel_per_second,
               100.0 * scaling[i].waiting);
}

static enum pls_code scaling_json(struct bench_output *out, const struct pls_scaling *scaling,
                                  size_t count, struct pls_error *err)
{
    json_t *list = json_array();
    int failed = json_object_set_new(out->root, "scaling", list);
    for (size_t i = 0; failed == 0 && i < count; i++)
        failed = json_array_append_new(
            list, json_pack("{s:i, s:f, s:f, s:f, s:f, s:f}", "ranks", scaling[i].ranks,
                            "replicates_per_second", scaling[i].per_second, "ratio_to_one",
                            scaling[i].per_second / scaling[0].per_second, "kernel_per_second",
                            scaling[i].kernel_per_second, "kernel_ratio_to_one",
                            scaling[i].kernel_per_second / scaling[0].kernel_per_second,
                            "waiting_share", scaling[i].waiting));
    if (failed != 0)
        return no_memory(err);
    json_dumpf(out->root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    return PLS_OK;
}

enum pls_code bench_print_scaling(struct bench_output *out, const struct pls_scaling *scaling,
                                  size_t count, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    if (out->json)
        code = scaling_json(out, scaling, count, err);
    else
        scaling_text(scaling, count);
    return code == PLS_OK ? flush(err) : code;
}

void bench_print_free(struct bench_output *out)
{
    json_decref(out->root);
}
