/*
 * launch.h: what launch.c and mpirun.c have between them, and what rank 0 tells the process that
 * started mpirun: who it is, and at the end its last line and its code.
 *
 * It tells it through a pipe of pls_cluster_launch() that it opens by its name under /proc, because
 * mpirun closes what the ranks would inherit.
 */
#ifndef PLSTRAP_CLUSTER_LAUNCH_H
#define PLSTRAP_CLUSTER_LAUNCH_H

#include "plstrap/cluster.h"

#define PLS_DOOR "PLSTRAP_DOOR" /* the variable that names the pipe */

enum pls_door_kind { PLS_DOOR_PROCESS = 1, PLS_DOOR_CODE = 2, PLS_DOOR_LAST = 3 };

/* Less than PIPE_BUF, so that it is written in one piece or not at all. */
struct pls_door_word {
    int kind;
    int value;
    char text[PLS_LAST_LINE]; /* of PLS_DOOR_LAST */
};

/*
 * In a new process: becomes mpirun of this program, its output going to a descriptor. Returns on
 * failure.
 */
void pls_become_mpirun(char *const *argv, int ranks, int output);

#endif
