/* SPDX-License-Identifier: MIT */
/*
 * forge LOG KIND [VALUE]: a command inside that appends "run" to LOG and writes a status message of
 * the launcher's own (src/sandbox/status.h) into everything that pid 1 can write to:
 *
 *	retry | command | ready | exit VALUE | type VALUE	a header
 *	error ERRNUM ID						a whole error
 *	long | short						too much, too little
 *	none							nothing, as a control
 * Prints how many descriptors took it. Static: runs inside.
 */
#include "util.h"
#include <linux/limits.h>
#include <sys/syscall.h>

enum { ERROR, RETRY, COMMAND, READY, EXIT };

/* What sandbox/status.c reads; a test that the forged exit arrives shows that it still fits. */
struct message {
	int type, value;
	struct {
		int id, errnum;
		char subject[2][PATH_MAX + 64];
	} err;
};

static char big[65536];

static size_t compose(struct message *m, int argc, char **argv)
{
	static const char *const names[] = {"error", "retry", "command", "ready", "exit"};
	const char *kind = argv[2];

	memset(m, 0, sizeof(*m));
	m->value = argc > 3 ? (int)strtol(argv[3], NULL, 0) : 0;
	for (int i = RETRY; i <= EXIT; i++)
		if (!strcmp(kind, names[i])) {
			m->type = i;
			return 2 * sizeof(int);
		}
	if (!strcmp(kind, "type")) {
		m->type = m->value;
		return 2 * sizeof(int);
	}
	if (!strcmp(kind, "short"))
		return 3;
	if (strcmp(kind, "error"))
		return 0;
	m->err.errnum = m->value;
	m->value = 0;
	m->err.id = argc > 4 ? (int)strtol(argv[4], NULL, 0) : 1;
	/* no end of string anywhere */
	memset(m->err.subject, 'x', sizeof(m->err.subject));
	return sizeof(*m);
}

/* A descriptor of pid 1 as ours: by name for a pipe, by ptrace's right for a socket. */
static int take(int pidfd, int fd)
{
	char path[64];
	int got;

	snprintf(path, sizeof(path), "/proc/1/fd/%d", fd);
	got = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
#ifdef SYS_pidfd_getfd
	if (got < 0)
		got = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
#endif
	return got;
}

int main(int argc, char **argv)
{
	struct message m;
	const void *data = &m;
	int log, pidfd = -1, taken = 0;
	size_t n;

	if (argc < 3)
		return 99;
	log = open(argv[1], O_WRONLY | O_APPEND);
	if (log < 0 || write(log, "run\n", 4) != 4)
		die("%s", argv[1]);
	n = compose(&m, argc, argv);
	if (!strcmp(argv[2], "long")) {
		memset(big, 0xff, sizeof(big));
		data = big;
		n = sizeof(big);
	}
	signal(SIGPIPE, SIG_IGN);
#ifdef SYS_pidfd_open
	pidfd = (int)syscall(SYS_pidfd_open, 1, 0);
#endif
	/* The reaper lets nobody look until it has given everything up. */
	for (int i = 0; i < 1000 && access("/proc/1/fd/0", F_OK) < 0 && errno == EACCES; i++)
		usleep(1000);
	for (int fd = 3; fd < 40 && n; fd++) {
		int to = take(pidfd, fd);

		if (to < 0)
			continue;
		taken += write(to, data, n) > 0;
		close(to);
	}
	printf("forged to %d\n", taken);
	fflush(stdout);
	usleep(100000);
	return 0;
}
