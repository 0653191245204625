/* SPDX-License-Identifier: MIT */
#include "sandbox/status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"

#define ERRNO_MAX 4096 /* the kernel's MAX_ERRNO + 1 */

void status_send(int fd, enum status_type type, int value)
{
	const struct status s = {.type = (int)type, .value = value};

	(void)fd_write_all(fd, &s, sizeof(s));
}

/*
 * An err on its way. No longer than what any pipe takes at once: where the user has many pipes, a
 * new one holds a single page, and a reader that shares memory with the writer does not read
 * before the writer has ended.
 */
#define WIRE_SUBJECT_MAX 1960

struct wire {
	int id, errnum, used;
	char subject[2][WIRE_SUBJECT_MAX];
};

_Static_assert(sizeof(struct status) + sizeof(struct wire) <= 4096, "one page");

void status_send_err(int fd, const struct err *e)
{
	struct {
		struct status head;
		struct wire body;
	} m = {.head = {.type = STATUS_ERROR},
	       .body = {.id = (int)e->id, .errnum = e->errnum, .used = e->used}};

	for (int i = 0; i < 2; i++) {
		struct buf b;

		buf_init(&b, m.body.subject[i], sizeof(m.body.subject[i]));
		buf_str(&b, e->subject[i]);
	}
	(void)fd_write_all(fd, &m, sizeof(m));
}

/* The process inside is not trusted, even if it is our own program: all is checked. */
static int accept_wire(struct wire *w, struct err *e)
{
	if (w->id <= ERR_NONE || w->id >= ERR_COUNT || w->errnum < 0 || w->errnum >= ERRNO_MAX)
		return -EPROTO;
	w->subject[0][WIRE_SUBJECT_MAX - 1] = w->subject[1][WIRE_SUBJECT_MAX - 1] = '\0';
	(void)err_set(e, (enum err_id)w->id, w->errnum, w->subject[0], w->subject[1]);
	e->used = w->used != 0;
	return 1;
}

/* The rest of a message whose first bytes are there. */
static int read_rest(int fd, void *data, size_t n)
{
	ssize_t r = fd_read_all(fd, data, n);

	if (r < 0)
		return (int)r;
	return (size_t)r == n ? 1 : -EPROTO;
}

static ssize_t receive_with_pid(int fd, struct status *ret, pid_t *ret_pid)
{
	union {
		char space[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec io = {.iov_base = ret, .iov_len = sizeof(*ret)};
	struct msghdr m = {
		.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct ucred who;
	ssize_t r;

	do
		r = recvmsg(fd, &m, MSG_WAITALL);
	while (r < 0 && errno == EINTR);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); r > 0 && c != NULL; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&who, CMSG_DATA(c), sizeof(who));
			*ret_pid = who.pid;
		}
	return r < 0 ? -errno : r;
}

int status_receive(int fd, struct status *ret, pid_t *ret_pid, struct err *e)
{
	struct wire w;
	ssize_t r;

	if (ret_pid != NULL)
		r = receive_with_pid(fd, ret, ret_pid);
	else
		r = fd_read_all(fd, ret, sizeof(*ret));
	if (r <= 0)
		return (int)r;
	if (r != sizeof(*ret))
		return -EPROTO;
	if (ret->type != STATUS_ERROR)
		return 1;
	r = read_rest(fd, &w, sizeof(w));
	return r < 0 ? (int)r : accept_wire(&w, e);
}

int status_channel(int fds[2], bool passes_pids)
{
	const int on = 1;

	if (!passes_pids)
		return pipe2(fds, O_CLOEXEC) < 0 ? -errno : 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	if (setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return -errno;
	return 0;
}
