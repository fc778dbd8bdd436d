/*
 * error.h: how every function of plstrap says what went wrong.
 *
 * A function that can fail returns an enum pls_code; its values are the program's exit codes, so
 * that a
 * cause keeps its number all the way to the shell. The sentence travels in a struct pls_error that
 * the
 * caller owns: it names the file, line or column, what is wrong, and what to do.
 */
#ifndef PLSTRAP_ERROR_H
#define PLSTRAP_ERROR_H

#include <stdarg.h>

enum pls_code {
    PLS_OK = 0,
    PLS_EUSAGE = 64,       /* command line, or N separate copies started by mistake              */
    PLS_EDATA = 65,        /* data; a result that is damaged, foreign or different               */
    PLS_ENOINPUT = 66,     /* no such input                                                      */
    PLS_EUNAVAILABLE = 69, /* memory, a library or a program that is needed is not to be had     */
    PLS_EINTERNAL = 70,    /* our bug                                                            */
    PLS_ECREATE = 73,      /* output exists, is locked or cannot be created                      */
    PLS_EIO = 74,          /* input/output failed, disk full                                     */
    PLS_ESTOPPED = 75,     /* stopped early: go on with the same command                         */
    PLS_EPERMISSION = 77,  /* not permitted                                                      */
    PLS_ESTUDY = 78        /* the study file or its model                                        */
};

struct pls_error {
    enum pls_code code;
    char text[1024]; /* one sentence, UTF-8, no final newline; longer ones are cut */
};

/*
 * Fills err (which may be NULL) and returns code, so that a function can end with
 * `return pls_fail(err, PLS_EDATA, "…")`.
 */
enum pls_code pls_fail(struct pls_error *err, enum pls_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

enum pls_code pls_vfail(struct pls_error *err, enum pls_code code, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

#endif
