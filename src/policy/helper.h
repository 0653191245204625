/* SPDX-License-Identifier: MIT */
#ifndef POLICY_HELPER_H
#define POLICY_HELPER_H

#include "policy/stage.h"

/* What the messages of the inside came to. In memory that this process and the helper share. */
struct stage_seen {
	struct stage_result result;
	bool has_listeners, has_notifier; /* each is taken once */
};

/* Reads what is there of the control socket, without waiting; who serves listeners and notifier is s, or nobody (NULL). */
struct helper;
void helper_read(int control, struct stage_seen *seen, struct helper *s);

/*
 * The process that serves bridge and report until life has an end of file. Never returns. done is closed when it ends.
 */
__attribute__((noreturn)) void helper_run(const struct stage *s, int control, int life, int done);

#endif
