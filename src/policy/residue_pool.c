/* SPDX-License-Identifier: MIT */
#include "policy/residue_pool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define POOL_MAX  128
#define POOL_MODE 0755

/* The headers may be older than the kernel. */
#ifndef SYS_statx
#define SYS_statx (-1)
#endif

#define WITH_INO   0x100U
#define WITH_BIRTH 0x800U

/* struct statx */
struct birth {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, spare;
	uint64_t ino, size, blocks, known, at_s, at_ns, born_s;
	uint32_t born_ns, spare2;
	uint64_t changed_s, changed_ns, modified_s, modified_ns;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t rest[14];
};

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
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir_fd, "pool", flags);

	if (fd >= 0 || errno != ENOENT || (mkdirat(dir_fd, "pool", 0700) < 0 && errno != EEXIST))
		return fd;
	return openat(dir_fd, "pool", flags);
}

int pool_slot(int parent, const char *name, char ret[POOL_SLOT_MAX])
{
	struct birth b = {.mask = 0};
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	/* an inode's number is given to others after it; the time of its making tells them apart */
	if (syscall(SYS_statx, parent, "", AT_EMPTY_PATH, WITH_INO | WITH_BIRTH, &b) < 0 ||
	    (b.mask & (WITH_INO | WITH_BIRTH)) != (WITH_INO | WITH_BIRTH))
		return -ENOENT;
	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	(void)snprintf(ret, POOL_SLOT_MAX,
		       "%" PRIx32 ".%" PRIx32 "-%" PRIx64 "-%" PRIx64 ".%" PRIx32 "-%016" PRIx64,
		       b.dev_major, b.dev_minor, b.ino, b.born_s, b.born_ns, hash);
	return 0;
}

int pool_find(int pool_fd, const char *slot, uint64_t *ret_ino)
{
	return pool_fd >= 0 && is_fresh(pool_fd, slot, ret_ino) ? 0 : -ENOENT;
}

int pool_take(int pool_fd, const char *slot, int parent, const char *name)
{
	return rename_new(pool_fd, slot, parent, name);
}

/* Makes room where there is none: whose is removed is no matter. */
static void thin_out(int pool_fd)
{
	struct stat st;
	const struct dirent *d;
	DIR *dir;
	size_t n = 0;
	int fd;

	/* most file systems count: one link by each directory in it, and two more; others say 1 */
	if (fstat(pool_fd, &st) == 0 && st.st_nlink >= 2 && st.st_nlink < POOL_MAX)
		return;
	fd = openat(pool_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.' && ++n >= POOL_MAX)
			(void)unlinkat(pool_fd, d->d_name, AT_REMOVEDIR);
	(void)closedir(dir);
}

int pool_put(int pool_fd, const char *slot, int parent, const char *name)
{
	uint64_t ino;
	int r;

	if (pool_fd < 0 || !is_fresh(parent, name, &ino))
		return -ENOTEMPTY;
	thin_out(pool_fd);
	r = rename_new(parent, name, pool_fd, slot);
	/* somebody has put something into it at the last moment: it is his, and goes back */
	if (r == 0 && !is_fresh(pool_fd, slot, &ino))
		r = rename_new(pool_fd, slot, parent, name) == 0 ? -ENOTEMPTY : 0;
	return r;
}
