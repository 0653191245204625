/* SPDX-License-Identifier: MIT */
#include "sandbox/walls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "caps.h"
#include "child.h"
#include "test.h"
#include "walled.h"

/*
 * The Landlock domain: what it must keep out of reach, each tried on a process of the same uid outside, and
 * what it must leave alone. Each attempt is also made without the domain: one that fails there shows nothing.
 */

#define NR_PIDFD_OPEN  434
#define NR_PIDFD_GETFD 438
#define COUNT(a)       (sizeof(a) / sizeof(*(a)))

static char secret[] = "the victim's memory";

/* The attempts: 0, or the errno */

static int by_path(pid_t pid, const char *name, int flags)
{
	char path[64];
	int fd, r;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return errno;
	/* Some files open and then have nothing to say. */
	r = 0;
	if (!(flags & (O_PATH | O_DIRECTORY))) {
		errno = EPERM;
		if (read(fd, path, 1) <= 0 && errno != EIO)
			r = errno;
	}
	(void)close(fd);
	return r;
}

static int by_link(pid_t pid, const char *name)
{
	char path[64], to[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return readlink(path, to, sizeof(to)) < 0 ? errno : 0;
}

static int root_of(pid_t pid)
{
	return by_path(pid, "root/etc", O_RDONLY | O_DIRECTORY);
}

static int cwd_of(pid_t pid)
{
	return by_path(pid, "cwd/.", O_PATH);
}

static int exe_of(pid_t pid)
{
	return by_path(pid, "exe", O_RDONLY);
}

static int fd_of(pid_t pid)
{
	return by_path(pid, "fd/0", O_PATH);
}

static int fdinfo_of(pid_t pid)
{
	return by_path(pid, "fdinfo/0", O_RDONLY);
}

static int mem_of(pid_t pid)
{
	return by_path(pid, "mem", O_RDWR);
}

static int environ_of(pid_t pid)
{
	return by_path(pid, "environ", O_RDONLY);
}

static int maps_of(pid_t pid)
{
	return by_path(pid, "maps", O_RDONLY);
}

static int auxv_of(pid_t pid)
{
	return by_path(pid, "auxv", O_RDONLY);
}

static int map_files_of(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/map_files", (int)pid);
	dir = opendir(path);
	if (dir == NULL)
		return errno;
	errno = EPERM;
	while ((entry = readdir(dir)) != NULL && entry->d_name[0] == '.')
		errno = EPERM;
	(void)closedir(dir);
	return entry != NULL ? 0 : EPERM;
}

static int userns_of(pid_t pid)
{
	return by_link(pid, "ns/user");
}

static int task_root_of(pid_t pid)
{
	char name[32];

	snprintf(name, sizeof(name), "task/%d/root/etc", (int)pid);
	return by_path(pid, name, O_RDONLY | O_DIRECTORY);
}

static int attach_to(pid_t pid)
{
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
		return errno;
	(void)waitpid(pid, NULL, __WALL);
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) < 0 ? errno : 0;
}

static int seize(pid_t pid)
{
	return ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 ? errno : 0;
}

static int read_memory_of(pid_t pid)
{
	char seen[sizeof(secret)];
	struct iovec to = {seen, sizeof(seen)}, from = {secret, sizeof(secret)};

	return process_vm_readv(pid, &to, 1, &from, 1, 0) < 0 ? errno : 0;
}

static int write_memory_of(pid_t pid)
{
	struct iovec from = {secret, sizeof(secret)};

	return process_vm_writev(pid, &from, 1, &from, 1, 0) < 0 ? errno : 0;
}

static int take_fd_of(pid_t pid)
{
	int pidfd = (int)syscall(NR_PIDFD_OPEN, pid, 0u);

	if (pidfd < 0)
		return errno;
	return syscall(NR_PIDFD_GETFD, pidfd, 0, 0u) < 0 ? errno : 0;
}

static int compare_with(pid_t pid)
{
	return syscall(SYS_kcmp, getpid(), pid, 1L, 0L, 0L) < 0 ? errno : 0;
}

static const struct {
	const char *name;
	int (*try)(pid_t pid);
} attempts[] = {
	{"root", root_of},
	{"cwd", cwd_of},
	{"exe", exe_of},
	{"fd/0", fd_of},
	{"fdinfo/0", fdinfo_of},
	{"mem", mem_of},
	{"environ", environ_of},
	{"maps", maps_of},
	{"auxv", auxv_of},
	{"map_files", map_files_of},
	{"ns/user", userns_of},
	{"task root", task_root_of},
	{"PTRACE_ATTACH", attach_to},
	{"PTRACE_SEIZE", seize},
	{"process_vm_readv", read_memory_of},
	{"process_vm_writev", write_memory_of},
	{"pidfd_getfd", take_fd_of},
	{"kcmp", compare_with},
};

struct attempt {
	size_t number;
	bool walled;
	pid_t victim; /* 0: one of its own making */
};

static int attempt(void *arg)
{
	const struct attempt *a = arg;
	pid_t victim = a->victim;
	int r;

	if (a->walled && enter() < 0)
		return 255;
	if (victim == 0)
		victim = fork();
	if (victim == 0)
		for (;;)
			(void)pause();
	r = attempts[a->number].try(victim);
	if (a->victim == 0)
		(void)kill(victim, SIGKILL);
	return r;
}

static pid_t start_victim(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			(void)pause();
	return pid;
}

static void processes_outside_are_out_of_reach(void)
{
	pid_t victim = start_victim();
	size_t shown = 0;

	for (size_t i = 0; i < COUNT(attempts); i++) {
		struct attempt bare = {i, false, victim}, walled = {i, true, victim};
		int r = in_child(attempt, &walled);

		if (r != EPERM && r != EACCES) {
			test_failed++;
			fprintf(stderr, "  %s: errno %d\n", attempts[i].name, r);
		}
		/* Yama and old kernels have less to show. */
		shown += in_child(attempt, &bare) == 0;
	}
	(void)kill(victim, SIGKILL);
	(void)waitpid(victim, NULL, 0);
	CHECK(shown >= 8);
}

static void processes_inside_trace_each_other(void)
{
	for (size_t i = 0; i < COUNT(attempts); i++) {
		struct attempt bare = {i, false, 0}, walled = {i, true, 0};
		int r = in_child(attempt, &walled);

		if (r == in_child(attempt, &bare))
			continue;
		test_failed++;
		fprintf(stderr, "  %s: errno %d\n", attempts[i].name, r);
	}
}

static int without(void *arg)
{
	static struct err e;
	const int *error = arg;

	break_call(444, -1, 0, *error);
	if (walls_has_landlock())
		return 1;
	return walls_enter_landlock(&e) == -ENOSYS && e.id == ERR_WALL && e.errnum == ENOSYS ? 0
											     : 2;
}

static void old_kernels_have_none(void)
{
	/* 5.10; a container's filter; built but not enabled; a version below 2 */
	static int errors[] = {ENOSYS, EPERM, EOPNOTSUPP, 0};

	for (size_t i = 0; i < COUNT(errors); i++)
		CHECK(in_child(without, &errors[i]) == 0);
}

static int fail_late(void *arg)
{
	static struct err e;
	const int *nr = arg;

	break_call(*nr, -1, 0, E2BIG);
	if (walls_enter_landlock(&e) != -E2BIG || e.id != ERR_WALL || e.errnum != E2BIG)
		return 1;
	/* No descriptor is left open. */
	return fcntl(3, F_GETFD) < 0 && fcntl(4, F_GETFD) < 0 ? 0 : 2;
}

static int close_and_fail_late(void *arg)
{
	for (int fd = 3; fd < 64; fd++)
		(void)close(fd);
	return fail_late(arg);
}

static void failures_are_errors(void)
{
	int add = 445, restrict_self = 446;

	CHECK(in_child(close_and_fail_late, &add) == 0);
	CHECK(in_child(close_and_fail_late, &restrict_self) == 0);
}

static const struct test tests[] = {
	{"landlock: processes outside are out of reach (MUST 2)",
	 processes_outside_are_out_of_reach},
	{"landlock: processes inside trace each other", processes_inside_trace_each_other},
	{"landlock: failures are errors and leave nothing open", failures_are_errors},
};

static const struct test always[] = {
	{"landlock: old kernels and filters have none", old_kernels_have_none},
};

int main(void)
{
	/* CAP_PERFMON may read some of it anyhow; a command in a sandbox has no capability. */
	int r = caps_write(0) < 0 || test_main(always, COUNT(always));

	return walled_main(tests, COUNT(tests)) | r;
}
