/* rows.c: names of outcomes and of kinds of parameters, and lists of columns. */
#include "plstrap/rows.h"

#include "plstrap/alloc.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>

static const char *const status_names[PLS_STATUS_COUNT] = {
    [PLS_STATUS_OK] = "ok",
    [PLS_STATUS_NOT_CONVERGED] = "not converged",
    [PLS_STATUS_CONSTANT] = "constant indicator",
    [PLS_STATUS_SINGULAR_BLOCK] = "singular block",
    [PLS_STATUS_ZERO_PROXY] = "zero proxy",
    [PLS_STATUS_SINGULAR_INNER] = "singular inner regression",
    [PLS_STATUS_SINGULAR_STRUCTURAL] = "singular structural regression",
};

static const char *const component_names[PLS_COMPONENTS] = {
    [PLS_WEIGHT] = "weight",
    [PLS_LOADING] = "loading",
    [PLS_PATH] = "path",
    [PLS_R2] = "r2",
    [PLS_TOTAL] = "total",
    [PLS_INDIRECT] = "indirect",
    [PLS_SPECIFIC] = "specific",
    [PLS_ADJ_R2] = "adj_r2",
    [PLS_F2] = "f2",
    [PLS_VIF] = "vif",
    [PLS_CORRELATION] = "correlation",
    [PLS_CROSS_LOADING] = "cross_loading",
    [PLS_ALPHA] = "alpha",
    [PLS_RHO_A] = "rho_a",
    [PLS_RHO_C] = "rho_c",
    [PLS_AVE] = "ave",
    [PLS_HTMT] = "htmt",
    [PLS_DIFFERENCE] = "difference",
    [PLS_STUDENTISED] = "studentised",
    [PLS_OMNIBUS_Q] = "omnibus_q",
    [PLS_D_L] = "d_l",
    [PLS_D_G] = "d_g",
    [PLS_MICOM_C] = "micom_c",
    [PLS_MEAN_DIFFERENCE] = "mean_difference",
    [PLS_LOG_VARIANCE_RATIO] = "log_variance_ratio",
    [PLS_PARTIAL_T] = "t",
    [PLS_BLOCK_R2] = "block_r2",
};

/* A number beyond the list comes from a damaged file, so it gets a name and no assertion. */
const char *pls_status_name(enum pls_status status)
{
    return (unsigned)status < PLS_STATUS_COUNT ? status_names[status] : "unknown";
}

const char *pls_component_name(enum pls_component component)
{
    return (unsigned)component < PLS_COMPONENTS ? component_names[component] : "unknown";
}

static void free_column(struct pls_column *column)
{
    free(column->term);
    free(column->lhs);
    free(column->op);
    free(column->rhs);
}

enum pls_code pls_columns_add(struct pls_columns *columns, enum pls_component component,
                              const char *lhs, const char *op, const char *rhs,
                              struct pls_error *err)
{
    struct pls_column new = {.component = component};
    struct pls_text term = {0};
    enum pls_code code = pls_grow(&columns->column, &columns->capacity, columns->count + 1,
                                  sizeof *columns->column, err);
    if (code == PLS_OK)
        code = pls_text_printf(&term, err, "%s%s%s", lhs, op, rhs);
    if (code == PLS_OK)
        code = pls_copy_text(&new.term, term.data, term.length, err);
    if (code == PLS_OK)
        code = pls_copy_text(&new.lhs, lhs, strlen(lhs), err);
    if (code == PLS_OK)
        code = pls_copy_text(&new.op, op, strlen(op), err);
    if (code == PLS_OK)
        code = pls_copy_text(&new.rhs, rhs, strlen(rhs), err);
    if (code == PLS_OK)
        columns->column[columns->count++] = new;
    else
        free_column(&new);
    pls_text_free(&term);
    return code;
}

bool pls_columns_equal(const struct pls_columns *a, const struct pls_columns *b)
{
    bool equal = a->count == b->count;
    for (size_t c = 0; equal && c < a->count; c++)
        equal = a->column[c].component == b->column[c].component &&
                strcmp(a->column[c].term, b->column[c].term) == 0;
    return equal;
}

void pls_columns_free(struct pls_columns *columns)
{
    for (size_t c = 0; c < columns->count; c++)
        free_column(&columns->column[c]);
    free(columns->column);
    *columns = (struct pls_columns){0};
}
