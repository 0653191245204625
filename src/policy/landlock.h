/* SPDX-License-Identifier: MIT */
#ifndef POLICY_LANDLOCK_H
#define POLICY_LANDLOCK_H

#include "policy/notify.h"
#include "policy/policy.h"
#include "policy/problem.h"

/* Version of the kernel's Landlock; 0: none. */
int landlock_abi(void);

/*
 * Can the policy be kept by Landlock and a filter alone, exactly? 0; -ENOTSUP with a problem that names the rule that
 * cannot, or what the kernel lacks.
 *
 * Nothing can that may write somewhere: Landlock governs neither modes, owners, times nor attributes of files, so the filter
 * refuses their calls, and it cannot tell one place from another.
 */
int landlock_expressible(const struct policy *p, struct problem *e);

/*
 * Can its --write-no-delete rules be kept? They cannot where the kernel lacks it (before 6.2), nor where such a directory
 * lies below one that may be written without that limit, as Landlock cannot take back below what it gives above. 0 where
 * there is none; else as above. lines: the view's.
 */
int landlock_append_check(const struct policy *p, const struct notify_line *lines, size_t n_lines,
			  struct problem *e);

#endif
