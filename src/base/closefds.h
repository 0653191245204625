/* SPDX-License-Identifier: MIT */
#ifndef CLOSEFDS_H
#define CLOSEFDS_H

#include <stddef.h>

/*
 * Closes all fds from 3 on but these (which get sorted). proc is a directory of procfs, for
 * kernels without close_range, and is closed too; -1 where /proc itself can be opened. 0, or -errno: nothing was closed.
 */
int fd_close_others(int proc, int *keep, size_t n);

/*
 * The same for who goes on in any case: without close_range and without /proc it counts up to the hard limit, and
 * what was opened under a higher one stays open.
 */
void fd_close_most(int *keep, size_t n);

#endif
