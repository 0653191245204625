/* SPDX-License-Identifier: MIT */
#include "policy/problem.h"

#include <stdarg.h>
#include <stdio.h>

int problem_set(struct problem *e, int errnum, const char *format, ...)
{
	va_list args;

	if (e != NULL) {
		va_start(args, format);
		(void)vsnprintf(e->text, sizeof(e->text), format, args);
		va_end(args);
	}
	return -errnum;
}
