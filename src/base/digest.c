/* digest.c: SHA-256 by libcrypto, XXH3-64 by libxxhash. */
#include "plstrap/digest.h"
#include "plstrap/alloc.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct pls_digest {
    EVP_MD_CTX *context;
};

static enum pls_code failed(struct pls_error *err)
{
    return pls_fail(err, PLS_EUNAVAILABLE,
                    "libcrypto cannot compute a SHA-256; check OpenSSL's set-up");
}

enum pls_code pls_digest_new(struct pls_digest **out_new, struct pls_error *err)
{
    enum pls_code code = pls_alloc(out_new, 1, sizeof **out_new, err);
    if (code != PLS_OK)
        return code;
    (*out_new)->context = EVP_MD_CTX_new();
    if ((*out_new)->context != NULL &&
        EVP_DigestInit_ex((*out_new)->context, EVP_sha256(), NULL) == 1)
        return PLS_OK;
    pls_digest_free(*out_new);
    *out_new = NULL;
    return failed(err);
}

enum pls_code pls_digest_add(struct pls_digest *digest, const void *bytes, size_t length,
                             struct pls_error *err)
{
    return EVP_DigestUpdate(digest->context, bytes, length) == 1 ? PLS_OK : failed(err);
}

enum pls_code pls_digest_add_text(struct pls_digest *digest, const char *text,
                                  struct pls_error *err)
{
    const uint64_t length = strlen(text);
    unsigned char prefix[8];
    for (size_t i = 0; i < sizeof prefix; i++)
        prefix[i] = (unsigned char)(length >> (8 * i));
    enum pls_code code = pls_digest_add(digest, prefix, sizeof prefix, err);
    return code == PLS_OK ? pls_digest_add(digest, text, (size_t)length, err) : code;
}

enum pls_code pls_digest_bytes(struct pls_digest *digest, unsigned char out[32],
                               struct pls_error *err)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_DigestFinal_ex(digest->context, bytes, &length) != 1 || length != 32)
        return failed(err);
    memcpy(out, bytes, 32);
    return PLS_OK;
}

enum pls_code pls_digest_hex(struct pls_digest *digest, char out[65], struct pls_error *err)
{
    unsigned char bytes[32];
    const enum pls_code code = pls_digest_bytes(digest, bytes, err);
    for (size_t i = 0; code == PLS_OK && i < 32; i++)
        snprintf(out + 2 * i, 3, "%02x", (unsigned)bytes[i]);
    return code;
}

void pls_digest_free(struct pls_digest *digest)
{
    if (digest == NULL)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

uint64_t pls_checksum(const void *bytes, size_t length)
{
    return XXH3_64bits(bytes, length);
}
