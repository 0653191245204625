/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/array.h"
#include "policy/globs.h"
#include "policy/lexical.h"
#include "policy/presets.h"
#include "policy/view_parts.h"

/* Entries from patterns. Those with the same base are looked for at once. */

#define ENTRIES_MAX ((size_t)4 << 20) /* names of one base: some seconds */

struct search {
	struct making *m;
	struct pattern *patterns; /* of all rules that are patterns */
	char **bases;             /* with links resolved; NULL: there is nothing */
	size_t n;
	const struct pattern **group; /* of the running walk */
	size_t *of_group;             /* their numbers */
	struct view_glob *globs;      /* the view's */
};

/* What would take away what the sandbox needs to be of any use, and was hardly meant. */
static bool hides_too_much(const struct making *m, const char *path)
{
	if (lexical_below(m->p->cwd, path))
		return true;
	for (size_t i = 0; preset_platform[i] != NULL; i++)
		if (lexical_below(preset_platform[i], path))
			return true;
	for (size_t i = 0; i < m->n; i++)
		if (access_writes(m->entries[i].access) && lexical_below(m->entries[i].path, path))
			return true;
	return false;
}

/* A link matches: what it leads to is hidden, as it can be read through the link. */
static int add_target(struct making *m, const struct entry *like, const char *link)
{
	struct place at;
	char what[256];
	int r = place_find(link, &at);

	if (r == -ENOMEM)
		return r;
	/* a link to nowhere; what is made there later is not covered, as all that is made later */
	if (r < 0 || at.is_missing || at.is_hidden) {
		place_free(&at);
		return 0;
	}
	if (hides_too_much(m, at.path)) {
		policy_origin_text(&like->rule->origin, what, sizeof(what));
		r = problem_set(
			m->e, ELOOP,
			"%s: the link %s matches %s, and leads to %s, without which nothing works; "
			"remove the link",
			what, link, like->rule->path, at.path);
		place_free(&at);
		return r;
	}
	/* where the link is, or could be moved to, does not matter: it is the target that is hidden */
	array_free_texts(at.links, at.n_links);
	at.links = NULL;
	at.n_links = 0;
	return entry_add(m, like, &at, link);
}

static int found(void *ctx, size_t in_group, const char *path, enum glob_type type)
{
	struct search *s = ctx;
	struct making *m = s->m;
	struct view_glob *g = &s->globs[s->of_group[in_group]];
	const struct entry like = {.access = g->rule->access,
				   .rule = g->rule,
				   .is_match = true,
				   .is_final = g->rule->is_final,
				   .narrows = g->rule->narrows};
	struct place at = {.st = {.st_mode = type == GLOB_FILE ? S_IFREG : S_IFDIR, .st_size = 1}};
	char what[256];

	policy_origin_text(&g->rule->origin, what, sizeof(what));
	if (++g->matches > m->p->glob_matches_max)
		return problem_set(
			m->e, E2BIG,
			"%s: %s matches more than %zu files; make the pattern narrower, or deny a "
			"directory",
			what, g->rule->path, m->p->glob_matches_max);
	if (type == GLOB_LINK)
		return add_target(m, &like, path);
	if (type == GLOB_UNREAD && hides_too_much(m, path))
		return problem_set(
			m->e, EACCES,
			"%s: %s cannot be read, so that it is not known what in it matches; "
			"allow it (chmod u+rx)",
			what, path);
	if (type == GLOB_UNREAD) {
		int r = view_note(
			m,
			"%s cannot be read, so that it is not known what in it matches %s: "
			"all of it is hidden",
			path, g->rule->path);

		if (r < 0)
			return r;
	}
	at.path = strdup(path);
	return at.path == NULL ? -ENOMEM : entry_add(m, &like, &at, path);
}

static int prepare(struct search *s, const struct policy_rule *rule)
{
	struct making *m = s->m;
	struct pattern *p = &s->patterns[s->n];
	struct view_glob *g;
	struct place at;
	char what[256];
	int r = pattern_read(rule->path, p);

	policy_origin_text(&rule->origin, what, sizeof(what));
	if (r == -EINVAL)
		return problem_set(
			m->e, EINVAL,
			"%s: %s would be looked for in the whole file system; put a directory before the "
			"first wildcard",
			what, rule->path);
	if (r == -E2BIG)
		return problem_set(m->e, E2BIG, "%s: %s has more than %d parts", what, rule->path,
				   PATTERN_PARTS_MAX);
	if (r < 0)
		return r;
	g = array_grow(m->v->globs, m->v->n_globs, sizeof(*g));
	if (g == NULL) {
		pattern_free(p);
		return -ENOMEM;
	}
	m->v->globs = g;
	m->v->globs[m->v->n_globs++].rule = rule;
	s->n++;
	r = place_find(p->base, &at);
	if (r == -ENOTDIR)
		return 0;
	if (r < 0)
		return problem_set(m->e, -r, "%s: cannot look up %s: %s", what, p->base,
				   strerror(-r));
	if (!at.is_missing && !at.is_hidden && S_ISDIR(at.st.st_mode)) {
		s->bases[s->n - 1] = strdup(at.path);
		if (s->bases[s->n - 1] == NULL)
			r = -ENOMEM;
	}
	/* its links count as those of any rule */
	if (r == 0 && at.n_links > 0)
		r = entry_note_links(m, rule, &at);
	place_free(&at);
	return r;
}

/* All patterns with the base of the first one. */
static int walk(struct search *s, size_t first)
{
	struct making *m = s->m;
	struct globs g = {.patterns = s->group,
			  .depth_max = m->p->glob_depth_max,
			  .entries_max = ENTRIES_MAX};
	char *base = s->bases[first], what[256];
	int r;

	for (size_t i = first; i < s->n; i++) {
		if (s->bases[i] == NULL || strcmp(s->bases[i], base) != 0)
			continue;
		s->group[g.n] = &s->patterns[i];
		s->of_group[g.n++] = i;
		if (i != first)
			free(s->bases[i]);
		s->bases[i] = NULL;
	}
	r = globs_walk(&g, base, found, s);
	for (size_t i = 0; i < g.n; i++) {
		s->globs[s->of_group[i]].directories = g.directories;
		s->globs[s->of_group[i]].entries = g.entries;
	}
	policy_origin_text(&s->globs[first].rule->origin, what, sizeof(what));
	if (r == -E2BIG && g.entries > g.entries_max)
		r = problem_set(
			m->e, E2BIG,
			"%s: there are more than %zu files below %s; make the pattern narrower, or limit "
			"its depth",
			what, ENTRIES_MAX, base);
	else if (r == -ENAMETOOLONG)
		r = problem_set(
			m->e, ENAMETOOLONG,
			"%s: below %s directories are nested so deeply that what is in them has no path; "
			"remove them",
			what, base);
	free(base);
	return r;
}

int entries_from_globs(struct making *m)
{
	struct search s = {.m = m};
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < m->p->n_rules; i++)
		n += m->p->rules[i].is_glob;
	if (n == 0)
		return 0;
	s.patterns = calloc(n, sizeof(*s.patterns));
	s.bases = calloc(n, sizeof(*s.bases));
	s.group = calloc(n, sizeof(*s.group));
	s.of_group = calloc(n, sizeof(*s.of_group));
	if (s.patterns == NULL || s.bases == NULL || s.group == NULL || s.of_group == NULL)
		r = -ENOMEM;
	for (size_t i = 0; i < m->p->n_rules && r == 0; i++)
		if (m->p->rules[i].is_glob)
			r = prepare(&s, &m->p->rules[i]);
	s.globs = m->v->globs;
	for (size_t i = 0; i < s.n && r == 0; i++)
		if (s.bases[i] != NULL)
			r = walk(&s, i);
	for (size_t i = 0; i < s.n; i++) {
		pattern_free(&s.patterns[i]);
		free(s.bases[i]);
	}
	free(s.patterns);
	free(s.bases);
	free(s.group);
	free(s.of_group);
	return r;
}
