/* SPDX-License-Identifier: MIT */
#ifndef INIT_H
#define INIT_H

#include <signal.h>

#include "base/err.h"
#include "sandbox/setup.h"

/* How a sandbox's processes talk to the launcher. */
struct channel {
	int status;         /* write end, see status.h */
	bool sends_pid;     /* the command tells its pid */
	bool holds_signals; /* some wait until they can be forwarded */
	sigset_t before;    /* the caller's signal mask then, for the command */
};

/*
 * The sandbox's first process once everything is set up: starts the command, reaps what is
 * left to it, holds locks and sync fds, and ends with the last process (or, in a pid
 * namespace, takes the rest with it). Returns the exit status of this process, or -errno with e
 * filled if the command could not be started.
 */
int init_run(struct setup *s, const struct plan *p, const struct channel *c, struct err *e);

#endif
