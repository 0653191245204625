/* SPDX-License-Identifier: MIT */
#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/buf.h"

int fd_write_all(int fd, const void *data, size_t n)
{
	const char *p = data;

	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		/* Such as /proc/PID/mem of a process that is gone: it would be so for ever. */
		if (w == 0)
			return -EIO;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

ssize_t fd_read_all(int fd, void *data, size_t max)
{
	char *p = data;
	size_t got = 0;

	while (got < max) {
		ssize_t r = read(fd, p + got, max - got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

int fd_write_file(int dirfd, const char *path, const char *text)
{
	size_t n = strlen(text);
	int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t w;
	int r = 0;

	if (fd < 0)
		return -errno;
	w = write(fd, text, n);
	if (w < 0)
		r = -errno;
	else if ((size_t)w != n)
		r = -EIO;
	(void)close(fd);
	return r;
}

ssize_t fd_read_file(int dirfd, const char *path, char *ret, size_t size)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd < 0 ? -errno : fd_read_all(fd, ret, size - 1);

	fd_close(&fd);
	ret[n > 0 ? n : 0] = '\0';
	return n;
}

int fd_copy(int from, int to)
{
	char block[16384];

	for (;;) {
		ssize_t r = read(from, block, sizeof(block));
		int w;

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			return 0;
		w = fd_write_all(to, block, (size_t)r);
		if (w < 0)
			return w;
	}
}

static int open_plug(void)
{
	int fd;

	/*
	 * Neither a directory, which would lead out of the sandbox through /proc/1/fd, nor a
	 * socket, which would belong to the host's network.
	 */
	fd = epoll_create1(EPOLL_CLOEXEC);
	return fd >= 0 ? fd : openat(AT_FDCWD, "/dev/null", O_PATH | O_CLOEXEC);
}

void fd_link(int fd, char ret[FD_LINK_MAX])
{
	struct buf b;

	buf_init(&b, ret, FD_LINK_MAX);
	buf_str(&b, "self/fd/");
	buf_i64(&b, fd);
}

void fd_plug(void)
{
	(void)open_plug();
}

bool fd_hit_stdio(const int *fds, size_t n)
{
	bool hit = false;
	int fd;

	for (size_t i = 0; i < n; i++)
		hit |= fds[i] >= 0 && fds[i] <= STDERR_FILENO;
	if (!hit)
		return false;
	for (size_t i = 0; i < n; i++)
		(void)close(fds[i]);
	do
		fd = open_plug();
	while (fd >= 0 && fd <= STDERR_FILENO);
	(void)close(fd);
	return fd >= 0;
}

void fd_consume(int fd)
{
	(void)close(fd);
	if (fd <= STDERR_FILENO)
		fd_plug();
}

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}
