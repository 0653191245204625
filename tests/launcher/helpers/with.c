/* SPDX-License-Identifier: MIT */
/*
 * Runs a command with a condition that a shell cannot make:
 *
 *	with closed 012 -- CMD		these standard descriptors closed
 *	with path N FILE -- CMD		descriptor N open on FILE with O_PATH
 *	with rlimit NAME VALUE -- CMD	a resource limit (both soft and hard)
 *	with namespaces -- CMD		20 user, 21 pid, 22 net: namespaces that belong to the
 *					caller; 23 user: a child of 20
 *	with ambient CAP UID -- CMD	root becomes UID and keeps capability number CAP as ambient
 *	with pty -- CMD			a terminal as stdin, stdout and stderr; its output is copied
 *	with ignored SIG -- CMD		this signal ignored
 *	with blocked SIG -- CMD		this signal blocked
 *	with bpf NR ERRNO		writes a filter that makes system call NR fail
 *	with status -- CMD		prints how CMD ended as its parent sees it
 *	with default -- CMD		no signal ignored or blocked
 *	with clean -- CMD		no descriptor open but 0, 1 and 2
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/caps.h"

static void die(const char *what)
{
	fprintf(stderr, "with: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void become(char **argv)
{
	execvp(argv[0], argv);
	die(argv[0]);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	return status;
}

static int as_shell(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void with_closed(char **args, char **cmd)
{
	char *c;

	for (c = args[0]; *c; c++)
		close(*c - '0');
	become(cmd);
}

static void with_path(char **args, char **cmd)
{
	int fd = open(args[1], O_PATH);

	if (fd < 0 || (fd != atoi(args[0]) && dup2(fd, atoi(args[0])) < 0))
		die(args[1]);
	become(cmd);
}

static void with_rlimit(char **args, char **cmd)
{
	static const struct {
		const char *name;
		int which;
	} limits[] = {
		{"nofile", RLIMIT_NOFILE}, {"fsize", RLIMIT_FSIZE},     {"nproc", RLIMIT_NPROC},
		{"stack", RLIMIT_STACK},   {"cpu", RLIMIT_CPU},         {"as", RLIMIT_AS},
		{"data", RLIMIT_DATA},     {"memlock", RLIMIT_MEMLOCK},
	};
	struct rlimit r;
	size_t i;

	r.rlim_cur = r.rlim_max = strtoull(args[1], NULL, 10);
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (strcmp(args[0], limits[i].name) == 0) {
			if (setrlimit(limits[i].which, &r))
				die("setrlimit");
			become(cmd);
		}
	errno = EINVAL;
	die(args[0]);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void own_namespaces(int flags, unsigned int uid, unsigned int gid)
{
	char map[64];

	if (unshare(flags))
		die("unshare");
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	put("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	put("/proc/self/gid_map", map);
}

/* The holder's first child is the first process of the pid namespace, so that it can be joined. */
static void hold_namespaces(int ready, int release)
{
	unsigned int uid = geteuid(), gid = getegid();
	int up[2];
	char byte;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	own_namespaces(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET, uid, gid);
	if (pipe2(up, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		own_namespaces(CLONE_NEWUSER, uid, gid);
		if (write(up[1], "x", 1) == 1)
			pause();
		_exit(0);
	}
	/* this process is outside the pid namespace: the number is good for the caller's /proc */
	if (read(up[0], &byte, 1) != 1 || write(ready, &pid, sizeof(pid)) != sizeof(pid))
		die("namespaces");
	read(release, &byte, 1);
	_exit(0);
}

static void with_namespaces(char **args, char **cmd)
{
	static const char *const names[] = {"user", "pid_for_children", "net", "user"};
	int ready[2], release[2], i, status;
	pid_t holder, inner, pid;
	char path[64];

	(void)args;
	if (pipe2(ready, O_CLOEXEC) || pipe2(release, O_CLOEXEC))
		die("pipe");
	holder = fork();
	if (holder == 0) {
		close(release[1]);
		hold_namespaces(ready[1], release[0]);
	}
	close(ready[1]);
	if (read(ready[0], &inner, sizeof(inner)) != sizeof(inner)) {
		errno = ECHILD;
		die("namespaces");
	}
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 4; i++) {
			int fd;

			snprintf(path, sizeof(path), "/proc/%d/ns/%s",
				 (int)(i == 3 ? inner : holder), names[i]);
			fd = open(path, O_RDONLY);
			if (fd < 0 || dup2(fd, 20 + i) < 0)
				die(path);
			close(fd);
		}
		become(cmd);
	}
	status = wait_for(pid);
	kill(holder, SIGKILL);
	wait_for(holder);
	exit(as_shell(status));
}

static void with_ambient(char **args, char **cmd)
{
	int cap = atoi(args[0]);
	uid_t uid = (uid_t)atoi(args[1]);

	if (prctl(PR_SET_KEEPCAPS, 1) || setgroups(0, NULL) || setresgid(uid, uid, uid) ||
	    setresuid(uid, uid, uid))
		die("setresuid");
	if (caps_write(UINT64_C(1) << cap) || prctl(CAPS_AMBIENT, CAPS_AMBIENT_RAISE, cap, 0, 0))
		die("ambient");
	become(cmd);
}

static void with_pty(char **args, char **cmd)
{
	int main_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char buf[4096];
	ssize_t n;
	pid_t pid;

	(void)args;
	if (main_fd < 0 || grantpt(main_fd) || unlockpt(main_fd))
		die("pty");
	pid = fork();
	if (pid == 0) {
		int fd;

		setsid();
		fd = open(ptsname(main_fd), O_RDWR);
		if (fd < 0 || ioctl(fd, TIOCSCTTY, 0))
			die("terminal");
		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		if (fd > 2)
			close(fd);
		become(cmd);
	}
	while ((n = read(main_fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	fflush(stdout);
	exit(as_shell(wait_for(pid)));
}

static void with_ignored(char **args, char **cmd)
{
	signal(atoi(args[0]), SIG_IGN);
	become(cmd);
}

static void with_blocked(char **args, char **cmd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, atoi(args[0]));
	sigprocmask(SIG_BLOCK, &set, NULL);
	become(cmd);
}

static void with_bpf(char **args, char **cmd)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	(void)cmd;
	f[1].k = strcmp(args[0], "uname") == 0 ? SYS_uname : SYS_getpriority;
	f[2].k |= (unsigned int)atoi(args[1]);
	if (write(1, f, sizeof(f)) != sizeof(f))
		die("write");
	exit(0);
}

static void with_status(char **args, char **cmd)
{
	pid_t pid;
	int status;

	(void)args;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become(cmd);
	status = wait_for(pid);
	if (WIFEXITED(status))
		printf("ended with exit status %d\n", WEXITSTATUS(status));
	else
		printf("ended by signal %d\n", WTERMSIG(status));
	exit(0);
}

static void with_default(char **args, char **cmd)
{
	sigset_t none;
	int sig;

	(void)args;
	for (sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	become(cmd);
}

static void with_clean(char **args, char **cmd)
{
	int fd;

	(void)args;
	for (fd = 3; fd < 4096; fd++)
		close(fd);
	become(cmd);
}

static const struct {
	const char *name;
	int args;
	void (*run)(char **args, char **cmd);
} conditions[] = {
	{"closed", 1, with_closed},   {"path", 2, with_path},
	{"rlimit", 2, with_rlimit},   {"namespaces", 0, with_namespaces},
	{"ambient", 2, with_ambient}, {"pty", 0, with_pty},
	{"ignored", 1, with_ignored}, {"blocked", 1, with_blocked},
	{"bpf", 2, with_bpf},         {"status", 0, with_status},
	{"clean", 0, with_clean},     {"default", 0, with_default},
};

int main(int argc, char **argv)
{
	size_t i;
	int n;

	for (i = 0; argc > 1 && i < sizeof(conditions) / sizeof(*conditions); i++) {
		if (strcmp(argv[1], conditions[i].name))
			continue;
		n = 2 + conditions[i].args;
		if (argc < n || (argc > n && strcmp(argv[n], "--")))
			break;
		conditions[i].run(argv + 2, argv + (argc > n ? n + 1 : n));
	}
	fprintf(stderr, "with: see the top of with.c\n");
	return 99;
}
