/* start.c: how many we are, by the launcher's variables; joining and leaving. */
#define _GNU_SOURCE /* dlinfo */

#include "internal.h"
#include "launch.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_set(const char *name)
{
    return getenv(name) != NULL;
}

/* The number in a variable, or otherwise. */
static int number(const char *name, int otherwise)
{
    const char *text = getenv(name);
    char *end = NULL;

    if (text == NULL || *text == '\0')
        return otherwise;
    const long value = strtol(text, &end, 10);
    return *end == '\0' && value >= 0 && value < 1 << 30 ? (int)value : otherwise;
}

/* Only steps of srun have it; a batch script has SLURM_PROCID and SLURM_NTASKS too. */
static int slurm_tasks(void)
{
    return number("SLURM_STEP_NUM_TASKS", 1);
}

/* Copies that the launcher says it has started. MPICH and srun --mpi=pmi2 say PMI_SIZE. */
static int copies(void)
{
    const int counts[] = {number("OMPI_COMM_WORLD_SIZE", 1), number("PMI_SIZE", 1), slurm_tasks()};
    int most = 1;

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i] > most)
            most = counts[i];
    }
    return most;
}

static int number_of_this_copy(void)
{
    return number("PMIX_RANK",
                  number("OMPI_COMM_WORLD_RANK", number("PMI_RANK", number("SLURM_PROCID", 0))));
}

bool pls_cluster_launched(void)
{
    return is_set("OMPI_COMM_WORLD_SIZE") || is_set("PMIX_RANK") || is_set("PMI_RANK") ||
           is_set("PMI_SIZE") || slurm_tasks() > 1;
}

static enum pls_code refuse(struct pls_cluster *cluster, struct pls_error *err)
{
    cluster->rank = number_of_this_copy();
    return pls_fail(err, PLS_EUSAGE,
                    "%d separate copies were started that do not know of each other; "
                    "use mpirun of Open MPI or srun --mpi=pmix",
                    copies());
}

/*
 * MPI_Finalize unloads Open MPI's plugins with the libraries that they brought. All are held first,
 * so that a leak checker can say whose memory it has found.
 */
static void finalize(void)
{
    struct link_map *map = NULL;
    void *self = dlopen(NULL, RTLD_LAZY);

    if (self != NULL && dlinfo(self, RTLD_DI_LINKMAP, &map) == 0) {
        for (; map != NULL; map = map->l_next) {
            if (map->l_name[0] != '\0')
                (void)dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
        }
    }
    MPI_Finalize();
}

static int open_door(void)
{
    const char *path = getenv(PLS_DOOR);
    struct stat info;

    if (path == NULL)
        return -1;
    const int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, &info) != 0 || !S_ISFIFO(info.st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* False where nobody hears it any more. */
static bool tell(const struct pls_cluster *cluster, enum pls_door_kind kind, int value)
{
    const struct pls_door_word word = {.kind = (int)kind, .value = value};

    return cluster->door >= 0 && write(cluster->door, &word, sizeof word) == sizeof word;
}

bool pls_cluster_say_last(const struct pls_cluster *cluster, const char *line)
{
    struct pls_door_word word = {.kind = PLS_DOOR_LAST};

    if (cluster->door < 0 || strlen(line) >= sizeof word.text)
        return false;
    memcpy(word.text, line, strlen(line));
    return write(cluster->door, &word, sizeof word) == sizeof word;
}

enum pls_code pls_cluster_join(struct pls_cluster *cluster, struct pls_error *err)
{
    *cluster = (struct pls_cluster){.size = 1, .door = -1};
    if (!pls_cluster_launched())
        return PLS_OK;
    if (!is_set("PMIX_RANK")) /* our MPI_Init would be alone, and might not even return */
        return copies() > 1 ? refuse(cluster, err) : PLS_OK;

    /*
     * Fragments under way before the sender must look after them again. Ranks look between slices
     * of rows; with the default of 3 large messages crawl where memory is not shared by one copy,
     * and workers waited for half of the time (64: 5 %; one-copy transports: 1 %).
     */
    (void)setenv("OMPI_MCA_pml_ob1_send_pipeline_depth", "64", 0);
    int level = 0;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS)
        return pls_fail(err, PLS_EUNAVAILABLE, "MPI cannot be started; run without mpirun");
    MPI_Comm_rank(MPI_COMM_WORLD, &cluster->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &cluster->size);
    if (cluster->size == 1 && copies() > 1) {
        finalize();
        return refuse(cluster, err);
    }
    cluster->mpi = true;
    if (cluster->rank == 0) {
        cluster->door = open_door();
        (void)tell(cluster, PLS_DOOR_PROCESS, (int)getpid());
    }
    return PLS_OK;
}

/*
 * Ranks of pls_cluster_launch(), whose mpirun is told to allow it (mpirun.c), end without
 * MPI_Finalize: that takes 40 ms, for PMIx leaves Nagle's algorithm on and waits for a delayed
 * acknowledgement; and with TCP_NODELAY instead 1 run of 150 died within it of a damaged heap,
 * after all was done.
 */
int pls_cluster_leave(struct pls_cluster *cluster, enum pls_code code)
{
    int status = (int)code;

    if (cluster->mpi) {
        int told = tell(cluster, PLS_DOOR_CODE, (int)code);
        MPI_Request request;
        MPI_Ibcast(&told, 1, MPI_INT, 0, MPI_COMM_WORLD, &request);
        pls_await(&request); /* the root may have much to do yet */
        if (told) {
            MPI_Barrier(MPI_COMM_WORLD);
            status = 0;
        } else {
            finalize();
        }
    }
    if (cluster->door >= 0)
        close(cluster->door);
    *cluster = (struct pls_cluster){.size = 1, .door = -1};
    return status;
}
