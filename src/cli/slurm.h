/*
 * slurm.h: Slurm, through its own programs: argument vectors, never a shell.
 */
#ifndef PLSTRAP_CLI_SLURM_H
#define PLSTRAP_CLI_SLURM_H

#include "plstrap/error.h"
#include "plstrap/text.h"

#include <stdbool.h>

/*
 * A time as Slurm writes it, in seconds: minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS.
 * False for anything else (UNLIMITED, NOT_SET) and for 0.
 */
bool slurm_parse_time(const char *text, double *seconds);

/* HH:MM:SS, or D-HH:MM:SS, of whole seconds. */
const char *slurm_print_time(double seconds, char out[32]);

/*
 * Runs a program, found by PATH, with nothing to read, and keeps what it prints (at most 64 KiB).
 *
 *   argv      in   NULL-terminated
 *   patience  in   seconds, after which it is killed
 *   loud      in   its complaints go to stderr, else nowhere
 *   out       out  what it has printed; the caller's to free, also after an error
 *   status    out  its exit code, or 128 + the signal that ended it
 *
 * PLS_EUNAVAILABLE where it cannot be started or took too long.
 */
enum pls_code slurm_run(const char *const *argv, double patience, bool loud, struct pls_text *out,
                        int *status, struct pls_error *err);

/* Seconds that Slurm leaves the job that we are in; false outside of one, or where it says none. */
bool slurm_time_left(double *seconds);

#endif
