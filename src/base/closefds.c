/* SPDX-License-Identifier: MIT */
#include "base/closefds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/num.h"

/* The headers may be older than the kernel (5.9). */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* What a process without a limit may have open, as the kernel is built (fs.nr_open). */
#define FD_LIMIT_MAX 1048576

static int by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* Without close_range: what /proc/self/fd lists. */
static int close_listed(int proc, unsigned int first, unsigned int last)
{
	int fd = openat(proc, "self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	uint64_t n;

	if (dir == NULL) {
		int r = -errno;

		fd_close(&fd);
		return r;
	}
	while ((entry = readdir(dir)) != NULL)
		if (num_decimal(entry->d_name, INT_MAX, &n) && n >= first && n <= last &&
		    n != (uint64_t)fd && n != (uint64_t)proc)
			(void)close((int)n);
	(void)closedir(dir);
	return 0;
}

/* All but what is kept: by close_range, or with a directory of /proc. */
static int close_ranges(int proc, const int *keep, size_t n)
{
	unsigned int next = STDERR_FILENO + 1;

	for (size_t i = 0; i <= n; i++) {
		unsigned int end = i < n ? (unsigned int)keep[i] : ~0u;
		unsigned int last = i < n ? end - 1 : ~0u;
		int r = 0;

		if (i < n && keep[i] < (int)next)
			continue;
		if (end > next && proc < 0)
			r = syscall(SYS_close_range, next, last, 0u) < 0 ? -errno : 0;
		else if (end > next)
			r = close_listed(proc, next, last);
		if (r < 0)
			return r;
		next = end + 1;
	}
	return 0;
}

int fd_close_others(int proc, int *keep, size_t n)
{
	int r;

	qsort(keep, n, sizeof(*keep), by_number);
	r = close_ranges(-1, keep, n);
	if (r == 0)
		return 0;
	/* Nothing was closed: where the call exists it closes the first range too. */
	if (proc < 0)
		proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = proc < 0 ? -errno : close_ranges(proc, keep, n);
	if (proc > STDERR_FILENO)
		(void)close(proc);
	return r;
}

/* A limit that was lowered meanwhile says nothing of what is open, but the hard one bounds it as a rule. */
void fd_close_most(int *keep, size_t n)
{
	struct rlimit limit = {.rlim_max = FD_LIMIT_MAX};
	int next = STDERR_FILENO + 1, end;

	if (fd_close_others(-1, keep, n) == 0)
		return;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	end = limit.rlim_max < FD_LIMIT_MAX ? (int)limit.rlim_max : FD_LIMIT_MAX;
	for (size_t i = 0; i <= n; i++) {
		for (; next < (i < n ? keep[i] : end); next++)
			(void)close(next);
		if (i < n && keep[i] >= next)
			next = keep[i] + 1;
	}
}
