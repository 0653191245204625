/* SPDX-License-Identifier: MIT */
#ifndef RESIDUE_POINTS_H
#define RESIDUE_POINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/problem.h"
#include "policy/view.h"

/*
 * The registry: one file for each mount point, named by a hash of its path, locked (flock, shared) by all runs that mount on
 * it. It is written before the point is made, and the point's inode after. All of this happens under one exclusive lock, but for
 * letting go by dying.
 */
struct residue_point {
	int fd; /* -1: it is the user's own, which nobody removes */
};

/* The exclusive lock, taken; close releases it. -errno. */
int points_lock(int dir_fd);

/* Removes the points that nobody holds. */
void points_sweep(int dir_fd);

/* 0; -EAGAIN: there is something that the view has not seen; -errno with a problem. */
int point_claim(int dir_fd, const struct view_point *v, struct residue_point *ret,
		struct problem *e);

/* Lets go of it, and removes it if nobody else holds it. */
void point_release(int dir_fd, struct residue_point *p);

#endif
