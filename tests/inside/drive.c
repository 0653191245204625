/* SPDX-License-Identifier: MIT */
/*
 * drive LAUNCHER INSIDE [WORD]... -- COMMAND...: what `postern run` does with a stage (policy/stage.h), and nothing else of it.
 *
 *	network=none|proxy|host  proxy=URL  unix=PATH  local=1  base=platform|read|write  landlock=1  keep=FD
 *	write=PATH  append=PATH  deny=PATH  read=PATH	a rule, and a line of the view
 *	launch=WORD		one more word for the launcher
 *	result=FILE		gets "REACHED ERRNO STATUS BRIDGE TEXT"; REACHED is that of enum stage_reached
 *	report=FILE		gets the report
 *
 * It ends as the launcher does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/report.h"
#include "policy/stage.h"

extern char **environ;

struct drive {
	struct policy policy;
	struct policy_rule rules[16];
	struct notify_line lines[16];
	char *proxies[16], *sockets[4];
	const char *launch[64];
	size_t n_launch;
	int keep[8];
	size_t n_keep;
	const char *result, *report;
	bool by_landlock;
};

static const char *value_of(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

/* The words outlive everything, and nobody writes there. */
static char *word_text(const char *text)
{
	return (char *)(uintptr_t)text;
}

static void add_rule(struct drive *d, enum policy_access access, const char *word, const char *path)
{
	d->rules[d->policy.n_rules] = (struct policy_rule){
		.access = access,
		.path = word_text(path),
		.origin = {.layer = POLICY_COMMAND, .word = word},
	};
	d->lines[d->policy.n_rules++] =
		(struct notify_line){.path = word_text(path), .access = access, .rule = word};
}

static void read_word(struct drive *d, const char *word)
{
	const char *v;

	if ((v = value_of(word, "network")) != NULL)
		d->policy.network = v[0] == 'n'   ? POLICY_NET_NONE
				    : v[0] == 'p' ? POLICY_NET_PROXY
						  : POLICY_NET_HOST;
	else if ((v = value_of(word, "base")) != NULL)
		d->policy.base = v[0] == 'p'   ? POLICY_PLATFORM
				 : v[0] == 'w' ? POLICY_ROOT_WRITE
					       : POLICY_ROOT_READ;
	else if ((v = value_of(word, "proxy")) != NULL)
		d->proxies[d->policy.n_proxies++] = word_text(v);
	else if ((v = value_of(word, "unix")) != NULL)
		d->sockets[d->policy.n_unix_sockets++] = word_text(v);
	else if (value_of(word, "local") != NULL)
		d->policy.local_binding = true;
	else if (value_of(word, "landlock") != NULL)
		d->by_landlock = true;
	else if ((v = value_of(word, "keep")) != NULL)
		d->keep[d->n_keep++] = atoi(v);
	else if ((v = value_of(word, "write")) != NULL)
		add_rule(d, POLICY_WRITE, "--write", v);
	else if ((v = value_of(word, "append")) != NULL)
		add_rule(d, POLICY_APPEND, "--write-no-delete", v);
	else if ((v = value_of(word, "deny")) != NULL)
		add_rule(d, POLICY_DENY, "--deny", v);
	else if ((v = value_of(word, "read")) != NULL)
		add_rule(d, POLICY_READ, "--read", v);
	else if ((v = value_of(word, "launch")) != NULL)
		d->launch[d->n_launch++] = v;
	else if ((v = value_of(word, "result")) != NULL)
		d->result = v;
	else if ((v = value_of(word, "report")) != NULL)
		d->report = v;
	else
		exit(99);
}

static pid_t start(const struct drive *d, const struct stage *s, const char *launcher,
		   char **command)
{
	static const char *const ours[] = {"--ro-bind",
					   "/",
					   "/",
					   "--dev",
					   "/dev",
					   "--proc",
					   "/proc",
					   "--unshare-user",
					   "--unshare-pid",
					   "--unshare-ipc",
					   "--die-with-parent",
					   NULL};
	const char *argv[256];
	size_t n = 0;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (size_t i = 0; i < s->proxy.n_vars; i++) {
		if (s->proxy.vars[i].value != NULL)
			setenv(s->proxy.vars[i].name, s->proxy.vars[i].value, 1);
		else
			unsetenv(s->proxy.vars[i].name);
	}
	if (!d->by_landlock) {
		argv[n++] = launcher;
		for (size_t i = 0; ours[i] != NULL; i++)
			argv[n++] = ours[i];
		for (size_t i = 0; i < d->n_launch; i++)
			argv[n++] = d->launch[i];
		if (d->policy.network != POLICY_NET_HOST)
			argv[n++] = "--unshare-net";
		argv[n++] = "--";
	}
	for (size_t i = 0; i < s->n_words; i++)
		argv[n++] = s->words[i];
	argv[n++] = "--";
	while (*command != NULL && n < 255)
		argv[n++] = *command++;
	argv[n] = NULL;
	execv(argv[0], (char *const *)(unsigned long)argv);
	_exit(98);
}

static void write_report(const struct drive *d, const struct stage *s, int status)
{
	const char *const command[] = {"a", "b\xFF", NULL};
	const struct report r = {.exit_status = WEXITSTATUS(status),
				 .cause = REPORT_EXIT,
				 .status = WEXITSTATUS(status),
				 .preset = "read-only",
				 .network = "none",
				 .command = command,
				 .denials = s->denials,
				 .denials_why = s->denials_why};
	int fd = open(d->report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (report_write(&r, fd) < 0)
		exit(97);
	close(fd);
}

int main(int argc, char **argv)
{
	struct drive d = {.policy = {.preset = "read-only"}};
	struct stage_wish w = {
		.policy = &d.policy, .env = environ, .lines = d.lines, .stderr_fd = -1};
	struct stage_result result;
	struct problem e = {""};
	struct stage s;
	int i, status = 0, r;
	pid_t pid;

	if (argc < 4)
		return 99;
	for (i = 3; strcmp(argv[i], "--") != 0; i++)
		read_word(&d, argv[i]);
	d.policy.rules = d.rules;
	d.policy.proxies = d.proxies;
	d.policy.unix_sockets = d.sockets;
	w.inside = argv[2];
	w.report = d.report != NULL;
	w.n_lines = d.policy.n_rules;
	w.keep = d.keep;
	w.n_keep = d.n_keep;
	w.by_landlock = d.by_landlock;
	r = stage_plan(&w, &s, &e);
	if (r == 0)
		r = stage_start(&s, &e);
	if (r < 0) {
		fprintf(stderr, "%s\n", e.text);
		stage_free(&s);
		return 96;
	}
	pid = start(&d, &s, argv[1], argv + i + 1);
	stage_parent(&s);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	stage_end(&s, &result);
	if (d.result != NULL) {
		FILE *f = fopen(d.result, "w");

		fprintf(f, "%d %d %d %d %s\n", (int)result.reached, result.errnum,
			WEXITSTATUS(status), result.bridge_failed, result.text);
		fclose(f);
	}
	if (d.report != NULL)
		write_report(&d, &s, status);
	stage_free(&s);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
