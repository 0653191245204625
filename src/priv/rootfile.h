/* SPDX-License-Identifier: MIT */
#ifndef ROOTFILE_H
#define ROOTFILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Files that decide over privilege: nobody but root may have written them, or may put another in
 * their place (MUST 7). They are opened part by part from /, follow no link anywhere, and what is judged is
 * what is open, never a name. A path that is not absolute is refused. No capability is used: the
 * caller learns no more than stat tells him (MUST 11).
 *
 * On failure e is filled with id, whose subjects are the path of what is wrong and why.
 */

/*
 * Opens (O_PATH) the directory of path, whose last part *ret_name then points at. Every directory
 * up to / is root's and writable for nobody else; a sticky bit is no excuse, since others could
 * then make what does not exist yet. The fd or -errno.
 */
int rootfile_parent(const char *path, const char **ret_name, enum err_id id, struct err *e);

/*
 * Reads the whole file: regular, root's, writable for nobody else, with 1 to max
 * bytes, and unchanged while it is read. ret has room for max + 1: a NUL follows. The number of bytes or -errno;
 * -ENOENT where the file or a directory on the way is missing.
 */
ssize_t rootfile_read(const char *path, char *ret, size_t max, enum err_id id, struct err *e);

#endif
