/* SPDX-License-Identifier: MIT */
#ifndef DENY_H
#define DENY_H

#include <errno.h>

#include "base/err.h"
#include "sandbox/mnt.h"

#define DENY_REFUSED (-EKEYREJECTED) /* no call that opens a file says that */

/*
 * May the object of fd be bound? Not if it is a denied path, lies below one, or leads to one: what is bound
 * is bound with all that is mounted below it. Compared by name, and by the place in the file system, so that
 * another mount of the same directory, or of a part of it, is no way around; nor is a hard link to a denied
 * file itself. A denied path that the caller cannot reach is known by its name only. 0 or DENY_REFUSED;
 * another -errno where that cannot be found out.
 */
int deny_check(struct mnt *m, int fd);

/*
 * The mount table is read once and again after each change, but for mounts of ours: no source is below them. With power
 * nothing of the host's arrives meanwhile. Is the table known and right? Then deny_pass comes after one mount of ours.
 */
bool deny_knows(struct mnt *m);
void deny_pass(struct mnt *m);

/*
 * In the new root, when all is mounted: does a mount there show what is denied? deny_check asks by names, which a caller
 * changes who renames a directory with somebody's mount in it; where a mount lies in its file system no name tells.
 * 0 or DENY_REFUSED; another -errno where that cannot be found out.
 */
int deny_end(const struct mnt *m);

/* Fills e for DENY_REFUSED; what err_set returns. */
int deny_refused(struct err *e);

/* Forgets all that was read. */
void deny_done(struct mnt *m);

#endif
