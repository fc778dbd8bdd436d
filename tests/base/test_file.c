/* test_file.c: whole files in, whole files out. Everything happens in a folder of its own under /tmp. */
#include "check.h"
#include "plstrap/file.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[] = "/tmp/plstrap-file-XXXXXX";

static int enter_new_folder(void **state)
{
    (void)state;
    return mkdtemp(home) != NULL && chdir(home) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(home) == 0 ? 0 : -1; /* fails if a test left something behind */
}

static void write_plainly(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void assert_file_holds(const char *path, const char *expected)
{
    struct pls_error err;
    char *bytes = NULL;
    size_t length = 0;
    assert_ok(pls_file_read(path, 1 << 20, &bytes, &length, &err), &err);
    assert_int_equal(length, strlen(expected));
    assert_string_equal(bytes, expected);
    free(bytes);
}

static int entries(void)
{
    int count = 0;
    DIR *folder = opendir(".");
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count - 2; /* . and .. */
}

/* ---- reading ---- */

static void a_file_is_read_whole_with_a_zero_behind_it(void **state)
{
    (void)state;
    struct pls_error err;
    char *bytes = NULL;
    size_t length = 0;
    FILE *file = fopen("some", "w");
    assert_non_null(file);
    assert_int_equal(fwrite("a\0b", 1, 3, file), 3);
    fclose(file);
    assert_ok(pls_file_read("some", 3, &bytes, &length, &err), &err);
    assert_int_equal(length, 3);
    assert_memory_equal(bytes, "a\0b\0", 4);
    free(bytes);
    write_plainly("some", "");
    assert_file_holds("some", "");
    unlink("some");
}

static void a_file_above_the_limit_is_refused(void **state)
{
    (void)state;
    struct pls_error err = {0};
    char *bytes = NULL;
    size_t length = 0;
    write_plainly("big", "0123456789");
    assert_int_equal(pls_file_read("big", 9, &bytes, &length, &err), PLS_EDATA);
    assert_null(bytes);
    assert_string_equal(err.text, "big: has 10 bytes, more than the 9 that are allowed here");
    unlink("big");
}

static void what_is_not_there_is_no_input(void **state)
{
    (void)state;
    struct pls_error err = {0};
    char *bytes = NULL;
    size_t length = 0;
    assert_int_equal(pls_file_read("nowhere.csv", 9, &bytes, &length, &err), PLS_ENOINPUT);
    assert_string_equal(err.text,
                        "nowhere.csv: there is no such file; check the name and the folder");
    write_plainly("file", "");
    assert_int_equal(pls_file_read("file/inside", 9, &bytes, &length, &err), PLS_ENOINPUT);
    unlink("file");
}

static void folders_and_pipes_are_no_input_and_nobody_waits(void **state)
{
    (void)state;
    struct pls_error err = {0};
    char *bytes = NULL;
    size_t length = 0;
    assert_int_equal(pls_file_read(".", 9, &bytes, &length, &err), PLS_ENOINPUT);
    assert_non_null(strstr(err.text, "a folder"));
    assert_int_equal(mkfifo("pipe", 0600), 0);
    alarm(10); /* opening a pipe that nobody writes to waits for ever */
    assert_int_equal(pls_file_read("pipe", 9, &bytes, &length, &err), PLS_ENOINPUT);
    alarm(0);
    assert_non_null(strstr(err.text, "a pipe or device"));
    assert_int_equal(pls_file_read("/dev/zero", 9, &bytes, &length, &err), PLS_ENOINPUT);
    unlink("pipe");
}

static void a_file_that_may_not_be_read_says_so(void **state)
{
    (void)state;
    struct pls_error err = {0};
    char *bytes = NULL;
    size_t length = 0;
    if (geteuid() == 0) /* root may read everything */
        skip();
    write_plainly("secret", "x");
    assert_int_equal(chmod("secret", 0), 0);
    assert_int_equal(pls_file_read("secret", 9, &bytes, &length, &err), PLS_EPERMISSION);
    unlink("secret");
}

/* ---- writing ---- */

static void a_file_appears_whole_when_it_is_finished(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_file file;
    assert_ok(pls_file_create(&file, "result", 0644, &err), &err);
    fputs("half ", file.stream);
    fflush(file.stream);
    assert_int_equal(access("result", F_OK), -1);
    fputs("and whole", file.stream);
    assert_ok(pls_file_finish(&file, &err), &err);
    assert_null(file.stream);
    assert_file_holds("result", "half and whole");
    assert_int_equal(entries(), 1);
    unlink("result");
}

static void the_old_file_is_there_until_the_new_one_is_whole(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_file file;
    write_plainly("result", "old");
    assert_ok(pls_file_create(&file, "result", 0644, &err), &err);
    fputs("new", file.stream);
    fflush(file.stream);
    assert_file_holds("result", "old");
    pls_file_discard(&file);
    assert_file_holds("result", "old");
    assert_int_equal(entries(), 1);
    assert_ok(pls_file_create(&file, "result", 0644, &err), &err);
    fputs("new", file.stream);
    assert_ok(pls_file_finish(&file, &err), &err);
    assert_file_holds("result", "new");
    unlink("result");
}

static void personal_data_are_nobody_elses(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_file file;
    struct stat facts;
    const mode_t mask = umask(0);
    assert_ok(pls_file_create(&file, "scores", 0600, &err), &err);
    assert_int_equal(stat(file.temporary, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600); /* from its first byte on */
    assert_ok(pls_file_finish(&file, &err), &err);
    assert_int_equal(stat("scores", &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    umask(mask);
    unlink("scores");
}

/*
 * A limit on file size stands in for the full disk. Few bytes fail when they are flushed at the end; of many,
 * some are lost long before, and there is room again at the end.
 */
static void fail_to_write(int bytes, bool room_again)
{
    struct pls_error err = {0};
    struct pls_file file;
    struct rlimit usual, small;
    write_plainly("result", "old");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    small = usual;
    small.rlim_cur = 1000;
    assert_ok(pls_file_create(&file, "result", 0644, &err), &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < bytes; i++)
        fputc('x', file.stream);
    if (room_again)
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    const enum pls_code code = pls_file_finish(&file, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    assert_int_equal(code, PLS_EIO);
    assert_non_null(strstr(err.text, "result: cannot be written: "));
    assert_file_holds("result", "old");
    assert_int_equal(entries(), 1);
    unlink("result");
}

static void a_full_disk_is_an_error_and_harms_nothing(void **state)
{
    (void)state;
    fail_to_write(2000, false);
    fail_to_write(100000, true);
}

static void places_where_no_file_can_be_are_named(void **state)
{
    (void)state;
    struct pls_error err = {0};
    struct pls_file file;
    assert_int_equal(pls_file_create(&file, "nowhere/result", 0644, &err), PLS_ECREATE);
    assert_non_null(strstr(err.text, "nowhere/result: cannot be created: "));
    assert_null(file.stream);
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(pls_file_create(&file, "folder", 0644, &err), PLS_ECREATE);
    rmdir("folder");
    pls_file_discard(&file); /* accepts one that was never created */
}

/* Else root, asking for output to /dev/stdout, would put a plain file in its place. */
static void a_pipe_or_device_is_never_replaced_by_a_file(void **state)
{
    (void)state;
    struct pls_error err = {0};
    struct pls_file file;
    struct stat facts;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(pls_file_create(&file, "pipe", 0644, &err), PLS_ECREATE);
    assert_int_equal(lstat("pipe", &facts), 0);
    assert_true(S_ISFIFO(facts.st_mode));
    unlink("pipe");
    assert_int_equal(symlink("/dev/null", "link"), 0);
    assert_int_equal(pls_file_create(&file, "link", 0644, &err), PLS_ECREATE);
    unlink("link");
}

/* ---- the rest ---- */

static void a_folder_that_is_not_there_cannot_be_synced(void **state)
{
    (void)state;
    struct pls_error err = {0};
    assert_ok(pls_file_sync_folder("bare-name", &err), &err);
    assert_ok(pls_file_sync_folder("/tmp/name", &err), &err);
    assert_int_equal(pls_file_sync_folder("nowhere/name", &err), PLS_EIO);
}

static void causes_get_the_exit_code_that_fits(void **state)
{
    (void)state;
    assert_int_equal(pls_file_code(ENOENT), PLS_ENOINPUT);
    assert_int_equal(pls_file_code(ENOTDIR), PLS_ENOINPUT);
    assert_int_equal(pls_file_code(EACCES), PLS_EPERMISSION);
    assert_int_equal(pls_file_code(EPERM), PLS_EPERMISSION);
    assert_int_equal(pls_file_code(EROFS), PLS_EPERMISSION);
    assert_int_equal(pls_file_code(ENOMEM), PLS_EUNAVAILABLE);
    assert_int_equal(pls_file_code(ENOSPC), PLS_EIO);
    assert_int_equal(pls_file_code(EIO), PLS_EIO);
}

static void a_name_is_seen_from_the_folder_of_another_file(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"configs/jambi.yaml", "jambi.csv", "configs/jambi.csv"},
        {"configs/jambi.yaml", "../data/x.csv", "configs/../data/x.csv"},
        {"jambi.yaml", "jambi.csv", "jambi.csv"},
        {"/a/b.yaml", "c.csv", "/a/c.csv"},
        {"/a.yaml", "c.csv", "/c.csv"},
        {"configs/jambi.yaml", "/data/x.csv", "/data/x.csv"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pls_error err;
        char *path = NULL;
        assert_ok(pls_file_beside(&path, rows[i][0], rows[i][1], &err), &err);
        assert_string_equal(path, rows[i][2]);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole_with_a_zero_behind_it),
        cmocka_unit_test(a_file_above_the_limit_is_refused),
        cmocka_unit_test(what_is_not_there_is_no_input),
        cmocka_unit_test(folders_and_pipes_are_no_input_and_nobody_waits),
        cmocka_unit_test(a_file_that_may_not_be_read_says_so),
        cmocka_unit_test(a_file_appears_whole_when_it_is_finished),
        cmocka_unit_test(the_old_file_is_there_until_the_new_one_is_whole),
        cmocka_unit_test(personal_data_are_nobody_elses),
        cmocka_unit_test(a_full_disk_is_an_error_and_harms_nothing),
        cmocka_unit_test(places_where_no_file_can_be_are_named),
        cmocka_unit_test(a_pipe_or_device_is_never_replaced_by_a_file),
        cmocka_unit_test(a_folder_that_is_not_there_cannot_be_synced),
        cmocka_unit_test(causes_get_the_exit_code_that_fits),
        cmocka_unit_test(a_name_is_seen_from_the_folder_of_another_file),
    };
    return cmocka_run_group_tests_name("base.file", tests, enter_new_folder, remove_folder);
}
