/* collect.c: bytes of every rank to the root, one rank after the other, in the order of their numbers. */
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

static void send_bytes(const char *bytes, size_t length)
{
    const uint64_t size = length;
    MPI_Request request;
    MPI_Isend(&size, 1, MPI_UINT64_T, 0, TAG_LENGTH, MPI_COMM_WORLD, &request);
    pls_await(&request);
    for (size_t done = 0; done < length; done += (size_t)piece_of(length, done)) {
        MPI_Isend(bytes + done, piece_of(length, done), MPI_BYTE, 0, TAG_BYTES, MPI_COMM_WORLD,
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

enum pls_code pls_cluster_collect(const struct pls_cluster *cluster, const void *bytes,
                                  size_t length, pls_collect_fn *take, void *self,
                                  struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    if (cluster->rank != 0)
        send_bytes(bytes, length);
    else
        for (int rank = 1; rank < cluster->size; rank++) {
            char *theirs = NULL;
            size_t size = 0;
            enum pls_code one = receive_bytes(rank, &theirs, &size, code == PLS_OK ? err : NULL);
            if (one == PLS_OK && code == PLS_OK)
                one = take(self, theirs, size, err);
            code = code == PLS_OK ? one : code;
            free(theirs);
        }
    return pls_cluster_agree(cluster, code, err);
}
