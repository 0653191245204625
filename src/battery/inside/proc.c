/* SPDX-License-Identifier: MIT */
/* Out of the sandbox through /proc. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "battery/inside/inside.h"

static bool proc_path(const struct aim *a, const char *what, char *path, size_t size)
{
	return a->target > 0 &&
	       snprintf(path, size, "/proc/%d/%s", (int)a->target, what) < (int)size;
}

static int secret_below(const struct aim *a, const char *proc, struct buf *detail)
{
	char path[PATH_MAX];

	if (a->dir == NULL || snprintf(path, sizeof(path), "%s%s" BATTERY_HIDDEN BATTERY_DENIED,
				       proc, a->dir) >= (int)sizeof(path))
		return ATTEMPT_SKIPPED;
	return inside_read_secret(path, detail);
}

static int root(const struct aim *a, struct buf *detail)
{
	char path[64];

	return proc_path(a, "root", path, sizeof(path)) ? secret_below(a, path, detail)
							: ATTEMPT_SKIPPED;
}

static int task_root(const struct aim *a, struct buf *detail)
{
	char what[64], path[128];

	snprintf(what, sizeof(what), "task/%d/root", (int)a->target);
	return proc_path(a, what, path, sizeof(path)) ? secret_below(a, path, detail)
						      : ATTEMPT_SKIPPED;
}

/* The target's working directory is the hidden one. */
static int cwd(const struct aim *a, struct buf *detail)
{
	char path[64];

	return a->dir != NULL && proc_path(a, "cwd" BATTERY_DENIED, path, sizeof(path))
		       ? inside_read_secret(path, detail)
		       : ATTEMPT_SKIPPED;
}

static int fd(const struct aim *a, struct buf *detail)
{
	char what[32], path[64];

	(void)detail;
	snprintf(what, sizeof(what), "fd/%d", a->hold);
	if (a->hold < 0 || !proc_path(a, what, path, sizeof(path)))
		return ATTEMPT_SKIPPED;
	return inside_write_token(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC), a);
}

/* Into its mount namespace, and there to the hidden file */
static int namespace(const struct aim *a, struct buf *detail)
{
	char path[64];
	int ns;

	if (!proc_path(a, "ns/mnt", path, sizeof(path)))
		return ATTEMPT_SKIPPED;
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNS) < 0)
		return errno;
	return secret_below(a, "", detail);
}

/*
 * Is the process in a mount namespace that is not ours, as far as we may see? Not to be told in another pid namespace's
 * procfs, where all of our own would be taken for others: the target's number is right there.
 */
static bool is_elsewhere(const char *pid)
{
	char path[64], own[64], other[64];
	ssize_t n, m;

	if (strspn(pid, "0123456789") != strlen(pid) ||
	    snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid) >= (int)sizeof(path))
		return false;
	n = readlink("/proc/self/ns/mnt", own, sizeof(own));
	m = readlink(path, other, sizeof(other));
	return n > 0 && (m != n || memcmp(own, other, (size_t)n) != 0);
}

/* Every other process that there is */
static int any(const struct aim *a, struct buf *detail)
{
	DIR *d = opendir("/proc");
	int r = d != NULL ? ENOENT : errno;
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[300];
		int found;

		if (!is_elsewhere(e->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/root", e->d_name);
		found = secret_below(a, path, detail);
		if (found <= 0)
			return found;
		if (found != ENOENT)
			r = found;
	}
	return r;
}

/* A file that is busy was granted: only that it runs stood in the way, and that ends. (CVE-2019-5736) */
static int executable(pid_t pid, struct buf *detail)
{
	char path[64];
	struct stat own, other;
	int file;

	if (pid <= 0)
		return ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	if (stat("/proc/self/exe", &own) == 0 && stat(path, &other) == 0 &&
	    own.st_dev == other.st_dev && own.st_ino == other.st_ino)
		return ESRCH;
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 && errno != ETXTBSY)
		return errno;
	buf_str(detail, file < 0 ? "writable, but busy" : "open for writing");
	return 0;
}

static int executable_of_init(const struct aim *a, struct buf *detail)
{
	(void)a;
	return executable(1, detail);
}

static int executable_of_parent(const struct aim *a, struct buf *detail)
{
	return executable(a->parent, detail);
}

const struct attempt attempts_proc[ATTEMPTS_MAX] = {
	{ATTACK_PROC_ROOT, "root", root},
	{ATTACK_PROC_ROOT, "task", task_root},
	{ATTACK_PROC_ROOT, "cwd", cwd},
	{ATTACK_PROC_ROOT, "fd", fd},
	{ATTACK_PROC_ROOT, "ns/mnt", namespace},
	{ATTACK_PROC_ROOT, "any", any},
	{ATTACK_LAUNCHER_FILE, "first-process", executable_of_init},
	{ATTACK_LAUNCHER_FILE, "parent", executable_of_parent},
};
