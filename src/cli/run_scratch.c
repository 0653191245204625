/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/run.h"

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
		/* names are the command's, and this is a terminal */
		for (const char *c = path; *c != '\0'; c++)
			(void)fputc((unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c, stderr);
		(void)fputs(is_dir ? "/\n" : "\n", stderr);
	}
	return 0;
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
	(void)fprintf(stderr, "postern: changes below %s:\n", s->dir);
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
			(void)fputs("postern: they were dropped\n", stderr);
	} else if (keep && succeeded) {
		if (scratch_keep(s, &e) != 0)
			(void)cli_complain("run: %s; they are still in %s", e.text, s->upper);
		else
			(void)fprintf(stderr, "postern: they were made in %s\n", s->dir);
	} else {
		(void)fprintf(stderr, "postern: they are in %s, and %s is as it was%s\n", s->upper,
			      s->dir, keep ? ", because the command failed" : "");
	}
}
