/* SPDX-License-Identifier: MIT */
#ifndef COVER_H
#define COVER_H

#include "policy/policy.h"

/*
 * What rules say about a path, before anything is mounted: only to decide whether somebody may ask for it. What is mounted is
 * policy/view.h's, which looks at everything again.
 */

/*
 * How deep a rule's path holds for this one: the length of what it names, if that is the path or above it, of what a glob matches
 * there the deepest; else 0.
 */
size_t cover_depth(const char *rule, bool is_glob, const char *path);

/*
 * The access of the deepest rule at or above the path, the strictest where several are as deep; ret_rule (which may be NULL)
 * gets the rule, or NULL if it is the base that decides.
 */
enum policy_access cover_access(const struct policy *p, const char *path,
				const struct policy_rule **ret_rule);

/* The path with all links resolved, as far as it exists, to be freed; NULL: no memory, or it cannot be told. */
char *cover_real(const char *path);

#endif
