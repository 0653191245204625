/* SPDX-License-Identifier: MIT */
#include "host/direction.h"

unsigned int direction_char(const char *s, size_t *ret_len)
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned int code;

	if (u[0] == 0xd8 && u[1] == 0x9c) {
		*ret_len = 2;
		return 0x061c;
	}
	if (u[0] != 0xe2 || (u[1] != 0x80 && u[1] != 0x81) || u[2] < 0x80 || u[2] > 0xbf)
		return 0;
	code = 0x2000U | (u[1] & 0x3fU) << 6 | (u[2] & 0x3fU);
	if (code != 0x200e && code != 0x200f && (code < 0x202a || code > 0x202e) &&
	    (code < 0x2066 || code > 0x2069))
		return 0;
	*ret_len = 3;
	return code;
}
