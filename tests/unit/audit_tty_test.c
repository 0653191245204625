/* SPDX-License-Identifier: MIT */
/* The terminal's name for the audit record and for PAM: a caller may not name one that is not its own. */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "priv/audit.h"
#include "test.h"

/* audit_tty with this fd as the three standard ones. */
static const char *tty_of(int fd)
{
	static char name[64];
	int saved[3];
	const char *tty;

	for (int i = 0; i < 3; i++) {
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		(void)dup2(fd, i);
	}
	tty = audit_tty(name, sizeof(name));
	for (int i = 0; i < 3; i++) {
		(void)dup2(saved[i], i);
		(void)close(saved[i]);
	}
	return tty;
}

static int new_pty(char *name, size_t size, int *ret_master)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), fd;

	CHECK(master >= 0 && unlockpt(master) == 0 && ptsname_r(master, name, size) == 0);
	fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(fd >= 0);
	*ret_master = master;
	return fd;
}

static void a_terminal_has_its_name(void)
{
	char name[64], small[6];
	int master, fd = new_pty(name, sizeof(name), &master);
	const char *tty = tty_of(fd);

	CHECK(tty != NULL);
	if (tty != NULL)
		CHECK_STR(tty, name + strlen("/dev/"));
	CHECK(tty_of(master) == NULL); /* /dev/ptmx */
	CHECK(audit_tty(small, 2) == NULL);
	(void)close(fd);
	(void)close(master);
}

static void what_is_no_terminal_has_none(void)
{
	char path[] = "/tmp/audit_tty_test.XXXXXX";
	int fds[2], fd;

	CHECK(pipe(fds) == 0);
	CHECK(tty_of(fds[0]) == NULL);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	CHECK(tty_of(fd) == NULL);
	(void)close(fd);
	fd = mkstemp(path);
	CHECK(fd >= 0 && tty_of(fd) == NULL);
	(void)close(fd);
	(void)unlink(path);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* O_PATH opens what one may not read or write: another user's terminal, by its name. */
static void a_terminal_that_was_not_opened_has_none(void)
{
	char name[64];
	int master, fd = new_pty(name, sizeof(name), &master),
		    path = open(name, O_PATH | O_CLOEXEC);

	CHECK(path >= 0 && tty_of(path) == NULL);
	(void)close(path);
	(void)close(fd);
	(void)close(master);
}

/*
 * In a mount namespace of its own, with terminals of its own on /dev/pts: pts/0, opened. Handed out
 * through the socket. Says whether that is possible here.
 */
static int foreign_terminal(int socket)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec io = {(char[]){"x"}, 1};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
	int fd, master;

	if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return 0;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666") < 0)
		return 0;
	master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY);
	if (master < 0 || unlockpt(master) < 0)
		return 0;
	fd = open("/dev/pts/0", O_RDWR | O_NOCTTY);
	m.msg_control = &control;
	m.msg_controllen = sizeof(control);
	CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
	CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &fd, sizeof(fd));
	(void)sendmsg(socket, &m, MSG_NOSIGNAL);
	(void)read(socket, &fd, 1); /* the namespace lives until its terminal was looked at */
	return 1;
}

/* Another mount namespace's pts/0 is called /dev/pts/0 here too, but it is not ours. */
static void another_namespaces_terminal_has_none(void)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte, link[64] = "", path[64], name[64];
	struct iovec io = {&byte, 1};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
	int sockets[2], fd, master, own = new_pty(name, sizeof(name), &master);
	pid_t pid;

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets) == 0);
	pid = fork();
	if (pid == 0) {
		(void)close(sockets[0]);
		_exit(foreign_terminal(sockets[1]));
	}
	(void)close(sockets[1]);
	m.msg_control = &control;
	m.msg_controllen = sizeof(control);
	/* where a user may make no namespace there is nothing to try; the tests run as root too */
	if (recvmsg(sockets[0], &m, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&m) != NULL) {
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		CHECK(readlink(path, link, sizeof(link) - 1) > 0);
		CHECK_STR(link, "/dev/pts/0");
		CHECK(tty_of(fd) == NULL);
		(void)close(fd);
	}
	(void)close(sockets[0]);
	CHECK(waitpid(pid, NULL, 0) == pid);
	(void)close(own);
	(void)close(master);
}

static const struct test tests[] = {
	{"tty: a terminal has its name", a_terminal_has_its_name},
	{"tty: what is no terminal has none", what_is_no_terminal_has_none},
	{"tty: one that was not opened has none", a_terminal_that_was_not_opened_has_none},
	{"tty: another namespace's has none", another_namespaces_terminal_has_none},
};

TEST_MAIN(tests)
