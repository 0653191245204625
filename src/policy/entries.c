/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy/array.h"
#include "policy/lexical.h"
#include "policy/view_parts.h"

/* Entries, and what they come to where several name one place. */

bool access_writes(enum policy_access access)
{
	return access == POLICY_WRITE || access == POLICY_APPEND;
}

void entry_text(const struct policy_rule *rule, const char *why, const char *name, char *ret,
		size_t size)
{
	if (rule != NULL)
		policy_origin_text(&rule->origin, ret, size);
	else if (name != NULL)
		(void)snprintf(ret, size, "%s, %s", name, why);
	else
		(void)snprintf(ret, size, "%s", why != NULL ? why : "postern");
}

static int remember_links(struct making *m, const struct entry *e, const struct place *at,
			  const char *as)
{
	for (size_t i = 0; i < at->n_links; i++) {
		struct crossing *grown = array_grow(m->crossings, m->n_crossings, sizeof(*grown));
		struct crossing *c;

		if (grown == NULL)
			return -ENOMEM;
		m->crossings = grown;
		c = &grown[m->n_crossings];
		c->link = strdup(at->links[i]);
		c->path = strdup(as);
		c->rule = e->rule;
		c->why = e->why;
		c->name = e->name;
		m->n_crossings++;
		if (c->link == NULL || c->path == NULL)
			return -ENOMEM;
	}
	return 0;
}

int entry_note_links(struct making *m, const struct policy_rule *rule, const struct place *at)
{
	const struct entry e = {.rule = rule};

	return remember_links(m, &e, at, rule->path);
}

/* Nothing in it but "." and ".."; what cannot be read is taken for full. */
static bool is_empty_dir(const char *path)
{
	_Alignas(8) char buf[1024];
	int fd = path_open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	long n;

	if (fd < 0)
		return false;
	n = syscall(SYS_getdents64, fd, buf, sizeof(buf));
	(void)close(fd);
	/* an entry takes at least 24 bytes, and three of them more than 48 */
	return n >= 0 && n <= 48;
}

/* Has the file exactly these bytes? */
static bool has_content(const char *path, const char *content)
{
	char text[64];
	int fd = path_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;

	if (fd >= 0)
		(void)close(fd);
	return n == (ssize_t)strlen(content) && memcmp(text, content, (size_t)n) == 0;
}

bool entry_is_like_point(const struct entry *e)
{
	if (S_ISREG(e->mode) && e->content != NULL)
		return has_content(e->path, e->content);
	if (S_ISREG(e->mode))
		return e->size == 0;
	return S_ISDIR(e->mode) && is_empty_dir(e->path);
}

int entry_add(struct making *m, const struct entry *like, struct place *at, const char *as)
{
	struct entry *grown = array_grow(m->entries, m->n, sizeof(*grown));
	struct entry *e;
	int r;

	if (grown == NULL) {
		place_free(at);
		return -ENOMEM;
	}
	m->entries = grown;
	e = &grown[m->n++];
	*e = *like;
	e->path = at->path;
	at->path = NULL;
	e->is_missing = at->is_missing;
	e->is_hidden = at->is_hidden;
	e->as_dir = !at->is_whole || like->as_dir;
	if (!at->is_missing && !at->is_hidden) {
		e->mode = at->st.st_mode;
		e->size = at->st.st_size;
	}
	r = remember_links(m, e, at, as);
	place_free(at);
	return r;
}

int entry_look(struct making *m, const struct entry *like, const char *as)
{
	struct place at;
	char what[256];
	int r = place_find(as, &at);

	if (r == 0)
		return entry_add(m, like, &at, as);
	entry_text(like->rule, like->why, like->name, what, sizeof(what));
	if (r == -EXDEV)
		return problem_set(
			m->e, EXDEV,
			"%s: %s leads through a link of /proc, which is another one for each "
			"process; write the path that it stands for",
			what, as);
	if (r == -ENOTDIR)
		return problem_set(m->e, ENOTDIR,
				   "%s: on the way to %s is something that is no directory", what,
				   as);
	return problem_set(m->e, -r, "%s: cannot look up %s: %s", what, as, strerror(-r));
}

/* Which of several entries for one place counts. */
static int rank(const struct entry *e)
{
	int layer = e->rule != NULL ? (int)e->rule->origin.layer : 0;

	if (e->is_needed)
		return 1000;
	if (e->is_final)
		return 900;
	if (e->is_alias)
		return 40 + (int)e->access;
	switch (e->kind) {
	case ENTRY_OVERLAY:
		return 100 + 10 * POLICY_APPEND + 9;
	case ENTRY_DEV:
	case ENTRY_PROC:
		return 100 + 10 * POLICY_PROTECT + 9;
	case ENTRY_LINK:
		return 0;
	case ENTRY_RULE:
		break;
	}
	/* who names the path of a protected name himself has thought of it */
	if (e->rule == NULL && e->name != NULL)
		return 50 + (int)e->access;
	return 100 + 10 * (int)e->access + layer;
}

static int by_path(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r = path_compare(x->path, y->path);

	return r != 0 ? r : rank(y) - rank(x);
}

static void entry_free(struct entry *e)
{
	free(e->path);
	free(e->text);
}

int entries_merge(struct making *m)
{
	size_t kept = 0;
	char what[256];

	if (m->n > 0)
		qsort(m->entries, m->n, sizeof(*m->entries), by_path);
	for (size_t i = 0; i < m->n; i++) {
		struct entry *e = &m->entries[i];
		struct entry *before = kept > 0 ? &m->entries[kept - 1] : NULL;

		if (before == NULL || strcmp(before->path, e->path) != 0) {
			m->entries[kept++] = *e;
			continue;
		}
		if (e->kind == ENTRY_OVERLAY) {
			entry_text(before->rule, before->why, before->name, what, sizeof(what));
			for (; i < m->n; i++)
				entry_free(&m->entries[i]);
			m->n = kept;
			return problem_set(
				m->e, EINVAL,
				"--scratch %s: the same directory is not to be written (%s)",
				before->path, what);
		}
		entry_free(e);
	}
	m->n = kept;
	return 0;
}

static const struct entry *entry_at(const struct making *m, const char *path)
{
	size_t from = 0, to = m->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		int r = path_compare(path, m->entries[mid].path);

		if (r == 0)
			return &m->entries[mid];
		if (r < 0)
			to = mid;
		else
			from = mid + 1;
	}
	return NULL;
}

const struct entry *entry_above(const struct making *m, const char *path)
{
	char above[PATH_MAX];
	char *slash;

	if (strlen(path) >= sizeof(above))
		return NULL;
	(void)stpcpy(above, path);
	for (;;) {
		const struct entry *e = entry_at(m, above[0] != '\0' ? above : "/");

		if (e != NULL || above[0] == '\0' || above[1] == '\0')
			return e;
		slash = strrchr(above, '/');
		*slash = '\0';
	}
}

int entries_check_links(struct making *m)
{
	char what[256];

	for (size_t i = 0; i < m->n_crossings; i++) {
		const struct crossing *c = &m->crossings[i];
		const struct entry *e = entry_above(m, c->link);
		bool may_write =
			e != NULL ? access_writes(e->access) : m->p->base == POLICY_ROOT_WRITE;

		/* a directory that the caller may not write is nobody's to change in a sandbox */
		if (!may_write || !path_may_change(c->link))
			continue;
		entry_text(c->rule, c->why, c->name, what, sizeof(what));
		return problem_set(
			m->e, ELOOP,
			"%s: cannot hold at %s, because %s is a symbolic link in a directory that the "
			"sandbox may write, and could be made to lead elsewhere; name the place that it "
			"leads to, or replace the link",
			what, c->path, c->link);
	}
	return 0;
}
