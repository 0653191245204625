/* SPDX-License-Identifier: MIT */
#ifndef MNT_CLASSIC_H
#define MNT_CLASSIC_H

#include "sandbox/mnt.h"

/* What mnt.c, root.c and cover.c need of the mount(2) implementation; nobody else includes this. */

/* mnt_place for a classic tree. */
int mnt_place_classic(struct mnt *m, struct tree *t, const struct dest *d);

/*
 * Mounts the new file system that t describes on name in the directory dir, which nobody else may
 * be able to change, for a link would be followed; or on dir itself, which is ".". Without a way
 * through /proc, which takes longer than the mounting. 0 or -errno.
 */
int mnt_new_in(struct mnt *m, const struct tree *t, int dir, const char *name);

/* Makes what mnt->stage needs in a directory of our own. 0 or -errno. */
int mnt_make_stage(int dir);

/*
 * Opens what is mounted at path below the directory top, through directories only: a link may have
 * been put in the way. The O_PATH fd or -errno.
 */
int mnt_open_below(int top, const char *path);

/*
 * Is an entry, marked below the directory top, hidden by other mounts? skip: bytes of each mount point that name
 * top. 0: no; 1: for good; -EBUSY: by a mount on a folder that somebody with the caller's ids may rename
 * at any time, on the host, so that what it hides comes out with the flags it has.
 */
struct mountinfo;
struct mount_entry;
int mnt_hidden(int top, size_t skip, const struct mountinfo *mi, const struct mount_entry *entry);

/*
 * After mnt_open_below failed with this -errno: 1 if what is there may have been moved, so that the mount
 * table is to be read again; 0 if nobody with the caller's ids can get there, inside neither; else the
 * error, for a lack of descriptors or memory says nothing, and a folder of his own that the caller has
 * shut he can open again.
 */
int mnt_beyond_reach(int top, const char *path, int error);

/* fstatfs(2), also of an O_PATH fd on kernels that cannot. 0 or -errno. */
struct statfs;
int mnt_statfs(struct mnt *m, int fd, struct statfs *ret);

/* Adds SYS_ATTR_* to one mount, keeping the flags it has. 0 or -errno. */
int mnt_add_flags_classic(struct mnt *m, int fd, unsigned int attrs);

#endif
