/* SPDX-License-Identifier: MIT */
#ifndef INHERIT_H
#define INHERIT_H

#include "base/err.h"

/*
 * Gives up what the launcher may have been started with: a set-user-ID or set-group-ID bit, file
 * capabilities, ambient or inheritable capabilities of a caller other than root. Everything is
 * dropped for good before an option is read, so that such an installation gives nothing away
 * (bubblewrap refuses to run instead). 0 or -errno with e filled.
 */
int inherit_drop_privileges(struct err *e);

/* Puts something harmless on closed fds 0 to 2, so that no fd of ours gets one of these numbers;
 * the command finds them closed again. Resets SIGCHLD, so that children can be waited for. */
void inherit_repair(void);

#endif
