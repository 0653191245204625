/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mountline.h"
#include "policy/array.h"
#include "policy/lexical.h"
#include "policy/view_parts.h"

/*
 * One place may have several paths: bind mounts, and subvolumes that are mounted beside their top. What is hidden or protected
 * under one of them is so under the others.
 */
struct mounted {
	char *path, *root; /* where, and which directory of the file system */
	char dev[24];
};

struct mounts {
	struct mounted *all;
	size_t n;
};

static int add_mount(struct mounts *m, char *line)
{
	struct mounted *grown;
	struct mountline l;

	/* those of namespaces and the like have no root that is a path */
	if (!mountline_cut(line, &l) || l.root[0] != '/')
		return 0;
	grown = array_grow(m->all, m->n, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	m->all = grown;
	grown += m->n++;
	(void)snprintf(grown->dev, sizeof(grown->dev), "%s", l.device);
	grown->root = strdup(l.root);
	grown->path = strdup(l.point);
	return grown->root == NULL || grown->path == NULL ? -ENOMEM : 0;
}

static int read_mounts(struct mounts *m)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t room = 0;
	int r = 0;

	/* without /proc nobody can say; what is known by its path is protected */
	if (f == NULL)
		return 0;
	while (r == 0 && getline(&line, &room, f) > 0)
		r = add_mount(m, line);
	free(line);
	(void)fclose(f);
	return r;
}

/* The mount that the path is on: the deepest, of several at one place the last. */
static const struct mounted *mount_of(const struct mounts *m, const char *path)
{
	const struct mounted *found = NULL;

	for (size_t i = 0; i < m->n; i++)
		if (lexical_below(path, m->all[i].path) &&
		    (found == NULL || strlen(m->all[i].path) >= strlen(found->path)))
			found = &m->all[i];
	return found;
}

/* What comes after dir in path: "" or "/...". */
static const char *after(const char *path, const char *dir)
{
	return dir[1] == '\0' ? (path[1] == '\0' ? "" : path) : path + strlen(dir);
}

static char *joined(const char *dir, const char *rest)
{
	if (rest[0] == '\0')
		return strdup(dir);
	return path_join(dir, rest + 1);
}

/* Is it the same object, or the same missing name in the same directory? The mount may be covered by another one. */
static bool is_same(const struct entry *e, const char *alias)
{
	struct stat a, b;
	char *one, *other;
	bool is;

	if (!e->is_missing)
		return lstat(e->path, &a) == 0 && lstat(alias, &b) == 0 && a.st_ino == b.st_ino &&
		       a.st_dev == b.st_dev;
	if (lstat(alias, &b) == 0)
		return false;
	one = strdup(e->path);
	other = strdup(alias);
	is = one != NULL && other != NULL;
	if (is) {
		*strrchr(one, '/') = '\0';
		*strrchr(other, '/') = '\0';
		is = stat(one[0] != '\0' ? one : "/", &a) == 0 &&
		     stat(other[0] != '\0' ? other : "/", &b) == 0 && a.st_ino == b.st_ino &&
		     a.st_dev == b.st_dev;
	}
	free(one);
	free(other);
	return is;
}

static int add_alias(struct making *m, size_t index, const char *path)
{
	struct entry like = m->entries[index];
	struct place at = {.path = strdup(path), .is_missing = like.is_missing, .is_whole = true};
	char what[256];
	int r;

	if (at.path == NULL || (!like.is_missing && lstat(path, &at.st) < 0)) {
		place_free(&at);
		return at.path == NULL ? -ENOMEM : 0;
	}
	entry_text(like.rule, like.why, like.name, what, sizeof(what));
	r = like.is_match || like.is_missing
		    ? 0
		    : view_note(m, "%s: %s is (in) %s, too", what, path, like.path);
	like.is_alias = true;
	/* an alias opens nothing */
	if (like.access == POLICY_READ)
		like.access = POLICY_PROTECT;
	return r == 0 ? entry_add(m, &like, &at, path) : r;
}

static int alias_of(struct making *m, const struct mounts *mounts, size_t index)
{
	const struct entry *e = &m->entries[index];
	const struct mounted *on = mount_of(mounts, e->path);
	char *real;
	int r = 0;

	if (on == NULL)
		return 0;
	real = joined(on->root, after(e->path, on->path));
	if (real == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < mounts->n && r == 0; i++) {
		const struct mounted *o = &mounts->all[i];
		char *alias;

		/* one that another mount covers shows nothing */
		if (o == on || strcmp(o->dev, on->dev) != 0 || mount_of(mounts, o->path) != o)
			continue;
		/* a part of what is denied, mounted elsewhere */
		if (lexical_below(o->root, real) && strcmp(o->root, real) != 0 &&
		    m->entries[index].access == POLICY_DENY &&
		    !lexical_below(o->path, m->entries[index].path)) {
			r = add_alias(m, index, o->path);
			continue;
		}
		if (!lexical_below(real, o->root))
			continue;
		alias = joined(o->path, after(real, o->root));
		if (alias == NULL)
			r = -ENOMEM;
		else if (strcmp(alias, m->entries[index].path) != 0 &&
			 is_same(&m->entries[index], alias))
			r = add_alias(m, index, alias);
		free(alias);
	}
	free(real);
	return r;
}

int entries_alias(struct making *m)
{
	struct mounts mounts = {.n = 0};
	size_t n = m->n;
	int r = read_mounts(&mounts);

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct entry *e = &m->entries[i];

		if (e->kind == ENTRY_RULE && !access_writes(e->access) && !e->is_needed &&
		    !e->is_hidden && e->path[1] != '\0' && (e->rule != NULL || e->why != NULL) &&
		    (e->access != POLICY_READ || e->rule != NULL))
			r = alias_of(m, &mounts, i);
	}
	for (size_t i = 0; i < mounts.n; i++) {
		free(mounts.all[i].path);
		free(mounts.all[i].root);
	}
	free(mounts.all);
	return r;
}
