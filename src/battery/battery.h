/* SPDX-License-Identifier: MIT */
#ifndef BATTERY_H
#define BATTERY_H

#include <stddef.h>

/*
 * Attempts to escape that a sandbox must hold against, made for real from inside one. Used by doctor's verdict, by
 * postern-setup verify and by postern verify.
 */

enum attack {
#define ATTACK(name, id, text) ATTACK_##name,
#include "battery/attacks.def"
#undef ATTACK
	ATTACK_COUNT
};

enum attack_outcome {
	ATTACK_NOT_RUN, /* could not be tried here; detail says why. Never counts as held */
	ATTACK_HELD,
	ATTACK_BROKEN
};

struct attack_result {
	enum attack_outcome outcome;
	char detail[160]; /* one clause: the errno met, or what was reached */
};

struct battery {
	const char *launcher; /* path of the program that makes the sandbox */
	const char
		*inside; /* path of the static program that attacks (LIBEXECDIR/postern-battery) */
	const char *const *
		extra; /* more options for the launcher, NULL-terminated, or NULL: the battery's own sandbox */
	int deadline_ms;
};

/*
 * Makes what is attacked (files, a process, a socket, a terminal; all of this user's, below a new directory in TMPDIR or /tmp,
 * removed afterwards), starts the sandbox with the attacking program in it, and collects what it says and what
 * the outside sees. 0, or -errno where no sandbox ran: everything is ATTACK_NOT_RUN then, and error (size bytes) has the
 * launcher's first two lines or the reason.
 */
int battery_run(const struct battery *b, struct attack_result ret[ATTACK_COUNT], char *error,
		size_t size);

const char *attack_id(enum attack a);
const char *attack_text(enum attack a); /* what is attempted: one clause */

#endif
