/* SPDX-License-Identifier: MIT */
#include "policy/cover.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "policy/lexical.h"
#include "policy/pattern.h"

/* The parts of path below the pattern's base, one after the other; the length of the deepest match, or 0. */
static size_t match_parts(const struct pattern *pattern, const char *path)
{
	size_t n = strcmp(pattern->base, "/") == 0 ? 0 : strlen(pattern->base), found = 0;
	uint64_t state = pattern_start(pattern);
	char name[NAME_MAX + 1];

	while (path[n] != '\0') {
		size_t begin = n + strspn(path + n, "/"), len = strcspn(path + begin, "/");

		if (len == 0 || len > NAME_MAX)
			break;
		memcpy(name, path + begin, len);
		name[len] = '\0';
		state = pattern_step(pattern, state, name);
		n = begin + len;
		if (pattern_is_match(pattern, state))
			found = n;
	}
	return found;
}

static size_t matches_above(const char *glob, const char *path)
{
	struct pattern pattern;
	size_t found;

	/* a pattern that cannot be used is refused later: until then it covers everything */
	if (pattern_read(glob, &pattern) < 0)
		return strlen(path);
	found = lexical_below(path, pattern.base) ? match_parts(&pattern, path) : 0;
	pattern_free(&pattern);
	return found;
}

size_t cover_depth(const char *rule, bool is_glob, const char *path)
{
	if (is_glob)
		return matches_above(rule, path);
	return lexical_below(path, rule) ? strlen(rule) : 0;
}

enum policy_access cover_access(const struct policy *p, const char *path,
				const struct policy_rule **ret_rule)
{
	enum policy_access access = p->base == POLICY_ROOT_WRITE  ? POLICY_WRITE
				    : p->base == POLICY_ROOT_READ ? POLICY_READ
								  : POLICY_DENY;
	size_t deepest = 0;

	if (ret_rule != NULL)
		*ret_rule = NULL;
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct policy_rule *r = &p->rules[i];
		size_t depth = cover_depth(r->path, r->is_glob, path);

		if (depth == 0 || depth < deepest || (depth == deepest && r->access < access))
			continue;
		deepest = depth;
		access = r->access;
		if (ret_rule != NULL)
			*ret_rule = r;
	}
	return access;
}

char *cover_real(const char *path)
{
	char *head = strdup(path), *real = NULL, *all;
	size_t n = strlen(path);

	while (head != NULL && real == NULL) {
		real = realpath(n > 0 ? head : "/", NULL);
		if (real != NULL || (errno != ENOENT && errno != ENOTDIR) || n == 0)
			break;
		while (n > 0 && head[--n] != '/')
			;
		head[n] = '\0';
	}
	free(head);
	if (real == NULL || path[n] == '\0')
		return real;
	all = malloc(strlen(real) + strlen(path + n) + 2);
	if (all != NULL) {
		strcpy(all, strcmp(real, "/") == 0 ? "" : real);
		strcat(all, path + n);
	}
	free(real);
	return all;
}
