/* SPDX-License-Identifier: MIT */
#include "cli/html.h"

#include <stdarg.h>
#include <string.h>

#include "host/direction.h"

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
		unsigned int code = direction_char(s, &n);

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
