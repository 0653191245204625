/* SPDX-License-Identifier: MIT */
#ifndef MNT_H
#define MNT_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/plan.h"
#include "sandbox/resolve.h"

/*
 * Mounts, through the newest interface that works, chosen by trying:
 *   open_tree_attr (6.15), fsopen, move_mount       detached, flags set before anybody sees it
 *   open_tree + mount_setattr (5.12)                the same with one call more
 *   mount(2) on /proc/self/fd, mountinfo for what is mounted below        everything older
 * What a newer call refuses with ENOSYS, EPERM or EINVAL is tried with the older one, whose
 * errno counts. Flags are only ever added, and nosuid always is (DESIGN, MUST 5).
 */
struct mnt {
	uint64_t power; /* the plan's: capabilities to be raised for each call (caps.h), or 0 */
	const char *const *deny; /* paths of the host that no source may be or lead to (deny.h) */
	size_t n_deny;
	struct mountinfo *table; /* what deny.c has read, or NULL, */
	int table_fd;            /* from this file, or -1; */
	struct where *denied;    /* and where deny[] was found to lie, or NULL */
	int proc;                /* O_PATH directory of the host's /proc; the caller's */
	int cwd;                 /* where the caller's relative paths start: AT_FDCWD, or an fd */
	int stage;         /* classic: a directory that nobody else can reach, to mount in; or -1 */
	bool no_magic;     /* a source is opened first, and through no link of /proc (MUST 4) */
	bool no_tree_attr; /* open_tree_attr does not work here */
	bool classic;      /* nothing newer than mount(2) works here */
	bool tolerate;     /* a submount that refuses its flags is no error */
	bool opened;       /* no source will be looked for any more */
	bool leaves_fds;   /* so few are open that closing them is left to exec */
	bool holds;        /* between mnt_hold and mnt_let_go */
};

/* One option of a new file system; value NULL: a flag. */
struct mnt_option {
	const char *key, *value;
};

/* A mount that is not placed yet. */
struct tree {
	int fd; /* detached mount; classic: O_PATH of a bind's source, else -1 */
	bool classic;
	bool is_bind;
	bool direct;        /* made where it is placed; nobody needs its fd */
	unsigned int attrs; /* SYS_ATTR_* still to be set, classic and direct only */
	const char *type;   /* of a new file system; classic and direct only, like its options */
	const struct mnt_option *options;
	size_t n_options;
};

/* Finds out what works, for this plan. unfiltered: this process has no seccomp filter. */
void mnt_init(struct mnt *m, int proc, const struct plan *p, bool unfiltered);

void mnt_done(struct mnt *m);

/* Around a call that mounts: CAP_SYS_ADMIN is effective between the two. 0 or -errno. */
int mnt_power(const struct mnt *m);
void mnt_rest(const struct mnt *m);

/*
 * The same around several mnt_place in a row, and nothing else, of trees that are not classic on names in a directory
 * of ours: each is one call of the kernel then, and no path is looked up in between (MUST 4, 10). 0 or -errno.
 */
int mnt_hold(struct mnt *m);
void mnt_let_go(struct mnt *m);

/*
 * Copies the mount tree at path (relative to the directory dir; links are followed as the caller
 * would) with everything below it, or takes the object at path where the classic interface must
 * do. 0 or -errno.
 */
int mnt_source(struct mnt *m, int dir, const char *path, unsigned int attrs, struct tree *t);

/*
 * As mnt_source for the object of an fd that the caller opened, maybe in another mount
 * namespace: its path is opened again and must lead to the same device and inode. -ESTALE if it
 * does not.
 */
int mnt_source_fd(struct mnt *m, int fd, unsigned int attrs, struct tree *t);

/* The path by which the kernel knows the object of fd. 0 or -errno; -ENOENT if it has none. */
int mnt_path_of(const struct mnt *m, int fd, char ret[PATH_MAX]);

/* Are these the same file system object, maybe under other names? */
bool mnt_same_object(int a, int b);

/* Makes a new file system instance; type and options must live until it is placed. 0 or -errno. */
int mnt_new(struct mnt *m, const char *type, const struct mnt_option *options, size_t n,
	    unsigned int attrs, struct tree *t);

/*
 * As mnt_new for a mount whose root nobody needs: it is made only where it is placed, with one
 * mount(2) instead of five newer calls, and t->fd is -1 afterwards (but for a new root).
 */
void mnt_new_direct(const char *type, const struct mnt_option *options, size_t n,
		    unsigned int attrs, struct tree *t);

/*
 * Puts the mount on d and closes its source; t->fd is the root of the placed mount afterwards.
 * A classic tree needs d->parent (unless d is the root itself, which must be "/"). 0 or -errno.
 */
int mnt_place(struct mnt *m, struct tree *t, const struct dest *d);

struct sys_mount_attr;

/* mount_setattr(2) of the mount that fd is on; flags may be SYS_AT_RECURSIVE. 0 or -errno. */
int mnt_set_attr(const struct mnt *m, int fd, unsigned int flags,
		 const struct sys_mount_attr *attr);

/* The one mount whose root fd is becomes read-only, and without devices. -EINVAL if fd is no root of a mount. */
int mnt_read_only(struct mnt *m, int fd);

/*
 * mount(2) by fds, which it cannot do itself: through /proc/self/fd. source may be -1 (then it
 * is named as type). The flags are MS_*. 0 or -errno.
 */
int mnt_by_fd(struct mnt *m, int source, int target, const char *type, unsigned long flags,
	      const char *options);

void tree_close(struct tree *t);

#endif
