/* SPDX-License-Identifier: MIT */
#include "sandbox/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"

#define LINKS_MAX       40 /* as the kernel's own limit */
#define COMPONENT_FLAGS (O_PATH | O_NOFOLLOW | O_CLOEXEC)

struct walk {
	int root;
	int cur;             /* where the walk is; -1: at the root */
	int up;              /* the directory above; -1: the root, or at the root */
	char done[PATH_MAX]; /* the way from the root to cur, free of links; "" at the root */
	char todo[PATH_MAX]; /* what is left to resolve */
	unsigned int links;
	mode_t parents_mode;
};

static int here(const struct walk *w)
{
	return w->cur >= 0 ? w->cur : w->root;
}

static void to_root(struct walk *w)
{
	fd_close(&w->cur);
	fd_close(&w->up);
	w->done[0] = '\0';
}

/* Goes one component down; takes ownership of fd. */
static int descend(struct walk *w, int fd, const char *name)
{
	size_t have = strlen(w->done), more = strlen(name);

	if (have + more + 2 > sizeof(w->done)) {
		(void)close(fd);
		return -ENAMETOOLONG;
	}
	if (have > 0)
		w->done[have++] = '/';
	memcpy(w->done + have, name, more + 1);
	fd_close(&w->up);
	w->up = w->cur;
	w->cur = fd;
	return 0;
}

/* Cuts the first component off text into name. False if none is left. */
static bool next_component(char *text, char *name)
{
	size_t skip = strspn(text, "/");
	size_t n = strcspn(text + skip, "/");

	if (n == 0 || n > NAME_MAX)
		return false;
	memcpy(name, text + skip, n);
	name[n] = '\0';
	memmove(text, text + skip + n, strlen(text + skip + n) + 1);
	return true;
}

/* Drops the last component and opens the way there again, still following nothing. */
static int ascend(struct walk *w)
{
	char again[PATH_MAX], name[NAME_MAX + 1];
	char *last = strrchr(w->done, '/');

	if (last != NULL)
		*last = '\0';
	else
		w->done[0] = '\0';
	memcpy(again, w->done, sizeof(again));
	to_root(w);
	while (next_component(again, name)) {
		int fd = openat(here(w), name, COMPONENT_FLAGS | O_DIRECTORY);
		int r = fd >= 0 ? descend(w, fd, name) : -errno;

		if (r < 0)
			return r;
	}
	return 0;
}

/* Puts a link's text before what is left. Takes ownership of fd. */
static int follow(struct walk *w, int fd)
{
	char text[PATH_MAX];
	size_t rest = strlen(w->todo);
	ssize_t n = readlinkat(fd, "", text, sizeof(text));
	int r = n < 0 ? -errno : 0;

	(void)close(fd);
	if (r < 0)
		return r;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (n == 0)
		return -ENOENT;
	/* What is left begins with the slash behind the link, if there is any. */
	if ((size_t)n + rest + 1 > sizeof(w->todo))
		return -ENAMETOOLONG;
	memmove(w->todo + n, w->todo, rest + 1);
	memcpy(w->todo, text, (size_t)n);
	if (text[0] == '/')
		to_root(w);
	return 0;
}

static bool nothing_left(const struct walk *w)
{
	return w->todo[strspn(w->todo, "/")] == '\0';
}

/* A component that does not exist: made on the way, reported (1) at the end. */
static int missing(struct walk *w, const char *name)
{
	int fd;

	if (nothing_left(w))
		return 1;
	if (w->parents_mode == 0)
		return -ENOENT;
	if (mkdirat(here(w), name, w->parents_mode) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(here(w), name, COMPONENT_FLAGS | O_DIRECTORY);
	return fd >= 0 ? descend(w, fd, name) : -errno;
}

/* One component. 0: go on; 1: the last one is missing; -errno. */
static int step(struct walk *w, const char *name, bool nofollow)
{
	struct stat st;
	int fd;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0)
		return ascend(w);
	fd = openat(here(w), name, COMPONENT_FLAGS);
	if (fd < 0)
		return errno == ENOENT ? missing(w, name) : -errno;
	if (fstat(fd, &st) < 0) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	if (S_ISLNK(st.st_mode) && !(nofollow && w->todo[0] == '\0'))
		return follow(w, fd);
	/* A slash behind it asks for a directory, as in the kernel. */
	if (!S_ISDIR(st.st_mode) && w->todo[0] != '\0') {
		(void)close(fd);
		return -ENOTDIR;
	}
	return descend(w, fd, name);
}

static int keep_dir(int fd, int root)
{
	return fd >= 0 ? fd : fcntl(root, F_DUPFD_CLOEXEC, 3);
}

/* Hands the fds over: what the walk reached, or (missing) the directory and the name. */
static int result(struct walk *w, bool is_missing, const char *name, struct dest *d)
{
	const char *last = strrchr(w->done, '/');

	*d = DEST_NONE;
	if (is_missing) {
		d->parent = keep_dir(w->cur, w->root);
		fd_close(&w->up);
		memcpy(d->name, name, strlen(name) + 1);
		return d->parent >= 0 ? 0 : -errno;
	}
	d->fd = keep_dir(w->cur, w->root);
	if (d->fd < 0)
		return -errno;
	d->is_root = w->done[0] == '\0';
	if (d->is_root)
		return 0;
	d->parent = keep_dir(w->up, w->root);
	if (d->parent < 0) {
		int r = -errno;

		fd_close(&d->fd);
		return r;
	}
	last = last != NULL ? last + 1 : w->done;
	memcpy(d->name, last, strlen(last) + 1);
	return 0;
}

int walk(int root_fd, const char *path, mode_t parents_mode, bool nofollow, struct dest *d)
{
	struct walk w = {.root = root_fd, .cur = -1, .up = -1, .parents_mode = parents_mode};
	char name[NAME_MAX + 1];
	int r = 0;

	*d = DEST_NONE;
	if (strlen(path) >= sizeof(w.todo))
		return -ENAMETOOLONG;
	memcpy(w.todo, path, strlen(path) + 1);
	while (r == 0 && next_component(w.todo, name))
		r = step(&w, name, nofollow);
	if (r == 0 && !nothing_left(&w))
		r = -ENAMETOOLONG; /* next_component refused a name that is too long */
	if (r < 0) {
		to_root(&w);
		return r;
	}
	return result(&w, r == 1, name, d);
}
