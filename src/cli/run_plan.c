/* SPDX-License-Identifier: MIT */
#include "cli/run_plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "host/facts_read.h"
#include "policy/landlock.h"
#include "policy/plain.h"

extern char **environ;

static int refuse(const struct run_plan *p, const struct problem *e)
{
	return cli_complain("%s: %s", run_command_name(p->command), e->text);
}

void run_plan_note(struct run_plan *p, const char *format, ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	plain_make(text);
	for (size_t i = 0; i < p->n_notes; i++)
		if (strcmp(p->notes[i], text) == 0)
			return;
	if (p->command == RUN_COMMAND_R)
		(void)fprintf(stderr, "postern: %s\n", text);
	if (p->n_notes < RUN_NOTES_MAX)
		p->notes[p->n_notes] = strdup(text);
	if (p->n_notes < RUN_NOTES_MAX && p->notes[p->n_notes] != NULL)
		p->n_notes++;
}

/* WSL1 translates system calls: what a sandbox is made of is accepted there, or half of it, and holds nothing. */
static bool is_wsl1(void)
{
	static struct facts facts;
	const struct reading r = {.f = &facts, .root = "", .launcher = "", .priv = ""};
	char version[200];

	/* on every other host this is all that is read */
	if (!read_text(&r, "/proc/version", version, sizeof(version)) ||
	    (strcasestr(version, "microsoft") == NULL && strcasestr(version, "wsl") == NULL))
		return false;
	facts_init(&facts);
	read_system(&r);
	return fact_is(&facts, FACT_WSL, "1");
}

static int find_programs(struct run_plan *p, const char *launcher)
{
	const char *name = run_command_name(p->command);
	int r = programs_find(&p->programs, launcher);

	if (r < 0)
		return cli_complain("%s: cannot look up the path of --launcher: %s", name,
				    strerror(-r));
	if (access(p->programs.launcher, X_OK) < 0)
		return cli_complain(
			"%s: the launcher %s cannot be executed: %s; is postern installed?", name,
			p->programs.launcher, strerror(errno));
	programs_beside(&p->programs, PROGRAM_INSIDE, p->inside);
	if (access(p->inside, X_OK) < 0)
		return cli_complain("%s: %s cannot be executed: %s; is postern installed?", name,
				    p->inside, strerror(errno));
	return 0;
}

/* Who names one socket must not believe that it is the only one. "/" is for who means all. */
static void say_sockets(struct run_plan *p)
{
	const struct policy *policy = &p->policy.policy;

	if (policy->network == POLICY_NET_HOST)
		return;
	for (size_t i = 0; i < policy->n_unix_sockets; i++)
		if (strcmp(policy->unix_sockets[i], "/") == 0)
			return;
	if (policy->n_unix_sockets > 0)
		run_plan_note(
			p,
			"with --allow-unix-socket every Unix socket that the sandbox shows can be "
			"connected to, not %s alone, as a filter cannot tell them apart; --deny the "
			"directories of the others",
			policy->unix_sockets[0]);
}

static int choose_backend(struct run_plan *p)
{
	const struct policy *policy = &p->policy.policy;
	struct problem e;
	int r = 0;

	if (is_wsl1())
		return cli_complain(
			"%s: this is WSL1, which has no namespaces and cannot hold any "
			"policy: convert this distribution to WSL2 (wsl --set-version NAME "
			"2, in Windows); nothing was run",
			run_command_name(p->command));
	if (policy->backend == POLICY_BACKEND_LANDLOCK) {
		p->by_landlock = true;
		r = landlock_expressible(policy, &e);
	}
	return r == 0 ? 0 : refuse(p, &e);
}

int run_plan(struct run_plan *ret, enum run_command command, const struct run_options *o)
{
	const struct policy *policy = &ret->policy.policy;
	struct problem e;
	int r;

	*ret = (struct run_plan){.command = command};
	r = run_policy(&ret->policy, command, o);
	if (r == 0)
		r = find_programs(ret, run_options_value(o, RUN_OPTION_LAUNCHER));
	if (r == 0)
		r = choose_backend(ret);
	if (r != 0)
		return r;
	state_open(&ret->state);
	ret->has_state = true;
	say_sockets(ret);
	ret->env = run_env(policy, environ);
	if (ret->env == NULL)
		return cli_complain("out of memory");
	if (policy->scratch == NULL || command != RUN_COMMAND_R)
		return 0;
	if (scratch_begin(&ret->scratch, &ret->state, policy->scratch, &e) != 0)
		return refuse(ret, &e);
	ret->has_scratch = true;
	return 0;
}

static void forget_stage(struct run_plan *p)
{
	if (p->has_stage)
		stage_free(&p->stage);
	p->has_stage = false;
	for (size_t i = 0; i < p->n_lines; i++)
		free((char *)(uintptr_t)p->lines[i].rule);
	free(p->lines);
	p->lines = NULL;
	p->n_lines = 0;
}

static void forget_view(struct run_plan *p)
{
	forget_stage(p);
	if (p->has_view)
		view_free(&p->view);
	p->has_view = false;
}

static int look(struct run_plan *p, struct problem *e)
{
	const char *const visible[] = {p->inside, p->also_visible, NULL};
	const struct view_wish wish = {
		.state = &p->state,
		.visible = visible,
		.scratch_upper = p->has_scratch ? p->scratch.upper : NULL,
		.scratch_work = p->has_scratch ? p->scratch.work : NULL,
	};
	int r;

	forget_view(p);
	r = view_make(&p->policy.policy, &wish, &p->view, e);
	p->has_view = r == 0;
	return r;
}

int run_plan_look(struct run_plan *p)
{
	struct problem e = {.text = ""};

	return look(p, &e) == 0 ? 0 : refuse(p, &e);
}

/* A working directory that is not shown is none to start in. */
static void choose_cwd(struct run_plan *p)
{
	const char *cwd = p->policy.policy.cwd;
	const struct view_line *l = view_find(&p->view, cwd);
	bool is_shown = l != NULL && l->kind != VIEW_ROOT && l->access != POLICY_DENY;

	free(p->cwd);
	p->cwd = strdup(is_shown ? cwd : "/");
	if (!is_shown)
		run_plan_note(p, "the sandbox does not show %s: the command starts in /", cwd);
}

int run_plan_view(struct run_plan *p, bool only_look)
{
	struct problem e = {.text = ""};
	int r;

	if (p->by_landlock) {
		p->cwd = p->cwd != NULL ? p->cwd : strdup(p->policy.policy.cwd);
		return p->cwd != NULL ? 0 : cli_complain("out of memory");
	}
	for (int tries = 0;; tries++) {
		r = look(p, &e);
		if (r != 0 || only_look)
			break;
		p->has_residue = true;
		r = residue_claim(&p->residue, &p->state, &p->view, &e);
		if (r != -EAGAIN || tries == RESIDUE_TRIES)
			break;
	}
	if (r == -EAGAIN)
		(void)problem_set(
			&e, EAGAIN,
			"the files that the policy names change faster than they can be looked "
			"at; try again");
	if (r != 0)
		return refuse(p, &e);
	if (only_look)
		view_forget_sources(&p->view);
	choose_cwd(p);
	return p->cwd != NULL ? 0 : cli_complain("out of memory");
}

/* The view in the words of who explains denials. */
static int make_lines(struct run_plan *p)
{
	char why[256];

	p->lines = calloc(p->view.n_lines + 1, sizeof(*p->lines));
	if (p->lines == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < p->view.n_lines; i++) {
		const struct view_line *l = &p->view.lines[i];

		why[0] = '\0';
		view_line_why(l, why, sizeof(why));
		p->lines[i] = (struct notify_line){
			.path = l->path, .access = l->access, .rule = strdup(why)};
		p->n_lines++;
		if (p->lines[i].rule == NULL)
			return -ENOMEM;
	}
	return 0;
}

int run_plan_stage(struct run_plan *p, bool wants_report, int stderr_fd)
{
	const struct policy *policy = &p->policy.policy;
	struct stage_wish wish = {
		.policy = policy,
		.env = p->env,
		.inside = p->inside,
		.report = wants_report,
		.stderr_fd = stderr_fd,
		.pids = policy->limits.pids,
		.by_landlock = p->by_landlock,
	};
	struct problem e = {.text = ""};

	forget_stage(p);
	if (p->has_view && (wants_report || policy_has_access(policy, POLICY_APPEND)) &&
	    make_lines(p) != 0)
		return cli_complain("out of memory");
	wish.lines = p->lines;
	wish.n_lines = p->n_lines;
	p->has_stage = true;
	if (stage_plan(&wish, &p->stage, &e) != 0)
		return refuse(p, &e);
	if (p->stage.lacks_filter)
		run_plan_note(
			p,
			"this kernel has no system call filters: a network namespace alone keeps the network away, and "
			"Unix sockets that the sandbox shows can be connected to");
	return 0;
}

void run_plan_end(struct run_plan *p)
{
	if (p->has_residue)
		residue_end(&p->residue);
	p->has_residue = false;
}

void run_plan_free(struct run_plan *p)
{
	run_plan_end(p);
	forget_view(p);
	if (p->has_scratch)
		scratch_free(&p->scratch);
	if (p->has_state)
		state_close(&p->state);
	run_env_free(p->env);
	run_policy_free(&p->policy);
	for (size_t i = 0; i < p->n_notes; i++)
		free(p->notes[i]);
	free(p->cwd);
	*p = (struct run_plan){.command = p->command};
}
