/* peaks.c: what one core does at most. */
#include "bench.h"

#include "peak.h"
#include "plstrap/alloc.h"
#include "plstrap/random.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 64 };
static const size_t batch_of_rows = (size_t)4 << 20; /* bytes */
static const size_t least_memory = (size_t)128 << 20, most_memory = (size_t)1 << 30;

const char *pls_peak_name(enum pls_peak peak)
{
    static const char *const names[PLS_PEAKS] = {
        "int8_dot",     "f64_multiply_add", "f64_inverse_root",  "f64_division",
        "philox_bytes", "increments",       "memory_read_bytes", "write_bytes"};
    return names[peak];
}

static const struct peak_loops *loops_of(enum pls_isa isa)
{
#if defined(__x86_64__)
    if (isa == PLS_ISA_AVX2)
        return &peak_loops_avx2;
    if (isa == PLS_ISA_AVX512)
        return &peak_loops_avx512;
#endif
    (void)isa;
    return &peak_loops_portable;
}

/* One loop as a task; memory [size] is walked through again and again. */
struct peak_task {
    struct peak_work work;
    const struct peak_loop *loop;
    unsigned char *memory;
    size_t size;
};

static enum pls_code run(void *self, uint64_t units, double parts[PLS_PARTS], struct pls_error *err)
{
    (void)parts, (void)err;
    struct peak_task *task = self;
    const size_t step = (size_t)task->loop->each;
    uint64_t left = units;
    while (left > 0) {
        uint64_t some = left;
        if (task->memory != NULL) { /* as far as it goes, then from its beginning */
            uint64_t room = (uint64_t)(task->memory + task->size - task->work.at) / step;
            if (room == 0) {
                task->work.at = task->memory;
                room = task->size / step;
            }
            some = room < left ? room : left;
        }
        task->loop->run(&task->work, (size_t)some);
        left -= some;
    }
    return PLS_OK;
}

static enum pls_code measure(const struct pls_pace *pace, struct peak_task *task,
                             const struct peak_loop *loop, unsigned char *memory, size_t size,
                             double *per_second, struct pls_error *err)
{
    const struct pls_task windows = {task, run, 64, 0, UINT64_C(1) << 40};
    double ns = 0.0;
    task->loop = loop;
    task->memory = task->work.at = memory;
    task->size = size;
    const enum pls_code code = pls_bench_time(pace, &windows, &ns, NULL, err);
    if (code == PLS_OK)
        *per_second = loop->each / ns * 1e9;
    return code;
}

/* More than what caches hold, so that it is memory which is read. */
static size_t memory_wanted(void)
{
    size_t size = least_memory;
#if defined(_SC_LEVEL3_CACHE_SIZE)
    const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    if (cache > 0 && (size_t)cache > size / 4)
        size = 4 * (size_t)cache;
#endif
    return size < most_memory ? size : most_memory;
}

static void fill(struct peak_work *work)
{
    uint32_t word[4];
    for (uint32_t i = 0; i < PEAK_TABLE; i++) {
        if (i % 4 == 0)
            pls_random_block(1, PLS_PURPOSE_BOOTSTRAP, 0, 0, i / 4, word);
        work->bytes[i] = word[i % 4] & 3;
        if (i < PEAK_TABLE / 2)
            work->places[i] = (uint16_t)(word[i % 4] >> 8 & (PEAK_TABLE - 1));
        if (i < PEAK_TABLE / 8)
            work->numbers[i] = 1.0 + word[i % 4] / 4294967296.0;
    }
}

enum pls_code pls_bench_peaks(const struct pls_pace *pace, enum pls_isa isa, struct pls_peaks *out,
                              struct pls_error *err)
{
    const struct peak_loops *loops = loops_of(isa);
    const size_t size = memory_wanted();
    struct peak_task task = {0};
    unsigned char *memory = NULL;
    enum pls_code code = pls_alloc(&memory, size + LINE, 1, err);
    if (code != PLS_OK)
        return code;
    memset(memory, 1, size + LINE); /* else all pages are the one of zeros */
    unsigned char *aligned = memory + (LINE - (uintptr_t)memory % LINE);
    void *tables = aligned;
    task.work.numbers = tables;
    task.work.bytes = aligned + PEAK_TABLE;
    task.work.places = (void *)(aligned + (size_t)2 * PEAK_TABLE);
    task.work.counts = aligned + (size_t)3 * PEAK_TABLE;
    fill(&task.work);
    const struct {
        enum pls_peak peak;
        const struct peak_loop *loop;
        size_t size; /* of memory, 0: none */
    } all[] = {{PLS_PEAK_DOT, &loops->dot, 0},
               {PLS_PEAK_F64, &loops->f64, 0},
               {PLS_PEAK_ROOT, &loops->root, 0},
               {PLS_PEAK_DIVISION, &loops->division, 0},
               {PLS_PEAK_PHILOX, &loops->philox, 0},
               {PLS_PEAK_INCREMENTS, &loops->increments, 0},
               {PLS_PEAK_READ, &loops->read, size},
               {PLS_PEAK_WRITE, &loops->write, batch_of_rows}}; /* overwrites the tables: last */
    out->dot = loops->dot_with;
    for (size_t i = 0; code == PLS_OK && i < PLS_PEAKS; i++)
        code = measure(pace, &task, all[i].loop, all[i].size > 0 ? aligned : NULL, all[i].size,
                       &out->per_second[all[i].peak], err);
    free(memory);
    return code;
}
