/* SPDX-License-Identifier: MIT */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/cli.h"

/* A bad --report is found before anything has run. */
static int open_report(struct run *run)
{
	char *end;
	long fd;

	run->report_fd = -1;
	if (run->report == NULL)
		return 0;
	fd = strtol(run->report, &end, 10);
	if (*end == '\0') {
		if (fd > 0 && fd < 65536 && fcntl((int)fd, F_GETFL) >= 0)
			run->report_fd = fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
		return run->report_fd >= 0
			       ? 0
			       : cli_complain(
					 "run: --report %s: this descriptor is not open; write "
					 "./%s for a file of that name",
					 run->report, run->report);
	}
	run->report_fd =
		open(run->report, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
		     0600);
	return run->report_fd >= 0 ? 0
				   : cli_complain("run: cannot write --report %s: %s", run->report,
						  strerror(errno));
}

static int scratch_words(const struct run_options *o)
{
	bool keep = run_options_has(o, RUN_OPTION_SCRATCH_KEEP),
	     drop = run_options_has(o, RUN_OPTION_SCRATCH_DROP);

	if (keep && drop)
		return cli_complain("run: give one of --scratch-keep and --scratch-drop");
	if ((keep || drop) && !run_options_has(o, RUN_OPTION_SCRATCH))
		return cli_complain(
			"run: %s needs --scratch DIR",
			run_option_word(keep ? RUN_OPTION_SCRATCH_KEEP : RUN_OPTION_SCRATCH_DROP));
	return 0;
}

static int with_options(struct run *run, const struct run_options *o)
{
	int r;

	if (o->n_rest == 0)
		return cli_complain("run: say what to run, for example: postern run -- ls");
	run->command = o->rest;
	run->n_command = o->n_rest;
	run->options = o;
	run->report = run_options_value(o, RUN_OPTION_REPORT);
	r = scratch_words(o);
	if (r == 0)
		r = open_report(run);
	if (r != 0)
		return r;
	r = run_plan(&run->plan, RUN_COMMAND_R, o);
	if (r == 0)
		r = run_once(run);
	return run_conclude(run, r);
}

int cli_run(int argc, char **argv)
{
	static struct run run;
	struct run_options o;
	int r;

	fd_plug();
	run_init(&run);
	r = run_options(&o, RUN_COMMAND_R, argc, argv);
	if (r == 0)
		r = o.help ? run_options_help(RUN_COMMAND_R) : with_options(&run, &o);
	run_free(&run);
	run_options_free(&o);
	if (run.raise != 0)
		run_raise(run.raise);
	return r;
}
