/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/array.h"
#include "policy/memfile.h"
#include "policy/paths.h"
#include "policy/view.h"

/* The launcher's words. What they mean is the launcher's to know; their order is the view's. */

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->n_fds; i++)
		(void)close(w->fds[i]);
	free(w->fds);
	free(w->data);
	*w = (struct words){.len = 0};
}

void words_add(struct words *w, const char *word)
{
	size_t n = strlen(word) + 1;

	if (w->error < 0)
		return;
	if (w->len + n > w->room) {
		size_t room = 2 * (w->len + n);
		char *grown = realloc(w->data, room);

		if (grown == NULL) {
			w->error = -ENOMEM;
			return;
		}
		w->data = grown;
		w->room = room;
	}
	memcpy(w->data + w->len, word, n);
	w->len += n;
}

void words_add_number(struct words *w, long number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%ld", number);
	words_add(w, text);
}

void words_add_fd(struct words *w, int fd)
{
	int *grown = w->error < 0 ? NULL : array_grow(w->fds, w->n_fds, sizeof(fd));

	if (grown == NULL) {
		w->error = -ENOMEM;
		(void)close(fd);
		return;
	}
	w->fds = grown;
	w->fds[w->n_fds++] = fd;
	words_add_number(w, fd);
}

int words_file(const struct words *w)
{
	size_t done = 0;
	int fd;

	if (w->error < 0)
		return w->error;
	fd = memfile_open("postern-args");
	if (fd < 0)
		return fd;
	while (done < w->len) {
		ssize_t n = write(fd, w->data + done, w->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int r = -errno;

			(void)close(fd);
			return r;
		}
		done += (size_t)n;
	}
	if (lseek(fd, 0, SEEK_SET) < 0 || memfile_seal(fd) < 0) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	return fd;
}

int words_pass(const struct words *w)
{
	struct rlimit lim;

	for (size_t i = 0; i < w->n_fds; i++)
		if (fcntl(w->fds[i], F_SETFD, 0) < 0)
			return -errno;
	if (w->nofile == 0)
		return 0;
	if (getrlimit(RLIMIT_NOFILE, &lim) < 0)
		return -errno;
	lim.rlim_cur = w->nofile;
	return setrlimit(RLIMIT_NOFILE, &lim) < 0 ? -errno : 0;
}

/* What is mounted over what is hidden or blocked: one of each for all runs, which nobody changes. */
struct mask {
	const char *name;
	mode_t mode; /* with its type */
	const char *content;
};

enum { MASK_HIDE_DIR, MASK_HIDE_FILE, MASK_BLOCK_DIR, MASK_BLOCK_FILE, MASK_COMMONDIR, MASKS };

static const struct mask masks[MASKS] = {
	[MASK_HIDE_DIR] = {"hidden-dir", S_IFDIR, ""},
	[MASK_HIDE_FILE] = {"hidden", S_IFREG, ""},
	[MASK_BLOCK_DIR] = {"blocked-dir", S_IFDIR | 0555, ""},
	[MASK_BLOCK_FILE] = {"blocked", S_IFREG | 0444, ""},
	[MASK_COMMONDIR] = {"commondir", S_IFREG | 0444, ".\n"},
};

/* Under another name first: other runs must never see it half made. */
static int make_mask(int dir, const struct mask *mask)
{
	size_t len = strlen(mask->content);
	char name[64];
	int fd, r = 0;

	(void)snprintf(name, sizeof(name), "%s.%ld", mask->name, (long)getpid());
	if (S_ISDIR(mask->mode)) {
		(void)unlinkat(dir, name, AT_REMOVEDIR);
		if (mkdirat(dir, name, 0700) < 0 ||
		    fchmodat(dir, name, mask->mode & 07777, 0) < 0 ||
		    renameat(dir, name, dir, mask->name) < 0)
			r = -errno;
		return r;
	}
	(void)unlinkat(dir, name, 0);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, mask->content, len) != (ssize_t)len)
		r = -ENOSPC;
	if (r == 0 &&
	    (fchmod(fd, mask->mode & 07777) < 0 || renameat(dir, name, dir, mask->name) < 0))
		r = -errno;
	(void)close(fd);
	return r;
}

static int want_mask(int dir, const struct mask *mask)
{
	struct stat st;

	if (fstatat(dir, mask->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mode == mask->mode &&
	    st.st_uid == geteuid() &&
	    (S_ISDIR(st.st_mode) || st.st_size == (off_t)strlen(mask->content)))
		return 0;
	return make_mask(dir, mask);
}

struct emit {
	struct words *w;
	const struct view *v;
	char *mask_paths[MASKS];
	int dir; /* masks of the state directory, or -1 */
};

static int mask_of(const struct view_line *l)
{
	switch (l->kind) {
	case VIEW_HIDE_DIR:
		return MASK_HIDE_DIR;
	case VIEW_HIDE_FILE:
		return MASK_HIDE_FILE;
	case VIEW_BLOCK_DIR:
		return MASK_BLOCK_DIR;
	default:
		return l->content != NULL ? MASK_COMMONDIR : MASK_BLOCK_FILE;
	}
}

/* Without a state directory each one is made for itself, at more than twice the cost and with a descriptor for each file. */
static int emit_lone_mask(struct emit *m, const struct view_line *l, const struct mask *mask)
{
	char perms[8];
	int fd;

	(void)snprintf(perms, sizeof(perms), "%03o", (unsigned)mask->mode & 07777);
	words_add(m->w, "--perms");
	words_add(m->w, perms);
	if (S_ISDIR(mask->mode)) {
		words_add(m->w, "--tmpfs");
		words_add(m->w, l->path);
		words_add(m->w, "--remount-ro");
		words_add(m->w, l->path);
		return 0;
	}
	fd = memfile_open("postern-mask");
	if (fd < 0)
		return fd;
	if (write(fd, mask->content, strlen(mask->content)) < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	words_add(m->w, "--ro-bind-data");
	words_add_fd(m->w, fd);
	words_add(m->w, l->path);
	return 0;
}

static int emit_mask(struct emit *m, const struct view_line *l)
{
	int which = mask_of(l);
	const struct state *s = m->v->wish.state;

	if (m->mask_paths[which] == NULL && m->dir >= 0 && want_mask(m->dir, &masks[which]) == 0) {
		char *dir = path_join(s->path, "masks");

		m->mask_paths[which] = dir != NULL ? path_join(dir, masks[which].name) : NULL;
		free(dir);
		if (m->mask_paths[which] == NULL)
			return -ENOMEM;
	}
	if (m->mask_paths[which] == NULL)
		return emit_lone_mask(m, l, &masks[which]);
	words_add(m->w, "--ro-bind");
	words_add(m->w, m->mask_paths[which]);
	words_add(m->w, l->path);
	return 0;
}

static void emit_source(struct emit *m, struct view_line *l, const char *by_path, const char *by_fd)
{
	words_add(m->w, l->fd >= 0 ? by_fd : by_path);
	if (l->fd >= 0) {
		words_add_fd(m->w, l->fd);
		l->fd = -1;
	} else {
		words_add(m->w, l->source);
	}
	words_add(m->w, l->path);
}

static int emit_overlay(struct emit *m, const struct view_line *l)
{
	const struct view_wish *w = &m->v->wish;

	words_add(m->w, "--overlay-src");
	words_add(m->w, l->source);
	/* explain has no directory for changes, and does not need one */
	words_add(m->w, w->scratch_upper != NULL ? "--overlay" : "--tmp-overlay");
	if (w->scratch_upper != NULL) {
		words_add(m->w, w->scratch_upper);
		words_add(m->w, w->scratch_work);
	}
	words_add(m->w, l->path);
	return 0;
}

static void emit_two(struct emit *m, const char *word, const char *arg)
{
	words_add(m->w, word);
	words_add(m->w, arg);
}

static int emit_line(struct emit *m, struct view_line *l)
{
	switch (l->kind) {
	case VIEW_ROOT:
		/* the launcher's root is an empty tmpfs until something is mounted on it */
		return 0;
	case VIEW_BIND:
	case VIEW_PIN:
		emit_source(m, l, "--bind", "--bind-fd");
		return 0;
	case VIEW_RO_BIND:
		emit_source(m, l, "--ro-bind", "--ro-bind-fd");
		return 0;
	case VIEW_DEV_BIND:
		/* there is no word for a descriptor; whoever may write here may not make devices */
		emit_two(m, "--dev-bind", l->source);
		words_add(m->w, l->path);
		return 0;
	case VIEW_OVERLAY:
		return emit_overlay(m, l);
	case VIEW_DEV:
		emit_two(m, "--dev", l->path);
		return 0;
	case VIEW_PROC:
		emit_two(m, "--proc", l->path);
		return 0;
	case VIEW_SYMLINK:
		emit_two(m, "--symlink", l->source);
		words_add(m->w, l->path);
		return 0;
	case VIEW_HIDE_DIR:
	case VIEW_HIDE_FILE:
	case VIEW_BLOCK_DIR:
	case VIEW_BLOCK_FILE:
		return emit_mask(m, l);
	case VIEW_SKELETON:
		emit_two(m, "--perms", "111");
		emit_two(m, "--tmpfs", l->path);
		return 0;
	case VIEW_SEAL:
		emit_two(m, "--remount-ro", l->path);
		return 0;
	}
	return -EINVAL;
}

int words_add_view(struct words *w, struct view *v, struct problem *e)
{
	struct emit m = {.w = w, .v = v, .dir = -1};
	int r = 0;

	/* without one the masks cost more, and that is all */
	if (v->wish.state != NULL && v->wish.state->fd >= 0)
		m.dir = state_subdir(v->wish.state, "masks", NULL);
	for (size_t i = 0; i < v->n_lines && r == 0; i++)
		r = emit_line(&m, &v->lines[i]);
	for (size_t i = 0; i < MASKS; i++)
		free(m.mask_paths[i]);
	if (m.dir >= 0)
		(void)close(m.dir);
	w->nofile = v->nofile;
	if (r == 0)
		r = w->error;
	return r < 0 ? problem_set(e, -r, "cannot make the launcher's words: %s", strerror(-r)) : 0;
}
