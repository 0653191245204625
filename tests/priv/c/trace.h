/* SPDX-License-Identifier: MIT */
/* What trace.c tries on a process. */
#ifndef TRACE_H
#define TRACE_H

#include "../../escape/c/util.h"
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* ---- the attacks: 1 if it was allowed */

static int may_attach(pid_t pid, int seize)
{
	int status;

	if (ptrace(seize ? PTRACE_SEIZE : PTRACE_ATTACH, pid, 0, 0))
		return 0;
	if (seize)
		ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	waitpid(pid, &status, __WALL);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	return 1;
}

static int attach(pid_t pid)
{
	return may_attach(pid, 0);
}

static int seize(pid_t pid)
{
	return may_attach(pid, 1);
}

/* A number that is not open is an answer too. */
static int steal_fd(pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), won = 0;

	for (int fd = 0; fd < 24 && pidfd >= 0; fd++) {
		int got = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);

		won |= got >= 0 || errno == EBADF;
		if (got >= 0)
			close(got);
	}
	if (pidfd >= 0)
		close(pidfd);
	return won;
}

/* Nothing is mapped there: EFAULT says that the attempt was allowed. */
static int read_memory(pid_t pid)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)16, 1};

	return process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static int write_memory(pid_t pid)
{
	char byte = 0;
	struct iovec here = {&byte, 1}, there = {(void *)16, 1};

	return process_vm_writev(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static int compare(pid_t pid)
{
	return syscall(SYS_kcmp, pid, getpid(), 0 /* KCMP_FILE */, 0UL, 0UL) >= 0 || errno == EBADF;
}

static int robust_list(pid_t pid)
{
	void *head;
	size_t len;

	return syscall(SYS_get_robust_list, pid, &head, &len) == 0;
}

/* A file below /proc/PID, and below its first thread. */
static int try_open(pid_t pid, const char *name, int flags)
{
	char path[96];
	int won = 0;

	for (int thread = 0; thread < 2; thread++) {
		int fd;

		if (thread)
			snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", (int)pid, (int)pid,
				 name);
		else
			snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
		fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);
		won |= fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	return won;
}

static const struct {
	const char *name;
	int (*attack)(pid_t pid);
	int flags;
} attacks[] = {
	{"PTRACE_ATTACH", attach, 0},
	{"PTRACE_SEIZE", seize, 0},
	{"pidfd_getfd", steal_fd, 0},
	{"process_vm_readv", read_memory, 0},
	{"process_vm_writev", write_memory, 0},
	{"kcmp", compare, 0},
	{"get_robust_list", robust_list, 0},
	{"mem", NULL, O_RDWR},
	{"mem", NULL, O_RDONLY},
	{"environ", NULL, O_RDONLY},
	{"auxv", NULL, O_RDONLY},
	{"maps", NULL, O_RDONLY},
	{"smaps", NULL, O_RDONLY},
	{"pagemap", NULL, O_RDONLY},
	{"map_files", NULL, O_RDONLY | O_DIRECTORY},
	{"fd", NULL, O_RDONLY | O_DIRECTORY},
	{"fd/0", NULL, O_RDONLY},
	{"fdinfo", NULL, O_RDONLY | O_DIRECTORY},
	{"root/", NULL, O_RDONLY | O_DIRECTORY},
	{"cwd/", NULL, O_RDONLY | O_DIRECTORY},
	{"exe", NULL, O_RDONLY},
	{"ns/user", NULL, O_RDONLY},
	{"ns/mnt", NULL, O_RDONLY},
	{"uid_map", NULL, O_WRONLY},
	{"gid_map", NULL, O_WRONLY},
	{"setgroups", NULL, O_WRONLY},
	{"clear_refs", NULL, O_WRONLY},
	{"timens_offsets", NULL, O_WRONLY},
};

/* How many worked; their names. */
static int attack(pid_t pid, char *names, size_t size)
{
	int won = 0;

	*names = '\0';
	for (size_t i = 0; i < sizeof(attacks) / sizeof(*attacks); i++) {
		if (!(attacks[i].attack ? attacks[i].attack(pid)
					: try_open(pid, attacks[i].name, attacks[i].flags)))
			continue;
		won++;
		snprintf(names + strlen(names), size - strlen(names), " %s", attacks[i].name);
	}
	return won;
}

#endif
