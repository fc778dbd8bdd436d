/*
 * study.h: the study file: everything that decides a result, not how or where it is computed.
 *
 * Room study: text in, struct out; knows no numbers and reads no data. The file is untrusted
 * input: size, depth and number of nodes are limited, aliases and tags refused, every key and value
 * checked.
 */
#ifndef PLSTRAP_STUDY_H
#define PLSTRAP_STUDY_H

#include "plstrap/error.h"
#include "plstrap/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLS_MAX_LEVELS = 8, PLS_MAX_REMARKS = 16, PLS_MOST_GROUPS = 20 };

enum pls_delimiter {
    PLS_DELIMITER_AUTO,
    PLS_DELIMITER_COMMA,
    PLS_DELIMITER_SEMICOLON,
    PLS_DELIMITER_TAB
};
enum pls_decimal { PLS_DECIMAL_AUTO, PLS_DECIMAL_POINT, PLS_DECIMAL_COMMA };
enum pls_encoding { PLS_UTF_8, PLS_UTF_16LE, PLS_UTF_16BE, PLS_WINDOWS_1252, PLS_ISO_8859_1 };
enum pls_scheme { PLS_SCHEME_PATH, PLS_SCHEME_FACTORIAL, PLS_SCHEME_CENTROID };
enum pls_sign { PLS_SIGN_SUM, PLS_SIGN_NONE };
enum pls_align { PLS_ALIGN_BASE, PLS_ALIGN_NONE };
enum pls_method { PLS_PERCENTILE, PLS_BASIC, PLS_NORMAL, PLS_BC, PLS_BCA, PLS_METHODS };
enum pls_on_failure { PLS_FAILURE_EXCLUDE, PLS_FAILURE_KEEP, PLS_FAILURE_STOP };
enum pls_rule { PLS_RULE_P, PLS_RULE_INTERVAL };
enum pls_p { PLS_P_PERCENTILE, PLS_P_T };
enum pls_sides { PLS_TWO_SIDED, PLS_ONE_SIDED };
enum pls_quantile { PLS_QUANTILE_6, PLS_QUANTILE_7, PLS_QUANTILE_NORMAL };
enum pls_centre { PLS_CENTRE_ESTIMATE, PLS_CENTRE_BIAS_CORRECTED };
enum pls_store_mode { PLS_STORE_AUTO, PLS_STORE_ROWS, PLS_STORE_SUMMARY };
enum pls_style { PLS_STYLE_PLAIN, PLS_STYLE_SMARTPLS };

enum pls_effect { PLS_EFFECT_PATH, PLS_EFFECT_SPECIFIC, PLS_EFFECT_INDIRECT, PLS_EFFECT_TOTAL };
enum pls_relation { PLS_GREATER, PLS_LESS, PLS_NOT_EQUAL };

/*
 * H4: KD -> KV -> KK > 0
 *
 * Checked against the model: a path, chain or effect that the model lacks is an error of the study.
 * A hypothesis without a relation means != 0. U+2192 is -> and U+2260 is != too.
 */
struct pls_hypothesis {
    char *name;             /* "H4"                                              */
    char *statement;        /* as written: "KD -> KV -> KK > 0"                  */
    enum pls_effect effect; /* which column of a row it speaks of                */
    size_t *chain;          /* [length] constructs from first to last            */
    size_t length;          /* 2 for a path, indirect and total; more: specific  */
    enum pls_relation relation;
};

/* data.group, which may be the name of the column alone. */
struct pls_group_keys {
    char *column;                    /* NULL: no groups                                         */
    double cut[PLS_MOST_GROUPS - 1]; /* cut points of a number, rising; group 0 is below cut[0] */
    size_t cuts;
    char *level[PLS_MOST_GROUPS]; /* values that make groups, in this order; others make none   */
    size_t levels;                /* 0, and no cuts: every value that the column holds          */
    uint64_t minimum;             /* observations that a group must have                        */
    struct pls_place place;       /* of the column's name                                       */
};

struct pls_data_keys {
    char *file;             /* as written in the study                                */
    char *path;             /* the same, seen from the working folder                 */
    struct pls_place place; /* of that name in the study                             */
    char **missing;         /* [missing_count] codes; an empty cell is always missing */
    size_t missing_count;
    enum pls_delimiter delimiter;
    enum pls_decimal decimal;
    enum pls_encoding encoding;
    struct pls_group_keys group;
    char *strata;  /* column, or NULL */
    char *cluster; /* column, or NULL */
    struct pls_place strata_place, cluster_place;
};

struct pls_estimation_keys {
    enum pls_scheme scheme;
    enum pls_sign sign;
    double tolerance;        /* on the sum of |change| of all weights */
    unsigned max_iterations; /* 1 … 65535                             */
    size_t *dominant;        /* [J] indicator whose loading is made positive, or p for none */
};

struct pls_bootstrap_keys {
    uint64_t replicates; /* auto: max_replicates */
    bool automatic;      /* replicates: auto     */
    double accuracy;     /* auto: Monte Carlo error of an interval's end, in standard errors */
    uint64_t max_replicates;
    uint64_t seed;
    enum pls_align align;
    double level[PLS_MAX_LEVELS]; /* proportions, in the order written */
    size_t levels;
    enum pls_method method[PLS_METHODS]; /* the first one decides */
    size_t methods;
    enum pls_on_failure on_failure;
};

enum pls_stop { PLS_STOP_MMCTEST, PLS_STOP_GANDY, PLS_STOP_BESAG_CLIFFORD };
/* What is tested: bits. */
enum pls_test {
    PLS_TEST_MGA = 1,     /* differences between groups                   */
    PLS_TEST_MICOM = 2,   /* measurement invariance of composites         */
    PLS_TEST_OMNIBUS = 4, /* whole models of the groups                   */
    PLS_TEST_PATHS = 8,   /* within one sample: paths                     */
    PLS_TEST_INDIRECT = 16
};
enum pls_rows_choice { PLS_ROWS_RAW, PLS_ROWS_WITHIN, PLS_ROWS_BOTH };
enum pls_micom_scale { PLS_MICOM_STANDARDISED, PLS_MICOM_RAW };
enum pls_adjust {
    PLS_ADJUST_MAXT,
    PLS_ADJUST_HOLM,
    PLS_ADJUST_BONFERRONI,
    PLS_ADJUST_BH,
    PLS_ADJUST_NONE
};

struct pls_permutation_keys {
    uint64_t replicates; /* auto: max_replicates */
    bool automatic;
    uint64_t max_replicates;
    enum pls_stop stop; /* of auto */
    uint64_t seed;
    unsigned tests; /* of enum pls_test; the default depends on data.group */
    enum pls_rows_choice rows;
    bool studentised;
    uint64_t exact_limit; /* so many assignments or fewer are enumerated */
    enum pls_micom_scale micom_scale;
    enum pls_adjust adjust;
    enum pls_on_failure on_failure;
};

struct pls_inference_keys {
    double alpha;
    enum pls_rule rule;
    enum pls_p p;
    enum pls_sides sides;
    enum pls_quantile quantile;
    enum pls_centre centre;
};

struct pls_report_keys {
    unsigned digits; /* 1 … 15 */
    enum pls_style style;
    char *remark[PLS_MAX_REMARKS]; /* sentences that the report prints with the study's tables */
    size_t remarks;
};

struct pls_study {
    char *path;       /* as given; for messages                                       */
    char *text;       /* the whole file                                               */
    char *title;      /* "" where none                                                */
    char *model_text; /* the model, wherever it stood                                 */
    char *model_path; /* the file that holds the model: the study or `model: {file:}` */
    struct pls_model *model;
    struct pls_data_keys data;
    struct pls_estimation_keys estimation;
    struct pls_bootstrap_keys bootstrap;
    struct pls_permutation_keys permutation;
    struct pls_inference_keys inference;
    struct pls_hypothesis *hypothesis; /* [hypotheses] */
    size_t hypotheses;
    enum pls_store_mode store;
    struct pls_report_keys report;
};

/*
 * Reads a study file, and the model file if it names one.
 *
 * Returns PLS_OK, PLS_ESTUDY with FILE:LINE:COL, what is wrong and what to do, PLS_ENOINPUT,
 * PLS_EPERMISSION, PLS_EIO or PLS_EUNAVAILABLE.
 */
enum pls_code pls_study_read(const char *path, struct pls_study **out_new, struct pls_error *err);

/*
 * The same from text that was read before (on another rank): nothing is opened.
 *
 *   opt_model  in  the model's text where the study says `model: {file: …}`; else NULL
 */
enum pls_code pls_study_parse(const char *path, const char *text, size_t length,
                              const char *opt_model, struct pls_study **out_new,
                              struct pls_error *err);

void pls_study_free(struct pls_study *study);

/*
 * The keys that decide the rows, in one canonical text, so that a comment or a default made
 * explicit makes no other rows. Appends lines `key: value`, each ended by a newline, in this order:
 *
 *   model: KD =~ kd1 + kd2            one line a construct, in the order of their numbers
 *   model: KK ~ KD + KV               one line a target of paths, in the same order
 *   data.missing: ["NA", "-99"]       then the other keys, defaults written out, numbers in their
 *   estimation.tolerance: 1e-07       shortest exact form, texts in quotation marks
 *   estimation.dominant: {KD: kd1}
 *   data.strata: "sector"             data.strata and data.cluster where they are set
 *   data.group: {column: "gender"}    of the job "permute" alone, as are the keys of permutation
 *
 *   job  in  "estimate", "bootstrap" or "permute"
 *
 * Not among them: how many replicates there are and what stops them, because row r does not depend
 * on that; the smallest size of a group, which only refuses; and `data.file`, for which the data's
 * own digest stands, so that a file may be renamed.
 */
struct pls_text;
enum pls_code pls_study_canonical(const struct pls_study *study, const char *job,
                                  struct pls_text *out, struct pls_error *err);

/* Names as the study file writes them. */
const char *pls_scheme_name(enum pls_scheme scheme);
const char *pls_method_name(enum pls_method method);
const char *pls_stop_name(enum pls_stop stop);
const char *pls_test_name(enum pls_test test); /* one of them */
const char *pls_adjust_name(enum pls_adjust adjust);

#endif
