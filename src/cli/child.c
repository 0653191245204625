/* SPDX-License-Identifier: MIT */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/closefds.h"
#include "base/signals.h"

long long child_clock(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void nap(void)
{
	const struct timespec t = {.tv_nsec = 300000};

	(void)nanosleep(&t, NULL);
}

static _Noreturn void inside(const struct child *c, int out, int err, pid_t parent)
{
	int null = open("/dev/null", O_RDWR), none = 0;

	/* The child may become another user, whom nothing of a terminal may reach: neither by /dev/tty nor by descriptor 2. */
	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	signals_default();
	if (null >= 0)
		(void)dup2(null, 0);
	else
		(void)close(0);
	(void)dup2(out, 1);
	if (dup2(err >= 0 ? err : null, 2) < 0)
		(void)close(2);
	fd_close_most(&none, 0);
	if (chdir("/") < 0)
		_exit(1);
	_exit(c->body(c->ctx));
}

/* false at end of file */
static bool take(int fd, struct buf *b)
{
	char some[4096];
	ssize_t n = read(fd, some, sizeof(some));

	if (n > 0 && b != NULL)
		buf_mem(b, some, (size_t)n);
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Reads both to their ends. 0 or -ETIMEDOUT. */
static int drain(const struct child *c, int out, int err, long long until)
{
	struct pollfd p[2] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		long long left = until - child_clock();

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(p, 2, (int)left) <= 0)
			continue;
		if (p[0].fd >= 0 && p[0].revents != 0 && !take(out, c->out))
			p[0].fd = -1;
		if (p[1].fd >= 0 && p[1].revents != 0 && !take(err, c->err))
			p[1].fd = -1;
	}
	return 0;
}

/* One that hangs in the kernel is left to it: nobody can end it. */
static int reap(pid_t pid, int *ret_status, long long until)
{
	for (;;) {
		pid_t got = waitpid(pid, ret_status, WNOHANG);

		if (got == pid)
			return 0;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (child_clock() >= until)
			return -ETIMEDOUT;
		nap();
	}
}

static int attend(const struct child *c, pid_t pid, int out, int err, int *ret_status)
{
	long long until = child_clock() + c->deadline_ms;
	int r = drain(c, out, err, until);

	if (r == 0)
		r = reap(pid, ret_status, until);
	if (r == -ETIMEDOUT) {
		int unused;

		(void)kill(-pid, SIGKILL);
		(void)kill(pid, SIGKILL);
		(void)reap(pid, &unused, child_clock() + 1000);
	}
	return r;
}

int child_run(const struct child *c, int *ret_status)
{
	int out[2] = {-1, -1}, err[2] = {-1, -1}, r;
	pid_t parent = getpid(), pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	if (c->err != NULL && pipe2(err, O_CLOEXEC) < 0) {
		r = -errno;
		(void)close(out[0]);
		(void)close(out[1]);
		return r;
	}
	pid = fork();
	if (pid == 0)
		inside(c, out[1], err[1], parent);
	r = -errno;
	(void)close(out[1]);
	if (err[1] >= 0)
		(void)close(err[1]);
	if (pid > 0)
		r = attend(c, pid, out[0], err[0], ret_status);
	(void)close(out[0]);
	if (err[0] >= 0)
		(void)close(err[0]);
	return r;
}
