/* SPDX-License-Identifier: MIT */
#include "base/mountline.h"

#include <string.h>

/* The kernel writes blank, tab, newline and backslash as three octal digits. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; to++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to = *s++;
		}
	}
	*to = '\0';
}

/* What is before the next blank, which may be nothing: a mount's source may be. NULL: the line has ended. */
static char *word(char **rest)
{
	char *w = *rest, *end = w != NULL ? strchr(w, ' ') : NULL;

	if (end != NULL)
		*end++ = '\0';
	*rest = end;
	return w;
}

bool mountline_cut(char *line, struct mountline *ret)
{
	char *root, *point, *w;

	(void)word(&line); /* the ids, its own and its parent's */
	(void)word(&line);
	ret->device = word(&line);
	ret->root = root = word(&line);
	ret->point = point = word(&line);
	ret->options = word(&line);
	while ((w = word(&line)) != NULL && strcmp(w, "-") != 0)
		;
	ret->type = word(&line);
	(void)word(&line); /* the source */
	ret->fs_options = word(&line);
	if (ret->fs_options == NULL || point[0] != '/')
		return false;
	unescape(root);
	unescape(point);
	return true;
}
