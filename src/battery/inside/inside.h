/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_H
#define INSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "battery/aim.h"
#include "battery/battery.h"

/* What the outside said: NULL, 0 or -1 where there is none. */
struct aim {
	const char *token;
	const char *dir;
	pid_t target;
	uintptr_t page; /* of a struct battery_page, in the target */
	int hold;       /* descriptor that only the target has: the end of a pipe to write to */
	int tcp, udp;   /* ports of 127.0.0.1 */
	const char *abstract;
	int shm;
	long key;
	const char *key_name;
	const char *setuid;
	bool terminal; /* descriptor 0 is one */
	pid_t parent;  /* who started this program */
};

#define ATTEMPT_SKIPPED (-1)

/*
 * One way to attack; each runs in a process of its own, so that none lives on what another reached. 0 if it worked, with
 * the secret or what was found in detail; else the errno met, or ATTEMPT_SKIPPED with the reason in detail.
 */
struct attempt {
	enum attack attack;
	const char *name;
	int (*try)(const struct aim *a, struct buf *detail);
};

#define ATTEMPTS_MAX 10

/* Tables end with an attempt without a name. */
extern const struct attempt attempts_files[ATTEMPTS_MAX];
extern const struct attempt attempts_proc[ATTEMPTS_MAX];
extern const struct attempt attempts_process[ATTEMPTS_MAX + 4];
extern const struct attempt attempts_host[ATTEMPTS_MAX];
extern const struct attempt attempts_terminal[ATTEMPTS_MAX];
extern const struct attempt attempts_self[ATTEMPTS_MAX];
extern const struct attempt attempts_mount[ATTEMPTS_MAX + 4];

/* Reads what should be the secret. 0, or the errno. */
int inside_read_secret(const char *path, struct buf *detail);
void inside_put_hex(struct buf *b, const unsigned char *data, size_t n);

/* A set of capabilities in sixteen digits, as /proc writes it */
void inside_put_caps(struct buf *b, uint64_t set);

/* Writes the token. 0, or the errno; closes the descriptor, which may be -1 (errno is met then). */
int inside_write_token(int fd, const struct aim *a);

/* Prints what this process is, for doctor. An exit status. */
int observe(void);

#endif
