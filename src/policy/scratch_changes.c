/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "policy/array.h"
#include "policy/paths.h"
#include "policy/scratch.h"

/* What an overlay's upper directory says about its lower one, and how that is done to the lower one. */

struct changes {
	const struct scratch *s;
	scratch_fn fn;
	void *ctx;
	struct problem *e;
	char **todo; /* directories of upper, relative; "" is upper itself */
	size_t n;
};

static bool is_whiteout(const char *path, const struct stat *st)
{
	char value[8];

	if (S_ISCHR(st->st_mode))
		return st->st_rdev == makedev(0, 0);
	/* where a device cannot be made */
	return S_ISREG(st->st_mode) && st->st_size == 0 &&
	       lgetxattr(path, "user.overlay.whiteout", value, sizeof(value)) >= 0;
}

static bool is_opaque(const char *path)
{
	char value[8];

	return lgetxattr(path, "user.overlay.opaque", value, sizeof(value)) > 0 && value[0] == 'y';
}

static int full(const char *dir, const char *rel, const char *name, char ret[PATH_MAX])
{
	int n = snprintf(ret, PATH_MAX, "%s%s%s%s%s", dir, rel[0] != '\0' ? "/" : "", rel,
			 name != NULL ? "/" : "", name != NULL ? name : "");

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int tell(struct changes *c, enum scratch_change change, const char *rel, const char *name,
		bool is_dir)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s%s", rel, rel[0] != '\0' ? "/" : "", name);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : c->fn(c->ctx, change, path, is_dir);
}

static int push(struct changes *c, const char *rel, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s%s%s", rel, rel[0] != '\0' ? "/" : "", name) >=
	    PATH_MAX)
		return -ENAMETOOLONG;
	return array_add_text(&c->todo, &c->n, path);
}

/* A directory that replaces the lower one: of that, nothing shows through. */
static int tell_covered(struct changes *c, const char *rel)
{
	char lower[PATH_MAX], upper[PATH_MAX];
	const struct dirent *d;
	struct stat st;
	DIR *dir;
	int r = full(c->s->dir, rel, NULL, lower);

	if (r < 0)
		return r;
	dir = opendir(lower);
	while (dir != NULL && r == 0 && (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		r = full(c->s->upper, rel, d->d_name, upper);
		if (r == 0 && lstat(upper, &st) < 0)
			r = tell(c, SCRATCH_DELETED, rel, d->d_name, d->d_type == DT_DIR);
	}
	if (dir != NULL)
		(void)closedir(dir);
	return r;
}

static int look_at(struct changes *c, const char *rel, const char *name)
{
	char upper[PATH_MAX], lower[PATH_MAX];
	struct stat st, below;
	bool is_there;
	int r = full(c->s->upper, rel, name, upper);

	if (r == 0)
		r = full(c->s->dir, rel, name, lower);
	if (r == 0 && lstat(upper, &st) < 0)
		r = -errno;
	if (r < 0)
		return r;
	is_there = lstat(lower, &below) == 0;
	if (is_whiteout(upper, &st))
		return is_there ? tell(c, SCRATCH_DELETED, rel, name, S_ISDIR(below.st_mode)) : 0;
	if (!S_ISDIR(st.st_mode))
		return tell(c, is_there ? SCRATCH_CHANGED : SCRATCH_ADDED, rel, name, false);
	if (!is_there || !S_ISDIR(below.st_mode))
		r = tell(c, is_there ? SCRATCH_CHANGED : SCRATCH_ADDED, rel, name, true);
	return r == 0 ? push(c, rel, name) : r;
}

static int look_into(struct changes *c, const char *rel)
{
	char path[PATH_MAX];
	const struct dirent *d;
	DIR *dir;
	int r = full(c->s->upper, rel, NULL, path);

	if (r < 0)
		return r;
	dir = opendir(path);
	if (dir == NULL)
		return -errno;
	while (r == 0 && (d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			r = look_at(c, rel, d->d_name);
	(void)closedir(dir);
	return r == 0 && is_opaque(path) ? tell_covered(c, rel) : r;
}

int scratch_list(const struct scratch *s, scratch_fn fn, void *ctx, struct problem *e)
{
	struct changes c = {.s = s, .fn = fn, .ctx = ctx, .e = e};
	int r = push(&c, "", "");

	while (c.n > 0) {
		char *rel = c.todo[--c.n];

		if (r == 0)
			r = look_into(&c, rel);
		free(rel);
	}
	free(c.todo);
	return r < 0 ? problem_set(e, -r, "%s: %s", s->upper, strerror(-r)) : r;
}

/* ---- the same changes, in DIR */

static int copy_bytes(int from, int to)
{
	char buf[65536];
	ssize_t n;

	/* shared where the file system can, copied in the kernel otherwise */
	do
		n = copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0);
	while (n > 0);
	if (n == 0)
		return 0;
	while ((n = read(from, buf, sizeof(buf))) > 0)
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(to, buf + done, (size_t)(n - done));

			if (w < 0 && errno != EINTR)
				return -errno;
			done += w > 0 ? w : 0;
		}
	return n < 0 ? -errno : 0;
}

/* Under another name first, then in one step: nobody sees half a file. */
static int put_file(int from_dir, int to_dir, const char *name, const struct stat *st)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, st->st_mtim};
	char temp[64];
	int from, to, r;

	(void)snprintf(temp, sizeof(temp), ".postern.%ld", (long)getpid());
	from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (from < 0)
		return -errno;
	to = openat(to_dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	r = to < 0 ? -errno : copy_bytes(from, to);
	/* no set-user-ID bit comes out of a sandbox */
	if (r == 0 && (fchmod(to, st->st_mode & 0777) < 0 || futimens(to, times) < 0 ||
		       renameat(to_dir, temp, to_dir, name) < 0))
		r = -errno;
	if (r < 0 && to >= 0)
		(void)unlinkat(to_dir, temp, 0);
	if (to >= 0)
		(void)close(to);
	(void)close(from);
	return r;
}

static int put_link(int from_dir, int to_dir, const char *name)
{
	char text[PATH_MAX], temp[64];
	ssize_t n = readlinkat(from_dir, name, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	(void)snprintf(temp, sizeof(temp), ".postern.%ld", (long)getpid());
	if (symlinkat(text, to_dir, temp) < 0)
		return -errno;
	if (renameat(to_dir, temp, to_dir, name) == 0)
		return 0;
	n = -errno;
	(void)unlinkat(to_dir, temp, 0);
	return (int)n;
}

/* All of name in dir; no link is followed, and no tree is too deep that has a path. */
static int remove_tree(int dir, const char *name)
{
	struct stat st;
	int fd;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return scratch_remove(fd, dir, name);
}

struct keep {
	const struct scratch *s;
	struct problem *e;
};

static int apply(void *ctx, enum scratch_change change, const char *rel, bool is_dir)
{
	struct keep *k = ctx;
	char from[PATH_MAX], to[PATH_MAX];
	const char *name;
	struct stat st;
	int from_dir = -1, to_dir = -1, r = full(k->s->upper, rel, NULL, from);

	if (r == 0)
		r = full(k->s->dir, rel, NULL, to);
	if (r == 0)
		r = to_dir = path_open_parent(to, &name);
	if (to_dir >= 0 && change != SCRATCH_DELETED)
		r = from_dir = path_open_parent(from, &name);
	if (r >= 0 && change != SCRATCH_DELETED &&
	    fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	/* what changes its type has to go first; a file gives way to a file in one step */
	if (r >= 0)
		r = change == SCRATCH_DELETED || (change == SCRATCH_CHANGED && !S_ISREG(st.st_mode))
			    ? remove_tree(to_dir, name)
			    : 0;
	if (r == 0 && change == SCRATCH_CHANGED && S_ISREG(st.st_mode)) {
		struct stat old;

		if (fstatat(to_dir, name, &old, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(old.st_mode))
			r = remove_tree(to_dir, name);
	}
	if (r == 0 && change != SCRATCH_DELETED) {
		if (is_dir)
			r = mkdirat(to_dir, name, (st.st_mode & 0777) | 0700) < 0 ? -errno : 0;
		else if (S_ISREG(st.st_mode))
			r = put_file(from_dir, to_dir, name, &st);
		else if (S_ISLNK(st.st_mode))
			r = put_link(from_dir, to_dir, name);
		else if (S_ISFIFO(st.st_mode))
			r = mkfifoat(to_dir, name, st.st_mode & 0777) < 0 ? -errno : 0;
		/* a socket without its program is nothing to keep */
	}
	if (from_dir >= 0)
		(void)close(from_dir);
	if (to_dir >= 0)
		(void)close(to_dir);
	return r < 0 ? problem_set(k->e, -r, "cannot take over %s: %s", to, strerror(-r)) : 0;
}

int scratch_keep(struct scratch *s, struct problem *e)
{
	struct keep k = {.s = s, .e = e};
	struct problem list;
	int r = scratch_list(s, apply, &k, &list);

	/* which of the two it was: one that looks, or one that changes */
	if (r < 0 && e != NULL && e->text[0] == '\0')
		*e = list;
	return r < 0 ? r : scratch_drop(s, e);
}
