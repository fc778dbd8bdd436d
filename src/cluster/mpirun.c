/*
 * mpirun.c: mpirun as it starts fastest and does right on one machine.
 *
 * Measured with Debian 12's Open MPI 4.1.4 on 2 processors, from exec of mpirun to its end, 2 ranks
 * that join and leave, medians of 10:
 *
 *   as it comes                                            304 ms
 *   OMPI_MCA_pml=ob1: no fabric libraries are opened       100 ms
 *   no binding (else two jobs share one processor)         118 ms
 *   PMIX_MCA_gds=hash: no shared-memory key store          109 ms
 *   HWLOC_PLUGINS_PATH: no OpenCL, X11 and PCI look-up      99 ms
 *   HWLOC_SYNTHETIC: no topology is read at all             70 ms
 *   no MPI_Finalize (start.c says why)                      30 ms
 *
 * The rest of Open MPI's switches (btl, osc, mtl, io, coll, ras, routed, async_mpi_init, TMPDIR in
 * memory) changed nothing that could be measured.
 */
#define _GNU_SOURCE /* sched_getaffinity, process_vm_readv */

#include "launch.h"

#include "plstrap/cluster.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

int pls_cluster_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    const long count = sysconf(_SC_NPROCESSORS_ONLN); /* more processors than the set holds */
    return count > 0 ? (int)count : 1;
}

/* The user's own choice stays. */
static void offer(const char *name, const char *value)
{
    (void)setenv(name, value, 0);
}

static void describe_terminal(void)
{
    const int tty = (isatty(STDERR_FILENO) ? 1 : 0) + (isatty(STDOUT_FILENO) ? 2 : 0);
    struct winsize window = {0};
    char text[16];

    if (tty == 0) {
        (void)unsetenv("PLSTRAP_TTY");
        return;
    }
    (void)snprintf(text, sizeof text, "%d", tty);
    (void)setenv("PLSTRAP_TTY", text, 1);
    if (ioctl(tty & 2 ? STDOUT_FILENO : STDERR_FILENO, TIOCGWINSZ, &window) == 0 &&
        window.ws_col > 0) {
        (void)snprintf(text, sizeof text, "%d", window.ws_col);
        offer("COLUMNS", text);
    }
}

/* Some containers forbid the call by which ranks copy, and Open MPI complains once per message. */
static bool memory_can_be_read(void)
{
    char from = 1, to = 0;
    const struct iovec source = {&from, 1}, target = {&to, 1};

    return process_vm_readv(getpid(), &target, 1, &source, 1, 0) == 1;
}

static void set_environment(void)
{
    char text[64];

    offer("OMPI_ALLOW_RUN_AS_ROOT", "1");
    offer("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    offer("OMPI_MCA_pml", "ob1");
    offer("PMIX_MCA_gds", "hash");
    offer("OMPI_MCA_rmaps_base_oversubscribe", "1");
    (void)setenv("OMPI_MCA_orte_allowed_exit_without_sync", "1", 1); /* pls_cluster_leave() */
    offer("OMPI_MCA_mpi_yield_when_idle", "1");
    offer("OMPI_MCA_opal_signal", ""); /* no page about a crash: launch.c says it in a sentence */
    /* This machine alone, also within a job of Slurm's that has others. */
    offer("OMPI_MCA_plm", "isolated");
    offer("OMPI_MCA_ras", "^slurm,tm,lsf,gridengine,alps");
    if (!memory_can_be_read())
        offer("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
    if (getenv("OMPI_MCA_hwloc_base_binding_policy") == NULL) {
        /* Nothing is bound, so nobody needs to know more than how many there are. */
        offer("OMPI_MCA_hwloc_base_binding_policy", "none");
        (void)snprintf(text, sizeof text, "core:%d pu:1", pls_cluster_cores());
        offer("HWLOC_SYNTHETIC", text);
        offer("HWLOC_PLUGINS_PATH", "/nonexistent");
    }
    describe_terminal();
}

/* The program's own file, whatever it was called by. */
static const char *own_path(char *buffer, size_t size, const char *otherwise)
{
    const ssize_t length = readlink("/proc/self/exe", buffer, size - 1);

    if (length <= 0 || (size_t)length >= size - 1)
        return otherwise;
    buffer[length] = '\0';
    return access(buffer, X_OK) == 0 ? buffer : otherwise;
}

void pls_become_mpirun(char *const *argv, int ranks, int output)
{
    char program[4096];
    char count[16];
    const char *const head[] = {"mpirun", "-q", "--stdin", "none", "-n", count};
    const size_t head_count = sizeof head / sizeof head[0];
    size_t argc = 0;

    while (argv[argc] != NULL)
        argc++;
    const char **args = calloc(head_count + argc + 1, sizeof *args);
    if (args == NULL)
        return;
    (void)snprintf(count, sizeof count, "%d", ranks);
    memcpy(args, head, sizeof head);
    memcpy(args + head_count, argv, argc * sizeof *argv);
    args[head_count] = own_path(program, sizeof program, argv[0]);
    set_environment(); /* looks at the terminal, so before stdout is another */
    if (dup2(output, STDOUT_FILENO) < 0)
        return;
    char *const *const list = (char *const *)(uintptr_t)args; /* exec changes nothing of it */
    execvp("mpirun.openmpi", list); /* Debian's name, where mpirun may be another MPI's */
    execvp("mpirun", list);
    free(args);
}
