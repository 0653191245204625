/* SPDX-License-Identifier: MIT */
#include "sandbox/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/closefds.h"
#include "sandbox/caps.h"
#include "sandbox/status.h"
#include "sandbox/wait.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif

bool spawn_can_share(void)
{
#ifdef HAS_ASAN
	return false;
#else
	return true;
#endif
}

pid_t spawn(int (*fn)(void *arg), void *arg, int flags, char *stack)
{
	long pid;

	if (stack != NULL) {
		pid = clone(fn, stack, flags | CLONE_VM | CLONE_VFORK | SIGCHLD, arg);
		return pid < 0 ? -errno : (pid_t)pid;
	}
	/* Like fork: without a stack the child goes on with a copy of ours. */
#if defined(__s390__) || defined(__CRIS__)
	pid = syscall(SYS_clone, NULL, (long)flags | SIGCHLD, NULL, NULL, 0L);
#else
	pid = syscall(SYS_clone, (long)flags | SIGCHLD, NULL, NULL, NULL, 0L);
#endif
	if (pid == 0)
		_exit(fn(arg));
	return pid < 0 ? -errno : (pid_t)pid;
}

/* For the process in between, and for the one that it starts. */
struct between {
	int (*fn)(void *arg);
	void *arg;
	int flags;
	int report; /* socket to the launcher: -errno, or 0 from the process that runs fn */
};

/* The launcher alone holds the other end. */
static bool launcher_lives(const struct between *b)
{
	struct pollfd p = {.fd = b->report, .events = 0};

	return poll(&p, 1, 0) == 0 || !(p.revents & (POLLERR | POLLHUP));
}

static void tell(const struct between *b, int value)
{
	status_send(b->report, STATUS_COMMAND, value);
	(void)close(b->report);
}

/* Others wait for the end of file on what the launcher had open. */
static void close_all(void)
{
	int none = 0;

	(void)fd_close_others(-1, &none, 0);
	/* Nor is anybody's directory kept busy. */
	if (chdir("/") < 0)
		_exit(1);
}

static int be_between(const struct between *b)
{
	pid_t child;
	int status;

	/* The launcher's end must reach the sandbox through this process. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (!launcher_lives(b))
		return 1;
	/* It lives in the sandbox's user namespace with the host's root: out of reach, then. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return 1;
	child = unshare(b->flags) < 0 ? -errno : fork();
	if (child == 0) {
		/* This one must write its own id maps, and the launcher looks at its namespaces. */
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		/* The kernel adds this process's pid as the launcher sees it. */
		tell(b, 0);
		_exit(b->fn(b->arg));
	}
	(void)caps_set(0, 0);
	if (child < 0) {
		tell(b, child == -1 ? -errno : child);
		return 1;
	}
	close_all();
	status = wait_for(child);
	return status < 0 ? 1 : status;
}

pid_t spawn_by_unshare(int (*fn)(void *arg), void *arg, int flags, pid_t *ret_child)
{
	struct between b = {.fn = fn, .arg = arg, .flags = flags};
	struct status s = {.value = -ECHILD};
	int fds[2], r = status_channel(fds, true);
	pid_t pid;

	if (r < 0)
		return r;
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		b.report = fds[1];
		_exit(be_between(&b));
	}
	r = pid < 0 ? -errno : 0;
	(void)close(fds[1]);
	if (r == 0 && (status_receive(fds[0], &s, ret_child, NULL) != 1 || s.value < 0)) {
		(void)wait_for(pid);
		r = s.value < 0 ? s.value : -ECHILD;
	}
	(void)close(fds[0]);
	return r < 0 ? r : pid;
}
