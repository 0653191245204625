/* SPDX-License-Identifier: MIT */
#include "host/direction.h"
#include "test.h"

static const unsigned int known[] = {0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c,
				     0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069};

static size_t encode(unsigned int code, char text[4])
{
	size_t n = 0;

	if (code < 0x80) {
		text[n++] = (char)code;
	} else if (code < 0x800) {
		text[n++] = (char)(0xc0 | code >> 6);
		text[n++] = (char)(0x80 | (code & 0x3f));
	} else {
		text[n++] = (char)(0xe0 | code >> 12);
		text[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		text[n++] = (char)(0x80 | (code & 0x3f));
	}
	text[n] = '\0';
	return n;
}

static void those_and_no_others(void)
{
	size_t next = 0;

	for (unsigned int code = 0; code <= 0xffff; code++) {
		size_t len = 77, n;
		char text[4];

		n = encode(code, text);
		if (next < sizeof(known) / sizeof(known[0]) && code == known[next]) {
			CHECK(direction_char(text, &len) == code && len == n);
			next++;
		} else {
			CHECK(direction_char(text, &len) == 0 && len == 77);
		}
	}
	CHECK(next == sizeof(known) / sizeof(known[0]));
}

static void what_is_cut_is_none(void)
{
	size_t len = 77;

	CHECK(direction_char("\xe2\x80", &len) == 0 && direction_char("\xe2", &len) == 0);
	CHECK(direction_char("\xd8", &len) == 0 && direction_char("\xe2\x80x", &len) == 0);
	CHECK(len == 77);
}

static const struct test tests[] = {
	{"direction: the twelve characters that reorder a line, and no others",
	 those_and_no_others},
	{"direction: one that is cut is none", what_is_cut_is_none},
};
TEST_MAIN(tests)
