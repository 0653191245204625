/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/run.h"
#include "policy/plain.h"
#include "policy/report.h"

#define SAID_MAX 8192

/* A file in memory, as a text. */
static void read_memory(int fd, char *ret, size_t size)
{
	ssize_t n = fd >= 0 ? pread(fd, ret, size - 1, 0) : 0;

	ret[n > 0 ? n : 0] = '\0';
}

const char *run_error_id(const struct run *run)
{
	static char id[40];
	char json[SAID_MAX], *at, *end;

	id[0] = '\0';
	read_memory(run->errors_fd, json, sizeof(json));
	at = strstr(json, "\"id\": \"");
	if (at == NULL)
		return id;
	at += strlen("\"id\": \"");
	end = strchr(at, '"');
	if (end != NULL && (size_t)(end - at) < sizeof(id))
		(void)snprintf(id, sizeof(id), "%.*s", (int)(end - at), at);
	return id;
}

/* Line by line. */
static void put_lines(char *text)
{
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		plain_put(line, stderr);
		(void)fputc('\n', stderr);
	}
}

/* The launcher's two lines: what failed, and doctor's verdict with the fix (or the hint). */
static void say_refusal(const struct run *run, struct run_outcome *o)
{
	char said[SAID_MAX], *first = said;
	size_t n;

	read_memory(run->said_fd, said, sizeof(said));
	if (strncmp(first, "bwrap: ", 7) == 0)
		first += 7;
	n = strcspn(first, "\n");
	(void)snprintf(o->error_id, sizeof(o->error_id), "%s", run_error_id(run));
	if (n == 0)
		(void)snprintf(o->text, sizeof(o->text), "the launcher was ended by signal %d",
			       run->ended.signal);
	else
		(void)snprintf(o->text, sizeof(o->text), "%.*s", (int)n, first);
	plain_make(o->text);
	(void)fprintf(stderr, "postern: run: no sandbox could be made, nothing was run: %s\n",
		      o->text);
	if (first[n] == '\n')
		put_lines(first + n + 1);
}

/* What a shell takes for a variable before a command. */
static bool is_assignment(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return n > 0 && word[n] == '=';
}

static void no_exec(const struct run *run, struct run_outcome *o)
{
	int e = run->result.errnum;

	o->cause = REPORT_EXEC;
	o->exit_status = e == ENOENT ? 127 : 126;
	if (is_assignment(run->command[0]))
		(void)snprintf(o->text, sizeof(o->text),
			       "there is no command %s; a variable is set by --env %s",
			       run->command[0], run->command[0]);
	else if (e == ENOENT && strchr(run->command[0], '/') == NULL)
		(void)snprintf(o->text, sizeof(o->text),
			       "there is no command %s in the sandbox's PATH", run->command[0]);
	else
		(void)snprintf(o->text, sizeof(o->text), "cannot execute %s in the sandbox: %s",
			       run->command[0], strerror(e));
	(void)cli_complain("run: %s", o->text);
}

/* The command ran, and has ended in some way. */
static void command_ended(struct run *run, struct run_outcome *o)
{
	int status = run->ended.status;

	o->exit_status = o->status = status;
	o->cause = REPORT_EXIT;
	if (status > 128 && status <= 128 + SIGRTMAX) {
		o->cause = REPORT_SIGNAL;
		o->status = status - 128;
		/* a caller that was interrupted sees that we were, too */
		if (o->status == run->ended.passed_signal)
			run->raise = o->status;
	}
	if (run->ended.memory_hit)
		(void)fputs(
			"postern: the command was short of memory; the limit on memory (--memory) was reached\n",
			stderr);
}

static void timed_out(const struct run *run, struct run_outcome *o)
{
	o->cause = REPORT_TIMEOUT;
	o->exit_status = 124;
	o->status = run->ended.status;
	(void)snprintf(o->text, sizeof(o->text), "ended after %" PRIu64 " ms: --timeout",
		       run->ended.duration_ms);
	(void)fprintf(stderr, "postern: the command was %s\n", o->text);
}

void run_judge(struct run *run, struct run_outcome *o)
{
	o->exit_status = 125;
	o->cause = REPORT_SETUP;
	if (run->ended.timed_out) {
		timed_out(run, o);
	} else if (run->result.reached == STAGE_COMMAND) {
		command_ended(run, o);
	} else if (run->result.reached == STAGE_NO_EXEC) {
		no_exec(run, o);
	} else if (run->result.reached == STAGE_FAILED) {
		(void)snprintf(o->text, sizeof(o->text), "%s", run->result.text);
		plain_make(o->text);
		(void)cli_complain("run: no sandbox could be made, nothing was run: %s", o->text);
	} else if (run->ended.passed_signal != 0) {
		o->cause = REPORT_SIGNAL;
		o->status = run->raise = run->ended.passed_signal;
		o->exit_status = 128 + run->raise;
	} else {
		say_refusal(run, o);
	}
	if (run->result.bridge_failed)
		run_plan_note(&run->plan, "the bridge to the proxy ended before the command did");
}

void run_say_limits(struct run *run)
{
	static const char *const weak[LIMIT_KINDS] = {"it counts for each process by itself",
						      "it counts what is in this sandbox", ""};
	const struct limits *l = &run->ended.limits;

	for (int k = 0; k < LIMIT_KINDS; k++)
		if (l->by[k] == LIMIT_NOT_HELD)
			run_plan_note(&run->plan, "nothing here holds the limit on %s: %s",
				      limit_name(k), l->why_not);
		else if (l->by[k] == LIMIT_BY_RLIMIT)
			run_plan_note(&run->plan, "the limit on %s is held by setrlimit(2), %s: %s",
				      limit_name(k), weak[k], l->why_not);
}

/* What holds which limit. */
static void limits(const struct run *run, char *ret[LIMIT_KINDS + 1])
{
	const struct limits *l = &run->ended.limits;
	int n = 0;

	for (int k = 0; k < LIMIT_KINDS; k++)
		if (l->by[k] != LIMIT_NOT_ASKED &&
		    asprintf(&ret[n], "%s: %s", limit_name(k), limit_holder_name(l->by[k])) >= 0)
			n++;
	ret[n] = NULL;
}

static int write_report(struct run *run, const struct run_outcome *o)
{
	const struct policy *p = &run->plan.policy.policy;
	char *held[LIMIT_KINDS + 1] = {NULL};
	struct report r = {
		.exit_status = o->exit_status,
		.cause = o->cause,
		.status = o->status,
		.text = o->text[0] != '\0' ? o->text : NULL,
		.error_id = o->error_id[0] != '\0' ? o->error_id : NULL,
		.mode = run->plan.by_landlock ? "landlock" : "namespaces",
		.preset = p->preset,
		.network = policy_network_name(p->network),
		.command = (const char *const *)(uintptr_t)run->command,
		.duration_ms = run->ended.duration_ms,
	};
	int e;

	limits(run, held);
	r.limits = (const char *const *)(uintptr_t)held;
	r.notes = (const char *const *)(uintptr_t)run->plan.notes;
	if (run->plan.has_stage && run->result.reached != STAGE_NOT_REACHED)
		r.denials = run->plan.stage.denials;
	if (run->plan.has_stage)
		r.denials_why = run->plan.stage.denials_why;
	if (run->report_fd < 0)
		e = 0;
	else
		e = report_write(&r, run->report_fd);
	for (int k = 0; k < LIMIT_KINDS; k++)
		free(held[k]);
	return e == 0 ? 0
		      : cli_complain("run: cannot write --report %s: %s", run->report,
				     strerror(-e));
}

int run_conclude(struct run *run, int status)
{
	struct run_outcome o = {.cause = REPORT_SETUP, .exit_status = status};
	int r;

	if (status == 0)
		run_judge(run, &o);
	else
		(void)snprintf(o.text, sizeof(o.text),
			       "the policy was refused; see standard error");
	if (run->plan.has_scratch)
		run_scratch(run, status == 0 && run->result.reached == STAGE_COMMAND,
			    o.cause == REPORT_EXIT && o.status == 0);
	r = write_report(run, &o);
	return r != 0 && o.exit_status == 0 ? r : o.exit_status;
}
