/*
 * digest.h: SHA-256 for what is cited, XXH3-64 for what is checked.
 */
#ifndef PLSTRAP_DIGEST_H
#define PLSTRAP_DIGEST_H

#include "plstrap/error.h"

#include <stddef.h>
#include <stdint.h>

struct pls_digest; /* a SHA-256 in the making */

enum pls_code pls_digest_new(struct pls_digest **out_new, struct pls_error *err);
enum pls_code pls_digest_add(struct pls_digest *digest, const void *bytes, size_t length,
                             struct pls_error *err);
/* A text with its length in front, so that two texts in a row cannot be mistaken for two others. */
enum pls_code pls_digest_add_text(struct pls_digest *digest, const char *text,
                                  struct pls_error *err);
/* Ends the digest, which must still be freed, as its 32 bytes. */
enum pls_code pls_digest_bytes(struct pls_digest *digest, unsigned char out[32],
                               struct pls_error *err);
/* The same as 64 lower-case hexadecimal digits and a zero. */
enum pls_code pls_digest_hex(struct pls_digest *digest, char out[65], struct pls_error *err);
void pls_digest_free(struct pls_digest *digest);

/* XXH3-64 of a block of bytes. */
uint64_t pls_checksum(const void *bytes, size_t length);

#endif
