/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_H
#define COLLECT_H

#include "cli/launch.h"
#include "cli/report.h"

/* Finding out. Fills facts, battery and battery_error of a report. */

/*
 * Everything about this host and this process, tried for real. In a child with a deadline: a host may hang. 0, or -errno
 * (-ETIMEDOUT); what was found out until then is there, in the second case.
 */
int collect_self(struct report *ret, const struct programs *p);

/*
 * The same for another user, by executing this program anew as that user, so that it is what a user starts: dumpable,
 * without capabilities, in no directory of root's. Root only. 0 or -errno.
 */
int collect_other(struct report *ret, const struct programs *p, const struct identity *who);

/*
 * Where postern-priv is for a group only: has a member of it a sandbox, and is another refused? who is which of the two
 * in ret already; a member is tried as both. Root only.
 */
void collect_gate(struct report *ret, const struct programs *p, const struct identity *who);

/* Is postern-priv privileged and for a group only, which the installed launcher may be tried with? Then which. */
bool collect_is_gated(const struct programs *p, gid_t *ret_group);

#endif
