/* SPDX-License-Identifier: MIT */
#include "cli/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

int outfile_write(const char *file, mode_t mode, const void *data, size_t n)
{
	char beside[PATH_MAX];
	int fd, r;

	if (strcmp(file, "-") == 0)
		return fd_write_all(STDOUT_FILENO, data, n);
	r = may_replace(file);
	if (r < 0)
		return r;
	fd = open_beside(file, mode, beside);
	if (fd < 0)
		return fd;
	r = fd_write_all(fd, data, n);
	/* some file systems tell only then that the disk is full */
	if (r == 0 && fsync(fd) < 0 && errno != EINVAL)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(beside, file) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(beside);
	return r;
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
	case ENOENT:
		return "there is no such directory";
	default:
		return strerror(-result);
	}
}
