/* SPDX-License-Identifier: MIT */
#include "host/facts_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"

bool read_path(const struct reading *r, const char *path, char ret[READ_PATH_MAX])
{
	struct buf b;

	buf_init(&b, ret, READ_PATH_MAX);
	buf_str(&b, r->root);
	buf_str(&b, path);
	return !b.full;
}

/* The fd or -errno. */
static int open_regular(const struct reading *r, const char *path)
{
	char full[READ_PATH_MAX];
	struct stat st;
	int fd;

	if (!read_path(r, path, full))
		return -ENAMETOOLONG;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	(void)close(fd);
	return -EINVAL;
}

int read_file(const struct reading *r, const char *path, char *ret, size_t size)
{
	int fd = open_regular(r, path);
	ssize_t n;

	ret[0] = '\0';
	if (fd < 0)
		return fd;
	n = fd_read_all(fd, ret, size - 1);
	(void)close(fd);
	if (n < 0)
		return (int)n;
	ret[n] = '\0';
	return (int)n;
}

bool read_text(const struct reading *r, const char *path, char *ret, size_t size)
{
	size_t n;

	if (read_file(r, path, ret, size) < 0)
		return false;
	for (n = strlen(ret); n > 0 && strchr(" \t\r\n", ret[n - 1]) != NULL; n--)
		ret[n - 1] = '\0';
	return true;
}

int read_exists(const struct reading *r, const char *path)
{
	char full[READ_PATH_MAX];
	struct stat st;

	if (!read_path(r, path, full))
		return -1;
	if (lstat(full, &st) == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

void read_fact(const struct reading *r, enum fact id, const char *path)
{
	char text[FACT_VALUE_MAX];

	if (!read_text(r, path, text, sizeof(text)))
		return;
	text[strcspn(text, "\n")] = '\0';
	if (text[0] != '\0')
		fact_set(r->f, id, text);
}

void read_yes_no(const struct reading *r, enum fact id, int yes)
{
	if (yes >= 0)
		fact_set(r->f, id, yes ? "yes" : "no");
}

int lines_open(struct lines *l, const struct reading *r, const char *path)
{
	l->fd = open_regular(r, path);
	l->at_end = l->cut = false;
	l->start = l->end = 0;
	return l->fd < 0 ? l->fd : 0;
}

/* Moves what is left to the front and reads on. */
static void fill(struct lines *l)
{
	ssize_t n;

	memmove(l->text, l->text + l->start, l->end - l->start);
	l->end -= l->start;
	l->start = 0;
	do
		n = read(l->fd, l->text + l->end, sizeof(l->text) - 1 - l->end);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		l->at_end = true;
	else
		l->end += (size_t)n;
}

/* Drops the rest of a line that was cut. */
static void skip_rest(struct lines *l)
{
	char *newline = NULL;

	while (newline == NULL && !l->at_end) {
		l->start = l->end;
		fill(l);
		newline = memchr(l->text, '\n', l->end);
	}
	l->start = newline != NULL ? (size_t)(newline + 1 - l->text) : l->end;
}

char *lines_next(struct lines *l)
{
	char *line, *newline;

	if (l->cut)
		skip_rest(l);
	l->cut = false;
	for (;;) {
		line = l->text + l->start;
		newline = memchr(line, '\n', l->end - l->start);
		if (newline != NULL || l->at_end || l->end - l->start == sizeof(l->text) - 1)
			break;
		fill(l);
	}
	if (newline != NULL) {
		*newline = '\0';
		l->start = (size_t)(newline + 1 - l->text);
		return line;
	}
	if (l->start == l->end)
		return NULL;
	l->text[l->end] = '\0';
	l->cut = !l->at_end;
	l->start = l->end;
	return line;
}

void lines_close(struct lines *l)
{
	fd_close(&l->fd);
}

void facts_read(struct facts *f, const char *root, const char *launcher, const char *priv)
{
	const struct reading r = {.f = f, .root = root, .launcher = launcher, .priv = priv};

	read_system(&r);
	read_status(&r);
	read_knobs(&r);
	read_security(&r);
	read_apparmor(&r);
	read_mounts(&r);
	read_container(&r);
	read_programs(&r);
	read_package(&r);
}
