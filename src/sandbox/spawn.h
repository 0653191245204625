/* SPDX-License-Identifier: MIT */
#ifndef SPAWN_H
#define SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

/* Processes in new namespaces. flags are CLONE_NEW*. */

/*
 * False under AddressSanitizer, which does not know a stack that it did not make: then nothing may
 * run on one.
 */
bool spawn_can_share(void);

/*
 * Starts a process that runs fn(arg) and exits with its result. With a stack (its upper end) it shares memory with
 * the caller, who is suspended until it execs or ends; without, it has a copy. The pid or -errno.
 */
pid_t spawn(int (*fn)(void *arg), void *arg, int flags, char *stack);

/*
 * The same where the kernel (or an emulator) refuses clone with namespace flags: a process in
 * between calls unshare and fork. *ret_child is the pid of the one that runs fn, whose end the
 * one in between passes on; wait for the returned pid. -errno is unshare's.
 */
pid_t spawn_by_unshare(int (*fn)(void *arg), void *arg, int flags, pid_t *ret_child);

#endif
