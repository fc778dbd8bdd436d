/*
 * fold.c: what every rank has, united on the root in a binary tree: in step s, ranks whose numbers
 * are odd multiples of 2^s give to the rank 2^s below them.
 */
#include "internal.h"

#include "plstrap/alloc.h"

#include <stdlib.h>

enum { TAG_LENGTH = 3, TAG_BYTES = 4 };

/* MPI counts in int. */
static const size_t piece_bytes = (size_t)1 << 24;

static int piece_of(size_t length, size_t done)
{
    const size_t left = length - done;
    return (int)(left < piece_bytes ? left : piece_bytes);
}

static void send_bytes(int to, const char *bytes, size_t length)
{
    const uint64_t size = length;
    MPI_Request request;
    MPI_Isend(&size, 1, MPI_UINT64_T, to, TAG_LENGTH, MPI_COMM_WORLD, &request);
    pls_await(&request);
    for (size_t done = 0; done < length; done += (size_t)piece_of(length, done)) {
        MPI_Isend(bytes + done, piece_of(length, done), MPI_BYTE, to, TAG_BYTES, MPI_COMM_WORLD,
                  &request);
        pls_await(&request);
    }
}

/* All of it is received even where there is no memory for it: a message left lying would block. */
static enum pls_code receive_bytes(int from, char **bytes_new, size_t *length,
                                   struct pls_error *err)
{
    uint64_t size = 0;
    MPI_Request request;
    MPI_Irecv(&size, 1, MPI_UINT64_T, from, TAG_LENGTH, MPI_COMM_WORLD, &request);
    pls_await(&request);
    *length = (size_t)size;
    const enum pls_code code = pls_alloc(bytes_new, *length, 1, err);
    char *waste = NULL;
    if (code != PLS_OK && pls_alloc(&waste, piece_bytes, 1, NULL) != PLS_OK)
        return code;
    for (size_t done = 0; done < *length; done += (size_t)piece_of(*length, done)) {
        MPI_Irecv(waste != NULL ? waste : *bytes_new + done, piece_of(*length, done), MPI_BYTE,
                  from, TAG_BYTES, MPI_COMM_WORLD, &request);
        pls_await(&request);
    }
    free(waste);
    return code;
}

static enum pls_code give(const struct pls_fold *fold, enum pls_code code, int to,
                          struct pls_error *err)
{
    struct pls_text parcel = {0};
    if (code == PLS_OK)
        code = fold->give(fold->self, &parcel, err);
    send_bytes(to, parcel.data, code == PLS_OK ? parcel.length : 0);
    pls_text_free(&parcel);
    return code;
}

/* Nothing comes from a rank that has failed. */
static enum pls_code take(const struct pls_fold *fold, enum pls_code code, int from,
                          struct pls_error *err)
{
    char *bytes = NULL;
    size_t length = 0;
    enum pls_code one = receive_bytes(from, &bytes, &length, code == PLS_OK ? err : NULL);
    if (one == PLS_OK && code == PLS_OK && length > 0)
        one = fold->take(fold->self, bytes, length, err);
    free(bytes);
    return code == PLS_OK ? one : code;
}

enum pls_code pls_cluster_fold(const struct pls_cluster *cluster, const struct pls_fold *fold,
                               struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (int step = 1; step < cluster->size; step *= 2) {
        if (cluster->rank % (2 * step) != 0) {
            code = give(fold, code, cluster->rank - step, err);
            break;
        }
        if (cluster->rank + step < cluster->size)
            code = take(fold, code, cluster->rank + step, err);
    }
    return pls_cluster_agree(cluster, code, err);
}
