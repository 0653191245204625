/* SPDX-License-Identifier: MIT */
#include "launcher/output.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "launcher/refusal.h"

void output_warnings(const struct args *a)
{
	for (size_t i = 0; i < a->n_warnings; i++) {
		char text[128];
		struct buf b;

		buf_init(&b, text, sizeof(text));
		buf_str(&b, a->warnings[i].level_prefix ? "<4>bwrap: " : "bwrap: ");
		buf_str(&b, "Only the last ");
		buf_str(&b, a->warnings[i].option);
		buf_str(&b, " option will take effect\n");
		(void)fd_write_all(STDERR_FILENO, text, b.len);
	}
}

int output_error(const struct args *a, const struct err *e)
{
	struct refusal refusal = {.host = {NULL, NULL}};
	struct err shown;

	if (e->id == ERR_NO_COMMAND)
		usage_print(a->program, STDERR_FILENO);
	if (err_is_refusal(e))
		refusal_find(e, !(a->plan.flags & PLAN_MAY_FAIL), &refusal);
	if (refusal.is_why_moot) {
		shown = *e;
		shown.why = ERR_NONE;
		e = &shown;
	}
	err_print(e, &refusal.host, a->level_prefix, e->id != ERR_NO_COMMAND, a->errors_fd);
	return 1;
}

int output_version(void)
{
	static const char text[] = "bubblewrap 0.13.1\npostern " POSTERN_VERSION
				   ", compatible with the bubblewrap named above\n";

	return fd_write_all(STDOUT_FILENO, text, sizeof(text) - 1) < 0;
}

static void print_line(void *ctx, const char *line)
{
	(void)ctx;
	(void)fd_write_all(STDOUT_FILENO, line, strlen(line));
	(void)fd_write_all(STDOUT_FILENO, "\n", 1);
}

int output_plan(const struct args *a)
{
	return plan_print(&a->plan, print_line, NULL) ? 0 : 1;
}
