/* SPDX-License-Identifier: MIT */
#ifndef RESIDUE_POOL_H
#define RESIDUE_POOL_H

#include <stdint.h>

/*
 * Empty directories that are moved to where a mount point is needed, and back: on file systems that keep a journal that is a
 * hundred times cheaper than making and removing them. All calls under the registry's lock.
 *
 * Each comes back to where it was before, and nowhere else: a sandbox of another policy may have opened it there, as one of
 * a directory above, and who holds it open can make files in it wherever it goes. Where it was he may do that anyway.
 */
#define POOL_SLOT_MAX 96

/* The pool in the registry's directory; -1 where there is none, which is no failure. */
int pool_open(int dir_fd);

/* Where in the pool the directory name of parent is. 0; -ENOENT: nobody knows that parent again, so that it gets none. */
int pool_slot(int parent, const char *name, char ret[POOL_SLOT_MAX]);

/* Is it there? Its inode. 0 or -ENOENT. */
int pool_find(int pool_fd, const char *slot, uint64_t *ret_ino);

/* Moves it to name in parent, where nothing may be. 0 or -errno; then it is as before. */
int pool_take(int pool_fd, const char *slot, int parent, const char *name);

/* Moves an empty directory of ours into the pool. 0; -errno: it is where it was, and may be removed (if it is empty). */
int pool_put(int pool_fd, const char *slot, int parent, const char *name);

#endif
