/* SPDX-License-Identifier: MIT */
#ifndef FDIO_H
#define FDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Writes all n bytes, going on after EINTR and short writes. 0 or -errno. */
int fd_write_all(int fd, const void *data, size_t n);

/*
 * Reads until end of file or until max bytes are there, going on after EINTR. Returns the bytes
 * read or -errno. A result of max means that there may be more.
 */
ssize_t fd_read_all(int fd, void *data, size_t max);

/* Writes the string to the file at path below dirfd, in one write(2) as /proc wants. 0 or -errno. */
int fd_write_file(int dirfd, const char *path, const char *text);

/*
 * The beginning of the file at path below dirfd, at most size - 1 bytes, with a NUL behind it; "" where it fails. How many, or
 * -errno.
 */
ssize_t fd_read_file(int dirfd, const char *path, char *ret, size_t size);

/* Copies everything from one fd to another until end of file. 0 or -errno. */
int fd_copy(int from, int to);

#define FD_LINK_MAX 20 /* "self/fd/" and any int */

/* The name, relative to /proc, of the magic link that leads to what fd is open on. */
void fd_link(int fd, char ret[FD_LINK_MAX]);

/*
 * Opens something useless on the lowest free number, for one of the first three that is closed,
 * so that nothing of ours gets it. exec closes it. Nobody can reach a file through it, not by
 * /proc/PID/fd either; reading and writing fail.
 */
void fd_plug(void);

/*
 * Have new fds of ours got a number of standard input, output or error, because the caller left
 * those closed? Then they are closed, all three numbers are taken by fd_plug, and the caller opens
 * again. For the first fds that a process opens.
 */
bool fd_hit_stdio(const int *fds, size_t n);

/*
 * Closes an fd that the caller of the program passed and that has served its purpose. One of
 * the first three is replaced by something useless, so that nothing else gets its number.
 */
void fd_consume(int fd);

/* close(2) for an fd that may be -1; always sets it to -1 and keeps errno. */
void fd_close(int *fd);

#endif
