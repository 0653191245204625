/* SPDX-License-Identifier: MIT */
/*
 * probe WHAT [ARGS]: a command inside that looks at the sandbox's first process from the moment of
 * its own exec. Reads only, but for the file that `data` names. Static: runs inside.
 *
 *	fd		"hit ..." and status 7 if a descriptor of pid 1 leads to a directory
 *	trace		the same for what pid 1 is while attached: filter, capabilities, descriptors;
 *			else "attached" if it could be attached, or "never attached"
 *	data PATH	tries to write PATH through the descriptors of pid 1
 *	rest		waits until pid 1 may be looked at, then lists its descriptors above 2
 *	std OUT		what 0, 1 and 2 are, here and in pid 1; written to descriptor OUT
 *	writable PATH	"writable", or the error's text
 *	options PATH	the options of the mount there
 */
#include "util.h"
#include <sys/ptrace.h>

#define ROUNDS  200
#define HIGHEST 40

/* What a descriptor is, without opening it: a directory, or anything with a path, is a find. */
static const char *kind_of(int pid, int fd, char *link, size_t size)
{
	char path[64];
	struct stat st;
	ssize_t n;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	else
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, size - 1);
	if (n < 0)
		return NULL;
	link[n] = '\0';
	if (strncmp(link, "anon_inode:", 11) == 0)
		return "anonymous";
	if (stat(path, &st) < 0)
		return "unknown";
	if (S_ISDIR(st.st_mode))
		return "dir";
	if (S_ISFIFO(st.st_mode))
		return "pipe";
	if (S_ISSOCK(st.st_mode))
		return "socket";
	if (S_ISCHR(st.st_mode) && st.st_rdev == 0x103)
		return "null";
	return S_ISREG(st.st_mode) ? "file" : "other";
}

static int find_dir(const char *when, int round)
{
	char link[4096];

	for (int fd = 3; fd < HIGHEST; fd++) {
		const char *kind = kind_of(1, fd, link, sizeof(link));

		if (!kind || strcmp(kind, "dir"))
			continue;
		printf("hit %s: fd %d of pid 1 is %s, round %d\n", when, fd, link, round);
		return 7;
	}
	return 0;
}

static int probe_fd(void)
{
	for (int round = 0; round < ROUNDS; round++)
		if (find_dir("untraced", round))
			return 7;
	return 0;
}

/* Is "\nNAME:\tVALUE" a line of this status file? */
static int has_line(const char *status, const char *line)
{
	const char *p = strstr(status, line);

	return p && p[strlen(line)] == '\n';
}

static int look_attached(int want_filter)
{
	char status[8192];
	int fd = open("/proc/1/status", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);

	if (n < 0)
		die("/proc/1/status");
	close(fd);
	status[n] = '\0';
	if (want_filter && !has_line(status, "\nSeccomp:\t2")) {
		puts("hit attached: pid 1 has no filter");
		return 7;
	}
	if (!has_line(status, "\nCapPrm:\t0000000000000000")) {
		puts("hit attached: pid 1 has capabilities");
		return 7;
	}
	return find_dir("attached", 0);
}

static int probe_trace(int want_filter)
{
	for (int round = 0; round < ROUNDS * 10; round++) {
		int r;

		if (ptrace(PTRACE_ATTACH, 1, 0, 0) < 0)
			continue;
		waitpid(1, NULL, __WALL);
		r = look_attached(want_filter);
		ptrace(PTRACE_DETACH, 1, 0, 0);
		if (!r)
			puts("attached");
		return r;
	}
	puts("never attached");
	return 0;
}

/* Files in a hidden directory are named by number or by a word: whatever the directory lists. */
static int write_below(int fd)
{
	char path[64];
	struct dirent *e;
	int hit = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/1/fd/%d", fd);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		int file = openat(dirfd(d), e->d_name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
		struct stat st;

		if (file < 0)
			continue;
		/* only what has the mark of the test's own data */
		if (fstat(file, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 12)
			hit = write(file, "changed data", 12) == 12;
		close(file);
	}
	if (d)
		closedir(d);
	return hit;
}

static int probe_data(const char *path)
{
	char now[64] = "";
	int fd;

	for (int round = 0; round < ROUNDS; round++)
		for (fd = 3; fd < HIGHEST; fd++)
			if (write_below(fd))
				round = ROUNDS;
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, now, sizeof(now) - 1) < 0)
		die("%s", path);
	if (!strncmp(now, "first", 5))
		return 0;
	printf("hit: the data is now: %s\n", now);
	return 7;
}

static int probe_rest(void)
{
	char link[4096];
	int waited = 0;

	for (; waited < 1000 && access("/proc/1/fd/0", F_OK) < 0 && errno == EACCES; waited++)
		usleep(1000);
	usleep(50000);
	if (waited == 1000)
		puts("closed to us");
	for (int fd = 3; fd < 1024; fd++) {
		const char *kind = kind_of(1, fd, link, sizeof(link));

		if (kind)
			printf("%s\n", kind);
	}
	return 0;
}

static int probe_std(int out)
{
	char link[4096];

	usleep(50000);
	for (int pid = 0; pid < 2; pid++)
		for (int fd = 0; fd < 3; fd++) {
			const char *kind = kind_of(pid, fd, link, sizeof(link));

			dprintf(out, "%s %d %s\n", pid ? "reaper" : "command", fd,
				kind ? kind : "closed");
		}
	return 0;
}

static int probe_options(const char *path)
{
	char line[8192], point[4096], opts[1024], last[1024] = "no mount";
	FILE *f = fopen("/proc/self/mountinfo", "re");

	if (!f)
		die("mountinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d %*d %*s %*s %4095s %1023s", point, opts) == 2 &&
		    !strcmp(point, path))
			memcpy(last, opts, sizeof(last));
	fclose(f);
	puts(last);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "fd"))
		return probe_fd();
	if (!strcmp(what, "trace"))
		return probe_trace(argc > 2);
	if (!strcmp(what, "data") && argc > 2)
		return probe_data(argv[2]);
	if (!strcmp(what, "rest"))
		return probe_rest();
	if (!strcmp(what, "std") && argc > 2)
		return probe_std(atoi(argv[2]));
	if (!strcmp(what, "writable") && argc > 2) {
		puts(access(argv[2], W_OK) == 0 ? "writable" : strerror(errno));
		return 0;
	}
	if (!strcmp(what, "options") && argc > 2)
		return probe_options(argv[2]);
	return 99;
}
