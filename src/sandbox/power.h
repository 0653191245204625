/* SPDX-License-Identifier: MIT */
#ifndef POWER_H
#define POWER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "plan/plan.h"

/* What only a process with plan->power does: the launcher's part in postern-priv. */

/*
 * spawn() with CAP_SYS_ADMIN effective while the kernel makes the namespaces; with PLAN_ROOT_MAPS as
 * root, who then owns the user namespace, so that the caller has no capability over it. Nothing is
 * effective afterwards in this process. The pid or -errno.
 */
pid_t power_spawn(const struct plan *p, int (*fn)(void *arg), void *arg, int flags);

/* Is this directory procfs, and not something that was put in its place (CVE-2019-16884)? */
bool power_is_proc(int fd);

/* With PLAN_ROOT_MAPS: the id maps of child's user namespace, as root. 0 or -errno with e filled. */
int power_write_maps(const struct plan *p, pid_t child, struct err *e);

/*
 * No power over the host is left in this process, and none comes back; p->power becomes 0 (MUST 1, 2,
 * 10). Nothing where it was 0. 0 or -errno with e filled.
 */
int power_give_up(struct plan *p, struct err *e);

#endif
