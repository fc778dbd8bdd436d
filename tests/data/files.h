/* files.h: a folder of its own for the files of a test program, and files written into it. */
#ifndef PLSTRAP_TESTS_DATA_FILES_H
#define PLSTRAP_TESTS_DATA_FILES_H

#include "check.h"
#include "plstrap/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes of a literal, NULs inside included. */
#define BYTES(literal) (literal), sizeof(literal) - 1

static char files_folder[] = "data-XXXXXX";

/* Goes into the folder, so that messages hold a bare file name. */
static int files_open(void **state)
{
    (void)state;
    return mkdtemp(files_folder) != NULL && chdir(files_folder) == 0 ? 0 : -1;
}

/* Fails where a test has left a file behind. */
static int files_close(void **state)
{
    (void)state;
    return chdir("..") == 0 && rmdir(files_folder) == 0 ? 0 : -1;
}

static void write_file(const char *name, const char *bytes, size_t length)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

#endif
