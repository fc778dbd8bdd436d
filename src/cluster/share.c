/*
 * share.c: the root's bytes on every rank, and one outcome for all.
 *
 * Ranks meet in a non-blocking collective, so that whoever comes first sleeps instead of burning a
 * core.
 */
#include "internal.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

/* MPI counts in int, and larger pieces are not faster. */
static const size_t piece_bytes = (size_t)1 << 24;

/*
 * MPI's own broadcast, for when all are there: it burns the core, but moves as fast as memory does,
 * where testing and sleeping moves a fragment of 32 KiB at a time.
 */
static void broadcast(void *bytes, size_t length, int from)
{
    for (size_t done = 0; done < length;) {
        const size_t left = length - done;
        const size_t piece = left < piece_bytes ? left : piece_bytes;
        MPI_Bcast((char *)bytes + done, (int)piece, MPI_BYTE, from, MPI_COMM_WORLD);
        done += piece;
    }
}

enum pls_code pls_cluster_agree(const struct pls_cluster *cluster, enum pls_code code,
                                struct pls_error *err)
{
    if (cluster->size == 1)
        return code;

    const int mine = code == PLS_OK ? cluster->size : cluster->rank;
    int lowest = cluster->size;
    MPI_Request request;
    MPI_Iallreduce(&mine, &lowest, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    pls_await(&request);
    if (lowest == cluster->size)
        return PLS_OK;

    struct pls_error common = {.code = code};
    if (lowest == cluster->rank && err != NULL)
        memcpy(common.text, err->text, sizeof common.text);
    broadcast(&common, sizeof common, lowest);
    if (err != NULL)
        *err = common;
    return common.code;
}

enum pls_code pls_cluster_share(const struct pls_cluster *cluster, void **bytes, size_t *length,
                                struct pls_error *err)
{
    if (cluster->size == 1)
        return PLS_OK;

    const bool root = cluster->rank == 0;
    uint64_t size = root ? (uint64_t)*length : 0;
    void *copy = NULL;

    MPI_Request request;
    MPI_Ibcast(&size, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD, &request);
    pls_await(&request);
    enum pls_code code = root ? PLS_OK : pls_alloc(&copy, (size_t)size, 1, err);
    code = pls_cluster_agree(cluster, code, err);
    if (code != PLS_OK) {
        free(copy);
        return code;
    }
    broadcast(root ? *bytes : copy, (size_t)size, 0);
    if (!root) {
        *bytes = copy;
        *length = (size_t)size;
    }
    return PLS_OK;
}
