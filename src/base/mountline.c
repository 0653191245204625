/* SPDX-License-Identifier: MIT */
#include "base/mountline.h"

#include <string.h>

#include "base/path.h"

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
	path_unescape(root);
	path_unescape(point);
	return true;
}
