/* SPDX-License-Identifier: MIT */
#ifndef WALLS_H
#define WALLS_H

#include <stdbool.h>

#include "base/err.h"
#include "plan/plan.h"

/*
 * What a user namespace separates and a sandbox without one must separate otherwise (DESIGN §2): processes of
 * the same uid outside, their keyrings, and whatever a new user namespace inside would open up.
 */

/*
 * Does this kernel have a Landlock that a domain for tracing alone can be made with, without taking
 * renames between directories away (ABI 2, Linux 5.19)? Asks, changes nothing.
 */
bool walls_has_landlock(void);

/*
 * The calling process and all that it starts enters a Landlock domain that restricts no file: from then on it can
 * trace, and use the /proc/PID links of, only what is in the domain. Needs no_new_privs and a process of one thread.
 * After the last mount: in a domain nobody can mount. "/" is the sandbox's root; between directories that are only
 * reached by an fd that leads out of it nothing can be renamed any more. 0 or -errno with e filled.
 */
int walls_enter_landlock(struct err *e);

/*
 * Joins a new session keyring, where the kernel has keyrings and no filter refuses keyctl already. As the
 * caller, whose key it is. 0 or -errno with e filled.
 */
int walls_new_keyring(struct err *e);

/* Does the kernel have seccomp filters? One that has tries to read the program that is asked for with. */
bool walls_has_filters(void);

/*
 * Is this kernel older than major.minor? No caller can make an old one look newer; one that makes a newer one look old
 * (UNAME26) does without debuggers, or without a sandbox.
 */
bool walls_kernel_is_before(unsigned int major, unsigned int minor);

/*
 * Loads postern's own seccomp filter into the calling thread; needs no_new_privs.
 *	WALLS_KEYS	keyctl, add_key, request_key: EPERM
 *	WALLS_USERNS	no user namespace: clone and unshare with CLONE_NEWUSER and setns EPERM, clone3 ENOSYS
 *	WALLS_BASE	what a sandbox needs least and kernels were broken through most: the mount API old and new,
 *			pivot_root, TIOCSTI and TIOCLINUX (low 32 bits: CVE-2019-10063), bpf, userfaultfd, perf_event_open,
 *			io_uring, kexec, module loading, and the two above
 * filter.def has them all. Before Linux 4.8, where a tracer could undo it, also ptrace: EPERM.
 * For the native architecture and the others of the same machine (x86-64, x32 and i386; arm64 and arm); calls of
 * any other architecture are ENOSYS. 0; -ENOSYS where the kernel has no seccomp filters, -errno otherwise.
 */
#define WALLS_KEYS   0x1u
#define WALLS_USERNS 0x2u
#define WALLS_BASE   0x4u
int walls_load_filter(unsigned int what);

#endif
