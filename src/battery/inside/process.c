/* SPDX-License-Identifier: MIT */
/* A process outside, of the same user: its memory, its descriptors, its signals. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "battery/inside/inside.h"

/* Old headers lack them; they are the same on every architecture that we build for. */
#define NR_PIDFD_SEND_SIGNAL 424
#define NR_PIDFD_OPEN        434
#define NR_PIDFD_GETFD       438

static void *mark_of(const struct aim *a)
{
	return (void *)(a->page + offsetof(struct battery_page, mark));
}

/* The target is stopped: writes a word there and lets it go on. */
static int poke(const struct aim *a)
{
	long word;
	int r;

	if (waitpid(a->target, NULL, __WALL) < 0)
		return errno;
	memcpy(&word, a->token, sizeof(word));
	r = ptrace(PTRACE_POKEDATA, a->target, mark_of(a), word) < 0 ? errno : 0;
	ptrace(PTRACE_DETACH, a->target, NULL, NULL);
	return r;
}

static int attach(const struct aim *a, struct buf *detail)
{
	(void)detail;
	return ptrace(PTRACE_ATTACH, a->target, NULL, NULL) < 0 ? errno : poke(a);
}

static int seize(const struct aim *a, struct buf *detail)
{
	(void)detail;
	if (ptrace(PTRACE_SEIZE, a->target, NULL, NULL) < 0 ||
	    ptrace(PTRACE_INTERRUPT, a->target, NULL, NULL) < 0)
		return errno;
	return poke(a);
}

static int vm_read(const struct aim *a, struct buf *detail)
{
	unsigned char seen[BATTERY_SECRET];
	struct iovec to = {seen, sizeof(seen)}, from = {(void *)a->page, sizeof(seen)};

	if (process_vm_readv(a->target, &to, 1, &from, 1, 0) != (ssize_t)sizeof(seen))
		return errno;
	inside_put_hex(detail, seen, sizeof(seen));
	return 0;
}

static int vm_write(const struct aim *a, struct buf *detail)
{
	char token[BATTERY_TOKEN];
	struct iovec from = {token, sizeof(token)}, to = {mark_of(a), sizeof(token)};

	(void)detail;
	memcpy(token, a->token, sizeof(token));
	return process_vm_writev(a->target, &from, 1, &to, 1, 0) < 0 ? errno : 0;
}

static int mem(const struct aim *a, struct buf *detail)
{
	char path[64];
	int file;

	(void)detail;
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)a->target);
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0)
		return errno;
	errno = EIO;
	return pwrite(file, a->token, BATTERY_TOKEN, (off_t)(uintptr_t)mark_of(a)) == BATTERY_TOKEN
		       ? 0
		       : errno;
}

static int take_fd(const struct aim *a, struct buf *detail)
{
	int pidfd = (int)syscall(NR_PIDFD_OPEN, a->target, 0);
	int taken = pidfd < 0 ? -1 : (int)syscall(NR_PIDFD_GETFD, pidfd, a->hold, 0);

	(void)detail;
	if (taken < 0 || write(taken, BATTERY_TAKEN, strlen(BATTERY_TAKEN)) < 0)
		return errno;
	return inside_write_token(taken, a);
}

static int send_kill(const struct aim *a, struct buf *detail)
{
	(void)detail;
	return kill(a->target, BATTERY_SIGNAL) < 0 ? errno : 0;
}

static int send_tgkill(const struct aim *a, struct buf *detail)
{
	(void)detail;
	return syscall(SYS_tgkill, a->target, a->target, BATTERY_SIGNAL) < 0 ? errno : 0;
}

static int send_queue(const struct aim *a, struct buf *detail)
{
	union sigval value = {.sival_int = 0};

	(void)detail;
	return sigqueue(a->target, BATTERY_SIGNAL, value) < 0 ? errno : 0;
}

static int send_pidfd(const struct aim *a, struct buf *detail)
{
	int pidfd = (int)syscall(NR_PIDFD_OPEN, a->target, 0);

	(void)detail;
	return pidfd < 0 || syscall(NR_PIDFD_SEND_SIGNAL, pidfd, BATTERY_SIGNAL, NULL, 0) < 0
		       ? errno
		       : 0;
}

const struct attempt attempts_process[ATTEMPTS_MAX + 4] = {
	{ATTACK_PTRACE_HOST, "attach", attach},
	{ATTACK_PTRACE_HOST, "seize", seize},
	{ATTACK_PTRACE_HOST, "process_vm_readv", vm_read},
	{ATTACK_PTRACE_HOST, "process_vm_writev", vm_write},
	{ATTACK_PTRACE_HOST, "/proc/PID/mem", mem},
	{ATTACK_PTRACE_HOST, "pidfd_getfd", take_fd},
	{ATTACK_SIGNAL_HOST, "kill", send_kill},
	{ATTACK_SIGNAL_HOST, "tgkill", send_tgkill},
	{ATTACK_SIGNAL_HOST, "sigqueue", send_queue},
	{ATTACK_SIGNAL_HOST, "pidfd_send_signal", send_pidfd},
};
