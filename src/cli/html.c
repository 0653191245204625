/* SPDX-License-Identifier: MIT */
#include "cli/html.h"

#include <stdarg.h>
#include <string.h>

/*
 * Characters of Unicode without a shape of their own that reorder what is around them: U+061C, U+200E, U+200F, U+202A to
 * U+202E, U+2066 to U+2069. The code point, and its bytes in *ret; 0 for all others.
 */
static unsigned int direction(const char *s, size_t *ret)
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned int code;

	if (u[0] == 0xd8 && u[1] == 0x9c) {
		*ret = 2;
		return 0x061c;
	}
	if (u[0] != 0xe2 || (u[1] != 0x80 && u[1] != 0x81) || u[2] < 0x80 || u[2] > 0xbf)
		return 0;
	code = 0x2000U | (u[1] & 0x3fU) << 6 | (u[2] & 0x3fU);
	*ret = 3;
	if (code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069))
		return code;
	return 0;
}

/* What stands for a byte that may not stand there itself, or NULL. */
static const char *escape(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\n':
	case '\t':
		return NULL;
	default:
		return (unsigned char)c < 0x20 || c == 0x7f ? "?" : NULL;
	}
}

static void text(FILE *f, const char *s)
{
	while (*s != '\0') {
		const char *instead = escape(*s);
		size_t n = 1;
		unsigned int code = direction(s, &n);

		if (code != 0) {
			fprintf(f, "[U+%04X]", code);
			s += n;
			continue;
		}
		if (instead != NULL)
			fputs(instead, f);
		else
			putc(*s, f);
		s++;
	}
}

void html(FILE *f, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	for (const char *c = format; *c != '\0'; c++) {
		if (*c != '%') {
			putc(*c, f);
		} else if (c[1] == 's') {
			text(f, va_arg(ap, const char *));
			c++;
		} else if (c[1] == 'z' && c[2] == 'u') {
			fprintf(f, "%zu", va_arg(ap, size_t));
			c += 2;
		} else {
			putc('%', f);
			c++;
		}
	}
	va_end(ap);
}
