/* SPDX-License-Identifier: MIT */
#include "priv/authorize_child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/closefds.h"
#include "base/signals.h"
#include "pam/status.h"
#include "sandbox/caps.h"

#define ALIVE_FD (STDERR_FILENO + 1)
#define MIB      ((rlim_t)1 << 20)

/*
 * What the helper has as root, and the least that it needs as a user. A module that cannot open a file
 * or hold a group's members in memory may take both for missing and let pass whom they would stop.
 */
static const struct {
	int resource;
	rlim_t root, least;
	const char *small;
} limits[] = {
	{RLIMIT_NOFILE, 1024, 64, "the limit of open files is below 64"},
	{RLIMIT_AS, RLIM_INFINITY, 64 * MIB, "the limit of address space is below 64 MiB"},
	{RLIMIT_DATA, RLIM_INFINITY, 64 * MIB, "the limit of data is below 64 MiB"},
	{RLIMIT_STACK, 8 * MIB, MIB / 4, "the limit of the stack is below 256 KiB"},
	{RLIMIT_FSIZE, RLIM_INFINITY, 0, "the limit of file sizes is too small"},
	{RLIMIT_CPU, RLIM_INFINITY, 1, "the limit of processor time is below a second"},
};

int authorize_limits_check(struct err *e)
{
	struct rlimit now;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (getrlimit(limits[i].resource, &now) < 0)
			return err_set(e, ERR_LIMITS, 0, "a limit can't be read", NULL);
		if (now.rlim_max < limits[i].least)
			return err_set(e, ERR_LIMITS, 0, limits[i].small, NULL);
	}
	return 0;
}

static bool set_limits(bool as_root)
{
	struct rlimit l;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (getrlimit(limits[i].resource, &l) < 0)
			return false;
		if (as_root)
			l.rlim_max = limits[i].root;
		/* Descriptors without end are no favour: programs close them one by one. */
		if (l.rlim_max > limits[i].root)
			l.rlim_max = limits[i].root;
		l.rlim_cur = l.rlim_max;
		if (setrlimit(limits[i].resource, &l) < 0)
			return false;
	}
	return true;
}

/* For good, all of them: a root helper is out of the caller's reach, a user's has no power at all. */
static bool set_ids(bool as_root)
{
	const gid_t root_group = 0;
	uint64_t permitted, others[2];

	if (!as_root)
		return caps_set(0, 0) == 0;
	return caps_get(&permitted, &others[0], &others[1]) == 0 && caps_set(permitted, 0) == 0 &&
	       setgroups(1, &root_group) == 0 && setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0;
}

/* The first three are /dev/null, the next is the pipe, and nothing else is open. */
static bool set_fds(int alive)
{
	int keep[] = {ALIVE_FD};
	int null = openat(AT_FDCWD, "/dev/null", O_RDWR | O_NOCTTY);

	if (null < 0)
		return false;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			return false;
	if (alive == ALIVE_FD ? fcntl(alive, F_SETFD, 0) < 0 : dup2(alive, ALIVE_FD) < 0)
		return false;
	return fd_close_others(-1, keep, 1) == 0;
}

/*
 * Nothing of this outlives postern-priv (MUST 10). PR_SET_PDEATHSIG asks with the dying parent's ids
 * whether it may kill, which a setuid postern-priv that has become the caller may not when the helper is root. So
 * the kernel is asked to kill the whole group, in the helper's own name, when the last end
 * for writing of the pipe is closed; and PDEATHSIG is for a module that closes what it finds open. exec keeps
 * both. The parent is looked at last: it may have died before.
 */
static bool set_end(pid_t parent)
{
	return fcntl(ALIVE_FD, F_SETSIG, SIGKILL) == 0 &&
	       fcntl(ALIVE_FD, F_SETOWN, -getpgrp()) == 0 &&
	       fcntl(ALIVE_FD, F_SETFL, O_ASYNC) == 0 &&
	       prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent;
}

_Noreturn void authorize_child(const struct authorize_child *c)
{
	char name[] = "postern-pam", uid[24], none[] = "-";
	char *argv[] = {name, uid, none, NULL}, *env[] = {NULL};
	char tty[64];
	struct buf b;

	buf_init(&b, uid, sizeof(uid));
	buf_u64(&b, c->uid);
	buf_init(&b, tty, sizeof(tty));
	if (c->tty != NULL) {
		buf_str(&b, c->tty);
		argv[2] = tty;
	}
	/* The ids first: as long as the real one is the caller's he may send signals. */
	if (b.full || !set_ids(c->as_root) || setpgid(0, 0) < 0 || chdir("/") < 0)
		_exit(PAM_STATUS_NO_START);
	(void)umask(022);
	signals_default();
	if (!set_limits(c->as_root))
		_exit(PAM_STATUS_LIMITS);
	if (set_fds(c->alive) && set_end(c->parent))
		(void)execve(c->helper, argv, env);
	_exit(PAM_STATUS_NO_START);
}
