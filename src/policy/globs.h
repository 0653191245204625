/* SPDX-License-Identifier: MIT */
#ifndef GLOBS_H
#define GLOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/pattern.h"

/*
 * What matches patterns below one directory. Links are not followed, and nothing is stat'ed where the directory says what an
 * entry is. Nothing below a match is looked at.
 */
struct globs {
	const struct pattern *const *patterns; /* of this base */
	size_t n;
	unsigned depth_max; /* directories below the base; 0: no limit */
	size_t entries_max;
	size_t directories, entries; /* out: what was looked at */
};

enum glob_type {
	GLOB_FILE, /* or anything else that is neither of the others */
	GLOB_DIR,
	GLOB_LINK,
	GLOB_UNREAD, /* a directory that cannot be read, but could be made readable or searched: it may hold matches */
};

/* Another result than 0 ends the walk. Of GLOB_UNREAD the pattern is one that may match below. */
typedef int (*glob_fn)(void *ctx, size_t pattern, const char *path, enum glob_type type);

/* base has no link in it. 0, fn's result, -E2BIG (entries_max), -ENAMETOOLONG (a path longer than any call takes), -errno. */
int globs_walk(struct globs *g, const char *base, glob_fn fn, void *ctx);

#endif
