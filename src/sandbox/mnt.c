/* SPDX-License-Identifier: MIT */
#include "sandbox/mnt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "sandbox/caps.h"
#include "sandbox/deny.h"
#include "sandbox/mnt_classic.h"
#include "sandbox/sys.h"

#define NSFS_MAGIC  0x6e736673 /* NSFS_MAGIC, Linux 3.19 */
#define RENAMES_MAX 100        /* attempts to follow an object that others keep renaming */
#define CLONE_TREE  (SYS_OPEN_TREE_CLONE | SYS_OPEN_TREE_CLOEXEC | SYS_AT_RECURSIVE)

/*
 * Which of the newer calls exist and are allowed? Asked with an fd that cannot be, so that
 * the answer changes nothing: EBADF means yes. Asked before anything is mounted, because
 * mount(2) needs other preparations.
 */
static bool has_detached_mounts(struct mnt *m, bool unfiltered)
{
	const struct sys_mount_attr attr = {.attr_set = 0};
	const unsigned int flags = SYS_OPEN_TREE_CLONE | SYS_AT_EMPTY_PATH;

	m->no_tree_attr = sys_open_tree_attr(-1, "", flags, &attr) < 0 && sys_unknown(errno);
	/* It is younger than the others, which then only a filter can refuse. */
	if (!m->no_tree_attr && unfiltered)
		return true;
	if (sys_move_mount(-1, -1, "", SYS_MOVE_MOUNT_T_EMPTY_PATH) < 0 && sys_unknown(errno))
		return false;
	if (!m->no_tree_attr)
		return true;
	if (sys_open_tree(-1, "", flags) < 0 && sys_unknown(errno))
		return false;
	return sys_mount_setattr(-1, "", SYS_AT_EMPTY_PATH, &attr) >= 0 || !sys_unknown(errno);
}

void mnt_init(struct mnt *m, int proc, const struct plan *p, bool unfiltered)
{
	memset(m, 0, sizeof(*m));
	m->power = p->power;
	m->deny = p->deny_paths;
	m->n_deny = p->n_deny_paths;
	m->proc = proc;
	m->stage = m->table_fd = -1;
	m->cwd = AT_FDCWD;
	m->tolerate = p->flags & PLAN_TOLERATE_SUBMOUNTS;
	/* Some refuse before they look at the fd. */
	if (mnt_power(m) < 0)
		m->classic = true;
	else
		m->classic = !has_detached_mounts(m, unfiltered);
	mnt_rest(m);
}

int mnt_power(const struct mnt *m)
{
	return m->holds ? 0 : caps_effect(m->power, CAP_BIT(SYS_ADMIN)); /* to mount */
}

void mnt_rest(const struct mnt *m)
{
	if (!m->holds)
		caps_rest(m->power);
}

int mnt_hold(struct mnt *m)
{
	int r = mnt_power(m);

	m->holds = r == 0;
	return r;
}

void mnt_let_go(struct mnt *m)
{
	m->holds = false;
	mnt_rest(m);
}

void mnt_done(struct mnt *m)
{
	if (m->cwd >= 0)
		fd_close(&m->cwd);
	fd_close(&m->stage);
	deny_done(m);
}

void tree_close(struct tree *t)
{
	fd_close(&t->fd);
}

static int copy_tree(struct mnt *m, int dir, const char *path, unsigned int attrs)
{
	const struct sys_mount_attr attr = {.attr_set = attrs};
	unsigned int flags = CLONE_TREE | (path[0] == '\0' ? SYS_AT_EMPTY_PATH : 0);
	int fd, e;

	if (!m->no_tree_attr) {
		fd = sys_open_tree_attr(dir, path, flags, &attr);
		return fd >= 0 ? fd : -errno;
	}
	fd = sys_open_tree(dir, path, flags);
	if (fd < 0)
		return -errno;
	if (sys_mount_setattr(fd, "", SYS_AT_EMPTY_PATH | SYS_AT_RECURSIVE, &attr) < 0) {
		e = -errno;
		(void)close(fd);
		return e;
	}
	return fd;
}

/*
 * Opens a source as the caller would, with no capability effective and through no magic link, which
 * would be this process's own (MUST 4), and looks whether it may be bound. The O_PATH fd or -errno.
 */
static int open_allowed(struct mnt *m, int dir, const char *path)
{
	bool is_own;
	int fd, r;

	if (path[0] == '/') {
		fd = root_open_host(path);
	} else {
		fd = openat(dir, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		fd = fd < 0 ? -errno : fd;
	}
	/* A name in a directory of this program's own is no source of the caller's; "." is the host's /proc. */
	is_own = path[0] != '/' && strcmp(path, ".") != 0;
	r = fd < 0 || is_own ? fd : deny_check(m, fd);
	if (r < 0 && fd >= 0)
		(void)close(fd);
	return r < 0 ? r : fd;
}

/* Is a source opened before it is decided whether and how it may be bound? */
static bool looks_first(const struct mnt *m)
{
	return m->power != 0 || m->n_deny != 0 || m->no_magic;
}

/* The fd or -errno. */
static int open_source(struct mnt *m, int dir, const char *path)
{
	int fd;

	if (looks_first(m))
		return open_allowed(m, dir, path);
	fd = openat(dir, path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A detached, flagged copy of the mounts at path. The fd or -errno. */
static int clone_tree(struct mnt *m, int dir, const char *path, unsigned int attrs)
{
	int fd, r;

	if (!looks_first(m))
		return copy_tree(m, dir, path, attrs);
	fd = open_allowed(m, dir, path);
	if (fd < 0)
		return fd;
	r = mnt_power(m);
	if (r == 0)
		r = copy_tree(m, fd, "", attrs);
	mnt_rest(m);
	(void)close(fd);
	return r;
}

bool mnt_same_object(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino && (x.st_mode & S_IFMT) == (y.st_mode & S_IFMT);
}

int mnt_path_of(const struct mnt *m, int fd, char ret[PATH_MAX])
{
	char link[FD_LINK_MAX];
	ssize_t n;

	fd_link(fd, link);
	n = readlinkat(m->proc, link, ret, PATH_MAX);
	if (n < 0)
		return -errno;
	/* A name that was cut, or that begins elsewhere, could be anything. */
	if (n == PATH_MAX || ret[0] != '/')
		return -ENOENT;
	ret[n] = '\0';
	return 0;
}

/*
 * A namespace has no path, but can be bound from the fd itself. 0 or -errno; -ENOENT where fd is none.
 */
static int source_of_namespace(struct mnt *m, int fd, unsigned int attrs, struct tree *t)
{
	struct statfs fs;
	int r;

	if (mnt_statfs(m, fd, &fs) < 0 || fs.f_type != NSFS_MAGIC)
		return -ENOENT;
	*t = (struct tree){.fd = -1, .is_bind = true};
	r = m->classic ? -ENOSYS : mnt_power(m);
	if (r == 0)
		r = copy_tree(m, fd, "", attrs);
	mnt_rest(m);
	t->fd = r;
	if (r >= 0 || !sys_unknown(-r))
		return r < 0 ? r : 0;
	t->classic = true;
	t->attrs = attrs;
	t->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return t->fd < 0 ? -errno : 0;
}

/* One attempt; the object may be renamed between asking for its path and opening that. */
static int try_source_fd(struct mnt *m, int fd, unsigned int attrs, struct tree *t)
{
	char path[PATH_MAX];
	int e = mnt_path_of(m, fd, path);

	if (e < 0)
		return e;
	memset(t, 0, sizeof(*t));
	t->is_bind = true;
	t->fd = m->classic ? -1 : clone_tree(m, AT_FDCWD, path, attrs);
	if (t->fd < 0 && (m->classic || sys_unknown(-t->fd))) {
		t->classic = true;
		t->attrs = attrs;
		t->fd = open_source(m, AT_FDCWD, path);
	}
	if (t->fd < 0)
		return t->fd;
	if (mnt_same_object(fd, t->fd))
		return 0;
	tree_close(t);
	return -ESTALE;
}

int mnt_source_fd(struct mnt *m, int fd, unsigned int attrs, struct tree *t)
{
	int e = fcntl(fd, F_GETFD) < 0 ? -errno : -ESTALE;
	int r = e == -ESTALE ? source_of_namespace(m, fd, attrs, t) : -ENOENT;

	if (r != -ENOENT)
		return r;
	for (int i = 0; i < RENAMES_MAX && (e == -ESTALE || e == -ENOENT); i++)
		e = try_source_fd(m, fd, attrs, t);
	return e;
}

int mnt_source(struct mnt *m, int dir, const char *path, unsigned int attrs, struct tree *t)
{
	int fd, e;

	memset(t, 0, sizeof(*t));
	t->is_bind = true;
	if (!m->classic) {
		t->fd = clone_tree(m, dir, path, attrs);
		if (t->fd >= 0 || !sys_unknown(-t->fd))
			return t->fd >= 0 ? 0 : t->fd;
	}
	fd = open_source(m, dir, path);
	if (fd < 0)
		return fd;
	/*
	 * A link in /proc/self/fd may lead to a mount of another namespace, which cannot be bound;
	 * the same object under its path can. Others (namespaces, what lies in the new root) have no
	 * path that leads back to them, and are bound from this fd.
	 */
	e = try_source_fd(m, fd, attrs, t);
	if (e != -ENOENT && e != -ESTALE) {
		(void)close(fd);
		return e;
	}
	t->classic = true;
	t->attrs = attrs;
	t->fd = fd;
	return 0;
}

static int make_fs(const struct mnt *m, const char *type, const struct mnt_option *options,
		   size_t n, unsigned int attrs)
{
	int fs = sys_fsopen(type), fd, e;

	if (fs < 0)
		return -errno;
	for (size_t i = 0; i < n; i++) {
		unsigned int cmd =
			options[i].value != NULL ? SYS_FSCONFIG_SET_STRING : SYS_FSCONFIG_SET_FLAG;

		if (sys_fsconfig(fs, cmd, options[i].key, options[i].value) < 0)
			goto fail;
	}
	if (sys_fsconfig(fs, SYS_FSCONFIG_CMD_CREATE, NULL, NULL) < 0)
		goto fail;
	fd = sys_fsmount(fs, attrs);
	if (fd < 0)
		goto fail;
	if (!m->leaves_fds)
		(void)close(fs);
	return fd;
fail:
	e = -errno;
	(void)close(fs);
	return e;
}

static int fs_new(const struct mnt *m, const char *type, const struct mnt_option *options, size_t n,
		  unsigned int attrs)
{
	int r = mnt_power(m);

	if (r == 0)
		r = make_fs(m, type, options, n, attrs);
	mnt_rest(m);
	return r;
}

void mnt_new_direct(const char *type, const struct mnt_option *options, size_t n,
		    unsigned int attrs, struct tree *t)
{
	*t = (struct tree){
		.fd = -1,
		.direct = true,
		.attrs = attrs,
		.type = type,
		.options = options,
		.n_options = n,
	};
}

int mnt_new(struct mnt *m, const char *type, const struct mnt_option *options, size_t n,
	    unsigned int attrs, struct tree *t)
{
	int fd = m->classic ? -ENOSYS : fs_new(m, type, options, n, attrs);

	if (fd < 0 && !sys_unknown(-fd))
		return fd;
	mnt_new_direct(type, options, n, attrs, t);
	t->direct = false;
	t->classic = fd < 0;
	t->fd = fd < 0 ? -1 : fd;
	return 0;
}

/* 0 or -errno; an unknown call may be one that only mount(2) is. */
static int place_direct(struct mnt *m, const struct tree *t, const struct dest *d)
{
	int target = d->fd, r;

	if (target < 0 && d->parent_is_own)
		return mnt_new_in(m, t, d->parent, d->name);
	if (target < 0)
		target = openat(d->parent, d->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0)
		return -errno;
	r = mnt_new_in(m, t, target, ".");
	if (target != d->fd && !m->leaves_fds)
		(void)close(target);
	return r;
}

static int move(const struct mnt *m, int fd, const struct dest *d)
{
	int r = mnt_power(m);

	if (r == 0) {
		if (d->fd >= 0)
			r = sys_move_mount(fd, d->fd, "", SYS_MOVE_MOUNT_T_EMPTY_PATH);
		else
			r = sys_move_mount(fd, d->parent, d->name, 0);
		r = r < 0 ? -errno : 0;
	}
	mnt_rest(m);
	return r;
}

static int place_tree(struct mnt *m, struct tree *t, const struct dest *d)
{
	int r;

	if (t->direct) {
		/* The root's fd is always needed. */
		r = d->is_root ? -ENOSYS : place_direct(m, t, d);
		/* EACCES: a directory that the caller may not enter can be mounted on nevertheless. */
		if (r == 0 || (!sys_unknown(-r) && r != -EACCES))
			return r;
		r = mnt_new(m, t->type, t->options, t->n_options, t->attrs, t);
		if (r < 0)
			return r;
	}
	if (t->classic)
		return mnt_place_classic(m, t, d);
	return move(m, t->fd, d);
}

int mnt_place(struct mnt *m, struct tree *t, const struct dest *d)
{
	bool known = deny_knows(m);
	int r = place_tree(m, t, d);

	if (known)
		deny_pass(m);
	return r;
}

int mnt_set_attr(const struct mnt *m, int fd, unsigned int flags, const struct sys_mount_attr *attr)
{
	int r = mnt_power(m);

	if (r == 0 && sys_mount_setattr(fd, "", SYS_AT_EMPTY_PATH | flags, attr) < 0)
		r = -errno;
	mnt_rest(m);
	return r;
}

int mnt_read_only(struct mnt *m, int fd)
{
	/* nodev too: so it is in bubblewrap. */
	const unsigned int attrs = SYS_ATTR_RDONLY | SYS_ATTR_NODEV;
	const struct sys_mount_attr attr = {.attr_set = attrs};
	int r = m->classic ? -ENOSYS : mnt_set_attr(m, fd, 0, &attr);

	if (!m->classic && (r == 0 || !sys_unknown(-r)))
		return r;
	return mnt_add_flags_classic(m, fd, attrs);
}
