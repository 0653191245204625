/* SPDX-License-Identifier: MIT */
/* What a command has from its start: descriptors, a directory, power. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdio.h"
#include "battery/inside/caps.h"
#include "battery/inside/inside.h"

#define FDS_SEARCHED 1024 /* where /proc does not list them */

static bool is_open(int fd, struct buf *detail)
{
	char path[32], link[100];
	ssize_t n;

	if (fcntl(fd, F_GETFD) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link));
	buf_str(detail, "descriptor ");
	buf_i64(detail, fd);
	buf_str(detail, n > 0 ? " is " : " is open");
	for (ssize_t i = 0; i < n; i++)
		buf_char(detail, link[i] > ' ' && link[i] < 0x7f ? link[i] : '?');
	return true;
}

/* Three were given, and this program has opened none. */
static int descriptors(const struct aim *a, struct buf *detail)
{
	DIR *d;
	struct dirent *e;

	(void)a;
	for (int fd = 3; fd < FDS_SEARCHED; fd++)
		if (is_open(fd, detail))
			return 0;
	d = opendir("/proc/self/fd");
	while (d != NULL && (e = readdir(d)) != NULL) {
		int fd = atoi(e->d_name);

		if (fd >= FDS_SEARCHED && fd != dirfd(d) && is_open(fd, detail))
			return 0;
	}
	return EBADF;
}

/* Upwards from the current directory there must be this root, and nothing above it. (CVE-2024-21626) */
static int directory(const struct aim *a, struct buf *detail)
{
	struct stat root, top, up;

	(void)a;
	for (int i = 0; i < 100; i++)
		if (chdir("..") < 0)
			return errno;
	if (stat("/", &root) < 0 || stat(".", &top) < 0 || stat("/..", &up) < 0)
		return errno;
	if (root.st_dev == top.st_dev && root.st_ino == top.st_ino && root.st_dev == up.st_dev &&
	    root.st_ino == up.st_ino)
		return ENOENT;
	buf_str(detail, "the current directory is not below the root");
	return 0;
}

static int capabilities(const struct aim *a, struct buf *detail)
{
	struct caps c;

	(void)a;
	if (caps_read(&c) < 0)
		return ATTEMPT_SKIPPED;
	const struct {
		const char *name;
		uint64_t set;
	} sets[] = {{"CapEff", c.effective},
		    {"CapPrm", c.permitted},
		    {"CapInh", c.inheritable},
		    {"CapBnd", c.bounding},
		    {"CapAmb", c.ambient}};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (sets[i].set != 0) {
			buf_str(detail, sets[i].name);
			buf_str(detail, " is ");
			inside_put_caps(detail, sets[i].set);
			return 0;
		}
	return EPERM;
}

static int new_privileges(const struct aim *a, struct buf *detail)
{
	int set = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

	(void)a;
	if (set < 0) {
		buf_str(detail, "the kernel has no no_new_privs");
		return ATTEMPT_SKIPPED;
	}
	if (set == 0) {
		buf_str(detail, "it is not set");
		return 0;
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) < 0 ? errno : 0;
}

/* Its output does not fit into the pipe, so it waits there, to be looked at. */
static int full_pipe(int ret[2])
{
	char page[4096];

	memset(page, ' ', sizeof(page));
	if (pipe2(ret, O_CLOEXEC) < 0)
		return errno;
	fcntl(ret[1], F_SETPIPE_SZ, (int)sizeof(page));
	fcntl(ret[1], F_SETFL, O_NONBLOCK);
	while (write(ret[1], page, sizeof(page)) > 0)
		;
	while (write(ret[1], page, 1) > 0)
		;
	return fcntl(ret[1], F_SETFL, 0) < 0 ? errno : 0;
}

static const char *line_of(const char *status, const char *name)
{
	const char *p = strstr(status, name);

	return p != NULL ? p + strlen(name) : NULL;
}

/* Has the process another user's power? 0 yes, EPERM no, EAGAIN not to be told yet, ESRCH it is gone */
static int look(pid_t pid, struct buf *detail)
{
	char path[32], status[2048];
	const char *uid, *state;
	unsigned real, effective, saved;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (fd_read_file(AT_FDCWD, path, status, sizeof(status)) <= 0)
		return ESRCH;
	state = line_of(status, "\nState:\t");
	uid = line_of(status, "\nUid:\t");
	if (state == NULL || uid == NULL || *state == 'Z' ||
	    sscanf(uid, "%u %u %u", &real, &effective, &saved) != 3)
		return ESRCH;
	if (effective != getuid() || saved != getuid()) {
		buf_str(detail, "it ran as user ");
		buf_u64(detail, effective);
		return 0;
	}
	return *state == 'S' ? EPERM : EAGAIN;
}

static void be_setuid_program(const char *path, int out, int report)
{
	char *const argv[] = {(char *)(uintptr_t)path, (char *)(uintptr_t) "--help", NULL};
	int r;

	dup2(out, 1);
	dup2(out, 2);
	execv(path, argv);
	r = errno;
	(void)!write(report, &r, sizeof(r)); /* none comes: taken for a program that is gone */
	_exit(0);
}

/* Another pid namespace's would show other processes by our numbers. */
static bool is_proc_ours(void)
{
	char self[16] = "";

	return readlink("/proc/self", self, sizeof(self) - 1) > 0 && atoi(self) == (int)getpid();
}

static int setuid_program(const struct aim *a, struct buf *detail)
{
	int full[2], report[2], r = 0;
	pid_t pid;

	if (a->setuid == NULL)
		return ATTEMPT_SKIPPED;
	if (!is_proc_ours()) {
		buf_str(detail, "it has no /proc of its own to see the program by");
		return ATTEMPT_SKIPPED;
	}
	if (full_pipe(full) != 0 || pipe2(report, O_CLOEXEC) < 0)
		return errno;
	pid = fork();
	if (pid < 0)
		return errno;
	if (pid == 0)
		be_setuid_program(a->setuid, full[1], report[1]);
	close(report[1]);
	close(full[1]);
	if (read(report[0], &r, sizeof(r)) != (ssize_t)sizeof(r)) {
		r = EAGAIN;
		for (int tries = 0; tries < 1000 && r == EAGAIN; tries++) {
			r = look(pid, detail);
			if (r == EAGAIN)
				usleep(500);
		}
	}
	kill(pid, SIGKILL);
	close(full[0]); /* ends it where the signal was refused */
	if (r == EAGAIN || r == ESRCH) {
		buf_str(detail, "the program was gone before it could be looked at");
		return ATTEMPT_SKIPPED;
	}
	return r;
}

const struct attempt attempts_self[ATTEMPTS_MAX] = {
	{ATTACK_FD_LEAK, "descriptors", descriptors},
	{ATTACK_FD_LEAK, "directory", directory},
	{ATTACK_CAPABILITIES, "sets", capabilities},
	{ATTACK_NEW_PRIVILEGES, "prctl", new_privileges},
	{ATTACK_SETUID_PROGRAM, "exec", setuid_program},
};
