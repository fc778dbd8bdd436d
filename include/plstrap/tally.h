/*
 * tally.h: one statistic's replicates, counted instead of kept: the same inference, to the last
 * bit,
 * from memory that grows with the square root of their number.
 *
 * Room infer. A tally takes the values of a column in any portions and any order and holds
 *
 *   - sums of deviations from the estimate, powers 1 to 4, of each block of 1,024 rows (infer.h),
 *   joined in
 *     the fixed binary tree as far as neighbours are there;
 *   - counts below and at the estimate, below and at zero;
 *   - for each quantile that the study's intervals and their Monte Carlo errors need, a bracket:
 *   the count of
 *     values below it, and all values inside. Brackets begin at the quantiles of a pilot, six
 *     standard
 *     errors wide, and narrow as more values are seen; a merge takes the common part. Order
 *     statistics
 *     inside are exact; a wanted rank outside its bracket is noticed (PLS_EDATA), never guessed.
 *
 * What comes out does not depend on portions, order, ranks or brackets.
 */
#ifndef PLSTRAP_TALLY_H
#define PLSTRAP_TALLY_H

#include "plstrap/infer.h"
#include "plstrap/text.h"

#include <stddef.h>
#include <stdint.h>

enum { PLS_TALLY_BLOCK = 1024, PLS_TALLY_PILOT = 10000 };

struct pls_tally;

/*
 *   pilot, usable  [pilot_count]  in  the first rows of the series (all of them, or
 *   PLS_TALLY_PILOT)
 *   count                         in  rows of the whole series
 *   estimate, jackknife …         in  as in pls_infer_column(); acceleration is settled here
 *   options                       in  must outlive the tally
 *   width                         in  half width of a bracket in standard errors: 6 (tests: less;
 *                                     INFINITY keeps all values)
 *
 * The pilot only places the brackets: its rows must be added like all others.
 */
enum pls_code pls_tally_new(const double *pilot, const uint8_t *usable, size_t pilot_count,
                            uint64_t count, double estimate, const double *jackknife,
                            const uint8_t *jusable, size_t jcount,
                            const struct pls_infer_options *options, double width,
                            struct pls_tally **out_new, struct pls_error *err);
void pls_tally_free(struct pls_tally *tally);

/*
 * Adds rows first … first+count-1, in portions of any length: one begins where a block of
 * PLS_TALLY_BLOCK rows does, or goes on where the last one left a block unfinished; the last block
 * of the series may be shorter. In the midst of a block nothing can be merged or packed. A block is
 * added once (PLS_EINTERNAL). PLS_EDATA where a usable value is not finite; the tally is then of no
 * use.
 *
 * Portions of a multiple of 64 rows are the fastest.
 */
enum pls_code pls_tally_add(struct pls_tally *tally, const double *values, const uint8_t *usable,
                            uint64_t first, size_t count, struct pls_error *err);

/*
 * Brackets as narrow as what has been seen allows, where that is a quarter more than when they were placed
 * last: for memory's sake, before a tally is kept for long.
 */
enum pls_code pls_tally_narrow(struct pls_tally *tally, struct pls_error *err);

/* Takes back the rows of a block that is not finished. */
void pls_tally_drop(struct pls_tally *tally);

/* Adds what another tally of the same column, made from the same pilot, has seen. */
enum pls_code pls_tally_merge(struct pls_tally *tally, const struct pls_tally *other,
                              struct pls_error *err);

/*
 * Appends a tally as bytes, for another rank or run on this machine type: all of it, or (counted is
 * false) as if it had seen nothing yet, with the brackets that it has now. Unpacking adds what such
 * bytes have seen to a tally of the same column, as a merge would; restoring makes the tally again.
 * *at moves behind them. Damaged bytes are refused with PLS_EDATA, and a tally is as it was.
 */
enum pls_code pls_tally_pack(const struct pls_tally *tally, bool counted, struct pls_text *out,
                             struct pls_error *err);
enum pls_code pls_tally_restore(const struct pls_infer_options *options, const char **at,
                                const char *end, struct pls_tally **out_new, struct pls_error *err);
enum pls_code pls_tally_unpack(struct pls_tally *tally, const char **at, const char *end,
                               struct pls_error *err);

/*
 * The inference, when all rows are in: equal to that of pls_infer_column() on the rows, bit for
 * bit.
 * PLS_EDATA where a wanted rank is outside its bracket (count again with a larger width), PLS_EINTERNAL
 * where not all rows are in; out is then not written.
 */
enum pls_code pls_tally_finish(struct pls_tally *tally, struct pls_inference *out,
                               struct pls_error *err);

#endif
