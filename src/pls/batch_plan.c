/* batch_plan.c: a model unrolled into the lists that the kernels of batches walk through. */
#include "batch_internal.h"

#include "plstrap/alloc.h"

#include <stdlib.h>

struct builder {
    struct pls_lane_plan *plan;
    const struct pls_estimator *estimator;
    const struct pls_model *model;
    uint32_t *joint; /* [J][J] number of the joint of two constructs, or PLS_NONE */
    struct pls_error *err;
};

static uint32_t size_of(const struct pls_model *model, size_t j)
{
    return (uint32_t)(model->block[j + 1] - model->block[j]);
}

static bool are_neighbours(const struct pls_estimator *estimator, size_t j, size_t i)
{
    const unsigned char kind = estimator->relation[j * estimator->model->constructs + i];
    return kind == PLS_PREDECESSOR || kind == PLS_SUCCESSOR;
}

static enum pls_code allocate(struct builder *b)
{
    const struct pls_model *model = b->model;
    const struct pls_estimator *estimator = b->estimator;
    struct pls_lane_plan *plan = b->plan;
    const size_t J = model->constructs;
    size_t slots = 0, picks = 0, terms = 0;
    for (size_t j = 0; j < J; j++) {
        const size_t count = model->arrow[j + 1] - model->arrow[j];
        picks += count * (count + 1) / 2;
        for (size_t i = 0; i < J; i++)
            slots += are_neighbours(estimator, j, i);
    }
    for (size_t e = 0; e < estimator->total.count; e++) {
        const size_t j = estimator->total.pair[e] / J;
        terms += model->arrow[j + 1] - model->arrow[j];
    }
    const struct {
        void *array;
        size_t count, size;
    } parts[] = {{&plan->diagonal, model->indicators, sizeof *plan->diagonal},
                 {&plan->stretch, model->indicators * J, sizeof *plan->stretch},
                 {&plan->block, J, sizeof *plan->block},
                 {&plan->slot, slots, sizeof *plan->slot},
                 {&plan->joint, J * J, sizeof *plan->joint},
                 {&plan->pick, picks, sizeof *plan->pick},
                 {&plan->effect, estimator->total.count, sizeof *plan->effect},
                 {&plan->term, terms, sizeof *plan->term},
                 {&b->joint, J * J, sizeof *b->joint}};
    enum pls_code code = PLS_OK;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && code == PLS_OK; i++)
        code = pls_alloc(parts[i].array, parts[i].count, parts[i].size, b->err);
    return code;
}

/* Joints of neighbours or of co-predictors, with the room for their correlations. */
static void list_joints(struct builder *b, bool neighbours)
{
    struct pls_lane_plan *plan = b->plan;
    const size_t J = b->model->constructs;
    for (size_t j = 0; j < J; j++)
        for (size_t i = j + 1; i < J; i++) {
            if (b->estimator->relation[j * J + i] == PLS_UNRELATED ||
                are_neighbours(b->estimator, j, i) != neighbours)
                continue;
            b->joint[j * J + i] = b->joint[i * J + j] = plan->joints;
            const uint32_t rows = size_of(b->model, j), columns = size_of(b->model, i);
            plan->joint[plan->joints++] = (struct pls_joint){.j = (uint32_t)j,
                                                             .i = (uint32_t)i,
                                                             .rows = rows,
                                                             .columns = columns,
                                                             .wj = (uint32_t)b->model->block[j],
                                                             .wi = (uint32_t)b->model->block[i],
                                                             .s = plan->s,
                                                             .vi = PLS_NONE};
            plan->s += rows * columns;
        }
}

static void list_blocks(struct builder *b)
{
    const struct pls_model *model = b->model;
    struct pls_lane_plan *plan = b->plan;
    const size_t *dominant = b->estimator->keys->dominant;
    for (size_t j = 0; j < model->constructs; j++) {
        const uint32_t size = size_of(model, j);
        struct pls_lane_block *block = &plan->block[j];
        *block = (struct pls_lane_block){.first = (uint32_t)model->block[j],
                                         .size = size,
                                         .s = plan->s,
                                         .factor = plan->factor,
                                         .formative = model->mode[j] == PLS_MODE_B && size > 1,
                                         .dominant = PLS_NONE};
        if (dominant != NULL && dominant[j] < model->indicators)
            block->dominant = (uint32_t)dominant[j];
        plan->s += size * (size - 1) / 2;
        plan->factor += block->formative ? size * size : 0;
        if (size > plan->widest)
            plan->widest = size;
    }
}

/* Neighbours of each construct and where V of its indicators with them goes. */
static void list_slots(struct builder *b)
{
    struct pls_lane_plan *plan = b->plan;
    const struct pls_model *model = b->model;
    const size_t J = model->constructs;
    uint32_t slots = 0;
    for (size_t j = 0; j < J; j++) {
        struct pls_lane_block *block = &plan->block[j];
        block->slot = slots;
        block->v = plan->v;
        for (size_t i = 0; i < J; i++) {
            if (!are_neighbours(b->estimator, j, i))
                continue;
            const size_t a = pls_path_between(model, i, j);
            plan->slot[slots++] = (struct pls_slot){
                .c = b->joint[j * J + i],
                .predecessor = a < model->paths ? (uint32_t)(a - model->arrow[j]) : PLS_NONE};
            struct pls_joint *joint = &plan->joint[b->joint[j * J + i]];
            *(j < i ? &joint->vj : &joint->vi) = plan->v;
            plan->v += block->size;
        }
        block->slots = slots - block->slot;
        plan->hopeless = plan->hopeless || (block->slots == 0 && block->size > 1);
    }
    plan->slots = slots;
    for (uint32_t c = 0; c < plan->joints; c++) /* co-predictors share spare room */
        if (plan->joint[c].vi == PLS_NONE)
            plan->joint[c].vj = plan->v;
    plan->v += plan->widest;
}

static void list_regressions(struct builder *b)
{
    struct pls_lane_plan *plan = b->plan;
    const struct pls_model *model = b->model;
    const size_t J = model->constructs;
    uint32_t picks = 0, r2 = (uint32_t)b->estimator->first[PLS_R2];
    for (size_t j = 0; j < J; j++) {
        const size_t *source = model->source + model->arrow[j];
        const uint32_t count = (uint32_t)(model->arrow[j + 1] - model->arrow[j]);
        plan->block[j].regression = (struct pls_regression){.count = count,
                                                            .target = picks,
                                                            .between = picks + count,
                                                            .path = (uint32_t)model->arrow[j],
                                                            .r2 = r2};
        r2 += count > 0;
        for (size_t a = 0; a < count; a++)
            plan->pick[picks++] = b->joint[source[a] * J + j];
        for (size_t a = 0; a < count; a++)
            for (size_t other = 0; other < a; other++)
                plan->pick[picks++] = b->joint[source[a] * J + source[other]];
        if (count > plan->widest)
            plan->widest = count;
    }
}

/* Follows the order in which pls_pairs_new() lists the pairs needed. */
static void list_stretches(struct builder *b)
{
    struct pls_lane_plan *plan = b->plan;
    const struct pls_model *model = b->model;
    const size_t J = model->constructs;
    uint32_t at = 0;
    for (size_t k = 0; k < model->indicators; k++) {
        const size_t j = b->estimator->owner[k];
        const uint32_t within = (uint32_t)(k - model->block[j]);
        plan->diagonal[k] = at++;
        for (size_t i = j; i < J; i++) {
            const uint32_t size = size_of(model, i);
            if (b->estimator->relation[j * J + i] == PLS_UNRELATED)
                continue;
            struct pls_stretch stretch = {
                .k = (uint32_t)k, .l = (uint32_t)model->block[i], .count = size, .at = at};
            if (i == j) {
                stretch.l = (uint32_t)k + 1;
                stretch.count = size - within - 1;
                stretch.to = plan->block[j].s + within * (2 * size - within - 1) / 2;
            } else {
                stretch.to = plan->joint[b->joint[j * J + i]].s + within * size;
            }
            at += stretch.count;
            if (stretch.count > 0)
                plan->stretch[plan->stretches++] = stretch;
        }
    }
    plan->pairs = at;
    plan->moments = at + plan->indicators + 1;
}

static uint32_t find(const struct pls_effect_list *list, size_t pair)
{
    for (size_t e = 0; e < list->count; e++)
        if (list->pair[e] == pair)
            return (uint32_t)e;
    return PLS_NONE;
}

static void list_effects(struct builder *b)
{
    struct pls_lane_plan *plan = b->plan;
    const struct pls_model *model = b->model;
    const struct pls_estimator *estimator = b->estimator;
    const size_t J = model->constructs;
    uint32_t steps = 0, terms = 0;
    for (size_t o = 0; o < J; o++)
        for (size_t i = 0; i < J; i++) {
            const size_t j = model->order[o];
            struct pls_effect_step step = {.first = terms,
                                           .direct = PLS_NONE,
                                           .total = find(&estimator->total, j * J + i),
                                           .indirect = find(&estimator->indirect, j * J + i)};
            if (step.total == PLS_NONE)
                continue;
            for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++) {
                const uint32_t through = find(&estimator->total, model->source[a] * J + i);
                if (model->source[a] == i)
                    step.direct = (uint32_t)a;
                else if (through != PLS_NONE)
                    plan->term[terms++] = (struct pls_term){(uint32_t)a, through};
            }
            step.last = terms;
            plan->effect[steps++] = step;
        }
}

enum pls_code pls_lane_plan_new(const struct pls_estimator *estimator,
                                struct pls_lane_plan **out_new, struct pls_error *err)
{
    struct builder b = {.estimator = estimator, .model = estimator->model, .err = err};
    enum pls_code code = pls_alloc(&b.plan, 1, sizeof *b.plan, err);
    if (code == PLS_OK)
        code = allocate(&b);
    if (code == PLS_OK) {
        b.plan->estimator = estimator;
        b.plan->constructs = (uint32_t)b.model->constructs;
        b.plan->indicators = (uint32_t)b.model->indicators;
        b.plan->paths = (uint32_t)b.model->paths;
        b.plan->columns = (uint32_t)estimator->columns.count;
        list_joints(&b, true);
        b.plan->iterated = b.plan->joints;
        list_joints(&b, false);
        if (estimator->keys->scheme == PLS_SCHEME_PATH)
            b.plan->iterated = b.plan->joints;
        list_blocks(&b);
        list_slots(&b);
        list_regressions(&b);
        list_stretches(&b);
        list_effects(&b);
        *out_new = b.plan;
        b.plan = NULL;
    }
    pls_lane_plan_free(b.plan);
    free(b.joint);
    return code;
}

void pls_lane_plan_free(struct pls_lane_plan *plan)
{
    if (plan == NULL)
        return;
    free(plan->diagonal);
    free(plan->stretch);
    free(plan->block);
    free(plan->slot);
    free(plan->joint);
    free(plan->pick);
    free(plan->effect);
    free(plan->term);
    free(plan);
}

/*
 * An iteration: weights proposed, scales, inner weights; statistics: C oriented, signs, paths,
 * total effects; both: a regression of the widest shape.
 */
size_t pls_lane_scratch(const struct pls_lane_plan *plan)
{
    return 2 * (size_t)plan->indicators + plan->joints + plan->constructs + plan->slots +
           plan->paths + plan->estimator->total.count + (size_t)plan->widest * (plan->widest + 2);
}
