/* SPDX-License-Identifier: MIT */
#include "policy/problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "policy/plain.h"

int problem_set(struct problem *e, int errnum, const char *format, ...)
{
	va_list args;

	if (e == NULL)
		return -errnum;
	va_start(args, format);
	(void)vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	/* it quotes files that others wrote, and goes to a terminal */
	plain_make(e->text);
	return -errnum;
}
