/* SPDX-License-Identifier: MIT */
#include "priv/sha256.h"

#include <stdint.h>
#include <string.h>

#define BLOCK 64 /* bytes */

/* FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes */
static const uint32_t round_words[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotr(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/*
 * 6.2.2. The working variables a to h are s[0] to s[7] at first; a round moves each to the next name, which is done
 * by counting the names on, not by copying.
 */
static void digest_block(uint32_t hash[8], const unsigned char *block)
{
#define S(i) s[((i)-t) & 7]
	uint32_t w[64], s[8];

	for (int t = 0; t < 16; t++)
		w[t] = big_endian(block + 4 * t);
	for (int t = 16; t < 64; t++) {
		uint32_t s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
		uint32_t s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ w[t - 2] >> 10;

		w[t] = s1 + w[t - 7] + s0 + w[t - 16];
	}
	memcpy(s, hash, sizeof(s));
	for (unsigned int t = 0; t < 64; t++) {
		uint32_t sum1 = rotr(S(4), 6) ^ rotr(S(4), 11) ^ rotr(S(4), 25);
		uint32_t choose = (S(4) & S(5)) ^ (~S(4) & S(6));
		uint32_t one = S(7) + sum1 + choose + round_words[t] + w[t];
		uint32_t sum0 = rotr(S(0), 2) ^ rotr(S(0), 13) ^ rotr(S(0), 22);
		uint32_t most = (S(0) & S(1)) ^ (S(0) & S(2)) ^ (S(1) & S(2));

		S(3) += one;
		S(7) = one + sum0 + most;
	}
	for (int i = 0; i < 8; i++)
		hash[i] += s[i];
#undef S
}

void sha256(const void *data, size_t len, unsigned char ret[SHA256_BYTES])
{
	/* 5.3.3: the same of the square roots of the first 8 primes */
	uint32_t hash[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	unsigned char last[2 * BLOCK] = {0};
	const unsigned char *p = data;
	size_t left = len, padded;

	for (; left >= BLOCK; left -= BLOCK, p += BLOCK)
		digest_block(hash, p);
	/* 5.1.1: a one bit, zeros, and the length in bits as the last eight bytes of a block */
	if (left > 0)
		memcpy(last, p, left);
	last[left] = 0x80;
	padded = left + 1 + 8 <= BLOCK ? BLOCK : 2 * BLOCK;
	for (int i = 0; i < 8; i++)
		last[padded - 1 - (size_t)i] = (unsigned char)((uint64_t)len << 3 >> 8 * i);
	digest_block(hash, last);
	if (padded > BLOCK)
		digest_block(hash, last + BLOCK);
	for (int i = 0; i < SHA256_BYTES; i++)
		ret[i] = (unsigned char)(hash[i / 4] >> (24 - 8 * (i % 4)));
}
