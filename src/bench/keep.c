/*
 * keep.c: rows into a real result, against plain writing of as many bytes to the same disk.
 *
 * A result of some 64 MiB is laid out, filled and removed several times, in turn with a plain
 * file; the fastest of each counts. "store" is until the system has the rows, "secure" until the
 * disk has. Rows come in ranges of 4 MiB, as from other ranks.
 */
#include "bench.h"

#include "plstrap/alloc.h"
#include "plstrap/store.h"
#include "plstrap/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 8 };
static const double result_bytes = 67108864.0, range_bytes = 4194304.0;
static const double usual_window = 3e-3; /* shorter ones make smaller results */

struct keeping {
    char folder[32];
    struct pls_text result, plain; /* paths */
    struct pls_series series;
    struct pls_contents contents;
    char digest[65];
    double *rows; /* [columns][range] */
    struct pls_outcome *outcomes;
    size_t range;
    size_t bytes;      /* of a range */
    double put[2];     /* ns: store, secure */
    double written[2]; /* the same of plain writing */
};

static enum pls_code make_folder(struct keeping *k, struct pls_error *err)
{
    memcpy(k->folder, "plstrap-bench-XXXXXX", sizeof "plstrap-bench-XXXXXX");
    if (mkdtemp(k->folder) == NULL) {
        k->folder[0] = '\0';
        return pls_fail(err, PLS_ECREATE,
                        "no folder can be made here (%s); bench stores a result in the current "
                        "folder and removes it: change to one that may be written",
                        strerror(errno));
    }
    enum pls_code code = pls_text_printf(&k->result, err, "%s/result.h5", k->folder);
    if (code == PLS_OK)
        code = pls_text_printf(&k->plain, err, "%s/plain", k->folder);
    return code;
}

static enum pls_code prepare(struct keeping *k, const struct pls_bench_setup *setup,
                             const struct pls_bench_rows *rows, const struct pls_plan *plan,
                             struct pls_error *err)
{
    const struct pls_columns *columns = pls_estimator_columns(plan->estimator);
    const struct pls_model *model = plan->study->model;
    const double row = (double)columns->count * sizeof(double) + sizeof(struct pls_outcome);
    k->range = (size_t)fmin(fmax(range_bytes / row, 1.0), (double)rows->count);
    const double bytes = result_bytes * fmin(setup->pace.window / usual_window, 1.0);
    const double ranges = fmax(floor(bytes / row / (double)k->range), 1.0);
    k->bytes = (size_t)(row * (double)k->range);
    k->series = (struct pls_series){"bootstrap", (uint64_t)ranges * k->range, columns};
    enum pls_code code = pls_job_digest(plan, true, k->digest, err);
    if (code == PLS_OK)
        code = pls_alloc(&k->rows, columns->count, k->range * sizeof *k->rows, err);
    if (code == PLS_OK)
        code = pls_alloc(&k->outcomes, k->range, sizeof *k->outcomes, err);
    for (size_t c = 0; code == PLS_OK && c < columns->count; c++)
        memcpy(k->rows + c * k->range, rows->values + c % rows->columns * rows->count,
               k->range * sizeof *k->rows);
    k->contents = (struct pls_contents){
        .job = "bootstrap",
        .study = plan->study->text,
        .model = plan->study->model_text,
        .rows_digest = k->digest,
        .version = PLSTRAP_VERSION,
        .seed = plan->study->bootstrap.seed,
        .observations = plan->dataset->rows,
        .series = &k->series,
        .series_count = 1,
        .estimate = plan->base,
        .indicator = (const char *const *)model->indicator,
        .indicators = model->indicators,
        .construct = (const char *const *)model->construct,
        .constructs = model->constructs,
    };
    return code;
}

static void note(double best[2], uint64_t start, uint64_t handed, uint64_t secured)
{
    const double store = (double)(handed - start), secure = (double)(secured - start);
    best[0] = best[0] == 0.0 ? store : fmin(best[0], store);
    best[1] = best[1] == 0.0 ? secure : fmin(best[1], secure);
}

static enum pls_code store_rows(struct keeping *k, struct pls_error *err)
{
    struct pls_store *store = NULL;
    enum pls_code code = pls_store_open(k->result.data, &k->contents, true, &store, err);
    const uint64_t start = pls_bench_clock();
    for (uint64_t row = 0; code == PLS_OK && row < k->series.count; row += k->range) {
        const struct pls_range range = {0, row, k->range};
        code = pls_store_put(store, &range, k->rows, k->outcomes, err);
    }
    const uint64_t handed = pls_bench_clock();
    if (code == PLS_OK)
        code = pls_store_sync(store, err);
    note(k->put, start, handed, pls_bench_clock());
    pls_store_close(store, false);
    return code;
}

static bool write_all(int fd, const void *bytes, size_t length)
{
    for (const char *at = bytes; length > 0;) {
        const ssize_t some = write(fd, at, length);
        if (some < 0 && errno == EINTR)
            continue;
        if (some <= 0)
            return false;
        at += some;
        length -= (size_t)some;
    }
    return true;
}

static enum pls_code write_plainly(struct keeping *k, struct pls_error *err)
{
    const size_t values = k->range * k->series.columns->count * sizeof *k->rows;
    const int fd = open(k->plain.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool sound = fd >= 0;
    const uint64_t start = pls_bench_clock();
    for (uint64_t row = 0; sound && row < k->series.count; row += k->range)
        sound = write_all(fd, k->rows, values) && write_all(fd, k->outcomes, k->bytes - values);
    const uint64_t handed = pls_bench_clock();
    sound = sound && fdatasync(fd) == 0;
    note(k->written, start, handed, pls_bench_clock());
    const enum pls_code code =
        sound ? PLS_OK
              : pls_fail(err, PLS_EIO, "%s: cannot be written: %s", k->plain.data, strerror(errno));
    if (fd >= 0)
        close(fd);
    unlink(k->plain.data);
    return code;
}

enum pls_code pls_bench_keep(const struct pls_bench_setup *setup, const struct pls_bench_rows *rows,
                             struct pls_bench *out, struct pls_error *err)
{
    static const char *const bounds[2] = {"plain writing", "the disk"};
    struct keeping k = {.range = 1};
    enum pls_code code = prepare(&k, setup, rows, out->plan, err);
    if (code == PLS_OK)
        code = make_folder(&k, err);
    for (int round = 0; code == PLS_OK && round < ROUNDS; round++) {
        code = pls_bench_stopped(err);
        if (code == PLS_OK)
            code = write_plainly(&k, err);
        if (code == PLS_OK)
            code = store_rows(&k, err);
    }
    for (size_t s = 0; code == PLS_OK && s < 2; s++)
        out->stage[PLS_STAGE_STORE + s] = (struct pls_stage_time){
            k.put[s] / (double)k.series.count, k.written[s] / (double)k.series.count, bounds[s]};
    out->row_bytes = (double)k.bytes / (double)k.range;
    if (k.folder[0] != '\0')
        rmdir(k.folder);
    pls_text_free(&k.result);
    pls_text_free(&k.plain);
    free(k.rows);
    free(k.outcomes);
    return code;
}
