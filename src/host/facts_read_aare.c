/* SPDX-License-Identifier: MIT */
/* AppArmor's patterns of paths. */
#include <string.h>

#include "host/facts_read.h"

#define MATCH_EFFORT 4000

/* A pattern is compared by trying; this many steps are enough for any that people write. */
struct match {
	unsigned int steps;
};

static bool matches(struct match *m, const char *p, const char *s);

/* The end of the alternative at p: its comma or closing brace. NULL: there is none. */
static const char *alternative_end(const char *p)
{
	int depth = 0;

	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '{')
			depth++;
		else if (depth == 0 && (*p == ',' || *p == '}'))
			return p;
		else if (*p == '}')
			depth--;
	}
	return NULL;
}

/* Each alternative in turn, followed by what comes after the brace. */
static bool match_braces(struct match *m, const char *p, const char *s)
{
	const char *rest = p, *end;
	char one[READ_PATH_MAX];
	struct buf b;

	while ((end = alternative_end(rest)) != NULL && *end == ',')
		rest = end + 1;
	if (end == NULL)
		return false;
	rest = end + 1;
	do {
		end = alternative_end(p);
		buf_init(&b, one, sizeof(one));
		buf_mem(&b, p, (size_t)(end - p));
		buf_str(&b, rest);
		if (!b.full && matches(m, one, s))
			return true;
		p = end + 1;
	} while (*end == ',');
	return false;
}

/* [abc], [a-c], [^abc]; sets *ret_end behind it. */
static bool match_class(const char *p, char c, const char **ret_end)
{
	bool negated = *p == '^', found = false;

	for (p += negated; *p != '\0' && *p != ']'; p++) {
		if (p[1] == '-' && p[2] != '\0' && p[2] != ']') {
			found |= p[0] <= c && c <= p[2];
			p += 2;
		} else {
			found |= *p == c;
		}
	}
	*ret_end = *p == ']' ? p + 1 : p;
	return found != negated && c != '/' && c != '\0';
}

static bool match_star(struct match *m, const char *p, const char *s)
{
	bool any = *p == '*';

	for (p += any;; s++) {
		if (matches(m, p, s))
			return true;
		if (*s == '\0' || (*s == '/' && !any))
			return false;
	}
}

static bool matches(struct match *m, const char *p, const char *s)
{
	for (;; s++) {
		if (++m->steps > MATCH_EFFORT)
			return false;
		switch (*p) {
		case '\0':
			return *s == '\0';
		case '*':
			return match_star(m, p + 1, s);
		case '{':
			return match_braces(m, p + 1, s);
		case '[':
			if (!match_class(p + 1, *s, &p))
				return false;
			continue;
		case '?':
			if (*s == '\0' || *s == '/')
				return false;
			break;
		case '\\':
			p += p[1] != '\0';
			/* fall through */
		default:
			if (*p != *s)
				return false;
		}
		p++;
	}
}

bool read_aare_match(const char *pattern, const char *path)
{
	struct match m = {.steps = 0};

	return matches(&m, pattern, path);
}
