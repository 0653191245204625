/* SPDX-License-Identifier: MIT */
#ifndef STATE_H
#define STATE_H

#include "policy/problem.h"

/*
 * What runs remember: $XDG_STATE_HOME/postern or ~/.local/state/postern, 0700 and the caller's. No sandbox shows it (view.h),
 * so that what is read there was written by postern.
 */
struct state {
	int fd;     /* the directory; -1: there is none, and why says so */
	char *path; /* as the kernel calls it, all links resolved; NULL: none */
	struct problem why;
};

/*
 * Opens it, and makes it where it is missing. Where it cannot be had (no HOME, a read-only one, somebody else's) that is no
 * failure: who needs it gives s->why to the user. Always to be followed by state_close.
 */
void state_open(struct state *s);
void state_close(struct state *s);

/* A directory in it, made where it is missing, as an O_CLOEXEC descriptor; -errno with a problem. */
int state_subdir(const struct state *s, const char *name, struct problem *e);

#endif
