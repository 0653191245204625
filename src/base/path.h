/* SPDX-License-Identifier: MIT */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>
#include <string.h>

/* Is the path written as the root, with one slash or several? Links are not looked at. */
static inline bool path_is_root(const char *path)
{
	return path[0] == '/' && path[strspn(path, "/")] == '\0';
}

#endif
