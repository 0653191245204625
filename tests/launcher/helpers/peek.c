/* SPDX-License-Identifier: MIT */
/*
 * Prints what a process can see of itself and its files, in a form that is the same on every machine.
 * It is static and needs no /proc, so that it also runs in a sandbox which holds nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/caps.h"

extern char **environ;

static void print_id(const char *what, unsigned int id)
{
	const char *outer = getenv(strcmp(what, "uid") == 0 ? "OUTER_UID" : "OUTER_GID");

	/* the caller's own id differs between machines; 0 is told apart from it on purpose */
	if (outer && id && id == strtoul(outer, NULL, 10))
		printf("%s self\n", what);
	else
		printf("%s %u\n", what, id);
}

static int cmd_ids(char **argv)
{
	(void)argv;
	print_id("uid", getuid());
	print_id("gid", getgid());
	if (getuid() != geteuid() || getgid() != getegid())
		printf("effective ids differ\n");
	return 0;
}

/* "all" is every capability the kernel knows, or all that the caller of the launcher had */
static void print_caps(const char *what, uint64_t caps)
{
	const char *env = getenv("OUTER_CAPS");
	uint64_t outer = env ? strtoull(env, NULL, 16) : 0, every = 0;
	int cap;

	for (cap = 0; cap < 64 && prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		every |= UINT64_C(1) << cap;
	printf("%s", what);
	if (!caps)
		printf(" none");
	else if (caps == every || caps == outer)
		printf(" all");
	else if ((caps | UINT64_C(1) << 21) == every || (caps | UINT64_C(1) << 21) == outer)
		printf(" all but 21");
	else
		for (cap = 0; cap < 64; cap++)
			if (caps >> cap & 1)
				printf(" %d", cap);
	printf("\n");
}

static int cmd_caps(char **argv)
{
	struct caps c;

	(void)argv;
	if (caps_read(&c))
		return 1;
	print_caps("effective", c.effective);
	print_caps("permitted", c.permitted);
	print_caps("inheritable", c.inheritable);
	print_caps("bounding", c.bounding);
	print_caps("ambient", c.ambient);
	return 0;
}

static const char *fs_name(long type)
{
	switch (type) {
	case 0x01021994:
		return "tmpfs";
	case 0x9fa0:
		return "proc";
	case 0x1cd1:
		return "devpts";
	case 0x19800202:
		return "mqueue";
	case 0x794c7630:
		return "overlay";
	default:
		return "other";
	}
}

/* mount PATH...: the flags of the mount that each path is on */
static int cmd_mount(char **argv)
{
	for (; *argv; argv++) {
		struct statvfs v;
		struct statfs s;

		if (statvfs(*argv, &v) || statfs(*argv, &s)) {
			printf("%s: %s\n", *argv, strerror(errno));
			continue;
		}
		printf("%s: %s %s%s%s%s\n", *argv, fs_name((long)s.f_type),
		       v.f_flag & ST_RDONLY ? "ro" : "rw", v.f_flag & ST_NOSUID ? " nosuid" : "",
		       v.f_flag & 4 ? " nodev" : "", v.f_flag & 8 ? " noexec" : "");
	}
	return 0;
}

static int cmd_size(char **argv)
{
	struct statvfs v;

	if (!*argv || statvfs(*argv, &v))
		return 1;
	printf("%s: %llu bytes\n", *argv, (unsigned long long)v.f_blocks * v.f_frsize);
	return 0;
}

static int cmd_fds(char **argv)
{
	int fd;

	(void)argv;
	printf("fds");
	for (fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf(" %d", fd);
	printf("\n");
	return 0;
}

static int cmd_env(char **argv)
{
	char **e;

	(void)argv;
	for (e = environ; *e; e++)
		printf("%s\n", *e);
	return 0;
}

static const char *type_name(mode_t mode)
{
	if (S_ISREG(mode))
		return "file";
	if (S_ISDIR(mode))
		return "dir";
	if (S_ISLNK(mode))
		return "link";
	if (S_ISCHR(mode))
		return "chardev";
	return "other";
}

/* stat PATH...: type, mode, owner and a link's target; sizes and times differ between machines */
static int cmd_stat(char **argv)
{
	for (; *argv; argv++) {
		char target[256];
		struct stat st;
		ssize_t n;

		if (lstat(*argv, &st)) {
			printf("%s: %s\n", *argv, strerror(errno));
			continue;
		}
		printf("%s: %s %04o %s", *argv, type_name(st.st_mode), st.st_mode & 07777,
		       st.st_uid == getuid() ? "mine" : "not-mine");
		n = S_ISLNK(st.st_mode) ? readlink(*argv, target, sizeof(target) - 1) : -1;
		if (n >= 0)
			printf(" -> %.*s", (int)n, target);
		printf("\n");
	}
	return 0;
}

/* open PATH...: the outcome of opening each for reading and for writing */
static int cmd_open(char **argv)
{
	for (; *argv; argv++) {
		int fd = open(*argv, O_RDONLY | O_NONBLOCK);

		printf("%s: read %s", *argv, fd < 0 ? strerror(errno) : "ok");
		fd = open(*argv, O_WRONLY | O_NONBLOCK);
		printf(", write %s\n", fd < 0 ? strerror(errno) : "ok");
	}
	return 0;
}

static int cmd_create(char **argv)
{
	for (; *argv; argv++) {
		int fd = open(*argv, O_WRONLY | O_CREAT | O_EXCL, 0644);

		printf("create %s: %s\n", *argv, fd < 0 ? strerror(errno) : "ok");
	}
	return 0;
}

static int cmd_process(char **argv)
{
	int sig = -1;

	(void)argv;
	prctl(PR_GET_PDEATHSIG, &sig);
	printf("pid 1: %s\n", getpid() == 1 ? "yes" : "no");
	printf("parent: %s\n", getppid() == 0 ? "outside" : getppid() == 1 ? "pid 1" : "other");
	printf("session leader: %s\n", getsid(0) == getpid() ? "yes" : "no");
	printf("no_new_privs: %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	printf("parent death signal: %d\n", sig);
	return 0;
}

static int cmd_seccomp(char **argv)
{
	(void)argv;
	printf("seccomp mode: %d\n", prctl(PR_GET_SECCOMP));
	return 0;
}

/* standard FILE: what 0, 1 and 2 are; a closed one may have been replaced by /dev/null */
static int cmd_standard(char **argv)
{
	FILE *report = NULL;
	const char *is[3];
	int fd;

	for (fd = 0; fd < 3; fd++) {
		struct stat st;

		is[fd] = fstat(fd, &st)                               ? "none"
			 : S_ISREG(st.st_mode)                        ? "file"
			 : S_ISCHR(st.st_mode) && st.st_rdev == 0x103 ? "none"
								      : "other";
	}
	report = *argv ? fopen(*argv, "w") : NULL;
	if (!report)
		return 1;
	fprintf(report, "%s %s %s\n", is[0], is[1], is[2]);
	return fclose(report) != 0;
}

static int cmd_hostname(char **argv)
{
	struct utsname u;

	(void)argv;
	if (uname(&u))
		printf("uname: %s\n", strerror(errno));
	else
		printf("hostname %s\n", u.nodename);
	return 0;
}

/* lock FILE: the lock that another process holds. The init may take it after the command has begun. */
static int cmd_lock(char **argv)
{
	struct flock lock = {.l_type = F_UNLCK};
	int fd = *argv ? open(*argv, O_RDWR) : -1, tries;

	for (tries = 0; tries < 40; tries++) {
		lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
		if (fd < 0 || fcntl(fd, F_GETLK, &lock)) {
			printf("lock: %s\n", strerror(errno));
			return 1;
		}
		if (lock.l_type != F_UNLCK)
			break;
		usleep(20000);
	}
	printf("lock: %s\n", lock.l_type == F_RDLCK   ? "shared"
			     : lock.l_type == F_WRLCK ? "exclusive"
						      : "none");
	return 0;
}

static int cmd_umask(char **argv)
{
	(void)argv;
	printf("umask %04o\n", umask(0));
	return 0;
}

static int cmd_userns(char **argv)
{
	(void)argv;
	printf("unshare user ns: %s\n", syscall(SYS_unshare, 0x10000000) ? strerror(errno) : "ok");
	return 0;
}

static int cmd_signals(char **argv)
{
	sigset_t set;
	int sig;

	(void)argv;
	sigprocmask(SIG_BLOCK, NULL, &set);
	printf("blocked");
	for (sig = 1; sig < 32; sig++)
		if (sigismember(&set, sig) == 1)
			printf(" %d", sig);
	printf("\nignored");
	for (sig = 1; sig < 32; sig++) {
		struct sigaction sa;

		if (!sigaction(sig, NULL, &sa) && sa.sa_handler == SIG_IGN)
			printf(" %d", sig);
	}
	printf("\n");
	return 0;
}

/* argv...: the words it was called with; argv[0] is what --argv0 sets */
static int cmd_argv(char **argv)
{
	printf("argv0 %s\n", argv[-2]);
	for (; *argv; argv++)
		printf("word [%s]\n", *argv);
	return 0;
}

/* write FD TEXT, read FD: use an inherited descriptor */
static int cmd_write(char **argv)
{
	if (!argv[0] || !argv[1])
		return 2;
	if (write(atoi(argv[0]), argv[1], strlen(argv[1])) < 0)
		printf("write: %s\n", strerror(errno));
	return 0;
}

static int cmd_read(char **argv)
{
	char buf[256];
	ssize_t n = *argv ? read(atoi(*argv), buf, sizeof(buf)) : -1;

	if (n < 0)
		printf("read: %s\n", strerror(errno));
	else
		printf("read: %zd bytes: %.*s\n", n, (int)n, buf);
	return 0;
}

/* children: how many processes of this pid namespace answer; there are never many */
static int cmd_processes(char **argv)
{
	int pid, seen = 0;

	(void)argv;
	for (pid = 1; pid < 200; pid++)
		if (!kill(pid, 0) || errno == EPERM)
			seen++;
	printf("processes %d\n", seen);
	return 0;
}

static int cmd_suicide(char **argv)
{
	if (*argv)
		kill(getpid(), atoi(*argv));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(char **argv);
} commands[] = {
	{"ids", cmd_ids},
	{"caps", cmd_caps},
	{"mount", cmd_mount},
	{"size", cmd_size},
	{"fds", cmd_fds},
	{"env", cmd_env},
	{"stat", cmd_stat},
	{"open", cmd_open},
	{"create", cmd_create},
	{"process", cmd_process},
	{"hostname", cmd_hostname},
	{"lock", cmd_lock},
	{"umask", cmd_umask},
	{"userns", cmd_userns},
	{"signals", cmd_signals},
	{"argv", cmd_argv},
	{"write", cmd_write},
	{"read", cmd_read},
	{"processes", cmd_processes},
	{"suicide", cmd_suicide},
	{"seccomp", cmd_seccomp},
	{"standard", cmd_standard},
};

int main(int argc, char **argv)
{
	size_t i;

	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argv + 2);
	fprintf(stderr, "peek: what?\n");
	return 2;
}
