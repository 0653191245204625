/* SPDX-License-Identifier: MIT */
#include "policy/pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/lexical.h"

/* The character at *s, which moves behind it. Bytes that are none are above all characters. */
static uint32_t next(const char **s)
{
	const unsigned char *u = (const unsigned char *)*s;
	size_t n = buf_utf8_len(*s);
	uint32_t c;

	*s += n > 0 ? n : 1;
	if (n == 0)
		return 0x110000U + u[0];
	if (n == 1)
		return u[0];
	c = u[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (u[i] & 0x3f);
	return c;
}

/* The end of a set that begins at s ("["), its "]"; NULL: it is none, and the bracket is itself. */
static const char *set_end(const char *s)
{
	s++;
	if (*s == '!' || *s == '^')
		s++;
	if (*s == ']')
		s++;
	for (; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (*s == ']')
			return s;
	}
	return NULL;
}

static uint32_t literal(const char **s)
{
	if (**s == '\\' && (*s)[1] != '\0')
		(*s)++;
	return next(s);
}

static bool in_set(const char *s, const char *end, uint32_t c)
{
	bool is_not = s[1] == '!' || s[1] == '^', found = false;

	s += is_not ? 2 : 1;
	while (s < end) {
		uint32_t from = literal(&s), to = from;

		if (*s == '-' && s + 1 < end) {
			s++;
			to = literal(&s);
		}
		found = found || (from <= c && c <= to);
	}
	return found != is_not;
}

/* One character of the name against what is not "*"; both move behind it. */
static bool one(const char **part, const char **name)
{
	const char *end = **part == '[' ? set_end(*part) : NULL;
	bool is_any = **part == '?', is_same;
	uint32_t c = next(name);

	if (end != NULL) {
		is_same = in_set(*part, end, c);
		*part = end + 1;
		return is_same;
	}
	if (is_any) {
		(*part)++;
		return true;
	}
	return literal(part) == c;
}

bool pattern_part(const char *part, const char *name)
{
	const char *star = NULL, *from = name;

	/* Only the last star needs to be tried again: what is before it has matched the shortest way. */
	while (*name != '\0') {
		if (*part == '*') {
			star = ++part;
			from = name;
			continue;
		}
		if (*part != '\0' && one(&part, &name))
			continue;
		if (star == NULL)
			return false;
		(void)next(&from);
		name = from;
		part = star;
	}
	while (*part == '*')
		part++;
	return *part == '\0';
}

static bool is_deep(const char *part)
{
	return strcmp(part, "**") == 0;
}

/* A set of parts, with those behind each ** in it. */
static uint64_t closure(const struct pattern *p, uint64_t set)
{
	for (size_t i = 0; i + 1 < p->n_parts; i++)
		if (set >> i & 1 && is_deep(p->parts[i]))
			set |= UINT64_C(1) << (i + 1);
	return set;
}

uint64_t pattern_start(const struct pattern *p)
{
	return closure(p, 1);
}

uint64_t pattern_step(const struct pattern *p, uint64_t before, const char *name)
{
	uint64_t after = 0;

	for (size_t i = 0; i < p->n_parts; i++) {
		if (!(before >> i & 1))
			continue;
		if (is_deep(p->parts[i])) {
			after |= UINT64_C(1) << i;
			if (i + 1 == p->n_parts)
				after |= UINT64_C(1) << p->n_parts;
		} else if (pattern_part(p->parts[i], name)) {
			after |= UINT64_C(1) << (i + 1);
		}
	}
	return closure(p, after);
}

bool pattern_is_match(const struct pattern *p, uint64_t after)
{
	return after >> p->n_parts & 1;
}

int pattern_read(const char *path, struct pattern *ret)
{
	char *text = strdup(path), *at;

	*ret = (struct pattern){.text = text};
	if (text == NULL)
		return -ENOMEM;
	for (at = text; *at == '/'; at += strcspn(at, "/")) {
		size_t n;
		char kept;
		bool is_glob;

		at++;
		n = strcspn(at, "/");
		kept = at[n];
		at[n] = '\0';
		is_glob = lexical_is_glob(at);
		at[n] = kept;
		if (is_glob)
			break;
	}
	if (*text != '/' || at <= text + 1 || *at == '\0') {
		pattern_free(ret);
		return -EINVAL;
	}
	at[-1] = '\0';
	ret->base = strdup(text);
	if (ret->base == NULL) {
		pattern_free(ret);
		return -ENOMEM;
	}
	lexical_unquote(ret->base);
	for (char *save, *part = strtok_r(at, "/", &save); part != NULL;
	     part = strtok_r(NULL, "/", &save)) {
		/* one more says nothing, and would be tried for nothing */
		if (ret->n_parts > 0 && is_deep(part) && is_deep(ret->parts[ret->n_parts - 1]))
			continue;
		if (ret->n_parts == PATTERN_PARTS_MAX) {
			pattern_free(ret);
			return -E2BIG;
		}
		ret->parts[ret->n_parts++] = part;
	}
	return 0;
}

void pattern_free(struct pattern *p)
{
	free(p->base);
	free(p->text);
	*p = (struct pattern){.n_parts = 0};
}
