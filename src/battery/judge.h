/* SPDX-License-Identifier: MIT */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>

#include "battery/battery.h"

/*
 * From what the inside says (aim.h) and what the outside sees to a verdict. Pure.
 */
struct judge {
	const char *secret; /* in hexadecimal */
	bool has_begun, has_ended;
	struct {
		unsigned tried;
		bool is_seen;       /* there was an effect outside, or the secret was read */
		bool is_claimed;    /* the inside says that an attempt worked */
		char what[128];     /* the first attempt that worked, and what it found */
		char failures[100]; /* how the others failed, each once */
		char skipped[100];  /* why one could not be tried */
	} on[ATTACK_COUNT];
};

void judge_init(struct judge *j, const char *secret);

/* One line of the inside's, without newline. Lines of others are passed over. */
void judge_line(struct judge *j, const char *line);

/* The outside saw an effect. */
void judge_seen(struct judge *j, enum attack a, const char *what);

/* why: the reason for which there was nothing to attack, or "". */
void judge_result(const struct judge *j, enum attack a, const char *why, struct attack_result *ret);

#endif
