/* SPDX-License-Identifier: MIT */
#ifndef OUTFILE_H
#define OUTFILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Writes n bytes to the file, so that it is either whole or as it was: to a new file beside it, which is synced and takes its
 * name. A regular file is replaced, "-" is standard output. Anything else that is there (a directory, a symbolic link, a
 * device) is refused: root may ask for a file where others may make names. mode is what a new file gets, less the
 * umask. 0 or -errno.
 */
int outfile_write(const char *file, mode_t mode, const void *data, size_t n);

/* The same, but only where nothing has that name: else -EEXIST, whatever is there. "-" is a name like any other. */
int outfile_create(const char *file, mode_t mode, const void *data, size_t n);

/* One clause that says why, for a result of these. */
const char *outfile_why(int result);

#endif
