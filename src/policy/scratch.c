/* SPDX-License-Identifier: MIT */
#include "policy/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "policy/lexical.h"
#include "policy/paths.h"

static int make_dirs(struct scratch *s, const struct state *state, struct problem *e)
{
	char name[64], base[32];
	int all = state_subdir(state, "scratch", e), r = -EEXIST;
	time_t now = time(NULL);
	struct tm tm;
	char *dir;

	if (all < 0)
		return all;
	(void)strftime(base, sizeof(base), "%Y%m%d-%H%M%S", localtime_r(&now, &tm));
	for (int i = 0; i < 1000 && r == -EEXIST; i++) {
		(void)snprintf(name, sizeof(name), "%s-%ld.%d", base, (long)getpid(), i);
		r = mkdirat(all, name, 0700) < 0 ? -errno : 0;
	}
	if (r == 0)
		s->fd = openat(all, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r == 0 &&
	    (s->fd < 0 || mkdirat(s->fd, "upper", 0755) < 0 || mkdirat(s->fd, "work", 0755) < 0))
		r = -errno;
	(void)close(all);
	if (r < 0)
		return problem_set(e, -r, "--scratch: cannot make a directory in %s/scratch: %s",
				   state->path, strerror(-r));
	dir = path_join(state->path, "scratch");
	s->path = dir != NULL ? path_join(dir, name) : NULL;
	free(dir);
	s->upper = s->path != NULL ? path_join(s->path, "upper") : NULL;
	s->work = s->path != NULL ? path_join(s->path, "work") : NULL;
	return s->work == NULL || s->upper == NULL ? -ENOMEM : 0;
}

int scratch_begin(struct scratch *ret, const struct state *state, const char *dir,
		  struct problem *e)
{
	struct place at;
	struct stat st, upper;
	int r = place_find(dir, &at);

	*ret = (struct scratch){.fd = -1};
	if (r < 0)
		return problem_set(e, -r, "--scratch %s: %s", dir, strerror(-r));
	if (at.is_missing || at.is_hidden || !S_ISDIR(at.st.st_mode)) {
		place_free(&at);
		return problem_set(e, ENOTDIR, "--scratch %s: there is no such directory", dir);
	}
	st = at.st;
	ret->dir = at.path;
	at.path = NULL;
	place_free(&at);
	r = make_dirs(ret, state, e);
	/* the new directory's mode is what the command sees of DIR */
	if (r == 0 && (stat(ret->upper, &upper) < 0 || chmod(ret->upper, st.st_mode & 07777) < 0))
		r = problem_set(e, errno, "--scratch: %s: %s", ret->upper, strerror(errno));
	if (r < 0)
		scratch_free(ret);
	return r;
}

void scratch_settle(const struct scratch *s, const struct view *v)
{
	for (size_t i = 0; i < v->n_lines; i++) {
		const struct view_line *l = &v->lines[i];
		char *upper;
		struct stat st;

		if (l->kind == VIEW_SEAL || l->kind == VIEW_OVERLAY || l->kind == VIEW_SKELETON ||
		    !lexical_below(l->path, s->dir) || strlen(l->path) <= strlen(s->dir))
			continue;
		/* what DIR has was not made */
		if (lstat(l->path, &st) == 0)
			continue;
		upper = path_join(s->upper, l->path + strlen(s->dir) + 1);
		if (upper != NULL && lstat(upper, &st) == 0) {
			if (S_ISDIR(st.st_mode))
				(void)rmdir(upper);
			else if (S_ISREG(st.st_mode) && st.st_size == 0)
				(void)unlink(upper);
		}
		free(upper);
	}
}

/* Where it cannot be changed, what comes next fails and says why. */
static void open_up(int dir, const char *name)
{
	if (fchmodat(dir, name, 0700, 0) < 0)
		return;
}

/*
 * Directories are moved to the top before what is in them is removed: then no tree, however deep the command made it, needs
 * recursion, paths or descriptors.
 */
static int empty_dir(int top, int fd, unsigned long *number)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *d;
	int r = 0;

	if (dir == NULL) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	while (r == 0 && (d = readdir(dir)) != NULL) {
		struct stat st;
		char name[32];

		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(dir), d->d_name, 0) == 0)
			continue;
		if (errno != EISDIR && errno != EPERM) {
			r = -errno;
			continue;
		}
		if (unlinkat(dirfd(dir), d->d_name, AT_REMOVEDIR) == 0)
			continue;
		/* the command may have taken its own rights away, and so the overlay's work directory does */
		if (fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(st.st_mode) && (st.st_mode & 0700) != 0700)
			open_up(dirfd(dir), d->d_name);
		(void)snprintf(name, sizeof(name), "remove.%lu", (*number)++);
		if (renameat(dirfd(dir), d->d_name, top, name) < 0)
			r = -errno;
	}
	(void)closedir(dir);
	return r;
}

static int remove_all(int top)
{
	unsigned long number = 0;
	bool found = true;
	int r = 0;

	while (found && r == 0) {
		int self = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		DIR *dir = self >= 0 ? fdopendir(self) : NULL;
		const struct dirent *d;

		found = false;
		if (dir == NULL)
			return -errno;
		while (r == 0 && (d = readdir(dir)) != NULL) {
			int fd;

			if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
				continue;
			found = true;
			if (unlinkat(top, d->d_name, AT_REMOVEDIR) == 0 ||
			    unlinkat(top, d->d_name, 0) == 0)
				continue;
			open_up(top, d->d_name);
			fd = openat(top, d->d_name,
				    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (fd < 0)
				r = -errno;
			else
				r = empty_dir(top, fd, &number);
		}
		(void)closedir(dir);
	}
	return r;
}

int scratch_remove(int fd, int dir, const char *name)
{
	int r = remove_all(fd);

	(void)close(fd);
	if (r == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

int scratch_drop(struct scratch *s, struct problem *e)
{
	int r;

	if (s->fd < 0)
		return 0;
	r = remove_all(s->fd);
	if (r == 0 && rmdir(s->path) < 0)
		r = -errno;
	if (r < 0)
		return problem_set(e, -r, "cannot remove %s: %s", s->path, strerror(-r));
	(void)close(s->fd);
	s->fd = -1;
	return 0;
}

void scratch_free(struct scratch *s)
{
	free(s->dir);
	free(s->path);
	free(s->upper);
	free(s->work);
	if (s->fd >= 0)
		(void)close(s->fd);
	*s = (struct scratch){.fd = -1};
}
