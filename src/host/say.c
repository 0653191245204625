/* SPDX-License-Identifier: MIT */
#include "host/say.h"

#include <string.h>

void say_value(const struct facts *f, enum fact id, size_t max, struct buf *b)
{
	const char *v = fact(f, id);
	size_t n = v != NULL ? strlen(v) : 0;

	if (n <= max) {
		buf_mem(b, v != NULL ? v : "", n);
		return;
	}
	/* not in the middle of a character */
	for (n = max; n > 0 && ((unsigned char)v[n] & 0xc0) == 0x80; n--)
		;
	buf_mem(b, v, n);
	buf_str(b, "...");
}

void say_fact(const struct facts *f, enum fact id, size_t max, struct buf *b)
{
	buf_str(b, fact_key(id));
	if (fact(f, id) == NULL) {
		buf_str(b, " is not known");
		return;
	}
	buf_char(b, '=');
	say_value(f, id, max, b);
}

bool say_evidence(const struct facts *f, const struct finding *what, size_t n, struct buf *b)
{
	bool first = true;

	for (size_t i = 0; i < what->n_evidence && n > 0; i++) {
		if (what->evidence[i] == FACT_FAILED_STEP || what->evidence[i] == FACT_FAILED_ERRNO)
			continue;
		if (!first)
			buf_str(b, ", ");
		say_fact(f, what->evidence[i], 60, b);
		first = false;
		n--;
	}
	return !first;
}

void say_finding(const struct facts *f, const struct finding *what, struct buf *b)
{
	char text[160];
	struct buf evidence;

	buf_str(b, class_title(what->class));
	if (what->n_evidence == 0)
		return;
	buf_init(&evidence, text, sizeof(text));
	say_fact(f, what->evidence[0], 40, &evidence);
	if (strstr(class_title(what->class), text) != NULL)
		return;
	buf_str(b, " (");
	buf_str(b, text);
	buf_char(b, ')');
}
