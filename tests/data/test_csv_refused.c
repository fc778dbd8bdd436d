/* test_csv_refused.c: files that are refused, each with its code and its exact sentence. */
#include "files.h"

#include <errno.h>
#include <sys/stat.h>

static const char *const x_y[] = {"x", "y"};

static const struct {
    const char *bytes;
    size_t length;
    const char *encoding;
    char delimiter, decimal; /* told; 0: find out */
    enum pls_code code;
    const char *text;
} refused[] = {
    /* not a table at all */
    {BYTES(""), NULL, 0, 0, PLS_ENOINPUT,
     "a.csv: the file is empty; it needs a line of column names and one row for each answer"},
    {BYTES("\xEF\xBB\xBF\r\n \n"), NULL, 0, 0, PLS_ENOINPUT,
     "a.csv: the file is empty; it needs a line of column names and one row for each answer"},
    {BYTES("x,y\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv: the file has a header but no rows; it needs one row for each answer"},
    {BYTES("\nx,y\n1,2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:1: the first line is blank; the names of the columns belong there"},
    {BYTES("PK\x03\x04\x14\0\x06\0"), NULL, 0, 0, PLS_EDATA,
     "a.csv: this is a spreadsheet (.xlsx or .ods), not CSV; open it in its program, choose File > "
     "Save as > CSV UTF-8, and name that file"},
    {BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), NULL, 0, 0, PLS_EDATA,
     "a.csv: this is a spreadsheet (.xls), not CSV; open it in its program, choose File > Save as "
     "> "
     "CSV UTF-8, and name that file"},
    {BYTES("$FL2@(#) SPSS DATA FILE"), NULL, 0, 0, PLS_EDATA,
     "a.csv: this is an SPSS file (.sav), not CSV; open it in its program, choose File > Save as > "
     "CSV UTF-8, and name that file"},

    /* encodings */
    {BYTES("x\0,\0y\0\n\0001\0,\0002\0\n\0"), NULL, 0, 0, PLS_EDATA,
     "a.csv: this looks like UTF-16 without a byte order mark; save it as CSV UTF-8, or write "
     "`encoding: utf-16le` under data"},
    {BYTES("\0x\0,\0y\0\n\0001\0,\0002\0\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv: this looks like UTF-16 without a byte order mark; save it as CSV UTF-8, or write "
     "`encoding: utf-16be` under data"},
    {BYTES("x,y\r\n1,2\r\n3,\0\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3:3: a NUL byte stands here, which no CSV file holds; the file is damaged or is not "
     "text: save it again as CSV UTF-8"},
    {BYTES("x,y,t\n1,2,\xC3\xA9\n3,4,\xC3\xA9t\xE9\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3:7: the byte 0xE9 is not UTF-8; save the file as CSV UTF-8, or write `encoding: "
     "windows-1252` under data"},
    {BYTES("x,y\n1,2\n\xC0\xAF,4\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3:1: the byte 0xC0 is not UTF-8; save the file as CSV UTF-8, or write `encoding: "
     "windows-1252` under data"},
    {BYTES("x,y,t\n1,2,\xE9\n3,4,\x81\n"), "WINDOWS-1252", 0, 0, PLS_EDATA,
     "a.csv:3:5: the byte 0x81 is not WINDOWS-1252; save the file as CSV UTF-8, or correct "
     "`encoding` under data"},
    {BYTES("x\0,\0y\0\n\0001\0,\0002"), "UTF-16LE", 0, 0, PLS_EDATA,
     "a.csv:2:3: the file ends within a character of UTF-16LE; it was cut short, or `encoding` "
     "under data names the wrong one"},
    {BYTES("x,y\n1,2\n"), "KLINGON", 0, 0, PLS_EUNAVAILABLE,
     "a.csv: this system cannot read the encoding KLINGON; save the file as CSV UTF-8"},

    /* quotes */
    {BYTES("x,y\n1,2\n3, \"4\n5,6\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3:4: the quote that opens here is never closed; close it, or write a quote inside a "
     "field twice"},
    {BYTES("x,y\n1,2\n\"3\"\"\n,4\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3:1: the quote that opens here is never closed; close it, or write a quote inside a "
     "field twice"},
    {BYTES("x,\"y\n1,2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:1:3: the quote that opens here is never closed; close it, or write a quote inside a "
     "field twice"},
    {BYTES("x,y,\xC3\xA9\n1,2,\"a\r\nb\" c\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3:4: text follows a closed quote; write a quote inside a quoted field twice, and "
     "nothing behind the last one"},

    /* uneven rows */
    {BYTES("x,y\n1,2\n3\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3: row 2 has 1 field, but the header has 2; complete the line, and put quotes around "
     "cells that contain a comma"},
    {BYTES("x;t;y\n1;\"a\nb\";2\n3;a;b;4\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:4: row 2 has 4 fields, but the header has 3; complete the line, and put quotes around "
     "cells that contain a semicolon"},
    {BYTES("x\ty\n1\t2\t\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: row 1 has 3 fields, but the header has 2; complete the line, and put quotes around "
     "cells that contain a tab"},
    {BYTES("x,t,y\n1,Budi, S.,2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: row 1 has 4 fields, but the header has 3; complete the line, and put quotes around "
     "cells that contain a comma"},
    {BYTES("x,t,y\n1,a,2\n4,b,3,5\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3: row 2 has 4 fields, but the header has 3; if its numbers have decimal "
     "commas, save the file with semicolons between the columns"},
    {BYTES("x,y\n7, 3,5\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: row 1 has 3 fields, but the header has 2; if its numbers have decimal "
     "commas, save the file with semicolons between the columns"},

    /* names */
    {BYTES("x,y,x\n1,2,3\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:1: columns 1 and 3 are both named \"x\" (blanks around a name and the coding of "
     "accents "
     "do not count); rename one"},
    {BYTES("x,y,\" y \"\n1,2,3\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:1: columns 2 and 3 are both named \"y\" (blanks around a name and the coding of "
     "accents "
     "do not count); rename one"},
    {BYTES("x,Y\n1,2\n"), NULL, 0, 0, PLS_ESTUDY, "a.csv has no column \"y\"; did you mean \"Y\"?"},
    {BYTES("x,\n1,2\n"), NULL, 0, 0, PLS_ESTUDY,
     "a.csv has no column \"y\", but its column 2 has no name; give it one"},
    {BYTES("x,age,town\n1,2,3\n"), NULL, 0, 0, PLS_ESTUDY,
     "a.csv has no column \"y\"; its columns are \"x\", \"age\", \"town\""},
    {BYTES("x;age;town\n1;2\n"), NULL, 0, 0, PLS_ESTUDY,
     "a.csv has no column \"y\"; its columns are \"x\", \"age\", \"town\""},
    {BYTES("c1a,c1b,c1c,c1d,c1e,c1f,x\n1,2,3,4,5,6,7\n"), NULL, 0, 0, PLS_ESTUDY,
     "a.csv has no column \"y\"; its columns are \"c1a\", \"c1b\", \"c1c\", \"c1d\", \"c1e\", "
     "\"c1f\", \xE2\x80\xA6"},
    {BYTES("x;y\n1;2\n"), NULL, ',', 0, PLS_ESTUDY,
     "a.csv has no column \"x\" when read with delimiter: comma; write delimiter: semicolon"},

    /* quotes that are broken under another delimiter hide no unknown column */
    {BYTES("\"x\",\"yy\"\n\"1\",\"2\"\n\"3\",\"4\"\n"), NULL, 0, 0, PLS_ESTUDY,
     "a.csv has no column \"y\"; its columns are \"x\", \"yy\""},
    {BYTES("\"x\",\"Y\"\n\"1\",\"2\"\n3\n"), NULL, 0, 0, PLS_ESTUDY,
     "a.csv has no column \"y\"; did you mean \"Y\"?"},
    {BYTES("\"x\";\"Y\"\n\"1\";\"2\"\n"), NULL, 0, 0, PLS_ESTUDY,
     "a.csv has no column \"y\"; did you mean \"Y\"?"},
    {BYTES("\"x\"!,\"y\"\n1,2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:1:4: text follows a closed quote; write a quote inside a quoted field twice, and "
     "nothing behind the last one"},

    {BYTES("x;a,b,c\n1;2\n\n3;4\n"), NULL, 0, 0, PLS_ESTUDY,
     "a.csv has no column \"y\"; its columns are \"x\", \"a,b,c\""},
    {BYTES("sep=;\nx;a,b,c\n1;2\n3\n"), NULL, 0, 0, PLS_ESTUDY,
     "a.csv has no column \"y\"; its columns are \"x\", \"a,b,c\""},

    /* lines are counted behind Excel's first one and behind blank ones */
    {BYTES("sep=;\nx;y;x\n1;2;3\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: columns 1 and 3 are both named \"x\" (blanks around a name and the coding of "
     "accents do not count); rename one"},
    {BYTES("sep=;\r\nx;y\r\n1;2\r\n\r\n3;z\r\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:5: \"z\" in row 2, column \"y\", is not a number; mend the cell, or write `missing: "
     "[\"z\"]` under data if it means that there is no answer"},
    {BYTES("sep=;\n\nx;y\n1;2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: the first line is blank; the names of the columns belong there"},
    {BYTES("sep=;\n"), NULL, 0, 0, PLS_ENOINPUT,
     "a.csv: the file is empty; it needs a line of column names and one row for each answer"},

    /* cells that are no numbers */
    {BYTES("x,y\n1,2\n3,n/a\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3: \"n/a\" in row 2, column \"y\", is not a number; mend the cell, or write `missing: "
     "[\"n/a\"]` under data if it means that there is no answer"},
    {BYTES("x,y\n1,-\n\"tidak\ntahu\",3\n-,4\n5,-\n?,x1\nz,5\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: 7 cells are not numbers: \"-\" in row 1, column \"y\"; \"tidak\xE2\x8F\x8Etahu\" in "
     "row 2, column \"x\"; \"-\" in row 3, column \"x\"; \"-\" in row 4, column \"y\"; \"?\" in "
     "row "
     "5, column \"x\"; and 2 more; mend them, or write `missing: [\"-\", "
     "\"tidak\xE2\x8F\x8Etahu\", "
     "\"?\"]` under data where they mean that there is no answer"},
    {BYTES("x,y\n1,2\n3,an answer in whole sentences\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3: the cell in row 2, column \"y\", is not a number; mend the cell, or empty it if it "
     "means that there is no answer"},
    {BYTES("x,y\n1,a@b.id\n2,k. A.\n3,Siti A Putri\n4,tidak tahu\n5,Bandung Baru2\n"), NULL, 0, 0,
     PLS_EDATA,
     "a.csv:2: 5 cells are not numbers: the cell in row 1, column \"y\"; \"k. A.\" in row 2, "
     "column "
     "\"y\"; the cell in row 3, column \"y\"; \"tidak tahu\" in row 4, column \"y\"; the cell in "
     "row 5, column \"y\"; mend them, or write `missing: [\"k. A.\", \"tidak tahu\"]` under data "
     "where they mean that there is no answer"},
    {BYTES("x,y\n1,siti@x.id\n2,budi@x.id\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: 2 cells are not numbers: the cell in row 1, column \"y\"; the cell in row 2, column "
     "\"y\"; mend them, or empty them where they mean that there is no answer"},
    {BYTES("x;y\n1;2\n2;1.234.567.890,5\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3: the cell in row 2, column \"y\", has separators of thousands; if it means a number, "
     "remove them from the file"},

    /* columns of texts */
    {BYTES("x,y\n1,m\n2,f\n3,m\n4,f\n5,m\n6,f\n7,\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv: column \"y\" holds text in 6 of 7 rows; PLS needs numbers: code it as numbers, or "
     "take "
     "it out of the model"},
    {BYTES("x,y\n1,1\n2,2\n3,3\n4,4\n5,5\n6,6\n7,7\n1,-\n2,-\n3,-\n4,-\n5,-\n6,-\n"), NULL, 0, 0,
     PLS_EDATA,
     "a.csv: column \"y\" holds text in 6 of 13 rows; PLS needs numbers: code it as numbers, or "
     "take it out of the model, or write `missing: [\"-\"]` under data where it means that there "
     "is no answer"},
    {BYTES("x;y\n1;1.234,5\n2;1.234,5\n3;1.234,5\n4;1.234,5\n5;1.234,5\n6;1.234,5\n"), NULL, 0, 0,
     PLS_EDATA,
     "a.csv:2: \"1.234,5\" in row 1, column \"y\", has separators of thousands; if it means "
     "1234.5, remove them from the file"},
    {BYTES("x,y\n1,\x1B[2J\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"\\x1B[2J\" in row 1, column \"y\", is not a number; mend the cell, or write "
     "`missing: [\"\\x1B[2J\"]` under data if it means that there is no answer"},
    {BYTES("x;y\n1;\"\n2\"\n3;z\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:4: \"z\" in row 2, column \"y\", is not a number; mend the cell, or write `missing: "
     "[\"z\"]` under data if it means that there is no answer"},
    {BYTES("x,y\n1,12.03.2020\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"12.03.2020\" in row 1, column \"y\", is not a number; mend the cell, or write "
     "`missing: [\"12.03.2020\"]` under data if it means that there is no answer"},
    {BYTES("x,y\n1e400,2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"1e400\" in row 1, column \"x\", is not a finite decimal number; mend the cell, or "
     "list it under `missing` if it means that there is no answer"},
    {BYTES("x,y\n1,2\n-Inf,2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3: \"-Inf\" in row 2, column \"x\", is not a finite decimal number; mend the cell, or "
     "list it under `missing` if it means that there is no answer"},
    {BYTES("x,y\n1,NaN\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"NaN\" in row 1, column \"y\", is not a finite decimal number; mend the cell, or "
     "list it under `missing` if it means that there is no answer"},
    {BYTES("x,y\n1,0x1p3\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"0x1p3\" in row 1, column \"y\", is not a finite decimal number; mend the cell, or "
     "list it under `missing` if it means that there is no answer"},

    /* decimal signs and separators of thousands */
    {BYTES("x;y\n1;2\n1,234;3\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3: \"1,234\" in row 2, column \"x\", means 1.234 where the comma is the decimal sign "
     "and 1234 where the point is; remove separators of thousands from the file, and write "
     "`decimal: comma` or `decimal: point` under data"},
    {BYTES("x;y\n1.234;-12.345\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"1.234\" in row 1, column \"x\", means 1234 where the comma is the decimal sign "
     "and "
     "1.234 where the point is; remove separators of thousands from the file, and write `decimal: "
     "comma` or `decimal: point` under data"},
    {BYTES("x,y\n\"1,234\",2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"1,234\" in row 1, column \"x\", means 1.234 where the comma is the decimal sign "
     "and 1234 where the point is; remove separators of thousands from the file, and write "
     "`decimal: comma` or `decimal: point` under data"},
    {BYTES("x;y\n2,5;1.234\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"1.234\" in row 1, column \"y\", means 1234 where the comma is the decimal sign "
     "and "
     "1.234 where the point is; remove separators of thousands from the file, and write `decimal: "
     "comma` or `decimal: point` under data"},
    {BYTES("x;y\n1.234,5;2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"1.234,5\" in row 1, column \"x\", has separators of thousands; if it means "
     "1234.5, "
     "remove them from the file"},
    {BYTES("x;y\n1,234,567;2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"1,234,567\" in row 1, column \"x\", has separators of thousands; if it means "
     "1234567, remove them from the file"},
    {BYTES("x;y\n1,5;2\n2.5;3\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:3: \"2.5\" in row 2, column \"x\", is not written with a decimal comma as the rest is; "
     "write all numbers alike, or set `decimal` under data"},
    {BYTES("x;y\n1,5;2\n"), NULL, 0, '.', PLS_EDATA,
     "a.csv:2: \"1,5\" in row 1, column \"x\", is not written with a decimal point as the rest is; "
     "write all numbers alike, or set `decimal` under data"},
    {BYTES("x,y\n\"1,5\",2\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv:2: \"1,5\" in row 1, column \"x\", is not written with a decimal point as the rest is; "
     "write all numbers alike, or set `decimal` under data"},

    /* nothing left */
    {BYTES("x,y\n1,\n,\n,3\n5,\n"), NULL, 0, 0, PLS_EDATA,
     "a.csv: 0 of 4 rows are complete; column \"y\" alone is missing in 3: leave it out of the "
     "model, or correct `missing` under data"},
};

static void every_refused_file_gets_its_sentence(void **state)
{
    (void)state;
    size_t failures = 0;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const struct pls_csv_options options = {.encoding = refused[i].encoding,
                                                .delimiter = refused[i].delimiter,
                                                .decimal = refused[i].decimal};
        struct pls_dataset *dataset = NULL;
        struct pls_error err = {.text = ""};
        size_t unknown = 99;
        write_file("a.csv", refused[i].bytes, refused[i].length);
        const enum pls_code code =
            pls_dataset_read_csv("a.csv", &options, x_y, 2, &dataset, &unknown, &err);
        assert_int_equal(remove("a.csv"), 0);
        assert_null(dataset);
        if (code != refused[i].code || err.code != code || strcmp(err.text, refused[i].text) != 0) {
            print_error("file %zu: code %d, expected %d\n  %s\nexpected\n  %s\n", i, (int)code,
                        (int)refused[i].code, err.text, refused[i].text);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
}

static void an_unknown_column_is_told_by_its_number(void **state)
{
    (void)state;
    const struct pls_csv_options options = {0};
    static const char *const wanted[] = {"kd1", "kd6", "kd7"};
    struct pls_dataset *dataset = NULL;
    struct pls_error err;
    size_t unknown = 99;
    write_file("a.csv", BYTES("kd1,kd2\n1,2\n"));
    assert_int_equal(pls_dataset_read_csv("a.csv", &options, wanted, 3, &dataset, &unknown, &err),
                     PLS_ESTUDY);
    assert_int_equal(unknown, 1);
    assert_string_equal(err.text, "a.csv has no column \"kd6\"; did you mean \"kd1\"?");

    /* every other error leaves the count */
    write_file("a.csv", BYTES("kd1,kd6,kd7\n1,2\n"));
    assert_int_equal(pls_dataset_read_csv("a.csv", &options, wanted, 3, &dataset, &unknown, &err),
                     PLS_EDATA);
    assert_int_equal(unknown, 3);
    assert_int_equal(pls_dataset_read_csv("a.csv", &options, wanted, 3, &dataset, NULL, NULL),
                     PLS_EDATA);
    assert_int_equal(remove("a.csv"), 0);
}

static void names_equal_after_composition_are_duplicates(void **state)
{
    (void)state;
    const struct pls_csv_options options = {0};
    static const char *const wanted[] = {"caf\xC3\xA9"};
    struct pls_dataset *dataset = NULL;
    struct pls_error err;
    write_file("a.csv", BYTES("caf\x65\xCC\x81,b,caf\xC3\xA9\n1,2,3\n"));
    assert_int_equal(pls_dataset_read_csv("a.csv", &options, wanted, 1, &dataset, NULL, &err),
                     PLS_EDATA);
    assert_string_equal(err.text, "a.csv:1: columns 1 and 3 are both named \"caf\xC3\xA9\" (blanks "
                                  "around a name and the coding of accents do not count); rename "
                                  "one");
    assert_int_equal(remove("a.csv"), 0);
}

static enum pls_code read_path(const char *path, struct pls_error *err)
{
    const struct pls_csv_options options = {0};
    struct pls_dataset *dataset = NULL;
    return pls_dataset_read_csv(path, &options, x_y, 2, &dataset, NULL, err);
}

static void what_is_no_regular_file_is_refused_without_blocking(void **state)
{
    (void)state;
    struct pls_error err;
    assert_int_equal(read_path("missing.csv", &err), PLS_ENOINPUT);
    assert_non_null(strstr(err.text, "missing.csv: there is no such file"));
    assert_int_equal(read_path(".", &err), PLS_ENOINPUT);
    assert_non_null(strstr(err.text, "not a regular file"));
    assert_int_equal(read_path("/dev/null", &err), PLS_ENOINPUT);
    assert_non_null(strstr(err.text, "not a regular file"));
    assert_int_equal(mkfifo("pipe.csv", 0600), 0);
    assert_int_equal(read_path("pipe.csv", &err), PLS_ENOINPUT);
    assert_non_null(strstr(err.text, "not a regular file"));
    assert_int_equal(remove("pipe.csv"), 0);
}

static void a_file_that_may_not_be_read_is_refused(void **state)
{
    (void)state;
    struct pls_error err;
    write_file("a.csv", BYTES("x,y\n1,2\n"));
    assert_int_equal(chmod("a.csv", 0), 0);
    const uid_t user = geteuid();
    enum { NOBODY = 65534 };
    if (user == 0) { /* root may read everything: be someone else for a while */
        assert_int_equal(chmod(".", 0711), 0);
        assert_int_equal(seteuid(NOBODY), 0);
    }
    const enum pls_code code = read_path("a.csv", &err);
    assert_int_equal(seteuid(user), 0);
    assert_int_equal(code, PLS_EPERMISSION);
    assert_non_null(strstr(err.text, "a.csv: you may not read this file"));
    assert_int_equal(remove("a.csv"), 0);
}

static void a_file_above_two_gibibytes_is_refused_before_it_is_read(void **state)
{
    (void)state;
    struct pls_error err;
    write_file("a.csv", BYTES("x,y\n1,2\n"));
    if (truncate("a.csv", ((off_t)1 << 31) + 1) != 0) { /* a hole: takes no room */
        print_message("skipped: this file system holds no such file: %s\n", strerror(errno));
        assert_int_equal(remove("a.csv"), 0);
        skip();
    }
    assert_int_equal(read_path("a.csv", &err), PLS_EDATA);
    assert_int_equal(remove("a.csv"), 0);
}

static void more_columns_than_anyone_has_are_refused(void **state)
{
    (void)state;
    enum { COLUMNS = 100001 };
    struct pls_error err;
    char *text = malloc(COLUMNS);
    assert_non_null(text);
    memset(text, ',', COLUMNS);
    text[0] = 'x';
    write_file("a.csv", text, COLUMNS);
    free(text);
    assert_int_equal(read_path("a.csv", &err), PLS_EDATA);
    assert_string_equal(err.text,
                        "a.csv:1: there are more than 100000 columns; keep those that the "
                        "study uses");
    assert_int_equal(remove("a.csv"), 0);
}

/* Whatever the bytes, reading ends in numbers or in a sentence. */
static void damaged_files_never_crash(void **state)
{
    (void)state;
    static const char good[] = "x;t;y\r\n1,5;\"a\"\"b\r\n\";2\r\n-99;\xC3\xA9;0,25\r\n";
    enum { LENGTH = sizeof good - 1 };
    static const char *const codes[] = {"-99"};
    const struct pls_csv_options options = {.missing = codes, .missing_count = 1};
    char bytes[LENGTH];
    for (size_t at = 0; at < LENGTH; at++)
        for (int value = 0; value < 256; value += 7) {
            struct pls_dataset *dataset = NULL;
            struct pls_error err = {.text = ""};
            memcpy(bytes, good, LENGTH);
            bytes[at] = (char)value;
            write_file("a.csv", bytes, value % 2 == 0 ? LENGTH : at + 1);
            const enum pls_code code =
                pls_dataset_read_csv("a.csv", &options, x_y, 2, &dataset, NULL, &err);
            assert_true(code == PLS_OK ? dataset != NULL && dataset->rows > 0
                                       : dataset == NULL && strncmp(err.text, "a.csv", 5) == 0);
            pls_dataset_free(dataset);
        }
    assert_int_equal(remove("a.csv"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refused_file_gets_its_sentence),
        cmocka_unit_test(an_unknown_column_is_told_by_its_number),
        cmocka_unit_test(names_equal_after_composition_are_duplicates),
        cmocka_unit_test(what_is_no_regular_file_is_refused_without_blocking),
        cmocka_unit_test(a_file_that_may_not_be_read_is_refused),
        cmocka_unit_test(a_file_above_two_gibibytes_is_refused_before_it_is_read),
        cmocka_unit_test(more_columns_than_anyone_has_are_refused),
        cmocka_unit_test(damaged_files_never_crash),
    };
    return cmocka_run_group_tests_name("data.csv_refused", tests, files_open, files_close);
}
