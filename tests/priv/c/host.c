/* SPDX-License-Identifier: MIT */
/*
 * Runs a command on what looks to it like a host that refuses user namespaces to some only, which no
 * filter can say alone: it asks this process, which looks at who calls.
 *
 *	host KIND COMMAND...		as root; KIND is
 *	    sysctl	who has no CAP_SYS_ADMIN gets EPERM, as with kernel.unprivileged_userns_clone=0
 *	    ubuntu	who has none gets a user namespace in which no capability counts, as with
 *			kernel.apparmor_restrict_unprivileged_userns=1
 *
 * no_new_privs stays as it is. Ends with the command's status; what the command left behind finds
 * no supervisor then and has ENOSYS.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#endif

#define NR_OPEN_TREE      428 /* old headers lack these; since 5.1 all architectures number alike */
#define NR_MOVE_MOUNT     429
#define NR_FSOPEN         430
#define NR_CLONE3         435
#define NR_MOUNT_SETATTR  442
#define NR_OPEN_TREE_ATTR 467

#define LISTENER_AT 200 /* the number the listener has in the child before it is taken */

/* Whose user namespaces are without power, and whose are not: by the process that made them. */
static struct maker {
	pid_t pid;
	int stripped;
} makers[4096];
static size_t n_makers;

static struct sock_filter program[64];
static unsigned short length;

static void die(const char *what)
{
	fprintf(stderr, "host: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void emit(uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	program[length++] = (struct sock_filter){code, yes, no, k};
}

/* Asks about that call; with a mask only if the argument has one of its bits, by value if mask is 0. */
static void ask(long nr, unsigned int argument, uint32_t mask, uint32_t value)
{
	unsigned int low = offsetof(struct seccomp_data, args) + argument * 8;

	if (!mask && !value) {
		emit(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1);
		emit(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF, 0, 0);
		return;
	}
	emit(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 4);
	emit(BPF_LD | BPF_W | BPF_ABS, low, 0, 0);
	if (mask)
		emit(BPF_JMP | BPF_JSET | BPF_K, mask, 0, 1);
	else
		emit(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
	emit(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF, 0, 0);
	emit(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
}

static int listen_here(int ubuntu)
{
	static const long powers[] = {
		SYS_mount,   SYS_pivot_root,  NR_MOVE_MOUNT,     NR_MOUNT_SETATTR, NR_FSOPEN,
		SYS_umount2, SYS_sethostname, NR_OPEN_TREE_ATTR, SYS_chroot,       SYS_capget};
	struct sock_fprog filter = {0, program};

	emit(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
	emit(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0);
	emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	emit(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
	emit(BPF_JMP | BPF_JEQ | BPF_K, NR_CLONE3, 0, 1);
	emit(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
	if (ubuntu) {
		for (size_t i = 0; i < sizeof(powers) / sizeof(*powers); i++)
			ask(powers[i], 0, 0, 0);
		ask(SYS_unshare, 0, UINT32_MAX, 0);
		ask(NR_OPEN_TREE, 2, 1, 0); /* OPEN_TREE_CLONE */
		ask(SYS_openat, 2, O_WRONLY | O_RDWR, 0);
		ask(SYS_ioctl, 1, 0, SIOCSIFFLAGS);
	} else {
		ask(SYS_unshare, 0, CLONE_NEWUSER, 0);
	}
	ask(SYS_clone, 0, CLONE_NEWUSER, 0);
	emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	filter.len = length;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &filter);
}

/* ---- who calls */

static uint64_t effective_of(pid_t pid)
{
	char path[64], line[256];
	uint64_t caps = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "CapEff:", 7) == 0)
			caps = strtoull(line + 7, NULL, 16);
	if (f)
		fclose(f);
	return caps;
}

static pid_t parent_of(pid_t pid)
{
	char path[64], line[512] = "";
	const char *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f || !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	p = strrchr(line, ')');
	return p && strlen(p) > 4 ? (pid_t)atoi(p + 4) : 0;
}

/* Threads answer for their process. */
static pid_t process_of(pid_t tid)
{
	char path[64], line[256];
	pid_t pid = tid;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "Tgid:", 5) == 0)
			pid = (pid_t)atoi(line + 5);
	if (f)
		fclose(f);
	return pid;
}

static int in_own_userns(pid_t pid)
{
	char path[64];
	struct stat theirs, ours;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return stat(path, &theirs) == 0 && stat("/proc/self/ns/user", &ours) == 0 &&
	       theirs.st_ino != ours.st_ino;
}

static void remember(pid_t pid, int stripped)
{
	makers[n_makers++ % (sizeof(makers) / sizeof(*makers))] = (struct maker){pid, stripped};
}

/* Is this process in a user namespace without power? The last that it, or else an ancestor, made decides. */
static int is_stripped(pid_t pid)
{
	size_t room = sizeof(makers) / sizeof(*makers), n = n_makers < room ? n_makers : room;

	if (!in_own_userns(pid))
		return 0;
	for (; pid > 1; pid = parent_of(pid))
		for (size_t i = 0; i < n; i++) {
			const struct maker *m = &makers[(n_makers - 1 - i) % room];

			if (m->pid == pid)
				return m->stripped;
		}
	return 1;
}

/* ---- what is answered: 0 (go on) or an errno */

static int opens_map(pid_t pid, uint64_t address)
{
	char path[64], name[256] = "";
	const char *last;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (pread(fd, name, sizeof(name) - 1, (off_t)address) <= 0)
		name[0] = '\0';
	close(fd);
	last = strrchr(name, '/');
	last = last ? last + 1 : name;
	if (strcmp(last, "setgroups") == 0)
		return EACCES;
	return strcmp(last, "uid_map") == 0 || strcmp(last, "gid_map") == 0 ? EPERM : 0;
}

/* The kernel's answer to capget where a profile denies every capability: none is effective. */
static int no_capabilities(pid_t pid, uint64_t address)
{
	static const char none[2 * sizeof(struct __user_cap_data_struct)];
	char path[64];
	int fd, r;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	r = address && pwrite(fd, none, sizeof(none), (off_t)address) == (ssize_t)sizeof(none);
	close(fd);
	return r;
}

static int makes_userns(const struct seccomp_notif *n)
{
	return (n->data.nr == SYS_unshare || n->data.nr == SYS_clone) &&
	       n->data.args[0] & CLONE_NEWUSER;
}

static void answer(const struct seccomp_notif *n, int ubuntu, struct seccomp_notif_resp *r)
{
	pid_t pid = process_of((pid_t)n->pid);

	r->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (makes_userns(n) && !(ubuntu && is_stripped(pid))) {
		int may = effective_of((pid_t)n->pid) >> CAP_SYS_ADMIN & 1;

		if (ubuntu)
			remember(pid, !may);
		else if (!may)
			r->error = -EPERM;
	} else if (ubuntu && is_stripped(pid)) {
		if (n->data.nr == SYS_openat)
			r->error = -opens_map((pid_t)n->pid, n->data.args[1]);
		else if (n->data.nr == SYS_capget)
			r->flags = no_capabilities((pid_t)n->pid, n->data.args[1]) ? 0 : r->flags;
		else
			r->error = n->data.nr == SYS_mount ? -EACCES : -EPERM;
	}
	if (r->error)
		r->flags = 0;
}

static void serve(int listener, int ubuntu)
{
	struct seccomp_notif n;
	struct seccomp_notif_resp r;

	memset(&n, 0, sizeof(n));
	memset(&r, 0, sizeof(r));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n))
		return;
	r.id = n.id;
	answer(&n, ubuntu, &r);
	/* one that was killed meanwhile needs no answer */
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

/* Takes the child's listener; only the child can make it, and it must not keep it. */
static int take(pid_t child, int ready)
{
	long pidfd = syscall(SYS_pidfd_open, child, 0), fd;
	char byte;

	if (pidfd < 0 || read(ready, &byte, 1) != 1)
		die("no listener");
	fd = syscall(SYS_pidfd_getfd, pidfd, LISTENER_AT, 0);
	if (fd < 0)
		die("pidfd_getfd");
	close((int)pidfd);
	return (int)fd;
}

static void be_command(char **argv, int ubuntu, int ready, int go)
{
	char byte = 'x';
	int fd = listen_here(ubuntu);

	if (fd < 0)
		die("seccomp");
	if (dup2(fd, LISTENER_AT) < 0 || write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1)
		die("listener");
	close(fd);
	close(LISTENER_AT);
	execvp(argv[0], argv);
	die(argv[0]);
}

static int supervise(int listener, int ubuntu, pid_t child, int signals)
{
	struct pollfd fds[2] = {{.fd = listener, .events = POLLIN},
				{.fd = signals, .events = POLLIN}};
	struct signalfd_siginfo info;
	int status;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (fds[0].revents & POLLIN)
			serve(listener, ubuntu);
		if (fds[1].revents & POLLIN && read(signals, &info, sizeof(info)) > 0 &&
		    waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

int main(int argc, char **argv)
{
	int ready[2], go[2], ubuntu, listener, signals;
	sigset_t chld;
	pid_t child;

	ubuntu = argc > 1 && strcmp(argv[1], "ubuntu") == 0;
	if (argc < 3 || (!ubuntu && strcmp(argv[1], "sysctl"))) {
		fprintf(stderr, "usage: host sysctl|ubuntu COMMAND...\n");
		return 99;
	}
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		die("pipe");
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		be_command(argv + 2, ubuntu, ready[1], go[0]);
	}
	if (child < 0 || sigprocmask(SIG_BLOCK, &chld, NULL))
		die("fork");
	signals = signalfd(-1, &chld, SFD_CLOEXEC);
	listener = take(child, ready[0]);
	if (signals < 0 || write(go[1], "x", 1) != 1)
		die("start");
	return supervise(listener, ubuntu, child, signals);
}
