/* SPDX-License-Identifier: MIT */
/*
 * What the kernel alone asks for mounts over many files:
 *
 *	bindfloor N DIR MASK
 *
 * starts one process in new namespaces (user, mnt, pid, ipc, net), which mounts the file MASK, read-only, on each of the
 * first N files of DIR by three system calls for each, looks up nothing but one name in one directory for it, and ends; and
 * waits for it. MASK lies in a directory below which nothing is mounted: the kernel looks at all that is for each bind.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"

/* the headers may be older than the kernel, and the numbers are those of all machines */
#define CALL_OPEN_TREE     428
#define CALL_MOVE_MOUNT    429
#define CALL_MOUNT_SETATTR 442
#define CLONE_TREE         1U
#define FROM_EMPTY_PATH    4U

struct attributes {
	uint64_t set, clear, propagation, userns;
};

static int mount_over(int source, int dir, const char *name)
{
	int tree = (int)syscall(CALL_OPEN_TREE, source, "",
				AT_EMPTY_PATH | CLONE_TREE | (unsigned)O_CLOEXEC);

	if (tree < 0 || syscall(CALL_MOVE_MOUNT, tree, "", dir, name, FROM_EMPTY_PATH) < 0)
		return -1;
	return close(tree);
}

/* A read-only copy of the mount that MASK is in, with MASK's directory as its root: what is cloned from it is read-only, too. */
static int open_source(char *mask)
{
	struct attributes rdonly = {.set = 1 | 2 | 4};
	char *folder = strdup(mask);
	int tree = (int)syscall(CALL_OPEN_TREE, AT_FDCWD, dirname(folder),
				CLONE_TREE | (unsigned)O_CLOEXEC);

	if (tree < 0 ||
	    syscall(CALL_MOUNT_SETATTR, tree, "", AT_EMPTY_PATH, &rdonly, sizeof(rdonly)) < 0)
		return -1;
	return openat(tree, basename(mask), O_PATH | O_CLOEXEC);
}

static int inside(long n, const char *path, char *mask)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int source;

	if (!dir || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || chdir(path) < 0)
		return 1;
	source = open_source(mask);
	if (source < 0)
		return 1;
	while (n > 0 && (entry = readdir(dir))) {
		if (entry->d_type != DT_REG)
			continue;
		if (mount_over(source, AT_FDCWD, entry->d_name) < 0)
			return 1;
		n--;
	}
	return n > 0;
}

int main(int argc, char **argv)
{
	unsigned long flags =
		CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | SIGCHLD;
	int status;
	long pid;

	if (argc != 4)
		fail("usage", "bindfloor N DIR MASK");
	pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(inside(number(argv[1]), argv[2], argv[3]));
	if (pid < 0)
		fail("clone", strerror(errno));
	return waitpid((pid_t)pid, &status, 0) < 0 || status != 0;
}
