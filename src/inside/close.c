/* SPDX-License-Identifier: MIT */
#include "inside/close.h"

#include <errno.h>
#include <fcntl.h>

#include "base/closefds.h"

int close_others(struct wishes *w)
{
	int stays[INSIDE_KEEP_MAX + 2];
	size_t n = 0;

	for (; n < w->n_keep; n++)
		stays[n] = w->keep[n];
	if (w->control > 2)
		stays[n++] = w->control;
	if (w->stderr_fd > 2)
		stays[n++] = w->stderr_fd;
	fd_close_most(stays, n);
	if ((w->control > 2 && fcntl(w->control, F_SETFD, FD_CLOEXEC) < 0) ||
	    (w->stderr_fd > 2 && fcntl(w->stderr_fd, F_SETFD, FD_CLOEXEC) < 0))
		return -errno;
	for (size_t i = 0; i < w->n_keep; i++)
		if (fcntl(w->keep[i], F_SETFD, 0) < 0)
			return -errno;
	return 0;
}
