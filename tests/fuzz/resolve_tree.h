/* SPDX-License-Identifier: MIT */
#ifndef RESOLVE_TREE_H
#define RESOLVE_TREE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define SIDES 2 /* the same tree twice: one for openat2, one for the component walk */

/*
 * The place where the trees stand, made once:
 *	TOP/outside/...	a few objects; nothing of it may ever change, nor TOP itself
 *	TOP/a, TOP/b	the same, with names that paths of inputs use
 *	TOP/0, TOP/1	the roots; 0/m and 1/m are other directories' mounts where that is possible
 *	TOP/m0, TOP/m1	what is mounted there
 */
struct scene {
	char top[64];
	int top_fd;
	struct side {
		char path[80];
		int fd;     /* O_PATH */
		int real;   /* for reading */
		int shared; /* TOP/m0, O_RDONLY */
	} sides[SIDES];
	bool mounted; /* m is a mount */
};

/* A new scene on a tmpfs, in a mount namespace of its own where the kernel allows that. */
void scene_init(struct scene *s);

/* Removes everything below both roots but the directory m. */
void scene_wipe(struct scene *s);

/* Aborts unless everything outside the roots is as it was made. */
void scene_check_outside(const struct scene *s);

/* The tree of one side as text: paths, types, permissions, link texts. Owned by the callee. */
const char *scene_dump(const struct scene *s, int side);

/* Path of the fd below the side's root ("" for the root itself), or NULL: it is elsewhere. */
const char *scene_below(const struct scene *s, int side, int fd, char ret[PATH_MAX]);

#endif
