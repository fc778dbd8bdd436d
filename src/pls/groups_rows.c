/*
 * groups_rows.c: rows of groups, some blocks of PLS_LANES at a time.
 *
 * Labels lie as counts do (batch.h), so that a group's 0/1 counts are one comparison of bytes. All
 * models of a comparison, variant and group are one call of pls_batch_rows(), which writes them where
 * they belong in the rows.
 */
#include "groups_internal.h"

#include "plstrap/weights.h"

#include <math.h>
#include <string.h>

/* Some rows of a call. */
struct span {
    double *rows; /* column c of row i at rows[c * stride + i] */
    size_t stride, count;
    uint64_t first;
    struct pls_outcome *outcomes;
};

/* One group's weights in the blocks of labels or of bootstrap counts. */
struct part {
    const struct pls_groups *groups;
    uint8_t group;
    const uint8_t *block; /* jackknife: of one row's labels */
    size_t lane;
    const uint32_t *member;
};

static uint8_t *place_of(const struct pls_groups *groups, size_t row, size_t i)
{
    return groups->labels + row / PLS_LANES * groups->block +
           (i / 4 * PLS_LANES + row % PLS_LANES) * 4 + i % 4;
}

static double *column(const struct span *span, long first, size_t c)
{
    return span->rows + ((size_t)first + c) * span->stride;
}

/* ---- sources ---- */

static void label_counts(void *self, uint64_t first, size_t lanes, uint8_t *counts,
                         uint64_t *overflow)
{
    const struct part *part = self;
    const uint8_t *labels = part->groups->labels + first / PLS_LANES * part->groups->block;
    const uint8_t group = part->group;
    (void)lanes; /* the labels of lanes that are not there are no group */
    *overflow = 0;
    for (size_t i = 0; i < part->groups->block; i++)
        counts[i] = labels[i] == group;
}

static void label_weights(void *self, uint64_t row, uint32_t *weights)
{
    const struct part *part = self;
    for (size_t i = 0; i < part->groups->n; i++)
        weights[i] = *place_of(part->groups, row, i) == part->group;
}

static void drawn_counts(void *self, uint64_t first, size_t lanes, uint8_t *counts,
                         uint64_t *overflow)
{
    const struct part *part = self;
    const struct pls_groups *groups = part->groups;
    const uint8_t *drawn = groups->labels + first / PLS_LANES * groups->block;
    (void)lanes;
    *overflow = groups->overflow[first / PLS_LANES];
    for (size_t quad = 0; quad * 4 < groups->n; quad++) {
        uint8_t mask[4] = {0};
        for (size_t i = 0; i < 4 && quad * 4 + i < groups->n; i++)
            mask[i] = groups->options.of[quad * 4 + i] == part->group ? 0xff : 0;
        for (size_t i = 0; i < (size_t)PLS_LANES * 4; i++)
            counts[quad * PLS_LANES * 4 + i] = drawn[quad * PLS_LANES * 4 + i] & mask[i % 4];
    }
}

/* Leaves member first + lane out of the group. */
static void jackknife_counts(void *self, uint64_t first, size_t lanes, uint8_t *counts,
                             uint64_t *overflow)
{
    const struct part *part = self;
    const struct pls_groups *groups = part->groups;
    *overflow = 0;
    for (size_t quad = 0; quad * 4 < groups->n; quad++) {
        const uint8_t *label = part->block + (quad * PLS_LANES + part->lane) * 4;
        uint8_t one[4];
        for (size_t i = 0; i < 4; i++)
            one[i] = label[i] == part->group;
        for (size_t lane = 0; lane < PLS_LANES; lane++)
            memcpy(counts + (quad * PLS_LANES + lane) * 4, one, 4);
    }
    for (size_t lane = 0; lane < lanes; lane++) {
        const size_t i = part->member[first + lane];
        counts[(i / 4 * PLS_LANES + lane) * 4 + i % 4] = 0;
    }
}

static void jackknife_weights(void *self, uint64_t row, uint32_t *weights)
{
    const struct part *part = self;
    for (size_t i = 0; i < part->groups->n; i++)
        weights[i] = part->block[(i / 4 * PLS_LANES + part->lane) * 4 + i % 4] == part->group &&
                     i != part->member[row];
}

/* ---- outcomes ---- */

static void note(struct pls_outcome *row, const struct pls_outcome *model, size_t run)
{
    if (row->iterations < model->iterations)
        row->iterations = model->iterations;
    if (row->status == PLS_STATUS_OK && model->status != PLS_STATUS_OK) {
        row->status = model->status;
        row->where = model->where;
        row->flags |= (uint8_t)((run < 62 ? run + 1 : 63) << PLS_FLAG_RUN_SHIFT);
        row->flags |= model->flags & PLS_FLAG_NOT_CONVERGED;
    } else if (row->status == PLS_STATUS_OK && (model->flags & PLS_FLAG_TURNED) != 0 &&
               (row->flags & PLS_FLAG_TURNED) == 0) {
        row->where = model->where;
    }
    row->flags |= model->flags & PLS_FLAG_TURNED;
}

/* All rows' models of one group, to columns from `to` on. */
static void solve(struct pls_groups *groups, struct pls_group_variant *variant,
                  const struct pls_source *source, size_t run, double *to, const struct span *span)
{
    pls_batch_rows(variant->batch, source, 0, span->count, groups->options.opt_base, to,
                   span->stride, groups->outcomes);
    for (size_t i = 0; i < span->count; i++)
        note(&span->outcomes[i], &groups->outcomes[i], run);
}

/* ---- what follows from the models ---- */

static void subtract(const struct pls_groups *groups, const struct pls_group_places *places,
                     const struct span *span)
{
    for (size_t c = 0; c < groups->parameters; c++) {
        const double *first = column(span, places->estimates, c);
        const double *second = column(span, places->estimates, groups->parameters + c);
        double *out = column(span, places->difference, c);
        for (size_t i = 0; i < span->count; i++)
            out[i] = first[i] - second[i];
    }
}

/* Σ n (θ - θ̄)², θ̄ weighted by n. */
static void spread(const struct pls_groups *groups, const struct pls_comparison *comparison,
                   const struct pls_group_places *places, const struct span *span)
{
    for (size_t c = 0; c < groups->parameters; c++) {
        double *out = column(span, places->q, c);
        for (size_t i = 0; i < span->count; i++) {
            double sum = 0.0, q = 0.0;
            for (size_t g = 0; g < comparison->groups; g++)
                sum += (double)groups->size[comparison->group[g]] *
                       column(span, places->estimates, g * groups->parameters + c)[i];
            const double mean = sum / (double)groups->n;
            for (size_t g = 0; g < comparison->groups; g++) {
                const double deviation =
                    column(span, places->estimates, g * groups->parameters + c)[i] - mean;
                q += (double)groups->size[comparison->group[g]] * deviation * deviation;
            }
            out[i] = q;
        }
    }
}

static void measure(struct pls_groups *groups, const struct pls_comparison *comparison,
                    const struct pls_group_variant *variant, const struct pls_group_places *places,
                    const struct span *span)
{
    const size_t P = groups->parameters;
    struct part part = {.groups = groups};
    for (size_t i = 0; i < span->count; i++) {
        bool there = true;
        for (size_t g = 0; g < comparison->groups && there; g++) {
            double *values = groups->values + g * P;
            for (size_t c = 0; c < P; c++)
                values[c] = column(span, places->estimates, g * P + c)[i];
            there = !isnan(values[0]); /* all are NaN, or none */
            part.group = comparison->group[g];
            if (there && pls_implied_needs_data(variant->implied))
                label_weights(&part, i, groups->weights);
            if (there)
                pls_implied_set(variant->implied, g, values, groups->weights);
        }
        double *d_l = column(span, places->d_l, 0) + i, *d_g = column(span, places->d_g, 0) + i;
        *d_l = *d_g = NAN;
        if (there)
            pls_implied_distances(variant->implied, comparison->groups, d_l, d_g);
    }
}

/* Squared standard errors of a group of row i; NaN where a model fails. */
static void jackknife(struct pls_groups *groups, struct pls_group_variant *variant, uint8_t group,
                      size_t i, double *out)
{
    struct part part = {.groups = groups,
                        .group = group,
                        .block = groups->labels + i / PLS_LANES * groups->block,
                        .lane = i % PLS_LANES,
                        .member = groups->member};
    const struct pls_source source = {&part, jackknife_counts, jackknife_weights};
    size_t count = 0;
    for (size_t r = 0; r < groups->n; r++) {
        groups->member[count] = (uint32_t)r;
        count += *place_of(groups, i, r) == group;
    }
    pls_batch_rows(variant->batch, &source, 0, count, groups->options.opt_base, groups->jackknife,
                   groups->jackknives, groups->outcomes);
    bool failed = false;
    for (size_t m = 0; m < count; m++)
        failed = failed || groups->outcomes[m].status != PLS_STATUS_OK;
    for (size_t c = 0; c < groups->parameters; c++) {
        const double *value = groups->jackknife + c * groups->jackknives;
        double sum = 0.0, squares = 0.0;
        for (size_t m = 0; m < count; m++)
            sum += value[m];
        const double mean = sum / (double)count;
        for (size_t m = 0; m < count; m++)
            squares += (value[m] - mean) * (value[m] - mean);
        out[c] = failed ? NAN : squares * (((double)count - 1.0) / (double)count);
    }
}

static void studentise(struct pls_groups *groups, const struct pls_comparison *comparison,
                       struct pls_group_variant *variant, const struct pls_group_places *places,
                       const struct span *span)
{
    const size_t P = groups->parameters;
    for (size_t i = 0; i < span->count; i++) {
        const bool there = span->outcomes[i].status == PLS_STATUS_OK;
        for (size_t g = 0; g < 2 && there; g++)
            jackknife(groups, variant, comparison->group[g], i, groups->error + g * P);
        for (size_t c = 0; c < P; c++) {
            const double variance = groups->error[c] + groups->error[P + c];
            column(span, places->studentised, c)[i] =
                there && variance > 0.0 ? column(span, places->difference, c)[i] / sqrt(variance)
                                        : NAN;
        }
    }
}

/* ---- labels ---- */

/* Whether the rows labelled are those of the comparison. */
static bool read_line(const struct pls_groups *groups, const struct pls_comparison *comparison,
                      const uint32_t *given)
{
    bool same = true;
    for (size_t i = 0; i < groups->n; i++) {
        uint8_t label = PLS_NO_GROUP;
        for (size_t g = 0; g < comparison->groups; g++)
            if (given[i] == comparison->group[g])
                label = comparison->group[g];
        groups->line[i] = label;
        same =
            same && (label == PLS_NO_GROUP) == (comparison->exchange->observed[i] == PLS_NO_GROUP);
    }
    return same;
}

static bool make_line(struct pls_groups *groups, const struct pls_labels_source *source,
                      size_t comparison, uint64_t row)
{
    const struct pls_comparison *of = &groups->comparison[comparison];
    switch (source->labelling) {
    case PLS_LABELS_RANDOM:
        pls_permute_labels(source->seed, row, (uint32_t)comparison, of->exchange, groups->line);
        return true;
    case PLS_LABELS_EXACT:
        pls_assign_labels(row, of->exchange, groups->line);
        return true;
    default:
        if (source->given != NULL)
            return read_line(groups, of, source->given + row * groups->n);
        memcpy(groups->line, of->exchange->observed, groups->n);
        return true;
    }
}

/* Labels of the rows of a span, and what of a row needs nothing else: means and variances. */
static void draw(struct pls_groups *groups, const struct pls_labels_source *source,
                 size_t comparison, const struct span *span, bool *own_rows)
{
    const struct pls_comparison *of = &groups->comparison[comparison];
    const size_t J = groups->model->constructs, blocks = (span->count - 1) / PLS_LANES + 1;
    memset(groups->labels, PLS_NO_GROUP, blocks * groups->block);
    *own_rows = true;
    for (size_t i = 0; i < span->count; i++) {
        const bool own = make_line(groups, source, comparison, span->first + i);
        for (size_t quad = 0; quad * 4 < groups->n; quad++) {
            const size_t some = groups->n - quad * 4;
            memcpy(place_of(groups, i, quad * 4), groups->line + quad * 4, some < 4 ? some : 4);
        }
        if (of->c >= 0 && own)
            pls_micom_moments(groups, of, span->rows + i, span->stride);
        else if (of->c >= 0)
            for (size_t j = 0; j < J; j++)
                *(column(span, of->mean, j) + i) = *(column(span, of->variance, j) + i) = NAN;
        *own_rows = *own_rows && own;
    }
}

/* c of rows whose labels belong to other observations than the pooled ones has no meaning. */
static void forget_foreign(const struct pls_groups *groups, const struct pls_comparison *of,
                           const struct span *span)
{
    for (size_t i = 0; i < span->count; i++)
        for (size_t j = 0; j < groups->model->constructs; j++)
            if (isnan(column(span, of->mean, j)[i]))
                column(span, of->c, j)[i] = NAN;
}

static void compare(struct pls_groups *groups, const struct pls_labels_source *source,
                    size_t comparison, const struct span *span)
{
    const struct pls_comparison *of = &groups->comparison[comparison];
    struct part part = {.groups = groups};
    const struct pls_source models = {&part, label_counts, label_weights};
    size_t run = of->run;
    bool own_rows;
    draw(groups, source, comparison, span, &own_rows);
    for (size_t v = 0; v < groups->variants; v++) {
        struct pls_group_variant *variant = &groups->variant[v];
        const struct pls_group_places *places = &of->places[v];
        for (size_t g = 0; g < of->groups; g++) {
            part.group = of->group[g];
            solve(groups, variant, &models, run++,
                  column(span, places->estimates, g * groups->parameters), span);
        }
        if (places->difference >= 0)
            subtract(groups, places, span);
        if (places->studentised >= 0)
            studentise(groups, of, variant, places, span);
        if (places->d_l >= 0)
            measure(groups, of, variant, places, span);
        if (places->q >= 0)
            spread(groups, of, places, span);
    }
    if (of->c >= 0)
        pls_micom_compositional(groups, of, 0, span->count, span->rows, span->stride);
    if (of->c >= 0 && !own_rows)
        forget_foreign(groups, of, span);
}

void pls_groups_rows(struct pls_groups *groups, const struct pls_labels_source *source,
                     uint64_t first, size_t count, double *rows, size_t stride,
                     struct pls_outcome *outcomes)
{
    memset(outcomes, 0, count * sizeof *outcomes);
    for (size_t row = 0; row < count; row += groups->chunk) {
        const struct span span = {.rows = rows + row,
                                  .stride = stride,
                                  .count =
                                      count - row < groups->chunk ? count - row : groups->chunk,
                                  .first = first + row,
                                  .outcomes = outcomes + row};
        for (size_t c = 0; c < groups->comparisons; c++)
            compare(groups, source, c, &span);
    }
}

void pls_groups_observed(struct pls_groups *groups, double *row)
{
    struct pls_outcome outcome;
    const struct pls_labels_source source = {.labelling = PLS_LABELS_GIVEN};
    pls_groups_rows(groups, &source, 0, 1, row, 1, &outcome);
}

/* ---- bootstrap ---- */

static void draw_counts(struct pls_groups *groups, uint64_t seed, const struct span *span)
{
    const size_t blocks = (span->count - 1) / PLS_LANES + 1;
    memset(groups->labels, 0, blocks * groups->block);
    memset(groups->overflow, 0, blocks * sizeof *groups->overflow);
    for (size_t i = 0; i < span->count; i++) {
        uint32_t all = 0;
        pls_weights_design(seed, span->first + i, groups->design, groups->weights);
        for (size_t r = 0; r < groups->n; r++) {
            all |= groups->weights[r];
            *place_of(groups, i, r) = (uint8_t)groups->weights[r];
        }
        groups->overflow[i / PLS_LANES] |= (uint64_t)(all > UINT8_MAX) << i % PLS_LANES;
    }
}

/* One group's bootstrap weights, for the readable version. */
struct drawn {
    struct part part; /* first: drawn_counts() knows it alone */
    uint64_t seed, first;
};

static void drawn_weights(void *self, uint64_t row, uint32_t *weights)
{
    const struct drawn *drawn = self;
    const struct pls_groups *groups = drawn->part.groups;
    pls_weights_design(drawn->seed, drawn->first + row, groups->design, weights);
    for (size_t i = 0; i < groups->n; i++)
        if (groups->options.of[i] != drawn->part.group)
            weights[i] = 0;
}

/* Position of a group in a comparison, or its number of groups. */
static size_t position(const struct pls_comparison *comparison, size_t group)
{
    size_t g = 0;
    while (g < comparison->groups && comparison->group[g] != group)
        g++;
    return g;
}

/* One group's models, computed where the first comparison has the group and copied to the others. */
static void bootstrap_group(struct pls_groups *groups, uint64_t seed, uint8_t group,
                            const struct span *span)
{
    struct drawn drawn = {{.groups = groups, .group = group}, seed, span->first};
    const struct pls_source source = {&drawn, drawn_counts, drawn_weights};
    const size_t P = groups->parameters;
    const double *from = NULL;
    for (size_t c = 0; c < groups->comparisons; c++) {
        const struct pls_comparison *of = &groups->comparison[c];
        const size_t g = position(of, group);
        if (g == of->groups)
            continue;
        double *to = column(span, of->places[0].estimates, g * P);
        if (from == NULL)
            solve(groups, &groups->variant[0], &source, of->run + g, to, span);
        for (size_t k = 0; from != NULL && k < P; k++)
            memcpy(to + k * span->stride, from + k * span->stride, span->count * sizeof *to);
        from = from == NULL ? to : from;
    }
}

void pls_groups_bootstrap_rows(struct pls_groups *groups, uint64_t seed, uint64_t first,
                               size_t count, double *rows, size_t stride,
                               struct pls_outcome *outcomes)
{
    memset(outcomes, 0, count * sizeof *outcomes);
    for (size_t c = 0; c < groups->columns; c++)
        for (size_t i = 0; i < count; i++)
            rows[c * stride + i] = NAN;
    for (size_t row = 0; row < count; row += groups->chunk) {
        const struct span span = {.rows = rows + row,
                                  .stride = stride,
                                  .count =
                                      count - row < groups->chunk ? count - row : groups->chunk,
                                  .first = first + row,
                                  .outcomes = outcomes + row};
        draw_counts(groups, seed, &span);
        for (size_t g = 0; g < groups->options.groups; g++)
            bootstrap_group(groups, seed, (uint8_t)g, &span);
        for (size_t c = 0; c < groups->comparisons; c++)
            if (groups->comparison[c].places[0].difference >= 0)
                subtract(groups, &groups->comparison[c].places[0], &span);
    }
}
