/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "base/err.h"
#include "plan/plan.h"

/*
 * Makes the sandbox that the plan describes and runs the command in it. The calling process
 * must have a single thread and no effective capability, except as real root. Of what it has permitted,
 * plan->power is raised for single calls. no_new_privs must be set, unless PLAN_MAY_FAIL says that it will be.
 *
 * Where neither a pid namespace nor any option asks for a second process, the caller becomes
 * the command and this returns only on failure. Otherwise it waits and returns the command's
 * exit status (128 + signal for a killed one). -errno with e filled if the start failed; then
 * no process is left behind.
 *
 * stack is the upper end of SANDBOX_STACK bytes, for what shares memory with the caller for a
 * while.
 */
#define SANDBOX_STACK \
	(512 * 1024) /* several paths and error texts deep; touched pages only count */

int sandbox_run(const struct plan *p, char *stack, struct err *e);

#endif
