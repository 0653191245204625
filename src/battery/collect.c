/* SPDX-License-Identifier: MIT */
#include "battery/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"

#define AFTER_END_MS \
	500 /* how long the launcher may live after its command has said the last word */

long long collect_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What came of a descriptor, up to a line that is not whole yet */
struct stream {
	int *fd;
	size_t have;
	char text[2048];
};

static void fill(struct stream *s)
{
	ssize_t n = read(*s->fd, s->text + s->have, sizeof(s->text) - 1 - s->have);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		fd_close(s->fd);
	else
		s->have += (size_t)n;
	s->text[s->have] = '\0';
}

static void take_lines(struct stream *s, struct judge *j)
{
	char *line = s->text, *end;

	while ((end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		judge_line(j, line);
		line = end + 1;
	}
	s->have -= (size_t)(line - s->text);
	memmove(s->text, line, s->have + 1);
	if (s->have >= sizeof(s->text) - 1)
		s->have = 0; /* no line of ours is so long */
}

/* The first two lines, without what else a wrapper may have to say */
static void keep_error(struct collect *c, const char *text)
{
	struct buf b;
	int lines = 0;

	buf_init(&b, c->error, c->size);
	for (; *text != '\0'; text++) {
		if (*text == '\n' && (++lines == 2 || text[1] == '\0'))
			break;
		buf_char(&b, *text);
	}
}

static void keep_reason(struct collect *c, int result, int status)
{
	struct buf b;

	if (c->error[0] != '\0')
		return;
	buf_init(&b, c->error, c->size);
	if (result == -ETIMEDOUT) {
		buf_str(&b, "no answer before the deadline");
	} else if (WIFSIGNALED(status)) {
		buf_str(&b, "the launcher was ended by signal ");
		buf_i64(&b, WTERMSIG(status));
	} else {
		buf_str(&b, "the launcher ended with status ");
		buf_i64(&b, WEXITSTATUS(status));
		buf_str(&b, ", and the attacking program never ran");
	}
}

/* 0 while there is something to wait for and time */
static int wait_more(struct collect *c, struct start *s, long long until)
{
	struct pollfd p[] = {{.fd = s->out, .events = POLLIN},
			     {.fd = s->err, .events = POLLIN},
			     {.fd = c->report}};
	long long left = until - collect_clock();

	if (left <= 0)
		return -ETIMEDOUT;
	if (poll(p, 3, (int)left) < 0 && errno != EINTR)
		return -errno;
	return p[2].revents != 0 ? -EPIPE : 0;
}

static int reap(pid_t pid, int *ret_status)
{
	*ret_status = 0;
	while (waitpid(pid, ret_status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int collect(struct collect *c, struct start *s)
{
	struct stream out = {.fd = &s->out}, err = {.fd = &s->err};
	long long until = c->until;
	int status, r = 0;

	c->error[0] = '\0';
	while (r == 0 && (s->out >= 0 || s->err >= 0)) {
		r = wait_more(c, s, until);
		if (s->out >= 0)
			fill(&out);
		if (s->err >= 0)
			fill(&err);
		take_lines(&out, c->judge);
		if (err.have >= sizeof(err.text) - 1) {
			keep_error(c, err.text);
			err.have = 0;
		}
		if (c->judge->has_ended && until == c->until)
			until = collect_clock() + AFTER_END_MS;
	}
	if (err.have > 0)
		keep_error(c, err.text);
	fd_close(&s->out);
	fd_close(&s->err);
	if (r != 0)
		kill(s->pid, SIGKILL);
	if (reap(s->pid, &status) == 0 && r == 0 && status != 0)
		r = -ECANCELED;
	if (r == 0 && !c->judge->has_begun)
		r = -ENOEXEC;
	keep_reason(c, r, status);
	return r;
}

/* As the kernel lists them; where it does not, they end by themselves: the launcher dies with us, and so do its attempts. */
static void kill_children(void)
{
	char path[64], text[1024], *p = text;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	(void)fd_read_file(AT_FDCWD, path, text, sizeof(text));
	for (;;) {
		char *end;
		long pid = strtol(p, &end, 10);

		if (end == p)
			return;
		if (pid > 1)
			kill((pid_t)pid, SIGKILL);
		p = end;
	}
}

void collect_end(int ms)
{
	long long until = collect_clock() + ms;

	do {
		pid_t pid;

		kill_children();
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0)
			return;
		usleep(100);
	} while (collect_clock() < until);
}
