/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "fuzz.h"

/* A strict reader of JSON, written apart from the writer in src/base/buf.c that it judges. */

static const char *value(const char *s, unsigned int depth);

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t\n\r");
}

/* One character of UTF-8, by the ranges of its code point. */
static const char *character(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	static const uint32_t lowest[] = {0, 0x80, 0x800, 0x10000};
	uint32_t code;
	size_t more;

	if (u[0] < 0x80)
		return u[0] != 0 ? s + 1 : NULL;
	more = u[0] >= 0xf0 ? 3 : u[0] >= 0xe0 ? 2 : 1;
	if (u[0] < 0xc0 || u[0] > 0xf7)
		return NULL;
	code = u[0] & (0x3fu >> more);
	for (size_t i = 1; i <= more; i++) {
		if (u[i] >> 6 != 2)
			return NULL;
		code = code << 6 | (u[i] & 0x3f);
	}
	if (code < lowest[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return NULL;
	return s + more + 1;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdefABCDEF", *at = c != '\0' ? strchr(digits, c) : NULL;
	int n = at != NULL ? (int)(at - digits) : -1;

	return n > 15 ? n - 6 : n;
}

/* Behind the backslash. Only code points of one byte are decoded: the writer makes no others. */
static const char *escape(const char *s, char *ret)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = *s != '\0' ? strchr(from, *s) : NULL;

	if (at != NULL) {
		*ret = to[at - from];
		return s + 1;
	}
	if (s[0] != 'u' || s[1] != '0' || s[2] != '0' || hex(s[3]) < 0 || hex(s[3]) > 7 ||
	    hex(s[4]) < 0)
		return NULL;
	*ret = (char)(hex(s[3]) << 4 | hex(s[4]));
	return s + 5;
}

const char *fuzz_json_string(const char *s, char *ret)
{
	if (s == NULL || *s++ != '"')
		return NULL;
	while (*s != '"') {
		const char *from = s;
		char c = 0;

		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return NULL;
		s = *s == '\\' ? escape(s + 1, &c) : character(s);
		if (s == NULL)
			return NULL;
		if (ret != NULL && *from == '\\') {
			*ret++ = c;
		} else if (ret != NULL) {
			memcpy(ret, from, (size_t)(s - from));
			ret += s - from;
		}
	}
	if (ret != NULL)
		*ret = '\0';
	return s + 1;
}

static const char *number(const char *s)
{
	const char *from;

	s += *s == '-';
	from = s;
	s += strspn(s, "0123456789");
	return s == from || (*from == '0' && s != from + 1) ? NULL : s;
}

static const char *word(const char *s)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < 3; i++)
		if (strncmp(s, words[i], strlen(words[i])) == 0)
			return s + strlen(words[i]);
	return number(s);
}

static const char *object(const char *s, unsigned int depth)
{
	s = blanks(s + 1);
	while (*s == '"') {
		s = fuzz_json_string(s, NULL);
		s = s != NULL ? blanks(s) : NULL;
		if (s == NULL || *s != ':')
			return NULL;
		s = value(blanks(s + 1), depth + 1);
		s = s != NULL ? blanks(s) : NULL;
		if (s == NULL || *s == '}')
			return s != NULL ? s + 1 : NULL;
		if (*s != ',')
			return NULL;
		s = blanks(s + 1);
	}
	return NULL;
}

static const char *value(const char *s, unsigned int depth)
{
	if (depth > 8)
		return NULL;
	if (*s == '{')
		return object(s, depth);
	return *s == '"' ? fuzz_json_string(s, NULL) : word(s);
}

bool fuzz_is_json(const char *text)
{
	const char *end = value(blanks(text), 0);

	return end != NULL && *blanks(end) == '\0';
}
