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

/*
 * A path of proc_pid_mountinfo(5) as it is, in its place: there the kernel writes blank, tab, newline and backslash as three octal
 * digits.
 */
static inline void path_unescape(char *s)
{
	char *to = s;

	while (*s != '\0') {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

#endif
