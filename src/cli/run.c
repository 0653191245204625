/* SPDX-License-Identifier: MIT */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/cli.h"
#include "policy/own_files.h"

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
	/* a pipe that nobody reads would keep us for ever */
	run->report_fd =
		open(run->report,
		     O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
		     0600);
	if (run->report_fd >= 0 && fcntl(run->report_fd, F_SETFL, 0) == 0)
		return 0;
	return cli_complain("run: cannot write --report %s: %s", run->report,
			    errno == ENXIO ? "it is a pipe that nobody reads" : strerror(errno));
}

/* What the command could put in its place would be believed. */
static int protect_report(struct run *run)
{
	char link[FD_LINK_MAX + 6], path[PATH_MAX];
	struct problem e;
	ssize_t n;

	if (run->report_fd < 0)
		return 0;
	(void)stpcpy(link, "/proc/");
	fd_link(run->report_fd, link + strlen(link));
	n = readlink(link, path, sizeof(path) - 1);
	/* a pipe, or a socket */
	if (n <= 0 || path[0] != '/')
		return 0;
	path[n] = '\0';
	return own_files_protect(&run->plan.policy.policy, path, "--report", &e) == 0
		       ? 0
		       : cli_complain("run: --report %s: %s", run->report, e.text);
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
		r = protect_report(run);
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
