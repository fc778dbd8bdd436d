/* stopping.c: the rules by which a job stops early (STUDIES A.2), over rows in their order. */
#include "gandy.h"
#include "plstrap/alloc.h"
#include "plstrap/permutation.h"
#include "sample.h"

#include <math.h>
#include <stdlib.h>

enum { FIRST_BATCH = 1000, GRAIN = 1000 };

struct hypothesis {
    uint64_t b;    /* exceedances among */
    uint64_t used; /* rows that count, up to where it was done */
    uint64_t rows; /* rows up to where it was done             */
    bool done;
    enum pls_certainty certainty;
};

struct pls_stopper {
    enum pls_stop rule;
    size_t count;
    size_t left; /* not done */
    double alpha;
    enum pls_procedure procedure;
    uint64_t max;
    uint64_t rows;  /* seen */
    uint64_t look;  /* at which it looks next */
    uint64_t batch; /* that comes before that look */
    bool done;
    uint64_t stop;
    double spent; /* of mmctest's risk */
    struct hypothesis *hypothesis;
    double *low, *high; /* [count] mmctest's intervals so far */
    double *at_low, *at_high;
    struct pls_gandy gandy;
};

void pls_stopper_free(struct pls_stopper *stopper)
{
    if (stopper == NULL)
        return;
    pls_gandy_free(&stopper->gandy);
    free(stopper->hypothesis);
    free(stopper->low);
    free(stopper);
}

enum pls_code pls_stopper_new(enum pls_stop rule, size_t hypotheses, double alpha,
                              enum pls_procedure procedure, uint64_t max,
                              struct pls_stopper **out_new, struct pls_error *err)
{
    struct pls_stopper *stopper = NULL;
    enum pls_code code = pls_alloc(&stopper, 1, sizeof *stopper, err);
    if (code == PLS_OK)
        code = pls_alloc(&stopper->hypothesis, hypotheses, sizeof *stopper->hypothesis, err);
    if (code == PLS_OK)
        code = pls_alloc(&stopper->low, hypotheses, 4 * sizeof *stopper->low, err);
    if (code != PLS_OK) {
        pls_stopper_free(stopper);
        return code;
    }
    stopper->rule = rule;
    stopper->count = stopper->left = hypotheses;
    stopper->alpha = alpha;
    stopper->procedure = procedure;
    stopper->max = max;
    stopper->batch = FIRST_BATCH;
    stopper->look = FIRST_BATCH - 1 < max ? FIRST_BATCH - 1 : max;
    stopper->high = stopper->low + hypotheses;
    stopper->at_low = stopper->low + 2 * hypotheses;
    stopper->at_high = stopper->low + 3 * hypotheses;
    stopper->gandy.alpha = alpha;
    for (size_t k = 0; k < hypotheses; k++)
        stopper->high[k] = 1.0;
    *out_new = stopper;
    return PLS_OK;
}

static void finish(struct pls_stopper *stopper, uint64_t stop)
{
    stopper->done = true;
    stopper->stop = stop;
}

static void decide(struct pls_stopper *stopper, struct hypothesis *own, uint64_t rows,
                   enum pls_certainty certainty)
{
    own->done = true;
    own->rows = rows;
    own->certainty = certainty;
    stopper->left--;
}

static void next_look(struct pls_stopper *stopper)
{
    stopper->batch += stopper->batch / 4;
    const uint64_t more = (stopper->batch + GRAIN - 1) / GRAIN * GRAIN;
    stopper->look = stopper->max - stopper->look > more ? stopper->look + more : stopper->max;
}

static void add_besag_clifford(struct pls_stopper *stopper, struct hypothesis *own,
                               const uint8_t *flags, size_t rows)
{
    for (size_t r = 0; r < rows && !own->done; r++) {
        own->used += flags[r] != 2;
        own->b += flags[r] == 1;
        if (own->b == PLS_STOP_EXCEEDANCES)
            decide(stopper, own, stopper->rows + r + 1, PLS_UNDECIDED);
    }
}

static void add_gandy(struct pls_stopper *stopper, struct hypothesis *own, const uint8_t *flags,
                      size_t rows)
{
    const struct pls_gandy *gandy = &stopper->gandy;
    for (size_t r = 0; r < rows && !own->done; r++) {
        if (flags[r] == 2)
            continue;
        own->used++;
        own->b += flags[r];
        if ((int64_t)own->b >= gandy->upper[own->used - 1])
            decide(stopper, own, stopper->rows + r + 1, PLS_CERTAINLY_NOT_BELOW);
        else if ((int64_t)own->b <= gandy->lower[own->used - 1])
            decide(stopper, own, stopper->rows + r + 1, PLS_CERTAINLY_BELOW);
    }
}

static void add_mmctest(struct hypothesis *own, const uint8_t *flags, size_t rows)
{
    uint64_t used = 0, b = 0;
    for (size_t r = 0; r < rows; r++) {
        used += flags[r] != 2;
        b += flags[r] == 1;
    }
    own->used += used;
    own->b += b;
}

/* Intervals that hold together with what was spent of the risk; they only ever shrink. */
static void bound_all(struct pls_stopper *stopper)
{
    const double rows = (double)stopper->rows;
    const double spent = PLS_STOP_RISK * rows / (PLS_STOP_SPENDING + rows);
    const double miss = (spent - stopper->spent) / (double)stopper->count;
    stopper->spent = spent;
    for (size_t k = 0; k < stopper->count; k++) {
        const struct hypothesis *own = &stopper->hypothesis[k];
        double low = 0.0, high = 1.0;
        if (own->used > 0)
            pls_clopper_pearson(own->b, own->used, miss, &low, &high);
        stopper->low[k] = fmax(stopper->low[k], low);
        stopper->high[k] = fmin(stopper->high[k], high);
    }
}

static enum pls_code look(struct pls_stopper *stopper, struct pls_error *err)
{
    bound_all(stopper);
    enum pls_code code =
        pls_adjust(stopper->procedure, stopper->low, stopper->count, stopper->at_low, err);
    if (code == PLS_OK)
        code = pls_adjust(stopper->procedure, stopper->high, stopper->count, stopper->at_high, err);
    for (size_t k = 0; code == PLS_OK && k < stopper->count; k++) {
        struct hypothesis *own = &stopper->hypothesis[k];
        if (own->done)
            continue;
        if (stopper->at_high[k] < stopper->alpha)
            decide(stopper, own, stopper->rows, PLS_CERTAINLY_BELOW);
        else if (stopper->at_low[k] >= stopper->alpha)
            decide(stopper, own, stopper->rows, PLS_CERTAINLY_NOT_BELOW);
    }
    return code;
}

static uint64_t last_done(const struct pls_stopper *stopper)
{
    uint64_t last = 0;
    for (size_t k = 0; k < stopper->count; k++)
        last = stopper->hypothesis[k].rows > last ? stopper->hypothesis[k].rows : last;
    return last;
}

/* Rows that lie before the next look. */
static enum pls_code add(struct pls_stopper *stopper, const uint8_t *flags, size_t stride,
                         size_t rows, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    if (stopper->rule == PLS_STOP_GANDY)
        code = pls_gandy_extend(&stopper->gandy, (size_t)stopper->rows + rows, err);
    for (size_t k = 0; code == PLS_OK && k < stopper->count; k++) {
        struct hypothesis *own = &stopper->hypothesis[k];
        if (stopper->rule == PLS_STOP_MMCTEST)
            add_mmctest(own, flags + k * stride, rows);
        else if (stopper->rule == PLS_STOP_GANDY)
            add_gandy(stopper, own, flags + k * stride, rows);
        else
            add_besag_clifford(stopper, own, flags + k * stride, rows);
    }
    if (code != PLS_OK)
        return code;
    stopper->rows += rows;
    if (stopper->rows == stopper->look) {
        if (stopper->rule == PLS_STOP_MMCTEST)
            code = look(stopper, err);
        next_look(stopper);
    }
    if (stopper->left == 0)
        finish(stopper, last_done(stopper));
    else if (stopper->rows == stopper->max)
        finish(stopper, stopper->max);
    return code;
}

enum pls_code pls_stopper_rows(struct pls_stopper *stopper, const uint8_t *flags, size_t stride,
                               size_t rows, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t first = 0; code == PLS_OK && first < rows && !stopper->done;) {
        const uint64_t room = stopper->look - stopper->rows;
        const size_t now = rows - first < room ? rows - first : (size_t)room;
        code = add(stopper, flags + first, stride, now, err);
        first += now;
    }
    return code;
}

uint64_t pls_stopper_next(const struct pls_stopper *stopper)
{
    return stopper->done ? stopper->stop : stopper->look;
}

bool pls_stopper_done(const struct pls_stopper *stopper, uint64_t *out_rows,
                      const char **out_reason)
{
    static const char *const every[] = {
        [PLS_STOP_MMCTEST] = "every hypothesis is decided",
        [PLS_STOP_GANDY] = "every p-value is on a certain side of alpha",
        [PLS_STOP_BESAG_CLIFFORD] = "every p-value has its exceedances",
    };
    if (!stopper->done)
        return false;
    *out_rows = stopper->stop;
    *out_reason = stopper->left == 0 ? every[stopper->rule] : "the cap was reached";
    return true;
}

enum pls_certainty pls_stopper_certainty(const struct pls_stopper *stopper, size_t hypothesis)
{
    return stopper->hypothesis[hypothesis].certainty;
}

double pls_stopper_p(const struct pls_stopper *stopper, size_t hypothesis)
{
    const struct hypothesis *own = &stopper->hypothesis[hypothesis];
    const double b = (double)own->b, used = (double)own->used;
    if (own->used == 0)
        return NAN;
    if (stopper->rule == PLS_STOP_BESAG_CLIFFORD && !own->done)
        return (b + 1.0) / (used + 1.0);
    return b / used;
}
