/* SPDX-License-Identifier: MIT */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>

#define SHA256_BYTES 32

/* SHA-256 (FIPS 180-4) of len bytes. */
void sha256(const void *data, size_t len, unsigned char ret[SHA256_BYTES]);

#endif
