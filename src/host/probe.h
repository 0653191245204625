/* SPDX-License-Identifier: MIT */
#ifndef PROBE_H
#define PROBE_H

#include "host/facts.h"

/*
 * Trying, as an unprivileged user. Nothing outlives the call; no privilege is used or needed.
 */

/*
 * System calls with arguments that the kernel refuses before it looks at any right, so that EPERM, ENOSYS or another
 * unexpected errno is a filter's. Each is made in a child: a filter may kill. Sets call.*. Some 2 ms.
 */
void probe_calls(struct facts *f);

/*
 * One start of a sandbox without a command, in a child that a deadline (milliseconds) ends: user namespace, its
 * capabilities and label, the maps, the other namespaces, host name, loopback, mounts, /proc in the new pid namespace,
 * devpts, pivot_root. Sets run.* up to the first failure, and failed.step and failed.errno ("timeout" where the
 * deadline came); a host name or devpts that is refused is noted and does not end it. /proc too, since a sandbox can be had
 * without. 0, or -errno where nothing could be tried (no process to be had).
 */
int probe_run(struct facts *f, int deadline_ms);

#endif
