/* SPDX-License-Identifier: MIT */
#ifndef WALK_H
#define WALK_H

#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/resolve.h"

/*
 * Resolves path below the directory root_fd, one component at a time, every one opened with
 * O_PATH | O_NOFOLLOW; .. goes back along the components taken, never through the file
 * system. Missing directories on the way are made with parents_mode, or are -ENOENT if that
 * is 0. A missing last component is no error: d->fd is -1 then. With nofollow a link as last
 * component is the result. 0 or -errno (-ELOOP after 40 links, as in the kernel).
 */
int walk(int root_fd, const char *path, mode_t parents_mode, bool nofollow, struct dest *d);

#endif
