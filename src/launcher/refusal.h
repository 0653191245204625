/* SPDX-License-Identifier: MIT */
#ifndef REFUSAL_H
#define REFUSAL_H

#include <stdbool.h>

#include "base/err.h"

/* What is known of a host that refused: its class, and the evidence and fix for the second line. */
struct refusal {
	struct err_host host; /* points into the rest, or is empty */
	char hint[700];
	/* In a container: what postern-priv lacks, and postern-setup for it, is no part of the fix. */
	bool is_why_moot;
};

/*
 * Looks at the host after e, which is a refusal (err_is_refusal), in some milliseconds. has_nnp: this process has set
 * no_new_privs itself, so that it says nothing about the caller.
 */
void refusal_find(const struct err *e, bool has_nnp, struct refusal *ret);

#endif
