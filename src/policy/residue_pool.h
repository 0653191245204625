/* SPDX-License-Identifier: MIT */
#ifndef RESIDUE_POOL_H
#define RESIDUE_POOL_H

#include <stdint.h>

/*
 * Empty directories that are moved to where a mount point is needed, and back: on file systems that keep a journal that is a
 * hundred times cheaper than making and removing them. All calls under the registry's lock.
 */

/* The pool in the registry's directory; -1 where there is none, which is no failure. */
int pool_open(int dir_fd);

/* One that could be taken: its inode, and its name. 0 or -ENOENT. */
int pool_find(int pool_fd, char ret_name[16], uint64_t *ret_ino);

/* Moves it to name in parent, where nothing may be. 0 or -errno; then it is as before. */
int pool_take(int pool_fd, const char *pool_name, int parent, const char *name);

/* Moves an empty directory of ours into the pool. 0; -errno: it is where it was, and may be removed (if it is empty). */
int pool_put(int pool_fd, int parent, const char *name);

#endif
