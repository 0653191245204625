/* SPDX-License-Identifier: MIT */
#include "policy/globs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy/paths.h"

/*
 * Directories that are still to be read are kept by their paths, last in first out: neither the stack nor the number of
 * descriptors grows with the depth of a tree, which the sandbox may have made.
 */
struct todo {
	struct todo *next;
	char *path;
	unsigned depth;
	uint64_t sets[]; /* of each pattern */
};

struct walk {
	struct globs *g;
	glob_fn fn;
	void *ctx;
	struct todo *todo;
};

struct entry {
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

static int push(struct walk *w, const char *path, unsigned depth, const uint64_t *sets)
{
	size_t size = w->g->n * sizeof(*sets);
	struct todo *t = malloc(sizeof(*t) + size);

	if (t == NULL)
		return -ENOMEM;
	t->path = strdup(path);
	if (t->path == NULL) {
		free(t);
		return -ENOMEM;
	}
	t->depth = depth;
	memcpy(t->sets, sets, size);
	t->next = w->todo;
	w->todo = t;
	return 0;
}

static enum glob_type type_of(int dir, const struct entry *d)
{
	struct stat st;

	if (d->type == DT_DIR)
		return GLOB_DIR;
	if (d->type == DT_LNK)
		return GLOB_LINK;
	if (d->type != DT_UNKNOWN || fstatat(dir, d->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return GLOB_FILE;
	if (S_ISDIR(st.st_mode))
		return GLOB_DIR;
	return S_ISLNK(st.st_mode) ? GLOB_LINK : GLOB_FILE;
}

static int look_at(struct walk *w, const struct todo *in, int dir, const struct entry *d,
		   uint64_t *sets)
{
	char path[PATH_MAX];
	bool may_match_below = false, is_match = false;
	enum glob_type type;
	size_t n = strlen(in->path), m = strlen(d->name);
	int r;

	if (++w->g->entries > w->g->entries_max)
		return -E2BIG;
	for (size_t i = 0; i < w->g->n; i++) {
		const struct pattern *p = w->g->patterns[i];

		sets[i] = in->sets[i] != 0 ? pattern_step(p, in->sets[i], d->name) : 0;
		is_match = is_match || pattern_is_match(p, sets[i]);
		may_match_below = may_match_below || sets[i] != 0;
	}
	if (!may_match_below)
		return 0;
	type = type_of(dir, d);
	if (!is_match && type != GLOB_DIR)
		return 0;
	if (n + 1 + m >= sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path, in->path, n);
	path[n] = '/';
	memcpy(path + n + 1, d->name, m + 1);
	for (size_t i = 0; i < w->g->n; i++) {
		if (!pattern_is_match(w->g->patterns[i], sets[i]))
			continue;
		r = w->fn(w->ctx, i, path, type);
		if (r != 0)
			return r;
		sets[i] = 0;
	}
	if (type != GLOB_DIR || (w->g->depth_max > 0 && in->depth >= w->g->depth_max))
		return 0;
	may_match_below = false;
	for (size_t i = 0; i < w->g->n; i++)
		may_match_below = may_match_below || sets[i] != 0;
	return may_match_below ? push(w, path, in->depth + 1, sets) : 0;
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static int read_entries(struct walk *w, const struct todo *t, int dir, uint64_t *sets)
{
	_Alignas(8) char buf[32768];
	long n;

	while ((n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const struct entry *d = (const void *)(buf + at);
			int r = is_dots(d->name) ? 0 : look_at(w, t, dir, d, sets);

			if (r != 0)
				return r;
			at += d->len;
		}
	}
	/* removed while it was read */
	return n < 0 && errno != ENOENT ? -errno : 0;
}

/*
 * The directory's owner can make it readable again, and so can the sandbox if that is the caller; where it may be searched,
 * names in it can be guessed.
 */
static int unread(struct walk *w, const struct todo *t)
{
	struct stat st;
	int fd = path_open(t->path, O_PATH | O_DIRECTORY), r = 0;
	bool may;

	if (fd < 0)
		return 0;
	may = (fstat(fd, &st) == 0 && st.st_uid == geteuid()) ||
	      faccessat(fd, ".", X_OK, AT_EACCESS) == 0;
	(void)close(fd);
	for (size_t i = 0; i < w->g->n && r == 0 && may; i++)
		if (t->sets[i] != 0)
			r = w->fn(w->ctx, i, t->path, GLOB_UNREAD);
	return r;
}

static int read_dir(struct walk *w, const struct todo *t, uint64_t *sets)
{
	int dir = path_open(t->path, O_RDONLY | O_DIRECTORY | O_NONBLOCK), r;

	if (dir == -EACCES || dir == -EPERM)
		return unread(w, t);
	/* it was there a moment ago: somebody renames or removes here */
	if (dir == -ENOENT || dir == -ELOOP || dir == -ENOTDIR)
		return 0;
	if (dir < 0)
		return dir;
	w->g->directories++;
	r = read_entries(w, t, dir, sets);
	(void)close(dir);
	return r;
}

int globs_walk(struct globs *g, const char *base, glob_fn fn, void *ctx)
{
	struct walk w = {.g = g, .fn = fn, .ctx = ctx};
	uint64_t *sets = calloc(g->n, sizeof(*sets));
	struct todo *t;
	int r = sets == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < g->n && r == 0; i++)
		sets[i] = pattern_start(g->patterns[i]);
	if (r == 0)
		r = push(&w, base, 0, sets);
	while ((t = w.todo) != NULL) {
		w.todo = t->next;
		if (r == 0)
			r = read_dir(&w, t, sets);
		free(t->path);
		free(t);
	}
	free(sets);
	return r;
}
