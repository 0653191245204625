/* SPDX-License-Identifier: MIT */
#include "policy/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/paths.h"

/* What was opened, or not (-1, errno), where it is the caller's own directory. With is_private nobody else may do anything there. */
static int if_own(int fd, bool is_private)
{
	struct stat st;
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (st.st_uid != geteuid())
		r = -EPERM;
	else if (is_private && (st.st_mode & 077) != 0 && fchmod(fd, 0700) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	(void)close(fd);
	return r;
}

/* Opens name in dir, and makes it, 0700, where it is missing. What is there must be the caller's own directory, and no link. */
static int own_dir(int dir, const char *name)
{
	if (mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	return if_own(openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), true);
}

/* A directory by its path, which may lead over links of the caller's, and must be his. */
static int open_base(const char *path)
{
	return if_own(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), false);
}

static int down(int dir, const char *name)
{
	int fd;

	if (dir < 0)
		return dir;
	/* as the specification of base directories has it */
	if (mkdirat(dir, name, 0700) < 0 && errno != EEXIST)
		fd = -errno;
	else
		fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = fd == -1 ? -errno : fd;
	(void)close(dir);
	return fd;
}

static int open_state(struct state *s, const char **ret_where)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int base, fd;

	if (xdg != NULL && xdg[0] == '/') {
		*ret_where = xdg;
		/* only the last directory is made: whose the others are is not known */
		if (mkdir(xdg, 0700) < 0 && errno != EEXIST)
			return -errno;
		base = open_base(xdg);
	} else if (home != NULL && home[0] == '/') {
		*ret_where = home;
		base = down(down(open_base(home), ".local"), "state");
	} else {
		return problem_set(
			&s->why, ENOENT,
			"HOME is not set; set it or XDG_STATE_HOME to a directory of yours");
	}
	if (base < 0)
		return base;
	fd = own_dir(base, "postern");
	(void)close(base);
	return fd;
}

static int real_path(int fd, char **ret)
{
	char link[32], path[4096];
	struct place at;
	struct stat st;
	ssize_t n;
	int r;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return n < 0 ? -errno : -ENOENT;
	path[n] = '\0';
	r = place_find(path, &at);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0 || st.st_ino != at.st.st_ino || st.st_dev != at.st.st_dev) {
		place_free(&at);
		return -ESTALE;
	}
	*ret = at.path;
	at.path = NULL;
	place_free(&at);
	return 0;
}

void state_open(struct state *s)
{
	const char *where = "";
	int r;

	*s = (struct state){.fd = -1};
	r = s->fd = open_state(s, &where);
	if (r >= 0)
		r = real_path(s->fd, &s->path);
	if (r >= 0)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
	if (s->why.text[0] != '\0')
		return;
	if (r == -EPERM)
		(void)problem_set(
			&s->why, EPERM,
			"%s belongs to somebody else; set XDG_STATE_HOME to a directory of yours",
			where);
	else
		(void)problem_set(
			&s->why, -r,
			"no directory for what runs remember can be made below %s (%s); set "
			"XDG_STATE_HOME to a directory of yours",
			where, strerror(-r));
}

void state_close(struct state *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s->path);
	*s = (struct state){.fd = -1};
}

int state_subdir(const struct state *s, const char *name, struct problem *e)
{
	int fd;

	if (s->fd < 0)
		return problem_set(e, ENOENT, "%s", s->why.text);
	fd = own_dir(s->fd, name);
	if (fd < 0)
		return problem_set(e, -fd, "cannot use %s/%s: %s", s->path, name, strerror(-fd));
	return fd;
}
