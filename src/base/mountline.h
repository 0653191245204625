/* SPDX-License-Identifier: MIT */
#ifndef MOUNTLINE_H
#define MOUNTLINE_H

#include <stdbool.h>

/* A line of proc_pid_mountinfo(5), for who runs without privilege: src/sandbox/mountinfo.c has a smaller one of its own. */
struct mountline {
	const char *device;       /* of the file system: major:minor */
	const char *root, *point; /* unescaped: which directory of it, and where */
	const char *options;      /* the mount's, */
	const char *type;         /* the file system's, */
	const char *fs_options;   /* and its super block's */
};

/*
 * Cuts the line, which has to outlive *ret; a newline at its end stays. False: it has no such fields, or the mount point is no
 * path.
 */
bool mountline_cut(char *line, struct mountline *ret);

#endif
