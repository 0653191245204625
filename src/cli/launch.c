/* SPDX-License-Identifier: MIT */
#include "cli/launch.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/child.h"
#include "cli/messages.h"

struct start {
	const struct programs *programs;
	const struct identity *who;
	bool has_proc;
};

int programs_find(struct programs *ret, const char *launcher)
{
	char cwd[PATH_MAX] = "";
	bool is_relative = launcher != NULL && launcher[0] != '/';

	(void)snprintf(ret->priv, sizeof(ret->priv), "%s", POSTERN_PRIVDIR "/postern-priv");
	if (is_relative && getcwd(cwd, sizeof(cwd)) == NULL)
		return -errno;
	if ((size_t)snprintf(ret->launcher, sizeof(ret->launcher), "%s%s%s", cwd,
			     is_relative ? "/" : "",
			     launcher != NULL ? launcher : POSTERN_LIBEXECDIR "/bwrap") >=
	    sizeof(ret->launcher))
		return -ENAMETOOLONG;
	return 0;
}

void programs_beside(const struct programs *p, const char *name, char ret[INSIDE_MAX])
{
	int dir = (int)(strrchr(p->launcher, '/') - p->launcher);
	char real[PATH_MAX];

	(void)snprintf(ret, INSIDE_MAX, "%.*s/%s", dir, p->launcher, name);
	if (access(ret, X_OK) < 0)
		(void)snprintf(ret, INSIDE_MAX, POSTERN_LIBEXECDIR "/%s", name);
	/* a sandbox shows the program itself, and not the links on the way (a NAS installs its packages behind some) */
	if (realpath(ret, real) != NULL && strlen(real) < INSIDE_MAX)
		(void)snprintf(ret, INSIDE_MAX, "%s", real);
}

static int start(void *ctx)
{
	const struct start *s = ctx;
	char inside[INSIDE_MAX];
	const char *const argv[] = {s->programs->launcher,
				    "--ro-bind",
				    "/",
				    "/",
				    "--dev",
				    "/dev",
				    "--unshare-user",
				    "--unshare-pid",
				    "--unshare-net",
				    "--unshare-ipc",
				    "--unshare-uts",
				    "--new-session",
				    "--die-with-parent",
				    s->has_proc ? "--proc" : "--",
				    s->has_proc ? "/proc" : inside,
				    s->has_proc ? "--" : "--observe",
				    s->has_proc ? inside : NULL,
				    "--observe",
				    NULL};
	/* The least that programs ask for; nothing of the caller's may decide how this ends. */
	const char *const env[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};

	if (s->who != NULL && identity_enter(s->who) < 0)
		return 125;
	programs_beside(s->programs, PROGRAM_BATTERY, inside);
	/* execve changes neither */
	(void)execve(s->programs->launcher, (char *const *)(uintptr_t)argv,
		     (char *const *)(uintptr_t)env);
	(void)dprintf(2, "%s: %s\n", s->programs->launcher, strerror(errno));
	return 126;
}

/* The value of a line KEY=VALUE of out, into ret. False if there is none. */
static bool line_value(const char *out, const char *key, char *ret, size_t size)
{
	size_t n = strlen(key), len;

	while (strncmp(out, key, n) != 0 || out[n] != '=') {
		out = strchr(out, '\n');
		if (out == NULL)
			return false;
		out++;
	}
	len = strcspn(out + n + 1, "\n");
	if (len >= size)
		len = size - 1;
	memcpy(ret, out + n + 1, len);
	ret[len] = '\0';
	return true;
}

static void observed(struct facts *f, const char *out)
{
	char value[FACT_VALUE_MAX];
	struct stat own;
	uint64_t inode;

	/* A kernel without user namespaces has no such file, here and inside. */
	if (line_value(out, "userns", value, sizeof(value)) &&
	    num_decimal(value, UINT64_MAX, &inode) && stat("/proc/self/ns/user", &own) == 0 &&
	    own.st_ino != inode)
		fact_set(f, FACT_LAUNCH_USERNS, "new");
	else
		fact_set(f, FACT_LAUNCH_USERNS, "host");
	if (line_value(out, "label", value, sizeof(value)) && value[0] != '\0')
		fact_set(f, FACT_LAUNCH_LABEL, value);
	if (line_value(out, "CapEff", value, sizeof(value)))
		fact_set(f, FACT_LAUNCH_CAPS, value);
}

/* What the launcher said: its first line, and the step that failed unless the dry run has found one. */
static void failed(struct facts *f, const struct message *m, const char *err)
{
	char line[FACT_VALUE_MAX];

	(void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(err, "\n"), err);
	if (line[0] != '\0')
		fact_set(f, FACT_LAUNCH_ERROR, line);
	if (fact(f, FACT_FAILED_STEP) != NULL || m->step[0] == '\0')
		return;
	fact_set(f, FACT_FAILED_STEP, m->step);
	if (m->errnum[0] != '\0')
		fact_set(f, FACT_FAILED_ERRNO, m->errnum);
}

/* One start; its output goes to out and err, and what the launcher said to ret. 0, a wait status, or -errno. */
static int try_once(struct start *s, struct buf *out, struct buf *err, struct message *ret)
{
	const struct child c = {
		.body = start, .ctx = s, .deadline_ms = LAUNCH_DEADLINE_MS, .out = out, .err = err};
	int status = 0, r;

	r = child_run(&c, &status);
	message_read(ret, r == 0 ? err->data : "");
	return r == 0 ? status : r;
}

void launch_try(struct facts *f, enum fact as, const struct programs *p, const struct identity *who)
{
	char out[2048], err[4096], caps[64];
	struct start s = {.programs = p, .who = who, .has_proc = true};
	struct buf ret_out, ret_err;
	struct message m;
	int r;

	buf_init(&ret_out, out, sizeof(out));
	buf_init(&ret_err, err, sizeof(err));
	r = try_once(&s, &ret_out, &ret_err, &m);
	/* Most programs go on without a procfs of their own: that is a limit (proc-masked), and no refusal. */
	if (r > 0 && strcmp(m.step, "proc") == 0) {
		s.has_proc = false;
		buf_init(&ret_out, out, sizeof(out));
		buf_init(&ret_err, err, sizeof(err));
		r = try_once(&s, &ret_out, &ret_err, &m);
	}
	if (r == -ETIMEDOUT)
		fact_set(f, as, "timeout");
	else if (r < 0)
		fact_set(f, as, "no-process");
	else if (r != 0)
		fact_set(f, as, m.id[0] != '\0' ? m.id : "failed");
	else if (!line_value(out, "CapEff", caps, sizeof(caps)))
		fact_set(f, as, "no-answer");
	else
		fact_set(f, as, "ok");
	if (as != FACT_LAUNCH)
		return;
	if (fact_is(f, as, "ok"))
		observed(f, out);
	else
		failed(f, &m, err);
}
