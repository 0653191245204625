/* SPDX-License-Identifier: MIT */
/*
 * postern verify: what the policy promises, tried from within its own sandbox, by a program that postern run starts there as
 * any other command; and the battery, on the sandbox that it makes for itself.
 */
#include "cli/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/cli.h"
#include "policy/memfile.h"

#define BATTERY_DEADLINE_MS 20000
#define VERIFY_TIMEOUT_MS   60000
#define NOTHING_RAN         3

/* What postern-battery is told: in memory, to be its standard input. */
static int questions(const struct verify *v)
{
	int fd = memfile_open("tries"), r = 0;

	for (size_t i = 0; r == 0 && fd >= 0 && i < v->n_aims; i++) {
		const char *kind = verify_try_name(v->aims[i].kind);

		r = fd_write_all(fd, kind, strlen(kind) + 1);
		if (r == 0)
			r = fd_write_all(fd, v->aims[i].what, strlen(v->aims[i].what) + 1);
	}
	if (r == 0 && fd >= 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	fd_close(&fd);
	return -1;
}

static char *read_answers(int fd)
{
	struct stat st;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return NULL;
	text = malloc((size_t)st.st_size + 1);
	n = text != NULL ? pread(fd, text, (size_t)st.st_size, 0) : -1;
	if (n >= 0)
		text[n] = '\0';
	return text;
}

/* postern run of postern-battery, with these as its first two descriptors. 0 or the exit status. */
static int run_battery(struct verify *v, int in, int out)
{
	static char option[] = "--promises";
	char *command[] = {v->run.plan.also_visible, option, NULL};
	int own_in = fcntl(0, F_DUPFD_CLOEXEC, 3), own_out = fcntl(1, F_DUPFD_CLOEXEC, 3), r;

	if (own_in < 0 || own_out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0)
		return cli_complain("verify: no descriptor is to be had: %s", strerror(errno));
	v->run.command = command;
	v->run.n_command = 2;
	r = run_once(&v->run);
	(void)dup2(own_in, 0);
	(void)dup2(own_out, 1);
	fd_close(&own_in);
	fd_close(&own_out);
	if (r == 0 && (v->run.result.reached != STAGE_COMMAND || v->run.ended.timed_out)) {
		struct run_outcome o = {.exit_status = 0};

		run_judge(&v->run, &o);
		r = NOTHING_RAN;
	}
	v->run.command = NULL;
	return r;
}

static int try_promises(struct verify *v)
{
	int in = questions(v), out = memfile_open("answers"), r;
	char *text = NULL;

	if (in < 0 || out < 0 || v->out_of_memory)
		r = cli_complain("verify: out of memory");
	else
		r = run_battery(v, in, out);
	if (r == 0) {
		text = read_answers(out);
		if (text == NULL)
			r = cli_complain("verify: out of memory");
		else
			verify_judge(v, text);
	}
	free(text);
	fd_close(&in);
	fd_close(&out);
	return r;
}

static void try_escape(struct verify *v)
{
	const struct battery battery = {.launcher = v->run.plan.programs.launcher,
					.inside = v->run.plan.also_visible,
					.deadline_ms = BATTERY_DEADLINE_MS};

	/* it attacks what the launcher makes, which Landlock alone is not */
	if (v->run.plan.by_landlock)
		return;
	v->has_battery =
		battery_run(&battery, v->battery, v->battery_error, sizeof(v->battery_error)) == 0;
}

static int print(const struct verify *v, const struct run_options *o)
{
	int r;

	if (run_options_has(o, RUN_OPTION_JSON))
		r = verify_json(v);
	else if (run_options_has(o, RUN_OPTION_PLAIN))
		r = verify_plain(v);
	else
		r = verify_text(v);
	return r == 0 ? verify_status(v)
		      : cli_complain("verify: cannot write to standard output: %s", strerror(-r));
}

static int with_options(struct verify *v, const struct run_options *o)
{
	struct run_plan *p = &v->run.plan;
	char inside[INSIDE_MAX];
	int r = run_plan(p, RUN_COMMAND_V, o);

	if (r != 0)
		return r;
	/* no promise of the policy's, and what is tried is quick */
	p->policy.policy.limits.timeout_ms = VERIFY_TIMEOUT_MS;
	p->policy.policy.tty = false;
	programs_beside(&p->programs, PROGRAM_BATTERY, inside);
	p->also_visible = inside;
	bait_make(&v->bait);
	r = run_plan_look(p);
	if (r == 0)
		r = run_plan_stage(p, false, -1);
	if (r == 0) {
		verify_aims(v);
		try_escape(v);
		r = try_promises(v);
	}
	bait_remove(&v->bait);
	if (r == 0)
		r = print(v, o);
	p->also_visible = NULL;
	return r;
}

static void forget(struct verify *v)
{
	for (size_t i = 0; i < v->n_promises; i++) {
		free(v->promises[i].text);
		free(v->promises[i].detail);
	}
	for (size_t i = 0; i < v->n_aims; i++)
		free(v->aims[i].what);
	for (size_t i = 0; i < v->n_absent; i++)
		free(v->absent[i]);
	free(v->absent);
	free(v->promises);
	free(v->aims);
}

int cli_verify(int argc, char **argv)
{
	static struct verify v;
	struct run_options o;
	int r;

	fd_plug();
	r = run_options(&o, RUN_COMMAND_V, argc, argv);
	if (r == 0 && o.help) {
		r = run_options_help(RUN_COMMAND_V);
	} else if (r == 0 && o.n_rest > 0) {
		r = cli_complain(
			"verify: \"%s\" is no option; what is tried inside is postern's own, so it "
			"takes no command",
			o.rest[0]);
	} else if (r == 0 && run_options_has(&o, RUN_OPTION_JSON) &&
		   run_options_has(&o, RUN_OPTION_PLAIN)) {
		r = cli_complain("verify: give one of --json and --plain");
	} else if (r == 0) {
		run_init(&v.run);
		r = with_options(&v, &o);
		run_free(&v.run);
		forget(&v);
	}
	run_options_free(&o);
	return r;
}
