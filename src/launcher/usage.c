/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "launcher/options.h"

#define HELP_COLUMN 33
#define TEXT_SIZE   16384 /* more than all lines together; the unit test looks */

static void pad_to(struct buf *b, size_t from, size_t column)
{
	for (size_t n = b->len - from; n < column; n++)
		buf_char(b, ' ');
}

static void section(struct buf *b, const char *name)
{
	buf_str(b, "\n  ");
	buf_str(b, name);
	buf_str(b, ":\n");
}

static void option(struct buf *b, const char *word, const char *names, const char *help)
{
	size_t from = b->len;

	buf_str(b, "    ");
	buf_str(b, word);
	if (names[0] != '\0')
		buf_char(b, ' ');
	buf_str(b, names);
	if (b->len - from >= HELP_COLUMN) {
		buf_char(b, '\n');
		from = b->len;
	}
	pad_to(b, from, HELP_COLUMN);
	buf_str(b, help);
	buf_char(b, '\n');
}

void usage_print(const char *program, int fd)
{
	char text[TEXT_SIZE];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, "usage: ");
	buf_str(&b, program);
	buf_str(&b, " [OPTIONS...] [--] COMMAND [ARGS...]\n");
#define SECTION(name, is_own)                                   section(&b, name);
#define OPT(word, n, names, takes, handler, param, paths, help) option(&b, word, names, help);
#include "launcher/options.def"
#undef OPT
#undef SECTION
	(void)fd_write_all(fd, text, b.len);
}
