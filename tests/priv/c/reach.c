/* SPDX-License-Identifier: MIT */
/*
 * What a missing user namespace would let a command reach of its user's other processes, tried for real.
 *
 *	reach session COMMAND...	outside: in the session keyring that all of these share
 *	reach hold FILE		outside: the process to be reached. It has keys, a secret in memory and one in FILE.keep,
 *				which it holds open; writes what an attacker may guess to FILE and waits
 *	reach all PROC FILE HIDDEN	inside: every attempt on the holder, through the procfs at PROC; HIDDEN is a file
 *				of the host that the sandbox does not show
 *	reach ATTEMPT PROC FILE HIDDEN	one of them
 *	reach scan PROC HIDDEN	HIDDEN through the root of any process that PROC lists
 *	reach fd N HIDDEN	the same through descriptor N, a folder of procfs
 *	reach userns		a new user namespace, by unshare, clone, clone3 and as an i386 program
 *	reach join PID		the other way round: what a process outside gains in PID's user namespace
 *
 * One line for each attempt: "NAME closed ERRNO" or "NAME OPEN".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reach.h"

/* ---- outside */

/* As after a login: one session keyring for the holder and for who starts the sandbox, whoever was first. */
static int in_session(char **argv)
{
	long key = KEYCTL(1L, "postern-reach", 0L, 0L, 0L);

	if (key >= 0)
		KEYCTL(5L, key, 0x3f1f0000L /* its user may join it */, 0L, 0L);
	execvp(argv[0], argv);
	return 99;
}

static int hold(const char *file)
{
	char keep[4096];
	FILE *out;
	long user, session;
	int fd;

	snprintf(keep, sizeof(keep), "%s.keep", file);
	fd = open(keep, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || dup2(fd, 40) < 0 || write(40, SECRET, sizeof(SECRET)) < 0)
		return 1;
	session = syscall(SYS_add_key, "user", "postern-reach-session", SECRET, sizeof(SECRET),
			  KEY_SESSION);
	user = syscall(SYS_add_key, "user", "postern-reach-user", SECRET, sizeof(SECRET), KEY_USER);
	out = fopen(file, "w");
	if (!out)
		return 1;
	fprintf(out, "%d %lx %ld %ld\n", (int)getpid(), (unsigned long)secret, session, user);
	fclose(out);
	for (;;)
		pause();
}

/* ---- attempts: 0 and something was reached, or the errno */

static int at(const struct target *t, char *path, size_t size, const char *what)
{
	return snprintf(path, size, "%s/%d/%s", t->proc, t->pid, what) >= (int)size;
}

static int open_at(const struct target *t, const char *what, int flags)
{
	char path[4096];

	at(t, path, sizeof(path), what);
	return open(path, flags | O_CLOEXEC);
}

/* Reads or looks up: a file that opens but says nothing is closed. */
static int says(const struct target *t, const char *what)
{
	char c;
	int fd = open_at(t, what, O_RDONLY), r;

	if (fd < 0)
		return errno;
	errno = ENODATA;
	r = read(fd, &c, 1) == 1 ? 0 : errno;
	close(fd);
	return r;
}

static int write_root(const struct target *t)
{
	char what[4096];
	int fd;

	snprintf(what, sizeof(what), "root%s", t->hidden);
	fd = open_at(t, what, O_WRONLY | O_APPEND);
	return fd >= 0 && write(fd, "reached\n", 8) == 8 ? 0 : errno;
}

static int write_cwd(const struct target *t)
{
	char what[4096] = "cwd/../../../../../../../..";
	int fd;

	strncat(what, t->hidden, sizeof(what) - 64);
	fd = open_at(t, what, O_WRONLY | O_APPEND);
	return fd >= 0 && write(fd, "reached\n", 8) == 8 ? 0 : errno;
}

static int task_root(const struct target *t)
{
	char what[4096];

	snprintf(what, sizeof(what), "task/%d/root%s", t->pid, t->hidden);
	return says(t, what);
}

static int held_fd(const struct target *t)
{
	int fd = open_at(t, "fd/40", O_WRONLY);

	return fd >= 0 && write(fd, "reached", 7) == 7 ? 0 : errno;
}

static int exe(const struct target *t)
{
	return says(t, "exe");
}

static int environ_of(const struct target *t)
{
	return says(t, "environ");
}

static int maps(const struct target *t)
{
	return says(t, "maps");
}

static int mem(const struct target *t)
{
	char seen[sizeof(SECRET)];
	int fd = open_at(t, "mem", O_RDWR);

	if (fd < 0)
		return errno;
	errno = ENODATA;
	return pread(fd, seen, sizeof(seen), (off_t)t->address) == sizeof(seen) ? 0 : errno;
}

static int attach(const struct target *t)
{
	long word;

	if (ptrace(PTRACE_ATTACH, t->pid, NULL, NULL) < 0)
		return errno;
	waitpid(t->pid, NULL, __WALL);
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, t->pid, (void *)t->address, NULL);
	ptrace(PTRACE_DETACH, t->pid, NULL, NULL);
	return word == -1 ? errno : 0;
}

static int seize(const struct target *t)
{
	return ptrace(PTRACE_SEIZE, t->pid, NULL, NULL) < 0 ? errno : 0;
}

static int vm_read(const struct target *t)
{
	char seen[sizeof(SECRET)];
	struct iovec to = {seen, sizeof(seen)}, from = {(void *)t->address, sizeof(seen)};

	return process_vm_readv(t->pid, &to, 1, &from, 1, 0) < 0 ? errno : 0;
}

static int vm_write(const struct target *t)
{
	struct iovec from = {secret, sizeof(secret)}, to = {(void *)t->address, sizeof(secret)};

	return process_vm_writev(t->pid, &from, 1, &to, 1, 0) < 0 ? errno : 0;
}

static int take_fd(const struct target *t)
{
	int pidfd = (int)syscall(434 /* pidfd_open */, t->pid, 0), fd;

	if (pidfd < 0)
		return errno;
	fd = (int)syscall(438 /* pidfd_getfd */, pidfd, 40, 0);
	return fd >= 0 && write(fd, "reached", 7) == 7 ? 0 : errno;
}

static int namespaces(const struct target *t)
{
	static const char *const names[] = {"ns/user", "ns/mnt", "ns/pid", "ns/net"};
	int r = ENOENT;

	for (size_t i = 0; i < 4; i++) {
		int fd = open_at(t, names[i], O_RDONLY);

		if (fd >= 0)
			return 0;
		r = errno;
	}
	return r;
}

static const struct {
	const char *name;
	int (*try)(const struct target *t);
} attempts[] = {
	{"root", write_root},
	{"cwd", write_cwd},
	{"task-root", task_root},
	{"fd", held_fd},
	{"exe", exe},
	{"environ", environ_of},
	{"maps", maps},
	{"mem", mem},
	{"ptrace", attach},
	{"seize", seize},
	{"vm-read", vm_read},
	{"vm-write", vm_write},
	{"pidfd", take_fd},
	{"ns", namespaces},
	{"session-key", session_key},
	{"session-key-number", session_key_by_number},
	{"user-key", user_key},
	{"user-key-number", user_key_by_number},
	{"request-key", asked_key},
	{"add-key", added_key},
#ifdef __x86_64__
	{"i386-key", i386_key},
	{"i386-ptrace", i386_attach},
	{"x32-key", x32_key},
#endif
};

/* Each in a process of its own, so that none lives on what another reached. */
static int attempt(const struct target *t, size_t i)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int r = attempts[i].try(t);

		_exit(r > 0 && r < 255 ? r : r ? 254 : 0);
	}
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status))
		return printf("%s closed signal\n", attempts[i].name), 0;
	if (WEXITSTATUS(status) == 0)
		return printf("%s OPEN\n", attempts[i].name), 1;
	printf("%s closed %s\n", attempts[i].name, errno_name(WEXITSTATUS(status)));
	return 0;
}

static int attack(const char *name, char **argv)
{
	struct target t = {.proc = argv[0], .hidden = argv[2]};
	FILE *in = fopen(argv[1], "r");
	int open = 0, tried = 0;

	if (!in ||
	    fscanf(in, "%d %lx %ld %ld", &t.pid, &t.address, &t.session_key, &t.user_key) != 4)
		return 99;
	fclose(in);
	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++)
		if (strcmp(name, "all") == 0 || strcmp(name, attempts[i].name) == 0) {
			fflush(stdout);
			open += attempt(&t, i);
			tried++;
		}
	return tried ? open != 0 : 99;
}

/* ---- others */

static int scan(int dir, const char *name, const char *hidden)
{
	DIR *d = dir < 0 ? NULL : fdopendir(dir);
	struct dirent *e;
	char path[8192];
	int r = d ? ENOENT : errno;

	while (d && (e = readdir(d))) {
		static const char *const ways[] = {"%s/root%s", "%s/task/../root%s", "root%s",
						   "../%s/root%s"};

		for (size_t i = 0; i < 4; i++) {
			if (i == 2)
				snprintf(path, sizeof(path), "root%s", hidden);
			else
				snprintf(path, sizeof(path), ways[i], e->d_name, hidden);
			if (faccessat(dirfd(d), path, W_OK, 0) == 0)
				return one(name, 0);
			if (errno != ENOENT && errno != ENOTDIR)
				r = errno;
		}
	}
	return one(name, r);
}

static int userns(void)
{
	uint64_t args[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
	int bad = 0;
	pid_t pid;

	pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	bad |= one("clone", pid < 0 ? errno : 0);
	pid = (pid_t)syscall(435, args, (size_t)64);
	if (pid == 0)
		_exit(0);
	bad |= one("clone3", pid < 0 ? errno : 0);
#ifdef __x86_64__
	bad |= one("i386-unshare", i386_call(310, CLONE_NEWUSER, 0, 0, 0));
	bad |= one("x32-unshare", syscall(SYS_unshare | X32_BIT, CLONE_NEWUSER) < 0 ? errno : 0);
#endif
	return one("unshare", unshare(CLONE_NEWUSER) < 0 ? errno : 0) | bad;
}

static void show_caps(void)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "CapEff:", 7) == 0)
			printf("capabilities %s", line + 8);
	if (f)
		fclose(f);
}

static int join(const char *pid)
{
	static const struct {
		const char *name;
		int type;
	} others[] = {{"mnt", CLONE_NEWNS},
		      {"pid", CLONE_NEWPID},
		      {"net", CLONE_NEWNET},
		      {"uts", CLONE_NEWUTS}};
	char path[64];
	int fd[4], user;

	/* First all fds: inside, /proc is another. */
	snprintf(path, sizeof(path), "/proc/%s/ns/user", pid);
	user = open(path, O_RDONLY | O_CLOEXEC);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, others[i].name);
		fd[i] = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (!one("user", user < 0 || setns(user, CLONE_NEWUSER) < 0 ? errno : 0))
		return 0;
	show_caps();
	for (size_t i = 0; i < 4; i++)
		one(others[i].name, fd[i] < 0 || setns(fd[i], others[i].type) < 0 ? errno : 0);
	one("mount", mount("reach", "/tmp", "tmpfs", 0, NULL) < 0 ? errno : 0);
	return 1;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IONBF, 0);
	if (strcmp(what, "hold") == 0 && argc == 3)
		return hold(argv[2]);
	if (strcmp(what, "session") == 0 && argc > 2)
		return in_session(argv + 2);
	if (strcmp(what, "scan") == 0 && argc == 4)
		return scan(open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC), "scan", argv[3]);
	if (strcmp(what, "fd") == 0 && argc == 4)
		return scan(openat(atoi(argv[2]), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "fd",
			    argv[3]);
	if (strcmp(what, "userns") == 0)
		return userns();
	if (strcmp(what, "join") == 0 && argc == 3)
		return join(argv[2]);
	if (argc == 5)
		return attack(what, argv + 2);
	fprintf(stderr, "usage: see reach.c\n");
	return 99;
}
