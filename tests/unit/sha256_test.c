/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include "priv/sha256.h"
#include "sha256_vectors.h"
#include "test.h"

static const char *hash_of(const void *data, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	static char text[2 * SHA256_BYTES + 1];
	unsigned char hash[SHA256_BYTES];

	sha256(data, n, hash);
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		text[2 * i] = digits[hash[i] >> 4];
		text[2 * i + 1] = digits[hash[i] & 15];
	}
	return text;
}

static const char *of_string(const char *s)
{
	return hash_of(s, strlen(s));
}

/* The examples that NIST publishes with FIPS 180-4. */
static void the_standards_examples(void)
{
	static char million[1000000];

	CHECK_STR(of_string("abc"),
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	CHECK_STR(of_string("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	CHECK_STR(of_string("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
			    "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
	memset(million, 'a', sizeof(million));
	CHECK_STR(hash_of(million, sizeof(million)),
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Of its own memory, so that a sanitizer sees a byte read too many. */
static void every_length_up_to_200(void)
{
	for (size_t n = 0; n <= 200; n++) {
		unsigned char *data = malloc(n > 0 ? n : 1);

		CHECK(data != NULL);
		for (size_t i = 0; data != NULL && i < n; i++)
			data[i] = (unsigned char)(7 * i + 3);
		CHECK_STR(hash_of(data, n), sha256_of_length[n]);
		free(data);
	}
	CHECK(sizeof(sha256_of_length) / sizeof(*sha256_of_length) == 201);
}

/* bytes((i * i + 3 * i) % 251 for i in range(1 << 20)), at an odd address; again by hashlib */
static void a_mebibyte_at_any_alignment(void)
{
	size_t size = (size_t)1 << 20;
	unsigned char *data = malloc(size + 8);

	CHECK(data != NULL);
	for (size_t at = 0; data != NULL && at < 8; at += 3) {
		for (uint64_t i = 0; i < size; i++)
			data[at + i] = (unsigned char)((i * i + 3 * i) % 251);
		CHECK_STR(hash_of(data + at, size),
			  "6226bcfdece58f86d45c4dd1d753dc4e465deb94db2331b6332ffc5283c83b8e");
	}
	free(data);
}

static const struct test tests[] = {
	{"sha256: the standard's examples", the_standards_examples},
	{"sha256: every length up to 200", every_length_up_to_200},
	{"sha256: a mebibyte, at any alignment", a_mebibyte_at_any_alignment},
};

TEST_MAIN(tests)
