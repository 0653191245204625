/* SPDX-License-Identifier: MIT */
/*
 * A transient scope of the user's systemd: it is asked by busctl, which every systemd brings along, so that no library for
 * D-Bus is needed. The answer only says that a job was queued; that the process has moved is seen in /proc.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/child.h"
#include "cli/limits.h"

#define BUS_DEADLINE_MS 5000
#define WORDS_MAX       40

struct call {
	const char *program;
	const char *argv[WORDS_MAX];
	size_t n;
	char text[12][32];
	size_t n_text;
};

static const char *busctl(void)
{
	/* Not by PATH: what is found there may be the project's. */
	static const char *const places[] = {"/usr/bin/busctl", "/bin/busctl",
					     "/run/current-system/sw/bin/busctl"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

static bool has_manager(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char path[512];

	if (runtime == NULL || runtime[0] != '/' ||
	    (size_t)snprintf(path, sizeof(path), "%s/systemd", runtime) >= sizeof(path))
		return false;
	return access(path, X_OK) == 0;
}

static void add(struct call *c, const char *word)
{
	if (c->n < WORDS_MAX - 1)
		c->argv[c->n++] = word;
}

static void add_number(struct call *c, uint64_t value)
{
	char *at = c->text[c->n_text++];

	(void)snprintf(at, sizeof(c->text[0]), "%" PRIu64, value);
	add(c, at);
}

static void add_property(struct call *c, const char *name, uint64_t value)
{
	add(c, name);
	add(c, "t");
	add_number(c, value);
}

static void make_words(struct call *c, const struct policy_limits *w, const char *unit, pid_t pid)
{
	static const char *const head[] = {"busctl",
					   "--user",
					   "--quiet",
					   "call",
					   "org.freedesktop.systemd1",
					   "/org/freedesktop/systemd1",
					   "org.freedesktop.systemd1.Manager",
					   "StartTransientUnit",
					   "ssa(sv)a(sa(sv))"};
	uint64_t n = 2 + (w->memory_bytes != 0 ? 2 : 0) + (w->pids != 0) + (w->cpu_permille != 0);

	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		add(c, head[i]);
	add(c, unit);
	add(c, "fail");
	add_number(c, n);
	add(c, "PIDs");
	add(c, "au");
	add(c, "1");
	add_number(c, (uint64_t)pid);
	add(c, "CollectMode");
	add(c, "s");
	add(c, "inactive-or-failed");
	if (w->memory_bytes != 0) {
		add_property(c, "MemoryMax", w->memory_bytes);
		/* else what does not fit is swapped out */
		add_property(c, "MemorySwapMax", 0);
	}
	if (w->pids != 0)
		add_property(c, "TasksMax", w->pids);
	if (w->cpu_permille != 0)
		add_property(c, "CPUQuotaPerSecUSec", w->cpu_permille * 1000);
	add(c, "0");
	c->argv[c->n] = NULL;
}

static int execute(void *ctx)
{
	struct call *c = ctx;

	(void)execv(c->program, (char *const *)(uintptr_t)c->argv);
	return 127;
}

static bool has_moved(pid_t pid, const char *unit)
{
	const struct timespec t = {.tv_nsec = 500000};
	long long until = child_clock() + BUS_DEADLINE_MS;
	char path[32], text[4096];

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	do {
		if (fd_read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
			return false;
		if (strstr(text, unit) != NULL)
			return true;
		(void)nanosleep(&t, NULL);
	} while (child_clock() < until);
	return false;
}

int limits_scope(struct limits *l, pid_t pid)
{
	struct call call = {.program = busctl()};
	struct buf said;
	char unit[64], text[160], dir[512];
	struct child child = {.body = execute,
			      .ctx = &call,
			      .deadline_ms = BUS_DEADLINE_MS,
			      .out = NULL,
			      .err = &said};
	int status = 0, r;

	if (call.program == NULL || !has_manager()) {
		(void)snprintf(l->why_not, sizeof(l->why_not), "no systemd of this user runs");
		return -ENOENT;
	}
	(void)snprintf(unit, sizeof(unit), "postern-%d-%lld.scope", (int)pid, child_clock());
	make_words(&call, &l->wanted, unit, pid);
	buf_init(&said, text, sizeof(text));
	r = child_run(&child, &status);
	if (r != 0 || status != 0 || !has_moved(pid, unit)) {
		(void)snprintf(l->why_not, sizeof(l->why_not),
			       "systemd --user makes no scope: %.*s",
			       said.len > 0 ? (int)strcspn(text, "\n") : 9,
			       said.len > 0 ? text : "no answer");
		return r != 0 ? r : -EIO;
	}
	r = limits_cgroup_of(pid, dir, sizeof(dir));
	if (r == 0) {
		limits_cgroup_look(l, dir, LIMIT_BY_SCOPE);
		(void)snprintf(l->scope, sizeof(l->scope), "%s", dir);
	}
	(void)snprintf(l->why_not, sizeof(l->why_not),
		       "not all controllers are delegated to systemd --user");
	return 0;
}
