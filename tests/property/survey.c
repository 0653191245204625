/* SPDX-License-Identifier: MIT */
/*
 * The command of the property tests: prints everything that it can see of the sandbox that it runs in.
 *
 *	survey show STATUS PROC PATH...	a report, one line for each thing; ends with STATUS
 *	survey resolve PROC PATH	what PATH leads to in this root, as a path without links and dots
 *
 * PROC is a descriptor of the caller's /proc, so that the sandbox needs none. PATHs are walked.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../include/caps.h"

#define OBJECTS_MAX 4000
#define DEPTH_MAX   12

extern char **environ;

static int objects;

/* Text that may hold anything, on one line */
static void put(const char *text)
{
	for (; *text; text++) {
		if (isprint((unsigned char)*text) && *text != '\\')
			putchar(*text);
		else
			printf("\\%03o", (unsigned char)*text);
	}
}

static void show_process(void)
{
	struct utsname u;
	char cwd[PATH_MAX];
	sigset_t set;
	gid_t groups[64];
	mode_t mask = umask(0);
	int n = getgroups(64, groups), sig, death = -1;

	printf("id uid=%u euid=%u gid=%u egid=%u groups=", getuid(), geteuid(), getgid(),
	       getegid());
	for (int i = 0; i < n; i++)
		printf("%u,", groups[i]);
	printf("\numask %04o\n", mask);
	umask(mask);
	printf("cwd ");
	put(getcwd(cwd, sizeof(cwd)) ? cwd : strerror(errno));
	prctl(PR_GET_PDEATHSIG, &death);
	printf("\nprocess pid=%d leader=%d nnp=%d seccomp=%d dumpable=%d\n",
	       getpid() < 4 ? getpid() : 0, getsid(0) == getpid(),
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_SECCOMP),
	       prctl(PR_GET_DUMPABLE));
	printf("death signal=%d\n", death);
	printf("hostname ");
	put(uname(&u) ? strerror(errno) : u.nodename);
	printf("\nsignals");
	sigprocmask(SIG_BLOCK, NULL, &set);
	for (sig = 1; sig < 65; sig++) {
		struct sigaction sa;

		if (sigismember(&set, sig) == 1)
			printf(" blocked=%d", sig);
		if (!sigaction(sig, NULL, &sa) && sa.sa_handler == SIG_IGN)
			printf(" ignored=%d", sig);
	}
	printf("\n");
}

static void show_caps(void)
{
	struct caps c;

	if (caps_read(&c))
		printf("caps %s\n", strerror(errno));
	else
		printf("caps eff=%llx prm=%llx inh=%llx bnd=%llx amb=%llx\n",
		       (unsigned long long)c.effective, (unsigned long long)c.permitted,
		       (unsigned long long)c.inheritable, (unsigned long long)c.bounding,
		       (unsigned long long)c.ambient);
}

static void show_env(void)
{
	for (char **e = environ; *e; e++) {
		printf("env ");
		put(*e);
		printf("\n");
	}
}

static void show_fds(void)
{
	for (int fd = 0; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFL);
		struct stat st;

		if (flags < 0 || fstat(fd, &st))
			continue;
		printf("fd %d type=%o mode=%x cloexec=%d", fd, st.st_mode & S_IFMT,
		       (unsigned)flags & (O_ACCMODE | O_PATH | O_APPEND | O_NONBLOCK),
		       fcntl(fd, F_GETFD));
		if (fd > 2 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
			printf(" ino=%llu offset=%lld", (unsigned long long)st.st_ino,
			       S_ISREG(st.st_mode) ? (long long)lseek(fd, 0, SEEK_CUR) : 0LL);
		printf("\n");
	}
}

/* Every line of a file in /proc/self, with NAME before it */
static void show_file(int proc, const char *name, const char *file)
{
	int fd = openat(proc, file, O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	static char line[65536];

	if (!f) {
		printf("%s: %s\n", name, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), f))
		printf("%s %s", name, line);
	fclose(f);
}

static void show_namespaces(int proc)
{
	static const char *const names[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[64], text[64];
		ssize_t n;

		snprintf(path, sizeof(path), "self/ns/%s", names[i]);
		n = readlinkat(proc, path, text, sizeof(text) - 1);
		printf("ns %s %.*s\n", names[i], n < 0 ? 1 : (int)n, n < 0 ? "?" : text);
	}
}

static uint64_t hash_of(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	uint64_t hash = 14695981039346656037ULL;
	unsigned char buf[8192];
	ssize_t n;

	if (fd < 0)
		return (uint64_t)errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			hash = (hash ^ buf[i]) * 1099511628211ULL;
	close(fd);
	return hash;
}

static int is_kernels_own(int fd)
{
	struct statfs s;

	if (fstatfs(fd, &s))
		return 1;
	/* procfs, sysfs, devpts, cgroup, cgroup2: what is in them is not the launcher's doing */
	return s.f_type == 0x9fa0 || s.f_type == 0x62656572 || s.f_type == 0x1cd1 ||
	       s.f_type == 0x27e0eb || s.f_type == 0x63677270;
}

static void show_object(int dir, const char *name, const char *path, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n;

	printf("tree ");
	put(path);
	printf("\ttype=%o mode=%o uid=%u gid=%u", st->st_mode & S_IFMT, st->st_mode & 07777,
	       st->st_uid, st->st_gid);
	if (S_ISREG(st->st_mode))
		printf(" size=%lld hash=%llx", (long long)st->st_size,
		       (unsigned long long)hash_of(dir, name));
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		printf(" rdev=%u:%u", major(st->st_rdev), minor(st->st_rdev));
	if (S_ISLNK(st->st_mode)) {
		n = readlinkat(dir, name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		printf(" target=");
		put(target);
	} else {
		printf(" write=%s", faccessat(dir, name, W_OK, 0) ? strerror(errno) : "yes");
	}
	printf("\n");
}

static void walk(int dir, const char *name, const char *path, int depth)
{
	struct dirent *e;
	struct stat st;
	int fd;
	DIR *d;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW)) {
		printf("tree ");
		put(path);
		printf("\t%s\n", strerror(errno));
		return;
	}
	show_object(dir, name, path, &st);
	if (!S_ISDIR(st.st_mode) || depth > DEPTH_MAX || ++objects > OBJECTS_MAX)
		return;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || is_kernels_own(fd) || !(d = fdopendir(fd))) {
		printf("tree ");
		put(path);
		printf("/\t%s\n", fd < 0 ? strerror(errno) : "not entered");
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(d))) {
		char below[PATH_MAX];

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(below, sizeof(below), "%s/%s", strcmp(path, "/") ? path : "", e->d_name);
		walk(dirfd(d), e->d_name, below, depth + 1);
	}
	closedir(d);
}

static int show(int argc, char **argv)
{
	int proc = atoi(argv[1]);

	show_process();
	show_caps();
	show_env();
	show_fds();
	show_namespaces(proc);
	show_file(proc, "uid_map", "self/uid_map");
	show_file(proc, "gid_map", "self/gid_map");
	show_file(proc, "setgroups", "self/setgroups");
	show_file(proc, "mount", "self/mountinfo");
	for (int i = 2; i < argc; i++)
		walk(AT_FDCWD, argv[i], argv[i], 0);
	printf("end\n");
	return fflush(stdout) ? 99 : atoi(argv[0]);
}

/* Cuts the first component off *text, which stays where it was in memory. */
static char *component(char **text)
{
	char *c = *text + strspn(*text, "/");
	size_t n = strcspn(c, "/");

	*text = c + n;
	if (c[n])
		*(*text)++ = '\0';
	return c;
}

/*
 * One step up. What does not exist will have been made on the way: it is told, because it stays.
 */
static void up(char *path, int tell)
{
	char *slash = strrchr(path, '/');
	struct stat st;

	if (tell && *path && lstat(path, &st) && errno == ENOENT)
		printf("made %s\n", path);
	if (slash)
		*slash = '\0';
}

/*
 * As the kernel would, but what does not exist is taken for a directory that will be made. With
 * follow 0 a link at the very end stays. 0, or -1: too many links or too long.
 */
static int resolve(const char *path, int follow, char done[PATH_MAX])
{
	char todo[2 * PATH_MAX], rest[2 * PATH_MAX], link[PATH_MAX], *left = todo;
	int links = 0, slash = path[strlen(path) - 1] == '/';
	struct stat st;

	snprintf(todo, sizeof(todo), "%s", path);
	done[0] = '\0';
	for (;;) {
		char *name = component(&left);
		size_t have = strlen(done);
		ssize_t n;

		if (!*name) {
			if (slash && follow)
				printf(slash > 1 ? "slash\nlinkslash\n" : "slash\n");
			return 0;
		}
		if (!strcmp(name, "."))
			continue;
		if (*done && follow && !stat(done, &st) && !S_ISDIR(st.st_mode))
			printf("nodir\n");
		if (!strcmp(name, "..")) {
			up(done, follow);
			continue;
		}
		if (have + strlen(name) + 2 > PATH_MAX)
			return -1;
		snprintf(done + have, PATH_MAX - have, "/%s", name);
		n = !follow && !left[strspn(left, "/")] ? -1
							: readlink(done, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		/* as the last thing it asks for a directory */
		if (n && link[n - 1] == '/' && !left[strspn(left, "/")])
			slash = 2;
		if (++links > 40)
			return -1;
		done[*link == '/' ? 0 : have] = '\0';
		if (snprintf(rest, sizeof(rest), "%s/%s", link, left) >= PATH_MAX)
			return -1;
		strcpy(todo, rest);
		left = todo;
	}
}

static int show_resolved(char **argv)
{
	char path[PATH_MAX], link[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (resolve(argv[1], 1, path))
		printf("loop\n");
	else
		printf("followed %s\n%s\n", *path ? path : "/",
		       stat(*path ? path : "/", &st) ? "missing"
		       : S_ISDIR(st.st_mode) ? "directory"
					     : "file");
	if (resolve(argv[1], 0, path))
		return fflush(stdout) ? 99 : 7;
	printf("named %s\n", *path ? path : "/");
	n = readlink(*path ? path : "/", link, sizeof(link) - 1);
	if (n >= 0)
		printf("link %.*s\n", (int)n, link);
	else if (!lstat(*path ? path : "/", &st))
		printf("exists\n");
	return fflush(stdout) ? 99 : 7;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOFBF, 65536);
	if (argc > 3 && !strcmp(argv[1], "show"))
		return show(argc - 2, argv + 2);
	if (argc == 4 && !strcmp(argv[1], "resolve"))
		return show_resolved(argv + 2);
	return 99;
}
