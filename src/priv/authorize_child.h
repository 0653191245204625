/* SPDX-License-Identifier: MIT */
#ifndef AUTHORIZE_CHILD_H
#define AUTHORIZE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* authorize.c's own: what happens between fork and the helper's first instruction. */
struct authorize_child {
	const char *helper; /* path */
	uid_t uid;          /* asked about */
	bool as_root;
	const char *tty; /* or NULL */
	pid_t parent;
	int alive; /* the pipe's end for reading */
};

/*
 * Have the caller's hard limits room for PAM modules? As a user the helper cannot raise them; as root
 * it does. 0, or -ECANCELED with e filled.
 */
int authorize_limits_check(struct err *e);

/* Becomes the helper, or ends with PAM_STATUS_NO_START. */
_Noreturn void authorize_child(const struct authorize_child *c);

#endif
