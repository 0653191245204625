/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/path.h"
#include "sandbox/caps.h"
#include "sandbox/mnt_classic.h"
#include "sandbox/mountinfo.h"
#include "sandbox/setup.h"
#include "sandbox/sys.h"

#define HELD_RESERVE 64 /* fds for everything that is no held source */
#define OP_FDS_MAX   12 /* opened by one operation: for --dev, the nodes, its root, its place */
#define STACK_MAX    64 /* mounts of others on the caller's root */

/*
 * Where the new root comes from. If the first operation binds / on /, the private copy of the
 * mount tree that the new mount namespace begins with already is the root: it only gets flags
 * ("in place"), which saves a second copy and pivot_root's walk over all processes of the host.
 * Otherwise the new root is stacked on /. Lookups of the process start below it, so that it
 * hides no source; pivot_root makes it visible at the end, and the old root is unmounted.
 *
 * Sources are opened before the first mount of ours, so that none shows it: neither through
 * flags that the host's tree got in place, nor as part of a copy of / with all that is stacked
 * there. If they are too many to be held, or cannot be held (mount(2)), everything of ours is
 * stacked on a shield: an unbindable mount, which copies leave out with all that is on it.
 */

/* Operations whose data lies in a file system that nobody inside can reach by a path. */
static bool needs_scratch(const struct plan *p)
{
	for (size_t i = 0; i < p->n_ops; i++)
		if (p->ops[i].kind == OP_DATA ||
		    (p->ops[i].kind == OP_OVERLAY && !(p->ops[i].flags & OPF_RDONLY)))
			return true;
	return false;
}

static bool may_have_caps(const struct plan *p)
{
	return p->caps != 0 || p->flags & PLAN_KEEP_CAPS;
}

static bool binds_root(const struct op *op)
{
	return op->kind == OP_BIND && path_is_root(op->source) && path_is_root(op->dest);
}

size_t held_fds(const struct plan *p)
{
	size_t n = HELD_RESERVE;

	for (size_t i = 0; i < p->n_ops; i++)
		n += p->ops[i].kind == OP_DEV ? DEV_NODES + 1 : 1;
	return n;
}

/*
 * In place, the flags also show through fds that lead into the host's tree: nothing may have to
 * be written there later.
 */
static bool writes_to_host(const struct setup *s)
{
	const struct plan *p = s->plan;

	if (s->two_level || p->file_label != NULL || p->exec_label != NULL)
		return true; /* to /proc */
	for (size_t i = 0; i < p->n_ops; i++)
		if (p->ops[i].kind == OP_UPPER)
			return true;
	return false;
}

static bool may_be_in_place(const struct setup *s)
{
	const struct plan *p = s->plan;

	/*
	 * Not with paths that are denied: / is a source that leads to them. Not with data files: what
	 * hides them would be stacked on the root that stays. Not with capabilities over the caller's
	 * own namespaces: a chroot in which the caller may be would stay, and CAP_SYS_CHROOT leaves it.
	 */
	if (p->n_deny_paths > 0 || needs_scratch(p) ||
	    (!(p->ns & PLAN_NS_USER) && may_have_caps(p)))
		return false;
	return p->n_ops > 0 && binds_root(&p->ops[0]) && !writes_to_host(s);
}

static bool can_hold(struct setup *s)
{
	struct rlimit fds;

	if (s->mnt.classic || getrlimit(RLIMIT_NOFILE, &fds) < 0)
		return false;
	/* The lowest free number went to proc: below it, the caller has files open. */
	s->mnt.leaves_fds =
		s->plan->n_ops <= FIRST_HELD &&
		(size_t)s->proc + HELD_RESERVE + FIRST_HELD * OP_FDS_MAX <= fds.rlim_cur;
	return (size_t)s->proc + held_fds(s->plan) <= fds.rlim_cur;
}

static int propagate(unsigned long how)
{
	return mount(NULL, "/", NULL, how | MS_REC | MS_SILENT, NULL) < 0 ? -errno : 0;
}

static int step_out_and_back(unsigned long how, struct err *e)
{
	int root, r;

	/*
	 * In a chroot / is no mount point. The namespace's own root is one: step out to it, by
	 * joining the namespace that the process is in, and back.
	 */
	root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = root < 0 ? -1 : openat(AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (r < 0 || setns(r, CLONE_NEWNS) < 0)
		return err_set(e, ERR_SLAVE, EINVAL, NULL, NULL);
	(void)close(r);
	r = propagate(how);
	if (fchdir(root) < 0 || chroot(".") < 0)
		r = -errno;
	(void)close(root);
	return r < 0 ? err_set(e, ERR_SLAVE, -r, NULL, NULL) : 0;
}

/*
 * Nothing that is mounted here may reach the host (MUST 5). A new user namespace sees to it. With power, or where the
 * plan says so, nothing of the host's arrives here later either, as a procfs would that nobody covers; and private is not
 * unbindable: a recursive bind leaves nothing out that covers something (the kernel would not mind).
 */
static int detach_propagation(const struct setup *s, struct err *e)
{
	bool is_private = s->plan->power != 0 || s->plan->flags & PLAN_PRIVATE_MOUNTS;
	unsigned long how = is_private ? MS_PRIVATE : MS_SLAVE;
	uint64_t power = s->plan->power;
	int r = caps_effect(power, CAP_BIT(SYS_ADMIN)); /* to change a mount */

	if (r == 0)
		r = propagate(how);
	if (r == -EINVAL) {
		/* to join the mount namespace, and to return to where the caller was */
		r = caps_effect(power, CAP_BIT(SYS_ADMIN) | CAP_BIT(SYS_CHROOT));
		r = r == 0 ? step_out_and_back(how, e) : err_set(e, ERR_SLAVE, -r, NULL, NULL);
	} else if (r < 0) {
		r = err_set(e, ERR_SLAVE, -r, NULL, NULL);
	}
	caps_rest(power);
	return r;
}

void root_replace(struct setup *s, struct tree *t)
{
	int fd = t->fd;

	/* A root of ours stays below the new one, on the old root; the old root is no such. */
	if (s->root_is_ours)
		s->stacked++;
	s->root_is_ours = true;
	root_forget(&s->root);
	fd_close(&s->root.fd);
	t->fd = -1;
	s->in_place = false;
	root_init(&s->root, fd);
}

/* The process's own root gets the flags of the first operation. False: not possible here. */
static bool begin_in_place(struct setup *s, int root)
{
	struct sys_mount_attr attr = {.attr_set = SYS_ATTR_NOSUID};
	const struct op *op = &s->plan->ops[0];

	attr.attr_set |= op->flags & OPF_RDONLY ? SYS_ATTR_RDONLY : 0;
	attr.attr_set |= op->flags & OPF_DEVICES ? 0 : SYS_ATTR_NODEV;
	return mnt_set_attr(&s->mnt, root, SYS_AT_RECURSIVE, &attr) == 0;
}

/* A new tmpfs stacked on /. Its fd or -errno. */
static int stack_tmpfs(struct setup *s, int root, const char *mode)
{
	const struct mnt_option option = {"mode", mode};
	struct dest d = {.fd = root, .parent = -1, .is_root = true};
	struct tree t;
	int r;

	r = mnt_new(&s->mnt, "tmpfs", &option, 1, SYS_ATTR_NOSUID | SYS_ATTR_NODEV, &t);
	if (r == 0)
		r = mnt_place(&s->mnt, &t, &d);
	return r < 0 ? r : t.fd;
}

static bool mounts_on_root(const struct op *op)
{
	switch (op->kind) {
	case OP_BIND:
	case OP_TMPFS:
		return path_is_root(op->dest) && !(op->flags & OPF_OPTIONAL);
	default:
		return false;
	}
}

/* See the head of this file. */
static int stack_shield(struct setup *s, int root)
{
	const struct sys_mount_attr attr = {.propagation = MS_UNBINDABLE};
	int fd = stack_tmpfs(s, root, "0700"), r = 0;

	if (fd < 0)
		return fd;
	s->stacked++;
	if (mnt_set_attr(&s->mnt, fd, 0, &attr) < 0)
		r = mnt_by_fd(&s->mnt, -1, fd, NULL, MS_UNBINDABLE, NULL);
	if (r == 0 && s->mnt.classic)
		r = mnt_make_stage(fd);
	if (r == 0 && s->mnt.classic)
		s->mnt.stage = fd;
	else
		(void)close(fd);
	return r;
}

/* Where mounting as such is refused, callers look for what bubblewrap says of its first mount. */
static int mounting_failed(int r, struct err *e)
{
	return err_set(e, r == -EPERM || r == -EACCES ? ERR_SLAVE : ERR_ROOT_TMPFS, -r, NULL, NULL);
}

/* Opens the sources; gives the process's own root its flags where it is to stay. */
static int prepare_sources(struct setup *s, int root, struct err *e)
{
	int r = 0;

	if (!can_hold(s)) {
		r = stack_shield(s, root);
		return r < 0 ? mounting_failed(r, e) : 0;
	}
	s->in_place = may_be_in_place(s);
	r = ops_hold_sources(s, s->in_place, e);
	if (r == 0 && s->in_place) {
		s->in_place = begin_in_place(s, root);
		r = s->in_place ? 0 : ops_hold_source(s, 0, e);
	}
	s->mnt.opened = true;
	return r;
}

/* Mounts of ours that lie below the new root, or are the new root. */
static int stack_root(struct setup *s, int *root)
{
	int r;

	/* First, so that it lies below the new root and goes away with the old one. */
	if (needs_scratch(s->plan)) {
		s->scratch = stack_tmpfs(s, *root, "0700");
		if (s->scratch < 0)
			return s->scratch;
		s->stacked++;
	}
	if (s->in_place || (s->plan->n_ops > 0 && mounts_on_root(&s->plan->ops[0])))
		return 0;
	r = stack_tmpfs(s, *root, "0755");
	if (r < 0)
		return r;
	(void)close(*root);
	*root = r;
	s->root_is_ours = true;
	return 0;
}

int root_begin(struct setup *s, struct err *e)
{
	int root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (root < 0)
		return err_set(e, ERR_SLAVE, errno, NULL, NULL);
	/* the copy of another user namespace's mounts is slave from the start */
	if (!(s->plan->ns & PLAN_NS_USER) || s->plan->flags & PLAN_PRIVATE_MOUNTS)
		r = detach_propagation(s, e);
	if (r == 0)
		r = prepare_sources(s, root, e);
	if (r < 0)
		return r;
	r = stack_root(s, &root);
	root_init(&s->root, root);
	return r < 0 ? mounting_failed(r, e) : 0;
}

/* Is nothing stacked on the new root? Lookups of .. at the root would end there. */
static bool is_bare(const struct setup *s)
{
	int64_t top = mountinfo_id(AT_FDCWD, "/.."), root = mountinfo_id(s->root.fd, "");
	struct stat a, b;

	if (top >= 0 && root >= 0)
		return top == root;
	return stat("/..", &a) == 0 && fstat(s->root.fd, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/*
 * After pivot_root(".", ".") the old root is stacked on the new one, and on it everything that
 * was stacked there before, by us or by others. umount takes the topmost of a stack, so all must
 * go one by one: what is left could be reached as /.. from inside.
 */
static int drop_old_root(struct setup *s)
{
	for (unsigned int i = 0; i <= s->stacked || !is_bare(s); i++) {
		/* What the caller's namespace has locked together does not come off. */
		if (i > s->stacked + STACK_MAX)
			return -EBUSY;
		if (umount2(".", MNT_DETACH) < 0)
			return -errno;
	}
	return 0;
}

/*
 * A mount namespace that holds nothing but the new root (Linux 7.0), so that there is no old one to
 * get rid of, and no process of the host to be looked at as pivot_root does. Whether it is there
 * and behaves is seen by using it. False: nothing was changed. The result of a change that did not
 * lead to the new root is an error.
 */
static bool enter_copy(const struct setup *s, int *ret_error)
{
	int ns = sys_open_tree(s->root.fd, "",
			       SYS_OPEN_TREE_NAMESPACE | SYS_OPEN_TREE_CLOEXEC | SYS_AT_RECURSIVE |
				       SYS_AT_EMPTY_PATH);
	struct stat want, have;
	bool entered;

	*ret_error = 0;
	if (ns < 0)
		return false;
	entered = fstat(s->root.fd, &want) == 0 && setns(ns, CLONE_NEWNS) == 0;
	/* The second thread may still be ending, and then shares root and directory. */
	if (!entered && errno == EINVAL && unshare(CLONE_FS) == 0)
		entered = setns(ns, CLONE_NEWNS) == 0;
	(void)close(ns);
	if (entered && (stat("/", &have) < 0 || have.st_dev != want.st_dev ||
			have.st_ino != want.st_ino || chdir("/") < 0))
		*ret_error = -ESTALE;
	return entered;
}

static int enter(struct setup *s, struct err *e)
{
	int r;

	if (enter_copy(s, &r))
		return r < 0 ? err_set(e, ERR_PIVOT, -r, NULL, NULL) : 0;
	if (fchdir(s->root.fd) < 0)
		return err_set(e, ERR_PIVOT, errno, NULL, NULL);
	if (sys_pivot_root(".", ".") == 0) {
		r = drop_old_root(s);
		return r < 0 ? err_set(e, ERR_PIVOT, -r, NULL, NULL) : 0;
	}
	/*
	 * An initramfs root cannot be pivoted away (EINVAL), and container filters may refuse the
	 * call. The new root already covers the old one; without a capability nobody inside can
	 * leave a chroot or unmount what covers it. With one, somebody could.
	 */
	r = errno; /* it tells a module from a filter; what chroot says tells nothing */
	if (may_have_caps(s->plan) || chroot(".") < 0)
		return err_set(e, ERR_PIVOT, r, NULL, NULL);
	return 0;
}

int root_end(struct setup *s, struct err *e)
{
	/* to change the root: by setns, pivot_root and umount, or by chroot */
	const uint64_t caps = CAP_BIT(SYS_ADMIN) | (s->plan->power & CAP_BIT(SYS_CHROOT));
	int r = 0;

	if (!s->in_place) {
		r = caps_effect(s->plan->power, caps);
		r = r == 0 ? enter(s, e) : err_set(e, ERR_PIVOT, -r, NULL, NULL);
		caps_rest(s->plan->power);
	}

	if (r < 0)
		return r;
	root_forget(&s->root);
	setup_leave(s, &s->root.fd);
	fd_close(&s->scratch);
	return 0;
}
