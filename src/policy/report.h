/* SPDX-License-Identifier: MIT */
#ifndef POLICY_REPORT_H
#define POLICY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/notify.h"
#include "policy/problem.h"

/* What ended a run. */
enum report_cause {
	REPORT_EXIT,    /* the command, by itself: status */
	REPORT_SIGNAL,  /* the command, by a signal: status is its number */
	REPORT_TIMEOUT, /* --timeout */
	REPORT_SETUP,   /* no sandbox could be made: text */
	REPORT_EXEC,    /* the command could not be executed: text */
};

/* What --report tells: src/policy/report.schema.json. NULL texts are left out. */
struct report {
	int exit_status; /* postern's own */
	enum report_cause cause;
	int status;           /* of the command, or the signal */
	const char *text;     /* of a failure */
	const char *error_id; /* of errors.def, where the launcher said one */
	const char *mode;     /* how the sandbox was made */
	const char *preset;
	const char *network;
	const char *const *command; /* NULL at the end */
	const char *const *limits;  /* which held, one sentence each; NULL at the end, or NULL */
	const char *const *notes;   /* fallbacks that were stated; the same */
	uint64_t duration_ms;
	const struct denials *denials; /* NULL: not looked for */
	const char *
		denials_why; /* why they are incomplete or missing; NULL where they are as good as can be */
};

/* Writes one JSON object and a newline. 0 or -errno. */
int report_write(const struct report *r, int fd);

#endif
