/* SPDX-License-Identifier: MIT */
#include "base/num.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

static bool parse(const char *s, unsigned int base, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		unsigned int d = (unsigned int)digit(*s);

		if (d >= base || d > max || v > (max - d) / base)
			return false;
		v = v * base + d;
	}
	*ret = v;
	return true;
}

bool num_decimal(const char *s, uint64_t max, uint64_t *ret)
{
	return parse(s, 10, max, ret);
}

bool num_octal(const char *s, uint64_t max, uint64_t *ret)
{
	return parse(s, 8, max, ret);
}

bool num_any_base(const char *s, uint64_t max, uint64_t *ret)
{
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return parse(s + 2, 16, max, ret);
	if (s[0] == '0' && s[1] != '\0')
		return parse(s + 1, 8, max, ret);
	return parse(s, 10, max, ret);
}
