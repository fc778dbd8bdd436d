/*
 * report.h: tables for people (terminal) and for programs (CSV, JSON).
 *
 * Room report: reads tables only, so `plstrap report result.h5` prints what the job printed.
 *
 * The tables (made by `estimate` and by the jobs; a missing number is NaN, and `note` says why):
 *
 *   study         key:text value:text
 *       keys, each at most once, absent where it does not apply: job ("estimate", "bootstrap", "permute"),
 *       title, n, rows_in_file, rows_dropped, scheme, sign, tolerance, max_iterations, iterations,
 *       status, residual, seed, replicates, series_jackknife, align, draws ("philox" or "given"),
 *       on_failure, levels ("0.95 0.9"), intervals ("percentile bca"), quantile, centre, alpha,
 *       rule, p, sides, digits, style ("plain", "smartpls"), version; of permute also
 *       assignments ("random", "exact", "given"), tests ("mga micom omnibus"), rows, adjust,
 *       group (the column), ungrouped (rows in no group), stop, stopped (why auto stopped),
 *       p.interval ("0.99")
 *   constructs    construct:text mode:text ("A","B") indicators:count
 *   parameters    component:text term:text lhs:text op:text rhs:text estimate:real  and, of a job,
 *                 std.error:real statistic:real p.value:real boot.mean:real bias:real n.ok:count
 *                 p.percentile:real p.t:real df:real mcse.mean:real mcse.se:real
 *                 mcse.statistic:real mcse.p.percentile:real mcse.p.t:real z0:real
 *                 acceleration:real   and last  note:text
 *       p.value is the one that the study names. Rows in the order of the replicate columns, then
 *       those of the base model alone (adj_r2, f2, vif, correlation, cross_loading, alpha, rho_a,
 *       rho_c, ave, htmt).
 *   intervals     component:text term:text level:real method:text conf.low:real conf.high:real
 *                 mcse.low:real mcse.high:real note:text
 *   hypotheses    hypothesis:text statement:text component:text term:text estimate:real
 *                 p.value:real mcse.p:real conf.low:real conf.high:real
 *                 verdict:text ("accepted","rejected","undecided")
 *                 open:count (1: the Monte Carlo error leaves it open) note:text
 *   mediation     component:text ("specific","indirect") term:text from:text to:text estimate:real
 *                 conf.low:real conf.high:real direct:real direct.low:real direct.high:real
 *                 total:real type:text phrase:text open:count vaf:real note:text
 *   replicates    series:text status:text where:text count:count share:real
 *       one row a series and status "ok", and one a kind of failure and place
 *   messages      kind:text ("warning","note","remark") text:text     in the order to be printed
 *
 * Of permute there is no table parameters; the rows of a comparison ("A-B" of two groups in the
 * order of the table groups, or "all") stand together. p.low and p.high are the Monte Carlo
 * interval of the p before them, NaN where all assignments were enumerated; certainty is
 * "p<alpha certain", "p>=alpha certain" or "undecided", and note then says what would decide it.
 * c.quantile is the 5 % quantile over permutations, quantile the 95 % one; mean.low and mean.high,
 * variance.low and variance.high, perm.low and perm.high have 95 % of them between them.
 *
 *   groups        group:text n:count minimum:count failed:count failed.bootstrap:count note:text
 *   configural    comparison:text check:text result:text ("ok","differs","not checked") note:text
 *   micom         comparison:text construct:text c:real c.quantile:real p.c:real p.c.low:real
 *                 p.c.high:real p.c.certainty:text p.c.adjusted:real mean.difference:real
 *                 mean.low:real mean.high:real p.mean:real p.mean.low:real p.mean.high:real
 *                 variance.ratio:real (its logarithm) variance.low:real variance.high:real
 *                 p.variance:real p.variance.low:real p.variance.high:real
 *                 invariance:text ("full","partial","none","not tested") allows:text note:text
 *   mga           comparison:text component:text term:text first:real second:real
 *                 difference:real p.value:real p.low:real p.high:real certainty:text
 *                 p.adjusted:real p.holm:real perm.low:real perm.high:real p.greater:real
 *                 p.less:real p.within:real p.studentised:real b:count replicates:count
 *                 failed:count p.fail.low:real p.fail.high:real note:text
 *       the last two: p if no, or every, failed permutation had been as extreme
 *   mga_bootstrap comparison:text component:text term:text difference:real se.first:real
 *                 se.second:real conf.low:real conf.high:real p.henseler:real
 *                 p.henseler.two:real t.welch:real df.welch:real p.welch:real t.keil:real
 *                 p.keil:real t.nitzl:real df.nitzl:real p.nitzl:real note:text
 *   omnibus       comparison:text statistic:text ("d_l","d_g","omnibus_q") component:text
 *                 term:text variant:text ("raw","within") value:real quantile:real p.value:real
 *                 p.low:real p.high:real certainty:text p.adjusted:real note:text
 *   within        component:text ("path","specific","indirect") term:text estimate:real t:real
 *                 p.value:real p.low:real p.high:real certainty:text
 *                 kind:text ("exact","asymptotic","joint") p.block:real p.adjusted:real note:text
 *       without groups; p.block: that the construct is independent of all its predecessors
 */
#ifndef PLSTRAP_REPORT_H
#define PLSTRAP_REPORT_H

#include "plstrap/error.h"
#include "plstrap/study.h"
#include "plstrap/table.h"

#include <stdbool.h>
#include <stdio.h>

struct pls_report_options {
    bool color;      /* ANSI colours: a terminal, no NO_COLOR, or --color always            */
    bool unicode;    /* UTF-8 may be written; else ASCII stands in                          */
    unsigned width;  /* columns of the terminal; tables fit into it, at least 60            */
    unsigned digits; /* after the point; 0: as the study says                               */
    bool styled;     /* style below holds (--style), else the study's                       */
    enum pls_style style;
};

/*
 * The report of whatever job made the tables. A table or cell that is missing, or of another
 * type than above, reads as missing. Returns PLS_OK, PLS_EIO where stream fails, or
 * PLS_EUNAVAILABLE.
 */
enum pls_code pls_report_print(const struct pls_tables *tables,
                               const struct pls_report_options *options, FILE *stream,
                               struct pls_error *err);

/*
 * Every table as NAME.csv in a folder (created where it is missing): quoted as RFC 4180 has it,
 * lines end in a line feed, UTF-8, decimal point, 17 significant digits, empty where a number is
 * missing. Text that a spreadsheet would take for a formula gets a leading apostrophe.
 *
 * Returns PLS_OK, PLS_ECREATE or PLS_EPERMISSION (folder or file), PLS_EIO (disk full),
 * PLS_EDATA (a foreign table whose name cannot be a file's) or PLS_EUNAVAILABLE. The file that
 * failed does not appear.
 */
enum pls_code pls_report_csv(const struct pls_tables *tables, const char *folder,
                             struct pls_error *err);

/*
 * All tables as one JSON object {"plstrap": version, "NAME": [{column: value, …}, …], …}, a row
 * a line, in ASCII; a missing number is null. Returns as pls_report_csv().
 */
enum pls_code pls_report_json(const struct pls_tables *tables, const char *path,
                              struct pls_error *err);

#endif
