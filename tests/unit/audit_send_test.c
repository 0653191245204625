/* SPDX-License-Identifier: MIT */
/* The audit record's way to syslog (MUST 8), with collectors that are slow, gone, or full (MUST 10). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit_sound.h"
#include "test.h"

/* A name in a folder of its own. */
static struct sockaddr_un address(const char *name)
{
	char dir[] = "/tmp/audit_test.XXXXXX";
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", dir, name);
	return a;
}

/* Takes the name and the folder away again. */
static void forget(const struct sockaddr_un *at)
{
	char dir[sizeof(at->sun_path)];

	strcpy(dir, at->sun_path);
	*strrchr(dir, '/') = '\0';
	(void)unlink(at->sun_path);
	CHECK(rmdir(dir) == 0);
}

static int collector(int type, const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	CHECK(fd >= 0 && bind(fd, (const struct sockaddr *)at, sizeof(*at)) == 0);
	if (type == SOCK_STREAM)
		CHECK(listen(fd, 0) == 0);
	return fd;
}

static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* <PRI>Mmm dd hh:mm:ss postern-priv[4711]: and the record */
static void check_message(const char *got, const char *priority)
{
	const char *body = strstr(got, "decision=");

	CHECK(strncmp(got, priority, 4) == 0);
	CHECK(strlen(got) > 20 && got[7] == ' ' && got[10] == ' ' && got[13] == ':' &&
	      got[16] == ':' && got[19] == ' ');
	CHECK(strncmp(got + 19, " postern-priv[4711]: ", 21) == 0);
	CHECK(body == got + 40 && is_sound(body));
}

static void a_datagram_for_each_record(void)
{
	struct sockaddr_un at = address("dgram");
	int fd = collector(SOCK_DGRAM, &at);
	struct audit a = sample();
	char got[4096];
	ssize_t n;

	a.cwd = "/x\ndecision=allow";
	CHECK(audit_send(&a, AUDIT_REQUIRED, at.sun_path) == 0);
	a.decision = "refuse";
	CHECK(audit_send(&a, AUDIT_BEST_EFFORT, at.sun_path) == 0);
	for (int i = 0; i < 2; i++) {
		n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);
		CHECK(n > 0 && memchr(got, '\0', (size_t)n) == NULL);
		got[n > 0 ? n : 0] = '\0';
		check_message(got, i == 0 ? "<86>" : "<84>"); /* authpriv: info, warning */
	}
	CHECK(recv(fd, got, sizeof(got), MSG_DONTWAIT) < 0 && errno == EAGAIN);
	(void)close(fd);
	forget(&at);
}

/* Some syslog daemons listen on a stream: a NUL ends the record. */
static void a_stream_where_syslog_is_one(void)
{
	struct sockaddr_un at = address("stream");
	int fd = collector(SOCK_STREAM, &at), from;
	struct timeval wait = {2, 0};
	struct audit a = sample();
	char got[4096] = "";
	ssize_t n;

	CHECK(audit_send(&a, AUDIT_REQUIRED, at.sun_path) == 0);
	from = accept(fd, NULL, NULL);
	CHECK(from >= 0 && setsockopt(from, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0);
	n = recv(from, got, sizeof(got), MSG_WAITALL);
	CHECK(n > 0 && strnlen(got, sizeof(got)) == (size_t)n - 1);
	CHECK(recv(from, got + n, 1, 0) == 0); /* the end, not the time */
	check_message(got, "<86>");
	(void)close(from);
	(void)close(fd);
	forget(&at);
}

static void without_a_collector_there_is_an_error(void)
{
	struct sockaddr_un at = address("gone");
	struct audit a = sample();
	char longer[200];
	double began = seconds();

	CHECK(audit_send(&a, AUDIT_REQUIRED, at.sun_path) == -ENOENT);
	CHECK(audit_send(&a, AUDIT_BEST_EFFORT, at.sun_path) == -ENOENT);
	CHECK(audit_send(&a, AUDIT_OFF, at.sun_path) == 0);
	(void)close(collector(SOCK_DGRAM, &at));
	CHECK(audit_send(&a, AUDIT_REQUIRED, at.sun_path) == -ECONNREFUSED);
	(void)unlink(at.sun_path);
	(void)close(collector(SOCK_STREAM, &at));
	CHECK(audit_send(&a, AUDIT_REQUIRED, at.sun_path) < 0);
	forget(&at);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	CHECK(audit_send(&a, AUDIT_REQUIRED, longer) == -ENAMETOOLONG);
	CHECK(seconds() - began < 1);
}

/* Other users can fill syslog's queue: that must not hold a start for ever (MUST 10). */
static int fill(int type, const struct sockaddr_un *at, int *fds, int room)
{
	int n = 0, fd;

	while (n < room) {
		fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 ||
		    (type == SOCK_DGRAM && send(fd, "x", 1, 0) < 0)) {
			CHECK(errno == EAGAIN);
			(void)close(fd);
			return n;
		}
		fds[n++] = fd;
	}
	CHECK(!"the queue becomes full");
	return n;
}

static void a_full_queue_costs_two_seconds(void)
{
	static const int types[] = {SOCK_DGRAM, SOCK_STREAM};
	struct audit a = sample();
	static int fds[5000];

	(void)alarm(20); /* what waits for ever must not hold the tests */
	for (int i = 0; i < 2; i++) {
		struct sockaddr_un at = address("full");
		int fd = collector(types[i], &at), n = fill(types[i], &at, fds, 900);
		double began = seconds();

		CHECK(audit_send(&a, AUDIT_REQUIRED, at.sun_path) == -EAGAIN);
		CHECK(seconds() - began > 1.5 && seconds() - began < 2.5);
		while (n > 0)
			(void)close(fds[--n]);
		(void)close(fd);
		forget(&at);
	}
	(void)alarm(0);
}

/* audit_send in a child, on a full queue, stopped and continued n times; its status. */
static int stopped_and_continued(const struct sockaddr_un *at, int fd, int rounds)
{
	struct audit a = sample();
	pid_t pid = fork();
	char got[4096];
	int status = -1;

	if (pid == 0 && alarm(20) == 0)
		_exit(audit_send(&a, AUDIT_BEST_EFFORT, at->sun_path) == 0 ? 0 : 1);
	for (int i = 0; i < rounds && waitpid(pid, &status, WNOHANG) == 0; i++) {
		(void)usleep(20000);
		(void)kill(pid, SIGSTOP);
		(void)usleep(20000);
		(void)kill(pid, SIGCONT);
	}
	/* and now there is room */
	while (status == -1 && recv(fd, got, sizeof(got), MSG_DONTWAIT) > 0)
		;
	if (status == -1)
		CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

/* The caller may signal a process with its uid; it must neither lose the record nor hold the process. */
static void stopping_the_process_loses_no_record(void)
{
	struct sockaddr_un at = address("stopped");
	int fd = collector(SOCK_DGRAM, &at), n;
	static int fds[5000];
	double began;

	n = fill(SOCK_DGRAM, &at, fds, 900);
	CHECK(stopped_and_continued(&at, fd, 20) == 0);
	while (n > 0)
		(void)close(fds[--n]);
	n = fill(SOCK_DGRAM, &at, fds, 900);
	began = seconds();
	CHECK(stopped_and_continued(&at, fd, 1000) != 0);
	CHECK(seconds() - began < 3);
	while (n > 0)
		(void)close(fds[--n]);
	(void)close(fd);
	forget(&at);
}

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 1000; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void no_descriptor_is_left(void)
{
	int before = open_fds();

	without_a_collector_there_is_an_error();
	a_datagram_for_each_record();
	a_stream_where_syslog_is_one();
	CHECK(open_fds() == before);
}

static const struct test tests[] = {
	{"audit: a datagram for each record", a_datagram_for_each_record},
	{"audit: a stream where syslog is one", a_stream_where_syslog_is_one},
	{"audit: without a collector there is an error", without_a_collector_there_is_an_error},
	{"audit: a full queue costs two seconds", a_full_queue_costs_two_seconds},
	{"audit: stopping the process loses no record", stopping_the_process_loses_no_record},
	{"audit: no descriptor is left", no_descriptor_is_left},
};

TEST_MAIN(tests)
