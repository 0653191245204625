/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdio.h"
#include "host/probe_run.h"
#include "host/probe_sys.h"

/* The kernel's user-space interface (linux/mount.h, linux/fcntl.h) */
#define TREE_CLONE     1u
#define TREE_CLOEXEC   ((unsigned int)O_CLOEXEC)
#define RECURSIVE      0x8000u
#define EMPTY_PATH     0x1000u
#define FROM_EMPTY     0x04u
#define TO_EMPTY       0x40u
#define CONTEXT_CLOSES 1u
#define SET_FLAG       0u
#define SET_STRING     1u
#define CREATE         6u
#define ATTR_NOSUID    0x2u
#define ATTR_NODEV     0x4u
#define ATTR_NOEXEC    0x8u
#define RELATIME       0x1000u /* statfs's name for it */

struct attr {
	uint64_t set, clear, propagation, userns;
};

/* A file system that the launcher makes. Texts, not pointers to them: see src/base/err.c. */
struct fs {
	char type[8];
	char key[12], value[8]; /* an option, or empty; one without a value */
	char options[40];       /* all, for mount(2) */
	unsigned int attrs;     /* the same flags in both forms */
	unsigned long flags;
};

struct site {
	bool classic; /* the newer calls are not to be had */
	int root;     /* O_PATH: / */
	int top;      /* O_PATH: root of the tmpfs */
};

/* A kernel (ENOSYS, EINVAL) or a filter (EPERM) says so that it does not know a call: as sys_unknown (src/sandbox/sys.h). */
static bool is_unknown(int r)
{
	return r == -ENOSYS || r == -EPERM || r == -EINVAL;
}

static int minus_errno(long r)
{
	return r < 0 ? -errno : (int)r;
}

static int tree_open(int dir, const char *path, unsigned int flags)
{
	return minus_errno(syscall(PROBE_NR_open_tree, dir, path, flags));
}

static int set_attr(int fd, unsigned int flags, const struct attr *a)
{
	return minus_errno(
		syscall(PROBE_NR_mount_setattr, fd, "", EMPTY_PATH | flags, a, sizeof(*a)));
}

static int tree_move(int fd, int dir, const char *path)
{
	return minus_errno(syscall(PROBE_NR_move_mount, fd, "", dir, path,
				   FROM_EMPTY | (path[0] == '\0' ? TO_EMPTY : 0)));
}

/* Asked as the launcher asks (has_detached_mounts, src/sandbox/mnt.c): EBADF means that the call is there. */
static bool is_classic(void)
{
	const struct attr a = {.set = 0};
	bool tree_attr = !is_unknown(minus_errno(
		syscall(PROBE_NR_open_tree_attr, -1, "", TREE_CLONE | EMPTY_PATH, &a, sizeof(a))));

	if (is_unknown(minus_errno(
		    syscall(PROBE_NR_move_mount, -1, "", -1, "", FROM_EMPTY | TO_EMPTY))))
		return true;
	if (tree_attr)
		return false;
	return is_unknown(tree_open(-1, "", TREE_CLONE | EMPTY_PATH)) ||
	       is_unknown(set_attr(-1, 0, &a));
}

/* The mount's fd, or -errno. */
static int make_fs(const struct fs *fs)
{
	int context = minus_errno(syscall(PROBE_NR_fsopen, fs->type, CONTEXT_CLOSES));
	int r = context < 0 ? context : 0;

	if (r == 0 && fs->key[0] != '\0')
		r = minus_errno(syscall(PROBE_NR_fsconfig, context,
					fs->value[0] != '\0' ? SET_STRING : SET_FLAG, fs->key,
					fs->value[0] != '\0' ? fs->value : NULL, 0));
	if (r == 0)
		r = minus_errno(syscall(PROBE_NR_fsconfig, context, CREATE, NULL, NULL, 0));
	if (r == 0)
		r = minus_errno(syscall(PROBE_NR_fsmount, context, CONTEXT_CLOSES, fs->attrs));
	fd_close(&context);
	return r;
}

static int mount_fs(const struct fs *fs, const char *place)
{
	return mount(fs->type, place, fs->type, fs->flags, fs->options) < 0 ? -errno : 0;
}

/* On a directory of this name, below the current one. */
static int put_fs(const struct site *s, const struct fs *fs, const char *name)
{
	int fd = s->classic ? -ENOSYS : make_fs(fs), r;

	if (fd < 0)
		return is_unknown(fd) ? mount_fs(fs, name) : fd;
	r = tree_move(fd, AT_FDCWD, name);
	(void)close(fd);
	return r;
}

/* The launcher's first mount: a tmpfs on /, which hides nothing that is looked up from there. */
static int stack_tmpfs(struct site *s)
{
	static const struct fs tmpfs = {.type = "tmpfs",
					.key = "mode",
					.value = "0755",
					.options = "mode=0755",
					.attrs = ATTR_NOSUID | ATTR_NODEV,
					.flags = MS_NOSUID | MS_NODEV};
	int fd = s->classic ? -ENOSYS : make_fs(&tmpfs), r;

	if (fd < 0 && !is_unknown(fd))
		return fd;
	if (fd >= 0) {
		s->top = fd;
		return tree_move(fd, s->root, "");
	}
	r = mount_fs(&tmpfs, "/");
	if (r < 0)
		return r;
	/* Above the root there is what is stacked on it. */
	s->top = open("/..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->top < 0 ? -errno : 0;
}

/* Nothing arrives here from the host; nothing of ours leaves it anyway, as this namespace is another user's. */
static int make_slave(const struct site *s)
{
	const struct attr a = {.propagation = MS_SLAVE};
	int r = s->classic ? -ENOSYS : set_attr(s->root, RECURSIVE, &a);

	if (r < 0 && is_unknown(r))
		r = mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0 ? -errno : 0;
	return r;
}

static int bind_classic(const char *name)
{
	struct statvfs fs;
	unsigned long have;

	if (mount("/", name, NULL, MS_BIND | MS_REC, NULL) < 0 || statvfs(name, &fs) < 0)
		return -errno;
	/* A remount sets all flags anew, so those that are there are named again. */
	have = fs.f_flag;
	have = (have & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC)) |
	       (have & ST_NOATIME ? MS_NOATIME : 0) | (have & ST_NODIRATIME ? MS_NODIRATIME : 0) |
	       (have & RELATIME ? MS_RELATIME : 0);
	if (mount(NULL, name, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | have, NULL) < 0)
		return -errno;
	return 0;
}

static int bind_root(const struct site *s, const char *name)
{
	const struct attr a = {.set = ATTR_NOSUID | ATTR_NODEV};
	int fd, r;

	if (mkdir(name, 0755) < 0)
		return -errno;
	fd = s->classic
		     ? -ENOSYS
		     : tree_open(s->root, "", TREE_CLONE | TREE_CLOEXEC | RECURSIVE | EMPTY_PATH);
	if (fd < 0)
		return is_unknown(fd) ? bind_classic(name) : fd;
	r = set_attr(fd, RECURSIVE, &a);
	if (r == 0)
		r = tree_move(fd, AT_FDCWD, name);
	(void)close(fd);
	return r;
}

/* procfs: first by mount(2), which is one call. A filter may let only the other way through. */
static int put_proc(const struct site *s)
{
	static const struct fs proc = {.type = "proc",
				       .attrs = ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC,
				       .flags = MS_NOSUID | MS_NODEV | MS_NOEXEC};
	int r;

	if (mkdir("proc", 0755) < 0)
		return -errno;
	r = mount_fs(&proc, "proc");
	return r == 0 || (!is_unknown(r) && r != -EACCES) ? r : put_fs(s, &proc, "proc");
}

static int put_devpts(const struct site *s)
{
	static const struct fs devpts = {.type = "devpts",
					 .key = "newinstance",
					 .options = "newinstance,ptmxmode=0666,mode=620",
					 .attrs = ATTR_NOSUID | ATTR_NOEXEC,
					 .flags = MS_NOSUID | MS_NOEXEC};

	return mkdir("pts", 0755) < 0 ? -errno : put_fs(s, &devpts, "pts");
}

/* A root that cannot be left, and a call that a filter refuses, the launcher answers with chroot. */
static int enter(const struct teller *t)
{
	int r;

	step_begin(t, FACT_RUN_PIVOT);
	if (syscall(SYS_pivot_root, ".", ".") == 0)
		return step_end(t, FACT_RUN_PIVOT, umount2(".", MNT_DETACH) < 0 ? -errno : 0);
	r = -errno;
	if (chroot(".") < 0)
		return step_end(t, FACT_RUN_PIVOT, r);
	step_note(t, FACT_RUN_PIVOT, r);
	return 0;
}

/* Where mounting as such is refused, that shows in this step, as it does in the launcher's messages. */
static int begin_mounting(const struct teller *t, struct site *s)
{
	int r;

	step_begin(t, FACT_RUN_SLAVE);
	s->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = s->root < 0 ? -errno : make_slave(s);
	if (r < 0)
		return step_end(t, FACT_RUN_SLAVE, r);
	r = stack_tmpfs(s);
	if (r == -EPERM || r == -EACCES)
		return step_end(t, FACT_RUN_SLAVE, r);
	(void)step_end(t, FACT_RUN_SLAVE, 0);
	step_begin(t, FACT_RUN_TMPFS);
	if (r == 0 && fchdir(s->top) < 0)
		r = -errno;
	return step_end(t, FACT_RUN_TMPFS, r);
}

int probe_mounts(const struct teller *t)
{
	struct site s = {.classic = is_classic(), .root = -1, .top = -1};
	int r = begin_mounting(t, &s);

	if (r < 0)
		return r;
	step_begin(t, FACT_RUN_BIND);
	r = step_end(t, FACT_RUN_BIND, bind_root(&s, "root"));
	if (r < 0)
		return r;
	step_begin(t, FACT_RUN_PROC);
	step_note(t, FACT_RUN_PROC, put_proc(&s));
	step_begin(t, FACT_RUN_DEVPTS);
	step_note(t, FACT_RUN_DEVPTS, put_devpts(&s));
	return enter(t);
}
