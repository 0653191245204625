/* SPDX-License-Identifier: MIT */
#ifndef COVER_H
#define COVER_H

#include "policy/policy.h"

/*
 * What rules say about a path, before anything is mounted: only to decide whether somebody may ask for it. What is mounted is
 * policy/view.h's, which looks at everything again.
 */

/* Does the glob match the path or one of the directories that it is in? The length of the deepest, or 0. */
size_t cover_matches_above(const char *glob, const char *path);

/*
 * The access of the deepest rule at or above the path, the strictest where several are as deep; ret_rule (which may be NULL)
 * gets the rule, or NULL if it is the base that decides.
 */
enum policy_access cover_access(const struct policy *p, const char *path,
				const struct policy_rule **ret_rule);

/* The path with all links resolved, as far as it exists, to be freed; NULL: no memory, or it cannot be told. */
char *cover_real(const char *path);

#endif
