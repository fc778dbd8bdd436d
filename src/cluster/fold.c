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

/* A part on its way: its length, then its bytes. */
struct sending {
    struct pls_text parcel;
    uint64_t length;
    MPI_Request request;
};

/* All but the last piece have gone when this returns; the parcel must stay until pls_await. */
static void send_part(struct sending *part, int to)
{
    const size_t length = part->parcel.length;
    part->length = length;
    MPI_Isend(&part->length, 1, MPI_UINT64_T, to, TAG_LENGTH, MPI_COMM_WORLD, &part->request);
    for (size_t done = 0; done < length; done += (size_t)piece_of(length, done)) {
        pls_await(&part->request);
        MPI_Isend(part->parcel.data + done, piece_of(length, done), MPI_BYTE, to, TAG_BYTES,
                  MPI_COMM_WORLD, &part->request);
    }
}

/* A rank that has failed sends parts without bytes. */
static enum pls_code give(const struct pls_fold *fold, enum pls_code code, int to,
                          struct pls_error *err)
{
    struct sending sending[2] = {{.request = MPI_REQUEST_NULL}, {.request = MPI_REQUEST_NULL}};
    for (size_t p = 0; p < fold->parts; p++) {
        struct sending *part = &sending[p % 2];
        pls_await(&part->request);
        part->parcel.length = 0;
        if (code == PLS_OK)
            code = fold->give(fold->self, p, &part->parcel, err);
        if (code != PLS_OK)
            part->parcel.length = 0;
        send_part(part, to);
    }
    for (int i = 0; i < 2; i++) {
        pls_await(&sending[i].request);
        pls_text_free(&sending[i].parcel);
    }
    return code;
}

/* Memory that grows to the largest part. */
struct arrival {
    char *bytes;
    size_t capacity;
};

/* All of it is received even where there is no memory for it: a message left lying would block. */
static enum pls_code receive_part(struct arrival *arrival, int from, size_t *length,
                                  struct pls_error *err)
{
    uint64_t size = 0;
    MPI_Request request;
    MPI_Irecv(&size, 1, MPI_UINT64_T, from, TAG_LENGTH, MPI_COMM_WORLD, &request);
    pls_await(&request);
    *length = (size_t)size;
    const enum pls_code code = pls_grow(&arrival->bytes, &arrival->capacity, *length, 1, err);
    char *waste = NULL;
    if (code != PLS_OK && pls_alloc(&waste, piece_bytes, 1, NULL) != PLS_OK)
        return code;
    for (size_t done = 0; done < *length; done += (size_t)piece_of(*length, done)) {
        MPI_Irecv(waste != NULL ? waste : arrival->bytes + done, piece_of(*length, done), MPI_BYTE,
                  from, TAG_BYTES, MPI_COMM_WORLD, &request);
        pls_await(&request);
    }
    free(waste);
    return code;
}

static enum pls_code take(const struct pls_fold *fold, enum pls_code code, int from,
                          struct pls_error *err)
{
    struct arrival arrival = {0};
    for (size_t p = 0; p < fold->parts; p++) {
        size_t length = 0;
        enum pls_code one = receive_part(&arrival, from, &length, code == PLS_OK ? err : NULL);
        if (one == PLS_OK && code == PLS_OK && length > 0)
            one = fold->take(fold->self, p, arrival.bytes, length, err);
        code = code == PLS_OK ? one : code;
    }
    free(arrival.bytes);
    return code;
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
