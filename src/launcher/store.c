/* SPDX-License-Identifier: MIT */
#include "launcher/store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"

#define MEMFD_ALLOW_SEALING 2u
#define SEALS               0xf  /* F_SEAL_SEAL, _SHRINK, _GROW, _WRITE */
#define SET_SEALS           1033 /* F_ADD_SEALS */
#define NAME_ATTEMPTS       100

static int memory_file(void)
{
#ifdef SYS_memfd_create
	int fd = (int)syscall(SYS_memfd_create, "postern-plan", MEMFD_ALLOW_SEALING);

	return fd < 0 ? -errno : fd;
#else
	return -ENOSYS;
#endif
}

/* A new file whose name is gone at once. The fd or -errno. */
static int temporary_file(const char *dir)
{
	char name[64];
	struct timespec now;
	struct buf b;

	for (unsigned int i = 0; i < NAME_ATTEMPTS; i++) {
		int fd;

		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		buf_init(&b, name, sizeof(name));
		buf_str(&b, dir);
		buf_str(&b, "/postern-");
		buf_i64(&b, getpid());
		buf_char(&b, '-');
		buf_u64(&b, (uint64_t)now.tv_nsec + i);
		/* Not CLOEXEC: the next program reads it. */
		fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd < 0)
			return -errno;
		(void)unlink(name);
		return fd;
	}
	return -EEXIST;
}

/* The limit of the file size is for the command's files; and where it stays, it is an error and no reason to die. */
static int write_limited(int fd, const char *bytes, size_t len)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	struct rlimit limit, most;
	bool limited = getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < limit.rlim_max;
	int r;

	(void)sigaction(SIGXFSZ, &ignore, &before);
	if (limited) {
		most = limit;
		most.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_FSIZE, &most);
	}
	r = fd_write_all(fd, bytes, len);
	if (limited)
		(void)setrlimit(RLIMIT_FSIZE, &limit);
	(void)sigaction(SIGXFSZ, &before, NULL);
	return r;
}

int store_bytes(const char *bytes, size_t len)
{
	static const char *const dirs[] = {"/dev/shm", "/tmp", "/var/tmp"};
	int fd = memory_file(), r;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && fd < 0; i++)
		fd = temporary_file(dirs[i]);
	if (fd < 0)
		return fd;
	r = write_limited(fd, bytes, len);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	/* Nobody relies on it, the reader has its own copy; but a late write should fail, not vanish. */
	(void)fcntl(fd, SET_SEALS, SEALS);
	return fd;
}

int store_drain(int fd, size_t max, char **ret, size_t *ret_len)
{
	size_t size = 65536, len = 0;
	char *data = malloc(size), *more;

	while (data != NULL) {
		ssize_t n = fd_read_all(fd, data + len, size - len);

		if (n < 0) {
			free(data);
			return (int)n;
		}
		len += (size_t)n;
		if (len > max) {
			free(data);
			return -EFBIG;
		}
		if (len < size) {
			*ret = data;
			*ret_len = len;
			return 0;
		}
		size *= 2;
		more = realloc(data, size);
		if (more == NULL)
			free(data);
		data = more;
	}
	return -ENOMEM;
}
