/* SPDX-License-Identifier: MIT */
/*
 * Runs a command for which chosen system calls fail, by what they are asked for, as a security
 * module would have it:
 *
 *	refuse RULE... -- COMMAND...
 *	lock FILE -- COMMAND...		(as first word "lock") with an exclusive POSIX lock on FILE
 *
 * RULE is CALL=ERRNO, CALL:TEXT=ERRNO (only if the call's path or type is TEXT) or
 * prctl:N=ERRNO (only operation number N). The call "bind" is mount with MS_BIND. tests/shim/no_syscall cannot look at text; here a
 * supervisor does, through seccomp's user notification (Linux 5.5).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define RULES_MAX    16
#define NO_TEXT      (-1)

static const struct {
	const char *name;
	int nr, text; /* which argument is the text */
} calls[] = {
#ifdef __NR_open
	{"open", __NR_open, 0},
#endif
	{"open", __NR_openat, 1},      {"fsopen", 430, 0},
	{"mount", __NR_mount, 2},      {"mknod", __NR_mknodat, 1},
#ifdef __NR_mknod
	{"mknod", __NR_mknod, 0},
#endif
	{"prctl", __NR_prctl, 0},      {"wait", __NR_wait4, NO_TEXT},
	{"bind", __NR_mount, NO_TEXT},
};

static const struct {
	const char *name;
	int value;
} errnos[] = {
	{"EPERM", EPERM},   {"EACCES", EACCES}, {"ENOENT", ENOENT},
	{"ECHILD", ECHILD}, {"ENOSPC", ENOSPC}, {"EINVAL", EINVAL},
};

static struct rule {
	const char *call, *text;
	int error;
} rules[RULES_MAX];
static size_t n_rules;

static void die(const char *what)
{
	fprintf(stderr, "refuse: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void add_rule(char *word)
{
	char *equals = strrchr(word, '='), *colon;
	struct rule *r = &rules[n_rules++];

	if (equals == NULL || n_rules == RULES_MAX)
		die(word);
	*equals = '\0';
	for (size_t i = 0; i < COUNT(errnos); i++)
		if (strcmp(errnos[i].name, equals + 1) == 0)
			r->error = errnos[i].value;
	colon = strchr(word, ':');
	if (colon != NULL)
		*colon++ = '\0';
	r->call = word;
	r->text = colon;
	if (r->error == 0)
		die(equals + 1);
}

/* Every call that a rule names is handed to the supervisor; the listener, or -1. */
static int install(void)
{
	struct sock_filter code[2 + 2 * COUNT(calls) * RULES_MAX];
	struct sock_fprog prog = {.filter = code};

	code[prog.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < COUNT(calls); i++)
		for (size_t r = 0; r < n_rules; r++) {
			if (strcmp(calls[i].name, rules[r].call) != 0)
				continue;
			code[prog.len++] = (struct sock_filter)BPF_JUMP(
				BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].nr, 0, 1);
			code[prog.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
									SECCOMP_RET_USER_NOTIF);
		}
	code[prog.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &prog);
}

static struct msghdr *message(int *fd)
{
	static char space[CMSG_SPACE(sizeof(int))], byte = 'x';
	static struct iovec io = {&byte, 1};
	static struct msghdr m;
	struct cmsghdr *c;

	m = (struct msghdr){.msg_iov = &io,
			    .msg_iovlen = 1,
			    .msg_control = space,
			    .msg_controllen = sizeof(space)};
	if (fd != NULL) {
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(*fd));
		memcpy(CMSG_DATA(c), fd, sizeof(*fd));
	}
	return &m;
}

/* The text argument of a stopped call. */
static void read_text(pid_t pid, uint64_t address, char *ret, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : pread(fd, ret, size - 1, (off_t)address);
	ret[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		(void)close(fd);
}

/* Is the stopped call this one? Its text goes to ret. */
static bool is_call(const struct seccomp_notif *n, size_t i, char *ret, size_t size)
{
	ret[0] = '\0';
	if (calls[i].nr != n->data.nr)
		return false;
	if (strcmp(calls[i].name, "bind") == 0)
		return n->data.args[3] & MS_BIND && !(n->data.args[3] & MS_REMOUNT);
	if (calls[i].nr == __NR_prctl)
		snprintf(ret, size, "%d", (int)n->data.args[0]);
	else if (calls[i].text != NO_TEXT)
		read_text((pid_t)n->pid, n->data.args[calls[i].text], ret, size);
	return true;
}

static int decide(const struct seccomp_notif *n)
{
	char text[256];

	for (size_t i = 0; i < COUNT(calls); i++) {
		if (!is_call(n, i, text, sizeof(text)))
			continue;
		for (size_t r = 0; r < n_rules; r++)
			if (strcmp(rules[r].call, calls[i].name) == 0 &&
			    (rules[r].text == NULL || strcmp(rules[r].text, text) == 0))
				return rules[r].error;
	}
	return 0;
}

static void answer(int listener)
{
	struct seccomp_notif n;
	struct seccomp_notif_resp r;

	memset(&n, 0, sizeof(n));
	memset(&r, 0, sizeof(r));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
		return;
	r.id = n.id;
	r.error = -decide(&n);
	r.flags = r.error == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

static int supervise(pid_t child, int listener)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};
	int status;

	for (;;) {
		if (poll(&p, 1, 50) > 0 && p.revents & POLLIN)
			answer(listener);
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

static int lock(char **argv)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(argv[0], O_RDWR | O_CLOEXEC), status;
	pid_t pid;

	if (fd < 0 || fcntl(fd, F_SETLK, &l) < 0)
		die(argv[0]);
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		die(argv[2]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("fork");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int main(int argc, char **argv)
{
	int sockets[2], listener, i = 1;
	struct cmsghdr *c;
	struct msghdr *m;
	pid_t pid;

	if (argc > 4 && strcmp(argv[1], "lock") == 0)
		return lock(argv + 2);
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		add_rule(argv[i]);
	if (i + 1 >= argc || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		die("usage: refuse RULE... -- COMMAND...");
	pid = fork();
	if (pid == 0) {
		listener = install();
		if (listener < 0 || sendmsg(sockets[1], message(&listener), 0) < 0)
			die("seccomp");
		(void)close(listener);
		execvp(argv[i + 1], argv + i + 1);
		die(argv[i + 1]);
	}
	(void)close(sockets[1]);
	m = message(NULL);
	if (pid < 0 || recvmsg(sockets[0], m, MSG_CMSG_CLOEXEC) <= 0 ||
	    (c = CMSG_FIRSTHDR(m)) == NULL)
		die("no listener");
	memcpy(&listener, CMSG_DATA(c), sizeof(listener));
	return supervise(pid, listener);
}
