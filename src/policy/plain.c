/* SPDX-License-Identifier: MIT */
#include "policy/plain.h"

#include "base/buf.h"

/* How many bytes are to be replaced here; 0: none, and *ret_len is how many to go on by. */
static size_t control_at(const char *s, size_t *ret_len)
{
	const unsigned char *c = (const unsigned char *)s;
	size_t n = buf_utf8_len(s);

	*ret_len = n > 0 ? n : 1;
	if (c[0] < ' ' || c[0] == 0x7f || (n == 0 && c[0] >= 0x80 && c[0] < 0xa0))
		return 1;
	return n == 2 && c[0] == 0xc2 && c[1] < 0xa0 ? 2 : 0;
}

void plain_make(char *text)
{
	size_t n;

	for (; *text != '\0'; text += n)
		for (size_t i = control_at(text, &n); i > 0; i--)
			text[i - 1] = '?';
}

void plain_put(const char *text, FILE *to)
{
	size_t n;

	for (; *text != '\0'; text += n) {
		if (control_at(text, &n) > 0)
			(void)fputc('?', to);
		else
			(void)fwrite(text, 1, n, to);
	}
}
