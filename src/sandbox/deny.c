/* SPDX-License-Identifier: MIT */
#include "sandbox/deny.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define DEPTH_MAX 256 /* directories above one another that are looked at */

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Is what, a file or directory, the object of fd or above it? 1, 0 or -errno. */
static int is_above(const struct stat *what, int fd)
{
	struct stat st, last;
	int dir = -1, r = 0;

	if (fstat(fd, &st) < 0)
		return -errno;
	for (int i = 0; i < DEPTH_MAX; i++) {
		int up;

		if (same(what, &st)) {
			r = 1;
			break;
		}
		last = st;
		up = openat(dir >= 0 ? dir : fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		/* A file has no "..": who asks about one asks about its name. */
		if (up < 0 || fstat(up, &st) < 0) {
			r = errno == ENOTDIR ? 0 : -errno;
			if (up >= 0)
				(void)close(up);
			break;
		}
		if (dir >= 0)
			(void)close(dir);
		dir = up;
		if (same(&st, &last))
			break;
	}
	if (dir >= 0)
		(void)close(dir);
	return r;
}

static bool is_prefix(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	if (n == 1) /* "/" */
		return true;
	return strncmp(dir, path, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static int check_one(int fd, const char *name, const char *denied)
{
	struct stat self, other;
	int there, r;

	if (is_prefix(denied, name) || is_prefix(name, denied))
		return -EACCES;
	there = openat(AT_FDCWD, denied, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	/* What this caller cannot reach by name he cannot have opened under another. */
	if (there < 0)
		return 0;
	r = fstat(fd, &self) < 0 || fstat(there, &other) < 0 ? -errno : 0;
	if (r == 0)
		r = is_above(&other, fd);
	if (r == 0)
		r = is_above(&self, there);
	(void)close(there);
	return r > 0 ? -EACCES : r;
}

int deny_check(const struct mnt *m, int fd)
{
	char name[PATH_MAX], link[40];
	struct buf b;
	ssize_t n;
	int r = 0;

	if (m->n_deny == 0)
		return 0;
	buf_init(&b, link, sizeof(link));
	buf_str(&b, "self/fd/");
	buf_i64(&b, fd);
	n = readlinkat(m->proc, link, name, sizeof(name) - 1);
	if (n < 0)
		return -errno;
	/* A name that was cut could be anything. */
	if ((size_t)n == sizeof(name) - 1)
		return -EACCES;
	name[n] = '\0';
	for (size_t i = 0; i < m->n_deny && r == 0; i++)
		r = check_one(fd, name, m->deny[i]);
	return r;
}
