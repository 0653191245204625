/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "test.h"

static char data[64];
static struct buf b;

static const char *json(const char *text)
{
	buf_init(&b, data, sizeof(data));
	buf_json(&b, text);
	return data;
}

static void starts_empty(void)
{
	data[0] = 'x';
	buf_init(&b, data, sizeof(data));
	CHECK_STR(data, "");
	CHECK(b.len == 0 && !b.full);
}

static void numbers_are_exact(void)
{
	buf_init(&b, data, sizeof(data));
	buf_u64(&b, UINT64_MAX);
	buf_char(&b, ' ');
	buf_i64(&b, INT64_MIN);
	CHECK_STR(data, "18446744073709551615 -9223372036854775808");
	buf_init(&b, data, sizeof(data));
	buf_u64(&b, 0);
	buf_i64(&b, -7);
	buf_octal(&b, 07755);
	CHECK_STR(data, "0-77755");
}

static void what_does_not_fit_is_dropped(void)
{
	char small[8] = "-------";

	buf_init(&b, small, 5);
	buf_str(&b, "abcd");
	CHECK(!b.full);
	buf_char(&b, 'e');
	CHECK(b.full);
	CHECK_STR(small, "abcd");
	CHECK(small[5] == '-');
}

static void json_escapes(void)
{
	CHECK_STR(json("a\"b\\c/"), "\"a\\\"b\\\\c/\"");
	CHECK_STR(json("\n\t\x01\x7f"), "\"\\u000a\\u0009\\u0001\\u007f\"");
}

static void json_keeps_utf8(void)
{
	CHECK_STR(json("\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x92"),
		  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x92\"");
}

static void json_replaces_what_is_no_utf8(void)
{
	CHECK_STR(json("\xff"), "\"\xef\xbf\xbd\"");
	/* cut short at the end of the string */
	CHECK_STR(json("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	/* a longer form than needed, a surrogate, a value beyond U+10FFFF */
	CHECK_STR(json("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	CHECK_STR(json("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	CHECK_STR(json("\xf4\x90\x80\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

#define BAD "\xef\xbf\xbd" /* U+FFFD */

/* Each class of bytes that RFC 3629 excludes, before and after a good character. */
static void json_replaces_every_class(void)
{
	static const struct {
		const char *bytes;
		int bad; /* bytes that are replaced */
	} rows[] = {
		{"\x80", 1},             /* a continuation alone */
		{"\xbf\xbf", 2},         /* two of them */
		{"\xc1\xbf", 2},         /* overlong, two bytes */
		{"\xe0\x9f\xbf", 3},     /* overlong, three */
		{"\xf0\x8f\xbf\xbf", 4}, /* overlong, four */
		{"\xed\xbf\xbf", 3},     /* the last surrogate */
		{"\xf5\x80\x80\x80", 4}, /* beyond U+10FFFF by its first byte */
		{"\xf8\x88\x80\x80", 4}, /* five-byte form */
		{"\xfe", 1},
		{"\xc3", 1}, /* cut short, and then an ordinary character */
		{"\xf0\x9f\x94", 3},
		{"\xe2\x82", 2},
	};
	char in[32], want[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(in, sizeof(in), "a%sz", rows[i].bytes);
		strcpy(want, "\"a");
		for (int n = 0; n < rows[i].bad; n++)
			strcat(want, BAD);
		strcat(want, "z\"");
		CHECK_STR(json(in), want);
	}
}

/* The first and the last of each length, and the neighbours of the surrogates. */
static void json_keeps_the_edges(void)
{
	static const char *const good[] = {
		" ",
		"~",
		"\xc2\x80",
		"\xdf\xbf",
		"\xe0\xa0\x80",
		"\xed\x9f\xbf",
		"\xee\x80\x80",
		"\xef\xbf\xbf",
		"\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf",
	};
	char want[16];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(want, sizeof(want), "\"%s\"", good[i]);
		CHECK_STR(json(good[i]), want);
	}
}

/* Whatever does not fit: the text ends with a NUL, nothing behind it is touched, and it is told. */
static void every_size_is_safe(void)
{
	char small[40];

	for (size_t size = 1; size < 32; size++) {
		memset(small, '#', sizeof(small));
		buf_init(&b, small, size);
		buf_mem(&b, "abc", 3);
		buf_u64(&b, UINT64_MAX);
		buf_json(&b, "\xff\x01");
		buf_octal(&b, 0755);
		CHECK(b.full == (size < 3 + 20 + 11 + 3 + 1));
		CHECK(b.len < size && strlen(small) == b.len);
		for (size_t i = size; i < sizeof(small); i++)
			CHECK(small[i] == '#');
	}
}

static const struct test tests[] = {
	{"buf: starts empty", starts_empty},
	{"buf: numbers are exact at their limits", numbers_are_exact},
	{"buf: what does not fit is dropped and told", what_does_not_fit_is_dropped},
	{"buf: JSON strings escape quotes and control bytes", json_escapes},
	{"buf: JSON strings keep UTF-8", json_keeps_utf8},
	{"buf: JSON strings replace what is no UTF-8", json_replaces_what_is_no_utf8},
	{"buf: JSON strings replace every class of bad bytes", json_replaces_every_class},
	{"buf: JSON strings keep the edges of UTF-8", json_keeps_the_edges},
	{"buf: no size makes it write beyond its end", every_size_is_safe},
};
TEST_MAIN(tests)
