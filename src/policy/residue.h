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
 *	residue_guard	starts the keeper, and adds --sync-fd to the words
 *	...		the launcher is started, and in the parent words_free
 *	residue_end	once the launcher has ended
 */
#define RESIDUE_TRIES 16

struct residue {
	/* internal */
	const struct state *state;
	int dir_fd, end_fd, life_fd;
	pid_t keeper;
	struct residue_point *points;
	size_t n_points;
};

/* Removes what dead runs left, then makes or shares the view's points. 0; -EAGAIN; -errno with a problem. r may be zeroed memory. */
int residue_claim(struct residue *r, const struct state *state, const struct view *v,
		  struct problem *e);

/*
 * Does nothing where the view has no points. The launcher and its reaper hold a pipe open, by whose end the keeper knows that
 * nobody is left inside; it is the words', which must therefore be freed in the parent. 0 or -errno with a problem.
 */
int residue_guard(struct residue *r, struct words *w, struct problem *e);

/*
 * Waits (at most some seconds: then the keeper is left to do it) until everything inside has ended, removes what nobody else
 * mounts on, and ends the keeper. Also after a claim or guard that failed, also twice.
 */
void residue_end(struct residue *r);

#endif
