/* SPDX-License-Identifier: MIT */
#include "inside/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inside/inside.h"

static int send_message(int control, const struct msghdr *m)
{
	ssize_t n;

	do
		n = sendmsg(control, m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int control_say(int control, char kind, const char *text)
{
	size_t n = strlen(text);
	struct iovec parts[] = {{&kind, 1}, {(void *)(unsigned long)text, 0}};
	struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};

	parts[1].iov_len = n < INSIDE_MESSAGE_MAX - 1 ? n : INSIDE_MESSAGE_MAX - 1;
	return control < 0 ? 0 : send_message(control, &m);
}

int control_hand_out(int control, char kind, const int *fds, size_t n)
{
	union {
		char data[CMSG_SPACE(INSIDE_LISTEN_MAX * sizeof(int))];
		struct cmsghdr align;
	} room = {.data = ""};
	struct iovec part = {&kind, 1};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = room.data,
			   .msg_controllen = CMSG_SPACE(n * sizeof(int))};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	return send_message(control, &m);
}

int control_wait(int control)
{
	char answer;
	ssize_t n;

	do
		n = read(control, &answer, 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 1 && answer == INSIDE_GO ? 0 : -EPIPE;
}
