/* SPDX-License-Identifier: MIT */
#include "priv/planfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plan/codec.h"

#define GET_SEALS  1034         /* F_GET_SEALS, Linux 3.17 */
#define FUSE_MAGIC 0x65735546ul /* FUSE_SUPER_MAGIC */

/*
 * Where there are memfds the launcher uses one. To ask anything else of a file is to ask its file system,
 * and that may be a process of the caller's (MUST 10).
 */
static bool is_launchers(int fd)
{
	if (fcntl(fd, GET_SEALS) >= 0)
		return true;
#ifdef SYS_memfd_create
	/* Asked for with flags that do not exist. */
	if (syscall(SYS_memfd_create, "", ~0u) < 0 && errno == EINVAL)
		return false;
#endif
	return fcntl(fd, F_GETFD) >= 0;
}

static int failed(int errnum, struct err *e)
{
	return err_set(e, ERR_PLAN_READ, errnum, NULL, NULL);
}

static ssize_t read_at(int fd, char *data, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t r = pread(fd, data + have, n - have, (off_t)have);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		have += (size_t)r;
	}
	return (ssize_t)have;
}

int planfile_read(int fd, struct codec_room room, char **ret, size_t *ret_len, struct err *e)
{
	struct statfs fs;
	struct stat st;
	ssize_t n;
	char *data;

	if (fd <= STDERR_FILENO || !is_launchers(fd))
		return failed(EBADF, e);
	if (fstat(fd, &st) < 0)
		return failed(errno, e);
	/* A pipe or a device could make this program wait, or be read only once. */
	if (!S_ISREG(st.st_mode))
		return failed(ESPIPE, e);
	/* A file system in the hands of a process could do the same (MUST 10). */
	if (fstatfs(fd, &fs) < 0 || (unsigned long)fs.f_type == FUSE_MAGIC)
		return failed(EACCES, e);
	if (st.st_size <= 0 || (uintmax_t)st.st_size > CODEC_BYTES_MAX)
		return failed(EFBIG, e);
	data = (size_t)st.st_size <= room.size ? room.at : malloc((size_t)st.st_size);
	if (data == NULL)
		return err_set(e, ERR_NO_MEMORY, 0, NULL, NULL);
	n = read_at(fd, data, (size_t)st.st_size);
	if (n != st.st_size) {
		if (data != room.at)
			free(data);
		return failed(n < 0 ? (int)-n : EIO, e);
	}
	(void)close(fd);
	*ret = data;
	*ret_len = (size_t)n;
	return 0;
}
