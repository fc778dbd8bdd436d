/* test_keys.c: defaults, every key of the study file, and the sentence for every wrong one. */
#include "plstrap/text.h"
#include "studies.h"

#include <stdlib.h>
#include <unistd.h>

static void a_study_of_two_keys_has_the_documented_defaults(void **state)
{
    (void)state;
    struct pls_study *s = study_with("");
    assert_string_equal(s->path, "s.yaml");
    assert_string_equal(s->title, "");
    assert_string_equal(s->model_path, "s.yaml");
    assert_string_equal(s->data.file, "d.csv");
    assert_int_equal(s->data.missing_count, 0);
    assert_int_equal(s->data.delimiter, PLS_DELIMITER_AUTO);
    assert_int_equal(s->data.decimal, PLS_DECIMAL_AUTO);
    assert_int_equal(s->data.encoding, PLS_UTF_8);
    assert_int_equal(s->estimation.scheme, PLS_SCHEME_PATH);
    assert_int_equal(s->estimation.sign, PLS_SIGN_SUM);
    assert_true(s->estimation.tolerance >= 1e-7 && s->estimation.tolerance <= 1e-7);
    assert_int_equal(s->estimation.max_iterations, 300);
    for (size_t j = 0; j < 3; j++)
        assert_int_equal(s->estimation.dominant[j], 4);
    assert_int_equal(s->bootstrap.replicates, 9999);
    assert_int_equal(s->bootstrap.seed, 1);
    assert_int_equal(s->bootstrap.align, PLS_ALIGN_BASE);
    assert_int_equal(s->bootstrap.levels, 1);
    assert_close(s->bootstrap.level[0], 0.95, 0.0);
    assert_int_equal(s->bootstrap.methods, 2);
    assert_int_equal(s->bootstrap.method[0], PLS_PERCENTILE);
    assert_int_equal(s->bootstrap.method[1], PLS_BCA);
    assert_int_equal(s->bootstrap.on_failure, PLS_FAILURE_EXCLUDE);
    assert_close(s->inference.alpha, 0.05, 0.0);
    assert_int_equal(s->inference.rule, PLS_RULE_P);
    assert_int_equal(s->inference.p, PLS_P_PERCENTILE);
    assert_int_equal(s->inference.sides, PLS_TWO_SIDED);
    assert_int_equal(s->inference.quantile, PLS_QUANTILE_6);
    assert_int_equal(s->inference.centre, PLS_CENTRE_ESTIMATE);
    assert_int_equal(s->hypotheses, 0);
    assert_int_equal(s->store, PLS_STORE_AUTO);
    assert_int_equal(s->report.digits, 3);
    assert_int_equal(s->report.style, PLS_STYLE_PLAIN);
    assert_int_equal(s->report.remarks, 0);
    pls_study_free(s);
}

static void every_key_reaches_its_field(void **state)
{
    (void)state;
    struct pls_study *s = study_of(
        "title: Digital content, viral campaigns\n"
        "data:\n  file: sub/d.csv\n  missing: [NA, -99, 'no answer']\n"
        "  missing_treatment: listwise\n  delimiter: semicolon\n  decimal: comma\n"
        "  encoding: iso-8859-1\n"
        "model: A =~ a1 + a2; B <~ b1 + b2; B ~ A\n"
        "estimation: {scheme: centroid, consistent: false, tolerance: 1e-13,\n"
        "  max_iterations: 65535, sign: none, dominant: {B: b2}}\n"
        "bootstrap: {replicates: 1000000000000, seed: 18446744073709551615, align: none,\n"
        "  scheme: multinomial, level: [0.99, 0.9], intervals: [bc, normal, basic],\n"
        "  on_failure: stop}\n"
        "inference: {alpha: 0.1, rule: interval, p: t, sides: one, quantile: normal,\n"
        "  centre: bias_corrected}\n"
        "store: rows\n"
        "report: {digits: 15, style: smartpls, remarks: [Simulated answers., \"R: small\"]}\n");
    assert_string_equal(s->title, "Digital content, viral campaigns");
    assert_string_equal(s->data.file, "sub/d.csv");
    assert_int_equal(s->data.missing_count, 3);
    assert_string_equal(s->data.missing[1], "-99");
    assert_string_equal(s->data.missing[2], "no answer");
    assert_int_equal(s->data.delimiter, PLS_DELIMITER_SEMICOLON);
    assert_int_equal(s->data.decimal, PLS_DECIMAL_COMMA);
    assert_int_equal(s->data.encoding, PLS_ISO_8859_1);
    assert_int_equal(s->estimation.scheme, PLS_SCHEME_CENTROID);
    assert_true(s->estimation.tolerance >= 1e-13 && s->estimation.tolerance <= 1e-13);
    assert_int_equal(s->estimation.max_iterations, 65535);
    assert_int_equal(s->estimation.sign, PLS_SIGN_NONE);
    assert_int_equal(s->estimation.dominant[0], 4);
    assert_int_equal(s->estimation.dominant[1], 3);
    assert_true(s->bootstrap.replicates == UINT64_C(1000000000000));
    assert_true(s->bootstrap.seed == UINT64_MAX);
    assert_int_equal(s->bootstrap.align, PLS_ALIGN_NONE);
    assert_int_equal(s->bootstrap.levels, 2);
    assert_close(s->bootstrap.level[0], 0.99, 0.0);
    assert_close(s->bootstrap.level[1], 0.9, 0.0);
    assert_int_equal(s->bootstrap.methods, 3);
    assert_int_equal(s->bootstrap.method[0], PLS_BC);
    assert_int_equal(s->bootstrap.method[1], PLS_NORMAL);
    assert_int_equal(s->bootstrap.method[2], PLS_BASIC);
    assert_int_equal(s->bootstrap.on_failure, PLS_FAILURE_STOP);
    assert_close(s->inference.alpha, 0.1, 0.0);
    assert_int_equal(s->inference.rule, PLS_RULE_INTERVAL);
    assert_int_equal(s->inference.p, PLS_P_T);
    assert_int_equal(s->inference.sides, PLS_ONE_SIDED);
    assert_int_equal(s->inference.quantile, PLS_QUANTILE_NORMAL);
    assert_int_equal(s->inference.centre, PLS_CENTRE_BIAS_CORRECTED);
    assert_int_equal(s->store, PLS_STORE_ROWS);
    assert_int_equal(s->report.digits, 15);
    assert_int_equal(s->report.style, PLS_STYLE_SMARTPLS);
    assert_int_equal(s->report.remarks, 2);
    assert_string_equal(s->report.remark[1], "R: small");
    pls_study_free(s);
}

/* Names in the order of the enumeration: the tables of keys.c are the subject. */
static void every_name_of_a_choice_has_its_number(void **state)
{
    (void)state;
    static const struct {
        const char *section, *key, *names[6];
        size_t offset;
    } choices[] = {
        {"estimation",
         "scheme",
         {"path", "factorial", "centroid"},
         offsetof(struct pls_study, estimation.scheme)},
        {"estimation", "sign", {"sum", "none"}, offsetof(struct pls_study, estimation.sign)},
        {"bootstrap", "align", {"base", "none"}, offsetof(struct pls_study, bootstrap.align)},
        {"bootstrap",
         "intervals",
         {"percentile", "basic", "normal", "bc", "bca"},
         offsetof(struct pls_study, bootstrap.method)},
        {"bootstrap",
         "on_failure",
         {"exclude", "keep", "stop"},
         offsetof(struct pls_study, bootstrap.on_failure)},
        {"inference", "rule", {"p", "interval"}, offsetof(struct pls_study, inference.rule)},
        {"inference", "p", {"percentile", "t"}, offsetof(struct pls_study, inference.p)},
        {"inference", "sides", {"two", "one"}, offsetof(struct pls_study, inference.sides)},
        {"inference",
         "quantile",
         {"6", "7", "normal"},
         offsetof(struct pls_study, inference.quantile)},
        {"inference",
         "centre",
         {"estimate", "bias_corrected"},
         offsetof(struct pls_study, inference.centre)},
        {"report", "style", {"plain", "smartpls"}, offsetof(struct pls_study, report.style)},
    };
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        for (unsigned k = 0; choices[i].names[k]; k++) {
            char lines[200];
            unsigned value;
            snprintf(lines, sizeof lines, "%s: {%s: %s}", choices[i].section, choices[i].key,
                     choices[i].names[k]);
            struct pls_study *study = study_with(lines);
            memcpy(&value, (const char *)study + choices[i].offset, sizeof value);
            assert_int_equal(value, k);
            pls_study_free(study);
        }
}

static void every_name_of_the_data_section_has_its_number(void **state)
{
    (void)state;
    static const char *const delimiters[] = {"auto", "comma", "semicolon", "tab"};
    static const char *const decimals[] = {"auto", "point", "comma"};
    static const char *const encodings[] = {"utf-8", "utf-16le", "utf-16be", "windows-1252",
                                            "iso-8859-1"};
    for (unsigned k = 0; k < 5; k++) {
        char text[300];
        snprintf(text, sizeof text,
                 "data: {file: d, delimiter: %s, decimal: %s, encoding: %s}\n"
                 "model: A =~ a; B =~ b; B ~ A\n",
                 delimiters[k % 4], decimals[k % 3], encodings[k]);
        struct pls_study *study = study_of(text);
        assert_int_equal(study->data.delimiter, k % 4);
        assert_int_equal(study->data.decimal, k % 3);
        assert_int_equal(study->data.encoding, k);
        pls_study_free(study);
    }
}

static void values_are_read_by_the_type_of_their_key_alone(void **state)
{
    (void)state;
    struct pls_study *study = study_with("title: no\nbootstrap: {replicates: 012, level: 5e-1}\n"
                                         "report: {remarks: 0x10}");
    assert_string_equal(study->title, "no");           /* YAML 1.1: false */
    assert_int_equal(study->bootstrap.replicates, 12); /* YAML 1.1: 10 */
    assert_close(study->bootstrap.level[0], 0.5, 0.0);
    assert_string_equal(study->report.remark[0], "0x10"); /* YAML 1.1: 16 */
    pls_study_free(study);
}

static void names_are_those_of_the_study_file(void **state)
{
    (void)state;
    assert_string_equal(pls_scheme_name(PLS_SCHEME_CENTROID), "centroid");
    assert_string_equal(pls_method_name(PLS_PERCENTILE), "percentile");
    assert_string_equal(pls_method_name(PLS_BCA), "bca");
}

static void every_wrong_value_and_key_gets_its_own_sentence_and_place(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"bootstrap: {replicates: 5k}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not '5k'; write 5000"},
        {"bootstrap: {replicates: 1e3}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not '1e3'; write 1000"},
        {"bootstrap: {replicates: -1}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not '-1'; write one such as 9999"},
        {"bootstrap: {replicates: 0}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not '0'; write one such as 9999"},
        {"bootstrap: {replicates: 99999999999999999999}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not '99999999999999999999'; write one such as 9999"},
        {"bootstrap: {replicates: \"500\"}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto'; write 500 without quotation marks"},
        {"bootstrap: {replicates: 0x10}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not '0x10'; write one such as 9999"},
        {"bootstrap: {replicates: 5,000}\n",
         "s.yaml:8:27: unknown key '000' in 'bootstrap'; the keys are replicates, seed, "
         "align, scheme, level, intervals, on_failure, accuracy and max_replicates"},
        {"bootstrap:\n  replicates: 5,000\n",
         "s.yaml:9:15: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not '5,000'; write 5000"},
        {"bootstrap: {replicates: 10.5}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not '10.5'; write one such as 9999"},
        {"bootstrap: {replicates: 10.0}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not '10.0'; write 10"},
        {"bootstrap: {replicates: [1]}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a single value, not a list; write it "
         "after the colon"},
        {"bootstrap: {replicates: many}\n",
         "s.yaml:8:25: 'bootstrap.replicates' must be a whole number from 1 to "
         "1,000,000,000,000 or 'auto', not 'many'; write one such as 9999"},
        {"bootstrap: {replicates: }\n",
         "s.yaml:8:25: 'bootstrap.replicates' has no value; write one or delete the key"},
        {"bootstrap: {seed: 18446744073709551616}\n",
         "s.yaml:8:19: 'bootstrap.seed' must be a whole number from 0 to "
         "18,446,744,073,709,551,615, not '18446744073709551616'; write one such as 1"},
        {"bootstrap: {seed: -1}\n",
         "s.yaml:8:19: 'bootstrap.seed' must be a whole number from 0 to "
         "18,446,744,073,709,551,615, not '-1'; write one such as 1"},
        {"bootstrap: {level: 95}\n",
         "s.yaml:8:20: 'bootstrap.level' must be a number above 0 and below 1, not 95; did "
         "you mean 0.95?"},
        {"bootstrap: {level: 95%}\n",
         "s.yaml:8:20: 'bootstrap.level' must be a number above 0 and below 1, not 95%; did "
         "you mean 0.95?"},
        {"bootstrap: {level: [0.9, 95]}\n",
         "s.yaml:8:26: 'bootstrap.level' must be a number above 0 and below 1, not 95; did "
         "you mean 0.95?"},
        {"bootstrap: {level: 0}\n",
         "s.yaml:8:20: 'bootstrap.level' must be a number above 0 and below 1, not '0'; write "
         "one such as 0.95"},
        {"bootstrap: {level: 1}\n",
         "s.yaml:8:20: 'bootstrap.level' must be a number above 0 and below 1, not '1'; write one "
         "such as 0.95"},
        {"bootstrap: {level: 100}\n",
         "s.yaml:8:20: 'bootstrap.level' must be a number above 0 and below 1, not '100'; "
         "write one such as 0.95"},
        {"bootstrap: {level: \"0.95\"}\n",
         "s.yaml:8:20: 'bootstrap.level' must be a number above 0 and below 1; write 0.95 "
         "without quotation marks"},
        {"bootstrap: {level: []}\n",
         "s.yaml:8:20: the list 'bootstrap.level' is empty; write a value, or delete the key "
         "for '0.95'"},
        {"bootstrap: {level: [0.9, 0.90]}\n",
         "s.yaml:8:26: 'bootstrap.level' has 0.90 twice; delete one"},
        {"bootstrap: {level: [.1,.2,.3,.4,.5,.6,.7,.8,.9]}\n",
         "s.yaml:8:45: more than 8 values in 'bootstrap.level'; shorten the list"},
        {"bootstrap: {level: 0,95}\n",
         "s.yaml:8:20: 'bootstrap.level' must be a number above 0 and below 1, not '0'; write "
         "one such as 0.95"},
        {"bootstrap:\n  level: 0,95\n",
         "s.yaml:9:10: 'bootstrap.level' must be a number with a decimal point, not 0,95; did "
         "you mean 0.95?"},
        {"bootstrap: {intervals: [percentile, bca, bca]}\n",
         "s.yaml:8:42: 'bootstrap.intervals' has bca twice; delete one"},
        {"bootstrap: {intervals: [percentil]}\n",
         "s.yaml:8:25: 'bootstrap.intervals' must be percentile, basic, normal, bc or bca, "
         "not 'percentil'; did you mean 'percentile'?"},
        {"bootstrap: {intervals: studentized}\n",
         "s.yaml:8:24: 'bootstrap.intervals' must be percentile, basic, normal, bc or bca, "
         "not 'studentized'; write one of them"},
        {"bootstrap: {on_failure: drop}\n",
         "s.yaml:8:25: 'bootstrap.on_failure' must be exclude, keep or stop, not 'drop'; "
         "write one of them"},
        {"bootstrap: {scheme: finite}\n",
         "s.yaml:8:21: 'bootstrap.scheme: finite' is not in this version of plstrap; write "
         "multinomial"},
        {"bootstrap: {scheme: poisson}\n",
         "s.yaml:8:21: 'bootstrap.scheme' must be multinomial, not 'poisson'; write it so, or "
         "delete the key"},
        {"bootstrap: {accuracy: 0.01}\n",
         "s.yaml:8:23: 'bootstrap.accuracy' is read only with replicates: auto; write that, or "
         "delete this key"},
        {"bootstrap: {max_replicates: 5}\n",
         "s.yaml:8:29: 'bootstrap.max_replicates' is read only with replicates: auto; write "
         "that, or delete this key"},
        {"bootstrap: {replicate: 5}\n",
         "s.yaml:8:13: unknown key 'replicate' in 'bootstrap'; did you mean 'replicates'?"},
        {"bootstrap: {tolerance: 5}\n",
         "s.yaml:8:13: unknown key 'tolerance' in 'bootstrap'; write it in 'estimation'"},
        {"bootstrap: {zzzzzz: 5}\n",
         "s.yaml:8:13: unknown key 'zzzzzz' in 'bootstrap'; the keys are replicates, seed, "
         "align, scheme, level, intervals, on_failure, accuracy and max_replicates"},
        {"bootstrp: {}\n", "s.yaml:8:1: unknown key 'bootstrp'; did you mean 'bootstrap'?"},
        {"seed: 1\n", "s.yaml:8:1: unknown key 'seed'; write it in 'bootstrap'"},
        {"bootstrap: {model: x}\n",
         "s.yaml:8:13: unknown key 'model' in 'bootstrap'; write it at the margin, as a "
         "section of its own"},
        {"zzzzzzzzz: 1\n",
         "s.yaml:8:1: unknown key 'zzzzzzzzz'; the keys are title, data, model, estimation, "
         "bootstrap, permutation, hypotheses, inference, store and report"},
        {"bootstrap: 5\n",
         "s.yaml:8:12: 'bootstrap' holds 'key: value' lines; indent them below it"},
        {"bootstrap: [a]\n",
         "s.yaml:8:12: 'bootstrap' holds 'key: value' lines; indent them below it"},
        {"estimation: {consistent: true}\n",
         "s.yaml:8:26: 'estimation.consistent: true' is not in this version of plstrap; write "
         "false (PLSc is not computed yet)"},
        {"estimation: {consistent: yes}\n",
         "s.yaml:8:26: 'estimation.consistent' must be false, not 'yes'; write it so, or "
         "delete the key"},
        {"estimation: {consistent: False}\n",
         "s.yaml:8:26: 'estimation.consistent' must be false, not 'False'; did you mean "
         "'false'?"},
        {"estimation: {scheme: pth}\n",
         "s.yaml:8:22: 'estimation.scheme' must be path, factorial or centroid, not 'pth'; "
         "did you mean 'path'?"},
        {"estimation: {scheme: pca}\n",
         "s.yaml:8:22: 'estimation.scheme' must be path, factorial or centroid, not 'pca'; "
         "write one of them"},
        {"estimation: {tolerance: 0}\n",
         "s.yaml:8:25: 'estimation.tolerance' must be a number above 0 and below 1, not '0'; "
         "write one such as 1e-7"},
        {"estimation: {tolerance: 1}\n",
         "s.yaml:8:25: 'estimation.tolerance' must be a number above 0 and below 1, not '1'; "
         "write one such as 1e-7"},
        {"estimation: {tolerance: small}\n",
         "s.yaml:8:25: 'estimation.tolerance' must be a number above 0 and below 1, not "
         "'small'; write one such as 1e-7"},
        {"estimation: {max_iterations: 65536}\n",
         "s.yaml:8:30: 'estimation.max_iterations' must be a whole number from 1 to 65,535, "
         "not '65536'; write one such as 300"},
        {"estimation: {dominant: {X: a1}}\n",
         "s.yaml:8:25: the model has no construct 'X'; its constructs are A, M and B"},
        {"estimation: {dominant: {A: m1}}\n",
         "s.yaml:8:28: 'm1' is no indicator of 'A'; did you mean 'a1'?"},
        {"estimation: {dominant: {A: [a1]}}\n",
         "s.yaml:8:28: the dominant indicator of 'A' must be one name; write one"},
        {"estimation: {dominant: a1}\n",
         "s.yaml:8:24: 'estimation.dominant' must be {CONSTRUCT: indicator}; write it so"},
        {"simulation: {}\n",
         "s.yaml:8:1: 'simulation' is not in this version of plstrap; delete this section"},
        {"store: row\n",
         "s.yaml:8:8: 'store' must be auto, rows or summary, not 'row'; did you mean 'rows'?"},
        {"inference: {quantile: 5}\n",
         "s.yaml:8:23: 'inference.quantile' must be 6, 7 or normal, not '5'; write one of "
         "them"},
        {"inference: {alpha: 5}\n",
         "s.yaml:8:20: 'inference.alpha' must be a number above 0 and below 1, not 5; did you "
         "mean 0.05?"},
        {"inference: {sides: both}\n",
         "s.yaml:8:20: 'inference.sides' must be two or one, not 'both'; write one of them"},
        {"report: {digits: 16}\n",
         "s.yaml:8:18: 'report.digits' must be a whole number from 1 to 15, not '16'; write "
         "one such as 3"},
        {"report: {style: fancy}\n",
         "s.yaml:8:17: 'report.style' must be plain or smartpls, not 'fancy'; write one of "
         "them"},
        {"report: {remarks: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]}\n",
         "s.yaml:8:52: more than 16 sentences in 'report.remarks'; shorten the list"},
        {"report: {remarks: {a: b}}\n",
         "s.yaml:8:19: 'report.remarks' must be a single value, not a mapping; write it after "
         "the colon"},
        {"title: [a]\n",
         "s.yaml:8:8: 'title' must be a single value, not a list; write it after the colon"},
    };
    assert_refused(STUDY_HEAD, refusals, sizeof refusals / sizeof *refusals);
}

static void data_and_model_are_checked_too(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"data: {file: d.csv}\n",
         "s.yaml:1:1: the study has no model; add 'model: |' and below it lines such as 'A =~ "
         "x1 + x2' and 'B ~ A'"},
        {"model: \"A =~ a1; B =~ b1; B ~ A\"\n",
         "s.yaml:1:1: the study names no data; add 'data: {file: answers.csv}'"},
        {"model: \"A =~ a1; B =~ b1; B ~ A\"\ndata: {missing: [1]}\n",
         "s.yaml:1:1: the study names no data; add 'data: {file: answers.csv}'"},
        {"data: {file: d.csv}\nmodel: {fil: x}\n",
         "s.yaml:2:9: unknown key 'fil' in 'model'; the only one is 'file'"},
        {"data: {file: d.csv}\nmodel: {file: [x]}\n",
         "s.yaml:2:15: 'model.file' is the name of a file; write one"},
        {"data: {file: d.csv}\nmodel: [x]\n",
         "s.yaml:2:8: 'model' is a text or {file: NAME}; write 'model: |' and the model below "
         "it"},
        {"data: {file: d.csv}\nmodel: {file: x, y: z}\n",
         "s.yaml:2:18: unknown key 'y' in 'model'; the only one is 'file'"},
        {"data: {file: d.csv}\nmodel:\n",
         "s.yaml:2:7: the model is empty; write lines such as 'A =~ x1 + x2' and 'B ~ A'"},
        {"data: {file: \"\"}\nmodel: x\n",
         "s.yaml:1:1: the study names no data; add 'data: {file: answers.csv}'"},
        {"data: {file: d.csv, missing_treatment: mean}\nmodel: x\n",
         "s.yaml:1:40: 'data.missing_treatment' must be listwise, not 'mean'; write it so, or "
         "delete the key"},
        {"data: {file: d.csv, encoding: latin1}\nmodel: x\n",
         "s.yaml:1:31: 'data.encoding' must be utf-8, utf-16le, utf-16be, windows-1252 or "
         "iso-8859-1, not 'latin1'; write one of them"},
        {"data: {file: d.csv, missing: [a, [b]]}\nmodel: x\n",
         "s.yaml:1:34: 'data.missing' must be a single value, not a list; write it after the "
         "colon"},
    };
    assert_refused("", refusals, sizeof refusals / sizeof *refusals);
}

static void every_key_of_a_later_version_says_so(void **state)
{
    (void)state;
    static const char *const keys[] = {"population_size", "sampling"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char text[200], sentence[200];
        snprintf(text, sizeof text, "data: {file: d.csv, %s: 5}\nmodel: A =~ a; B =~ b; B ~ A\n",
                 keys[i]);
        snprintf(sentence, sizeof sentence,
                 "s.yaml:1:21: 'data.%s' is not in this version of plstrap; delete this key",
                 keys[i]);
        assert_refused("", &(struct refusal){text, sentence}, 1);
    }
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* A folder with study.yaml and models/m.lav, and what becomes of them. */
static void a_model_may_stand_in_a_file_beside_the_study(void **state)
{
    (void)state;
    char folder[] = "/tmp/plstrap-study-XXXXXX";
    char study_path[64], model_path[64], sentence[200];
    struct pls_study *study = NULL;
    struct pls_study *again = NULL;
    struct pls_error err;
    assert_non_null(mkdtemp(folder));
    snprintf(study_path, sizeof study_path, "%s/study.yaml", folder);
    snprintf(model_path, sizeof model_path, "%s/m.lav", folder);
    write_file(study_path, "model: {file: m.lav}\ndata: {file: answers.csv}\n");

    assert_int_equal(pls_study_read(study_path, &study, &err), PLS_ENOINPUT);
    assert_null(study);
    snprintf(sentence, sizeof sentence,
             "%s:1:15: %s: there is no such file; check the name and the folder", study_path,
             model_path);
    assert_string_equal(err.text, sentence);

    write_file(model_path, "\xEF\xBB\xBF"
                           "A =~ a\nB =~ b\nB ~ A\n");
    assert_ok(pls_study_read(study_path, &study, &err), &err);
    assert_string_equal(study->model_path, model_path);
    assert_string_equal(strrchr(study->data.path, '/'), "/answers.csv");
    assert_int_equal(strncmp(study->data.path, folder, strlen(folder)), 0);
    assert_int_equal(study->model->place[0].column, 6);

    /* Another rank opens nothing. */
    unlink(model_path);
    assert_ok(pls_study_parse(study_path, study->text, strlen(study->text), study->model_text,
                              &again, &err),
              &err);
    assert_string_equal(again->model->construct[1], "B");
    pls_study_free(again);
    assert_int_equal(
        pls_study_parse(study_path, study->text, strlen(study->text), NULL, &again, &err),
        PLS_EINTERNAL);
    pls_study_free(study);

    write_file(model_path, "A =~ a\nB =~ b\nB ~ A + C\n");
    assert_int_equal(pls_study_read(study_path, &study, &err), PLS_ESTUDY);
    snprintf(sentence, sizeof sentence,
             "%s:3:9: 'C' has no indicators; add a line such as 'C =~ x1 + x2'", model_path);
    assert_string_equal(err.text, sentence);

    unlink(model_path);
    unlink(study_path);
    assert_int_equal(pls_study_read(study_path, &study, &err), PLS_ENOINPUT);
    rmdir(folder);
}

static void a_study_file_above_the_limit_is_an_error_of_the_study(void **state)
{
    (void)state;
    char path[] = "/tmp/plstrap-study-XXXXXX";
    char sentence[200];
    struct pls_study *study = NULL;
    struct pls_error err;
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(ftruncate(descriptor, 1048577), 0);
    close(descriptor);
    assert_int_equal(pls_study_read(path, &study, &err), PLS_ESTUDY);
    snprintf(sentence, sizeof sentence,
             "%s: larger than 1048576 bytes; a study or model is a short text", path);
    assert_string_equal(err.text, sentence);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_study_of_two_keys_has_the_documented_defaults),
        cmocka_unit_test(every_key_reaches_its_field),
        cmocka_unit_test(every_name_of_a_choice_has_its_number),
        cmocka_unit_test(every_name_of_the_data_section_has_its_number),
        cmocka_unit_test(values_are_read_by_the_type_of_their_key_alone),
        cmocka_unit_test(names_are_those_of_the_study_file),
        cmocka_unit_test(every_wrong_value_and_key_gets_its_own_sentence_and_place),
        cmocka_unit_test(data_and_model_are_checked_too),
        cmocka_unit_test(every_key_of_a_later_version_says_so),
        cmocka_unit_test(a_model_may_stand_in_a_file_beside_the_study),
        cmocka_unit_test(a_study_file_above_the_limit_is_an_error_of_the_study),
    };
    return cmocka_run_group_tests_name("study.keys", tests, NULL, NULL);
}
