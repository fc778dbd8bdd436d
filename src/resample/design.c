/* design.c: rows sorted into strata and units. */
#include "plstrap/design.h"

#include "plstrap/alloc.h"

#include <stdlib.h>

struct entry {
    uint32_t stratum, cluster, row;
};

static int order(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->stratum != b->stratum)
        return a->stratum < b->stratum ? -1 : 1;
    if (a->cluster != b->cluster)
        return a->cluster < b->cluster ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* For each row the first one that has its code. entry is scratch [n]. */
static void find_first(size_t n, const uint32_t *code, struct entry *entry, uint32_t *out)
{
    for (size_t i = 0; i < n; i++)
        entry[i] = (struct entry){.stratum = code[i], .row = (uint32_t)i};
    qsort(entry, n, sizeof *entry, order);
    for (size_t i = 0; i < n; i++) {
        const bool new = i == 0 || entry[i].stratum != entry[i - 1].stratum;
        out[entry[i].row] = new ? entry[i].row : out[entry[i - 1].row];
    }
}

/* Sorted entries to the lists of a design. */
static void list(struct pls_design *design, const struct entry *entry)
{
    design->strata = design->units = 0;
    for (size_t i = 0; i < design->n; i++) {
        const bool stratum = i == 0 || entry[i].stratum != entry[i - 1].stratum;
        if (stratum)
            design->first[design->strata++] = design->units;
        if (stratum || entry[i].cluster != entry[i - 1].cluster)
            design->start[design->units++] = i;
        design->row[i] = entry[i].row;
    }
    design->first[design->strata] = design->units;
    design->start[design->units] = design->n;
    design->plain = design->strata == 1 && design->units == design->n;
}

static enum pls_code check_clusters(size_t n, const uint32_t *stratum, const uint32_t *cluster,
                                    size_t *row_a, size_t *row_b, struct pls_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (stratum[cluster[i]] != stratum[i]) {
            *row_a = cluster[i];
            *row_b = i;
            return pls_fail(err, PLS_EDATA,
                            "a cluster has rows in two strata; strata must hold whole clusters");
        }
    return PLS_OK;
}

enum pls_code pls_design_new(size_t n, const uint32_t *opt_stratum, const uint32_t *opt_cluster,
                             struct pls_design **out_new, size_t *row_a, size_t *row_b,
                             struct pls_error *err)
{
    struct pls_design *design = NULL;
    struct entry *entry = NULL;
    uint32_t *stratum = NULL, *cluster = NULL;
    enum pls_code code;
    if ((code = pls_alloc(&design, 1, sizeof *design, err)) != PLS_OK ||
        (code = pls_alloc(&entry, n, sizeof *entry, err)) != PLS_OK ||
        (code = pls_alloc(&stratum, n, sizeof *stratum, err)) != PLS_OK ||
        (code = pls_alloc(&cluster, n, sizeof *cluster, err)) != PLS_OK ||
        (code = pls_alloc(&design->first, n + 1, sizeof *design->first, err)) != PLS_OK ||
        (code = pls_alloc(&design->start, n + 1, sizeof *design->start, err)) != PLS_OK ||
        (code = pls_alloc(&design->row, n, sizeof *design->row, err)) != PLS_OK)
        goto done;
    design->n = n;
    for (size_t i = 0; i < n; i++)
        cluster[i] = (uint32_t)i;
    if (opt_stratum != NULL)
        find_first(n, opt_stratum, entry, stratum);
    if (opt_cluster != NULL)
        find_first(n, opt_cluster, entry, cluster);
    code = check_clusters(n, stratum, cluster, row_a, row_b, err);
    if (code != PLS_OK)
        goto done;
    for (size_t i = 0; i < n; i++)
        entry[i] = (struct entry){stratum[i], cluster[i], (uint32_t)i};
    qsort(entry, n, sizeof *entry, order);
    list(design, entry);
    *out_new = design;
    design = NULL;

done:
    pls_design_free(design);
    free(entry);
    free(stratum);
    free(cluster);
    return code;
}

void pls_design_free(struct pls_design *design)
{
    if (design == NULL)
        return;
    free(design->first);
    free(design->start);
    free(design->row);
    free(design);
}
