/* SPDX-License-Identifier: MIT */
/*
 * What the user may do to processes of his own uid, done to postern-pam while the driver waits for it:
 *
 *	attack HOW COUNT DRIVER [WORD...]	COUNT starts
 *
 * HOW is
 *	trace	ptrace, /proc/PID/mem, process_vm_writev, pidfd_getfd, at the helper and at the driver, from
 *		the driver's exec to the end
 *	stopped	as trace, and every now and then the helper is stopped for a moment
 *	files	lowers the helper's limit of open files at a random time, for a moment
 *	memory	its limits of memory and of queued signals
 *	SIGNAL	a number: sends that to the helper at a random time after its exec
 * Prints "allowed A refused R tried-fork F tried-exec E entered N": how many starts went which way, tries at
 * the helper before and after its exec, and how many of all got in.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NR_PIDFD_OPEN  434
#define NR_PIDFD_GETFD 438

static unsigned long allowed, refused, tried_fork, tried_exec, entered;

static void pause_us(long us)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += us % 1000000 * 1000;
	end.tv_sec += us / 1000000 + end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

static int is_helper_program(pid_t pid)
{
	char path[64], comm[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (read(fd, comm, sizeof(comm) - 1) <= 0)
		comm[0] = '\0';
	close(fd);
	return strncmp(comm, "postern-pam", 11) == 0;
}

/* One try of everything. */
static void enter(pid_t pid, int i)
{
	char byte = 0, path[64];
	struct iovec here = {&byte, 1}, there = {(void *)4096, 1};
	int fd;

	if (ptrace(i & 1 ? PTRACE_SEIZE : PTRACE_ATTACH, pid, 0, 0) == 0) {
		entered++;
		ptrace(PTRACE_DETACH, pid, 0, 0);
	}
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		/* nothing is mapped there; of a dead process nothing is left to read */
		ssize_t got = pread(fd, &byte, 1, 0x400000);

		entered += got > 0 || (got < 0 && errno == EIO);
		close(fd);
	}
	if (process_vm_writev(pid, &here, 1, &there, 1, 0) == 1 || errno == EFAULT)
		entered++;
	fd = (int)syscall(NR_PIDFD_OPEN, pid, 0);
	if (fd >= 0) {
		int stolen = (int)syscall(NR_PIDFD_GETFD, fd, 3, 0);

		entered += stolen >= 0;
		close(stolen);
		close(fd);
	}
}

static void trace(pid_t driver, pid_t helper, int stops)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < 20000; i++) {
		int phase = is_helper_program(helper);
		int before = (int)entered;

		if (phase >= 0) {
			if (stops && i % 16 == 3)
				kill(helper, SIGSTOP);
			enter(helper, i);
			if (stops && i % 16 == 9)
				kill(helper, SIGCONT);
			tried_fork += phase == 0;
			tried_exec += phase == 1;
		}
		enter(driver, i);
		if ((int)entered != before)
			fprintf(stderr, "got in: phase %d, helper %d\n", phase, (int)helper);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (phase < 0 || now.tv_sec > start.tv_sec + 5)
			break;
	}
	kill(helper, SIGCONT);
}

/* For a moment only: Linux-PAM itself notices at its end, when it writes to the kernel's audit. */
static void lower(pid_t pid, const int *resources, size_t n)
{
	struct rlimit before[4], l;

	for (size_t i = 0; i < n; i++) {
		if (prlimit(pid, resources[i], NULL, &before[i]) < 0)
			return;
		l = before[i];
		l.rlim_cur = 0;
		prlimit(pid, resources[i], &l, NULL);
	}
	pause_us(random() % 15000);
	for (size_t i = 0; i < n; i++)
		prlimit(pid, resources[i], &before[i], NULL);
}

static void attack(const char *how, pid_t driver, pid_t helper)
{
	static const int files[] = {RLIMIT_NOFILE};
	static const int memory[] = {RLIMIT_AS, RLIMIT_DATA, RLIMIT_SIGPENDING};

	if (strcmp(how, "trace") == 0 || strcmp(how, "stopped") == 0) {
		trace(driver, helper, strcmp(how, "stopped") == 0);
		return;
	}
	/* Until its ids are set, a moment after the fork, everybody may signal what will be root's. */
	while (atoi(how) > 0 && is_helper_program(helper) == 0)
		;
	pause_us(random() % 25000);
	if (strcmp(how, "files") == 0) {
		lower(helper, files, 1);
	} else if (strcmp(how, "memory") == 0) {
		lower(helper, memory, 3);
	} else {
		kill(helper, atoi(how));
	}
}

/* The driver's child, before anybody says its number: it has the next, or one soon after. */
static pid_t child_of(pid_t driver)
{
	char path[64], line[512];
	const char *end;

	for (pid_t pid = driver + 1; pid < driver + 5; pid++) {
		int fd;
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		n = read(fd, line, sizeof(line) - 1);
		close(fd);
		line[n > 0 ? n : 0] = '\0';
		end = strrchr(line, ')');
		if (end && strlen(end) > 4 && atoi(end + 4) == driver)
			return pid;
	}
	return 0;
}

/* The helper: as soon as it is there at all, or once its number is said. */
static pid_t find(pid_t driver, int out, int at_once)
{
	char line[64] = "";
	pid_t helper = 0;
	size_t n = 0;
	ssize_t got = -1;

	fcntl(out, F_SETFL, at_once ? O_NONBLOCK : 0);
	while (helper == 0 && n < sizeof(line) - 1 && got != 0) {
		got = read(out, line + n, 1);
		if (got == 1 && line[n] == '\n')
			return atoi(line);
		n += got == 1;
		if (at_once)
			helper = child_of(driver);
	}
	return helper;
}

static void one(const char *how, char **argv)
{
	int out[2], status;
	pid_t driver, helper;

	if (pipe(out) < 0)
		exit(99);
	driver = fork();
	if (driver == 0) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		execv(argv[0], argv);
		_exit(99);
	}
	close(out[1]);
	helper = find(driver, out[0], strcmp(how, "trace") == 0 || strcmp(how, "stopped") == 0);
	if (helper > 1)
		attack(how, driver, helper);
	while (waitpid(driver, &status, 0) < 0)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		allowed++;
	else
		refused++;
	close(out[0]);
}

int main(int argc, char **argv)
{
	int count = argc > 3 ? atoi(argv[2]) : 0;

	srandom((unsigned int)time(NULL));
	for (int i = 0; i < count; i++)
		one(argv[1], argv + 3);
	printf("allowed %lu refused %lu tried-fork %lu tried-exec %lu entered %lu\n", allowed,
	       refused, tried_fork, tried_exec, entered);
	return 0;
}
