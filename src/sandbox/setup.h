/* SPDX-License-Identifier: MIT */
#ifndef SETUP_H
#define SETUP_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"
#include "plan/plan.h"
#include "sandbox/mnt.h"
#include "sandbox/resolve.h"

#define DEV_NODES  6
#define FIRST_HELD 16 /* with no more operations nothing is allocated for their sources */

/* A directory of ours that gets its mode later (late_mode.c). */
struct late_mode {
	int fd; /* O_PATH, or -1 */
	mode_t mode;
};

/* What a new /dev takes from the host. */
struct dev_sources {
	struct tree nodes[DEV_NODES];
	struct tree console; /* the caller's terminal, or fd -1 */
};

/*
 * The state of one sandbox while it is being made. Everything here runs in the process that
 * has entered the new namespaces, with the capabilities that they gave it.
 */
struct setup {
	const struct plan *plan;
	bool maps_written;  /* the caller of the launcher wrote the id maps */
	bool shares_memory; /* with the parent */
	bool hidden; /* exec gave this process more than its caller has: /proc/self is root's */
	bool began;  /* what the caller passed may have been read */
	bool covers_proc;     /* no procfs of another pid namespace may stay visible */
	bool late_net;        /* the network namespace is not there yet */
	char *stack;          /* upper end of one for a second thread, or NULL */
	int proc;             /* O_PATH directory: the host's /proc */
	struct mnt mnt;       /* how to mount */
	struct root root;     /* where to mount */
	bool in_place;        /* the new root is the process's root itself */
	bool root_is_ours;    /* the new root so far is not the process's root */
	unsigned int stacked; /* mounts on the old root that the new one covers */
	bool two_level;       /* a nested user namespace gives the ids their final numbers */
	struct tree pts;      /* devpts made ahead, for the first OP_DEV; or fd -1 */
	struct tree *held;    /* sources opened ahead, one for each operation, or NULL */
	struct dev_sources *held_dev; /* the same for each OP_DEV, in order */
	size_t next_dev;              /* the first of them that is not used yet */
	struct late_mode *late;       /* modes to be set yet */
	size_t n_late;
	mode_t umask;                       /* this process's, under which all gets its mode */
	int scratch;                        /* hidden tmpfs for data files and overlays, or -1 */
	struct tree first_held[FIRST_HELD]; /* room for held and held_dev, where little is held */
	struct dev_sources first_dev;
	char pwd[4 + PATH_MAX]; /* the environment's PWD; at first with the caller's directory */
};

/* cwd and defaults, in the launcher, before any namespace is made. */
void setup_init(struct setup *s, const struct plan *plan);

/*
 * Finds out how to work here. 0 or -errno with e filled; -EAGAIN without e: the process shares memory
 * with its parent, which this plan forbids on this kernel; nothing was changed, start over without
 * sharing.
 */
int setup_begin(struct setup *s, struct err *e);

/* The ids of the new user namespace, unless they are written or there is none. 0 or -errno, e filled. */
int setup_ids(struct setup *s, struct err *e);

/*
 * After setup_begin: makes the sandbox around the calling process: ids, network, mounts, root. 0 or
 * -errno with e filled.
 */
int setup_run(struct setup *s, struct err *e);

/*
 * Where no user namespace and no Landlock keeps the host's processes away: puts a procfs of the
 * sandbox's own pid namespace on each other one that can be seen. 0 or -errno with e filled (cover.c).
 */
int cover_host_proc(struct setup *s, struct err *e);

/* Closes an fd of ours, or leaves that to exec; it is -1 afterwards. */
void setup_leave(const struct setup *s, int *fd);

/* The plan's operations, in order (ops.c). */
int ops_run(struct setup *s, struct err *e);

/*
 * Does this new tmpfs need its owner's rights while it is filled, although its mode has none? Then the mode
 * is added with the O_PATH fd of its root, and set by late_mode_settle: of this directory, or of
 * all with fd -1. 0 or -errno (late_mode.c).
 */
bool late_mode_wanted(const struct setup *s, const struct op *op);
int late_mode_add(struct setup *s, int fd, mode_t mode);
int late_mode_settle(struct setup *s, int fd);

/* Opens the sources of one operation, or of all from the first on, ahead of time (ops.c). */
int ops_hold_source(struct setup *s, size_t index, struct err *e);
int ops_hold_sources(struct setup *s, size_t first, struct err *e);

/* Fds needed to hold the sources of all operations at once (root.c). */
size_t held_fds(const struct plan *p);

/* Chooses and makes the new root before the operations, and enters it after them (root.c). */
int root_begin(struct setup *s, struct err *e);
int root_end(struct setup *s, struct err *e);

/* Makes t the new root: everything later goes below it (root.c). */
void root_replace(struct setup *s, struct tree *t);

/*
 * The source of an operation: held, or opened now. t->fd is -1 where it is optional and missing.
 * For layers of an overlay t->fd is a plain O_PATH directory. 0 or -errno with e filled (ops.c).
 */
int op_source(struct setup *s, size_t index, struct tree *t, struct err *e);

/* The permissions of what an O_PATH fd is open on. 0 or -errno (files.c). */
int set_mode(const struct setup *s, int fd, mode_t mode);

/* The operations with a file of their own. 0 or -errno with e filled. */
int op_dev(struct setup *s, const struct op *op, struct err *e);
int op_proc(struct setup *s, size_t index, struct err *e);
int op_overlay(struct setup *s, size_t index, struct err *e);
int op_dir(struct setup *s, const struct op *op, struct err *e);
int op_file(struct setup *s, const struct op *op, struct err *e);
int op_data(struct setup *s, const struct op *op, struct err *e);
int op_symlink(struct setup *s, const struct op *op, struct err *e);
int op_chmod(struct setup *s, const struct op *op, struct err *e);

/* Opens the host's device nodes and terminal for an OP_DEV. 0 or -errno with e filled. */
int dev_open_sources(struct setup *s, const struct op *op, struct dev_sources *d, struct err *e);

/* Starts the devpts that OP_DEV will need; tells whether it works without a mapped uid 0. */
int dev_make_pts(struct setup *s, struct tree *t);

/*
 * Puts t on the operation's destination, which is made if missing, and leaves the mount's root
 * in t->fd. 0 or -errno with e filled.
 */
int place(struct setup *s, const struct op *op, struct tree *t, enum want want, enum err_id id,
	  struct err *e);

/*
 * An operation failed with the negated errno r at its destination, or at the name below it: fills
 * e with the path as messages show it. Returns r.
 */
int op_failed_at(const struct op *op, const char *name, enum err_id id, int r, struct err *e);

/* The operation's permissions, given or usual; 0 where it has none. */
uint32_t op_perms(const struct op *op);

/* Permissions for missing parents: group and others get no more than with op_perms. */
mode_t parents_mode(const struct op *op);

/* The path as messages show it, below bubblewrap's "/newroot" or "/oldroot". */
struct shown {
	char text[PATH_MAX + 16];
};
const char *shown_dest(struct shown *t, const char *dest);
const char *shown_source(struct shown *t, const char *source);

#endif
