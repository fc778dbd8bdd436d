/* ranks.c: what commands that compute on several ranks have in common. */
#include "commands.h"

#include "plstrap/jobs.h"
#include "plstrap/text.h"

#include <stdlib.h>
#include <string.h>

bool job_named(const char *name, enum pls_job *out)
{
    for (enum pls_job job = PLS_JOB_BOOTSTRAP; job <= PLS_JOB_PERMUTE; job++)
        if (strcmp(name, pls_job_name(job)) == 0) {
            *out = job;
            return true;
        }
    return false;
}

enum pls_code ranks_check(const struct options *options, const struct pls_cluster *cluster,
                          struct pls_error *err)
{
    /* Our own launcher hands the option on with all the others. */
    if (!options->ranks_given || !pls_cluster_launched() || getenv("PLSTRAP_LAUNCHER") != NULL)
        return PLS_OK;
    return pls_fail(
        err, PLS_EUSAGE,
        "--ranks is for runs without a launcher; this one was given %d rank%s by mpirun "
        "or srun",
        cluster->size, cluster->size == 1 ? "" : "s");
}

enum pls_code ranks_launch(char **argv, int ranks, int *status, struct pls_error *err)
{
    setenv("PLSTRAP_LAUNCHER", "1", 1);
    return pls_cluster_launch(argv, ranks, status, err);
}

enum pls_code ranks_share_plan(const struct pls_cluster *cluster, struct pls_plan **plan,
                               struct pls_error *err)
{
    struct pls_text parcel = {0};
    const bool root = cluster->rank == 0;
    if (cluster->size == 1)
        return PLS_OK;
    enum pls_code code = root ? pls_plan_pack(*plan, &parcel, err) : PLS_OK;
    code = pls_cluster_agree(cluster, code, err);
    void *bytes = parcel.data;
    size_t length = parcel.length;
    if (code == PLS_OK)
        code = pls_cluster_share(cluster, &bytes, &length, err);
    if (code == PLS_OK && !root)
        code = pls_plan_unpack(bytes, length, plan, err);
    free(bytes);
    return pls_cluster_agree(cluster, code, err);
}
