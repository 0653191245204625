/* SPDX-License-Identifier: MIT */
#ifndef FDS_H
#define FDS_H

#include "base/err.h"
#include "plan/plan.h"

/*
 * Looks at every fd that the plan names, before this program opens any of its own: a closed one
 * would later be the number of something that nobody meant, and so would one that an earlier
 * operation has used up. 0 or -errno with e filled. Those whose end nobody can see any more
 * (sync, block) are dropped from the plan, as a read from them would end at once.
 */
int fds_check(struct plan *p, struct err *e);

#endif
