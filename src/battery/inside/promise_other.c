/* SPDX-License-Identifier: MIT */
/* Tries on what is no file: network, other processes, the environment. */
#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/num.h"
#include "battery/inside/inside.h"
#include "battery/inside/promises.h"
#include "battery/promise.h"

#define PROXY_WAIT_MS 500

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif

/* A bridge whose proxy has gone takes a connection and ends it. */
static int hangs_up(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLRDHUP};

	return poll(&p, 1, PROXY_WAIT_MS) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR))
		       ? ECONNRESET
		       : 0;
}

static int tcp(int kind, const char *port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	uint64_t number;
	int fd, e = 0;

	if (!num_decimal(port, 65535, &number))
		return ATTEMPT_SKIPPED;
	addr.sin_port = htons((uint16_t)number);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		e = errno;
	else if (kind == TRY_PROXY)
		e = hangs_up(fd);
	close(fd);
	return e;
}

static int local(const char *name, bool is_abstract)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t n = strlen(name);
	int fd, e = 0;

	if (n + 2 > sizeof(addr.sun_path))
		return ATTEMPT_SKIPPED;
	memcpy(addr.sun_path + is_abstract, name, n);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)&addr,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1)) < 0)
		e = errno;
	close(fd);
	return e;
}

static int new_unix(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int trace(void)
{
	pid_t pid = fork();
	int e = 0, status;

	if (pid < 0)
		return ATTEMPT_SKIPPED;
	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
		e = errno;
	else
		(void)waitpid(pid, &status, 0);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return e;
}

static int io_uring(void)
{
	char params[120] = {0}; /* struct io_uring_params */
	long fd = syscall(SYS_io_uring_setup, 1, params);

	if (fd < 0)
		return errno;
	close((int)fd);
	return 0;
}

static int capability(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 0;
	if (syscall(SYS_capget, &head, data) < 0)
		return ATTEMPT_SKIPPED;
	for (int i = 0; i < 2; i++)
		if (data[i].effective != 0 || data[i].permitted != 0)
			return 0;
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			return 0;
	return EPERM;
}

int promise_other(int kind, const char *what)
{
	switch (kind) {
	case TRY_TCP:
	case TRY_PROXY:
		return tcp(kind, what);
	case TRY_UNIX:
		return local(what, false);
	case TRY_ABSTRACT:
		return local(what, true);
	case TRY_NEW_UNIX:
		return new_unix();
	case TRY_PTRACE:
		return trace();
	case TRY_IO_URING:
		return io_uring();
	case TRY_VARIABLE:
		return getenv(what) != NULL ? 0 : ENOENT;
	case TRY_CAPABILITY:
		return capability();
	default:
		return ATTEMPT_SKIPPED;
	}
}
