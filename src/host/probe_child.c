/* SPDX-License-Identifier: MIT */
#include "host/probe_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"

#define PATIENCE \
	1000 /* milliseconds that a process in between has for its child's end, after the deadline */

int probe_clock(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		return 0;
	/* Only differences count, and only small ones. */
	return (int)(((unsigned long)t.tv_sec % 1000000) * 1000) + (int)(t.tv_nsec / 1000000);
}

void probe_set(struct facts *f, enum fact id, int result)
{
	char text[32];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	if (result == 0)
		buf_str(&b, "ok");
	else if (result == STEP_KILLED)
		buf_str(&b, "killed");
	else if (result == STEP_TIMEOUT)
		buf_str(&b, "timeout");
	else
		err_put_errno(&b, result);
	fact_set(f, id, text);
}

static void tell(const struct teller *t, enum fact id, int result, bool is_noted, const char *text)
{
	struct step s = {.id = (int)id, .result = result, .is_noted = is_noted};
	struct buf b;

	buf_init(&b, s.text, sizeof(s.text));
	if (text != NULL)
		buf_str(&b, text);
	/* Who does not listen any more has ended, and ends this process. */
	(void)fd_write_all(t->fd, &s, sizeof(s));
}

void step_begin(const struct teller *t, enum fact id)
{
	tell(t, id, STEP_BEGINS, false, NULL);
}

int step_end(const struct teller *t, enum fact id, int result)
{
	tell(t, id, -result, false, NULL);
	return result;
}

void step_note(const struct teller *t, enum fact id, int result)
{
	tell(t, id, -result, true, NULL);
}

void step_text(const struct teller *t, enum fact id, const char *text)
{
	tell(t, id, 0, false, text);
}

/* Nothing of this is to be seen on the host: no process that outlives its parent, no image of one that was killed. */
static void prepare(void)
{
	struct rlimit core;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* 1, not 0: so a program that gets the image through a pipe is not started either (core(5)). */
	if (getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max > 0) {
		core.rlim_cur = 1;
		(void)setrlimit(RLIMIT_CORE, &core);
	}
}

/* Has the reader gone before it could have taken this process with it? */
static bool is_alone(const struct teller *t)
{
	struct pollfd p = {.fd = t->fd, .events = 0};

	return poll(&p, 1, 0) != 0 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

static int wait_until(pid_t pid, int deadline)
{
	const struct timespec moment = {.tv_nsec = 2000000};
	pid_t r;

	for (;;) {
		r = waitpid(pid, NULL, WNOHANG);
		if (r == pid || (r < 0 && errno != EINTR))
			return 0;
		if (probe_clock() - deadline > 0)
			return -ETIME;
		(void)nanosleep(&moment, NULL);
	}
}

/* The child is this process's own and not waited for yet, so that its number is no one else's. */
static void end_child(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

pid_t probe_copy(int flags)
{
	pid_t pid;

#if defined(__s390__) || defined(__CRIS__)
	pid = (pid_t)syscall(SYS_clone, NULL, (long)flags | SIGCHLD, NULL, NULL, 0L);
#else
	pid = (pid_t)syscall(SYS_clone, (long)flags | SIGCHLD, NULL, NULL, NULL, 0L);
#endif
	return pid < 0 ? -errno : pid;
}

/* As spawn and spawn_by_unshare do it (src/sandbox/spawn.c). The pid or -errno; 0 in the child. */
static pid_t make(const struct probe *p)
{
	pid_t pid;

	if (!p->by_unshare)
		return probe_copy(p->flags);
	/* Not by clone: an emulator may know that only as the C library's threads use it. */
	pid = unshare(p->flags) < 0 ? -1 : fork();
	return pid < 0 ? -errno : pid;
}

static void be_between(const struct probe *p, const struct teller *t, int report)
{
	pid_t pid = make(p);
	int error = pid < 0 ? -pid : 0;

	if (pid == 0) {
		prepare();
		(void)close(report);
		/* The parent may be in another pid namespace: only the pipe tells whether somebody is there. */
		_exit(is_alone(t) ? 1 : p->fn(t, p->arg) != 0);
	}
	(void)fd_write_all(report, &error, sizeof(error));
	(void)close(report);
	(void)close(t->fd);
	if (pid > 0 && wait_until(pid, t->ends) < 0)
		end_child(pid);
}

/* Reads what is told, until there is nobody to tell anything or the deadline. */
static void listen(const struct probe *p, int fd, int deadline)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	struct step s = {.result = 0}, begun = {.result = 0};
	int r;

	for (;;) {
		int left = deadline - probe_clock();

		r = poll(&ready, 1, left > 0 ? left : 0);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0 || fd_read_all(fd, &s, sizeof(s)) != sizeof(s))
			break;
		if (s.result != STEP_BEGINS)
			p->got(&s, p->ctx);
		begun = s;
	}
	if (begun.result != STEP_BEGINS)
		return;
	/* Who is in between may have ended it in time, before this process woke up. */
	begun.result = r == 0 || deadline - probe_clock() <= 0 ? STEP_TIMEOUT : STEP_KILLED;
	p->got(&begun, p->ctx);
}

static void run(const struct probe *p, const int fds[2], const int report[2], int deadline)
{
	const struct teller t = {.fd = fds[1], .ends = deadline};

	(void)close(fds[0]);
	(void)close(report[0]);
	prepare();
	if (is_alone(&t))
		_exit(1);
	if (p->flags == 0)
		_exit(p->fn(&t, p->arg) != 0);
	be_between(p, &t, report[1]);
	_exit(0);
}

/* What the process in between says of its child's start, as step.result. */
static int hear_made(int fd, int deadline)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int r, error;

	do
		r = poll(&ready, 1, deadline - probe_clock() > 0 ? deadline - probe_clock() : 0);
	while (r < 0 && errno == EINTR);
	if (r <= 0)
		return STEP_TIMEOUT;
	return fd_read_all(fd, &error, sizeof(error)) == sizeof(error) ? error : STEP_KILLED;
}

static int start(const struct probe *p, const int fds[2], const int report[2], int deadline)
{
	pid_t pid = fork();

	if (pid == 0)
		run(p, fds, report, deadline);
	return pid < 0 ? -errno : pid;
}

int probe_process(const struct probe *p, int deadline, int *ret_made)
{
	int fds[2] = {-1, -1}, report[2] = {-1, -1}, r = 0;

	*ret_made = 0;
	if (pipe2(fds, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0)
		r = -errno;
	if (r == 0)
		r = start(p, fds, report, deadline);
	fd_close(&fds[1]);
	fd_close(&report[1]);
	if (r > 0) {
		if (p->flags != 0)
			*ret_made = hear_made(report[0], deadline);
		listen(p, fds[0], deadline);
		/* Who has a child ends it himself, and leaves no orphan to somebody else. */
		if (p->flags == 0 || wait_until(r, deadline + PATIENCE) < 0)
			end_child(r);
		r = 0;
	}
	fd_close(&fds[0]);
	fd_close(&report[0]);
	return r;
}
