/* SPDX-License-Identifier: MIT */
/*
 * given WHAT: what a command in a sandbox was given, and what it is refused. Static: runs anywhere.
 *
 *	secure		"secure=N dumpable=N": AT_SECURE of this process, and whether it may be traced
 *	env NAME...	these variables, one per line; count: how many there are
 *	calls		"NAME ERRNO" for system calls that a sandbox needs least (CVE-2021-41133), with arguments
 *			that nobody can have meant
 *	fds		"outside PATH" for each descriptor above 2 whose file cannot be reached by its path here
 *	fill N COMMAND...	executes it with N variables and no others
 */
#include "../../escape/c/util.h"
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

extern char **environ;

static int show_env(char **names)
{
	size_t n = 0;

	if (*names && !strcmp(*names, "count")) {
		while (environ[n])
			n++;
		printf("%zu\n", n);
		return 0;
	}
	for (; *names; names++)
		printf("%s=%s\n", *names, getenv(*names) ? getenv(*names) : "(unset)");
	return 0;
}

/* Since 5.1 all architectures number alike; the older ones have their names. */
static const struct {
	const char *name;
	long nr, args[4];
} calls[] = {
	{"open_tree", 428, {-1, 0, 1, 0}},
	{"move_mount", 429, {-1, 0, -1, 0}},
	{"fsopen", 430, {0, 0, 0, 0}},
	{"fsconfig", 431, {-1, 0, 0, 0}},
	{"fsmount", 432, {-1, 0, 0, 0}},
	{"fspick", 433, {-1, 0, 0, 0}},
	{"clone3", 435, {0, 0, 0, 0}},
	{"mount_setattr", 442, {-1, 0, 0, 0}},
	{"open_tree_attr", 467, {-1, 0, 0, 0}},
	{"io_uring_setup", 425, {0, 0, 0, 0}},
	{"mount", SYS_mount, {0, 0, 0, 0}},
	{"umount2", SYS_umount2, {0, 0, 0, 0}},
	{"pivot_root", SYS_pivot_root, {0, 0, 0, 0}},
	{"unshare NEWUSER", SYS_unshare, {0x10000000, 0, 0, 0}},
	{"setns", SYS_setns, {-1, 0, 0, 0}},
	{"bpf", SYS_bpf, {-1, 0, 0, 0}},
	{"keyctl", SYS_keyctl, {0x7fff, 0, 0, 0}},
	{"add_key", SYS_add_key, {0, 0, 0, 0}},
	{"request_key", SYS_request_key, {0, 0, 0, 0}},
	{"userfaultfd", SYS_userfaultfd, {-1, 0, 0, 0}},
	{"perf_event_open", SYS_perf_event_open, {0, 0, 0, 0}},
	{"init_module", SYS_init_module, {0, 0, 0, 0}},
	{"kexec_load", SYS_kexec_load, {0, 0, 0, -1}},
};

static int try_calls(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const long *a = calls[i].args;
		long r = syscall(calls[i].nr, a[0], a[1], a[2], a[3], 0L, 0L);

		printf("%s %s\n", calls[i].name,
		       r >= 0            ? "done"
		       : errno == EPERM  ? "EPERM"
		       : errno == ENOSYS ? "ENOSYS"
					 : strerror(errno));
	}
	return 0;
}

static int show_fds(void)
{
	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++) {
		char link[64], path[4096];
		struct stat here, there;
		ssize_t n;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, path, sizeof(path) - 1);
		if (n < 0 || path[0] != '/')
			continue;
		path[n] = '\0';
		if (fstat(fd, &here) || stat(path, &there) || here.st_ino != there.st_ino ||
		    here.st_dev != there.st_dev)
			printf("outside %d %s\n", fd, path);
	}
	puts("end");
	return 0;
}

static int fill(size_t n, char **argv)
{
	char **env = calloc(n + 1, sizeof(*env)), *names = calloc(n, 32);

	if (!env || !names)
		die("memory");
	for (size_t i = 0; i < n; i++) {
		env[i] = names + 32 * i;
		snprintf(env[i], 32, "V%zu=1", i);
	}
	execve(argv[0], argv, env);
	die("%s", argv[0]);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "secure"))
		return printf("secure=%lu dumpable=%d\n", getauxval(AT_SECURE),
			      prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)) < 0;
	if (!strcmp(what, "env"))
		return show_env(argv + 2);
	if (!strcmp(what, "calls"))
		return try_calls();
	if (!strcmp(what, "fds"))
		return show_fds();
	if (!strcmp(what, "fill") && argc > 3)
		return fill(strtoul(argv[2], NULL, 10), argv + 3);
	return 99;
}
