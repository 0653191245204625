/* SPDX-License-Identifier: MIT */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

/* What a call wanted. */
enum denial_kind {
	DENIAL_NETWORK, /* a call on sockets that the filter refuses; path is the address as far as it is known */
	DENIAL_CALL,   /* another call that the filter refuses */
	DENIAL_WRITE,  /* a path below a read-only mount */
	DENIAL_READ,   /* a path that is hidden by a rule */
	DENIAL_ABSENT, /* a path that the host has and the sandbox does not show */
};

/* What the sandbox refused, as far as it can be known: see struct notify_server. */
struct denial {
	enum denial_kind kind;
	char call[24]; /* "openat" */
	char path
		[PATH_MAX]; /* as it is called inside, links resolved where the place exists; "" if unknown */
	char program[16]; /* the caller's name (comm) */
	char rule
		[256]; /* the rule that refuses it: "--deny /x", "FILE:LINE: deny"; "" where it is the preset */
	char option[PATH_MAX + 32]; /* the option that would allow it; "" if there is none */
	uint64_t count;
};

#define DENIALS_MAX 256

/* Shared between the supervisor and who started it. */
struct denials {
	size_t n;
	uint64_t dropped; /* kinds of denials that did not fit */
	struct denial at[DENIALS_MAX];
};

/* One line of the view as the supervisor needs it; later ones are mounted over earlier ones. */
struct notify_line {
	const char *path;
	enum policy_access access;
	const char *rule; /* as struct denial's */
};

struct notify {
	const struct policy *policy;
	const char *filter; /* its name: what of it is refused */
	const struct notify_line *lines;
	size_t n_lines;
	struct denials *denials;
};

/*
 * The supervisor of a filter's listener. Calls that the filter refuses are answered with their errno, so they fail whether or
 * not anybody looks at them; calls on files go on in the kernel, which decides alone: what is noted of them is this
 * process's own look at the same path afterwards, and never a decision. Without a supervisor all of them fail (ENOSYS).
 */
struct notify_server;

/* Takes the listener over. 0 or -errno. n must outlive it. */
int notify_begin(const struct notify *n, int listener, struct notify_server **ret);
void notify_end(struct notify_server *s);

/* For poll(2): POLLIN when a call waits, POLLHUP when nobody is under the filter any more. */
int notify_fd(const struct notify_server *s);

/* Serves one call. 0; -ENOENT where its process has gone; -errno. */
int notify_serve(struct notify_server *s);

/* The kernel has it (5.5 and newer: with SECCOMP_USER_NOTIF_FLAG_CONTINUE)? */
bool notify_available(void);

/* Notes a denial; what is there already is counted. */
void denials_add(struct denials *d, const struct denial *what);

/* "network", "call", "write", "read", "absent" */
const char *denial_kind_name(enum denial_kind kind);

#endif
