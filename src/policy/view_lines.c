/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/array.h"
#include "policy/lexical.h"
#include "policy/view_parts.h"

/*
 * From places to mounts. The entries are sorted so that each one comes right after what it lies in; frames are what the current one
 * lies in, from the root.
 */
struct frame {
	const char *path;
	enum policy_access access;
	bool is_mount;  /* something is mounted at path */
	bool is_sealed; /* an empty tmpfs that becomes read-only when everything in it is mounted */
	bool is_own;    /* made for the sandbox: the host's path of that name is something else */
	bool is_scratch; /* in the overlay */
	bool is_changed; /* the sandbox may write here or in a directory above */
	bool is_shut;    /* nothing below is reopened */
};

struct lines {
	struct making *m;
	struct frame *frames;
	size_t n;
	char dir[PATH_MAX]; /* what may_move was asked about last */
	bool has_dir, dir_may_move;
};

static struct frame *top(struct lines *l)
{
	return &l->frames[l->n - 1];
}

static int push(struct lines *l, const struct frame *f)
{
	struct frame *grown = array_grow(l->frames, l->n, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	l->frames = grown;
	grown[l->n++] = *f;
	return 0;
}

/* A line of its own memory; path stays the caller's. NULL: no memory. */
static struct view_line *add_line(struct lines *l, enum view_kind kind, const char *path,
				  const struct entry *e)
{
	struct view *v = l->m->v;
	struct view_line *grown = array_grow(v->lines, v->n_lines, sizeof(*grown));
	struct view_line *line;

	if (grown == NULL)
		return NULL;
	v->lines = grown;
	line = &grown[v->n_lines];
	line->kind = kind;
	line->fd = -1;
	line->path = strdup(path);
	if (line->path == NULL)
		return NULL;
	if (e != NULL) {
		line->access = e->access;
		line->rule = e->rule;
		line->why = e->why;
		line->name = e->name;
	}
	v->n_lines++;
	return line;
}

/* Seals and leaves all frames that the path is not in. */
static int leave(struct lines *l, const char *path)
{
	while (l->n > 0 && (path == NULL || !lexical_below(path, top(l)->path))) {
		if (top(l)->is_sealed) {
			struct view_line *line = add_line(l, VIEW_SEAL, top(l)->path, NULL);

			if (line == NULL)
				return -ENOMEM;
			line->access = top(l)->access;
			line->why = "nothing is made in it any more";
		}
		l->n--;
	}
	return 0;
}

static int changed(struct lines *l, const char *path, int r)
{
	if (r != -ENOENT && r != -ELOOP && r != -ENOTDIR)
		return problem_set(l->m->e, -r, "cannot open %s: %s", path, strerror(-r));
	return problem_set(
		l->m->e, EAGAIN,
		"%s changes while it is looked at; end what is renaming there, and try again",
		path);
}

/* The object that was looked at, opened without any link; what comes in its place does not count. */
static int open_source(struct lines *l, struct view_line *line, const char *path, mode_t mode)
{
	struct stat st;

	line->source = strdup(path);
	if (line->source == NULL)
		return -ENOMEM;
	line->fd = path_open(path, O_PATH);
	if (line->fd < 0)
		return changed(l, path, line->fd);
	if (fstat(line->fd, &st) < 0 || (st.st_mode & S_IFMT) != (mode & S_IFMT))
		return changed(l, path, -ENOENT);
	return view_room(l->m, &line->fd);
}

/*
 * Could somebody else than root make the path lead elsewhere? Not only this sandbox could: one of a wider policy that runs
 * beside it, or another user.
 */
static bool may_move(struct lines *l, const char *path)
{
	size_t n = (size_t)(strrchr(path, '/') - path);
	char dir[PATH_MAX];
	struct stat st;

	if (path[1] == '\0')
		return false;
	if (n + 1 >= sizeof(dir) || geteuid() == 0)
		return true;
	memcpy(dir, path, n);
	dir[n] = '\0';
	/* those in one directory come one after the other */
	if (l->has_dir && strcmp(l->dir, dir) == 0)
		return l->dir_may_move;
	(void)stpcpy(l->dir, dir);
	l->has_dir = true;
	for (;;) {
		l->dir_may_move = lstat(dir[0] != '\0' ? dir : "/", &st) < 0 || st.st_uid != 0 ||
				  (st.st_mode & 022) != 0;
		if (l->dir_may_move || dir[0] == '\0')
			return l->dir_may_move;
		*strrchr(dir, '/') = '\0';
	}
}

/* Mounts each directory between the mount that path is in, and path, on itself: a mount point cannot be renamed. */
static int pin(struct lines *l, const char *path)
{
	char dir[PATH_MAX];
	size_t mount = l->n - 1;

	while (mount > 0 && !l->frames[mount].is_mount)
		mount--;
	if (top(l)->is_scratch || top(l)->is_own || !access_writes(top(l)->access))
		return 0;
	if (strlen(path) >= sizeof(dir))
		return -ENAMETOOLONG;
	for (size_t n = strlen(l->frames[mount].path) > 1 ? strlen(l->frames[mount].path) + 1 : 1;
	     path[n] != '\0'; n++) {
		struct frame f = *top(l);
		struct view_line *line;
		int r;

		n += strcspn(path + n, "/");
		if (path[n] == '\0')
			break;
		memcpy(dir, path, n);
		dir[n] = '\0';
		line = add_line(l, VIEW_PIN, dir, NULL);
		if (line == NULL)
			return -ENOMEM;
		line->access = f.access;
		line->why = "what is below it must not be moved away";
		r = open_source(l, line, dir, S_IFDIR);
		if (r < 0)
			return r;
		f.path = line->path;
		f.is_mount = true;
		r = push(l, &f);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The launcher mounts on it: it has to be there, and to stay as long as another run mounts on it, too. */
static int add_point(struct lines *l, const struct view_line *line, const struct entry *e,
		     bool is_dir)
{
	struct view *v = l->m->v;
	struct view_point *grown = array_grow(v->points, v->n_points, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	v->points = grown;
	v->points[v->n_points++] =
		(struct view_point){.path = line->path, .is_dir = is_dir, .content = e->content};
	return 0;
}

static bool is_bind(enum view_kind kind)
{
	return kind == VIEW_BIND || kind == VIEW_RO_BIND || kind == VIEW_DEV_BIND;
}

static bool has_source(enum view_kind kind)
{
	return is_bind(kind) || kind == VIEW_OVERLAY || kind == VIEW_SYMLINK;
}

/* Whatever rules say about places below it: nothing there is opened any wider. */
static bool shuts(const struct entry *e)
{
	return e->is_final || (e->is_match && e->access == POLICY_DENY);
}

/* A mount, and the frame of what is below it. */
static int mount(struct lines *l, enum view_kind kind, const struct entry *e)
{
	struct frame f = *top(l);
	struct view_line *line = add_line(l, kind, e->path, e);
	int r = 0;

	if (line == NULL)
		return -ENOMEM;
	if (is_bind(kind) && (f.is_changed || may_move(l, e->path)))
		r = open_source(l, line, e->path, e->mode);
	else if (has_source(kind))
		line->source = strdup(kind == VIEW_SYMLINK ? e->text : e->path);
	if (r == 0 && line->source == NULL && has_source(kind))
		r = -ENOMEM;
	if (r < 0 || kind == VIEW_SYMLINK)
		return r;
	f.path = line->path;
	f.access = e->access;
	f.is_mount = true;
	f.is_own = !is_bind(kind);
	f.is_scratch = kind == VIEW_OVERLAY;
	f.is_sealed = kind == VIEW_SKELETON;
	f.is_changed = f.is_changed || access_writes(e->access);
	f.is_shut = f.is_shut || shuts(e);
	return push(l, &f);
}

/* The rule says what holds here anyway; what is below may depend on it. */
static int remain(struct lines *l, const struct entry *e)
{
	struct frame f = *top(l);

	f.path = e->path;
	f.is_mount = false;
	f.is_sealed = false;
	f.is_shut = f.is_shut || shuts(e);
	return push(l, &f);
}

/* Does an entry show something that lies in what is denied? */
static bool reopens(const struct entry *e)
{
	if (e->is_needed)
		return true;
	return !e->is_missing && !e->is_hidden && !e->narrows && e->kind != ENTRY_LINK &&
	       (access_writes(e->access) || e->access == POLICY_READ);
}

/* Is anything below a denied directory shown? */
static bool is_reopened(const struct making *m, size_t i)
{
	const struct entry *e = &m->entries[i];
	bool is_shut = e->is_final || e->is_match;

	for (size_t j = i + 1; j < m->n && lexical_below(m->entries[j].path, e->path); j++)
		if (m->entries[j].is_needed || (!is_shut && reopens(&m->entries[j])))
			return true;
	return false;
}

/* An empty thing that cannot be changed: nothing can be made there. */
static int block(struct lines *l, const struct entry *e, bool is_dir)
{
	bool is_scratch = top(l)->is_scratch;
	struct view_line *line;
	int r = pin(l, e->path);

	if (r == 0)
		r = mount(l, is_dir ? VIEW_BLOCK_DIR : VIEW_BLOCK_FILE, e);
	if (r < 0)
		return r;
	line = &l->m->v->lines[l->m->v->n_lines - 1];
	line->content = e->content;
	/* in the overlay the launcher makes it, where the host does not see it */
	return is_scratch ? 0 : add_point(l, line, e, is_dir);
}

static int missing(struct lines *l, const struct entry *e)
{
	char what[256];
	bool is_writable = access_writes(top(l)->access) && !top(l)->is_own;

	entry_text(e->rule, e->why, e->name, what, sizeof(what));
	if (e->is_hidden && is_writable && path_may_change(e->path))
		return problem_set(
			l->m->e, EACCES,
			"%s: %s cannot be looked for, because its directory may not be searched; the "
			"sandbox could change that: allow it (chmod u+x), or remove it",
			what, e->path);
	if (e->access == POLICY_READ && top(l)->access == POLICY_DENY && !top(l)->is_shut &&
	    e->rule != NULL)
		return problem_set(l->m->e, e->is_hidden ? EACCES : ENOENT,
				   e->is_hidden ? "%s: you may not look for %s yourself"
						: "%s: %s does not exist",
				   what, e->path);
	if (e->is_missing && (top(l)->is_scratch || (is_writable && path_may_change(e->path))))
		return block(l, e, e->as_dir);
	return e->rule == NULL
		       ? 0
		       : view_note(l->m, "%s: %s does not exist, and nobody inside can make it",
				   what, e->path);
}

static int write_at(struct lines *l, const struct entry *e)
{
	bool is_device = S_ISCHR(e->mode) || S_ISBLK(e->mode);

	/* there is no word for a device by descriptor: a path that could become another one gets none */
	is_device = (is_device && !top(l)->is_changed) || lexical_below(e->path, "/dev");

	if (top(l)->access == e->access && !top(l)->is_own)
		return remain(l, e);
	return mount(l, is_device && strcmp(e->path, "/dev/shm") != 0 ? VIEW_DEV_BIND : VIEW_BIND,
		     e);
}

static int read_at(struct lines *l, const struct entry *e)
{
	enum policy_access above = top(l)->access;
	int r;

	if (above == POLICY_DENY)
		return reopens(e) ? mount(l, VIEW_RO_BIND, e) : remain(l, e);
	if (!access_writes(above) && (!top(l)->is_own || e->access == POLICY_PROTECT))
		return remain(l, e);
	if (access_writes(above) && !e->is_match && !top(l)->is_scratch && entry_is_like_point(e))
		return block(l, e, S_ISDIR(e->mode));
	r = pin(l, e->path);
	return r < 0 ? r : mount(l, VIEW_RO_BIND, e);
}

static int deny_at(struct lines *l, size_t i)
{
	const struct entry *e = &l->m->entries[i];
	bool is_dir = S_ISDIR(e->mode), is_point;
	int r;

	if (top(l)->access == POLICY_DENY)
		return remain(l, e);
	is_point = access_writes(top(l)->access) && !e->is_match && !e->is_final &&
		   !top(l)->is_own && !top(l)->is_scratch && entry_is_like_point(e);
	r = pin(l, e->path);
	if (r == 0)
		r = mount(l,
			  !is_dir                ? VIEW_HIDE_FILE
			  : is_reopened(l->m, i) ? VIEW_SKELETON
						 : VIEW_HIDE_DIR,
			  e);
	if (r == 0 && is_point)
		r = add_point(l, &l->m->v->lines[l->m->v->n_lines - 1], e, is_dir);
	return r;
}

/* What an administrator denied, or postern keeps for itself, is not opened by a deeper rule. */
static int shut_out(struct lines *l, const struct entry *e)
{
	char what[256];
	int r = 0;

	entry_text(e->rule, e->why, e->name, what, sizeof(what));
	if (e->rule != NULL && e->access != POLICY_DENY && !e->is_match)
		r = view_note(l->m, "%s: %s stays as it is, because nothing below %s is opened",
			      what, e->path, top(l)->path);
	return r < 0 ? r : remain(l, e);
}

static int place_entry(struct lines *l, size_t i)
{
	const struct entry *e = &l->m->entries[i];
	int r = leave(l, e->path);

	if (r < 0)
		return r;
	if (top(l)->is_shut && !e->is_needed)
		return shut_out(l, e);
	switch (e->kind) {
	case ENTRY_DEV:
		return mount(l, VIEW_DEV, e);
	case ENTRY_PROC:
		return mount(l, VIEW_PROC, e);
	case ENTRY_OVERLAY:
		return mount(l, VIEW_OVERLAY, e);
	case ENTRY_LINK:
		return top(l)->access == POLICY_DENY ? mount(l, VIEW_SYMLINK, e) : 0;
	case ENTRY_RULE:
		break;
	}
	if (e->is_missing || e->is_hidden)
		return missing(l, e);
	if (access_writes(e->access))
		return write_at(l, e);
	return e->access == POLICY_DENY ? deny_at(l, i) : read_at(l, e);
}

/* The root by the preset, or by a rule about it. */
static int place_root(struct lines *l, size_t *ret_first)
{
	static const char *const whys[] = {[POLICY_ROOT_READ] = "the preset reads everything",
					   [POLICY_PLATFORM] =
						   "the preset shows nothing but what is named",
					   [POLICY_ROOT_WRITE] = "the preset writes everywhere"};
	static const enum policy_access of[] = {[POLICY_ROOT_READ] = POLICY_READ,
						[POLICY_PLATFORM] = POLICY_DENY,
						[POLICY_ROOT_WRITE] = POLICY_WRITE};
	struct making *m = l->m;
	const struct frame none = {.path = "/"};
	struct entry root = {.path = (char[]){"/"},
			     .mode = S_IFDIR,
			     .access = of[m->p->base],
			     .why = whys[m->p->base]};
	int r;

	*ret_first = m->n > 0 && strcmp(m->entries[0].path, "/") == 0;
	if (*ret_first > 0) {
		root = m->entries[0];
		if (root.kind == ENTRY_OVERLAY)
			return problem_set(m->e, EINVAL,
					   "--scratch /: name the directory that is to be written");
	}
	/* the frame that the root is in; it is no place, and holds what the first line may find */
	r = push(l, &none);
	if (r < 0)
		return r;
	if (root.access == POLICY_DENY) {
		r = mount(l, VIEW_ROOT, &root);
		if (r == 0) {
			top(l)->is_sealed = true;
			top(l)->is_shut = root.is_final;
		}
	} else {
		r = mount(l, access_writes(root.access) ? VIEW_BIND : VIEW_RO_BIND, &root);
	}
	return r;
}

int lines_make(struct making *m)
{
	struct lines l = {.m = m};
	size_t i;
	int r = place_root(&l, &i);

	for (; i < m->n && r == 0; i++)
		r = place_entry(&l, i);
	if (r == 0)
		r = leave(&l, NULL);
	free(l.frames);
	return r;
}
