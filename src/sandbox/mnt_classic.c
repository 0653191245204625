/* SPDX-License-Identifier: MIT */
#include "sandbox/mnt_classic.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "sandbox/mountinfo.h"
#include "sandbox/sys.h"

/* statfs f_flags; the C libraries do not all define these */
#define FLAG_NODIRATIME     0x0800u
#define FLAG_RELATIME       0x1000u
#define FLAG_NOSYMFOLLOW    0x2000u
#define FLAG_MS_NOSYMFOLLOW 0x100ul /* MS_NOSYMFOLLOW, Linux 5.10 */

/* attempts to flag what is mounted below a bind while somebody moves it */
#define FLAG_ATTEMPTS 16

/* Makes dir the current directory. 0 or -errno. */
static int go_to(struct mnt *m, int dir)
{
	if (m->cwd == AT_FDCWD && !m->opened) {
		int fd = openat(AT_FDCWD, ".", O_PATH | O_CLOEXEC);

		/* Without it relative sources are not found, rather than found elsewhere. */
		m->cwd = fd >= 0 ? fd : -1;
	}
	return fchdir(dir) < 0 ? -errno : 0;
}

static int call_mount(const struct mnt *m, const char *source, const char *target, const char *type,
		      unsigned long flags, const char *options)
{
	int r = mnt_power(m);

	if (r == 0 && mount(source, target, type, flags | MS_SILENT, options) < 0)
		r = -errno;
	mnt_rest(m);
	return r;
}

int mnt_by_fd(struct mnt *m, int source, int target, const char *type, unsigned long flags,
	      const char *options)
{
	char from[FD_LINK_MAX], to[FD_LINK_MAX];
	/* By relative names: the sandbox may already have another /proc, or none. */
	int r = go_to(m, m->proc);

	if (r < 0)
		return r;
	fd_link(source, from);
	fd_link(target, to);
	return call_mount(m, source >= 0 ? from : type, to, type, flags, options);
}

int mnt_statfs(struct mnt *m, int fd, struct statfs *ret)
{
	char link[FD_LINK_MAX];
	int r;

	if (fstatfs(fd, ret) == 0)
		return 0;
	if (errno != EBADF)
		return -errno;
	/* Before Linux 3.12 not of an O_PATH fd. */
	r = go_to(m, m->proc);
	if (r < 0)
		return r;
	fd_link(fd, link);
	return statfs(link, ret) < 0 ? -errno : 0;
}

static unsigned long attr_flags(unsigned int attrs)
{
	return (attrs & SYS_ATTR_RDONLY ? MS_RDONLY : 0) |
	       (attrs & SYS_ATTR_NOSUID ? MS_NOSUID : 0) | (attrs & SYS_ATTR_NODEV ? MS_NODEV : 0) |
	       (attrs & SYS_ATTR_NOEXEC ? MS_NOEXEC : 0);
}

int mnt_add_flags_classic(struct mnt *m, int fd, unsigned int attrs)
{
	unsigned long flags = attr_flags(attrs);
	struct statfs fs;
	unsigned long have;
	int r = mnt_statfs(m, fd, &fs);

	/* A remount sets all flags anew, so those that are there are named again. */
	if (r < 0)
		return r;
	have = (unsigned long)fs.f_flags;
	flags |= have & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC);
	flags |= have & ST_NOATIME ? MS_NOATIME : 0;
	flags |= have & FLAG_NODIRATIME ? MS_NODIRATIME : 0;
	flags |= have & FLAG_RELATIME ? MS_RELATIME : 0;
	flags |= have & FLAG_NOSYMFOLLOW ? FLAG_MS_NOSYMFOLLOW : 0;
	return mnt_by_fd(m, -1, fd, NULL, MS_REMOUNT | MS_BIND | flags, NULL);
}

/* Of the stage, what a directory or a file can be mounted on. */
static const char *stage_for(bool dir)
{
	return dir ? "d" : "f";
}

int mnt_make_stage(int dir)
{
	int fd;

	if (mkdirat(dir, stage_for(true), 0700) < 0)
		return -errno;
	fd = openat(dir, stage_for(false), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	return 0;
}

int mnt_open_below(int top, const char *path)
{
	int dir = top, fd;

	for (;;) {
		size_t n = strcspn(path, "/");
		bool last = path[n] == '\0';
		char name[NAME_MAX + 1];

		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, path, n);
		name[n] = '\0';
		fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC | (last ? 0 : O_DIRECTORY));
		fd = fd < 0 ? -errno : fd;
		if (dir != top)
			(void)close(dir);
		if (fd < 0 || last)
			return fd;
		dir = fd;
		path += n + 1;
	}
}

/* Is this folder the caller's own, or may others write in it? As the owner sees it: here it may be read-only. */
static bool may_be_changed(int top, const char *path)
{
	struct stat st;

	if (fstatat(top, path, &st, AT_SYMLINK_NOFOLLOW | (*path == '\0' ? AT_EMPTY_PATH : 0)) < 0)
		return true;
	return st.st_uid == geteuid() || st.st_mode & (S_IWGRP | S_IWOTH);
}

/* Can what this mount covers be renamed, so that it comes out from under it? Never the root of a mount. */
static bool may_slip(int top, size_t skip, const struct mountinfo *mi,
		     const struct mount_entry *cover)
{
	const struct mount_entry *parent = mountinfo_parent(mi, cover);
	char dir[PATH_MAX];
	size_t n, least;

	if (parent == NULL || strlen(cover->point) >= sizeof(dir))
		return true;
	if (strcmp(parent->point, cover->point) == 0)
		return false;
	least = strlen(parent->point) > skip ? strlen(parent->point) - skip : 0;
	n = strlen(cover->point + skip);
	memcpy(dir, cover->point + skip, n + 1);
	do {
		while (n > 0 && dir[n - 1] != '/')
			n--;
		n -= n > 0;
		dir[n] = '\0';
		if (may_be_changed(top, dir))
			return true;
	} while (n > least);
	return false;
}

int mnt_hidden(int top, size_t skip, const struct mountinfo *mi, const struct mount_entry *entry)
{
	const struct mount_entry *cover = mountinfo_cover(mi, entry, NULL);
	bool hidden = cover != NULL;

	for (; cover != NULL; cover = mountinfo_cover(mi, entry, cover))
		if (!may_slip(top, skip, mi, cover))
			return 1;
	return hidden ? -EBUSY : 0;
}

int mnt_beyond_reach(int top, const char *path, int error)
{
	char above[PATH_MAX];
	struct stat st;

	if (error == -ENOENT || error == -ENOTDIR || error == -ELOOP)
		return 1;
	if (error != -EACCES)
		return error;
	for (size_t n = strcspn(path, "/"); n < sizeof(above) && path[n] != '\0';
	     n += 1 + strcspn(path + n + 1, "/")) {
		memcpy(above, path, n);
		above[n] = '\0';
		if (fstatat(top, above, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return 1;
		if (faccessat(top, above, X_OK, 0) < 0)
			return st.st_uid == geteuid() ? error : 0;
	}
	/* It is open now. */
	return 1;
}

/*
 * Gives one mount below the bind its flags. 1: look again, whether it has them now or was moved
 * away meanwhile. 0: it cannot matter, for what cannot be reached here (mnt_beyond_reach, something
 * mounted above it) cannot be reached inside either. Else -errno.
 */
static int flag_entry(struct mnt *m, int top, const struct mountinfo *mi,
		      const struct mount_entry *e, const char *below, unsigned int attrs)
{
	int fd, r;

	r = mnt_hidden(top, strlen(e->point) - strlen(below), mi, e);
	if (r != 0)
		return r < 0 ? r : 0;
	fd = mnt_open_below(top, below);
	if (fd < 0)
		return mnt_beyond_reach(top, below, fd);
	r = mnt_add_flags_classic(m, fd, attrs);
	(void)close(fd);
	if (r == -EINVAL)
		return 1;
	if (r < 0 && m->tolerate)
		return 0;
	return r < 0 ? r : 1;
}

/* One reading of the mount table. 0: nothing below lacks a flag. 1: read again. Else -errno. */
static int flag_once(struct mnt *m, int top, const char *point, unsigned int attrs)
{
	struct mountinfo *mi = mountinfo_read(m->proc);
	size_t skip = strcmp(point, "/") == 0 ? 1 : strlen(point) + 1;
	int r = 0, again = 0;

	if (mi == NULL)
		return -errno;
	if (mountinfo_mark(mi, point) == NULL)
		r = -ESTALE;
	for (size_t i = 0; i < mi->n && r >= 0; i++) {
		const struct mount_entry *e = &mi->entries[i];

		if (!e->below || (e->attrs & attrs) == attrs || strlen(e->point) < skip)
			continue;
		r = flag_entry(m, top, mi, e, e->point + skip, attrs);
		again |= r > 0;
	}
	mountinfo_free(mi);
	return r < 0 ? r : again;
}

/*
 * Everything below the bind gets its flags, whatever the owner of the source renames meanwhile:
 * the table, not a path, tells when it is done.
 */
static int flag_submounts(struct mnt *m, int top, unsigned int attrs)
{
	char point[PATH_MAX] = "", link[FD_LINK_MAX];
	int r = 1;

	fd_link(top, link);
	if (readlinkat(m->proc, link, point, sizeof(point) - 1) < 0)
		return -errno;
	for (int i = 0; i < FLAG_ATTEMPTS && r > 0; i++)
		r = flag_once(m, top, point, attrs);
	return r > 0 ? -EBUSY : r;
}

/* A bind of the tree's source on the place at, whose root is opened by name below dir. The fd or -errno. */
static int bind(struct mnt *m, const struct tree *t, int at, int dir, const char *name)
{
	struct stat st;
	int r = fstat(t->fd, &st) < 0 ? -errno : 0, top;

	if (r == 0)
		r = mnt_by_fd(m, t->fd, at, NULL, MS_BIND | MS_REC, NULL);
	if (r < 0)
		return r;
	top = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (top < 0)
		return -errno;
	r = mnt_add_flags_classic(m, top, t->attrs);
	if (r == 0 && S_ISDIR(st.st_mode))
		r = flag_submounts(m, top, t->attrs);
	if (r == 0)
		return top;
	(void)close(top);
	return r;
}

/* The options as mount(2) takes them, in text; NULL if there are none. 0 or -errno. */
static int join_options(const struct tree *t, char text[PATH_MAX], const char **ret)
{
	struct buf b;

	buf_init(&b, text, PATH_MAX); /* the kernel takes one page */
	for (size_t i = 0; i < t->n_options; i++) {
		if (i > 0)
			buf_char(&b, ',');
		buf_str(&b, t->options[i].key);
		if (t->options[i].value != NULL) {
			buf_char(&b, '=');
			buf_str(&b, t->options[i].value);
		}
	}
	*ret = b.len > 0 ? text : NULL;
	return b.full ? -ENAMETOOLONG : 0;
}

int mnt_new_in(struct mnt *m, const struct tree *t, int dir, const char *name)
{
	char text[PATH_MAX];
	const char *options;
	int r = join_options(t, text, &options);

	if (r == 0)
		r = go_to(m, dir);
	if (r == 0)
		r = call_mount(m, t->type, name, t->type, attr_flags(t->attrs), options);
	return r;
}

static int new_fs(struct mnt *m, const struct tree *t, int target)
{
	char text[PATH_MAX];
	const char *options;
	int r = join_options(t, text, &options);

	/* The options may name files in /proc, as mnt_by_fd does. */
	return r < 0 ? r : mnt_by_fd(m, -1, target, t->type, attr_flags(t->attrs), options);
}

static bool is_dir(const struct tree *t)
{
	struct stat st;

	return !t->is_bind || (fstat(t->fd, &st) == 0 && S_ISDIR(st.st_mode));
}

/*
 * Mounts on the object of at, which is name in the directory dir, where nobody else can put another
 * in its place. The fd of the new mount's root, or -errno.
 */
static int mount_at(struct mnt *m, struct tree *t, int at, int dir, const char *name)
{
	int r;

	if (t->is_bind)
		return bind(m, t, at, dir, name);
	r = new_fs(m, t, at);
	if (r < 0)
		return r;
	r = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return r < 0 ? -errno : r;
}

/*
 * On the stage, with all its flags, and then to where it belongs. There, who owns the folder could rename
 * the mount point between two calls, so that a name would lead to another mount.
 */
static int place_by_stage(struct mnt *m, struct tree *t, int target)
{
	const char *name = stage_for(is_dir(t));
	int at = openat(m->stage, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), top, r;

	if (at < 0)
		return -errno;
	top = mount_at(m, t, at, m->stage, name);
	(void)close(at);
	if (top < 0)
		return top;
	r = mnt_by_fd(m, top, target, NULL, MS_MOVE, NULL);
	if (r == 0)
		return top;
	(void)close(top);
	return r;
}

/* The new root itself: below it there is no stage yet, and nobody else has a name for it. */
static int place_on_root(struct mnt *m, struct tree *t, int target)
{
	/* Lookups start below what is stacked on /; .. at the root steps onto its top. */
	return mount_at(m, t, target, AT_FDCWD, "/..");
}

int mnt_place_classic(struct mnt *m, struct tree *t, const struct dest *d)
{
	int target = d->fd, r;

	if (target < 0)
		target = openat(d->parent, d->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0)
		return -errno;
	if (m->stage >= 0)
		r = place_by_stage(m, t, target);
	else if (d->is_root)
		r = place_on_root(m, t, target);
	else if (m->power == 0 || !is_dir(t))
		r = mount_at(m, t, target, d->parent, d->name);
	else /* a bind that no newer call would make, where these are all there is */
		r = -EPERM;
	if (target != d->fd)
		(void)close(target);
	if (r < 0)
		return r;
	tree_close(t);
	t->fd = r;
	return 0;
}
