/* SPDX-License-Identifier: MIT */
#include "inside/close.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/num.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* What a process without a limit may have open, as the kernel is built (fs.nr_open). */
#define FD_LIMIT_MAX 1048576

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void close_from_to(int first, int last)
{
	for (int fd = first; fd <= last; fd++)
		close(fd);
}

/* The highest number that may be open. */
static int highest(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct rlimit limit = {.rlim_cur = FD_LIMIT_MAX};
	struct dirent *entry;
	int max = -1;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		uint64_t v;

		if (num_decimal(entry->d_name, FD_LIMIT_MAX, &v) && (int)v > max)
			max = (int)v;
	}
	if (d != NULL)
		closedir(d);
	if (max >= 0)
		return max;
	/* no /proc: a limit that was lowered meanwhile says nothing of what is open, but the hard one bounds it as a rule */
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max < FD_LIMIT_MAX ? (int)limit.rlim_max : FD_LIMIT_MAX;
}

int close_others(struct wishes *w)
{
	int stays[INSIDE_KEEP_MAX + 2], first = 3, last = -1;
	size_t n = 0;

	for (; n < w->n_keep; n++)
		stays[n] = w->keep[n];
	if (w->control > 2)
		stays[n++] = w->control;
	if (w->stderr_fd > 2)
		stays[n++] = w->stderr_fd;
	qsort(stays, n, sizeof(stays[0]), by_number);
	for (size_t i = 0; i <= n; i++) {
		unsigned int end = i < n ? (unsigned int)stays[i] - 1 : ~0U;

		if (i < n && stays[i] < first)
			continue;
		if (i == n || stays[i] > first) {
			if (syscall(SYS_close_range, (unsigned int)first, end, 0) < 0) {
				if (last < 0)
					last = highest();
				close_from_to(first, i < n ? stays[i] - 1 : last);
			}
		}
		if (i < n)
			first = stays[i] + 1;
	}
	if ((w->control > 2 && fcntl(w->control, F_SETFD, FD_CLOEXEC) < 0) ||
	    (w->stderr_fd > 2 && fcntl(w->stderr_fd, F_SETFD, FD_CLOEXEC) < 0))
		return -errno;
	for (size_t i = 0; i < w->n_keep; i++)
		if (fcntl(w->keep[i], F_SETFD, 0) < 0)
			return -errno;
	return 0;
}
