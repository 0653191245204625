/* SPDX-License-Identifier: MIT */
#ifndef POLICY_LANDLOCK_H
#define POLICY_LANDLOCK_H

#include "policy/policy.h"
#include "policy/problem.h"

/* Version of the kernel's Landlock; 0: none. */
int landlock_abi(void);

/*
 * Can the policy be kept by Landlock and a filter alone, exactly? 0; -ENOTSUP with a problem that names the rule that
 * cannot, or what the kernel lacks; -ENOMEM.
 */
int landlock_expressible(const struct policy *p, struct problem *e);

/*
 * Can its --write-no-delete rules be kept? They cannot where the kernel lacks it (before 6.2), nor where such a directory
 * lies below one that may be written without that limit. 0 where there is none; else as above.
 */
int landlock_append_check(const struct policy *p, struct problem *e);

#endif
