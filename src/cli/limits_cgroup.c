/* SPDX-License-Identifier: MIT */
/*
 * A control group of version 2 below what this user may divide. A group that has processes cannot give controllers to groups
 * below it, so there are two places: beside the group of this process, where its parent is the user's and has
 * the controllers; or below it, where this process is alone in it and can go into a leaf of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/num.h"
#include "cli/limits.h"

#define CPU_PERIOD_US 100000

static ssize_t read_in(const char *dir, const char *name, char *ret, size_t size)
{
	char path[640];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return fd_read_file(AT_FDCWD, path, ret, size);
}

static int write_in(const char *dir, const char *name, const char *text)
{
	char path[640];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return fd_write_file(AT_FDCWD, path, text);
}

/* Where version 2 is mounted: alone, or beside version 1. */
static const char *root(void)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	char path[64];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/cgroup.controllers", places[i]);
		if (access(path, R_OK) == 0)
			return places[i];
	}
	return NULL;
}

int limits_cgroup_of(pid_t pid, char *ret, size_t size)
{
	const char *top = root(), *at;
	char path[32], text[4096];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	n = fd_read_file(AT_FDCWD, path, text, sizeof(text));
	if (n < 0)
		return (int)n;
	at = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (top == NULL || at == NULL)
		return -ENOENT;
	at = strchr(at, ':') + 2;
	n = snprintf(ret, size, "%s%.*s", top, (int)strcspn(at, "\n"), at);
	return n < (ssize_t)size ? 0 : -ENAMETOOLONG;
}

void limits_cgroup_look(struct limits *l, const char *dir, enum limit_holder by)
{
	static const char *const files[] = {"memory.max", "pids.max", "cpu.max"};
	char text[64];

	for (int k = 0; k < LIMIT_KINDS; k++)
		if (l->by[k] == LIMIT_NOT_HELD && read_in(dir, files[k], text, sizeof(text)) > 0 &&
		    strncmp(text, "max", 3) != 0)
			l->by[k] = by;
}

static bool has_words(const char *text, const struct policy_limits *w)
{
	return (w->memory_bytes == 0 || strstr(text, "memory") != NULL) &&
	       (w->pids == 0 || strstr(text, "pids") != NULL) &&
	       (w->cpu_permille == 0 || strstr(text, "cpu ") != NULL ||
		strstr(text, "cpu\n") != NULL);
}

/* Gives what is asked for to the groups below dir. */
static int enable(const char *dir, const struct policy_limits *w)
{
	char text[256];
	int r = 0;

	if (read_in(dir, "cgroup.subtree_control", text, sizeof(text)) >= 0 && has_words(text, w))
		return 0;
	if (w->memory_bytes != 0)
		r = write_in(dir, "cgroup.subtree_control", "+memory");
	if (r == 0 && w->pids != 0)
		r = write_in(dir, "cgroup.subtree_control", "+pids");
	if (r == 0 && w->cpu_permille != 0)
		r = write_in(dir, "cgroup.subtree_control", "+cpu");
	return r;
}

static int set(const char *dir, const struct policy_limits *w)
{
	char text[64];
	int r = 0;

	if (w->memory_bytes != 0) {
		(void)snprintf(text, sizeof(text), "%" PRIu64, w->memory_bytes);
		r = write_in(dir, "memory.max", text);
		/* Missing where the kernel cannot swap; what does not fit would be swapped out else. */
		(void)write_in(dir, "memory.swap.max", "0");
	}
	if (r == 0 && w->pids != 0) {
		(void)snprintf(text, sizeof(text), "%" PRIu64, w->pids);
		r = write_in(dir, "pids.max", text);
	}
	if (r == 0 && w->cpu_permille != 0) {
		(void)snprintf(text, sizeof(text), "%" PRIu64 " %d",
			       w->cpu_permille * (CPU_PERIOD_US / 1000), CPU_PERIOD_US);
		r = write_in(dir, "cpu.max", text);
	}
	return r;
}

static int move(const char *dir, pid_t pid)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	return write_in(dir, "cgroup.procs", text);
}

/* Makes parent/postern-PID with its limits and puts pid into it. */
static int make(struct limits *l, const char *parent, pid_t pid)
{
	int r = enable(parent, &l->wanted);

	if (r != 0)
		return r;
	if ((size_t)snprintf(l->cgroup, sizeof(l->cgroup), "%s/postern-%d", parent, (int)pid) >=
	    sizeof(l->cgroup))
		r = -ENAMETOOLONG;
	else
		r = mkdir(l->cgroup, 0755) < 0 ? -errno : 0;
	if (r != 0) {
		l->cgroup[0] = '\0';
		return r;
	}
	r = set(l->cgroup, &l->wanted);
	if (r == 0)
		r = move(l->cgroup, pid);
	if (r != 0) {
		(void)rmdir(l->cgroup);
		l->cgroup[0] = '\0';
	}
	return r;
}

/* Is it this process, or a child of it (the one to be limited, and who serves it)? */
static bool is_ours(pid_t pid)
{
	char path[32], text[512], *at;

	if (pid == getpid())
		return true;
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (fd_read_file(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return false;
	/* the name in parentheses may have any bytes */
	at = strrchr(text, ')');
	return at != NULL && strlen(at) > 4 && atoi(at + 4) == (int)getpid();
}

/* Moves everything of a group that is ours; with only_check it is only looked whether all is. */
static bool move_all(const char *from, const char *to, bool only_check)
{
	char text[4096], *at = text;
	ssize_t n = read_in(from, "cgroup.procs", text, sizeof(text));
	uint64_t pid;

	if (n < 0)
		return false;
	while (*at != '\0') {
		size_t len = strcspn(at, "\n");
		bool last = at[len] == '\0';

		at[len] = '\0';
		if (!num_decimal(at, INT32_MAX, &pid) || (only_check && !is_ours((pid_t)pid)) ||
		    (!only_check && move(to, (pid_t)pid) != 0))
			return false;
		at += len + (last ? 0 : 1);
	}
	return true;
}

/* A group that gives controllers to others takes no process: first that is undone. */
static void leave_leaf(struct limits *l)
{
	char own[512];

	(void)snprintf(own, sizeof(own), "%s", l->leaf);
	*strrchr(own, '/') = '\0';
	(void)write_in(own, "cgroup.subtree_control", "-memory");
	(void)write_in(own, "cgroup.subtree_control", "-pids");
	(void)write_in(own, "cgroup.subtree_control", "-cpu");
	(void)move_all(l->leaf, own, false);
	(void)rmdir(l->leaf);
	l->leaf[0] = '\0';
}

/* Below the group of this process: it goes into a leaf first, and its children with it. */
static int below(struct limits *l, const char *own, pid_t pid)
{
	int r;

	if (!move_all(own, NULL, true))
		return -EBUSY;
	if ((size_t)snprintf(l->leaf, sizeof(l->leaf), "%s/postern-%d-self", own, (int)getpid()) >=
		    sizeof(l->leaf) ||
	    mkdir(l->leaf, 0755) < 0) {
		l->leaf[0] = '\0';
		return -EACCES;
	}
	r = move_all(own, l->leaf, false) ? make(l, own, pid) : -EACCES;
	if (r != 0)
		leave_leaf(l);
	return r;
}

int limits_cgroup(struct limits *l, pid_t pid)
{
	char own[512], parent[512];
	const char *why;
	size_t n = strlen(l->why_not);
	int r = limits_cgroup_of(pid, own, sizeof(own));

	if (r == 0) {
		(void)snprintf(parent, sizeof(parent), "%s", own);
		*strrchr(parent, '/') = '\0';
		r = root() != NULL && strlen(parent) >= strlen(root()) ? make(l, parent, pid)
								       : -EACCES;
		if (r != 0)
			r = below(l, own, pid);
	}
	if (r == 0) {
		limits_cgroup_look(l, l->cgroup, LIMIT_BY_CGROUP);
		return 0;
	}
	why = r == -ENOENT  ? "there is no control group of version 2"
	      : r == -EBUSY ? "other processes are in this control group"
			    : "no control group is delegated to this user with what is asked for";
	(void)snprintf(l->why_not + n, sizeof(l->why_not) - n, "%s%s", n > 0 ? ", and " : "", why);
	return r;
}

bool limits_memory_hit(const struct limits *l)
{
	/* systemd removes its own when nobody is in it any more, which takes it longer than us to get here */
	const char *dir = l->cgroup[0] != '\0' ? l->cgroup : l->scope;
	char text[512];
	const char *at;

	if (dir[0] == '\0' || read_in(dir, "memory.events", text, sizeof(text)) <= 0)
		return false;
	at = strstr(text, "oom_kill ");
	return at != NULL && at[sizeof("oom_kill ") - 1] != '0';
}

void limits_end(struct limits *l)
{
	const struct timespec t = {.tv_nsec = 1000000};

	/* The kernel takes a moment after the last process was waited for. */
	for (int tries = 0; l->cgroup[0] != '\0' && tries < 1000; tries++) {
		if (rmdir(l->cgroup) == 0 || errno != EBUSY)
			break;
		(void)nanosleep(&t, NULL);
	}
	l->cgroup[0] = '\0';
	if (l->leaf[0] != '\0')
		leave_leaf(l);
}
