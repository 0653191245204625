/* SPDX-License-Identifier: MIT */
#include "policy/bridge_pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool must_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* 0: all is written; -EAGAIN; -errno. */
static int flush(struct pipe_way *w, int to)
{
	while (w->len > 0) {
		ssize_t n = send(to, w->data + w->at, w->len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return must_wait() ? -EAGAIN : -errno;
		w->at += (size_t)n;
		w->len -= (size_t)n;
	}
	return 0;
}

/* The bytes read, 0 at the end of file; -EAGAIN; -errno. */
static ssize_t fill(struct pipe_way *w, int from)
{
	ssize_t n;

	if (w->data == NULL) {
		w->data = malloc(PIPE_ROOM);
		if (w->data == NULL)
			return -ENOMEM;
	}
	do
		n = recv(from, w->data, PIPE_ROOM, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return must_wait() ? -EAGAIN : -errno;
	w->at = 0;
	w->len = (size_t)n;
	return n;
}

static enum pipe_moved end(struct pipe_way *w, int to)
{
	if (!w->write_ended && shutdown(to, SHUT_WR) < 0 && errno != ENOTCONN)
		return PIPE_BROKEN;
	w->write_ended = true;
	pipe_free(w);
	return PIPE_ENDED;
}

enum pipe_moved pipe_move(struct pipe_way *w, int from, int to, size_t budget)
{
	size_t moved = 0;

	if (w->write_ended)
		return PIPE_ENDED;
	for (;;) {
		int r = flush(w, to);
		ssize_t n;

		if (r < 0)
			return r == -EAGAIN ? PIPE_WAITS : PIPE_BROKEN;
		if (w->read_ended)
			return end(w, to);
		if (moved >= budget)
			return PIPE_MORE;
		n = fill(w, from);
		if (n == -EAGAIN) {
			pipe_free(w); /* what is idle needs none */
			return PIPE_WAITS;
		}
		if (n < 0)
			return PIPE_BROKEN;
		if (n == 0)
			w->read_ended = true;
		moved += (size_t)n;
	}
}

void pipe_free(struct pipe_way *w)
{
	free(w->data);
	w->data = NULL;
}
