/* write_sample.c: writes the sample's result to the path given, for readers in other languages. */
#include "sample.h"

int main(int argc, char **argv)
{
    struct sample sample;
    struct pls_store *store = NULL;
    struct pls_error err;
    if (argc != 2)
        return 64;
    sample_make(&sample, 40000);
    if (pls_store_open(argv[1], &sample.contents, true, &store, &err) != PLS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    sample_fill(store, 1000, 1, SIZE_MAX);
    if (pls_store_finish(store, &sample.tables, &err) != PLS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    pls_store_close(store, true);
    sample_clean(&sample);
    return 0;
}
