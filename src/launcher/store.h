/* SPDX-License-Identifier: MIT */
#ifndef STORE_H
#define STORE_H

#include <stddef.h>

/*
 * Puts bytes where the next program finds them by an fd that exec keeps: a sealed memfd, or an unlinked
 * temporary file on kernels before 3.17. The fd or -errno.
 */
int store_bytes(const char *bytes, size_t len);

/* Reads fd to its end, at most max bytes, into *ret (malloc'ed, never NULL). 0; -EFBIG, -ENOMEM or -errno. */
int store_drain(int fd, size_t max, char **ret, size_t *ret_len);

#endif
