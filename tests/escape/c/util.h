/* Small things that the escape tests' helpers share. */
#ifndef ESCAPE_UTIL_H
#define ESCAPE_UTIL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

__attribute__((noreturn, format(printf, 1, 2))) static inline void die(const char *fmt, ...)
{
	va_list ap;
	int err = errno;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(99);
}

static inline uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* Waits precisely: a sleep for the most part, a spin for the last bit (timer slack is 50 us). */
static inline void wait_us(uint64_t us)
{
	uint64_t end = now_us() + us;

	if (us > 200)
		usleep((useconds_t)(us - 150));
	while (now_us() < end)
		;
}

/* xorshift: the same seed gives the same run on every libc. */
static inline uint64_t rnd(uint64_t *state)
{
	uint64_t x = *state ? *state : 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

/* Parent of PID as /proc says, or -1. */
static inline pid_t ppid_of(pid_t pid)
{
	char path[64], buf[512];
	const char *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	p = strrchr(buf, ')');
	return p && strlen(p) > 4 ? (pid_t)atoi(p + 4) : -1;
}

/* All live descendants of ROOT (without ROOT) into PIDS; at most MAX. Returns how many. */
static inline int descendants(pid_t root, pid_t *pids, int max)
{
	struct {
		pid_t pid, ppid;
	} all[4096];
	int n = 0, got = 0, before = -1;
	struct dirent *e;
	DIR *d = opendir("/proc");

	if (!d)
		die("/proc");
	while ((e = readdir(d)) && n < 4096) {
		pid_t pid = (pid_t)atoi(e->d_name);

		if (pid <= 0)
			continue;
		all[n].pid = pid;
		all[n++].ppid = ppid_of(pid);
	}
	closedir(d);
	while (before != got) {
		before = got;
		for (int i = 0; i < n && got < max; i++) {
			int mine = all[i].ppid == root;

			for (int k = 0; k < before && !mine; k++)
				mine = all[i].ppid == pids[k];
			if (mine) {
				pids[got++] = all[i].pid;
				all[i].ppid = -1;
			}
		}
	}
	return got;
}

/*
 * For a subreaper: reaps until no child is left (returns 0) or MS have passed; then every
 * descendant still alive is described on stderr and killed, and their number is returned.
 */
static inline int reap_all(int ms)
{
	uint64_t end = now_us() + (uint64_t)ms * 1000;
	pid_t left[64];
	int n;

	for (;;) {
		pid_t p = waitpid(-1, NULL, WNOHANG);

		if (p < 0 && errno == ECHILD)
			return 0;
		if (p > 0)
			continue;
		if (now_us() > end)
			break;
		usleep(200);
	}
	n = descendants(getpid(), left, 64);
	for (int i = 0; i < n; i++) {
		char cmd[64];

		snprintf(cmd, sizeof(cmd), "ps -o pid=,ppid=,stat=,wchan=,args= -p %d >&2",
			 (int)left[i]);
		if (i < 4 && system(cmd) != 0)
			fprintf(stderr, "left: pid %d\n", (int)left[i]);
	}
	for (int i = 0; i < n; i++)
		kill(left[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return n;
}

/* Opens "FD:PATH" (a trailing "/" or a directory opens O_PATH-free read-only) at that number. */
static inline void open_at(const char *spec, int flags)
{
	const char *colon = strchr(spec, ':');
	int want = atoi(spec), fd;

	if (!colon)
		die("FD:PATH wanted, got %s", spec);
	fd = open(colon + 1, flags, 0600);
	if (fd < 0)
		die("%s", colon + 1);
	if (fd != want) {
		if (dup2(fd, want) < 0)
			die("dup2 %d", want);
		close(fd);
	}
}

#endif
