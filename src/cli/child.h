/* SPDX-License-Identifier: MIT */
#ifndef CHILD_H
#define CHILD_H

#include "base/buf.h"

/*
 * Work in a child that cannot hold up this process: hung programs and file systems are what doctor is asked about.
 */
struct child {
	/* What the child does: returns its exit status, or executes a program. It reads nothing, and has no descriptor but
	   the first three. */
	int (*body)(void *ctx);
	void *ctx;
	int deadline_ms;
	struct buf *out; /* its standard output; what does not fit is dropped */
	struct buf *err; /* its standard error, or NULL: nowhere */
};

/*
 * Runs it in a session of its own, without a terminal, with all signals at their defaults, in /. 0, with the status of
 * waitpid in *ret_status; -ETIMEDOUT, after everything in the group was killed; -errno where there is no process to be had.
 */
int child_run(const struct child *c, int *ret_status);

/* Milliseconds of a clock that nobody sets. */
long long child_clock(void);

#endif
