/* SPDX-License-Identifier: MIT */
#ifndef AUDIT_H
#define AUDIT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "plan/plan.h"
#include "priv/config.h"

/*
 * One record for each launch and each refusal, to syslog (facility authpriv; priority info for "allow",
 * warning for anything else), before the effect (MUST 8). "allow" says that the start was allowed,
 * not that it succeeded. Words KEY=VALUE in one line of printable ASCII, each key once, in this order:
 *
 *	decision reason uid mode userns plan gid tty time ns ids flags ops filters args command cwd
 *
 * What the caller cannot make long comes first: busybox's syslogd keeps 256 bytes of a message, which
 * is all up to the plan's digest. VALUE is `-` where there is none, a plain word, or quoted. In
 * quotes, every byte that is a control character, a quote, a backslash, an equals sign or no ASCII is
 * written \xHH: a caller can neither end a record nor begin a field, not even for a reader that takes
 * the line apart at blanks. A value that was cut has `...` behind its closing quote, where no value
 * has anything of its own; a record that was cut ends in ` ...`.
 */
#define AUDIT_RECORD_MAX 2048 /* bytes, NUL included: every record, with long values cut */

struct audit {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	const char *mode;            /* "filecaps", "filecaps-userns", "setuid", "setuid-userns" */
	const char *tty, *cwd;       /* or NULL */
	const unsigned char *digest; /* SHA-256 of the plan's bytes, 32 of them; or NULL */
	const struct plan *plan;     /* or NULL where it was not understood */
	const char *userns;          /* "none", "own", "root", "substituted" */
	const char *decision;        /* "allow" or "refuse" */
	const char *reason;          /* an error's id, or NULL */
};

/*
 * The record's text: without priority, time stamp and tag. Always ends within size, and never within
 * a field. The command's arguments are counted, not shown. now: seconds since 1970.
 */
void audit_format(const struct audit *a, time_t now, char *ret, size_t size);

/*
 * Sends the record. AUDIT_OFF: does nothing. 0; -errno where syslog cannot be reached, which the caller
 * takes for a refusal under AUDIT_REQUIRED. Waits at most two seconds, also for a caller that stops and
 * continues this process all the time. socket is "/dev/log" (tests name another).
 */
int audit_send(const struct audit *a, enum audit_mode mode, const char *socket);

/*
 * The name without /dev/ ("pts/3", "tty1") of the terminal that the first of fds 0 to 2 that is one
 * was opened on, or NULL. Nothing is opened. The caller chooses among the terminals that it, or who started
 * it, could open; it cannot name any other.
 */
const char *audit_tty(char *ret, size_t size);

#endif
