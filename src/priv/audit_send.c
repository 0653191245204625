/* SPDX-License-Identifier: MIT */
/*
 * The audit record's way to syslog. Not by syslog(3), which has state, reads the zone files, writes to the
 * console, and returns nothing to decide by (MUST 1, 7, 8).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h> /* numbers only */
#include <unistd.h>

#include "priv/audit.h"
#include "priv/utc.h"

#define WAIT_MS      2000
#define RETRY_MS     20
#define HEADER_MAX   64 /* <86>Nov 21 16:40:00 postern-priv[4194304]: */
#define TTY_LINK_MAX 32 /* of /proc/self/fd/N, where that is a terminal */

static int64_t now_ms(void)
{
	struct timespec t = {0, 0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Lets connect and send wait until the end, if that is not past. Zero would be for ever. */
static int limit_wait(int fd, int64_t end)
{
	int64_t left = end - now_ms();
	struct timeval t;

	if (left < 1)
		left = 1;
	t.tv_sec = (time_t)(left / 1000);
	t.tv_usec = (suseconds_t)(left % 1000 * 1000);
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) < 0 ? -errno : 0;
}

/*
 * Is the call to be made again? After EINTR: the caller may stop and continue this process, which ends
 * every call with a time limit, and must not be able to lose a record by that. After ENOBUFS, which passes.
 * The last try is at the end of the time, so that a process that was stopped for longer has one too.
 */
static bool again(int64_t end, bool *last)
{
	if (errno != EINTR && errno != ENOBUFS)
		return false;
	if (now_ms() < end) {
		if (errno == ENOBUFS)
			(void)poll(NULL, 0, RETRY_MS); /* interrupted: then it waits less */
		return true;
	}
	if (*last)
		return false;
	*last = true;
	return true;
}

/* The stream's record ends with a NUL, the datagram's with the datagram: as syslog(3) writes them. */
static int send_by(int fd, const struct sockaddr_un *to, const char *text, size_t n, int64_t end)
{
	bool last = false;
	int r;

	for (;;) {
		r = limit_wait(fd, end);
		if (r < 0)
			return r;
		if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0)
			break;
		if (!again(end, &last))
			return -errno;
	}
	while (n > 0) {
		ssize_t sent;

		r = limit_wait(fd, end);
		if (r < 0)
			return r;
		sent = send(fd, text, n, MSG_NOSIGNAL);
		if (sent < 0 && !again(end, &last))
			return -errno;
		if (sent > 0) {
			text += sent;
			n -= (size_t)sent;
		}
	}
	return 0;
}

static int try_socket(int type, const struct sockaddr_un *to, const char *text, size_t n,
		      int64_t end)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	r = send_by(fd, to, text, n, end);
	(void)close(fd);
	return r;
}

int audit_send(const struct audit *a, enum audit_mode mode, const char *socket)
{
	int priority =
		a->decision != NULL && strcmp(a->decision, "allow") == 0 ? LOG_INFO : LOG_WARNING;
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	char text[HEADER_MAX + AUDIT_RECORD_MAX];
	struct timespec now = {0, 0};
	struct buf b;
	int64_t end;
	size_t n;
	int r;

	if (mode == AUDIT_OFF)
		return 0;
	end = now_ms() + WAIT_MS;
	if (strlen(socket) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	memcpy(to.sun_path, socket, strlen(socket));
	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	buf_init(&b, text, HEADER_MAX);
	buf_char(&b, '<');
	buf_u64(&b, (uint64_t)(LOG_AUTHPRIV | priority));
	buf_char(&b, '>');
	utc_syslog(&b, now.tv_sec);
	buf_str(&b, " postern-priv[");
	buf_u64(&b, (uint64_t)a->pid);
	buf_str(&b, "]: ");
	audit_format(a, now.tv_sec, text + b.len, AUDIT_RECORD_MAX);
	n = strlen(text);
	r = try_socket(SOCK_DGRAM, &to, text, n, end);
	if (r == -EPROTOTYPE)
		r = try_socket(SOCK_STREAM, &to, text, n + 1, end);
	return r;
}

/* "pts/" and digits, or "tty" and letters and digits; not "tty" itself, which says nothing. */
static bool is_tty_name(const char *s)
{
	bool pts = strncmp(s, "pts/", 4) == 0;

	if (!pts && strncmp(s, "tty", 3) != 0)
		return false;
	s += pts ? 4 : 3;
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		bool digit = *s >= '0' && *s <= '9';
		bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');

		if (!digit && (pts || !letter))
			return false;
	}
	return true;
}

/* The link's text of fd, if that is a terminal's name which leads to the very file that fd is. */
static bool name_of(int fd, char name[TTY_LINK_MAX])
{
	char link[] = "/proc/self/fd/0";
	struct stat own, named;
	ssize_t n;
	int flags = fcntl(fd, F_GETFL);

	/*
	 * O_PATH needs no permission on the file: with it anybody could name anybody's terminal. Others must
	 * have been opened, by the caller or by who left it to the caller.
	 */
	if (flags < 0 || flags & O_PATH)
		return false;
	link[sizeof(link) - 2] = (char)('0' + fd);
	n = readlink(link, name, TTY_LINK_MAX);
	if (n < 0 || n >= TTY_LINK_MAX)
		return false;
	name[n] = '\0';
	/* Before fstat, which a file system of the caller's (FUSE) could let wait (MUST 10). */
	if (strncmp(name, "/dev/", 5) != 0 || !is_tty_name(name + 5))
		return false;
	/*
	 * An fd from another mount namespace has a name of that one, and a container's pts/3 has the device
	 * number of the host's pts/3: only the file itself tells them apart.
	 */
	return lstat(name, &named) == 0 && S_ISCHR(named.st_mode) && fstat(fd, &own) == 0 &&
	       named.st_dev == own.st_dev && named.st_ino == own.st_ino &&
	       named.st_rdev == own.st_rdev;
}

const char *audit_tty(char *ret, size_t size)
{
	char name[TTY_LINK_MAX];

	for (int fd = 0; fd <= 2; fd++) {
		if (!name_of(fd, name) || strlen(name + 5) >= size)
			continue;
		memcpy(ret, name + 5, strlen(name + 5) + 1);
		return ret;
	}
	return NULL;
}
