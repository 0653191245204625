/* SPDX-License-Identifier: MIT */
#ifndef REPORT_H
#define REPORT_H

#include <sys/types.h>

#include "base/err.h"
#include "plan/plan.h"
#include "sandbox/status.h"

/*
 * What the launcher tells its caller as JSON, in bubblewrap's format: the keys child-pid and
 * X-namespace (inode numbers) of --info-fd and --json-status-fd, then exit-code. command-pid and
 * setup-complete are ours. All return 0 or -errno with e filled; an fd of -1 is silently skipped.
 */

/*
 * The first process, once it has its ids, sends the inode numbers of its namespaces over the status
 * channel: nobody else may look into its /proc. proc is a directory of procfs.
 */
void report_born(const struct plan *p, int proc, int status);

/* Receives them, or the process's error instead. 0 or -errno with e filled. */
int report_receive_born(int status, uint64_t inodes[STATUS_NAMESPACES], struct err *e);

/* Both fds, as soon as that is known; the info fd is closed. */
int report_child(const struct plan *p, pid_t child, const uint64_t inodes[STATUS_NAMESPACES],
		 struct err *e);

/* The command runs: { "setup-complete": true, "command-pid": N }. */
int report_ready(const struct plan *p, pid_t command, struct err *e);

int report_exit(const struct plan *p, int code, struct err *e);

#endif
