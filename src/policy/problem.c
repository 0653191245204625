/* SPDX-License-Identifier: MIT */
#include "policy/problem.h"

#include <stdarg.h>
#include <stdio.h>

int problem_set(struct problem *e, int errnum, const char *format, ...)
{
	va_list args;

	if (e == NULL)
		return -errnum;
	va_start(args, format);
	(void)vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	/* it quotes files that others wrote, and goes to a terminal */
	for (char *c = e->text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return -errnum;
}
