/* SPDX-License-Identifier: MIT */
#ifndef OWNED_H
#define OWNED_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/problem.h"

enum owned_by {
	OWNED_BY_ROOT,
	OWNED_BY_CALLER, /* or root */
};

struct owned_want {
	enum owned_by by;
	bool may_be_pipe; /* of the caller: <(command) */
	size_t bytes_max;
};

/*
 * Reads a file that nobody but its owner can write (nor a group that has no other member): who can write a policy decides what
 * a sandbox may do. What is judged is what was opened. *ret ends with NUL and is to be freed. 0, -ENOENT without a problem if
 * it is missing, or -errno with one.
 */
int owned_read(const char *path, const struct owned_want *want, char **ret, size_t *ret_n,
	       struct problem *e);

#endif
