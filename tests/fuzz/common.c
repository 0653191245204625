/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "interpose.h"
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef openat
#undef mkdirat
#undef mknodat
#undef readlinkat
#undef syscall
#undef execve

void (*fuzz_before_call)(void);
void (*fuzz_after_open)(int fd);
int (*fuzz_open_instead)(const char *path);
int (*fuzz_openat2_errno)(void);
int (*fuzz_exec)(const char *file, char *const *argv, char *const *env);

void fuzz_fail(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: must hold: %s\n", file, line, what);
	(void)fflush(stderr);
	abort();
}

/* ---- time */

static volatile sig_atomic_t inputs, seen, ticks;

/* Ticks of a stopped process are merged into one, so this is no wall clock. */
static void tick(int signo)
{
	static const char text[] = "fuzz: the input takes too long\n";

	(void)signo;
	if (inputs != seen) {
		seen = inputs;
		ticks = 0;
	} else if (inputs != 0 && ++ticks >= FUZZ_TICKS) {
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
		abort();
	}
}

static void watch(void)
{
	const struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
	const struct itimerspec each = {{1, 0}, {1, 0}};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL};
	timer_t timer;

	event.sigev_signo = SIGRTMIN;
	MUST(sigaction(SIGRTMIN, &action, NULL) == 0);
	MUST(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	MUST(timer_settime(timer, 0, &each, NULL) == 0);
}

void fuzz_begin(void)
{
	inputs = (inputs + 1) & 0xffffff;
	ticks = 0;
}

/* ---- descriptors */

/* A terminal is open for reading on all three, and a target that reads it would wait for ever. */
static void only_write(int fd)
{
	char path[40];
	int flags = fcntl(fd, F_GETFL), again;

	if (flags >= 0 && (flags & O_ACCMODE) == O_WRONLY)
		return;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(flags >= 0 ? path : "/dev/null", O_WRONLY | O_APPEND);
	if (again < 0)
		again = open("/dev/null", O_WRONLY);
	MUST(again >= 0 && dup2(again, fd) == fd);
	if (again != fd)
		(void)close(again);
}

/* libFuzzer opens files later, for its merge for example; numbers below this are the target's. */
#define TARGET_FDS 10

void fuzz_reset_fds(void)
{
	int null = open("/dev/null", O_RDONLY);

	MUST(null >= 0);
	for (int fd = 0; fd < TARGET_FDS; fd++)
		if (fd != STDOUT_FILENO && fd != STDERR_FILENO && fd != null)
			MUST(dup2(null, fd) == fd);
	if (null >= TARGET_FDS)
		(void)close(null);
}

void fuzz_setup(void)
{
	struct rlimit files;

	only_write(STDOUT_FILENO);
	only_write(STDERR_FILENO);
	fuzz_reset_fds();
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	watch();
}

uint32_t fuzz_open_fds(void)
{
	uint32_t open_fds = 0;

	for (int i = 0; i < 32; i++)
		open_fds |= (uint32_t)(fcntl(3 + i, F_GETFD) >= 0) << i;
	return open_fds;
}

#define GIVEN_MAX 16
#define KEPT_FROM 1000 /* where the files behind the given fds are */

void fuzz_give_fd(int number, const void *data, size_t size)
{
	static int kept[GIVEN_MAX] = {0};
	int i = number % GIVEN_MAX, fd;

	/* The target may have closed it, if the input has found its number. */
	if (kept[i] == 0 || fcntl(kept[i], F_GETFD) < 0) {
		fd = memfd_create("fuzz", 0);
		MUST(fd >= 0);
		kept[i] = fcntl(fd, F_DUPFD, KEPT_FROM + i);
		MUST(kept[i] >= 0);
		(void)close(fd);
	}
	if (ftruncate(kept[i], 0) < 0 || pwrite(kept[i], data, size, 0) != (ssize_t)size ||
	    lseek(kept[i], 0, SEEK_SET) < 0)
		return; /* the number leads to something else now: so be it */
	MUST(dup2(kept[i], number) == number);
}

/* ---- memory */

#define HELD_MAX 200000

static struct {
	void *held[HELD_MAX];
	size_t n;
	unsigned int count, fail_at;
	bool on;
} memory;

void fuzz_memory_begin(unsigned int fail_at)
{
	memory.n = 0;
	memory.count = 0;
	memory.fail_at = fail_at;
	memory.on = true;
}

unsigned int fuzz_memory_end(size_t *ret_held)
{
	size_t held = 0;

	memory.on = false;
	for (size_t i = 0; i < memory.n; i++) {
		held += memory.held[i] != NULL;
		free(memory.held[i]);
	}
	if (ret_held != NULL)
		*ret_held = held;
	return memory.count;
}

static bool fails(void)
{
	return memory.on && ++memory.count >= memory.fail_at && memory.fail_at != 0;
}

static void *hold(void *p)
{
	if (p != NULL && memory.on) {
		MUST(memory.n < HELD_MAX);
		memory.held[memory.n++] = p;
	}
	return p;
}

static void let_go(const void *p)
{
	for (size_t i = memory.n; memory.on && p != NULL && i-- > 0;)
		if (memory.held[i] == p) {
			memory.held[i] = NULL;
			if (i == memory.n - 1)
				memory.n--;
			return;
		}
}

void *fuzz_malloc(size_t n)
{
	return fails() ? NULL : hold(malloc(n));
}

void *fuzz_calloc(size_t n, size_t size)
{
	return fails() ? NULL : hold(calloc(n, size));
}

void *fuzz_realloc(void *p, size_t n)
{
	if (fails())
		return NULL;
	let_go(p);
	return hold(realloc(p, n));
}

void fuzz_free(void *p)
{
	let_go(p);
	free(p);
}

/* ---- system calls */

int fuzz_openat(int dir, const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;
	int fd;

	va_start(list, flags);
	mode = flags & O_CREAT ? (mode_t)va_arg(list, unsigned int) : 0;
	va_end(list);
	if (fuzz_before_call != NULL)
		fuzz_before_call();
	fd = fuzz_open_instead != NULL ? fuzz_open_instead(path) : -1;
	if (fd < 0)
		fd = openat(dir, path, flags, mode);
	if (fd >= 0 && fuzz_after_open != NULL)
		fuzz_after_open(fd);
	return fd;
}

int fuzz_mkdirat(int dir, const char *path, mode_t mode)
{
	if (fuzz_before_call != NULL)
		fuzz_before_call();
	return mkdirat(dir, path, mode);
}

int fuzz_mknodat(int dir, const char *path, mode_t mode, dev_t dev)
{
	if (fuzz_before_call != NULL)
		fuzz_before_call();
	return mknodat(dir, path, mode, dev);
}

ssize_t fuzz_readlinkat(int dir, const char *path, char *text, size_t size)
{
	if (fuzz_before_call != NULL)
		fuzz_before_call();
	return readlinkat(dir, path, text, size);
}

long fuzz_syscall(long number, ...)
{
	bool opens = number == 437; /* openat2 */
	long a[6], r;
	va_list list;

	va_start(list, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (opens && fuzz_before_call != NULL)
		fuzz_before_call();
	if (opens && fuzz_openat2_errno != NULL) {
		errno = fuzz_openat2_errno();
		if (errno != 0)
			return -1;
	}
	r = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (opens && r >= 0 && fuzz_after_open != NULL)
		fuzz_after_open((int)r);
	return r;
}

int fuzz_execve(const char *file, char *const *argv, char *const *env)
{
	errno = fuzz_exec != NULL ? fuzz_exec(file, argv, env) : ENOENT;
	return -1;
}

/* ---- input */

uint8_t fuzz_byte(struct fuzz_input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}
