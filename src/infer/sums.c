/*
 * sums.c: moments of one column, the same bits however the rows were computed.
 *
 * Blocks are the rows [1024 k, 1024 (k + 1)) by row number, whether usable or not. Within a block
 * the powers 1 to 4 of value - estimate are added in row order into eight lanes (sweep.kernel.c),
 * the i-th usable row into lane i mod 8, which are joined as ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 +
 * 7)): a processor adds lanes side by side, and one sum alone would wait for itself at every step.
 * Blocks are joined in the binary tree whose leaves are the block numbers: a node of height h holds
 * the 2^h blocks from i 2^h on; a node whose right half does not exist is its left half. So finished
 * nodes can be made in any order and joined as soon as siblings meet.
 *
 * Shifted by the estimate, m2 loses about log10(1 + (bias/SE)^2) digits and m4 twice as many: of
 * 16, one where the bias is as large as three standard errors.
 */
#include "plstrap/alloc.h"
#include "sample.h"

#include <math.h>
#include <string.h>

enum { HEIGHTS = 64 };

static double sum_of_four(const double *lane)
{
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

struct pls_powers pls_lanes_close(const struct pls_lanes *lanes)
{
    struct pls_powers sums;
    for (int k = 0; k < 4; k++)
        sums.d[k] = sum_of_four(lanes->d[k]) + sum_of_four(lanes->d[k] + 4);
    return sums;
}

static struct pls_powers joined(struct pls_powers left, struct pls_powers right)
{
    for (int k = 0; k < 4; k++)
        left.d[k] += right.d[k];
    return left;
}

static uint64_t length_of(const struct pls_node *node)
{
    return UINT64_C(1) << node->height;
}

/* Where a node that begins at `first` belongs. */
static size_t place_of(const struct pls_tree *tree, uint64_t first)
{
    size_t low = 0, high = tree->nodes;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (tree->node[middle].first < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Node i with its siblings, as long as they are there. */
static void join_up(struct pls_tree *tree, size_t i)
{
    while (tree->node[i].height + 1 < HEIGHTS) {
        const uint64_t length = length_of(&tree->node[i]);
        const bool is_right = (tree->node[i].first & length) != 0;
        if (is_right && i == 0)
            return;
        const size_t left = is_right ? i - 1 : i;
        if (left + 1 >= tree->nodes)
            return;
        struct pls_node *a = &tree->node[left], *b = a + 1;
        if (a->height != b->height || b->first - a->first != length)
            return;
        a->sums = joined(a->sums, b->sums);
        a->height++;
        tree->nodes--;
        memmove(b, b + 1, (tree->nodes - (left + 1)) * sizeof *b);
        i = left;
    }
}

enum pls_code pls_tree_add(struct pls_tree *tree, struct pls_node node, struct pls_error *err)
{
    const size_t i = place_of(tree, node.first);
    const bool meets_left =
        i > 0 && node.first - tree->node[i - 1].first < length_of(&tree->node[i - 1]);
    const bool meets_right = i < tree->nodes && tree->node[i].first - node.first < length_of(&node);
    if (meets_left || meets_right)
        return pls_fail(err, PLS_EINTERNAL, "block %llu of a column is counted twice",
                        (unsigned long long)node.first);
    const enum pls_code code =
        pls_grow(&tree->node, &tree->capacity, tree->nodes + 1, sizeof *tree->node, err);
    if (code != PLS_OK)
        return code;
    memmove(tree->node + i + 1, tree->node + i, (tree->nodes - i) * sizeof *tree->node);
    tree->node[i] = node;
    tree->nodes++;
    join_up(tree, i);
    return PLS_OK;
}

bool pls_tree_total(const struct pls_tree *tree, struct pls_powers *out)
{
    uint64_t next = 0;
    *out = (struct pls_powers){{0.0, 0.0, 0.0, 0.0}};
    for (size_t i = 0; i < tree->nodes; i++) {
        if (tree->node[i].first != next)
            return false;
        next += length_of(&tree->node[i]);
    }
    if (tree->nodes > 0)
        *out = tree->node[tree->nodes - 1].sums;
    for (size_t i = tree->nodes; i-- > 1;)
        *out = joined(tree->node[i - 1].sums, *out);
    return true;
}

/* Unlike fmax(), leaves NaN: what overflowed must not pass for zero. */
static double at_least_zero(double x)
{
    return x < 0.0 ? 0.0 : x;
}

struct pls_moments pls_infer_moments(struct pls_powers sums, size_t used)
{
    if (used == 0)
        return (struct pls_moments){0};
    const double n = (double)used;
    const double s1 = sums.d[0] / n, s2 = sums.d[1] / n, s3 = sums.d[2] / n, s4 = sums.d[3] / n;
    return (struct pls_moments){
        .used = used,
        .bias = s1,
        .m2 = at_least_zero(s2 - s1 * s1),
        .m3 = s3 - 3.0 * s1 * s2 + 2.0 * s1 * s1 * s1,
        .m4 = at_least_zero(s4 - 4.0 * s1 * s3 + 6.0 * s1 * s1 * s2 - 3.0 * s1 * s1 * s1 * s1),
    };
}
