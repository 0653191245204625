/* SPDX-License-Identifier: MIT */
#include "policy/view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "policy/array.h"
#include "policy/lexical.h"
#include "policy/view_parts.h"

/* Sources that are held get numbers from here on: lower ones are for who opens something later, under the old limit. */
#define FD_FIRST 256

int view_note(struct making *m, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	/* a sentence that does not fit is cut */
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return array_add_text(&m->v->notes, &m->v->n_notes, text);
}

int view_room(struct making *m, int *fd)
{
	int moved;

	if (*fd >= FD_FIRST || m->v->nofile <= FD_FIRST)
		return 0;
	moved = fcntl(*fd, F_DUPFD_CLOEXEC, FD_FIRST);
	if (moved < 0)
		return -errno;
	(void)close(*fd);
	*fd = moved;
	return 0;
}

/* As many descriptors as the hard limit allows; words_pass sets it back for the launcher. */
static void raise_limit(struct view *v)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) < 0 || lim.rlim_cur == RLIM_INFINITY)
		return;
	v->nofile = lim.rlim_cur;
	lim.rlim_cur = lim.rlim_max;
	/* where it fails there are fewer descriptors, and EMFILE where they do not suffice */
	(void)setrlimit(RLIMIT_NOFILE, &lim);
}

static void lower_limit(const struct view *v)
{
	struct rlimit lim;

	if (v->nofile == 0 || getrlimit(RLIMIT_NOFILE, &lim) < 0)
		return;
	lim.rlim_cur = v->nofile;
	/* lowering is always allowed */
	(void)setrlimit(RLIMIT_NOFILE, &lim);
}

static void making_free(struct making *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->entries[i].path);
		free(m->entries[i].text);
	}
	free(m->entries);
	for (size_t i = 0; i < m->n_crossings; i++) {
		free(m->crossings[i].link);
		free(m->crossings[i].path);
	}
	free(m->crossings);
}

int view_make(const struct policy *p, const struct view_wish *w, struct view *ret,
	      struct problem *e)
{
	struct making m = {.p = p, .w = w, .v = ret, .e = e};
	int r;

	*ret = (struct view){.wish = *w};
	raise_limit(ret);
	r = entries_from_policy(&m);
	if (r == 0)
		r = entries_from_globs(&m);
	if (r == 0)
		r = entries_protect(&m);
	if (r == 0)
		r = entries_alias(&m);
	if (r == 0)
		r = entries_merge(&m);
	if (r == 0)
		r = entries_check_links(&m);
	if (r == 0)
		r = lines_make(&m);
	making_free(&m);
	if (r == -ENOMEM)
		(void)problem_set(e, ENOMEM, "out of memory");
	if (r < 0)
		view_free(ret);
	return r;
}

void view_forget_sources(struct view *v)
{
	for (size_t i = 0; i < v->n_lines; i++) {
		if (v->lines[i].fd >= 0)
			(void)close(v->lines[i].fd);
		v->lines[i].fd = -1;
	}
}

void view_free(struct view *v)
{
	view_forget_sources(v);
	for (size_t i = 0; i < v->n_lines; i++) {
		free(v->lines[i].path);
		free(v->lines[i].source);
	}
	free(v->lines);
	lower_limit(v);
	free(v->points);
	free(v->globs);
	array_free_texts(v->notes, v->n_notes);
	*v = (struct view){.n_lines = 0};
}

const char *view_kind_name(enum view_kind kind)
{
	static const char *const names[] = {
		[VIEW_ROOT] = "empty root",  [VIEW_BIND] = "bind",
		[VIEW_RO_BIND] = "ro-bind",  [VIEW_DEV_BIND] = "dev-bind",
		[VIEW_PIN] = "pin",          [VIEW_OVERLAY] = "overlay",
		[VIEW_DEV] = "dev",          [VIEW_PROC] = "proc",
		[VIEW_SYMLINK] = "symlink",  [VIEW_HIDE_DIR] = "hide",
		[VIEW_HIDE_FILE] = "hide",   [VIEW_BLOCK_DIR] = "block",
		[VIEW_BLOCK_FILE] = "block", [VIEW_SKELETON] = "hide but",
		[VIEW_SEAL] = "seal",
	};

	return names[kind];
}

void view_line_why(const struct view_line *l, char *ret, size_t size)
{
	entry_text(l->rule, l->why, l->name, ret, size);
}

const struct view_line *view_find(const struct view *v, const char *path)
{
	const struct view_line *found = NULL;

	for (size_t i = 0; i < v->n_lines; i++) {
		const struct view_line *l = &v->lines[i];

		if (l->kind == VIEW_PIN || l->kind == VIEW_SEAL || !lexical_below(path, l->path))
			continue;
		if (found == NULL || strlen(l->path) >= strlen(found->path))
			found = l;
	}
	return found;
}
