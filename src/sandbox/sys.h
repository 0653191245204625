/* SPDX-License-Identifier: MIT */
#ifndef SYS_H
#define SYS_H

/*
 * System calls newer than the C library or the kernel headers that may be installed. Each
 * returns a result or -1 with errno, as a C library's wrapper would. Structures and constants
 * are the kernel's user-space interface, which never changes.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From Linux 5.0 on, new calls have one number for all architectures that we build for. */
#define SYS_NR_open_tree      428
#define SYS_NR_move_mount     429
#define SYS_NR_fsopen         430
#define SYS_NR_fsconfig       431
#define SYS_NR_fsmount        432
#define SYS_NR_close_range    436
#define SYS_NR_openat2        437
#define SYS_NR_pidfd_getfd    438
#define SYS_NR_mount_setattr  442
#define SYS_NR_open_tree_attr 467

#define SYS_OPEN_TREE_CLONE     0x1u
#define SYS_OPEN_TREE_NAMESPACE 0x2u
#define SYS_OPEN_TREE_CLOEXEC   02000000u
#define SYS_AT_RECURSIVE        0x8000u
#define SYS_AT_EMPTY_PATH       0x1000u

#define SYS_MOVE_MOUNT_F_EMPTY_PATH 0x04u
#define SYS_MOVE_MOUNT_T_EMPTY_PATH 0x40u

#define SYS_FSOPEN_CLOEXEC      0x1u
#define SYS_FSMOUNT_CLOEXEC     0x1u
#define SYS_FSCONFIG_SET_FLAG   0u
#define SYS_FSCONFIG_SET_STRING 1u
#define SYS_FSCONFIG_CMD_CREATE 6u

#define SYS_ATTR_RDONLY 0x1u
#define SYS_ATTR_NOSUID 0x2u
#define SYS_ATTR_NODEV  0x4u
#define SYS_ATTR_NOEXEC 0x8u

struct sys_mount_attr {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};

#define SYS_RESOLVE_NO_MAGICLINKS 0x02u
#define SYS_RESOLVE_NO_SYMLINKS   0x04u
#define SYS_RESOLVE_IN_ROOT       0x10u

#define SYS_STATX_MNT_ID 0x1000u

#define SYS_PEERPIDFD 77 /* SO_PEERPIDFD, Linux 6.5, on every machine that filter.def knows */

#define SYS_PROC_MAGIC 0x9fa0 /* PROC_SUPER_MAGIC: statfs of procfs */

/* struct statx up to what is needed, with room for all that the kernel writes */
struct sys_statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, spare;
	uint64_t ino;
	char sizes_and_times[104];
	uint64_t mnt_id;
	char rest[104];
};

struct sys_open_how {
	uint64_t flags, mode, resolve;
};

static inline int sys_open_tree(int dfd, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_NR_open_tree, dfd, path, flags);
}

static inline int sys_open_tree_attr(int dfd, const char *path, unsigned int flags,
				     const struct sys_mount_attr *attr)
{
	return (int)syscall(SYS_NR_open_tree_attr, dfd, path, flags, attr, sizeof(*attr));
}

static inline int sys_mount_setattr(int dfd, const char *path, unsigned int flags,
				    const struct sys_mount_attr *attr)
{
	return (int)syscall(SYS_NR_mount_setattr, dfd, path, flags, attr, sizeof(*attr));
}

static inline int sys_move_mount(int from, int to_dfd, const char *to, unsigned int flags)
{
	return (int)syscall(SYS_NR_move_mount, from, "", to_dfd, to,
			    flags | SYS_MOVE_MOUNT_F_EMPTY_PATH);
}

static inline int sys_fsopen(const char *type)
{
	return (int)syscall(SYS_NR_fsopen, type, SYS_FSOPEN_CLOEXEC);
}

static inline int sys_fsconfig(int fd, unsigned int cmd, const char *key, const char *value)
{
	return (int)syscall(SYS_NR_fsconfig, fd, cmd, key, value, 0);
}

static inline int sys_fsmount(int fd, unsigned int attrs)
{
	return (int)syscall(SYS_NR_fsmount, fd, SYS_FSMOUNT_CLOEXEC, attrs);
}

static inline int sys_openat2(int dfd, const char *path, const struct sys_open_how *how)
{
	return (int)syscall(SYS_NR_openat2, dfd, path, how, sizeof(*how));
}

static inline int sys_close_range(unsigned int first, unsigned int last)
{
	return (int)syscall(SYS_NR_close_range, first, last, 0u);
}

static inline int sys_statx(int dfd, const char *path, int flags, unsigned int mask,
			    struct sys_statx *st)
{
#ifdef SYS_statx
	return (int)syscall(SYS_statx, dfd, path, flags, mask, st);
#else
	(void)dfd, (void)path, (void)flags, (void)mask, (void)st;
	errno = ENOSYS;
	return -1;
#endif
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

/*
 * True for an errno by which a kernel (ENOSYS, EINVAL) or a container's seccomp filter (EPERM)
 * may say that it does not know a call: the older call is tried then, and its errno counts.
 */
static inline int sys_unknown(int err)
{
	return err == ENOSYS || err == EPERM || err == EINVAL;
}

#endif
