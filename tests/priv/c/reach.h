/* SPDX-License-Identifier: MIT */
/* What reach.c's parts share, and its attempts on keys: 0 and something was reached, or the errno. */
#ifndef PRIV_REACH_H
#define PRIV_REACH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/foreign_call.h"
#include "attempt.h"

#define KEY_SESSION -3L
#define KEY_USER    -4L
#define KEYCTL(...) syscall(SYS_keyctl, __VA_ARGS__)

#define SECRET "the holder's memory"

static char secret[] = SECRET;

struct target {
	const char *proc, *hidden;
	int pid;
	unsigned long address;
	long session_key, user_key;
};

static int read_key(long key)
{
	char seen[64];

	return KEYCTL(11L, key, seen, sizeof(seen), 0L) >= 0 && strcmp(seen, SECRET) == 0 ? 0
											  : errno;
}

static int session_key(const struct target *t)
{
	long key = KEYCTL(10L, KEY_SESSION, "user", "postern-reach-session", 0L);

	(void)t;
	return key < 0 ? errno : read_key(key);
}

static int session_key_by_number(const struct target *t)
{
	return read_key(t->session_key);
}

static int user_key(const struct target *t)
{
	long key;

	(void)t;
	/* Whoever may link the user's keyring possesses what is in it. */
	if (KEYCTL(8L, KEY_USER, KEY_SESSION, 0L, 0L) < 0)
		return errno;
	key = KEYCTL(10L, KEY_USER, "user", "postern-reach-user", 0L);
	return key < 0 ? errno : read_key(key);
}

static int user_key_by_number(const struct target *t)
{
	return read_key(t->user_key);
}

static int asked_key(const struct target *t)
{
	long key;

	(void)t;
	key = syscall(SYS_request_key, "user", "postern-reach-user", NULL, 0L);
	return key < 0 ? errno : 0;
}

static int added_key(const struct target *t)
{
	(void)t;
	return syscall(SYS_add_key, "user", "postern-reach-planted", "x", 1L, KEY_USER) < 0 ? errno
											    : 0;
}

#ifdef __x86_64__
static int i386_key(const struct target *t)
{
	(void)t;
	return i386_call(288, 8, KEY_USER, KEY_SESSION, 0);
}

static int i386_attach(const struct target *t)
{
	return i386_call(26, 0x4206 /* SEIZE */, t->pid, 0, 0);
}

static int x32_key(const struct target *t)
{
	(void)t;
	return syscall(SYS_keyctl | X32_BIT, 8L, KEY_USER, KEY_SESSION, 0L, 0L) < 0 ? errno : 0;
}
#endif

#endif
