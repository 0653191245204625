/* SPDX-License-Identifier: MIT */
#include "cli/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdio.h"

#define ATTEMPTS 100 /* at a name that nobody has */

/* 0 if the name is free or a regular file's. */
static int may_replace(const char *file)
{
	struct stat st;

	if (lstat(file, &st) < 0)
		return errno == ENOENT && file[0] != '\0' && file[strlen(file) - 1] != '/' ? 0
											   : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	return S_ISREG(st.st_mode) ? 0 : -ENODEV;
}

/* A new file in the same directory; its name goes to ret. The descriptor or -errno. */
static int open_beside(const char *file, mode_t mode, char ret[PATH_MAX])
{
	const char *slash = strrchr(file, '/');
	int dir = slash != NULL ? (int)(slash + 1 - file) : 0;
	int fd = -1;

	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		if (snprintf(ret, PATH_MAX, "%.*s.postern-%ld-%u", dir, file, (long)getpid(), i) >=
		    PATH_MAX)
			return -ENAMETOOLONG;
		fd = open(ret, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd >= 0 ? fd : -errno;
}

static int fill(int fd, const void *data, size_t n)
{
	int r = fd_write_all(fd, data, n);

	/* some file systems tell only then that the disk is full */
	if (r == 0 && fsync(fd) < 0 && errno != EINVAL)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

/* A second name and no rename: that would take the place of what has come there in the meantime. */
static int give_name(const char *beside, const char *file)
{
	if (link(beside, file) == 0)
		return unlink(beside) == 0 ? 0 : -errno;
	if (errno != EPERM && errno != ENOSYS && errno != EOPNOTSUPP)
		return -errno;
	/* vfat and the like have no links; by its number, as not every libc has it */
	return syscall(SYS_renameat2, AT_FDCWD, beside, AT_FDCWD, file, RENAME_NOREPLACE) == 0
		       ? 0
		       : -errno;
}

static int write_beside(const char *file, mode_t mode, const void *data, size_t n, bool replaces)
{
	char beside[PATH_MAX];
	int fd = open_beside(file, mode, beside), r;

	if (fd < 0)
		return fd;
	r = fill(fd, data, n);
	if (r == 0 && replaces && rename(beside, file) < 0)
		r = -errno;
	if (r == 0 && !replaces)
		r = give_name(beside, file);
	if (r < 0)
		(void)unlink(beside);
	return r;
}

int outfile_write(const char *file, mode_t mode, const void *data, size_t n)
{
	int r;

	if (strcmp(file, "-") == 0)
		return fd_write_all(STDOUT_FILENO, data, n);
	r = may_replace(file);
	return r < 0 ? r : write_beside(file, mode, data, n, true);
}

int outfile_create(const char *file, mode_t mode, const void *data, size_t n)
{
	return write_beside(file, mode, data, n, false);
}

const char *outfile_why(int result)
{
	switch (-result) {
	case EISDIR:
		return "it is a directory; name a file in it";
	case ELOOP:
		return "it is a symbolic link, which is not followed; name the file itself";
	case ENODEV:
		return "it is no regular file; '-' writes to standard output";
	case EEXIST:
		return "something is there already";
	case ENOENT:
		return "there is no such directory";
	default:
		return strerror(-result);
	}
}
