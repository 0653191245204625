/* SPDX-License-Identifier: MIT */
/*
 * Executes postern-priv by hand, as an attacker would, from a process that is set up in a hostile way:
 *
 *	hand -x PROGRAM [OPTION]... -- [WORD]...	the WORDs are PROGRAM's argv, argv[0] included
 *
 *	-f KIND[:FILE]	descriptor 99 is: memfd (a copy of FILE), file, fifo, dir, zero, sparse (1 TiB),
 *			opath, socket, wronly, end (FILE, read to its end); default: closed
 *	-0		argv is empty
 *	-E		envp is NULL
 *	-e NAME=VALUE	one more variable in an otherwise empty environment
 *	-c DIGITS	these of 0, 1, 2 are closed
 *	-p SIGNAL	blocked and pending
 *	-i SIGNAL	ignored
 *	-m MASK		octal umask
 *	-l NAME=VALUE	a resource limit, set last: nofile fsize nproc stack cpu memlock data as core
 *	-d DIR		the current directory, which is removed then
 *
 * Ends with 99 if that could not be prepared, and 126 if PROGRAM could not be executed.
 */
#include "../../escape/c/util.h"
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define PLAN_AT 99

static char *environment[64];
static int n_environment;

static int copy_of(const char *file)
{
	char buf[65536];
	int from = open(file, O_RDONLY | O_CLOEXEC),
	    fd = (int)syscall(SYS_memfd_create, "plan", 2U);
	ssize_t n;

	if (from < 0 || fd < 0)
		die("%s", file);
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(fd, buf, (size_t)n) != n)
			die("memfd");
	fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	return fd;
}

static int open_kind(const char *kind, const char *file)
{
	int fds[2], fd;

	if (!strcmp(kind, "memfd"))
		return copy_of(file);
	if (!strcmp(kind, "file") || !strcmp(kind, "end")) {
		fd = open(file, O_RDONLY);
		if (fd >= 0 && *kind == 'e')
			lseek(fd, 0, SEEK_END);
		return fd;
	}
	if (!strcmp(kind, "wronly"))
		return open(file, O_WRONLY);
	if (!strcmp(kind, "opath"))
		return open(file, O_PATH);
	if (!strcmp(kind, "dir"))
		return open("/", O_RDONLY | O_DIRECTORY);
	if (!strcmp(kind, "zero"))
		return open("/dev/zero", O_RDWR);
	if (!strcmp(kind, "fifo")) {
		/* the writer stays, so that a read would block */
		if (pipe(fds))
			return -1;
		return fds[0];
	}
	if (!strcmp(kind, "socket"))
		return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) ? -1 : fds[0];
	if (!strcmp(kind, "sparse")) {
		fd = (int)syscall(SYS_memfd_create, "sparse", 0U);
		return fd < 0 || ftruncate(fd, (off_t)1 << 40) ? -1 : fd;
	}
	errno = EINVAL;
	return -1;
}

static void plan_from(char *spec)
{
	char *file = strchr(spec, ':');
	int fd;

	if (file)
		*file++ = '\0';
	fd = open_kind(spec, file ? file : "");
	if (fd < 0 || dup2(fd, PLAN_AT) < 0)
		die("%s", spec);
	close(fd);
}

static void pend(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(sig);
}

static void limit(char *spec)
{
	static const struct {
		const char *name;
		int which;
	} limits[] = {
		{"nofile", RLIMIT_NOFILE}, {"fsize", RLIMIT_FSIZE}, {"nproc", RLIMIT_NPROC},
		{"stack", RLIMIT_STACK},   {"cpu", RLIMIT_CPU},     {"memlock", RLIMIT_MEMLOCK},
		{"data", RLIMIT_DATA},     {"as", RLIMIT_AS},       {"core", RLIMIT_CORE},
	};
	char *value = strchr(spec, '=');
	struct rlimit r;

	for (size_t i = 0; value && i < sizeof(limits) / sizeof(*limits); i++) {
		if (strncmp(spec, limits[i].name, (size_t)(value - spec)))
			continue;
		r.rlim_cur = r.rlim_max = strtoull(value + 1, NULL, 10);
		if (setrlimit(limits[i].which, &r))
			die("%s", spec);
		return;
	}
	errno = EINVAL;
	die("%s", spec);
}

static void vanish(const char *dir)
{
	if (mkdir(dir, 0700) || chdir(dir) || rmdir(dir))
		die("%s", dir);
}

int main(int argc, char **argv)
{
	char *empty[] = {NULL}, **envp = environment;
	const char *close_these = "", *program = NULL;
	char *limits[8];
	int o, no_argv = 0, n_limits = 0;

	while ((o = getopt(argc, argv, "+x:f:0Ee:c:p:i:m:l:d:")) != -1) {
		if (o == 'x')
			program = optarg;
		else if (o == 'f')
			plan_from(optarg);
		else if (o == '0')
			no_argv = 1;
		else if (o == 'E')
			envp = NULL;
		else if (o == 'e' && n_environment < 60)
			environment[n_environment++] = optarg;
		else if (o == 'c')
			close_these = optarg;
		else if (o == 'p')
			pend(atoi(optarg));
		else if (o == 'i')
			signal(atoi(optarg), SIG_IGN);
		else if (o == 'm')
			umask((mode_t)strtoul(optarg, NULL, 8));
		else if (o == 'l' && n_limits < 8)
			limits[n_limits++] = optarg;
		else if (o == 'd')
			vanish(optarg);
		else
			return 99;
	}
	if (!program)
		return 99;
	for (; *close_these; close_these++)
		close(*close_these - '0');
	for (int i = 0; i < n_limits; i++)
		limit(limits[i]);
	execve(program, no_argv ? empty : argv + optind, envp);
	dprintf(2, "hand: %s: %s\n", program, strerror(errno));
	return 126;
}
