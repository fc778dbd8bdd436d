/*
 * test_digest.c: known answers. SHA-256: FIPS 180-2, appendix B; with lengths in front: Python's
 * hashlib over struct.pack("<Q", n) + text. XXH3-64 with seed 0: hash-wasm
 * 4.12.0 under Node.js.
 */
#include "check.h"
#include "plstrap/digest.h"

#include <stdlib.h>
#include <string.h>

static void sha256_gives_the_published_answers(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pls_error err;
        struct pls_digest *digest = NULL;
        char hex[65];
        assert_ok(pls_digest_new(&digest, &err), &err);
        assert_ok(pls_digest_add(digest, rows[i][0], strlen(rows[i][0]), &err), &err);
        assert_ok(pls_digest_hex(digest, hex, &err), &err);
        assert_string_equal(hex, rows[i][1]);
        pls_digest_free(digest);
    }
}

/* A million times "a", in pieces of every length up to 999. */
static void pieces_make_no_difference(void **state)
{
    (void)state;
    struct pls_error err;
    struct pls_digest *digest = NULL;
    char piece[1000], hex[65];
    memset(piece, 'a', sizeof piece);
    assert_ok(pls_digest_new(&digest, &err), &err);
    for (size_t left = 1000000, length = 0; left > 0; left -= length) {
        length = length % 999 + 1;
        if (length > left)
            length = left;
        assert_ok(pls_digest_add(digest, piece, length, &err), &err);
    }
    assert_ok(pls_digest_hex(digest, hex, &err), &err);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    pls_digest_free(digest);
}

static void digest_of_two(const char *first, const char *second, char hex[65])
{
    struct pls_error err;
    struct pls_digest *digest = NULL;
    assert_ok(pls_digest_new(&digest, &err), &err);
    assert_ok(pls_digest_add_text(digest, first, &err), &err);
    assert_ok(pls_digest_add_text(digest, second, &err), &err);
    assert_ok(pls_digest_hex(digest, hex, &err), &err);
    pls_digest_free(digest);
}

static void two_texts_are_not_two_others(void **state)
{
    (void)state;
    char one[65], other[65];
    digest_of_two("kd", "kv", one);
    digest_of_two("k", "dkv", other);
    assert_string_not_equal(one, other);
    assert_string_equal(one, "94abb63fa68664d33a1da55cb1a94b082338690ad003544f0f7f41e9a17224b7");
}

static void freeing_nothing_is_allowed(void **state)
{
    (void)state;
    pls_digest_free(NULL);
}

/* Lengths that take XXH3's different ways: 0, 1-3, 4-8, 9-16, 17-128, 129-240, longer. */
static void checksums_are_xxh3_64(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        uint64_t checksum;
    } rows[] = {
        {0, UINT64_C(0x2D06800538D394C2)},    {1, UINT64_C(0xC44BDFF4074EECDB)},
        {3, UINT64_C(0xC3ABF7AE2E250B5A)},    {4, UINT64_C(0x6E5C9679D43C1E41)},
        {8, UINT64_C(0x2C2127BBB99B325E)},    {9, UINT64_C(0x8436430B381F7FD6)},
        {16, UINT64_C(0xBEA42F62EAC454D0)},   {17, UINT64_C(0xC5BC95C990FC83B4)},
        {128, UINT64_C(0x3D41CAA0B80A4385)},  {129, UINT64_C(0x287795AEC899CB57)},
        {240, UINT64_C(0x4DA2AB7921D06C5E)},  {241, UINT64_C(0x179EAD905BF75A05)},
        {1024, UINT64_C(0x89AFEBE614A926D7)}, {1999, UINT64_C(0x318AA9BB946098BD)},
    };
    unsigned char bytes[2000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 131 % 251);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_true(pls_checksum(bytes, rows[i].length) == rows[i].checksum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_answers),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(two_texts_are_not_two_others),
        cmocka_unit_test(freeing_nothing_is_allowed),
        cmocka_unit_test(checksums_are_xxh3_64),
    };
    return cmocka_run_group_tests_name("base.digest", tests, NULL, NULL);
}
