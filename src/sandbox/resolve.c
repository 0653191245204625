/* SPDX-License-Identifier: MIT */
#include "sandbox/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/sys.h"
#include "sandbox/walk.h"

#define AGAIN_MAX 8 /* openat2 gives EAGAIN while a rename elsewhere makes .. unsafe to judge */

void dest_close(struct dest *d)
{
	fd_close(&d->fd);
	if (!d->parent_is_cached)
		fd_close(&d->parent);
	d->parent = -1;
}

void root_init(struct root *r, int fd)
{
	r->fd = fd;
	for (size_t i = 0; i < ROOT_CACHED; i++)
		r->cached[i].fd = -1;
	r->next_cached = 0;
}

void root_forget(struct root *r)
{
	for (size_t i = 0; i < ROOT_CACHED; i++)
		fd_close(&r->cached[i].fd);
}

/* openat2 inside the root. The fd or -errno; -ENOSYS means: walk. */
static int open_in_root(struct root *r, const char *path, uint64_t flags, uint64_t resolve)
{
	struct sys_open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = SYS_RESOLVE_IN_ROOT | SYS_RESOLVE_NO_MAGICLINKS | resolve,
	};

	for (int i = 0; i < AGAIN_MAX && !r->no_openat2; i++) {
		int fd = sys_openat2(r->fd, path, &how);

		if (fd >= 0)
			return fd;
		if (sys_unknown(errno) || errno == E2BIG)
			r->no_openat2 = true;
		else if (errno != EAGAIN)
			return -errno;
	}
	return -ENOSYS;
}

int root_open(struct root *r, const char *path)
{
	struct dest d;
	int fd = open_in_root(r, path, O_PATH, 0);

	if (fd != -ENOSYS)
		return fd;
	fd = walk(r->fd, path, 0, false, &d);
	if (fd < 0)
		return fd;
	fd = d.fd >= 0 ? d.fd : -ENOENT;
	d.fd = -1;
	dest_close(&d);
	return fd;
}

int root_open_host(const char *path)
{
	const struct sys_open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = SYS_RESOLVE_NO_MAGICLINKS,
	};
	struct root host = {.fd = -1};
	int top, fd = path[0] == '/' ? sys_openat2(AT_FDCWD, path, &how) : -1;

	/* This process's own root is what it shall be below: nothing leads out of that. */
	if (path[0] == '/' && (fd >= 0 || !(sys_unknown(errno) || errno == E2BIG)))
		return fd >= 0 ? fd : -errno;
	top = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -errno;
	root_init(&host, top);
	fd = root_open(&host, path);
	root_forget(&host);
	(void)close(top);
	return fd;
}

/*
 * Splits a path that ends in a plain name: *ret_dir is the length of the part before the name
 * (0: directly below the root). False if the last component is missing, . or .., or too long.
 */
static bool split(const char *path, size_t *ret_dir, char *name)
{
	size_t end = strlen(path), start;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/'; start--)
		;
	if (end - start == 0 || end - start > NAME_MAX || start + 2 > PATH_MAX)
		return false;
	memcpy(name, path + start, end - start);
	name[end - start] = '\0';
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	*ret_dir = start;
	return true;
}

static struct cached_dir *find_cached(struct root *r, const char *path, size_t dir)
{
	for (size_t i = 0; i < ROOT_CACHED; i++) {
		struct cached_dir *c = &r->cached[i];

		if (c->fd >= 0 && c->len == dir && memcmp(c->path, path, dir) == 0)
			return c;
	}
	return NULL;
}

static struct cached_dir *remember(struct root *r, const char *path, size_t dir, int fd)
{
	struct cached_dir *c = &r->cached[r->next_cached++ % ROOT_CACHED];

	fd_close(&c->fd);
	*c = (struct cached_dir){.fd = fd, .path = path, .len = dir};
	return c;
}

/* The directory part of path, cached; missing ones are made. 0 or -errno. */
static int parent_dir(struct root *r, const char *path, size_t dir, mode_t parents_mode,
		      struct cached_dir **ret)
{
	char text[PATH_MAX];
	struct dest d;
	int fd, e;

	*ret = find_cached(r, path, dir);
	if (*ret != NULL)
		return 0;
	memcpy(text, path, dir);
	memcpy(text + dir, ".", 2);
	fd = open_in_root(r, text, O_PATH | O_DIRECTORY, 0);
	if (fd == -ENOENT || fd == -ENOSYS) {
		/* The dot makes the walk treat the directory itself as one on the way. */
		e = walk(r->fd, text, parents_mode, false, &d);
		if (e < 0)
			return e;
		fd = d.fd;
		d.fd = -1;
		dest_close(&d);
	}
	if (fd < 0)
		return fd;
	*ret = remember(r, path, dir, fd);
	return 0;
}

static int make(const struct place *p, int dir, const char *name)
{
	bool is_dir = p->want == WANT_DIR;
	struct stat st;

	if (p->want == WANT_LIKE) {
		if (fstat(p->like, &st) < 0)
			return -errno;
		is_dir = S_ISDIR(st.st_mode);
	}
	if (is_dir ? mkdirat(dir, name, 0755) : mknodat(dir, name, S_IFREG | 0444, 0))
		return -errno;
	return 0;
}

/* By the component walk: parent, name and object, made if missing. */
static int place_by_walk(struct root *r, const struct place *p, struct dest *d, bool *ret_parents)
{
	int e = walk(r->fd, p->path, p->parents_mode, false, d);

	*ret_parents = e < 0;
	if (e < 0 || d->fd >= 0)
		return e;
	e = make(p, d->parent, d->name);
	if (e == 0) {
		d->fd = openat(d->parent, d->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		e = d->fd >= 0 ? 0 : -errno;
	}
	if (e < 0)
		dest_close(d);
	return e;
}

/* Creates the name in the cached directory: 0, or -errno (-EEXIST: look at what is there). */
static int create_cached(struct cached_dir *c, const struct place *p, const char *name,
			 struct dest *d)
{
	int e = make(p, c->fd, name);

	c->creates = e == 0;
	if (e < 0)
		return e;
	d->parent = c->fd;
	d->parent_is_cached = true;
	memcpy(d->name, name, strlen(name) + 1);
	return 0;
}

/* Does every component but . lead down? Not looking at links. */
static bool only_descends(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")) != NULL; p += 2)
		if ((p == path || p[-1] == '/') && (p[2] == '/' || p[2] == '\0'))
			return false;
	return true;
}

/*
 * An existing object, by openat2, at a path that ends in a name. 1: it may be the root under
 * another name, walk to be sure.
 */
static int place_existing(struct root *r, const char *path, struct dest *d)
{
	struct stat root, st;
	int fd = -ELOOP;

	/* Who goes down only, and follows nothing, does not end at the root. */
	if (only_descends(path))
		fd = open_in_root(r, path, O_PATH, SYS_RESOLVE_NO_SYMLINKS);
	if (fd != -ELOOP) {
		d->fd = fd >= 0 ? fd : -1;
		return fd >= 0 ? 0 : fd;
	}
	fd = open_in_root(r, path, O_PATH, 0);
	if (fd < 0)
		return fd;
	if (fstat(r->fd, &root) == 0 && fstat(fd, &st) == 0 &&
	    (st.st_dev != root.st_dev || st.st_ino != root.st_ino)) {
		d->fd = fd;
		return 0;
	}
	(void)close(fd);
	return 1;
}

int root_place(struct root *r, const struct place *p, struct dest *d, bool *ret_parents)
{
	char name[NAME_MAX + 1];
	struct cached_dir *c;
	size_t dir;
	int e;

	*d = DEST_NONE;
	*ret_parents = false;
	if (p->need_parent || r->no_openat2 || !split(p->path, &dir, name))
		return place_by_walk(r, p, d, ret_parents);
	c = find_cached(r, p->path, dir);
	if (c != NULL && c->creates && create_cached(c, p, name, d) == 0)
		return 0;
	e = place_existing(r, p->path, d);
	if (e == -ENOENT) {
		e = parent_dir(r, p->path, dir, p->parents_mode, &c);
		*ret_parents = e < 0;
		if (e < 0)
			return e;
		e = create_cached(c, p, name, d);
		/* It exists: a link that leads nowhere yet. Make what it names, inside the root. */
		if (e != -EEXIST)
			return e;
	} else if (e <= 0 && e != -ENOSYS) {
		*ret_parents = e == -ENOTDIR;
		return e;
	}
	return place_by_walk(r, p, d, ret_parents);
}

int root_parent(struct root *r, const char *path, mode_t parents_mode, bool nofollow,
		struct dest *d)
{
	char name[NAME_MAX + 1];
	struct cached_dir *c;
	struct stat st;
	size_t dir;
	int e;

	*d = DEST_NONE;
	if (!split(path, &dir, name))
		return walk(r->fd, path, parents_mode, nofollow, d);
	e = parent_dir(r, path, dir, parents_mode, &c);
	if (e < 0)
		return e;
	d->parent = c->fd;
	d->parent_is_cached = true;
	memcpy(d->name, name, strlen(name) + 1);
	d->fd = openat(c->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (d->fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (nofollow || fstat(d->fd, &st) < 0 || !S_ISLNK(st.st_mode))
		return 0;
	dest_close(d);
	return walk(r->fd, path, parents_mode, nofollow, d);
}
