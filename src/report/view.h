/*
 * view.h: the tables as a report reads them, and what its parts share.
 *
 * Private to the room. Tables may come from a damaged or foreign file: a table, column or cell
 * that is not there, or is of another type, reads as missing (NaN, -1, ""), never as an error.
 */
#ifndef PLSTRAP_REPORT_VIEW_H
#define PLSTRAP_REPORT_VIEW_H

#include "layout.h"
#include "number.h"
#include "plstrap/report.h"
#include "plstrap/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a value stands to its usual limits. */
enum mark { MARK_NONE, MARK_NEAR, MARK_MISSED };

enum { VIEW_NAME = 640, VIEW_NONE = -1 };

struct view {
    struct page page;
    const struct pls_table *study;
    const struct pls_table *constructs;
    const struct pls_table *parameters;
    const struct pls_table *intervals;
    const struct pls_table *hypotheses;
    const struct pls_table *mediation;
    const struct pls_table *replicates;
    const struct pls_table *messages;
    const struct pls_table *groups; /* from here on: of the job permute */
    const struct pls_table *configural;
    const struct pls_table *micom;
    const struct pls_table *mga;
    const struct pls_table *mga_bootstrap;
    const struct pls_table *omnibus;
    const struct pls_table *within;
    bool smartpls;
    bool resampled;    /* the parameters have standard errors                  */
    bool permuted;     /* the job is permute                                   */
    bool exact;        /* all assignments were enumerated                      */
    unsigned digits;   /* after the point                                      */
    double alpha;      /* NaN where no job made the tables                     */
    double level;      /* the first one listed                                 */
    char method[32];   /* the interval that decides: the first one listed      */
    bool t_decides;    /* p.value is the t-based one                           */
    bool too_few;      /* a warning says it: replicates for a level            */
    char interval[64]; /* heading of the interval's columns: "95% CI"          */
};

size_t view_rows(const struct pls_table *table);
const char *view_text(const struct pls_table *table, size_t row, const char *column);
double view_real(const struct pls_table *table, size_t row, const char *column);
int64_t view_count(const struct pls_table *table, size_t row, const char *column);

/* A value of the table study, "" where it is absent. */
const char *view_setting(const struct view *view, const char *key);

/* Row of a parameter, or VIEW_NONE; lhs and rhs in this order. */
long view_find(const struct view *view, const char *component, const char *lhs, const char *rhs);
double view_estimate(const struct view *view, long row);

/* Row of the table intervals that belongs to a parameter, by method and level; or VIEW_NONE. */
long view_interval(const struct view *view, long parameter, const char *method, double level);

/* Foreign text made printable, at most 60 columns. Returns out. */
const char *view_name(const char *text, char out[VIEW_NAME]);

/* The construct's or indicator's name, or arrows: "KD → KV", "KD → KV → KK", SmartPLS's "kd1 <-
 * KD". */
const char *view_label(const struct view *view, long parameter, char out[VIEW_NAME]);

/* The same of a parameter that is known by its component's term alone. */
const char *view_term(const struct view *view, const char *term, char out[VIEW_NAME]);

/* "KD->KV->KK" or "H: A -> B" with this report's arrows, printable. */
const char *view_arrows(const struct view *view, const char *text, char out[VIEW_NAME]);

/* Whether the construct is in Mode B. */
bool view_formative(const struct view *view, const char *construct);

/* "KD (reflective, Mode A)" of a row of the table constructs. */
const char *view_construct(const struct view *view, size_t row, char out[VIEW_NAME]);

/* A kind of interval as people write it: "BCa", "BC", "percentile". */
const char *view_method(const char *method);

/* Ends of the deciding interval of a parameter; NaN where it has none. */
void view_ends(const struct view *view, long parameter, double *low, double *high);

/* Whether p says another thing about alpha than the interval of level 1 - alpha about zero. */
bool view_disagrees(const struct view *view, double p, double low, double high);
void view_note_disagreement(const struct view *view, struct layout *table, const char *label);

bool view_is(const struct pls_table *table, size_t row, const char *column, const char *value);

/* Coefficients (no leading zero) and everything else, with the report's digits. */
const char *view_coefficient(const struct view *view, double x, char out[NUMBER_SIZE]);
const char *view_statistic(const struct view *view, double x, char out[NUMBER_SIZE]);
const char *view_p(const struct view *view, double p, char out[NUMBER_SIZE]);

/* The two joined columns of an interval, and its two cells. */
void view_interval_columns(struct layout *table, const char *heading, unsigned flags);
void view_interval_cells(const struct view *view, struct layout *table, double low, double high);

/* Stars of a p as SmartPLS does not print them; † where only alpha is above .05; and what they
 * mean. */
const char *view_stars(const struct view *view, double p);
const char *view_star_legend(const struct view *view, char out[VIEW_NAME]);

/* A cell with a number; where it is missing, a note under the table says why ("–  why: label"): that
 * of the row in its table. */
void view_cell(struct layout *table, enum page_style style, const char *number,
               const struct pls_table *source, size_t row, const char *label);

/* The same of a parameter. */
void view_number(const struct view *view, struct layout *table, enum page_style style,
                 const char *number, long parameter, const char *label);

/* The same, and in a joined column its mark: (!) or !. */
void view_marked(const struct view *view, struct layout *table, const char *number, enum mark mark,
                 long parameter, const char *label);

/* "Title" in the plain style, the other in SmartPLS's. */
const char *view_title(const struct view *view, const char *plain, const char *smartpls);

/* The parts of the report (outer.c, inner.c, resampled.c, verdicts.c, accuracy.c, permuted.c).
 * Warnings return whether they were printed. */
void report_outer_estimate(struct view *view);
void report_reliability(struct view *view);
void report_correlations(struct view *view);
void report_inner_estimate(struct view *view);
const char *report_r2_word(double r2);
extern const char report_r2_legend[];
void report_paths(struct view *view);
void report_effects(struct view *view);
void report_r2(struct view *view);
void report_measurement(struct view *view);
double report_p_error(const struct view *view, size_t row); /* Monte Carlo error of p.value */
/* A total effect without an indirect part is the path, which has its row already. */
bool report_is_path_again(const struct view *view, size_t row);
void report_all_intervals(struct view *view);
bool report_warn_of_few(struct view *view);
bool report_warn_of_monte_carlo(struct view *view);
void report_monte_carlo(struct view *view);
void report_replicates(struct view *view);
void report_mediation(struct view *view);
void report_hypotheses(struct view *view);
void report_permuted(struct view *view);

#endif
