/* SPDX-License-Identifier: MIT */
#ifndef AUDIT_H
#define AUDIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "plan/plan.h"
#include "priv/config.h"

/*
 * One record for each launch and each refusal, to syslog (facility authpriv), before the effect. Key=value
 * words in one line; values that are not plain words are quoted, and every byte of them that is a control
 * character, a quote, a backslash or no ASCII is written \xHH: a caller can neither end a record nor
 * begin a field.
 */
#define AUDIT_RECORD_MAX 2048 /* bytes; longer values are cut, and say so */

struct audit {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	const char *mode;            /* "filecaps", "filecaps-userns", "setuid" */
	const char *tty, *cwd;       /* or NULL */
	const unsigned char *digest; /* SHA-256 of the plan's bytes, 32 of them; or NULL */
	const struct plan *plan;     /* or NULL where it was not understood */
	const char *userns;          /* "none", "own", "root", "substituted" */
	const char *decision;        /* "allow" or "refuse" */
	const char *reason;          /* an error's id, or NULL */
};

/* The record's text, without priority; always ends within size. The command's arguments are counted, not shown. */
void audit_format(const struct audit *a, char *ret, size_t size);

/*
 * Sends the record. AUDIT_OFF: does nothing. 0; -errno where syslog cannot be reached, which the caller
 * takes for a refusal under AUDIT_REQUIRED. Waits at most two seconds. socket is "/dev/log"
 * (tests name another).
 */
int audit_send(const struct audit *a, enum audit_mode mode, const char *socket);

/* The controlling terminal's name without /dev/, or NULL: from fds 0 to 2, without opening anything. */
const char *audit_tty(char *ret, size_t size);

#endif
