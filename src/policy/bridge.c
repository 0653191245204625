/* SPDX-License-Identifier: MIT */
#include "policy/bridge.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "policy/bridge_pipe.h"

#define CONNECTIONS_MAX 1024
#define FDS_OURS        (INSIDE_LISTEN_MAX + 16)
#define EVENTS_MAX      64
#define BUDGET          (1024 * 1024) /* of one connection before the others have their turn */
#define RETRY_MS        10
#define RETRIES_MAX     3000 /* half a minute for a Unix socket whose queue is full */

enum source_kind { FROM_UNTIL, FROM_LISTENER, FROM_INSIDE, FROM_OUTSIDE };

struct connection;

/* What an event is about. */
struct source {
	enum source_kind kind;
	size_t listener;
	struct connection *c;
};

struct connection {
	struct connection *next, *prev; /* all of them */
	struct source inside_source, outside_source;
	const struct proxy_endpoint *to;
	int inside, outside; /* outside -1: to be connected again */
	bool connected;
	bool ready; /* budget was used up, or a connect must be tried again */
	bool tried_v6;
	unsigned int retries;
	struct pipe_way up, down;
};

struct bridge {
	int epoll;
	const int *listeners;
	const struct proxy_endpoint *endpoints;
	struct source *sources; /* the listeners', and until_fd's at their end */
	size_t n;
	struct connection *first;
	size_t n_connections, max_connections;
	bool is_full;            /* the listeners are not looked at */
	struct connection *dead; /* freed once all events of a round were looked at */
};

static int watch(const struct bridge *b, int op, int fd, uint32_t events, struct source *s)
{
	struct epoll_event e = {.events = events, .data.ptr = s};

	return epoll_ctl(b->epoll, op, fd, &e) < 0 ? -errno : 0;
}

static void watch_listeners(struct bridge *b, bool on)
{
	for (size_t i = 0; i < b->n; i++)
		(void)watch(b, EPOLL_CTL_MOD, b->listeners[i], on ? EPOLLIN : 0, &b->sources[i]);
	b->is_full = !on;
}

/* hard: the peers see a reset instead of an end of file, which would say that everything was there. */
static void drop(struct bridge *b, struct connection *c, bool hard)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int *fds[] = {&c->inside, &c->outside};

	for (size_t i = 0; i < 2; i++) {
		if (*fds[i] < 0)
			continue;
		if (hard)
			(void)setsockopt(*fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(*fds[i]);
		*fds[i] = -1;
	}
	if (c->next != NULL)
		c->next->prev = c->prev;
	*(c->prev != NULL ? &c->prev->next : &b->first) = c->next;
	pipe_free(&c->up);
	pipe_free(&c->down);
	c->next = b->dead;
	b->dead = c;
	b->n_connections--;
	if (b->is_full)
		watch_listeners(b, true);
}

static void bury(struct bridge *b)
{
	while (b->dead != NULL) {
		struct connection *c = b->dead;

		b->dead = c->next;
		free(c);
	}
}

/* Without waiting for what is not full yet: proxies answer in small pieces. Not for Unix sockets. */
static void no_delay(int fd)
{
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* 0: it goes on; -EAGAIN: once more later; -errno. */
static int connect_once(struct bridge *b, struct connection *c, const struct sockaddr *addr,
			socklen_t len)
{
	int r;

	c->outside = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->outside < 0)
		return -errno;
	if (addr->sa_family != AF_UNIX)
		no_delay(c->outside);
	if (connect(c->outside, addr, len) == 0) {
		c->connected = true;
	} else if (errno != EINPROGRESS) {
		r = -errno;
		close(c->outside);
		c->outside = -1;
		return r;
	}
	return watch(b, EPOLL_CTL_ADD, c->outside, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		     &c->outside_source);
}

static int connect_to(struct bridge *b, struct connection *c)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&c->to->addr;
	const struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
					.sin6_port = v4->sin_port,
					.sin6_addr = IN6ADDR_LOOPBACK_INIT};

	if (c->tried_v6)
		return connect_once(b, c, (const struct sockaddr *)&v6, sizeof(v6));
	if (c->to->fd >= 0) {
		struct sockaddr_un un = {.sun_family = AF_UNIX};

		(void)snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/fd/%d", c->to->fd);
		return connect_once(b, c, (const struct sockaddr *)&un, sizeof(un));
	}
	return connect_once(b, c, (const struct sockaddr *)&c->to->addr, c->to->addr_len);
}

/* After a connect has failed: perhaps there is another way. */
static void connect_again(struct bridge *b, struct connection *c, int r)
{
	if (c->outside >= 0) {
		close(c->outside);
		c->outside = -1;
	}
	/* A full queue of a Unix socket tells nobody when it has room. */
	if (r == -EAGAIN && c->to->addr.ss_family == AF_UNIX && c->retries++ < RETRIES_MAX) {
		c->ready = true;
		return;
	}
	if (r == -ECONNREFUSED && c->to->is_localhost && !c->tried_v6) {
		c->tried_v6 = true;
		r = connect_to(b, c);
		if (r == 0)
			return;
	}
	drop(b, c, true);
}

static void pump(struct bridge *b, struct connection *c)
{
	enum pipe_moved up, down;
	int error = 0;
	socklen_t n = sizeof(error);

	c->ready = false;
	if (c->outside < 0) {
		int r = connect_to(b, c);

		if (r < 0)
			connect_again(b, c, r);
		return;
	}
	if (!c->connected) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof(peer);

		if (getsockopt(c->outside, SOL_SOCKET, SO_ERROR, &error, &n) < 0 || error != 0) {
			connect_again(b, c, -error);
			return;
		}
		if (getpeername(c->outside, (struct sockaddr *)&peer, &len) < 0)
			return; /* not yet */
		c->connected = true;
	}
	up = pipe_move(&c->up, c->inside, c->outside, BUDGET);
	down = pipe_move(&c->down, c->outside, c->inside, BUDGET);
	if (up == PIPE_BROKEN || down == PIPE_BROKEN)
		drop(b, c, true);
	else if (up == PIPE_ENDED && down == PIPE_ENDED)
		drop(b, c, false);
	else
		c->ready = up == PIPE_MORE || down == PIPE_MORE;
}

static void take(struct bridge *b, size_t listener)
{
	int fd = accept4(b->listeners[listener], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct connection *c;

	if (fd < 0)
		return; /* it went away again, or there is no descriptor left until another one ends */
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		close(fd);
		return;
	}
	no_delay(fd);
	c->inside = fd;
	c->outside = -1;
	c->to = &b->endpoints[listener];
	c->inside_source = (struct source){.kind = FROM_INSIDE, .c = c};
	c->outside_source = (struct source){.kind = FROM_OUTSIDE, .c = c};
	c->next = b->first;
	if (c->next != NULL)
		c->next->prev = c;
	b->first = c;
	if (++b->n_connections == b->max_connections)
		watch_listeners(b, false);
	if (watch(b, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		  &c->inside_source) < 0)
		drop(b, c, true);
	else
		pump(b, c);
}

static void turn(struct bridge *b)
{
	struct connection *next;

	for (struct connection *c = b->first; c != NULL; c = next) {
		next = c->next;
		if (c->ready)
			pump(b, c);
	}
}

/* How long to sleep: not while somebody's budget was used up, and briefly where a connect is tried again. */
static int patience(const struct bridge *b)
{
	int ret = -1;

	for (const struct connection *c = b->first; c != NULL; c = c->next) {
		if (!c->ready)
			continue;
		if (c->outside >= 0)
			return 0;
		ret = RETRY_MS;
	}
	return ret;
}

static int serve(struct bridge *b)
{
	struct epoll_event events[EVENTS_MAX];

	for (;;) {
		int n = epoll_wait(b->epoll, events, EVENTS_MAX, patience(b));

		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n; i++) {
			const struct source *s = events[i].data.ptr;

			if (s->kind == FROM_UNTIL)
				return 0;
			if (s->kind == FROM_LISTENER)
				take(b, s->listener);
			else if (s->c->inside >= 0)
				pump(b, s->c);
		}
		turn(b);
		bury(b);
	}
}

/*
 * How many connections there may be: two descriptors each. The soft limit is made for select(2). More wait in the
 * listeners' queues: without a descriptor for it, a connection that waits would wake us for ever.
 */
static size_t limit_connections(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	if (limit.rlim_cur >= 2 * (CONNECTIONS_MAX + FDS_OURS))
		return CONNECTIONS_MAX;
	return limit.rlim_cur > FDS_OURS + 2 ? (limit.rlim_cur - FDS_OURS) / 2 : 1;
}

int bridge_run(const int *listeners, const struct proxy_endpoint *endpoints, size_t n, int until_fd)
{
	struct bridge b = {.listeners = listeners, .endpoints = endpoints, .n = n};
	int r;

	b.max_connections = limit_connections();
	b.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (b.epoll < 0)
		return -errno;
	b.sources = calloc(n + 1, sizeof(*b.sources));
	if (b.sources == NULL)
		return -ENOMEM;
	b.sources[n].kind = FROM_UNTIL;
	r = watch(&b, EPOLL_CTL_ADD, until_fd, EPOLLIN | EPOLLRDHUP, &b.sources[n]);
	for (size_t i = 0; r == 0 && i < n; i++) {
		b.sources[i] = (struct source){.kind = FROM_LISTENER, .listener = i};
		r = watch(&b, EPOLL_CTL_ADD, listeners[i], EPOLLIN, &b.sources[i]);
	}
	if (r == 0)
		r = serve(&b);
	while (b.first != NULL)
		drop(&b, b.first, true);
	bury(&b);
	free(b.sources);
	close(b.epoll);
	return r;
}
