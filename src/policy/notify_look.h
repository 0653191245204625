/* SPDX-License-Identifier: MIT */
#ifndef NOTIFY_LOOK_H
#define NOTIFY_LOOK_H

#include "policy/notify.h"
#include "policy/notify_calls.h"

/* A path of a process that waits, with what is needed to look it up later: the process may be gone by then. */
struct target {
	int root;            /* its root directory; -1: it cannot be looked at */
	char path[PATH_MAX]; /* absolute, as the process sees it; "" if unknown */
};

/* Never fails: what cannot be known is left out. To be closed. */
void target_read(pid_t pid, const struct call_path *p, struct target *ret);
void target_close(struct target *p);

/* Is there something to note of this? Fills kind, path, rule and option of ret. */
bool target_judge(const struct notify *n, const struct target *p, const struct call_path *what,
		  struct denial *ret);

#endif
