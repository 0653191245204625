/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/run.h"
#include "policy/plain.h"

/* So many are shown; the rest is counted. */
#define SHOWN_MAX 40

struct listing {
	size_t n;
};

static int show(void *ctx, enum scratch_change change, const char *path, bool is_dir)
{
	static const char *const words[] = {"added", "changed", "deleted"};
	struct listing *l = ctx;

	if (l->n++ < SHOWN_MAX) {
		(void)fprintf(stderr, "    %-8s ", words[change]);
		plain_put(path, stderr);
		(void)fputs(is_dir ? "/\n" : "\n", stderr);
	}
	return 0;
}

/* A sentence with paths in it. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char text[3 * PATH_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)fputs("postern: ", stderr);
	plain_put(text, stderr);
	(void)fputc('\n', stderr);
}

void run_scratch(struct run *run, bool has_run, bool succeeded)
{
	struct scratch *s = &run->plan.scratch;
	bool keep = run_options_has(run->options, RUN_OPTION_SCRATCH_KEEP);
	struct listing l = {.n = 0};
	struct problem e;

	if (!has_run) {
		(void)scratch_drop(s, &e);
		return;
	}
	if (run->plan.has_view)
		scratch_settle(s, &run->plan.view);
	say("changes below %s:", s->dir);
	if (scratch_list(s, show, &l, &e) != 0) {
		(void)cli_complain("run: %s", e.text);
		return;
	}
	if (l.n > SHOWN_MAX)
		(void)fprintf(stderr, "    and %zu more\n", l.n - SHOWN_MAX);
	if (l.n == 0)
		(void)fputs("    none\n", stderr);
	if (l.n == 0 || run_options_has(run->options, RUN_OPTION_SCRATCH_DROP)) {
		if (scratch_drop(s, &e) != 0)
			(void)cli_complain("run: %s", e.text);
		else if (l.n > 0)
			say("they were dropped");
	} else if (keep && succeeded) {
		if (scratch_keep(s, &e) != 0)
			say("run: %s; they are still in %s", e.text, s->upper);
		else
			say("they were made in %s", s->dir);
	} else {
		say("they are in %s, and %s is as it was%s", s->upper, s->dir,
		    keep ? ", because the command failed" : "");
	}
}
