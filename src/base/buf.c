/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <string.h>

void buf_init(struct buf *b, char *data, size_t size)
{
	b->data = data;
	b->size = size;
	b->len = 0;
	b->full = false;
	data[0] = '\0';
}

void buf_mem(struct buf *b, const char *s, size_t n)
{
	size_t room = b->size - b->len - 1;

	if (n > room) {
		n = room;
		b->full = true;
	}
	memcpy(b->data + b->len, s, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_char(struct buf *b, char c)
{
	buf_mem(b, &c, 1);
}

void buf_str(struct buf *b, const char *s)
{
	buf_mem(b, s, strlen(s));
}

static void number(struct buf *b, uint64_t v, unsigned int base)
{
	char digits[24];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % base);
		v /= base;
	} while (v != 0);
	buf_mem(b, digits + i, sizeof(digits) - i);
}

void buf_u64(struct buf *b, uint64_t v)
{
	number(b, v, 10);
}

void buf_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_char(b, '-');
	/* Negating in unsigned arithmetic is defined for the lowest value too. */
	number(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10);
}

void buf_octal(struct buf *b, uint64_t v)
{
	number(b, v, 8);
}

/* Unicode 15, table 3-7 */
size_t buf_utf8_len(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

void buf_json(struct buf *b, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)text;

	buf_char(b, '"');
	while (*s != '\0') {
		size_t n = buf_utf8_len((const char *)s);

		if (n == 0) {
			buf_str(b, "\xef\xbf\xbd");
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			buf_char(b, '\\');
			buf_char(b, (char)*s);
		} else if (*s < 0x20 || *s == 0x7f) {
			buf_str(b, "\\u00");
			buf_char(b, hex[*s >> 4]);
			buf_char(b, hex[*s & 15]);
		} else {
			buf_mem(b, (const char *)s, n);
		}
		s += n;
	}
	buf_char(b, '"');
}
