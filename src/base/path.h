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

/*
 * Is path the directory dir, or below it, by name? Both as the kernel writes them: one slash between names and none at the
 * end. "/" is no name here, and nothing is below it: whether it is above everything is for the caller to say.
 */
static inline bool path_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(dir, path, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

#endif
