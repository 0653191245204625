/* SPDX-License-Identifier: MIT */
/* Namespaces and mounts. Run last: whoever can do this can undo what the others are kept from by. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "battery/inside/inside.h"

/* Old headers lack them; they are the same on every architecture that we build for. */
#define NR_OPEN_TREE     428
#define NR_FSOPEN        430
#define NR_CLONE3        435
#define OPEN_TREE_COPIES 1

/* A child that was made has nothing to do. */
static int is_made(pid_t pid)
{
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	(void)waitpid(pid, NULL, 0);
	return 0;
}

static int by_unshare(const struct aim *a, struct buf *detail)
{
	(void)a;
	(void)detail;
	return unshare(CLONE_NEWUSER) < 0 ? errno : 0;
}

static int by_clone(const struct aim *a, struct buf *detail)
{
	(void)a;
	(void)detail;
#ifdef __s390x__
	return is_made((pid_t)syscall(SYS_clone, 0L, (long)(CLONE_NEWUSER | SIGCHLD), 0L, 0L, 0L));
#else
	return is_made((pid_t)syscall(SYS_clone, (long)(CLONE_NEWUSER | SIGCHLD), 0L, 0L, 0L, 0L));
#endif
}

static int by_clone3(const struct aim *a, struct buf *detail)
{
	uint64_t args[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};

	(void)a;
	(void)detail;
	return is_made((pid_t)syscall(NR_CLONE3, args, sizeof(args)));
}

static bool at(const struct aim *a, const char *rest, char ret[PATH_MAX])
{
	return a->dir != NULL && snprintf(ret, PATH_MAX, "%s%s", a->dir, rest) < PATH_MAX;
}

static int mount_tmpfs(const struct aim *a, struct buf *detail)
{
	char path[PATH_MAX];

	(void)detail;
	if (!at(a, BATTERY_SHOWN, path))
		return ATTEMPT_SKIPPED;
	return mount("postern-battery", path, "tmpfs", 0, NULL) < 0 ? errno : 0;
}

static int bind(const struct aim *a, struct buf *detail)
{
	char path[PATH_MAX];

	(void)detail;
	if (!at(a, BATTERY_SHOWN, path))
		return ATTEMPT_SKIPPED;
	return mount("/", path, NULL, MS_BIND, NULL) < 0 ? errno : 0;
}

static int remount(const struct aim *a, struct buf *detail)
{
	char path[PATH_MAX];

	(void)detail;
	if (!at(a, BATTERY_HIDDEN, path))
		return ATTEMPT_SKIPPED;
	return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL) < 0 ? errno : 0;
}

static int uncover(const struct aim *a, struct buf *detail)
{
	char path[PATH_MAX];

	(void)detail;
	if (!at(a, BATTERY_HIDDEN, path))
		return ATTEMPT_SKIPPED;
	return umount2(path, MNT_DETACH) < 0 ? errno : 0;
}

static int copy_tree(const struct aim *a, struct buf *detail)
{
	(void)a;
	(void)detail;
	return syscall(NR_OPEN_TREE, AT_FDCWD, "/", OPEN_TREE_COPIES) < 0 ? errno : 0;
}

static int open_fs(const struct aim *a, struct buf *detail)
{
	(void)a;
	(void)detail;
	return syscall(NR_FSOPEN, "tmpfs", 0) < 0 ? errno : 0;
}

static int own_mounts(const struct aim *a, struct buf *detail)
{
	(void)a;
	(void)detail;
	return unshare(CLONE_NEWNS) < 0 ? errno : 0;
}

static int change_root(const struct aim *a, struct buf *detail)
{
	(void)a;
	(void)detail;
	return chroot("/") < 0 ? errno : 0;
}

const struct attempt attempts_mount[ATTEMPTS_MAX + 4] = {
	{ATTACK_USER_NAMESPACE, "unshare", by_unshare},
	{ATTACK_USER_NAMESPACE, "clone", by_clone},
	{ATTACK_USER_NAMESPACE, "clone3", by_clone3},
	{ATTACK_MOUNT, "tmpfs", mount_tmpfs},
	{ATTACK_MOUNT, "bind", bind},
	{ATTACK_MOUNT, "remount", remount},
	{ATTACK_MOUNT, "umount", uncover},
	{ATTACK_MOUNT, "open_tree", copy_tree},
	{ATTACK_MOUNT, "fsopen", open_fs},
	{ATTACK_MOUNT, "unshare", own_mounts},
	{ATTACK_MOUNT, "chroot", change_root},
};
