/* SPDX-License-Identifier: MIT */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

/* What sandboxes say when they fail: postern's two lines, and the wordings of all versions of bubblewrap. Pure. */

struct message {
	bool is_known;
	char id[40];       /* errors.def's; "" where there is none */
	char step[24];     /* as in run.* (facts.def), or "" */
	char errnum[20];   /* EPERM..., or "" */
	char causes[400];  /* ids of classes.def, separated by blanks: what can have caused it */
	const char *words; /* what it means apart from the host, or "" */
};

/*
 * Reads an error text of any number of lines. What is not found in it is empty; is_known is false if nothing in it is a
 * message of a sandbox's launcher.
 */
void message_read(struct message *ret, const char *text);

#endif
