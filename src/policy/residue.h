/* SPDX-License-Identifier: MIT */
#ifndef RESIDUE_H
#define RESIDUE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/problem.h"
#include "policy/state.h"
#include "policy/view.h"

/*
 * Mount points on the host. What is protected and missing needs one, so it is made before the start and taken away after the
 * end, however that comes: each is written down in the state directory before it is made, and locked (shared) by every run
 * that mounts on it; the last to let go removes it. A keeper, which is not in this process's session and dies with nobody, does so
 * where this process is killed. What even the keeper left, the next run finds unlocked and removes. Only what is empty and still
 * the same inode is removed: what somebody filled is his.
 *
 *	residue_claim	makes or shares the points; -EAGAIN: view_make again (at most RESIDUE_TRIES times)
 *	residue_guard	starts the keeper; --sync-fd residue.sync_fd goes to the launcher
 *	residue_parent	in the parent, once the launcher has been forked
 *	residue_end	once the launcher has ended
 */
#define RESIDUE_TRIES 16

struct residue {
	int sync_fd; /* the launcher's, for --sync-fd, not close-on-exec; -1: no keeper is needed, or after residue_parent */
	/* internal */
	const struct state *state;
	int dir_fd;
	int lock_fd;
	int end_fd;
	pid_t keeper;
	struct residue_point *points;
	size_t n_points;
};

/* Removes what dead runs left, then makes or shares the view's points. 0; -EAGAIN; -errno with a problem. r may be zeroed memory. */
int residue_claim(struct residue *r, const struct state *state, const struct view *v,
		  struct problem *e);

/* Does nothing where the view has no points. 0 or -errno with a problem. */
int residue_guard(struct residue *r, struct problem *e);
void residue_parent(struct residue *r);

/*
 * Waits (at most some seconds: then the keeper is left to do it) until everything inside has ended, removes what nobody else
 * mounts on, and ends the keeper. Also after a claim or guard that failed, also twice.
 */
void residue_end(struct residue *r);

#endif
