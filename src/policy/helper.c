/* SPDX-License-Identifier: MIT */
#include "policy/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/closefds.h"
#include "base/fdio.h"
#include "base/num.h"

struct helper {
	const struct stage *stage;
	int control, life, done;
	struct notify_server *notifier;
	pid_t bridge;
};

/* A message of the inside. */
struct message {
	char text[INSIDE_MESSAGE_MAX + 1];
	int fds[INSIDE_LISTEN_MAX];
	size_t n_fds;
};

/* Its length; 0 at the end; -errno. */
static ssize_t receive(int control, struct message *ret)
{
	union {
		char data[CMSG_SPACE(sizeof(ret->fds))];
		struct cmsghdr align;
	} room;
	struct iovec part = {ret->text, INSIDE_MESSAGE_MAX};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = room.data,
			   .msg_controllen = sizeof(room.data)};
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(control, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	ret->text[n] = '\0';
	ret->n_fds = 0;
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		ret->n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(ret->fds, CMSG_DATA(c), ret->n_fds * sizeof(int));
	}
	return n;
}

static void drop_fds(const struct message *m)
{
	for (size_t i = 0; i < m->n_fds; i++)
		close(m->fds[i]);
}

static void go(int control)
{
	const char word = INSIDE_GO;

	/* Where nobody is there to read it, nobody waits for it. */
	(void)send(control, &word, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool start_bridge(struct helper *h, const struct message *m)
{
	const struct proxyenv *pe = &h->stage->proxy;
	pid_t self = getpid();

	if (m->n_fds != pe->n_endpoints)
		return false;
	for (size_t i = 0; i < m->n_fds; i++)
		if (fcntl(m->fds[i], F_SETFL, O_NONBLOCK) < 0)
			return false;
	h->bridge = fork();
	if (h->bridge < 0)
		return false;
	if (h->bridge > 0)
		return true;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != self)
		_exit(0);
	close(h->control);
	close(h->done);
	_exit(bridge_run(m->fds, pe->endpoints, m->n_fds, h->life) < 0);
}

static void failed(struct stage_seen *seen, enum stage_reached reached, const char *text)
{
	uint64_t errnum = 0;

	seen->result.reached = reached;
	if (reached == STAGE_NO_EXEC && num_decimal(text, 4095, &errnum))
		seen->result.errnum = (int)errnum;
	(void)snprintf(seen->result.text, sizeof(seen->result.text), "%s", text);
}

/* After INSIDE_STARTS a message can only tell that the command could not be executed. */
static void take_message(struct message *m, int control, struct stage_seen *seen, struct helper *h)
{
	bool has_started = seen->result.reached == STAGE_COMMAND;

	if (m->text[0] == INSIDE_NO_EXEC && has_started) {
		failed(seen, STAGE_NO_EXEC, m->text + 1);
	} else if (has_started || seen->result.reached != STAGE_NOT_REACHED) {
		;
	} else if (m->text[0] == INSIDE_STARTS) {
		seen->result.reached = STAGE_COMMAND;
	} else if (m->text[0] == INSIDE_ERROR) {
		failed(seen, STAGE_FAILED, m->text + 1);
	} else if (m->text[0] == INSIDE_LISTENERS && h != NULL && !seen->has_listeners) {
		seen->has_listeners = true;
		if (start_bridge(h, m))
			go(control);
		else
			(void)shutdown(control, SHUT_WR);
	} else if (m->text[0] == INSIDE_NOTIFIER && h != NULL && !seen->has_notifier &&
		   m->n_fds == 1) {
		seen->has_notifier = true;
		if (notify_begin(&h->stage->notify, m->fds[0], &h->notifier) == 0) {
			m->n_fds = 0;
			go(control);
		} else {
			(void)shutdown(control, SHUT_WR);
		}
	}
}

/* False: nothing will come any more. */
static bool read_all(int control, struct stage_seen *seen, struct helper *h)
{
	struct message m;

	for (;;) {
		ssize_t n = receive(control, &m);

		if (n <= 0)
			return n == -EAGAIN;
		take_message(&m, control, seen, h);
		drop_fds(&m);
	}
}

void helper_read(int control, struct stage_seen *seen, struct helper *s)
{
	(void)read_all(control, seen, s);
}

/* All but what is used, which is above 2; what a hung helper held open would keep others waiting. */
static void close_others(const struct helper *h)
{
	const struct proxyenv *pe = &h->stage->proxy;
	int keep[3 + INSIDE_LISTEN_MAX] = {h->control, h->life, h->done};
	size_t n = 3;

	for (size_t i = 0; i < pe->n_endpoints; i++)
		if (pe->endpoints[i].fd >= 0)
			keep[n++] = pe->endpoints[i].fd;
	fd_close_most(keep, n);
}

static void serve_notifier(struct helper *h)
{
	/* ENOENT: a process that was killed while it waited */
	int r = notify_serve(h->notifier);

	if (r < 0 && r != -ENOENT) {
		notify_end(h->notifier);
		h->notifier = NULL;
	}
}

static void serve(struct helper *h)
{
	struct stage_seen *seen = h->stage->seen;
	struct pollfd fds[] = {{h->life, POLLIN, 0}, {h->control, POLLIN, 0}, {-1, POLLIN, 0}};

	while (fds[0].revents == 0) {
		fds[2].fd = h->notifier != NULL ? notify_fd(h->notifier) : -1;
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents != 0 && !read_all(h->control, seen, h))
			fds[1].fd = -1;
		if (h->notifier == NULL)
			continue;
		if (fds[2].revents & POLLIN) {
			serve_notifier(h);
		} else if (fds[2].revents != 0) {
			notify_end(h->notifier);
			h->notifier = NULL;
		}
	}
	if (fds[1].fd >= 0)
		(void)read_all(h->control, seen, h);
}

__attribute__((noreturn)) void helper_run(const struct stage *s, int control, int life, int done)
{
	struct helper h = {.stage = s, .control = control, .life = life, .done = done};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), status;

	/* The command's signals, and its terminal's, are none of this process. */
	(void)setsid();
	signal(SIGPIPE, SIG_IGN);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		(void)dup2(null, fd);
	close_others(&h);
	serve(&h);
	notify_end(h.notifier);
	if (h.bridge > 0 && waitpid(h.bridge, &status, 0) == h.bridge && status != 0)
		s->seen->result.bridge_failed = true;
	_exit(0);
}
