/* SPDX-License-Identifier: MIT */
#ifndef TARGETS_H
#define TARGETS_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "battery/aim.h"
#include "battery/judge.h"

#define BATTERY_PATH 32 /* of a set-user-ID program */

/*
 * What is attacked. All of it is the caller's own, and ends with the process that made it, but for the directory and the
 * key: targets_remove takes these away (and the key expires after a minute). What could not be made leaves its reason in why,
 * and the attacks on it are not run.
 */
struct targets {
	char token[BATTERY_TOKEN + 1];
	unsigned char secret[BATTERY_SECRET];
	char secret_hex[2 * BATTERY_SECRET + 1];
	char why[ATTACK_COUNT][100];

	char dir[PATH_MAX - 64]; /* "": none */
	int file;                /* the one that is shown */
	struct stat file_was, shown_was;

	struct battery_page *page;
	pid_t victim; /* 0: none */
	int hold;     /* number of the descriptor that the victim has, whose other end is held */
	int held;

	int tty; /* the controlling terminal of this process's session, or -1 */

	int tcp, udp, abstract; /* sockets, or -1 */
	int tcp_port, udp_port;
	int shm; /* or -1 */
	char *memory;
	long key; /* or 0 */
	char setuid[BATTERY_PATH];
};

/* The calling process has to lead a session that has no terminal. */
void targets_make(struct targets *t);

/* Tells j what effects there are. */
void targets_look(struct targets *t, struct judge *j);

/* Removes what outlives this process. To be called twice is harmless. */
void targets_remove(struct targets *t);

/* Parts of the above. */
void files_make(struct targets *t);
void files_look(struct targets *t, struct judge *j);
void files_remove(struct targets *t);
void victim_make(struct targets *t);
void victim_look(struct targets *t, struct judge *j);
void terminal_make(struct targets *t);
void terminal_look(struct targets *t, struct judge *j);
void services_make(struct targets *t);
void services_look(struct targets *t, struct judge *j);
void services_remove(struct targets *t);

/* Writes "TEXT: ERRNO" as the reason for which this attack is not run. errnum may be 0. */
void targets_why(struct targets *t, enum attack a, const char *text, int errnum);

#endif
