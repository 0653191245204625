/* SPDX-License-Identifier: MIT */
#ifndef SEAL_H
#define SEAL_H

#include <signal.h>

#include "base/err.h"
#include "sandbox/setup.h"

/* The last steps before the command: from here on nothing can be set up any more. */

/*
 * Gives up what the command shall not have: joins the last user namespace, cuts the bounding
 * set and all capability sets, opens a session, waits for the caller's go-ahead, reads late
 * seccomp filters, restores the umask and goes to the working directory, whose name becomes PWD
 * in the plan's environment. p is the setup's plan. 0 or -errno with e filled.
 */
int seal_process(struct setup *s, struct plan *p, mode_t umask_before, struct err *e);

/* Loads the plan's seccomp filters into the calling thread. 0 or -errno with e filled. */
int seal_filters(const struct plan *p, struct err *e);

/*
 * Becomes the command: label, ambient capabilities, filters, exec. The signal mask is set to
 * mask, or NULL to keep this process's. Returns only on failure, -errno with e filled.
 */
int seal_exec(struct setup *s, const struct plan *p, const sigset_t *mask, struct err *e);

#endif
