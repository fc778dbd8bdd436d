/* slurm_templates.h: lines of the batch scripts in slurm/, so that they cannot be missing. */
#ifndef PLSTRAP_CLI_SLURM_TEMPLATES_H
#define PLSTRAP_CLI_SLURM_TEMPLATES_H

extern const char *const slurm_until_done[]; /* each with its newline; NULL-terminated */
extern const char *const slurm_merge[];

#endif
