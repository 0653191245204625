/* SPDX-License-Identifier: MIT */
/*
 * What the kernel alone asks for namespaces:
 *
 *	floor NAMESPACE...
 *
 * starts one process in new namespaces (user mnt pid ipc uts cgroup net), which ends at once, and waits for
 * it; `lo` also brings the loopback device up. With no name it is a fork.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"

static const struct {
	const char *name;
	unsigned long flag;
} namespaces[] = {
	{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS},
	{"pid", CLONE_NEWPID},   {"ipc", CLONE_NEWIPC},
	{"uts", CLONE_NEWUTS},   {"cgroup", CLONE_NEWCGROUP},
	{"net", CLONE_NEWNET},   {"lo", 0},
};

#define COUNT (sizeof(namespaces) / sizeof(*namespaces))

static unsigned long flag_of(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (strcmp(namespaces[i].name, name) == 0)
			return namespaces[i].flag;
	fail(name, "no such namespace");
	return 0;
}

static int loopback_up(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0;
}

int main(int argc, char **argv)
{
	unsigned long flags = SIGCHLD;
	bool lo = false;
	int i, status;
	long pid;

	for (i = 1; i < argc; i++) {
		flags |= flag_of(argv[i]);
		lo |= strcmp(argv[i], "lo") == 0;
	}
	pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(lo ? loopback_up() : 0);
	if (pid < 0)
		fail("clone", strerror(errno));
	return waitpid((pid_t)pid, &status, 0) < 0 || status != 0;
}
