/* SPDX-License-Identifier: MIT */
/* What the host shares where no namespace keeps it apart: its network, System V memory, keys. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "battery/inside/inside.h"

#define KEYCTL(...) syscall(SYS_keyctl, __VA_ARGS__)
#define KEYCTL_LINK 8L
#define KEYCTL_FIND 10L
#define KEYCTL_READ 11L
#define KEY_SESSION -3L
#define KEY_USER    -4L

static int say(int type, const struct sockaddr *to, socklen_t size, const struct aim *a)
{
	int s = socket(to->sa_family, type | SOCK_CLOEXEC, 0);

	if (s < 0 || connect(s, to, size) < 0)
		return errno;
	return inside_write_token(s, a);
}

static int say_ip(int type, int port, const struct aim *a)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};

	return port > 0 ? say(type, (const struct sockaddr *)&to, sizeof(to), a) : ATTEMPT_SKIPPED;
}

static int tcp(const struct aim *a, struct buf *detail)
{
	(void)detail;
	return say_ip(SOCK_STREAM, a->tcp, a);
}

static int udp(const struct aim *a, struct buf *detail)
{
	(void)detail;
	return say_ip(SOCK_DGRAM, a->udp, a);
}

static int abstract(const struct aim *a, struct buf *detail)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t n = a->abstract != NULL ? strlen(a->abstract) : 0;

	(void)detail;
	if (n == 0 || n >= sizeof(to.sun_path))
		return ATTEMPT_SKIPPED;
	memcpy(to.sun_path + 1, a->abstract, n);
	return say(SOCK_STREAM, (const struct sockaddr *)&to,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n), a);
}

static int shm(const struct aim *a, struct buf *detail)
{
	char *p;

	(void)detail;
	if (a->shm < 0)
		return ATTEMPT_SKIPPED;
	p = shmat(a->shm, NULL, 0);
	if (p == (void *)-1)
		return errno;
	memcpy(p, a->token, BATTERY_TOKEN);
	return 0;
}

static int read_key(long key, struct buf *detail)
{
	unsigned char seen[BATTERY_SECRET];
	long n = key < 0 ? -1 : KEYCTL(KEYCTL_READ, key, seen, sizeof(seen), 0L);

	if (n < 0)
		return errno;
	inside_put_hex(detail, seen, (size_t)n < sizeof(seen) ? (size_t)n : sizeof(seen));
	return 0;
}

/* Whoever may link the user's keyring to the session's possesses what is in it. */
static int key_by_name(const struct aim *a, struct buf *detail)
{
	if (a->key_name == NULL)
		return ATTEMPT_SKIPPED;
	if (KEYCTL(KEYCTL_LINK, KEY_USER, KEY_SESSION, 0L, 0L) < 0)
		return errno;
	return read_key(KEYCTL(KEYCTL_FIND, KEY_USER, "user", a->key_name, 0L), detail);
}

static int key_by_number(const struct aim *a, struct buf *detail)
{
	return a->key > 0 ? read_key(a->key, detail) : ATTEMPT_SKIPPED;
}

static int key_by_request(const struct aim *a, struct buf *detail)
{
	if (a->key_name == NULL)
		return ATTEMPT_SKIPPED;
	return read_key(syscall(SYS_request_key, "user", a->key_name, NULL, 0L), detail);
}

const struct attempt attempts_host[ATTEMPTS_MAX] = {
	{ATTACK_NETWORK, "tcp", tcp},
	{ATTACK_NETWORK, "udp", udp},
	{ATTACK_NETWORK, "abstract", abstract},
	{ATTACK_SHARED_MEMORY, "shmat", shm},
	{ATTACK_KEYRING, "search", key_by_name},
	{ATTACK_KEYRING, "number", key_by_number},
	{ATTACK_KEYRING, "request_key", key_by_request},
};
