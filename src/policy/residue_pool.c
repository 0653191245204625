/* SPDX-License-Identifier: MIT */
#include "policy/residue_pool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define POOL_MAX  32
#define POOL_MODE 0755

/* musl and old glibc have no such call */
static int rename_new(int from_dir, const char *from, int to_dir, const char *to)
{
	const unsigned no_replace = 1; /* RENAME_NOREPLACE */

	return syscall(SYS_renameat2, from_dir, from, to_dir, to, no_replace) < 0 ? -errno : 0;
}

/* Ours, as it was made, and nothing in it. */
static bool is_fresh(int dir, const char *name, uint64_t *ret_ino)
{
	_Alignas(8) char buf[256];
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool is;

	if (fd < 0)
		return false;
	/* "." and ".." take 48 bytes */
	is = fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 07777) == POOL_MODE &&
	     syscall(SYS_getdents64, fd, buf, sizeof(buf)) == 48;
	*ret_ino = st.st_ino;
	(void)close(fd);
	return is;
}

int pool_open(int dir_fd)
{
	int fd;

	if (mkdirat(dir_fd, "pool", 0700) < 0 && errno != EEXIST)
		return -1;
	fd = openat(dir_fd, "pool", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd;
}

int pool_find(int pool_fd, char ret_name[16], uint64_t *ret_ino)
{
	for (unsigned i = 0; i < POOL_MAX && pool_fd >= 0; i++) {
		(void)snprintf(ret_name, 16, "%u", i);
		if (is_fresh(pool_fd, ret_name, ret_ino))
			return 0;
	}
	return -ENOENT;
}

int pool_take(int pool_fd, const char *pool_name, int parent, const char *name)
{
	return rename_new(pool_fd, pool_name, parent, name);
}

int pool_put(int pool_fd, int parent, const char *name)
{
	char own[16];
	uint64_t ino;
	int r = -EEXIST;

	if (pool_fd < 0 || !is_fresh(parent, name, &ino))
		return -ENOTEMPTY;
	for (unsigned i = 0; i < POOL_MAX && r == -EEXIST; i++) {
		(void)snprintf(own, sizeof(own), "%u", i);
		r = rename_new(parent, name, pool_fd, own);
	}
	/* somebody has put something into it at the last moment: it is his, and goes back */
	if (r == 0 && !is_fresh(pool_fd, own, &ino))
		r = rename_new(pool_fd, own, parent, name) == 0 ? -ENOTEMPTY : 0;
	return r;
}
