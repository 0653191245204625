/* SPDX-License-Identifier: MIT */
#include "policy/lexical.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WILDCARDS "*?["

bool lexical_is_glob(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		else if (strchr(WILDCARDS, *text) != NULL)
			return true;
	}
	return false;
}

char *lexical_quote(const char *text)
{
	char *all = malloc(2 * strlen(text) + 1), *to = all;

	if (all == NULL)
		return NULL;
	for (; *text != '\0'; text++) {
		if (strchr(WILDCARDS "\\", *text) != NULL)
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '\0';
	return all;
}

void lexical_unquote(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		*to++ = *text;
	}
	*to = '\0';
}

bool lexical_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1)
		return true;
	return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* What a path begins at: "" if it is absolute; *path moves behind what the base stands for. NULL with a problem. */
static const char *base_of(const char **path, const char *dir, const char *what, struct problem *e)
{
	const char *home;

	if ((*path)[0] == '/')
		return "";
	if ((*path)[0] != '~')
		return dir;
	if ((*path)[1] != '\0' && (*path)[1] != '/') {
		(void)problem_set(
			e, EINVAL,
			"%s: \"%s\": only ~/ is expanded, no user's name; write the whole path (or ./%s, "
			"if that is its name)",
			what, *path, *path);
		return NULL;
	}
	home = getenv("HOME");
	if (home == NULL || home[0] != '/') {
		(void)problem_set(
			e, EINVAL,
			"%s: \"%s\": HOME is not set to an absolute path; write the whole path",
			what, *path);
		return NULL;
	}
	(*path)++;
	return home;
}

/* The path of n bytes so far loses its last part, unless that is a link, or a wildcard. */
static int pop(char *all, size_t *n, const char *path, const char *what, struct problem *e)
{
	char *last;
	struct stat st;

	if (*n == 0)
		return 0; /* .. of / is / */
	all[*n] = '\0';
	last = strrchr(all, '/');
	if (lexical_is_glob(last))
		return problem_set(e, EINVAL, "%s: \"%s\": .. after a pattern; write it without ..",
				   what, path);
	if (lstat(all, &st) == 0 && S_ISLNK(st.st_mode))
		return problem_set(
			e, EINVAL,
			"%s: \"%s\": .. after the symbolic link %s leads elsewhere; write "
			"the path without ..",
			what, path, all);
	*n = (size_t)(last - all);
	return 0;
}

/*
 * How many dots a part consists of, quoted or not; 0 if there is more in it, or three. That a file whose real name is a
 * backslash and a dot cannot be named is no loss.
 */
static int dots(const char *part, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++) {
		if (part[i] == '.')
			n++;
		else if (part[i] != '\\')
			return 0;
	}
	return n <= 2 ? n : 0;
}

/* Puts the parts of text behind the n bytes that are in all. */
static int put_parts(char *all, size_t *n, const char *text, const char *path, const char *what,
		     struct problem *e)
{
	int r = 0;

	while (r == 0 && *text != '\0') {
		size_t len = strcspn(text, "/");

		if (dots(text, len) == 2) {
			r = pop(all, n, path, what, e);
		} else if (len > 0 && dots(text, len) == 0) {
			all[(*n)++] = '/';
			memcpy(all + *n, text, len);
			*n += len;
		}
		text += len + (text[len] == '/');
	}
	return r;
}

static int check(const char *path, const char *what, struct problem *e)
{
	if (path[0] == '\0')
		return problem_set(e, EINVAL, "%s: the path is empty", what);
	if (strlen(path) >= PATH_MAX)
		return problem_set(
			e, EINVAL,
			"%s: the path is longer than the %d bytes that Linux takes: \"%.64s...\"",
			what, PATH_MAX - 1, path);
	return 0;
}

/* base and rest as one path, to be freed. */
static int join(char **ret, const char *base, const char *rest, const char *path, const char *what,
		struct problem *e)
{
	char *all = malloc(strlen(base) + strlen(rest) + 3);
	size_t n = 0;
	int r;

	if (all == NULL)
		return -ENOMEM;
	r = put_parts(all, &n, base, path, what, e);
	if (r == 0)
		r = put_parts(all, &n, rest, path, what, e);
	if (r < 0) {
		free(all);
		return r;
	}
	if (n == 0)
		all[n++] = '/';
	all[n] = '\0';
	*ret = all;
	return 0;
}

int lexical_path(char **ret, bool *ret_is_glob, const char *path, const char *dir, bool may_glob,
		 const char *what, struct problem *e)
{
	bool is_glob = may_glob && lexical_is_glob(path);
	const char *rest, *base;
	char *own, *quoted = NULL;
	int r;

	r = check(path, what, e);
	if (r < 0)
		return r;
	rest = own = strdup(path);
	if (own == NULL)
		return -ENOMEM;
	base = base_of(&rest, dir, what, e);
	r = base != NULL ? 0 : -EINVAL;
	if (r == 0 && may_glob && !is_glob)
		lexical_unquote(own + (rest - own));
	if (r == 0 && is_glob) {
		base = quoted = lexical_quote(base);
		r = quoted != NULL ? 0 : -ENOMEM;
	}
	if (r == 0)
		r = join(ret, base, rest, path, what, e);
	if (r == 0)
		*ret_is_glob = is_glob;
	free(quoted);
	free(own);
	return r;
}
