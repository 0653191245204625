/* SPDX-License-Identifier: MIT */
#include "priv/rootfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"

/* Why this cannot be root's alone, or NULL. An ACL that lets somebody write shows in the group's bits. */
static const char *not_roots(const struct stat *st)
{
	if (st->st_uid != 0)
		return "is not root's";
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "is writable for others than root";
	return NULL;
}

/* Takes the fd over: it is closed unless it is such a directory. */
static int directory(int fd, const char *path, enum err_id id, struct err *e)
{
	const char *why;
	struct stat st;
	int r;

	if (fd < 0)
		return err_set(e, id, errno, path, "can't open the directory");
	if (fstat(fd, &st) < 0) {
		r = err_set(e, id, errno, path, "can't examine the directory");
		fd_close(&fd);
		return r;
	}
	why = S_ISDIR(st.st_mode) ? not_roots(&st) : "is no directory";
	if (why != NULL) {
		fd_close(&fd);
		return err_set(e, id, 0, path, why);
	}
	return fd;
}

int rootfile_parent(const char *path, const char **ret_name, enum err_id id, struct err *e)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	const char *at = path + 1, *slash;
	char so_far[PATH_MAX];
	int fd, next;
	struct buf b;
	size_t start;

	if (path[0] != '/')
		return err_set(e, id, 0, path, "is no absolute path");
	fd = directory(openat(AT_FDCWD, "/", flags), "/", id, e);
	buf_init(&b, so_far, sizeof(so_far));
	for (; fd >= 0 && (slash = strchr(at, '/')) != NULL; at = slash + 1) {
		start = b.len + 1;
		buf_char(&b, '/');
		buf_mem(&b, at, (size_t)(slash - at));
		if (b.full) {
			fd_close(&fd);
			return err_set(e, id, ENAMETOOLONG, path, "can't open");
		}
		next = openat(fd, so_far + start, flags);
		next = directory(next, so_far, id, e);
		fd_close(&fd);
		fd = next;
	}
	*ret_name = at;
	return fd;
}

static const char *not_readable(const struct stat *st, size_t max)
{
	const char *why = not_roots(st);

	if (why != NULL)
		return why;
	if (!S_ISREG(st->st_mode))
		return "is no regular file";
	/* Under another name, in another directory, it could have become what it is. */
	if (st->st_size > (off_t)max)
		return "is too large";
	/* So does a file look that is just being written anew, or that a crash has emptied. */
	if (st->st_size == 0)
		return "is empty";
	return NULL;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static ssize_t read_open(int fd, const char *path, char *ret, size_t max, enum err_id id,
			 struct err *e)
{
	struct stat before, after;
	const char *why;
	ssize_t n;

	if (fstat(fd, &before) < 0)
		return err_set(e, id, errno, path, "can't examine");
	why = not_readable(&before, max);
	if (why != NULL)
		return err_set(e, id, 0, path, why);
	n = fd_read_all(fd, ret, max + 1);
	if (n < 0)
		return err_set(e, id, (int)-n, path, "can't read");
	/*
	 * Half of a file that root is just writing would lack the other half's refusals. Not all of
	 * that can be seen, so the manual tells root to replace the file by renaming another.
	 */
	if (fstat(fd, &after) < 0 || !is_same(&before, &after) || n != before.st_size)
		return err_set(e, id, 0, path, "changed while it was read: try again");
	ret[n] = '\0';
	return n;
}

ssize_t rootfile_read(const char *path, char *ret, size_t max, enum err_id id, struct err *e)
{
	const char *name;
	int dir, fd;
	ssize_t r;

	dir = rootfile_parent(path, &name, id, e);
	if (dir < 0)
		return dir;
	/* Without O_NONBLOCK a fifo would hold the start up before its kind is known. */
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	r = fd < 0 ? err_set(e, id, errno, path, "can't open")
		   : read_open(fd, path, ret, max, id, e);
	fd_close(&fd);
	fd_close(&dir);
	return r;
}
