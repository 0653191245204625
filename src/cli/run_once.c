/* SPDX-License-Identifier: MIT */
/*
 * One run: the policy becomes one call of the launcher, whose options go by a file, so that they may be many. The last stage
 * in the sandbox is postern-inside (inside/inside.h), which executes the command.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/cli.h"
#include "cli/run.h"
#include "policy/memfile.h"

extern char **environ;

/* The descriptor, or -errno with a problem. */
static int file_in_memory(const char *name, struct problem *e)
{
	int fd = memfile_open(name);

	return fd >= 0 ? fd
		       : problem_set(e, -fd, "no file in memory is to be had: %s", strerror(-fd));
}

/* The launcher's words: its options by a file, and by name what it starts. */
static const char **launcher_argv(struct run *run, int options_fd)
{
	const struct stage *s = &run->plan.stage;
	size_t n = 0;
	const char **argv = calloc(s->n_words + (size_t)run->n_command + 8, sizeof(*argv));

	if (argv == NULL)
		return NULL;
	if (!run->plan.by_landlock) {
		(void)snprintf(run->options_text, sizeof(run->options_text), "%d", options_fd);
		argv[n++] = "bwrap";
		argv[n++] = "--args";
		argv[n++] = run->options_text;
		argv[n++] = "--";
	}
	for (size_t i = 0; s->words[i] != NULL; i++)
		argv[n++] = s->words[i];
	argv[n++] = "--";
	for (int i = 0; i < run->n_command; i++)
		argv[n++] = run->command[i];
	return argv;
}

static void on_fork(void *ctx, pid_t pid)
{
	struct run *run = ctx;

	(void)pid;
	run_say_limits(run);
	stage_parent(&run->plan.stage);
	/* the end of what is inside is seen by the end of a pipe */
	words_free(&run->words);
	run->words = (struct words){.data = NULL};
}

static int in_child(void *ctx)
{
	struct run *run = ctx;

	if (run->plan.by_landlock) {
		/* the launcher's --die-with-parent */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		return chdir(run->plan.cwd) < 0 ? -errno : 0;
	}
	if (fcntl(run->options_fd, F_SETFD, 0) < 0 || fcntl(run->errors_fd, F_SETFD, 0) < 0)
		return -errno;
	return words_pass(&run->words);
}

/* The options of this start besides those of the policy. */
static int add_descriptors(struct run *run)
{
	struct words *w = &run->words;

	words_add(w, "--json-errors");
	words_add_number(w, run->errors_fd);
	return w->error;
}

static int prepare_launcher(struct run *run, struct problem *e)
{
	int r = run_words(&run->plan, &run->words, e);

	if (r == 0)
		r = residue_guard(&run->plan.residue, &run->words, e);
	if (r != 0)
		return r;
	run->errors_fd = file_in_memory("errors", e);
	if (run->errors_fd < 0)
		return run->errors_fd;
	r = add_descriptors(run);
	run->options_fd = r == 0 ? words_file(&run->words) : r;
	if (run->options_fd < 0)
		return problem_set(e, -run->options_fd, "cannot store the launcher's options: %s",
				   strerror(-run->options_fd));
	return 0;
}

/* What the launcher and postern-inside say before the command is there goes to a file, to be told in our words. */
static int catch_stderr(struct run *run, struct problem *e)
{
	run->said_fd = file_in_memory("stderr", e);
	return run->said_fd < 0 ? run->said_fd : 0;
}

/* Everything up to the end of the sandbox. 0, or -errno with a problem: nothing was run then. */
static int start(struct run *run, struct problem *e)
{
	const struct policy *policy = &run->plan.policy.policy;
	char **env = run->plan.by_landlock ? run_env_with(run->plan.env, &run->plan.stage.proxy)
					   : environ;
	struct run_start s = {
		.program = run->plan.by_landlock ? run->plan.inside : run->plan.programs.launcher,
		.env = env,
		.errors_fd = run->said_fd,
		.mask = &run->mask,
		.tty = policy->tty,
		.limits = &policy->limits,
		.forked = on_fork,
		.in_child = in_child,
		.ctx = run,
	};
	bool is_exec;
	int r;

	s.argv = launcher_argv(run, run->options_fd);
	r = s.argv != NULL && env != NULL ? 0 : problem_set(e, ENOMEM, "out of memory");
	if (r == 0) {
		r = run_start(&s, &run->ended, &is_exec);
		if (r != 0)
			(void)problem_set(e, -r, "%s cannot be %s: %s", s.program,
					  is_exec ? "executed" : "started", strerror(-r));
	}
	free((void *)(uintptr_t)s.argv);
	if (run->plan.by_landlock)
		run_env_free(env);
	return r;
}

void run_release(struct run *run)
{
	words_free(&run->words);
	run->words = (struct words){.data = NULL};
	fd_close(&run->options_fd);
	fd_close(&run->errors_fd);
	fd_close(&run->said_fd);
}

/* One try. 0, with what became of it in run; or the exit status where it did not come to a start. */
static int attempt(struct run *run)
{
	struct run_plan *p = &run->plan;
	struct problem e = {.text = ""};
	int r = run_plan_view(p, false), status;

	if (r == 0)
		r = run_plan_stage(p, run->report != NULL, run->stderr_fd);
	if (r != 0)
		return r;
	if (p->by_landlock)
		run_adopt();
	status = catch_stderr(run, &e);
	if (status == 0 && !p->by_landlock)
		status = prepare_launcher(run, &e);
	if (status == 0)
		status = stage_start(&p->stage, &e);
	if (status == 0) {
		status = start(run, &e);
		stage_end(&p->stage, &run->result);
	}
	if (p->by_landlock && !run_end_children())
		run_plan_note(
			p,
			"processes of the command's may be left: this kernel does not say which");
	run_plan_end(p);
	return status == 0 ? 0 : cli_complain("%s: %s", run_command_name(p->command), e.text);
}

/* Has the launcher failed for want of a procfs? Then once more without one of its own. */
static bool proc_is_refused(const struct run *run)
{
	return run->result.reached == STAGE_NOT_REACHED && !run->plan.policy.policy.no_proc &&
	       strcmp(run_error_id(run), "mount-proc") == 0;
}

void run_init(struct run *run)
{
	*run = (struct run){
		.report_fd = -1, .stderr_fd = -1, .said_fd = -1, .errors_fd = -1, .options_fd = -1};
}

void run_free(struct run *run)
{
	run_release(run);
	run_plan_free(&run->plan);
	fd_close(&run->report_fd);
	fd_close(&run->stderr_fd);
}

int run_once(struct run *run)
{
	int r;

	run->stderr_fd = fcntl(STDERR_FILENO, F_DUPFD, 3);
	if (run->stderr_fd < 0)
		return cli_complain("standard error is closed");
	run_hold_signals(&run->mask);
	r = attempt(run);

	if (r == 0 && proc_is_refused(run)) {
		run_plan_note(
			&run->plan,
			"this host refuses the sandbox a /proc of its own (a container masks "
			"parts of it): the command sees the host's, read-only; --no-proc says so "
			"beforehand");
		run->plan.policy.policy.no_proc = true;
		run_release(run);
		r = attempt(run);
	}
	return r;
}
