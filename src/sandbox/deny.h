/* SPDX-License-Identifier: MIT */
#ifndef DENY_H
#define DENY_H

#include "sandbox/mnt.h"

/*
 * May the object of fd be bound? Not if it is a denied path, lies below one, or leads to one: what is bound
 * is bound with all that is below it. Compared by name, and by device and inode of it and of everything
 * above, so that another bind of the same directory is no way around. 0 or -EACCES; another -errno
 * where that cannot be found out.
 */
int deny_check(const struct mnt *m, int fd);

#endif
