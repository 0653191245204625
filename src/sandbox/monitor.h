/* SPDX-License-Identifier: MIT */
#ifndef MONITOR_H
#define MONITOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "plan/plan.h"

/* What the launcher knows of the sandbox that it watches. */
struct watched {
	pid_t child;  /* whom to wait for */
	pid_t inside; /* the sandbox's first process: whom to signal */
	int status;   /* read end, see status.h */
	int not_ours; /* write end: still open here, and to be closed */
	bool has_init;
	bool shared; /* the child shared our memory until now */
};

/*
 * Gives up everything that watching does not need, then reports and forwards until the command
 * has ended. Its exit status, or -errno with e filled if it never started.
 */
int monitor_run(const struct plan *p, const struct watched *w, struct err *e);

#endif
