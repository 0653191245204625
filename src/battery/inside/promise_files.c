/* SPDX-License-Identifier: MIT */
/* Tries on files. What is reached is taken back at once; nothing is written to a file that was there. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "battery/inside/inside.h"
#include "battery/inside/promises.h"
#include "battery/promise.h"

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

/* dir/MARK, or, for a path, one beside it. False: too long. */
static bool mark_in(const char *dir, char ret[PATH_MAX])
{
	size_t n = strlen(dir);

	if (n + sizeof(PROMISE_MARK) + 1 >= PATH_MAX)
		return false;
	memcpy(ret, dir, n);
	if (n == 0 || ret[n - 1] != '/')
		ret[n++] = '/';
	memcpy(ret + n, PROMISE_MARK, sizeof(PROMISE_MARK));
	return true;
}

static bool mark_beside(const char *path, char ret[PATH_MAX])
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) : 0;

	if (slash == NULL || n >= sizeof(dir))
		return false;
	memcpy(dir, path, n);
	dir[n] = '\0';
	return mark_in(n == 0 ? "/" : dir, ret);
}

/* These two remove what they have made. */
static int make_dir(const char *path)
{
	if (mkdir(path, 0700) < 0)
		return errno;
	rmdir(path);
	return 0;
}

static int make_file(const char *path, bool must_go)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return unlink(path) < 0 && must_go ? errno : 0;
}

static int in_dir(int kind, const char *dir)
{
	char path[PATH_MAX];

	if (!mark_in(dir, path))
		return ENAMETOOLONG;
	return kind == TRY_MKDIR ? make_dir(path) : make_file(path, kind == TRY_DELETE_OWN);
}

static int open_it(const char *path, int flags)
{
	int fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int same_size(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return ATTEMPT_SKIPPED;
	return truncate(path, st.st_size) < 0 ? errno : 0;
}

static int same_mode(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	return chmod(path, st.st_mode & 07777) < 0 ? errno : 0;
}

/* An empty file that stands for a hidden one has nothing to read. */
static int read_it(const char *path)
{
	char byte;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), e;

	if (fd < 0)
		return errno;
	n = read(fd, &byte, 1);
	e = n < 0 ? errno : ENODATA;
	close(fd);
	return n == 1 ? 0 : e;
}

static int list_it(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool some = false;

	if (dir == NULL)
		return errno;
	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			some = true;
	closedir(dir);
	return some ? 0 : ENODATA;
}

static int make_it(int kind, const char *path)
{
	if (kind == TRY_MAKE_DIR)
		return make_dir(path);
	if (kind != TRY_MAKE_LINK)
		return make_file(path, false);
	if (symlink("/", path) < 0)
		return errno;
	unlink(path);
	return 0;
}

static int rename_in(int kind, const char *path)
{
	char beside[PATH_MAX];
	bool is_exchange = kind == TRY_EXCHANGE;
	long r;
	int e;

	if (!mark_beside(path, beside))
		return ENAMETOOLONG;
	if (mkdir(beside, 0700) < 0)
		return errno;
	/* on a host that has been changed under us nothing but an empty directory gives way to it */
	r = syscall(SYS_renameat2, AT_FDCWD, beside, AT_FDCWD, path,
		    is_exchange ? RENAME_EXCHANGE : 0);
	e = errno;
	if (r == 0 && is_exchange)
		(void)syscall(SYS_renameat2, AT_FDCWD, beside, AT_FDCWD, path, RENAME_EXCHANGE);
	if (r == 0 && !is_exchange)
		rmdir(path);
	rmdir(beside);
	return r == 0 ? 0 : e;
}

static int rename_away(const char *path)
{
	char beside[PATH_MAX];

	if (!mark_beside(path, beside))
		return ENAMETOOLONG;
	if (rename(path, beside) < 0)
		return errno;
	(void)!rename(beside, path);
	return 0;
}

/* Makes it anew if it could be removed, which only something empty can. */
static int remove_it(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode)) {
		if (rmdir(path) < 0)
			return errno;
		(void)!mkdir(path, st.st_mode & 0777);
		return 0;
	}
	if (!S_ISREG(st.st_mode) || st.st_size != 0)
		return ATTEMPT_SKIPPED;
	if (unlink(path) < 0)
		return errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0777);
	if (fd >= 0)
		close(fd);
	return 0;
}

/* A directory in which a link can be made: the working directory or TMPDIR. */
static bool mark_anywhere(char ret[PATH_MAX])
{
	const char *tmp = getenv("TMPDIR");
	const char *const dirs[] = {".", tmp != NULL ? tmp : "/tmp", "/tmp"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (in_dir(TRY_CREATE, dirs[i]) == 0)
			return mark_in(dirs[i], ret);
	return false;
}

static int by_link(int kind, const char *path)
{
	char at[PATH_MAX];
	int e;

	if (!mark_anywhere(at))
		return ATTEMPT_SKIPPED;
	if (kind == TRY_HARD_LINK) {
		if (link(path, at) < 0)
			return errno;
		unlink(at);
		return 0;
	}
	if (symlink(path, at) < 0)
		return ATTEMPT_SKIPPED;
	e = open_it(at, O_WRONLY);
	if (e == EISDIR)
		e = in_dir(TRY_CREATE, at);
	unlink(at);
	return e;
}

int promise_file(int kind, const char *path)
{
	switch (kind) {
	case TRY_CREATE:
	case TRY_MKDIR:
	case TRY_DELETE_OWN:
		return in_dir(kind, path);
	case TRY_WRITE:
		return open_it(path, O_WRONLY | O_APPEND);
	case TRY_TRUNCATE:
		return same_size(path);
	case TRY_CHMOD:
		return same_mode(path);
	case TRY_READ:
		return read_it(path);
	case TRY_LIST:
		return list_it(path);
	case TRY_MAKE_DIR:
	case TRY_MAKE_FILE:
	case TRY_MAKE_LINK:
		return make_it(kind, path);
	case TRY_RENAME_IN:
	case TRY_EXCHANGE:
		return rename_in(kind, path);
	case TRY_RENAME_AWAY:
		return rename_away(path);
	case TRY_REMOVE:
		return remove_it(path);
	default:
		return by_link(kind, path);
	}
}
