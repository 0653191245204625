/* SPDX-License-Identifier: MIT */
/*
 * credentials N COMMAND...: runs COMMAND with a socket as descriptor N, and prints "UID GID TEXT" of the first message
 * that is written there, up to its first comma. The ids are the kernel's word for the writer.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char text[4096], control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec iov = {text, sizeof(text) - 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};
	struct ucred who = {0};
	struct cmsghdr *c;
	int ends[2], on = 1;
	ssize_t n;

	if (argc < 3 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) ||
	    setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		return 99;
	if (fork() == 0) {
		dup2(ends[1], atoi(argv[1]));
		execv(argv[2], argv + 2);
		_exit(99);
	}
	close(ends[1]);
	n = recvmsg(ends[0], &msg, 0);
	wait(NULL);
	if (n <= 0)
		return puts("nothing"), 1;
	text[n] = '\0';
	text[strcspn(text, ",")] = '\0';
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_type == SCM_CREDENTIALS)
			memcpy(&who, CMSG_DATA(c), sizeof(who));
	printf("%d %d %s\n", (int)who.uid, (int)who.gid, text);
	return 0;
}
