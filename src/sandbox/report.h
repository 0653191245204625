/* SPDX-License-Identifier: MIT */
#ifndef REPORT_H
#define REPORT_H

#include <sys/types.h>

#include "base/err.h"
#include "plan/plan.h"

/*
 * What the launcher tells its caller as JSON, in bubblewrap's format: the keys child-pid and
 * X-namespace (inode numbers) of --info-fd and --json-status-fd, then exit-code. command-pid and
 * setup-complete are ours. All return 0 or -errno with e filled; an fd of -1 is silently skipped.
 */

/* Both fds, right after the sandbox's first process exists; the info fd is closed. */
int report_child(const struct plan *p, pid_t child, struct err *e);

/* The command runs: { "setup-complete": true, "command-pid": N }. */
int report_ready(const struct plan *p, pid_t command, struct err *e);

int report_exit(const struct plan *p, int code, struct err *e);

#endif
