/* SPDX-License-Identifier: MIT */
/* What the host offers to every process of the user: sockets, System V memory, keys, set-user-ID programs. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fdio.h"
#include "battery/targets.h"

#define KEYCTL(...)      syscall(SYS_keyctl, __VA_ARGS__)
#define KEYCTL_JOIN      1L
#define KEYCTL_LINK      8L
#define KEYCTL_UNLINK    9L
#define KEYCTL_TIMEOUT   15L
#define KEY_PROCESS      -2L
#define KEY_USER         -4L
#define KEY_LIFE_SECONDS 60L

static int listen_on(int type, const struct sockaddr *at, socklen_t size)
{
	int s = socket(at->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s >= 0 && (bind(s, at, size) < 0 || (type == SOCK_STREAM && listen(s, SOMAXCONN) < 0)))
		fd_close(&s);
	return s;
}

static int listen_ip(int type, int *ret_port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(at);
	int s = listen_on(type, (const struct sockaddr *)&at, sizeof(at));

	if (s >= 0 && getsockname(s, (struct sockaddr *)&at, &size) == 0)
		*ret_port = ntohs(at.sin_port);
	return s;
}

static void make_sockets(struct targets *t)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int err;

	memcpy(at.sun_path + 1, t->token, BATTERY_TOKEN);
	t->abstract =
		listen_on(SOCK_STREAM, (const struct sockaddr *)&at,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + BATTERY_TOKEN));
	t->tcp = listen_ip(SOCK_STREAM, &t->tcp_port);
	t->udp = listen_ip(SOCK_DGRAM, &t->udp_port);
	err = errno;
	if (t->abstract < 0 && t->tcp < 0 && t->udp < 0)
		targets_why(t, ATTACK_NETWORK, "no socket to be had", err);
}

/* Marked for removal at once: the kernel keeps it as long as somebody has it attached, and no longer. */
static void make_memory(struct targets *t)
{
	void *p = (void *)-1;

	t->shm = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (t->shm >= 0) {
		p = shmat(t->shm, NULL, 0);
		(void)shmctl(t->shm, IPC_RMID, NULL);
	}
	if (p == (void *)-1) {
		targets_why(t, ATTACK_SHARED_MEMORY, "no System V shared memory here", errno);
		t->shm = -1;
		return;
	}
	t->memory = p;
}

/* In the user's keyring, which a user namespace has of its own; the session's is a new one, so that nothing stays there. */
static void make_key(struct targets *t)
{
	(void)KEYCTL(KEYCTL_JOIN, 0L, 0L, 0L, 0L);
	t->key = syscall(SYS_add_key, "user", t->token, t->secret, sizeof(t->secret), KEY_USER);
	if (t->key < 0) {
		targets_why(t, ATTACK_KEYRING, "no key can be made here", errno);
		t->key = 0;
		return;
	}
	/* Only who possesses a key may set its time; children do not have this keyring. */
	(void)KEYCTL(KEYCTL_LINK, KEY_USER, KEY_PROCESS, 0L, 0L);
	(void)KEYCTL(KEYCTL_TIMEOUT, t->key, KEY_LIFE_SECONDS, 0L, 0L);
}

/* Of another user, and not on a file system where the bit counts for nothing. */
static void find_program(struct targets *t)
{
	static const char paths[][BATTERY_PATH] = {
		"/usr/bin/su",        "/bin/su",         "/usr/bin/mount", "/bin/mount",
		"/usr/bin/passwd",    "/usr/bin/newgrp", "/usr/bin/chsh",  "/usr/bin/chfn",
		"/usr/bin/gpasswd",   "/usr/bin/sudo",   "/bin/bbsuid",    "/run/wrappers/bin/su",
		"/usr/local/bin/sudo"};
	struct statvfs fs;
	struct stat st;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (stat(paths[i], &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & S_ISUID) ||
		    st.st_uid == geteuid() || access(paths[i], X_OK) < 0 ||
		    (statvfs(paths[i], &fs) == 0 && (fs.f_flag & ST_NOSUID)))
			continue;
		memcpy(t->setuid, paths[i], sizeof(paths[i]));
		return;
	}
	targets_why(t, ATTACK_SETUID_PROGRAM, "no set-user-ID program of another user is here", 0);
}

void services_make(struct targets *t)
{
	make_sockets(t);
	make_memory(t);
	make_key(t);
	find_program(t);
}

/* Others may send to a port, too: all that came is looked at. */
static bool got_token(const struct targets *t, int s)
{
	bool found = false;
	char text[64];
	ssize_t n;

	while (s >= 0 && !found && (n = recv(s, text, sizeof(text), MSG_DONTWAIT)) > 0)
		found = n >= BATTERY_TOKEN && memcmp(text, t->token, BATTERY_TOKEN) == 0;
	return found;
}

static bool was_called(const struct targets *t, int listening)
{
	bool found = false;
	int s;

	while (listening >= 0 && (s = accept(listening, NULL, NULL)) >= 0) {
		found |= got_token(t, s);
		close(s);
	}
	return found;
}

void services_look(struct targets *t, struct judge *j)
{
	if (was_called(t, t->tcp))
		judge_seen(j, ATTACK_NETWORK, "a TCP connection was accepted");
	if (was_called(t, t->abstract))
		judge_seen(j, ATTACK_NETWORK, "a connection to an abstract socket was accepted");
	if (got_token(t, t->udp))
		judge_seen(j, ATTACK_NETWORK, "a UDP packet arrived");
	if (t->memory != NULL && memcmp(t->memory, t->token, BATTERY_TOKEN) == 0)
		judge_seen(j, ATTACK_SHARED_MEMORY, "shared memory of the host was written");
}

void services_remove(struct targets *t)
{
	if (t->key <= 0)
		return;
	(void)KEYCTL(KEYCTL_UNLINK, t->key, KEY_USER, 0L, 0L);
	t->key = 0;
}
