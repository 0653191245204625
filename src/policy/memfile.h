/* SPDX-License-Identifier: MIT */
#ifndef MEMFILE_H
#define MEMFILE_H

/*
 * An empty file in memory, close-on-exec, for reading and writing. Kernels before 3.17 have none: there it is one that was
 * made in /dev/shm, /tmp or /var/tmp, for this user alone, and has no name any more. The descriptor or -errno.
 */
int memfile_open(const char *name);

/* Nobody may change it from now on; on such a kernel that holds for those who cannot trace this process. 0 or -errno. */
int memfile_seal(int fd);

#endif
