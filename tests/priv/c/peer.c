/* SPDX-License-Identifier: MIT */
/*
 * peer COMMAND...: runs COMMAND with a socket to this process as its standard input. peer pidfd COMMAND...:
 * with a pidfd of this process. peer: as that command, takes this process's descriptors by the pidfd, or by the
 * one that the socket tells. Says "closed WHY" or "OPEN". Exit status: that command's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEERPIDFD      77 /* SO_PEERPIDFD, Linux 6.5 */
#define NR_PIDFD_OPEN  434
#define NR_PIDFD_GETFD 438

static int attack(void)
{
	int pidfd = -1, fd = -1;
	socklen_t size = sizeof(pidfd);

	if (getsockopt(0, SOL_SOCKET, PEERPIDFD, &pidfd, &size) < 0) {
		if (errno != ENOTSOCK)
			return printf("closed no pidfd\n") < 0;
		pidfd = 0;
	}
	for (int n = 0; n < 64 && fd < 0; n++) {
		fd = (int)syscall(NR_PIDFD_GETFD, pidfd, n, 0);
		if (fd < 0 && errno != EBADF)
			return printf("closed %s\n", errno == EPERM ? "EPERM" : strerror(errno)) <
			       0;
	}
	return printf(fd < 0 ? "closed nothing open\n" : "OPEN\n") < 0;
}

int main(int argc, char **argv)
{
	bool gives = argc > 2 && strcmp(argv[1], "pidfd") == 0;
	int ends[2], fd, status;
	pid_t pid;

	if (argc < 2)
		return attack();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return 2;
	fd = gives ? (int)syscall(NR_PIDFD_OPEN, getpid(), 0) : ends[1];
	pid = fork();
	if (pid == 0) {
		argv += gives ? 2 : 1;
		if (dup2(fd, 0) == 0)
			execv(argv[0], argv);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
